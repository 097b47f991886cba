"""The kinds of value a scenario's keys take: marshmallow fields that tell what is wrong with one.

Values pass unchanged: what is read is what was written. Which key takes which is scenario_schema.py's.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache, cached_property
from typing import Any

from marshmallow import INCLUDE, Schema, ValidationError, validates_schema
from marshmallow import fields as marshmallow_fields

from mockso.errors import did_you_mean
from mockso.matching import operators
from mockso.scenario import delay

LONGEST_DELAY = delay.LONGEST
PATH = r"^[/*]"
HEADER_VALUE = r"^[\t\x20-\x7e\x80-\xff]*$"


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


def shown_value(value: Any) -> str:
    """A value as a file would have it."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, dict | list) else repr(value)


def expected(what: str, value: Any) -> str:
    """The message for a value of the wrong kind."""
    if value is None:
        return f"expected {what}, but there is no value."
    shown = shown_value(value)
    return f"expected {what}, got {shown if len(shown) <= 80 else shown[:77] + '...'}."


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
            return expected(what, value) + near
        if not isinstance(value, str) or (not value and not self.empty):
            return expected(self.what, value)
        if self.pattern and not re.fullmatch(self.pattern, value):
            return expected(self.what, value)
        return None


class Number(Key):
    """A number in a range, perhaps a whole one."""

    def __init__(
        self, what: str, low: float, high: float | None = None, *, whole: bool = False, required: bool = False
    ) -> None:
        super().__init__(required=required)
        self.what, self.low, self.high, self.whole = what, low, high, whole

    def fault(self, value: Any) -> Any:
        # A whole number may be too large for a float, and asking so would be the error.
        fits = isinstance(value, int | float) and not isinstance(value, bool) and _finite(value)
        if fits and self.whole:
            fits = isinstance(value, int) or value.is_integer()
        if not fits or value < self.low or (self.high is not None and value > self.high):
            return expected(self.what, value)
        return None


class Flag(Key):
    """True or false."""

    def fault(self, value: Any) -> Any:
        return None if isinstance(value, bool) else expected("true or false", value)


class Names(Key):
    """One name or a list of names."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            return None
        if not isinstance(value, list) or not value:
            return expected("a name, a pattern or a list of them", value)
        return {
            number: [expected("a name or a pattern", item)]
            for number, item in enumerate(value)
            if not isinstance(item, str) or not item
        }


class TextValue(Key):
    """What a query argument or header must be: a literal or operators."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return _operator_faults(value, operators.TEXT_KEYS, operators.TEXT_OPERATORS)
        if isinstance(value, str | int | float) and _finite(value):
            return None
        return expected("a text, a number, true, false or operators", value)


class PathValue(Key):
    """A path, pattern or template, or operators."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return _operator_faults(value, operators.TEXT_KEYS, operators.TEXT_OPERATORS)
        if isinstance(value, str) and re.search(PATH, value):
            return None
        return expected("a path such as /api/v1/Contact/17, or operators", value)


class BodyValue(Key):
    """What a body must be: JSON, with operators at any depth."""

    def fault(self, value: Any) -> Any:
        return _json_faults(value)


class AnyJson(Key):
    """Any JSON value."""

    def fault(self, value: Any) -> Any:
        return None


class Mapped(Key):
    """A mapping of free names to values of one kind."""

    def __init__(self, item: Key, what: str, pattern: str = "", form: str = "") -> None:
        super().__init__()
        self.item, self.what, self.pattern, self.form = item, what, pattern, form

    def fault(self, value: Any) -> Any:
        if not isinstance(value, Mapping) or not value:
            return expected(self.what, value)
        found: dict[Any, Any] = {}
        for name, item in value.items():
            fault = self.item.fault(item)
            if self.pattern and not re.fullmatch(self.pattern, name):
                fault = expected(self.form, name)
            if fault:
                found[name] = fault if isinstance(fault, dict) else [fault]
        return found


class HeaderValue(Key):
    """The value of a reply's header; a list sends the header several times."""

    def fault(self, value: Any) -> Any:
        values = value if isinstance(value, list) and value else [value]
        for item in values:
            if not isinstance(item, str | int | float) or not re.fullmatch(HEADER_VALUE, str(item)):
                return expected("a line of Latin-1 text, a number or a list of them", value)
        return None


class Nested(Key):
    """An object with keys of its own."""

    def __init__(self, schema: type[Keys], *, required: bool = False) -> None:
        super().__init__(required=required)
        self.schema_class = schema

    def fault(self, value: Any) -> Any:
        return faults_of(self.schema_class, value)


class ListOf(Key):
    """A list of one kind, not empty."""

    def __init__(self, item: Key, what: str, *, required: bool = False) -> None:
        super().__init__(required=required)
        self.item, self.what = item, what

    def fault(self, value: Any) -> Any:
        if not isinstance(value, list) or not value:
            return expected(self.what, value)
        found: dict[int, Any] = {}
        for number, item in enumerate(value):
            fault = self.item.fault(item)
            if fault:
                found[number] = fault if isinstance(fault, dict) else [fault]
        return found


class Pair(Key):
    """Two numbers, the smaller first."""

    def fault(self, value: Any) -> Any:
        bounds = Number("", 0, LONGEST_DELAY)
        if not isinstance(value, list) or len(value) != 2 or any(bounds.fault(item) for item in value):
            return expected("two numbers of seconds, [least, most]", value)
        if value[0] > value[1]:
            return f"the least, {value[0]}, is more than the most, {value[1]}; swap them."
        return None


def _finite(value: Any) -> bool:
    return not isinstance(value, float) or math.isfinite(value)


def _operator_faults(
    value: Mapping[Any, Any], known: frozenset[str], names: frozenset[str], also: frozenset[str] = frozenset()
) -> Any:
    found: dict[Any, Any] = {}
    for name, item in value.items():
        if name not in known | also:
            found[name] = [f"no such operator.{did_you_mean(str(name), known)}"]
            continue
        fault = None if name in also else OPERATOR_VALUES[name].fault(item)
        if not fault:
            fault = operators.fault_of(name, item)
            fault = f"{fault}." if fault else None
        if fault:
            found[name] = fault if isinstance(fault, dict) else [fault]
    if not found and not names.intersection(value) and not (also and also >= set(value)):
        return expected(f"an operator ({', '.join(sorted(names))})", dict(value))
    for modifier in ("ignoreExtraElements", "ignoreArrayOrder"):
        if not found and modifier in value and "equalToJson" not in value:
            found[modifier] = ["changes equalToJson, but there is none."]
    return found


def _json_faults(value: Any) -> Any:
    if isinstance(value, list):
        return _gather(enumerate(value))
    if isinstance(value, Mapping):
        if operators.is_operators(value):
            return _operator_faults(value, operators.JSON_KEYS, operators.JSON_OPERATORS)
        return _gather(value.items())
    return None


def _gather(items: Iterable[tuple[Any, Any]]) -> dict[Any, Any]:
    found: dict[Any, Any] = {}
    for key, item in items:
        fault = _json_faults(item)
        if fault:
            found[key] = fault if isinstance(fault, dict) else [fault]
    return found


class Scalar(Key):
    """A text, number, true, false or null."""

    def fault(self, value: Any) -> Any:
        return expected("a text, a number, true, false or null", value) if _composed(value) else None


class Fragment(Key):
    """A text or number to look for."""

    def fault(self, value: Any) -> Any:
        fits = isinstance(value, str | int | float) and not isinstance(value, bool) and value != ""
        return None if fits else expected("a text", value)


class PathQuery(Key):
    """A JSONPath, or one with operators for what it finds."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, str) and value:
            return None
        if not isinstance(value, Mapping):
            return expected("a JSONPath such as $.Persons[0].Firstname", value)
        if not isinstance(value.get("expression"), str) or not value["expression"]:
            return {"expression": ["is missing, or not a text: a JSONPath such as $.Name."]}
        names = operators.JSON_OPERATORS - {"matchesJsonPath"}
        return _operator_faults(
            value, operators.JSON_KEYS - {"matchesJsonPath"}, names, frozenset({"expression"})
        )


def _composed(value: Any) -> bool:
    return isinstance(value, Mapping | list)


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


# --- objects ------------------------------------------------------------------------------------


class Keys(Schema):
    """An object whose keys are all known."""

    class Meta:
        unknown = INCLUDE  # so that they are told with the nearest name, below
        register = False

    at_most_one: tuple[str, ...] = ()
    exactly_one: tuple[str, ...] = ()
    needs: Mapping[str, tuple[str, ...]] = {}  # key -> one of these must be there too
    not_empty = False
    not_both: tuple[str, str, str] | None = None  # this key, and in that other key this one again

    def plainly_good(self, value: Mapping[str, Any]) -> bool:
        """Whether marshmallow would find nothing wrong."""
        known = self._faults_by_key
        for key, item in value.items():
            fault = known.get(key)
            if fault is None or fault(item):
                return False
        if not value.keys() >= self._required:
            return False
        return not self._conditions or not self._key_faults(value)

    @cached_property
    def _faults_by_key(self) -> dict[str, Callable[[Any], Any]]:
        return {name: field.fault for name, field in self.load_fields.items() if isinstance(field, Key)}

    @cached_property
    def _required(self) -> frozenset[str]:
        return frozenset(name for name, field in self.load_fields.items() if field.required)

    @cached_property
    def _conditions(self) -> bool:
        """Whether there is more to say of the keys than which are known."""
        return bool(
            self.at_most_one or self.exactly_one or self.needs or self.not_empty or self.not_both is not None
        )

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _keys(self, data: Any, original: Mapping[str, Any], **kwargs: Any) -> None:
        found = self._key_faults(original)
        if found:
            raise ValidationError(found)

    def _key_faults(self, value: Mapping[str, Any]) -> str | dict[str, list[str]]:
        """What is wrong with the keys that are there, whatever their values."""
        found: dict[str, list[str]] = {}
        for key in value:
            if key not in self.load_fields:
                near = did_you_mean(str(key), self.load_fields)
                found[key] = [f"no such key.{near or ' Known are ' + ', '.join(self.load_fields) + '.'}"]
        for group in (self.at_most_one, self.exactly_one):
            given = [key for key in group if key in value]
            for key in given[1:]:
                found.setdefault(key, [f"stands beside {given[0]!r}; keep one of the two."])
        if self.exactly_one and not found and not any(key in value for key in self.exactly_one):
            return f"needs one of {', '.join(self.exactly_one)}."
        for key, others in self.needs.items():
            if key in value and not any(other in value for other in others):
                found.setdefault(key, [f"needs {' or '.join(others)} beside it."])
        if self.not_empty and not value:
            return "is empty; put something in, or leave it out."
        if self.not_both is not None:
            outer, inner, key = self.not_both
            other = value.get(inner)
            if outer in value and isinstance(other, Mapping) and key in other:
                found.setdefault(outer, [f"stands beside {inner}.{key}; keep one of the two."])
        return found


@cache
def _instance(schema: type[Keys]) -> Keys:
    return schema()


def faults_of(schema: type[Keys], value: Any) -> Any:
    """What is wrong with a value, nested as marshmallow has it; a text or None."""
    if not isinstance(value, Mapping):
        return expected("keys with values", value)
    instance = _instance(schema)
    # Nearly all files are good, and ten thousand of them are read in a second: marshmallow is
    # asked, at six times the cost, where there is something to tell.
    return None if instance.plainly_good(value) else instance.validate(value) or None
