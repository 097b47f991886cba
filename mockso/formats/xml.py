"""XML in the style of .NET's DataContract serializer: values to text and back, by the types of the contract.

    <ContactEntity xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
      <ContactId>17</ContactId>
      <Source i:nil="true" />
      <Persons><Person><PersonId>3</PersonId></Person></Persons>
      <CustomFields><KeyValueOfstringstring><Key>x_size</Key><Value>5</Value></KeyValueOfstringstring></CustomFields>
    </ContactEntity>

Source: section 10.4; all of the spelling is assumed, and `XmlStyle` holds what can be chosen. The reader takes
every style, with any namespaces, and refuses document types and entities.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from mockso.contract.catalogue import Contract
from mockso.contract.model import ANY, Json, Path, TypeRef
from mockso.contract.paths import walk
from mockso.contract.values import Exact
from mockso.formats.reading import DEPTH_LIMIT, NODE_LIMIT, UndecodableError, from_text

INSTANCE = "http://www.w3.org/2001/XMLSchema-instance"
SCHEMA = "http://www.w3.org/2001/XMLSchema"
DATA_CONTRACT = "http://schemas.datacontract.org/2004/07/"


@dataclass(frozen=True)
class XmlStyle:
    """The choices in which the real server's XML is unknown.

    `namespace` is the default namespace of the root, "datacontract" derives it from the carrier's full name.
    `nulls` "omit" leaves empty members out; in lists they always stay. `arrays` "typed" names an item after
    its type, "item" calls each one Item.
    """

    namespace: str = ""
    nulls: Literal["nil", "omit"] = "nil"
    arrays: Literal["typed", "item"] = "typed"


PLAIN = XmlStyle()

# --- writing ------------------------------------------------------------------------------------

# The names that the serializer gives to items of these types.
_ITEMS = {
    "string": "string",
    "int32": "int",
    "int64": "long",
    "double": "double",
    "boolean": "boolean",
    "date-time": "dateTime",
    "byte": "base64Binary",
    "binary": "base64Binary",
}
_OWN_TYPES = {str: "string", bool: "boolean", int: "long"}
_ENTRY, _ANY_ENTRY = "KeyValueOfstringstring", "KeyValueOfstringanyType"

Write = Callable[[list[str], str, Any], None]


def to_xml(value: Any, kind: TypeRef, contract: Contract, style: XmlStyle = PLAIN) -> bytes:
    """A value as an XML document; a part that does not fit its type is written by its own."""
    writers = contract.derive(_writers)
    writer = writers.get(style)
    if writer is None:
        writer = writers.setdefault(style, _Writer(contract, style))
    return writer.document(value, kind).encode("utf-8", "replace")


def _writers(_: Contract) -> dict[XmlStyle, _Writer]:
    return {}


class _Writer:
    """The writing functions of one contract in one style, each made at its first use."""

    def __init__(self, contract: Contract, style: XmlStyle) -> None:
        self._contract = contract
        self._style = style
        self._writes: dict[TypeRef, Write] = {}
        self._any = self._of(ANY)

    def document(self, value: Any, kind: TypeRef) -> str:
        name = element_name(kind)
        spaces = f' xmlns:i="{INSTANCE}"'
        if self._style.namespace == "datacontract":
            spaces += f' xmlns="{DATA_CONTRACT}{kind.name.rpartition(".")[0]}"'
        elif self._style.namespace:
            spaces += f' xmlns="{_attribute(self._style.namespace)}"'
        out = ['<?xml version="1.0" encoding="utf-8"?>']
        if value is None:
            out.append(f'<{name} i:nil="true" />')
        else:
            self._of(kind)(out, name, value)
        # The first piece of an element is its opening tag, of which only the name is certain.
        out[1] = f"<{name}{spaces}{out[1][len(name) + 1 :]}"
        return "".join(out)

    def _of(self, kind: TypeRef) -> Write:
        write = self._writes.get(kind)
        if write is None:
            # A type that contains itself finds this entry and looks its function up when called.
            self._writes[kind] = lambda out, tag, value: self._writes[kind](out, tag, value)
            write = self._writes[kind] = self._make(kind)
        return write

    def _make(self, kind: TypeRef) -> Write:
        match kind.kind:
            case "carrier":
                return self._carrier(kind)
            case "list":
                return self._list(kind)
            case "map":
                return self._map(kind)
            case "any" | "patch":
                return self._anything
        return self._leaf

    def _leaf(self, out: list[str], tag: str, value: Any) -> None:
        if type(value) is str:
            out.append(f"<{tag}>{escape(value)}</{tag}>")
        elif isinstance(value, list | dict):
            self._any(out, tag, value)
        else:
            out.append(f"<{tag}>{_scalar(value)}</{tag}>")

    def _carrier(self, kind: TypeRef) -> Write:
        types = {}
        if "." in kind.name:  # the error carrier is in no contract
            types = {
                f.name: (xml_name(f.name), self._of(f.type)) for f in self._contract.type(kind.name).fields
            }
        find, omit = types.get, self._style.nulls == "omit"
        other = self._any if types else self._leaf

        def write(out: list[str], tag: str, value: Any) -> None:
            if not isinstance(value, dict):
                self._any(out, tag, value)
                return
            out.append(f"<{tag}>")
            for key, inner in value.items():
                pair = find(key)
                name, member = pair if pair is not None else (xml_name(key), other)
                if inner is None:
                    if not omit:
                        out.append(f'<{name} i:nil="true" />')
                else:
                    member(out, name, inner)
            out.append(f"</{tag}>")

        return write

    def _list(self, kind: TypeRef) -> Write:
        item = kind.item or ANY
        inner_write = self._of(item)
        name = "Item" if self._style.arrays == "item" else element_name(item)

        def write(out: list[str], tag: str, value: Any) -> None:
            if type(value) is not list:
                self._any(out, tag, value)
                return
            out.append(f"<{tag}>")
            for inner in value:
                if inner is None:
                    out.append(f'<{name} i:nil="true" />')
                else:
                    inner_write(out, name, inner)
            out.append(f"</{tag}>")

        return write

    def _map(self, kind: TypeRef) -> Write:
        inner_write = self._of(kind.item or ANY)

        def write(out: list[str], tag: str, value: Any) -> None:
            if not isinstance(value, dict):
                self._any(out, tag, value)
                return
            out.append(f"<{tag}>")
            _write_entries(out, _ENTRY, value, inner_write)
            out.append(f"</{tag}>")

        return write

    def _anything(self, out: list[str], tag: str, value: Any) -> None:
        """Write a value of unknown type with its own type, as the serializer writes an object's."""
        if isinstance(value, dict):
            out.append(f'<{tag} i:type="ArrayOf{_ANY_ENTRY}">')
            _write_entries(out, _ANY_ENTRY, value, self._any)
        elif isinstance(value, list):
            out.append(f'<{tag} i:type="ArrayOfanyType">')
            for inner in value:
                if inner is None:
                    out.append('<anyType i:nil="true" />')
                else:
                    self._anything(out, "anyType", inner)
        else:
            name = _OWN_TYPES.get(type(value), "double")
            text = escape(value) if isinstance(value, str) else _scalar(value)
            out.append(f'<{tag} i:type="x:{name}" xmlns:x="{SCHEMA}">{text}')
        out.append(f"</{tag}>")


def _write_entries(out: list[str], name: str, value: dict[str, Any], inner_write: Write) -> None:
    for key, inner in value.items():
        out.append(f"<{name}><Key>{escape(key)}</Key>")
        if inner is None:
            out.append('<Value i:nil="true" />')
        else:
            inner_write(out, "Value", inner)
        out.append(f"</{name}>")


def _scalar(value: Any) -> str:
    if type(value) is int:
        return str(value)
    if value is True:
        return "true"
    if value is False:
        return "false"
    return value.text if isinstance(value, Exact) else json.dumps(value)


def element_name(kind: TypeRef) -> str:
    """The element of a value of this type where nothing else names it: "ContactEntity", "ArrayOfint"."""
    if kind.kind in ("list", "map"):
        return f"ArrayOf{_ENTRY if kind.kind == 'map' else element_name(kind.item or ANY)}"
    if kind.kind == "carrier":
        return xml_name(kind.name.rpartition(".")[2])
    if kind.kind in ("enum", "flags"):
        return "string"
    return _ITEMS.get(kind.name, "anyType")


_PLAIN_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]*\Z")
_CODED = re.compile(r"_x([0-9A-Fa-f]{4}|[0-9A-Fa-f]{8})_")
_NO_NAME = re.compile(r"[^A-Za-z0-9_.-]")


def xml_name(name: str) -> str:
    """A property's name as an element's: characters that XML forbids are written _x0020_, as .NET does."""
    if _PLAIN_NAME.match(name) and "_x" not in name:
        return name
    text = _CODED.sub(lambda match: f"_x005F_{match[0][1:]}", name)
    text = _NO_NAME.sub(lambda match: _code(match[0]), text)
    if not text or not (text[0].isalpha() or text[0] == "_"):
        text = _code(text[0]) + text[1:] if text else "_"
    return text


def _code(character: str) -> str:
    number = ord(character)
    return f"_x{number:04X}_" if number < 0x10000 else f"_x{number:08X}_"


def _plain_name(name: str) -> str:
    if "_x" not in name:
        return name

    def decode(match: re.Match[str]) -> str:
        number = int(match[1], 16)
        return chr(number) if number < 0x110000 and not 0xD800 <= number < 0xE000 else match[0]

    return _CODED.sub(decode, name)


_SPECIAL = re.compile(r"[&<>\r\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPES = {"&": "&amp;", "<": "&lt;", ">": "&gt;", "\r": "&#xD;"}


def escape(text: str) -> str:
    """A text as element content; characters that XML 1.0 cannot hold become U+FFFD."""
    if _SPECIAL.search(text) is None:
        return text
    return _SPECIAL.sub(lambda match: _ESCAPES.get(match[0], "\ufffd"), text)


def _attribute(text: str) -> str:
    return escape(text).replace('"', "&quot;")


# --- reading ------------------------------------------------------------------------------------


class _Element:
    __slots__ = ("children", "name", "nil", "text", "type")

    def __init__(self, name: str, nil: bool = False, type_name: str = "") -> None:
        self.name = name
        self.nil = nil
        self.type = type_name
        self.children: list[_Element] = []
        self.text: list[str] = []


def from_xml(body: bytes, kind: TypeRef, contract: Contract, charset: str = "") -> Json:
    """The value of an XML document, read as `kind`; `charset` overrules the document's own declaration."""
    return _value(_parse(body, charset), kind, contract)


def _parse(body: bytes, charset: str) -> _Element:
    from xml.parsers import expat

    holder = _Element("")
    stack = [holder]
    nodes = 0

    def start(name: str, attributes: dict[str, str]) -> None:
        nonlocal nodes
        nodes += 1
        if len(stack) > DEPTH_LIMIT:
            raise UndecodableError("too-deep", f"nested deeper than {DEPTH_LIMIT} levels")
        if nodes > NODE_LIMIT:
            raise UndecodableError("too-large", f"more than {NODE_LIMIT} elements")
        nil, type_name = False, ""
        for key, value in attributes.items():
            local = key.rpartition(":")[2]
            if local == "nil":
                nil = value.strip() in ("true", "1")
            elif local == "type":
                type_name = value.rpartition(":")[2].strip()
        element = _Element(_plain_name(name.rpartition(":")[2]), nil, type_name)
        stack[-1].children.append(element)
        stack.append(element)

    def end(name: str) -> None:
        stack.pop()

    def text(data: str) -> None:
        stack[-1].text.append(data)

    def forbid(*_: Any) -> None:
        raise UndecodableError(
            "forbidden-xml",
            f"line {parser.CurrentLineNumber}: a document type or an entity declaration; send the element alone",
        )

    try:
        parser = expat.ParserCreate(charset or None)
        parser.buffer_text = True
        parser.StartElementHandler = start
        parser.EndElementHandler = end
        parser.CharacterDataHandler = text
        parser.StartDoctypeDeclHandler = forbid
        parser.EntityDeclHandler = forbid
        parser.Parse(body, True)
    except expat.ExpatError as error:
        place = f"line {error.lineno} column {error.offset + 1}"
        raise UndecodableError("broken-xml", f"{place}: {expat.ErrorString(error.code)}") from None
    except (LookupError, ValueError) as error:
        raise UndecodableError("broken-encoding", f"the XML declaration's encoding: {error}") from None
    return holder.children[0]


def _value(element: _Element, kind: TypeRef, contract: Contract) -> Json:
    if element.nil:
        return None
    children, text = element.children, "".join(element.text)
    if kind.kind in ("list", "map", "carrier") and not children and text.strip():
        return text  # not of that type, as the judge says
    match kind.kind:
        case "list":
            return [_value(child, kind.item or ANY, contract) for child in children]
        case "map":
            return _entries(children, kind.item or ANY, contract)
        case "carrier":
            return _members(children, kind, contract)
        case "scalar" | "enum" | "flags" if not children:
            return from_text(text, kind)
    return _read_untyped(element, text, contract)


_LEAVES = {
    "int": TypeRef("scalar", "int64"),
    "long": TypeRef("scalar", "int64"),
    "short": TypeRef("scalar", "int64"),
    "double": TypeRef("scalar", "double"),
    "decimal": TypeRef("scalar", "double"),
    "boolean": TypeRef("scalar", "boolean"),
}


def _read_untyped(element: _Element, text: str, contract: Contract) -> Json:
    """A value of unknown type, by the type it carries or by its look."""
    children = element.children
    names = {child.name for child in children}
    if element.type.startswith("ArrayOfKeyValueOf") or (
        len(names) == 1 and next(iter(names)).startswith("KeyValueOf")
    ):
        return _entries(children, ANY, contract)
    if element.type.startswith("ArrayOf") or (len(children) > 1 and len(names) == 1):
        return [_value(child, ANY, contract) for child in children]
    if children:
        return _members(children, ANY, contract)
    return from_text(text, _LEAVES.get(element.type, ANY))


def _members(children: list[_Element], kind: TypeRef, contract: Contract) -> dict[str, Json]:
    typedef = contract.type(kind.name) if kind.kind == "carrier" else None
    value: dict[str, Json] = {}
    for child in children:
        if child.name in value:
            raise UndecodableError("duplicate-name", f"element <{child.name}> stands twice in one object")
        field = typedef.find_field(child.name) if typedef else None
        value[child.name] = _value(child, field.type if field else ANY, contract)
    return value


def _entries(children: list[_Element], item: TypeRef, contract: Contract) -> dict[str, Json]:
    value: dict[str, Json] = {}
    for child in children:
        parts = {part.name.lower(): part for part in child.children}
        if {"key", "value"} <= parts.keys():  # <KeyValueOfstringstring><Key>..</Key><Value>..</Value>
            key, inner = "".join(parts["key"].text), parts["value"]
        else:
            key, inner = child.name, child
        if key in value:
            raise UndecodableError("duplicate-name", f"the key {key!r} stands twice in one dictionary")
        value[key] = _value(inner, item, contract)
    return value


def place_in(path: Path, kind: TypeRef, contract: Contract) -> str:
    """A place in a value as an XPath: "/ContactEntity/Persons/Person[2]/Firstname"."""
    text = f"/{element_name(kind)}"
    for part, step in zip(path, walk(kind, path, contract), strict=True):
        if isinstance(part, int):
            text += f"/{element_name(step.type)}[{part + 1}]"
        elif step.start.kind == "map":
            text += f"/{_ENTRY}[Key={json.dumps(part)}]/Value"
        else:
            text += f"/{xml_name(part)}"
    return text
