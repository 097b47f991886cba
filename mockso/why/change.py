"""The smallest change that would have made a step answer a call: in the step, or in the request.

Both are JSON Patches (RFC 6902), of the scenario's file and of the request as the journal shows it. Each
is tried before it is told; what no patch can express is said in words.
"""

from __future__ import annotations

import copy
import json
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, TypeAlias

from mockso.contract.model import NOTHING, Json, Nothing
from mockso.contract.paths import join_pointer
from mockso.exchange.call import Call, Difference
from mockso.exchange.message import Headers, Query
from mockso.journal.entry import flat
from mockso.matching.keys import spell
from mockso.matching.match import Match, any_glob, glob, names_of
from mockso.matching.matcher import Matcher
from mockso.matching.operators import (
    ABSENT,
    compile_json,
    compile_text,
    is_operators,
    later,
    literal_text,
    moment,
    raw_text_operators,
)
from mockso.scenario.scenario import Step

Place: TypeAlias = tuple[str | int, ...]
MatchOf = Callable[[Json], Match]

_SECTIONS = {"query": "query", "header": "headers", "credential": "credential"}
_ALTERNATIVE = re.compile(r"any\[(\d+)\]\.(.*)", re.DOTALL)
_SECRET = re.compile(r"#[0-9a-f]{8}(?![0-9a-f])")
# A change may bring the next difference to light: a list of the right length, of wrong items.
_ROUNDS = 4


@dataclass(frozen=True, slots=True)
class Edit:
    """One place of a document with its value before and after; NOTHING for a missing value."""

    place: Place
    before: Any
    after: Any

    def to_json(self) -> dict[str, Json]:
        """This edit as an operation of a JSON Patch."""
        path = join_pointer(self.place)
        if self.after is NOTHING:
            return {"op": "remove", "path": path}
        return {"op": "add" if self.before is NOTHING else "replace", "path": path, "value": self.after}

    def __str__(self) -> str:
        where = spell(self.place)
        if self.after is NOTHING:
            return f"{where}: take it away, it is {_short_text(self.before)}"
        if self.before is NOTHING:
            return f"{where}: add {_short_text(self.after)}"
        return f"{where}: {_short_text(self.after)} instead of {_short_text(self.before)}"


@dataclass(frozen=True, slots=True)
class Change:
    """A change that would have helped: edits, or words where no edit does."""

    edits: tuple[Edit, ...] = ()
    words: tuple[str, ...] = ()

    def to_json(self) -> dict[str, Any]:
        """The words of all, and the patch, null without edits."""
        patch = [edit.to_json() for edit in self.edits]
        return {"words": [*map(str, self.edits), *self.words], "patch": patch or None}


def has_secret(value: object) -> bool:
    """Whether a fingerprint stands anywhere in a value."""
    return _SECRET.search(json.dumps(value, default=str)) is not None


def _short_text(value: object) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= 120 else text[:117] + "..."


def edits_between(before: Json | Nothing, after: Json | Nothing, place: Place = ()) -> Iterator[Edit]:
    """The edits that turn one document into another."""
    if isinstance(before, dict) and isinstance(after, dict) and not _other_operators(before, after, place):
        for key in [*before, *(key for key in after if key not in before)]:
            yield from edits_between(before.get(key, NOTHING), after.get(key, NOTHING), (*place, key))
    elif isinstance(before, list) and isinstance(after, list) and len(before) == len(after):
        for number, pair in enumerate(zip(before, after, strict=True)):
            yield from edits_between(*pair, (*place, number))
    elif before != after or type(before) is not type(after):
        yield Edit(place, before, after)


def _other_operators(before: dict[str, Json], after: dict[str, Json], place: Place) -> bool:
    """Whether operators of a match come or go, so that one replaces the other as a whole."""
    inside = place[2:3] == ("match",) and len(place) > 3
    return inside and set(before) != set(after) and (is_operators(before) or is_operators(after))


def _put(document: Any, place: Place, value: Any) -> None:
    """Change a place of a document; NOTHING takes it away, and with it what would be left empty."""
    *way, last = place
    inner, outer = document, []
    for part in way:
        outer.append((inner, part))
        inner = inner.setdefault(part, {}) if isinstance(inner, dict) else inner[part]
    if value is not NOTHING:
        inner[last] = value
        return
    if isinstance(inner, dict):
        inner.pop(last, None)
    while outer and not inner:
        inner, part = outer.pop()
        del inner[part]


# --- of the step --------------------------------------------------------------------------------


def change_of_step(
    step: Step, number: int, counters: tuple[Difference, ...], call: Call, match_of: MatchOf
) -> Change:
    """The change of a step, the `number`th of its file, so that it answers a call.

    `counters` are the differences in `times`, `after`, `chance` and `rate` when the call came; `match_of` makes a match of
    JSON as it holds for calls of a journal.
    """
    before = step_json(step)
    after = copy.deepcopy(before)
    for difference in counters:
        if difference.field == "times" and step.times is not None:
            after["times"] = step.times + 1
        elif difference.field == "chance":
            after["chance"] = 1
        elif difference.field in ("after", "rate"):
            after.pop(difference.field, None)
    for _ in range(_ROUNDS):
        differences = Matcher(match_of(after.get("match", {}))).differences(call)
        if not differences:
            return Change(tuple(edits_between(before, after, ("steps", number))))
        for difference in differences:
            _mend(after, difference, ("match",))
    return Change(words=tuple(map(str, Matcher(match_of(before.get("match", {}))).differences(call))))


def step_json(step: Step) -> dict[str, Any]:
    """The parts of a step that decide whether it answers, as its file has them."""
    value: dict[str, Any] = {}
    match = step.match.to_json()
    if match:
        value["match"] = match
    if step.times is not None:
        value["times"] = step.times
    if step.after:
        value["after"] = step.after
    if step.chance is not None:
        value["chance"] = step.chance
    if step.rate is not None:
        value["rate"] = {"calls": step.rate.calls, "per": step.rate.per}
    return value


def _mend(step: dict[str, Any], difference: Difference, place: Place) -> None:
    alternative = _ALTERNATIVE.fullmatch(difference.field)
    if alternative:
        inner = replace(difference, field=alternative[2])
        _mend(step, inner, (*place, "any", int(alternative[1])))
        return
    actual = NOTHING if difference.actual == ABSENT else difference.actual
    section, _, name = difference.field.partition(" ")
    if section in _SECTIONS and name:
        text = actual[0] if isinstance(actual, list) else actual
        # What the journal has in place of a secret is of no use in a file.
        if isinstance(text, str) and _SECRET.search(text):
            text = NOTHING
        _put(step, (*place, _SECTIONS[section], name), text)
    elif section == "not":
        _put(step, (*place, "not"), NOTHING)
    elif section.startswith("body"):
        _mend_body(step, difference, actual, (*place, "body"))
    else:
        _put(step, (*place, section), actual)


def _mend_body(step: dict[str, Any], difference: Difference, actual: Any, place: Place) -> None:
    spec: Any = step
    for part in place:
        spec = spec[part]
    rest, whole = difference.field.removeprefix("body"), False
    while rest:
        if isinstance(spec, dict) and is_operators(spec) and not whole:
            if not isinstance(spec.get("equalToJson"), dict | list):
                break
            spec, place, whole = spec["equalToJson"], (*place, "equalToJson"), True
            continue
        part, rest = _next(spec, rest)
        place = (*place, part)
        try:
            spec = spec[part]
        except (KeyError, IndexError, TypeError):
            break
    if isinstance(actual, str) and _SECRET.fullmatch(actual):
        actual = NOTHING
    elif (
        difference.field == "body"
        and isinstance(spec, dict)
        and is_operators(spec)
        and isinstance(actual, str)
    ):
        actual = {"equalTo": actual}
    elif is_operators(actual) and not whole:
        actual = {"equalToJson": actual}
    _put(step, place, actual)


def _next(spec: Any, rest: str) -> tuple[str | int, str]:
    """The first part of ".Persons[0].Name" and what is left; names may have dots in them."""
    number = re.match(r"\[(\d+)\]", rest)
    if number:
        return int(number[1]), rest[number.end() :]
    rest = rest.removeprefix(".")
    known = (
        [key for key in spec if rest == key or rest.startswith((f"{key}.", f"{key}["))]
        if isinstance(spec, dict)
        else []
    )
    name = max(known, key=len, default=rest)
    return name, rest[len(name) :]


# --- of the request -----------------------------------------------------------------------------


def change_of_request(
    step: Step, counters: tuple[Difference, ...], call: Call, request: Json, match_of: MatchOf
) -> Change:
    """The change of a request, as the journal shows it, so that a step answers it."""
    assert isinstance(request, dict)
    before: dict[str, Any] = {
        name: request[name] for name in ("method", "path", "query", "headers", "value") if name in request
    }
    after = copy.deepcopy(before)
    matcher = Matcher(match_of(step.match.to_json()))
    words = [_COUNTER_WORDS[d.field].format(step=step.label, after=step.after) for d in counters]
    for difference in matcher.differences(call):
        words += _send(after, difference, step.match, call)
    if words:
        return Change(words=tuple(words))
    edits = tuple(edits_between(before, after, ("request",)))
    if edits and not matcher.differences(_call_with(call, after)):
        return Change(edits)
    return Change(
        words=tuple(f"send {d.field} as {_short_text(d.expected)}" for d in matcher.differences(call))
    )


_COUNTER_WORDS = {
    "chance": "{step} answers by chance: send it again, until it is drawn",
    "rate": "{step} answers what is beyond its rate: send more in that time",
    "times": "come before {step} is used up, or start its scenario again (POST /__mockso/scenarios/reset)",
    "after": "come after a call that step {after!r} answers",
}


def _call_with(call: Call, document: dict[str, Any]) -> Call:
    request = replace(
        call.request,
        method=document["method"],
        path=document["path"],
        query=Query(flat(document["query"])),
        headers=Headers(flat(document["headers"])),
    )
    lookup = call.lookup.contract.find(request.method, request.path)
    verdict = replace(call.verdict, body=document.get("value", NOTHING))
    return replace(call, request=request, lookup=lookup, verdict=verdict)


def _send(request: dict[str, Any], difference: Difference, match: Match, call: Call) -> list[str]:
    """Change the request where a difference says; in words what cannot be changed here."""
    section, _, name = difference.field.partition(" ")
    expected = difference.expected
    value: Any = None
    if section == "operation":
        return _address(request, match, call)
    if section == "webhook":
        return [f"signal {_short_text(expected)}"]
    if section == "method":
        value = next((method for method in names_of(match.method) if not any_glob([method])), None)
    elif section == "path" and isinstance(expected, str) and "{" not in expected and "*" not in expected:
        value = expected
    elif section in ("query", "header") and name:
        sample = text_sample(expected, call.request.at)
        section = _SECTIONS[section]
        if sample is not None and not _SECRET.search(str(sample)):
            others = [key for key in request[section] if key.lower() == name.lower()]
            _put(request, (section, others[0] if others else name), sample)
            request.setdefault(section, {})
            return []
    elif section.startswith("body") and "value" in request:
        return _send_body(request, difference, call)
    if value is not None:
        request[section] = value
        return []
    if section == "verdict":
        faults = "; ".join(f"{fault.where}: {fault.message}" for fault in call.verdict.errors)
        return [f"correct what is wrong with it: {faults}" if faults else "send what the contract refuses"]
    return [f"send it with another {difference.field}: {_short_text(expected)}"]


def _address(request: dict[str, Any], match: Match, call: Call) -> list[str]:
    contract = call.lookup.contract
    for wanted in names_of(match.operation):
        pattern = glob(wanted)
        operation_id = next((i for i in contract.ids() if pattern.fullmatch(i)), None)
        if operation_id:
            operation = contract.operation(operation_id)
            before = contract.find(call.request.method, call.request.path).path_arguments
            parts, values = operation.path.split("/"), iter(before.values())
            path = "/".join(str(next(values, 1)) if part[:1] == "{" else part for part in parts)
            request.update(method=operation.method, path=path)
            return []
    return [f"call {' or '.join(names_of(match.operation))}"]


def _send_body(request: dict[str, Any], difference: Difference, call: Call) -> list[str]:
    sample = json_sample(difference.expected, call.request.at)
    place: Place = ("value",)
    rest, inner = difference.field.removeprefix("body"), request["value"]
    while rest:
        part, rest = _next(inner, rest)
        place = (*place, part)
        try:
            inner = inner[part]
        except (KeyError, IndexError, TypeError):
            break
    if sample is None or rest or (difference.field == "body" and raw_text_operators(difference.expected)):
        return [f"send {difference.field} as {_short_text(difference.expected)}"]
    _put(request, place, sample)
    return []


def text_sample(spec: Any, at: float) -> Any:
    """A text that is as a literal or operators say, NOTHING for none at all; None when none was found."""
    if not isinstance(spec, dict):
        return literal_text(spec)
    for candidate in _candidates(spec, at):
        values = [] if candidate is NOTHING else [literal_text(candidate)]
        if compile_text(spec, "")(values, at):
            return candidate if candidate is NOTHING else values[0]
    return None


def json_sample(spec: Any, at: float) -> Any:
    """A JSON value that is as `spec` says, NOTHING for none at all; None when none was found."""
    if spec == ABSENT:
        return NOTHING
    if not is_operators(spec):
        return spec
    for candidate in _candidates(spec, at):
        if not compile_json(spec, "")(candidate, "", at):
            return candidate
    return None


def _candidates(spec: dict[str, Any], at: float) -> Iterator[Any]:
    for name in ("equalTo", "equalToJson", "contains", "matches"):
        if name in spec:
            value = spec[name]
            yield json.loads(value) if name == "equalToJson" and isinstance(value, str) else value
    for name, days in (("before", -1), ("after", 1)):
        if name in spec:
            yield later(moment(str(spec[name]))(at), timedelta(days=days)).strftime("%Y-%m-%dT%H:%M:%SZ")
    yield NOTHING
