"""Where `mockso journal` finds calls: a mock that runs, asked over HTTP, or a journal's file."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from http.client import HTTPException, HTTPResponse
from typing import Any, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import ProxyHandler, Request, build_opener

from mockso.contract.catalogue import Contract
from mockso.errors import JournalError
from mockso.journal.entry import Document, summary
from mockso.journal.har import har_text
from mockso.journal.journal import Journal, Order
from mockso.journal.verify import arrival_result, assertion_from_json, compare
from mockso.timing import monotonic

Wanted = dict[str, Any]

_LOOK_AGAIN = 0.2
# A call is in a file once it is answered: one that took long stands before others that were told already.
_LATE = 200


class Source(Protocol):
    """A journal to read, in a file or in a running mock. `wanted` has the names of `Filter`."""

    def find(self, wanted: Wanted, limit: int, order: Order) -> tuple[list[Document], int]:
        """Calls, and how many were dropped."""

    def get(self, id: str) -> Document: ...
    def clear(self, tenant: str | None) -> int: ...
    def lines(self, wanted: Wanted) -> Iterator[str]: ...
    def har(self, wanted: Wanted) -> Iterator[str]: ...

    def tail(self, wanted: Wanted) -> Iterator[Document]:
        """Summaries of calls as they are answered, until the source ends."""

    def wait(self, wanted: Wanted, match: Document, count: int, timeout: float) -> Document: ...
    def close(self) -> None: ...


class Remote:
    """The journal of a mock that runs at `url`; JournalError when it does not answer or refuses."""

    def __init__(self, url: str, token: str = "") -> None:
        self._url = url.rstrip("/").removesuffix("/__mockso") + "/__mockso"
        self._headers = {"X-Mockso-Admin": token} if token else {}
        # A proxy of the environment knows nothing of this machine's own addresses.
        self._opener = build_opener(ProxyHandler({}))

    def find(self, wanted: Wanted, limit: int, order: Order) -> tuple[list[Document], int]:
        found: list[Document] = []
        dropped, after = 0, ""
        while len(found) < limit:
            query = {**wanted, "order": order, "limit": min(limit - len(found), 1_000)}
            page = self._json("GET", "requests", {**query, "after": after} if after else query)
            found += page["requests"]
            dropped, after = page["dropped"], found[-1]["id"] if found else ""
            if page["next"] is None:
                break
        return found, dropped

    def get(self, id: str) -> Document:
        return self._json("GET", f"requests/{id}")

    def why(self, id: str, step: str = "") -> Document:
        """Why a call was answered as it was (see why.py); `step` is the one to compare with."""
        return self._json("GET", f"requests/{id}/why", {"step": step} if step else None)

    def clear(self, tenant: str | None) -> int:
        return int(self._json("DELETE", "requests", {} if tenant is None else {"tenant": tenant})["deleted"])

    def lines(self, wanted: Wanted) -> Iterator[str]:
        return self._text("requests.jsonl", wanted)

    def har(self, wanted: Wanted) -> Iterator[str]:
        return self._text("requests.har", wanted)

    def tail(self, wanted: Wanted) -> Iterator[Document]:
        tenant = {"tenant": wanted["tenant"]} if "tenant" in wanted else {}
        narrowed = {name: value for name, value in wanted.items() if name != "tenant"}
        kind = ""
        for line in self._text("events", tenant):
            name, _, value = line.rstrip("\n").partition(": ")
            if name == "event":
                kind = value
            elif name == "data" and kind == "answered":
                told: Document = json.loads(value)
                # The server tells of all calls; whether one fits, it is asked again.
                if not narrowed or self._fits(told["id"], narrowed):
                    yield told

    def close(self) -> None:
        self._opener.close()

    def _fits(self, id: str, wanted: Wanted) -> bool:
        page = self._json("GET", "requests", {**wanted, "after": int(id) - 1, "limit": 1, "order": "oldest"})
        return bool(page["requests"]) and page["requests"][0]["id"] == id

    def wait(self, wanted: Wanted, match: Document, count: int, timeout: float) -> Document:
        body = {"match": match, "count": count, "timeout": timeout}
        return self._json("POST", "requests/wait", wanted, body, timeout + 10)

    def _json(
        self,
        method: str,
        path: str,
        query: Wanted | None = None,
        body: Document | None = None,
        timeout: float = 30,
    ) -> Document:
        with self._open(method, path, query, body, timeout) as response:
            try:
                value = json.load(response)
            except (OSError, HTTPException, ValueError):
                value = None
        if not isinstance(value, dict):
            raise JournalError(
                f"{self._url}: what answers there is not a mock. Name the address of 'mockso serve' with --at URL."
            )
        return value

    def _text(self, path: str, query: Wanted) -> Iterator[str]:
        with self._open("GET", path, query, None, 30) as response:
            try:
                for line in response:
                    yield line.decode()
            except (OSError, HTTPException) as error:
                raise JournalError(f"{self._url}: the mock went away ({type(error).__name__}).") from error

    def _open(
        self, method: str, path: str, query: Wanted | None, body: Document | None, timeout: float
    ) -> HTTPResponse:
        url = f"{self._url}/{path}" + (f"?{urlencode(_texts(query))}" if query else "")
        data = None if body is None else json.dumps(body).encode()
        headers = {**self._headers, **({"Content-Type": "application/json"} if data else {})}
        try:
            response: HTTPResponse = self._opener.open(
                Request(url, data, headers, method=method), timeout=timeout
            )
        except HTTPError as error:
            with error:
                text = error.read().decode("utf-8", "replace")
            raise JournalError(
                _error_text(text) or f"{url}: status {error.code}. Is this a mockso?"
            ) from error
        except (URLError, OSError, HTTPException, ValueError) as error:
            cause = getattr(error, "reason", error)
            raise JournalError(
                f"{self._url}: no mock answers ({cause}). Start 'mockso serve', or name another with --at URL or a "
                "file with --at FILE."
            ) from error
        return response


def _texts(query: Wanted) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value) for name, value in query.items()
    }


def _error_text(text: str) -> str:
    try:
        return str(json.loads(text)["error"])
    except (ValueError, KeyError, TypeError):
        return ""


class Local:
    """The journal in a file, which a mock may be writing at the same time."""

    def __init__(self, path: str) -> None:
        self._journal = Journal(path, writing=False)

    def find(self, wanted: Wanted, limit: int, order: Order) -> tuple[list[Document], int]:
        return self._journal.find(limit=limit, order=order, **wanted), self._journal.count_dropped(
            wanted.get("tenant")
        )

    def get(self, id: str) -> Document:
        entry = self._journal.get(id)
        if entry is None:
            raise JournalError(
                f"{self._journal.name}: there is no call {id!r}. 'mockso journal ls' lists all."
            )
        return entry

    def clear(self, tenant: str | None) -> int:
        return self._journal.clear(tenant)

    def lines(self, wanted: Wanted) -> Iterator[str]:
        return (json.dumps(entry) + "\n" for entry in self._journal.each(order="oldest", **wanted))

    def har(self, wanted: Wanted) -> Iterator[str]:
        return har_text(self._journal.each(order="oldest", **wanted))

    def tail(self, wanted: Wanted) -> Iterator[Document]:
        newest = self._journal.find(limit=1)
        last = int(newest[0]["id"]) if newest else 0

        def there() -> Iterator[Document]:
            return self._journal.each(after=str(max(last - _LATE, 0)), order="oldest", **wanted)

        told = {int(entry["id"]) for entry in there()}
        while True:
            for entry in there():
                id = int(entry["id"])
                if id not in told:
                    told.add(id)
                    last = max(last, id)
                    yield summary(entry)
            told = {id for id in told if id > last - _LATE}
            time.sleep(_LOOK_AGAIN)

    def wait(self, wanted: Wanted, match: Document, count: int, timeout: float) -> Document:
        until = monotonic() + timeout
        contract = Contract.open()
        test = assertion_from_json(match, self._journal.redaction, contract)
        while True:
            comparisons = compare(self._journal.each(order="oldest", **wanted), test, contract)
            met = [summary(one.entry) for one in comparisons if one.matches]
            if len(met) >= count or monotonic() >= until:
                dropped = self._journal.count_dropped(wanted.get("tenant"))
                return {
                    "met": len(met) >= count,
                    "result": arrival_result(len(met), count, dropped),
                    "count": len(met),
                    "requests": met,
                    "dropped": dropped,
                }
            time.sleep(_LOOK_AGAIN)

    def close(self) -> None:
        self._journal.close()


def open_source(place: str, token: str = "") -> Source:
    """The source that an address or a path means."""
    return Remote(place, token) if place.startswith(("http://", "https://")) else Local(place)
