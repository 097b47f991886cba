"""A mock of several processes: calls on fresh connections, its workers' ids, kills."""

from __future__ import annotations

import http.client
import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

HEADERS = {"Authorization": "Bearer 8A:Cust12345.me", "Content-Type": "application/json"}
CONTACT = "/Cust12345/api/v1/Contact"


class Client:
    """One client, with a connection that is made again when it breaks."""

    def __init__(self, url: str) -> None:
        self._host = url.removeprefix("http://")
        self._connection: http.client.HTTPConnection | None = None
        self.reason = ""
        """Why the last answer was a refusal or a fault, as its header says."""

    def call(self, method: str, path: str, content: Any = None) -> tuple[int, Any]:
        """The status and the body of an answer. Raises OSError or HTTPException for a broken connection."""
        if self._connection is None:
            self._connection = http.client.HTTPConnection(self._host, timeout=60)
        body = None if content is None else json.dumps(content)
        try:
            self._connection.request(method, path, body, HEADERS)
            reply = self._connection.getresponse()
            text = reply.read()
            self.reason = reply.headers.get("X-Mockso-Reason", "")
        except BaseException:
            self.close()
            raise
        return reply.status, json.loads(text) if text else None

    def close(self) -> None:
        """Take a fresh connection for the next call, which may lead to another worker."""
        if self._connection is not None:
            self._connection.close()
        self._connection = None

    def fresh(self, method: str, path: str, content: Any = None) -> tuple[int, Any]:
        """As `call`, on a connection of its own."""
        try:
            return self.call(method, path, content)
        finally:
            self.close()


def workers_of(parent: int) -> list[int]:
    """The processes that a parent has now."""
    text = Path(f"/proc/{parent}/task/{parent}/children").read_text()
    return [int(number) for number in text.split()]


def is_alive(process: int) -> bool:
    """Whether a process is there and is not a zombie."""
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(holds: Callable[[], object], seconds: float = 60.0) -> None:
    """Wait until something holds; an AssertionError when it does not in time."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def kill(process: int) -> None:
    """Kill a worker, as the system does with one that takes too much memory."""
    os.kill(process, 9)
