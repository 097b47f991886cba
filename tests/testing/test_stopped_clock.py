"""A test that stops the clock (freezegun, time-machine) does not stop the mock's own timers."""

from __future__ import annotations

import json
import urllib.request
from contextlib import AbstractContextManager
from threading import Condition

import pytest

import mockso
from mockso import timing
from mockso.timing import wait_for

freezegun = pytest.importorskip("freezegun")
time_machine = pytest.importorskip("time_machine")

STOPPED = {
    "freezegun": lambda: freezegun.freeze_time("2026-01-01"),
    "time-machine": lambda: time_machine.travel("2026-01-01", tick=False),
}


@pytest.fixture(params=STOPPED)
def stopped(request) -> AbstractContextManager[object]:
    return STOPPED[request.param]()


def test_time_goes_on(stopped):
    with stopped:
        begin, condition = timing.monotonic(), Condition()
        with condition:
            assert not wait_for(condition, lambda: False, 0.05)
        assert timing.monotonic() >= begin + 0.05


def test_a_wait_ends_and_a_webhook_is_tried_again(stopped):
    with mockso.serve(grants=["*"], webhook_wait_factor=0.01) as mock:
        world = mock.world(strict="off")
        with stopped:
            with pytest.raises(AssertionError, match="0 calls match"):
                world.wait_for("v1ContactEntity*", timeout=0.05)
            hook = {
                "Name": "a",
                "Type": "webhook",
                "Events": ["contact.created"],
                "TargetUrl": "http://127.0.0.1:1/",
            }
            body = json.dumps(hook).encode()
            headers = {**world.headers, "Content-Type": "application/json"}
            urllib.request.urlopen(
                urllib.request.Request(f"{world.url}/Webhook", body, headers), timeout=30
            ).close()
            world.signal("contact.created", 17)
            assert len(world.flush(timeout=30)) == 3


def test_a_delay_ends(stopped):
    with mockso.serve() as mock, mock.world(strict="off") as world:
        world.expect("v1ContactEntity_GetContactEntity", delay=0.05)
        request = urllib.request.Request(f"{world.url}/Contact/17", headers=world.headers)
        with stopped, urllib.request.urlopen(request, timeout=30) as reply:
            assert reply.status == 200
