"""A column by the name a client gives it: as documented, or in a form that the provider's columns allow for."""

from __future__ import annotations

import re
from functools import lru_cache

from mockso.archive import database
from mockso.archive.columns import Column, Columns, Provider, provider_of
from mockso.contract.catalogue import Contract
from mockso.errors import QueryError

# Columns of fields that a tenant makes itself, and names of the database.
_OPEN = re.compile(r"(?:udef|extra)/|(?:^|/)x_|->|\[", re.IGNORECASE)


def is_of_database(provider: Provider) -> bool:
    """Whether a provider's columns are fields of the database's tables."""
    return bool(provider.table) or provider.name == database.PROVIDER


# Every provider has these two, which are not columns of a row.
SWITCHES = {"getallrows": True, "getnorows": False}


@lru_cache(8192)
def column_of(name: str, provider: Provider) -> Column | None:
    """The column of a provider by a name in any letter case; None for one that it cannot have.

    The restriction type is "any" where it is not documented: fields of a tenant's own, providers without columns.
    A step may lack the entity it begins at ("associate/name" for "contactAssociate/name") or name it
    ("contact/name" of a contact), and "category/id" is the id of what "category" shows (all likely).
    """
    found = provider.find(name)
    if found is not None:
        return found
    if is_of_database(provider):
        if name.lower() in SWITCHES:
            return Column(name, "bool", False)
        try:
            return database.column_of(name, provider.table)
        except QueryError:
            return None
    if not provider.columns or _OPEN.search(name):
        return Column(name, "any", False)
    folded = name.lower()
    step, slash, rest = folded.partition("/")
    if not slash:
        return None
    for entity in provider.entities:
        if step == entity.lower() and provider.find(rest) is not None:
            return provider.find(rest)
    longer = next((column for key, column in provider.columns.items() if key.endswith(folded)), None)
    if longer is not None:
        return longer
    listed = provider.find(folded.removesuffix("/id")) if folded.endswith("/id") else None
    return None if listed is None else Column(name, "int", listed.can_order)


def restriction_of(name: str, provider: Provider | None) -> str:
    """The restriction type of a column: empty where it cannot be restricted, "any" where it is not documented."""
    found = column_of(name, provider) if provider is not None else None
    return "any" if found is None else found.restriction


def provider_for(name: str, contract: Contract) -> Provider:
    """A provider by name; one without columns and rows where it is not known, which a setting allows."""
    return provider_of(name, contract) or Provider(name, (), Columns(()))
