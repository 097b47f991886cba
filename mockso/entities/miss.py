"""The hint of a row that is not there: what the tenant has instead, and what to do."""

from __future__ import annotations

import re
from collections.abc import Iterable

from mockso.state.log import Key
from mockso.state.rows import Rows

# As many ranges of ids as a reader takes in.
_RANGES = 3


def describe_miss(kind: str, key: Key, rows: Rows) -> str:
    """One line on a missing row: the ids there are, and the three cures."""
    word = _singular(kind)
    keys = [number for number, _ in rows.items(kind)]
    stock = f"{len(keys) or 'no'} {word if len(keys) == 1 else _plural(word)}"
    numbers = sorted(number for number in keys if type(number) is int)
    if numbers and type(key) is int:
        stock += f": {_ranges(numbers)}"
    return f"{word} {key} is not in this tenant ({stock}). Save it, seed it (--data), or set world=open."


def name_of(kind: str) -> str:
    """A kind as an error of the server names it: "Business", "ForeignKey"."""
    words = kind.removeprefix("list:").split()
    return "".join(word[:1].upper() + word[1:] for word in words)


def _singular(kind: str) -> str:
    if kind.startswith("list:"):
        return f"{kind.removeprefix('list:')} item"
    words = re.sub(r"(?<=[a-z])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", kind).split()
    return " ".join(word if word.isupper() else word.lower() for word in words)


def _plural(word: str) -> str:
    if re.search(r"[^aeiou]y$", word):
        return f"{word[:-1]}ies"
    return f"{word}es" if word.endswith(("s", "x", "ch", "sh")) else f"{word}s"


def _ranges(numbers: Iterable[int]) -> str:
    """Ascending numbers in short: "1 to 30, 1001"."""
    ranges: list[list[int]] = []
    for number in numbers:
        if ranges and number == ranges[-1][1] + 1:
            ranges[-1][1] = number
        else:
            ranges.append([number, number])
    parts = [str(first) if first == last else f"{first} to {last}" for first, last in ranges]
    return ", ".join(parts[:_RANGES]) + (", ..." if len(parts) > _RANGES else "")
