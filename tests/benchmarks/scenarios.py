"""What ten thousand scenarios cost: to start with, to choose among, to miss. Prints medians.

python tests/benchmarks/scenarios.py [--count 10000]
"""

from __future__ import annotations

import argparse
import http.client
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from urllib.parse import urlsplit

from timing import median_ms

from mockso.contract.catalogue import Contract

STEP = """name: s{number:05}
description: Contact {number} is answered by a step of its own.
steps:
  - match: {{operation: {operation}, {rest}}}
    reply: {{status: 429, headers: {{Retry-After: 1}}, text: s{number:05}}}
"""
GET = "v1ContactEntity_GetContactEntity"


def write(folder: Path, count: int) -> None:
    """One third names an operation only, one third a path, one third a literal of the query."""
    others = [name for name in Contract.open().ids() if name != GET]
    for number in range(count):
        operation, rest = GET, f"path: /api/v1/Contact/{number}"
        if number % 3 == 1:
            rest = f"query: {{$select: x{number}}}"
        elif number % 3 == 2:
            operation, rest = others[number % len(others)], "verdict: any"
        text = STEP.format(number=number, operation=operation, rest=rest)
        (folder / f"s{number:05}.yaml").write_text(text, encoding="utf-8")


def start(folder: Path) -> tuple[subprocess.Popen[str], str, float]:
    began = time.perf_counter()
    command = [
        sys.executable,
        "-m",
        "mockso.cli",
        "serve",
        "--port",
        "0",
        "--quiet",
        "--scenario",
        str(folder),
    ]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert server.stdout is not None
    line = server.stdout.readline()
    return server, line.split()[-1], time.perf_counter() - began


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--count", type=int, default=10_000)
    count = parser.parse_args().count - parser.parse_args().count % 3
    with tempfile.TemporaryDirectory() as name:
        write(Path(name), count)
        server, url, ready = start(Path(name))
        print(f"start with {count} scenarios: {ready:.2f} s")
        connection = http.client.HTTPConnection(urlsplit(url).netloc)

        def ask(path: str, expected: str) -> Callable[[], None]:
            def action() -> None:
                connection.request(
                    "GET",
                    f"/Cust12345/api/v1/Contact/{path}",
                    headers={"Authorization": "Bearer 8A:Cust12345.abc"},
                )
                answer = connection.getresponse()
                body = answer.read().decode()
                assert body == expected or (not expected and answer.status == 200), (answer.status, body)

            return action

        try:
            last, first = count - 3, 0
            calls = {
                "first, by path": ask(str(first), f"s{first:05}"),
                "last, by path": ask(str(last), f"s{last:05}"),
                "first, by query": ask("17?$select=x1", "s00001"),
                "last, by query": ask(f"17?$select=x{count - 2}", f"s{count - 2:05}"),
                "none, near misses told": ask("99999", ""),
            }
            for action in calls.values():
                action()
            rounds = {label: [median_ms(action, 400) for _ in range(5)] for label, action in calls.items()}
            for label, figures in rounds.items():
                print(f"{label}: {statistics.median(figures):.3f} ms")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
