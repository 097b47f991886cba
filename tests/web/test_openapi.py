"""The admin API's own document: valid, whole, and true of the answers.

`st run URL/__mockso/openapi.json --exclude-path /__mockso/requests/wait` (schemathesis, which needs an
environment of its own) tries it with made-up calls.
"""

import json

import jsonschema
import pytest
from openapi_spec_validator import validate

from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.call import Difference, NearMiss
from mockso.journal.journal import Journal
from mockso.web.admin.app import ROUTES
from mockso.web.app import make_app
from tests.conftest import NOON
from tests.journal.entries import added, violation


@pytest.fixture
def journal(tiny):
    made = Journal(body_limit=50)
    added(made, tiny)
    added(
        made,
        tiny,
        method="PUT",
        body={"Name": "x" * 100},
        violations=[violation("warning")],
        near_misses=[NearMiss("a", "a#1", (Difference("body", {"a": 1}, None),))],
        reply=b"\xff",
        reply_headers=[("A", "1"), ("A", "2")],
    )
    added(made, tiny, path="/api/v1/Nothing", status=404)
    made.arrive(made_request())
    return made


def made_request():
    from tests.conftest import call

    return call("POST", "/api/v1/Contact", {"Name": "Acme"})


@pytest.fixture
def client(tiny, journal):
    engine = Engine(Settings(), [tiny], journal, clock=lambda: NOON)
    hook = {"WebhookId": 1, "Events": ["sale.sold"], "State": "Active", "Secret": "s3cret"}
    engine.tenants.of("Cust12345").webhooks.add(hook)
    yield make_app(engine).test_client()
    engine.close()


@pytest.fixture
def document(client):
    return client.get("/__mockso/openapi.json").json


def test_it_is_a_valid_openapi_document(document):
    validate(document)


def test_it_has_every_address(document):
    listed = {(method.upper(), path) for path, item in document["paths"].items() for method in item}

    wanted = {(route.method, f"/__mockso/{route.path}") for route in ROUTES}
    assert wanted - listed <= {("GET", "/__mockso/events"), ("GET", "/__mockso/")} | {
        (route.method, f"/__mockso/{route.path}") for route in ROUTES if route.gives == "text/html"
    }
    assert "/__mockso/events" in document["info"]["description"]


def test_a_token_is_described_when_one_is_set(tiny, document):
    engine = Engine(Settings(admin_token="s"), [tiny], Journal())
    app = make_app(engine)

    with_token = app.test_client().get("/__mockso/openapi.json", headers={"X-Mockso-Admin": "s"}).json
    engine.close()

    assert set(with_token["components"]["securitySchemes"]) == {"header", "bearer", "basic"}
    assert "security" not in document


@pytest.mark.parametrize(
    ("method", "path", "template", "body"),
    [
        ("get", "health", None, None),
        ("get", "requests", None, None),
        ("get", "requests/count", None, None),
        ("get", "requests/unmatched", None, None),
        ("get", "requests/near-misses", None, None),
        ("get", "requests.har", None, None),
        ("get", "requests/2", "requests/{id}", None),
        ("get", "requests/4", "requests/{id}", None),
        ("get", "requests/99", "requests/{id}", None),
        ("get", "requests?limit=0", "requests", None),
        ("delete", "requests/1", "requests/{id}", None),
        ("post", "requests/find", None, {"method": "PUT"}),
        ("post", "requests/find", None, {"metod": "PUT"}),
        ("post", "requests/wait", None, {"timeout": 0}),
        ("post", "verify", None, {"match": {"method": "PATCH"}}),
        ("post", "verify", None, {"match": {"method": "PATCH"}, "never": True}),
        ("post", "verify", None, {"order": [{"method": "GET"}, {"method": "PUT"}]}),
        ("post", "verify", None, {}),
        ("get", "webhooks", None, None),
        ("post", "webhooks/signal", None, {"event": "contact.created", "values": {}, "changes": ["name"]}),
        ("post", "webhooks/signal", None, {}),
        ("post", "webhooks/flush", None, {"timeout": 1}),
    ],
)
def test_answers_are_as_it_says(client, document, method, path, template, body):
    operation = document["paths"][f"/__mockso/{template or path}"][method]

    answer = client.open(f"/__mockso/{path}", method=method.upper(), json=body)

    content = operation["responses"][str(answer.status_code)]["content"]["application/json"]
    jsonschema.validate(json.loads(answer.text), {**content["schema"], "components": document["components"]})
    if body is not None and answer.status_code == 200:
        schema = operation["requestBody"]["content"]["application/json"]["schema"]
        jsonschema.validate(body, {**schema, "components": document["components"]})
