"""The steps that acts are made of: reading arguments, changing one row, adding one."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from mockso.contract.model import TypeRef
from mockso.entities.parts import Parts
from mockso.entities.verbs import NoRowError, Verb, Work, default_row, store
from mockso.state.log import Key, Value
from mockso.state.rows import Draft, Event

_SERVICES = "SuperOffice.CRM.Services."


@dataclass(frozen=True)
class Act:
    """The verb of one operation, and the kind of rows it is about; `reads` for one that changes nothing."""

    verb: Verb
    kind: str
    reads: bool = False


def number(work: Work, name: str) -> int:
    """An argument that is a whole number; 0 where it was not given."""
    value = work.readers.number(work.argument(name))
    return value if type(value) is int else 0


def numbers(work: Work, name: str) -> list[int]:
    """An argument that is a list of whole numbers; the body itself where it is one."""
    value = work.body if isinstance(work.body, list) else work.argument(name)
    read = [work.readers.number(item) for item in value] if isinstance(value, list) else []
    return [item for item in read if type(item) is int]


def text(work: Work, name: str) -> str:
    """An argument that is a text; empty where it was not given."""
    value = work.argument(name)
    return value if isinstance(value, str) else ""


def values(work: Work, kind: str, **arguments: str) -> dict[str, Any]:
    """Arguments as properties of a row of a kind (`StartDate="NewStartTime"`), those that were given."""
    body = {name: work.argument(argument) for name, argument in arguments.items()}
    return row_of(work, kind, {name: item for name, item in body.items() if item is not None})


def row_of(work: Work, kind: str, body: Any) -> dict[str, Any]:
    """A body as a row of a kind has it, its dates in the tenant's zone."""
    known = work.contract.kinds.get(kind)
    assert known is not None, kind
    return work.keep(work.readers.row(known, body if isinstance(body, Mapping) else {}), known.carrier)


def key_in(work: Work, kind: str, body: Any) -> int:
    """The key that a body of a kind has; 0 for none."""
    known = work.contract.kinds.get(kind)
    assert known is not None, kind
    items = body.items() if isinstance(body, Mapping) else ()
    value = next((item for name, item in items if name.lower() == known.key.lower()), None)
    read = work.readers.number(value)
    return read if type(read) is int else 0


def on(work: Work, kind: str) -> Work:
    """The same work on another kind of rows."""
    known = work.contract.kinds.get(kind)
    assert known is not None, kind
    return replace(work, plan=replace(work.plan, kind=known, form=known.carrier))


def get(rows: Draft, kind: str, key: Key) -> Value:
    """A row that has to be there. Raises NoRowError."""
    row = rows.get(kind, key)
    if row is None:
        raise NoRowError(kind, key)
    return row


def change(work: Work, rows: Draft, kind: str, key: Key, properties: Mapping[str, Any]) -> Value:
    """Change some properties of a row, stamped and told of. Raises NoRowError."""
    before = get(rows, kind, key)
    return store(on(work, kind), rows, key, {**before, **properties}, before)


def add(work: Work, rows: Draft, kind: str, properties: Mapping[str, Any]) -> int:
    """Add a row with its defaults; its key."""
    there = on(work, kind)
    key = rows.next_id(kind)
    store(there, rows, key, default_row(there, rows) | dict(properties), None)
    return key


def save(work: Work, rows: Draft, kind: str, body: Any, properties: Mapping[str, Any] = {}) -> int:
    """Add the row of a body, or put it in place of the one it has the key of; its key."""
    row = row_of(work, kind, body) | dict(properties)
    key = key_in(work, kind, body)
    before = rows.get(kind, key) if key else None
    if before is None:
        return add(work, rows, kind, row)
    store(on(work, kind), rows, key, row, before)
    return key


def answer(work: Work, rows: Draft, key: Key) -> Any:
    """The carrier that the operation answers with, of a row that is there."""
    return work.compose(key, get(rows, work.kind.name, key), rows)


def carrier(work: Work, name: str, members: Mapping[str, Any]) -> Any:
    """A carrier without a row, by its short name, filled up with empty values."""
    return work.contract.derive(Parts).completer(TypeRef("carrier", _SERVICES + name))(members)


def tell(rows: Draft, name: str, kind: str, key: Key) -> None:
    """Tell webhooks that something happened to a row, beside its change."""
    rows.signal(Event(name, kind, key, (), None, rows.get(kind, key)))


def setting(kind: str, argument: str, **properties: Any) -> Verb:
    """A verb that sets properties of the one row, or of all rows, that an argument names."""

    def verb(work: Work, rows: Draft) -> Any:
        several = argument.endswith("Ids")
        for key in numbers(work, argument) if several else [number(work, argument)]:
            if not several or rows.get(kind, key) is not None:
                change(work, rows, kind, key, properties)
        return answer(work, rows, number(work, argument)) if work.plan.form and not several else None

    return verb


def undelete(kind: str, argument: str) -> Verb:
    """A verb that brings back the soft-deleted rows that an argument names."""

    def verb(work: Work, rows: Draft) -> Any:
        for key in numbers(work, argument) if argument.endswith("Ids") else [number(work, argument)]:
            before = rows.get(f"deleted {kind}", key)
            if before is not None:
                rows.remove(f"deleted {kind}", key)
                store(on(work, kind), rows, key, dict(before), before)
        return None

    return verb


def removing(kind: str, argument: str, remove: Callable[[Any, Any, Draft], bool]) -> Verb:
    """A verb that takes away the rows that an argument names, one or several."""

    def verb(work: Work, rows: Draft) -> Any:
        for key in numbers(work, argument) if argument.endswith("Ids") else [number(work, argument)]:
            remove(on(work, kind).kind, key, rows)
        return None

    return verb
