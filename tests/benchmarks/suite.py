"""A test suite in small, a process of its own: start a server, 200 calls of one session, stop it.

Arguments: either the name of a tool of inprocess.py, or a JSON object with `command`, `port`, `call`
and `log`.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import requests
from call import Call
from inprocess import INSIDE
from process import Server

CALLS = 200


def main(subject: str) -> None:
    """Run the suite; a wrong answer ends it with status 1."""
    inside = INSIDE.get(subject)
    call = inside[1] if inside else Call(**json.loads(subject)["call"])
    with inside[0]() if inside else _outside(json.loads(subject)) as port, requests.Session() as session:
        session.trust_env = False
        for _ in range(CALLS):
            _check(session.post(f"http://127.0.0.1:{port}{call.path}", call.body, headers=call.headers), call)


@contextmanager
def _outside(subject: dict) -> Iterator[int]:
    with Server(subject["command"], subject["port"], Call(**subject["call"]), Path(subject["log"])) as server:
        server.wait()
        yield server.port


def _check(answer: requests.Response, call: Call) -> None:
    if answer.status_code != call.status:
        sys.exit(f"answered {answer.status_code} instead of {call.status}: {answer.text[:200]}")


if __name__ == "__main__":
    main(sys.argv[1])
