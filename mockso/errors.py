"""What mockso raises when an author, not a caller, is wrong.

    MocksoError
      ContractError     a contract file or a source of one
      ScenarioError     a scenario file
        NoScenarioError a request that names a scenario which is not there
        NoStepError     a question about a step which is not there
      SettingError      an argument, an option, an environment variable
      JournalError      a journal store that cannot be used
      FilterError       a question about calls which cannot be asked
      StateError        a tenant's state that cannot be changed

A fault of a caller is a `Violation`, a value (see exchange/call.py), never one of these.
"""

from __future__ import annotations

from collections.abc import Iterable


class MocksoError(Exception):
    """Anything mockso tells its user; the text says what is wrong, where, and what to do."""


class ContractError(MocksoError):
    """A contract file or a documentation source cannot be used."""


class ScenarioError(MocksoError):
    """A scenario cannot be loaded."""


class NoScenarioError(ScenarioError):
    """A request names a scenario that does not exist."""


class NoStepError(ScenarioError):
    """A question names a step that is not played."""


class SettingError(MocksoError):
    """An argument, an option or an environment variable is wrong."""


class JournalError(MocksoError):
    """A journal store cannot be opened or written."""


class FilterError(MocksoError):
    """A filter of calls is wrong."""


class StateError(MocksoError):
    """A tenant's state cannot be read or changed."""


def nearest(word: str, known: Iterable[str], limit: int = 1) -> list[str]:
    """The known names most like `word`, letter case aside; empty when none is near."""
    from difflib import get_close_matches  # 5 ms, only ever needed after a mistake

    folded: dict[str, str] = {}
    for name in known:
        folded.setdefault(name.lower(), name)
    return [folded[hit] for hit in get_close_matches(word.lower(), folded, limit, 0.6)]


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """ " Did you mean 'X'?" or an empty string, to put behind a message."""
    return suggest(*nearest(word, known))


def suggest(*names: str) -> str:
    """ " Did you mean 'X' or 'Y'?" without empty names, or an empty string where none is left."""
    text = " or ".join(repr(name) for name in names if name)
    return f" Did you mean {text}?" if text else ""
