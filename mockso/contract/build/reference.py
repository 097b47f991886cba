"""One file of the docfx class reference to a carrier or an enum.

The reference knows what pages and Swagger both leave open: element types of lists, members of enums,
and which enums are flags that combine. It is a third source kind and never overrules the other two.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import yaml

from mockso.contract.model import ANY, TypeRef

# Plain strings only: to YAML an enum member called Yes or No is a boolean.
_Loader: type[Any] = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
_MARK = b"### YamlMime:ManagedReference"
_DICTIONARY = re.compile(r": Dictionary<\w+, (\w+)>")
_SEQUENCE = "System.Collections.Generic.IEnumerable{"
# Members of the .NET client that are not on the wire.
_HELPERS = re.compile(r"_String$|^value__$|^UndefinedValue\d+$|^#ctor$")
_SCALARS = {
    "System.String": "string",
    "System.Char": "string",
    "System.TimeSpan": "string",
    "System.Boolean": "boolean",
    "System.Int16": "int32",
    "System.Int32": "int32",
    "System.UInt32": "int64",
    "System.Int64": "int64",
    "System.Double": "double",
    "System.Decimal": "double",
    "System.DateTime": "date-time",
}


@dataclass(frozen=True, slots=True)
class Class:
    """A carrier (`members` maps names to .NET types), an enum (`values`), or a dictionary (`item`)."""

    name: str
    source: str
    members: Mapping[str, str]
    values: tuple[str, ...] = ()
    flags: bool = False
    item: str = ""
    has_rights: bool = False


def read_class(data: bytes, name: str) -> Class | None:
    """The class of one file; None when it is YAML of another kind (a table of contents).

    ValueError when the text is not YAML.
    """
    if not data.lstrip(b"\xef\xbb\xbf").startswith(_MARK):
        return None
    try:
        document = yaml.load(data.decode("utf-8-sig"), Loader=_Loader)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = f"line {mark.line + 1}: " if mark is not None else ""
        raise ValueError(
            f"{line}{getattr(error, 'problem', None) or getattr(error, 'reason', error)}"
        ) from error
    head, *members = document["items"]
    content = head.get("syntax", {}).get("content", "")
    dictionary = _DICTIONARY.search(content)
    is_enum = content.endswith(": Enum")
    # A Nullable getter beside each enum property ("..., NULL if unknown") is not a member of its own.
    members = {
        member["id"]: member["syntax"]["return"]["type"]
        for member in members
        if member["type"] in ("Property", "Field")
        and not _HELPERS.search(member["id"])
        and "return" in member.get("syntax", {})
    }
    return Class(
        head["id"],
        f"{name}#/items/0",
        {} if is_enum else members,
        tuple(members) if is_enum else (),
        is_enum and "flag values that can be combined" in head.get("summary", ""),
        dictionary[1] if dictionary else "",
        content.endswith(": Carrier"),
    )


def scalar_or_name(text: str) -> TypeRef | str:
    """The form of a .NET type on the wire: a type, or the short name of a class to be looked up."""
    if text in _SCALARS:
        return TypeRef("scalar", _SCALARS[text])
    if text == "System.Byte[]":
        return TypeRef("scalar", "byte")
    return ANY if text.startswith("System.") else text.rpartition(".")[2]


def unwrap(text: str) -> tuple[str, int]:
    """The type without `Nullable` and array brackets, and how many brackets there were."""
    depth = 0
    while text.endswith("[]") and text != "System.Byte[]":
        text, depth = text[:-2], depth + 1
    if text.startswith("System.Nullable{"):
        text = text.removeprefix("System.Nullable{").removesuffix("}")
    if text.startswith(_SEQUENCE):
        text, depth = text.removeprefix(_SEQUENCE).removesuffix("}"), depth + 1
    return text, depth
