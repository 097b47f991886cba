"""Dates: the table of section 11.2, cell by cell, and the recorded answers of the real server."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockso.config import Settings
from mockso.contract.model import parse_type
from mockso.contract.values import is_date_time
from mockso.engine import Engine
from mockso.formats.dates import MINIMUM, Dates, to_stored, to_zone
from mockso.formats.zones import UTC, find_zone, zones
from mockso.journal.journal import Journal
from tests.conftest import NOON, call


def zone(code):
    found = find_zone(code)
    assert found is not None
    return found


NO, NY = zone("NO"), zone("US-NY")


@pytest.mark.parametrize(
    ("text", "sort", "offsets", "expected"),
    [
        # Recorded with base zone NO, asked for UTC (section 11.2, firm).
        ("2002-03-31T18:00:00", "ordinary", True, "2002-03-31T16:00:00Z"),
        ("2002-08-07T14:52:00", "stamp", True, "2002-08-07T12:52:00Z"),
        ("2003-02-10T11:00:59", "stamp", True, "2003-02-10T10:00:59Z"),
        ("1999-05-13T00:00:00", "birthday", True, "1999-05-13T00:00:00Z"),
        (MINIMUM, "ordinary", True, "0001-01-01T00:00:00Z"),
        (MINIMUM, "stamp", True, "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59", "ordinary", True, "9999-12-31T23:59:59Z"),
        ("2002-03-31T00:00:00", "fixed", True, "2002-03-31T00:00:00Z"),
        ("2002-03-31T18:00:00", "ordinary", False, "2002-03-31T16:00:00"),
        ("2002-08-07T14:52:00", "stamp", False, "2002-08-07T14:52:00"),
        ("1999-05-13T00:00:00", "birthday", False, "1999-05-13T00:00:00"),
    ],
)
def test_what_a_caller_in_utc_sees_of_a_norwegian_server(text, sort, offsets, expected):
    assert to_zone(text, sort, NO, UTC, offsets) == expected


@pytest.mark.parametrize(
    ("text", "sort", "expected"),
    [
        ("2002-03-31T18:00:00", "ordinary", "2002-03-31T18:00:00+02:00"),
        ("2002-01-31T18:00:00", "ordinary", "2002-01-31T18:00:00+01:00"),
        ("2002-08-07T14:52:00", "stamp", "2002-08-07T12:52:00Z"),
        ("2019-12-19T10:44:12", "fixed", "2019-12-19T10:44:12+01:00"),
        ("1999-05-13T00:00:00", "birthday", "1999-05-13T00:00:00Z"),
        (MINIMUM, "ordinary", "0001-01-01T01:00:00+01:00"),
        (MINIMUM, "fixed", "0001-01-01T01:00:00+01:00"),
        (MINIMUM, "stamp", "0001-01-01T00:00:00Z"),
        ("9999-12-31T23:59:59", "ordinary", "9999-12-31T23:59:59+01:00"),
        ("9999-12-31T23:59:59.9999999", "ordinary", "9999-12-31T23:59:59.9999999+01:00"),
    ],
)
def test_what_a_norwegian_caller_sees_of_a_norwegian_server(text, sort, expected):
    assert to_zone(text, sort, NO, NO, True) == expected


def test_west_of_utc_the_empty_date_stays_at_the_beginning():
    assert to_zone(MINIMUM, "ordinary", UTC, NY, True) == "0001-01-01T00:00:00-05:00"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("2026-07-01T12:00:00", "2026-07-01T10:00:00"),
        ("2026-07-01T12:00:00Z", "2026-07-01T12:00:00"),
        ("2026-07-01T12:00:00+05:30", "2026-07-01T06:30:00"),
        ("2026-07-01T12:00:00-0500", "2026-07-01T17:00:00"),
        ("2026-07-01T12:00:00.1234567Z", "2026-07-01T12:00:00.1234567"),
        ("2026-07-01T12:00:00.000Z", "2026-07-01T12:00:00"),
        ("2026-07-01T12:00:00.50Z", "2026-07-01T12:00:00.5"),
        ("2026-07-01 12:00", "2026-07-01T10:00:00"),
        ("2026-07-01", "2026-06-30T22:00:00"),
        ("0001-01-01T01:00:00", MINIMUM),
        ("0001-01-01T01:00:00+01:00", MINIMUM),
        ("0001-01-01T00:00:00Z", MINIMUM),
        ("0001-01-01T00:00:00", MINIMUM),
        ("9999-12-31T23:59:59.9999999", "9999-12-31T23:59:59.9999999"),
        ("9999-12-31T23:59:59+01:00", "9999-12-31T23:59:59"),
        ("no date", "no date"),
    ],
)
def test_what_a_server_in_utc_keeps_of_what_a_norwegian_caller_sends(text, expected):
    assert to_stored(text, "ordinary", UTC, NO) == expected


def test_birthdays_keep_their_day_in_both_directions():
    assert to_stored("1999-05-13T00:00:00-11:00", "birthday", UTC, NO) == "1999-05-13T00:00:00"
    assert to_zone("1999-05-13T00:00:00", "birthday", UTC, NY, False) == "1999-05-13T00:00:00"


ZONES = st.sampled_from(zones())
DATES = st.builds(
    lambda moment, fraction: moment.replace(microsecond=0).isoformat() + fraction,
    st.datetimes(),
    st.sampled_from(["", ".1", ".1234567"]),
)


@given(text=DATES, base=ZONES, asked=ZONES, sort=st.sampled_from(["ordinary", "stamp", "birthday", "fixed"]))
def test_any_date_in_any_zone_is_a_date(text, base, asked, sort):
    for offsets in (False, True):
        assert is_date_time(to_zone(text, sort, base, asked, offsets))
    assert is_date_time(to_stored(text, sort, base, asked))


@given(
    text=st.datetimes(
        min_value=__import__("datetime").datetime(1970, 2, 1),
        max_value=__import__("datetime").datetime(9000, 1, 1),
    ),
    base=ZONES,
    asked=ZONES,
)
def test_what_is_shown_with_its_offset_is_kept_as_it_was(text, base, asked):
    date = text.replace(microsecond=0).isoformat()
    seen = to_zone(date, "ordinary", base, asked, True)

    again = to_stored(seen, "ordinary", base, asked)

    # The hour that a clock goes through twice, or never, has no single name.
    if again != date:
        assert to_zone(again, "ordinary", base, asked, True) == seen or base.offset(text) != base.offset(
            text.replace(hour=0)
        )


# --- in values and calls


def test_a_type_without_dates_is_handed_back_as_it_is(shipped):
    dates = Dates(shipped)
    value = {"Name": "x"}

    kind = parse_type("SuperOffice.CRM.Security.TableRight")
    assert dates.convert(value, kind, lambda text, sort: "changed") is value


def test_dates_are_found_in_lists_and_nested_carriers_and_the_value_stays(shipped):
    kind = parse_type("list<SuperOffice.CRM.Services.AppointmentEntity>")
    date = "2026-01-01T00:00:00"
    value = [
        {
            "StartDate": date,
            "CreatedDate": date,
            "Recurrence": {"Dates": [{"Date": date}]},
            "Description": date,
        }
    ]
    seen = []

    changed = Dates(shipped).convert(value, kind, lambda text, sort: seen.append(sort) or "changed")

    assert sorted(seen) == ["fixed", "ordinary", "stamp"]
    assert changed[0]["StartDate"] == changed[0]["Recurrence"]["Dates"][0]["Date"] == "changed"
    assert (
        changed[0]["Description"]
        == value[0]["StartDate"]
        == value[0]["Recurrence"]["Dates"][0]["Date"]
        == date
    )


def asked(engine, zone, **parts):
    reply = engine.handle(call(headers=[("SO-TIMEZONE", zone)], tenant="", **parts))
    return reply, json.loads(reply.body)


APPOINTMENT = "/api/v1/Appointment/63"


def test_an_answer_is_converted_and_names_its_zone(shipped):
    engine = Engine(Settings(world="open", base_timezone="NO"), [shipped], Journal(), clock=lambda: NOON)
    plain = json.loads(engine.handle(call(path=APPOINTMENT, tenant="")).body)

    reply, seen = asked(engine, "utc, includeTZOffset", path=APPOINTMENT)

    assert reply.header("SO-TimeZone") == "UTC"
    assert seen["StartDate"] == to_zone(plain["StartDate"], "ordinary", NO, UTC, True) != plain["StartDate"]
    assert seen["CreatedDate"] == to_zone(plain["CreatedDate"], "stamp", NO, UTC, True)


def test_offsets_alone_are_those_of_the_base_zone(shipped):
    engine = Engine(Settings(world="open", base_timezone="NO"), [shipped], Journal())

    reply, seen = asked(engine, "includeTZOffset", path=APPOINTMENT)

    assert reply.header("SO-TimeZone") == "NO"
    assert seen["StartDate"][-6:] in ("+01:00", "+02:00")


def test_without_the_header_nothing_is_converted(shipped):
    engine = Engine(Settings(world="open", base_timezone="NO"), [shipped], Journal())

    reply = engine.handle(call(path=APPOINTMENT, tenant=""))

    assert reply.header("SO-TimeZone") == ""
    assert "Z" not in json.loads(reply.body)["StartDate"]


@pytest.mark.parametrize("method", ["PUT", "PATCH", "POST"])
def test_what_was_sent_comes_back_in_the_caller_s_zone(shipped, method):
    engine = Engine(Settings(world="open"), [shipped], Journal())
    path = APPOINTMENT if method != "POST" else "/api/v1/Appointment"
    parts = {
        "method": method,
        "path": path,
        "body": {"startDate": "2026-07-01T12:00:00", "EndDate": "2026-07-01T12:00:00Z"},
    }

    _, in_norway = asked(engine, "no", **parts)
    bare = json.loads(engine.handle(call(tenant="", **parts)).body)

    assert (in_norway["StartDate"], in_norway["EndDate"]) == ("2026-07-01T12:00:00", "2026-07-01T14:00:00")
    assert (bare["StartDate"], bare["EndDate"]) == ("2026-07-01T12:00:00", "2026-07-01T12:00:00")


def test_a_date_in_a_json_patch_is_read_in_the_caller_s_zone(shipped):
    engine = Engine(Settings(world="open"), [shipped], Journal())
    body = [{"op": "replace", "path": "startdate", "value": "2026-07-01T12:00:00-04:00"}]

    _, seen = asked(engine, "DK,includeTZOffset", method="PATCH", path=APPOINTMENT, body=body)

    assert seen["StartDate"] == "2026-07-01T18:00:00+02:00"


def test_an_unknown_zone_is_refused_or_ignored(tiny):
    refused = Engine(Settings(), [tiny], Journal()).handle(call(headers=[("SO-TimeZone", "N0")]))
    ignored = Engine(Settings(unknown_timezone="ignore"), [tiny], Journal()).handle(
        call(headers=[("SO-TimeZone", "N0")])
    )

    assert (refused.status, json.loads(refused.body)["ErrorType"]) == (400, "ArgumentException")
    assert refused.header("X-Mockso-Fidelity") == "assumed"
    assert "header SO-TimeZone: the zone 'N0' is not known here" in refused.header("X-Mockso-Reason")
    assert (ignored.status, "SO-TimeZone" in ignored.header("X-Mockso-Warning")) == (200, True)


def test_a_zone_by_guess_makes_the_answer_a_guess(tiny):
    engine = Engine(Settings(), [tiny], Journal())

    assert engine.handle(call(headers=[("SO-TimeZone", "SE")])).header("X-Mockso-Fidelity") == "assumed"
    assert engine.handle(call(headers=[("SO-TimeZone", "NO")])).header("X-Mockso-Fidelity") == "likely"
