"""Header values: Accept, parameters, dates, and text made safe for a header."""

from datetime import UTC, datetime

import pytest

from mockso.exchange.headers import header_text, http_date, negotiate, parameters_of, parse_accept
from tests.conftest import NOON, call

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "Sun, 06 Nov 1994 08:49:37 GMT",
        "Sunday, 06-Nov-94 08:49:37 GMT",
        "Sun Nov  6 08:49:37 1994",
        " sun, 06 nov 1994 08:49:37 GMT ",
    ],
)
def test_the_three_forms_of_a_date(text):
    assert http_date(text, NOON) == MOMENT


@pytest.mark.parametrize(
    "text",
    [
        "",
        "yesterday",
        "2026-01-01T00:00:00Z",
        "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Foo 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 28:49:37 GMT",
        "Sun, 06 Nov 1994 08:49:37 +0100",
    ],
)
def test_any_other_text_is_not_a_date(text):
    assert http_date(text, NOON) is None


def test_a_year_of_two_digits_lies_less_than_50_years_ahead():
    assert http_date("Sunday, 06-Nov-76 08:49:37 GMT", NOON).year == 2076
    assert http_date("Sunday, 06-Nov-77 08:49:37 GMT", NOON).year == 1977


def test_a_leap_second_is_a_date():
    assert http_date("Sat, 31 Dec 2016 23:59:60 GMT", NOON) == datetime(2016, 12, 31, 23, 59, 59, tzinfo=UTC)


def test_parameters_of_a_header():
    assert parameters_of('a/b; X=1; y="2;3"; x=4; z') == {"x": "1", "y": "2;3"}


def test_an_accept_header_is_read_best_first_and_without_what_it_excludes():
    header = "text/html;q=0.5, Application/JSON, image/png;q=0, */*;q=high, text/xml;level=1;q=0.9,"

    assert parse_accept(header) == ["application/json", "text/xml", "text/html"]


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
