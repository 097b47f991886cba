"""Section 8 of the behaviour page: request headers."""

import pytest

NAME = 'NO:"Kunde";US:"Customer"'


def name_of(server, **headers):
    return server.call("PUT", "Contact/17", {"Name": NAME, "Department": "[SR_HEADING_OPEN]"}, **headers).json


def test_accept_decides_and_format_wins(server):
    """Section 8, firm: JSON by default, XML when asked, $format in the query wins."""
    assert server.get("Contact/17").json["ContactId"] == 17
    assert server.get("Contact/17", Accept="application/xml").content.startswith(b"<?xml")
    assert server.get("Contact/17?$format=json", Accept="application/xml").json["ContactId"] == 17


def test_texts_stay_raw_without_a_language(server):
    """Section 8, firm: without Accept-Language multi-language values and resource ids stay raw."""
    assert name_of(server)["Name"] == NAME
    assert name_of(server)["Department"] == "[SR_HEADING_OPEN]"


def test_accept_language_resolves_texts(server):
    """Section 8, firm: with Accept-Language both are resolved to that language."""
    assert name_of(server, Accept_Language="nb-NO")["Name"] == "Kunde"
    assert name_of(server, Accept_Language="en")["Name"] == "Customer"
    assert name_of(server, Accept_Language="en")["Department"] == "Heading open"


def test_so_language_replaces_accept_language(server):
    """Section 8, firm: SO-Language replaces Accept-Language."""
    assert name_of(server, Accept_Language="nb", SO_Language="en")["Name"] == "Customer"


@pytest.mark.parametrize("value", ["*", "x", ""])
def test_so_language_can_cancel_translation(server, value):
    """Section 8, firm: "*", "x" or an empty value (likely) of SO-Language cancel translation."""
    assert name_of(server, Accept_Language="nb", SO_Language=value)["Name"] == NAME


def test_so_culture_alone_does_nothing(server):
    """Section 8, firm: SO-Culture is ignored without a language."""
    assert name_of(server, SO_Culture="nb-NO")["Name"] == NAME


@pytest.mark.parametrize("name", ["SO_TimeZone", "SO_Timezone", "SO_TIMEZONE"])
def test_the_zone_header_in_any_letter_case(server, name):
    """Section 8, firm: header names are case-insensitive."""
    assert server.get("Appointment/63", **{name: "no"}).header("SO-TimeZone") == "NO"


def test_if_modified_since_on_a_get(server):
    """Section 8, firm: REST GET answers 304 to If-Modified-Since."""
    assert server.get("Contact/17", If_Modified_Since="Fri, 01 Jan 2100 00:00:00 GMT").status == 304


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "GET"])
def test_if_unmodified_since_on_a_change(server, method):
    """Section 8, firm: PUT, PATCH, DELETE (and GET, likely) answer 412 to If-Unmodified-Since."""
    body = {} if method in ("PUT", "PATCH") else None
    assert (
        server.call(method, "Contact/17", body, If_Unmodified_Since="Sat, 01 Jan 2000 00:00:00 GMT").status
        == 412
    )


def test_headers_of_the_official_client_are_ignored(server):
    """Section 8, likely: SO-Browser-TZ-Offset and SO_UNIQUE_ID are accepted and ignored."""
    assert server.get("Contact/17", SO_Browser_TZ_Offset="60", SO_UNIQUE_ID="5").status == 200


def test_etags_and_method_overrides_are_ignored(server):
    """Section 8, likely: ETag, If-Match and X-HTTP-Method-Override are not part of the API."""
    answer = server.get("Contact/17", If_Match='"x"', If_None_Match="*", X_HTTP_Method_Override="DELETE")
    assert (answer.status, answer.header("ETag")) == (200, None)


def test_an_application_token_is_accepted(server):
    """Section 8, firm: SO-AppToken holds the application's secret."""
    assert server.get("Contact/17", SO_AppToken="abc").status == 200
