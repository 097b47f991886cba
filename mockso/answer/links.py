"""The addresses in `_Links` of one entity.

Source: section 11.5. Absolute; Online they end with a slash, onsite not. Which there are follows from the contract:
the flat form, the layout of custom fields, the collection and those below the entity, the lists of its properties
and the entities it refers to (likely).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.keys import key_of
from mockso.contract.model import Operation, TypeRef

Link = Callable[[dict[str, Any]], str]


def _always(place: str) -> Link:
    return lambda value: place


class Links:
    """The links of one contract's entities; what an entity can have is found out once and kept."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._plans: dict[str, list[tuple[str, Link]]] = {}

    def of(self, value: dict[str, Any], operation: Operation, base: str, *, online: bool) -> dict[str, str]:
        """The links of an entity that an operation answers with; `base` is the address up to "/api"."""
        entity = operation.path.split("/")[3]
        plan = self._plans.get(entity)
        if plan is None:
            assert operation.result is not None
            plan = self._plans[entity] = self._plan(entity, operation.result)
        end = "/" if online else ""
        links = {}
        for name, link in plan:
            place = link(value)
            if place:
                links[name] = f"{base}/v1/{place}{end}"
        return links

    def _plan(self, entity: str, kind: TypeRef) -> list[tuple[str, Link]]:
        typedef = self._contract.type(kind.name)
        own = key_of(typedef)
        if own is None:
            return [("Self", _always(entity))]

        def below(end: str) -> Link:
            return lambda value: f"{entity}/{value[own.name]}{end}"

        plan = [("Self", below(""))]
        if self._has(f"{entity}/1/Simple"):
            plan.append(("Self.Simple", below("/Simple")))
        if self._has(f"{entity}/UdefLayout/Published"):
            plan.append(("UdefLayout", _always(f"{entity}/UdefLayout/Published")))
        plan.append(("Archive", _always(entity)))
        for sub in self._collections(entity):
            plan.append((f"Archive.{sub}", below(f"/{sub}")))
        for field in typedef.fields:
            if field.mdo:
                plan.append((f"{field.name}.List", _always(f"MDOList/{field.mdo}")))
            if field.type.kind == "carrier" and field.name != "TableRight":
                reference = self._reference(field.name, field.type)
                if reference is not None:
                    plan.append((field.name, reference))
        return plan

    def _reference(self, name: str, kind: TypeRef) -> Link | None:
        """The link to an entity that a property refers to; none while its id is 0 or it is null."""
        typedef = self._contract.type(kind.name)
        own, entity = key_of(typedef), typedef.short_name
        if own is None or not self._has(f"{entity}/1"):
            return None
        key = own.name

        def link(value: dict[str, Any]) -> str:
            referred = value.get(name)
            number = referred.get(key) if isinstance(referred, dict) else None
            return f"{entity}/{number}" if number else ""

        return link

    def _collections(self, entity: str) -> list[str]:
        return [
            parts[5]
            for method, path, operation_id in self._contract.addresses()
            if method == "GET"
            and len(parts := path.split("/")) == 6
            and parts[3].lower() == entity.lower()
            and parts[4][:1] == "{"
            and self._contract.operation(operation_id).archive
        ]

    def _has(self, path: str) -> bool:
        return self._contract.has("GET", f"/api/v1/{path}")
