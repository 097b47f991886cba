"""Why a call was answered as it was, over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from mockso.errors import NoScenarioError, NoStepError
from mockso.journal.entry import Document
from mockso.scenario.scenario import Scenario
from mockso.web.admin.requests import entry_of
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, Route

STEP = Argument("step", "text", "label of the step to compare with, 'limited#1'; the nearest where not given")


def why(ask: Ask) -> Answer:
    """Explain one call from its address to its answer, and what would have changed it."""
    from mockso.why.explain import explain

    entry = entry_of(ask)
    mock = ask.mock
    try:
        return explain(
            entry,
            mock.contract,
            _candidates(ask, entry),
            mock.journal.redaction,
            ask.query.get("step", ""),
            own=mock.journal.wrote(entry["id"]),
        )
    except NoStepError as error:
        raise RefusedError(404, f"query step: {error}") from None


def _candidates(ask: Ask, entry: Document) -> Iterable[Scenario]:
    from mockso.why.explain import named_scenario

    mock = ask.mock
    if entry["tenant"] in mock.tenants.names():
        played = mock.tenants.of(entry["tenant"]).playing
    else:  # of an earlier run: what it would meet now
        played = tuple(reversed(mock.playlist.scenarios))
    name = named_scenario(entry)
    try:
        return (mock.playlist.find_named(name, played),) if name else played
    except NoScenarioError:
        return ()


ROUTES = (
    Route(
        "GET",
        "requests/{id}/why",
        why,
        "Why one call was answered as it was",
        (STEP,),
        gives="Why",
        answers={404: "There is no such call, or no such step is played."},
    ),
)
