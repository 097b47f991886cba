"""Why a call was answered as it was, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from mockso.errors import NoScenarioError, NoStepError
from mockso.journal.entry import Document
from mockso.scenario.scenario import Scenario
from mockso.web.admin.requests import entry_of
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, get

STEP = Argument("step", "text", "label of the step to compare with, 'limited#1'; the nearest where not given")


def why(ask: Ask) -> Answer:
    """Explain one call from its address to its answer, and what would have changed it."""
    from mockso.why.explain import explain

    entry = entry_of(ask)
    engine = ask.engine
    try:
        return explain(
            entry,
            engine.contract,
            _candidates(ask, entry),
            engine.journal.redaction,
            ask.query.get("step", ""),
            own=engine.journal.wrote(entry["id"]),
        )
    except NoStepError as error:
        raise RefusedError(404, f"query step: {error}") from None


def _candidates(ask: Ask, entry: Document) -> Iterable[Scenario]:
    from mockso.why.explain import named_scenario

    engine = ask.engine
    if entry["tenant"] in engine.tenants.names():
        played = engine.tenants.of(entry["tenant"]).playing
    else:  # of an earlier run: what it would meet now
        played = tuple(reversed(engine.playlist.scenarios))
    name = named_scenario(entry)
    try:
        return (engine.playlist.find_named(name, played),) if name else played
    except NoScenarioError:
        return ()


ROUTES = (
    get(
        "requests/{id}/why",
        why,
        "Why one call was answered as it was",
        (STEP,),
        gives="Why",
        answers={404: "There is no such call, or no such step is played."},
    ),
)
