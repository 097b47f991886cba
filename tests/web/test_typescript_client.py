"""The official TypeScript client, unchanged, against a mock: types, dates, streams, conditions, patches.

It comes from npm: a folder with it in its node_modules is named in WEBAPI_CLIENT, and --full installs it into a
folder that is removed again.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import mockso

SCRIPT = Path(__file__).parents[1] / "clients" / "webapi.js"
LIVING = SCRIPT.with_name("living.js")
CONNECTOR = SCRIPT.with_name("connector.js")
PACKAGE = "@superoffice/webapi"


@pytest.fixture(scope="module")
def client(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A folder from which node finds the client."""
    if shutil.which("node") is None:
        pytest.skip("node is not installed")
    folder = os.environ.get("WEBAPI_CLIENT", "")
    if folder:
        assert (Path(folder) / "node_modules" / PACKAGE).is_dir(), f"WEBAPI_CLIENT: no {PACKAGE} in {folder}"
        yield Path(folder)
        return
    if not request.config.getoption("--full") or shutil.which("npm") is None:
        pytest.skip(f"name a folder with {PACKAGE} in WEBAPI_CLIENT, or run with --full to install it")
    made = tmp_path_factory.mktemp("client")
    command = [
        "npm",
        "install",
        "--no-save",
        "--no-audit",
        "--no-fund",
        "--ignore-scripts",
        "--prefix",
        str(made),
        PACKAGE,
    ]
    installed = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    if installed.returncode:
        pytest.skip(f"npm could not install {PACKAGE}: {installed.stderr.strip()[-200:]}")
    yield made
    shutil.rmtree(made, ignore_errors=True)


def checks_of(script: Path, client: Path, mock: mockso.Mock, tenant: str) -> int:
    """The number of checks of a script, all of which must pass."""
    command = ["node", str(script), f"{mock.url}/{tenant}/", mock.token(tenant)]
    process = subprocess.run(command, capture_output=True, text=True, cwd=client, timeout=120, check=False)
    *lines, total = process.stdout.strip().splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == [], process.stderr
    assert int(total.split()[0]) == len(lines)
    return len(lines)


@pytest.mark.parametrize("profile", ["online", "onsite"])
def test_the_official_client_runs_its_calls(client, profile):
    with mockso.serve(grants=["*"], profile=profile, world="open") as mock:
        tenant = "Cust12345" if profile == "online" else "crm"
        assert checks_of(SCRIPT, client, mock, tenant) >= 40


def test_the_official_client_finds_what_it_saved(client):
    with mockso.serve(grants=["*"], world="closed") as mock:
        assert checks_of(LIVING, client, mock, "Cust12345") >= 8 + 100  # lives, and entities saved back


def test_a_connectors_loops_end_and_are_right(client):
    with mockso.serve(grants=["*"], world="closed") as mock:
        assert checks_of(CONNECTOR, client, mock, "Cust12345") == 6
