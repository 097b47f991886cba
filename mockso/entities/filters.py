"""Filters of a list, one an argument: found with the plan of an operation, asked by verbs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

FilterSort = Literal[
    "equal",
    "any_of",
    "since",
    "until",
    "limit",
    "flag",
    "caller",
    "key",
    "keys",
    "text",
    "person",
    "constant",
    "narrowing",
]


@dataclass(frozen=True)
class Filter:
    """One argument of a list: which property it is compared with, and how.

    `missing` stands for an argument that was not given, None for no filter at all. `values` are those that rows
    have by the name of the list, see `promises`.
    """

    argument: str
    sort: FilterSort
    name: str = ""
    missing: int | None = None
    values: tuple[Any, ...] = ()


def is_no_date(text: Any) -> bool:
    """Whether a date-time stands for none: the minimum."""
    return not isinstance(text, str) or text.startswith("0001-")
