"""/__mockso/... and /__admin/...: the admin API, who may call it, and the shape of its errors.

Flask has three rules for it and one function behind them; the addresses are `Route`s, as a rule of
werkzeug costs 0.3 ms at start. Every error is JSON, {"error": "..."}. A web page that a developer visits
must not be able to drive their mock: the names by which it is called are checked, foreign origins are
refused, and nothing is ever allowed to another origin.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import flask
from werkzeug.exceptions import HTTPException

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import (
    FilterError,
    JournalError,
    MocksoError,
    ScenarioError,
    StateError,
    cause_of,
    nearest,
)
from mockso.exchange.message import Request
from mockso.web.admin import call_page, data_page, docs, page, wiremock
from mockso.web.admin import entities as admin_entities
from mockso.web.admin import requests as admin_requests
from mockso.web.admin import scenarios as admin_scenarios
from mockso.web.admin import tenants as admin_tenants
from mockso.web.admin import verify as admin_verify
from mockso.web.admin import webhooks as admin_webhooks
from mockso.web.admin.routes import (
    ABOUT_CALLS,
    BODY_LIMIT,
    DROPPED,
    Answer,
    Ask,
    RefusedError,
    Route,
    get,
    read_body,
    read_query,
)
from mockso.web.edge import Edge

if TYPE_CHECKING:
    from mockso.scenario.load import FileFault


def _openapi(ask: Ask) -> Answer:
    from mockso.web.admin.openapi import openapi

    return openapi(ask, PREFIXES)


ROUTES: tuple[Route, ...] = (
    *admin_requests.ROUTES,
    *admin_verify.ROUTES,
    *admin_scenarios.ROUTES,
    *admin_tenants.ROUTES,
    *admin_entities.ROUTES,
    *admin_webhooks.ROUTES,
    *page.ROUTES,
    *call_page.ROUTES,
    *data_page.ROUTES,
    *docs.ROUTES,
    get("openapi.json", _openapi, "This document", gives="OpenApi"),
)
WIREMOCK_ROUTES: tuple[Route, ...] = wiremock.ROUTES
PREFIXES: Mapping[str, tuple[Route, ...]] = {"/__mockso": ROUTES, "/__admin": WIREMOCK_ROUTES}

# Scenarios, matches and filters come with a request; all other errors are ours, or the machine's.
CALLERS_FAULTS = (ScenarioError, FilterError)

_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
_ANY_ADDRESS = frozenset({"", "0.0.0.0", "::", "[::]"})
_LOOPBACK = re.compile(r"(?:.+\.)?localhost|127(?:\.\d{1,3}){3}|::1", re.IGNORECASE)
_SAFE = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src 'self' data:; "
        "form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Resource-Policy": "same-origin",
    "Referrer-Policy": "same-origin",  # without one, browsers hide the Origin of the page's own forms
    "X-Content-Type-Options": "nosniff",
}


def blueprint(engine: Engine) -> flask.Blueprint:
    """The admin API over an engine."""
    admin = flask.Blueprint("mockso_admin", __name__, template_folder="templates")

    def answer(rest: str = "") -> flask.Response:
        prefix = flask.request.path[: len(flask.request.path) - len(rest)].rstrip("/")
        try:
            response = _answer(engine, prefix, rest)
        except RefusedError as refused:
            # A page says what is served here, which is for those alone who may know.
            if prefix == page.ROOT and refused.status not in (401, 403) and _is_browser(flask.request):
                response = page.refusal(engine, refused)
            else:
                response = error(refused.status, refused.message, refused.headers)
        except CALLERS_FAULTS as problem:
            response = error(400, str(problem), faults=getattr(problem, "faults", ()))
        except HTTPException as problem:
            response = error(problem.code or 400, problem.description or problem.name)
        except (JournalError, StateError) as problem:  # a database is gone, full or locked
            response = error(503, str(problem))
        except Exception as problem:
            written = engine.fail(_own_request(engine), "the admin API", problem)
            id = written.header("X-Mockso-Call")
            where = f" Call {id} of the journal has the trace." if id else ""
            response = error(500, cause_of(problem) + ("" if isinstance(problem, MocksoError) else where))
        if response.is_streamed:
            response.response = _stream(engine, _own_request(engine), response.response)
        for name, value in _SAFE.items():
            response.headers.setdefault(name, value)
        return response

    for prefix in PREFIXES:
        for rule in (f"{prefix}/", f"{prefix}/<path:rest>"):
            admin.add_url_rule(
                rule, f"answer{prefix}", answer, methods=_METHODS, provide_automatic_options=False
            )

    @admin.before_app_request
    def answer_unrouted() -> flask.Response | None:
        # A method that no rule has, or an address with a line end in it, never comes to `answer`.
        path = flask.request.path
        for prefix in PREFIXES if flask.request.routing_exception else ():
            if path.startswith(f"{prefix}/"):
                return answer(path[len(prefix) + 1 :])
        return None

    return admin


def _own_request(engine: Engine) -> Request:
    """The request in the works as the journal has calls, without the body, which was read or not."""
    environ = dict(flask.request.environ, CONTENT_LENGTH="", HTTP_TRANSFER_ENCODING="")
    environ["wsgi.input_terminated"] = False
    return Edge(engine).read(environ)


def _stream(engine: Engine, request: Request, pieces: Any) -> Iterator[Any]:
    """The pieces of an answer. One that fails after it began can only be broken off."""
    try:
        yield from pieces
    except (ConnectionError, GeneratorExit):
        raise
    except Exception as error:
        engine.fail(request, "an answer of the admin API broke off", error)
        raise ConnectionAbortedError(cause_of(error)) from error
    finally:
        close = getattr(pieces, "close", None)
        if close is not None:
            close()


def _answer(engine: Engine, prefix: str, rest: str) -> flask.Response:
    request = flask.request
    check_caller(request, engine.settings)
    method = "GET" if request.method == "HEAD" else request.method
    if method not in _METHODS:
        raise RefusedError(405, f"{method!r} is not a method.", {"Allow": ", ".join(_METHODS)})
    routes = PREFIXES[prefix]
    matches = [(route, variables) for route in routes if (variables := route.match(rest)) is not None]
    literal = [pair for pair in matches if pair[0].path == rest]
    for route, variables in literal or matches:
        if route.method == method:
            request.max_content_length = BODY_LIMIT
            query = read_query(request, route.query)
            reads = route.method in _READ and not route.raw
            body = read_body(request, None if route.free_body else route.body or ()) if reads else {}
            answer = route.handle(Ask(engine, variables, query, body, request))
            response = answer if isinstance(answer, flask.Response) else flask.jsonify(answer)
            if route.path.startswith(ABOUT_CALLS):
                # Exports, single calls and WireMock's answers have no other place for it.
                response.headers[DROPPED] = str(engine.journal.count_dropped(query.get("tenant")))
            return response
    if matches:
        methods = sorted({route.method for route, _ in literal or matches})
        raise RefusedError(
            405,
            f"{request.method} {prefix}/{rest}: this address takes {', '.join(methods)}.",
            {"Allow": ", ".join(methods)},
        )
    near = nearest(rest, {route.path for route in routes})
    hint = f" Did you mean {prefix}/{near[0]}?" if near else f" {prefix}/openapi.json lists all."
    raise RefusedError(404, f"{prefix}/{rest}: there is no such address.{hint}")


def _is_browser(request: flask.Request) -> bool:
    """Whether a page is wanted rather than JSON."""
    accepted = request.accept_mimetypes
    return accepted["text/html"] > accepted["application/json"]


_READ = frozenset({"POST", "PUT", "PATCH"})


def error(
    status: int, message: str, headers: Mapping[str, str] | None = None, faults: Iterable[FileFault] = ()
) -> flask.Response:
    """The reply for an error; `faults` are the parts of a message about a scenario."""
    parts = [fault.to_json() for fault in faults]
    response = flask.jsonify({"error": message, **({"faults": parts} if parts else {})})
    response.status_code = status
    response.headers.extend(dict(headers or {}))
    return response


# --- who may ------------------------------------------------------------------------------------


def check_caller(request: flask.Request, settings: Settings) -> None:
    """Raise RefusedError for a call from a foreign page, by a foreign name or without the token that is set."""
    host = request.environ.get("HTTP_HOST", "")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc.lower() != host.lower():
        raise RefusedError(
            403,
            f"Origin {origin!r}: the page of another site may not drive this mock. Call it from outside a browser.",
        )
    if request.headers.get("Sec-Fetch-Site") in ("cross-site", "same-site") and (
        request.headers.get("Sec-Fetch-Mode") != "navigate" or request.method not in ("GET", "HEAD")
    ):
        raise RefusedError(
            403, "The page of another site may not drive this mock. Call it from outside a browser."
        )
    if settings.admin_token:
        # A caller who knows the token is not a foreign page, so the host name need not be checked.
        if not _knows(request, settings.admin_token):
            raise RefusedError(
                401,
                "This mock has an admin token. Send it as 'X-Mockso-Admin: TOKEN', as 'Authorization: Bearer "
                "TOKEN', or as the password a browser asks for.",
                {"WWW-Authenticate": 'Basic realm="mockso", charset="UTF-8"'},
            )
    elif host and not is_own(host, settings):
        raise RefusedError(
            403,
            f"Host {host!r} is not a name of this mock: it is called by a loopback name. To allow another, start it "
            "with --set hosts=NAME (or MOCKSO_HOSTS).",
        )


def is_own(host: str, settings: Settings) -> bool:
    """Whether a Host header names this machine, or one of the names in the setting `hosts`."""
    try:
        name = urlsplit(f"//{host}").hostname or ""
    except ValueError:
        return False
    own = {part.lower() for part in (*settings.hosts, settings.host)} - _ANY_ADDRESS
    return name.lower() in own or host.lower() in own or _LOOPBACK.fullmatch(name) is not None


def _knows(request: flask.Request, token: str) -> bool:
    secret = request.headers.get("X-Mockso-Admin", "")
    if not secret:
        scheme, _, rest = request.headers.get("Authorization", "").partition(" ")
        if scheme.lower() == "bearer":
            secret = rest.strip()
        elif request.authorization is not None and request.authorization.type == "basic":
            secret = request.authorization.password or ""
    return hmac.compare_digest(secret.encode("utf-8", "replace"), token.encode("utf-8", "replace"))
