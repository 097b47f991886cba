"""`mockso exec`: a mock on a free port while a command runs, whatever language it is written in."""

from __future__ import annotations

import argparse
import os
import signal
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from mockso.commands.options import PORT, changes_of, option_adders, real_number
from mockso.commands.tls import add_interception, check_interception, interception_of
from mockso.config import Settings
from mockso.errors import SettingError, count_of
from mockso.journal.entry import call_of
from mockso.storage.files import explain_unwritable
from mockso.testing.coverage_report import prepare, write
from mockso.testing.findings import Allowance, Finding, allowance
from mockso.testing.host import Host
from mockso.testing.mock import Mock, open_mock
from mockso.testing.tally import Tally
from mockso.testing.world import World
from mockso.web.alias import Alias

READY_WITHIN = 10.0  # seconds
_PASSED_ON = ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT", "SIGUSR1", "SIGUSR2")


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command; what follows "--" is run."""
    value, several, flag = option_adders(parser.add_argument)
    worlds, open_world = ("closed", "open"), "open: ids that nobody saved are answered too"
    several("--scenario", "NAME|FILE", "play a scenario; may be repeated")
    several("--data", "FILE|DIR|none", "rows to start with; may be repeated")
    value("--profile", None, "what the tenant is (online)", choices=("online", "onsite"), default="online")
    value("--world", None, open_world, choices=worlds, default="")
    several("--grant", "AGENT", "grant a restricted agent; '*' grants all")
    several("--allow", "RULE", "a rule the client may break; may be repeated")
    flag("--allow-violations", "say what is wrong, but return the command's status")
    flag("--allow-unmatched", "calls that no step answers are not faults")
    value("--port", None, "port to listen on (any free one)", type=PORT, default=0)
    value("--journal", "FILE", "keep the journal in this file instead of memory")
    several("--set", "NAME=VALUE", "change a setting, for example strict_tokens=true")
    value("--har", "FILE", "write all calls as HTTP Archive")
    several("--coverage", "term|json:FILE|html:FILE", "report what was used of the contract")
    several("--coverage-from", "FILE", "add an earlier JSON report to it")
    value(
        "--cov-fail-under",
        "PERCENT",
        "status 1 below this consumer coverage",
        type=real_number("a percentage", 0, 100),
    )
    add_interception(parser)
    parser.add_argument(
        "command", nargs=argparse.REMAINDER, metavar="-- CMD ...", help="the command and its arguments"
    )


def run(arguments: argparse.Namespace) -> int:
    """Run the command; its status, or 1 when it had 0 and something is wrong that nobody allowed."""
    command = arguments.command[1:] if arguments.command[:1] == ["--"] else arguments.command
    if not command:
        raise SettingError("no command was given. Put it behind '--': mockso exec -- npm test")
    check_interception(arguments)
    prepare(arguments.coverage or ())
    if arguments.har:
        _prepare_har(arguments.har)
    tally = Tally()
    for path in arguments.coverage_from or ():
        tally.coverage.read(path)
    allowances = [allowance(rule, "--allow") for rule in arguments.allow or ()]
    mock = open_mock(
        port=arguments.port,
        scenarios=arguments.scenario,
        grants=arguments.grant,
        data=arguments.data,
        journal=arguments.journal,
        **{one[0]: getattr(Settings().with_text(*one), one[0]) for one in changes_of(arguments.set)},
    )
    try:
        world = mock.world(profile=arguments.profile, world=arguments.world)
        mock.engine.on_call = None  # calls without a tenant are a world of their own here
        if arguments.intercept:
            from mockso.web.authority import Authority

            mock.interception = interception_of(arguments, Authority())
            # A token of the environment opens whatever tenant stands in a built-in address.
            mock.server.gate.edge.alias = Alias(world.tenant, arguments.intercept_host or ())
        _wait_until_ready(mock)
        with _environment(mock, world) as environment:
            status = _run(command, environment)
        faulty = _tell(
            _called_worlds(world), allowances, arguments, tally, _count_unjudged(world), failing=status != 0
        )
    finally:
        mock.close()
    return status if status or arguments.allow_violations else int(faulty)


def _wait_until_ready(mock: Mock) -> None:
    """Readiness is an HTTP answer."""
    until = time.monotonic() + READY_WITHIN
    while not _answers(mock):
        if time.monotonic() > until:
            raise SettingError(f"the mock at {mock.url} does not answer within {READY_WITHIN:g} s.")
        time.sleep(0.01)
    # That call was nobody's.
    mock.engine.journal.clear("")
    mock.engine.tenants.drop("")


def _answers(mock: Mock) -> bool:
    try:
        # Proxies of the machine have no business here.
        opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        opener.open(f"{mock.url}/api/", timeout=1).close()
    except urllib.error.HTTPError as error:
        error.close()
    except OSError:
        return False
    return True


@contextmanager
def _environment(mock: Mock, world: World) -> Iterator[dict[str, str]]:
    """The environment of the command, and while it runs the files that it names."""
    if mock.interception is None:
        yield world.env()
        return
    from mockso.commands.clients import interception_variables

    with tempfile.TemporaryDirectory(prefix="mockso-", ignore_cleanup_errors=True) as folder:
        environment = world.env()
        authority = mock.interception.authority
        yield environment | interception_variables(mock.url, authority, Path(folder), environment)


def _run(command: Sequence[str], environment: dict[str, str]) -> int:
    try:
        process = subprocess.Popen(command, env=environment)
    except OSError as error:
        raise SettingError(
            f"{command[0]!r} cannot be run ({error.strerror}). Is it installed, and in PATH?"
        ) from error
    with _passing_signals(process):
        status = process.wait()
    # As shells say it of a command that a signal ended.
    return 128 - status if status < 0 else status


@contextmanager
def _passing_signals(process: subprocess.Popen[bytes]) -> Iterator[None]:
    def pass_on(number: int, frame: Any) -> None:
        # Ctrl-C at a terminal reaches the whole group: the command has it already.
        if number != signal.SIGINT or not _foreground():
            process.send_signal(number)

    signals = [getattr(signal, name) for name in _PASSED_ON if hasattr(signal, name)]
    before = {number: signal.signal(number, pass_on) for number in signals}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _foreground() -> bool:
    try:
        return os.tcgetpgrp(sys.stdin.fileno()) == os.getpgrp()
    except (OSError, ValueError, AttributeError):
        return False


def _called_worlds(world: World) -> list[World]:
    """The worlds that were called: the command may have used other tenants, one for each of its tests."""
    mock = world.mock
    worlds = [world]
    # The journal still has the calls of tenants that were dropped.
    for name in sorted({*mock.engine.tenants.names(), *mock.engine.journal.tenants()}):
        if name != world.tenant:
            tenant = mock.engine.tenants.of(name)
            worlds.append(World(mock, tenant))
            worlds[-1].take(
                call_of(entry, mock.engine.contract)
                for entry in mock.engine.journal.each(tenant=tenant.name, order="oldest")
            )
    return [one for one in worlds if one.seen] or [world]


def _count_unjudged(world: World) -> int:
    """How many calls of other tenants the journal had no room for; those of this one were kept apart."""
    engine = world.mock.engine
    names = {*engine.tenants.names(), *engine.journal.tenants()} - {world.tenant}
    return sum(map(engine.journal.count_dropped, names))


def _findings(worlds: Sequence[World], allowances: Sequence[Allowance], *, unmatched: bool) -> list[Finding]:
    """The findings of all worlds. An allowance is needed if one of them needs it."""
    findings = []
    broken = {violation.rule.id for world in worlds for seen in world.seen for violation in seen.violations}
    for number, world in enumerate(worlds):
        world.allow_unmatched = unmatched
        world.planned.update(scenario.name for scenario in world.scenarios)
        last = number == len(worlds) - 1
        world.allowances += [replace(one, expected=last and one.rule not in broken) for one in allowances]
        findings += world.findings()
    return findings


def _tell(
    worlds: Sequence[World],
    allowances: Sequence[Allowance],
    arguments: argparse.Namespace,
    tally: Tally,
    unjudged_calls: int,
    *,
    failing: bool,
) -> bool:
    """Say on stderr what was found; whether something is wrong."""
    findings = _findings(worlds, allowances, unmatched=arguments.allow_unmatched)
    calls = [seen.call for world in worlds for seen in world.seen]
    lines = [f"mockso: {count_of(len(calls), 'call')}, {count_of(len(findings), 'finding')}"]
    lines += [f"  {finding.line}" for finding in findings]
    faulty = bool(findings)
    if failing and calls:
        lines += section_of(worlds)
    if unjudged_calls:
        lines.append(
            f"  {count_of(unjudged_calls, 'call')} left the journal unjudged: give it more room with "
            "MOCKSO_JOURNAL_ENTRIES and MOCKSO_JOURNAL_BYTES (or say --allow-violations)"
        )
        faulty = True
    if not calls:
        # Nothing checked is not a success: a client that does not know the address passes everything else.
        use = "heed HTTPS_PROXY, or use" if arguments.intercept else "use"
        lines.append(
            f"  no call reached the mock: the command's client has to {use} SUPEROFFICE_BASE_URL "
            "(or say --allow-violations)"
        )
        faulty = True
    reports = arguments.coverage or []
    try:
        if reports or arguments.cov_fail_under is not None:
            tally.coverage.see(calls)
            lines += write(tally.coverage, reports)
            percent = tally.coverage.percent
            if arguments.cov_fail_under is not None and percent < arguments.cov_fail_under:
                lines.append(f"FAIL: consumer coverage {percent:.1f}% is under {arguments.cov_fail_under:g}%")
                faulty = True
        if arguments.har:
            _write_har(worlds[0].mock, arguments.har)
    finally:  # what was found is told where a file cannot be written, too
        print("\n".join(lines), file=sys.stderr)
    return faulty


def section_of(worlds: Sequence[World]) -> list[str]:
    """The calls of a run that failed: the failing ones first, then the last."""
    return [f"  {line}" for world in worlds for line in world.journal().splitlines()]


def _prepare_har(file: str) -> None:
    with explain_unwritable(f"--har {file}:", SettingError):
        open(file, "a").close()


def _write_har(mock: Host, file: str) -> None:
    from mockso.journal.har import har_text

    with explain_unwritable(f"--har {file}:", SettingError), open(file, "w", encoding="utf-8") as out:
        out.writelines(har_text(mock.engine.journal.each(order="oldest")))
