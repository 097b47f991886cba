"""Bytes to a JSON value: which reader a media type has, charsets, compressed bodies.

Whatever comes in, the outcome is a value or an `UndecodableError` that names the rule broken and the place;
never another exception, and never more than linear time. Nothing is checked against the contract here, but
text without types of its own (XML, forms) is read by the type it stands for.
"""

from __future__ import annotations

import codecs
import zlib

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json, TypeRef
from mockso.formats.json import decode_json
from mockso.formats.reading import UndecodableError, is_charset

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
            return decode_json(_text(body, parameters))
        case "xml":
            from mockso.formats.xml import from_xml

            charset = _charset(parameters)
            if charset in ("", "utf-8", "utf8", "us-ascii", "iso-8859-1", "utf-16"):
                return from_xml(body, kind, contract, "utf-8" if charset == "utf8" else charset)
            # expat knows few charsets; its own declaration must not contradict what it is handed.
            return from_xml(_text(body, parameters).encode(), kind, contract, "utf-8")
        case "form":
            from mockso.formats.forms import decode_form

            return decode_form(_text(body, parameters), kind, contract)
    return body


def decompress(body: bytes, encoding: str, limit: int) -> bytes:
    """A body without its Content-Encoding, at most `limit` + 1 bytes of it.

    Raises UndecodableError: "unsupported-encoding" for an unknown encoding, "broken-compression" for bytes that are
    not of it.
    """
    for name in reversed([part.strip().lower() for part in encoding.split(",")]):
        if name in ("", "identity"):
            continue
        if name not in ("gzip", "x-gzip", "deflate"):
            raise UndecodableError(
                "unsupported-encoding", f"{name!r} is not known; send gzip, deflate or plain bytes"
            )
        # "deflate" is zlib's format by its definition and without its frame by habit.
        kinds = (zlib.MAX_WBITS | 16,) if name != "deflate" else (zlib.MAX_WBITS, -zlib.MAX_WBITS)
        plain = next((content for kind in kinds if (content := _unpack(body, kind, limit)) is not None), None)
        if plain is None:
            raise UndecodableError("broken-compression", f"{len(body)} bytes are not {name}, or were cut")
        body = plain
    return body


def _unpack(body: bytes, wbits: int, limit: int) -> bytes | None:
    """At most `limit` + 1 bytes of a body unpacked; None for one that is cut or of another format.

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


_FIRST_OF_MARKS = b"\xef"


def _charset(parameters: str) -> str:
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            return value.strip().strip("\"'").lower()
    return ""


def text_of(body: bytes, content_type: str) -> str:
    """A body's text by the charset of its Content-Type or its byte order mark, UTF-8 otherwise."""
    return _text(body, content_type.partition(";")[2])


def _text(body: bytes, parameters: str) -> str:
    charset = (_charset(parameters) if parameters else "") or "utf-8"
    if charset == "utf-8" and body[:1] < _FIRST_OF_MARKS:
        try:
            return body.decode()
        except UnicodeDecodeError:
            pass  # said below
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
        raise UndecodableError("broken-encoding", f"charset {charset[:40]!r} is not known; send UTF-8")
    try:
        return body.decode(charset)
    except UnicodeDecodeError as error:
        raise UndecodableError(
            "broken-encoding",
            f"byte {error.start} ({body[error.start]:#04x}) is not {charset}; "
            "send UTF-8 or name the charset in Content-Type",
        ) from None
    except UnicodeError as error:  # UTF-16 without a byte order mark
        raise UndecodableError("broken-encoding", f"not {charset}: {error}; send UTF-8") from None
