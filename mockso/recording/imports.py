"""Calls from other tools' files: HTTP archives, VCR cassettes, WireMock mappings.

What cannot be carried over is listed with its place, never dropped in silence.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode, urlsplit

import yaml

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.errors import ScenarioError
from mockso.exchange.address import is_api
from mockso.exchange.call import Call
from mockso.exchange.message import Headers, Reply
from mockso.journal.entry import flat
from mockso.journal.journal import Journal
from mockso.judge.judge import judge
from mockso.progress import follow
from mockso.recording.rewrite import Plain
from mockso.recording.tape import Body, TapedCall
from mockso.state.tenant import View
from mockso.storage.files import read_bytes
from mockso.web.edge import Edge

Pairs = list[tuple[str, str]]


@dataclass
class ImportedCalls:
    """Calls in order, and what could not be carried over."""

    tape: list[TapedCall] = field(default_factory=list)
    left_out: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class RawCall:
    """One call as a file has it, with its bodies decoded."""

    method: str
    url: str
    headers: Pairs
    body: bytes
    status: int
    reply_headers: Pairs
    reply_body: bytes
    at: float = 0.0


class _Judge:
    def __init__(self, contract: Contract) -> None:
        self._engine = Engine(Settings(grants=("*",)), [contract], Journal())
        self._edge = Edge(self._engine)

    def to_taped_call(self, raw: RawCall, number: int) -> TapedCall:
        """A call as if it had passed the proxy. Raises ValueError with the reason for calls outside the API."""
        parts = urlsplit(raw.url)
        if not is_api(parts.path):
            raise ValueError(f"{parts.path!r} is outside the API (no /api in the address)")
        if not 200 <= raw.status <= 599:
            raise ValueError(f"status {raw.status}: there was no answer")
        request = self._edge.request(
            raw.method.upper(),
            unquote(parts.path, errors="replace"),
            parts.query,
            Headers(p for p in raw.headers if not p[0].startswith(":") and p[0].lower() != "content-length"),
            raw.body,
            f"{parts.scheme or 'http'}://{parts.netloc}",
            parts.path + (f"?{parts.query}" if parts.query else ""),
        )
        request = replace(request, at=raw.at or request.at)
        lookup = self._engine.find(request)
        verdict = judge(request, lookup, View(self._engine.tenants.of(request.tenant)))
        data = raw.reply_body
        headers = tuple(
            p
            for p in raw.reply_headers
            if p[0].lower() not in ("content-length", "content-encoding") and not p[0].startswith(":")
        )
        reply = Reply(raw.status, data or NOTHING, headers, by="upstream", fidelity="firm")
        call = Call(request, lookup, verdict, reply, id=str(number))
        return TapedCall(call, Body(request.body, len(request.body)), Body(data, len(data)))

    def close(self) -> None:
        self._engine.close()


def _all(items: Iterable[tuple[str, Callable[[], RawCall]]], contract: Contract) -> ImportedCalls:
    judge = _Judge(contract)
    imported = ImportedCalls()
    try:
        for number, (place, reader) in enumerate(follow("reading calls", items), 1):
            try:
                imported.tape.append(judge.to_taped_call(reader(), number))
            except SHAPE_ERRORS as error:
                imported.left_out.append(f"{place}: {reason_of(error)}")
    finally:
        judge.close()
    return imported


# What reading a value of a wrong shape raises, at whatever depth.
SHAPE_ERRORS = (ValueError, KeyError, TypeError, AttributeError, IndexError, OverflowError, RecursionError)


def reason_of(error: Exception) -> str:
    """The reason to list for something of a wrong shape, in words."""
    if isinstance(error, KeyError):
        return f"{error.args[0]!r} is missing"
    if isinstance(error, UnicodeError):
        return "it has half a surrogate pair, or bytes that are not text"
    if isinstance(error, RecursionError):
        return "it is nested too deep"
    if type(error) is ValueError:
        return str(error)
    return "a value of it has another type than the format says"


def _decompress(data: bytes, headers: Pairs) -> bytes:
    encoding = next((value for name, value in headers if name.lower() == "content-encoding"), "")
    if not encoding:
        return data
    try:
        reader = Plain(encoding)
        return b"".join(reader.feed(data))
    except ValueError:
        return data  # tools write down what they decoded, and the header all the same


# --- HTTP archives ------------------------------------------------------------------------------


def read_har(path: Path, contract: Contract) -> ImportedCalls:
    """The calls of an HTTP archive, as browsers, Postman and `mockso journal export` write them."""
    value = read_json(path)
    try:
        entries = value["log"]["entries"]
        if not isinstance(entries, list):
            raise TypeError
    except (KeyError, TypeError) as error:
        raise ScenarioError(f"{path}: no HTTP archive: it has no log.entries.") from error
    return _all(((f"entry {n}", partial(_har_call, e)) for n, e in enumerate(entries, 1)), contract)


def _har_call(entry: Mapping[str, Any]) -> RawCall:
    request, response = entry["request"], entry["response"]
    post_data = request.get("postData") or {}
    content = response.get("content") or {}
    if "cut" in str(content.get("comment", "")) or "cut" in str(post_data.get("comment", "")):
        raise ValueError("only the beginning of a body is there")
    body = _post_body(post_data)
    reply = content.get("text") or ""
    if not isinstance(reply, str):
        raise ValueError("the answer's text is not text")
    size = content.get("size", 0)
    if not reply and isinstance(size, int) and size > 0:
        raise ValueError(f"the answer's {size} bytes were not saved in the archive")
    return RawCall(
        request["method"],
        request["url"],
        _pairs_of_items(request.get("headers", ())),
        body,
        int(response["status"]),
        _pairs_of_items(response.get("headers", ())),
        _maybe_base64(reply, str(content.get("mimeType", "")))
        if content.get("encoding") == "base64"
        else reply.encode(),
        _moment(entry.get("startedDateTime")),
    )


def _maybe_base64(text: str, kind: str) -> bytes:
    """The bytes of a text that an archive calls base64: browsers do so of texts that they left as they were."""
    compact = "".join(text.split()).replace("-", "+").replace("_", "/")
    plain = re.search(r"json|xml|text|form", kind) is not None
    try:
        data = base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
        if plain and not _is_text(data) and _is_json(text):  # "null" is base64 too
            return text.encode()
        return data
    except ValueError:
        if plain or not kind:
            return text.encode()
        raise ValueError(f"a body of type {kind} is not the base64 that it is said to be") from None


def _is_text(data: bytes) -> bool:
    try:
        return data.decode().replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable()
    except UnicodeDecodeError:
        return False


def _is_json(text: str) -> bool:
    try:
        json.loads(text)
    except ValueError:
        return False
    return True


def _post_body(post_data: Mapping[str, Any]) -> bytes:
    """The body of a request; ValueError where the archive has only a description of it."""
    text, kind = post_data.get("text") or "", str(post_data.get("mimeType", ""))
    if not isinstance(text, str):
        raise ValueError("the request's text is not text")
    if post_data.get("encoding") == "base64":
        return _maybe_base64(text, kind)
    if not text and post_data.get("params"):
        # Some tools take a form apart and leave its text out.
        if "urlencoded" not in kind:
            raise ValueError(f"the request's body ({kind or 'no type'}) was not saved in the archive")
        return urlencode([(p["name"], p.get("value", "")) for p in post_data["params"]]).encode()
    # An archive has no place for bytes; browsers write them as Latin-1.
    text_like = re.search(r"json|xml|text|form", kind) or max(text, default="") > "\xff"
    return text.encode("utf-8" if text_like else "latin-1", "replace")


def _pairs_of_items(items: Iterable[Mapping[str, Any]]) -> Pairs:
    return [(str(item["name"]), str(item["value"])) for item in items]


def _moment(text: Any) -> float:
    try:
        return datetime.fromisoformat(str(text)).timestamp()
    except ValueError:
        return 0.0


# --- VCR ----------------------------------------------------------------------------------------


def read_vcr(path: Path, contract: Contract) -> ImportedCalls:
    """The calls of a cassette of VCR.py, in YAML or JSON, or of Ruby's VCR."""
    try:
        data = read_bytes(path, ScenarioError)
        # JSON is YAML but for its surrogate pairs.
        is_json = data.lstrip()[:1] == b"{" and _is_json(data.decode())
        value = json.loads(data) if is_json else yaml.load(data, Loader=_Loader)
    except yaml.YAMLError as error:
        raise ScenarioError(f"{path}: not YAML: {' '.join(str(error).split())[:200]}.") from error
    except (ValueError, TypeError, RecursionError) as error:
        raise ScenarioError(f"{path}: not a cassette: {reason_of(error)}.") from error
    items = value.get("interactions", value.get("http_interactions")) if isinstance(value, dict) else None
    if not isinstance(items, list):
        raise ScenarioError(f"{path}: no cassette: it has no interactions.")
    return _all(((f"interaction {n}", partial(_vcr_call, i)) for n, i in enumerate(items, 1)), contract)


class _Loader(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]  # in C where it is built
    """Reads what Ruby and old versions of Python write; dates stay texts, as some are impossible."""


_DATE_TAG = "tag:yaml.org,2002:timestamp"
_Loader.yaml_implicit_resolvers = {
    first: [pair for pair in pairs if pair[0] != _DATE_TAG]
    for first, pairs in yaml.SafeLoader.yaml_implicit_resolvers.items()
}
_Loader.add_constructor("!binary", yaml.SafeLoader.construct_yaml_binary)
_Loader.add_constructor("tag:yaml.org,2002:python/unicode", yaml.SafeLoader.construct_yaml_str)
_Loader.add_constructor("tag:yaml.org,2002:python/str", yaml.SafeLoader.construct_yaml_str)
_Loader.add_constructor(
    "tag:yaml.org,2002:python/tuple", lambda loader, node: loader.construct_sequence(node, deep=True)
)


def _ruby(loader: Any, suffix: str, node: Any) -> Any:
    """The plain value below a tag of Ruby: "!ruby/object:...", "!ruby/sym"."""
    if isinstance(node, yaml.MappingNode):
        return loader.construct_mapping(node, deep=True)
    if isinstance(node, yaml.SequenceNode):
        return loader.construct_sequence(node, deep=True)
    return loader.construct_scalar(node)


_Loader.add_multi_constructor("!ruby/", _ruby)


def _vcr_call(item: Mapping[str, Any]) -> RawCall:
    request, response = item["request"], item["response"]
    headers = flat(response.get("headers") or {})
    status = response["status"]
    return RawCall(
        str(request["method"]).removeprefix(":"),
        str(request["uri"]),
        flat(request.get("headers") or {}),
        _vcr_body(request.get("body")),
        int(status["code"]),
        headers,
        _decompress(_vcr_body(response.get("body")), headers),
    )


def _vcr_body(body: Any) -> bytes:
    if isinstance(body, Mapping):
        if body.get("base64_string") is not None:
            try:
                return base64.b64decode("".join(str(body["base64_string"]).split()), validate=True)
            except ValueError:
                raise ValueError("a body is not the base64 that it is said to be") from None
        if body and "string" not in body:
            raise ValueError(
                f"a body has neither 'string' nor 'base64_string', but {', '.join(map(str, body))}"
            )
        body = body.get("string")
    if body is None:
        return b""
    if isinstance(body, list | dict):
        raise ValueError("a body is neither a text nor bytes")
    return body if isinstance(body, bytes) else str(body).encode()


# --- files --------------------------------------------------------------------------------------


def read_json(path: Path) -> Any:
    """The value of a JSON file. Raises ScenarioError without one."""
    try:
        return json.loads(read_bytes(path, ScenarioError))
    except (ValueError, RecursionError) as error:
        why = "it is nested too deep" if isinstance(error, RecursionError) else error
        raise ScenarioError(f"{path}: not JSON: {why}.") from error
