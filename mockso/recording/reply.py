"""A recorded answer as the `reply` of a step: JSON that is sent as it came, text, or bytes in a file beside."""

from __future__ import annotations

import base64
import hashlib
import json
import mimetypes
import re
from collections.abc import Mapping
from typing import Any

from mockso.answer.finish import CACHE_HEADERS
from mockso.exchange.address import origin_of
from mockso.exchange.call import Call
from mockso.exchange.message import NO_BODY
from mockso.formats.codec import family
from mockso.formats.json import decode_json, encode_json
from mockso.formats.reading import UndecodableError
from mockso.recording.leaks import leak_in_bytes
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.request import CommentedValue, plain
from mockso.recording.rewrite import is_text
from mockso.recording.tape import TapedCall

# Of the moment, of the connection, or sent by mockso itself with every answer.
VOLATILE = frozenset(
    {
        *("date", "server", "content-length", "content-encoding", "transfer-encoding", "connection", "age"),
        *("keep-alive", "x-powered-by", "x-aspnet-version", "via", "x-request-id", "request-id", "alt-svc"),
        *("request-context", "x-ms-request-id", "strict-transport-security"),
    }
)
_USUAL = {name.lower(): value for name, value in CACHE_HEADERS} | {
    "vary": "Accept-Encoding",
    "content-type": "application/json; charset=utf-8",
}
_SHORT_BYTES, _LONG_TEXT = 256, 256 * 1024
# What is made safe as a whole; a longer one is not written.
LONGEST_TEXT = 32 * 1024 * 1024
_BRACES = re.compile(r"\{(?=[{%#])")


class UnwritableError(Exception):
    """An answer that cannot be made safe; the text says why."""


def reply_of(
    taped: TapedCall, names: Pseudonyms, files: dict[str, bytes | Any], folder: str
) -> dict[str, Any]:
    """The `reply` of a step; bytes that stand beside are put into `files`, by their name below `folder`.

    UnwritableError when there may be a secret in it that cannot be taken out.
    """
    call = taped.call
    assert call.reply is not None
    reply: dict[str, Any] = {"status": call.reply.status}
    templates = _Templates(call.request.base)
    content = _content(taped, names, files, folder, templates)
    headers = _headers(call, names, templates, json_body="body" in content)
    if headers:
        reply["headers"] = headers
    return reply | content


def _headers(call: Call, names: Pseudonyms, templates: _Templates, *, json_body: bool) -> dict[str, Any]:
    assert call.reply is not None
    result: dict[str, Any] = {}
    archive = call.lookup.operation is not None and call.lookup.operation.is_archive
    for name, value in call.reply.headers:
        lower_name = name.lower()
        if lower_name in VOLATILE or lower_name.startswith("x-mockso-"):
            continue
        if _USUAL.get(lower_name) == value and (json_body or lower_name != "content-type"):
            continue
        if lower_name == "dataserviceversion" and archive and call.reply.status == 200:
            continue
        safe = templates.text(names.header(name, value))
        before = result.get(name)
        result[name] = safe if before is None else [*(before if isinstance(before, list) else [before]), safe]
    return result


def _content(
    taped: TapedCall, names: Pseudonyms, files: dict[str, Any], folder: str, templates: _Templates
) -> dict[str, Any]:
    call, body = taped.call, taped.reply_body
    assert call.reply is not None
    if not body.size or call.reply.status in NO_BODY or call.request.method == "HEAD":
        return {}
    media = call.reply.header("Content-Type") or call.reply.media_type
    data = body.data if body.file is None else None
    if body.file is not None and is_text(media):
        if body.size > LONGEST_TEXT:
            raise UnwritableError(
                f"a text of {body.size} bytes is too long to look for secrets in (at most {LONGEST_TEXT})"
            )
        data = body.file.read_bytes()
    if data is not None and family(media.partition(";")[0].strip().lower()) == "json":
        try:
            value = decode_json(data.decode())
            if encode_json(value, call.request).encode() == data:
                return {"body": templates.value(names.value(value))}
        except (UndecodableError, UnicodeDecodeError, ValueError):
            pass
    if data is not None:
        text = _text(data, media)
        if text is not None:
            safe = names.raw(text, media)
            # In a file beside nothing is a template, so that an address in it could not be the player's.
            if len(data) <= _LONG_TEXT or templates.has_address(safe):
                return {"text": templates.text(safe)}
            data = safe.encode()
        elif is_text(media):
            data = _safe_bytes(data, media, names)
        else:
            # A text may be sent as anything.
            text = _text(data, "text/plain")
            if text is not None and (safe := names.raw(text, "text/plain")) != text:
                return {"text": templates.text(safe)}
    leak = leak_in_bytes(body.pieces() if data is None else (data,), names.known)
    if leak:
        raise UnwritableError(
            f"{leak} is in the bytes of its answer, which are not text that could be rewritten"
        )
    suffix = mimetypes.guess_extension(media.partition(";")[0].strip()) or ".bin"
    if suffix == ".json":  # the loader would read it
        suffix = ".txt"
    if data is not None and len(data) <= _SHORT_BYTES:
        return {"base64": base64.b64encode(data).decode()}
    digest = body.digest if data is None else hashlib.sha256(data).hexdigest()
    name = f"{folder}/{_file_name(call)}-{digest[:8]}{suffix}"
    files[name] = body.file if data is None else data
    size = body.size if data is None else len(data)
    return {"body_file": CommentedValue(name, f"{size} bytes")}


def _file_name(call: Call) -> str:
    # Of operation and content only: what the server calls a file may tell who it is of.
    return (call.operation_id or "body").rpartition("_")[2] or "body"


def _text(data: bytes, media: str) -> str | None:
    if not is_text(media) or ("charset" in media.lower() and "utf-8" not in media.lower()):
        return None
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in text or text.startswith("\ufeff") else text


def _safe_bytes(data: bytes, media: str, names: Pseudonyms) -> bytes:
    """A text in another charset than UTF-8, or with a byte order mark, made safe in its own charset."""
    charset_name = re.search(r"charset\s*=\s*\"?([\w.:-]+)", media, re.IGNORECASE)
    wide = data.startswith((b"\xff\xfe", b"\xfe\xff"))
    # Latin-1 has a character for each byte, so that what is none of the others comes back as it was.
    for charset in ("utf-16" if wide else "", charset_name[1] if charset_name else "", "utf-8", "latin-1"):
        try:
            text = data.decode(charset) if charset else None
        except (UnicodeError, LookupError):
            continue
        if text is not None and ((safe := names.raw(text, media)) != text or "\0" not in text):
            return data if safe == text else safe.encode(charset, "replace")
    return data


class _Templates:
    """Texts as a template has them: nothing in them is one but the address of the server, or of the tenant there.

    Who plays the recording may be another tenant, at another address.
    """

    def __init__(self, base: str) -> None:
        origin = origin_of(base)
        self._expressions: dict[str, str] = {}
        patterns = []
        # "http://127.0.0.1:80" is not the beginning of "http://127.0.0.1:8080".
        for text, name, end in ((base, "base", r"(?![\w-])"), (origin, "origin", r"(?![\w:-]|\.\w|%3A)")):
            for swaps in ((), (("/", "\\/"),), ((":", "%3A"), ("/", "%2F"))):
                spelling, expression = text, f"request.{name}"
                for old, new in swaps:
                    spelling = spelling.replace(old, new)
                    expression += f".replace({old!r}, {new!r})"
                self._expressions[spelling] = f"{{{{ {expression} }}}}"
                patterns.append(re.escape(spelling) + end)
        self._address = re.compile("|".join(patterns))

    def has_address(self, text: str) -> bool:
        """Whether there is an address in a text that whoever plays must see as his own."""
        return self._address.search(text) is not None

    def text(self, text: str) -> str:
        if not self._address.search(text) and "{{" not in text:
            return text
        return self._address.sub(lambda m: self._expressions[m[0]], _escape(text))

    def value(self, value: Any) -> Any:
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, Mapping):
            return {key: self.value(item) for key, item in value.items()}
        return [self.value(item) for item in value] if isinstance(value, list) else value


def literal(value: Any) -> Any:
    """A value in which nothing is a template."""
    if isinstance(value, str):
        return _escape(value) if "{{" in value else value
    if isinstance(value, Mapping):
        return {key: literal(item) for key, item in value.items()}
    return [literal(item) for item in value] if isinstance(value, list) else value


def _escape(text: str) -> str:
    result = _BRACES.sub("{{ '{' }}", text)
    # Jinja makes one kind of line end of all, and drops the last.
    result = result.replace("\r", "{{ '\\r' }}")
    return result + "{{ '' }}" if result.endswith("\n") else result


def same(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Whether two replies are equal, true and 1 being different."""
    return json.dumps(plain(one)) == json.dumps(plain(other))
