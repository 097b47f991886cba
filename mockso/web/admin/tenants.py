"""The tenants over HTTP: listed, made, steered as a Python test steers its world, and dropped."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, get_args
from urllib.parse import quote, unquote

from mockso.engine import Engine
from mockso.errors import SeedError, SettingError
from mockso.exchange.address import can_name_tenant, home_of
from mockso.state.applications import CLIENT, SECRET, Application
from mockso.state.clock import Clock
from mockso.state.fingerprint import fingerprint
from mockso.state.tenant import State, Status
from mockso.web.admin.entities import reset, restore, take_snapshot
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, Route, delete, get, post

ONSITE = "-"
"""Stands in an address for the tenant without a name."""

_YEARS = 3_000_000_000


def list_tenants(ask: Ask) -> Answer:
    """The tenants that are known, by name."""
    return {"tenants": list(rows(ask))}


def rows(ask: Ask) -> Iterator[dict[str, Any]]:
    """Each tenant that was called or prepared. Of one that only the journal knows, state and profile are empty.

    `endpoint` is where a scenario has it live, empty where it is at home.
    """
    journal = ask.engine.journal
    counts = journal.tenants()
    states = {tenant.name: tenant for tenant in ask.engine.tenants}
    origin = ask.request.host_url.rstrip("/")
    for name in sorted({*counts, *states}):
        tenant = states.get(name)
        endpoint = tenant.endpoint if tenant else ""
        yield {
            "name": name,
            "profile": "" if tenant is None else "online" if tenant.online else "onsite",
            "state": tenant.shown_status if tenant else "",
            "endpoint": home_of(name, endpoint, origin) if endpoint else "",
            "grants": sorted(tenant.grants) if tenant else [],
            "scenarios": [s.name for s in tenant.scenarios] if tenant and tenant.plays else [],
            "calls": counts.get(name, 0),
            "dropped": journal.count_dropped(name),
        }


def _refuse_faults(handle: Callable[[Ask], Answer]) -> Callable[[Ask], Answer]:
    """Answer 400 for a misspelt agent and for rows that do not fit."""

    def answer(ask: Ask) -> Answer:
        try:
            return handle(ask)
        except (SeedError, SettingError, ValueError) as error:
            raise RefusedError(400, f"body: {error}") from None

    return answer


def _find(ask: Ask) -> State:
    name = unquote(ask.path["name"])
    name = "" if name == ONSITE else name
    if name not in ask.engine.tenants.names():
        known = ", ".join(map(repr, ask.engine.tenants.names())) or "none yet"
        raise RefusedError(404, f"there is no tenant {name!r} ({known}). POST /__mockso/tenants makes one.")
    return ask.engine.tenants.of(name)


def _details(ask: Ask, state: State) -> dict[str, Any]:
    """One tenant, and all that a client of it is set up with."""
    origin = ask.request.host_url.rstrip("/")
    home = home_of(state.name, "", f"{origin}/{quote(state.name)}/api" if state.name else f"{origin}/api")
    shipped = state.applications.get(f"{CLIENT}.{state.name}")
    return {
        "name": state.name,
        "profile": "online" if state.online else "onsite",
        "world": state.world,
        "state": state.shown_status,
        "time": datetime.fromtimestamp(state.time(ask.engine.clock()), UTC).isoformat(),
        "grants": sorted(state.grants),
        "url": f"{home}/api/v1",
        "token": state.credentials.token,
        "app_token": state.credentials.app_token,
        "login": {
            "url": f"{origin}/login",
            "client_id": shipped.id if shipped else "",
            "client_secret": SECRET if shipped else "",
            "system_token": shipped.token_in(state.name) if shipped else "",
        },
        "snapshots": sorted(state.snapshots),
    }


# --- made and dropped ---------------------------------------------------------------------------


def make(ask: Ask) -> Answer:
    """Make a tenant; without a name it is one that nobody had."""
    body, tenants = ask.body, ask.engine.tenants
    online = None if "profile" not in body else body["profile"] == "online"
    name = body.get("name") or tenants.free_name(online=online is not False)
    if name in tenants.names():
        raise RefusedError(
            409, f"body.name: there is a tenant {name!r}. DELETE /__mockso/tenants/{name} drops it."
        )
    if not _is_name(name):
        raise RefusedError(
            400, f"body.name: {name!r} cannot stand for a tenant in an address. Write it as 'Cust12345'."
        )
    data = body.get("data")
    if data is not None:
        ask.engine.seeds.of(tuple(data))  # refuse a wrong file now, not at the first call
    state = tenants.make(
        name, online=online, grants=body.get("grants"), data=data, world=body.get("world", "")
    )
    try:
        if body.get("rows"):
            ask.engine.seeds.lay(state.store, body["rows"])
        if "time" in body:
            Clock(state, ask.engine.clock).set(body["time"])
    except (SeedError, SettingError):
        tenants.drop(name)
        raise
    return _details(ask, state)


def _is_name(name: str) -> bool:
    return can_name_tenant(name) and name == quote(name, safe="")


def show(ask: Ask) -> Answer:
    """One tenant."""
    return _details(ask, _find(ask))


def drop(ask: Ask) -> Answer:
    """Forget a tenant and all its state; its calls stay in the journal."""
    ask.engine.tenants.drop(_find(ask).name)
    return {"deleted": 1}


# --- steered ------------------------------------------------------------------------------------


def grant(ask: Ask) -> Answer:
    """Grant restricted agents."""
    state = _find(ask)
    state.grant(*ask.body["agents"])
    return _details(ask, state)


def revoke(ask: Ask) -> Answer:
    """Take grants back, all of them where none is named."""
    state = _find(ask)
    state.revoke(*ask.body.get("agents", ()))
    return _details(ask, state)


def expire(ask: Ask) -> Answer:
    """Have access tokens refused from now on."""
    state = _find(ask)
    if ask.body.get("token"):
        state.credentials.expire(ask.body["token"])
        state.steering.add("expired-credential")
    else:
        _expire_all(state)
    return _details(ask, state)


def set_state(ask: Ask) -> Answer:
    """Have a tenant in maintenance, suspended or running."""
    state = _find(ask)
    state.status = ask.body["state"]
    state.steering.add("tenant-not-running")
    return _details(ask, state)


def move_clock(ask: Ask) -> Answer:
    """Move the tenant's clock, stop it or let it go on."""
    state, body = _find(ask), ask.body
    if not body:
        raise RefusedError(400, "body: say one of advance, time, stopped.")
    clock = Clock(state, ask.engine.clock)
    moment = body.get("time", clock.now()) + body.get("advance", 0)
    if body.get("stopped"):
        clock.stop(moment)  # a clock that is set and stopped stands at that very time
    elif "time" in body:
        clock.set(moment)
    elif "advance" in body:
        clock.advance(body["advance"])
    if body.get("stopped") is False:
        clock.go_on()
    return _details(ask, state)


def _with_tenant(handle: Callable[[Ask], Answer]) -> Callable[[Ask], Answer]:
    """An act on entities, for the tenant of the address."""

    def answer(ask: Ask) -> Answer:
        return handle(Ask(ask.engine, ask.path, {"tenant": _find(ask).name}, ask.body, ask.request))

    return answer


def time_of(ask: Ask, name: str) -> str:
    """The time of a tenant, as the page shows it."""
    moment = datetime.fromtimestamp(ask.engine.tenants.of(name).time(ask.engine.clock()), UTC)
    return f"{moment:%Y-%m-%d %H:%M:%S}"


def _expire_all(state: State) -> None:
    state.credentials.expire_all()
    state.steering.add("expired-credential")


def _turn(status: Status) -> Callable[[Engine, str], None]:
    def act(engine: Engine, name: str) -> None:
        state = engine.tenants.of(name)
        state.status = status
        state.steering.add("tenant-not-running")

    return act


ACTS: Mapping[str, Callable[[Engine, str], None]] = {
    "Expire tokens": lambda engine, name: _expire_all(engine.tenants.of(name)),
    "An hour on": lambda engine, name: Clock(engine.tenants.of(name), engine.clock).advance(3600),
    "Running": _turn("Running"),
    "Maintenance": _turn("OfflineMaintenance"),
    "Suspended": _turn("Suspended"),
    "Reset": lambda engine, name: engine.tenants.of(name).store.reset(),
    "Drop": lambda engine, name: engine.tenants.drop(name),
}
"""The buttons of the page, by their labels."""


# --- applications -------------------------------------------------------------------------------


def list_applications(ask: Ask) -> Answer:
    """The applications that may log in, without their secrets."""
    state = _find(ask)
    return {"tenant": state.name, "applications": [_to_json(state, one) for one in state.applications]}


def _to_json(state: State, one: Application) -> dict[str, Any]:
    return {
        "id": one.id,
        "name": one.name,
        "redirects": list(one.redirects),
        "grants": None if one.grants is None else sorted(one.grants),
        "system_token": one.token_in(state.name),
        "approved": one.is_approved,
        "own_key": bool(one.public_key),
    }


def put_application(ask: Ask) -> Answer:
    """Register an application, or change what is named of one."""
    state, body, id = _find(ask), ask.body, unquote(ask.path["id"])
    known = state.applications.get(id)
    if known is None and not body.get("secret"):
        raise RefusedError(400, f"body.secret: it is missing, and there is no application {id!r} to change.")
    state.applications.put(with_changes(known or Application(id, "", id), body, state))
    return {"tenant": state.name, "applications": [_to_json(state, one) for one in state.applications]}


def with_changes(application: Application, body: dict[str, Any], state: State) -> Application:
    """An application with the parts that a body names. Raises SettingError or ValueError for an unfit one."""
    fields: dict[str, Any] = {}
    if body.get("secret"):
        fields["secret"] = fingerprint(body["secret"])
    if "redirects" in body:
        fields["redirects"] = tuple(body["redirects"])
    if "grants" in body:
        state.settings.check_agents(body["grants"], "grants")
        fields["grants"] = frozenset(body["grants"])
    if body.get("public_key"):
        from mockso.state.public_key import read_public_key

        try:
            read_public_key(body["public_key"])
        except ValueError as error:
            raise SettingError(f"public_key: {error}.") from None
        fields["public_key"] = body["public_key"]
    for name, field in (("name", "name"), ("system_token", "system_token"), ("approved", "is_approved")):
        if name in body:
            fields[field] = body[name]
    return application._replace(**fields)


def remove_application(ask: Ask) -> Answer:
    """Have an application log in no more."""
    state, id = _find(ask), unquote(ask.path["id"])
    if not state.applications.remove(id):
        known = ", ".join(one.id for one in state.applications)
        raise RefusedError(404, f"there is no application {id!r} ({known}).")
    return {"deleted": 1}


_AGENTS = Argument("agents", "names", "restricted agents, '*' for all")
_NAME = Argument("name", "text", "name of the snapshot", default="snapshot")
_MAKE = (
    Argument("name", "text", "'Cust12345'; where none is given, one that nobody had"),
    Argument("profile", "text", "what it is", choices=("online", "onsite")),
    Argument("world", "text", "open: ids that nobody saved are answered", choices=("closed", "open")),
    Argument("grants", "names", "restricted agents it is granted"),
    Argument("data", "names", "data files of this machine that it starts with, instead of the usual"),
    Argument("rows", "map", "rows laid over those, as a data file has them"),
    Argument("time", "time", "its time"),
)
_CLOCK = (
    Argument("advance", "seconds", "how far to move it, back too", least=-_YEARS, most=_YEARS),
    Argument("time", "time", "the time to move it to"),
    Argument("stopped", "flag", "true stops it, false lets it go on"),
)
_APPLICATION = (
    Argument("secret", "text", "its secret"),
    Argument("name", "text", "what its system token begins with"),
    Argument("redirects", "names", "addresses it is sent back to; 'loopback' is any of this machine"),
    Argument("grants", "names", "restricted agents of its own, instead of the tenant's"),
    Argument("public_key", "text", "the key of its system user, PEM"),
    Argument("system_token", "text", "its system token, instead of one that is made up"),
    Argument("approved", "flag", "false: it cannot log in"),
)
_GONE = {404: "There is no such tenant."}


def _steer(
    path: str, handle: Callable[[Ask], Answer], about: str, *body: Argument, gives: str = "TenantDetails"
) -> Route:
    return post(
        f"tenants/{{name}}/{path}", _refuse_faults(handle), about, body=body, gives=gives, answers=_GONE
    )


ROUTES = (
    get("tenants", list_tenants, "Who was called, and the state of each", gives="Tenants"),
    post(
        "tenants",
        _refuse_faults(make),
        "Make a tenant, and say what a client of it needs",
        body=_MAKE,
        gives="TenantDetails",
        answers={409: "There is a tenant of that name."},
    ),
    get(
        "tenants/{name}",
        show,
        "One tenant; '-' is the one onsite without a name",
        gives="TenantDetails",
        answers=_GONE,
    ),
    delete("tenants/{name}", drop, "Forget a tenant and all its state", gives="Deleted", answers=_GONE),
    _steer(
        "grant", grant, "Grant restricted agents", Argument("agents", "names", _AGENTS.about, required=True)
    ),
    _steer("revoke", revoke, "Take grants back, all where none is named", _AGENTS),
    _steer(
        "expire",
        expire,
        "Refuse all access tokens from now on, or one token or ticket",
        Argument("token", "text", "the one that expires"),
    ),
    _steer(
        "state",
        set_state,
        "Have it in maintenance, suspended or running",
        Argument("state", "text", "its state", choices=get_args(Status), required=True),
    ),
    _steer("clock", move_clock, "Move its clock, stop it or let it go on", *_CLOCK),
    _steer(
        "snapshot",
        _with_tenant(take_snapshot),
        "Keep all it remembers aside, under a name",
        _NAME,
        gives="Snapshots",
    ),
    _steer("restore", _with_tenant(restore), "Have it as it was at a snapshot", _NAME, gives="Snapshots"),
    _steer("reset", _with_tenant(reset), "Have it as it began", gives="Snapshots"),
    get(
        "tenants/{name}/applications",
        list_applications,
        "The applications that may log in",
        gives="Applications",
        answers=_GONE,
    ),
    Route(
        "PUT",
        "tenants/{name}/applications/{id}",
        _refuse_faults(put_application),
        "Register an application, or change the parts that are named",
        body=_APPLICATION,
        gives="Applications",
        answers=_GONE,
    ),
    delete(
        "tenants/{name}/applications/{id}",
        remove_application,
        "Have an application log in no more",
        gives="Deleted",
        answers={404: "There is no such tenant or application."},
    ),
)
