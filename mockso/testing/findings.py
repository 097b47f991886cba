"""What is wrong in a world: one line each, with rule and source, whoever asks for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from mockso.errors import SettingError, did_you_mean
from mockso.exchange.call import Difference, Violation
from mockso.journal.show import safe
from mockso.judge.rules import RULES
from mockso.testing.seen import Seen

if TYPE_CHECKING:
    from mockso.testing.world import World

Kind = Literal["violation", "unmatched", "unused", "allowance"]


@dataclass(frozen=True)
class Allowance:
    """A rule that may be broken. `expected`: it is an error when it is not."""

    rule: str
    reason: str = ""
    expected: bool = True


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong. `name` is a rule's id, or a step's label; `line` says all of it."""

    kind: Kind
    name: str
    line: str
    severity: str = "error"


def allowance(rule: str, reason: str = "", *, expected: bool = True) -> Allowance:
    """An allowance; SettingError for a rule that there is not."""
    if rule not in RULES:
        raise SettingError(
            f"mockso_allow({rule!r}): there is no such rule.{did_you_mean(rule, RULES)} "
            "A report names the rule of each violation in brackets."
        )
    return Allowance(rule, reason, expected)


def findings(world: World) -> list[Finding]:
    """All that is wrong in a world, and that nobody allowed."""
    return [
        *_of_calls(world, world.seen),
        *_unused(world),
        *_idle(world),
    ]


def late(world: World, since: int) -> list[Finding]:
    """What is wrong with the calls that came after the first `since`, and that nobody allowed."""
    return list(_of_calls(world, world.seen[since:]))


def _of_calls(world: World, calls: Sequence[Seen]) -> Iterator[Finding]:
    yield from _violations(world, calls)
    if not world.allow_unmatched:
        yield from _unmatched(calls)


def _violations(world: World, calls: Sequence[Seen]) -> Iterator[Finding]:
    allowed = {allowance.rule for allowance in world.allowances}
    found: dict[Finding, int] = {}
    for seen in calls:
        if seen.violations:
            for violation, message in zip(seen.violations, world.messages(seen), strict=True):
                if violation.rule.id not in allowed:
                    finding = _of_violation(seen, violation, message)
                    found[finding] = found.get(finding, 0) + 1
    for finding, count in found.items():
        times = f" ({count} times)" if count > 1 else ""
        yield Finding(finding.kind, finding.name, finding.line + times, finding.severity)


def _of_violation(seen: Seen, violation: Violation, message: str) -> Finding:
    rule = violation.rule
    line = f"{seen.short} -> {seen.status}: {message} [{rule.id}, {rule.confidence}; {violation.source}]"
    return Finding("violation", rule.id, safe(line), violation.severity)


def _unmatched(calls: Sequence[Seen]) -> Iterator[Finding]:
    for seen in calls:
        if seen.unmatched:
            near = seen.call.near_misses
            about = f"the nearest is {near[0].step}: {_told(near[0].differences)}" if near else "none is near"
            yield Finding("unmatched", seen.short, safe(f"{seen.short} -> 501: no step answers it; {about}"))


def _unused(world: World) -> Iterator[Finding]:
    scenarios = world.scenarios
    planned = [counter for counter in scenarios.unused() if counter.scenario in world.planned]
    if not planned:
        return
    steps = {step.label: step for scenario in scenarios for step in scenario.steps}
    for counter in planned:
        place = f" ({_near_here(counter.place)})" if counter.place else ""
        line = f"step {counter.step}{place} was used {counter.uses} of {counter.times} times; "
        step = steps[counter.step]
        calls = world.sent if step.match.outgoing else world.seen
        kept = [(seen, step.match.differences(seen.call)) for seen in calls if not seen.step]
        near = min(kept, key=lambda pair: _distance(pair[1]), default=None)
        if near is None:
            what = "delivery was made" if step.match.outgoing else "call came"
            line += f"no {'other ' if calls else ''}{what}"
        elif not near[1]:
            line += f"{near[0].short} would have matched, but came too early"
        else:
            line += f"the nearest call is {near[0].short}: {_told(near[1])}"
        yield Finding("unused", counter.step, safe(line))


def _near_here(place: str) -> str:
    """A place as short as it can be found: below the current folder, or by the file's name."""
    path = Path(place)
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else path.name


def _distance(differences: Sequence[Difference]) -> tuple[bool, int]:
    return any(d.field == "operation" for d in differences), len(differences)


def _told(differences: Sequence[Difference]) -> str:
    return "; ".join(map(str, differences[:3]))


def _idle(world: World) -> Iterator[Finding]:
    broken = {violation.rule.id for seen in world.seen for violation in seen.violations}
    for allowed in dict.fromkeys(world.allowances):
        if allowed.expected and allowed.rule not in broken:
            reason = f" ({allowed.reason})" if allowed.reason else ""
            yield Finding(
                "allowance",
                allowed.rule,
                f"mockso_allow({allowed.rule!r}){reason}: no call broke this rule any more; remove the allowance",
            )
