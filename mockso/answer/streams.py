"""Byte answers: documents, and images in the size and type that was asked for.

Source: section 10.5. Raw bytes in the type that was asked for, or base64 in a JSON string (firm); the pictures are
blank ones, made here. An id of 0 or less has no image, so that `ifBlank` can be tried (assumed).
"""

from __future__ import annotations

import struct
import zlib
from base64 import b64decode, b64encode
from dataclasses import replace

from mockso.answer.refuse import no_image
from mockso.contract.model import Operation
from mockso.contract.plausible import CONTENT, PIXEL
from mockso.exchange.call import Call
from mockso.exchange.headers import parse_accept
from mockso.exchange.message import Reply
from mockso.formats.codec import JSON_TYPES, XML_TYPES
from mockso.state.tenant import View

SIZE_LIMIT = 1024  # pixels a side; a larger picture would show nothing more

_JPEG = b64decode(
    "/9j/4AAQSkZJRgABAQAAAQABAAD/2wBDAP//////////////////////////////////////////////////////////////////////////////"
    "////////wAALCAABAAEBAREA/8QAFAABAAAAAAAAAAAAAAAAAAAAA//EABQQAQAAAAAAAAAAAAAAAAAAAAD/2gAIAQEAAD8AR//Z"
)
_TIFF = b64decode(
    "SUkqAAgAAAAJAAABBAABAAAAAQAAAAEBBAABAAAAAQAAAAIBAwABAAAACAAAAAMBAwABAAAAAQAAAAYBAwABAAAAAQAAABEBBAABAAAAegAAABYB"
    "BAABAAAAAQAAABcBBAABAAAAAQAAABwBAwABAAAAAQAAAAAAAAD/"
)
_TYPES = {
    "jpeg": "image/jpeg",
    "jpg": "image/jpeg",
    "png": "image/png",
    "gif": "image/gif",
    "tiff": "image/tiff",
}


def stream(call: Call, operation: Operation, view: View) -> Reply:
    """The answer of an operation that promises bytes, raw."""
    kinds = [kind for kind in operation.produces if kind not in JSON_TYPES and kind not in XML_TYPES]
    asked = next((kind for kind in parse_accept(call.request.headers.get("Accept")) if kind in kinds), "")
    kind = asked or (kinds[0] if kinds else "application/octet-stream")
    if all(one.startswith("image/") for one in kinds) and kinds:
        return _image(call, kinds, asked, view)
    if kind.startswith("image/"):
        return Reply(200, picture(kind, 1, 1), fidelity="likely", media_type=kind)
    return Reply(200, CONTENT, fidelity="likely", media_type=kind)


def in_json(reply: Reply) -> Reply:
    """A byte answer as base64 in a JSON string; a refusal as it is."""
    if not isinstance(reply.body, bytes):
        return reply
    return replace(reply, body=b64encode(reply.body).decode(), media_type="")


def _image(call: Call, kinds: list[str], asked: str, view: View) -> Reply:
    arguments = {name.lower(): value for name, value in call.verdict.arguments.items()}
    named = _TYPES.get(str(arguments.get("type") or "").lower(), "")
    kind = (named if named in kinds else "") or asked or ("image/gif" if "image/gif" in kinds else kinds[0])
    ids = [value for name, value in arguments.items() if name.endswith("id") and type(value) is int]
    if ids and ids[0] <= 0:
        if str(arguments.get("ifblank") or "Null").lower() == "null":
            return no_image(call, view)
        return Reply(200, picture(kind, 1, 1), fidelity="assumed", media_type=kind)
    width, height = (_side(arguments.get(name)) for name in ("w", "h"))
    return Reply(200, picture(kind, width or height, height or width), fidelity="likely", media_type=kind)


def _side(value: object) -> int:
    return min(value, SIZE_LIMIT) if isinstance(value, int) and value > 0 else 0


def picture(kind: str, width: int, height: int) -> bytes:
    """A blank picture; PNG and GIF have the size asked for, the others are one pixel."""
    width, height = width or 1, height or 1
    if kind == "image/png":
        head = struct.pack(">IIBBBBB", width, height, 1, 0, 0, 0, 0)
        rows = (b"\x00" + b"\xff" * (-(-width // 8))) * height
        return (
            b"\x89PNG\r\n\x1a\n"
            + _chunk(b"IHDR", head)
            + _chunk(b"IDAT", zlib.compress(rows, 9))
            + _chunk(b"IEND", b"")
        )
    if kind in ("image/jpeg", "image/jpg"):
        return _JPEG
    if kind == "image/tiff":
        return _TIFF
    return PIXEL[:6] + struct.pack("<HH", width, height) + PIXEL[10:]


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))
