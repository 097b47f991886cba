"""Bytes to a JSON value: JSON, XML in its simple form, form-urlencoded, raw.

Whatever comes in, the outcome is a value or an `Undecodable` that names the rule broken and the place;
never another exception, and never more than linear time. What the value means for the contract is not
asked here, except that text without types of its own (XML, forms) is read by the type it stands for.
"""

from __future__ import annotations

import codecs
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import unquote_to_bytes

from mockso.contract.catalogue import Contract
from mockso.contract.model import Json, TypeRef
from mockso.contract.values import boolean, decimal, integer

DEPTH_LIMIT = 64
NODE_LIMIT = 1_000_000

JSON_TYPES = frozenset(
    {"application/json", "text/json", "application/json-patch+json", "application/merge-patch+json"}
)
XML_TYPES = frozenset({"application/xml", "text/xml"})
FORM_TYPE = "application/x-www-form-urlencoded"


class Undecodable(Exception):
    """A body that cannot be read: the rule it breaks, and what is wrong where."""

    def __init__(self, rule: str, message: str) -> None:
        super().__init__(message)
        self.rule = rule
        self.message = message


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
            return _decode_xml(body, kind, contract)
        case "form":
            return _decode_form(_text(body, parameters, "utf-8"), kind, contract)
    return body


def _text(body: bytes, parameters: str, default: str) -> str:
    charset = default
    for parameter in parameters.split(";"):
        name, _, value = parameter.partition("=")
        if name.strip().lower() == "charset" and value.strip():
            charset = value.strip().strip("\"'").lower()
    for mark, name in (
        (codecs.BOM_UTF8, "utf-8"),
        (codecs.BOM_UTF32_LE, "utf-32"),
        (codecs.BOM_UTF16_LE, "utf-16"),
        (codecs.BOM_UTF16_BE, "utf-16"),
    ):
        if body.startswith(mark):
            charset = "utf-8-sig" if name == "utf-8" else name
            break
    try:
        # Only text encodings: "rot13", "zip" and their like are codecs too.
        if not codecs.lookup(charset)._is_text_encoding:
            raise LookupError
        return body.decode(charset)
    except (LookupError, UnicodeError) as error:
        if isinstance(error, UnicodeDecodeError):
            raise Undecodable(
                "broken-encoding",
                f"byte {error.start} ({body[error.start]:#04x}) is not {charset}; "
                "send UTF-8 or name the charset in Content-Type",
            ) from None
        raise Undecodable("broken-encoding", f"charset {charset!r} is not known; send UTF-8") from None


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
        twice = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise Undecodable("duplicate-name", f"property {twice!r} is given twice in one object")
    return value


def _constant(name: str) -> Any:
    raise Undecodable("not-finite", f"{name} is no JSON number")


_DECODER = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_constant)


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


# --- XML, the simple form: an element per member, text in the leaves -----------------------------


class _Element:
    __slots__ = ("children", "name", "nil", "text")

    def __init__(self, name: str, nil: bool) -> None:
        self.name = name
        self.nil = nil
        self.children: list[_Element] = []
        self.text: list[str] = []


def _decode_xml(body: bytes, kind: TypeRef, contract: Contract) -> Json:
    root = _parse_xml(body)
    return _from_xml(root, kind, contract)


def _parse_xml(body: bytes) -> _Element:
    from xml.parsers import expat  # only callers who send XML pay for it

    holder = _Element("", nil=False)
    stack = [holder]
    nodes = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal nodes
        nodes += 1
        if len(stack) > DEPTH_LIMIT:
            raise Undecodable("too-deep", f"nested deeper than {DEPTH_LIMIT} levels")
        if nodes > NODE_LIMIT:
            raise Undecodable("too-large", f"more than {NODE_LIMIT} elements")
        nil = any(
            key.rpartition(":")[2] == "nil" and value in ("true", "1") for key, value in attributes.items()
        )
        element = _Element(name.rpartition(":")[2], nil)
        stack[-1].children.append(element)
        stack.append(element)

    def end(name: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text.append(data)

    def forbid(*_: Any) -> None:
        raise Undecodable("forbidden-xml", "a document type or an entity declaration")

    parser = expat.ParserCreate()
    parser.buffer_text = True
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.CharacterDataHandler = text
    parser.StartDoctypeDeclHandler = forbid
    parser.EntityDeclHandler = forbid
    try:
        parser.Parse(body, True)
    except expat.ExpatError as error:
        place = f"line {error.lineno} column {error.offset + 1}"
        raise Undecodable("broken-xml", f"{place}: {expat.ErrorString(error.code)}") from None
    except (LookupError, ValueError) as error:
        raise Undecodable("broken-encoding", f"the XML declaration's encoding: {error}") from None
    return holder.children[0]


def _from_xml(element: _Element, kind: TypeRef, contract: Contract) -> Json:
    if element.nil:
        return None
    children = element.children
    match kind.kind:
        case "list":
            assert kind.item is not None
            return [_from_xml(child, kind.item, contract) for child in children]
        case "map":
            assert kind.item is not None
            return _map_from_xml(children, kind.item, contract)
        case "carrier":
            types = {f.name.lower(): f.type for f in contract.type(kind.name).fields}
            return _object_from_xml(children, lambda name: types.get(name.lower(), _ANY), contract)
        case "scalar" | "enum" | "flags" if not children:
            return from_text("".join(element.text), kind)
    if children:
        return _object_from_xml(children, lambda name: _ANY, contract)
    return "".join(element.text)


def _object_from_xml(
    children: list[_Element], type_of: Callable[[str], TypeRef], contract: Contract
) -> dict[str, Json]:
    value: dict[str, Json] = {}
    for child in children:
        if child.name in value:
            raise Undecodable("duplicate-name", f"element <{child.name}> stands twice in one object")
        value[child.name] = _from_xml(child, type_of(child.name), contract)
    return value


def _map_from_xml(children: list[_Element], item: TypeRef, contract: Contract) -> dict[str, Json]:
    value: dict[str, Json] = {}
    for child in children:
        parts = {part.name.lower(): part for part in child.children}
        if {"key", "value"} <= parts.keys():  # <KeyValueOfstringstring><Key>..</Key><Value>..</Value>
            value["".join(parts["key"].text)] = _from_xml(parts["value"], item, contract)
        else:
            value[child.name] = _from_xml(child, item, contract)
    return value


_ANY = TypeRef("any")


def from_text(text: str, kind: TypeRef) -> Json:
    """A leaf's text as its type has it; the text itself where it does not read so (the judge will say)."""
    value: Json = None
    match kind.name:
        case "int32" | "int64":
            value = integer(text.strip())
        case "double":
            value = decimal(text.strip())
        case "boolean":
            value = boolean(text.strip())
            if value is None:
                value = {"1": True, "0": False}.get(text.strip())
    return text if value is None else value


# --- forms --------------------------------------------------------------------------------------


def _decode_form(text: str, kind: TypeRef, contract: Contract) -> Json:
    """name=value pairs; "Credentials.Type" and "Credentials[Type]" reach into a member, "Ids[0]",
    "Ids[]" and a repeated "Ids" make a list."""
    root: dict[str, Any] = {}
    for pair in text.split("&"):
        if not pair.strip():
            continue
        name, equals, value = pair.partition("=")
        if not equals:
            raise Undecodable("broken-form", f"{pair[:40]!r} is not name=value")
        try:
            key = unquote_to_bytes(name.replace("+", " ")).decode()
            content = unquote_to_bytes(value.replace("+", " ")).decode()
        except UnicodeDecodeError as error:
            raise Undecodable(
                "broken-encoding", f"{pair[:40]!r} is not UTF-8 behind its % signs: {error.reason}"
            ) from None
        path = key.replace("[", ".").replace("]", "").removesuffix(".").split(".")
        if len(path) > DEPTH_LIMIT:
            raise Undecodable("too-deep", f"nested deeper than {DEPTH_LIMIT} levels")
        place = root
        for part in path[:-1]:
            place = place.setdefault(part.strip(), {})
            if not isinstance(place, dict):
                raise Undecodable(
                    "broken-form", f"{key[:40]!r} reaches into a name that has a value of its own"
                )
        last = place.get(path[-1])
        if isinstance(last, dict):
            raise Undecodable("broken-form", f"{key[:40]!r} has members and a value of its own")
        place.setdefault(path[-1], []).append(content)
    return _from_form(root, kind, contract)


def _from_form(value: Any, kind: TypeRef, contract: Contract) -> Json:
    if isinstance(value, list):
        if kind.kind == "list" and kind.item is not None:
            return [_from_form([text], kind.item, contract) for text in value]
        texts = [from_text(text, kind) for text in value]
        return texts[0] if len(texts) == 1 else list(texts)
    if kind.kind == "list" and kind.item is not None:
        return [_from_form(inner, kind.item, contract) for inner in value.values()]
    if kind.kind == "map" and kind.item is not None:
        return {key: _from_form(inner, kind.item, contract) for key, inner in value.items()}
    types = (
        {f.name.lower(): f.type for f in contract.type(kind.name).fields} if kind.kind == "carrier" else {}
    )
    return {key: _from_form(inner, types.get(key.lower(), _ANY), contract) for key, inner in value.items()}
