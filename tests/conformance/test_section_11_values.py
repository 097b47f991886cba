"""Section 11 of the behaviour page: scalars, time zones, rights blocks, custom fields, links."""

import re
from datetime import datetime

import pytest

PLAIN = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,7})?\Z")


# --- 11.1


def test_dates_have_no_zone_and_no_needless_fraction(server):
    """Section 11.1, firm: ISO without zone; up to 7 fraction digits, dropped when zero."""
    sent = {"StartDate": "2026-07-01T12:00:00.000", "EndDate": "2026-07-01T12:00:00.1234567"}
    got = server.call("PUT", "Appointment/63", sent).json
    assert (got["StartDate"], got["EndDate"]) == ("2026-07-01T12:00:00", "2026-07-01T12:00:00.1234567")
    assert PLAIN.match(got["CreatedDate"])


@pytest.mark.parametrize("date", ["0001-01-01T00:00:00", "9999-12-31T23:59:59.9999999"])
def test_the_ends_of_time(server, date):
    """Section 11.1, firm: the empty date and the open end."""
    assert server.call("PUT", "Appointment/63", {"EndDate": date}).json["EndDate"] == date


@pytest.mark.parametrize(
    "sent",
    [
        "2026-07-01",
        "2026-07-01T12:00",
        "2026-07-01 12:00:00",
        "2026-07-01T12:00:00Z",
        "2026-07-01T12:00:00.5+0200",
        "0001-01-01T00:00:00",
    ],
)
def test_dates_are_read_in_all_forms(server, sent):
    """Section 11.1, likely: 0 to 7 fraction digits, an offset, Z or neither, from year 1 on."""
    got = server.call("PUT", "Appointment/63", {"StartDate": sent})
    assert (got.status, bool(PLAIN.match(got.json["StartDate"]))) == (200, True)


@pytest.mark.parametrize("sent", ["2026-02-30", "yesterday", "2026-07-01T25:00:00", "0000-01-01", 5])
def test_what_is_no_date_is_400(server, sent):
    """Section 11.1, likely: anything else is a model-state error."""
    assert server.call("PUT", "Appointment/63", {"StartDate": sent}).status == 400


@pytest.mark.parametrize(("sent", "got"), [("Completed", "Completed"), ("completed", "Completed")])
def test_enums_go_by_their_names(server, sent, got):
    """Section 11.1, firm: an enum is its name; read in any letter case (likely)."""
    assert server.call("PUT", "Appointment/63", {"Completed": sent}).json["Completed"] == got


def test_enums_are_read_by_number_and_never_written_so(server):
    """Section 11.1, likely: an enum is read from its number; answers have names."""
    answer = server.call("PUT", "Appointment/63", {"Completed": 1})
    assert (answer.status, answer.json["Completed"].isdigit()) == (200, False)


# --- 11.2


def zoned(server, zone, body=None):
    return server.call("PUT", "Appointment/63", body or {}, SO_TimeZone=zone).json


DATES = {"StartDate": "2026-07-01T12:00:00Z", "EndDate": "2026-12-01T12:00:00Z"}


@pytest.mark.parametrize(
    ("zone", "start", "end"),
    [
        ("UTC", "2026-07-01T12:00:00", "2026-12-01T12:00:00"),
        ("261", "2026-07-01T14:00:00", "2026-12-01T13:00:00"),
        ("US-NY", "2026-07-01T08:00:00", "2026-12-01T07:00:00"),
        ("US-CA", "2026-07-01T05:00:00", "2026-12-01T04:00:00"),
        ("AU-ACT", "2026-07-01T22:00:00", "2026-12-01T23:00:00"),
        ("no, includeTZOffset", "2026-07-01T14:00:00+02:00", "2026-12-01T13:00:00+01:00"),
        ("utc,includeTZOffset", "2026-07-01T12:00:00Z", "2026-12-01T12:00:00Z"),
        ("US-NY, includeTZOffset", "2026-07-01T08:00:00-04:00", "2026-12-01T07:00:00-05:00"),
    ],
)
def test_ordinary_dates_are_converted(server, zone, start, end):
    """Section 11.2, firm: converted to the zone by id or code, daylight saving counted, with an offset if wanted."""
    got = zoned(server, zone, DATES)
    assert (got["StartDate"], got["EndDate"]) == (start, end)


def test_bare_dates_are_read_in_the_caller_s_zone(server):
    """Section 11.2, firm: a bare time is one of the header's zone, a suffixed one is converted."""
    assert zoned(server, "US-NY", {"StartDate": "2026-07-01T08:00:00"})["StartDate"] == "2026-07-01T08:00:00"
    sent = {"StartDate": "2026-07-01T08:00:00"}
    assert zoned(server, "US-NY,includeTZOffset", sent)["StartDate"] == "2026-07-01T08:00:00-04:00"


def test_stamps_are_utc_with_offsets_and_unconverted_without(serve):
    """Section 11.2, likely: Created... and Updated... stay as they are, or are UTC with Z where offsets are wanted."""
    server = serve(base_timezone="NO")
    plain = server.get("Appointment/63").json["CreatedDate"]
    assert zoned(server, "US-NY")["CreatedDate"] == plain
    stamp = zoned(server, "US-NY, includeTZOffset")["CreatedDate"]
    hours = (datetime.fromisoformat(plain) - datetime.fromisoformat(stamp[:-1])).total_seconds() / 3600
    assert (stamp[-1], hours) in (("Z", 1), ("Z", 2))


def test_birthdays_are_never_shifted(server):
    """Section 11.2, firm: pure dates are unshifted, with Z where offsets are wanted."""
    body = {"BirthDate": "1999-05-13T00:00:00"}
    for zone, expected in (
        ("AU-ACT", "1999-05-13T00:00:00"),
        ("US-NY,includeTZOffset", "1999-05-13T00:00:00Z"),
    ):
        assert server.call("PUT", "Person/7", body, SO_TimeZone=zone).json["BirthDate"] == expected


def test_the_empty_date_in_a_positive_zone(server):
    """Section 11.2, firm: the minimum date shows as 01:00+01:00."""
    empty = {"StartDate": "0001-01-01T00:00:00"}
    assert zoned(server, "NO,includeTZOffset", empty)["StartDate"] == "0001-01-01T01:00:00+01:00"
    assert (
        server.call("PUT", "Appointment/63", {"StartDate": "0001-01-01T01:00:00"}, SO_TimeZone="NO").json[
            "StartDate"
        ]
        == "0001-01-01T01:00:00"
    )


def test_without_the_header_dates_are_those_of_the_base_zone(serve):
    """Section 11.2, firm: no header, no conversion, no suffix."""
    sent = {"StartDate": "2026-07-01T12:00:00Z"}
    assert (
        serve(base_timezone="NO").call("PUT", "Appointment/63", sent).json["StartDate"]
        == "2026-07-01T14:00:00"
    )


def test_an_unknown_zone(serve):
    """Section 11.2, assumed: an unknown zone is 400; setting unknown_timezone."""
    answer = serve().get("Contact/17", SO_TimeZone="XX")
    assert (answer.status, answer.fidelity) == (400, "assumed")
    assert serve(unknown_timezone="ignore").get("Contact/17", SO_TimeZone="XX").status == 200


# --- 11.3


def test_rights_are_names_never_numbers(server):
    """Section 11.3, firm: TableRight is a mask of names and a reason."""
    right = server.get("Contact/17").json["TableRight"]
    assert right == {"Mask": "Select, Update, Insert, Delete", "Reason": ""}


def test_nested_carriers_have_no_rights(server):
    """Section 11.3, firm: nested carriers carry a null TableRight and empty FieldProperties."""
    person = server.get("Contact/17").json["Persons"][0]
    assert (person["TableRight"], person["FieldProperties"]) == (None, {})


def test_rights_that_come_back_are_ignored(server):
    """Section 11.3, likely: clients send rights back and the server ignores them."""
    body = {"TableRight": {"Mask": "None"}, "FieldProperties": {"x": 1}}
    answer = server.call("PUT", "Contact/17", body)
    assert (answer.status, answer.json["TableRight"]["Mask"]) == (200, "Select, Update, Insert, Delete")


# --- 11.4


def test_custom_fields_are_dictionaries_of_texts(server):
    """Section 11.4, firm: encoded and plain forms are accepted and come back."""
    fields = {
        "SuperOffice:1": "[I:5]",
        "x_size": "5",
        "x_day": "[D:12/31/2026]",
        "x_list": "[A:3,4]",
        "x_box": "True",
    }
    answer = server.call("PUT", "Contact/17", {"CustomFields": fields})
    assert (answer.json["CustomFields"], answer.header("X-Mockso-Warning")) == (fields, None)


def test_an_encoded_value_that_does_not_fit_is_told(server):
    """Section 11.4, likely: a mark whose content does not fit is plain text to the server."""
    answer = server.call("PUT", "Contact/17", {"CustomFields": {"x_day": "[D:2026-12-31]"}})
    assert (answer.status, "body.CustomFields.x_day" in answer.header("X-Mockso-Warning")) == (200, True)


# --- 11.5


@pytest.mark.parametrize(
    ("method", "path", "body"),
    [
        ("GET", "Contact/17", None),
        ("PUT", "Contact/17", {}),
        ("PATCH", "Contact/17", {}),
        ("POST", "Contact", {}),
    ],
)
def test_links_of_one_entity(server, method, path, body):
    """Section 11.5, firm: one entity read, created or changed has a dictionary of absolute addresses."""
    entity = server.call(method, path, body).json
    links = entity["_Links"]
    assert links["Self"].endswith(f"/api/v1/Contact/{entity['ContactId']}/")
    assert links["Archive"].endswith("/api/v1/Contact/")
    assert all(address.startswith("http://") for address in links.values())


def test_what_the_links_lead_to(server):
    """Section 11.5, likely: the flat form, layouts, sub-collections, lists of properties, related entities."""
    links = server.get("Contact/17").json["_Links"]
    assert links["Self.Simple"].endswith("/Contact/17/Simple/")
    assert links["UdefLayout"].endswith("/Contact/UdefLayout/Published/")
    assert links["Archive.Persons"].endswith("/Contact/17/Persons/")
    assert links["Category.List"].endswith("/MDOList/category/")
    links |= {"Contact": server.get("Person/17").json["_Links"]["Contact"]}
    assert "/Contact/" in links["Contact"]
    for name in ("Self", "Archive", "Archive.Persons", "Category.List", "Contact", "UdefLayout"):
        assert server.get(links[name].partition("/api/v1/")[2].rstrip("/")).status == 200, name


def test_links_onsite_have_no_slash_at_the_end(serve):
    """Section 11.5, firm: Online addresses end with a slash, onsite ones do not."""
    onsite = serve(tenant="crm", profile="onsite")
    assert onsite.get("Contact/17").json["_Links"]["Self"].endswith("/crm/api/v1/Contact/17")


def test_no_links_elsewhere(server):
    """Section 11.5, firm: never on default entities, collections and agents."""
    assert not server.get("Contact/default").json.get("_Links")
    assert "_Links" not in server.get("Contact").json
    assert "_Links" not in server.call("POST", "Agents/Contact/GetContactEntity?contactEntityId=7").json
