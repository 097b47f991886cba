"""Where two answers to one call differ, by path, what changes with every call aside."""

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


def differences(wanted: Reply, actual: Reply) -> list[Difference]:
    """What of `actual` is other than `wanted`; dates, GUIDs and what has a stand-in may be any others."""
    found = []
    if wanted.status != actual.status:
        found.append(Difference("reply status", wanted.status, actual.status))
    found += _values(value_of(wanted), value_of(actual), "reply body")
    return found[:_MOST]


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


def _values(wanted: Any, actual: Any, place: str) -> Iterator[Difference]:
    if isinstance(wanted, dict) and isinstance(actual, dict):
        for name in dict.fromkeys([*wanted, *actual]):
            if name in wanted and name in actual:
                yield from _values(wanted[name], actual[name], f"{place}.{name}")
            else:
                yield Difference(f"{place}.{name}", wanted.get(name, "absent"), actual.get(name, "absent"))
    elif isinstance(wanted, list) and isinstance(actual, list):
        if len(wanted) != len(actual):
            yield Difference(place, f"{len(wanted)} items", f"{len(actual)} items")
        for number, (one, other) in enumerate(zip(wanted, actual, strict=False)):
            yield from _values(one, other, f"{place}[{number}]")
    elif not _same(wanted, actual):
        yield Difference(place, wanted, actual)


def _same(wanted: Any, actual: Any) -> bool:
    if wanted == actual and isinstance(wanted, bool) is isinstance(actual, bool):
        return True
    if not (isinstance(wanted, str) and isinstance(actual, str)):
        return False
    if _STAND_IN.search(wanted) or (_GUID.fullmatch(wanted) and _GUID.fullmatch(actual)):
        return True
    return _is_date(wanted) and _is_date(actual)


def _is_date(text: str) -> bool:
    if "T" not in text:
        return False
    try:
        datetime.fromisoformat(text)
    except ValueError:
        return False
    return True
