"""The faults of one call, collected while it is judged."""

from __future__ import annotations

from typing import Any

from mockso.contract.model import Operation, Severity
from mockso.exchange.call import Stage, Violation
from mockso.judge.rules import RULES


class Faults:
    """The violations found so far; knows the operation's source, which most of them cite."""

    def __init__(self, operation: Operation | None) -> None:
        self.source = operation.source if operation else ""
        self.found: list[Violation] = []

    def add(
        self,
        stage: Stage,
        rule: str,
        where: str,
        message: str,
        *,
        severity: Severity = "error",
        source: str = "",
        expected: str = "",
        got: str = "",
        nearest: str = "",
    ) -> None:
        known = RULES[rule]
        if not source:
            source = self.source if known.source == "reference" and self.source else known.source
        self.found.append(Violation(stage, severity, where, message, known, source, expected, got, nearest))

    def depart(
        self, stage: Stage, where: str, departure: Any, source: str, severity: Severity | None = None
    ) -> None:
        self.add(
            stage,
            departure.rule,
            where,
            departure.message,
            severity=severity or departure.severity,
            source=source,
            expected=departure.expected,
            got=departure.got,
            nearest=departure.nearest,
        )
