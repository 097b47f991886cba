"""Forms: name=value pairs (form-urlencoded) and multipart uploads, to values and to the bytes of a file."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from mockso.contract.catalogue import Contract
from mockso.contract.model import ANY, Json, TypeRef
from mockso.exchange.headers import parameters_of
from mockso.formats.reading import DEPTH_LIMIT, NODE_LIMIT, UndecodableError, from_text

PARTS_LIMIT = 1000

# --- form-urlencoded ----------------------------------------------------------------------------


def decode_form(text: str, kind: TypeRef, contract: Contract) -> Json:
    """name=value pairs; "Credentials.Type" and "Credentials[Type]" reach into a member, "Ids[0]",
    "Ids[]" and a repeated "Ids" make a list."""
    root: dict[str, Any] = {}
    other = _other_format(text)
    if other:
        raise UndecodableError(
            "broken-form", f"this looks like {other.upper()}: send Content-Type: application/{other}"
        )
    if text.count("&") > NODE_LIMIT:
        raise UndecodableError("too-large", f"more than {NODE_LIMIT} pairs")
    for pair in text.split("&"):
        if not pair.strip():
            continue
        name, equals, value = pair.partition("=")
        if not equals:
            raise UndecodableError("broken-form", f"{pair[:40]!r} is not name=value")
        try:
            key = unquote_to_bytes(name.replace("+", " ")).decode()
            content = unquote_to_bytes(value.replace("+", " ")).decode()
        except UnicodeDecodeError as error:
            raise UndecodableError(
                "broken-encoding", f"{pair[:40]!r} is not UTF-8 behind its % signs: {error.reason}"
            ) from None
        except UnicodeEncodeError:
            raise UndecodableError("broken-encoding", f"{name[:40]!a} holds half a surrogate pair") from None
        _place(root, key, content)
    return _from_form(root, kind, contract)


def _other_format(text: str) -> str:
    """ "json" or "xml" for a body that was sent as a form without being asked, as curl -d does; "" for a form."""
    begin = text.lstrip()[:2]
    if begin[:1] == "<" and text.rstrip().endswith(">"):
        return "xml"
    return "json" if re.match(r'\{["\'}\s]|\[["\'{\]\s\d]', begin) else ""


def _place(root: dict[str, Any], key: str, content: str) -> None:
    path = key.replace("[", ".").replace("]", "").removesuffix(".").split(".")
    if len(path) > DEPTH_LIMIT:
        raise UndecodableError("too-deep", f"nested deeper than {DEPTH_LIMIT} levels")
    place = root
    for part in path[:-1]:
        place = place.setdefault(part.strip(), {})
        if not isinstance(place, dict):
            raise UndecodableError(
                "broken-form", f"{key[:40]!r} reaches into a name that has a value of its own"
            )
    last = place.get(path[-1])
    if isinstance(last, dict):
        raise UndecodableError("broken-form", f"{key[:40]!r} has members and a value of its own")
    place.setdefault(path[-1], []).append(content)


def _from_form(value: Any, kind: TypeRef, contract: Contract) -> Json:
    if isinstance(value, list):
        if kind.kind == "list" and kind.item is not None:
            return [_from_form([text], kind.item, contract) for text in value]
        texts = [from_text(text, kind) for text in value]
        return texts[0] if len(texts) == 1 else list(texts)
    if kind.kind == "list" and kind.item is not None:
        return [_from_form(value[key], kind.item, contract) for key in sorted(value, key=_position)]
    if kind.kind == "map" and kind.item is not None:
        return {key: _from_form(inner, kind.item, contract) for key, inner in value.items()}
    typedef = contract.type(kind.name) if kind.kind == "carrier" else None
    fields = {key: typedef.find_field(key) if typedef else None for key in value}
    return {
        key: _from_form(value[key], field.type if field else ANY, contract) for key, field in fields.items()
    }


def _position(key: str) -> int:
    # Indexes may come in any order; other keys keep their places, as sorting is stable.
    return int(key) if key.isascii() and key.isdigit() and len(key) < 10 else 0


# --- multipart ----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Part:
    """One part of a multipart body; `name` is its field, `filename` empty for other fields."""

    name: str
    filename: str
    media_type: str
    content: bytes


# RFC 2046: 1 to 70 characters of a small set, no blank at the end.
_BOUNDARY = re.compile(r"[0-9A-Za-z'()+_,./:=? -]{0,69}[0-9A-Za-z'()+_,./:=?-]\Z")


def decode_multipart(body: bytes, content_type: str) -> list[Part]:
    """The parts of a multipart body; UndecodableError says which part is broken and how."""
    boundary = parameters_of(content_type).get("boundary", "")
    if not _BOUNDARY.match(boundary):
        message = f"{boundary[:40]!r} is not a boundary" if boundary else "Content-Type names no boundary"
        raise UndecodableError("broken-multipart", f"{message}; send multipart/form-data; boundary=...")
    mark = b"--" + boundary.encode("ascii")
    if not body.startswith(mark):
        start = body.find(b"\r\n" + mark)
        if start < 0:
            raise UndecodableError(
                "broken-multipart", f"the boundary {boundary!r} of Content-Type is not in the body"
            )
        body = body[start + 2 :]
    pieces = body.split(b"\r\n" + mark, PARTS_LIMIT + 1)
    if len(pieces) > PARTS_LIMIT:
        raise UndecodableError("too-large", f"more than {PARTS_LIMIT} parts")
    pieces[0] = pieces[0][len(mark) :]
    parts: list[Part] = []
    for number, piece in enumerate(pieces, 1):
        if piece[:2] == b"--":
            return parts
        head, gap, content = piece.lstrip(b" \t").partition(b"\r\n\r\n")
        if not gap or head[:2] != b"\r\n":
            raise UndecodableError(
                "broken-multipart", f"part {number} has no headers with an empty line behind them"
            )
        parts.append(_part(head, content, number))
    raise UndecodableError(
        "broken-multipart", f"the closing boundary --{boundary}-- is missing: the body was cut"
    )


def _part(head: bytes, content: bytes, number: int) -> Part:
    headers = {}
    for line in head.decode("utf-8", "replace").split("\r\n"):
        name, colon, value = line.partition(":")
        if colon:
            headers[name.strip().lower()] = value.strip()
    disposition = headers.get("content-disposition", "")
    parameters = parameters_of(disposition)
    if not disposition.lower().startswith("form-data") or "name" not in parameters:
        raise UndecodableError(
            "broken-multipart", f'part {number} needs Content-Disposition: form-data; name="image"'
        )
    media_type = headers.get("content-type", "text/plain").partition(";")[0].strip().lower()
    return Part(parameters["name"], parameters.get("filename", ""), media_type, content)


def upload(parts: list[Part], field: str) -> bytes | None:
    """The content of the file sent in a field, or of the only file; None without one."""
    matches = [part for part in parts if part.name.lower() == field.lower()]
    files = matches or [part for part in parts if part.filename]
    return files[0].content if files else None
