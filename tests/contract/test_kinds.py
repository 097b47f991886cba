"""Kinds of rows, derived from the shipped contract. Source: study of entities, sections a1 to a3."""

import pytest

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import derive_kinds

SERVICES = "SuperOffice.CRM.Services."


@pytest.fixture(scope="module")
def kinds():
    return Contract.open().kinds


def test_an_entity_that_is_saved_is_a_kind_with_its_key_and_forms(kinds):
    contact = kinds.get("contact")

    assert (contact.name, contact.key, contact.resource) == ("Contact", "ContactId", "Contact")
    assert contact.carrier == SERVICES + "ContactEntity"
    assert contact.simple == SERVICES + "Contact"
    assert kinds.of("SuperOffice.WebApi.v1.Carriers.ContactCarriers.ContactEntityWithLinks") is contact
    assert kinds.of(SERVICES + "Contact") is contact


def test_references_are_carriers_numbers_and_lists_of_other_kinds(kinds):
    person, appointment = kinds.get("Person"), kinds.get("Appointment")

    assert person.references["Contact"] == "Contact"
    assert person.references["CorrespondingAssociate"] == "Associate"
    assert appointment.numbers["SuggestedAppointmentId"] == "SuggestedAppointment"
    assert kinds.get("Ticket").lists["SecondaryPersons"] == "Person"


@pytest.mark.parametrize(
    ("kind", "name", "join"),
    [
        ("Contact", "Persons", ("Person", "Contact")),
        ("Project", "ProjectMembers", ("ProjectMember", "ProjectId")),
        ("Sale", "SaleStakeholders", ("SaleStakeholder", "SaleId")),
        ("Ticket", "Messages", ("TicketMessage", "Ticket")),
        ("Quote", "QuoteVersions", ("QuoteVersion", "QuoteId")),
    ],
)
def test_a_list_of_rows_that_refer_back_is_a_join(kinds, kind, name, join):
    assert kinds.get(kind).joins[name] == join


@pytest.mark.parametrize(
    ("kind", "key"),
    [("ContactRelation", "RelationId"), ("UserGroup", "Id"), ("TicketMessage", "EjMessageId")],
)
def test_keys_that_are_not_called_after_the_entity(kinds, kind, key):
    assert kinds.get(kind).key == key


def test_user_and_associate_are_one_kind(kinds):
    associate = kinds.get("Associate")

    assert associate.carrier == SERVICES + "User"
    assert associate.simple == SERVICES + "Associate"
    assert kinds.of_resource("User") is associate


def test_stamps_are_known_by_name(kinds):
    contact, ticket = kinds.get("Contact"), kinds.get("Ticket")

    assert (contact.created, contact.created_by) == ("CreatedDate", "CreatedBy")
    assert (contact.updated, contact.updated_by, contact.deleted) == ("UpdatedDate", "UpdatedBy", "Deleted")
    assert (ticket.created, ticket.updated, ticket.updated_by) == ("CreatedAt", "LastChanged", "")


def test_what_is_only_referred_to_is_listed_and_not_saved(kinds):
    business = kinds.get("Business")

    assert not business.saved
    assert business.key == "Id"


def test_values_that_belong_to_their_row_are_not_kinds(kinds):
    assert kinds.get("MDOListItem") is None
    assert kinds.get("EntityElement") is None


def test_the_shipped_kinds_are_those_a_fresh_look_derives(kinds):
    contract = Contract.open()
    types = {name: contract.type(name) for name in contract.type_names()}

    assert derive_kinds(list(contract.operations()), types) == list(kinds)
