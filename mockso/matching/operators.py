"""The values a match expects, literals or WireMock's operators, compiled to one function each.

Owns the operators and what they mean for texts (query, headers, path) and for JSON (bodies). Which
part of a call is compared is matcher.py's; keys.py checks the values of a file.

A literal object in a body names the properties to compare, at every depth, case-insensitive;
others are free. Lists compare in length and order. Operators may stand at any depth. `equalToJson`
compares the whole value.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from mockso.contract.model import NOTHING, Json
from mockso.errors import ScenarioError, did_you_mean
from mockso.exchange.call import Difference
from mockso.matching.jsonpath import jsonpath
from mockso.matching.patterns import Pattern

TEXT_OPERATORS = frozenset(
    {"equalTo", "contains", "doesNotContain", "matches", "doesNotMatch", "absent", "before", "after"}
)
JSON_OPERATORS = TEXT_OPERATORS | {"equalToJson", "matchesJsonPath"}
NEGATIVE = frozenset({"doesNotContain", "doesNotMatch"})
TEXT_MODIFIERS = frozenset({"caseInsensitive"})
JSON_MODIFIERS = TEXT_MODIFIERS | {"ignoreExtraElements", "ignoreArrayOrder"}
TEXT_KEYS = TEXT_OPERATORS | TEXT_MODIFIERS
JSON_KEYS = JSON_OPERATORS | JSON_MODIFIERS

# Stands in a difference for a value that the call does not have, as in the language itself.
ABSENT: Mapping[str, Json] = {"absent": True}

Values = Sequence[str]
TextTest = Callable[[Values, float], bool]
JsonTest = Callable[[Any, str, float], tuple[Difference, ...]]
Compile = Callable[[Json, str], JsonTest]
Predicate = Callable[[str, float], bool]

_MOMENT = re.compile(r"now(?:\s*([+-])\s*(\d{1,6})\s*(second|minute|hour|day|week)s?)?", re.IGNORECASE)


def is_operators(spec: object) -> bool:
    """Whether a mapping of a body is operators and not the literal of an object."""
    return isinstance(spec, Mapping) and bool(spec) and any(key in JSON_KEYS for key in spec)


def text_of(value: object) -> str:
    """The text that text operators see of a value: a string itself, bytes decoded, all else as JSON."""
    if isinstance(value, str):
        return value
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


# --- one operator -------------------------------------------------------------------------------


def moment(text: str) -> Callable[[float], datetime]:
    """The point in time that a text means, given the time of the call.

    "2026-03-01", "2026-03-01T12:00:00Z", "now", "now -3 days". Without an offset it is UTC.
    ValueError for a text that is none.
    """
    relative = _MOMENT.fullmatch(text.strip())
    if relative is None:
        fixed = _date(text)
        return lambda at: fixed
    sign, count, unit = relative.groups()
    shift = timedelta(**{f"{unit.lower()}s": int(f"{sign}{count}")}) if unit else timedelta()
    return lambda at: later(datetime.fromtimestamp(at, UTC), shift)


def later(moment: datetime, shift: timedelta) -> datetime:
    """Move a point in time; the last or first possible one where that is too far."""
    try:
        return moment + shift
    except OverflowError:
        return (datetime.max if shift > timedelta() else datetime.min).replace(tzinfo=UTC)


def _date(text: str) -> datetime:
    value = datetime.fromisoformat(text.strip())
    return value if value.tzinfo else value.replace(tzinfo=UTC)


def fault_of(name: str, spec: object) -> str:
    """The fault of an operator's operand of the right type; "" without one."""
    try:
        if name in ("matches", "doesNotMatch"):
            Pattern(str(spec))
        elif name in ("before", "after"):
            moment(str(spec))
        elif name == "matchesJsonPath":
            jsonpath(str(spec["expression"] if isinstance(spec, Mapping) else spec))
        elif name == "equalToJson" and isinstance(spec, str):
            json.loads(spec)
    except (ValueError, OverflowError, RecursionError) as error:
        kind = {
            "matches": "a regular expression",
            "doesNotMatch": "a regular expression",
            "matchesJsonPath": "a JSONPath (RFC 9535)",
            "equalToJson": "JSON",
        }.get(name)
        if kind is None:
            return f"{spec!r} is not a date as 2026-03-01 or 2026-03-01T12:00:00Z, 'now' or 'now +3 days'"
        path = spec["expression"] if isinstance(spec, Mapping) else spec
        if name == "matchesJsonPath" and not str(path).startswith("$"):
            return f"{path!r} is not {kind}: it begins with '$', as $.{str(path).lstrip('.')}"
        if isinstance(error, RecursionError):
            return f"this is not {kind} that can be read: it is nested too deep"
        return f"{spec!r} is not {kind}: {error}"
    return ""


def _predicate(name: str, spec: Any, *, fold: bool) -> Predicate:
    operand = literal_text(spec)
    if name == "equalTo":
        if fold:
            folded = operand.casefold()
            return lambda text, at: text.casefold() == folded
        return lambda text, at: text == operand
    if name in ("contains", "doesNotContain"):
        positive = name == "contains"
        if fold:
            folded = operand.casefold()
            return lambda text, at: (folded in text.casefold()) is positive
        return lambda text, at: (operand in text) is positive
    if name in ("matches", "doesNotMatch"):
        positive = name == "matches"
        pattern = Pattern(operand, fold=fold)
        return lambda text, at: pattern.matches(text) is positive
    limit = moment(operand)
    early = name == "before"

    def compare(text: str, at: float) -> bool:
        try:
            value = _date(text)
        except ValueError:
            return False
        return value < limit(at) if early else value > limit(at)

    return compare


def literal_text(spec: Json) -> str:
    """The text that a scalar of a file stands for: true is "true", 5 is "5"."""
    if isinstance(spec, bool):
        return "true" if spec else "false"
    return spec if isinstance(spec, str) else json.dumps(spec)


# --- texts --------------------------------------------------------------------------------------


def compile_text(spec: Json, where: str) -> TextTest:
    """Whether the values of one name (a query argument or header may come twice) are as `spec` says.

    A positive operator wants one value for which all hold, a negative one wants it of every value.
    """
    if not isinstance(spec, dict):
        if spec is None or isinstance(spec, list):
            raise ScenarioError(f"{where}: expected a text or operators, got {spec!r}.")
        literal = literal_text(spec)
        if isinstance(spec, bool):
            return lambda values, at: any(value.lower() == literal for value in values)
        return lambda values, at: literal in values
    _check_keys(spec, TEXT_KEYS, TEXT_OPERATORS, where)
    fold = bool(spec.get("caseInsensitive"))
    wants_absent = spec.get("absent")
    positives = [
        _predicate(name, value, fold=fold)
        for name, value in spec.items()
        if name in TEXT_OPERATORS and name not in NEGATIVE and name != "absent"
    ]
    negatives = [_predicate(name, value, fold=fold) for name, value in spec.items() if name in NEGATIVE]

    def test(values: Values, at: float) -> bool:
        if wants_absent is not None and (not values) is not wants_absent:
            return False
        if positives and not any(all(holds(value, at) for holds in positives) for value in values):
            return False
        return all(holds(value, at) for holds in negatives for value in values)

    return test


def _check_keys(spec: Mapping[str, Any], known: Iterable[str], operators: frozenset[str], where: str) -> None:
    for name, value in spec.items():
        if name not in known:
            raise ScenarioError(f"{where}: no operator {name!r}.{did_you_mean(name, known)}")
        fault = fault_of(name, value)
        if fault:
            raise ScenarioError(f"{where}.{name}: {fault}.")
    if not operators.intersection(spec):
        raise ScenarioError(f"{where}: {', '.join(spec)} changes an operator, but there is none.")


# --- JSON ---------------------------------------------------------------------------------------


def compile_json(
    spec: Json, where: str, *, operators: bool = True, extra: bool = True, order: bool = True
) -> JsonTest:
    """Compile the comparison of a JSON value with `spec`, each difference at its place.

    `operators`: mappings of operator names are operators. `extra`: properties not named are free.
    `order`: lists compare in order.
    """
    inner = partial(compile_json, operators=operators, extra=extra, order=order)
    if isinstance(spec, dict):
        if operators and is_operators(spec):
            return _compile_operators(spec, where)
        return _compile_object(spec, where, inner, extra=extra)
    if isinstance(spec, list):
        return _compile_list(spec, where, inner, order=order)

    def scalar(actual: Any, place: str, at: float) -> tuple[Difference, ...]:
        return () if _same(spec, actual) else _difference(place, spec, actual)

    return scalar


def _same(expected: Any, actual: Any) -> bool:
    # Python holds True == 1; JSON does not.
    return expected == actual and isinstance(expected, bool) is isinstance(actual, bool)


def _difference(place: str, expected: Any, actual: Any) -> tuple[Difference, ...]:
    value = ABSENT if actual is NOTHING else text_of(actual) if isinstance(actual, bytes) else actual
    return (Difference(place, expected, value),)


def _compile_object(spec: Mapping[str, Json], where: str, inner: Compile, *, extra: bool) -> JsonTest:
    members = [(name, name.lower(), inner(value, f"{where}.{name}")) for name, value in spec.items()]
    names = frozenset(folded for _, folded, _ in members)

    def test(actual: Any, place: str, at: float) -> tuple[Difference, ...]:
        if not isinstance(actual, Mapping):
            return _difference(place, spec, actual)
        differences: tuple[Difference, ...] = ()
        folded_names: dict[str, str] | None = None
        for name, folded, member in members:
            value = actual.get(name, NOTHING)
            if value is NOTHING:
                if folded_names is None:
                    folded_names = {key.lower(): key for key in actual}
                value = actual[folded_names[folded]] if folded in folded_names else NOTHING
            differences += member(value, f"{place}.{name}", at)
        if not extra:
            for name, value in actual.items():
                if name.lower() not in names:
                    differences += (Difference(f"{place}.{name}", ABSENT, value),)
        return differences

    return test


def _compile_list(spec: list[Json], where: str, inner: Compile, *, order: bool) -> JsonTest:
    items = [inner(value, f"{where}[{number}]") for number, value in enumerate(spec)]

    def test(actual: Any, place: str, at: float) -> tuple[Difference, ...]:
        if not isinstance(actual, list) or len(actual) != len(items):
            return _difference(place, spec, actual)
        if order:
            differences: tuple[Difference, ...] = ()
            for number, item in enumerate(items):
                differences += item(actual[number], f"{place}[{number}]", at)
            return differences
        rest = list(actual)
        for item in items:
            hit = next((i for i, value in enumerate(rest) if not item(value, place, at)), None)
            if hit is None:
                return _difference(place, spec, actual)
            del rest[hit]
        return ()

    return test


def _compile_operators(spec: Mapping[str, Json], where: str) -> JsonTest:
    _check_keys(spec, JSON_KEYS, JSON_OPERATORS, where)
    fold = bool(spec.get("caseInsensitive"))
    wants_absent = spec.get("absent")
    predicates = [
        (name, _predicate(name, value, fold=fold))
        for name, value in spec.items()
        if name in TEXT_OPERATORS and name not in ("absent", "equalTo")
    ]
    equal = _equal_to(spec["equalTo"], fold=fold) if "equalTo" in spec else None
    path = _compile_path(spec["matchesJsonPath"], where) if "matchesJsonPath" in spec else None
    whole: JsonTest | None = None
    if "equalToJson" in spec:
        expected = spec["equalToJson"]
        whole = compile_json(
            json.loads(expected) if isinstance(expected, str) else expected,
            where,
            operators=False,
            extra=bool(spec.get("ignoreExtraElements")),
            order=not spec.get("ignoreArrayOrder"),
        )

    def test(actual: Any, place: str, at: float) -> tuple[Difference, ...]:
        if wants_absent is not None and (actual is NOTHING) is not wants_absent:
            return _difference(place, spec, actual)
        if actual is NOTHING:
            holds = all(name in NEGATIVE for name, _ in predicates) and not (equal or path or whole)
            return () if holds else _difference(place, spec, actual)
        if predicates:
            text = text_of(actual)
            if not all(predicate(text, at) for _, predicate in predicates):
                return _difference(place, spec, actual)
        if (equal and not equal(actual)) or (path and not path(actual, at)):
            return _difference(place, spec, actual)
        return whole(actual, place, at) if whole else ()

    return test


def _equal_to(expected: Json, *, fold: bool) -> Callable[[Any], bool]:
    if fold and isinstance(expected, str):
        folded = expected.casefold()
        return lambda actual: isinstance(actual, str) and actual.casefold() == folded
    return lambda actual: _same(expected, actual)


def _compile_path(spec: Any, where: str) -> Callable[[Any, float], bool]:
    if not isinstance(spec, Mapping):
        find = jsonpath(str(spec))
        return lambda actual, at: bool(find(actual))
    rest = {name: value for name, value in spec.items() if name != "expression"}
    find = jsonpath(str(spec["expression"]))
    if not rest:
        return lambda actual, at: bool(find(actual))
    test = compile_json(rest, f"{where}.matchesJsonPath")
    if rest.get("absent") is True:
        return lambda actual, at: not find(actual)
    return lambda actual, at: any(not test(value, "", at) for value in find(actual))


def raw_text_operators(spec: object) -> bool:
    """Whether a body's operators can be answered from its text alone, decoded or not."""
    return isinstance(spec, Mapping) and bool(spec) and all(key in TEXT_KEYS for key in spec)
