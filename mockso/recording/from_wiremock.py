"""WireMock's mappings as steps: its operators are those of a scenario, so that most goes over word by word."""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError
from mockso.exchange.address import parse_query
from mockso.matching.operators import JSON_KEYS, TEXT_KEYS
from mockso.progress import follow
from mockso.recording.imports import SHAPE_ERRORS, read_json, reason_of
from mockso.recording.reply import VOLATILE, literal
from mockso.redaction.secrets import HEADERS
from mockso.scenario.check import Checker
from mockso.scenario.delay import LONGEST as LONGEST_DELAY
from mockso.scenario.schema import scenario_faults

_REQUEST = frozenset({"method", "url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate"})
_RESPONSE = frozenset(
    {
        *("status", "headers", "jsonBody", "base64Body", "bodyFileName", "body"),
        *("fixedDelayMilliseconds", "fault"),
    }
)
_FAULTS = {
    "CONNECTION_RESET_BY_PEER": "reset",
    "EMPTY_RESPONSE": "empty",
    "MALFORMED_RESPONSE_CHUNK": "cut",
    "RANDOM_DATA_THEN_CLOSE": "garbage",
}
_ENCODED = re.compile(r"(?:%[0-9A-Fa-f]{2})+")
_STATES = frozenset({"scenarioName", "requiredScenarioState", "newScenarioState"})
_ABOUT = frozenset({"id", "uuid", "name", "persistent", "metadata", "insertionIndex", "request", "response"})


def read_mappings(path: Path, contract: Contract) -> tuple[list[dict[str, Any]], list[str]]:
    """The steps of mappings (a file, one with `mappings`, or a folder of files), and what was left out.

    The mapping that WireMock asks first comes first: by priority, then the newest.
    """
    mappings = [pair for file in _files(path) for pair in _mappings(file)]
    order = sorted(range(len(mappings)), key=lambda n: (_priority(mappings[n][1]), -n))
    steps: list[dict[str, Any]] = []
    left_out: list[str] = []
    names: set[str] = set()
    chains: list[tuple[str, Mapping[str, Any]]] = []
    for number in follow("reading mappings", order, len(order)):
        place, mapping = mappings[number]
        losses: list[str] = []
        try:
            step = _step(mapping, losses, path)
            exact = step.pop("exact", False)
            scenario = {"name": "x", "steps": [step]}
            checked = scenario_faults(scenario) or contract.derive(Checker).faults(scenario)
        except SHAPE_ERRORS as error:
            left_out.append(f"{place}: not carried over: {reason_of(error)}")
            continue
        name = (
            re.sub(r"[^A-Za-z0-9._-]+", "-", str(mapping.get("name") or place)).strip("-")[:60] or "mapping"
        )
        while name in names:
            name += "x"
        if checked:
            left_out.append(f"{place}: not carried over: {checked[0].line()}")
            continue
        names.add(name)
        step |= {"exact": True} if exact else {}
        left_out += [f"{place}: {what}" for what in losses]
        steps.append({"name": name, **step})
        chains.append(
            (
                str(mapping.get("scenarioName", "")),
                {key: str(mapping.get(key)) for key in _STATES if key in mapping},
            )
        )
    return _in_order(_exact(steps), chains, left_out), left_out


def _priority(mapping: Mapping[str, Any]) -> float:
    priority = mapping.get("priority", 5)
    return priority if isinstance(priority, int | float) else 5


def _exact(steps: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Steps of which those that name a whole address, without a query, do not take one that has any."""
    arguments: dict[str, set[str]] = {}
    for step in steps:
        match = step["match"]
        if isinstance(match.get("path"), str):
            arguments.setdefault(match["path"].lower(), set()).update(match.get("query", ()))
    for step in steps:
        match = step["match"]
        if step.pop("exact", False):
            others = sorted(arguments[match["path"].lower()] - set(match.get("query", ())))
            if others:
                match["query"] = {**match.get("query", {}), **{name: {"absent": True} for name in others}}
    return steps


def _in_order(
    steps: list[dict[str, Any]], chains: list[tuple[str, Mapping[str, Any]]], left_out: list[str]
) -> list[dict[str, Any]]:
    """Steps of which those of one scenario of WireMock, as its recorder makes them, are a sequence.

    Such a scenario goes from state to state with each answer to one and the same request, and stays in the
    last. Any other is told to be lost.
    """
    groups: dict[str, list[int]] = {}
    for number, (scenario, _) in enumerate(chains):
        if scenario:
            groups.setdefault(scenario, []).append(number)
    result = list(steps)
    for scenario, numbers in groups.items():
        by_state = {chains[n][1].get("requiredScenarioState", "Started"): n for n in numbers}
        order: list[int] = []
        state = "Started"
        while state in by_state and len(order) < len(numbers):
            order.append(by_state[state])
            state = chains[by_state[state]][1].get("newScenarioState", "")
        same = len({json.dumps(steps[n]["match"], sort_keys=True) for n in numbers}) == 1
        if len(order) != len(numbers) or not same or state:
            left_out.append(
                f"scenarioName {scenario!r} is not carried over: its steps are not a plain sequence"
            )
            continue
        for place, number in zip(sorted(numbers), order, strict=True):
            last = number == order[-1]
            step = steps[number]
            result[place] = (
                step if last else {"name": step["name"], "match": step["match"], "times": 1} | step
            )
    return result


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    folder = path / "mappings" if (path / "mappings").is_dir() else path
    files = sorted(folder.rglob("*.json"))
    if not files:
        raise ScenarioError(f"{path}: the folder has no mapping (*.json) in it.")
    return files


def _mappings(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    value = read_json(path)
    several = value.get("mappings") if isinstance(value, dict) else None
    if several is None and isinstance(value, dict) and "request" in value:
        several = [value]
    if not isinstance(several, list) or not all(isinstance(item, dict) for item in several):
        raise ScenarioError(f"{path}: no mapping of WireMock: it has neither 'request' nor 'mappings'.")
    for number, item in enumerate(several, 1):
        yield (f"{path.stem}-{number}" if len(several) > 1 else path.stem), item


def _step(mapping: Mapping[str, Any], losses: list[str], path: Path) -> dict[str, Any]:
    for key in sorted(mapping.keys() - _ABOUT - _STATES - {"priority"}):
        losses.append(f"{key} is not carried over")
    step: dict[str, Any] = {"match": {**_match(mapping["request"], losses), "verdict": "any"}}
    if mapping["request"].get("url"):
        step["exact"] = True
    response = mapping["response"]
    if response.get("fault"):
        step["fault"] = _FAULTS[response["fault"]]
        return step
    if "fixedDelayMilliseconds" in response:
        step["delay"] = min(response["fixedDelayMilliseconds"] / 1000, LONGEST_DELAY)
    step["reply"] = _reply(response, losses, path)
    return step


def _match(request: Mapping[str, Any], losses: list[str]) -> dict[str, Any]:
    match: dict[str, Any] = {}
    if request.get("method", "ANY") != "ANY":
        match["method"] = request["method"]
    query = dict(request.get("queryParameters", {}))
    url = request.get("url") or request.get("urlPath")
    if url:
        # Written as the request line had it, while a scenario is compared with what is decoded. What WireMock
        # has in queryParameters, it has decoded itself.
        path, _, arguments = url.partition("?")
        match["path"] = _without_tenant(unquote(path))
        for name, value in parse_query(arguments):
            if name in query and query[name] != {"equalTo": value}:
                losses.append(f"a further value of {name} in the address is not carried over")
            query.setdefault(name, {"equalTo": value})
    elif request.get("urlPathPattern") or request.get("urlPattern"):
        pattern = str(request.get("urlPathPattern") or request.get("urlPattern"))
        if not request.get("urlPathPattern") and "\\?" in pattern:
            losses.append("the query in urlPattern is not carried over")
            pattern = pattern.partition("\\?")[0] + ".*" * pattern.endswith(".*")
        pattern = _ENCODED.sub(lambda m: re.escape(unquote(m[0])), pattern)
        match["path"] = {"matches": _without_tenant(pattern)}
    elif request.get("urlPathTemplate"):
        match["path"] = re.sub(r"\{[^}]*\}", "*", _without_tenant(unquote(request["urlPathTemplate"])))
    if query:
        match["query"] = {
            name: _operators(spec, TEXT_KEYS, losses, f"query {name}") for name, spec in query.items()
        }
    headers = {
        name: _operators(spec, TEXT_KEYS, losses, f"header {name}")
        for name, spec in request.get("headers", {}).items()
        if name.lower() not in HEADERS
    }
    losses += [
        f"header {name} is not carried over: it is a secret"
        for name in request.get("headers", {})
        if name.lower() in HEADERS
    ]
    if headers:
        match["headers"] = headers
    bodies = [_operators(spec, JSON_KEYS, losses, "body") for spec in request.get("bodyPatterns", ())]
    if bodies:
        match["body"] = bodies[0]
        losses += ["a further body pattern is not carried over"] * (len(bodies) - 1)
    losses += [
        f"request.{key} is not carried over"
        for key in request
        if key not in _REQUEST | {"queryParameters", "headers", "bodyPatterns"}
    ]
    return {name: value for name, value in match.items() if value not in ({}, None)}


def _operators(
    spec: Mapping[str, Any], keys: frozenset[str], losses: list[str], where: str
) -> dict[str, Any]:
    for several in ("hasExactly", "includes"):
        # The recorder writes of each argument that it has exactly this one value.
        if set(spec) == {several} and len(spec[several]) == 1 and isinstance(spec[several][0], Mapping):
            spec = spec[several][0]
    operators = {name: value for name, value in spec.items() if name in keys}
    losses += [f"{where}: {name} is not carried over" for name in spec if name not in keys]
    return operators or {"absent": False}


def _without_tenant(path: str) -> str:
    return re.sub(r"^/[^/]+(?=/api/)", "", path, flags=re.IGNORECASE) if not path.startswith("/api") else path


def _reply(response: Mapping[str, Any], losses: list[str], path: Path) -> dict[str, Any]:
    reply: dict[str, Any] = {"status": response.get("status", 200)}
    # Without the transformer, braces are what they are.
    templates = "response-template" in response.get("transformers", ())
    plain: Any = (lambda value: value) if templates else literal
    headers = {
        name: plain(value)
        for name, value in response.get("headers", {}).items()
        if name.lower() not in VOLATILE and not name.lower().startswith("x-mockso-")
    }
    if headers:
        reply["headers"] = headers
    if "jsonBody" in response:
        reply["body"] = plain(response["jsonBody"])
        reply["contract"] = "broken"  # a mapping says nothing of the contract
    elif "base64Body" in response:
        try:
            # A text may hold a secret, which nobody would see in base64.
            text = base64.b64decode(response["base64Body"], validate=True).decode()
        except ValueError:
            text = "\0"
        reply |= {"base64": response["base64Body"]} if "\0" in text else {"text": literal(text)}
    elif "bodyFileName" in response:
        file = (path if path.is_dir() else path.parent.parent) / "__files" / response["bodyFileName"]
        if file.is_file():
            data = file.read_bytes()
            try:
                reply["text"] = plain(data.decode())
            except UnicodeDecodeError:
                reply["base64"] = base64.b64encode(data).decode()
        else:
            losses.append(f"bodyFileName {response['bodyFileName']!r}: there is no such file in __files")
    elif response.get("body"):
        reply["text"] = plain(response["body"])
    if templates and any("{{" in str(value) for value in response.values()):
        losses.append("templates of WireMock (Handlebars) are taken for those of a scenario: look at them")
    losses += [f"response.{key} is not carried over" for key in response if key not in _RESPONSE]
    return reply
