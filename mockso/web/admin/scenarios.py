"""Scenarios over HTTP: which are played and how far they are; play, stop, start again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mockso.engine import Engine
from mockso.errors import SeedError, suggest
from mockso.scenario.scenario import Scenario
from mockso.state.tenant import State
from mockso.web.admin import why as admin_why
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, delete, get, post

TENANT = Argument(
    "tenant", "text", "only for this tenant, 'Cust12345', empty onsite; all of them where not given"
)
NAME = Argument("name", "text", "name of a scenario")
_YAML = Argument("yaml", "text", "a scenario file's text")


def list_scenarios(ask: Ask) -> Answer:
    """The scenarios that are played, with their counters, and those that can be played by name."""
    engine = ask.engine
    return {
        **_now_playing(ask),
        "available": available(engine),
        "broken": [fault.to_json() for fault in engine.playlist.faults],
    }


def play(ask: Ask) -> Answer:
    """Play a scenario from its beginning."""
    begin(ask.engine, scenario_of(ask.engine, *_name_or_text(ask)), ask.query.get("tenant"))
    return _now_playing(ask)


def stop(ask: Ask) -> Answer:
    """Stop playing a scenario, or all."""
    end(ask.engine, ask.body.get("name"), ask.query.get("tenant"))
    return _now_playing(ask)


def reset(ask: Ask) -> Answer:
    """Play all from their beginning."""
    start_again(ask.engine, ask.query.get("tenant"))
    return _now_playing(ask)


def _now_playing(ask: Ask) -> dict[str, Any]:
    return {"playing": list(playing(ask.engine, ask.query.get("tenant")))}


def _name_or_text(ask: Ask) -> tuple[str, str]:
    data = ask.request.get_data(cache=False)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise RefusedError(
            400, "body: it is not UTF-8. Send a scenario's name as JSON, or a scenario file."
        ) from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if not text.strip():
            raise RefusedError(
                400, 'body: it is empty. Send {"name": "..."}, {"yaml": "..."} or a scenario file.'
            ) from None
        return "", text
    if isinstance(value, dict) and "steps" not in value:
        unknown = [key for key in value if key not in ("name", "yaml")]
        if unknown or len(value) != 1 or not isinstance(next(iter(value.values())), str):
            raise RefusedError(400, 'body: expected {"name": "..."} or {"yaml": "..."}, or a scenario file.')
        return str(value.get("name", "")), str(value.get("yaml", ""))
    return "", text  # JSON is YAML


# --- done here and by the page ------------------------------------------------------------------


def playing(engine: Engine, tenant: str | None = None) -> Iterator[dict[str, Any]]:
    """Each scenario that a tenant plays, the one asked first before the others."""
    for each in _states(engine, tenant):
        if not each.plays:
            continue
        counters = [counter.to_json() for counter in each.scenarios.counters()]
        for scenario in each.scenarios:
            yield {
                "tenant": each.name,
                "name": scenario.name,
                "description": scenario.description,
                "only": scenario.only,
                "origin": scenario.origin,
                "steps": [counter for counter in counters if counter["scenario"] == scenario.name],
            }


def available(engine: Engine) -> list[dict[str, str]]:
    """The scenarios that can be played by name."""
    return [
        {"name": scenario.name, "description": scenario.description}
        for scenario in engine.playlist.library.every(engine.playlist.scenarios)
    ]


def find_scenario(engine: Engine, name: str) -> Scenario:
    """The scenario of that name: one that all tenants play, or one that comes with mockso."""
    own, library = engine.playlist.scenarios, engine.playlist.library
    scenario = library.find(name, own)
    if scenario is None:
        hint = suggest(library.nearest(name, own))
        raise RefusedError(
            404, f"There is no scenario {name!r}.{hint} /__mockso/scenarios lists all; others go as YAML."
        )
    return scenario


def scenario_of(engine: Engine, name: str, text: str) -> Scenario:
    """The scenario of that name or, without one, of a file's text."""
    return find_scenario(engine, name) if name else engine.playlist.library.read_text(text, "body")


def begin(engine: Engine, scenario: Scenario, tenant: str | None) -> None:
    """Play a scenario for a tenant, or for all and those to come."""
    try:
        if tenant is None:
            engine.check_data(scenario)
        engine.playlist.play(scenario, None if tenant is None else engine.tenants.of(tenant))
    except SeedError as error:
        raise RefusedError(400, str(error)) from None


def end(engine: Engine, name: str | None, tenant: str | None) -> None:
    """Stop playing a scenario, or all, for a tenant, or for all and those to come."""
    if tenant is None:
        was_played = engine.playlist.stop(name)
    else:
        was_played = any(engine.playlist.stop(name, state) for state in _states(engine, tenant))
    if name is not None and not was_played:
        raise RefusedError(404, f"No scenario {name!r} is played.")


def start_again(engine: Engine, tenant: str | None) -> None:
    """Play all from their beginning."""
    for each in _states(engine, tenant):
        if each.plays:
            each.scenarios.reset()


def _states(engine: Engine, tenant: str | None) -> Iterable[State]:
    return [state for state in engine.tenants if tenant in (None, state.name)]


ROUTES = (
    get(
        "scenarios",
        list_scenarios,
        "Scenarios that are played, and that can be",
        (TENANT,),
        gives="Scenarios",
    ),
    post(
        "scenarios/play",
        play,
        "Play a scenario: its name as JSON, or a scenario file",
        (TENANT,),
        raw=True,
        free_body="Play",
        gives="Playing",
        answers={404: "There is no such scenario."},
    ),
    post(
        "scenarios/stop",
        stop,
        "Stop playing a scenario, or all where no name is given",
        (TENANT,),
        (NAME,),
        gives="Playing",
        answers={404: "It is not played."},
    ),
    post("scenarios/reset", reset, "Play all from their beginning", (TENANT,), (), gives="Playing"),
    delete("scenarios", stop, "Stop playing all", (TENANT,), gives="Playing"),
    *admin_why.ROUTES,
)
