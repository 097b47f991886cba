"""The keys of a match and the kinds of values they take, as marshmallow fields; faults with their places.

The one description of the language of matches: `Match.from_json` checks with it, and so do scenario files. What
the operators mean is said in operators.py.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from mockso.errors import did_you_mean, suggest
from mockso.matching import operators
from mockso.matching.fields import (
    TEXT,
    AnyJson,
    Flag,
    JsonSchema,
    Key,
    Keys,
    ListOf,
    MapOf,
    Names,
    ObjectOf,
    Text,
    expected_message,
    faults_of,
    gather,
    is_finite,
    keys_json_schema,
)

PATH = r"^[/*]"
VERDICTS = ("accepted", "broken", "any")


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a file; `place` is the way there, ("steps", 0, "match")."""

    place: tuple[str | int, ...]
    message: str

    def line(self, where: str = "") -> str:
        return f"{spell(self.place, where)}: {self.message}"


def spell(place: Iterable[str | int], start: str = "") -> str:
    """Spell a place as people write it: "steps[0].match.query.$top"."""
    text = start
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "scenario"


# --- values -------------------------------------------------------------------------------------


class TextValue(Key):
    """The value of a query argument or header: a literal or operators."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return _operator_faults(value, operators.TEXT_KEYS, operators.TEXT_OPERATORS)
        if isinstance(value, str | int | float) and is_finite(value):
            return None
        return expected_message("a text, a number, true, false or operators", value)

    def json_schema(self) -> JsonSchema:
        return {"anyOf": [{"type": ["string", "number", "boolean"]}, _ref("textOperators")]}


class PathValue(Key):
    """A path, pattern or template, or operators."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return _operator_faults(value, operators.TEXT_KEYS, operators.TEXT_OPERATORS)
        if isinstance(value, str) and re.search(PATH, value):
            return None
        return expected_message("a path such as /api/v1/Contact/17, or operators", value)

    def json_schema(self) -> JsonSchema:
        return {"anyOf": [{"type": "string", "pattern": PATH}, _ref("textOperators")]}


class BodyValue(Key):
    """A body: JSON, with operators at any depth."""

    def fault(self, value: Any) -> Any:
        return _json_faults(value)

    def json_schema(self) -> JsonSchema:
        return _ref("bodyValue")


# Operators of WireMock and of other mocks, in lower case.
_OPERATORS_OF_OTHERS = {
    **dict.fromkeys(("equals", "eq", "is", "equaltoignorecase", "exactly"), "equalTo"),
    **dict.fromkeys(
        ("regex", "regexp", "pattern", "like", "startswith", "endswith", "matchespattern"), "matches"
    ),
    **dict.fromkeys(("notmatches", "notregex"), "doesNotMatch"),
    **dict.fromkeys(("includes", "has", "substring", "icontains"), "contains"),
    **dict.fromkeys(("excludes", "notcontains", "doesnotinclude"), "doesNotContain"),
    **dict.fromkeys(("missing", "isabsent", "exists", "present"), "absent"),
    **dict.fromkeys(("jsonpath", "matchesjsonschema"), "matchesJsonPath"),
    **dict.fromkeys(("json", "jsonequals", "equaltojsonpath"), "equalToJson"),
    **dict.fromkeys(("lt", "lessthan", "earlierthan"), "before"),
    **dict.fromkeys(("gt", "greaterthan", "laterthan"), "after"),
}


def _operator_faults(
    value: Mapping[Any, Any], known: frozenset[str], names: frozenset[str], also: frozenset[str] = frozenset()
) -> Any:
    faults: dict[Any, Any] = {}
    for name, item in value.items():
        if name not in known | also:
            ours = _OPERATORS_OF_OTHERS.get(str(name).lower().lstrip("$"), "")
            hint = suggest(ours) if ours in known else did_you_mean(str(name), known)
            faults[name] = [f"no such operator.{hint or ' Known are ' + ', '.join(sorted(known)) + '.'}"]
            continue
        fault = None if name in also else OPERATOR_VALUES[name].fault(item)
        if not fault:
            fault = operators.fault_of(name, item)
            fault = f"{fault}." if fault else None
        if fault:
            faults[name] = fault if isinstance(fault, dict) else [fault]
    if not faults and not names.intersection(value) and not (also and also >= set(value)):
        return expected_message(f"an operator ({', '.join(sorted(names))})", dict(value))
    for modifier in ("ignoreExtraElements", "ignoreArrayOrder"):
        if not faults and modifier in value and "equalToJson" not in value:
            faults[modifier] = ["changes equalToJson, but there is none."]
    return faults


def _json_faults(value: Any) -> Any:
    if operators.is_operators(value):
        return _operator_faults(value, operators.JSON_KEYS, operators.JSON_OPERATORS)
    if not isinstance(value, Mapping | list):
        return None
    items = value.items() if isinstance(value, Mapping) else enumerate(value)
    return gather((key, _json_faults(item)) for key, item in items)


class Scalar(Key):
    """A text, number, true, false or null."""

    def fault(self, value: Any) -> Any:
        fits = not isinstance(value, Mapping | list)
        return None if fits else expected_message("a text, a number, true, false or null", value)

    def json_schema(self) -> JsonSchema:
        return {"type": ["string", "number", "boolean", "null"]}


class Fragment(Key):
    """A text or number to look for."""

    def fault(self, value: Any) -> Any:
        fits = isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
        return None if fits else expected_message("a text", value)

    def json_schema(self) -> JsonSchema:
        return {"type": ["string", "number"], "minLength": 1}


class PathQuery(Key):
    """A JSONPath, or one with operators for what it finds."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            return None
        if not isinstance(value, Mapping):
            return expected_message("a JSONPath such as $.Persons[0].Firstname", value)
        if not isinstance(value.get("expression"), str) or not value["expression"]:
            return {"expression": ["is missing, or not a text: a JSONPath such as $.Name."]}
        names = operators.JSON_OPERATORS - {"matchesJsonPath"}
        return _operator_faults(
            value, operators.JSON_KEYS - {"matchesJsonPath"}, names, frozenset({"expression"})
        )

    def json_schema(self) -> JsonSchema:
        names = operators.JSON_OPERATORS - {"matchesJsonPath"}
        with_operators = _operators_json_schema(operators.JSON_KEYS - {"matchesJsonPath"}, names)
        with_operators["properties"]["expression"] = {**TEXT, "description": "the path, RFC 9535"}
        with_operators["required"] = ["expression"]
        with_operators["anyOf"].append({"maxProperties": 1})
        return {"anyOf": [TEXT, with_operators]}


OPERATOR_VALUES: Mapping[str, Key] = {
    "equalTo": Scalar(),
    "contains": Fragment(),
    "doesNotContain": Fragment(),
    "matches": Text("a regular expression"),
    "doesNotMatch": Text("a regular expression"),
    "absent": Flag(),
    "before": Text("a date, 'now' or 'now +3 days'"),
    "after": Text("a date, 'now' or 'now +3 days'"),
    "equalToJson": AnyJson(),
    "matchesJsonPath": PathQuery(),
    "caseInsensitive": Flag(),
    "ignoreExtraElements": Flag(),
    "ignoreArrayOrder": Flag(),
}


# --- keys ---------------------------------------------------------------------------------------


class CredentialKeys(Keys):
    """`match.credential`: who calls."""

    not_empty = True

    scheme = TextValue()
    app_token = TextValue()
    tenant = TextValue()


class MatchKeys(Keys):
    """`match`: which calls are meant."""

    definition = "match"

    class Meta(Keys.Meta):
        include: ClassVar = {"not": ObjectOf(lambda: MatchKeys)}  # a word of Python

    operation = Names()
    agent = Names()
    resource = Names()
    method = Names()
    path = PathValue()
    query = MapOf(TextValue(), "query arguments, each with a value or operators")
    headers = MapOf(TextValue(), "headers, each with a value or operators")
    body = BodyValue()
    restricted = Flag()
    verdict = Text(one_of=VERDICTS)
    webhook = Names()
    credential = ObjectOf(CredentialKeys)
    any = ListOf(ObjectOf(lambda: MatchKeys), "a list of matches")


def flatten(faults: Any, place: tuple[str | int, ...] = ()) -> Iterator[Fault]:
    """The faults in what `faults_of` gives, each with its place below `place`."""
    if isinstance(faults, str):
        yield Fault(place, faults)
    elif isinstance(faults, list):
        for item in faults:
            yield from flatten(item, place)
    elif faults:
        for key, item in faults.items():
            yield from flatten(item, place if key == "_schema" else (*place, key))


def match_faults(value: Any) -> list[Fault]:
    """Everything wrong with a match."""
    return list(flatten(faults_of(MatchKeys, value)))


# --- JSON Schema --------------------------------------------------------------------------------


def match_definitions() -> dict[str, JsonSchema]:
    """The definitions that the JSON Schema of anything with a match refers to."""
    return {
        "match": keys_json_schema(MatchKeys),
        "textOperators": _operators_json_schema(operators.TEXT_KEYS, operators.TEXT_OPERATORS),
        "jsonOperators": _operators_json_schema(operators.JSON_KEYS, operators.JSON_OPERATORS),
        "bodyValue": {
            "anyOf": [
                {"type": ["string", "number", "boolean", "null"]},
                {"type": "array", "items": _ref("bodyValue")},
                _ref("jsonOperators"),
                {
                    "type": "object",
                    "propertyNames": {"not": {"enum": sorted(operators.JSON_KEYS)}},
                    "additionalProperties": _ref("bodyValue"),
                },
            ]
        },
    }


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{name}"}


def _operators_json_schema(keys: frozenset[str], names: frozenset[str]) -> JsonSchema:
    result: JsonSchema = {
        "type": "object",
        "properties": {key: OPERATOR_VALUES[key].json_schema() for key in sorted(keys)},
        "additionalProperties": False,
        "anyOf": [{"required": [name]} for name in sorted(names)],
    }
    if "equalToJson" in names:
        result["dependentRequired"] = {
            key: ["equalToJson"] for key in ("ignoreExtraElements", "ignoreArrayOrder")
        }
    return result
