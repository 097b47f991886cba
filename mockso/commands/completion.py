"""`mockso completion`: what a shell needs to complete commands and options."""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator

from mockso.errors import SettingError

SHELLS = ("bash", "zsh", "fish", "tcsh")
_IS_FILE = re.compile(r"FILE|DIR|FOLDER|PATH", re.IGNORECASE)
_NOTHING_ELSE, _FILES = "'p/*/()/'", "'p/*/f/'"


def configure(parser: argparse.ArgumentParser) -> None:
    """The argument of the command."""
    parser.add_argument("shell", choices=SHELLS, help='eval "$(mockso completion bash)" in its start-up file')


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All options and arguments of a parser and of those below it."""
    for action in parser._actions:
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for each in dict.fromkeys(action.choices.values()):
                yield from _actions(each)


def run(arguments: argparse.Namespace) -> int:
    """Print the script of a shell."""
    try:
        import shtab
    except ModuleNotFoundError as error:
        raise SettingError("completion needs the package shtab: pip install 'mockso[completion]'.") from error
    # The parser of all commands comes with the arguments: the table of them stands above this room.
    parser = arguments.parser_of_all()
    for action in _actions(parser):
        # "--path PATH" of the journal is an address, and so is what a place has beside a file: neither harms.
        if action.nargs != 0 and not action.choices and _IS_FILE.search(str(action.metavar or action.dest)):
            setattr(action, "complete", shtab.FILE)  # noqa: B010 - shtab reads it, argparse does not know it
    script: str = shtab.complete(parser, arguments.shell)
    if arguments.shell == "tcsh":
        # shtab says that nothing stands in all other places, and cannot say where files do.
        script = script.replace(_NOTHING_ELSE, _FILES)
    sys.stdout.write(script + "\n")
    return 0
