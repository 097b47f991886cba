"""Custom fields: the layout that is worked on, the published one, and what clients learn of the fields.

A field is a row of kind UserDefinedFieldInfo, as it is worked on; a published field that was changed or
deleted since stands as it was in kind "published field". Source: study of entities, section a1, rule 12; the
pages of UdefLayout. Publishing is done at once (assumed); extra fields of the database are not known.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.model import Operation, TypeRef
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, NoRowError, Verb, Work
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

_KIND, _PUBLISHED = "UserDefinedFieldInfo", "published field"

_TYPES: Mapping[str, str] = {
    "Number": "Integer",
    "ShortText": "ShortText",
    "LongText": "LongText",
    "Date": "Date",
    "UnlimitedDate": "DateTime",
    "Checkbox": "Checkbox",
    "List": "MdoList",
    "Decimal": "Decimal",
}

# `UdefLayout/...` of an entity, by method and the parts below.
_LAYOUT: Mapping[tuple[str, ...], str] = {
    ("GET",): "field_list",
    ("POST",): "field_add",
    ("PUT",): "field_save_all",
    ("GET", "Changed"): "field_changed",
    ("GET", "Publish"): "field_publishing",
    ("POST", "Publish"): "field_publish",
    ("GET", "Published"): "field_published",
    ("GET", "Published", "{}"): "field_published_one",
    ("POST", "Revert"): "field_revert",
    ("GET", "{}"): "field_one",
    ("DELETE", "{}"): "field_delete",
    ("POST", "{}", "ChangeTo", "{}"): "field_change_type",
}

_METHODS: Mapping[str, str] = {
    "ChangeFieldType": "field_change_type",
    "ClearCaches": "field_nothing",
    "CreateUserDefinedFieldInfo": "field_add",
    "DeleteUserDefinedFieldInfo": "field_delete",
    "DetectColumnIdChanges": "field_changed",
    "DetectUnpublishedChanges": "field_changed",
    "FigureOutListIdFromListTableIdAndUDListDefinitionId": "field_list_id",
    "GetChangedPageOneFields": "field_page_one_changed",
    "GetPublishedUserDefinedFieldFromFieldLabel": "field_published_one",
    "GetPublishedUserDefinedFieldFromProgId": "field_published_one",
    "GetPublishedUserDefinedFieldList": "field_published",
    "GetPublishedUserDefinedPageOneFields": "field_published_page_one",
    "GetUserDefinedFieldFromFieldLabel": "field_one",
    "GetUserDefinedFieldFromIds": "field_by_ids",
    "GetUserDefinedFieldFromProgId": "field_one",
    "GetUserDefinedFieldFromProgIds": "field_by_prog_ids",
    "GetUserDefinedFieldInfo": "field_one",
    "GetUserDefinedFieldList": "field_list",
    "GetUserDefinedPageOneFields": "field_page_one",
    "IsAnyPublishEventActive": "field_publishing",
    "IsPublishEventActive": "field_publishing",
    "Publish": "field_publish",
    "Revert": "field_revert",
    "SaveUserDefinedFieldInfo": "field_save",
    "SaveUserDefinedFieldInfos": "field_save_all",
    "SetListTableIdAndUDListDefinitionIdFromSelectedListId": "field_set_list",
    "SetPageOneFieldGrouping": "field_nothing",
    "SetPublishStartSystemEvent": "field_nothing",
    "SetRankOnFields": "field_rank",
    "SetUserDefinedPageOneField": "field_page_one_set",
    "GetCustomFieldInfo": "field_info",
    "GetCustomFieldInfoList": "field_infos",
}


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on custom fields, by its address."""
    kind = contract.kinds.get(_KIND)
    owner, key = "", ""
    match operation.path.split("/")[3:]:
        case ["Agents", "UserDefinedFieldInfo", method]:
            verb = _METHODS.get(method, "")
            key = "userDefinedFieldInfoId"
        case [owner, "UdefLayout", *rest]:
            shape = ["{}" if part.startswith("{") else part for part in rest]
            verb = _LAYOUT.get((operation.method, *shape), "")
            key = "progidOrLabel"
        case [owner, "CustomField", *rest] if operation.method == "GET":
            verb = "field_info" if rest else "field_infos"
        case _:
            return None
    return Plan(verb, 12, kind, kind.carrier, key=key, subject=owner) if verb and kind is not None else None


# --- layouts ------------------------------------------------------------------------------------


def _owner(work: Work) -> str:
    """The entity that a call's fields belong to."""
    names = ("ownerType", "type", "tableName")
    return work.plan.subject or str(next((item for name in names if (item := work.argument(name))), ""))


def _in_order(fields: Iterable[tuple[Key, Value]]) -> list[tuple[Key, Value]]:
    return sorted(fields, key=lambda item: (item[1].get("TabOrder") or 0, item[0]))


def _draft_fields(work: Work, rows: Draft) -> list[tuple[Key, Value]]:
    """The fields of an owner as they are worked on."""
    owner = _owner(work).lower()
    return _in_order(
        (key, row) for key, row in rows.items(_KIND) if str(row.get("Type", "")).lower() == owner
    )


def _live_fields(work: Work, rows: Draft) -> list[tuple[Key, Value]]:
    """The fields of an owner as they were published last."""
    owner = _owner(work).lower()
    before = {key: row for key, row in rows.items(_PUBLISHED) if str(row.get("Type", "")).lower() == owner}
    current = {key: row for key, row in _draft_fields(work, rows) if row.get("HasBeenPublished")}
    return _in_order({**current, **before}.items())


def _answer(work: Work, rows: Draft, fields: list[tuple[Key, Value]]) -> Any:
    if not fields and not work.view.is_closed:
        return ELSEWHERE
    return [work.compose(key, row, rows) for key, row in fields]


def _one(work: Work, fields: list[tuple[Key, Value]]) -> tuple[Key, Value]:
    """The field of a call: by its id, programmatic id or label."""
    number = work.argument("userDefinedFieldInfoId")
    name = next(
        (item for name in ("progidOrLabel", "progId", "fieldLabel") if (item := work.argument(name))), ""
    )
    for key, row in fields:
        texts = (str(row.get("ProgId", "")).lower(), str(row.get("FieldLabel", "")).lower())
        if key == number or (name and str(name).lower() in texts):
            return key, row
    raise NoRowError(_KIND, number or str(name))


def _all_fields(work: Work, rows: Draft) -> list[tuple[Key, Value]]:
    return _draft_fields(work, rows) if _owner(work) else list(rows.items(_KIND))


def _read_one(work: Work, rows: Draft, fields: list[tuple[Key, Value]]) -> Any:
    if not fields and not work.view.is_closed:
        return ELSEWHERE
    return work.compose(*_one(work, fields), rows)


def find(work: Work, rows: Draft) -> Any:
    """A field as it is worked on."""
    return _read_one(work, rows, _all_fields(work, rows))


def find_live(work: Work, rows: Draft) -> Any:
    """A field as it was published."""
    return _read_one(work, rows, _live_fields(work, rows))


def list_fields(work: Work, rows: Draft) -> Any:
    """The layout that is worked on."""
    return _answer(work, rows, _draft_fields(work, rows))


def list_live(work: Work, rows: Draft) -> Any:
    """The published layout."""
    return _answer(work, rows, _live_fields(work, rows))


def list_by_ids(work: Work, rows: Draft) -> Any:
    """The fields of several ids."""
    ids = work.argument("ids") or ()
    return _answer(work, rows, [(key, row) for key, row in rows.items(_KIND) if key in ids])


def list_by_prog_ids(work: Work, rows: Draft) -> Any:
    """The fields of several programmatic ids."""
    ids = {str(text).lower() for text in work.argument("progIds") or ()}
    fields = _draft_fields(work, rows)
    return _answer(
        work, rows, [(key, row) for key, row in fields if str(row.get("ProgId", "")).lower() in ids]
    )


# --- changes ------------------------------------------------------------------------------------


def _put(rows: Draft, key: Key, row: Value | None) -> None:
    """A field as it is worked on from now; its published form stays as it was."""
    before = rows.get(_KIND, key)
    if before is not None and before.get("HasBeenPublished") and rows.get(_PUBLISHED, key) is None:
        rows.put(_PUBLISHED, key, before)
    if row is None:
        rows.remove(_KIND, key)
    else:
        rows.put(_KIND, key, row)


def _add(rows: Draft, owner: str, row: Mapping[str, Any]) -> tuple[Key, Value]:
    key = rows.next_id(_KIND)
    number = rows.next_number(f"field of {owner}")
    empty = {"ProgId": f"SuperOffice:{number}", "FieldLabel": f"Field {number}", "TabOrder": number}
    field = {
        **empty,
        "UdefIdentity": key,
        "Version": 1,
        **{name: item for name, item in row.items() if item != ""},
    }
    field |= {"Type": row.get("Type") or owner, "HasBeenPublished": False}
    rows.put(_KIND, key, field)
    return key, field


def add(work: Work, rows: Draft) -> Any:
    """A new field of a type."""
    type = work.argument("udefFieldType") or work.argument("fieldType") or "ShortText"
    return work.compose(*_add(rows, _owner(work), {"FieldType": type}), rows)


def _save(work: Work, rows: Draft, body: Any) -> tuple[Key, Value]:
    row = work.readers.row(work.kind, body if isinstance(body, Mapping) else {})
    members = {name.lower(): item for name, item in body.items()} if isinstance(body, Mapping) else {}
    key = members.get(work.kind.key.lower()) or 0
    before = rows.get(_KIND, key) if key else None
    if before is None:
        return _add(rows, str(row.get("Type") or _owner(work)), row)
    row = {**before, **row, "HasBeenPublished": bool(before.get("HasBeenPublished"))}
    if row != before:
        _put(rows, key, row)
    return key, row


def save(work: Work, rows: Draft) -> Any:
    """A new field, or other values of one."""
    return work.compose(*_save(work, rows, work.body), rows)


def save_all(work: Work, rows: Draft) -> Any:
    """Several fields, new ones and others."""
    sent = work.argument("infos") or (work.body if isinstance(work.body, list) else [])
    return [work.compose(*_save(work, rows, body), rows) for body in sent]


def delete(work: Work, rows: Draft) -> Any:
    """A layout without a field; it stays published until the layout is. Deleting it twice is allowed."""
    try:
        key, _ = _one(work, _all_fields(work, rows))
    except NoRowError:
        return
    _put(rows, key, None)


def change_type(work: Work, rows: Draft) -> Any:
    """A field of another type."""
    type, indexed = work.argument("fieldType"), bool(work.argument("isIndexed"))
    info = work.argument("info")
    key, row = _save(work, rows, info) if isinstance(info, Mapping) else _one(work, _draft_fields(work, rows))
    row = {**row, "FieldType": type, "IsIndexed": indexed}
    _put(rows, key, row)
    return work.compose(key, row, rows)


def has_changed(work: Work, rows: Draft) -> Any:
    """Whether a layout differs from the published one."""
    return _live_fields(work, rows) != _draft_fields(work, rows)


def is_publishing(work: Work, rows: Draft) -> Any:
    """Whether a layout is being published: never, as it is done at once."""
    return False


def publish(work: Work, rows: Draft) -> Any:
    """The layout that is worked on, published. The answer is the id of the event."""
    for key, _ in _live_fields(work, rows):
        rows.remove(_PUBLISHED, key)
    for key, row in _draft_fields(work, rows):
        rows.put(_KIND, key, {**row, "HasBeenPublished": True})
    return rows.next_number("field event")


def revert(work: Work, rows: Draft) -> Any:
    """The layout as it was published last."""
    live = dict(_live_fields(work, rows))
    for key, _ in _draft_fields(work, rows):
        if key not in live:
            rows.remove(_KIND, key)
    for key, row in live.items():
        rows.put(_KIND, key, row)
        rows.remove(_PUBLISHED, key)


def do_nothing(work: Work, rows: Draft) -> Any:
    """An act that shows nowhere."""


def set_ranks(work: Work, rows: Draft) -> Any:
    """Fields in another order."""
    for number, key in enumerate(work.argument("rankedFieldsIds") or (), 1):
        row = rows.get(_KIND, key)
        if row is not None:
            _put(rows, key, {**row, "TabOrder": number})


def _page_one(fields: list[tuple[Key, Value]]) -> list[tuple[Key, Value]]:
    first = [item for item in fields if item[1].get("Page1LineNo")]
    return sorted(first, key=lambda item: item[1]["Page1LineNo"])


def list_page_one(work: Work, rows: Draft) -> Any:
    """The fields on the first page of a form."""
    return _answer(work, rows, _page_one(_draft_fields(work, rows)))


def list_live_page_one(work: Work, rows: Draft) -> Any:
    """The published fields on the first page of a form."""
    return _answer(work, rows, _page_one(_live_fields(work, rows)))


def compare_page_one(work: Work, rows: Draft) -> Any:
    """Of each field on the first page whether it differs from the published one."""
    live = dict(_live_fields(work, rows))
    return [live.get(key) != row for key, row in _page_one(_draft_fields(work, rows))]


def set_page_one(work: Work, rows: Draft) -> Any:
    """A field at a line of the first page."""
    key = work.argument("udefFieldId")
    row = rows.get(_KIND, key)
    if row is None:
        raise NoRowError(_KIND, key)
    _put(rows, key, {**row, "Page1LineNo": work.argument("fieldLineNo") or 0})


def get_list_id(work: Work, rows: Draft) -> Any:
    """The id of the list that a field takes its values from."""
    row = work.readers.row(work.kind, work.argument("info") or {})
    return row.get("UDListDefinitionId") or row.get("ListTableId") or 0


def set_list(work: Work, rows: Draft) -> Any:
    """A field with another list, not saved."""
    info = work.argument("info") or {}
    row = work.readers.row(work.kind, info) | {"UDListDefinitionId": work.argument("selectedListId") or 0}
    key = {name.lower(): item for name, item in info.items()}.get(work.kind.key.lower()) or 0
    return work.compose(key, row, rows)


# --- what clients learn -------------------------------------------------------------------------


def _info(work: Work, key: Key, row: Value) -> dict[str, Any]:
    carrier = TypeRef("carrier", work.contract.types_called("FieldInfoBase")[0])
    label = row.get("FieldLabel", "")
    sent = {
        "FieldType": _TYPES.get(str(row.get("FieldType")), "Unknown"),
        "FieldName": row.get("ProgId", ""),
        "DisplayName": label,
        "Description": row.get("Tooltip", ""),
        "Rank": row.get("TabOrder", 0),
    }
    names = work.contract.type(carrier.name).by_name
    copied = {
        name: row.get(name, "" if field.type.name == "string" else False) for name, field in names.items()
    }
    return {**copied, **sent}


def list_infos(work: Work, rows: Draft) -> Any:
    """The published custom fields of an owner."""
    fields = _live_fields(work, rows)
    if not fields and not work.view.is_closed:
        return ELSEWHERE
    return [_info(work, key, row) for key, row in fields]


def find_info(work: Work, rows: Draft) -> Any:
    """One published custom field of an owner by its name."""
    name = str(work.argument("fieldName") or "").lower()
    fields = _live_fields(work, rows)
    if not fields and not work.view.is_closed:
        return ELSEWHERE
    for key, row in fields:
        if name in (str(row.get("ProgId", "")).lower(), str(row.get("FieldLabel", "")).lower()):
            return _info(work, key, row)
    raise NoRowError(_KIND, name)


_READERS: Mapping[str, Verb] = {
    "field_one": find,
    "field_published_one": find_live,
    "field_list": list_fields,
    "field_published": list_live,
    "field_by_ids": list_by_ids,
    "field_by_prog_ids": list_by_prog_ids,
    "field_changed": has_changed,
    "field_publishing": is_publishing,
    "field_page_one": list_page_one,
    "field_published_page_one": list_live_page_one,
    "field_page_one_changed": compare_page_one,
    "field_list_id": get_list_id,
    "field_set_list": set_list,
    "field_infos": list_infos,
    "field_info": find_info,
    "field_nothing": do_nothing,
}

_WRITERS: Mapping[str, Verb] = {
    "field_add": add,
    "field_save": save,
    "field_save_all": save_all,
    "field_delete": delete,
    "field_change_type": change_type,
    "field_publish": publish,
    "field_revert": revert,
    "field_rank": set_ranks,
    "field_page_one_set": set_page_one,
}

VERBS: Mapping[str, Verb] = {**_READERS, **_WRITERS}

READING = frozenset(_READERS)
