"""The findings of a world: broken rules, calls and steps without each other, needless allowances."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from mockso.errors import SettingError, did_you_mean
from mockso.exchange.call import Difference, Violation
from mockso.journal.show import safe
from mockso.judge.rules import RULES
from mockso.testing.calls import Calls
from mockso.testing.seen_call import SeenCall

Kind = Literal["violation", "unmatched", "unused", "allowance"]


@dataclass(frozen=True)
class Allowance:
    """A rule that may be broken. If it is `expected` to be, it is a finding when it is not."""

    rule: str
    reason: str = ""
    expected: bool = True


@dataclass(frozen=True)
class Finding:
    """One fault. `name` is a rule's id or a step's label; `line` says all of it."""

    kind: Kind
    name: str
    line: str
    severity: str = "error"


def allowance(rule: str, reason: str = "", *, expected: bool = True) -> Allowance:
    """An allowance of a rule by its id. Raises SettingError for an unknown rule."""
    if rule not in RULES:
        raise SettingError(
            f"mockso_allow({rule!r}): there is no such rule.{did_you_mean(rule, RULES)} "
            "A report names the rule of each violation in brackets."
        )
    return Allowance(rule, reason, expected)


def of_calls(
    calls: Calls, judged: Sequence[SeenCall], allowed: Collection[str], *, unmatched: bool
) -> list[Finding]:
    """The findings of some of a world's calls: broken rules that are not `allowed`.

    Calls that no step answers are findings too, unless `unmatched` allows them.
    """
    violations: Counter[Finding] = Counter()
    for seen in judged:
        if seen.violations:
            for violation, message in zip(seen.violations, calls.messages(seen), strict=True):
                if violation.rule.id not in allowed:
                    violations[_of_violation(seen, violation, message)] += 1
    return [
        *(
            replace(finding, line=f"{finding.line} ({count} times)") if count > 1 else finding
            for finding, count in violations.items()
        ),
        *(() if unmatched else _unmatched_calls(judged)),
    ]


def _of_violation(seen: SeenCall, violation: Violation, message: str) -> Finding:
    rule = violation.rule
    line = f"{seen.short} -> {seen.status}: {message} [{rule.id}, {rule.confidence}; {violation.source}]"
    return Finding("violation", rule.id, safe(line), violation.severity)


def _unmatched_calls(calls: Sequence[SeenCall]) -> Iterator[Finding]:
    for seen in calls:
        if seen.is_unmatched:
            near = seen.call.near_misses
            about = (
                f"the nearest is {near[0].step}: {_first_differences(near[0].differences)}"
                if near
                else "none is near"
            )
            yield Finding("unmatched", seen.short, safe(f"{seen.short} -> 501: no step answers it; {about}"))


def unused_steps(calls: Calls, scenarios: Collection[str]) -> Iterator[Finding]:
    """The steps with `times` of these scenarios that were not used up."""
    counters = [counter for counter in calls.scenarios.unused_steps() if counter.scenario in scenarios]
    if not counters:
        return
    steps = {step.label: step for scenario in calls.scenarios for step in scenario.steps}
    for counter in counters:
        place = f" ({_near_here(counter.place)})" if counter.place else ""
        line = f"step {counter.step}{place} was used {counter.uses} of {counter.times} times; "
        step = steps[counter.step]
        came = calls.sent if step.matcher.outgoing else calls.seen
        others = [(seen, step.matcher.differences(seen.call)) for seen in came if not seen.step]
        near = min(others, key=lambda pair: _distance(pair[1]), default=None)
        if near is None:
            what = "delivery was made" if step.matcher.outgoing else "call came"
            line += f"no {'other ' if came else ''}{what}"
        elif not near[1]:
            line += f"{near[0].short} would have matched, but came too early"
        else:
            line += f"the nearest call is {near[0].short}: {_first_differences(near[1])}"
        yield Finding("unused", counter.step, safe(line))


def _near_here(place: str) -> str:
    """The shortest useful form of a place: below the current folder, or the file's name."""
    path = Path(place)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name


def _distance(differences: Sequence[Difference]) -> tuple[bool, int]:
    return any(d.field == "operation" for d in differences), len(differences)


def _first_differences(differences: Sequence[Difference]) -> str:
    return "; ".join(map(str, differences[:3]))


def idle_allowances(calls: Calls, allowances: Iterable[Allowance]) -> Iterator[Finding]:
    """The allowances that no call needed."""
    broken = {violation.rule.id for seen in calls.seen for violation in seen.violations}
    for allowance in dict.fromkeys(allowances):
        if allowance.expected and allowance.rule not in broken:
            reason = f" ({allowance.reason})" if allowance.reason else ""
            yield Finding(
                "allowance",
                allowance.rule,
                f"mockso_allow({allowance.rule!r}){reason}: no call broke this rule any more; remove the allowance",
            )
