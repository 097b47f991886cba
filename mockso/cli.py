"""The command line: one table of commands, each in the module that does the work.

A command's module is imported when it is called, so that `mockso serve` does not pay for the
compiler. It has `configure(parser)` and `run(arguments) -> int`, the exit status: 0 done, 1 done but
something was found, 2 could not be done, 130 interrupted.
"""

from __future__ import annotations

import argparse
import io
import sys
import warnings
from collections.abc import Sequence
from importlib import import_module
from keyword import iskeyword
from types import ModuleType
from typing import Any, NoReturn

from mockso.errors import MocksoError, cause_of, did_you_mean
from mockso.version import VERSION

COMMANDS = {
    "serve": "answer the SuperOffice WebAPI on a local address",
    "record": "pass calls on to a server, judge them and write a scenario of them",
    "import": "make a scenario of an HTTP archive, a VCR cassette or WireMock mappings",
    "verify": "ask a real server whether what scenarios say still holds",
    "scenarios": "list or show the scenarios that come with mockso",
    "data": "check data files; save and lay the rows of a mock's tenants",
    "tenant": "make, steer and drop the tenants of a mock: grants, clock, state, applications",
    "state": "check, export, import and drop the tenants of a state's database",
    "lint": "check scenario files",
    "schema": "print the JSON Schema of a scenario file",
    "journal": "list, show, follow, export and delete the calls of a mock",
    "why": "say why a call was answered as it was, and what to change",
    "rules": "say what a rule is that a message cites",
    "exec": "run a command, such as another language's test suite, against a mock",
    "docs": "print a page of the documentation, or the list of pages",
    "contract": "build, list, show, compare or export the contract",
    "completion": "print what a shell needs to complete commands and options",
}
"""What each command does."""

# What else a command's exit status may be, and what 2 means beside "it could not be done".
STATUSES = {
    "serve": "1 with --mode diff, where answers differ",
    "record": "1 with --check, where a call left the contract; with --from-journal, where nothing was left",
    "import": "1 something could not be carried over, and is listed",
    "verify": "1 a server's answer leaves what a step says",
    "lint": "2 faults too, or no file",
    "data": "2 faults too",
    "journal": "1 nothing matched in time (wait); 3 calls were dropped, so that nobody knows",
    "why": "1 with --fix, where there is nothing to change in a file",
    "exec": "the command's own; 1 where it is 0 and calls broke the contract",
    "contract": "1 with build --strict, where a source could not be read; with list, where nothing fits",
}


_SHORT_USAGE = 3  # lines of a usage that is worth showing beside a fault


def module_of(command: str) -> ModuleType:
    """The module of a command, which has its name; import_, as that is a word of Python."""
    return import_module(f"mockso.commands.{command}{'_' * iskeyword(command)}")


class Parser(argparse.ArgumentParser):
    """As argparse's, for a command and, as `add_subparsers` takes the class over, for its own commands."""

    def parse_args(self, args: Sequence[str] | None = None, namespace: Any = None) -> Any:  # type: ignore[override]
        """The arguments; those that are unknown are a fault of the command that they were given to."""
        known, unknown = self.parse_known_args(args, namespace)
        if unknown:
            self._addressee(args or ()).refuse(unknown[0])
        return known

    def _addressee(self, words: Sequence[str]) -> Parser:
        """The parser of the command of a command that some words name."""
        for action in self._actions:
            if isinstance(action, argparse._SubParsersAction):
                for place, word in enumerate(words):
                    inner = action.choices.get(word)
                    if isinstance(inner, Parser):
                        return inner._addressee(words[place + 1 :])
        return self

    def refuse(self, word: str) -> NoReturn:
        """End with a fault about a word that nothing takes."""
        name = word.partition("=")[0]
        if name.startswith("-"):
            self.error(f"no option {name!r}.{did_you_mean(name, self._option_string_actions)}")
        self.error(f"nothing takes {word!r} here.")

    def error(self, message: str) -> NoReturn:
        """End with status 2 and a fault; a usage of many lines is left to `--help`."""
        usage = self.format_usage()
        before = usage if usage.count("\n") <= _SHORT_USAGE else ""
        end = "" if message.endswith((".", "?")) else "."
        self.exit(2, f"{before}{self.prog}: {message}{end} See '{self.prog} --help'.\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; its exit status. Errors of the author are one line on stderr and 2."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    if not words or words[0] in ("-h", "--help", "help"):
        print(_usage())
        return 0 if words else 2
    if words[0] in ("-V", "--version"):
        print(f"mockso {VERSION}")
        return 0
    if isinstance(sys.stdout, io.TextIOWrapper):  # a terminal without some letter shows its number
        sys.stdout.reconfigure(errors="backslashreplace")
    name = words[0]
    if name not in COMMANDS:
        print(
            f"mockso: no command {name!r}.{did_you_mean(name, COMMANDS)} See 'mockso --help'.",
            file=sys.stderr,
        )
        return 2
    # A warning is for whoever reads the screen; where in mockso it was given is no news.
    before = warnings.formatwarning
    warnings.formatwarning = lambda message, *_, **__: f"mockso {name}: {message}\n"
    try:
        module = module_of(name)
        about = f"{COMMANDS[name].capitalize()}."
        parser = Parser(prog=f"mockso {name}", description=about, allow_abbrev=False)
        _configure(parser, name)
        parser.set_defaults(parser_of_all=parser_of_all)
        status: int = module.run(parser.parse_args(words[1:]))
        sys.stdout.flush()  # what cannot be printed is told here, and not by the interpreter's end
        return status
    except MocksoError as error:
        print(f"mockso {name}: {error}", file=sys.stderr)
        return 2
    except BrokenPipeError:
        # The reader of our output is gone ('mockso contract list | head'): nothing to tell, and
        # nobody to tell it to.
        sys.stderr.close()
        return 0
    except OSError as error:  # a disk that is full, a file that cannot be read or written
        print(f"mockso {name}: {cause_of(error)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130  # Ctrl-C, as a shell tells it; whoever pressed it knows
    finally:
        warnings.formatwarning = before


def _configure(parser: argparse.ArgumentParser, name: str) -> None:
    """Give a parser the options of a command, and the words on its exit status, as those of its own commands."""
    module_of(name).configure(parser)
    parsers = [parser]
    for each in parsers:
        more = f"; {STATUSES[name]}" if name in STATUSES else ""
        each.epilog = f"exit status: 0 done{more}; 2 it could not be done; 130 interrupted"
        for action in each._actions:
            if isinstance(action, argparse._SubParsersAction):
                parsers += dict.fromkeys(action.choices.values())


def parser_of_all() -> argparse.ArgumentParser:
    """One parser with all commands, for the completion of shells."""
    parser = argparse.ArgumentParser(prog="mockso", allow_abbrev=False)
    commands = parser.add_subparsers(dest="command")
    for name, about in COMMANDS.items():
        _configure(commands.add_parser(name, help=about), name)
    return parser


def _usage() -> str:
    lines = [
        f"mockso {VERSION}: the SuperOffice WebAPI on localhost, for tests",
        "",
        "usage: mockso COMMAND [...]",
        "",
    ]
    lines += [f"  {name:<10} {summary}" for name, summary in COMMANDS.items()]
    return "\n".join([*lines, "", "'mockso COMMAND --help' has the options of a command."])


if __name__ == "__main__":
    sys.exit(main())
