"""The journal as HTTP Archive 1.2, which browsers' developer tools and many others open.

Source: the HAR 1.2 specification of the W3C Web Performance group. Members with "_" are ours.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from http import HTTPStatus
from http.cookies import CookieError, SimpleCookie
from typing import Any
from urllib.parse import parse_qsl

from mockso.journal.curl import url_of
from mockso.journal.entry import Document, body_bytes, flat, verdict_word
from mockso.version import VERSION

_PHRASES = {status.value: status.phrase for status in HTTPStatus}


def har_text(entries: Iterable[Mapping[str, Any]]) -> Iterator[str]:
    """The text of an archive, piece by piece: a journal of 10,000 calls is never whole in memory."""
    creator = json.dumps({"name": "mockso", "version": VERSION})
    yield f'{{"log":{{"version":"1.2","creator":{creator},"pages":[],"entries":['
    for number, entry in enumerate(entries):
        yield ("," if number else "") + "\n" + json.dumps(har_entry(entry))
    yield "\n]}}\n"


def har_entry(entry: Mapping[str, Any]) -> Document:
    """One call as an entry of an archive; a call without an answer has status 0, as in browsers."""
    took = entry["took"] * 1_000
    reply: Mapping[str, Any] = entry["reply"] or {}
    waited = reply.get("delay", 0.0) * 1_000
    return {
        "startedDateTime": entry["at"],
        "time": took + waited,
        "request": _request(entry),
        "response": _response(reply),
        "cache": {},
        "timings": {
            "blocked": -1,
            "dns": -1,
            "connect": -1,
            "ssl": -1,
            "send": 0,
            "wait": took + waited,
            "receive": 0,
        },
        "comment": entry["operation"] or "",
        "_resourceType": "fetch",  # without it, Chromium's developer tools file it under scripts
        "_mockso": {
            "id": entry["id"],
            "tenant": entry["tenant"],
            "operation": entry["operation"],
            "verdict": verdict_word(entry),
            "violations": (entry["verdict"] or {}).get("violations", []),
            "step": entry["step"],
            "near_misses": entry["near_misses"],
            "by": reply.get("by"),
            "fidelity": reply.get("fidelity"),
        },
    }


def _request(entry: Mapping[str, Any]) -> Document:
    request = entry["request"]
    headers = flat(request["headers"])
    body = body_bytes(request)
    made: Document = {
        "method": request["method"],
        "url": url_of(entry),
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(headers, "cookie"),
        "headers": _pairs(headers),
        "queryString": _pairs(flat(request["query"])),
        "headersSize": -1,
        "bodySize": request.get("cut", len(body)),
    }
    if body:
        kind = _header(headers, "content-type")
        # An archive has no place for a request body that is not text; browsers write it as Latin-1.
        text = request["body"] if "base64" not in request else body.decode("latin-1")
        form = "form-urlencoded" in kind.lower()
        made["postData"] = {
            "mimeType": kind or "application/octet-stream",
            "params": _pairs(parse_qsl(text, keep_blank_values=True)) if form else [],
            "text": text,
        }
        if "cut" in request:
            made["postData"]["comment"] = f"cut: {request['cut']} bytes were sent"
    return made


def _response(reply: Mapping[str, Any]) -> Document:
    headers = flat(reply.get("headers", {}))
    body = body_bytes(reply) if reply else b""
    status = reply.get("status", 0)
    content: Document = {
        "size": reply.get("cut", len(body)),
        "mimeType": _header(headers, "content-type") or "application/octet-stream",
    }
    if reply.get("base64") is not None:
        content |= {"text": reply["base64"], "encoding": "base64"}
    elif body:
        content["text"] = reply["body"]
    if "cut" in reply:
        content["comment"] = f"cut: {reply['cut']} bytes were sent"
    return {
        "status": status,
        "statusText": reply.get("reason") or _PHRASES.get(status, ""),
        "httpVersion": "HTTP/1.1",
        "cookies": _cookies(headers, "set-cookie"),
        "headers": _pairs(headers),
        "content": content,
        "redirectURL": _header(headers, "location"),
        "headersSize": -1,
        "bodySize": reply.get("cut", len(body)),
        **({"comment": f"fault: {reply['fault']}"} if reply.get("fault") else {}),
    }


def _pairs(pairs: Iterable[tuple[str, str]]) -> list[Document]:
    return [{"name": name, "value": value} for name, value in pairs]


def _header(headers: Iterable[tuple[str, str]], wanted: str) -> str:
    return next((value for name, value in headers if name.lower() == wanted), "")


def _cookies(headers: Iterable[tuple[str, str]], wanted: str) -> list[Document]:
    found: list[Document] = []
    for name, value in headers:
        if name.lower() == wanted:
            cookies: SimpleCookie = SimpleCookie()
            try:
                cookies.load(value)
            except CookieError:
                continue
            for key, morsel in cookies.items():
                cookie: Document = {"name": key, "value": morsel.value}
                if morsel["path"]:
                    cookie["path"] = morsel["path"]
                if morsel["httponly"]:
                    cookie["httpOnly"] = True
                if morsel["secure"]:
                    cookie["secure"] = True
                found.append(cookie)
    return found
