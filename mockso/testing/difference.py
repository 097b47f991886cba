"""Two JSON values compared: the places that differ, and nothing else."""

from __future__ import annotations

import json
from collections.abc import Iterator
from difflib import SequenceMatcher
from typing import Any

_SHOWN = 20


class JsonObject(dict[str, Any]):
    """A JSON object of a call: a dict, whose comparison in a failed assertion is told place by place."""


class JsonArray(list[Any]):
    """A JSON array of a call: a list, told the same way."""


def told_apart(value: Any) -> Any:
    """A JSON value whose comparisons are told place by place."""
    if isinstance(value, dict):
        return JsonObject(value)
    return JsonArray(value) if isinstance(value, list) else value


def explained(left: Any, right: Any) -> list[str] | None:
    """What a failed `left == right` is explained by; None where neither is of a call.

    The one of a call is the actual value, on whichever side it stands.
    """
    if isinstance(left, JsonObject | JsonArray):
        actual, expected = left, right
    elif isinstance(right, JsonObject | JsonArray):
        actual, expected = right, left
    else:
        return None
    found = differences(expected, actual)
    more = [f"... and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
    count = "1 place differs" if len(found) == 1 else f"{len(found)} places differ"
    return [f"the JSON of the call: {count}", *found[:_SHOWN], *more]


def differences(expected: Any, actual: Any, where: str = "body") -> list[str]:
    """A line for each place that differs, as "body.Persons[0].Firstname: expected 'Ann', was 'Bob'"."""
    return list(_differences(expected, actual, where))


def _differences(expected: Any, actual: Any, where: str) -> Iterator[str]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in [*expected, *(name for name in actual if name not in expected)]:
            place = f"{where}.{name}"
            if name not in actual:
                yield f"{place}: expected {_shown(expected[name])}, was missing"
            elif name not in expected:
                yield f"{place}: not expected, was {_shown(actual[name])}"
            else:
                yield from _differences(expected[name], actual[name], place)
    elif isinstance(expected, list) and isinstance(actual, list):
        yield from _in_lists(expected, actual, where)
    elif expected != actual or isinstance(expected, bool) is not isinstance(actual, bool):
        yield f"{where}: expected {_shown(expected)}, was {_shown(actual)}"


def _in_lists(expected: list[Any], actual: list[Any], where: str) -> Iterator[str]:
    if len(expected) == len(actual):
        for number, (wanted, got) in enumerate(zip(expected, actual, strict=True)):
            yield from _differences(wanted, got, f"{where}[{number}]")
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
            yield f"{where}[{number}]: expected {_shown(expected[number])}, was missing"
        for number in range(from_ + common, to):
            yield f"{where}[{number}]: not expected, was {_shown(actual[number])}"


def _text(value: Any) -> str:
    return json.dumps(value, sort_keys=True, default=str)


def _shown(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."


def assert_json(actual: Any, expected: Any, where: str = "body") -> None:
    """Fail, naming the places that differ and no others."""
    __tracebackhide__ = True
    found = differences(expected, actual, where)
    if found:
        more = [f"... and {len(found) - _SHOWN} more"] if len(found) > _SHOWN else []
        raise AssertionError("\n".join([f"{len(found)} differences", *found[:_SHOWN], *more]))
