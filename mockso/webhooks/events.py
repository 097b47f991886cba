"""Names of events: which entity they are about, and how they are spelled in a body.

Source: section 16.5. Unknown names are legal, they are an application's own events.
"""

from __future__ import annotations

import re

# Entities whose events tell which columns changed, as far as a mock can say; the names are the tables'.
ENTITIES = frozenset(
    {
        *("activity", "associate", "project", "projectmember", "relation", "salestakeholder"),
        *("contact", "person", "document", "sale", "ticket", "chatsession", "quote"),
    }
)
DELETIONS = frozenset({"deleted", "softdeleted"})

_OF_A_WEBHOOK = re.compile(r"webhook(\d+)\.(started|stopped|errors)", re.IGNORECASE)


def parts(name: str) -> tuple[str, str]:
    """Entity and verb: ("list.category", "changed"), ("test", "")."""
    entity, dot, verb = name.rpartition(".")
    return (entity, verb) if dot else (name, "")


def body_names(name: str) -> tuple[str, str]:
    """Event and entity as a body has them.

    The number of a webhook's own event stands in the header only, and its body has no entity.
    """
    own = _OF_A_WEBHOOK.fullmatch(name)
    return (f"webhook.{own[2].lower()}", "") if own else (name, parts(name)[0])


def changes(name: str) -> tuple[str, ...]:
    """The changed columns of an event for which none were given (assumed); empty for a deletion."""
    entity, verb = parts(name.lower())
    if entity not in ENTITIES or verb in DELETIONS:
        return ()
    return (f"{entity}_id", "updated", "updated_associate_id", "updatedCount")
