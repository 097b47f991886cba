"""Bytes to a JSON value: which reader a media type has, charsets, JSON, compressed bodies.

Whatever comes in, the outcome is a value or an `Undecodable` that names the rule broken and the place;
never another exception, and never more than linear time. What the value means for the contract is not
asked here, except that text without types of its own (XML, forms) is read by the type it stands for.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json, TypeRef
from mockso.contract.values import exact
from mockso.formats.reading import DEPTH_LIMIT, NODE_LIMIT, Undecodable, is_charset

__all__ = [
    "DEPTH_LIMIT",
    "NODE_LIMIT",
    "Undecodable",
    "decode",
    "decode_json",
    "decompress",
    "family",
    "text_of",
]

JSON_TYPES = frozenset(
    {"application/json", "text/json", "application/json-patch+json", "application/merge-patch+json"}
)
XML_TYPES = frozenset({"application/xml", "text/xml"})
FORM_TYPE = "application/x-www-form-urlencoded"


def family(media_type: str) -> str:
    """ "json", "xml", "form" or "raw": how a body of that media type is read."""
    if media_type in JSON_TYPES or media_type.endswith("+json"):
        return "json"
    if media_type in XML_TYPES or media_type.endswith("+xml"):
        return "xml"
    return "form" if media_type == FORM_TYPE else "raw"


def decode(body: bytes, content_type: str, kind: TypeRef, contract: Contract) -> Json | bytes:
    """The value of a body of that Content-Type, read as `kind` where the format has no types."""
    media_type, _, parameters = content_type.partition(";")
    match family(media_type.strip().lower()):
        case "json":
            return decode_json(_text(body, parameters, "utf-8"))
        case "xml":
            from mockso.formats.xml import from_xml  # only callers who send XML pay for it

            charset = _charset(parameters)
            if charset in ("", "utf-8", "utf8", "us-ascii", "iso-8859-1", "utf-16"):
                return from_xml(body, kind, contract, "utf-8" if charset == "utf8" else charset)
            # expat knows few charsets; its own declaration must not contradict what it is handed.
            return from_xml(_text(body, parameters, "utf-8").encode(), kind, contract, "utf-8")
        case "form":
            from mockso.formats.forms import decode_form

            return decode_form(_text(body, parameters, "utf-8"), kind, contract)
    return body


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """A body as it was before its Content-Encoding; never more than `limit` + 1 bytes are made of it.

    Undecodable: "unsupported-encoding" for one that is not known, "broken-compression" for bytes that are none.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in ("", "identity"):
            continue
        if name not in ("gzip", "x-gzip", "deflate"):
            raise Undecodable(
                "unsupported-encoding", f"{name!r} is not known; send gzip, deflate or plain bytes"
            )
        # "deflate" is zlib's format by its definition and without its frame by habit.
        kinds = (zlib.MAX_WBITS | 16,) if name != "deflate" else (zlib.MAX_WBITS, -zlib.MAX_WBITS)
        plain = next((made for kind in kinds if (made := _unpacked(body, kind, limit)) is not None), None)
        if plain is None:
            raise Undecodable("broken-compression", f"{len(body)} bytes are no {name}, or were cut")
        body = plain
    return body


def _unpacked(body: bytes, wbits: int, limit: int) -> bytes | None:
    """At most `limit` + 1 bytes of what a body was; None for one that is cut or of another format.

    A gzip body may have several members, one behind the other (RFC 1952, 2.2); zeros behind the last are padding.
    """
    pieces: list[bytes] = []
    size, at = 0, 0
    reader = zlib.decompressobj(wbits)
    while not reader.eof or (wbits > zlib.MAX_WBITS and body[at : at + _PIECE].strip(b"\0")):
        if reader.eof:
            reader = zlib.decompressobj(wbits)
        # Piece by piece, as what lies behind a member is copied at its end: a million members take no hours.
        piece = body[at : at + _PIECE]
        if not piece:
            return None  # cut off
        try:
            pieces.append(reader.decompress(piece, limit + 1 - size))
        except zlib.error:
            return None
        size += len(pieces[-1])
        if size > limit:
            break
        at += len(piece) - len(reader.unused_data)
    return b"".join(pieces)


_PIECE = 1024


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            return value.strip().strip("\"'").lower()
    return ""


def text_of(body: bytes, content_type: str) -> str:
    """A body's text by the charset of its Content-Type or its byte order mark, UTF-8 otherwise."""
    return _text(body, content_type.partition(";")[2], "utf-8")


def _text(body: bytes, parameters: str, default: str) -> str:
    charset = (_charset(parameters) if parameters else "") or default
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            charset = "utf-8-sig" if name == "utf-8" else name
            break
    if not is_charset(charset):
        raise Undecodable("broken-encoding", f"charset {charset[:40]!r} is not known; send UTF-8")
    try:
        return body.decode(charset)
    except UnicodeDecodeError as error:
        raise Undecodable(
            "broken-encoding",
            f"byte {error.start} ({body[error.start]:#04x}) is not {charset}; "
            "send UTF-8 or name the charset in Content-Type",
        ) from None
    except UnicodeError as error:  # UTF-16 without a byte order mark, where it is asked for
        raise Undecodable("broken-encoding", f"not {charset}: {error}; send UTF-8") from None


# --- JSON ---------------------------------------------------------------------------------------


def decode_json(text: str) -> Json:
    """A JSON text's value; refuses NaN, Infinity, names given twice, lone surrogates, deep nesting."""
    if text.count("[") + text.count("{") > DEPTH_LIMIT:
        _check_depth(text)
    try:
        value: Json = _DECODER.decode(text)
    except json.JSONDecodeError as error:
        raise Undecodable(
            "broken-json", f"line {error.lineno} column {error.colno}: {_remark(text, error)}"
        ) from None
    except RecursionError:
        raise Undecodable("too-deep", f"nested deeper than {DEPTH_LIMIT} levels") from None
    except ValueError as error:  # a number of more digits than Python converts
        raise Undecodable("broken-json", f"a number is too long: {error}") from None
    if "\\u" in text and "\\ud" in text.lower():
        _check_surrogates(value)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise Undecodable("duplicate-name", f"property {name!r} is given twice in one object")
            seen.add(name)
    return value


def _constant(name: str) -> Any:
    raise Undecodable("not-finite", f"{name} is no JSON number")


# A number that Python would write otherwise keeps its text; one call for each number with a fraction.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=exact, parse_constant=_constant)


def _remark(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    if at >= len(text.rstrip()):
        return "the body ends too early" if text.strip() else "the body is empty"
    found = text[at]
    if found == "'":
        return "text stands in double quotes, not in single ones (the real server may read it)"
    if found in "]}" or (error.msg.startswith("Expecting property name") and found == "}"):
        return "a comma before the closing bracket (the real server may read it)"
    if "property name" in error.msg:
        return f"a property name in double quotes is expected, not {found!r}"
    if error.msg.startswith("Extra data"):
        return f"there is more behind the value, starting with {found!r}"
    if error.msg.startswith("Illegal trailing comma"):
        return "a comma before the closing bracket (the real server may read it)"
    return f"{error.msg[0].lower()}{error.msg[1:]}, found {found!r}"


_STRINGS = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKETS = re.compile(r"[^\[\]{}]+")


def _check_depth(text: str) -> None:
    # Only brackets are kept, then each pass takes the innermost level away: all of it at C speed, as a
    # loop over the characters of a large body would take seconds.
    brackets = _NO_BRACKETS.sub("", _STRINGS.sub("", text))
    for _ in range(DEPTH_LIMIT):
        shorter = brackets.replace("[]", "").replace("{}", "")
        if len(shorter) == len(brackets):
            return  # empty, or broken JSON, which the parser explains better
        brackets = shorter
    if brackets:
        raise Undecodable("too-deep", f"nested deeper than {DEPTH_LIMIT} levels")


def _check_surrogates(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            if not item.isascii() and any("\ud800" <= c <= "\udfff" for c in item):
                raise Undecodable("lone-surrogate", f"half a surrogate pair in {json.dumps(item)[:60]}")
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += item.keys()
            waiting += item.values()
