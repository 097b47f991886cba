"""One mock for these tests, and a world for each that wants one."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

# A run of pytest inside this one forgets the modules it was first to import, and their classes would then
# be there twice: what a mock imports late is imported here.
import mockso.scenario.load  # noqa: F401  see above
from mockso.testing.mock import Mock, open_mock
from mockso.testing.world import World


@pytest.fixture(scope="session")
def mock() -> Iterator[Mock]:
    made = open_mock()
    yield made
    made.close()


@pytest.fixture
def world(mock: Mock) -> Iterator[World]:
    """A world whose findings are looked at by the test itself."""
    made = mock.world()
    yield made
    made.drop()
