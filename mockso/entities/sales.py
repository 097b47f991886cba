"""Acts on sales: sold, lost, and lists by amount."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockso.entities import edits
from mockso.entities.edits import Act
from mockso.entities.verbs import Verb, Work
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

_KIND = "Sale"


def _ending(status: str, event: str, reason: str) -> Verb:
    def verb(work: Work, rows: Draft) -> Any:
        properties: dict[str, Any] = {"Status": status, "Completed": "Completed"}
        if status == "Sold":
            properties["Probability"] = 100
        if edits.number(work, "ReasonId"):
            properties[reason] = edits.number(work, "ReasonId")
        for key in edits.numbers(work, "SaleIds"):
            if rows.get(_KIND, key) is not None:
                edits.change(work, rows, _KIND, key, properties)
                edits.tell(rows, event, _KIND, key)
        return None

    return verb


def _listing(fits: Callable[[Work, Value], bool], *, latest: bool) -> Verb:
    def verb(work: Work, rows: Draft) -> Any:
        found: list[tuple[Key, Value]] = [item for item in rows.items(_KIND) if fits(work, item[1])]
        found.sort(key=lambda item: str(item[1].get("Saledate", "")), reverse=latest)
        count = edits.number(work, "Count")
        return [work.compose(key, row, rows) for key, row in (found[:count] if count > 0 else found)]

    return verb


def _is_recent(work: Work, row: Value) -> bool:
    is_past = str(row.get("Saledate", "")) <= work.now
    return is_past and float(row.get("Amount", 0)) >= edits.number(work, "AmountLimit")


def _is_upcoming(work: Work, row: Value) -> bool:
    weighted = float(row.get("Amount", 0)) * float(row.get("Probability", 0)) / 100
    is_ahead = str(row.get("Saledate", "")) >= work.now and row.get("Status", "Open") == "Open"
    return is_ahead and weighted >= edits.number(work, "WeightedAmountLimit")


def _is_in_period(work: Work, row: Value) -> bool:
    period = edits.values(work, _KIND, Saledate="FromDate", NextDueDate="ToDate", Status="Status")
    day = str(row.get("Saledate", ""))
    status = period.get("Status", "Unknown")
    return (
        period.get("Saledate", "") <= day <= period.get("NextDueDate", "9999")
        and float(row.get("Amount", 0)) >= edits.number(work, "AmountLimit")
        and status in ("Unknown", "SaintAll", row.get("Status", "Open"))
    )


_sold = _ending("Sold", "sold", "ReasonSold")
_lost = _ending("Lost", "lost", "Reason")

ACTS: Mapping[str, Act] = {
    "v1SaleAgent_SetAsSold": Act(_sold, _KIND),
    "v1SaleAgent_SetAsSoldWithReason": Act(_sold, _KIND),
    "v1SaleAgent_SetAsLost": Act(_lost, _KIND),
    "v1SaleAgent_SetAsLostWithReason": Act(_lost, _KIND),
    "v1SaleAgent_GetRecentSales": Act(_listing(_is_recent, latest=True), _KIND, reads=True),
    "v1SaleAgent_GetUpcomingSales": Act(_listing(_is_upcoming, latest=False), _KIND, reads=True),
    "v1SaleAgent_GetSalesByDate": Act(_listing(_is_in_period, latest=False), _KIND, reads=True),
}
