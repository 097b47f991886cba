"""Conditional requests: 304 and 412 on nine entities."""

import json
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from mockso.config import Settings
from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.exchange.conditions import ENTITIES, http_date
from mockso.journal.journal import Journal
from tests.conftest import NOON, call

BEFORE, AFTER = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
NAMES = {"foreignapp": "ForeignApp", **{name: name.capitalize() for name in ENTITIES - {"foreignapp"}}}

MOMENT = datetime(1994, 11, 6, 8, 49, 37, tzinfo=UTC)


@pytest.fixture
def server(shipped):
    return Engine(Settings(world="open"), [shipped], Journal(), clock=lambda: NOON)


def status(server, method, path, header, text, body=None):
    return server.handle(call(method, path, body, headers=[(header, text)])).status


@pytest.mark.parametrize("name", sorted(ENTITIES))
def test_the_nine_entities_heed_conditions(server, name):
    """Section 13, firm."""
    path = f"/api/v1/{NAMES[name]}/7"

    assert [status(server, "GET", path, "If-Modified-Since", text) for text in (BEFORE, AFTER, "junk")] == [
        200,
        304,
        200,
    ]
    for method, body in (("GET", None), ("PUT", {}), ("PATCH", {}), ("DELETE", None)):
        good = 204 if method == "DELETE" else 200
        bad = good if (method, name) == ("DELETE", "selection") else 412
        found = [
            status(server, method, path, "If-Unmodified-Since", text, body)
            for text in (BEFORE, AFTER, "junk")
        ]
        assert found == [bad, good, good], method


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/Ticket/7",
        "/api/v1/Contact/default",
        "/api/v1/Contact/7/Simple",
        "/api/v1/Contact",
        "/api/v1/List/Country/Items",
    ],
)
def test_other_addresses_ignore_both_headers(server, path):
    plain = server.handle(call(path=path)).status

    assert status(server, "GET", path, "If-Modified-Since", AFTER) == plain
    assert status(server, "GET", path, "If-Unmodified-Since", BEFORE) == plain


def test_agents_ignore_both_headers(server):
    request = call(
        "POST",
        "/api/v1/Agents/Contact/GetContactEntity",
        query=[("contactEntityId", "7")],
        headers=[("If-Modified-Since", AFTER), ("If-Unmodified-Since", BEFORE)],
    )

    assert server.handle(request).status == 200


@pytest.mark.parametrize(
    ("method", "header", "text", "sure"),
    [
        ("GET", "If-Modified-Since", AFTER, "firm"),
        ("GET", "If-Unmodified-Since", BEFORE, "likely"),  # section 8
        ("DELETE", "If-Unmodified-Since", BEFORE, "firm"),
    ],
)
def test_how_sure_a_condition_is(server, method, header, text, sure):
    reply = server.handle(call(method, "/api/v1/Contact/7", headers=[(header, text)]))

    assert reply.header("X-Mockso-Fidelity") == sure


def test_304_and_412_have_no_body(server):
    for header, text in (("If-Modified-Since", AFTER), ("If-Unmodified-Since", BEFORE)):
        reply = server.handle(call(path="/api/v1/Contact/7", headers=[(header, text)]))
        assert (reply.body, reply.header("Content-Type")) == (NOTHING, "")


def test_the_time_of_the_change_itself_counts_as_unmodified_in_the_base_zone(shipped):
    for country, zone in (("UTC", UTC), ("NO", ZoneInfo("Europe/Oslo"))):
        engine = Engine(Settings(world="open", base_timezone=country), [shipped], Journal())
        changed = datetime.fromisoformat(
            json.loads(engine.handle(call(path="/api/v1/Contact/7")).body)["UpdatedDate"]
        )
        moment = changed.replace(tzinfo=zone).timestamp()
        text = datetime.fromtimestamp(moment, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")
        second_before = datetime.fromtimestamp(moment - 1, UTC).strftime("%a, %d %b %Y %H:%M:%S GMT")

        assert status(engine, "GET", "/api/v1/Contact/7", "If-Modified-Since", text) == 304
        assert status(engine, "GET", "/api/v1/Contact/7", "If-Modified-Since", second_before) == 200
        assert status(engine, "PUT", "/api/v1/Contact/7", "If-Unmodified-Since", text, {}) == 200
        assert status(engine, "PUT", "/api/v1/Contact/7", "If-Unmodified-Since", second_before, {}) == 412


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
