"""The caller as a client reads it: the associate, person and company of a credential.

Source: behaviour, section 2.5. What a tenant's rows do not tell (licences, functional rights) is an example's.
A tenant without associates leaves the whole answer to the example.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.contract.model import Operation, TypeRef
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, Verb, Work
from mockso.state.rows import Draft


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation that answers with the caller: as principal, associate or user."""
    parts = operation.path.split("/")[3:]
    kind, result = contract.kinds.get("Associate"), operation.result
    if len(parts) != 2 or parts[0] != "User" or not parts[1].startswith("current") or kind is None:
        return None
    if result is None or result.kind != "carrier":
        return None  # the token says itself what it is
    return Plan("me" if contract.kinds.of(result.name) is kind else "me_principal", 14, kind, result.name)


def read_own(work: Work, rows: Draft) -> Any:
    """The caller's associate."""
    row = rows.get("Associate", work.caller) if work.caller else None
    return ELSEWHERE if row is None else work.compose(work.caller, row, rows)


def read_principal(work: Work, rows: Draft) -> Any:
    """The caller's associate with its person, company, group and role."""
    row = rows.get("Associate", work.caller) if work.caller else None
    if row is None:
        return ELSEWHERE

    def read(path: str, empty: Any = 0) -> Any:
        value = work.composer.read(work.kind, path, work.caller, row, rows)
        return empty if value is None else value

    principal: dict[str, Any] = dict(work.contract.derive(Examples).of(TypeRef("carrier", work.plan.form)))
    name = str(read("Name", ""))
    return principal | {
        # Source: section 2.5 has the names; what an example would make up for them says nothing of this tenant.
        "Licenses": [],
        "ProvidedCredentials": [],
        "FunctionRights": [],
        "UserType": read("Type", "") or "InternalAssociate",
        "RoleType": read("Role.RoleType", "") or "Employee",
        "Associate": name,
        "AssociateId": work.caller,
        "IsPerson": bool(read("Person")),
        "PersonId": read("Person"),
        "ContactId": read("Person.Contact"),
        "CountryId": read("Person.Contact.Country") or read("Person.Country"),
        "HomeCountryId": read("Person.Contact.Country") or read("Person.Country"),
        "BusinessId": read("Person.Contact.Business"),
        "CategoryId": read("Person.Contact.Category"),
        "ContactOwner": read("Person.Contact"),
        "GroupId": read("UserGroup"),
        "SecondaryGroups": read("OtherGroups", []) or [],
        "RoleId": read("Role"),
        "RoleName": read("Role.Name", "") or read("Role.Value", ""),
        "RoleDescription": read("Role.Tooltip", ""),
        "FullName": read("FullName", "") or name,
        "EMailAddress": read("Person.Email", ""),
        "EjUserId": read("EjUserId"),
        "UserName": read("UserName", "") or name,
        "DatabaseContextIdentifier": work.view.name or "Default",
    }


VERBS: Mapping[str, Verb] = {"me": read_own, "me_principal": read_principal}

READING = frozenset(VERBS)
