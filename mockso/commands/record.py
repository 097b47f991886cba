"""`mockso record`: a proxy that writes down what passes, or a recording made of a journal's calls."""

from __future__ import annotations

import argparse
import os
import sys
import traceback
from dataclasses import replace
from pathlib import Path

from mockso.commands.options import (
    PORT,
    add_redact,
    add_redaction,
    add_target,
    refuse_open_admin,
    with_scheme,
)
from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import MocksoError, SettingError, count_of
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.rescue import keep_calls, try_place
from mockso.recording.tape import Tape
from mockso.recording.upstream import Target, Upstream
from mockso.recording.write import write_recording

SUFFIXES = (".yaml", ".yml")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command."""
    add = parser.add_argument
    add_target(parser)
    add("--out", "-o", type=Path, metavar="FILE", help="the scenario file to write (.yaml)")
    add("--check", action="store_true", help="judge both sides, write no recording")
    add("--host", help="address to listen on (127.0.0.1)")
    add("--port", type=PORT, help="port to listen on, 0 for any free one (8585)")
    add("--contract", action="append", metavar="FILE", help="judge by this contract; may be repeated")
    add("--grant", action="append", metavar="AGENT", help="an agent the application was granted; '*' is all")
    add("--journal", metavar="FILE", help="keep the journal in this file instead of memory")
    add("--admin-token", help="secret that /__mockso/ demands; required when not listening on loopback")
    add("--quiet", action="store_true", help="print only the line 'ready URL'")
    add("--from-journal", metavar="FILE|URL", help="record the calls of a journal instead of listening")
    add("--match", metavar="JSON", help="with --from-journal: only calls that match, as in a scenario")
    add("--token", default="", metavar="SECRET", help="with --from-journal URL: the mock's admin token")
    add_redaction(parser)
    add_redact(parser)


def pseudonyms_of(arguments: argparse.Namespace) -> Pseudonyms:
    return Pseudonyms(arguments.pseudonyms, arguments.keep, arguments.redact or ())


def run(arguments: argparse.Namespace) -> int:
    """Listen until SIGTERM or Ctrl-C, then write; 1 when a call left the contract in --check."""
    if arguments.from_journal:
        from mockso.recording.from_journal import record_journal

        arguments.from_journal = with_scheme(arguments.from_journal)
        out = _out(arguments)
        try_place(out)
        return record_journal(arguments, out, pseudonyms_of(arguments))
    if not arguments.target:
        raise SettingError("give --target URL to record from a server, or --from-journal FILE.")
    place = None if arguments.check else _out(arguments)
    return listen(arguments, Target.of(arguments.target), place, pseudonyms_of(arguments))


def _out(arguments: argparse.Namespace) -> Path:
    out: Path | None = arguments.out
    if out is None:
        raise SettingError("give --out FILE, the scenario file to write; or --check to write none.")
    if out.suffix not in SUFFIXES:
        raise SettingError(f"--out {out}: a scenario file ends in .yaml.")
    if out.is_dir():
        raise SettingError(f"--out {out}: is a folder; name a file in it.")
    return out


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings of the proxy."""
    settings = Settings.load(
        {
            "host": arguments.host,
            "port": arguments.port,
            "contracts": tuple(arguments.contract) if arguments.contract else None,
            "grants": tuple(arguments.grant) if arguments.grant else None,
            "journal": arguments.journal,
            "admin_token": arguments.admin_token,
        }
    )
    refuse_open_admin(settings, "shows what passes")
    return replace(settings, scenarios=())


def listen(arguments: argparse.Namespace, target: Target, out: Path | None, names: Pseudonyms) -> int:
    """Pass calls on until told to stop, then write them down."""
    from mockso.recording.proxy import Proxy
    from mockso.web.allocator import limit_arenas
    from mockso.web.server import Server
    from mockso.web.signals import Ending

    if out is not None:
        try_place(out)
    limit_arenas()
    upstream = Upstream(target, ca=arguments.ca, timeout=arguments.timeout)
    engine = Engine.open(settings_of(arguments))
    tape = None if out is None else Tape()
    proxy = Proxy(engine, upstream, tape)
    server = Server(engine, engine.settings.host, engine.settings.port, proxy)
    # A second signal does not interrupt the writing.
    ending = Ending()
    server.start()
    status = 2
    try:
        if not arguments.quiet:
            what = f"recording into {out}" if out else "judging only"
            base = f"{server.url}{target.path}/api/v1/"
            print(f"mockso record: {target.origin}{target.path}, {what}\n\n  Base       {base}\n")
        print(f"ready {server.url}", flush=True)
        ending.wait()
        # Calls that hang in the server behind would keep ours from stopping.
        upstream.close()
        server.stop()
        status = _report(engine, tape, out, names, target, quiet=arguments.quiet)
        proxy.close()
        engine.close()
    except (MocksoError, OSError) as error:
        _tell_loss(str(error), engine, tape, out)
    except BaseException:
        _tell_loss(traceback.format_exc().rstrip(), engine, tape, out)
    finally:
        # An ordinary end would wait for threads that serve connections which are still open.
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _tell_loss(cause: str, engine: Engine, tape: Tape | None, out: Path | None) -> None:
    """Say why nothing was written, and where what was recorded is kept."""
    print(f"mockso record: {cause}", file=sys.stderr)
    if tape is not None and out is not None and len(tape):
        print(keep_calls(engine.journal, engine.settings.journal, out), file=sys.stderr)


def _report(
    engine: Engine, tape: Tape | None, out: Path | None, names: Pseudonyms, target: Target, *, quiet: bool
) -> int:
    departures = 0
    for entry in engine.journal.each(order="oldest"):
        for violation in entry["verdict"]["violations"] if entry["verdict"] else ():
            departures += 1
            if not quiet:
                request = entry["request"]
                print(f"{request['method']} {request['path']}: {violation['where']}: {violation['message']}")
    calls = engine.journal.count()
    print(f"{count_of(calls, 'call')}, {count_of(departures, 'departure')} from the contract")
    if tape is None or out is None:
        return 1 if departures else 0
    for why, count in sorted(tape.left_out.items()):
        print(f"not recorded: {count} ({why})")
    if not len(tape):
        print("nothing was recorded, so nothing is written")
        return 0
    steps = write_recording(out, tape.calls(), names, engine.contract, target=target.origin, say=print)
    print(f"{out}: {count_of(steps, 'step')} of {count_of(len(tape), 'call')}")
    return 0
