"""Consents of persons, by the keys of purpose, source and legal base. Rows are those of ConsentPerson.

Source: study of entities, section a2; a withdrawn consent is not consent (pages), it stays with the legal base
WITHDRAWN where a tenant has one (assumed).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, NoRowError, Verb, Work
from mockso.state.log import Key, Value
from mockso.state.rows import Draft, Event

_TABLE = "ConsentPerson"
_WITHDRAWN = "WITHDRAWN"

_METHODS: Mapping[str, str] = {
    "SetConsent": "consent_set",
    "HasConsent": "consent_has",
    "RemoveConsent": "consent_remove",
    "GetConsentInfos": "consent_list",
}

_ADDRESSES: Mapping[tuple[str, int], str] = {
    ("GET", 0): "consent_list",
    ("GET", 1): "consent_has",
    ("PUT", 1): "consent_set",
    ("DELETE", 1): "consent_remove",
}


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on a person's consents, by its address."""
    match operation.path.split("/")[3:]:
        case ["Person", _, "Consent", *rest]:
            verb = _ADDRESSES.get((operation.method, len(rest)), "")
        case ["Agents", "Person", method]:
            verb = _METHODS.get(method, "")
        case _:
            return None
    kind = contract.kinds.get(_TABLE)
    return Plan(verb, 16, kind) if verb and kind is not None else None


def _person(work: Work, rows: Draft) -> Key:
    key: Key = work.argument("personId")
    if rows.get("Person", key) is None:
        raise NoRowError("Person", key)
    return key


def _key_of(rows: Draft, kind: str, text: Any) -> Key:
    """The id of a purpose, source or legal base by its key or name; 0 for an unknown one."""
    for key, row in rows.items(kind):
        if str(text or "").lower() in (str(row.get("Key", "")).lower(), str(row.get("Name", "")).lower()):
            return key
    return 0


def _consent(work: Work, rows: Draft) -> tuple[Key, Value] | None:
    purpose = _key_of(rows, "ConsentPurpose", work.argument("purpose"))
    consents = rows.find(_TABLE, "PersonId", _person(work, rows))
    return next(
        ((key, row) for key, row in consents if row.get("ConsentPurpose") == purpose and purpose), None
    )


def set_consent(work: Work, rows: Draft) -> Any:
    """A person with a consent for a purpose."""
    before = _consent(work, rows)
    row = {
        **(
            before[1]
            if before is not None
            else {"Registered": work.now, "RegisteredAssociateId": work.caller}
        ),
        "PersonId": _person(work, rows),
        "ConsentPurpose": _key_of(rows, "ConsentPurpose", work.argument("purpose")),
        "ConsentSource": _key_of(rows, "ConsentSource", work.argument("source")),
        "LegalBase": _key_of(rows, "LegalBase", work.argument("legalBase")),
        "Comment": work.argument("comment") or "",
    }
    if not row["ConsentPurpose"]:
        raise NoRowError("ConsentPurpose", str(work.argument("purpose")))
    if before is not None:
        row |= {"Updated": work.now, "UpdatedAssociateId": work.caller}
    rows.put(_TABLE, before[0] if before is not None else rows.next_id(_TABLE), row)
    _tell(work, rows, row["LegalBase"])


def _tell(work: Work, rows: Draft, base: Key) -> None:
    """Tell webhooks of a consent that was given or withdrawn. Source: section 16.5."""
    person = _person(work, rows)
    is_withdrawn = not base or (rows.get("LegalBase", base) or {}).get("Key") == _WITHDRAWN
    name = "unconsented" if is_withdrawn else "consented"
    rows.signal(Event(name, "Person", person, (), None, rows.get("Person", person)))


def has_consent(work: Work, rows: Draft) -> Any:
    """Whether a person consents to a purpose."""
    consent = _consent(work, rows)
    if consent is None:
        return False if work.view.is_closed else ELSEWHERE
    base = rows.get("LegalBase", consent[1].get("LegalBase", 0)) or {}
    return base.get("Key") != _WITHDRAWN


def remove_consent(work: Work, rows: Draft) -> Any:
    """A person without a consent for a purpose."""
    consent = _consent(work, rows)
    if consent is None:
        return
    base = _key_of(rows, "LegalBase", _WITHDRAWN)
    _tell(work, rows, base)
    if base:
        rows.put(_TABLE, consent[0], {**consent[1], "LegalBase": base, "Updated": work.now})
    else:
        rows.remove(_TABLE, consent[0])


def list_consents(work: Work, rows: Draft) -> Any:
    """All consents of a person."""
    consents = rows.find(_TABLE, "PersonId", _person(work, rows))
    if not consents and not work.view.is_closed:
        return ELSEWHERE
    return [_info(key, row, rows) for key, row in consents]


def _info(key: Key, row: Value, rows: Draft) -> dict[str, Any]:
    info: dict[str, Any] = {"ConsentPersonId": key, "Comment": row.get("Comment", "")}
    for name in ("Registered", "Updated"):
        info[name] = row.get(name, "0001-01-01T00:00:00")
        info[f"{name}AssociateId"] = row.get(f"{name}AssociateId", 0)
    for kind in ("LegalBase", "ConsentPurpose", "ConsentSource"):
        item = rows.get(kind, row.get(kind, 0)) or {}
        info[f"{kind}Id"] = row.get(kind, 0)
        info[f"{kind}Key"], info[f"{kind}Name"] = item.get("Key", ""), item.get("Name", "")
    return {**info, "TableRight": None, "FieldProperties": {}}


VERBS: Mapping[str, Verb] = {
    "consent_set": set_consent,
    "consent_has": has_consent,
    "consent_remove": remove_consent,
    "consent_list": list_consents,
}

READING = frozenset(["consent_has", "consent_list"])
