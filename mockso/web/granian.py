"""The server for load: granian (extra), whose HTTP is compiled. One process, as state lives in memory.

It does not lend its connections, so faults of scenarios are answered with 501 and the reason.
"""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable
from functools import partial
from typing import Any

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError

# Two threads answer while others wait; more only compete for the interpreter (measured with wrk).
BLOCKING_THREADS = 2


def load(settings: Settings, target: str = "") -> Any:
    """The WSGI application, made in granian's worker process."""
    from mockso.web.gate import Gate

    return Gate(Engine.open(settings))


def serve(settings: Settings, banner: Callable[[Engine, str], str]) -> int:
    """Serve until SIGTERM or Ctrl-C; `banner` makes what is printed once the port listens.

    Raises SettingError when granian is not installed or the port is taken.
    """
    try:
        from granian import Granian
        from granian.constants import Interfaces
    except ImportError as error:
        raise SettingError("--server granian needs an extra: pip install 'mockso[granian]'.") from error

    port = _free(settings.host, settings.port)
    # Faults in contracts and scenarios are reported here, not by a worker that dies.
    engine = Engine.open(settings)
    text = banner(engine, f"http://{settings.host}:{port}")
    engine.close()
    server = Granian(
        "mockso",
        address=settings.host,
        port=port,
        interface=Interfaces.WSGI,
        workers=1,
        blocking_threads=BLOCKING_THREADS,
        log_enabled=False,
    )
    # granian says nothing when its worker listens, so we ask.
    threading.Thread(target=_say_when_ready, args=(settings.host, port, text), daemon=True).start()
    server.serve(target_loader=partial(load, settings))
    return 0


def _say_when_ready(host: str, port: int, text: str) -> None:
    for _ in range(1000):
        try:
            socket.create_connection((host, port), 1).close()
        except OSError:
            time.sleep(0.02)
        else:
            print(text, flush=True)
            return


def _free(host: str, port: int) -> int:
    """The port, or a free one for 0, found by binding it for a moment."""
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise SettingError(
                f"cannot listen on {host}:{port}: {error.strerror}. --port 0 takes a free port."
            ) from None
        number: int = probe.getsockname()[1]
        return number
