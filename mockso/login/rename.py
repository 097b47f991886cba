"""A call of the login as one of another tenant: whatever part of it names a tenant names that one."""

from __future__ import annotations

import json
import re
from base64 import b64decode, b64encode
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, urlencode
from xml.sax.saxutils import escape

from mockso.exchange.message import Headers, Query, Request
from mockso.formats.reading import UndecodableError
from mockso.login.form import looks_like_object, read_object
from mockso.state.applications import CLIENT

_PATH = re.compile(r"(/login/)(?!common/)[^/]+(?=/oauth/)", re.IGNORECASE)
_PATTERNS = {
    "acr_values": re.compile(r"\b(tenant:)\S+", re.IGNORECASE),
    "client_id": re.compile(rf"({re.escape(CLIENT)}\.).+", re.DOTALL),
    "token": re.compile(r"\b(8A:)[^.\s]+(?=\.)", re.IGNORECASE),
    "contextidentifier": re.compile(r"\A()\s*\S.*", re.DOTALL),
}
_CONTEXT = re.compile(
    rb"(<(?:[\w.-]+:)?ContextIdentifier(?:\s[^<>]*)?>)[^<]*[^<\s][^<]*(?=</)", re.IGNORECASE
)

_Pair = tuple[str, str]


def with_tenant(request: Request, tenant: str) -> Request:
    """The request as one of a tenant. What is not about tenants stays as it came, such as the redirect address."""
    rename = _renaming(tenant)
    path = _PATH.sub(lambda match: match[1] + tenant, request.path)
    lines = [(name, _in_header(name, value, rename)) for name, value in request.headers]
    return replace(
        request,
        tenant=tenant,
        path=path,
        query=Query(_in_pairs(request.query, rename)),
        headers=Headers(lines),
        body=_in_body(request.body, tenant, rename),
    )


def _renaming(tenant: str) -> Callable[[str, str], str]:
    def rename(name: str, value: str) -> str:
        pattern = _PATTERNS.get(name.strip().lower())
        return value if pattern is None else pattern.sub(lambda match: match[1] + tenant, value)

    return rename


def _in_pairs(pairs: Iterable[_Pair], rename: Callable[[str, str], str]) -> list[_Pair]:
    return [(name, rename(name, value)) for name, value in pairs]


def _in_header(name: str, value: str, rename: Callable[[str, str], str]) -> str:
    scheme, blank, credential = value.partition(" ")
    if name.lower() != "authorization" or scheme.lower() != "basic":
        return value
    try:
        client, colon, secret = b64decode(credential.strip(), validate=True).decode().partition(":")
    except ValueError:
        return value
    return scheme + blank + b64encode((rename("client_id", client) + colon + secret).encode()).decode()


def _in_body(body: bytes, tenant: str, rename: Callable[[str, str], str]) -> bytes:
    if looks_like_object(body):
        try:
            value = read_object(body)
        except UndecodableError:
            return body
        members: dict[str, Any] = {
            name: rename(name, item) if isinstance(item, str) else item for name, item in value.items()
        }
        return body if members == value else json.dumps(members).encode()
    if body.lstrip()[:1] == b"<":
        return _CONTEXT.sub(lambda match: match[1] + escape(tenant).encode(), body)
    try:
        pairs = parse_qsl(body.decode(), keep_blank_values=True, errors="strict")
    except ValueError:
        return body
    renamed = _in_pairs(pairs, rename)
    return body if renamed == pairs else urlencode(renamed).encode()
