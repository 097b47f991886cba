"""The journal of a world as text, for the report of a failed test."""

from __future__ import annotations

from collections.abc import Iterator

from mockso.errors import count_of
from mockso.journal.show import safe
from mockso.testing.calls import Calls
from mockso.testing.seen_call import SeenCall

_FAILING, _LAST = 10, 10


def section(calls: Calls) -> str:
    """Failing calls first, then the last ten, each with what is the matter with it."""
    seen = calls.seen
    failing = [one for one in seen if one.failing]
    lines = [f"{calls.tenant or 'without a tenant'}: {count_of(len(seen), 'call')}, {len(failing)} failing"]
    if failing:
        more = len(failing) - _FAILING
        lines += ["failing:", *(line for one in failing[:_FAILING] for line in _violation_lines(calls, one))]
        lines += [f"  ... and {more} more"] if more > 0 else []
    if len(seen) > len(failing):
        lines += ["last:", *(line for one in seen[-_LAST:] for line in _line(one))]
    lines += calls.unheard[:_LAST]
    return "\n".join(lines)


def _line(seen: SeenCall) -> Iterator[str]:
    reply = seen.call.reply
    by = f"step {safe(seen.step)}" if seen.step else reply.by if reply else "nobody"
    yield f"  {seen.id:>4} {seen!r} answered by {by}"


def _violation_lines(calls: Calls, seen: SeenCall) -> Iterator[str]:
    yield from _line(seen)
    if seen.violations:
        for violation, message in zip(seen.violations, calls.messages(seen), strict=True):
            rule = violation.rule
            yield f"       {violation.severity}: {safe(message)} [{rule.id}, {rule.confidence}; {violation.source}]"
    for miss in seen.call.near_misses:
        yield f"       near miss: {safe(miss.step)}"
        for difference in miss.differences:
            yield f"         {safe(str(difference))}"
