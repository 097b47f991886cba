"""Examples: valid, always the same, with the request's ids in them."""

from mockso.contract.examples import Examples
from mockso.contract.model import parse_type
from mockso.contract.plain import PlainChecks
from mockso.contract.schemas import Schemas


def test_an_example_keeps_its_own_contract(shipped, sweep):
    examples, plain, schemas = Examples(shipped), PlainChecks(shipped), Schemas(shipped)
    checked = 0
    for name in list(shipped.type_names())[::sweep]:
        kind = parse_type(name)
        for blank in (False, True):
            value = examples.of(kind, blank=blank)
            assert plain.of(kind)(value), name
            assert schemas.check(value, kind) == []
            checked += 1
    assert checked


def test_an_example_is_the_same_in_any_order_of_calls(shipped):
    names = list(shipped.type_names())[::97]
    forward, backward = Examples(shipped), Examples(shipped)

    one = {name: forward.of(parse_type(name)) for name in names}
    other = {name: backward.of(parse_type(name)) for name in reversed(names)}

    assert one == other


def test_the_request_s_ids_come_back(tiny):
    value = Examples(tiny).result(tiny.operation("getContact"), {"id": 42})

    assert value["ContactId"] == 42


def test_a_list_of_ids_gives_an_item_each(tiny):
    value = Examples(tiny).result(tiny.operation("getList"), {"ids": [3, 5]})

    assert [item["PersonId"] for item in value] == [3, 5]


def test_a_default_entity_is_blank(tiny):
    value = Examples(tiny).result(tiny.operation("defaultContact"), {"id": 42})

    assert (value["ContactId"], value["Name"], value["UpdatedDate"]) == (0, "", "0001-01-01T00:00:00")
    assert (value["Persons"], value["Parent"]) == ([], None)


def test_changing_the_top_of_an_example_changes_no_other(tiny):
    examples = Examples(tiny)
    examples.of(parse_type("So.ContactEntity"))["Name"] = "changed"

    assert examples.of(parse_type("So.ContactEntity"))["Name"] != "changed"


def test_a_type_that_contains_itself_ends(tiny):
    assert Examples(tiny).of(parse_type("So.ContactEntity"))["Parent"] is None


def test_a_text_keeps_its_documented_length(tiny):
    assert len(Examples(tiny).of(parse_type("So.ContactEntity"))["Name"]) <= 20


def test_an_example_of_a_result_says_that_it_succeeded(shipped):
    examples = Examples(shipped)
    results = {
        name: {field.name for field in shipped.type(name).fields if field.type.name == "boolean"}
        & {"Success", "Succeeded", "IsOk", "Valid"}
        for name in shipped.type_names()
    }

    said = [examples.of(parse_type(name))[flag] for name, flags in results.items() for flag in flags]

    assert len(said) > 10
    assert all(said)
