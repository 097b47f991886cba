"""Documents that are checked out: by whom, and who may check them in. Source: behaviour, section 10.5."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.entities.contents import bytes_name, owner_key, report
from mockso.entities.verbs import Verb, Work
from mockso.state.rows import Draft


def _holder(work: Work, rows: Draft) -> tuple[str, int]:
    name = bytes_name(work, owner_key(work, rows))
    row = rows.get("lock", name)
    return name, int(row["Associate"]) if row is not None else 0


def lock_state(work: Work, rows: Draft) -> Any:
    """The lock of a document, as the caller sees it."""
    _, holder = _holder(work, rows)
    associate = work.contract.kinds.get("Associate")
    name = work.composer.label(associate, holder, rows) if holder and associate is not None else ""
    own = "CheckedOutOwn" if holder == work.caller else "CheckedOutOther"
    row = rows.get("lock", bytes_name(work, owner_key(work, rows)))
    return {"State": own if row is not None else "NotCheckedOut", "AssociateId": holder, "Name": name}


def lock(work: Work, rows: Draft) -> Any:
    """A document checked out by the caller, unless another has it."""
    name, holder = _holder(work, rows)
    if rows.get("lock", name) is not None and holder != work.caller:
        return report(success=False, text="The document is checked out by another user.")
    rows.put("lock", name, {"Associate": work.caller})
    return report()


def unlock(work: Work, rows: Draft) -> Any:
    """A document checked in, or left as it was, by the one who has it."""
    name, holder = _holder(work, rows)
    if rows.get("lock", name) is not None and holder != work.caller:
        return report(success=False, text="The document is checked out by another user.")
    rows.remove("lock", name)
    return report()


VERBS: Mapping[str, Verb] = {
    "lock_read": lock_state,
    "lock_take": lock,
    "lock_leave": unlock,
}

READING = frozenset(["lock_read"])
