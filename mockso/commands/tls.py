"""Options for HTTPS and for the vendor's host names, of `serve` and `exec`."""

from __future__ import annotations

import argparse
import socket
import ssl
from pathlib import Path
from typing import TYPE_CHECKING

from mockso.commands.options import option_adders
from mockso.errors import SettingError

if TYPE_CHECKING:
    from mockso.web.authority import Authority
    from mockso.web.intercept import Interception


def add_tls(parser: argparse.ArgumentParser) -> None:
    """Add the options for HTTPS."""
    value, _, flag = option_adders(parser.add_argument)
    flag("--tls", "speak HTTPS, with a certificate of mockso's own authority")
    value("--tls-folder", "DIR", "where that authority is kept (~/.mockso)", type=Path)
    value("--tls-cert", "FILE", "speak HTTPS with this certificate (PEM)")
    value("--tls-key", "FILE", "and this key (PEM)")


def add_interception(parser: argparse.ArgumentParser) -> None:
    """Add the options for the proxy that answers for the vendor's hosts."""
    _, several, flag = option_adders(parser.add_argument)
    flag("--intercept", "be an HTTP proxy too, that answers for *.superoffice.com")
    several("--intercept-host", "HOST", "and for this host or pattern; may be repeated")
    several("--intercept-pass", "HOST", "let this host or pattern through; may be repeated")


def authority_of(arguments: argparse.Namespace) -> Authority:
    """The authority in the folder that the options name."""
    from mockso.web.authority import Authority

    return Authority(arguments.tls_folder or Path.home() / ".mockso")


def tls_of(arguments: argparse.Namespace, host: str) -> ssl.SSLContext | None:
    """The TLS of a server on a host; None for plain HTTP. Raises SettingError."""
    if bool(arguments.tls_cert) != bool(arguments.tls_key):
        raise SettingError("--tls-cert and --tls-key go together: give both, or --tls alone.")
    if arguments.tls_cert:
        from mockso.web.authority import context_of_files

        return context_of_files(arguments.tls_cert, arguments.tls_key)
    if not arguments.tls:
        if arguments.tls_folder and not arguments.intercept:
            raise SettingError("--tls-folder belongs to --tls and --intercept.")
        return None
    machine = socket.gethostname()
    names = ["localhost", "127.0.0.1", "::1", machine if machine.isascii() else "", host]
    try:
        return authority_of(arguments).context(
            *dict.fromkeys(name for name in names if name not in ("", "0.0.0.0", "::"))
        )
    except ValueError as error:
        raise SettingError(
            f"--tls: no certificate can be made for --host {host[:60]!r}. Give an address of this "
            "machine, such as 127.0.0.1."
        ) from error


def interception_of(arguments: argparse.Namespace, authority: Authority) -> Interception:
    """The interception that the options describe."""
    from mockso.web.intercept import Interception

    return Interception(authority, arguments.intercept_host or (), arguments.intercept_pass or ())


def check_interception(arguments: argparse.Namespace) -> None:
    """Raise SettingError for hosts without `--intercept`."""
    if not arguments.intercept and (arguments.intercept_host or arguments.intercept_pass):
        raise SettingError("--intercept-host and --intercept-pass belong to --intercept.")
