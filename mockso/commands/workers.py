"""`mockso serve --workers N`: several processes that are one mock, by a state that they share."""

from __future__ import annotations

import argparse
import gc
import os
import socket
import ssl
import sys
from collections.abc import Callable

from mockso.commands.log import Log
from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.storage.table import MEMORY
from mockso.web.intercept import Interception
from mockso.web.server import Server
from mockso.web.workers import Life, Listener, Workers


def check_workers(arguments: argparse.Namespace, settings: Settings) -> None:
    """Raise SettingError for what several processes cannot do as one."""
    option = f"--workers {arguments.workers}"
    if settings.state in MEMORY:
        raise SettingError(
            f"{option}: with the state in memory, each process would be a mock of its own. "
            "Add --state FILE.db or --state postgresql://..."
        )
    if settings.journal and settings.journal in MEMORY:
        raise SettingError(
            f"{option}: a journal in memory would have the calls of one process only, and verify and the page see "
            "a part. Leave --journal out, and it is in the state's database."
        )
    if arguments.play or arguments.target or arguments.mode != "none":
        raise SettingError(f"{option}: recordings are played by one process. Leave --workers out.")


def run_workers(
    arguments: argparse.Namespace,
    settings: Settings,
    tls: ssl.SSLContext | None,
    interception: Interception | None,
    log: str,
    banner: Callable[[Engine, str], str],
) -> int:
    """Serve by several processes until a signal comes."""
    check_workers(arguments, settings)
    gc.disable()  # as for one process, see serve.py
    engine = Engine.open(settings)  # what is wrong is refused once, before there are workers
    try:
        if settings.login_keys:
            engine.login.keys.open()
        listener = Listener(settings.host, settings.port)
        host = f"[{settings.host}]" if ":" in settings.host else settings.host
        text = banner(engine, f"{'http' if tls is None else 'https'}://{host}:{listener.port}")
    finally:
        engine.close()
    key = os.urandom(32)  # by which all have the same fingerprints of secrets

    def work(number: int, socket: socket.socket, life: Life) -> int:
        engine = Engine.open(settings, key=key)
        server = Server(
            engine, settings.host, listener.port, tls=tls, interception=interception, listener=socket
        )
        gc.freeze()
        gc.enable()
        if arguments.watch and number == 0:  # all hear of what one reads anew
            from mockso.commands.watch import Watch

            Watch(engine).start()
        if log != "none":
            engine.on_call = Log(log, redaction=engine.journal.redaction)
        server.start()
        life.tell_ready()
        life.wait()
        server.stop()
        engine.close()
        return 0

    workers = Workers(arguments.workers, listener, work)
    status = workers.start()
    if not status:
        print(text, flush=True)
        status = workers.watch()
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)
