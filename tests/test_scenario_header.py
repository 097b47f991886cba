"""A request that names its scenario (X-Mockso-Scenario): answered by it alone, nothing shared touched."""

from __future__ import annotations

import json
import subprocess
import sys

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.message import Reply
from mockso.journal.journal import Journal
from mockso.matching.match import Match
from mockso.scenario.scenario import Scenario, Step
from tests.conftest import NOON, call

TWICE = Scenario(
    "twice",
    steps=(
        Step(Match(operation="getContact"), Reply(418), times=1, name="first"),
        Step(Match(operation="getContact"), Reply(204), after="first"),
    ),
)


def known(engine: Engine, scenario: Scenario) -> None:
    """The scenario is there by name; the tenant of the calls does not play it."""
    engine.playlist.play(scenario)
    engine.playlist.stop(scenario.name, engine.tenants.of("Cust12345"))


def named(name: str, **more):
    return call(headers=[("X-Mockso-Scenario", name)], **more)


def test_a_request_is_answered_by_the_scenario_it_names(engine):
    reply = engine.handle(named("throttled"))

    assert reply.status == 429
    assert reply.header("X-Mockso-Step").startswith("throttled#")
    assert engine.journal.find()[0]["step"] == reply.header("X-Mockso-Step")


def test_the_requests_around_it_are_answered_as_ever(engine):
    before, asked, after = (engine.handle(c) for c in (call(), named("unauthorized"), call()))

    assert (before.status, asked.status, after.status) == (200, 401, 200)
    assert not engine.tenants.of("Cust12345").plays


def test_a_named_scenario_begins_anew_with_every_request(engine):
    known(engine, TWICE)

    assert [engine.handle(named("twice")).status for _ in range(3)] == [418, 418, 418]


def test_what_the_tenant_plays_is_neither_asked_nor_counted(engine):
    tenant = engine.tenants.of("Cust12345")
    tenant.play(TWICE)

    asked = [engine.handle(named("twice")).status, engine.handle(named("success")).status]

    assert asked == [418, 200]
    assert [counter.uses for counter in tenant.scenarios.counters()] == [0, 0]


def test_a_scenario_that_only_this_tenant_plays_can_be_named_by_it(engine):
    engine.tenants.of("Cust1").play(TWICE)

    assert engine.handle(named("twice", tenant="Cust1")).status == 418
    assert engine.handle(named("twice", tenant="Cust2")).status == 400


def test_the_profile_of_a_named_scenario_is_for_this_request_only(engine):
    onsite = Scenario("onsite", steps=(Step(Match(operation="getContact"), Reply(204)),), profile="onsite")
    known(engine, onsite)
    unsigned = named("onsite", authorization="")

    challenged = engine.handle(unsigned)
    usual = engine.handle(call(authorization=""))

    assert challenged.header("WWW-Authenticate") == "Negotiate"
    assert [v for n, v in usual.headers if n == "WWW-Authenticate"] == ["Bearer"]


def test_a_call_that_a_named_scenario_does_not_answer_tells_what_was_near(engine):
    known(engine, TWICE)

    reply = engine.handle(call(path="/api/v1/Contact", headers=[("X-Mockso-Scenario", "twice")]))

    assert reply.status == 200
    misses = engine.journal.find()[0]["near_misses"]
    assert [miss["step"] for miss in misses] == ["twice#first", "twice#2"]


def test_a_miss_is_an_error_where_the_named_scenario_says_only(engine):
    known(engine, Scenario("one", steps=(Step(Match(method="PUT"), Reply(204)),), only=True))

    assert engine.handle(named("one")).status == 501
    assert engine.handle(call()).status == 200


def test_an_unknown_name_is_400_and_told_in_headers_body_and_journal(engine):
    reply = engine.handle(named("throtled"))

    cause = "header X-Mockso-Scenario: there is no scenario 'throtled'. Did you mean 'throttled'?"
    assert reply.status == 400
    assert reply.header("X-Mockso-Reason") == cause
    assert reply.header("X-Mockso-By") == "fault"
    body = json.loads(reply.body)
    assert (body["Error"], body["Message"]) == (True, cause)
    assert engine.journal.find()[0]["note"] == cause


@pytest.mark.parametrize("name", ["../scenarios/success.yaml", "/etc/passwd", "scenarios"])
def test_a_path_is_no_name(engine, name):
    assert engine.handle(named(name)).status == 400


def test_no_such_header_no_import():
    code = (
        "import sys\n"
        "from mockso.config import Settings\n"
        "from mockso.engine import Engine\n"
        "from tests.conftest import call\n"
        "engine = Engine.open(Settings())\n"
        "sys.modules.pop('yaml', None)\n"
        "assert engine.handle(call()).status == 200\n"
        "print([m for m in ('mockso.scenario.library', 'mockso.scenario.load', 'yaml') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )

    assert done.stdout == "[]\n"


def test_the_words_of_the_headers_are_left_out_where_none_are_wanted(tiny):
    engine = Engine(Settings(headers=False), [tiny], Journal(), clock=lambda: NOON)

    reply = engine.handle(named("throtled"))
    engine.close()

    assert reply.status == 400
    assert "throttled" in json.loads(reply.body)["Message"]
    assert not [name for name, _ in reply.headers if name.startswith("X-Mockso")]
