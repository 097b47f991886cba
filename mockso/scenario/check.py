"""The mistakes of a well-formed scenario: names the contract lacks, steps that never answer,
replies that break their operation's contract.

A scenario here is the mapping a file has, already found good by schema.py; faults have the
place in it. Without a contract only what needs none is checked.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import cached_property
from operator import itemgetter
from typing import TYPE_CHECKING, Any

from mockso.contract.catalogue import Contract
from mockso.contract.documents import DOCUMENTS
from mockso.contract.model import Operation
from mockso.contract.paths import split_pointer, walk
from mockso.errors import ScenarioError, did_you_mean, nearest, suggest
from mockso.matching.keys import Fault
from mockso.matching.match import any_glob, glob
from mockso.scenario.framing import framing_faults
from mockso.scenario.reach import reach_faults, status_faults
from mockso.scenario.template import compile_value, is_template

if TYPE_CHECKING:
    from mockso.contract.departure import Departure
    from mockso.contract.schemas import Schemas

Place = tuple[str | int, ...]
Item = Mapping[str, Any]

# A pattern may mean a thousand operations: a reply is compared with the first few.
_COMPARED = 20


MOST = 100
"""Faults of one scenario that are told; what is wrong beyond is told when these are mended."""


class Checker:
    """Checks scenarios against one contract; what it learns of a pattern is kept for the next."""

    def __init__(self, contract: Contract | None) -> None:
        self._contract = contract
        self._patterns: dict[str, tuple[str, ...]] = {}
        self._addresses: dict[str, tuple[str, ...]] = {}

    def faults(self, scenario: Item, broken: Collection[int] = ()) -> list[Fault]:
        """Everything wrong with a scenario, or somewhat more than `MOST` faults; the steps in `broken` lack parts."""
        faults = list(_order_faults(scenario["steps"], broken))
        if "tenant" in scenario and scenario.get("profile") == "onsite":
            faults.append(
                Fault(("tenant",), "onsite there is no tenant state; remove this, or 'profile: onsite'.")
            )
        for number, step in enumerate(scenario["steps"]):
            if len(faults) > MOST:
                break
            place: Place = ("steps", number)
            match = step.get("match", {})
            # What was recorded was sent by somebody, whatever the contract says of it.
            faults += self._match_faults(match, (*place, "match"), is_recorded="recorded" in scenario)
            if outgoing(match):
                faults += _delivery_faults(match, (*place, "match"))
            faults += framing_faults(step, place)
            if "reply" in step:
                faults += self._reply_faults(step["reply"], match, (*place, "reply"))
        return faults

    def check_match(self, match: Item, where: str) -> None:
        """Check a match that asserts or looks for calls. Raises ScenarioError for a name that the contract lacks,
        or where no call can meet it."""
        faults = list(self._match_faults(match, ()))
        if faults:
            raise ScenarioError("\n".join(fault.line(where) for fault in faults))

    def by_ids(self, match: Item) -> dict[str, Any]:
        """A match in which operations that are named by method and path, "GET Contact", have their ids."""
        result = dict(match)
        if isinstance(match.get("operation"), str | list) and self._contract is not None:
            names = [match["operation"]] if isinstance(match["operation"], str) else match["operation"]
            ids = [id for name in names for id in self._ids_of_address(name) or (name,)]
            if ids != names:
                result["operation"] = ids[0] if len(ids) == 1 else ids
        if isinstance(match.get("any"), list):
            result["any"] = [self.by_ids(item) if isinstance(item, dict) else item for item in match["any"]]
        if isinstance(match.get("not"), dict):
            result["not"] = self.by_ids(match["not"])
        return result

    def _ids_of_address(self, name: Any) -> tuple[str, ...]:
        if not isinstance(name, str) or self._contract is None or not (" " in name.strip() or "/" in name):
            return ()
        if name not in self._addresses:
            from mockso.contract.show import find

            self._addresses[name] = tuple(operation.id for operation in find(self._contract, name)[0])
        return self._addresses[name]

    # what a match names

    @cached_property
    def _ids(self) -> dict[str, str]:
        assert self._contract is not None
        return {name.lower(): name for name in (*self._contract.ids(), *DOCUMENTS)}

    @cached_property
    def _agents(self) -> frozenset[str]:
        assert self._contract is not None
        return frozenset(
            path.split("/")[4]
            for _, path, _ in self._contract.addresses()
            if path.startswith("/api/v1/Agents/")
        )

    @cached_property
    def _resources(self) -> frozenset[str]:
        assert self._contract is not None
        return frozenset(o.group for o in self._contract.operations() if not o.is_agent)

    @cached_property
    def _templates(self) -> dict[str, str]:
        assert self._contract is not None
        paths = (
            *(path for _, path, _ in self._contract.addresses()),
            *(one.path for one in DOCUMENTS.values()),
        )
        return {path.lower(): path for path in paths}

    def _ids_of(self, name: str) -> tuple[str, ...]:
        if not any_glob([name]):
            id = self._ids.get(name.lower())
            return (id,) if id else self._ids_of_address(name)
        if name not in self._patterns:
            pattern = glob(name)
            self._patterns[name] = tuple(i for i in self._ids.values() if pattern.fullmatch(i))
        return self._patterns[name]

    def _match_faults(self, match: Item, place: Place, *, is_recorded: bool = False) -> Iterator[Fault]:
        if self._contract is not None:
            faults = list(self._operation_faults(match, place))
            yield from faults
            if not faults and not is_recorded:
                yield from reach_faults(match, self._operations(match), self._contract, place)
        alternatives = enumerate(match.get("any", ()))
        inside = [((*place, "any", number), inner) for number, inner in alternatives]
        inside += [((*place, "not"), match["not"])] if "not" in match else []
        for where, inner in inside:
            yield from self._match_faults({"verdict": "any", **inner}, where, is_recorded=is_recorded)

    def _operation_faults(self, match: Item, place: Place) -> Iterator[Fault]:
        for name, where in _names(match, "operation", place):
            if not self._ids_of(name):
                hint = did_you_mean(name, self._ids.values()) if not any_glob([name]) else self._near(name)
                hint = hint or " 'mockso contract list' has them all."
                kind = "no operation like" if any_glob([name]) else "no operation"
                yield Fault(where, f"the contract has {kind} {name!r}.{hint}")
        for key in ("agent", "resource"):
            for name, where in _names(match, key, place):
                groups = self._agents if key == "agent" else self._resources
                if not any(glob(name).fullmatch(group) for group in groups):
                    hint = (
                        did_you_mean(name.strip("*?"), groups)
                        or f" It has {', '.join(sorted(groups)[:5])} and others."
                    )
                    yield Fault(where, f"the contract has no {key} {name!r}.{hint}")
        path = match.get("path")
        if isinstance(path, str) and "{" in path and not self._templates.get(path.lower().rstrip("/")):
            yield Fault(
                (*place, "path"),
                f"the contract has no path {path!r}.{did_you_mean(path, self._templates.values())}",
            )

    def _near(self, pattern: str) -> str:
        """The suggestion for a pattern that fits no operation: its beginning as an operation has it."""
        fixed = re.split(r"[*?]", pattern)[0] or pattern.strip("*?")
        if len(fixed) < len(pattern.rstrip("*?")):
            return ""
        beginnings = (name[: len(fixed) + more] for name in self._ids.values() for more in (0, 1))
        near = nearest(fixed, dict.fromkeys(beginnings))
        return f" Did you mean {near[0] + '*'!r}?" if near else ""

    def _operations(self, match: Item) -> list[Operation]:
        """The first operations a match means by name; none when it names none."""
        if self._contract is None:
            return []
        ids = [i for name, _ in _names(match, "operation", ()) for i in self._ids_of(name)]
        return [self._contract.operation(i) for i in ids[:_COMPARED] if i not in DOCUMENTS]

    # what a reply has

    def _reply_faults(self, reply: Item, match: Item, place: Place) -> Iterator[Fault]:
        if is_template(reply):
            yield from template_faults(reply, place)
        if reply.get("contract") == "broken":
            return
        operations = self._operations(match)
        yield from status_faults(reply, operations, place)
        if "body" in reply:
            yield from self._body_faults(reply, operations, (*place, "body"))
        if reply.get("like"):
            yield from self._set_faults(reply.get("set", {}), operations, (*place, "set"))

    def _body_faults(self, reply: Item, operations: Sequence[Operation], place: Place) -> Iterator[Fault]:
        """The faults of a body that breaks the contract of every operation it may answer, by the first one."""
        first: list[Fault] = []
        for operation in operations:
            status = reply.get("status", operation.success)
            if status not in operation.responses:
                return
            faults = list(self._departures(reply["body"], operation, status, place))
            if not faults:
                return
            first = first or faults
        yield from first

    def _departures(self, body: Any, operation: Operation, status: int, place: Place) -> Iterator[Fault]:
        kind = operation.responses[status]
        if kind is None:
            # A status documented without a body is not a promise that an error has none.
            if 200 <= status < 300:
                yield Fault(
                    place,
                    f"{operation.id} has no body with status {status}. Leave it out, or say 'contract: broken'.",
                )
            return
        for departure in self._schemas.check(body, kind):
            path = tuple(departure.path)
            if not is_template(_inside(body, path)):
                yield Fault((*place, *path), _contract_message(departure, operation))

    @cached_property
    def _schemas(self) -> Schemas:
        from mockso.contract.schemas import Schemas

        assert self._contract is not None
        return Schemas(self._contract)

    def _set_faults(self, overrides: Item, operations: Sequence[Operation], place: Place) -> Iterator[Fault]:
        for pointer, value in overrides.items():
            messages = [self._override_fault(pointer, value, operation) for operation in operations]
            if messages and all(messages):
                yield Fault((*place, pointer), messages[0])

    def _override_fault(self, pointer: str, value: Any, operation: Operation) -> str:
        kind = operation.result
        if kind is None:
            return f"the answer of {operation.id} has no body, so there is nothing to set."
        assert self._contract is not None
        for step in walk(kind, split_pointer(pointer), self._contract):
            if step.fault:
                stop = "" if step.fault.endswith(("?", ".")) else "."
                return f"{step.fault}{stop} It is set in the answer of {operation.id}."
            kind = step.type
        if is_template(value):
            return ""
        for departure in self._schemas.check(value, kind):
            return _contract_message(departure, operation)
        return ""


def _contract_message(departure: Departure, operation: Operation) -> str:
    # What the server makes of a faulty request is of no interest in a reply.
    what = re.split(r"[,;] the server ", departure.message)[0].rstrip(".")
    return f"{what}, by the contract of {operation.id}.{suggest(departure.nearest)} Correct it, or say 'contract: broken'."


# What only a call that comes in can have.
_OF_CALLS = ("operation", "agent", "resource", "credential", "restricted")


def outgoing(match: Item) -> bool:
    """Whether a match is about deliveries of webhooks, not about calls that come in."""
    return "webhook" in match or any(outgoing(inner) for inner in match.get("any", ()))


def _delivery_faults(match: Item, place: Place) -> Iterator[Fault]:
    for key in _OF_CALLS:
        if key in match:
            yield Fault(
                (*place, key),
                f"the delivery of a webhook has no {key}, so this step never answers; remove it, or 'webhook'.",
            )
    if match.get("verdict") == "broken":
        yield Fault(
            (*place, "verdict"),
            "the delivery of a webhook is never broken, so this step never answers; remove it.",
        )
    for number, inner in enumerate(match.get("any", ())):
        yield from _delivery_faults(inner, (*place, "any", number))


def _names(match: Item, key: str, place: Place) -> Iterator[tuple[str, Place]]:
    value = match.get(key, ())
    if isinstance(value, str):
        yield value, (*place, key)
        return
    for number, name in enumerate(value):
        yield name, (*place, key, number)


def _inside(value: Any, path: Place) -> Any:
    for part in path:
        try:
            value = value[part]
        except (KeyError, IndexError, TypeError):
            return None
    return value


def template_faults(value: Any, place: Place) -> Iterator[Fault]:
    """The invalid templates in a value."""
    if isinstance(value, Mapping):
        for name, item in value.items():
            yield from template_faults(item, (*place, name))
    elif isinstance(value, list):
        for number, item in enumerate(value):
            yield from template_faults(item, (*place, number))
    elif is_template(value):
        try:
            compile_value(value, "")
        except ScenarioError as error:
            yield Fault(place, str(error).removeprefix(": "))


# --- steps that never answer --------------------------------------------------------------------


def _order_faults(steps: Sequence[Item], broken: Collection[int]) -> Iterator[Fault]:
    names = [step["name"] for step in steps if "name" in step]
    after = {step["name"]: step["after"] for step in steps if "name" in step and "after" in step}
    earlier_names: set[str] = set()
    lasting = _Lasting()
    for number, step in enumerate(steps):
        place: Place = ("steps", number)
        name, predecessor = step.get("name"), step.get("after")
        if name is not None and name in earlier_names:
            yield Fault((*place, "name"), f"another step is called {name!r} too; rename one.")
        earlier_names.add(name or "")
        if predecessor is not None and predecessor not in names:
            hint = did_you_mean(predecessor, names) or f" Give the step that is meant 'name: {predecessor}'."
            yield Fault((*place, "after"), f"no step is called {predecessor!r}.{hint}")
        elif predecessor is not None and name is not None and _in_circle(name, after):
            yield Fault(
                (*place, "after"), f"step {name!r} waits for itself, so it never answers; remove this."
            )
        if number in broken:
            continue
        match = step.get("match", {})
        earlier = lasting.first_above(match)
        if earlier is not None:
            yield Fault(
                place,
                f"this step never answers: steps[{earlier}] takes every call it could. "
                "Move it up, or give that one 'times'.",
            )
        if predecessor is None and not any(key in step for key in ("times", "chance", "rate")):
            lasting.add(number, match)


class _Lasting:
    """The matches of steps that are always asked and never run out, by the operation and path they name.

    A recording has thousands: comparing each with each would take minutes.
    """

    def __init__(self) -> None:
        self._all: list[tuple[int, Item]] = []
        self._by_key: dict[tuple[str, str] | None, list[tuple[int, Item]]] = {}

    def add(self, number: int, match: Item) -> None:
        self._all.append((number, match))
        self._by_key.setdefault(self._key(match), []).append((number, match))

    def first_above(self, match: Item) -> int | None:
        """The number of the first step that takes every call a match could, if any does."""
        key = self._key(match)
        near = self._all
        if key is not None:
            operation, path = key
            keys = dict.fromkeys((None, ("", ""), (operation, ""), ("", path), key))
            near = sorted((one for each in keys for one in self._by_key.get(each, ())), key=itemgetter(0))
        return next((number for number, other in near if covers(other, match)), None)

    @staticmethod
    def _key(match: Item) -> tuple[str, str] | None:
        """The one operation and the one path it names, "" for none; None where it has patterns or several."""
        operation, path = match.get("operation", ""), match.get("path", "")
        if not isinstance(operation, str) or not isinstance(path, str) or any_glob([operation]):
            return None
        return operation.lower(), path


def _in_circle(name: str, after: Mapping[str, str]) -> bool:
    at, passed = after.get(name), {name}
    while at is not None and at not in passed:
        passed.add(at)
        at = after.get(at)
    return at == name


def covers(wide: Item, narrow: Item) -> bool:
    """Whether it is certain that a call which matches `narrow` matches `wide`."""
    verdict, other = wide.get("verdict", "accepted"), narrow.get("verdict", "accepted")
    if verdict not in ("any", other) or outgoing(wide) != outgoing(narrow):
        return False
    for key, value in wide.items():
        if key == "verdict":
            continue
        if key not in narrow:
            return False
        if key in ("operation", "agent", "resource", "method", "webhook"):
            if not _covers_names(value, narrow[key]):
                return False
        elif key in ("query", "headers", "credential"):
            if not all(
                name in narrow[key] and _same(item, narrow[key][name]) for name, item in value.items()
            ):
                return False
        elif not _same(value, narrow[key]):
            return False
    return True


def _same(wide: Any, narrow: Any) -> bool:
    """Whether two values stand for the same: Python holds true for 1 and 1 for 1.0, a query does not."""
    return wide == narrow and json.dumps(wide, sort_keys=True) == json.dumps(narrow, sort_keys=True)


def _covers_names(wide: Any, narrow: Any) -> bool:
    wide = [wide] if isinstance(wide, str) else wide
    narrow = [narrow] if isinstance(narrow, str) else narrow
    patterns = [glob(name) for name in wide]
    return all(
        name in wide or (not any_glob([name]) and any(p.fullmatch(name) for p in patterns)) for name in narrow
    )
