"""Properties that follow from others, one table: (kind, property) to a rule over the row's other properties.

Source: recorded answers (study of entities, section b1); where none was recorded the rule is likely. `read`
takes a path, "Contact.Name", and gives None where it leads nowhere.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

# Reads a path of properties; "#Interests" is how many items of a list the row selects, "@pmembtype.TypeId" the text
# of the item of a list that a number names.
Read = Callable[[str], Any]
Rule = Callable[[Read], Any]


@dataclass(frozen=True)
class Formula:
    """A rule; `stored` marks a property that the whole carrier stores and only the simple one computes."""

    rule: Rule
    stored: bool = False


def _words(*parts: Any, by: str = " ") -> str:
    return by.join(str(part) for part in parts if part)


def _first(items: Any, name: str = "Value") -> str:
    return str(items[0].get(name, "") or "") if items else ""


def _lines(address: Any) -> str:
    """An address in lines, as it is written on a letter."""
    if not address:
        return ""
    place = address.get("Postal") or {}
    if not any(place.get(name) for name in ("Address1", "City", "Zipcode")):
        place = address.get("Street") or {}
    return _words(
        place.get("Address1"),
        place.get("Address2"),
        place.get("Address3"),
        _words(place.get("Zipcode"), place.get("City")),
        by="\r\n",
    )


def _full_name(read: Read) -> str:
    return _words(read("Firstname"), read("MiddleName"), read("Lastname"))


def _associate_name(read: Read) -> str:
    return read("Person.FullName") or read("FullName_") or read("Name") or ""


_PHONE = re.compile(r"[-+0-9 ()/.]+")
_NO_DIGIT = re.compile(r"[^0-9+]")


def _strip(item: Mapping[str, Any]) -> str:
    """A phone number's digits and plus; other texts as they are."""
    text = str(item.get("Value") or "")
    return _NO_DIGIT.sub("", text) if _PHONE.fullmatch(text) else text


def _of_person(**others: str) -> dict[str, Rule]:
    """The names of a row's person and company. `others` are properties by the path of their value."""
    paths = {
        "ContactName": "ContactId.Name",
        "Mrmrs": "PersonId.Mrmrs",
        "Firstname": "PersonId.Firstname",
        "MiddleName": "PersonId.MiddleName",
        "Lastname": "PersonId.Lastname",
        "EmailAddress": "PersonId.Email",
        **others,
    }
    # A default binds each path now, not when the rule is called.
    rules: dict[str, Rule] = {
        name: (lambda read, path=path: read(path) or "")  # type: ignore[misc]
        for name, path in paths.items()
    }
    return rules | {
        "Phone": lambda read: read("PersonId.DirectPhone") or read("PersonId.MobilePhone") or "",
        "CountryId": lambda read: read("PersonId.Country") or read("ContactId.Country") or 0,
    }


_RULES: dict[str, dict[str, Rule]] = {
    "Contact": {
        "FullName": lambda read: _words(read("Name"), read("Department"), by=", "),
        "URL": lambda read: _first(read("Urls")),
        "URLName": lambda read: _first(read("Urls"), "Description"),
        "City": lambda read: ((read("Address") or {}).get("Street") or {}).get("City") or "",
        "DirectPhone": lambda read: _first(read("Phones")),
        "EmailAddress": lambda read: _first(read("Emails")),
        "EmailAddressName": lambda read: _first(read("Emails"), "Description"),
        "FormattedAddress": lambda read: _lines(read("Address")),
        "ActiveInterests": lambda read: read("#Interests"),
        "Phone": lambda read: _first(read("Phones")),
        "Fax": lambda read: _first(read("Faxes")),
    },
    "Person": {
        "FullName": _full_name,
        "FormalName": lambda read: _words(read("Mrmrs"), _full_name(read)),
        "Email": lambda read: _first(read("Emails")),
        "EmailName": lambda read: _first(read("Emails"), "Description"),
        "DirectPhone": lambda read: _first(read("OfficePhones")),
        "MobilePhone": lambda read: _first(read("MobilePhones")),
        "FaxPhone": lambda read: _first(read("Faxes")),
        "ActiveInterests": lambda read: read("#Interests"),
        "SupportLanguageId": lambda read: read("CustomerLanguage") or 0,
    },
    "Associate": {
        "FullName": _associate_name,
        "FormalName": _associate_name,
        "PersonId": lambda read: read("Person") or 0,
        "GroupIdx": lambda read: read("UserGroup") or 0,
    },
    "ProjectMember": _of_person(
        ContactDepartment="ContactId.Department",
        ProjectName="ProjectId.Name",
        FullName="PersonId.FullName",
        EmailAddressName="PersonId.EmailName",
        ProjectMemberTypeName="@pmembtype.ProjectMemberTypeId",
    ),
    "SaleStakeholder": _of_person(
        EmailDescription="PersonId.EmailName",
        StakeholderRoleName="@stakeholderrole.StakeholderRoleId",
    ),
    "Sale": {
        "WeightedAmount": lambda read: (read("Amount") or 0) * (read("Probability") or 0) / 100,
    },
}

FORMULAS: Mapping[tuple[str, str], Formula] = {
    (kind, name): Formula(rule) for kind, rules in _RULES.items() for name, rule in rules.items()
}

# Values inside a row's own carriers, by the carrier's short name.
PARTS: Mapping[str, Mapping[str, Callable[[Mapping[str, Any]], Any]]] = {
    "EntityElement": {"StrippedValue": _strip},
    "Address": {"Formatted": _lines},
}
