"""Match: which calls a step answers, a journal query finds, a test asserts.

It never says just "no": `differences` has each field that kept a call from matching, what was
wanted there and what the call had. Everything is compiled when a match is made, so that asking is
cheap; what the operators mean is operators.py's.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, TypeAlias

from mockso.contract.model import NOTHING, Json, Nothing, Operation
from mockso.errors import ScenarioError
from mockso.exchange.call import Call, Difference
from mockso.exchange.message import Headers
from mockso.matching.operators import (
    ABSENT,
    TextTest,
    compile_json,
    compile_text,
    raw_text_operators,
)

Check = Callable[[Call], tuple[Difference, ...]]
Names: TypeAlias = str | Sequence[str]
Verdicts = Literal["", "accepted", "broken", "any"]

# Keys as a file has them -> attributes, where the two differ ("not" is a word of Python).
_ATTRIBUTES = {"not": "unless"}

_NO: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """Which calls are meant. What is not given is free; all that is given must hold.

    `operation`, `agent`, `resource` and `method` are names or globs, one or several; letter case
    does not matter. `path` is a path, a glob, a template ("/api/v1/Contact/{id}") or operators. `query`, `headers`
    and `credential` ("scheme", "app_token", "tenant") map names to literals or operators. `body` is
    compared as operators.py says. `verdict` "" means "accepted" for a match that stands alone and
    "any" inside another. `any`: one of these must match; `unless`: this must not. With `webhook`, names or
    globs of events, deliveries of webhooks are meant and no calls that come in; without it, no deliveries.

    ScenarioError for an operator that is none or whose value does not fit.
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
    outgoing: bool = field(init=False, compare=False, repr=False)
    _direction: Literal["", "in", "out"] = field(init=False, compare=False, repr=False)
    _static: tuple[Check, ...] = field(init=False, compare=False, repr=False)
    _dynamic: tuple[Check, ...] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        for name in ("operation", "agent", "resource", "method", "webhook"):
            value = getattr(self, name)
            object.__setattr__(self, name, (value,) if isinstance(value, str) else tuple(value))
        object.__setattr__(self, "any", tuple(_inner(match) for match in self.any))
        if self.unless is not None:
            object.__setattr__(self, "unless", _inner(self.unless))
        outgoing = bool(self.webhook) or any(match.outgoing for match in self.any)
        object.__setattr__(self, "outgoing", outgoing)
        object.__setattr__(self, "_direction", "out" if outgoing else "in")
        object.__setattr__(self, "_static", tuple(_static_checks(self)))
        object.__setattr__(self, "_dynamic", tuple(_dynamic_checks(self)))

    @classmethod
    def from_json(cls, value: Json, where: str = "match", verdict: Verdicts = "") -> Match:
        """The match that JSON or YAML describes; `verdict` is meant where it does not say.

        ScenarioError names every key and value out of place, each behind `where`.
        """
        from mockso.scenario.schema import match_faults  # marshmallow: only where texts are read

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
        given = {_ATTRIBUTES.get(key, key): item for key, item in value.items()}
        if "any" in given:
            given["any"] = tuple(cls.from_checked(item) for item in given["any"])
        if "unless" in given:
            given["unless"] = cls.from_checked(given["unless"])
        return cls(**given)

    def to_json(self) -> dict[str, Json]:
        """The mapping this match was made from, as a scenario file would have it."""
        result: dict[str, Json] = {}
        for name in ("operation", "agent", "resource", "method", "webhook"):
            names = getattr(self, name)
            if names:
                result[name] = names[0] if len(names) == 1 else list(names)
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

    def differences(self, call: Call) -> tuple[Difference, ...]:
        """All that keeps a call from matching; empty means it matches."""
        found = _NO
        if self._direction and call.direction != self._direction and not self.webhook:
            wanted = "*" if self.outgoing else ABSENT
            found = (Difference("webhook", wanted, _event(call) or ABSENT),)
        for check in self._static:
            found += check(call)
        for check in self._dynamic:
            found += check(call)
        return found

    def matches(self, call: Call) -> bool:
        """Whether there is no difference; stops at the first."""
        if self._direction and call.direction != self._direction:
            return False
        for check in self._static:
            if check(call):
                return False
        for check in self._dynamic:  # noqa: SIM110  all() would make a generator: this is asked of every step
            if check(call):
                return False
        return True

    def could_reach(self, call: Call) -> bool:
        """Whether all that depends on nothing but the operation reached holds.

        The same for every call to an operation, so that an answer may be kept with its id.
        """
        return all(not check(call) for check in self._static)

    @property
    def literal_operations(self) -> tuple[str, ...] | None:
        """The ids of the only operations that can match, or None when that cannot be told."""
        names = tuple(self.operation)
        return names if names and not any_glob(names) else None

    @property
    def literal_path(self) -> str | None:
        """The only path that can match, folded, or None when that cannot be told."""
        path = self.path
        return fold_path(path) if isinstance(path, str) and "*" not in path and "{" not in path else None

    @property
    def anything(self) -> bool:
        """Whether every call that the verdict allows matches."""
        return not self._static and len(self._dynamic) == (self.verdict != "any")


def any_glob(names: Sequence[str]) -> bool:
    """Whether one of the names is a pattern."""
    return any("*" in name or "?" in name for name in names)


def fold_path(path: str) -> str:
    """A path for comparing: letter case and a closing slash do not matter to the real server."""
    return path.lower().rstrip("/") or "/"


def glob(pattern: str) -> re.Pattern[str]:
    """A pattern of `*` and `?` as a regular expression; letter case does not matter."""
    parts = re.split(r"([*?])", pattern)
    body = "".join({"*": ".*", "?": "."}.get(part, re.escape(part)) for part in parts)
    return re.compile(body, re.IGNORECASE | re.DOTALL)


def _inner(match: Match) -> Match:
    """A match inside another, which says itself whether calls or deliveries are meant."""
    inner = replace(match, verdict=match.verdict or "any")
    object.__setattr__(inner, "_direction", "")
    return inner


def _shown(names: Names) -> Json:
    return names[0] if len(names) == 1 else list(names)


# --- what depends on the operation only ---------------------------------------------------------


def _static_checks(match: Match) -> Iterator[Check]:
    if match.operation:
        yield _names("operation", match.operation, lambda call: call.operation_id)
    if match.agent:
        yield _names("agent", match.agent, lambda call: _group(call.lookup.operation, agent=True))
    if match.resource:
        yield _names("resource", match.resource, lambda call: _group(call.lookup.operation, agent=False))
    if match.restricted is not None:
        yield _restricted(match.restricted)


def _group(operation: Operation | None, *, agent: bool) -> str:
    return operation.group if operation is not None and operation.is_agent is agent else ""


def _names(name: str, wanted: Names, of: Callable[[Call], str]) -> Check:
    literals = frozenset(text.lower() for text in wanted if not any_glob([text]))
    patterns = [glob(text) for text in wanted if any_glob([text])]
    exact = frozenset(wanted)

    def check(call: Call) -> tuple[Difference, ...]:
        actual = of(call)
        if actual in exact or actual.lower() in literals:
            return _NO
        if actual and any(pattern.fullmatch(actual) for pattern in patterns):
            return _NO
        return (Difference(name, _shown(wanted), actual or ABSENT),)

    return check


def _restricted(wanted: bool) -> Check:
    def check(call: Call) -> tuple[Difference, ...]:
        operation = call.lookup.operation
        actual = operation is not None and operation.restricted is not None
        return _NO if actual is wanted else (Difference("restricted", wanted, actual),)

    return check


# --- what depends on the call -------------------------------------------------------------------


def _dynamic_checks(match: Match) -> Iterator[Check]:
    if match.verdict != "any":
        yield _verdict(match.verdict or "accepted")
    if match.method:
        yield _names("method", match.method, lambda call: call.request.method)
    if match.webhook:
        yield _names("webhook", match.webhook, _event)
    if match.path is not None:
        yield _path(match.path)
    for name, spec in match.query.items():
        yield _texts(f"query {name}", spec, _argument(name))
    for name, spec in match.headers.items():
        yield _texts(f"header {name}", spec, _header(name))
    for name, spec in match.credential.items():
        yield _texts(f"credential {name}", spec, _credential_part(name), fold=name != "app_token")
    if not isinstance(match.body, Nothing):
        yield _body(match.body)
    if match.any:
        yield _any(match.any)
    if match.unless is not None:
        yield _unless(match.unless)


def _verdict(wanted: str) -> Check:
    def check(call: Call) -> tuple[Difference, ...]:
        actual = "accepted" if call.verdict.accepted else "broken"
        return _NO if actual == wanted else (Difference("verdict", wanted, actual),)

    return check


def _texts(place: str, spec: Json, of: Callable[[Call], list[str]], *, fold: bool = False) -> Check:
    folded: Json = {"equalTo": spec, "caseInsensitive": True} if fold and isinstance(spec, str) else spec
    test: TextTest = compile_text(folded, place)

    def check(call: Call) -> tuple[Difference, ...]:
        values = of(call)
        if test(values, call.request.at):
            return _NO
        shown: Any = ABSENT if not values else values[0] if len(values) == 1 else values
        return (Difference(place, spec, shown),)

    return check


def _event(call: Call) -> str:
    return call.request.headers.get("X-SuperOffice-Event") if call.direction == "out" else ""


def _argument(name: str) -> Callable[[Call], list[str]]:
    return lambda call: call.request.query.get_all(name)


def _header(name: str) -> Callable[[Call], list[str]]:
    return lambda call: call.request.headers.get_all(name)


def _path(spec: Json) -> Check:
    if not isinstance(spec, str):
        return _texts("path", spec, lambda call: [call.request.path])
    folded = fold_path(spec)
    pattern = glob(folded) if any_glob([spec]) else None
    template = "{" in spec

    def check(call: Call) -> tuple[Difference, ...]:
        operation = call.lookup.operation
        if template:
            holds = operation is not None and fold_path(operation.path) == folded
        else:
            actual = fold_path(call.request.path)
            holds = actual == folded or (pattern is not None and pattern.fullmatch(actual) is not None)
        if holds:
            return _NO
        shown = operation.path if template and operation is not None else call.request.path
        return (Difference("path", spec, shown),)

    return check


def _body(spec: Json) -> Check:
    if raw_text_operators(spec):
        text_test = compile_text(spec, "body")

        def raw_check(call: Call) -> tuple[Difference, ...]:
            raw = call.request.body.decode("utf-8", "replace")
            decoded = call.verdict.body
            values = [raw] if raw else []
            if isinstance(decoded, str) and decoded != raw:
                values.append(decoded)
            if text_test(values, call.request.at):
                return _NO
            return (Difference("body", spec, raw or ABSENT),)

        return raw_check
    test = compile_json(spec, "body")

    def check(call: Call) -> tuple[Difference, ...]:
        return test(call.verdict.body, "body", call.request.at)

    return check


def _any(alternatives: tuple[Match, ...]) -> Check:
    def check(call: Call) -> tuple[Difference, ...]:
        found = []
        for number, alternative in enumerate(alternatives):
            differences = alternative.differences(call)
            if not differences:
                return _NO
            found.append((len(differences), number, differences))
        _, number, differences = min(found, key=lambda entry: entry[:2])
        return tuple(replace(item, field=f"any[{number}].{item.field}") for item in differences)

    return check


def _unless(match: Match) -> Check:
    def check(call: Call) -> tuple[Difference, ...]:
        if match.differences(call):
            return _NO
        return (Difference("not", match.to_json(), "matches"),)

    return check


# --- who calls ----------------------------------------------------------------------------------


def scheme_of(headers: Headers) -> str:
    """How a call authenticates: "bearer", "soticket", "basic" and so on as it names it, lower case;
    "session" for a browser session; "none"."""
    scheme = headers.get("Authorization").strip().partition(" ")[0].lower()
    if scheme:
        return scheme
    return "session" if "X-XSRF-TOKEN" in headers else "none"


def tenant_of(headers: Headers) -> str:
    """The tenant that a bearer token names, readable between its mark and the first dot
    ("8A:Cust12345.…"); empty where it names none."""
    value = headers.get("Authorization").strip().partition(" ")[2]
    mark, _, rest = value.strip().partition(":")
    return rest.partition(".")[0] if mark == "8A" and "." in rest else ""


def _credential_part(name: str) -> Callable[[Call], list[str]]:
    if name == "scheme":
        return lambda call: [scheme_of(call.request.headers)]
    if name == "tenant":
        return lambda call: [tenant for tenant in [tenant_of(call.request.headers)] if tenant]
    return lambda call: call.request.headers.get_all("SO-AppToken")
