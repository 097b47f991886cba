"""Foreign keys: values that other systems keep with a tenant's rows, by application, device, key, table, record.

Applications and devices are rows of their kinds, keys rows of kind "foreign key". An application or a device
that a key is added to is made where it does not exist (assumed). Source: study of entities, section a1, rule 11;
that a blank table or record 0 deletes all keys of a name is from the pages.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Operation
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, NoRowError, Verb, Work
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

_TABLE = "foreign key"
_APP_NAMES = ("applicationName", "appName")


# --- plans --------------------------------------------------------------------------------------


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on foreign keys, devices, or applications by their name."""
    parts = operation.path.split("/")[3:]
    devices = contract.kinds.get("ForeignDevice")
    if devices is None:
        return None
    if len(parts) == 3 and parts[2] == "ForeignKey" and operation.method == "GET":
        owner = contract.kinds.of_resource(parts[0])
        return Plan("keys_of_row", 11, owner, key=parts[1][1:-1]) if owner is not None else None
    if parts[0] != "ForeignApp" and parts[:2] != ["Agents", "ForeignSystem"]:
        return None
    verb = _verb(operation, parts, contract)
    if not verb:
        return None
    result = operation.result
    form = result.item or result if result is not None else None
    return Plan(verb, 11, devices, form.name if form is not None and form.kind == "carrier" else "")


def _verb(operation: Operation, parts: list[str], contract: Contract) -> str:
    result, method = operation.result, parts[-1]
    names = {parameter.name for parameter in operation.parameters if parameter.location == "path"}
    if operation.body is not None and operation.takes_arguments:
        names |= {field.name for field in contract.type(operation.body.name).fields}
    names = {name.lower() for name in names}
    saves = method.startswith(("Add", "Save")) if operation.is_agent else operation.method in ("POST", "PUT")
    if not names & {"applicationname", "appname", "entitytype"}:
        return ""
    if result is None:
        return "key_delete" if names & {"keyname", "foreignkey"} else "device_delete"
    if result.kind == "map":
        return "keys_of_row"
    if result.name == "string":
        return "key_value"
    short = (result.item or result).name.rpartition(".")[2]
    subject = {"ForeignKey": "key", "ForeignDevice": "device", "ForeignAppEntity": "app"}.get(short, "")
    act = "list" if result.kind == "list" else "save" if saves else "find"
    return f"{subject}_{act}" if subject else ""


# --- applications and devices -------------------------------------------------------------------


def _same(value: Any, other: Any) -> bool:
    return str(value or "").lower() == str(other or "").lower()


def _app_name(work: Work) -> str:
    return str(next((name for name in map(work.argument, _APP_NAMES) if name), ""))


def _app(work: Work, rows: Draft) -> tuple[Key, Value] | None:
    name = _app_name(work)
    return next(((key, row) for key, row in rows.items("ForeignApp") if _same(row.get("Name"), name)), None)


def _devices(work: Work, rows: Draft) -> list[tuple[Key, Value]]:
    """The devices a call is about: those of an application, by name and identifier where they are given."""
    app = _app(work, rows)
    if app is None:
        return []
    device, identifier = work.argument("deviceName"), work.argument("deviceIdentifier")
    return [
        (key, row)
        for key, row in rows.find("ForeignDevice", "ForeignAppId", app[0])
        if (device is None or _same(row.get("Name"), device))
        and (identifier is None or _same(row.get("DeviceIdentifier"), identifier))
    ]


def _add_app(work: Work, rows: Draft) -> tuple[Key, Value]:
    app = _app(work, rows)
    if app is None:
        row = {
            "Name": _app_name(work),
            "CreatedDate": work.now,
            "CreatedBy": work.caller,
            "UpdatedDate": work.now,
        }
        app = rows.next_id("ForeignApp"), row
        rows.put("ForeignApp", *app)
    return app


def _add_device(work: Work, rows: Draft) -> tuple[Key, Value]:
    for device in _devices(work, rows):
        return device
    row = {
        "Name": str(work.argument("deviceName") or ""),
        "DeviceIdentifier": str(work.argument("deviceIdentifier") or ""),
        "ForeignAppId": _add_app(work, rows)[0],
        "CreatedDate": work.now,
        "UpdatedDate": work.now,
    }
    key = rows.next_id("ForeignDevice")
    rows.put("ForeignDevice", key, row)
    return key, row


def _none(work: Work, kind: str, *names: str) -> Any:
    """Leave a missing row to the example of an open world, else raise an error with the name of the call."""
    if not work.view.is_closed:
        return ELSEWHERE
    raise NoRowError(kind, next((str(work.argument(name)) for name in names if work.argument(name)), ""))


def find_app(work: Work, rows: Draft) -> Any:
    """An application by its name."""
    app = _app(work, rows)
    return work.compose(*app, rows) if app is not None else _none(work, "ForeignApp", *_APP_NAMES)


def save_app(work: Work, rows: Draft) -> Any:
    """An application of that name, made where it does not exist."""
    return work.compose(*_add_app(work, rows), rows)


def find_device(work: Work, rows: Draft) -> Any:
    """A device by its name or identifier."""
    for device in _devices(work, rows):
        return work.compose(*device, rows)
    return _none(work, "ForeignDevice", "deviceName", "deviceIdentifier", *_APP_NAMES)


def list_devices(work: Work, rows: Draft) -> Any:
    """The devices of an application."""
    return [work.compose(*device, rows) for device in _devices(work, rows)]


def save_device(work: Work, rows: Draft) -> Any:
    """A device of that name, with the values that were sent."""
    sent = _carrier(work, "foreignDevice")
    named = {"devicename": sent.get("Name"), "deviceidentifier": sent.get("DeviceIdentifier")}
    missing = {name: item for name, item in named.items() if item and work.argument(name) is None}
    whole = _with_arguments(work, missing)
    key, row = _add_device(whole, rows)
    row = {**row, **{name: sent[name] for name in ("Name", "DeviceIdentifier") if name in sent}}
    rows.put("ForeignDevice", key, {**row, "UpdatedDate": work.now})
    return work.compose(key, {**row, "UpdatedDate": work.now}, rows)


def delete_device(work: Work, rows: Draft) -> Any:
    """An application without a device, and without its keys."""
    sent = _carrier(work, "foreignDevice")
    for key, _ in _devices(
        _with_arguments(work, {"devicename": sent["Name"]} if sent.get("Name") else {}), rows
    ):
        rows.remove("ForeignDevice", key)
        for number, _ in rows.find(_TABLE, "Device", key):
            rows.remove(_TABLE, number)


def _with_arguments(work: Work, more: Mapping[str, Any]) -> Work:
    return replace(work, arguments={**work.arguments, **more})


def _carrier(work: Work, name: str) -> dict[str, Any]:
    """A carrier that was sent, as a member of the request or as its body, by documented names."""
    sent = work.argument(name)
    sent = sent if isinstance(sent, Mapping) else work.body if isinstance(work.body, Mapping) else {}
    names = {"key": "Key", "value": "Value", "recordid": "RecordId", "tablename": "TableName"}
    names |= {"name": "Name", "deviceidentifier": "DeviceIdentifier"}
    return {names[member.lower()]: item for member, item in sent.items() if member.lower() in names}


# --- keys ---------------------------------------------------------------------------------------


def _keys(work: Work, rows: Draft) -> Iterator[tuple[Key, Value]]:
    """The keys that all arguments of a call fit; a blank table and record 0 fit all."""
    devices = {key for key, _ in _devices(work, rows)}
    arguments = {
        "Key": work.argument("keyName"),
        "Value": work.argument("keyValue") or work.argument("value"),
    }
    arguments |= {"TableName": work.argument("tableName"), "RecordId": work.argument("recordId")}
    if isinstance(work.argument("foreignKey"), Mapping):
        arguments["Key"] = _carrier(work, "foreignKey").get("Key")
    for key, row in rows.items(_TABLE):
        if row.get("Device") in devices and all(
            not item or _same(row.get(name), item) for name, item in arguments.items()
        ):
            yield key, row


def _compose(work: Work, row: Value) -> dict[str, Any]:
    kinds = ("Key", "Value", "RecordId", "CreatedDate", "UpdatedDate", "UpdatedBy", "CreatedBy", "TableName")
    return {**{name: row.get(name, "") for name in kinds}, "TableRight": None, "FieldProperties": {}}


def find_key(work: Work, rows: Draft) -> Any:
    """A key by its name and its value or record."""
    for _, row in _keys(work, rows):
        return _compose(work, row)
    return _none(work, _TABLE, "keyName")


def list_keys(work: Work, rows: Draft) -> Any:
    """The keys of an application or a device."""
    return [_compose(work, row) for _, row in _keys(work, rows)]


def key_value(work: Work, rows: Draft) -> Any:
    """The value of a key."""
    for _, row in _keys(work, rows):
        return row.get("Value", "")
    return _none(work, _TABLE, "keyName")


def save_key(work: Work, rows: Draft) -> Any:
    """A key with a value; one of the same device, name, table and record is replaced."""
    sent = _carrier(work, "foreignKey")
    device, _ = _add_device(work, rows)
    places = {"Device": device, **{name: sent.get(name, 0) for name in ("Key", "TableName", "RecordId")}}
    for key, before in rows.find(_TABLE, "Device", device):
        if all(_same(before.get(name), item) for name, item in places.items()):
            row = {
                **before,
                "Value": sent.get("Value", ""),
                "UpdatedDate": work.now,
                "UpdatedBy": _caller(work, rows),
            }
            rows.put(_TABLE, key, row)
            return _compose(work, row)
    row = {
        **sent,
        **places,
        "CreatedDate": work.now,
        "UpdatedDate": work.now,
        "CreatedBy": _caller(work, rows),
    }
    rows.put(_TABLE, rows.next_id(_TABLE), row)
    return _compose(work, row)


def _caller(work: Work, rows: Draft) -> str:
    row = rows.get("Associate", work.caller)
    return str(row.get("Name", "")) if row is not None else ""


def delete_key(work: Work, rows: Draft) -> Any:
    """No key that the arguments fit."""
    for key, _ in list(_keys(work, rows)):
        rows.remove(_TABLE, key)


def keys_of_row(work: Work, rows: Draft) -> Any:
    """All keys of a row: "app.device.key" to value."""
    kind, key = _row_of(work)
    if kind is None or rows.get(kind.name, key) is None:
        raise NoRowError(kind.name if kind is not None else str(work.argument("entityType")), key)
    tables = {kind.name.lower(), kind.resource.lower()}
    values = {}
    for _, row in rows.find(_TABLE, "RecordId", key):
        if str(row.get("TableName", "")).lower() in tables:
            device = rows.get("ForeignDevice", row["Device"]) or {}
            app = rows.get("ForeignApp", device.get("ForeignAppId", 0)) or {}
            values[f"{app.get('Name', '')}.{device.get('Name', '')}.{row.get('Key', '')}"] = row.get(
                "Value", ""
            )
    return values


def _row_of(work: Work) -> tuple[Kind | None, Key]:
    entity = work.argument("entityType")
    if entity is None:
        return work.kind, work.argument(work.plan.key)
    return work.contract.kinds.get(str(entity)), work.argument("entityId")


VERBS: Mapping[str, Verb] = {
    "app_find": find_app,
    "app_save": save_app,
    "device_find": find_device,
    "device_list": list_devices,
    "device_save": save_device,
    "device_delete": delete_device,
    "key_find": find_key,
    "key_list": list_keys,
    "key_value": key_value,
    "key_save": save_key,
    "key_delete": delete_key,
    "keys_of_row": keys_of_row,
}

READING = frozenset(
    ["app_find", "device_find", "device_list", "key_find", "key_list", "key_value", "keys_of_row"]
)
