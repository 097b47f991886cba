"""Types as text, scalars, and the two checks that must agree."""

import threading

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockso.contract import catalogue
from mockso.contract.catalogue import Contract
from mockso.contract.model import SCALARS, Field, TypeDef, TypeRef, parse_type
from mockso.contract.plain import PlainChecks
from mockso.contract.schemas import Schemas, as_read
from mockso.contract.values import is_base64, is_date_time
from tests.conftest import OPERATIONS, TYPES


@pytest.mark.parametrize(
    "text",
    ["string", "list<int32>", "map<list<So.Person>>", "enum<A|B>", "flags<A>", "any", "patch<So.X>", "So.X"],
)
def test_a_type_is_its_text(text):
    assert str(parse_type(text)) == text


@pytest.mark.parametrize("text", ["", "list<", "list<int32", "box<int32>", "a>", "list<>"])
def test_a_text_that_is_no_type(text):
    with pytest.raises(ValueError, match="is not a type"):
        parse_type(text)


@pytest.mark.parametrize(
    ("text", "good"),
    [
        ("2026-01-31T13:45:00", True),
        ("2026-01-31T13:45:00.1234567Z", True),
        ("2026-01-31T13:45:00+0200", True),
        ("0001-01-01T00:00:00", True),
        ("9999-12-31T23:59:59.9999999", True),
        ("2000-02-29", True),
        ("1900-02-29", False),
        ("0000-01-01", False),
        ("2026-13-01", False),
        ("2026-04-31", False),
        ("2026-01-31T24:00:00", False),
        ("2026-01-31T13:45:00.12345678", False),
        ("2026-01-31T13:45:00+2", False),
        ("2026-01-31\n", False),
        ("٢٠٢٦-01-31", False),
        ("", False),
    ],
)
def test_date_times(text, good):
    assert is_date_time(text) is good


def test_base64():
    assert all(map(is_base64, ["AAEC", "", "AA=="]))
    assert not any(map(is_base64, ["AA=", "å", "A A="]))


CONTRACT = Contract(catalogue.dump({}, OPERATIONS, TYPES), "tiny")
SCHEMAS, PLAIN = Schemas(CONTRACT), PlainChecks(CONTRACT)
KINDS = [parse_type(text) for text in sorted(SCALARS)] + [
    parse_type(text)
    for text in (
        "So.ContactEntity",
        "So.Base",
        "list<So.Person>",
        "map<int32>",
        "enum<A|B>",
        "flags<A|B>",
        "list<list<string>>",
        "any",
    )
]
NAMES = st.sampled_from(
    [
        "ContactId",
        "contactid",
        "Name",
        "Persons",
        "Parent",
        "Extra",
        "Kind",
        "Rights",
        "PersonId",
        "FieldType",
        "Nope",
        "_Links",
    ]
)
VALUES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**70), 2**70)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(
        ["", "A", "a", "A, B", "Company", "12", "true", "AAEC", "2026-01-31T00:00:00", "x" * 21]
    ),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
    max_leaves=12,
)


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(value=VALUES, kind=st.sampled_from(KINDS))
def test_what_is_plainly_valid_marshmallow_has_nothing_against(value, kind: TypeRef):
    departures = SCHEMAS.check(value, kind)

    if PLAIN.of(kind)(value):
        assert departures == []
    for departure in departures:
        assert departure.message
        assert departure.severity in ("error", "warning")


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(value=VALUES, kind=st.sampled_from(KINDS))
def test_what_the_server_reads_instead_is_in_the_contract(value, kind: TypeRef):
    departures = SCHEMAS.check(value, kind)

    again = SCHEMAS.check(as_read(value, departures), kind)

    kept = {"unknown-property", "property-case", "enum-number", "enum-list", "too-long", "duplicate-name"}
    assert {d.rule for d in again if d.severity == "warning"} <= kept
    assert {d.path for d in again if d.severity == "error"} == {
        d.path for d in departures if d.severity == "error"
    }


def test_a_hundred_thousand_ids_sent_as_texts_are_read():
    value = [str(number) for number in range(100_000)]
    kind = TypeRef("list", "", TypeRef("scalar", "int32"))

    read = as_read(value, SCHEMAS.check(value, kind))  # minutes, if each one copied the list

    assert read == list(range(100_000))
    assert value[0] == "0"


def test_a_type_that_contains_itself_is_followed_to_any_depth():
    value: dict = {"ContactId": "x"}
    for _ in range(30):
        value = {"Parent": value}

    (departure,) = SCHEMAS.check(value, parse_type("So.ContactEntity"))

    assert departure.path == (*["Parent"] * 30, "ContactId")


def test_two_threads_may_need_one_type_at_once(monkeypatch):
    compiling, go_on = threading.Event(), threading.Event()
    contract = Contract(catalogue.dump({}, OPERATIONS, TYPES), "here")
    type_of = contract.type

    def slow(name):
        compiling.set()
        go_on.wait()
        return type_of(name)

    monkeypatch.setattr(contract, "type", slow)
    checks, answers = PlainChecks(contract), []
    kind = parse_type("So.Person")
    first = threading.Thread(target=checks.of, args=(kind,))
    second = threading.Thread(target=lambda: answers.append(checks.of(kind)({"PersonId": 1})))

    first.start()
    compiling.wait()
    second.start()
    second.join(0.2)  # it has to wait; what did not ended by now
    go_on.set()
    first.join()
    second.join()

    assert answers == [True]


def test_a_property_may_have_any_name():
    names = ["Meta", "load", "fields", "context", "odata.metadata", "odata_metadata", "p1", "__init__"]
    wide = TypeDef("So.Wide", tuple(Field(name, parse_type("int32")) for name in names), "here")
    schemas = Schemas(Contract(catalogue.dump({}, [], [wide]), "here"))

    departures = schemas.check(dict.fromkeys(names, True), parse_type("So.Wide"))

    assert [(departure.path, departure.rule) for departure in departures] == [
        ((name,), "body-type") for name in names
    ]
