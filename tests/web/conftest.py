"""Packages of npm that tests use unchanged: a fixture for each folder from which node finds them.

A variable names the folder, the parent of a node_modules; without it `--full` installs the packages into a folder that is
removed again, and other runs skip their tests.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest


def folder_with(variable: str, *packages: str) -> Any:
    """A fixture for a folder with these packages, each with the version that npm is asked for: "jose@6"."""
    names = [package[0] + package[1:].partition("@")[0] for package in packages]

    @pytest.fixture(scope="session")
    def folder(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
        if shutil.which("node") is None:
            pytest.skip("node is not installed")
        place = os.environ.get(variable, "")
        if place:
            missing = [name for name in names if not (Path(place) / "node_modules" / name).is_dir()]
            assert not missing, f"{variable}: no {' and '.join(missing)} in {place}/node_modules"
            yield Path(place)
            return
        if not request.config.getoption("--full") or shutil.which("npm") is None:
            pytest.skip(f"name a folder with {' and '.join(names)} in {variable}, or run with --full")
        made = tmp_path_factory.mktemp("npm")
        options = ("--no-save", "--no-audit", "--no-fund", "--ignore-scripts", "--prefix", str(made))
        command = ["npm", "install", *options, *packages]
        installed = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
        if installed.returncode:
            pytest.skip(f"npm could not install {' '.join(packages)}: {installed.stderr.strip()[-200:]}")
        yield made
        shutil.rmtree(made, ignore_errors=True)

    return folder


axios = folder_with("AXIOS_CLIENT", "axios@1")
openid_client = folder_with("OPENID_CLIENT", "openid-client@6", "jose@6")
webapi_client = folder_with("WEBAPI_CLIENT", "@superoffice/webapi@12")
