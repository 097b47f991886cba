"""The keys of a scenario file, as marshmallow schemas: the one description of the language.

The loader checks with them, `mockso schema scenario` prints them as JSON Schema. They say what stands
where; whether an operation exists, or a reply keeps its contract, is scenario_check.py's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from mockso.matching.fields import (
    LONGEST_DELAY,
    AnyJson,
    BodyValue,
    Flag,
    HeaderValue,
    Key,
    Keys,
    ListOf,
    Mapped,
    Names,
    Nested,
    Number,
    Pair,
    PathValue,
    Text,
    TextValue,
    faults_of,
)

FAULTS = ("reset", "empty", "cut", "garbage", "timeout")
PROFILES = ("online", "onsite")
# Source: section 5 of the behaviour page, firm.
STATES = (
    "Running",
    "OnlineMaintenance",
    "OfflineMaintenance",
    "Suspended",
    "Provisioning",
    "ProvisioningFailed",
    "MigrationPending",
    "Deleting",
    "DeleteFailed",
    "Deleted",
    "Unknown",
)
VERDICTS = ("accepted", "broken", "any")
# The errors of section 18 of the behaviour page, as refuse.py answers them; hyphens do as well.
ERRORS = (
    "unauthorized",
    "token_expired",
    "token_expired_403",
    "online_restricted",
    "missing_right",
    "sentry",
    "no_license",
    "app_not_authorised",
    "mass_operation",
    "not_found",
    "invalid_request",
    "validation_failed",
    "agent_error_in_200",
    "not_modified",
    "precondition_failed",
    "patch_conflict",
    "misdirected",
    "maintenance",
    "suspended",
    "throttled",
    "server_error",
)
CONTENTS = ("body", "body_file", "text", "base64", "error", "like")

NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
AGE = r"^[1-9]\d{0,4} (day|week|month|year)s?$"
POINTER = r"^(/([^~]|~[01])*)+$"
ENDPOINT = r"^(elsewhere|https?://[^\s/?#]+(/[^\s?#]+)*/?)$"
BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong in a scenario; `place` is the way there, ("steps", 0, "match")."""

    place: tuple[str | int, ...]
    message: str

    def line(self, where: str = "") -> str:
        return f"{spell(self.place, where)}: {self.message}"


def spell(place: Iterable[str | int], start: str = "") -> str:
    """A place as people write it: "steps[0].match.query.$top"."""
    text = start
    for part in place:
        text += f"[{part}]" if isinstance(part, int) else f".{part}" if text else part
    return text or "scenario"


class MatchKeys(Keys):
    """`match`: which calls are meant."""

    operation = Names()
    agent = Names()
    resource = Names()
    method = Names()
    path = PathValue()
    query = Mapped(TextValue(), "query arguments, each with a value or operators")
    headers = Mapped(TextValue(), "headers, each with a value or operators")
    body = BodyValue()
    restricted = Flag()
    verdict = Text(one_of=VERDICTS)
    webhook = Names()


class CredentialKeys(Keys):
    """`match.credential`: who calls."""

    not_empty = True

    scheme = TextValue()
    app_token = TextValue()
    tenant = TextValue()


class LognormalKeys(Keys):
    """`delay.lognormal`."""

    median = Number("seconds", 0, LONGEST_DELAY, required=True)
    sigma = Number("a number from 0 to 10", 0, 10, required=True)


class DelayKeys(Keys):
    """`delay` as an object."""

    exactly_one = ("uniform", "lognormal", "threshold")
    needs: Mapping[str, tuple[str, ...]] = {"seed": ("uniform", "lognormal")}

    uniform = Pair()
    lognormal = Nested(LognormalKeys)
    threshold = Number("a factor from 0 to 1000", 0, 1000)
    seed = Number("a whole number", 0, whole=True)


class DelayValue(Key):
    """A number of seconds, or an object that gives one."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, Mapping):
            return faults_of(DelayKeys, value)
        fault = Number(
            f"seconds from 0 to {LONGEST_DELAY}, or uniform, lognormal or threshold", 0, LONGEST_DELAY
        ).fault(value)
        if fault and isinstance(value, int | float) and value > LONGEST_DELAY:
            return f"{fault} These are seconds, not milliseconds."
        return fault


class DribbleKeys(Keys):
    """`dribble`: the body in pieces."""

    chunks = Number("a whole number from 1 to 10000", 1, 10_000, whole=True, required=True)
    over = Number(f"seconds from 0 to {LONGEST_DELAY}", 0, LONGEST_DELAY, required=True)


class ReplyKeys(Keys):
    """`reply`: what is answered."""

    not_empty = True
    at_most_one = CONTENTS
    needs: Mapping[str, tuple[str, ...]] = {"set": ("like", "error", "body_file")}

    status = Number("a status from 200 to 599", 200, 599, whole=True)
    headers = Mapped(HeaderValue(), "headers, each with a value", HEADER_NAME, "a header's name")
    body = AnyJson()
    body_file = Text("the name of a file beside this one")
    text = Text("a text", empty=True)
    base64 = Text("base64", pattern=BASE64, empty=True)
    error = Text(
        "a documented error", one_of=tuple(dict.fromkeys(n for e in ERRORS for n in (e.replace("_", "-"), e)))
    )
    like = Text(one_of=("success",))
    set = Mapped(AnyJson(), "JSON pointers, each with a value", POINTER, "a JSON pointer such as /Name")
    delay = DelayValue()
    contract = Text(one_of=("broken",))


class StepKeys(Keys):
    """One step."""

    not_empty = True
    not_both = ("delay", "reply", "delay")

    name = Text("a name")
    match = Nested(MatchKeys)
    reply = Nested(ReplyKeys)
    times = Number("a whole number from 1", 1, whole=True)
    after = Text("the name of a step")
    delay = DelayValue()
    dribble = Nested(DribbleKeys)
    fault = Text(one_of=FAULTS)


class TenantKeys(Keys):
    """`tenant`: what its state shows while the scenario is played."""

    not_empty = True

    state = Text(one_of=STATES)
    endpoint = Text("'elsewhere', or an address such as https://sod3.superoffice.com", pattern=ENDPOINT)


class RecordedKeys(Keys):
    """`recorded`: when and by what a machine wrote the file."""

    at = Text("a date such as 2026-03-01", pattern=DATE, required=True)
    contract = Text("a release of the contract")
    mockso = Text("a version of mockso")


class ScenarioKeys(Keys):
    """One file."""

    needs: Mapping[str, tuple[str, ...]] = {"max_age": ("recorded",), "on_expiry": ("max_age",)}

    name = Text("a name of letters, digits, '.', '_' and '-'", pattern=NAME, required=True)
    description = Text("a text")
    profile = Text(one_of=PROFILES)
    tenant = Nested(TenantKeys)
    recorded = Nested(RecordedKeys)
    max_age = Text("an age such as 90 days", pattern=AGE)
    on_expiry = Text(one_of=("warn", "fail"))
    steps = ListOf(Nested(StepKeys), "a list of steps", required=True)


# Keys that lead back to a match, or are words of Python or marshmallow: a class body cannot have them.
MatchKeys._declared_fields["credential"] = Nested(CredentialKeys)
MatchKeys._declared_fields["any"] = ListOf(Nested(MatchKeys), "a list of matches")
MatchKeys._declared_fields["not"] = Nested(MatchKeys)
ScenarioKeys._declared_fields["only"] = Flag()


def _flat(found: Any, place: tuple[str | int, ...]) -> Iterator[Fault]:
    if isinstance(found, str):
        yield Fault(place, found)
    elif isinstance(found, list):
        for item in found:
            yield from _flat(item, place)
    elif found:
        for key, item in found.items():
            yield from _flat(item, place if key == "_schema" else (*place, key))


def match_faults(value: Any) -> list[Fault]:
    """Everything wrong with a match."""
    return list(_flat(faults_of(MatchKeys, value), ()))


def scenario_faults(value: Any) -> list[Fault]:
    """Everything wrong with a scenario, as far as its keys and values tell."""
    return list(_flat(faults_of(ScenarioKeys, value), ()))
