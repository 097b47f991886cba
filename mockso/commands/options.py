"""Options that several commands share."""

from __future__ import annotations

import argparse
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from mockso.config import MODES, Settings
from mockso.errors import SettingError

if TYPE_CHECKING:
    from mockso.contract.catalogue import Contract
    from mockso.journal.source import Source


def option_adders(add: Callable[..., object]) -> tuple[Callable[..., None], ...]:
    """Functions that add an option with a value, one that may be repeated, and a switch, by an `add_argument`.

    Each takes the option's names in one text, the value's name (a switch has none) and the help.
    """

    def value(names: str, metavar: str | None, help: str | None, **options: Any) -> None:
        add(*names.split(), metavar=metavar, help=help, **options)

    def several(names: str, metavar: str, help: str, **options: Any) -> None:
        value(names, metavar, help, action="append", **options)

    def flag(names: str, help: str, **options: Any) -> None:
        add(*names.split(), action="store_true", help=help, **options)

    return value, several, flag


def real_number(what: str, least: float, most: float) -> Callable[[str], float]:
    """The type of an option: a number in a range. What Python reads as one besides, "nan" or "inf", compares as none does."""

    def read(text: str) -> float:
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not least <= value <= most:
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}; give {least:g} to {most:.15g}")
        return value

    return read


def whole_number(what: str, least: int, most: int) -> Callable[[str], int]:
    """The type of an option: a whole number in a range, in digits."""

    def read(text: str) -> int:
        if not (text.isascii() and text.isdigit() and len(text) < 16 and least <= int(text) <= most):
            raise argparse.ArgumentTypeError(f"{text!r} is not {what}; give {least} to {most}")
        return int(text)

    return read


PORT = whole_number("a port", 0, 65535)
SECONDS = real_number("a number of seconds", 0, 86_400)


def add_command(
    commands: Any, name: str, about: str, parents: Sequence[argparse.ArgumentParser] = ()
) -> argparse.ArgumentParser:
    """A command of a command, among those that `add_subparsers` gave."""
    parser: argparse.ArgumentParser = commands.add_parser(
        name, help=about, description=f"{about.capitalize()}.", parents=parents, allow_abbrev=False
    )
    return parser


def changes_of(texts: Iterable[str] | None) -> Iterator[tuple[str, str, str]]:
    """Name, text and place of each value of `--set`, as `Settings.with_text` takes them."""
    for text in texts or ():
        name, equals, value = text.partition("=")
        if not equals:
            raise SettingError(f"--set {text}: give it as NAME=VALUE.")
        yield name.strip(), value.strip(), f"--set {text}"


def refuse_open_admin(settings: Settings, shows: str) -> None:
    """SettingError for no address, and where others reach the admin API without a token; `shows` says what it would give away."""
    if not settings.host.strip():
        raise SettingError(
            "--host: is empty. Give an address, such as 127.0.0.1, or 0.0.0.0 for all there are."
        )
    if not settings.host.startswith(("127.", "localhost", "::1")) and not settings.admin_token:
        raise SettingError(
            f"--host {settings.host} can be reached by others, and /__mockso/ {shows}: "
            "add --admin-token SECRET, or listen on 127.0.0.1."
        )


def add_contract(parser: argparse.ArgumentParser) -> None:
    """`--contract`, of commands that read one contract and serve nothing."""
    parser.add_argument("--contract", metavar="FILE", help="default: the contract that mockso ships")


def open_contract(arguments: argparse.Namespace) -> Contract:
    """The contract that the option of `add_contract` means."""
    from mockso.contract.catalogue import SHIPPED, Contract

    return Contract.open(arguments.contract or SHIPPED)


def add_journal(parser: argparse.ArgumentParser) -> None:
    """The options that say where the calls are: in a mock that runs, or in a journal's file."""
    add = parser.add_argument
    help = "a mock's address or a journal's file (default: the mock at the host and port of the settings)"
    add("--at", metavar="URL|FILE", help=help)
    add("--token", metavar="SECRET", help="the mock's admin token (default: MOCKSO_ADMIN_TOKEN)")


def with_scheme(place: str) -> str:
    """An address as it is meant: of "127.0.0.1:8585", as curl takes it too, http://127.0.0.1:8585; others as given."""
    return (
        f"http://{place}" if re.fullmatch(r"([\w.-]+|\[[0-9A-Fa-f:]+\]):[0-9]{1,5}(/.*)?", place) else place
    )


def open_journal(arguments: argparse.Namespace, settings: Settings) -> Source:
    """The source of calls that the options of `add_journal` mean; to be closed."""
    from mockso.journal.source import open_source

    place = with_scheme(arguments.at or f"http://{settings.host}:{settings.port}")
    return open_source(place, arguments.token or settings.admin_token)


def add_redaction(parser: argparse.ArgumentParser) -> None:
    """The options that say what is replaced in a recording, but --redact."""
    value, several, _ = option_adders(parser.add_argument)
    keep = "leave this property as it is in recordings; '*' leaves names, mail addresses and phone numbers"
    several("--keep", "FIELD", keep, default=[])
    seed = "what stand-ins are computed from; the same seed, the same ones"
    value("--pseudonyms", "SEED", seed, default="mockso")


def add_redact(parser: argparse.ArgumentParser) -> None:
    """`--redact`, which `mockso serve` has already, for its journal."""
    _, several, _ = option_adders(parser.add_argument)
    several("--redact", "FIELD", "a further property that is secret in recordings", default=[])


def add_target(parser: argparse.ArgumentParser, *, named: bool = True) -> None:
    """The options of the real server; not `named`: its address is given otherwise."""
    value, _, _ = option_adders(parser.add_argument)
    if named:
        value(
            "--target", "URL", "the real server, such as https://sod2.superoffice.com/Cust12345", default=""
        )
    value("--ca", "FILE", "certificates to trust for it instead of the system's (PEM)", default="")
    value("--timeout", "SECONDS", "wait this long for it (100)", type=SECONDS, default=100.0)


def add_playing(parser: argparse.ArgumentParser) -> None:
    """The options of `mockso serve` that belong to recordings."""
    add = parser.add_argument
    add("--play", metavar="FILE|DIR", help="play recordings; a call they lack is an error (501)")
    add("--mode", choices=MODES, default="none", help="with --play: what a call they lack gets (none)")
    add_target(parser)
    add_redaction(parser)
