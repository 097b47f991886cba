"""Rights in an answer: `TableRight` and one entry of `FieldProperties` for each property of a carrier.

Source: recorded answers (behaviour, section 11.3): the masks, .NET types of scalars and the lengths are firm;
the types of enums and dictionaries and the masks of stamps are assumed. A tenant of mockso may do everything.
"""

from __future__ import annotations

from mockso.contract.catalogue import Contract
from mockso.contract.examples import RIGHTS
from mockso.contract.model import Field
from mockso.contract.plain import SERVER_PROPERTIES
from mockso.formats.json import ConstantObject

_TYPES = {
    "string": "System.String",
    "int32": "System.Int32",
    "int64": "System.Int64",
    "double": "System.Double",
    "boolean": "System.Boolean",
    "date-time": "System.DateTime",
    "byte": "System.Byte[]",
    "binary": "System.IO.Stream",
}
_LENGTHS = {"int32": 4, "int64": 8, "double": 8, "boolean": 2, "date-time": 16}
_TEXT_LENGTH = 254  # of texts whose column is not documented; assumed

# Properties that a row cannot be saved without. Source: recorded default carriers.
_MANDATORY = {"ContactEntity": {"Name": 1}, "PersonEntity": {"Lastname": 2}}

_STAMPS = ("Created", "Updated")


class Rights:
    """The rights blocks of one contract's carriers, each made once."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._properties: dict[str, ConstantObject] = {}
        self.table = ConstantObject(RIGHTS)
        """The right to a row itself."""

    def of(self, carrier: str) -> ConstantObject:
        """The field properties of a carrier, by its full name."""
        properties = self._properties.get(carrier)
        if properties is None:
            typedef = self._contract.type(carrier)
            mandatory = _MANDATORY.get(typedef.short_name.removesuffix("WithLinks"), {})
            properties = self._properties[carrier] = ConstantObject(
                {
                    field.name: _properties_of(field, mandatory.get(field.name, 0))
                    for field in typedef.fields
                    if field.name not in SERVER_PROPERTIES
                }
            )
        return properties


def _properties_of(field: Field, mandatory: int) -> dict[str, object]:
    mask, reason = "Update", ""
    if mandatory:
        mask, reason = "Update, UIHintMandatory", f"[SR_MANDATORY_FIELD_{mandatory}]"
    elif field.read_only or field.name.startswith(_STAMPS):
        mask = "Read"
    return {
        "FieldRight": {"Mask": mask, "Reason": reason},
        "FieldType": _type_of(field),
        "FieldLength": _length_of(field),
    }


def _type_of(field: Field) -> str:
    kind = field.type
    match kind.kind:
        case "scalar":
            return _TYPES[kind.name]
        case "list":
            item = kind.item
            return (
                _TYPES.get(item.name, item.name) if item is not None and item.name else "System.Object"
            ) + "[]"
        case "map":
            return "SuperOffice.CRM.Services.StringDictionary"
        case "carrier":
            return kind.name
    return "System.Int16"


def _length_of(field: Field) -> int:
    if field.type.name == "string":
        return field.max_length or _TEXT_LENGTH
    if field.type.kind in ("enum", "flags"):
        return 2
    return _LENGTHS.get(field.type.name, 0)
