"""PATCH applied: the real server's peculiarities (section 13.1), on a tiny entity and on all 36."""

import json

import pytest

from mockso.config import Settings
from mockso.contract.examples import key_of
from mockso.contract.model import parse_type
from mockso.engine import Engine
from mockso.entities.formulas import FORMULAS
from mockso.formats.patch import ConflictError, UnpatchableError, apply_patch, canonical
from mockso.journal.journal import Journal
from tests.conftest import call
from tests.making import register

CONTACT = parse_type("So.ContactEntity")
CURRENT = {
    "ContactId": 17,
    "Name": "Acme",
    "Active": True,
    "Turnover": 1.5,
    "UpdatedDate": "2026-01-01T00:00:00",
    "Kind": "Company",
    "Picture": None,
    "Persons": [{"PersonId": 3, "Firstname": "Ann"}, {"PersonId": 4, "Firstname": "Bo"}],
    "Parent": {"ContactId": 9, "Name": "Whole", "Extra": {"x": "1"}},
    "Extra": {"SuperOffice:1": "a", "x_size": "5"},
}


def applied(tiny, patch):
    return apply_patch(CURRENT, patch, CONTACT, tiny)[0]


def op(verb, path, *value):
    return {"op": verb, "path": path, **({"value": value[0]} if value else {})}


@pytest.mark.parametrize(
    ("operation", "name", "expected"),
    [
        (op("replace", "/Name", "New"), "Name", "New"),
        (op("replace", "name", "New"), "Name", "New"),
        (op("REPLACE", "/NAME", "New"), "Name", "New"),
        (op("add", "/Name", "New"), "Name", "New"),
        (op("add", "/Persons/-", {"firstname": "Cy"}), "Persons", [*CURRENT["Persons"], {"Firstname": "Cy"}]),
        (op("add", "/Persons/0", {"PersonId": 1}), "Persons", [{"PersonId": 1}, *CURRENT["Persons"]]),
        (op("add", "/Persons/2", {"PersonId": 1}), "Persons", [*CURRENT["Persons"], {"PersonId": 1}]),
        (
            op("replace", "/persons/1/FIRSTNAME", "Bea"),
            "Persons",
            [CURRENT["Persons"][0], {"PersonId": 4, "Firstname": "Bea"}],
        ),
        (op("remove", "/Persons/0"), "Persons", CURRENT["Persons"][1:]),
        (op("replace", "/Persons", []), "Persons", []),
        (op("replace", "Extra/X_Size", "6"), "Extra", {"SuperOffice:1": "a", "x_size": "6"}),
        (op("add", "Extra/x_new", "7"), "Extra", {**CURRENT["Extra"], "x_new": "7"}),
        (op("remove", "/Extra/SuperOffice:1"), "Extra", {"x_size": "5"}),
        (op("add", "/Extra/a~1b~0c", "1"), "Extra", {**CURRENT["Extra"], "a/b~c": "1"}),
        (op("replace", "Parent/ContactId", 5), "Parent", {**CURRENT["Parent"], "ContactId": 5}),
        (op("replace", "/Picture", "YQ=="), "Picture", "YQ=="),
        (op("remove", "/Name"), "Name", None),
        (op("remove", "/Active"), "Active", False),
        (op("remove", "/Turnover"), "Turnover", 0.0),
        (op("remove", "/UpdatedDate"), "UpdatedDate", "0001-01-01T00:00:00"),
        (op("replace", "/Kind", None), "Kind", "Unknown"),
        (op("replace", "/Parent", None), "Parent", None),
        (op("replace", "/TableRight", {}), "Name", "Acme"),
    ],
)
def test_an_operation(tiny, operation, name, expected):
    made = applied(tiny, [operation])

    assert made[name] == expected
    assert {key: value for key, value in made.items() if key != name} == {
        k: v for k, v in CURRENT.items() if k != name
    }


@pytest.mark.parametrize(
    ("operation", "words"),
    [
        (op("replace", "/Persons/2", {}), "the list has 2 items"),
        (op("add", "/Persons/3", {}), "the list has 2 items"),
        (op("remove", "/Persons/-"), "only add can use it"),
        (op("remove", "/Extra/none"), "no key 'none'"),
        (op("replace", "/Parent/Parent/Name", "x"), "operation 0"),
        (op("add", "/Extra/x/y", "x"), "operation 0"),
    ],
)
def test_what_the_entity_does_not_allow_is_told(tiny, operation, words):
    with pytest.raises(UnpatchableError, match=words):
        applied(tiny, [operation])


@pytest.mark.parametrize(
    ("path", "value", "holds"),
    [
        ("/Name", "Acme", True),
        ("/Name", "acme", False),
        ("/Active", True, True),
        ("/Active", 1, False),
        ("/Turnover", 1.5, True),
        ("/ContactId", 17.0, True),
        ("/Persons/0", {"personId": 3, "firstname": "Ann"}, True),
        ("/Persons", [], False),
        ("/Extra/x_size", "5", True),
        ("/Picture", None, True),
        ("/Parent/Extra", {"x": "1"}, True),
    ],
)
def test_a_test_holds_or_is_a_conflict(tiny, path, value, holds):
    operations = [op("test", path, value)]

    if holds:
        assert applied(tiny, operations) == CURRENT
    else:
        with pytest.raises(ConflictError, match="operation 0"):
            applied(tiny, operations)


def test_it_is_all_or_nothing(tiny):
    before = json.dumps(CURRENT)

    with pytest.raises(ConflictError):
        applied(tiny, [op("replace", "/Name", "x"), op("add", "/Persons/-", {}), op("test", "/Name", "Acme")])

    assert json.dumps(CURRENT) == before


# --- merge


def test_a_merge_sets_appends_replaces_and_reaches_into_members(tiny):
    made, skipped = apply_patch(
        CURRENT,
        {
            "name": "New",
            "Active": None,
            "Persons": {"FirstName": "Cy"},
            "Parent": {"name": "Deep", "Extra": {"y": "2"}},
            "Extra": {"X_SIZE": "6", "new": "7"},
            "TableRight": {"Mask": "None"},
            "Nonsense": 1,
        },
        CONTACT,
        tiny,
    )

    assert skipped == []
    assert (made["Name"], made["Active"]) == ("New", True)
    assert made["Persons"] == [*CURRENT["Persons"], {"Firstname": "Cy"}]
    assert made["Parent"] == {"ContactId": 9, "Name": "Deep", "Extra": {"x": "1", "y": "2"}}
    assert made["Extra"] == {"SuperOffice:1": "a", "x_size": "6", "new": "7"}
    assert "Nonsense" not in made
    assert "TableRight" not in made


def test_a_list_in_a_merge_replaces(tiny):
    assert applied(tiny, {"Persons": [{"PersonId": 1}]})["Persons"] == [{"PersonId": 1}]


def test_a_merge_does_not_set_what_is_null_now(tiny):
    made, skipped = apply_patch(CURRENT, {"Picture": "YQ==", "Name": "x"}, CONTACT, tiny)

    assert (made["Picture"], skipped) == (None, ["Picture"])


def test_posted_names_become_the_documented_ones(tiny):
    value = {"NAME": "x", "persons": [{"firstName": "y", "zip": 1}], "extra": {"Key": "v"}}

    assert canonical(value, CONTACT, tiny) == {
        "Name": "x",
        "Persons": [{"Firstname": "y"}],
        "Extra": {"Key": "v"},
    }


# --- through the engine


def patch(engine, body, **parts):
    reply = engine.handle(call("PATCH", body=body, **parts))
    return reply, json.loads(reply.body)


def test_a_patch_answers_with_the_whole_entity(engine):
    reply, value = patch(engine, [op("replace", "name", "New"), op("add", "Persons/-", {"PersonId": 8})])

    assert (reply.status, value["Name"], value["ContactId"]) == (200, "New", 17)
    assert value["Persons"][-1]["PersonId"] == 8


def test_the_id_in_the_address_stays(engine):
    assert patch(engine, [op("replace", "ContactId", 3)])[1]["ContactId"] == 17


def test_a_failed_test_is_409_in_the_envelope(engine):
    reply, value = patch(engine, [op("test", "/Name", "other"), op("replace", "/Name", "x")])

    assert (reply.status, value["Error"], reply.header("X-Mockso-Fidelity")) == (409, True, "assumed")
    assert "operation 0 (test /Name)" in reply.header("X-Mockso-Reason")


def test_what_cannot_be_done_is_400(engine):
    assert patch(engine, [op("remove", "/Persons/5")])[0].status == 400


@pytest.mark.parametrize("verb", ["move", "copy"])
def test_move_and_copy_are_refused(engine, verb):
    reply, _ = patch(engine, [{"op": verb, "from": "/Name", "path": "/Kind"}])

    assert reply.status == 400
    assert "the server does not support it" in reply.header("X-Mockso-Reason")


def test_an_object_for_a_list_is_a_merge_and_no_fault(engine):
    reply, value = patch(engine, {"Persons": {"PersonId": 8}})
    wrong, _ = patch(engine, {"Persons": {"PersonId": "many"}})

    assert (reply.header("X-Mockso-Warning"), value["Persons"][-1]["PersonId"]) == ("", 8)
    assert "body.Persons.PersonId" in wrong.header("X-Mockso-Reason")


def test_a_skipped_null_is_told_in_a_header(engine):
    assert "Parent" in patch(engine, {"Parent": {"Name": "x"}})[0].header("X-Mockso-Hint")


def test_a_lone_text_deep_in_an_address_is_refused(shipped):
    engine = Engine(Settings(world="open"), [shipped], Journal())
    parts = {"path": "/api/v1/Contact/17"}

    lone, _ = patch(engine, [op("replace", "Address/Street/City", "Oslo")], **parts)
    whole, value = patch(engine, [op("replace", "Address/Street", {"City": "Oslo"})], **parts)

    assert (lone.status, whole.status, value["Address"]["Street"]["City"]) == (400, 200, "Oslo")
    assert "give the whole of 'Address/Street'" in lone.header("X-Mockso-Reason")


def test_every_entity_that_has_a_patch_takes_all_its_forms(shipped):
    """Section 13.1: 36 entities, each with JSON Patch, merge patch, a conflict and a refusal."""
    engine = Engine(Settings(world="open", grants=("*",)), [shipped], Journal())
    operations = [operation for operation in shipped.operations() if operation.method == "PATCH"]

    assert len(operations) == 36
    for operation in operations:
        parts = {"path": operation.path.partition("{")[0] + "7"}
        assert operation.result is not None
        typedef = shipped.type(operation.result.name)
        kind = shipped.kinds.of(typedef.name)
        own = typedef.by_name[kind.forms[typedef.name]] if kind is not None else key_of(typedef)
        field = next(
            f
            for f in typedef.fields
            if f.type.name in ("string", "int32", "boolean")
            and f is not own
            and (kind is None or (kind.name, f.name) not in FORMULAS)  # what follows from others is not set
        )
        register(engine.tenants, "Cust12345", shipped)
        example = json.loads(engine.handle(call(**parts)).body)
        new = {"string": "New", "int32": 4711, "boolean": not example[field.name]}[field.type.name]
        other = {"string": "other", "int32": -5, "boolean": None}[field.type.name]

        changed, value = patch(
            engine,
            [op("test", field.name, example[field.name]), op("replace", field.name.upper(), new)],
            **parts,
        )
        merged, merged_value = patch(engine, {field.name.lower(): new}, **parts)
        conflict, _ = patch(engine, [op("test", field.name, other)], **parts)
        refused, _ = patch(engine, [op("move", field.name, "x")], **parts)

        assert (changed.status, value[field.name]) == (200, new), operation.id
        assert (merged.status, merged_value[field.name]) == (200, new), operation.id
        assert (conflict.status, refused.status) == (409, 400), operation.id
        assert own is None or value[own.name] == 7, operation.id


@pytest.mark.parametrize(("value", "member"), [("company", "Company"), (1, "Company"), ("2", "Person")])
def test_members_of_enumerations_get_their_documented_names(tiny, value, member):
    assert canonical({"kind": value}, CONTACT, tiny) == {"Kind": member}


@pytest.mark.parametrize("value", ["Firm", 9, -1, True])
def test_a_value_that_is_not_a_member_stays_as_it_is(tiny, value):
    assert canonical({"kind": value}, CONTACT, tiny) == {"Kind": value}
