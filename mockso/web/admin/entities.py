"""The entities of one tenant over HTTP: listed, read, put, deleted; exported, kept aside and begun anew."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from mockso.entities.data_defaults import ID, is_id
from mockso.errors import EntityError, MissingEntityError, SeedError, did_you_mean
from mockso.state.tenant import State
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, Route

if TYPE_CHECKING:
    from mockso.entities.register import Entity, Register

ORIGIN = "admin"

TENANT = Argument(
    "tenant", "text", "whose entities, 'Cust12345', empty onsite; may be left out where there is one tenant"
)
_PAGING = (
    Argument("skip", "count", "entities before the first", default=0),
    Argument("top", "count", "most entities in the answer", least=1, most=1000, default=50),
)
_TEXT = Argument("text", "text", "stands anywhere in the name or the properties, in any letter case")
_NAME = Argument("name", "text", "name of the snapshot", default="snapshot")


def tenant_of(ask: Ask) -> State:
    """The tenant that the query names, made if need be; the only one where it names none."""
    name = ask.query.get("tenant")
    names = ask.engine.tenants.names()
    if name is None and len(names) != 1:
        known = ", ".join(map(repr, names)) or "no tenant was called yet"
        raise RefusedError(409, f"query tenant: say whose entities are meant, ?tenant=NAME ({known}).")
    return ask.engine.tenants.of(names[0] if name is None else name)


def register_of(ask: Ask, state: State) -> Register:
    """The entities of a tenant."""
    from mockso.entities.register import Register

    return Register(ask.engine.contract, state.store)


def key_of(ask: Ask) -> int:
    """The key in the address."""
    text = ask.path["key"]
    if not (text.isascii() and text.isdigit() and len(text) < 19):
        raise RefusedError(400, f"an id is a whole number, not {text!r}.")
    return int(text)


def _refuse_faults(handle: Callable[[Ask], Answer]) -> Callable[[Ask], Answer]:
    """Answer 404 for a missing entity and 400 for an impossible one."""

    def answer(ask: Ask) -> Answer:
        try:
            return handle(ask)
        except SeedError as error:
            raise RefusedError(400, str(error)) from None
        except EntityError as error:
            status = 404 if isinstance(error, MissingEntityError) else 400
            raise RefusedError(status, str(error)) from None

    return answer


def list_kinds(ask: Ask) -> Answer:
    """The kinds that have entities, with how many."""
    state = tenant_of(ask)
    counts = register_of(ask, state).counts()
    return {
        "tenant": state.name,
        "kinds": [{"kind": kind, "count": count} for kind, count in counts.items()],
    }


def list_entities(ask: Ask) -> Answer:
    """A page of the entities of a kind, by key."""
    state = tenant_of(ask)
    register, kind, text = register_of(ask, state), ask.path["kind"], ask.query.get("text")
    entities = list(register.find(text, kind) if text else register.all(kind))
    skip = ask.query["skip"]
    return {
        "tenant": state.name,
        "kind": register.kind(kind),
        "total": len(entities),
        "entities": [to_json(entity) for entity in entities[skip : skip + ask.query["top"]]],
    }


def to_json(entity: Entity) -> dict[str, Any]:
    """An entity as an answer has it."""
    return {
        "kind": entity.kind,
        "key": entity.key,
        "name": entity.label,
        "made_by": entity.made_by,
        "changed_by": entity.changed_by or None,
        "row": dict(entity.row),
    }


def read(ask: Ask) -> Answer:
    """One entity: its row, and the whole carrier a client reads."""
    return _read(register_of(ask, tenant_of(ask)), ask.path["kind"], key_of(ask))


def _read(register: Register, kind: str, key: int) -> dict[str, Any]:
    return {**to_json(register.get(kind, key)), "entity": register.carrier(kind, key)}


def replace(ask: Ask) -> Answer:
    """Replace an entity, or make one under that id."""
    register, key = register_of(ask, tenant_of(ask)), key_of(ask)
    if not is_id(key):
        raise RefusedError(400, f"{ID}, not {key}.")
    register.put(ask.path["kind"], key, ask.body, ORIGIN)
    return _read(register, ask.path["kind"], key)


def delete(ask: Ask) -> Answer:
    """Delete an entity."""
    register_of(ask, tenant_of(ask)).remove(ask.path["kind"], key_of(ask))
    return {"deleted": 1}


def export(ask: Ask) -> Answer:
    """All that was saved, changed and deleted since the tenant began, as a data file has it."""
    return register_of(ask, tenant_of(ask)).export()


def import_rows(ask: Ask) -> Answer:
    """Lay the rows of a data file, as JSON or YAML, over those the tenant has; all or none."""
    state = tenant_of(ask)
    try:
        text = ask.request.get_data(cache=False).decode()
    except UnicodeDecodeError:
        raise RefusedError(400, "body: it is not UTF-8. Send a data file as JSON or YAML.") from None
    return {"imported": ask.engine.seeds.lay_text(state.store, text, "body")}


def take_snapshot(ask: Ask) -> Answer:
    """Keep all that the tenant remembers aside, under a name."""
    state = tenant_of(ask)
    state.snapshots[ask.body["name"]] = state.store.snapshot()
    return {"tenant": state.name, "snapshots": sorted(state.snapshots)}


def restore(ask: Ask) -> Answer:
    """Have the tenant as it was when a snapshot was taken."""
    state, name = tenant_of(ask), ask.body["name"]
    snapshot = state.snapshots.get(name)
    if snapshot is None:
        near = did_you_mean(name, state.snapshots) or " POST /__mockso/entities/snapshot takes one."
        raise RefusedError(404, f"body.name: there is no snapshot {name!r}.{near}")
    state.store.restore(snapshot)
    return {"tenant": state.name, "snapshots": sorted(state.snapshots)}


def reset(ask: Ask) -> Answer:
    """Have the tenant as it began; its snapshots stay."""
    state = tenant_of(ask)
    state.store.reset()
    return {"tenant": state.name, "snapshots": sorted(state.snapshots)}


def _route(
    method: str, path: str, handle: Callable[[Ask], Answer], about: str, *query: Argument, **options: Any
) -> Route:
    answers = {409: "The query names no tenant where there are several.", **options.pop("answers", {})}
    query = (TENANT, *query)
    return Route(method, f"entities{path}", _refuse_faults(handle), about, query, answers=answers, **options)


_NOT_THERE = {404: "There is no such kind or entity."}

ROUTES = (
    _route("GET", "", list_kinds, "Kinds of entities a tenant has, with counts", gives="EntityKinds"),
    _route(
        "GET",
        "/export",
        export,
        "What changed since the tenant began, as a data file has it",
        gives="DataFile",
    ),
    _route(
        "POST",
        "/import",
        import_rows,
        "Lay the rows of a data file, JSON or YAML, over a tenant's; all or none",
        free_body="DataFile",
        raw=True,
        gives="Imported",
    ),
    _route(
        "POST",
        "/snapshot",
        take_snapshot,
        "Keep all that a tenant remembers aside, under a name",
        body=(_NAME,),
        gives="Snapshots",
    ),
    _route(
        "POST",
        "/restore",
        restore,
        "Have a tenant as it was at a snapshot",
        body=(_NAME,),
        gives="Snapshots",
        answers={404: "There is no snapshot of that name."},
    ),
    _route(
        "POST",
        "/reset",
        reset,
        "Have a tenant as it began: entities, tokens, webhooks, grants and clock",
        body=(),
        gives="Snapshots",
    ),
    _route(
        "GET",
        "/{kind}",
        list_entities,
        "Entities of a kind, by id; the kind in any letter case, a list by its name",
        *_PAGING,
        _TEXT,
        gives="EntityList",
        answers=_NOT_THERE,
    ),
    _route(
        "GET",
        "/{kind}/{key}",
        read,
        "One entity: its row, its whole carrier, and the calls that made and changed it",
        gives="Entity",
        answers=_NOT_THERE,
    ),
    _route(
        "PUT",
        "/{kind}/{key}",
        replace,
        "Replace an entity by a carrier, or make it; what is not sent is empty, no webhook is told",
        free_body="Carrier",
        gives="Entity",
        answers=_NOT_THERE,
    ),
    _route("DELETE", "/{kind}/{key}", delete, "Delete an entity", gives="Deleted", answers=_NOT_THERE),
)
