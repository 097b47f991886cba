"""Kinds of values in files: marshmallow fields that say what is wrong with a value, and their JSON Schema.

Values pass unchanged. Which key takes which kind is said in keys.py and the schema of scenarios.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from typing import Any, TypeAlias

from marshmallow import INCLUDE, Schema, ValidationError, validates_schema
from marshmallow import fields as marshmallow_fields

from mockso.errors import did_you_mean, suggest

JsonSchema: TypeAlias = dict[str, Any]
TEXT: JsonSchema = {"type": "string", "minLength": 1}


# Keys of WireMock, of HTTP libraries and of other mocks, and what they are called here.
WORDS_OF_OTHERS = {
    word: ours.split()
    for line in """
        response answer then responds returns: reply
        request when given on req: match
        jsonBody data content payload bodyPatterns: body
        base64Body: base64
        bodyFileName file: body_file
        statusCode code status_code: status
        url urlPath urlPattern urlPathPattern urlPathTemplate uri endpoint address: path
        queryParameters params parameters args: query
        verb methods: method
        header: headers
        fixedDelayMilliseconds delayDistribution sleep wait latency: delay
        chunkedDribbleDelay: dribble
        count repeat limit maxTimes: times
        op operationId: operation
        auth authorization: credential
        or anyOf oneOf: any
        events event: webhook
        title id: name
    """.strip().splitlines()
    for words, ours in [line.split(": ")]
    for word in words.split()
}


class Key(marshmallow_fields.Field[Any]):
    """One key's value; `fault(value)` says what is wrong with it.

    A nested mapping of faults, as marshmallow has it, or a text; None when nothing is.
    """

    default_error_messages = {  # noqa: RUF012  marshmallow reads it from the class
        "required": "is missing; add it.",
        "null": "has no value; give it one or leave the key out.",
    }

    def __init__(self, *, required: bool = False) -> None:
        super().__init__(required=required, allow_none=True)

    def fault(self, value: Any) -> Any:
        raise NotImplementedError

    def json_schema(self) -> JsonSchema:
        """The JSON Schema of the value."""
        raise NotImplementedError

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        self._check(value)
        return value

    def deserialize(self, value: Any, attr: Any = None, data: Any = None, **kwargs: Any) -> Any:
        # marshmallow lets None pass where it is allowed; here it is judged like any value.
        if value is None:
            self._check(value)
            return None
        return super().deserialize(value, attr, data, **kwargs)

    def _check(self, value: Any) -> None:
        fault = self.fault(value)
        if fault:
            raise ValidationError(fault)


def gather(faults: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    """The faults of parts by their key, nested as marshmallow has them; parts without a fault are left out."""
    return {key: fault if isinstance(fault, dict) else [fault] for key, fault in faults if fault}


def spell_value(value: Any) -> str:
    """Spell a value as a file would."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else repr(value)


def expected_message(what: str, value: Any) -> str:
    """The message for a value of the wrong kind."""
    if value is None:
        return f"expected {what}, but there is no value."
    text = spell_value(value)
    return f"expected {what}, got {text if len(text) <= 80 else text[:77] + '...'}."


class Text(Key):
    """A text, perhaps one of a few or of a certain form."""

    def __init__(
        self,
        what: str = "a text",
        *,
        one_of: tuple[str, ...] = (),
        pattern: str = "",
        empty: bool = False,
        required: bool = False,
    ) -> None:
        super().__init__(required=required)
        self.what, self.one_of, self.pattern, self.empty = what, one_of, pattern, empty

    def fault(self, value: Any) -> Any:
        if self.one_of:
            if value in self.one_of:
                return None
            near = did_you_mean(value, self.one_of) if isinstance(value, str) else ""
            # A long list is for the editor; who is near the right name needs only that.
            known = ", ".join(self.one_of) if len(self.one_of) == 1 else f"one of {', '.join(self.one_of)}"
            what = self.what if near and len(self.one_of) > 9 else known
            return expected_message(what, value) + near
        if not isinstance(value, str) or (not value and not self.empty):
            return expected_message(self.what, value)
        if self.pattern and not re.fullmatch(self.pattern, value):
            return expected_message(self.what, value)
        return None

    def json_schema(self) -> JsonSchema:
        if self.one_of:
            return {"enum": list(self.one_of)}
        result: JsonSchema = {"type": "string"} if self.empty else dict(TEXT)
        return {**result, "pattern": self.pattern} if self.pattern else result


class Number(Key):
    """A number in a range, perhaps a whole one."""

    def __init__(
        self, what: str, low: float, high: float | None = None, *, whole: bool = False, required: bool = False
    ) -> None:
        super().__init__(required=required)
        self.what, self.low, self.high, self.whole = what, low, high, whole

    def fault(self, value: Any) -> Any:
        if isinstance(value, str) and re.fullmatch(r"-?(0|[1-9][0-9]*)(\.[0-9]+)?", value):
            return f"{expected_message(self.what, value)} Remove the quotes."
        # A whole number may be too large for a float, and asking so would be the error.
        fits = isinstance(value, int | float) and not isinstance(value, bool) and is_finite(value)
        if fits and self.whole:
            fits = isinstance(value, int) or value.is_integer()
        if not fits or value < self.low or (self.high is not None and value > self.high):
            return expected_message(self.what, value)
        return None

    def json_schema(self) -> JsonSchema:
        result: JsonSchema = {"type": "integer" if self.whole else "number", "minimum": self.low}
        return result if self.high is None else {**result, "maximum": self.high}


class Flag(Key):
    """True or false."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, str) and value.lower() in ("true", "false", "yes", "no", "on", "off"):
            word = "true" if value.lower() in ("true", "yes", "on") else "false"
            return f"{expected_message('true or false', value)} Write {word}, without quotes."
        return None if isinstance(value, bool) else expected_message("true or false", value)

    def json_schema(self) -> JsonSchema:
        return {"type": "boolean"}


class Names(Key):
    """One name or a list of names."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            return None
        if not isinstance(value, list) or not value:
            return expected_message("a name, a pattern or a list of them", value)
        return {
            number: [expected_message("a name or a pattern", item)]
            for number, item in enumerate(value)
            if not isinstance(item, str) or not item
        }

    def json_schema(self) -> JsonSchema:
        return {"anyOf": [TEXT, {"type": "array", "minItems": 1, "items": TEXT}]}


class AnyJson(Key):
    """Any JSON value."""

    def fault(self, value: Any) -> Any:
        return None

    def json_schema(self) -> JsonSchema:
        return {}


class MapOf(Key):
    """A mapping of free names to values of one kind."""

    def __init__(self, item: Key, what: str, pattern: str = "", form: str = "") -> None:
        super().__init__()
        self.item, self.what, self.pattern, self.form = item, what, pattern, form

    def fault(self, value: Any) -> Any:
        if not isinstance(value, Mapping) or not value:
            return expected_message(self.what, value)
        return gather(
            (name, self.item.fault(item))
            if not self.pattern or re.fullmatch(self.pattern, name)
            else (name, expected_message(self.form, name))
            for name, item in value.items()
        )

    def json_schema(self) -> JsonSchema:
        result: JsonSchema = {
            "type": "object",
            "minProperties": 1,
            "additionalProperties": self.item.json_schema(),
        }
        return {**result, "propertyNames": {"pattern": self.pattern}} if self.pattern else result


class ObjectOf(Key):
    """An object with keys of its own; `schema` is a function where the keys lead back to themselves."""

    def __init__(self, schema: type[Keys] | Callable[[], type[Keys]], *, required: bool = False) -> None:
        super().__init__(required=required)
        self._schema = schema

    @property
    def keys(self) -> type[Keys]:
        return self._schema if isinstance(self._schema, type) else self._schema()

    def fault(self, value: Any) -> Any:
        return faults_of(self.keys, value)

    def json_schema(self) -> JsonSchema:
        name = self.keys.definition
        return {"$ref": f"#/$defs/{name}"} if name else keys_json_schema(self.keys)


class ListOf(Key):
    """A list of one kind, not empty."""

    def __init__(self, item: Key, what: str, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.item, self.what = item, what

    def fault(self, value: Any) -> Any:
        if not isinstance(value, list) or not value:
            cure = " Put '- ' before each item." if isinstance(value, Mapping) and value else ""
            return expected_message(self.what, value) + cure
        return gather((number, self.item.fault(item)) for number, item in enumerate(value))

    def json_schema(self) -> JsonSchema:
        return {"type": "array", "minItems": 1, "items": self.item.json_schema()}


def is_finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


# --- objects ------------------------------------------------------------------------------------


class Keys(Schema):
    """An object whose keys are all known."""

    class Meta:
        unknown = INCLUDE  # so that _key_faults can name the nearest
        register = False

    at_most_one: tuple[str, ...] = ()
    exactly_one: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = {}  # key -> one of these must be there too
    not_empty = False
    not_both: tuple[str, str, str] | None = None  # this key, and in that other key this one again
    definition = ""  # its name among the definitions of a JSON Schema, where it has one

    def plainly_good(self, value: Mapping[str, Any]) -> bool:
        """Whether marshmallow would find nothing wrong."""
        known = self._faults_by_key
        for key, item in value.items():
            fault = known.get(key)
            if fault is None or fault(item):
                return False
        if not value.keys() >= self._required_keys:
            return False
        return not self._conditions or not self._key_faults(value)

    @cached_property
    def _faults_by_key(self) -> dict[str, Callable[[Any], Any]]:
        return {name: field.fault for name, field in self.load_fields.items() if isinstance(field, Key)}

    @cached_property
    def _required_keys(self) -> frozenset[str]:
        return frozenset(name for name, field in self.load_fields.items() if field.required)

    @cached_property
    def _conditions(self) -> bool:
        """Whether there is more to say of the keys than which are known."""
        return bool(
            self.at_most_one or self.exactly_one or self.needs or self.not_empty or self.not_both is not None
        )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _keys(self, data: Any, original: Mapping[str, Any], **kwargs: Any) -> None:
        faults = self._key_faults(original)
        if faults:
            raise ValidationError(faults)

    def _key_faults(self, value: Mapping[str, Any]) -> str | dict[str, list[str]]:
        faults: dict[str, list[str]] = {}
        for key in value:
            if key not in self.load_fields:
                ours = WORDS_OF_OTHERS.get(str(key), ())
                near = suggest(*(name for name in ours if name in self.load_fields)) or did_you_mean(
                    str(key), self.load_fields
                )
                faults[key] = [f"no such key.{near or ' Known are ' + ', '.join(self.load_fields) + '.'}"]
        for group in (self.at_most_one, self.exactly_one):
            present = [key for key in group if key in value]
            for key in present[1:]:
                faults.setdefault(key, [f"stands beside {present[0]!r}; keep one of the two."])
        if self.exactly_one and not faults and not any(key in value for key in self.exactly_one):
            return f"needs one of {', '.join(self.exactly_one)}."
        for key, others in self.needs.items():
            if key in value and not any(other in value for other in others):
                faults.setdefault(key, [f"needs {' or '.join(others)} beside it."])
        if self.not_empty and not value:
            return "is empty; put something in, or leave it out."
        if self.not_both is not None:
            outer, inner, key = self.not_both
            other = value.get(inner)
            if outer in value and isinstance(other, Mapping) and key in other:
                faults.setdefault(outer, [f"stands beside {inner}.{key}; keep one of the two."])
        return faults


@cache
def _instance(schema: type[Keys]) -> Keys:
    return schema()


def faults_of(schema: type[Keys], value: Any) -> Any:
    """The faults of a value, nested as marshmallow has them; a text or None."""
    if not isinstance(value, Mapping):
        cure = " One object, not a list: remove the '- ' or the brackets." if isinstance(value, list) else ""
        return expected_message("keys with values", value) + cure
    instance = _instance(schema)
    # Nearly all files are good, and ten thousand of them are read in a second: marshmallow is
    # asked, at six times the cost, where there is something to tell.
    return None if instance.plainly_good(value) else instance.validate(value) or None


def keys_json_schema(schema: type[Keys]) -> JsonSchema:
    """The JSON Schema of an object with these keys."""
    fields: Mapping[str, Any] = _instance(schema).load_fields
    result: JsonSchema = {
        "type": "object",
        "description": (schema.__doc__ or "").strip(),
        "properties": {name: field.json_schema() for name, field in fields.items()},
        "additionalProperties": False,
    }
    required = [name for name, field in fields.items() if field.required]
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
