"""The failure sweep on a client with three planted weaknesses: it finds those three, twice alike."""

from __future__ import annotations

import json

import pytest

from mockso.exchange.message import Reply
from mockso.scenario.scenario import Step
from mockso.testing.sweep import Injection, Sweep, failures
from tests.testing.hooks import hooked

# Weak on purpose: it saves without looking at the answer to a 412, takes an agent's null for a contact,
# and has one call without a time-out.
CLIENT = '''
import time
import requests


class Failed(Exception):
    """What this client raises, whatever went wrong."""


class Client:
    def __init__(self, session):
        self.session = session

    def call(self, method, path, timeout=0.8, **options):
        try:
            reply = self.session.request(method, path, timeout=timeout, **options)
            if reply.status_code == 429:
                reply = self.session.request(method, path, timeout=timeout, **options)
            reply.content
        except requests.RequestException as error:
            raise Failed("no answer") from error
        return reply

    def checked(self, *arguments, **options):
        reply = self.call(*arguments, **options)
        if not reply.ok:
            raise Failed(f"status {reply.status_code}")
        return reply

    def save(self, contact):
        reply = self.call("PUT", f"Contact/{contact['ContactId']}", json=contact)
        if not reply.ok and reply.status_code != 412:  # the first weakness
            raise Failed(f"status {reply.status_code}")

    def name(self, id):
        path = f"Agents/Contact/GetContactEntity?contactEntityId={id}"
        return self.checked("POST", path).json()["Name"]  # the second: null has no Name

    def count(self):
        return len(self.checked("GET", "Contact/default", timeout=None).json())  # the third
'''

TESTS = """
from client import Client

def test_save(superoffice):
    Client(superoffice.session()).save({"ContactId": 17, "Name": "x"})

def test_name(superoffice):
    assert isinstance(Client(superoffice.session()).name(17), str)

def test_default(superoffice):
    assert Client(superoffice.session()).count()
"""

WEAK = [
    "  crashes 404 or null of call 1 POST Agents/Contact/GetContactEntity?contactEntityId=17 in "
    "test_it.py::test_name: TypeError: 'NoneType' object is not subscriptable",
    "  hangs time-out of call 1 GET Contact/default in test_it.py::test_default: still waiting after 2 s",
    "  swallows 412 of call 1 PUT Contact/17 in test_it.py::test_save",
]
SWEEP = ("-p", "no:randomly", "-p", "no:cacheprovider", "--mockso-sweep", "--mockso-sweep-timeout=2")


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makepyfile(client=CLIENT, test_it=TESTS)
    pytester.syspathinsert()
    return pytester


def weaknesses(result: pytest.RunResult) -> list[str]:
    lines = result.outlines
    start = next(number for number, line in enumerate(lines) if line.startswith("weaknesses: "))
    return [line for line in lines[start + 1 :] if line.startswith("  ")]


def test_the_planted_weaknesses_are_found_and_no_others_twice_alike(suite):
    first = suite.runpytest_subprocess(*SWEEP, "--mockso-sweep-file=one.json")
    second = suite.runpytest_subprocess(*SWEEP, "--mockso-sweep-file=two.json")

    first.assert_outcomes(passed=3)
    assert weaknesses(first) == WEAK
    assert weaknesses(second) == WEAK
    assert (suite.path / "one.json").read_text() == (suite.path / "two.json").read_text()


def test_the_table_says_how_each_failure_ended(suite):
    result = suite.runpytest_subprocess(*SWEEP)

    result.stdout.fnmatch_lines(
        [
            "failure sweep: 27 runs",
            "  *retries  raises  swallows  crashes  hangs",
            "  401 expired *-  *3  *-  *-  *-",
            "  404 or null *-  *2  *-  *1  *-",
            "  412 *-  *2  *1  *-  *-",
            "  429 Retry-After *3  *-  *-  *-  *-",
            "  time-out *-  *2  *-  *-  *1",
        ]
    )


def test_two_workers_find_the_same(suite):
    pytest.importorskip("xdist")

    assert weaknesses(suite.runpytest_subprocess(*SWEEP, "-n", "2")) == WEAK


def test_a_sweep_stops_at_its_budget_and_goes_on_from_its_file(suite):
    first = suite.runpytest_subprocess(*SWEEP, "--mockso-sweep-max=10")
    done = json.loads((suite.path / ".mockso-sweep.json").read_text())["runs"]
    second = suite.runpytest_subprocess(*SWEEP, "--mockso-sweep-max=17")

    first.stdout.fnmatch_lines(["failure sweep: 10 runs"])
    assert len(done) == 10
    second.stdout.fnmatch_lines(["failure sweep: 27 runs"])
    assert weaknesses(second) == WEAK


def test_wider_fixtures_live_through_the_runs_of_a_sweep(suite):
    suite.makepyfile(
        test_it="""
        import pytest

        made = []

        @pytest.fixture(scope="module")
        def wide():
            made.append("wide")
            yield
            made.append("ended")

        @pytest.fixture
        def narrow():
            made.append("narrow")

        def test_first(superoffice, wide, narrow):
            superoffice.client().get("Contact/17")

        def test_second(wide):
            assert made == ["wide"] + ["narrow"] * 10
        """
    )

    suite.runpytest_subprocess(*SWEEP).assert_outcomes(passed=2)


def test_a_test_that_fails_is_not_swept(suite):
    suite.makepyfile(test_it="def test_it(superoffice):\n    superoffice.client().get('Contact/abc')\n")

    result = suite.runpytest_subprocess(*SWEEP)

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["failure sweep: no test made a call"])


def test_a_test_may_have_a_bar_in_its_name(suite):
    suite.makepyfile(
        test_it="""
        import pytest

        @pytest.mark.parametrize("id", ["1 | 2"], ids=str)
        def test_it(superoffice, id):
            superoffice.client().get(f"Contact/{id}")
        """
    )

    result = suite.runpytest_subprocess(*SWEEP, "--mockso-strict=off")

    assert "  swallows 412 of call 1 GET Contact/1 %7C 2 in test_it.py::test_it[1 | 2]" in weaknesses(result)


@pytest.mark.parametrize(
    ("chosen", "status"), [("test_save", 1), ("test_name", 1), ("test_sound", 0), ("none", 1)]
)
def test_a_strict_sweep_fails_on_a_weakness_or_without_a_run(suite, chosen, status):
    suite.makepyfile(
        test_more="""
        from client import Client

        def test_sound(superoffice):
            Client(superoffice.session()).checked("GET", "Contact/17")

        def test_none():
            pass
        """
    )
    strict = [option if option != "--mockso-sweep" else "--mockso-sweep-strict" for option in SWEEP]

    told = suite.runpytest_subprocess(*strict, "-k", chosen)

    assert told.ret == status
    lines = [line for line in told.outlines if line.startswith("FAIL: ")]
    reason = "made no run" if chosen == "none" else "found weaknesses"
    assert lines == ([f"FAIL: the failure sweep {reason}"] if status else [])


def test_the_runs_that_were_left_out_are_told(suite):
    result = suite.runpytest_subprocess(*SWEEP, "--mockso-sweep-max=10")

    result.stdout.fnmatch_lines(["17 runs left for a next time (--mockso-sweep-max)"])


def test_a_delivery_of_a_webhook_is_none_of_the_calls_that_are_made_to_fail(world):
    hooked(world)
    injection = Injection(1, Step(reply=Reply(500)))
    injection.into(world)

    world.signal("contact.created")
    delivery = world.flush()[0]
    before = list(injection.trail)
    first = world.client().get("Contact/17")

    assert (delivery.status, before) == (200, [])
    assert first.status_code == 500


def test_the_silence_of_a_sweep_is_longer_than_a_stock_client_waits(pytestconfig):
    httpx = pytest.importorskip("httpx", reason="httpx is not installed")
    silence, patience = pytestconfig.getoption("mockso_sweep_timeout"), httpx.Client().timeout.read
    sweep = object.__new__(Sweep)
    sweep._failures, sweep._silence = failures(silence), silence
    sweep._error = httpx.ReadTimeout("the read operation timed out")
    injection = Injection(1, sweep._failures["time-out"], ["GET Contact"], [0.0])

    assert silence > patience
    assert sweep._outcome(injection, patience + 0.1)[0] == "raises"
    assert sweep._outcome(injection, silence)[0] == "hangs"
