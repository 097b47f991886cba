"""Scenarios over HTTP: which are played and how far they are; play, stop, start again."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from mockso.errors import nearest
from mockso.scenario.scenario import Scenario
from mockso.state.tenant import State
from mockso.web.admin import why as admin_why
from mockso.web.admin.routes import Answer, Argument, Ask, Mock, Refused, Route

TENANT = Argument(
    "tenant", "text", "only for this tenant, 'Cust12345', empty onsite; all of them where not given"
)
NAME = Argument("name", "text", "name of a scenario")
_YAML = Argument("yaml", "text", "a scenario file's text")


def list_scenarios(ask: Ask) -> Answer:
    """The scenarios that are played, with their counters, and those that can be played by name."""
    mock = ask.mock
    return {
        "playing": list(playing(mock, ask.query.get("tenant"))),
        "available": available(mock),
        "broken": [fault.to_json() for fault in mock.scenario_faults],
    }


def play(ask: Ask) -> Answer:
    """Play a scenario from its beginning."""
    name, text = _name_or_text(ask)
    scenario = find_scenario(ask.mock, name) if name else read(ask.mock, text)
    begin(ask.mock, scenario, ask.query.get("tenant"))
    return {"playing": list(playing(ask.mock, ask.query.get("tenant")))}


def stop(ask: Ask) -> Answer:
    """Stop playing a scenario, or all."""
    end(ask.mock, ask.body.get("name"), ask.query.get("tenant"))
    return {"playing": list(playing(ask.mock, ask.query.get("tenant")))}


def stop_all(ask: Ask) -> Answer:
    """Stop playing all."""
    end(ask.mock, None, ask.query.get("tenant"))
    return {"playing": list(playing(ask.mock, ask.query.get("tenant")))}


def reset(ask: Ask) -> Answer:
    """Play all from their beginning."""
    start_again(ask.mock, ask.query.get("tenant"))
    return {"playing": list(playing(ask.mock, ask.query.get("tenant")))}


def _name_or_text(ask: Ask) -> tuple[str, str]:
    data = ask.request.get_data(cache=False)
    try:
        text = data.decode()
    except UnicodeDecodeError:
        raise Refused(
            400, "body: it is not UTF-8. Send a scenario's name as JSON, or a scenario file."
        ) from None
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):
        if not text.strip():
            raise Refused(
                400, 'body: it is empty. Send {"name": "..."}, {"yaml": "..."} or a scenario file.'
            ) from None
        return "", text
    if isinstance(value, dict) and "steps" not in value:
        unknown = [key for key in value if key not in ("name", "yaml")]
        if unknown or len(value) != 1 or not isinstance(next(iter(value.values())), str):
            raise Refused(400, 'body: expected {"name": "..."} or {"yaml": "..."}, or a scenario file.')
        return str(value.get("name", "")), str(value.get("yaml", ""))
    return "", text  # JSON is YAML


# --- done here and by the page ------------------------------------------------------------------


def playing(mock: Mock, tenant: str | None = None) -> Iterator[dict[str, Any]]:
    """Each scenario that a tenant plays, the one asked first before the others."""
    for each in _tenants(mock, tenant, make=False):
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


def available(mock: Mock) -> list[dict[str, str]]:
    """The scenarios that can be played by name."""
    from mockso.scenario.load import (
        load_scenarios,
        shipped,
    )  # with YAML and marshmallow, where files are read

    own = {scenario.name: scenario for scenario in mock.scenarios}
    names = [name for name in shipped() if name not in own]
    known = [*own.values(), *load_scenarios(names, mock.contract)]
    return sorted(
        ({"name": s.name, "description": s.description} for s in known), key=lambda item: item["name"]
    )


def find_scenario(mock: Mock, name: str) -> Scenario:
    """The scenario of that name: one given at start, or one that comes with mockso."""
    for scenario in mock.scenarios:
        if scenario.name == name:
            return scenario
    from mockso.scenario.load import load_scenarios, shipped

    known = shipped()
    plain = name.replace("_", "-")
    if plain not in known:
        # A name is no path here: who steers the mock is not to read the files of its machine.
        near = nearest(name, [*known, *(scenario.name for scenario in mock.scenarios)])
        hint = f" Did you mean {near[0]!r}?" if near else ""
        raise Refused(
            404, f"There is no scenario {name!r}.{hint} /__mockso/scenarios lists all; others go as YAML."
        )
    return load_scenarios([str(known[plain])], mock.contract)[0]


def read(mock: Mock, text: str) -> Scenario:
    """The scenario that a file's text describes; ScenarioError has all its faults."""
    from mockso.scenario.check import Checker
    from mockso.scenario.load import read_scenario

    return read_scenario(text, "body", Checker(mock.contract))


def begin(mock: Mock, scenario: Scenario, tenant: str | None) -> None:
    """Play a scenario for a tenant, or for all and those to come."""
    with mock.steering:
        if tenant is None:
            mock.scenarios = (*(s for s in mock.scenarios if s.name != scenario.name), scenario)
        for each in _tenants(mock, tenant):
            each.play(scenario)


def end(mock: Mock, name: str | None, tenant: str | None) -> None:
    """Stop playing a scenario, or all, for a tenant, or for all and those to come."""
    was_played = False
    with mock.steering:
        if tenant is None:
            was_played = any(name in (None, scenario.name) for scenario in mock.scenarios)
            mock.scenarios = tuple(s for s in mock.scenarios if name is not None and s.name != name)
        for each in _tenants(mock, tenant, make=False):
            was_played = each.stop(name) or was_played
    if name is not None and not was_played:
        raise Refused(404, f"No scenario {name!r} is played.")


def start_again(mock: Mock, tenant: str | None) -> None:
    """Play all from their beginning."""
    for each in _tenants(mock, tenant, make=False):
        if each.plays:
            each.scenarios.reset()


def _tenants(mock: Mock, tenant: str | None, *, make: bool = True) -> Iterable[State]:
    if tenant is None:
        return list(mock.tenants)
    if make or tenant in mock.tenants.names():
        return [mock.tenants.of(tenant)]
    return []


ROUTES = (
    Route(
        "GET",
        "scenarios",
        list_scenarios,
        "Scenarios that are played, and that can be",
        (TENANT,),
        gives="Scenarios",
    ),
    Route(
        "POST",
        "scenarios/play",
        play,
        "Play a scenario: its name as JSON, or a scenario file",
        (TENANT,),
        raw=True,
        free_body="Play",
        gives="Playing",
        answers={404: "There is no such scenario."},
    ),
    Route(
        "POST",
        "scenarios/stop",
        stop,
        "Stop playing a scenario, or all where no name is given",
        (TENANT,),
        (NAME,),
        gives="Playing",
        answers={404: "It is not played."},
    ),
    Route("POST", "scenarios/reset", reset, "Play all from their beginning", (TENANT,), (), gives="Playing"),
    Route("DELETE", "scenarios", stop_all, "Stop playing all", (TENANT,), gives="Playing"),
    *admin_why.ROUTES,
)
