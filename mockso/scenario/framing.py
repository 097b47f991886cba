"""The headers that say where a body ends: the server's own, unless a step breaks them on purpose."""

from __future__ import annotations

import base64
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
    headers = {name.lower(): (name, value) for name, value in reply.get("headers", {}).items()}
    if step.get("fault") == "framing":
        if not any(name in headers for name in FRAMING):
            cure = "Give its reply the header Transfer-Encoding or Content-Length that is to be sent."
            yield Fault((*place, "fault"), f"nothing is wrong with the framing of this step. {cure}")
        return
    if "transfer-encoding" in headers:
        name, _ = headers["transfer-encoding"]
        yield Fault(
            (*place, "reply", "headers", name),
            "how the body is sent is the server's own; remove it, or say 'fault: framing' to break it on purpose.",
        )
    if "content-length" in headers and set(names_of(step.get("match", {}).get("method", ()))) != {"HEAD"}:
        name, value = headers["content-length"]
        length = _length(reply)
        if length is None or str(value) != str(length):
            what = "the server counts the body itself" if length is None else f"the body has {length} bytes"
            yield Fault(
                (*place, "reply", "headers", name),
                f"{what}; remove it, or say 'fault: framing' to break it on purpose.",
            )


def _length(reply: Mapping[str, Any]) -> int | None:
    """How long the body is, where the file says so."""
    if is_template(reply):
        return None
    if "text" in reply:
        return len(reply["text"].encode())
    return len(base64.b64decode(reply["base64"])) if "base64" in reply else None
