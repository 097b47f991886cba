"""Values by name and type: plausible, of one piece, the same everywhere."""

import re
import subprocess
import sys

import pytest

from mockso.contract.examples import Examples
from mockso.contract.model import TypeRef, parse_type
from mockso.contract.plausible import EPOCH, MINIMUM_DATE, NORWAY, Subject, plausible
from mockso.contract.wordlist import CITIES

COMPANY = Subject("Contact", 4711)
PERSON = Subject("Person", 4711)
TEXT = TypeRef("scalar", "string")


def walk(value, name=""):
    """All scalars of a value with the property they stand in."""
    if isinstance(value, dict):
        for inner, item in value.items():
            yield from walk(item, inner)
    elif isinstance(value, list):
        for item in value:
            yield from walk(item, name)
    else:
        yield name, value


def carriers(value):
    if isinstance(value, dict):
        yield value
        for item in value.values():
            yield from carriers(item)
    elif isinstance(value, list):
        for item in value:
            yield from carriers(item)


@pytest.fixture(scope="module")
def all_examples(shipped):
    examples = Examples(shipped)
    return {name: examples.of(parse_type(name)) for name in shipped.type_names()}


def test_no_example_has_a_text_that_is_its_property_s_name(all_examples):
    wrong = {
        (name, field)
        for name, value in all_examples.items()
        for field, item in walk(value)
        if isinstance(item, str) and item and item.lower() == field.lower()
    }

    assert wrong == set()


def test_no_example_has_a_date_after_the_epoch_of_the_data(all_examples):
    dates = [
        item
        for value in all_examples.values()
        for _, item in walk(value)
        if isinstance(item, str) and re.match(r"\d{4}-\d\d-\d\dT", item)
    ]

    assert len(dates) > 100
    assert max(dates) <= EPOCH.isoformat()


def test_nothing_is_changed_before_it_is_created(all_examples):
    stamped = [value for value in all_examples.values() if {"CreatedDate", "UpdatedDate"} <= value.keys()]

    assert len(stamped) > 10
    assert all(MINIMUM_DATE < value["CreatedDate"] < value["UpdatedDate"] for value in stamped)


def test_coordinates_and_postcodes_are_those_of_a_city(all_examples):
    places = {(city.latitude, city.longitude) for city in CITIES}
    postcodes = {(city.name, city.postcode) for city in CITIES}
    found = [value for example in all_examples.values() for value in carriers(example)]

    coordinates = {
        (value["Wgs84Latitude"], value["Wgs84Longitude"]) for value in found if "Wgs84Latitude" in value
    }
    cities = {(value["City"], value["Zipcode"]) for value in found if {"City", "Zipcode"} <= value.keys()}

    assert coordinates
    assert coordinates <= places
    assert cities
    assert cities <= postcodes


def test_no_example_is_deleted(all_examples):
    assert not any(
        value["Deleted"]
        for example in all_examples.values()
        for value in carriers(example)
        if "Deleted" in value
    )


def test_addresses_of_the_network_belong_to_nobody(all_examples):
    texts = [item for value in all_examples.values() for _, item in walk(value) if isinstance(item, str)]
    hosts = {match[1] for text in texts if (match := re.match(r"(?:https?://|[\w.]+@)([\w.-]+)", text))}

    assert hosts
    assert all(host.endswith(".example") for host in hosts)


@pytest.mark.parametrize(
    ("name", "pattern"),
    [
        ("EmailAddress", r"post@[a-z-]+\.example"),
        ("Url", r"https://[a-z-]+\.example/"),
        ("DirectPhone", r"\+47 22 51 \d\d \d\d"),
        ("Zipcode", r"\d{4}"),
        ("OrgNr", r"9\d{8}"),
        ("TwoLetterISOCountry", "NO"),
        ("ThreeLetterISOCountry", "NOR"),
        ("CurrencyCode", "NOK"),
        ("UniqueIdentifier", r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-a[0-9a-f]{3}-[0-9a-f]{12}"),
        ("Password", ""),
        ("AccessToken", ""),
        ("Tooltip", ""),
        ("SomethingNobodyHasARuleFor", ""),
    ],
)
def test_a_text_looks_like_what_its_name_says(name, pattern):
    assert re.fullmatch(pattern, plausible(COMPANY, name, TEXT))


def test_names_and_address_of_a_person_belong_together():
    first, last, full, email = (
        plausible(PERSON, name, TEXT) for name in ("Firstname", "Lastname", "FullName", "EmailAddress")
    )

    assert full == f"{first} {last}"
    assert re.fullmatch(r"[a-z-]+\.[a-z-]+@[a-z-]+\.example", email)


def test_a_text_keeps_its_length():
    assert len(plausible(COMPANY, "Name", TEXT, 5)) == 5


@pytest.mark.parametrize(
    ("text", "member"), [("enum<Unknown|None|Customer>", "Customer"), ("enum<Unknown>", "Unknown")]
)
def test_an_enum_says_something_where_it_can(text, member):
    assert plausible(COMPANY, "Type", parse_type(text)) == member


def test_numbers_are_small_and_countries_are_countries():
    number = TypeRef("scalar", "int32")

    assert plausible(COMPANY, "ActiveInterests", number) < 5
    assert plausible(COMPANY, "Deleted", number) == 0
    assert 0 <= plausible(COMPANY, "Probability", number) <= 100
    assert plausible(COMPANY, "CountryId", number) == NORWAY


def test_different_rows_differ_and_a_seed_changes_them():
    names = {plausible(Subject("Contact", key), "Name", TEXT) for key in range(1, 51)}
    other = {plausible(Subject("Contact", key, seed=1), "Name", TEXT) for key in range(1, 51)}

    assert len(names) > 30
    assert names != other


def test_values_are_the_same_in_every_process():
    script = (
        "from mockso.contract.plausible import *; from mockso.contract.model import TypeRef;"
        "print(*(plausible(Subject('Person', 4711), name, TypeRef('scalar', 'string'))"
        " for name in ('EmailAddress', 'Phone', 'FullName')), sep='|')"
    )
    outputs = {
        subprocess.run(
            [sys.executable, "-c", script],
            capture_output=True,
            encoding="utf-8",
            check=True,
            env={"PYTHONHASHSEED": seed, "PYTHONUTF8": "1"},
        ).stdout.strip()
        for seed in ("1", "2")
    }

    assert outputs == {
        "|".join(plausible(PERSON, name, TEXT) for name in ("EmailAddress", "Phone", "FullName"))
    }
