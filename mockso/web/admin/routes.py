"""The routes of the admin API, and reading the arguments of a request.

A `Route` describes an address completely: app.py dispatches by it, its arguments are checked by it here,
and its part of the OpenAPI document is made from it. Nothing is ignored in silence.
"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import flask

from mockso.errors import did_you_mean

if TYPE_CHECKING:
    from mockso.engine import Engine

# Replies below these addresses are about calls, and have a header with the number of calls that were dropped.
ABOUT_CALLS = ("requests", "verify", "events")
DROPPED = "X-Mockso-Dropped"

BODY_LIMIT = 4 * 1024 * 1024


class RefusedError(Exception):
    """An error reply: a status, and what is wrong, where, and what to do."""

    def __init__(self, status: int, message: str, headers: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.message = message
        self.headers = dict(headers or {})


Kind = Literal["text", "count", "seconds", "time", "flag", "object", "list", "map", "names"]


@dataclass(frozen=True, slots=True)
class Argument:
    """One argument of a query or one member of a body.

    A "count" is a whole number from `least` to `most`, "seconds" a number in that range, a "time" seconds
    since 1970 or ISO 8601 (UTC where no offset is given), a "flag" true or false. An "object" is a match and
    a "list" one of those; a "map" is any object, "names" a list of texts.
    """

    name: str
    kind: Kind
    about: str
    choices: tuple[str, ...] = ()
    least: int = 0
    most: int = 2**31 - 1
    default: Any = None
    pattern: str = ""
    """What the OpenAPI document says of a text; the handler checks it, and may take more."""
    required: bool = False
    """Of a body."""

    def read(self, value: Any, place: str) -> Any:
        """Read a text (of a query) or a JSON value (of a body). Raises RefusedError for an invalid one."""
        match self.kind:
            case "text":
                if not isinstance(value, str):
                    raise _unfit(place, "a text", value)
                if self.choices and value not in self.choices:
                    near = did_you_mean(value, self.choices)
                    raise RefusedError(
                        400, f"{place}: {value!r} is not one of {', '.join(self.choices)}.{near}"
                    )
            case "count":
                return self._count(value, place)
            case "seconds":
                return self._seconds(value, place)
            case "time":
                return _time(value, place)
            case "flag":
                if not isinstance(value, bool) and value not in ("true", "false"):
                    raise _unfit(place, "true or false", value)
                return value in (True, "true")
            case "object" | "map":
                if not isinstance(value, dict):
                    raise _unfit(place, "an object", value)
            case "list":
                if not isinstance(value, list) or not value:
                    raise _unfit(place, "a list with something in it", value)
            case "names":
                if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
                    raise _unfit(place, "a list of texts", value)
        return value

    def _count(self, value: Any, place: str) -> int:
        if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 19:
            value = int(value)
        if isinstance(value, float) and value.is_integer():
            value = int(value)  # JSON has one kind of number: 1.0 is 1
        if not isinstance(value, int) or isinstance(value, bool) or not self.least <= value <= self.most:
            raise _unfit(place, f"a whole number from {self.least} to {self.most}", value)
        return value

    def _seconds(self, value: Any, place: str) -> float:
        if not isinstance(value, bool) and isinstance(value, int | float | str):
            try:
                number = float(value)
            except (ValueError, OverflowError):
                number = math.nan
            if self.least <= number <= self.most:
                return number
        raise _unfit(place, f"seconds from {self.least} to {self.most}", value)


@dataclass(frozen=True, slots=True)
class Ask:
    """A request to an address: `path` has its variables, `query` and `body` the arguments of its route."""

    engine: Engine
    path: Mapping[str, str]
    query: Mapping[str, Any]
    body: Any
    request: flask.Request


Answer: TypeAlias = "flask.Response | dict[str, Any]"


@dataclass(frozen=True, slots=True)
class Route:
    """One method of one address below its prefix, "requests/{id}".

    `body` names the members of a JSON body, None where none is read, and `free_body` takes any object
    (its handler checks it); `raw` leaves the bytes to the handler. `answers` are the statuses besides those every address has, `gives` the
    schema of the answer by name (see openapi.py) or a media type.
    """

    method: str
    path: str
    handle: Callable[[Ask], Answer]
    about: str
    query: tuple[Argument, ...] = ()
    body: tuple[Argument, ...] | None = None
    free_body: str = ""
    raw: bool = False
    gives: str = ""
    answers: Mapping[int, str] = field(default_factory=dict)

    def match(self, path: str) -> dict[str, str] | None:
        """The variables of the path, or None for another address."""
        parts, texts = self.path.split("/"), path.split("/")
        if len(parts) != len(texts):
            return None
        variables = {}
        for part, text in zip(parts, texts, strict=True):
            if part[:1] == "{":
                variables[part[1:-1]] = text
            elif part != text:
                return None
        return variables


get, post, delete = (partial(Route, method) for method in ("GET", "POST", "DELETE"))


def read_query(request: flask.Request, arguments: tuple[Argument, ...]) -> dict[str, Any]:
    """Read the arguments of a query. Raises RefusedError for one that is unknown, repeated or out of place."""
    names = {argument.name for argument in arguments}
    for name, texts in request.args.lists():
        if len(texts) > 1 and name in names:
            raise RefusedError(400, f"query {name}: it is there {len(texts)} times. Give it once.")
    return _read(request.args, arguments, "query ", "argument")


def _read(
    values: Mapping[str, Any], arguments: tuple[Argument, ...], place: str, what: str
) -> dict[str, Any]:
    """Read named values by their arguments, those that are missing with their default."""
    by_name = {argument.name: argument for argument in arguments}
    result = {name: argument.default for name, argument in by_name.items() if argument.default is not None}
    for name, value in values.items():
        argument = by_name.get(name)
        if argument is None:
            raise RefusedError(400, f"{place}{name}: there is no such {what} here.{_near(name, by_name)}")
        result[name] = argument.read(value, f"{place}{name}")
    return result


def read_body(request: flask.Request, arguments: tuple[Argument, ...] | None) -> Any:
    """Read the JSON object of the body; with `arguments` its members are checked as a query is."""
    data = request.get_data(cache=False)
    value: Any = {}
    if data.strip():
        try:
            value = json.loads(data, parse_constant=_no_constant)
        except RecursionError:
            raise RefusedError(400, "body: it is nested too deep to be read.") from None
        except ValueError as error:
            raise RefusedError(400, f"body: it is not JSON ({error}). Send a JSON object.") from None
    if b"\\u" in data and _has_half_pair(value):
        raise RefusedError(400, "body: a text has half a surrogate pair, which is not a character.")
    if not isinstance(value, dict):
        raise RefusedError(400, f"body: expected a JSON object, got {_excerpt(value)}.")
    if arguments is None:
        return value
    values = _read(value, arguments, "body.", "member")
    for argument in arguments:
        if argument.required and not values.get(argument.name):
            raise RefusedError(400, f"body.{argument.name}: it is missing. {argument.about}")
    return values


def _has_half_pair(value: Any) -> bool:
    try:
        json.dumps(value, ensure_ascii=False).encode()
    except UnicodeEncodeError:
        return True
    return False


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _near(name: str, by_name: Mapping[str, Argument]) -> str:
    return did_you_mean(name, by_name) or (f" Known: {', '.join(by_name)}." if by_name else " It takes none.")


def _unfit(place: str, expected: str, value: Any) -> RefusedError:
    return RefusedError(400, f"{place}: expected {expected}, got {_excerpt(value)}.")


def _excerpt(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=True, default=str)
    return text if len(text) <= 60 else f"{text[:60]}..."


def _time(value: Any, place: str) -> float:
    if isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e300:
        return float(value)
    if isinstance(value, str):
        try:
            number = float(value)
            if math.isfinite(number):
                return number
        except ValueError:
            pass
        try:
            # A "+" of an offset that was not encoded arrives as a space.
            moment = datetime.fromisoformat(value.strip().replace(" ", "+") if "T" in value else value)
            return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
        except (ValueError, OverflowError):
            pass
    raise _unfit(place, "a time, as 2026-01-31T12:00:00Z or seconds since 1970", value)
