"""marshmallow schemas made from the contract, at first use, and what they find.

Two families: *strict* for JSON values ("12" is not an int32, "yes" no boolean) and *text* for path and
query arguments ("12" is an int32). The strict family reports every departure from the contract (departure.py).

Messages are `Departure` values instead of sentences, so nobody reads English to tell faults apart.
The schemas stay out of marshmallow's global registry: it is neither needed nor thread-safe.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from marshmallow import EXCLUDE, Schema, ValidationError, fields, pre_load, validates_schema

from mockso.contract.catalogue import Contract
from mockso.contract.departure import Departure, judge_of, wrong
from mockso.contract.model import NOTHING, Field, Json, Operation, Parameter, Path, TypeDef, TypeRef
from mockso.contract.plain import SERVER_PROPERTIES
from mockso.errors import nearest, suggest

# --- marshmallow fields -------------------------------------------------------------------------


class Strict(fields.Field[Any]):
    """A scalar or an enum of a JSON body."""

    def __init__(self, kind: TypeRef, max_length: int | None = None) -> None:
        super().__init__(allow_none=True)
        self.kind = kind
        self.judge = judge_of(kind)
        self.max_length = max_length

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        departure = self.judge(self.kind, value)
        if departure is None and self.max_length is not None and len(value) > self.max_length:
            departure = Departure(
                "too-long",
                "warning",
                f"{len(value)} characters, the documented limit is {self.max_length}",
                f"at most {self.max_length} characters",
                f"{len(value)} characters",
                value=value,
            )
        if departure is not None:
            raise ValidationError([departure])
        return value


class Anything(fields.Raw):
    """Any JSON value."""

    def __init__(self) -> None:
        super().__init__(allow_none=True)


class StrictList(fields.List[Any]):
    def __init__(self, inner: fields.Field[Any], kind: TypeRef) -> None:
        super().__init__(inner, allow_none=True)
        self.kind = kind

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if type(value) is not list:
            raise ValidationError([wrong(self.kind, value)])
        return super()._deserialize(value, attr, data, **kwargs)


class StrictMap(fields.Field[Any]):
    """An object whose property names are free and whose values share a type."""

    def __init__(self, inner: fields.Field[Any], kind: TypeRef) -> None:
        super().__init__(allow_none=True)
        self.inner, self.kind = inner, kind

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        if type(value) is not dict:
            raise ValidationError([wrong(self.kind, value)])
        errors: dict[str, Any] = {}
        for key, item in value.items():
            try:
                self.inner.deserialize(item)
            except ValidationError as error:
                errors[key] = error.messages
        if errors:
            raise ValidationError(errors)
        return value


class StrictNested(fields.Nested):
    """A carrier inside another value; its schema is asked for when it is first needed, so types
    may contain themselves."""

    def __init__(self, schemas: Schemas, kind: TypeRef) -> None:
        super().__init__(lambda: schemas.carrier(kind.name), allow_none=True)
        self.kind = kind

    def _deserialize(self, value: Any, attr: Any, data: Any, partial: Any = None, **kwargs: Any) -> Any:
        if type(value) is not dict:
            raise ValidationError([wrong(self.kind, value)])
        return super()._deserialize(value, attr, data, partial, **kwargs)


class Carrier(Schema):
    """The base of the schemas of carriers: finds properties in any letter case, reports unknown ones."""

    typedef: TypeDef
    folded: Mapping[str, str]

    class Meta:
        unknown = EXCLUDE
        register = False

    @pre_load
    def _documented_names(self, data: Any, **kwargs: Any) -> Any:
        # Source: the official client sends camelCase, so the server matches names without regard to case.
        return {self.folded.get(key.lower(), key): value for key, value in data.items()}

    @validates_schema(pass_original=True, skip_on_field_errors=False)
    def _names(self, data: Any, original_data: Any, **kwargs: Any) -> None:
        errors = {}
        spellings: dict[str, str] = {}
        for key in original_data:
            name = self.folded.get(key.lower())
            if name is None and not self.typedef.open:
                errors[key] = [self._unknown(key)]
            elif name in spellings:
                message = f"{spellings[name]!r} and {key!r} are one property, {name!r}, to the server; the last counts"
                errors[key] = [Departure("duplicate-name", "warning", message, name, key, name)]
            elif name is not None and key not in (name, name[0].lower() + name[1:]):
                message = f"the documented name is {name!r}; the server accepts any letter case"
                errors[key] = [Departure("property-case", "warning", message, name, key, name)]
            if name is not None:
                spellings[name] = key
        if errors:
            raise ValidationError(errors)

    def _unknown(self, key: str) -> Departure:
        near = next(iter(nearest(key, self.typedef.by_name)), "")
        return Departure(
            "unknown-property",
            "warning",
            f"{self.typedef.short_name} has no property {key!r}, the server ignores it." + suggest(near),
            f"a property of {self.typedef.short_name}",
            key,
            near,
            source=self.typedef.source,
        )


class Text(fields.Field[Any]):
    """A path or query argument: text that must read as its type."""

    def __init__(self, kind: TypeRef) -> None:
        super().__init__(allow_none=True)
        self.kind = kind
        self.judge = judge_of(kind)

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        # A repeated argument comes as a list; for a scalar the last one counts.
        text = value[-1] if isinstance(value, list) else value
        if self.kind.kind in ("any", "map", "carrier"):
            return text
        departure = self.judge(self.kind, text)
        if departure is None:
            return text
        if departure.rule in ("coerced", "enum-case", "enum-list"):
            return departure.value
        if departure.rule == "enum-number":
            return text
        raise ValidationError([replace(departure, rule="parameter-type", severity="error", path=())])


class TextList(fields.List[Any]):
    """A query argument that may be repeated."""

    def _deserialize(self, value: Any, attr: Any, data: Any, **kwargs: Any) -> Any:
        return super()._deserialize(value if isinstance(value, list) else [value], attr, data, **kwargs)


# --- schemas ------------------------------------------------------------------------------------


@dataclass
class Schemas:
    """The marshmallow schemas of one contract, each made at first use and kept."""

    contract: Contract
    _carriers: dict[str, Carrier] = field(default_factory=dict)
    _bodies: dict[TypeRef, Schema] = field(default_factory=dict)
    _parameters: dict[str, Schema] = field(default_factory=dict)
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def check(self, value: Any, kind: TypeRef) -> list[Departure]:
        """All places where a JSON value leaves a type, in the order of the documentation."""
        schema = self._bodies.get(kind)
        if schema is None:
            with self._lock:
                schema_class = Schema.from_dict({"value": self._strict(kind)}, name="Body")
                schema = self._bodies.setdefault(kind, schema_class())
        try:
            schema.load({"value": value})
        except ValidationError as error:
            return list(_flatten(error.messages_dict["value"], ()))
        return []

    def carrier(self, name: str) -> Carrier:
        """The schema of a carrier, by full name."""
        schema = self._carriers.get(name)
        if schema is None:
            with self._lock:
                schema = self._carriers.get(name)
                if schema is None:
                    schema = self._carriers[name] = self._make(self.contract.type(name))
        return schema

    def _make(self, typedef: TypeDef) -> Carrier:
        schema_class = Carrier.from_dict(
            # To marshmallow a dot nests the result, and Meta is its own; a property's name is the data key.
            {f"p{n}": self._field(f) for n, f in enumerate(typedef.fields)},
            name=typedef.short_name,
        )
        schema: Carrier = schema_class()  # type: ignore[assignment]  # from_dict forgets which class it extends
        schema.typedef = typedef
        names = [*(f.name for f in typedef.fields), *SERVER_PROPERTIES]
        schema.folded = {name.lower(): name for name in names}
        return schema

    def _field(self, item: Field) -> fields.Field[Any]:
        server = item.name in SERVER_PROPERTIES
        field = Anything() if server else self._strict(item.type, item.max_length)
        field.data_key = item.name
        return field

    def _strict(self, kind: TypeRef, max_length: int | None = None) -> fields.Field[Any]:
        match kind.kind:
            case "scalar" | "enum" | "flags":
                return Strict(kind, max_length)
            case "list":
                assert kind.item is not None
                return StrictList(self._strict(kind.item), kind)
            case "map":
                assert kind.item is not None
                return StrictMap(self._strict(kind.item), kind)
            case "carrier":
                return StrictNested(self, kind)
            case _:
                return Anything()

    def read_arguments(
        self, operation: Operation, texts: Mapping[str, str | list[str]]
    ) -> tuple[dict[str, Json], list[Departure]]:
        """Path and query arguments as values of their types, and the departures found.

        `texts` are by documented name; a repeated one is a list.
        """
        schema = self._parameters.get(operation.id)
        parameters = [p for p in operation.parameters if p.location in ("path", "query")]
        if schema is None:
            with self._lock:
                schema_class = Schema.from_dict(
                    {f"p{n}": _text_field(p) for n, p in enumerate(parameters)}, name="Parameters"
                )
                schema = self._parameters.setdefault(operation.id, schema_class(unknown=EXCLUDE))
        departures: list[Departure] = []
        try:
            read: Any = schema.load(texts)
        except ValidationError as error:
            read = error.valid_data
            departures = list(_flatten(error.messages_dict, ()))
        return {p.name: read[f"p{n}"] for n, p in enumerate(parameters) if f"p{n}" in read}, departures


def _text_field(parameter: Parameter) -> fields.Field[Any]:
    kind = parameter.type
    field: fields.Field[Any]
    if kind.kind == "list" and kind.item is not None:
        field = TextList(Text(kind.item), allow_none=True)
    else:
        field = Text(kind)
    field.data_key = parameter.name
    return field


def _flatten(messages: Any, path: Path) -> Iterator[Departure]:
    if isinstance(messages, dict):
        for key, inner in messages.items():
            yield from _flatten(inner, path if key == "_schema" else (*path, key))
        return
    for message in messages:
        if not isinstance(message, Departure):
            raise TypeError(f"a message that is not a departure: {message!r}")
        yield replace(message, path=path)


def as_read(value: Json, departures: Iterable[Departure]) -> Json:
    """The value as the server reads it: coerced values in place. The given value is not changed."""
    # All in one pass: a list of a hundred thousand ids sent as texts would be copied as often.
    changes: _Changes = {}
    for departure in departures:
        if departure.value is not NOTHING:
            place = changes
            for key in departure.path:
                place = place.setdefault(key, {})
            place[_HERE] = departure.value
    read: Json = _change(value, changes)
    return read


_Changes: TypeAlias = dict[Any, Any]
_HERE = object()


def _change(value: Any, changes: _Changes) -> Any:
    if _HERE in changes:
        return changes[_HERE]
    if isinstance(value, list):
        items = list(value)
        for key, inner in changes.items():
            items[key] = _change(items[key], inner)
        return items
    if isinstance(value, dict):
        members = dict(value)
        for key, inner in changes.items():
            # The path has documented names; the value may have come in another letter case, or in two.
            actual = key
            if key not in value or len({k.lower() for k in value}) < len(value):
                folded = str(key).lower()
                actual = next((k for k in reversed(value) if k.lower() == folded), key)
            members[actual] = _change(members.get(actual), inner)
        return members
    return value
