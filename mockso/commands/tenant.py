"""`mockso tenant`: the tenants of a running mock made, steered and dropped from a shell."""

from __future__ import annotations

import argparse
import json
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import quote

from mockso.commands.options import add_command, option_adders, real_number
from mockso.commands.remote import ask
from mockso.errors import SettingError


def configure(parser: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    commands = parser.add_subparsers(dest="command", required=True, metavar="COMMAND")
    where = argparse.ArgumentParser(add_help=False)
    value, _, _ = option_adders(where.add_argument)
    value("--at", "URL", "a mock's address (that of the settings)", dest="address")
    value("--token", "SECRET", "the mock's admin token (default: MOCKSO_ADMIN_TOKEN)")

    def command(name: str, about: str, *, named: bool = True) -> argparse.ArgumentParser:
        added = add_command(commands, name, about, [where])
        if named:
            added.add_argument(
                "name", metavar="TENANT", help="'Cust12345'; '-' is the one onsite without a name"
            )
        return added

    command("list", "list the tenants, and the state of each", named=False)
    making = command("make", "make a tenant, and print what a client of it needs", named=False)
    making.add_argument("name", nargs="?", metavar="TENANT", help="its name (one that nobody had)")
    value, several, _ = option_adders(making.add_argument)
    value("--profile", None, "what it is", choices=("online", "onsite"))
    value("--world", None, "open: ids that nobody saved are answered", choices=("closed", "open"))
    several("--grant", "AGENT", "grant a restricted agent; may be repeated")
    several("--data", "FILE", "rows to start with, instead of the usual; may be repeated")
    value("--time", "TIME", "its time, as 2026-01-31T12:00:00Z")
    command("show", "print one tenant, and what a client of it needs")
    for name, about in (("grant", "grant restricted agents"), ("revoke", "take grants back, or all")):
        granting = command(name, about)
        granting.add_argument("agents", nargs="+" if name == "grant" else "*", metavar="AGENT")
    expiring = command("expire", "refuse all access tokens from now on, or one token or ticket")
    expiring.add_argument("secret", nargs="?", default="", metavar="TOKEN")
    command("state", "have it Running, OfflineMaintenance, OnlineMaintenance or Suspended").add_argument(
        "state", metavar="STATE"
    )
    clock = command("clock", "move its clock, stop it or let it go on")
    value, _, flag = option_adders(clock.add_argument)
    value(
        "--advance",
        "SECONDS",
        "how far to move it, back too",
        type=real_number("a number of seconds", -1e11, 1e11),
    )
    value("--time", "TIME", "the time to move it to")
    flag("--stop", "stop it")
    flag("--go", "let it go on")
    for name, about in (
        ("snapshot", "keep all it remembers aside, under a name"),
        ("restore", "have it as it was at a snapshot"),
    ):
        command(name, about).add_argument("snapshot", nargs="?", default="snapshot", metavar="SNAPSHOT")
    command("reset", "have it as it began")
    command("drop", "forget it and all its state")
    registering = command("application", "list the applications that may log in, or register one")
    registering.add_argument("id", nargs="?", metavar="ID", help="the client id")
    value, several, flag = option_adders(registering.add_argument)
    value("--secret", None, "its secret")
    several("--redirect", "ADDRESS", "an address it is sent back to; 'loopback' is any of this machine")
    several("--grant", "AGENT", "a restricted agent of its own, instead of the tenant's")
    value("--public-key", "FILE", "the key of its system user (PEM)")
    value("--system-token", "TEXT", "its system token, instead of one that is made up")
    flag("--not-approved", "it cannot log in")
    flag("--remove", "have it log in no more")


def run(arguments: argparse.Namespace) -> int:
    """Run one command and print the mock's answer. SettingError for a mock that refuses or does not answer."""
    method, path, body = _REQUESTS.get(arguments.command, _steer)(arguments)
    answer = ask(arguments, method, path, body=body, error=SettingError)
    print(json.dumps(answer, indent=2, ensure_ascii=False))
    return 0


Request = tuple[str, str, Mapping[str, Any] | None]


def _path(arguments: argparse.Namespace, *more: str) -> str:
    return "/".join(["tenants", quote(arguments.name, safe=""), *more])


def _make(arguments: argparse.Namespace) -> Request:
    body = {
        "name": arguments.name,
        "profile": arguments.profile,
        "world": arguments.world,
        "grants": arguments.grant,
        "data": arguments.data and [str(Path(file).resolve()) for file in arguments.data],
        "time": arguments.time,
    }
    return "POST", "tenants", {name: value for name, value in body.items() if value is not None}


def _steer(arguments: argparse.Namespace) -> Request:
    """A command whose name is that of its address; its arguments are the members of the body."""
    members = {"agents": "agents", "token": "secret", "state": "state", "name": "snapshot"}
    body = {member: value for member, name in members.items() if (value := getattr(arguments, name, None))}
    return "POST", _path(arguments, arguments.command), body


def _clock(arguments: argparse.Namespace) -> Request:
    body: dict[str, Any] = {"advance": arguments.advance, "time": arguments.time}
    if arguments.stop or arguments.go:
        body["stopped"] = arguments.stop
    body = {name: value for name, value in body.items() if value is not None}
    return "POST", _path(arguments, "clock"), body


def _application(arguments: argparse.Namespace) -> Request:
    if arguments.id is None:
        return "GET", _path(arguments, "applications"), None
    path = _path(arguments, "applications", quote(arguments.id, safe=""))
    if arguments.remove:
        return "DELETE", path, None
    key = None
    if arguments.public_key:
        try:
            key = Path(arguments.public_key).read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise SettingError(f"--public-key {arguments.public_key}: cannot be read ({error}).") from error
    body = {
        "secret": arguments.secret,
        "redirects": arguments.redirect,
        "grants": arguments.grant,
        "public_key": key,
        "system_token": arguments.system_token,
        "approved": False if arguments.not_approved else None,
    }
    return "PUT", path, {name: value for name, value in body.items() if value is not None}


_REQUESTS: Mapping[str, Callable[[argparse.Namespace], Request]] = {
    "list": lambda arguments: ("GET", "tenants", None),
    "make": _make,
    "show": lambda arguments: ("GET", _path(arguments), None),
    "drop": lambda arguments: ("DELETE", _path(arguments), None),
    "clock": _clock,
    "application": _application,
}
