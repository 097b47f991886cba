"""Header values: Accept, parameters, and text made safe for a header."""

import pytest

from mockso.exchange.headers import header_text, negotiate, parameters_of, parse_accept
from tests.conftest import call


def test_parameters_of_a_header():
    assert parameters_of('a/b; X=1; y="2;3"; x=4; z') == {"x": "1", "y": "2;3"}


def test_an_accept_header_is_read_best_first_and_without_what_it_excludes():
    header = "text/html;q=0.5, Application/JSON, image/png;q=0, */*;q=high, text/xml;level=1;q=0.9,"

    assert parse_accept(header) == ("application/json", "text/xml", "text/html")


@pytest.mark.parametrize(
    ("accept", "query", "offered", "answer"),
    [
        ("", "", (), "application/json"),
        ("text/xml", "", (), "text/xml"),
        ("text/*", "", (), "text/json"),
        ("image/png", "", (), "application/json"),
        ("image/png, */*, text/xml", "", (), "application/json"),
        ("text/xml", "json", (), "application/json"),
        ("", "XML", (), "application/xml"),
        ("text/xml, image/*;q=0.5", "", ("image/png",), "image/png"),
    ],
)
def test_the_form_of_an_answer_is_negotiated(accept, query, offered, answer):
    request = call(query=[("$format", query)], headers=[("Accept", accept)])

    assert negotiate(request, offered) == answer


def test_a_header_carries_printable_ascii_of_limited_length():
    assert header_text('"å\n\\"') == '"\\u00e5\\n\\"'
    assert len(header_text("x" * 600)) == 500
