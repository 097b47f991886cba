"""Calls and a tiny contract for tests: made in memory, without a socket or the whole API."""

from __future__ import annotations

import json
from dataclasses import replace
from functools import cache

from mockso.contract.catalogue import Contract, dump
from mockso.contract.examples import Examples
from mockso.contract.model import NOTHING, Field, Operation, Parameter, Restriction, TypeDef, parse_type
from mockso.exchange.call import Call, Rule, Verdict, Violation
from mockso.exchange.message import Headers, Query, Reply, Request
from mockso.state.roster import Tenants

AT = 1_767_225_600.0  # 2026-01-01T00:00:00Z

GET = "v1ContactEntity_GetContactEntity"
PUT = "v1ContactEntity_PutContactEntity"
DELETE = "v1ContactEntity_DeleteContactEntity"
AGENT_GET = "v1ContactAgent_GetContactEntity"
SAVE = "v1ContactAgent_SaveContactEntity"
USER = "v1UserAgent_SaveUntrustedCredentials"

CONTACT = "SuperOffice.CRM.Services.ContactEntity"
PERSON = "SuperOffice.CRM.Services.Person"


def operation(
    id: str, method: str, path: str, group: str, result: str | None, body: str | None = None, **more: object
) -> Operation:
    status = 200 if result else 204
    return Operation(
        id=id,
        method=method,
        path=path,
        group=group,
        parameters=(
            *(
                Parameter(part[1:-1], "path", parse_type("int32"), True)
                for part in path.split("/")
                if part.startswith("{")
            ),
            *([Parameter("$top", "query", parse_type("int32"), False)] if method == "GET" else []),
        ),
        body=parse_type(body) if body else None,
        body_required=bool(body),
        responses={status: parse_type(result) if result else None},
        consumes=("application/json",) if body else (),
        produces=("application/json",) if result else (),
        sources=("tests/making.py",),
        **more,  # type: ignore[arg-type]
    )


@cache
def tiny() -> Contract:
    """A contract of six operations and two types."""
    return Contract(tiny_file(), "tiny")


def tiny_file() -> bytes:
    """The bytes of its file."""
    operations = [
        operation(GET, "GET", "/api/v1/Contact/{id}", "Contact", CONTACT),
        operation(PUT, "PUT", "/api/v1/Contact/{id}", "Contact", CONTACT, CONTACT),
        operation(DELETE, "DELETE", "/api/v1/Contact/{id}", "Contact", None),
        operation(
            AGENT_GET,
            "POST",
            "/api/v1/Agents/Contact/GetContactEntity",
            "Contact",
            CONTACT,
            slow_ms=2000,
        ),
        operation(SAVE, "POST", "/api/v1/Agents/Contact/SaveContactEntity", "Contact", CONTACT, CONTACT),
        operation(
            USER,
            "POST",
            "/api/v1/Agents/User/SaveUntrustedCredentials",
            "User",
            None,
            CONTACT,
            restricted=Restriction("User", "on-request", "tests/making.py"),
        ),
    ]
    types = [
        TypeDef(
            CONTACT,
            (
                Field("ContactId", parse_type("int32")),
                Field("Name", parse_type("string")),
                Field("Persons", parse_type(f"list<{PERSON}>")),
                Field("Kind", parse_type("enum<None|Customer>")),
                Field("Fields", parse_type("map<string>")),
            ),
            "tests/making.py",
        ),
        TypeDef(
            PERSON,
            (Field("PersonId", parse_type("int32")), Field("Firstname", parse_type("string"))),
            "tests/making.py",
        ),
    ]
    return dump({}, operations, types)


FAULT = Violation(
    "body",
    "error",
    "body.Name",
    "expected a string, got 12",
    Rule("type", "firm", "tests/making.py", "A property has its type."),
    "tests/making.py",
)


def call(
    method: str = "GET",
    target: str = "/api/v1/Contact/17",
    body: object = NOTHING,
    headers: dict[str, str] | None = None,
    *,
    raw: bytes | None = None,
    faults: tuple[Violation, ...] = (),
    at: float = AT,
) -> Call:
    """A call that found its operation in the tiny contract and was judged."""
    path, _, query = target.partition("?")
    content = raw if raw is not None else b"" if body is NOTHING else json.dumps(body).encode()
    pairs = [tuple(pair.partition("=")[::2]) for pair in query.split("&") if pair]
    request = Request(
        tenant="Cust12345",
        method=method,
        path=path,
        query=Query(pairs),  # type: ignore[arg-type]
        headers=Headers((headers or {}).items()),
        body=content,
        base="http://127.0.0.1:8585/Cust12345",
        target=target,
        at=at,
    )
    found = tiny().find(method, path)
    return Call(request, found, Verdict(faults, dict(found.path_arguments), body))  # type: ignore[arg-type]


def get(number: int = 17, **more: object) -> Call:
    return call("GET", f"/api/v1/Contact/{number}", **more)  # type: ignore[arg-type]


def save(body: object, **more: object) -> Call:
    return call("POST", "/api/v1/Agents/Contact/SaveContactEntity", body, **more)  # type: ignore[arg-type]


def delivery(event: str = "contact.created", body: object = NOTHING) -> Call:
    """The delivery of a webhook: a call that the mock makes."""
    made = call("POST", "/hook", body, {"X-SuperOffice-Event": event})
    return replace(made, direction="out")


def register(tenants: Tenants, name: str, contract: Contract, number: int = 7) -> None:
    """Make a tenant anew that has webhooks with ids up to a number, the only entities that a mock does not make up."""
    example = Examples(contract).of(parse_type("SuperOffice.CRM.Services.Webhook"))
    grants = tenants.of(name).grants
    tenants.drop(name)
    tenant = tenants.make(name, grants=grants)
    for _ in range(number):
        tenant.webhooks.add(example)


def normal() -> Reply:
    """The contract's normal answer, as an engine would make it."""
    return Reply(
        200,
        {"ContactId": 17, "Name": "Acme", "Persons": [{"PersonId": 1, "Firstname": "Ann"}], "Kind": "None"},
        by="example",
        fidelity="likely",
    )


def documented(name: str, about: Call) -> Reply:
    """One of the documented errors, in a form that a test can tell."""
    statuses = {"throttled": 429, "unauthorized": 401, "not_found": 404}
    status = statuses[name.replace("-", "_")]
    return Reply(status, {"Message": name}, (("Retry-After", "1"),), by="refusal", fidelity="assumed")
