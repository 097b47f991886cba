"""JSON: strict reading, and writing in which numbers keep their text.

What the strict reader refuses may still be almost JSON (`almost_json.py`).
"""

from __future__ import annotations

import json
import re
from functools import cached_property
from typing import Any

from mockso.contract.model import Json
from mockso.contract.values import Exact, exact
from mockso.exchange.message import Request
from mockso.formats.reading import DEPTH_LIMIT, UndecodableError

# --- reading ------------------------------------------------------------------------------------


def decode_json(text: str) -> Json:
    """A JSON text's value; refuses NaN, Infinity, names given twice, lone surrogates, deep nesting."""
    if text.count("[") + text.count("{") > DEPTH_LIMIT:
        _check_depth(text)
    try:
        value = _decode(text)
    except json.JSONDecodeError as error:
        raise UndecodableError(
            "broken-json", f"line {error.lineno} column {error.colno}: {_remark(text, error)}"
        ) from None
    except RecursionError:
        raise UndecodableError("too-deep", f"nested deeper than {DEPTH_LIMIT} levels") from None
    except ValueError as error:  # a number of more digits than Python converts
        raise UndecodableError("broken-json", f"a number is too long: {error}") from None
    if "\\u" in text and "\\ud" in text.lower():
        _check_surrogates(value)
    return value


_BLANKS = " \t\n\r"


def _decode(text: str) -> Json:
    if text[:1] not in _BLANKS:  # as nearly all, which saves the decoder's own look for blanks
        value: Json
        value, end = _DECODER.raw_decode(text)
        if end == len(text) or not text[end:].strip(_BLANKS):
            return value
    value = _DECODER.decode(text)
    return value


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for name, _ in pairs:
            if name in seen:
                raise UndecodableError("duplicate-name", f"property {name!r} is given twice in one object")
            seen.add(name)
    return value


def _constant(name: str) -> Any:
    raise UndecodableError("not-finite", f"{name} is not a JSON number")


# A number that Python would write otherwise keeps its text; one call for each number with a fraction.
_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_float=exact, parse_constant=_constant)


def _remark(text: str, error: json.JSONDecodeError) -> str:
    at = error.pos
    if at >= len(text.rstrip()):
        return "the body ends too early" if text.strip() else "the body is empty"
    character = text[at]
    if character == "'":
        return "text stands in double quotes, not in single ones (the real server may read it)"
    if character in "]}" or error.msg.startswith("Illegal trailing comma"):
        return "a comma before the closing bracket (the real server may read it)"
    if "property name" in error.msg:
        return f"a property name in double quotes is expected, not {character!r}"
    if error.msg.startswith("Extra data"):
        return f"there is more behind the value, starting with {character!r}"
    return f"{error.msg[0].lower()}{error.msg[1:]}, found {character!r}"


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
        raise UndecodableError("too-deep", f"nested deeper than {DEPTH_LIMIT} levels")


_SURROGATE = re.compile("[\ud800-\udfff]")


def _check_surrogates(value: Any) -> None:
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str):
            half = None if item.isascii() else _SURROGATE.search(item)
            if half is not None:  # the text around it may be a secret
                raise UndecodableError("lone-surrogate", f"half a surrogate pair: {ascii(half[0])[1:-1]}")
        elif isinstance(item, list):
            waiting += item
        elif isinstance(item, dict):
            waiting += item.keys()
            waiting += item.values()


# --- writing ------------------------------------------------------------------------------------

_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode

# A number with a fraction or an exponent; in JSON one stands behind ":", "," or "[".
_JSON_FRACTION = re.compile(rb"[:,\[]\s*-?[0-9]+[.eE]")
_FRACTION = re.compile(rb"[0-9][.eE]")


class ConstantObject(dict[str, Any]):
    """A JSON object that never changes and stands in many answers: it is encoded once."""

    @cached_property
    def text(self) -> str:
        return _encode(self)


def encode_json(value: Any, request: Request) -> str:
    """A value as JSON. Numbers that came in the request's body go out as they were written, 0.00 as 0.00."""
    if type(value) is ConstantObject:
        return value.text
    body = request.body
    if _has_constants(value):
        return _encode_in_parts(value, request)
    if type(value) is list and value and (type(value[0]) is ConstantObject or _has_constants(value[0])):
        return "[" + ",".join([encode_json(item, request) for item in value]) + "]"
    return _encode_exactly(value) if body and _may_have_fractions(request, body) else _encode(value)


def _has_constants(value: Any) -> bool:
    return type(value) is dict and ConstantObject in map(type, value.values())


def _encode_in_parts(value: dict[str, Any], request: Request) -> str:
    texts: list[str] = []
    members: dict[str, Any] = {}
    for name, item in value.items():
        if type(item) is ConstantObject:
            texts.append(item.text)
            item = _PLACE
        elif type(item) is list and item and type(item[0]) is ConstantObject:
            texts.append(encode_json(item, request))
            item = _PLACE
        members[name] = item
    parts = encode_json(members, request).split(_PLACE_TEXT)
    if len(parts) > len(texts) + 1:  # somebody saved the mark
        copies = {name: dict(item) for name, item in value.items() if type(item) is ConstantObject}
        return encode_json({**value, **copies}, request)
    pieces = [parts[0]]
    for text, part in zip(texts, parts[1:], strict=True):
        pieces += (text, part)
    return "".join(pieces)


# Stands for a constant while the rest is encoded, in one go as that is three times as fast.
_PLACE = "\0constant\0"
_PLACE_TEXT = _encode(_PLACE)


def _may_have_fractions(request: Request, body: bytes) -> bool:
    if "Content-Encoding" in request.headers or b"\0" in body:
        return True  # compressed, or two bytes a character: not to be seen here
    fraction = _JSON_FRACTION if request.media_type.endswith("json") else _FRACTION
    return fraction.search(body) is not None


def _encode_exactly(value: Any) -> str:
    # json's encoder writes a float by its value and cannot be told otherwise.
    if isinstance(value, Exact):
        return value.text
    if isinstance(value, dict):
        return (
            "{" + ",".join([f"{_encode(key)}:{_encode_exactly(inner)}" for key, inner in value.items()]) + "}"
        )
    if isinstance(value, list | tuple):
        return "[" + ",".join(map(_encode_exactly, value)) + "]"
    return _encode(value)
