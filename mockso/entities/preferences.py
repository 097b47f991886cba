"""Preferences, tab orders and favourites: facts kept for a user, a group or everybody.

A preference is a row of kind "preference" with section, key, level and target; the one closest to the caller
counts. Source: study of entities, section a1, rule 16; the order of levels is that of their enum (likely), a
preference that nobody saved is null or 404 (assumed).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation, TypeRef
from mockso.entities import mdo
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, NoRowError, Verb, Work, store
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

_TABLE = "preference"
_LEVELS = ("Undefined", "HardDefault", "SystemWide", "Database", "Group", "Individual", "PC")


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on preferences or favourites, by its address."""
    kind = contract.kinds.get("PreferenceDescription")
    match operation.path.split("/")[3:]:
        case ["Agents", "Preference", "SavePreferenceDescriptionLines"]:
            kind = contract.kinds.get("PreferenceDescriptionLine")
            verb = "description_lines_save"
        case ["Agents", "Preference", name]:
            verb = _PREFERENCE_VERBS.get(name, "")
        case ["Agents", "Favourite", name]:
            verb = _FAVOURITE_VERBS.get(name, "")
        case ["Preference", *rest]:
            verb = _ADDRESS_VERBS.get((operation.method, len(rest)), "")
        case _:
            return None
    return Plan(verb, 16, kind, kind.carrier) if verb and kind is not None else None


_PREFERENCE_VERBS: Mapping[str, str] = {
    "GetPreference": "preference_by_id",
    "GetPreferenceByName": "preference_find",
    "GetPreferenceByNameAndId": "preference_find",
    "GetPreferences": "preference_list",
    "GetPreferencesWithDisplayValues": "preference_list",
    "SavePreference": "preference_save_own",
    "SavePreferences": "preference_save_own",
    "SavePreferenceEntity": "preference_save",
    "SavePreferenceEntities": "preference_save",
    "DeletePreference": "preference_delete",
    "DeletePreferences": "preference_delete",
    "DeleteFromSectionAndKey": "description_delete",
    "GetTabOrder": "tab_order",
    "GetTabOrders": "tab_orders",
    "SaveTabOrder": "tab_order_save",
    "SaveTabOrders": "tab_order_save",
}

_FAVOURITE_VERBS: Mapping[str, str] = {
    "AddFavourite": "favourite_add",
    "AddFavourites": "favourite_add",
    "GetFavourites": "favourite_list",
    "IsFavourite": "favourite_is",
    "RemoveFavourite": "favourite_remove",
    "RemoveFavourites": "favourite_remove",
    "RemoveAllFavourites": "favourite_remove",
    "RemoveFavouritesById": "favourite_remove_by_id",
    "ToggleFavourite": "favourite_toggle",
}

_ADDRESS_VERBS: Mapping[tuple[str, int], str] = {
    ("GET", 0): "preference_sections",
    ("GET", 1): "preference_keys",
    ("GET", 2): "preference_find",
    ("PUT", 2): "preference_set",
    ("POST", 2): "preference_set",
    ("GET", 3): "preference_value",
    ("PUT", 3): "preference_set",
    ("POST", 3): "preference_set",
}


# --- preferences --------------------------------------------------------------------------------


def _same(value: Any, other: Any) -> bool:
    return str(value or "").lower() == str(other or "").lower()


def _target(work: Work, rows: Draft, level: str) -> int:
    """Whose a preference of that level is, where the call does not say."""
    if level == "Group":
        return int((rows.get("Associate", work.caller) or {}).get("UserGroup") or 0)
    return work.caller if level in ("Individual", "PC") else 0


def _closest(
    work: Work, rows: Draft, section: Any, key: Any, level: Any = None, target: Any = None
) -> tuple[Key, Value] | None:
    """The preference of a name that is closest to the caller, or the one of that level."""
    best: tuple[int, Key, Value] | None = None
    for number, row in rows.items(_TABLE):
        own = str(row["Level"])
        if not _same(row["Section"], section) or not _same(row["Key"], key):
            continue
        if level not in (None, "", "Undefined") and not _same(own, level):
            continue
        if row["TargetId"] == (target or _target(work, rows, own)):
            rank = _LEVELS.index(own)
            best = max((rank, number, row), best or (-1, 0, row), key=lambda item: item[0])
    return best[1:] if best is not None else None


def _compose(work: Work, rows: Draft, key: Key, row: Value) -> dict[str, Any]:
    text = row.get("RawValue", "")
    rights: dict[str, Any] = {"TableRight": None, "FieldProperties": {}}
    return {
        "Level": row["Level"],
        "RawValue": text,
        "Specification": {"Section": row["Section"], "Key": row["Key"], **rights},
        "DisplayValue": text,
        "DisplayTooltip": "",
        "DisplayType": row.get("DisplayType", "Unknown"),
        "TabOrder": None,
        "TargetId": row["TargetId"],
        "PrefDescId": row.get("PrefDescId", 0),
        "TableName": row.get("TableName", ""),
        "UserPreferenceId": key,
        **rights,
    }


def _names(work: Work) -> tuple[Any, Any]:
    section = work.argument("prefSection") or work.argument("section")
    return section, work.argument("prefKey") or work.argument("key")


def _missing(work: Work, name: Any) -> Any:
    if not work.view.is_closed:
        return ELSEWHERE
    raise NoRowError(_TABLE, str(name))


def find(work: Work, rows: Draft) -> Any:
    """The preference of a section and key that counts for the caller."""
    section, key = _names(work)
    row = _closest(work, rows, section, key, work.argument("prefLevel"), work.argument("ownerId"))
    return _missing(work, f"{section}/{key}") if row is None else _compose(work, rows, *row)


def find_by_id(work: Work, rows: Draft) -> Any:
    """A preference by its id."""
    row = rows.get(_TABLE, work.argument("id"))
    return (
        _missing(work, work.argument("id")) if row is None else _compose(work, rows, work.argument("id"), row)
    )


def value(work: Work, rows: Draft) -> Any:
    """The bare value of a preference at a level."""
    section, key = _names(work)
    row = _closest(work, rows, section, key, work.argument("prefLevel"))
    return _missing(work, f"{section}/{key}") if row is None else row[1].get("RawValue", "")


def list_preferences(work: Work, rows: Draft) -> Any:
    """The preferences of several sections and keys, a section as a whole where no key is given."""
    pairs: dict[Key, Value] = {}
    for specification in work.argument("specifications") or ():
        members = {name.lower(): item for name, item in specification.items()}
        section, key = members.get("section"), members.get("key")
        keys = (
            [key] if key else [row["Key"] for _, row in rows.items(_TABLE) if _same(row["Section"], section)]
        )
        for name in keys:
            closest = _closest(work, rows, section, name)
            if closest is not None:
                pairs[closest[0]] = closest[1]
    if not pairs and not work.view.is_closed:
        return ELSEWHERE
    return [_compose(work, rows, key, row) for key, row in pairs.items()]


def _bodies(work: Work) -> list[dict[str, Any]]:
    """The preferences of a request, by documented names."""
    sent = work.argument("preferences") or [work.argument("preference") or work.body or {}]
    carrier = TypeRef("carrier", work.contract.types_called("Preference")[0])
    bodies = [work.readers.value(carrier, item) for item in sent]
    return [body for body in bodies if isinstance(body, dict)]


def _save(work: Work, rows: Draft, body: Mapping[str, Any], *, own: bool = False) -> dict[str, Any]:
    specification = body.get("Specification") or {}
    section = work.argument("section") or specification.get("Section", "")
    key = work.argument("key") or specification.get("Key", "")
    level = str(work.argument("prefLevel") or body.get("Level") or "Individual")
    if own or level == "Undefined":
        level = "Individual"
    target = (0 if own else body.get("TargetId")) or _target(work, rows, level)
    before = _closest(work, rows, section, key, level, target)
    number = before[0] if before is not None else rows.next_id(_TABLE)
    row = {name: body[name] for name in ("DisplayType", "PrefDescId", "TableName") if name in body}
    row |= {"Section": section, "Key": key, "Level": level, "TargetId": target}
    row["RawValue"] = str(body.get("RawValue", ""))
    rows.put(_TABLE, number, row)
    return _compose(work, rows, number, row)


def save_own(work: Work, rows: Draft) -> Any:
    """Preferences of the caller, whatever level they name. Source: the page of SavePreferences."""
    for body in _bodies(work):
        _save(work, rows, body, own=True)


def save(work: Work, rows: Draft) -> Any:
    """Preferences of any level and target; the last one is the answer."""
    preferences = [_save(work, rows, body) for body in _bodies(work)]
    return preferences[-1] if preferences else None


def set_value(work: Work, rows: Draft) -> Any:
    """A preference by the section, key and level of an address."""
    text = work.argument("value")
    _save(work, rows, {"RawValue": text} if text is not None else next(iter(_bodies(work)), {}))


def delete(work: Work, rows: Draft) -> Any:
    """No preferences of these ids."""
    for key in work.argument("ids") or [work.argument("id")]:
        rows.remove(_TABLE, key)


def delete_description(work: Work, rows: Draft) -> Any:
    """No descriptions of a section and key."""
    section, key = _names(work)
    for number, row in list(rows.items("PreferenceDescription")):
        if _same(row.get("Section"), section) and _same(row.get("Key"), key):
            rows.remove("PreferenceDescription", number)


def save_lines(work: Work, rows: Draft) -> Any:
    """Lines of descriptions, new ones and others."""
    saved = []
    for body in work.argument("preferenceDescriptionLines") or ():
        row = work.readers.row(work.kind, body)
        sent = {name.lower(): item for name, item in body.items()}.get(work.kind.key.lower())
        key = sent or rows.next_id(work.kind.name)
        saved.append(work.compose(key, store(work, rows, key, row, rows.get(work.kind.name, key)), rows))
    return saved


def _items(name: str, texts: Iterator[str]) -> list[dict[str, Any]]:
    list = mdo.ItemList(name, name, None)
    return [mdo.item(list, number, {"Name": text}) for number, text in enumerate(sorted(set(texts)), 1)]


def sections(work: Work, rows: Draft) -> Any:
    """The sections that have preferences or descriptions."""
    tables = (_TABLE, "PreferenceDescription")
    items = _items(
        "preferencesection", (row.get("Section", "") for table in tables for _, row in rows.items(table))
    )
    return items or (ELSEWHERE if not work.view.is_closed else [])


def keys(work: Work, rows: Draft) -> Any:
    """The keys of a section."""
    section = work.argument("section")
    tables = (_TABLE, "PreferenceDescription")
    items = _items(
        "preferencekey",
        (
            row.get("Key", "")
            for table in tables
            for _, row in rows.items(table)
            if _same(row.get("Section", ""), section)
        ),
    )
    return items or (ELSEWHERE if not work.view.is_closed else [])


# --- tab orders ---------------------------------------------------------------------------------


def _tab_order(key: Key, row: Value) -> dict[str, Any]:
    return {"TabOrderId": key, **row, "TableRight": None, "FieldProperties": {}}


def _tab_orders(work: Work, rows: Draft) -> list[tuple[Key, Value]]:
    return rows.find("tab order", "AssociateId", work.caller)


def tab_order(work: Work, rows: Draft) -> Any:
    """The caller's order of the tabs of a window."""
    for key, row in _tab_orders(work, rows):
        if _same(row["TabName"], work.argument("tabName")):
            return _tab_order(key, row)
    return _missing(work, work.argument("tabName"))


def tab_orders(work: Work, rows: Draft) -> Any:
    """All tab orders of the caller."""
    return [_tab_order(key, row) for key, row in _tab_orders(work, rows)]


def save_tab_order(work: Work, rows: Draft) -> Any:
    """Tab orders of the caller."""
    for sent in work.argument("tabOrders") or [work.argument("tabOrder") or {}]:
        members = {name.lower(): item for name, item in sent.items()}
        name = str(members.get("tabname") or "")
        before = next((key for key, row in _tab_orders(work, rows) if _same(row["TabName"], name)), 0)
        row = {"TabName": name, "Order": str(members.get("order") or ""), "AssociateId": work.caller}
        rows.put("tab order", before or rows.next_id("tab order"), row)


# --- favourites ---------------------------------------------------------------------------------


def _favourites(work: Work, rows: Draft, record: Any = None) -> list[tuple[Key, Value]]:
    """The favourites of an associate, the caller where none is named, in a table."""
    associate, table = work.argument("associateId") or work.caller, work.argument("tableName")
    return [
        (key, row)
        for key, row in rows.find("favourite", "AssociateId", associate)
        if _same(row["TableName"], table) and record in (None, row["RecordId"])
    ]


def add_favourite(work: Work, rows: Draft) -> Any:
    """Records as favourites of an associate."""
    for record in work.argument("recordIds") or [work.argument("recordId")]:
        if not _favourites(work, rows, record):
            row = {
                "TableName": work.argument("tableName"),
                "RecordId": record,
                "AssociateId": work.argument("associateId") or work.caller,
                "ExtraInfo": work.argument("extraInfo") or "",
                "Rank": len(_favourites(work, rows)) + 1,
            }
            rows.put("favourite", rows.next_id("favourite"), row)


def list_favourites(work: Work, rows: Draft) -> Any:
    """The favourites of an associate in a table."""
    rights: dict[str, Any] = {"TableRight": None, "FieldProperties": {}}
    return [{**row, **rights} for _, row in _favourites(work, rows)]


def is_favourite(work: Work, rows: Draft) -> Any:
    """Whether a record is a favourite of an associate."""
    return bool(_favourites(work, rows, work.argument("recordId")))


def remove_favourite(work: Work, rows: Draft) -> Any:
    """An associate without a favourite, some of them, or all of a table."""
    for record in work.argument("recordIds") or [work.argument("recordId")]:
        for key, _ in _favourites(work, rows, record):
            rows.remove("favourite", key)


def remove_favourites_by_id(work: Work, rows: Draft) -> Any:
    """No favourites of these ids."""
    for key in work.argument("favouriteIds") or ():
        rows.remove("favourite", key)


def toggle_favourite(work: Work, rows: Draft) -> Any:
    """Whether a record is a favourite after it was made one, or none."""
    if _favourites(work, rows, work.argument("recordId")):
        remove_favourite(work, rows)
        return False
    add_favourite(work, rows)
    return True


VERBS: Mapping[str, Verb] = {
    "preference_find": find,
    "preference_by_id": find_by_id,
    "preference_value": value,
    "preference_list": list_preferences,
    "preference_save_own": save_own,
    "preference_save": save,
    "preference_set": set_value,
    "preference_delete": delete,
    "description_delete": delete_description,
    "description_lines_save": save_lines,
    "preference_sections": sections,
    "preference_keys": keys,
    "tab_order": tab_order,
    "tab_orders": tab_orders,
    "tab_order_save": save_tab_order,
    "favourite_add": add_favourite,
    "favourite_list": list_favourites,
    "favourite_is": is_favourite,
    "favourite_remove": remove_favourite,
    "favourite_remove_by_id": remove_favourites_by_id,
    "favourite_toggle": toggle_favourite,
}

READING = frozenset(
    [
        "preference_find",
        "preference_by_id",
        "preference_value",
        "preference_list",
        "preference_sections",
        "preference_keys",
        "tab_order",
        "tab_orders",
        "favourite_list",
        "favourite_is",
    ]
)
