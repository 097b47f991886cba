"""What a test costs with mockso's fixtures, beside its peers: python tests/benchmarks/plugin.py [--tests N].

A test is one call: fixture in, call, fixture out, as pytest itself times the three phases. What an empty
test costs is taken off. Tools take turns, round by round; what is not installed is skipped and named.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import os
import statistics
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

TIMER = """
import json, os

times = {}

def pytest_runtest_logreport(report):
    times[report.nodeid] = times.get(report.nodeid, 0.0) + report.duration

def pytest_sessionfinish():
    with open(os.environ["TIMES"], "w") as out:
        json.dump(list(times.values()), out)
"""


@dataclass(frozen=True)
class Tool:
    """A way to test a client; `body` is a test file, `needs` the modules it imports."""

    name: str
    needs: tuple[str, ...]
    body: str
    slow: int = 1
    """It gets so many times fewer tests."""


HEAD = """
import pytest

PATH, BODY = "Agents/User/SaveUntrustedCredentials", {"Type": "x", "Credentials": None}

@pytest.mark.parametrize("number", range(TESTS))
"""
TOOLS = (
    Tool("empty test", (), HEAD + "def test_it(number):\n    pass\n"),
    Tool(
        "mockso, in process, httpx",
        ("httpx",),
        HEAD
        + """
def test_it(superoffice, number):
    superoffice.grant("User")
    assert superoffice.client().post(PATH, json=BODY).status_code == 204
""",
    ),
    Tool(
        "mockso, in process, requests",
        ("requests",),
        HEAD
        + """
def test_it(superoffice, number):
    superoffice.grant("User")
    assert superoffice.session().post(PATH, json=BODY).status_code == 204
""",
    ),
    Tool(
        "mockso, socket, requests",
        ("requests",),
        HEAD
        + """
def test_it(superoffice, number):
    import requests
    superoffice.grant("User")
    with requests.Session() as session:
        reply = session.post(f"{superoffice}/{PATH}", json=BODY, headers=superoffice.headers)
    assert reply.status_code == 204
""",
    ),
    Tool(
        "pytest-httpserver, socket, requests",
        ("requests", "pytest_httpserver"),
        HEAD
        + """
def test_it(httpserver, number):
    import requests
    httpserver.expect_request(f"/{PATH}", method="POST", json=BODY).respond_with_data(status=204)
    with requests.Session() as session:
        reply = session.post(httpserver.url_for(f"/{PATH}"), json=BODY)
    assert reply.status_code == 204
    httpserver.check_assertions()
""",
    ),
    Tool(
        "responses, in process, requests",
        ("requests", "responses"),
        HEAD
        + """
def test_it(number):
    import requests, responses
    with responses.RequestsMock() as mock, requests.Session() as session:
        match = [responses.matchers.json_params_matcher(BODY)]
        mock.post(f"https://example.com/{PATH}", status=204, match=match)
        assert session.post(f"https://example.com/{PATH}", json=BODY).status_code == 204
""",
    ),
    Tool(
        "moto, in process, boto3",
        ("moto", "boto3"),
        HEAD
        + """
def test_it(number):
    import boto3, moto
    with moto.mock_aws():
        client = boto3.client(
            "sqs", region_name="eu-north-1", aws_access_key_id="x", aws_secret_access_key="y"
        )
        assert client.list_queues()["ResponseMetadata"]["HTTPStatusCode"] == 200
""",
        slow=10,
    ),
)
LIMITS = {"in process": 2.0, "socket": 4.0}  # milliseconds that a test of mockso may cost


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 when mockso costs more than its limits."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0], allow_abbrev=False)  # type: ignore[union-attr]
    parser.add_argument("--tests", type=int, default=300, help="tests of one call in a round (300)")
    parser.add_argument("--rounds", type=int, default=3, help="rounds over all tools (3)")
    asked = parser.parse_args(arguments)
    tools = []
    for tool in TOOLS:
        missing = [name for name in tool.needs if importlib.util.find_spec(name) is None]
        if missing:
            print(f"skipped {tool.name}: {', '.join(missing)} is not installed", file=sys.stderr)
        else:
            tools.append(tool)
    found: dict[str, list[float]] = {tool.name: [] for tool in tools}
    with tempfile.TemporaryDirectory(prefix="mockso-plugin-") as folder:
        for _ in range(asked.rounds):
            for tool in tools:
                found[tool.name].append(measured(tool, Path(folder), asked.tests))
    return told(found)


def measured(tool: Tool, folder: Path, tests: int) -> float:
    """Milliseconds that half of a tool's tests cost at most, in one run of pytest."""
    (folder / "conftest.py").write_text(TIMER)
    (folder / "test_it.py").write_text(tool.body.replace("TESTS", str(tests // tool.slow)))
    times = folder / "times.json"
    off = ("-p", "no:randomly", "-p", "no:cacheprovider", "-p", "no:xdist")
    command = [sys.executable, "-m", "pytest", "-q", *off, str(folder)]
    ended = subprocess.run(
        command,
        cwd=folder,
        env={**os.environ, "TIMES": str(times)},
        capture_output=True,
        text=True,
        check=False,
    )
    if ended.returncode:
        raise SystemExit(f"{tool.name}: its tests fail:\n{ended.stdout[-2000:]}")
    return statistics.median(json.loads(times.read_text())) * 1_000


def told(found: dict[str, list[float]]) -> int:
    """Print a line for each tool; 1 when a limit is not kept."""
    empty = min(found.pop("empty test"))
    base = {
        way: min(
            min(values) - empty for name, values in found.items() if name.startswith("mockso") and way in name
        )
        for way in LIMITS
    }
    status = 0
    print(f"{'milliseconds a test, the best of each':<38}  overhead  to mockso")
    for name, values in found.items():
        cost = min(values) - empty
        way = "socket" if "socket" in name else "in process"
        limit = LIMITS[way] if name.startswith("mockso") else None
        kept = "" if limit is None else f"  under {limit:g}: {'yes' if cost < limit else 'NO'}"
        status |= limit is not None and cost >= limit
        print(f"{name:<38}  {cost:8.2f}  {cost / base[way]:8.1f}x{kept}")
    return status


if __name__ == "__main__":
    sys.exit(main())
