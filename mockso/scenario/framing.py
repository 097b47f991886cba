"""The headers that say where a body ends: the server's own, unless a step breaks them on purpose."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator, Mapping
from typing import Any

from mockso.matching.keys import Fault
from mockso.matching.match import names_of
from mockso.scenario.template import is_template

Place = tuple[str | int, ...]
FRAMING = ("transfer-encoding", "content-length")


def framing_faults(step: Mapping[str, Any], place: Place) -> Iterator[Fault]:
    """Headers of a step that would cut its reply short or hold its reader up."""
    reply = step.get("reply", {})
    headers = [(name.lower(), name, value) for name, value in reply.get("headers", {}).items()]
    if step.get("fault") == "framing":
        if not any(folded in FRAMING for folded, _, _ in headers):
            cure = "Give its reply the header Transfer-Encoding or Content-Length that is to be sent."
            yield Fault((*place, "fault"), f"nothing is wrong with the framing of this step. {cure}")
        return
    is_to_head = set(names_of(step.get("match", {}).get("method", ()))) == {"HEAD"}
    for folded, name, value in headers:
        if folded == "transfer-encoding":
            wrong = "how the body is sent is the server's own"
        elif folded == "content-length":
            spellings = sum(other == folded for other, _, _ in headers)
            wrong = (
                "a reply has one length"
                if spellings > 1
                else _wrong_length(reply, value, is_to_head=is_to_head)
            )
        else:
            continue
        if wrong:
            text = f"{wrong}; remove it, or say 'fault: framing' to break it on purpose."
            yield Fault((*place, "reply", "headers", name), text)


def _wrong_length(reply: Mapping[str, Any], value: Any, *, is_to_head: bool) -> str:
    """The fault of a length that a file says; empty where it is right."""
    if is_to_head:
        # It says that of the body which is left out.
        return "" if is_template(reply) or re.fullmatch("[0-9]+", str(value)) else "a length is one number"
    length = _length(reply)
    if length is None:
        return "the server counts the body itself"
    return "" if str(value) == str(length) else f"the body has {length} bytes"


def _length(reply: Mapping[str, Any]) -> int | None:
    """How long the body is, where the file says so."""
    if is_template(reply):
        return None
    if "text" in reply:
        return len(reply["text"].encode())
    return len(base64.b64decode(reply["base64"])) if "base64" in reply else None
