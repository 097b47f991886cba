"""`mockso serve`: the mock on a local address, with all that a newcomer needs on the screen."""

from __future__ import annotations

import argparse
import gc
import os
import sys
import threading
from typing import Any

from mockso.commands.log import LOGS, Log
from mockso.commands.options import (
    PORT,
    add_playing,
    changes_of,
    option_adders,
    refuse_open_admin,
    whole_number,
)
from mockso.commands.tls import (
    add_interception,
    add_tls,
    authority_of,
    check_interception,
    interception_of,
    tls_of,
)
from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError, tell
from mockso.version import VERSION
from mockso.web.allocator import limit_arenas
from mockso.web.intercept import Interception
from mockso.web.server import Server
from mockso.web.signals import Ending

TENANT = "Cust12345"  # of the examples on the screen, and the one people try first


def configure(parser: argparse.ArgumentParser) -> None:
    """The options of the command; MOCKSO_<NAME> in the environment sets what no option does."""
    value, several, flag = option_adders(parser.add_argument)
    value("--host", None, "address to listen on (127.0.0.1)")
    value("--port", None, "port to listen on, 0 for any free one (8585)", type=PORT)
    profiles, worlds = ("auto", "online", "onsite"), ("closed", "open")
    value("--profile", None, "auto: online where the address has a tenant", choices=profiles)
    value("--world", None, "open: ids that nobody saved are answered too", choices=worlds)
    several("--scenario", "NAME|FILE", "play a scenario; may be repeated, the last is asked first")
    value("--chaos", "PART", "let a part of all calls fail, as 20%% or 20%%:throttled,reset")
    flag("--only-scenarios", "a call that no scenario answers is an error (501)", default=None)
    flag("--watch", "reload scenario files when they change; of one that is broken the version before stays")
    data = "rows that tenants start with, laid over the shipped company; may be repeated; none: without it"
    several("--data", "FILE|DIR|none", data)
    several(
        "--contract", "FILE", "use this contract; may be repeated, the first that has the address answers"
    )
    several("--grant", "AGENT", "grant a restricted agent to every application; '*' grants all")
    value("--login-keys", "FOLDER", "keep the keys of the login there (new ones at each start)")
    flag("--strict", "accept only issued credentials, not every well-formed one", default=None)
    place = "keep tenants there: processes share them, and they outlive a restart (memory)"
    value("--state", "memory|FILE.db|postgresql://...", place)
    count = "answer by so many processes, which share a --state (1)"
    value("--workers", "N", count, type=_worker_count, default=1)
    value("--journal", "FILE", "keep the journal in this file instead of memory, or the state's database")
    several(
        "--redact", "FIELD", "a further name whose values the journal stores as fingerprints; may be repeated"
    )
    flag("--no-redact", "let the journal store credentials and secrets as they came")
    several(
        "--set", "NAME=VALUE", "change a setting, for example select_mode=omit; see 'mockso docs settings'"
    )
    flag("--no-headers", "send no X-Mockso headers")
    value("--admin-token", None, "secret that /__mockso/ demands; required when not listening on loopback")
    shown = "calls to print a line for (refused; with --quiet none); warned ones count as refused"
    value("--log", None, shown, choices=LOGS)
    flag("--open", "open the journal's page in a browser")
    flag("--quiet", "print only the line 'ready URL'")
    add_tls(parser)
    add_interception(parser)
    add_playing(parser)


def _worker_count(text: str) -> int:
    from mockso.web.workers import MOST

    return whole_number("a number of processes", 1, MOST)(text)


def settings_of(arguments: argparse.Namespace) -> Settings:
    """The settings a command line asks for; SettingError for what contradicts itself."""
    settings = Settings.load(
        {
            "host": arguments.host,
            "port": arguments.port,
            "profile": arguments.profile,
            "world": arguments.world,
            "scenarios": _tuple(arguments.scenario),
            "only_scenarios": arguments.only_scenarios,
            "data": _tuple(arguments.data),
            "contracts": _tuple(arguments.contract),
            "grants": _tuple(arguments.grant),
            "strict_tokens": arguments.strict,
            "login_keys": arguments.login_keys,
            "journal": arguments.journal,
            "state": arguments.state,
            "redact": _tuple(arguments.redact),
            "redaction": False if arguments.no_redact else None,
            "admin_token": arguments.admin_token,
            "headers": False if arguments.no_headers else None,
        }
    )
    for change in changes_of(arguments.set):
        settings = settings.with_text(*change)
    refuse_open_admin(settings, "shows and changes everything")
    return settings


def _tuple(values: list[str] | None) -> tuple[str, ...] | None:
    return None if values is None else tuple(values)


def run(arguments: argparse.Namespace) -> int:
    """Serve until SIGTERM or Ctrl-C."""
    settings = settings_of(arguments)
    mode = ""
    if arguments.play or arguments.target or arguments.mode != "none":
        from mockso.commands import play as playing

        mode = playing.play_mode(arguments)
        if mode == "record":
            return playing.record_instead(arguments)
        settings = playing.with_recordings(settings, arguments, mode)
    if arguments.watch and not settings.scenarios:
        raise SettingError("--watch: there is nothing to watch. Add --scenario FILE, a folder or a name.")
    tls = tls_of(arguments, settings.host)
    check_interception(arguments)
    interception = interception_of(arguments, authority_of(arguments)) if arguments.intercept else None
    log = arguments.log or ("none" if arguments.quiet else "refused")
    limit_arenas()
    if arguments.workers > 1:
        from mockso.commands.workers import run_workers

        return run_workers(
            arguments,
            settings,
            tls,
            interception,
            log,
            lambda engine, url: banner(engine, url, quiet=arguments.quiet, interception=interception),
        )
    # Contract and scenarios stay to the end: looking for garbage among a million of their objects, again and
    # again while they are made and ever after, doubles the start with ten thousand scenarios.
    gc.disable()
    engine, status = Engine.open(settings), 0
    open_login_keys(engine)
    if arguments.chaos is not None:
        from mockso.scenario.chaos import chaos_scenario

        engine.playlist.play(chaos_scenario(arguments.chaos))
    player = playing.player(engine, arguments, mode) if mode else None
    server = Server(engine, settings.host, settings.port, tls=tls, interception=interception)
    engine.tenants.of(TENANT)
    gc.freeze()
    gc.enable()
    if arguments.watch:
        from mockso.commands.watch import Watch

        Watch(engine).start()
    ending = Ending()
    if log != "none":
        engine.on_call = Log(log, redaction=engine.journal.redaction)
    server.start()
    text = banner(engine, server.url, quiet=arguments.quiet, interception=interception)
    print(text, flush=True)
    if arguments.open:
        open_page(f"{server.url}/__mockso/")
    ending.wait()
    server.stop()
    if player is not None:
        status = playing.finish(player, arguments, print)
    engine.close()
    # Everything is closed; what is left of an interpreter's end (10 to 20 ms of freeing memory) is nobody's gain.
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(status)


def open_login_keys(engine: Engine) -> None:
    """Make or read the keys of `--login-keys` now. Raises SettingError for a folder that no login could use."""
    if engine.settings.login_keys:
        engine.login.keys.open()


def open_page(url: str) -> None:
    """Open a page in the browser of whoever sits here; in a thread, as a browser in the terminal keeps its caller."""
    import webbrowser

    def look() -> None:
        if not webbrowser.open(url):
            tell(f"there is no browser to open; the page is {url}")

    threading.Thread(target=look, name="mockso-open", daemon=True).start()


def _world_line(engine: Engine) -> str:
    """One line on the rows that tenants start with, and on the other kind of world."""
    from mockso.entities.seed import SHIPPED_NAME

    settings = engine.settings
    rows = engine.tenants.of(TENANT).store.rows
    data = ", ".join(settings.data) or SHIPPED_NAME
    stock = f"{rows.count('Contact')} companies, {rows.count('Person')} persons"
    other = "--world open answers any id" if settings.world == "closed" else "any id is answered"
    return f"{settings.world}, data {data}: {stock}; {other}"


def _proxy_row(url: str, interception: Interception | None) -> list[tuple[str, str]]:
    if interception is None:
        return []
    hosts = ", ".join(interception.hosts)
    return [("Proxy", f"HTTPS_PROXY={url} for {hosts}; trust {interception.authority.file}")]


def banner(engine: Engine, url: str, *, quiet: bool = False, interception: Interception | None = None) -> str:
    """The text at the start: addresses, credentials, a call that works and one that explains itself."""
    ready = f"ready {url}"
    if quiet:
        return ready
    settings, contract = engine.settings, engine.contract
    online = engine.tenants.of(TENANT)
    bearer = f"Authorization: Bearer {online.credentials.token}"
    counts: dict[str, Any] = contract.header.get("counts", {})
    size = f"{len(contract):,} operations" + (f", {counts.get('types', '?')} types" if counts else "")
    granted = ", ".join(sorted(online.grants)) or "none (restricted agents answer 403 Online; --grant AGENT)"
    chaos = (one.origin for one in engine.playlist.scenarios if one.name == "chaos")
    names = [*settings.scenarios, *chaos]
    takes = "issued ones only" if settings.strict_tokens else "any of a proper form"
    ticket = f"Authorization: SOTicket {online.credentials.ticket}"
    rows = [
        ("Online", f"{url}/{TENANT}/api/v1/    (any tenant: Cust and digits)"),
        ("Onsite", f"{url}/api/v1/"),
        ("Journal", f"{url}/__mockso/"),
        ("Credential", f"{bearer}    ({takes})"),
        ("", f"{ticket}    with SO-AppToken: {online.credentials.app_token}"),
        ("", "Authorization: Basic bW9ja3NvOm1vY2tzbw==    onsite"),
        ("Login", f"{url}/login/    client mockso-client, secret 'secret', redirect to this machine"),
        *_proxy_row(url, interception),
        ("Profile", settings.profile),
        ("Grants", granted),
        ("Scenarios", ", ".join(names) or "none"),
        ("World", _world_line(engine)),
        ("Contract", f"{contract.release or contract.origin}: {size}"),
    ]
    works = f"curl -H '{bearer}' {url}/{TENANT}/api/v1/Contact/17"
    teaches = f"curl -i -H '{bearer}' -H 'Content-Type: application/json' -d '{{\"Type\":7}}' {url}/{TENANT}/api/v1/Agents/User/SaveUntrustedCredentials"
    lines = [f"mockso {VERSION}: the SuperOffice WebAPI on localhost", ""]
    lines += [f"  {name:<11}{value}" for name, value in rows]
    lines += ["", "  a call that works:", f"    {works}"]
    lines += ["  one that explains its refusal:", f"    {teaches}", "", ready]
    return "\n".join(lines)
