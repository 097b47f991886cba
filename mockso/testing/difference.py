"""The differences between two JSON values, place by place."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

_MOST = 20


class JsonObject(dict[str, Any]):
    """A JSON object of a call: a dict, for which a failed assertion names each place that differs."""


class JsonArray(list[Any]):
    """A JSON array of a call: a list with the same property."""


def comparable(value: Any) -> Any:
    """A JSON value for which a failed assertion names each place that differs."""
    if isinstance(value, dict):
        return JsonObject(value)
    return JsonArray(value) if isinstance(value, list) else value


def explain(left: Any, right: Any) -> list[str] | None:
    """Explain a failed `left == right` in lines; None if neither is a value of a call.

    The value of a call is the actual one, on either side.
    """
    if isinstance(left, JsonObject | JsonArray):
        actual, expected = left, right
    elif isinstance(right, JsonObject | JsonArray):
        actual, expected = right, left
    else:
        return None
    places = differences(expected, actual)
    more = [f"... and {len(places) - _MOST} more"] if len(places) > _MOST else []
    count = "1 place differs" if len(places) == 1 else f"{len(places)} places differ"
    return [f"the JSON of the call: {count}", *places[:_MOST], *more]


def differences(expected: Any, actual: Any, where: str = "body") -> list[str]:
    """A line for each place that differs, as "body.Persons[0].Firstname: expected 'Ann', was 'Bob'"."""
    return list(_differences(expected, actual, where))


def _differences(expected: Any, actual: Any, where: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in [*expected, *(name for name in actual if name not in expected)]:
            place = f"{where}.{name}"
            if name not in actual:
                yield f"{place}: expected {_excerpt(expected[name])}, was missing"
            elif name not in expected:
                yield f"{place}: not expected, was {_excerpt(actual[name])}"
            else:
                yield from _differences(expected[name], actual[name], place)
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from _in_lists(expected, actual, where)
    elif expected != actual or isinstance(expected, bool) is not isinstance(actual, bool):
        yield f"{where}: expected {_excerpt(expected)}, was {_excerpt(actual)}"


def _in_lists(expected: list[Any], actual: list[Any], where: str) -> Iterator[str]:
    if len(expected) == len(actual):
        for number, (one, other) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(one, other, f"{where}[{number}]")
        return
    # One item more at the front must not make all others look wrong.
    matcher = SequenceMatcher(None, [*map(_text, expected)], [*map(_text, actual)], autojunk=False)
    for kind, low, high, from_, to in matcher.get_opcodes():
        if kind == "equal":
            continue
        common = min(high - low, to - from_)
        for step in range(common):
            yield from _differences(expected[low + step], actual[from_ + step], f"{where}[{from_ + step}]")
        for number in range(low + common, high):
            yield f"{where}[{number}]: expected {_excerpt(expected[number])}, was missing"
        for number in range(from_ + common, to):
            yield f"{where}[{number}]: not expected, was {_excerpt(actual[number])}"


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _excerpt(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def assert_json(actual: Any, expected: Any, where: str = "body") -> None:
    """Fail, naming the places that differ and no others."""
    __tracebackhide__ = True
    places = differences(expected, actual, where)
    if places:
        more = [f"... and {len(places) - _MOST} more"] if len(places) > _MOST else []
        raise AssertionError("\n".join([f"{len(places)} differences", *places[:_MOST], *more]))
