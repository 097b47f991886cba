"""The exceptions of mockso, and the names that are suggested instead of an unknown one.

What an author, not a caller, does wrong is a MocksoError. The others are defined where they are raised.

    Exception
      MocksoError               anything mockso tells its user
        ContractError           a contract file or a source of one
        EntityError             a property or a body of an entity that the contract does not have
          MissingEntityError    an entity that is not in a tenant, or a kind of them
        FilterError             a question about calls which cannot be asked
        JournalError            a journal store that cannot be used
        NoRowError              a row that is asked for and does not exist in its tenant
        QueryError              a query of an archive that cannot be read or run
        ScenarioError           a scenario file
          LeakError             a recording that is not written, as it would hold a secret
          NoScenarioError       a request that names a scenario which is not there
          NoStepError           a question about a step which is not there
          ScenarioFilesError    several scenario files, each fault with its place
        SeedError               a data file, or rows a test lays over a tenant
        SettingError            an argument, an option, an environment variable
        StateError              a tenant's state that cannot be changed
      BrokenConnectionError     a fault in place of a reply, for a client in the same process
      ConflictError             a `test` of a JSON Patch that does not hold
      CutOffError               a real server's reply that ends too early
      HeadError                 a request whose head cannot be taken, answered with its status and text
      MalformedReplyError       a real server's reply that HTTP does not allow
      RefusalError              a verb's end with a reply of its own: 409, 412
      RefusedError              a request to the mock's own addresses that is answered with its status and text
      SharedAnchorError         an edit of YAML that other places would share
      StepError                 a step that cannot build its reply
      UnclearEditError          an edit of YAML whose place in the text cannot be told
      UndecodableError          a body that cannot be read
      UnpatchableError          a patch that the entity as it is does not allow
      UnwritableError           a recorded reply that cannot be made safe
      UpstreamError             a real server that cannot be reached or understood
    AssertionError
      ContractBroken            a world in which something is wrong that nobody allowed
    ConnectionError
      ClosedConnectionError     a real server that closed the connection before its reply
    RuntimeError
      NetworkBlockedError       a test that reaches for a real server
    ValueError
      LargeValueError           a template whose value would be too large
      TooLargeError             a pattern that is too large for an automaton

A fault of a caller is a `Violation`, a value (see exchange/call.py), never one of these.
"""

from __future__ import annotations

import sys
from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress


class MocksoError(Exception):
    """Anything mockso tells its user; the text says what is wrong, where, and what to do."""


class ContractError(MocksoError):
    """A contract file or a documentation source cannot be used."""


class EntityError(MocksoError):
    """A question about entities names a property that does not exist, or a body is wrong."""


class MissingEntityError(EntityError):
    """An entity is not in a tenant, or its kind does not exist."""


class ScenarioError(MocksoError):
    """A scenario cannot be loaded."""


class NoScenarioError(ScenarioError):
    """A request names a scenario that does not exist."""


class NoStepError(ScenarioError):
    """A question names a step that is not played."""


class SeedError(MocksoError):
    """Rows that tenants are to start with are wrong; a line for each fault."""


class SettingError(MocksoError):
    """An argument, an option or an environment variable is wrong."""


class JournalError(MocksoError):
    """A journal store cannot be opened or written."""


class FilterError(MocksoError):
    """A filter of calls is wrong."""


class QueryError(MocksoError):
    """A query of an archive is wrong; `at` is the place in its text, from 0, `column` the one whose operator it is."""

    def __init__(self, message: str, at: int, column: str = "") -> None:
        super().__init__(message)
        self.at = at
        self.column = column


class StateError(MocksoError):
    """A tenant's state cannot be read or changed."""


def cause_of(error: BaseException) -> str:
    """The cause of a failure in one line: an author's error by its text, the machine's by its own, others as our bug."""
    if isinstance(error, MocksoError):
        return str(error)
    if isinstance(error, OSError):
        return f"{error.filename}: {error.strerror}" if error.filename else error.strerror or str(error)
    import traceback

    return "a bug in mockso: " + "".join(traceback.format_exception_only(error)).strip()


def count_of(number: int, noun: str) -> str:
    """ "1 call", "2 calls"."""
    return f"{number} {noun}" + ("" if number == 1 else "s")


def calls_match(number: int) -> str:
    """ "1 call matches", "2 calls match"."""
    return f"{count_of(number, 'call')} match{'es' if number == 1 else ''}"


def tell(line: str) -> None:
    """Write one line in the terminal, if there is one that takes it."""
    with suppress(OSError, ValueError, AttributeError):
        sys.stderr.write(f"mockso: {line}\n")


_COMPARED = 200  # names that are compared with a word letter by letter


def nearest(word: str, known: Iterable[str], limit: int = 1) -> list[str]:
    """The known names most like `word` in any letter case, best first; empty when none is near."""
    from difflib import get_close_matches

    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.lower(), name)
    return [
        folded[match] for match in get_close_matches(word.lower(), _alike(word.lower(), folded), limit, 0.6)
    ]


def _alike(word: str, names: Collection[str]) -> Collection[str]:
    """The names that share most pieces with a word: comparing it letter by letter with thousands takes 40 ms."""
    if len(names) <= _COMPARED:
        return names
    from heapq import nlargest

    pieces = [word[at : at + 3] for at in range(max(len(word) - 2, 1))]
    # Of two that share as many the shorter one is nearer.
    return nlargest(_COMPARED, names, lambda name: (sum(piece in name for piece in pieces), -len(name)))


def first_faults(lines: Sequence[str], most: int = 100) -> Sequence[str]:
    """The faults of one file, a line each that begins with its place; of more than `most` the first, and a last line."""
    if len(lines) <= most:
        return lines
    place = lines[most].partition(": ")[0]
    return [*lines[:most], f"{place}: more than {most} faults: the others are told when these are mended."]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """A question to put behind a message, " Did you mean 'X'?", or an empty string where no name is near."""
    return suggest(*nearest(word, known))


def suggest(*names: str) -> str:
    """A question to put behind a message, " Did you mean 'X' or 'Y'?", or an empty string without any name."""
    text = " or ".join(repr(name) for name in names if name)
    return f" Did you mean {text}?" if text else ""
