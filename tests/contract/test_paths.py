"""Paths through a type, and JSON pointers."""

import pytest

from mockso.contract.model import ANY, parse_type
from mockso.contract.paths import join_pointer, source_at, split_pointer, walk

CONTACT = parse_type("So.ContactEntity")


def test_a_walk_goes_from_type_to_type_and_takes_names_in_any_case(tiny):
    steps = list(walk(CONTACT, ("persons", 0, "FIRSTNAME"), tiny))

    assert [str(step.type) for step in steps] == ["list<So.Person>", "So.Person", "string"]
    assert [step.field.name if step.field else "" for step in steps] == ["Persons", "", "Firstname"]
    assert not any(step.fault for step in steps)


@pytest.mark.parametrize(
    ("path", "fault", "near"),
    [
        (("Persons", "-"), "", ""),
        (("Extra", "anything"), "", ""),
        (("FieldProperties", "a", "b", "c"), "", ""),
        (("Person",), "ContactEntity has no property 'Person'. Did you mean 'Persons'?", "Persons"),
        (("Zzzz",), "ContactEntity has no property 'Zzzz'.", ""),
        (("Persons", "x"), "expected a position in the list or '-', got 'x'", ""),
        (("Name", "x"), "'x' reaches into string, which has no parts", ""),
    ],
)
def test_a_step_says_what_is_wrong_with_it(tiny, path, fault, near):
    *_, step = walk(CONTACT, path, tiny)

    assert step.fault == fault
    assert step.near == near


def test_behind_a_fault_and_in_an_open_carrier_anything_may_stand(tiny):
    assert [step.type for step in walk(CONTACT, ("Zzzz", "x"), tiny)] == [ANY, ANY]
    assert [step.fault for step in walk(parse_type("So.Base"), ("Zzzz", "x"), tiny)] == ["", ""]


@pytest.mark.parametrize(
    ("path", "source"),
    [
        ((), "tiny.json#/definitions/So.ContactEntity"),
        (("Persons", 0, "Firstname"), "tiny.json#/definitions/So.Person/properties/Firstname"),
        (("Persons", 0, "Nickname"), "tiny.json#/definitions/So.Person"),
        (("Extra", "a"), "tiny.json#/definitions/So.ContactEntity/properties/Extra"),
    ],
)
def test_the_source_of_the_innermost_property(tiny, path, source):
    assert source_at(CONTACT, path, tiny) == source


def test_a_json_pointer_is_split_and_joined():
    parts = ["Extra", "a/b~c", "", "0"]

    assert split_pointer("/Extra/a~1b~0c//0") == parts
    assert join_pointer(parts) == "/Extra/a~1b~0c//0"
    assert split_pointer("") == []
