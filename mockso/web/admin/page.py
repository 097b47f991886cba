"""/__mockso/ for people: calls as they come, one call in full, scenarios, tenants, the contract.

Rendered on the server, and complete without JavaScript, which only fetches the same page again when
something happens (templates/mockso.js). Templates treat whatever came from outside as text, never as markup.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlencode

import flask

from mockso.archive.columns import provider_of
from mockso.archive.show import find_lines, near_names
from mockso.contract.show import find, id_of, operation_lines, type_lines
from mockso.engine import Engine
from mockso.errors import ContractError, FilterError, MocksoError, SettingError
from mockso.journal.entry import Document, summary
from mockso.journal.filter import Filter
from mockso.scenario.library import SUFFIXES
from mockso.version import VERSION
from mockso.web.admin import scenarios as admin_scenarios
from mockso.web.admin import tenants as admin_tenants
from mockso.web.admin.routes import Answer, Argument, Ask, RefusedError, Route, get, post

ROOT = "/__mockso"
PAGE_SIZE = 50
_MOST_NAMES = 200
ONSITE = "-"  # in forms, where an empty field means all tenants

_FIELDS = ("text", "tenant", "operation", "status", "verdict", "step", "unmatched")
FILTERS = tuple(Argument(name, "text", "as GET /__mockso/requests; empty means any") for name in _FIELDS)
AFTER = Argument("after", "count", "id of the last call already seen", most=2**53)
_ELSEWHERE = frozenset({"operation", "agent", "resource", "webhook"})
_TEMPLATES = Path(__file__).parent / "templates"
_FILES = {"mockso.css": "text/css", "mockso.js": "text/javascript"}
_OWN = "name: my-scenario\nsteps:\n  - match: {operation: '*GetContact*'}\n    reply: {status: 500}\n    times: 1\n"


def calls(ask: Ask) -> Answer:
    """A page of calls, the newest first."""
    journal = ask.engine.journal
    filters = filters_of(ask)
    after = str(ask.query.get("after", ""))
    criteria: Filter = {}
    rows: list[dict[str, Any]] = []
    total, problem = 0, ""
    try:
        criteria = criteria_of(ask, filters)
        rows = [_row(entry) for entry in journal.find(limit=PAGE_SIZE + 1, after=after, **criteria)]
        total = journal.count(**criteria)
    except (FilterError, ContractError) as error:
        problem = str(error)
    paging = {"after": after} if after else {}
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return render_page(
        ask,
        "calls.html",
        "Calls",
        problem,
        calls=rows,
        query={name: filters.get(name, "") for name in _FIELDS},
        here_query=f"?{urlencode({**filters, **paging})}" if filters or paging else "",
        filtered=bool(filters),
        total=total,
        dropped=journal.count_dropped(criteria.get("tenant")),
        tenants=sorted(journal.tenants()),
        paged=bool(after),
        newest=f"{ROOT}/?{urlencode(filters)}",
        older=f"{ROOT}/?{urlencode({**filters, 'after': rows[-1]['id']})}" if more else "",
        base=ask.request.host_url.rstrip("/"),
    )


def _row(entry: Mapping[str, Any]) -> dict[str, Any]:
    return {**summary(entry), "near_misses": len(misses_meant(entry))}


def misses_meant(entry: Mapping[str, Any]) -> list[Document]:
    """The near misses of steps for this very operation; all others are only the nearest of what is played."""
    return [
        miss
        for miss in entry["near_misses"]
        if _ELSEWHERE.isdisjoint(difference["field"] for difference in miss["differences"])
    ]


def filters_of(ask: Ask) -> dict[str, str]:
    """The filters that a call of a page names, each not empty."""
    query = {name: str(ask.query.get(name, "")).strip() for name in _FIELDS}
    return {name: value for name, value in query.items() if value}


def criteria_of(ask: Ask, filters: Mapping[str, str]) -> Filter:
    """The filters of a page as the journal takes them. Raises ContractError where "GET Contakt" names no operation."""
    criteria: Any = {name: value for name, value in filters.items() if name not in ("tenant", "unmatched")}
    if "operation" in filters:
        criteria["operation"] = id_of(ask.engine.contract, filters["operation"])
    if "tenant" in filters:
        criteria["tenant"] = "" if filters["tenant"] == ONSITE else filters["tenant"]
    if filters.get("unmatched") == "true":
        criteria["unmatched"] = True
    result: Filter = criteria
    return result


def scenarios(ask: Ask, problem: str = "", yaml: str = _OWN, status: int = 200) -> Answer:
    """The scenarios that are played, with their counters, and those that can be."""
    names = ask.engine.tenants.names()
    chosen = str(ask.query.get("tenant", "") or (ask.request.form.get("tenant", "") if status != 200 else ""))
    playing = list(admin_scenarios.playing(ask.engine))
    there = {item["name"] for item in playing}
    return render_page(
        ask,
        "scenarios.html",
        "Scenarios",
        problem,
        status,
        playing=playing,
        waiting=[scenario.name for scenario in ask.engine.playlist.scenarios if scenario.name not in there],
        available=admin_scenarios.available(ask.engine),
        yaml=yaml,
        tenants=sorted({*(name or ONSITE for name in names), *filter(None, [chosen])}),
        chosen=chosen,
    )


def scenario(ask: Ask) -> Answer:
    """One scenario, as its file has it."""
    engine, name = ask.engine, unquote(ask.path["name"])
    played = {one.name: one for state in engine.tenants for one in state.playing}
    found = played.get(name) or admin_scenarios.find_scenario(engine, name)
    # Whoever steers the mock may read what it plays, and no other file of its machine.
    file, text, problem = Path(found.origin), "", ""
    if file.suffix in SUFFIXES:
        try:
            text = file.read_text(encoding="utf-8-sig", errors="replace")
        except OSError as error:
            problem = f"{file}: cannot be read ({error.strerror})."
    return render_page(ask, "scenario.html", "", problem, scenario=found, text=text)


def play(ask: Ask) -> Answer:
    form, text = ask.request.form, ask.request.form.get("yaml", "")
    try:
        scenario = admin_scenarios.scenario_of(ask.engine, form.get("name", ""), text)
        admin_scenarios.begin(ask.engine, scenario, _tenant(form))
    except RefusedError as refused:
        return scenarios(ask, refused.message, text or _OWN, refused.status)
    except MocksoError as error:
        return scenarios(ask, str(error), text or _OWN, 400)
    tenant = form.get("tenant", "").strip()
    return go_to(f"page/scenarios?{urlencode({'tenant': tenant})}" if tenant else "page/scenarios")


def stop(ask: Ask) -> Answer:
    form = ask.request.form
    try:
        admin_scenarios.end(ask.engine, form.get("name") or None, _tenant(form))
    except RefusedError as refused:
        return scenarios(ask, refused.message, status=refused.status)
    return go_to("page/scenarios")


def reset(ask: Ask) -> Answer:
    admin_scenarios.start_again(ask.engine, None)
    return go_to("page/scenarios")


def clear(ask: Ask) -> Answer:
    ask.engine.journal.clear(_tenant(ask.request.form))
    return go_to("")


def _tenant(form: Mapping[str, str]) -> str | None:
    tenant = form.get("tenant", "").strip()
    return "" if tenant == ONSITE else tenant or None


def go_to(path: str) -> flask.Response:
    """A redirection to another address of the page, after a form."""
    response = flask.Response(status=303)
    response.headers["Location"] = f"{ROOT}/{path}"
    return response


def tenants(ask: Ask, problem: str = "") -> Answer:
    """The tenants that were called, and the state of each."""
    rows = list(admin_tenants.rows(ask))
    known = {name: admin_tenants.time_of(ask, name) for name in ask.engine.tenants.names()}
    return render_page(
        ask, "tenants.html", "Tenants", problem, tenants=rows, times=known, acts=admin_tenants.ACTS
    )


def steer(ask: Ask) -> Answer:
    """Do what a button in a tenant's row says."""
    form = ask.request.form
    act, name = form.get("act", ""), _tenant(form) or ""
    if act in admin_tenants.ACTS and ask.engine.tenants.has(name):
        try:
            admin_tenants.ACTS[act](ask.engine, name)
        except SettingError as error:
            return tenants(ask, str(error))
    return go_to("page/tenants")


def contract(ask: Ask) -> Answer:
    """The operations, types and archive providers with a name, an address, or a part of one."""
    catalogue = ask.engine.contract
    query = ask.path.get("name") or str(ask.query.get("q", "")).strip()
    operations, types = find(catalogue, query) if query else ([], [])
    archive, problem = [], ""
    try:
        archive = find_lines(catalogue, query)
    except ContractError as error:
        problem = str(error)
    names: list[str] = []
    if query and not operations and not types:
        names = [id for id in catalogue.ids() if query.lower() in id.lower()]
    groups = Counter(id.partition("_")[0] for id in catalogue.ids()) if not query else {}
    nothing = query and not (operations or types or archive or names or problem)
    return render_page(
        ask,
        "contract.html",
        "Contract",
        problem,
        query=query,
        archive=archive,
        nothing=nothing,
        operations=operations,
        texts={each.id: "\n".join(operation_lines(catalogue, each, 3)) for each in operations},
        providers={each.id: provider_of(each.archive, catalogue) for each in operations if each.archive},
        types=[(each.name, "\n".join(type_lines(catalogue, each, 2))) for each in types],
        names=names[:_MOST_NAMES],
        more=len(names) if len(names) > _MOST_NAMES else 0,
        near=near_names(catalogue, query) if nothing else [],
        groups=sorted(groups.items()),
        count=len(catalogue),
    )


def file(ask: Ask) -> Answer:
    """The page's own script or style."""
    name = ask.request.path.rpartition("/")[2]
    response = flask.Response((_TEMPLATES / name).read_bytes(), mimetype=_FILES[name])
    response.headers["Cache-Control"] = "no-cache"
    return response


def refusal(engine: Engine, refused: RefusedError) -> flask.Response:
    """The page of an address that is unknown, or may not be called so."""
    ask = Ask(engine, {}, {}, {}, flask.request)
    title = "Not found" if refused.status == 404 else "Not so"
    response = render_page(ask, "refusal.html", "", refused.message, refused.status, title=title)
    response.headers.extend(dict(refused.headers or {}))
    return response


def render_page(
    ask: Ask, template: str, here: str, problem: str = "", status: int = 200, /, **values: Any
) -> flask.Response:
    """A page of a template; `here` is its entry in the navigation, `problem` what to say above it."""
    html = flask.render_template(
        template,
        root=ROOT,
        here=here,
        problem=problem,
        version=VERSION,
        release=ask.engine.contract.release,
        store=ask.engine.journal.name,
        **values,
    )
    return flask.Response(html, 400 if problem and status == 200 else status, mimetype="text/html")


def _routes() -> Iterator[Route]:
    yield get("", calls, "Calls as they come", (*FILTERS, AFTER), gives="text/html")
    yield post("page/clear", clear, "Delete calls, from the page", raw=True, gives="text/html")
    whose = Argument(
        "tenant", "text", "the tenant that a scenario is to be played for; all where none is given"
    )
    yield get("page/scenarios", scenarios, "Scenarios", (whose,), gives="text/html")
    yield get("page/scenarios/{name}", scenario, "One scenario, as its file has it", gives="text/html")
    for name, handle in (("play", play), ("stop", stop), ("reset", reset)):
        yield post(f"page/scenarios/{name}", handle, f"{name}, from the page", raw=True, gives="text/html")
    yield get("page/tenants", tenants, "Tenants", gives="text/html")
    yield post("page/tenants/steer", steer, "Steer a tenant, from the page", raw=True, gives="text/html")
    search = Argument("q", "text", "an operation, a type, an address, a part of one, or an archive provider")
    yield get("page/contract", contract, "The contract", (search,), gives="text/html")
    yield get("page/contract/{name}", contract, "One operation, type or provider", gives="text/html")
    for name in _FILES:
        yield get(f"page/{name}", file, "A part of the page", gives="text/html")


ROUTES = tuple(_routes())
