"""Why a call was answered as it was: the way from its address to the answer, as far as the journal tells.

Steps are compared again with what the journal has of the call; their counters at that time follow from
who answered, or stand in its near misses. The changes that would have helped are why_change.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, get_args

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json
from mockso.errors import NoStepError, count_of, nearest, suggest
from mockso.exchange.call import Call, Difference, Stage
from mockso.exchange.message import SCENARIO_HEADER
from mockso.journal.entry import Document, call_of
from mockso.journal.verify import journal_match_from_json
from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.redaction.redaction import Redaction
from mockso.scenario.play import concerns
from mockso.scenario.scenario import Scenario, Step
from mockso.why.change import Change, change_of_request, change_of_step, has_secret

_MOST_STEPS = 20
OTHER_SECRETS = (
    "this call was not written by the process that explains it: fingerprints (#3f9a2c11) of credentials and other "
    "secrets differ between the two, the same secret or not. Ask the mock that wrote it, while it runs."
)
_COUNTERS = ("times", "after", "chance", "rate")
_NOT_LIVE = Difference(
    "times, after, chance or rate", "a step that is live", "used up, waiting, not drawn, or within its rate"
)


@dataclass(frozen=True, slots=True)
class StepTrial:
    """A step that came before the answer, and the differences that kept it from answering."""

    scenario: Scenario
    number: int
    step: Step
    answered: bool
    differences: tuple[Difference, ...]

    @property
    def elsewhere(self) -> bool:
        """Whether it is about another operation altogether."""
        return any(d.field in ("operation", "agent", "resource", "webhook") for d in self.differences)

    @property
    def counters(self) -> tuple[Difference, ...]:
        return tuple(d for d in self.differences if d.field in _COUNTERS)

    def to_json(self) -> dict[str, Any]:
        return {
            "scenario": self.scenario.name,
            "step": self.step.label,
            "place": self.step.place,
            "answered": self.answered,
            "differences": [dict(vars(difference)) for difference in self.differences],
        }


def explain(
    entry: Document,
    contract: Contract,
    scenarios: Iterable[Scenario],
    redaction: Redaction,
    label: str = "",
    *,
    own: bool = True,
) -> Document:
    """Explain one call of the journal: its way, the steps before its answer, and the nearest change.

    `scenarios` are those that were played, in the order they are asked. `label` is the step to compare
    with, in place of the nearest; NoStepError when none is called so.
    `own` is whether the process that made `redaction` wrote the call: fingerprints of two cannot be compared.
    """
    call = call_of(entry, contract, named=True)
    trials = _try_steps(entry, call, scenarios, redaction, to=label)
    trials_here = [one for one in trials if not one.elsewhere or one.step.label == label][:_MOST_STEPS]
    nearest = _nearest(entry, trials, label)
    return {
        "id": entry["id"],
        "trace": [{"stage": stage, "said": said} for stage, said in _trace(entry, trials)],
        "steps": [one.to_json() for one in trials_here],
        "steps_elsewhere": len(trials) - len(trials_here),
        "near_misses": entry["near_misses"],
        "secrets": "" if own or not any(map(_about_secrets, trials_here)) else OTHER_SECRETS,
        "change": _change(nearest, call, entry, redaction, own=own) if nearest else None,
    }


# --- the way ------------------------------------------------------------------------------------


def _trace(entry: Document, trials: Sequence[StepTrial]) -> Iterable[tuple[str, str]]:
    request, reply, verdict = entry["request"], entry["reply"], entry["verdict"]
    tenant = f"tenant {entry['tenant']}" if entry["tenant"] else "onsite"
    yield "arrival", f"{request['method']} {request['target']} ({tenant}, {entry['at']})"
    if entry["direction"] == "out":
        yield "address", f"is the target of a webhook at {request['base']}"
    elif entry["operation"]:
        yield "address", f"reaches {entry['operation']}"
    elif entry["allowed"]:
        yield "address", f"is known, the method is not: it takes {', '.join(entry['allowed'])}"
    else:
        near = f"; the nearest is {entry['suggestions'][0]}" if entry["suggestions"] else ""
        yield "address", f"is none of the contract{near}"
    if verdict is None:
        yield "answer", "there is none yet: the call waits"
        return
    for stage in get_args(Stage):
        for fault in verdict["violations"]:
            if fault["stage"] == stage:
                weight = "refused for" if fault["severity"] == "error" else "accepted in spite of"
                yield stage, f"{weight} {fault['where']}: {fault['message']} [{fault['rule']}]"
    word = "clean" if verdict["clean"] else "accepted" if verdict["accepted"] else "broken"
    yield "verdict", word + (f", called by {verdict['caller']}" if verdict["caller"] else "")
    yield "scenarios", _scenarios(entry, trials)
    if entry["note"]:
        yield "note", entry["note"]
    if reply is not None:
        yield "answer", _answer(entry, reply)


def _scenarios(entry: Document, trials: Sequence[StepTrial]) -> str:
    named = named_scenario(entry)
    whose = f"only {named!r} is asked, named by the request: " if named else ""
    if entry["step"]:
        before = len(trials) - 1 if trials and trials[-1].answered else 0
        after = f", after {count_of(before, 'step')} did not" if before else ""
        return f"{whose}{entry['step']} answers{after}"
    if entry["near_misses"]:
        return f"{whose}none answers; the nearest is {entry['near_misses'][0]['step']}"
    return f"{whose}none is played, or none can answer this call"


_BY = {
    "scenario": "by the scenario",
    "refusal": "as the contract refuses such a call",
    "document": "by a document of the API",
    "example": "by an example the contract allows",
    "entities": "by what was saved before",
    "upstream": "by the real server",
    "fault": "by mockso itself: see the note",
}


def _answer(entry: Document, reply: Document) -> str:
    text = f"{reply['status']} {_BY.get(reply['by'], reply['by'])} ({reply['fidelity']})"
    if reply["delay"]:
        text += f", after {reply['delay']:g} s"
    if reply["fault"]:
        text += f", the connection {reply['fault']}"
    return text


def named_scenario(entry: Document) -> str:
    """The scenario that an entry's request names itself (X-Mockso-Scenario); empty if it names none."""
    headers = entry["request"]["headers"]
    return next(
        (str(value) for name, value in headers.items() if name.lower() == SCENARIO_HEADER.lower()), ""
    )


# --- the steps ----------------------------------------------------------------------------------


def _try_steps(
    entry: Document, call: Call, scenarios: Iterable[Scenario], redaction: Redaction, to: str
) -> list[StepTrial]:
    """The steps in the order they are compared, up to the one that answered (or the one asked about)."""
    misses = {miss["step"]: miss["differences"] for miss in entry["near_misses"]}
    trials: list[StepTrial] = []
    answered = False
    for scenario in scenarios:
        for number, step in enumerate(scenario.steps):
            if answered and not to:
                return trials
            if not concerns(scenario, step, call):
                continue
            # Of ten thousand steps most are about other operations, whatever else they want.
            matcher = step.matcher
            if matcher.could_reach(call):
                matcher = Matcher(match_for(step.match.to_json(), redaction))
            differences = matcher.differences(call)
            answers = step.label == entry["step"]
            if not answers:
                differences = _at_that_time(step, misses) + differences
                if not differences:
                    # It matches and did not answer, so it was not live; or it is asked later.
                    differences = () if answered else (_NOT_LIVE,)
            if not answered or step.label == to:
                trials.append(StepTrial(scenario, number, step, answers, () if answers else differences))
            answered = answered or answers
    return trials


def _at_that_time(step: Step, misses: dict[str, Any]) -> tuple[Difference, ...]:
    return tuple(Difference(**d) for d in misses.get(step.label, ()) if d["field"] in _COUNTERS)


def match_for(value: Json, redaction: Redaction) -> Match:
    """The match of a step, for calls as the journal has them; a step means accepted calls by itself."""
    assert isinstance(value, dict)
    return journal_match_from_json({"verdict": "accepted", **value}, redaction)


def _nearest(entry: Document, trials: Sequence[StepTrial], label: str) -> StepTrial | None:
    """The step that should have answered: the one asked about, or, where none answered, the nearest."""
    by_label = {one.step.label: one for one in trials}
    if label:
        if label not in by_label:
            raise NoStepError(f"no step {label!r} is played.{_near_steps(label, by_label)}")
        return None if by_label[label].answered else by_label[label]
    if entry["step"] or not trials:
        return None
    for miss in entry["near_misses"]:
        if miss["step"] in by_label:
            return by_label[miss["step"]]
    return min(trials, key=lambda one: len(one.differences))


def _near_steps(label: str, known: Iterable[str]) -> str:
    """A hint at labels that are spelt alike, or at those that exist."""
    names = list(known)
    near = nearest(label, names, 3)
    if near:
        return suggest(*near)
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return f" Compared with this call are {', '.join(names[:3])}{more}." if names else " None is."


def _about_secrets(one: StepTrial) -> bool:
    """Whether fingerprints were compared, which only tells something where one process made both."""
    return any(has_secret(d.expected) and has_secret(d.actual) for d in one.differences)


def _change(one: StepTrial, call: Call, entry: Document, redaction: Redaction, *, own: bool) -> Document:
    def make(value: Json) -> Match:
        return match_for(value, redaction)

    counters = one.counters
    of_step = change_of_step(one.step, one.number, counters, call, make)
    of_request = change_of_request(one.step, counters, call, entry["request"], make)
    if not own and _about_secrets(one):
        of_step, of_request = Change(words=(OTHER_SECRETS,)), Change(words=(OTHER_SECRETS,))
    elif _NOT_LIVE in one.differences:
        words = ("its counters are not in the journal: look at 'times', 'after', 'chance' and 'rate' of it",)
        of_step, of_request = Change(words=words), Change(words=words)
    return {
        "step": one.step.label,
        "file": one.scenario.origin,
        "place": one.step.place,
        "scenario": of_step.to_json(),
        "request": of_request.to_json(),
    }
