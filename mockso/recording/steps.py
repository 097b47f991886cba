"""Recorded calls to steps: equal calls become one step, a call with several answers a sequence.

Steps keep the order in which their calls first came, or that of the file that is recorded again; where a
step would take a call that belongs to a later one, the later one goes before it.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING
from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.progress import follow
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.reply import UnwritableError, reply_of, same
from mockso.recording.request import ALWAYS, WHEN_DIFFERENT, CommentedValue, RequestPattern, pattern_of, plain
from mockso.recording.tape import TapedCall
from mockso.scenario.check import Checker


@dataclass
class Group:
    """The calls that one match means, and their answers in order."""

    pattern: RequestPattern
    calls: list[TapedCall] = field(default_factory=list)
    replies: list[tuple[dict[str, Any], int]] = field(default_factory=list)
    match: dict[str, Any] = field(default_factory=dict)
    name: str = ""

    def take(self, taped: TapedCall, reply: dict[str, Any]) -> None:
        self.calls.append(taped)
        if self.replies and same(self.replies[-1][0], reply):
            self.replies[-1] = (self.replies[-1][0], self.replies[-1][1] + 1)
        else:
            self.replies.append((reply, 1))


@dataclass(frozen=True)
class Steps:
    """The content of a recording: steps, the files beside it (bytes or a path by name), and calls left out with reasons."""

    steps: tuple[dict[str, Any], ...]
    files: dict[str, Any]
    left_out: tuple[str, ...] = ()


def learn(tape: Iterable[TapedCall], names: Pseudonyms) -> None:
    """Let `names` see every secret of the calls, before any is written."""
    for taped in tape:
        call = taped.call
        assert call.reply is not None
        names.learn_headers(call.request.headers)
        names.learn_headers(call.reply.headers)
        names.learn(
            call.request.target,
            [] if call.verdict.body is NOTHING else [call.verdict.body],
            [(call.request.body, call.request.headers.get("Content-Type"))],
        )
        # Long bodies are looked through piece by piece.
        for body, media in (
            (taped.request_body, call.request.headers.get("Content-Type")),
            (taped.reply_body, call.reply.header("Content-Type")),
        ):
            if body.size and (body.file is not None or body is taped.reply_body):
                for window in body.windows():
                    names.learn("", [], [(window, media)])


def collapse(
    tape: Sequence[TapedCall],
    names: Pseudonyms,
    contract: Contract,
    folder: str,
    before: Sequence[str] = (),
) -> Steps:
    """The steps of calls; `before` are the names of steps in the order of the file that was there."""
    learn(tape, names)
    files: dict[str, Any] = {}
    left_out: list[str] = []
    groups = _group(tape, names, files, folder, left_out)
    _name(groups)
    place = {name: number for number, name in enumerate(before)}
    groups.sort(key=lambda group: place.get(group.name, len(place)))
    _settle(groups)
    checker = Checker(contract)
    steps = [step for group in groups for step in _steps(group, checker)]
    return Steps(tuple(steps), files, tuple(left_out))


def _group(
    tape: Sequence[TapedCall], names: Pseudonyms, files: dict[str, Any], folder: str, left_out: list[str]
) -> list[Group]:
    closed_patterns = [pattern_of(taped, names, open_personal=False) for taped in tape]
    open_patterns = [pattern_of(taped, names, open_personal=True) for taped in tape]
    # A personal value is left open unless it is all that tells two calls apart.
    meanings: dict[str, set[str]] = {}
    for one, other in zip(closed_patterns, open_patterns, strict=True):
        meanings.setdefault(_key(other), set()).add(_key(one))
    patterns = [
        other if len(meanings[_key(other)]) == 1 else one
        for one, other in zip(closed_patterns, open_patterns, strict=True)
    ]
    patterns = _with_headers(patterns)
    groups: dict[str, Group] = {}
    for taped, one in follow("writing calls", zip(tape, patterns, strict=True), len(tape)):
        try:
            reply = reply_of(taped, names, files, folder)
        except UnwritableError as error:
            left_out.append(f"{one.method} {one.path}: {error}")
            continue
        groups.setdefault(_key(one, headers=True), Group(one)).take(taped, reply)
    result = list(groups.values())
    for group in result:
        group.match = _match(group.pattern, result)
    return result


def _key(one: RequestPattern, *, headers: bool = False) -> str:
    body = "" if one.body is NOTHING else plain(one.body)
    parts = [one.group, one.path.lower(), plain(dict(one.query)), body, dict(one.headers) if headers else ()]
    return json.dumps(parts, sort_keys=True)


def _with_headers(calls: list[RequestPattern]) -> list[RequestPattern]:
    """Calls with those of their headers only that tell two equal calls apart, and conditions always."""
    values: dict[str, dict[str, set[str]]] = {}
    for one in calls:
        by_name = values.setdefault(_key(one), {})
        for name in WHEN_DIFFERENT:
            by_name.setdefault(name, set()).add(one.headers.get(name, ""))
    result = []
    for one in calls:
        differ = [name for name in WHEN_DIFFERENT if len(values[_key(one)][name]) > 1]
        headers = {name: one.headers[name] for name in (*ALWAYS, *differ) if name in one.headers}
        result.append(replace(one, headers=headers))
    return result


def _match(one: RequestPattern, groups: Iterable[Group]) -> dict[str, Any]:
    """The `match` of a step. Arguments that similar calls have and this one lacks must be absent."""
    match: dict[str, Any] = {}
    if one.operation:
        match["operation"] = one.operation
    else:
        match["method"] = one.method
    if one.varying:
        match["path"] = one.path
    others = [g.pattern for g in groups if g.pattern.group == one.group and g.pattern.path == one.path]
    query = dict(one.query)
    names_there = {name.lower() for name in query}
    for name in sorted({name for other in others for name in other.query}, key=str.lower):
        if name.lower() not in names_there:
            query[name] = {"absent": True}
            names_there.add(name.lower())
    if query:
        match["query"] = query
    headers: dict[str, Any] = dict(one.headers)
    for name in sorted({name for other in others for name in other.headers}):
        if name in ALWAYS and name not in headers:
            headers[name] = {"absent": True}
    if headers:
        match["headers"] = headers
    if isinstance(one.body, CommentedValue) and one.body.value is None:
        match["body"] = CommentedValue({"absent": False}, f"left open: {one.body.comment}")
    elif one.body is not NOTHING:
        match["body"] = one.body
    elif any(other.body is not NOTHING for other in others):
        match["body"] = {"absent": True}
    if not one.accepted:
        match["verdict"] = CommentedValue("any", "it breaks the contract")
    return match


def _name(groups: Iterable[Group]) -> None:
    """A name for each group that depends on nothing but its own match."""
    counts: dict[str, int] = {}
    for group in groups:
        one = group.pattern
        name = one.operation.partition("_")[2] or one.operation or one.method
        if one.varying:
            parts = re.sub(r"^/api/v1/", "", one.path, flags=re.IGNORECASE)
            tail = (
                [p for p in parts.split("/")[1:] if re.fullmatch(r"[\w.-]{1,40}", p)]
                if one.operation
                else [parts]
            )
            name = "-".join([name, *tail])
        name = re.sub(r"[^A-Za-z0-9._-]+", "-", name).strip("-")[:80] or "call"
        if one.query or one.body is not NOTHING or one.headers:
            name += f"-{hashlib.sha256(_key(one, headers=True).encode()).hexdigest()[:4]}"
        counts[name] = counts.get(name, 0) + 1
        group.name = name if counts[name] == 1 else f"{name}-{counts[name]}x"


def _settle(groups: list[Group]) -> None:
    """Put a group before another that would take its calls."""
    matchers = {id(group): Matcher(Match.from_checked(plain(group.match))) for group in groups}
    for _ in range(len(groups)):
        has_moved = False
        by_operation: dict[str, list[Group]] = {}
        for group in groups:
            by_operation.setdefault(group.pattern.group, []).append(group)
        for same_operation in by_operation.values():
            for number, group in enumerate(same_operation):
                taker = next(
                    (g for g in same_operation[:number] if matchers[id(g)].matches(group.calls[0].call)), None
                )
                if taker is not None:
                    groups.remove(group)
                    groups.insert(groups.index(taker), group)
                    has_moved = True
                    break
        if not has_moved:
            return


def _steps(group: Group, checker: Checker) -> Iterable[dict[str, Any]]:
    last = len(group.replies) - 1
    for number, (reply, times) in enumerate(group.replies):
        step: dict[str, Any] = {"name": group.name if not number else f"{group.name}-{number + 1}"}
        step["match"] = group.match
        if number < last:
            step["times"] = times
        breach = _breach(step, reply, checker)
        step["reply"] = {**reply, "contract": CommentedValue("broken", breach)} if breach else reply
        yield step


def _breach(step: dict[str, Any], reply: dict[str, Any], checker: Checker) -> str:
    faults = checker.faults({"name": "x", "steps": [plain({**step, "reply": reply})]})
    messages = [fault.message for fault in faults if fault.place[2:3] == ("reply",)]
    more = f" (and {len(messages) - 1} more)" if len(messages) > 1 else ""
    return (messages[0].split(". ")[0].split(" Correct it")[0] + more) if messages else ""
