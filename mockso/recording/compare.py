"""The differences between two answers to one call, by path, without values that change with every call."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from mockso.contract.model import NOTHING
from mockso.exchange.call import Difference
from mockso.exchange.message import Reply

_GUID = re.compile(r"\{?[0-9A-Fa-f]{8}(-[0-9A-Fa-f]{4}){3}-[0-9A-Fa-f]{12}\}?")
_STAND_IN = re.compile(r"#[0-9a-f]{8}")
_MOST = 50


def differences(expected: Reply, actual: Reply) -> list[Difference]:
    """The differences between two replies; dates, GUIDs and values with a stand-in match any others."""
    places = []
    if expected.status != actual.status:
        places.append(Difference("reply status", expected.status, actual.status))
    places += _values(value_of(expected), value_of(actual), "reply body")
    return places[:_MOST]


def value_of(reply: Reply) -> Any:
    """The JSON value of a reply's body, its text or its bytes; None for none."""
    body = reply.body
    if body is NOTHING or body == b"":
        return None
    if not isinstance(body, bytes):
        return body
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return body
    try:
        return json.loads(text)
    except ValueError:
        return text


def _values(expected: Any, actual: Any, place: str) -> Iterator[Difference]:
    if isinstance(expected, dict) and isinstance(actual, dict):
        for name in dict.fromkeys([*expected, *actual]):
            if name in expected and name in actual:
                yield from _values(expected[name], actual[name], f"{place}.{name}")
            else:
                yield Difference(f"{place}.{name}", expected.get(name, "absent"), actual.get(name, "absent"))
    elif isinstance(expected, list) and isinstance(actual, list):
        if len(expected) != len(actual):
            yield Difference(place, f"{len(expected)} items", f"{len(actual)} items")
        for number, (one, other) in enumerate(zip(expected, actual, strict=False)):
            yield from _values(one, other, f"{place}[{number}]")
    elif not _same(expected, actual):
        yield Difference(place, expected, actual)


def _same(expected: Any, actual: Any) -> bool:
    if expected == actual and isinstance(expected, bool) is isinstance(actual, bool):
        return True
    if not (isinstance(expected, str) and isinstance(actual, str)):
        return False
    if _STAND_IN.search(expected) or (_GUID.fullmatch(expected) and _GUID.fullmatch(actual)):
        return True
    return _is_date(expected) and _is_date(actual)


def _is_date(text: str) -> bool:
    if "T" not in text:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
