"""The rules a call can break, as rules.txt has them: confidence, source, statement and the stage of judging."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from mockso.exchange.call import Rule, Stage


def _read(text: str) -> Iterator[tuple[Stage, Rule]]:
    stage: Any = ""
    for line in text.splitlines():
        if line.startswith("  "):
            values: list[Any] = line.strip().split(" | ")
            yield stage, Rule(*values)
        elif not line.startswith("#"):
            stage = line


_ROWS = tuple(_read(Path(__file__).with_suffix(".txt").read_text(encoding="utf-8")))

RULES = {rule.id: rule for _, rule in _ROWS}

STAGES = {rule.id: stage for stage, rule in _ROWS}
"""The stage of judging that each rule belongs to."""
