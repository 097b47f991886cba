"""The official TypeScript client, unchanged, against a mock: types, dates, streams, conditions, patches.

It comes from npm; WEBAPI_CLIENT names a folder with it (conftest.py).
"""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import mockso

SCRIPT = Path(__file__).parents[1] / "clients" / "webapi.js"
LIVING = SCRIPT.with_name("living.js")
CONNECTOR = SCRIPT.with_name("connector.js")


def checks_of(script: Path, client: Path, mock: mockso.Mock, tenant: str) -> int:
    """The number of checks of a script, all of which must pass."""
    command = ["node", str(script), f"{mock.url}/{tenant}/", mock.token(tenant)]
    process = subprocess.run(command, capture_output=True, text=True, cwd=client, timeout=120, check=False)
    *lines, total = process.stdout.strip().splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == [], process.stderr
    assert int(total.split()[0]) == len(lines)
    return len(lines)


@pytest.mark.parametrize("profile", ["online", "onsite"])
def test_the_official_client_runs_its_calls(webapi_client, profile):
    with mockso.serve(grants=["*"], profile=profile, world="open") as mock:
        tenant = "Cust12345" if profile == "online" else "crm"
        assert checks_of(SCRIPT, webapi_client, mock, tenant) >= 40


def test_the_official_client_finds_what_it_saved(webapi_client):
    with mockso.serve(grants=["*"], world="closed") as mock:
        assert (
            checks_of(LIVING, webapi_client, mock, "Cust12345") >= 8 + 100
        )  # lives, and entities saved back


def test_a_connectors_loops_end_and_are_right(webapi_client):
    with mockso.serve(grants=["*"], world="closed") as mock:
        assert checks_of(CONNECTOR, webapi_client, mock, "Cust12345") == 6
