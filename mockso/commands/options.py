"""Options that several commands share."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from mockso.config import MODES, Settings

if TYPE_CHECKING:
    from mockso.journal.source import Source


def add_contract(parser: argparse.ArgumentParser) -> None:
    """`--contract`, of commands that read one contract and serve nothing."""
    parser.add_argument("--contract", metavar="FILE", help="default: the contract that mockso ships")


def add_journal(parser: argparse.ArgumentParser) -> None:
    """The options that say where the calls are: in a mock that runs, or in a journal's file."""
    add = parser.add_argument
    help = "a mock's address or a journal's file (default: the mock at the host and port of the settings)"
    add("--at", metavar="URL|FILE", help=help)
    add("--token", metavar="SECRET", help="the mock's admin token (default: MOCKSO_ADMIN_TOKEN)")


def open_journal(arguments: argparse.Namespace, settings: Settings) -> Source:
    """The source of calls that the options of `add_journal` mean; to be closed."""
    from mockso.journal.source import open_source

    place = arguments.at or f"http://{settings.host}:{settings.port}"
    return open_source(place, arguments.token or settings.admin_token)


def add_redaction(parser: argparse.ArgumentParser) -> None:
    """The options that say what is replaced in a recording, but --redact."""
    add = parser.add_argument
    add(
        "--keep",
        action="append",
        default=[],
        metavar="FIELD",
        help="leave this property as it is in recordings; '*' leaves names, mail addresses and phone numbers",
    )
    add(
        "--pseudonyms",
        default="mockso",
        metavar="SEED",
        help="what stand-ins are computed from; the same seed, the same ones",
    )


def add_redact(parser: argparse.ArgumentParser) -> None:
    """`--redact`, which `mockso serve` has already, for its journal."""
    parser.add_argument(
        "--redact",
        action="append",
        default=[],
        metavar="FIELD",
        help="a further property that is secret in recordings",
    )


def add_target(parser: argparse.ArgumentParser, *, named: bool = True) -> None:
    """The options of the real server; not `named`: its address is given otherwise."""
    add = parser.add_argument
    if named:
        add(
            "--target",
            default="",
            metavar="URL",
            help="the real server, such as https://sod2.superoffice.com/Cust12345",
        )
    add("--ca", default="", metavar="FILE", help="certificates to trust for it instead of the system's (PEM)")
    add("--timeout", type=float, default=100.0, metavar="SECONDS", help="wait this long for it (100)")


def add_playing(parser: argparse.ArgumentParser) -> None:
    """The options of `mockso serve` that belong to recordings."""
    add = parser.add_argument
    add("--play", metavar="FILE|DIR", help="play recordings; a call they lack is an error (501)")
    add("--mode", choices=MODES, default="none", help="with --play: what a call they lack gets (none)")
    add_target(parser)
    add_redaction(parser)
