"""The rows of archive providers: kinds by the provider's entities and name, and those below a parent.

Source: the entities that the providers' pages name; behaviour, section 14.1 (likely).
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from mockso.archive.columns import Provider
from mockso.contract.kinds import Kind
from mockso.entities import members
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

Row = tuple[Key, Value]

# Kinds of rows by the provider's entity, in small letters.
_KINDS: Mapping[str, str] = {
    "contact": "Contact",
    "staticcontact": "Contact",
    "dynamiccontact": "Contact",
    "person": "Person",
    "staticperson": "Person",
    "appointment": "Appointment",
    "document": "Document",
    "sale": "Sale",
    "project": "Project",
    "ticket": "Ticket",
    "ticketmessage": "TicketMessage",
    "selection": "Selection",
    "quoteline": "QuoteLine",
    "role": "Role",
    "pricelist": "PriceList",
    "productinassortment": "Product",
    "projectmember": "ProjectMember",
    "salestakeholder": "SaleStakeholder",
    "relation": "ContactRelation",
    "foreignkey": "ForeignApp",
    "ejscript": "CRMScript",
    "eventhandler": "TriggerScript",
    "newsfeeditem": "NewsFeedItem",
    "systemevent": "SystemEvent",
    "consentpurpose": "ConsentPurpose",
    "quoteconnection": "QuoteConnection",
    "chat": "ChatSession",
    "chatsession": "ChatSession",
}

# Providers with these words in their names list what no row of mockso is: who follows a link, an invitation.
_NO_ROWS = ("notification", "invitation", "favourites", "saint", "saletype", "salehistory", "externalpersons")

# Providers whose entities say less than their names.
_BY_NAME: Mapping[str, tuple[str, ...]] = {
    "contactactivity": ("Appointment", "Document", "Sale"),
    "personactivity": ("Appointment", "Document", "Sale"),
    "projectactivity": ("Appointment", "Document", "Sale"),
    "participants": (),
    "links": (),
    "scripts": ("CRMScript",),
    "crmscripts": ("CRMScript",),
    "quoteline": ("QuoteLine",),
    "findquoteline": ("QuoteLine",),
    # Their rows are "all": so are those of mailings, time zones and items of lists.
    "allusers": ("Associate",),
    "internalusers": ("Associate",),
    "externalusers": ("Associate",),
    "otherusers": ("Associate",),
}

# Providers that have some of the rows of a kind.
_SOME: Mapping[str, Callable[[Value], bool]] = {
    "internalusers": lambda row: row.get("Type", _INTERNAL) == _INTERNAL,
    "externalusers": lambda row: row.get("Type") == "ExternalAssociate",
    "otherusers": lambda row: row.get("Type", _INTERNAL) not in (_INTERNAL, "ExternalAssociate"),
    "unassignedtickets": lambda row: not row.get("OwnedBy"),
}

_INTERNAL = "InternalAssociate"

# Entities that rows of a kind are only where they are marked so, and the property that marks them.
_MARKS: Mapping[str, str] = {"retired": "Retired", "retiredperson": "Retired"}


# Providers with the columns of a selection's members. Source: the behaviour page's table of collections (likely).
_FINDERS: Mapping[str, str] = {
    "Contact": "FindContact",
    "Appointment": "FindAppointment",
    "Document": "FindDocument",
    "Sale": "FindSale",
    "Project": "FindProject",
    "Selection": "FindSelection",
}


def finder_of(kind: str) -> str:
    """The provider that finds rows of a kind."""
    return _FINDERS.get(kind, kind)


def kinds_of(provider: Provider) -> tuple[str, ...]:
    """The kinds of a provider's rows, in the order of its entities; empty for one without rows."""
    name = provider.name.lower()
    if name in _BY_NAME:
        return _BY_NAME[name]
    if any(word in name for word in _NO_ROWS) or name.startswith("links"):
        return ()
    found = (_KINDS.get(entity.lower()) for entity in provider.entities)
    return tuple(dict.fromkeys(kind for kind in found if kind))


def entity_name(kind: str, provider: Provider | None) -> str:
    """The name that a row of a kind has in a provider, as the provider spells it.

    Source: section 14.3; recorded: contact, person, project, and `all` of archives of users.
    """
    if kind == "Associate":
        return "all"
    for entity in provider.entities if provider is not None else ():
        if _KINDS.get(entity.lower()) == kind:
            return entity
    return kind.lower()


def chosen_kinds(kinds: Iterable[str], provider: Provider, entities: frozenset[str]) -> list[str]:
    """The kinds that `$entities` chooses; all where it names none that there is."""
    kinds = list(kinds)
    wanted = {_KINDS.get(entity, "") for entity in entities}
    return [kind for kind in kinds if kind in wanted or kind.lower() in entities] or kinds


def belongs(provider: Provider, entities: frozenset[str], row: Row) -> bool:
    """Whether a row is of the chosen entities: those that the provider has as one of their own are not of others."""
    for entity in map(str.lower, provider.entities):
        property = _MARKS.get(entity)
        if property and row[1].get(property) and entity not in entities:
            return False
    return True


def rows_of(provider: Provider, kind: Kind, rows: Draft) -> Iterator[Row]:
    """All rows of a kind that a provider has; those of a recycle bin are the deleted ones."""
    if provider.name.lower().startswith("recycle"):
        return rows.items(f"deleted {kind.name}")
    has = _SOME.get(provider.name.lower())
    if has is not None:
        return (row for row in rows.items(kind.name) if has(row[1]))
    return rows.items(kind.name)


def rows_below(parent: Kind, key: Any, kind: Kind, provider: Provider, rows: Draft) -> list[Row]:
    """The rows of a kind that belong to a parent: those that refer to it, by any reference of their own."""
    of = parent.name
    if (of, kind.name) in (("Contact", "Project"), ("Person", "Project")):
        there = [row.get("ProjectId") for _, row in rows.find("ProjectMember", f"{of}Id", key)]
        return _get_all(rows, "Project", there)
    if (of, kind.name) == ("Project", "Contact"):
        there = [row.get("ContactId") for _, row in rows.find("ProjectMember", "ProjectId", key)]
        return _get_all(rows, "Contact", there)
    if (of, kind.name) == ("Contact", "Ticket"):
        persons = [person for person, _ in rows.find("Person", "Contact", key)]
        return [item for person in persons for item in rows.find("Ticket", "Person", person)]
    if (of, kind.name) == ("ChatTopic", "ChatSession"):
        return rows.find(kind.name, "TopicId", key)
    if (of, kind.name) == ("PriceList", "Product"):
        price_list = rows.get(of, key) or {}
        return rows.find(kind.name, "ERPPriceListKey", price_list.get("ERPPriceListKey", ""))
    names = [name for name, target in (*kind.references.items(), *kind.numbers.items()) if target == of]
    own = [name for name in names if name.removesuffix("Id") == of] or names
    found = {one: row for name in own for one, row in rows.find(kind.name, name, key)}
    if provider.name == "SaleFilteredWithStakeholder":
        # Source: its entity "includestakeholders"; sales of others in which one is a stakeholder (likely).
        there = [row.get("SaleId") for _, row in rows.find("SaleStakeholder", f"{of}Id", key)]
        found |= dict(_get_all(rows, "Sale", there))
    return sorted(found.items(), key=lambda item: (type(item[0]) is str, item[0]))


def members_of(selection: Key, kind: Kind, rows: Draft) -> list[Row]:
    """The rows of a kind that are members of a selection."""
    of = rows.get("Selection", selection)
    if of is None or members.target_of(of) != kind.name:
        return []
    return _get_all(rows, kind.name, (row["Record"] for _, row in members.members_of(rows, int(selection))))


def _get_all(rows: Draft, kind: str, keys: Iterable[Any]) -> list[Row]:
    there = ((key, rows.get(kind, key)) for key in dict.fromkeys(keys) if key)
    return [(key, row) for key, row in there if row is not None]
