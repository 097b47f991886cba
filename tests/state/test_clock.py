"""A tenant's clock: moved, stopped, let go, and kept where Python has dates."""

from __future__ import annotations

import math
from datetime import datetime, timedelta

import pytest

from mockso.config import Settings
from mockso.errors import SettingError
from mockso.state.clock import LATEST, Clock
from mockso.state.tenant import State, Tenant
from tests.conftest import NOON


class Times:
    now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def times():
    return Times()


@pytest.fixture
def clock(times):
    return Clock(State(Tenant("Cust1", True, Settings())), times)


def test_a_clock_that_stood_goes_on_from_there(clock, times):
    clock.stop(NOON + 60)
    times.now += 1000
    clock.go_on()
    times.now += 1

    assert clock.now() == NOON + 61


def test_a_clock_that_goes_is_not_moved_by_letting_it_go(clock, times):
    clock.advance(5)
    clock.go_on()
    times.now += 1

    assert clock.now() == NOON + 6


@pytest.mark.parametrize(
    "at", [1e30, -1, LATEST, math.nan, math.inf, 10**400, datetime(1969, 12, 31), datetime(9999, 1, 1)]
)
def test_a_time_out_of_reach_is_refused(clock, at):
    for act in (clock.set, clock.stop):
        with pytest.raises(SettingError):
            act(at)

    assert clock.now() == NOON


@pytest.mark.parametrize("stands", [True, False])
@pytest.mark.parametrize("seconds", [1e30, -1e30, LATEST, -NOON - 1, math.nan, timedelta(days=999_999_999)])
def test_it_moves_no_farther_than_the_first_and_the_last_time(clock, stands, seconds):
    if stands:
        clock.stop()

    with pytest.raises(SettingError):
        clock.advance(seconds)

    assert clock.now() == NOON


def test_the_first_and_the_last_time_are_taken(clock):
    clock.set(0)
    clock.set(LATEST - 1)
    clock.set(datetime(9998, 12, 31))
