"""pytest-httpserver as a process of its own: answer one path on one port until SIGTERM."""

from __future__ import annotations

import signal
import sys

from pytest_httpserver import HTTPServer


def main(path: str, port: int) -> None:
    """Serve until SIGTERM."""
    signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGTERM})
    with HTTPServer(host="127.0.0.1", port=port) as server:
        server.expect_request(path, method="POST").respond_with_data(status=204)
        signal.sigwait({signal.SIGTERM})


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
