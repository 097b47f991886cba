"""The words that reference pages have for types, and whether a word agrees with a type.

Both vocabularies of the format (rule 6): "Integer" in requests, "int32" in answers and in pages of
2021. A request's "String" may be a date, base64 or an enum; an answer's "string" an enum.
"""

from __future__ import annotations

from mockso.contract.model import ANY, TypeRef

SCALARS = {
    "string": "string",
    "integer": "int32",
    "int32": "int32",
    "int64": "int64",
    "number": "double",
    "double": "double",
    "boolean": "boolean",
    "bool": "boolean",
    "date-time": "date-time",
    "byte": "byte",
}
# The generator finds a type's name by its description; types without one all get the first such
# name of the file. These are the names it falls back to (rule 7).
FALLBACKS = frozenset({"TableRight", "RecurrenceInfo", "TimeZoneData"})
# Properties the server computes; a request may carry them and need not (rule 16).
SERVER_PROPERTIES = frozenset({"TableRight", "FieldProperties", "_Links"})

_REQUEST_STRING = frozenset({"string", "date-time", "byte", "binary"})
STRING = TypeRef("scalar", "string")


def is_carrier(word: str) -> bool:
    """True where the word is a name, not one of the vocabulary; blank is a carrier of unknown name."""
    folded = word.lower()
    return folded not in SCALARS and folded not in ("array", "object") and not folded.startswith("enum")


def members(word: str) -> tuple[str, ...]:
    """The members of "Enum: a, b, c"; empty for another word."""
    head, colon, rest = word.partition(":")
    if head.strip().lower() != "enum" or not colon:
        return ()
    return tuple(value.strip() for value in rest.split(",") if value.strip())


def is_known(word: str) -> bool:
    """True for every word of the vocabulary and for whatever may be a type's name."""
    return not is_carrier(word) or word.replace("_", "").isalnum() or word == ""


def parameter_type(word: str) -> TypeRef:
    """The type of a path or query parameter. Objects and lists of nothing are text there (rule 25)."""
    values = members(word)
    if values:
        return TypeRef("enum", values=values)
    if word.lower() == "array":
        return TypeRef("list", item=STRING)
    return TypeRef("scalar", SCALARS.get(word.lower(), "string"))


def agrees(word: str, kind: TypeRef, *, request: bool) -> bool:
    """True where a page's word can stand for that type."""
    folded = word.lower()
    if word == "":
        return kind.kind == "carrier"
    if folded == "array":
        return kind.kind == "list"
    if folded == "object":
        return kind.kind in ("map", "any")
    values = members(word)
    if values:
        return kind.kind in ("enum", "flags") and set(values) == set(kind.values)
    if folded == "string":
        if kind.kind in ("enum", "flags"):
            return True
        return kind.name in (_REQUEST_STRING if request else ("string",))
    if folded == "integer":
        return kind.name in ("int32", "int64")
    if folded in SCALARS:
        return kind == TypeRef("scalar", SCALARS[folded])
    return kind.kind == "carrier" and kind.name.rpartition(".")[2] == word


def element(kind: TypeRef | None) -> TypeRef | None:
    """The type a table under "array" or "object" describes (rule 8)."""
    if kind is not None and kind.kind in ("list", "map"):
        return kind.item
    return kind


def json_type(value: object, depth: int = 8) -> TypeRef:
    """The type of one sample value, as far as JSON shows it; lists no deeper than `depth`."""
    match value:
        case bool():
            return TypeRef("scalar", "boolean")
        case int():
            return TypeRef("scalar", "int32")
        case float():
            return TypeRef("scalar", "double")
        case str() if value.startswith("GIF89"):
            return TypeRef("scalar", "byte")
        case str() if len(value) > 18 and value[4:5] == "-" and value[10:11] == "T" and value[:4].isdigit():
            return TypeRef("scalar", "date-time")
        case str():
            return STRING
        case [first, *_] if depth:
            return TypeRef("list", item=json_type(first, depth - 1))
        case _:
            return ANY
