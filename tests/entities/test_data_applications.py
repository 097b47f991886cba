"""Applications in data files."""

from __future__ import annotations

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SeedError
from mockso.journal.journal import Journal
from tests.login.flows import Flow, json_of

FILE = """
applications:
  my-app:
    secret: s3cret
    redirects: [https://app.example/cb]
    grants: [webhook]
    system_token: My App-1234567890
  revoked: {secret: other, approved: false}
"""


def engine_of(shipped, path):
    return Engine(Settings(data=(str(path),)), [shipped], Journal())


def test_an_application_of_a_file_logs_in_with_grants_of_its_own(shipped, tmp_path):
    path = tmp_path / "data.yaml"
    path.write_text(FILE)
    engine = engine_of(shipped, path)
    flow = Flow(engine)
    client = {"client_id": "my-app", "redirect_uri": "https://app.example/cb"}

    tokens = json_of(flow.exchange(flow.code(**client), client_secret="s3cret", **client))

    assert flow.api("Webhook", tokens["access_token"]).status == 200
    assert flow.api("Webhook", flow.log_in()["access_token"]).status == 403
    assert flow.authorize(client_id="revoked").status == 400
    applications = engine.tenants.of(flow.tenant).applications
    assert applications.get("my-app").token_in(flow.tenant) == "My App-1234567890"
    engine.close()


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("applications: [a]", "a mapping of client ids"),
        ("applications: {a: b}", "expected its secret"),
        ("applications: {a: {name: b}}", "its secret is missing"),
        ("applications: {a: {secrt: b}}", "Did you mean 'secret'"),
        ("applications: {a: {secret: b, grants: [Webhok]}}", "Did you mean 'Webhook'"),
        ("applications: {a: {secret: b, redirects: c}}", "expected a list of texts"),
        ("applications: {a: {secret: b, approved: maybe}}", "expected true or false"),
        ("applications: {a: {secret: b, public_key: c}}", "it is not a key in PEM"),
        ("application: {}", "Did you mean 'applications'"),
    ],
)
def test_a_fault_has_its_place(shipped, tmp_path, text, message):
    path = tmp_path / "data.yaml"
    path.write_text(text)

    with pytest.raises(SeedError, match=message) as caught:
        engine_of(shipped, path).seeds.of([str(path)])
    assert "data.yaml:1:" in str(caught.value)
