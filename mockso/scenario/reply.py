"""Replies as a scenario describes them, compiled once and filled in for each call.

A reply stands on one of four grounds: its own content, a documented error, the normal answer, or no
body at all. Status and headers may be given with any, `overrides` (JSON pointers) where the ground has
a body. Reading files and checking keys is done elsewhere; here all is already well-formed.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from mockso.contract.model import NOTHING, Json, Nothing
from mockso.contract.paths import split_pointer
from mockso.errors import ScenarioError
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.scenario.delay import Delay, seconds
from mockso.scenario.template import Render, compile_value, context_of, is_template

Pairs = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class ReplyPlan:
    """A reply of a scenario file.

    `body` is JSON and negotiated, `content` bytes as they are, `text` a text that may have templates;
    `error` is a documented error's name; `like_success` the normal answer. `overrides` are values by
    JSON pointer. `breaks_contract`: it does so on purpose.
    """

    status: int | None = None
    headers: Pairs = ()
    body: Json | Nothing = NOTHING
    content: bytes | None = None
    text: str | None = None
    media_type: str = ""
    error: str = ""
    like_success: bool = False
    overrides: Mapping[str, Json] = field(default_factory=dict)
    delay: Delay = 0.0
    breaks_contract: bool = False
    _body: Render | None = field(init=False, compare=False, repr=False)
    _text: Render | None = field(init=False, compare=False, repr=False)
    _headers: Render | None = field(init=False, compare=False, repr=False)
    _overrides: Render | None = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        body = None if isinstance(self.body, Nothing) else self.body
        headers: list[Json] = [value for _, value in self.headers]
        compiled = {
            "_body": (body, "reply.body"),
            "_text": (self.text, "reply.text"),
            "_headers": (headers, "reply.headers"),
            "_overrides": (dict(self.overrides), "reply.set"),
        }
        for name, (value, where) in compiled.items():
            object.__setattr__(self, name, compile_value(value, where) if is_template(value) else None)

    def reply_to(
        self,
        call: Call,
        normal: Callable[[], Reply],
        documented: Callable[[str, Call], Reply],
        count: int,
    ) -> Reply:
        """The reply to a call; ScenarioError where the call lacks what a template takes."""
        templates = self._body or self._text or self._headers or self._overrides
        context = context_of(call, count) if templates else {}
        reply = self._ground(call, normal, documented, context)
        if self.overrides:
            values = self._overrides(context) if self._overrides else self.overrides
            reply = replace(reply, body=_overridden(reply.body, values))
        if self.headers:
            values = self._headers(context) if self._headers else [value for _, value in self.headers]
            pairs = tuple((name, str(value)) for (name, _), value in zip(self.headers, values, strict=True))
            reply = _with_headers(reply, pairs)
        return replace(
            reply,
            by="scenario",
            status=self.status or reply.status,
            reason=reply.reason if self.status in (None, reply.status) else "",
            delay=seconds(self.delay, call, count) if self.delay else reply.delay,
        )

    def _ground(
        self,
        call: Call,
        normal: Callable[[], Reply],
        documented: Callable[[str, Call], Reply],
        context: Mapping[str, Any],
    ) -> Reply:
        if self.error:
            return documented(self.error, call)
        if self.like_success:
            return normal()
        body: Json | bytes | Nothing = self.body
        if self._body:
            body = self._body(context)
        elif self.text is not None:
            text = str(self._text(context)) if self._text else self.text
            body = text.encode()
        elif self.content is not None:
            body = self.content
        operation = call.lookup.operation
        status = operation.success if operation is not None else 200
        # How sure it is that the real server would answer so is for the author to know.
        return Reply(status, body, media_type=self.media_type, fidelity="assumed")


def _with_headers(reply: Reply, pairs: Pairs) -> Reply:
    """A reply with these headers in place of its own of the same names."""
    given = {name.lower() for name, _ in pairs}
    kept = tuple(pair for pair in reply.headers if pair[0].lower() not in given)
    media_type = next((value for name, value in pairs if name.lower() == "content-type"), reply.media_type)
    return replace(reply, headers=kept + pairs, media_type=media_type)


# --- JSON pointers ------------------------------------------------------------------------------


def _overridden(body: Json | bytes | Nothing, values: Mapping[str, Json]) -> Json:
    if isinstance(body, bytes | Nothing):
        kind = "no body" if isinstance(body, Nothing) else "bytes for a body"
        raise ScenarioError(f"reply.set: the answer has {kind}, so there is nothing to set.")
    changed = copy.deepcopy(body)
    for pointer, value in values.items():
        changed = _set(changed, split_pointer(pointer), value, pointer)
    return changed


def _set(value: Json, parts: list[str], new: Json, pointer: str) -> Json:
    """The value with one place in it changed; objects that are missing on the way are made."""
    if not parts:
        return new
    part, rest = parts[0], parts[1:]
    if isinstance(value, list):
        number = len(value) if part == "-" else int(part) if part.isdecimal() else -1
        if not 0 <= number <= len(value):
            raise ScenarioError(
                f"reply.set {pointer}: {part!r} is not a place in a list of {len(value)}; use 0 to {len(value)} or '-'."
            )
        if number == len(value):
            value.append({} if rest else None)
        value[number] = _set(value[number], rest, new, pointer)
        return value
    if value is None:
        value = {}
    if not isinstance(value, dict):
        raise ScenarioError(f"reply.set {pointer}: {value!r} has nothing inside that {part!r} could name.")
    name = part if part in value else next((key for key in value if key.lower() == part.lower()), part)
    value[name] = _set(value.get(name), rest, new, pointer)
    return value
