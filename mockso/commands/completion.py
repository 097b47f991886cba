"""`mockso completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse
import sys

from mockso.errors import SettingError

SHELLS = ("bash", "zsh")


def configure(parser: argparse.ArgumentParser) -> None:
    """The argument of the command."""
    parser.add_argument("shell", choices=SHELLS, help='eval "$(mockso completion bash)" in its start-up file')


def run(arguments: argparse.Namespace) -> int:
    """Print the script of a shell."""
    try:
        import shtab
    except ModuleNotFoundError as error:
        raise SettingError("completion needs the package shtab: pip install 'mockso[completion]'.") from error
    # The parser of all commands comes with the arguments: the table of them stands above this room.
    sys.stdout.write(shtab.complete(arguments.parser_of_all(), arguments.shell) + "\n")
    return 0
