"""The verbs: what each rule does with a tenant's rows. Functions of (work, rows), nothing else.

A verb reads and changes a `Draft` and gives the answer's value; it may run again when another process was
quicker, so it changes nothing but the draft. A row that is not there is a `NoRowError`, which becomes 404
over REST and null over an agent.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.plausible import MINIMUM_DATE
from mockso.entities import defaults, marks
from mockso.entities.compose import Composer, Source
from mockso.entities.filters import Filter, is_no_date
from mockso.entities.plans import Plan
from mockso.entities.promises import is_of_person, is_of_project
from mockso.entities.read import UNREADABLE, BodyReaders
from mockso.errors import MocksoError
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.state.log import Key, Value
from mockso.state.rows import Draft, Event
from mockso.state.tenant import View

# Rows of these kinds vanish from every read when they are deleted, and can be brought back.
# Source: section 13; firm for Contact and Person.
SOFT = frozenset({"Contact", "Person", "Ticket"})


class NoRowError(MocksoError):
    """A row that is asked for does not exist in this tenant."""

    def __init__(self, kind: str, key: Key) -> None:
        super().__init__(f"{kind} {key} is not in this tenant")
        self.kind, self.key = kind, key


class RefusalError(Exception):
    """A verb came to an end with a reply of its own: 409, 412."""

    def __init__(self, reply: Reply) -> None:
        super().__init__(str(reply.status))
        self.reply = reply


class _Elsewhere:
    """The value of a verb that leaves the answer to those behind: an open world without rows."""


ELSEWHERE = _Elsewhere()


@dataclass(frozen=True)
class Work:
    """One call's work on a tenant's rows.

    `arguments` are those of the address and the members of the request, by lower-case name; `body` is the
    decoded body; `caller` the key of the caller's associate; `clock` gives the tenant's time as rows have it;
    `keep` turns the dates of a row from the caller's zone into the tenant's; `patch` applies a PATCH body to
    a carrier.
    """

    plan: Plan
    composer: Composer
    readers: BodyReaders
    arguments: Mapping[str, Any]
    body: Any
    caller: int
    clock: Callable[[], str]
    keep: Callable[[dict[str, Any], str], dict[str, Any]]
    patch: Callable[[dict[str, Any]], dict[str, Any]]
    contract: Contract
    call: Call
    view: View

    @cached_property
    def now(self) -> str:
        """The tenant's time, asked for only by who needs it: what does not can be repeated (answer/repeats.py)."""
        return self.clock()

    @property
    def kind(self) -> Kind:
        return self.plan.kind

    @property
    def is_agent(self) -> bool:
        operation = self.call.lookup.operation
        return operation is not None and operation.is_agent

    def argument(self, name: str) -> Any:
        """An argument of the call, in any letter case; None where it was not given."""
        return self.arguments.get(name.lower())

    def compose(self, key: Key, value: Value, rows: Source) -> dict[str, Any]:
        """The answer's carrier of a row."""
        return self.composer.compose(self.plan.form, key, value, rows)


Verb = Callable[[Work, Draft], Any]


def blank(work: Work, rows: Draft) -> Any:
    """A new carrier: empty, with what a default presets. Nothing is stored."""
    row = default_row(work, rows)
    for filter in work.plan.filters:
        given = work.argument(filter.argument)
        reference, _, property = filter.name.partition(".")
        if given is not None and property:
            target = work.kind.references[reference]
            first = defaults.preset(item for item in rows.items(target) if item[1].get(property) == given)
            row |= {reference: first} if first is not None else {}
        elif given is not None and filter.name:
            row |= work.readers.row(work.kind, {filter.name: given})
    carrier = work.composer.compose(work.plan.form, 0, row, rows)
    return carrier


def read(work: Work, rows: Draft) -> Any:
    """One row by its key."""
    key = work.argument(work.plan.key)
    return work.compose(key, _row(work.kind, key, rows), rows)


def read_many(work: Work, rows: Draft) -> Any:
    """The rows of a list of keys; those that are not there are left out. Source: section 15.1; assumed."""
    keys = work.body if isinstance(work.body, list) else []
    found = ((key, rows.get(work.kind.name, key)) for key in keys)
    return [work.compose(key, row, rows) for key, row in found if row is not None]


def save(work: Work, rows: Draft) -> Any:
    """A new row, or another value of one: what was sent over the defaults, stamped.

    Source: section 13; a PUT replaces everything, so what was not sent is empty again (likely).
    """
    body = work.body if not work.plan.member else work.argument(work.plan.member)
    body = body if isinstance(body, Mapping) else {}
    kind = work.kind
    given = work.keep(work.readers.row(kind, body), kind.carrier)
    key = work.argument(work.plan.key) if work.plan.key else _key_in(work, body)
    if not work.plan.key and work.call.request.method == "POST" and not work.is_agent:
        key = 0  # a POST makes a new row, whatever id its body has (assumed)
    if not key:
        key = rows.next_id(kind.name)
        row = default_row(work, rows) | given
        return work.compose(key, store(work, rows, key, row, None), rows)
    before = _row(kind, key, rows)
    return work.compose(key, store(work, rows, key, given, before), rows)


def patch(work: Work, rows: Draft) -> Any:
    """A row with a PATCH applied; all or nothing."""
    kind, key = work.kind, work.argument(work.plan.key)
    before = _row(kind, key, rows)
    rows.memo = None  # a patch changes the carrier in place: nothing in it may stand there twice
    carrier = work.composer.compose(kind.carrier, key, before, rows)
    rows.memo = {}
    whole = work.readers.row(kind, carrier)
    outcome = work.readers.row(kind, work.patch(carrier))
    # A row stays sparse: what the patch left alone is not stored as the empty value it was composed as.
    row = {name: item for name, item in before.items() if name in outcome}
    row |= {name: item for name, item in outcome.items() if item != whole.get(name)}
    return work.compose(key, store(work, rows, key, row, before), rows)


def delete(work: Work, rows: Draft) -> Any:
    """No such row any more. Deleting what is not there is done already. Source: section 13; assumed."""
    given = (
        work.body if work.plan.key == "ids" and isinstance(work.body, list) else work.argument(work.plan.key)
    )
    keys = given if isinstance(given, list) else [given]
    removed = [_remove_whole(work.kind, key, rows, work.contract) for key in keys]
    operation = work.call.lookup.operation
    answers = operation is not None and operation.result is not None and operation.result.name == "boolean"
    return any(removed) if answers else None


def validate(work: Work, rows: Draft) -> Any:
    """No complaints: mockso knows no rules of a tenant's own."""
    return {}


def list_rows(work: Work, rows: Draft) -> Any:
    """The rows that all arguments fit, in the order of their keys."""
    return [work.compose(key, row, rows) for key, row in select(work, rows)]


def find(work: Work, rows: Draft) -> Any:
    """The first row that all arguments fit."""
    for key, row in select(work, rows):
        return work.compose(key, row, rows)
    given = ((filter.argument, work.argument(filter.argument)) for filter in work.plan.filters)
    raise NoRowError(work.kind.name, ", ".join(f"{name}={value}" for name, value in given if name))


# A verb's value is the answer's body, a `Reply` of its own, or ELSEWHERE.
VERBS: Mapping[str, Verb] = {
    "blank": blank,
    "read": read,
    "read_many": read_many,
    "save": save,
    "patch": patch,
    "delete": delete,
    "validate": validate,
    "list": list_rows,
    "find": find,
}

# Verbs that leave the rows as they are, so that nothing has to be committed.
READING = frozenset({"blank", "read", "read_many", "validate", "list", "find"})


# --- what verbs have in common ------------------------------------------------------------------


def _row(kind: Kind, key: Any, rows: Source) -> Value:
    row = rows.get(kind.name, key)
    if row is None:
        raise NoRowError(kind.name, key)
    return row


def _key_in(work: Work, body: Mapping[str, Any]) -> Key:
    name = work.kind.key.lower()
    key = next((item for member, item in body.items() if member.lower() == name), None)
    read_key = work.readers.number(key)
    return 0 if read_key is UNREADABLE or read_key is None else read_key


def default_row(work: Work, rows: Draft) -> dict[str, Any]:
    """The values that a new row of the kind starts with."""
    kind = work.kind
    row: dict[str, Any] = dict(defaults.VALUES.get(kind.name, {}))
    for name in defaults.OWNERS:
        if kind.references.get(name) == "Associate" and work.caller:
            row[name] = work.caller
    for name in defaults.PRESETS.get(kind.name, ()):
        target = kind.references.get(name)
        first = _preset_of(target, rows) if target else None
        if first is not None:
            row[name] = first
    number = defaults.NUMBERS.get(kind.name)
    if number:
        row[number] = str(_next_number(kind.name, rows))
    names = work.composer.names(kind)
    for name in defaults.OPEN_ENDS & names:
        row[name] = defaults.OPEN_END
    if "Rank" in names and "Deleted" in names:  # an item of a list stands last in it
        row["Rank"] = max((item.get("Rank") or 0 for _, item in rows.items(kind.name)), default=0) + 1
    return row


def _preset_of(target: str, rows: Draft) -> Key | None:
    """The row of a kind that a new row begins with; worked out once where all are the seed's."""
    seed = rows.of_seed(target)
    if seed is None or (target == "Currency" and rows.of_seed(defaults.CURRENCY_OF[0]) is None):
        return _find_preset(target, rows)
    key = "preset", target
    if key not in seed.memo:
        seed.memo[key] = _find_preset(target, rows)
    first: Key | None = seed.memo[key]
    return first


def _find_preset(target: str, rows: Draft) -> Key | None:
    if target == "Currency":
        country, name = defaults.CURRENCY_OF
        first = defaults.preset(rows.items(country))
        currency = (rows.get(country, first) or {}).get(name, 0) if first is not None else 0
        if rows.get(target, currency) is not None:
            return int(currency)
    return defaults.preset(rows.items(target))


def _follow(kind: Kind, row: dict[str, Any], before: Value, rows: Draft) -> None:
    """Let properties follow a reference that changed, where nobody gave them another value."""
    for name, (reference, other) in defaults.FOLLOWS.get(kind.name, {}).items():
        leads_to = row.get(reference)
        if leads_to and leads_to != before.get(reference) and row.get(name) == before.get(name):
            value = (rows.get(kind.references[reference], leads_to) or {}).get(other)
            row |= {name: value} if value else {}


def _next_number(kind: str, rows: Draft) -> int:
    """The next running number; it is taken when a row is saved with it."""
    row = rows.get("number", kind)
    return int(row["next"]) if row is not None else defaults.FIRST_NUMBER + sum(1 for _ in rows.items(kind))


def store(work: Work, rows: Draft, key: Key, row: dict[str, Any], before: Value | None) -> Value:
    """Put a row, stamped, and tell of it. Created stamps stay what they were."""
    kind = work.kind
    # A row is sparse: a client that saves what it read sends all that is empty.
    empty = work.composer.blank(kind.carrier)
    row = {name: item for name, item in row.items() if not _is_blank(item, empty.get(name))}
    if kind.name in defaults.FOLLOWS:
        _follow(kind, row, before or {}, rows)
    elif kind.name == "Selection":
        defaults.complete_target(row)
    stamped = {kind.created: work.now, kind.created_by: work.caller}
    if before is not None:
        stamped = {name: before[name] for name in (*stamped, *marks.NAMES) if name in before}
        stamped |= {kind.updated: work.now, kind.updated_by: work.caller}
    else:
        # Source: recorded; a new row has no updater. Its date is that of its creation (likely).
        row.pop(kind.updated_by, None)
        stamped |= {kind.updated: work.now}
        number = defaults.NUMBERS.get(kind.name)
        taken = work.readers.number(row.get(number)) if number else None
        if number and isinstance(taken, int) and taken >= _next_number(kind.name, rows):
            rows.put("number", kind.name, {"next": taken + 1})
    row |= {name: item for name, item in stamped.items() if name}
    rows.put(kind.name, key, row)
    changes = tuple(
        name
        for name in {**(before or {}), **row}
        if before is None or not _is_same(before.get(name), row.get(name))
    )
    rows.signal(Event("changed" if before is not None else "created", kind.name, key, changes, before, row))
    return row


def _is_same(before: Any, after: Any) -> bool:
    """Whether a value did not change; one that is missing is the same as an empty one."""
    return bool(before == after) or (_is_empty(before) and _is_empty(after))


def _is_blank(item: Any, empty: Any) -> bool:
    """Whether a property reads the same without this value. Enums never do: rows are found by them."""
    if item and isinstance(item, Mapping):
        inner = empty if isinstance(empty, Mapping) else {}
        return all(
            name in inner and (one == inner[name] or _is_blank(one, inner[name]))
            for name, one in item.items()
        )
    if item and type(item) is str:
        return bool(item == MINIMUM_DATE == empty)
    return item is None or bool(item == empty) or (not item and (not empty or isinstance(empty, Mapping)))


def _is_empty(value: Any) -> bool:
    if isinstance(value, Mapping):
        return all(map(_is_empty, value.values()))
    return not value or value == MINIMUM_DATE


def remove(kind: Kind, key: Any, rows: Draft) -> bool:
    """Take a row away, softly where it can be brought back; whether it was there."""
    before = rows.get(kind.name, key)
    if before is None:
        return False
    if kind.name in SOFT:
        rows.put(f"deleted {kind.name}", key, before)
    rows.remove(kind.name, key)
    rows.signal(Event("deleted", kind.name, key, (), before, None))
    return True


def _remove_whole(kind: Kind, key: Any, rows: Draft, contract: Contract) -> bool:
    """Take a row away with the rows that it consists of."""
    for name, back in kind.joins.values() if kind.name in defaults.WHOLES else ():
        part = contract.kinds.get(name)
        if part is not None:
            for one, _ in rows.find(name, back, key):
                _remove_whole(part, one, rows, contract)
    return remove(kind, key, rows)


def select(work: Work, rows: Draft) -> list[tuple[Key, Value]]:
    """The rows that all filters of the plan let through, by key."""
    kind = work.kind
    tests = [(filter, argument_of(work, filter)) for filter in work.plan.filters]
    candidates: Iterable[tuple[Key, Value]] = rows.items(kind.name)
    for filter, given in tests:
        # The most telling filter first: a key, then a reference that is indexed.
        if filter.sort == "key":
            row = rows.get(kind.name, given)
            candidates = [(given, row)] if row is not None else []
            break
        if filter.sort == "equal" and filter.name in kind.references and given:
            candidates = rows.find(kind.name, filter.name, given)
            break
    limit = next((given for filter, given in tests if filter.sort == "limit" and given), None)
    constant = {"caller", "constant"}
    tests = [(filter, given) for filter, given in tests if given is not None or filter.sort in constant]
    found = _fitting(work, candidates, tests, rows)
    rows_found = sorted(found, key=lambda item: (type(item[0]) is str, item[0]))
    return rows_found[:limit] if isinstance(limit, int) and limit > 0 else rows_found


def argument_of(work: Work, filter: Filter) -> Any:
    """The value that a filter compares with; None where it lets everything through."""
    given = work.argument(filter.argument)
    return filter.missing if given is None else given


def _fitting(
    work: Work, rows: Iterable[tuple[Key, Value]], tests: list[tuple[Filter, Any]], source: Source
) -> Iterator[tuple[Key, Value]]:
    # An item of a list that is deleted stays, marked, for those that refer to it.
    include_deleted = bool(work.argument("includeDeleted"))
    for key, row in rows:
        if row.get("Deleted") and not include_deleted:
            continue
        if all(_fits(work, filter, given, key, row, source) for filter, given in tests):
            yield key, row


def _fits(work: Work, filter: Filter, given: Any, key: Key, row: Value, source: Source) -> bool:
    match filter.sort:
        case "key":
            return bool(key == given)
        case "keys":
            return key in given
        case "equal":
            value = work.composer.read(work.kind, filter.name, key, row, source)
            if isinstance(value, str) and isinstance(given, str):
                return value.lower() == given.lower()
            return bool(value == given)
        case "any_of":
            return not given or row.get(filter.name) in given
        case "since":
            return not filter.name or is_no_date(given) or str(row.get(filter.name, "")) >= given
        case "until":
            return not filter.name or is_no_date(given) or str(row.get(filter.name, "")) <= given
        case "caller":
            own = (row.get(filter.name) if filter.name else key) == work.caller
            if not own and filter.values and work.argument(filter.values[0]):
                person = (source.get("Associate", work.caller) or {}).get("Person", 0)
                return is_of_project(person, {"Project": key}, source)
            return bool(own)
        case "person":
            scope = filter.values[0]
            if scope != "projects" and is_of_person(given, row, source):
                return True
            return bool(scope == "projects" or (scope and work.argument(scope))) and is_of_project(
                given, row, source
            )
        case "narrowing":
            return not given or row.get(filter.name) in filter.values
        case "constant":
            return work.composer.read(work.kind, filter.name, key, row, source) in filter.values
    return True
