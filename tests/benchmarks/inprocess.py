"""Servers inside the process of the tests, each as a context manager that gives a port.

Run as a script, it prints the seconds from the first import of the named tool to its first correct
answer; pytest and the client are imported before the clock starts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from urllib.parse import urlsplit

from call import SEED, SEED_ONLINE, Call, status_of


@contextmanager
def pytest_httpserver() -> Iterator[int]:
    """What the fixture `httpserver` does, with the one stub."""
    from pytest_httpserver import HTTPServer

    with HTTPServer(host="127.0.0.1", port=0) as server:
        server.expect_request(SEED.path, method="POST").respond_with_data(status=204)
        yield server.port


@contextmanager
def mockso() -> Iterator[int]:
    """mockso with the whole contract."""
    import mockso

    with mockso.serve(grants=["User"]) as server:
        yield urlsplit(server.url).port or 0


INSIDE: dict[str, tuple[Callable[[], AbstractContextManager[int]], Call]] = {
    "pytest-httpserver": (pytest_httpserver, SEED),
    "mockso": (mockso, SEED_ONLINE),
}


def main(name: str) -> None:
    """Print the seconds until the first correct answer."""
    import pytest  # noqa: F401 - a test run has it imported already

    serve, call = INSIDE[name]
    began = time.perf_counter()
    with serve() as port:
        status = status_of(call, port)
        took = time.perf_counter() - began
    if status != call.status:
        sys.exit(f"{name} answered {status} instead of {call.status}")
    print(took)


if __name__ == "__main__":
    main(sys.argv[1])
