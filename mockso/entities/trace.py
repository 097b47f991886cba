"""The line that tells by which rule the rows answered a call: for the journal and `mockso why`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.entities.filters import Filter
from mockso.entities.verbs import Work, argument_of
from mockso.errors import count_of
from mockso.exchange.message import Reply
from mockso.state.rows import Rows

_SIGNS = {"any_of": "in", "since": "from", "until": "up to", "keys": "in"}
_LONGEST = 40

# Verbs of which the call itself tells all; a line for each would be dear, as there are so many.
_PLAIN = frozenset({"blank", "read", "save", "patch", "delete", "validate"})


def line(work: Work, value: Any, rows: Rows) -> str:
    """Rule, verb, kind and arguments, and how many of the rows: "rule 7 list, Person where Contact = 5: 3 of 61 rows".

    Empty for a verb that is told by its call.
    """
    plan = work.plan
    if plan.verb in _PLAIN:
        return ""
    head = f"by entities: rule {plan.rule} {plan.verb}, " if plan.rule else f"by entities: {plan.verb}, "
    if plan.verb == "archive":
        named = str(next(iter(work.call.lookup.path_arguments.values()), ""))
        text = head + (plan.subject or named)
        if plan.key:
            text += f" below {plan.kind.name} {_short(work.argument(plan.key))}"
        query = work.argument("$filter")
        text += f" where {_short(query)}" if query else ""
        return text + _count_rows(value)
    text = head + (plan.subject or plan.kind.name)
    if plan.key and not plan.subject:
        text += f" {_short(work.argument(plan.key))}"
    tests = [_test(work, filter) for filter in plan.filters]
    conditions = " and ".join(test for test in tests if test)
    if conditions:
        text += f" where {conditions}"
    if isinstance(value, Reply) and isinstance(value.body, Mapping):
        value = value.body.get("value")
    if isinstance(value, list):
        count = len(value)
        text += (
            f": {count} of {count_of(rows.count(plan.kind.name), 'row')}"
            if plan.rule == 7
            else f": {count_of(count, 'row')}"
        )
    idle = [f.argument for f in plan.filters if f.sort == "flag" and work.argument(f.argument) is not None]
    return text + (f"; {', '.join(idle)} does nothing here" if idle else "")


def _count_rows(value: Any) -> str:
    """The number of rows of an archive's answer; empty for one of another form."""
    body = value.body if isinstance(value, Reply) else None
    rows = body.get("value") if isinstance(body, Mapping) else None
    return f": {len(rows)} rows" if isinstance(rows, list) else ""


def _test(work: Work, filter: Filter) -> str:
    if filter.sort == "caller":
        return f"{filter.name or work.kind.key} = {work.caller} (the caller)"
    if filter.sort in ("constant", "narrowing"):
        applies = filter.sort == "constant" or work.argument(filter.argument)
        return f"{filter.name} = {' or '.join(map(str, filter.values))}" if applies else ""
    given = argument_of(work, filter)
    if given is None or filter.sort in ("flag", "limit"):
        return ""
    if filter.sort == "person":
        scope = filter.values[0]
        projects = f" or its projects ({scope})" if scope and work.argument(scope) else ""
        whose = "the person's projects" if scope == "projects" else "the person"
        return f"{whose} = {given}{projects}"
    return f"{filter.name or work.kind.key} {_SIGNS.get(filter.sort, '=')} {_short(given)}"


def _short(value: Any) -> str:
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 3]}..."
