"""A world's entities: read, asserted with a difference, kept aside and brought back."""

from __future__ import annotations

import pytest

from mockso.errors import EntityError, MissingEntityError
from mockso.testing.mock import open_mock


@pytest.fixture(scope="module")
def closed_mock():
    made = open_mock(world="closed", data=["none"])
    yield made
    made.close()


@pytest.fixture
def world(closed_mock):
    made = closed_mock.world()
    yield made
    made.drop()


def save(world, path="Contact", **properties):
    reply = world.client().post(path, json=properties)
    assert reply.status_code == 200, reply.text
    return reply


def test_entities_are_read_as_clients_read_them(world):
    save(world, Name="Acme", Address={"Street": {"City": "Oslo"}})
    save(world, Name="Bolt")

    assert [contact["Name"] for contact in world.entities("contact")] == ["Acme", "Bolt"]
    read = world.client().get("Contact/1").json()
    assert {name: read[name] for name in world.entity("Contact", 1)} == world.entity("Contact", 1)
    assert world.entities("Person") == []


def test_an_unknown_kind_or_id_is_told_with_the_nearest(world):
    save(world, Name="Acme")

    with pytest.raises(MissingEntityError, match=r"no kind 'Contat'\. Did you mean 'Contact'"):
        world.entities("Contat")
    with pytest.raises(
        MissingEntityError,
        match=r"Contact 17 is not in this tenant, which has 1 of them, 1\. Did you mean '1'\?",
    ):
        world.entity("Contact", 17)


def test_what_is_right_passes_in_any_letter_case(world):
    save(world, Name="Acme", Address={"Street": {"City": "Oslo"}}, Emails=[{"Value": "a@b.no"}])

    world.assert_entity(
        "CONTACT",
        1,
        name="Acme",
        **{"address.street.city": "Oslo", "Emails.0.Value": "a@b.no", "Country": None},
    )


def test_a_failure_names_path_values_and_the_last_call(world):
    save(world, Name="Acme")
    reply = world.client().patch("Contact/1", json={"Name": "Bolt"})

    with pytest.raises(AssertionError) as failure:
        world.assert_entity("Contact", 1, Name="Acme", **{"Address.street.City": "Oslo"})

    call = reply.headers["X-Mockso-Call"]
    assert str(failure.value) == (
        "Contact 1: Name: expected 'Acme', was 'Bolt'; Address.Street.City: expected 'Oslo', was '' "
        f"(changed last by call {call}, PATCH Contact/1)"
    )


@pytest.mark.parametrize("path", ["Nmae", "Country.Nmae", "Emails.0.Valeu", "Name.Value"])
def test_a_typo_is_never_a_pass(world, path):
    save(world, Name="Acme")

    with pytest.raises(EntityError, match="has no p"):
        world.assert_entity("Contact", 1, **{path: None})
    with pytest.raises(EntityError):
        world.assert_no_entity("Contat", 2)


def test_true_is_not_one(world):
    save(world, Name="Acme", NoMailing=True)

    with pytest.raises(AssertionError, match="NoMailing: expected 1, was True"):
        world.assert_entity("Contact", 1, NoMailing=1)


def test_a_missing_entity_fails_and_tells_who_deleted_it(world):
    save(world, Name="Acme")
    call = world.client().delete("Contact/1").headers["X-Mockso-Call"]

    with pytest.raises(AssertionError, match=f"deleted by call {call}"):
        world.assert_entity("Contact", 1)
    world.assert_no_entity("Contact", 1)


def test_an_entity_that_should_not_be_there_is_told_with_the_call_that_made_it(world):
    call = save(world, Name="Acme").headers["X-Mockso-Call"]

    with pytest.raises(AssertionError) as failure:
        world.assert_no_entity("Contact", 1)

    assert str(failure.value) == f"Contact 1 'Acme' is there (made by call {call}, POST Contact)"


def test_a_world_is_restored_and_forked(world, closed_mock):
    save(world, Name="Acme")
    snapshot = world.snapshot()
    save(world, Name="Bolt")
    fork = closed_mock.world()

    fork.restore(snapshot)
    save(fork, Name="Coil")
    world.restore(snapshot)

    assert [contact["Name"] for contact in world.entities("Contact")] == ["Acme"]
    assert [contact["Name"] for contact in fork.entities("Contact")] == ["Acme", "Coil"]
    fork.drop()


def test_a_reset_is_the_beginning(world):
    save(world, Name="Acme")

    world.reset()

    assert world.entities("Contact") == []
    assert save(world, Name="Bolt").json()["ContactId"] == 1


def test_a_failure_is_shown_at_the_line_of_the_test(world):
    with pytest.raises(AssertionError) as failure:
        world.assert_entity("Contact", 1)

    hidden = [entry for entry in failure.traceback if entry.frame.f_locals.get("__tracebackhide__")]
    assert len(hidden) == 1
