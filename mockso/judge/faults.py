"""The faults of one call, collected while it is judged."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockso.contract.model import Operation, Severity
from mockso.exchange.call import Violation
from mockso.judge.rules import RULES, STAGES

if TYPE_CHECKING:
    from mockso.contract.departure import Departure


class Faults:
    """The violations of one call so far. Most of them cite the source of its operation."""

    def __init__(self, operation: Operation | None) -> None:
        self.source = operation.source if operation else ""
        self.violations: list[Violation] = []

    def add(
        self,
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
        """Add a violation of a rule. Its source is `source`, else the operation's for a rule of the reference,
        else the rule's own."""
        details = RULES[rule]
        if not source:
            source = self.source if details.source == "reference" and self.source else details.source
        self.violations.append(
            Violation(STAGES[rule], severity, where, message, details, source, expected, got, nearest)
        )

    def add_departure(
        self, where: str, departure: Departure, source: str = "", severity: Severity | None = None
    ) -> None:
        """Add a place where a value leaves the contract."""
        self.add(
            departure.rule,
            where,
            departure.message,
            severity=severity or departure.severity,
            source=source,
            expected=departure.expected,
            got=departure.got,
            nearest=departure.nearest,
        )
