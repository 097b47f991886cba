"""The client files of the pages, used by a suite in node with `fetch` alone, under `mockso exec`."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import TEXTS

SUITE = Path(__file__).parents[1] / "clients" / "tenants.mjs"

pytestmark = pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")


def block(page: str, name: str) -> str:
    """A block of a page by the file it names. What it has of TypeScript are types that follow from defaults."""
    match = re.search(rf"^```ts\n// {re.escape(name)}\n(.*?)^```$", TEXTS[page], re.DOTALL | re.MULTILINE)
    assert match is not None, name
    return match[1].replace('"./mockso"', '"./mockso.mjs"')


@pytest.fixture
def folder(tmp_path):
    (tmp_path / "mockso.mjs").write_text(block("languages", "mockso.ts"))
    return tmp_path


def run(folder: Path, script: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockso.cli", "exec", *options, "--", "node", script]
    return subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=folder, check=False)


def test_a_suite_with_fetch_alone_steers_a_tenant(folder):
    shutil.copy(SUITE, folder)

    # The suite provokes two faults of its own: an agent it was not granted, an entity that is not there.
    ended = run(folder, SUITE.name, "--allow", "online-restricted")

    *lines, total = ended.stdout.strip().splitlines()
    assert [line for line in lines if not line.startswith("ok ")] == [], ended.stderr
    assert len(lines) == int(total) == 9
    assert ended.returncode == 0, ended.stderr


def test_the_recipe_refreshes_and_goes_on(folder):
    (folder / "login.mjs").write_text(block("login", "login.ts"))

    ended = run(folder, "login.mjs")

    assert (ended.stdout.strip(), ended.returncode) == ("401 200", 0), ended.stderr
