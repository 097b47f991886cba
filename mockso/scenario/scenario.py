"""Scenarios and their steps, as values.

load.py reads them from files, reply.py composes a step's reply, play.py chooses and counts.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, Protocol, TypeAlias

from mockso.errors import ScenarioError, did_you_mean
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.scenario.delay import Delay, seconds
from mockso.scenario.turns import Rate

Fault = Literal["", "reset", "empty", "cut", "garbage", "timeout", "framing"]
Normal: TypeAlias = Callable[[], Reply]
Documented: TypeAlias = Callable[[str, Call], Reply]

ANYTHING = Match()

_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
# What a header line can carry. A server that is given more breaks the connection.
_HEADER = re.compile(r"[\t\x20-\x7e\x80-\xff]*")


class ReplySource(Protocol):
    """Something that composes a reply, as reply.py's plans do."""

    def reply_to(self, call: Call, normal: Normal, documented: Documented, count: int) -> Reply: ...


@dataclass(frozen=True)
class Step:
    """A stub at its place in a scenario.

    `reply` None is the contract's normal answer, and so is a function that returns None. `times`
    None never runs out; `after` names the step that must have answered before. Of the calls that match, `chance`
    answers some, `rate` those beyond it, with the documented refusal where there is no reply. `label`
    ("limited#1", "limited#saved") and `place` ("limited.yaml:7") are given by scenario and file.
    """

    match: Match = ANYTHING
    reply: Reply | ReplySource | Callable[[Call], Reply | None] | None = None
    times: int | None = None
    after: str = ""
    chance: float | None = None
    rate: Rate | None = None
    name: str = ""
    delay: Delay = 0.0
    fault: Fault = ""
    dribble: tuple[int, float] | None = None
    label: str = ""
    place: str = ""

    @cached_property
    def matcher(self) -> Matcher:
        """`match`, compiled when it is first compared."""
        return Matcher(self.match)

    @property
    def is_uneven(self) -> bool:
        """Whether it answers only some of the calls it matches (turns.py)."""
        return self.chance is not None or self.rate is not None

    def error(self, text: str) -> ScenarioError:
        """An error of this step, with its place and label before the text."""
        return ScenarioError(f"{f'{self.place}: ' if self.place else ''}step {self.label!r}{text}")

    def reply_to(
        self, call: Call, normal: Normal, documented: Documented, count: int = 1, wait: int = 0
    ) -> Reply:
        """The reply of this step.

        `normal` makes the contract's normal answer, `documented` one of the documented refusals by name; `count` is
        how often the step was used, this time included, `wait` the seconds until its rate begins anew. ScenarioError
        when the reply cannot be made of this call, as by a template that needs a property it does not have.
        """
        source = self.reply
        if source is None and self.rate is not None:
            reply = replace(documented("throttled", call), by="scenario")
        elif source is None:
            reply = normal()
        elif isinstance(source, Reply):
            reply = replace(source, by="scenario")
        elif callable(source):
            own = source(call)
            reply = normal() if own is None else replace(own, by="scenario")
        else:
            try:
                reply = source.reply_to(call, normal, documented, count)
            except ScenarioError as error:
                raise self.error(f" cannot reply: {error}") from error
        is_broken = (self.fault or reply.fault) == "framing"
        for name, value in reply.headers if source is not None else ():
            if name.lower() == "transfer-encoding" and not is_broken:
                raise self.error(
                    f" cannot reply: header {name!r} says how the body is sent, which the server does itself. "
                    "Remove it, or say 'fault: framing'."
                )
            if not _HEADER_NAME.fullmatch(name):
                raise self.error(
                    f" cannot reply: {name!r} is not a header's name, which has letters, digits and hyphens."
                )
            if not _HEADER.fullmatch(value):
                raise self.error(
                    f" cannot reply: header {name!r}: {value!r} is not a line of Latin-1 text. Remove the other "
                    "characters, or encode them."
                )
        if source is not None and not is_broken:
            reply = _framed_by_the_server(reply, is_head=call.request.method == "HEAD")
        if wait and not any(name.lower() == "retry-after" for name, _ in getattr(source, "headers", ())):
            others = tuple(pair for pair in reply.headers if pair[0].lower() != "retry-after")
            reply = replace(reply, headers=(*others, ("Retry-After", str(wait))))
        if self.fault or self.dribble is not None:
            reply = replace(
                reply, by="scenario", fault=self.fault or reply.fault, dribble=self.dribble or reply.dribble
            )
        if self.delay != 0.0:
            reply = replace(reply, delay=seconds(self.delay, call, count))
        return reply


def _framed_by_the_server(reply: Reply, *, is_head: bool) -> Reply:
    """A reply without lengths of its own, which the server counts. One to HEAD may say that of the body it leaves out."""
    lengths = [value for name, value in reply.headers if name.lower() == "content-length"]
    if not lengths or (is_head and len(lengths) == 1 and re.fullmatch("[0-9]+", lengths[0])):
        return reply
    return replace(
        reply, headers=tuple(pair for pair in reply.headers if pair[0].lower() != "content-length")
    )


@dataclass(frozen=True, slots=True)
class Scenario:
    """A named list of steps. `origin` is the file, for messages; `only` makes a call that none of
    them answers an error; `profile` is "online", "onsite" or empty, `world` "closed", "open" or empty. While
    it is played, the tenant's state is `state`, and it lives at `endpoint` (exchange/address.py), by which
    address none of the steps answers. `data` has rows as a data file has them, to be laid over the tenant's. `text` is that of the file,
    for other processes of the mock; empty for one that was made in Python."""

    name: str
    description: str = ""
    steps: tuple[Step, ...] = ()
    origin: str = ""
    only: bool = False
    profile: str = ""
    world: str = ""
    state: str = ""
    endpoint: str = ""
    data: Mapping[str, Any] | None = field(default=None, hash=False)
    text: str = field(default="", compare=False, repr=False)

    def __post_init__(self) -> None:
        names: set[str] = set()
        for step in self.steps:
            if step.name and step.name in names:
                raise ScenarioError(f"scenario {self.name!r}: two steps are named {step.name!r}; rename one.")
            names.add(step.name)
        steps = []
        for number, step in enumerate(self.steps, 1):
            label = f"{self.name}#{step.name or number}"
            if step.after and step.after not in names:
                raise ScenarioError(
                    f"scenario {self.name!r}: step {number} comes after {step.after!r}, but no step "
                    f"has that name.{did_you_mean(step.after, names)}"
                )
            steps.append(step if step.label == label else replace(step, label=label))
            _ = steps[-1].matcher  # a wrong match is an error here, not at the first call
        object.__setattr__(self, "steps", tuple(steps))
