"""Verification over HTTP: find calls, count them, check their order, wait for them, follow them."""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from threading import Lock
from typing import Any

import flask

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json
from mockso.errors import calls_match, did_you_mean
from mockso.exchange.address import is_online_name
from mockso.journal.entry import Document, summary
from mockso.journal.filter import Filter
from mockso.journal.journal import Journal, Subscription
from mockso.journal.verify import (
    MatchCount,
    Outcome,
    arrival_result,
    assertion_from_json,
    compare,
    near_misses,
    verify,
    verify_order,
)
from mockso.matching.match import Match
from mockso.timing import monotonic
from mockso.web.admin.requests import FILTERS, PAGING, TENANT, filter_of, page_of
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, get, post

LONGEST_WAIT = 60
# A listener keeps a thread of its server. mockso's own server makes more as they are needed; a WSGI host may have
# two in all, and one must answer calls.
LISTENERS, LISTENERS_ELSEWHERE = 64, 1
_HEARTBEAT = 5.0
# How often those who wait look whether the server stops. Journal.release() wakes them at once.
_LOOK = 0.25
_LOOKING = Lock()
_PAGE = 200  # calls that were missed and are told in one go

MATCH = Argument(
    "match", "object", "which calls, as `match` of a scenario's step; any verdict where it does not say"
)
TIMES = (
    Argument("exactly", "count", "that many calls, no more"),
    Argument("atLeast", "count", "that many calls or more; 1 where nothing is said"),
    Argument("atMost", "count", "that many calls or fewer"),
    Argument("never", "flag", "no call at all"),
)
ORDER = Argument(
    "order", "list", "matches: calls must have come in this order, others may have come in between"
)


def find(ask: Ask) -> Answer:
    """A page of calls that match; the next one is asked for with the same match."""
    match = _match(ask, ask.body, "body")
    entries = ask.engine.journal.each(
        after=str(ask.query.get("after", "")), order=ask.query["order"], **_store_filter(ask, match)
    )
    matching = (
        comparison.entry for comparison in compare(entries, match, ask.engine.contract) if comparison.matches
    )
    return page_of(ask, matching, None)


def wait(ask: Ask) -> Answer:
    """Wait until that many calls have matched since the journal was cleared, or the time is over."""
    match = _match(ask, ask.body.get("match", {}), "body.match")
    count, end = ask.body["count"], monotonic() + ask.body["timeout"]
    journal, store_filter = ask.engine.journal, _store_filter(ask, match)
    with listening(ask) as news:
        arrivals = _matching(ask, match, store_filter)
        stopping = _stopping()
        while len(arrivals) < count and not news.is_over and not stopping():
            seconds = end - monotonic()
            if seconds <= 0:
                break
            event = news.take(min(seconds, _LOOK))
            # Other processes that share the journal do not tell this one: look again now and then.
            if (event is None and journal.is_shared) or (event and event.kind == "cleared"):
                arrivals = _matching(ask, match, store_filter)
            elif event and event.kind == "answered" and event.id not in arrivals.ids:
                entry = journal.get(event.id, ask.query.get("tenant"))
                arrivals.take([entry] if entry else [], match, ask.engine.contract)
        dropped = journal.count_dropped(ask.query.get("tenant"))
        return {
            "met": len(arrivals) >= count,
            "result": arrival_result(len(arrivals), count, dropped),
            "count": len(arrivals),
            "requests": list(arrivals.latest),
            "dropped": dropped,
        }


def verify_calls(ask: Ask) -> Answer:
    """Whether calls came as often as they should, or in the order they should."""
    body, journal = ask.body, ask.engine.journal
    dropped = journal.count_dropped(ask.query.get("tenant"))
    times = [argument.name for argument in TIMES if argument.name in body]
    if "order" in body:
        if "match" in body or times:
            raise RefusedError(400, f"body: 'order' stands alone, without {', '.join(['match', *times])}.")
        return _verify_order(ask, dropped)
    if "match" not in body:
        raise RefusedError(
            400, "body: 'match' is missing: which calls? {} means all. Or give 'order', a list of matches."
        )
    match = _match(ask, body["match"], "body.match")
    least, most = _range(body, times)
    # Not narrowed to the match's operation: calls to others are the near misses of a misspelt one.
    entries = journal.each(order="oldest", **filter_of(ask))
    match_count = MatchCount.of(compare(entries, match, ask.engine.contract))
    outcome = verify(match_count, least, most, dropped)
    result = outcome.result
    return {
        "result": result,
        "certain": outcome.certain,
        "count": match_count.count,
        "dropped": dropped,
        "undecided": match_count.undecided,
        "message": _message(outcome, match_count, least, most, dropped),
        "nearest": near_misses(match_count, summary) if result != "yes" and match_count.count < least else [],
    }


def _verify_order(ask: Ask, dropped: int) -> dict[str, Any]:
    matches = [_match(ask, item, f"body.order[{i}]") for i, item in enumerate(ask.body["order"])]
    entries = ask.engine.journal.each(order="oldest", **filter_of(ask))
    outcome, ids = verify_order(entries, matches, ask.engine.contract, dropped)
    result = outcome.result
    message = f"All {len(matches)} came in this order: calls {', '.join(ids)}."
    if result != "yes":
        after = f" after call {ids[-1]}" if ids else ""
        message = f"No call matches order[{len(ids)}]{after}."
        if dropped:
            message += f" {dropped} calls were dropped from the journal: it may have been one of them."
        elif result == "unknown":
            message += " It may have been a call whose body was cut."
    return {
        "result": result,
        "certain": outcome.certain,
        "found": ids,
        "dropped": dropped,
        "message": message,
    }


def _range(body: dict[str, Any], times: Sequence[str]) -> tuple[int, int | None]:
    if len(times) > 1:
        raise RefusedError(400, f"body: {' and '.join(times)} are too many numbers. Give one of them.")
    if "exactly" in body:
        return body["exactly"], body["exactly"]
    if body.get("never"):
        return 0, 0
    return (0, body["atMost"]) if "atMost" in body else (body.get("atLeast", 1), None)


def _message(outcome: Outcome, match_count: MatchCount, least: int, most: int | None, dropped: int) -> str:
    expected = f"at least {least}" if most is None else str(most) if least == most else f"at most {most}"
    message = f"{calls_match(match_count.count)}, {expected} wanted."
    if outcome.result == "unknown":
        if dropped:
            message += f" {dropped} calls were dropped from the journal and may have matched: clear it before the test."
        if outcome.certain == "no":
            over = most is not None and match_count.count > most
            message += (
                f" {'Those that were kept break it' if over else 'All of them would be too few'} in any case."
            )
    if match_count.undecided:
        message += f" {match_count.undecided} calls had bodies that were cut and may match."
    return message


def _match(ask: Ask, value: Json, where: str) -> Match:
    if not isinstance(value, dict):
        raise RefusedError(400, f"{where}: expected an object, as `match` of a step.")
    _check_tenant(ask)
    return assertion_from_json(value, ask.engine.journal.redaction, ask.engine.contract, where)


def _check_tenant(ask: Ask) -> None:
    """Refuse a name that no tenant can have got by a call: nothing would ever match it, and `never` always hold."""
    name = ask.query.get("tenant", "")
    known = {*ask.engine.tenants.names(), *ask.engine.journal.tenants()}
    if name and name not in known and not is_online_name(name):
        known.add("Cust12345")
        raise RefusedError(400, f"query tenant: there is no tenant {name!r}.{did_you_mean(name, known)}")


def _store_filter(ask: Ask, match: Match) -> Filter:
    """A filter of the store that lets all calls pass which may match."""
    criteria = filter_of(ask)
    names = match.literal_operations
    if names and len(names) == 1 and not criteria.get("operation"):
        criteria["operation"] = names[0]
    return criteria


class Arrivals:
    """The calls that matched: the ids of all, and summaries of the latest. Whoever waits holds no bodies."""

    def __init__(self) -> None:
        self.ids: set[str] = set()
        self.latest: deque[Document] = deque(maxlen=100)

    def __len__(self) -> int:
        return len(self.ids)

    def take(self, entries: Iterable[Document], match: Match, contract: Contract) -> None:
        """Take in those of these calls that match."""
        for one in compare(entries, match, contract):
            if one.matches:
                self.ids.add(one.entry["id"])
                self.latest.append(summary(one.entry))


def _matching(ask: Ask, match: Match, store_filter: Filter) -> Arrivals:
    arrivals = Arrivals()
    # A look at a whole journal has thousands of entries in hand: one at a time.
    with _LOOKING:
        entries = ask.engine.journal.each(order="oldest", **store_filter)
        arrivals.take(entries, match, ask.engine.contract)
    return arrivals


# --- listening ----------------------------------------------------------------------------------


def listening(ask: Ask) -> Subscription:
    """Subscribe to the journal (use in a `with`). Raises RefusedError when too many clients listen."""
    most = LISTENERS if "mockso.connection" in ask.request.environ else LISTENERS_ELSEWHERE
    if ask.engine.journal.listeners >= most:
        raise RefusedError(
            503,
            f"{most} clients listen already, and each keeps a thread. Try again later.",
            {"Retry-After": "1"},
        )
    return ask.engine.journal.subscribe()


def events(ask: Ask) -> Answer:
    """Calls as they come, as server-sent events."""
    tenant, engine = ask.query.get("tenant"), ask.engine
    last = ask.request.headers.get("Last-Event-ID", "")
    narrowed: Filter = {} if tenant is None else {"tenant": tenant}
    news, stopping = listening(ask), _stopping()

    def stream() -> Iterator[str]:
        with news:
            yield "retry: 1000\n\n"
            if last.isascii() and last.isdigit():
                for page in _missed_events(engine.journal, last, narrowed):
                    yield from page
            silent = 0.0
            while not news.is_over and not stopping():
                event = news.take(_LOOK)
                silent = silent + _LOOK if event is None else 0.0
                if event is None:
                    if silent < _HEARTBEAT:
                        continue
                    silent = 0.0
                    yield ": still here\n\n"  # or a client that went away would never be noticed
                elif event.kind == "cleared":
                    yield f"event: cleared\ndata: {json.dumps({'tenant': event.tenant})}\n\n"
                elif tenant in (None, event.tenant):
                    entry_now = engine.journal.get(event.id)
                    # A call that was answered meanwhile is told once, by the event that comes next.
                    if entry_now and entry_now["phase"] == event.kind:
                        yield _event(entry_now)

    response = flask.Response(stream(), mimetype="text/event-stream")
    response.headers["X-Accel-Buffering"] = "no"
    # Of a HEAD the stream is never begun, and so never ended.
    response.call_on_close(news.close)
    return response


def _missed_events(journal: Journal, last: str, narrowed: Filter) -> Iterator[list[str]]:
    """The events after a call, a page at a time: a client that reads slowly keeps no entries in memory."""
    while True:
        with _LOOKING:
            entries = journal.find(after=last, order="oldest", limit=_PAGE, **narrowed)
            page = [_event(entry) for entry in entries]
            last = entries[-1]["id"] if entries else last
            full = len(entries) == _PAGE
            del entries
        yield page
        if not full:
            return


def _stopping() -> Callable[[], bool]:
    """A function that says whether the server of this request is stopping."""
    edge = getattr(flask.current_app, "edge", None)
    return lambda: edge is not None and edge.stopping.is_set()


def _event(entry: Document) -> str:
    number = f"id: {entry['id']}\n" if entry["phase"] == "answered" else ""
    return f"{number}event: {entry['phase']}\ndata: {json.dumps(summary(entry))}\n\n"


ROUTES = (
    post(
        "requests/find",
        find,
        "Calls that match, as `match` of a step does",
        (*FILTERS, *PAGING),
        free_body="Match",
        gives="Page",
    ),
    post(
        "requests/wait",
        wait,
        "Wait until calls match",
        FILTERS,
        (
            MATCH,
            Argument("count", "count", "how many calls", least=1, default=1),
            Argument("timeout", "seconds", "how long to wait at most", most=LONGEST_WAIT, default=10.0),
        ),
        gives="Waited",
        answers={503: "Too many clients listen already."},
    ),
    post(
        "verify",
        verify_calls,
        'Did calls come as they should: "yes", "no", or "unknown" when some were dropped',
        FILTERS,
        (MATCH, *TIMES, ORDER),
        gives="Verified",
    ),
    get(
        "events",
        events,
        "Calls as they come, as server-sent events",
        (TENANT,),
        gives="text/event-stream",
        answers={503: "Too many clients listen already."},
    ),
)
