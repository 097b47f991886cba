"""Every log that a state may have."""

import os

import pytest

from mockso.state.database import DatabaseLog
from mockso.state.log import MemoryLog
from tests.cluster import cluster

__all__ = ["cluster"]

POSTGRES = os.environ.get("TEST_POSTGRES", "")
SCHEMA = f"mockso_test_{os.getpid()}"


@pytest.fixture
def server():
    """The address of an empty place of its own in a server's database."""
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES names no server")
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {SCHEMA} CASCADE; CREATE SCHEMA {SCHEMA}")
        yield f"{POSTGRES}?options=-csearch_path%3D{SCHEMA}"
        connection.execute(f"DROP SCHEMA {SCHEMA} CASCADE")


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """The address of an empty database."""
    if request.param == "postgres":
        return request.getfixturevalue("server")
    return str(tmp_path / "state.db")


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def logs(request, tmp_path):
    """A function that gives the log as one more process has it; memory has one process."""
    if request.param == "memory":
        log = MemoryLog(keep=True)
        yield lambda: log
        return
    url = str(tmp_path / "state.db") if request.param == "sqlite" else request.getfixturevalue("server")
    opened = []

    def open_log():
        opened.append(DatabaseLog(url))
        return opened[-1]

    yield open_log
    for log in opened:
        log.close()


@pytest.fixture
def log(logs):
    return logs()
