"""WireMock's mappings as steps: its operators are those of a scenario, so that most goes over word by word."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError
from mockso.operators import JSON_KEYS, TEXT_KEYS
from mockso.recording.asked import Noted
from mockso.scenario_check import Checker
from mockso.scenario_fields import LONGEST_DELAY

_REQUEST = frozenset({"method", "url", "urlPath", "urlPattern", "urlPathPattern", "urlPathTemplate"})
_FAULTS = {
    "CONNECTION_RESET_BY_PEER": "reset",
    "EMPTY_RESPONSE": "empty",
    "MALFORMED_RESPONSE_CHUNK": "cut",
    "RANDOM_DATA_THEN_CLOSE": "garbage",
}
_ABOUT = frozenset({"id", "uuid", "name", "persistent", "metadata", "insertionIndex", "request", "response"})


def read_mappings(path: Path, contract: Contract) -> tuple[list[dict[str, Any]], list[str]]:
    """The steps of mappings (a file, one with `mappings`, or a folder of files), and what was left out.

    The mapping that WireMock asks first comes first: by priority, then the newest.
    """
    mappings = [pair for file in _files(path) for pair in _mappings(file)]
    order = sorted(range(len(mappings)), key=lambda n: (mappings[n][1].get("priority", 5), -n))
    steps: list[dict[str, Any]] = []
    left_out: list[str] = []
    names: set[str] = set()
    for number in order:
        place, mapping = mappings[number]
        lost: list[str] = []
        try:
            step = _step(mapping, lost, path)
        except (KeyError, TypeError, AttributeError, ValueError) as error:
            left_out.append(f"{place}: not carried over: {error}")
            continue
        name = (
            re.sub(r"[^A-Za-z0-9._-]+", "-", str(mapping.get("name") or place)).strip("-")[:60] or "mapping"
        )
        while name in names:
            name += "x"
        checked = Checker(contract).faults({"name": "x", "steps": [step]})
        if checked:
            left_out.append(f"{place}: not carried over: {checked[0].line()}")
            continue
        names.add(name)
        left_out += [f"{place}: {what}" for what in lost]
        steps.append({"name": name, **step})
    return steps, left_out


def _files(path: Path) -> list[Path]:
    if not path.is_dir():
        return [path]
    folder = path / "mappings" if (path / "mappings").is_dir() else path
    found = sorted(folder.rglob("*.json"))
    if not found:
        raise ScenarioError(f"{path}: the folder has no mapping (*.json) in it.")
    return found


def _mappings(path: Path) -> Iterator[tuple[str, Mapping[str, Any]]]:
    try:
        value = json.loads(path.read_bytes())
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be read: {error.strerror}.") from error
    except ValueError as error:
        raise ScenarioError(f"{path}: not JSON: {error}.") from error
    several = value.get("mappings") if isinstance(value, dict) else None
    if several is None and isinstance(value, dict) and "request" in value:
        several = [value]
    if not isinstance(several, list) or not all(isinstance(item, dict) for item in several):
        raise ScenarioError(f"{path}: no mapping of WireMock: it has neither 'request' nor 'mappings'.")
    for number, item in enumerate(several, 1):
        yield (f"{path.stem}-{number}" if len(several) > 1 else path.stem), item


def _step(mapping: Mapping[str, Any], lost: list[str], path: Path) -> dict[str, Any]:
    for key in mapping.keys() - _ABOUT - {"priority"}:
        lost.append(f"{key} is not carried over")
    step: dict[str, Any] = {"match": {**_match(mapping["request"], lost), "verdict": "any"}}
    response = mapping["response"]
    if response.get("fault"):
        step["fault"] = _FAULTS[response["fault"]]
        return step
    if "fixedDelayMilliseconds" in response:
        step["delay"] = min(response["fixedDelayMilliseconds"] / 1000, LONGEST_DELAY)
    step["reply"] = _reply(response, lost, path)
    return step


def _match(request: Mapping[str, Any], lost: list[str]) -> dict[str, Any]:
    match: dict[str, Any] = {}
    if request.get("method", "ANY") != "ANY":
        match["method"] = request["method"]
    query = dict(request.get("queryParameters", {}))
    url = request.get("url") or request.get("urlPath")
    if url:
        path, _, arguments = url.partition("?")
        match["path"] = _without_tenant(path)
        for part in filter(None, arguments.split("&")):
            name, _, value = part.partition("=")
            query.setdefault(name, {"equalTo": value})
    elif request.get("urlPathPattern") or request.get("urlPattern"):
        pattern = str(request.get("urlPathPattern") or request.get("urlPattern"))
        if not request.get("urlPathPattern") and "\\?" in pattern:
            lost.append("the query in urlPattern is not carried over")
            pattern = pattern.partition("\\?")[0] + ".*" * pattern.endswith(".*")
        match["path"] = {"matches": _without_tenant(pattern)}
    elif request.get("urlPathTemplate"):
        match["path"] = re.sub(r"\{[^}]*\}", "*", _without_tenant(request["urlPathTemplate"]))
    if query:
        match["query"] = {
            name: _operators(spec, TEXT_KEYS, lost, f"query {name}") for name, spec in query.items()
        }
    headers = {
        name: _operators(spec, TEXT_KEYS, lost, f"header {name}")
        for name, spec in request.get("headers", {}).items()
        if name.lower() != "authorization"
    }
    if len(headers) < len(request.get("headers", {})):
        lost.append("header Authorization is not carried over: it is a secret")
    if headers:
        match["headers"] = headers
    bodies = [_operators(spec, JSON_KEYS, lost, "body") for spec in request.get("bodyPatterns", ())]
    if bodies:
        match["body"] = bodies[0]
        lost += ["a further body pattern is not carried over"] * (len(bodies) - 1)
    lost += [
        f"request.{key} is not carried over"
        for key in request
        if key not in _REQUEST | {"queryParameters", "headers", "bodyPatterns"}
    ]
    return {name: value for name, value in match.items() if value not in ({}, None)}


def _operators(spec: Mapping[str, Any], known: frozenset[str], lost: list[str], where: str) -> dict[str, Any]:
    kept = {name: value for name, value in spec.items() if name in known}
    lost += [f"{where}: {name} is not carried over" for name in spec if name not in known]
    if not kept:
        return {"absent": False}
    return kept


def _without_tenant(path: str) -> str:
    return re.sub(r"^/[^/]+(?=/api/)", "", path, flags=re.IGNORECASE) if not path.startswith("/api") else path


def _reply(response: Mapping[str, Any], lost: list[str], path: Path) -> dict[str, Any]:
    reply: dict[str, Any] = {"status": response.get("status", 200)}
    if response.get("headers"):
        reply["headers"] = dict(response["headers"])
    if "jsonBody" in response:
        reply["body"] = response["jsonBody"]
        reply["contract"] = Noted("broken", "a mapping says nothing of the contract").value
    elif "base64Body" in response:
        reply["base64"] = response["base64Body"]
    elif "bodyFileName" in response:
        file = (path if path.is_dir() else path.parent.parent) / "__files" / response["bodyFileName"]
        if file.is_file():
            reply["text"] = file.read_text(encoding="utf-8")
        else:
            lost.append(f"bodyFileName {response['bodyFileName']!r}: there is no such file in __files")
    elif response.get("body"):
        reply["text"] = response["body"]
    if any("{{" in str(value) for value in response.values()):
        lost.append("templates of WireMock (Handlebars) are taken for those of a scenario: look at them")
    known = {
        "status",
        "headers",
        "jsonBody",
        "base64Body",
        "bodyFileName",
        "body",
        "fixedDelayMilliseconds",
        "fault",
    }
    lost += [f"response.{key} is not carried over" for key in response if key not in known]
    return reply
