"""Every database that a journal may be in."""

import os

import pytest

POSTGRES = os.environ.get("TEST_POSTGRES", "")


@pytest.fixture(params=["memory", "file", "postgres"])
def url(request, tmp_path):
    """The address of an empty database; the tables of a server are dropped afterwards."""
    if request.param == "postgres" and not POSTGRES:
        pytest.skip("TEST_POSTGRES names no server")
    yield {"memory": "", "file": f"sqlite:///{tmp_path}/calls.db", "postgres": POSTGRES}[request.param]
    if request.param == "postgres":
        import psycopg

        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute(
                "DROP TABLE IF EXISTS calls, dropped, notes; DROP SEQUENCE IF EXISTS calls_seq"
            )
