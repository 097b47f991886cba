"""The keys of a scenario file, as marshmallow schemas: the one description of the language.

The loader checks with them, `mockso schema scenario` prints them as JSON Schema. They say which key takes which
value; check.py says whether an operation exists and whether a reply keeps its contract.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import suppress
from typing import Any, ClassVar

from mockso.errors import did_you_mean
from mockso.matching.fields import (
    AnyJson,
    Flag,
    JsonSchema,
    Key,
    Keys,
    ListOf,
    MapOf,
    Number,
    ObjectOf,
    Text,
    expected_message,
    faults_of,
    keys_json_schema,
)
from mockso.matching.keys import Fault, MatchKeys, flatten
from mockso.scenario.delay import LONGEST as LONGEST_DELAY

FAULTS = ("reset", "empty", "cut", "garbage", "timeout", "framing")
PROFILES = ("online", "onsite")
WORLDS = ("closed", "open")
# Source: section 5 of the behaviour page, firm.
STATES = tuple(
    """Running OnlineMaintenance OfflineMaintenance Suspended Provisioning ProvisioningFailed
    MigrationPending Deleting DeleteFailed Deleted Unknown""".split()
)
# The errors of section 18 of the behaviour page, as refuse.py answers them; hyphens do as well.
ERRORS = tuple(
    """unauthorized token_expired token_expired_403 online_restricted missing_right sentry no_license
    app_not_authorised mass_operation not_found invalid_request validation_failed agent_error_in_200
    not_modified precondition_failed patch_conflict misdirected maintenance suspended throttled
    server_error""".split()
)
CONTENTS = ("body", "json", "body_file", "text", "base64", "error", "like")

HEADER_VALUE = r"^[\t\x20-\x7e\x80-\xff]*$"
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]*$"
HEADER_NAME = r"^[!#$%&'*+.^_`|~0-9A-Za-z-]+$"
DATE = r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$"
AGE = r"^[1-9]\d{0,4} (day|week|month|year)s?$"
POINTER = r"^(/([^~]|~[01])*)+$"
ENDPOINT = r"^(elsewhere|https?://[^\s/?#]+(/[^\s?#]+)*/?)$"
BASE64 = r"^([A-Za-z0-9+/]{4})*([A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$"
_SECONDS: JsonSchema = {"type": "number", "minimum": 0, "maximum": LONGEST_DELAY}


class Pair(Key):
    """Two numbers, the smaller first."""

    def fault(self, value: Any) -> Any:
        bounds = Number("", 0, LONGEST_DELAY)
        if not isinstance(value, list) or len(value) != 2 or any(bounds.fault(item) for item in value):
            return expected_message("two numbers of seconds, [least, most]", value)
        if value[0] > value[1]:
            return f"the least, {value[0]}, is more than the most, {value[1]}; swap them."
        return None

    def json_schema(self) -> JsonSchema:
        return {"type": "array", "minItems": 2, "maxItems": 2, "items": _SECONDS}


class HeaderValue(Key):
    """The value of a reply's header; a list sends the header several times."""

    def fault(self, value: Any) -> Any:
        values = value if isinstance(value, list) and value else [value]
        for item in values:
            if not isinstance(item, str | int | float) or not re.fullmatch(HEADER_VALUE, str(item)):
                return expected_message("a line of Latin-1 text, a number or a list of them", value)
        return None

    def json_schema(self) -> JsonSchema:
        one: JsonSchema = {"type": ["string", "number", "boolean"], "pattern": HEADER_VALUE}
        return {"anyOf": [one, {"type": "array", "minItems": 1, "items": one}]}


class LognormalKeys(Keys):
    """`delay.lognormal`."""

    median = Number("seconds", 0, LONGEST_DELAY, required=True)
    sigma = Number("a number from 0 to 10", 0, 10, required=True)


class DelayKeys(Keys):
    """`delay` as an object."""

    exactly_one = ("uniform", "lognormal", "threshold")
    needs: Mapping[str, tuple[str, ...]] = {"seed": ("uniform", "lognormal")}

    uniform = Pair()
    lognormal = ObjectOf(LognormalKeys)
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

    def json_schema(self) -> JsonSchema:
        return {"anyOf": [_SECONDS, keys_json_schema(DelayKeys)]}


# The error that somebody means who gives a status.
_ERROR_OF = {
    **{304: "not-modified", 400: "invalid-request", 401: "unauthorized", 403: "missing-right"},
    **{404: "not-found", 409: "patch-conflict", 412: "precondition-failed", 421: "misdirected"},
    **{429: "throttled", 500: "server-error", 503: "maintenance"},
}


class ErrorName(Key):
    """A documented error by its name; "_" stands for "-" as well."""

    names = tuple(error.replace("_", "-") for error in ERRORS)

    def fault(self, value: Any) -> Any:
        if isinstance(value, str) and value in (*self.names, *ERRORS):
            return None
        number = int(value) if isinstance(value, str) and re.fullmatch("[1-5][0-9][0-9]", value) else value
        if type(number) is int and 100 <= number < 600:
            error = f", or 'error: {_ERROR_OF[number]}'" if number in _ERROR_OF else ""
            return f"{number} is a status, not the name of an error; write 'status: {number}'{error}."
        near = did_you_mean(value.replace("_", "-"), self.names) if isinstance(value, str) else ""
        what = "a documented error" if near else f"one of {', '.join(self.names)}"
        return expected_message(what, value) + near

    def json_schema(self) -> JsonSchema:
        # An editor offers what is in an enum, and each error should be offered once.
        twins = [error for error in ERRORS if "_" in error]
        return {
            "anyOf": [{"enum": list(self.names)}, {"type": "string", "pattern": f"^({'|'.join(twins)})$"}]
        }


class Chance(Key):
    """A part of the calls that match."""

    def fault(self, value: Any) -> Any:
        if isinstance(value, int | float) and not isinstance(value, bool) and 0 < value <= 1:
            return None
        percent = value.strip().removesuffix("%") if isinstance(value, str) else value
        cure = ""
        with suppress(TypeError, ValueError):
            part = float(percent) / (1 if isinstance(value, str) and "%" not in value else 100)
            cure = f" Write {part:g}, without quotes." if 0 < part <= 1 else ""
        return expected_message("a part of the calls, above 0 and up to 1", value) + cure

    def json_schema(self) -> JsonSchema:
        return {"type": "number", "exclusiveMinimum": 0, "maximum": 1}


class RateKeys(Keys):
    """`rate`: how many calls in how many seconds are not the step's."""

    calls = Number("a whole number of calls from 1", 1, 1_000_000, whole=True, required=True)
    per = Number("seconds from 0.001 to 86400", 0.001, 86_400, required=True)


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
    headers = MapOf(HeaderValue(), "headers, each with a value", HEADER_NAME, "a header's name")
    body = AnyJson()
    json = AnyJson()  # another name of it, as HTTP libraries and `expect` have it
    body_file = Text("the name of a file beside this one")
    text = Text("a text", empty=True)
    base64 = Text("base64", pattern=BASE64, empty=True)
    error = ErrorName()
    like = Text(one_of=("success",))
    set = MapOf(AnyJson(), "JSON pointers, each with a value", POINTER, "a JSON pointer such as /Name")
    delay = DelayValue()
    contract = Text(one_of=("broken",))


class StepKeys(Keys):
    """One step."""

    not_empty = True
    not_both = ("delay", "reply", "delay")
    at_most_one = ("chance", "rate")

    name = Text("a name")
    match = ObjectOf(MatchKeys)
    reply = ObjectOf(ReplyKeys)
    times = Number("a whole number from 1", 1, whole=True)
    after = Text("the name of a step")
    chance = Chance()
    rate = ObjectOf(RateKeys)
    delay = DelayValue()
    dribble = ObjectOf(DribbleKeys)
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

    class Meta(Keys.Meta):
        include: ClassVar = {"only": Flag()}  # a word of marshmallow

    needs: Mapping[str, tuple[str, ...]] = {"max_age": ("recorded",), "on_expiry": ("max_age",)}

    name = Text("a name of letters, digits, '.', '_' and '-'", pattern=NAME, required=True)
    description = Text("a text")
    profile = Text(one_of=PROFILES)
    world = Text(one_of=WORLDS)
    tenant = ObjectOf(TenantKeys)
    data = MapOf(AnyJson(), "rows by kind, as a data file has them")
    recorded = ObjectOf(RecordedKeys)
    max_age = Text("an age such as 90 days", pattern=AGE)
    on_expiry = Text(one_of=("warn", "fail"))
    steps = ListOf(ObjectOf(StepKeys), "a list of steps", required=True)


def scenario_faults(value: Any) -> list[Fault]:
    """Everything wrong with a scenario, as far as its keys and values tell."""
    return list(flatten(faults_of(ScenarioKeys, value)))
