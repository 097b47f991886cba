"""The values a contract is made of."""

import pytest

from mockso.contract.model import NOTHING, parse_type


@pytest.mark.parametrize(
    "text",
    [
        "string",
        "any",
        "list<map<int32>>",
        "enum<None|Read>",
        "flags<Monday|Tuesday>",
        "patch<So.ContactEntity>",
    ],
)
def test_a_type_has_one_text_form(text):
    assert str(parse_type(text)) == text


@pytest.mark.parametrize("text", ["", "a>", "list<string", "set<string>"])
def test_any_other_text_is_not_a_type(text):
    with pytest.raises(ValueError, match="is not a type"):
        parse_type(text)


def test_a_property_is_found_in_any_letter_case(tiny):
    contact = tiny.type("So.ContactEntity")

    assert contact.find_field("persons") is contact.by_name["Persons"]
    assert contact.find_field("Person") is None


def test_an_archive_is_known_by_its_envelope_or_its_columns(shipped):
    collection = shipped.find("GET", "/api/v1/Contact").operation
    columns = shipped.find("GET", "/api/v1/Archive/Contact/$metadata").operation
    entity = shipped.find("GET", "/api/v1/Contact/17").operation

    assert [collection.is_archive, columns and columns.is_archive, entity.is_archive] == [True, True, False]


def test_nothing_is_not_null():
    assert NOTHING is not None
    assert repr(NOTHING) == "NOTHING"
