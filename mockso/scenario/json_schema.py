"""JSON Schema 2020-12 of a scenario file, walked out of the marshmallow schemas that the loader uses.

Editors complete and check with it. It says what stands where; what needs the contract (does the
operation exist, does the reply keep its type) only the loader says.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockso.matching import fields as kinds
from mockso.matching import operators
from mockso.scenario.schema import DelayValue, MatchKeys, ScenarioKeys

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "A mockso scenario"

JsonSchema = dict[str, Any]

_TEXT: JsonSchema = {"type": "string", "minLength": 1}


def scenario_json_schema() -> JsonSchema:
    """The schema of a scenario file."""
    definitions: dict[str, JsonSchema] = {
        "match": _keys(MatchKeys),
        "textOperators": _operators(operators.TEXT_KEYS, operators.TEXT_OPERATORS),
        "jsonOperators": _operators(operators.JSON_KEYS, operators.JSON_OPERATORS),
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
    return {
        "$schema": DIALECT,
        "title": TITLE,
        **_keys(ScenarioKeys),
        "$defs": definitions,
    }


def _ref(name: str) -> JsonSchema:
    return {"$ref": f"#/$defs/{name}"}


def _keys(schema: type[kinds.Keys]) -> JsonSchema:
    declared: Mapping[str, Any] = schema._declared_fields
    properties = {name: _field(field) for name, field in declared.items()}
    result: JsonSchema = {
        "type": "object",
        "description": (schema.__doc__ or "").strip(),
        "properties": properties,
        "additionalProperties": False,
    }
    required = [name for name, field in declared.items() if field.required]
    if required:
        result["required"] = required
    if schema.not_empty:
        result["minProperties"] = 1
    if schema.exactly_one:
        result["oneOf"] = [{"required": [key]} for key in schema.exactly_one]
    if schema.at_most_one:
        none = {"not": {"anyOf": [{"required": [key]} for key in schema.at_most_one]}}
        result["oneOf"] = [*({"required": [key]} for key in schema.at_most_one), none]
    if schema.needs:
        result["dependentSchemas"] = {
            key: {"anyOf": [{"required": [other]} for other in others]}
            for key, others in schema.needs.items()
        }
    if schema.not_both:
        outer, inner, key = schema.not_both
        result["not"] = {
            "required": [outer, inner],
            "properties": {inner: {"type": "object", "required": [key]}},
        }
    return result


def _field(field: Any) -> JsonSchema:
    made: JsonSchema = _FIELDS[type(field)](field)
    return made


def _text(field: kinds.Text) -> JsonSchema:
    if field.one_of:
        return {"enum": list(field.one_of)}
    result: JsonSchema = {"type": "string"} if field.empty else dict(_TEXT)
    return {**result, "pattern": field.pattern} if field.pattern else result


def _number(field: kinds.Number) -> JsonSchema:
    result: JsonSchema = {"type": "integer" if field.whole else "number", "minimum": field.low}
    return result if field.high is None else {**result, "maximum": field.high}


def _mapped(field: kinds.Mapped) -> JsonSchema:
    result: JsonSchema = {
        "type": "object",
        "minProperties": 1,
        "additionalProperties": _field(field.item),
    }
    return {**result, "propertyNames": {"pattern": field.pattern}} if field.pattern else result


def _nested(field: kinds.Nested) -> JsonSchema:
    return _ref("match") if field.schema_class is MatchKeys else _keys(field.schema_class)


def _header_value(field: kinds.HeaderValue) -> JsonSchema:
    one: JsonSchema = {
        "type": ["string", "number", "boolean"],
        "pattern": kinds.HEADER_VALUE,
    }
    return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


def _delay(field: DelayValue) -> JsonSchema:
    from mockso.scenario.schema import DelayKeys

    seconds: JsonSchema = {"type": "number", "minimum": 0, "maximum": kinds.LONGEST_DELAY}
    return {"anyOf": [seconds, _keys(DelayKeys)]}


def _pair(field: kinds.Pair) -> JsonSchema:
    seconds: JsonSchema = {"type": "number", "minimum": 0, "maximum": kinds.LONGEST_DELAY}
    return {"type": "array", "minItems": 2, "maxItems": 2, "items": seconds}


def _path_query(field: kinds.PathQuery) -> JsonSchema:
    with_operators = _operators(
        operators.JSON_KEYS - {"matchesJsonPath"}, operators.JSON_OPERATORS - {"matchesJsonPath"}
    )
    with_operators["properties"]["expression"] = dict(_TEXT)
    with_operators["required"] = ["expression"]
    with_operators["anyOf"].append({"maxProperties": 1})
    return {"anyOf": [_TEXT, with_operators]}


def _operators(keys: frozenset[str], names: frozenset[str]) -> JsonSchema:
    result: JsonSchema = {
        "type": "object",
        "properties": {key: _field(kinds.OPERATOR_VALUES[key]) for key in sorted(keys)},
        "additionalProperties": False,
        "anyOf": [{"required": [name]} for name in sorted(names)],
    }
    if "equalToJson" in names:
        result["dependentRequired"] = {
            key: ["equalToJson"] for key in ("ignoreExtraElements", "ignoreArrayOrder")
        }
    return result


_NAME = _TEXT

_FIELDS: Mapping[type, Callable[[Any], JsonSchema]] = {
    kinds.Text: _text,
    kinds.Number: _number,
    kinds.Flag: lambda field: {"type": "boolean"},
    kinds.Names: lambda field: {"anyOf": [_NAME, {"type": "array", "minItems": 1, "items": _NAME}]},
    kinds.TextValue: lambda field: {
        "anyOf": [{"type": ["string", "number", "boolean"]}, _ref("textOperators")]
    },
    kinds.PathValue: lambda field: {
        "anyOf": [{"type": "string", "pattern": kinds.PATH}, _ref("textOperators")]
    },
    kinds.BodyValue: lambda field: _ref("bodyValue"),
    kinds.AnyJson: lambda field: {},
    kinds.Mapped: _mapped,
    kinds.HeaderValue: _header_value,
    kinds.Nested: _nested,
    kinds.ListOf: lambda field: {"type": "array", "minItems": 1, "items": _field(field.item)},
    kinds.Pair: _pair,
    DelayValue: _delay,
    kinds.Scalar: lambda field: {"type": ["string", "number", "boolean", "null"]},
    kinds.Fragment: lambda field: {"type": ["string", "number"], "minLength": 1},
    kinds.PathQuery: _path_query,
}
