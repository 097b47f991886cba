"""Every log that a state may have."""

import os

import pytest

from mockso.state.database import DatabaseLog
from mockso.state.log import MemoryLog

POSTGRES = os.environ.get("TEST_POSTGRES", "")
DROP = "DROP TABLE IF EXISTS tenants, tenant_rows, state_notes"


@pytest.fixture(params=["sqlite", "postgres"])
def database(request, tmp_path):
    """The address of an empty database; the tables of a server are dropped afterwards."""
    if request.param == "sqlite":
        yield str(tmp_path / "state.db")
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES names no server")
    import psycopg

    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(DROP)
        yield POSTGRES
        connection.execute(DROP)


@pytest.fixture(params=["memory", "sqlite", "postgres"])
def logs(request, tmp_path):
    """A function that gives the log as one more process has it; memory has one process."""
    if request.param == "memory":
        log = MemoryLog(keep=True)
        yield lambda: log
        return
    if request.param == "postgres" and not POSTGRES:
        pytest.skip("TEST_POSTGRES names no server")
    url = str(tmp_path / "state.db") if request.param == "sqlite" else POSTGRES
    opened = []

    def open_log():
        opened.append(DatabaseLog(url))
        return opened[-1]

    if request.param == "postgres":
        import psycopg

        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(DROP)
    yield open_log
    for log in opened:
        log.close()
    if request.param == "postgres":
        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(DROP)


@pytest.fixture
def log(logs):
    return logs()
