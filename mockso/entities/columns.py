"""Columns of archives by name: which property of a kind, or of a row it refers to, a column shows.

Steps by slashes lead over references ("contact/name"); a leaf is a property by its name in any letter case, one
without the entity's own name, or an alias. Source: study of entities, section d3; likely.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.entities.compose import Composer, Source
from mockso.state.log import Key, Value

Column = Callable[[Key, Value, Source], Any]

# Leaves of columns and the properties they have, the first that a kind has. Source: study of entities, d3.
_LEAVES: Mapping[str, tuple[str, ...]] = {
    "registereddate": ("CreatedDate", "CreatedAt", "Registered"),
    "registered": ("CreatedDate", "CreatedAt", "Registered"),
    "updateddate": ("UpdatedDate", "LastChanged", "Updated"),
    "updated": ("UpdatedDate", "LastChanged", "Updated"),
    "registeredby": ("CreatedBy.Name",),
    "registeredbyfullname": ("CreatedBy.FullName",),
    "updatedby": ("UpdatedBy.Name",),
    "updatedbyfullname": ("UpdatedBy.FullName",),
    "associateid": ("Associate.Name", "AssociateId"),
    "associatedbid": ("Associate",),
    "number": ("Number2", "ProjectNumber", "PersonNumber", "Number"),
    "text": ("Description", "SaleText"),
    "stop": ("NoMailing",),
    "namedepartment": ("FullName",),
    "date": ("StartDate", "Saledate", "Date", "CreatedDate"),
    "time": ("StartDate",),
    "endtime": ("EndDate",),
    "type": ("Task", "DocumentTemplate", "SaleType", "ProjectType", "Type"),
    "status": ("ProjectStatus", "Status", "Completed"),
    "stage": ("Rating",),
    "salestatus": ("Status",),
    "probpercent": ("Probability",),
    "code": ("Number1", "Code"),
    "orgnr": ("OrgNr",),
    "persontitle": ("Title",),
    "email": ("Email", "EmailAddress"),
    "phone": ("Phone", "DirectPhone"),
    "name": ("Name", "Heading", "Title", "Header"),
}

# First parts of columns that lead to another row, by more names than the property's.
_STEPS = {
    "registeredby": "CreatedBy",
    "updatedby": "UpdatedBy",
    "contactassociate": "Associate",
    "saleassociate": "Associate",
    "projectassociate": "Associate",
    "ownedby": "OwnedBy",
}

# Steps that lead to a value of the row itself.
_OWN_STEPS = {"streetaddress": "Address.Street.", "postaddress": "Address.Postal."}

# References that columns show by their keys: recorded for those of appointments, sales and documents.
_BY_KEY = frozenset({"Contact", "Person", "Project", "Sale", "Ticket", "Appointment", "Document"})

_ID = re.compile(r"(?:[a-z]I[dD]|(?:^|[^A-Za-z])id)\Z")


class Columns:
    """The columns of one contract's kinds. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._composer = contract.derive(Composer)
        self._names: dict[str, Mapping[str, str]] = {}

    def empty(self, name: str) -> Any:
        """The value of a column without data: 0 for an id, else an empty text."""
        return 0 if _ID.search(name) else ""

    def find(self, kind: Kind, name: str) -> Column | None:
        """A function that reads a column of a kind's rows; None for a column that no property has."""
        *steps, leaf = name.split("/")
        root, path = kind, ""
        for step in steps:
            folded = step.lower()
            if folded == kind.name.lower() and not path:
                continue  # "contact/name" of a contact
            if folded.endswith("udef"):
                return self._reader(root, f"{path}UserDefinedFields.{leaf}", None, name)
            if folded.endswith("extra"):
                return self._reader(root, f"{path}ExtraFields.{leaf}", None, name)
            if folded in _OWN_STEPS:
                path += _OWN_STEPS[folded]
                return self._reader(root, path + leaf[:1].upper() + leaf[1:], None, name)
            if folded in ("email", "phone"):
                leaf = folded
                continue
            reference = self._reference(kind, folded)
            target = self._contract.kinds.get(kind.references[reference]) if reference else None
            if target is None:
                return None
            path, kind = f"{path}{reference}.", target
        property = self._property(kind, leaf)
        if not property:
            return None
        shown = None
        if property in kind.references and property not in _BY_KEY and not leaf.lower().endswith("id"):
            shown = self._contract.kinds.get(kind.references[property])
        return self._reader(root, path + property, shown, name)

    def _reader(self, root: Kind, path: str, shown: Kind | None, name: str) -> Column:
        composer, empty = self._composer, self.empty(name)

        def read(key: Key, row: Value, rows: Source) -> Any:
            value = composer.read(root, path, key, row, rows)
            if shown is not None:
                return composer.label(shown, value, rows) if value else ""
            return value if isinstance(value, str | int | float) else empty

        return read

    def _reference(self, kind: Kind, step: str) -> str:
        wanted = _STEPS.get(step, step).lower()
        names = {name.lower(): name for name in kind.references}
        return names.get(wanted) or names.get(wanted.removeprefix(kind.name.lower())) or ""

    def _property(self, kind: Kind, leaf: str) -> str:
        """The property, or the path from it, that a leaf shows; empty for none."""
        folded, names = leaf.lower(), self._properties(kind)
        short = folded.removeprefix(kind.name.lower())
        for candidate in (folded, short):
            for path in _LEAVES.get(candidate, ()):
                if path.partition(".")[0].lower() in names:
                    return path
            if candidate in names:
                return names[candidate]
            stem = candidate.removesuffix("id")
            if stem != candidate and stem in {name.lower() for name in kind.references}:
                return names[stem]
        return ""

    def _properties(self, kind: Kind) -> Mapping[str, str]:
        names = self._names.get(kind.name)
        if names is None:
            fields = (*self._contract.type(kind.simple).fields, *self._contract.type(kind.carrier).fields)
            names = {field.name.lower(): field.name for field in fields} | {"id": kind.key}
            names |= {kind.key.lower(): kind.key}
            self._names[kind.name] = names
        return names
