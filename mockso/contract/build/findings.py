"""Findings of the compiler about its sources: defects of one place, contradictions of two.

A finding has a class, and the classes stand in findings.txt: whether the class is a contradiction
(two places, a rule that decided) and whether it makes a strict run fail. Nothing here reads a source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

Weight = Literal["note", "contradiction", "failure"]


def _read(text: str) -> Iterator[tuple[str, tuple[Weight, str]]]:
    for line in text.splitlines():
        if line and not line.startswith("#"):
            values: list[Any] = line.split(" | ")
            weight, kind, meaning = values
            yield kind, (weight, meaning)


CLASSES = dict(_read(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")))
"""The weight and the meaning of each class."""


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """One finding: its class, the place that decided or is at fault, the other place, what differs."""

    kind: str
    place: str
    other: str = ""
    detail: str = ""

    @property
    def weight(self) -> Weight:
        return CLASSES[self.kind][0]

    def __str__(self) -> str:
        against = f" against {self.other}" if self.other else ""
        detail = f": {self.detail}" if self.detail else ""
        return f"{self.place}{against}{detail}"


def count(findings: Iterable[Finding], weight: Weight) -> dict[str, int]:
    """How many findings of each class of that weight there are, sorted by class."""
    counted = Counter(finding.kind for finding in findings if finding.weight == weight)
    return dict(sorted(counted.items()))
