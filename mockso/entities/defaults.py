"""Values a new row starts with: one table of those that `CreateDefault...` and `default` give beyond empty ones.

Source: recorded default carriers (study of entities, section a4; behaviour, section 13); firm where recorded.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

# Properties that hold the caller's associate.
OWNERS = ("Associate", "OwnedBy", "CreatedBy", "RegisteredAssociate")

# Running numbers: the property of a kind, next free one as text.
NUMBERS: Mapping[str, str] = {
    "Contact": "Number2",
    "Person": "PersonNumber",
    "Project": "ProjectNumber",
    "Sale": "Number",
}
FIRST_NUMBER = 10001

# References that are preset to the first item of their list.
PRESETS: Mapping[str, tuple[str, ...]] = {
    "Contact": ("Country", "Business", "Category"),
    "Person": ("Country", "Position", "Category", "Business"),
    "Project": ("ProjectType", "ProjectStatus"),
    "Sale": ("Currency", "SaleType", "Source"),
    "Appointment": ("Task",),
    "Document": ("DocumentTemplate",),
    "Ticket": ("Category", "Priority", "Status", "TicketType"),
    "User": ("Role", "UserGroup"),
}

# Values that are not the empty ones of their type.
VALUES: Mapping[str, Mapping[str, Any]] = {
    "Sale": {"Status": "Open", "Probability": 0},
    "Appointment": {"Completed": "NotStarted", "Type": "inDiary"},
    "Document": {"Completed": "Unknown"},
}

OPEN_END = "9999-12-31T23:59:59.9999999"
OPEN_ENDS = frozenset({"PublishTo", "ActiveTo", "ValidTo"})
