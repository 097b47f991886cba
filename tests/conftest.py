"""A tiny contract, requests made by hand, and the option --full for sweeps over all operations."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest

from mockso.config import Settings
from mockso.contract import catalogue
from mockso.contract.catalogue import Contract
from mockso.contract.model import Field, Operation, Parameter, Restriction, TypeDef, parse_type
from mockso.engine import Engine
from mockso.exchange.message import Headers, Query, Request
from mockso.journal.journal import Journal

pytest_plugins = ["pytester"]

NOON = 1_767_225_600.0  # 2026-01-01T00:00:00Z


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--full", action="store_true", help="sweep over every operation, not over a sample")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if not config.getoption("--full"):
        for item in items:
            if "full" in item.keywords:
                item.add_marker(pytest.mark.skip(reason="only with --full"))


@pytest.fixture(scope="session")
def sweep(request: pytest.FixtureRequest) -> int:
    """Every how many operations a sweep takes one: 1 with --full."""
    return 1 if request.config.getoption("--full") else 7


def operation(id: str, method: str, path: str, **parts: Any) -> Operation:
    """An operation with little said about it; types are given as text."""
    body = parts.pop("body", None)
    responses = parts.pop("responses", {200: None})
    parameters = [
        Parameter(name, location, parse_type(kind), required)
        for name, location, kind, required in parts.pop("parameters", ())
    ]
    body_type = parse_type(body) if body else None
    types = {status: parse_type(kind) if kind else None for status, kind in responses.items()}
    return Operation(
        id=id,
        method=method,
        path=path,
        group=path.split("/")[4] if "/Agents/" in path else path.split("/")[3],
        parameters=tuple(parameters),
        body=body_type,
        body_required=body_type is not None,
        responses=types,
        consumes=parts.pop("consumes", catalogue.REQUEST_TYPES if body else ()),
        produces=parts.pop("produces", catalogue.RESPONSE_TYPES if any(types.values()) else ()),
        sources=(f"tiny.json#/{id}",),
        **parts,
    )


def typedef(name: str, *, open: bool = False, **fields: Any) -> TypeDef:
    """A carrier; a field is its type's text, or (text, max_length)."""
    made = [
        Field(key, parse_type(kind))
        if isinstance(kind, str)
        else Field(key, parse_type(kind[0]), max_length=kind[1])
        for key, kind in fields.items()
    ]
    return TypeDef(name, tuple(made), f"tiny.json#/definitions/{name}", open)


TYPES = [
    typedef(
        "So.ContactEntity",
        ContactId="int32",
        Name=("string", 20),
        Active="boolean",
        Turnover="double",
        UpdatedDate="date-time",
        Kind="enum<Unknown|Company|Person>",
        Rights="flags<Read|Write|Delete>",
        Picture="byte",
        Persons="list<So.Person>",
        Parent="So.ContactEntity",
        Extra="map<string>",
        Big="int64",
        TableRight="So.TableRight",
        FieldProperties="map<any>",
        _Links="map<string>",
    ),
    typedef("So.Person", PersonId="int32", Firstname="string"),
    typedef("So.TableRight", Mask="string", Reason="string"),
    typedef("So.Base", open=True, FieldType="string"),
    typedef("So.SaveRequest", Type="string", Credentials="So.Person"),
    typedef(
        "So.ODataSlimResponse",
        **{"odata.metadata": "string", "odata.nextLink": "string", "value": "list<any>"},
    ),
]

OPERATIONS = [
    operation(
        "getContact",
        "GET",
        "/api/v1/Contact/{id}",
        parameters=[
            ("id", "path", "int32", True),
            ("$select", "query", "string", False),
            ("fk", "query", "boolean", False),
        ],
        responses={200: "So.ContactEntity", 404: None},
    ),
    operation(
        "putContact",
        "PUT",
        "/api/v1/Contact/{id}",
        parameters=[("id", "path", "int32", True)],
        body="So.ContactEntity",
        responses={200: "So.ContactEntity"},
    ),
    operation(
        "patchContact",
        "PATCH",
        "/api/v1/Contact/{id}",
        parameters=[("id", "path", "int32", True)],
        body="patch<So.ContactEntity>",
        responses={200: "So.ContactEntity"},
    ),
    operation(
        "postContact", "POST", "/api/v1/Contact", body="So.ContactEntity", responses={200: "So.ContactEntity"}
    ),
    operation(
        "deleteContact",
        "DELETE",
        "/api/v1/Contact/{id}",
        parameters=[("id", "path", "int32", True)],
        responses={204: None},
    ),
    operation("defaultContact", "GET", "/api/v1/Contact/default", responses={200: "So.ContactEntity"}),
    operation(
        "allContacts",
        "GET",
        "/api/v1/Contact",
        parameters=[("$select", "query", "string", False), ("$top", "query", "int32", False)],
        responses={200: "So.ODataSlimResponse"},
        archive="SimpleContact",
    ),
    operation(
        "tasksByState",
        "GET",
        "/api/v1/BatchTask/{state}",
        parameters=[("state", "path", "string", True)],
        responses={200: "list<string>"},
    ),
    operation(
        "taskById",
        "GET",
        "/api/v1/BatchTask/{id}",
        parameters=[("id", "path", "int32", True)],
        responses={200: "string"},
    ),
    operation(
        "getEntity",
        "POST",
        "/api/v1/Agents/Contact/GetContactEntity",
        parameters=[("contactEntityId", "query", "int32", True)],
        responses={200: "So.ContactEntity"},
    ),
    operation(
        "getList",
        "POST",
        "/api/v1/Agents/Contact/GetContactList",
        body="list<int32>",
        responses={200: "list<So.Person>"},
    ),
    operation(
        "saveCredentials",
        "POST",
        "/api/v1/Agents/User/SaveCredentials",
        body="So.SaveRequest",
        responses={204: None},
        restricted=Restriction("User", "never", "tiny.md:7"),
    ),
    operation(
        "stream",
        "GET",
        "/api/v1/Document/{id}/Content",
        parameters=[("id", "path", "int32", True)],
        responses={200: "binary"},
        produces=("application/octet-stream",),
    ),
    operation(
        "bytes",
        "GET",
        "/api/v1/Document/{id}/Bytes",
        parameters=[("id", "path", "int32", True)],
        responses={200: "byte"},
        produces=("application/json", "application/octet-stream"),
    ),
    operation(
        "upload",
        "PUT",
        "/api/v1/Document/{id}/Content",
        parameters=[("id", "path", "int32", True)],
        body="binary",
        consumes=("application/octet-stream",),
        responses={200: "boolean"},
    ),
    operation("findByBase", "POST", "/api/v1/Schema", body="So.Base", responses={200: "boolean"}),
    operation(
        "filtered",
        "GET",
        "/api/v1/Filter",
        parameters=[
            ("since", "query", "date-time", False),
            ("ids", "query", "list<int32>", False),
            ("kind", "query", "enum<One|Two>", False),
            ("flag", "query", "boolean", True),
        ],
        responses={200: "boolean"},
    ),
]


@pytest.fixture(scope="session")
def tiny() -> Contract:
    """A contract of a few operations that shows every kind of type."""
    return Contract(catalogue.dump({"release": "tiny"}, OPERATIONS, TYPES), "tiny.jsonl")


@pytest.fixture(scope="session")
def shipped() -> Contract:
    """The contract that mockso ships."""
    return Contract.open()


@pytest.fixture
def engine(tiny: Contract) -> Iterable[Engine]:
    made = Engine(Settings(world="open", data=("none",)), [tiny], Journal(), clock=lambda: NOON)
    yield made
    made.close()


def call(
    method: str = "GET",
    path: str = "/api/v1/Contact/17",
    body: Any = None,
    *,
    tenant: str = "Cust12345",
    query: Iterable[tuple[str, str]] = (),
    headers: Iterable[tuple[str, str]] | None = None,
    content_type: str = "application/json",
    authorization: str | None = None,
    at: float = NOON,
) -> Request:
    """A request with a good credential; `body` is sent as JSON unless it is bytes."""
    data = b"" if body is None else body if isinstance(body, bytes) else json.dumps(body).encode()
    credential = authorization
    if credential is None:
        credential = f"Bearer 8A:{tenant}.abc" if tenant else "Basic dTpw"
    lines = [("Authorization", credential)] if credential else []
    if data and content_type:
        lines.append(("Content-Type", content_type))
    base = f"http://localhost/{tenant}/api" if tenant else "http://localhost/api"
    return Request(
        tenant,
        method,
        path,
        Query(query),
        Headers([*lines, *(headers or ())]),
        data,
        base,
        f"/{tenant}{path}",
        at,
    )
