"""Messages: headers, queries and requests as they travel."""

from mockso.exchange.message import Headers, Query, Reply
from tests.conftest import call


def test_names_of_headers_compare_without_regard_to_letter_case():
    headers = Headers([("Accept", "a"), ("X-Two", "1"), ("x-two", "2")])

    assert (headers.get("ACCEPT"), headers.get("x-TWO"), headers.get("none", "else")) == ("a", "1", "else")
    assert headers.get_all("X-Two") == ["1", "2"]
    assert "x-two" in headers
    assert headers.names == {"accept", "x-two"}


def test_headers_keep_their_order_and_are_equal_by_it():
    pairs = [("b", "1"), ("a", "2")]

    assert list(Headers(pairs)) == pairs
    assert Headers(pairs) == Query(pairs) != Headers(reversed(pairs))


def test_the_media_type_of_a_body_has_no_parameters():
    assert call("POST", body={}, content_type=" Text/JSON ; charset=utf-8").media_type == "text/json"
    assert call().media_type == ""


def test_the_header_of_a_reply_is_the_first_of_its_name():
    reply = Reply(200, headers=(("Vary", "Origin"), ("vary", "Accept")))

    assert reply.header("VARY") == "Origin"
    assert reply.header("Allow") == ""
