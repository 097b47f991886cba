"""Section 9 of the behaviour page: response headers."""

import gzip

import pytest

PATHS = ["Contact/17", "Contact", "Nope", "Contact/x", "Contact/default"]


@pytest.mark.parametrize("path", PATHS)
def test_answers_are_not_cached_and_name_the_server(server, path):
    """Section 9, firm: Cache-Control, Pragma, Expires and X-Powered-By are always there."""
    answer = server.get(path)
    found = [answer.header(name) for name in ("Cache-Control", "Pragma", "Expires")]
    assert found == ["no-cache", "no-cache", "-1"]
    assert answer.all("X-Powered-By")[0].startswith("NetServer/")
    assert answer.all("X-Powered-By")[1] == "ASP.NET"


@pytest.mark.parametrize("path", PATHS)
def test_a_body_is_json_in_utf_8(server, path):
    """Section 9, firm: Content-Type is application/json; charset=utf-8 where there is a body."""
    assert server.get(path).header("Content-Type") == "application/json; charset=utf-8"


def test_no_body_has_no_type(server):
    """Section 9, firm: an answer without body has no Content-Type."""
    answer = server.call("DELETE", "Contact/17")
    assert (answer.status, answer.content, answer.header("Content-Type")) == (204, b"", None)


def test_archive_answers_name_their_version(server):
    """Section 9, firm: collections and archives carry DataServiceVersion 3.0, others never do."""
    assert server.get("Contact").header("DataServiceVersion") == "3.0"
    assert server.get("Archive/Contact").header("DataServiceVersion") == "3.0"
    assert server.get("Contact/17").header("DataServiceVersion") is None


def test_the_zone_is_reported(server):
    """Section 9, likely: SO-TIMEZONE reports the zone used."""
    assert server.get("Contact/17", SO_TimeZone="261").header("SO-TIMEZONE") == "NO"


def test_gzip_when_the_client_offers_it(server):
    """Section 9, likely: gzip with Vary: Accept-Encoding when the client offers it."""
    answer = server.get("Contact/17", Accept_Encoding="gzip")
    assert (answer.header("Content-Encoding"), answer.header("Vary")) == ("gzip", "Accept-Encoding")
    assert gzip.decompress(answer.content) == server.get("Contact/17").content


def test_cors_follows_the_setting(serve):
    """Section 9, assumed: CORS headers follow CORSOrigin; CORSEnable is on by default (2.1), without it there are none."""
    origin = {"Origin": "http://app.test"}
    one = serve(cors_enable=True, cors_origin="http://app.test")
    local = {"Origin": "http://localhost:3000"}
    assert serve().get("Contact/17", **local).header("Access-Control-Allow-Origin") == local["Origin"]
    off = serve(cors_enable=False)
    assert off.get("Contact/17", **local).header("Access-Control-Allow-Origin") is None
    assert one.get("Contact/17", **origin).header("Access-Control-Allow-Origin") == "http://app.test"


@pytest.mark.parametrize("name", ["ETag", "Location", "Content-Disposition", "X-AspNet-Version"])
def test_what_is_not_sent(server, name):
    """Section 9, firm: no ETag, no Location (200, not 201); Content-Disposition absent (assumed)."""
    for answer in (
        server.call("POST", "Contact", {"Name": "x"}),
        server.get("Document/7/Content", Accept="*/*"),
    ):
        assert (answer.status, answer.header(name)) == (200, None)
