"""Scenario files: read, checked, and made into scenarios.

All faults of all files come in one error, a line each: `file:line:column: what, where, nearest name`.
"""

from __future__ import annotations

import base64
import calendar
import json
import mimetypes
import warnings
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from mockso.contract.model import NOTHING, Json
from mockso.errors import ScenarioError, did_you_mean
from mockso.matching.keys import Fault, spell
from mockso.matching.match import Match
from mockso.matching.operators import literal_text
from mockso.scenario.check import MOST, Checker
from mockso.scenario.delay import delay_from
from mockso.scenario.reply import ReplyPlan
from mockso.scenario.scenario import Scenario, Step
from mockso.scenario.schema import scenario_faults
from mockso.scenario.turns import Rate
from mockso.scenario.yaml import DEEPEST, Document, read_yaml

_ABOUT_KEYS = ("no such key", "no such operator", "stands beside", "is given again")


@dataclass(frozen=True, slots=True)
class FileFault:
    """One thing wrong in a file; line and column count from 1."""

    file: str
    line: int
    column: int
    message: str

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}: {self.message}"

    def to_json(self) -> dict[str, str | int]:
        """This fault as lint --json and the admin API show it."""
        return {"file": self.file, "line": self.line, "column": self.column, "message": self.message}


class ScenarioFilesError(ScenarioError):
    """Scenario files that cannot be used, with every fault in them."""

    def __init__(self, faults: Iterable[FileFault]) -> None:
        self.faults = tuple(faults)
        super().__init__("\n".join(map(str, self.faults)))


# --- reading ------------------------------------------------------------------------------------


def read_file(path: str | Path, checker: Checker) -> Scenario:
    """The scenario in a file; ScenarioFilesError has every fault."""
    try:
        with open(path, "rb", buffering=0) as file:  # read whole at once: nothing to buffer
            data = file.read()
    except OSError as error:
        fault = FileFault(str(path), 1, 1, f"cannot be read: {error.strerror}.")
        raise ScenarioFilesError([fault]) from error
    return _read(data, str(path), checker, path)


def read_scenario(data: bytes | str, origin: str, checker: Checker, folder: Path | None = None) -> Scenario:
    """The scenario that a YAML text describes.

    `origin` names it in messages; `folder` is where a `body_file` is looked for, None where no file
    may be read. ScenarioFilesError has every fault.
    """
    return _read(data, origin, checker, None if folder is None else folder / "scenario.yaml")


def _read(data: bytes | str, origin: str, checker: Checker, path: str | Path | None) -> Scenario:
    document = read_yaml(data)
    faults = [FileFault(origin, *fault.position, fault.message) for fault in document.faults]
    if faults and document.value is None:
        raise ScenarioFilesError(faults)
    value: Any = document.value
    found = scenario_faults(value)
    broken: Collection[int] = ()
    if found:
        value, broken = _sound(value, found)
    if any("json" in step.get("reply", ()) for step in value["steps"]):
        value = _with_bodies(value)
    if any("body_file" in step.get("reply", ()) for step in value["steps"]):
        value = _with_files(value, None if path is None else Path(path).parent, found)
    found += checker.faults(value, broken)
    if "max_age" in value and not found:
        found += _age_faults(value, origin)
    if found or faults:
        # What a line that is not read right would mean is of no interest.
        unread = {fault.line for fault in faults}
        faults += [one for fault in found if (one := _at(fault, document, origin)).line not in unread]
        faults.sort(key=lambda fault: (fault.line, fault.column))
        if len(faults) > MOST:
            last = faults[MOST]
            message = f"more than {MOST} faults: the others are told when these are mended."
            faults[MOST:] = [FileFault(origin, last.line, last.column, message)]
        raise ScenarioFilesError(faults)
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    return _scenario(value, origin, document, checker, text)


def _sound(value: Json, faults: Iterable[Fault]) -> tuple[dict[str, Any], frozenset[int]]:
    """The parts of a scenario that have no fault, so that they can be checked further, and the
    numbers of the steps that have one."""
    steps = value.get("steps") if isinstance(value, dict) else None
    sound: list[dict[str, Any]] = [
        dict(step) if isinstance(step, dict) else {} for step in (steps if isinstance(steps, list) else ())
    ]
    broken = set()
    for fault in faults:
        match fault.place:
            case ("steps", int(number)):
                sound[number] = {}
            case ("steps", int(number), str(key)):
                sound[number].pop(key, None)
            case ("steps", int(number), str(key), part, *_):
                inner = sound[number].get(key)
                sound[number][key] = (
                    {name: item for name, item in inner.items() if name != part}
                    if isinstance(inner, dict)
                    else {}
                )
            case _:
                continue
        broken.add(number)
    whole = value if isinstance(value, dict) else {}
    return {**whole, "steps": sound}, frozenset(broken)


def _at(fault: Fault, document: Document, origin: str) -> FileFault:
    about_key = fault.message.startswith(_ABOUT_KEYS)
    place = fault.place
    if place[3:4] == ("body",) and not document.has(place[:4]):
        if document.has((*place[:3], "json")):
            place = (*place[:3], "json", *place[4:])
            fault = replace(fault, place=place)
        else:
            place = (*place[:3], "body_file")  # what is wrong stands in that file
    line, column = document.position(place, key=about_key)
    message = f"{spell(fault.place)}: {fault.message}" if fault.place else fault.message
    return FileFault(origin, line, column, message)


def _with_bodies(value: Mapping[str, Any]) -> dict[str, Any]:
    """The scenario with `body` for its other name, `json`."""
    steps = []
    for step in value["steps"]:
        reply = {"body" if key == "json" else key: item for key, item in step.get("reply", {}).items()}
        steps.append({**step, "reply": reply} if reply else step)
    return {**value, "steps": steps}


def _with_files(value: Mapping[str, Any], folder: Path | None, faults: list[Fault]) -> dict[str, Any]:
    """The scenario with the contents of every `body_file` in place of its name."""
    steps = []
    for number, step in enumerate(value["steps"]):
        reply = step.get("reply", {})
        if "body_file" in reply:
            place = ("steps", number, "reply", "body_file")
            read = _file_content(reply["body_file"], folder)
            if isinstance(read, str):
                faults.append(Fault(place, read))
            else:
                reply = {key: item for key, item in reply.items() if key != "body_file"}
                step = {**step, "reply": {**reply, **read}}
        steps.append(step)
    return {**value, "steps": steps}


def _file_content(name: str, folder: Path | None) -> dict[str, Any] | str:
    """The keys of a reply that stand for a file, or what is wrong with it."""
    if folder is None:
        return f"{name!r} cannot be read: this scenario is not in a file. Use 'body' or 'text'."
    if "\0" in name:
        return f"{name!r} is not a name of a file."
    path = folder / name
    try:
        content = path.read_bytes()
    except OSError as error:
        beside = [item.name for item in folder.iterdir() if item.is_file()]
        return f"{name!r} cannot be read: {error.strerror}.{did_you_mean(name, beside)}"
    if path.suffix == ".json":
        try:
            body = json.loads(content)
        except ValueError as error:
            return f"{name!r} is not JSON: {error}."
        except RecursionError:
            return _TOO_DEEP.format(name)
        return _TOO_DEEP.format(name) if _is_deep(body) else {"body": body}
    media_type = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return {"base64": base64.b64encode(content).decode(), "_media_type": media_type}


_TOO_DEEP = f"{{!r}} is nested more than {DEEPEST} deep; make it flatter."


def _is_deep(value: Json) -> bool:
    """Whether a value is nested deeper than a scenario may be."""
    level = [value]
    for _ in range(DEEPEST):
        level = [
            inner
            for item in level
            for inner in (item.values() if isinstance(item, dict) else item if isinstance(item, list) else ())
        ]
        if not level:
            return False
    return True


# --- making -------------------------------------------------------------------------------------


def _scenario(
    value: Mapping[str, Any], origin: str, document: Document, checker: Checker, text: str
) -> Scenario:
    steps = []
    for number, step in enumerate(value["steps"]):
        line, _ = document.position(("steps", number))
        label = f"{value['name']}#{step.get('name') or number + 1}"
        steps.append(_step(step, label, f"{origin}:{line}", checker))
    return Scenario(
        name=value["name"],
        description=value.get("description", ""),
        steps=tuple(steps),
        origin=origin,
        only=value.get("only", False),
        profile=value.get("profile", ""),
        data=value.get("data"),
        world=value.get("world", ""),
        text=text,
        **value.get("tenant", {}),
    )


def _step(value: Mapping[str, Any], label: str, place: str, checker: Checker) -> Step:
    dribble = value.get("dribble")
    times, rate = value.get("times"), value.get("rate")
    return Step(
        match=Match.from_checked(checker.by_ids(value.get("match", {}))),
        reply=_plan(value["reply"]) if "reply" in value else None,
        times=None if times is None else int(times),
        after=value.get("after", ""),
        chance=value.get("chance"),
        rate=Rate(int(rate["calls"]), rate["per"]) if rate else None,
        name=value.get("name", ""),
        delay=delay_from(value["delay"]) if "delay" in value else 0.0,
        fault=value.get("fault", ""),
        dribble=(int(dribble["chunks"]), float(dribble["over"])) if dribble else None,
        label=label,
        place=place,
    )


_MEDIA_TYPES = {"text": "text/plain; charset=utf-8", "base64": "application/octet-stream"}


def _plan(value: Mapping[str, Any]) -> ReplyPlan:
    headers = tuple(
        (name, literal_text(item))
        for name, items in value.get("headers", {}).items()
        for item in (items if isinstance(items, list) else [items])
    )
    media_type = next((kind for key, kind in _MEDIA_TYPES.items() if key in value), "")
    status = value.get("status")
    return ReplyPlan(
        status=None if status is None else int(status),
        headers=headers,
        body=value.get("body", NOTHING),
        content=base64.b64decode(value["base64"]) if "base64" in value else None,
        text=value.get("text"),
        media_type=value.get("_media_type", media_type),
        error=value.get("error", ""),
        like_success="like" in value,
        overrides=value.get("set", {}),
        delay=delay_from(value["delay"]) if "delay" in value else 0.0,
        breaks_contract="contract" in value,
    )


# --- age ----------------------------------------------------------------------------------------


class ExpiredRecording(UserWarning):
    """A recording is older than its `max_age` allows."""


def _age_faults(scenario: Mapping[str, Any], origin: str) -> list[Fault]:
    """The fault of a recording that is too old; a warning instead unless `on_expiry` says "fail"."""
    try:
        message = expiry(scenario)
    except ValueError:
        return [Fault(("recorded", "at"), f"{scenario['recorded']['at']!r} is not a day of the calendar.")]
    if message and scenario.get("on_expiry") == "fail":
        return [Fault(("max_age",), message)]
    if message:
        warnings.warn(f"{origin}: {message}", ExpiredRecording, stacklevel=2)
    return []


def expiry(scenario: Mapping[str, Any], today: date | None = None) -> str:
    """The message for a scenario that is older than its `max_age`; "" for a younger one or without an age."""
    if "max_age" not in scenario:
        return ""
    recorded = date.fromisoformat(scenario["recorded"]["at"])
    last = _later(recorded, scenario["max_age"])
    if (today or datetime.now(UTC).date()) <= last:
        return ""
    return (
        f"was recorded on {recorded} and good until {last} (max_age {scenario['max_age']}); record it again."
    )


def _later(day: date, age: str) -> date:
    count, _, unit = age.partition(" ")
    number, unit = int(count), unit.rstrip("s")
    if unit in ("day", "week"):
        ordinal = day.toordinal() + number * (7 if unit == "week" else 1)
        return date.fromordinal(min(ordinal, date.max.toordinal()))
    months = day.year * 12 + day.month - 1 + number * (12 if unit == "year" else 1)
    year, month = min(months // 12, date.max.year), months % 12 + 1
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
