"""Refusing queries whose provider is known only when the rows are: members of a selection, criteria to be kept."""

from __future__ import annotations

from mockso.answer.refuse import envelope
from mockso.archive.check import check_query_of
from mockso.archive.request import Query
from mockso.entities.verbs import RefusalError, Work
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply


def refuse_wrong(work: Work, query: Query) -> None:
    """Raise RefusalError for a query that cannot be run, with the message that any other query gets."""
    for place, departure in check_query_of(query, work.contract):
        if departure.severity == "error":
            text = f"Invalid value of {place.removeprefix('query ')}: {departure.message}"
            hint = (("X-Mockso-Hint", header_text(text)),)
            body = envelope("ArgumentException", text, work.view.settings)
            raise RefusalError(Reply(400, body, hint, fidelity="assumed"))
