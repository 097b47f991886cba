"""The row of those who answer a call: each has an answer, or leaves the call to those behind it.

An answerer is a function `(call, view, rest) -> Answer | None`; `rest(call)` asks those behind it. The row itself
stands in engine.py, and what is put into it for a while beside its user: a recording's, a sweep's.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from mockso.answer.refuse import named_error, no_step, refuse
from mockso.exchange.call import Answer, Call
from mockso.state.tenant import Answerer, Rest, View


class StepError(Exception):
    """A step was chosen but could not build its reply."""

    def __init__(self, step: str, cause: Exception) -> None:
        super().__init__(str(cause))
        self.step, self.cause = step, cause


def ask(answerers: Sequence[Answerer], call: Call, view: View, position: int = 0) -> Answer:
    """The first answer of a row, from a position on. Its last one must have an answer for every call."""

    def rest(call: Call) -> Answer:
        return ask(answerers, call, view, position + 1)

    answer = None
    while answer is None:
        answer = answerers[position](call, view, rest)
        position += 1
    return answer


def play_scenarios(call: Call, view: View, rest: Rest) -> Answer | None:
    """The answer of a scenario's step. A step without a reply gives that of the rest, at its time."""
    if not view.plays:
        return None
    use, near_misses = view.take(call)
    if use is None:
        if call.request.to_environment or not near_misses:
            return None
        answer = rest(replace(call, near_misses=near_misses))
        return answer if answer.step else answer._replace(near_misses=near_misses)
    about = replace(call, step=use.label)
    try:
        reply = use.reply_to(
            about, lambda: rest(about).reply, lambda name, call: named_error(name, call, view)
        )
    except Exception as error:
        raise StepError(use.label, error) from error
    return Answer(reply, use.label)


def insist_on_scenarios(call: Call, view: View, rest: Rest) -> Answer | None:
    """The error for a call that no step answered, where only scenarios may answer."""
    if not view.plays or call.step or not view.only_scenarios or call.request.to_environment:
        return None
    return Answer(no_step(call, view))


def refuse_faults(call: Call, view: View, rest: Rest) -> Answer | None:
    """The refusal of a call that breaks the contract."""
    reply = refuse(call, view) if call.verdict.violations else None
    return None if reply is None else Answer(reply)
