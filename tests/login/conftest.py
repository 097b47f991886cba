"""An engine with the shipped contract and company, and a client of its login."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from tests.conftest import NOON
from tests.login.flows import Flow


class Times:
    """A clock that tests move."""

    def __init__(self) -> None:
        self.now = NOON

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def times() -> Times:
    return Times()


@pytest.fixture
def flow_of(shipped, times) -> Iterator[Callable[..., Flow]]:
    """Makes a client of a mock with settings."""
    engines: list[Engine] = []

    def make(**settings: Any) -> Flow:
        journal = Journal(settings.get("journal", ""))
        engines.append(Engine(Settings(**settings), [shipped], journal, clock=times))
        return Flow(engines[-1])

    yield make
    for engine in engines:
        engine.close()


@pytest.fixture
def flow(flow_of) -> Flow:
    return flow_of()
