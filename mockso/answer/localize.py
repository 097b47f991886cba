"""Values as a caller in its own zone and language sends and sees them."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.model import ANY, TypeRef
from mockso.contract.paths import split_pointer, walk
from mockso.exchange.message import Reply, Request
from mockso.formats.dates import MINIMUM, Dates, Sort, moment_of, sort_of, to_stored, to_zone
from mockso.formats.languages import requested_language, translate
from mockso.formats.zones import Zone, base_zone, read_zone_header, requested_zone
from mockso.state.tenant import View


class Localizer:
    """Knows one contract's dates. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._dates = contract.derive(Dates)

    def reply(self, reply: Reply, kind: TypeRef, request: Request, view: View) -> Reply:
        """A reply with its dates in the zone and its texts in the language that the request asks for."""
        value, headers, fidelity = reply.body, reply.headers, reply.fidelity
        header = read_zone_header(request.headers.get("SO-TimeZone"))
        base = base_zone(view.settings.base_timezone)
        zone = requested_zone(header, base)
        if header is not None and zone is not None:
            offsets = header.offsets

            def change(text: str, sort: Sort) -> str:
                return to_zone(text, sort, base, zone, offsets)

            value = self._dates.convert(value, kind, change)
            headers = (*headers, ("SO-TimeZone", zone.code))
            if zone.confidence == "assumed":
                fidelity = "assumed"
        tag = requested_language(request)
        if tag:
            value = translate(value, tag)
        return replace(reply, body=value, headers=headers, fidelity=fidelity)

    def store_dates(self, value: Any, kind: TypeRef, request: Request, view: View) -> Any:
        """A value that came in, with its dates as the server keeps them: bare, in the base zone."""
        base, zone = _zones(request, view)
        return self._dates.convert(value, kind, lambda text, sort: to_stored(text, sort, base, zone))

    def store_patch_dates(self, body: Any, kind: TypeRef, request: Request, view: View) -> Any:
        """A PATCH body with its dates as the server keeps them."""
        from mockso.formats.patch import canonical

        if isinstance(body, dict):
            # A list may stand as one object here: the names are put right when it is merged.
            return self._store_merge_dates(body, kind, request, view)
        made = []
        for operation in body:
            path = next((item for name, item in operation.items() if name.lower() == "path"), "")
            inner, sort = self._type_at(path, kind)
            changed = dict(operation)
            for name, item in operation.items():
                if name.lower() == "value":
                    if inner.name == "date-time" and isinstance(item, str):
                        changed[name] = to_stored(item, sort, *_zones(request, view))
                    elif isinstance(item, dict | list):
                        changed[name] = self.store_dates(
                            canonical(item, inner, self._contract), inner, request, view
                        )
            made.append(changed)
        return made

    def _store_merge_dates(self, body: Any, kind: TypeRef, request: Request, view: View) -> Any:
        if kind.kind == "list":
            kind = kind.item or ANY
            if isinstance(body, list):
                return [self._store_merge_dates(item, kind, request, view) for item in body]
        if kind.kind != "carrier" or not isinstance(body, dict):
            return body
        typedef = self._contract.type(kind.name)
        made = dict(body)
        for name, item in body.items():
            field = typedef.find_field(name)
            if field is not None and field.type.name == "date-time" and isinstance(item, str):
                made[name] = to_stored(item, sort_of(typedef, field.name), *_zones(request, view))
            elif field is not None:
                made[name] = self._store_merge_dates(item, field.type, request, view)
        return made

    def _type_at(self, path: str, kind: TypeRef) -> tuple[TypeRef, Sort]:
        sort: Sort = "ordinary"
        for step in walk(kind, split_pointer("/" + path.strip("/")), self._contract):
            kind = step.type
            if step.owner is not None and step.field is not None:
                sort = sort_of(step.owner, step.field.name)
        return kind, sort

    def to_base_zone(self, moment: str, view: View) -> str:
        """A moment of UTC as a bare time of the base zone."""
        base = base_zone(view.settings.base_timezone)
        return to_stored(moment + "Z", "ordinary", base, base)

    def changed_at(self, value: dict[str, Any], view: View) -> datetime:
        """When an entity was changed last, in whole seconds of UTC; its creation where it never was."""
        base = base_zone(view.settings.base_timezone)
        for name in ("UpdatedDate", "CreatedDate"):
            text = value.get(name)
            if isinstance(text, str) and text != MINIMUM:
                moment = moment_of(text, base)
                if moment is not None:
                    return moment
        return datetime(1, 1, 1, tzinfo=UTC)


def _zones(request: Request, view: View) -> tuple[Zone, Zone]:
    """The base zone, and the one that bare times of a request are in."""
    base = base_zone(view.settings.base_timezone)
    return base, requested_zone(read_zone_header(request.headers.get("SO-TimeZone")), base) or base
