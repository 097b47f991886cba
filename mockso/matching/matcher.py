"""Matcher: a match compiled, to be compared with many calls.

It never says just "no": `differences` has each field that kept a call from matching, with the expected and the
actual value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeAlias

from mockso.contract.model import Json, Nothing, Operation
from mockso.exchange.call import Call, Difference
from mockso.exchange.headers import split_credential
from mockso.exchange.message import Headers
from mockso.matching.match import Match, Names, any_glob, fold_path, glob, names_of, one_or_list
from mockso.matching.operators import ABSENT, compile_json, compile_text, raw_text_operators

# The difference between a call and one part of a match.
Check: TypeAlias = Callable[[Call], Difference | None]


class Matcher:
    """Compares calls with a match. Raises ScenarioError for a wrong operator or operand in it."""

    def __init__(self, match: Match, *, inside: bool = False) -> None:
        self.match = match
        self.outgoing = match.outgoing
        # The outermost match says whether calls or deliveries are meant.
        self._direction = "" if inside else "out" if self.outgoing else "in"
        self._of_operation = tuple(_operation_checks(match))
        self._of_call = tuple(_call_checks(match, match.verdict or ("any" if inside else "accepted")))
        self._body = None if isinstance(match.body, Nothing) else _compile_body(match.body)
        self._any = tuple(Matcher(_with_verdict(inner), inside=True) for inner in match.any)
        self._unless = None if match.unless is None else Matcher(_with_verdict(match.unless), inside=True)
        self._has_rest = bool(self._body or self._any or self._unless)

    def differences(self, call: Call) -> tuple[Difference, ...]:
        """All that keeps a call from matching; empty if it matches."""
        differences: list[Difference] = []
        if self._direction and call.direction != self._direction and not self.match.webhook:
            expected = "*" if self.outgoing else ABSENT
            differences.append(Difference("webhook", expected, _event(call) or ABSENT))
        for check in self._of_operation + self._of_call:
            difference = check(call)
            if difference is not None:
                differences.append(difference)
        return (*differences, *self._compare_rest(call))

    def matches(self, call: Call) -> bool:
        """Whether a call matches; stops at the first difference."""
        if self._direction and call.direction != self._direction:
            return False
        for check in self._of_operation:
            if check(call) is not None:
                return False
        for check in self._of_call:
            if check(call) is not None:
                return False
        return not self._has_rest or not self._compare_rest(call)

    def could_reach(self, call: Call) -> bool:
        """Whether the operation of a call fits.

        The same for every call to an operation, so that an answer may be kept with its id.
        """
        return all(check(call) is None for check in self._of_operation)

    def _compare_rest(self, call: Call) -> tuple[Difference, ...]:
        """The differences of the parts that have several or are matches themselves."""
        differences = self._body(call) if self._body else ()
        if self._any:
            differences += self._nearest(call)
        if self._unless and self._unless.matches(call):
            differences += (Difference("not", self._unless.match.to_json(), "matches"),)
        return differences

    def _nearest(self, call: Call) -> tuple[Difference, ...]:
        """The differences of the alternative that has the fewest; empty if one matches."""
        alternatives = [matcher.differences(call) for matcher in self._any]
        number, differences = min(enumerate(alternatives), key=lambda pair: len(pair[1]))
        return tuple(replace(item, field=f"any[{number}].{item.field}") for item in differences)


def _with_verdict(match: Match) -> Match:
    """A match inside another, which says itself that it means any verdict."""
    return replace(
        match,
        verdict=match.verdict or "any",
        any=tuple(map(_with_verdict, match.any)),
        unless=match.unless and _with_verdict(match.unless),
    )


def _operation_checks(match: Match) -> Iterator[Check]:
    """The parts of a match that depend on nothing but the operation of a call."""
    if match.operation:
        yield _compile_names("operation", match.operation, lambda call: call.operation_id)
    if match.agent:
        yield _compile_names("agent", match.agent, lambda call: _group(call.lookup.operation, agent=True))
    if match.resource:
        yield _compile_names(
            "resource", match.resource, lambda call: _group(call.lookup.operation, agent=False)
        )
    if match.restricted is not None:
        yield _compile_restricted(match.restricted)


def _call_checks(match: Match, verdict: str) -> Iterator[Check]:
    """The parts of a match that are compared with one value of a call each."""
    if verdict != "any":
        yield _compile_verdict(verdict)
    if match.method:
        yield _compile_names("method", match.method, lambda call: call.request.method)
    if match.webhook:
        yield _compile_names("webhook", match.webhook, _event)
    if isinstance(match.path, str):
        yield _compile_path(match.path)
    elif match.path is not None:
        yield _compile_text("path", match.path, lambda call: [call.request.path])
    for name, spec in match.query.items():
        yield _compile_text(f"query {name}", spec, _argument(name))
    for name, spec in match.headers.items():
        yield _compile_text(f"header {name}", spec, _header(name))
    for name, spec in match.credential.items():
        yield _compile_text(f"credential {name}", spec, _credential_part(name), fold=name != "app_token")


def _event(call: Call) -> str:
    return call.request.headers.get("X-SuperOffice-Event") if call.direction == "out" else ""


def _group(operation: Operation | None, *, agent: bool) -> str:
    return operation.group if operation is not None and operation.is_agent is agent else ""


def _compile_names(field: str, names: Names, value_of: Callable[[Call], str]) -> Check:
    expected, exact = one_or_list(names), frozenset(names_of(names))
    literals = frozenset(name.lower() for name in exact if not any_glob([name]))
    patterns = [glob(name) for name in names_of(names) if any_glob([name])]

    def check(call: Call) -> Difference | None:
        actual = value_of(call)
        if actual in exact or actual.lower() in literals:
            return None
        if actual and any(pattern.fullmatch(actual) for pattern in patterns):
            return None
        return Difference(field, expected, actual or ABSENT)

    return check


def _compile_restricted(expected: bool) -> Check:
    def check(call: Call) -> Difference | None:
        operation = call.lookup.operation
        actual = operation is not None and operation.restricted is not None
        return None if actual is expected else Difference("restricted", expected, actual)

    return check


def _compile_verdict(expected: str) -> Check:
    def check(call: Call) -> Difference | None:
        actual = "accepted" if call.verdict.accepted else "broken"
        return None if actual == expected else Difference("verdict", expected, actual)

    return check


def _compile_path(spec: str) -> Check:
    folded = fold_path(spec)
    if "{" in spec:

        def check_template(call: Call) -> Difference | None:
            operation = call.lookup.operation
            if operation is None:
                return Difference("path", spec, call.request.path)
            return None if fold_path(operation.path) == folded else Difference("path", spec, operation.path)

        return check_template
    pattern = glob(folded) if any_glob([spec]) else None

    def check(call: Call) -> Difference | None:
        path = fold_path(call.request.path)
        if path == folded or (pattern is not None and pattern.fullmatch(path)):
            return None
        return Difference("path", spec, call.request.path)

    return check


def _compile_text(
    place: str, spec: Json, values_of: Callable[[Call], list[str]], *, fold: bool = False
) -> Check:
    folded: Json = {"equalTo": spec, "caseInsensitive": True} if fold and isinstance(spec, str) else spec
    test = compile_text(folded, place)

    def check(call: Call) -> Difference | None:
        values = values_of(call)
        if test(values, call.request.at):
            return None
        actual: Any = ABSENT if not values else values[0] if len(values) == 1 else values
        return Difference(place, spec, actual)

    return check


def _argument(name: str) -> Callable[[Call], list[str]]:
    return lambda call: call.request.query.get_all(name)


def _header(name: str) -> Callable[[Call], list[str]]:
    return lambda call: call.request.headers.get_all(name)


def _compile_body(spec: Json) -> Callable[[Call], tuple[Difference, ...]]:
    if raw_text_operators(spec):
        text_test = compile_text(spec, "body")

        def check_raw(call: Call) -> tuple[Difference, ...]:
            raw = call.request.body.decode("utf-8", "replace")
            value = call.verdict.body
            values = [raw] if raw else []
            if isinstance(value, str) and value != raw:
                values.append(value)
            return () if text_test(values, call.request.at) else (Difference("body", spec, raw or ABSENT),)

        return check_raw
    test = compile_json(spec, "body")
    return lambda call: test(call.verdict.body, "body", call.request.at)


# --- who calls ----------------------------------------------------------------------------------


def scheme_of(headers: Headers) -> str:
    """The authentication scheme of a call in lower case, "bearer", "soticket", "basic" and so on; "unknown" for a
    credential without one; "session" for a browser session; "none"."""
    value = headers.get("Authorization").strip()
    if value:
        return split_credential(value)[0].lower() or "unknown"
    return "session" if "X-XSRF-TOKEN" in headers else "none"


def tenant_of(headers: Headers) -> str:
    """The tenant that a bearer token names, readable between its mark and the first dot
    ("8A:Cust12345.…"); empty without one."""
    value = headers.get("Authorization").strip().partition(" ")[2]
    mark, _, rest = value.strip().partition(":")
    return rest.partition(".")[0] if mark == "8A" and "." in rest else ""


def _credential_part(name: str) -> Callable[[Call], list[str]]:
    if name == "scheme":
        return lambda call: [scheme_of(call.request.headers)]
    if name == "tenant":
        return lambda call: [tenant for tenant in [tenant_of(call.request.headers)] if tenant]
    return lambda call: call.request.headers.get_all("SO-AppToken")
