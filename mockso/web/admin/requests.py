"""The journal over HTTP: calls listed, counted, shown, exported and deleted."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any
from urllib.parse import urlencode

import flask

from mockso.contract.show import id_of
from mockso.errors import ContractError
from mockso.journal.curl import curl
from mockso.journal.entry import Document, summary
from mockso.journal.filter import Filter
from mockso.journal.har import har_text
from mockso.matching.jsonpath import jsonpath
from mockso.version import VERSION
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, delete, get

TENANT = Argument("tenant", "text", "only calls of this tenant, 'Cust12345', empty onsite")
FILTERS = (
    TENANT,
    Argument("operation", "text", "id of the operation reached, or as GET Contact; * and ? are wildcards"),
    Argument("method", "text", "method of the call, 'POST'"),
    Argument("path", "text", "path without tenant, '/api/v1/Contact/*'; * and ? are wildcards"),
    Argument(
        "status",
        "text",
        "status of the reply: '404', '4xx' or several with commas",
        pattern=r"^[1-5]([0-9]{2}|xx)(,[1-5]([0-9]{2}|xx))*$",
    ),
    Argument("verdict", "text", "what was found in the call", ("clean", "warned", "broken")),
    Argument("step", "text", "step that answered, 'limited#1', or a scenario's name for all of its steps"),
    Argument("direction", "text", "calls that came in, or that the mock made", ("in", "out")),
    Argument("since", "time", "only calls from then on"),
    Argument("until", "time", "only calls until then"),
    Argument(
        "unmatched", "flag", "only calls that nobody foresaw: no operation, or no step while there were some"
    ),
    Argument("text", "text", "stands anywhere in address, headers, bodies or messages, in any letter case"),
)
JSONPATH = Argument(
    "jsonpath",
    "text",
    "any query of RFC 9535 that finds something in the decoded body of the request",
    pattern=r"^\$(\.[A-Za-z]{1,20}|\[[1-9][0-9]{0,3}\])*$",
)
PAGING = (
    Argument("limit", "count", "how many at most", least=1, most=1_000, default=100),
    Argument("offset", "count", "how many to leave out at the start", default=0),
    Argument("after", "count", "id of the last call already seen", most=2**53),
    Argument("order", "text", "which come first", ("newest", "oldest"), default="newest"),
)
_NARROWED = (*FILTERS, JSONPATH)
_PAGED = (*_NARROWED, *PAGING)
NO_CALL = {404: "There is no such call."}


def filter_of(ask: Ask) -> Filter:
    """The part of a query that narrows a search. An operation may be named by method and path."""
    names = {argument.name for argument in FILTERS}
    criteria: Any = {name: value for name, value in ask.query.items() if name in names}
    if "operation" in criteria:
        try:
            criteria["operation"] = id_of(ask.engine.contract, criteria["operation"])
        except ContractError as error:
            raise RefusedError(400, f"query operation: {error}") from error
    result: Filter = criteria
    return result


def health(ask: Ask) -> Answer:
    """Version, contract, journal and tenants of this mock."""
    journal, contract = ask.engine.journal, ask.engine.contract
    return {
        "status": "ok",
        "version": VERSION,
        "contract": {"release": contract.release, "operations": len(contract), "origin": contract.origin},
        "journal": {"store": journal.name, "calls": journal.count(), "dropped": journal.count_dropped()},
        "tenants": sorted(journal.tenants()),
    }


def list_calls(ask: Ask) -> Answer:
    """A page of calls."""
    return page(ask, filter_of(ask))


def list_unmatched(ask: Ask) -> Answer:
    """A page of calls that nobody foresaw."""
    return page(ask, {**filter_of(ask), "unmatched": True})


def near_misses(ask: Ask) -> Answer:
    """Calls that a step almost answered, with the differences."""
    answer = page(ask, {**filter_of(ask), "near_missed": True})
    entries = answer.pop("requests")
    misses = [{"request": summary(entry), "near_misses": entry["near_misses"]} for entry in entries]
    return {"near_misses": misses, **answer}


def count(ask: Ask) -> Answer:
    """How many calls there are."""
    criteria = filter_of(ask)
    number = (
        sum(1 for _ in matching_entries(ask, criteria))
        if "jsonpath" in ask.query
        else ask.engine.journal.count(**criteria)
    )
    return {"count": number, "dropped": ask.engine.journal.count_dropped(ask.query.get("tenant"))}


def one(ask: Ask) -> Answer:
    """One call with all that is known of it."""
    return entry_of(ask)


def delete_one(ask: Ask) -> Answer:
    if not ask.engine.journal.delete(ask.path["id"]):
        raise _no_call(ask)
    return {"deleted": 1}


def delete_all(ask: Ask) -> Answer:
    return {"deleted": ask.engine.journal.clear(ask.query.get("tenant"))}


def as_curl(ask: Ask) -> Answer:
    """One call as a command line that sends it again."""
    return flask.Response(curl(entry_of(ask)), mimetype="text/plain")


def as_lines(ask: Ask) -> Answer:
    """All calls, one JSON object a line, the oldest first."""
    lines = (json.dumps(entry) + "\n" for entry in _exported_entries(ask))
    return flask.Response(start_stream(lines), mimetype="application/x-ndjson")


def as_har(ask: Ask) -> Answer:
    """All calls as HTTP Archive 1.2, the oldest first."""
    response = flask.Response(start_stream(har_text(_exported_entries(ask))), mimetype="application/json")
    response.headers["Content-Disposition"] = 'attachment; filename="mockso.journal.har"'
    return response


# --- shared -------------------------------------------------------------------------------------


def entry_of(ask: Ask) -> Document:
    """The call that an address names. Raises RefusedError for an unknown one."""
    entry = ask.engine.journal.get(ask.path["id"])
    if entry is None:
        raise _no_call(ask)
    return entry


def _no_call(ask: Ask) -> RefusedError:
    dropped = ask.engine.journal.count_dropped()
    missing = f" {dropped} older ones were dropped to stay within the bounds." if dropped else ""
    return RefusedError(
        404, f"There is no call {ask.path['id']!r} in the journal.{missing} /__mockso/requests lists all."
    )


def matching_entries(ask: Ask, criteria: Filter, **paging: Any) -> Iterator[Document]:
    """The calls that fit the query of a request, its JSONPath included."""
    entries: Iterator[Document] = ask.engine.journal.each(**paging, **criteria)
    path = ask.query.get("jsonpath")
    if path is None:
        return entries
    try:
        find = jsonpath(path)
    except ValueError as error:
        raise RefusedError(400, f"query jsonpath: {path!r} is not a JSONPath (RFC 9535): {error}.") from None
    return (entry for entry in entries if "value" in entry["request"] and find(entry["request"]["value"]))


def page(ask: Ask, criteria: Filter) -> dict[str, Any]:
    """One page of calls, how to get the next, and how many calls are missing; their number is unknown with a JSONPath."""
    query = ask.query
    total = None if "jsonpath" in query else ask.engine.journal.count(**criteria)
    entries = matching_entries(ask, criteria, after=str(query.get("after", "")), order=query["order"])
    return page_of(ask, entries, total)


def page_of(ask: Ask, entries: Iterator[Document], total: int | None) -> dict[str, Any]:
    """The page that a request asks for, of calls that begin behind its `after`."""
    limit, offset = ask.query["limit"], ask.query["offset"]
    rows = list(islice(entries, offset, offset + limit + 1))
    more, rows = len(rows) > limit, rows[:limit]
    following = None
    if more:
        again = {name: value for name, value in ask.request.args.items() if name != "offset"}
        following = f"{ask.request.path}?{urlencode({**again, 'after': rows[-1]['id']})}"
    return {
        "requests": rows,
        "count": len(rows),
        "total": total,
        "dropped": ask.engine.journal.count_dropped(ask.query.get("tenant")),
        "next": following,
    }


def _exported_entries(ask: Ask) -> Iterator[Document]:
    return matching_entries(ask, filter_of(ask), order="oldest")


def start_stream(chunks: Iterable[str]) -> Iterator[str]:
    """The chunks, with the first computed at once, so that a fault is found before the status is sent."""
    iterator = iter(chunks)
    first = list(islice(iterator, 1))

    def rest() -> Iterator[str]:
        yield from first
        yield from iterator

    return rest()


ROUTES = (
    get("health", health, "What runs here", gives="Health"),
    get("requests", list_calls, "A page of calls", _PAGED, gives="Page"),
    delete("requests", delete_all, "Delete all calls", (TENANT,), gives="Deleted"),
    get("requests/count", count, "How many calls there are", _NARROWED, gives="Count"),
    get("requests/unmatched", list_unmatched, "Calls that nobody foresaw", _PAGED, gives="Page"),
    get("requests/near-misses", near_misses, "Calls that a step almost answered", _PAGED, gives="NearMisses"),
    get("requests.har", as_har, "Calls as HTTP Archive 1.2", _NARROWED, gives="Har"),
    get("requests.jsonl", as_lines, "Calls, one JSON object a line", _NARROWED, gives="application/x-ndjson"),
    get("requests/{id}", one, "One call", gives="Entry", answers=NO_CALL),
    delete("requests/{id}", delete_one, "Delete one call", gives="Deleted", answers=NO_CALL),
    get("requests/{id}/curl", as_curl, "One call as a command line", gives="text/plain", answers=NO_CALL),
)
