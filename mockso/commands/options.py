"""Options that several commands share."""

from __future__ import annotations

import argparse

from mockso.config import MODES


def add_redaction(parser: argparse.ArgumentParser) -> None:
    """The options that say what is replaced in a recording, but --redact."""
    parser.add_argument(
        "--keep",
        action="append",
        default=[],
        metavar="FIELD",
        help="leave this property as it is in recordings; '*' leaves names, mail addresses and phone numbers",
    )
    parser.add_argument(
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
    if named:
        parser.add_argument(
            "--target",
            default="",
            metavar="URL",
            help="the real server, such as https://sod2.superoffice.com/Cust12345",
        )
    parser.add_argument(
        "--ca", default="", metavar="FILE", help="certificates to trust for it instead of the system's (PEM)"
    )
    parser.add_argument(
        "--timeout", type=float, default=100.0, metavar="SECONDS", help="wait this long for it (100)"
    )


def add_playing(parser: argparse.ArgumentParser) -> None:
    """The options of `mockso serve` that belong to recordings."""
    parser.add_argument(
        "--play", metavar="FILE|DIR", help="play recordings; a call they lack is an error (501)"
    )
    parser.add_argument(
        "--mode", choices=MODES, default="none", help="with --play: what a call they lack gets (none)"
    )
    add_target(parser)
    add_redaction(parser)
