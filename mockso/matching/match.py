"""Match: which calls a step answers, a journal query finds, a test asserts.

Plain data, as files and tests write it; matcher.py compares it with calls, operators.py says what its values mean.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import lru_cache
from typing import Any, Literal, TypeAlias

from mockso.contract.model import NOTHING, Json, Nothing
from mockso.errors import ScenarioError

Names: TypeAlias = str | Sequence[str]
Verdicts = Literal["", "accepted", "broken", "any"]

# Keys as a file has them -> attributes, where the two differ ("not" is a word of Python).
_ATTRIBUTES = {"not": "unless"}


@dataclass(frozen=True, slots=True)
class Match:
    """The calls that are meant. What it leaves out is free; all that it names must hold.

    `operation`, `agent`, `resource` and `method` are names or globs, one or several, case-insensitive.
    `path` is a path, a glob, a template ("/api/v1/Contact/{id}") or operators. `query`, `headers`
    and `credential` ("scheme", "app_token", "tenant") map names to literals or operators. `body` is
    compared as operators.py says. `verdict` "" means "accepted" for a match that stands alone and
    "any" inside another. `any`: one of these must match; `unless`: this must not. With `webhook`, names or
    globs of events, deliveries of webhooks are meant and no calls that come in; without it, no deliveries.
    """

    operation: Names = ()
    agent: Names = ()
    resource: Names = ()
    method: Names = ()
    path: Json | None = None
    query: Mapping[str, Json] = field(default_factory=dict)
    headers: Mapping[str, Json] = field(default_factory=dict)
    body: Json | Nothing = NOTHING
    credential: Mapping[str, Json] = field(default_factory=dict)
    restricted: bool | None = None
    verdict: Verdicts = ""
    webhook: Names = ()
    any: tuple[Match, ...] = ()
    unless: Match | None = None

    @classmethod
    def from_json(cls, value: Json, where: str = "match", verdict: Verdicts = "") -> Match:
        """The match that JSON or YAML describes; `verdict` is meant where it does not say.

        Raises ScenarioError, which names every wrong key and value, each behind `where`.
        """
        from mockso.matching.keys import match_faults

        try:
            faults = match_faults(value)
            if faults:
                raise ScenarioError("\n".join(fault.line(where) for fault in faults))
            assert isinstance(value, dict)
            match = cls.from_checked(value)
        except RecursionError as error:
            raise ScenarioError(f"{where}: is nested too deep; make it flatter.") from error
        return replace(match, verdict=verdict) if verdict and not match.verdict else match

    @classmethod
    def from_checked(cls, value: Mapping[str, Any]) -> Match:
        """The match of a mapping already found to be well-formed."""
        attributes = {_ATTRIBUTES.get(key, key): item for key, item in value.items()}
        if "any" in attributes:
            attributes["any"] = tuple(cls.from_checked(item) for item in attributes["any"])
        if "unless" in attributes:
            attributes["unless"] = cls.from_checked(attributes["unless"])
        return cls(**attributes)

    def to_json(self) -> dict[str, Json]:
        """This match as a scenario file would have it."""
        result: dict[str, Json] = {}
        for name in ("operation", "agent", "resource", "method", "webhook"):
            names = names_of(getattr(self, name))
            if names:
                result[name] = one_or_list(names)
        if self.path is not None:
            result["path"] = self.path
        for name in ("query", "headers", "credential"):
            if getattr(self, name):
                result[name] = dict(getattr(self, name))
        if not isinstance(self.body, Nothing):
            result["body"] = self.body
        if self.restricted is not None:
            result["restricted"] = self.restricted
        if self.verdict:
            result["verdict"] = self.verdict
        if self.any:
            result["any"] = [match.to_json() for match in self.any]
        if self.unless is not None:
            result["not"] = self.unless.to_json()
        return result

    @property
    def outgoing(self) -> bool:
        """Whether deliveries of webhooks are meant, not calls that come in."""
        return bool(self.webhook) or any(match.outgoing for match in self.any)

    @property
    def literal_operations(self) -> tuple[str, ...] | None:
        """The ids of the only operations that can match; None if it has patterns or no operation."""
        names = names_of(self.operation)
        return names if names and not any_glob(names) else None

    @property
    def literal_path(self) -> str | None:
        """The only path that can match, folded; None if several can."""
        path = self.path
        return fold_path(path) if isinstance(path, str) and "*" not in path and "{" not in path else None


def names_of(names: Names) -> tuple[str, ...]:
    """One name or several, as a tuple."""
    return (names,) if isinstance(names, str) else tuple(names)


def one_or_list(names: Names) -> Json:
    """Names as a file has them: a list only for several."""
    several = names_of(names)
    return several[0] if len(several) == 1 else list(several)


def any_glob(names: Sequence[str]) -> bool:
    """Whether one of the names is a pattern."""
    return any("*" in name or "?" in name for name in names)


def fold_path(path: str) -> str:
    """A path for comparing: the real server ignores case and a closing slash."""
    return path.lower().rstrip("/") or "/"


@lru_cache(1024)
def glob(pattern: str) -> re.Pattern[str]:
    """Compile a pattern of `*` and `?`, case-insensitive."""
    first, *pieces = [re.escape(piece).replace(r"\?", ".") for piece in re.split(r"\*+", pattern)]
    # Each piece but the last stands where it first can, and is not tried elsewhere: "*a*a*a*b" is linear.
    body = first + "".join(f"(?>.*?{piece})" for piece in pieces[:-1])
    body += f".*{pieces[-1]}" if pieces else ""
    return re.compile(body, re.IGNORECASE | re.DOTALL)
