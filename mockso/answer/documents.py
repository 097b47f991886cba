"""The answers to operations that no page has (contract/documents.py): the root documents, an agent's GET, OPTIONS,
and the state of a tenant. Source: behaviour of the real server, sections 5 and 6.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime

from mockso.contract.documents import GROUP, OPTIONS, ROOT, STATE, VERSION
from mockso.contract.model import Operation
from mockso.exchange.address import home_of
from mockso.exchange.call import Answer, Call
from mockso.exchange.headers import header_text, parse_accept
from mockso.exchange.message import Reply
from mockso.state.tenant import Rest, View

# States in which the API is up. Source: section 5, firm.
RUNNING = ("Running", "OnlineMaintenance")
VALID = 3600.0
"""Seconds for which an answer about a tenant's state may be kept (assumed)."""


def give_document(call: Call, view: View, rest: Rest) -> Answer | None:
    """The document that a call asks for: a root, an agent's method described, the state of a tenant."""
    operation = call.lookup.operation
    if operation is None or operation.group != GROUP:
        return None
    return Answer(_reply(call, view, operation))


def _reply(call: Call, view: View, operation: Operation) -> Reply:
    if operation.id == ROOT.id:
        return _root(call, view)
    if operation.id == VERSION.id:
        return _version(call)
    if operation.id == OPTIONS.id:
        return _options(call)
    if operation.id == STATE.id:
        return _state(call, view)
    described = call.lookup.contract.find("POST", call.request.path).operation
    assert described is not None
    # Source: that it describes and does not run the call is firm, the shape of the answer assumed.
    hint = (("X-Mockso-Hint", f"POST runs {described.id}; GET only describes it"),)
    return Reply(200, {"POST": _help(described)}, hint, by="document", fidelity="assumed")


def _state(call: Call, view: View) -> Reply:
    """Where a tenant lives and whether it runs. Source: section 5; what an unknown one gets is assumed."""
    name = call.lookup.path_arguments["tenant"]
    known = view.name == name and view.online
    endpoint = home_of(call.request.tenant, view.endpoint, call.request.base) if known else ""
    state = view.shown_status if known else "Unknown"
    until = datetime.fromtimestamp(call.request.at + VALID, UTC)
    body = {
        "ContextIdentifier": name,
        "Endpoint": endpoint,
        "State": state,
        "IsRunning": state in RUNNING,
        "ValidUntil": f"{until:%Y-%m-%dT%H:%M:%S}.{until.microsecond:06}0Z",
        "Api": f"{endpoint}/api" if known else "",
        "Version": _label(view),
    }
    return Reply(200, body, by="document", fidelity="firm" if known else "assumed")


def _label(view: View) -> str:
    release = ".".join(view.settings.netserver_version.split(".")[:2])
    return f"Release_{release}_2026.01.15-01"


def _options(call: Call) -> Reply:
    """The answer to a preflight; every answer has the headers that say who may call from where."""
    methods = ", ".join(call.lookup.allowed)
    wanted = call.request.headers.get("Access-Control-Request-Headers") or "*"
    headers = (
        ("Allow", methods),
        ("Access-Control-Allow-Methods", methods),
        ("Access-Control-Allow-Headers", header_text(wanted)),
    )
    return Reply(200, headers=headers, by="document", fidelity="assumed")


def _root(call: Call, view: View) -> Reply:
    base, version = call.request.base, view.settings.netserver_version
    release = ".".join(version.split(".")[:2])
    label = _label(view)
    document = {
        "v1": f"{base}/v1/",
        "NetServerVersion": version,
        "NetServerAssembly": f"{release}.0.0",
        "NetServerDate": "2026-01-15",
        "NetServerLabel": label,
        "NetServer": f"SuperOffice {release} NetServer {release} Release (Build: {label})",
        "Services": "Services87",
        "ServicesCurrent": "Services88",
        "Version": "v1",
        "Documentation": "https://docs.superoffice.com/en/api/",
    }
    if _wants_html(call, unless_told=True):
        return _page(document)
    return Reply(200, document, by="document", fidelity="firm")


def _wants_html(call: Call, *, unless_told: bool) -> bool:
    """Whether a page is asked for; `unless_told` where neither that nor JSON is."""
    if call.request.query.get("$format").lower() == "json":
        return False
    for kind in parse_accept(call.request.headers.get("Accept")):
        if kind in ("application/json", "text/json"):
            return False
        if kind == "text/html":
            return True
        if kind == "*/*":
            break
    return unless_told


def _page(rows: Mapping[str, str]) -> Reply:
    from html import escape

    # The address in it is that of the header Host, which is anybody's text.
    table = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>\n" for name, value in rows.items()
    )
    page = f"<!DOCTYPE html><html><head><title>SuperOffice WebAPI</title></head><body><table>\n{table}</table></body></html>"
    return Reply(200, page.encode(), by="document", fidelity="assumed", media_type="text/html; charset=utf-8")


def _version(call: Call) -> Reply:
    origin = call.request.base.removesuffix("/api")
    listing: dict[str, dict[str, str]] = {}
    for operation in call.lookup.contract.operations():
        listing.setdefault(origin + operation.path, {})[operation.method] = _help(operation)
    if _wants_html(call, unless_told=False):
        return _page(
            {address: "; ".join(map(": ".join, verbs.items())) for address, verbs in listing.items()}
        )
    return Reply(200, listing, by="document", fidelity="likely")


def _help(operation: Operation) -> str:
    ids = [p.name for p in operation.parameters if p.location == "query" and p.required]
    prefix = "".join(f"?{name}={{{name}}} " for name in ids[:1]) if operation.is_agent else ""
    return f"{prefix}{operation.id}"
