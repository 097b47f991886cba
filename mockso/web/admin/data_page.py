"""The page Data: the kinds of entities a tenant has, the rows of one, and one row with the calls that made it."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode

from mockso.errors import MissingEntityError
from mockso.web.admin.entities import key_of, register_of
from mockso.web.admin.page import ONSITE, PAGE_SIZE, ROOT, go_to, render_page
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, get, post

if TYPE_CHECKING:
    from mockso.entities.register import Entity, Register
    from mockso.state.tenant import State

_TENANT = Argument("tenant", "text", "whose entities, '-' onsite; empty for the first tenant")
_TEXT = Argument("text", "text", "stands anywhere in the name or the properties")
_SKIP = Argument("skip", "count", "entities before the first", default=0)


def _of_tenant(handle: Callable[[Ask, State], Answer]) -> Callable[[Ask], Answer]:
    """Show a tenant that there is; for an entity or a kind that there is not, say so above an empty page."""

    def answer(ask: Ask) -> Answer:
        state = _state(ask)
        if state is None:
            return _render(ask, state)
        try:
            return handle(ask, state)
        except MissingEntityError as error:
            return _render(ask, state, str(error), 404)
        except RefusedError as refused:
            return _render(ask, state, refused.message, refused.status)

    return answer


def kinds(ask: Ask, state: State) -> Answer:
    """The kinds that have entities, with how many: those that people work with, then lists and settings."""
    register = register_of(ask, state)
    counts = list(register.counts().items())
    return _render(
        ask,
        state,
        groups=[
            ("Entities", [item for item in counts if register.is_stamped(item[0])]),
            ("Lists and settings", [item for item in counts if not register.is_stamped(item[0])]),
        ],
    )


def rows(ask: Ask, state: State) -> Answer:
    """The entities of a kind, a page of them."""
    register, text, skip = register_of(ask, state), str(ask.query.get("text", "")).strip(), ask.query["skip"]
    kind = register.kind(ask.path["kind"])
    entities = list(register.find(text, kind) if text else register.all(kind))

    def address(start: int) -> str:
        query = {"tenant": state.name or ONSITE, **({"text": text} if text else {}), "skip": start}
        return f"{ROOT}/page/data/{quote(kind)}?{urlencode(query)}"

    end = skip + PAGE_SIZE
    return _render(
        ask,
        state,
        kind=kind,
        text=text,
        total=len(entities),
        entities=entities[skip:end],
        newer=address(max(skip - PAGE_SIZE, 0)) if skip else "",
        older=address(end) if end < len(entities) else "",
    )


def row(ask: Ask, state: State) -> Answer:
    """One entity: its properties, what they refer to, and the calls that made and changed it."""
    register = register_of(ask, state)
    entity = register.get(ask.path["kind"], key_of(ask))
    carrier = register.carrier(entity.kind, entity.key)
    for name in ("FieldProperties", "TableRight"):
        carrier.pop(name, None)
    return _render(
        ask,
        state,
        entity=entity,
        origins=list(_origins(ask, entity)),
        properties=list(_properties(register, entity)),
        carrier=json.dumps(carrier, ensure_ascii=False, indent=2),
    )


def reset(ask: Ask) -> Answer:
    """Have a tenant as it began."""
    name = ask.request.form.get("tenant", "").strip()
    ask.engine.tenants.of("" if name == ONSITE else name).store.reset()
    return go_to(f"page/data?{urlencode({'tenant': name})}")


def _origins(ask: Ask, entity: Entity) -> Iterator[tuple[str, str, str]]:
    """The deeds on an entity, each with its origin, and the call's line where the journal has it."""
    for deed, origin in (("Made", entity.made_by), ("Last changed", entity.changed_by)):
        if origin:
            entry = ask.engine.journal.get(origin) if origin.isdigit() else None
            yield deed, origin, f"{entry['request']['method']} {entry['request']['path']}" if entry else ""


def _properties(register: Register, entity: Entity) -> Iterator[tuple[str, str, tuple[str, Any, str] | None]]:
    """The properties of a row: name, value, and the row that it refers to."""
    links = register.references(entity)
    for name, value in entity.row.items():
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        yield name, text, links.get(name)


def _state(ask: Ask) -> State | None:
    """The tenant that is looked at: the one of the query, or the first that there is."""
    name, names = str(ask.query.get("tenant", "")).strip(), ask.engine.tenants.names()
    if not name:
        return ask.engine.tenants.of(names[0]) if names else None
    return ask.engine.tenants.of("" if name == ONSITE else name)


def _render(ask: Ask, state: State | None, problem: str = "", status: int = 200, /, **values: Any) -> Answer:
    return render_page(
        ask,
        "data.html",
        "Data",
        problem,
        status,
        tenants=ask.engine.tenants.names(),
        tenant=(state.name or ONSITE) if state is not None else "",
        is_closed=state is not None and state.world == "closed",
        **values,
    )


ROUTES = (
    get("page/data", _of_tenant(kinds), "Kinds of entities of a tenant", (_TENANT,), gives="text/html"),
    get(
        "page/data/{kind}", _of_tenant(rows), "Entities of a kind", (_TENANT, _TEXT, _SKIP), gives="text/html"
    ),
    get("page/data/{kind}/{key}", _of_tenant(row), "One entity", (_TENANT,), gives="text/html"),
    post("page/data/reset", reset, "Reset a tenant, from the page", raw=True, gives="text/html"),
)
