"""`mockso verify`: scenarios held against a server."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import mockso
from mockso.cli import main
from mockso.contract.catalogue import Contract
from tests.web.odd_server import nobody, odd_server, says
from tests.web.recorded import recording, send

FIXTURES = Path(__file__).parents[2] / "fixtures" / "contract"
V1 = "/Cust12345/api/v1"


def run(monkeypatch, *arguments):
    monkeypatch.setenv("MOCKSO_TOKEN", "8A:Cust12345.mockso")
    return main(["verify", *map(str, arguments)])


@pytest.fixture
def real():
    with mockso.serve() as made:
        yield made


@pytest.fixture
def file(tmp_path, real):
    made = tmp_path / "r.yaml"
    with recording(real.url) as recorder:
        send(recorder.url, "GET", f"{V1}/Contact/17")
        send(recorder.url, "POST", f"{V1}/Agents/Contact/GetContactEntity?contactEntityId=3", b"")
        send(recorder.url, "DELETE", f"{V1}/Contact/3")
        recorder.write(made)
    real.engine.tenants.drop("Cust12345")  # what was deleted is there again
    return made


def test_what_was_recorded_holds_and_what_writes_is_not_sent(file, real, monkeypatch, capsys):
    before = real.engine.journal.count()

    status = run(
        monkeypatch, file, "--against", f"{real.url}/Cust12345", "--confidences", file.parent / "c.json"
    )

    said = capsys.readouterr().out
    assert status == 0
    assert "2 of 3 steps checked, 0 leave what they say" in said
    assert "skipped: it may change something (--allow-writes)" in said
    assert real.engine.journal.count() == before + 2
    written = json.loads((file.parent / "c.json").read_text())
    assert written["v1ContactEntity_GetContactEntity"] == {"confirmed": 1, "refuted": []}


def test_where_the_server_leaves_the_scenario_is_told_by_path(file, real, monkeypatch, capsys):
    file.write_text(re.sub("Department: .*", "Department: Nowhere", file.read_text()))

    status = run(monkeypatch, file, "--against", f"{real.url}/Cust12345", "--allow-writes")

    said = capsys.readouterr().out
    assert status == 1
    assert "reply body.Department: expected 'Nowhere', was '" in said
    assert "3 of 3 steps checked" in said


def test_a_dry_run_sends_nothing(file, real, monkeypatch, capsys):
    before = real.engine.journal.count()

    assert run(monkeypatch, file, "--against", f"{real.url}/Cust12345", "--dry-run") == 0

    assert "GET /Cust12345/api/v1/Contact/17" in capsys.readouterr().out
    assert real.engine.journal.count() == before


def test_zero_checked_is_a_failure(real, monkeypatch, capsys):
    assert run(monkeypatch, "throttled", "--against", f"{real.url}/Cust12345") == 2
    assert "nothing was checked" in capsys.readouterr().err


@pytest.mark.parametrize("host", ["online3.superoffice.com", "online.superoffice.com", "app.superoffice.com"])
def test_a_production_host_has_to_be_meant(file, host, monkeypatch, capsys):
    address = ("--against", f"https://{host}/Cust12345")

    refused = run(monkeypatch, file, *address)
    said = capsys.readouterr().err
    # What would be sent is shown, but nobody has to mean production for what is not sent.
    shown = run(monkeypatch, file, *address, "--production", "--dry-run")

    assert refused == 2
    assert "is a production host. Add --production if it is meant." in said
    assert shown == 0
    assert "2 of 3 steps would be sent" in capsys.readouterr().out


def test_writes_are_sent_only_where_they_are_allowed(file, real, monkeypatch):
    before = real.engine.journal.count()

    run(monkeypatch, file, "--against", f"{real.url}/Cust12345", "--allow-writes")

    sent = [e["request"]["method"] for e in real.engine.journal.each(order="oldest")][before:]
    assert sent == ["GET", "POST", "DELETE"]


def test_where_the_server_leaves_the_contract_is_told(tmp_path, monkeypatch, capsys):
    scenario = tmp_path / "s.yaml"
    scenario.write_text(
        "name: s\nsteps:\n  - match: {operation: v1ContactEntity_GetContactEntity, path: /api/v1/Contact/17}\n"
        "    reply: {status: 200, body: {ContactId: 17}}\n"
    )
    wrong = b'{"ContactId":"seventeen"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(wrong)

    with odd_server(says(head + wrong)) as odd:
        status = run(monkeypatch, scenario, "--against", odd.url)

    assert status == 1
    said = capsys.readouterr().out
    assert "reply body.ContactId: expected 17, was 'seventeen'" in said
    assert "reply body.ContactId: expected a whole number" in said


def test_without_an_answer_nothing_is_checked(file, monkeypatch, capsys):
    with nobody() as url:
        status = run(monkeypatch, file, "--against", url)

    assert status == 2
    assert "no answer: " in capsys.readouterr().out


def test_without_a_credential_nothing_is_sent(file, real, monkeypatch, capsys):
    monkeypatch.delenv("MOCKSO_TOKEN", raising=False)
    before = real.engine.journal.count()

    assert main(["verify", str(file), "--against", f"{real.url}/Cust12345"]) == 2

    assert "give a credential for the server in MOCKSO_TOKEN" in capsys.readouterr().err
    assert real.engine.journal.count() == before


def test_a_contract_is_built_with_what_was_confirmed_and_refuted(tmp_path, monkeypatch):
    built, again = tmp_path / "c.jsonl", tmp_path / "again.jsonl"
    assert main(["contract", "build", str(FIXTURES), "-o", str(built)]) == 0
    scenario, seen = tmp_path / "s.yaml", tmp_path / "seen.json"
    scenario.write_text(
        "name: s\nsteps:\n  - match: {operation: v1ContactEntity_GetAll}\n    reply: {status: 200, text: 'null'}\n"
        "  - match: {operation: v1ContactEntity_GetChanged}\n    reply: {status: 404, text: none}\n"
    )
    answer = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull"

    with odd_server(says(answer)) as odd:
        options = ("--contract", built, "--confidences", seen)
        assert run(monkeypatch, scenario, "--against", odd.url, *options) == 1
    assert main(["contract", "build", str(FIXTURES), "-o", str(again), "--confidences", str(seen)]) == 0

    written = json.loads(seen.read_text())
    assert written["v1ContactEntity_GetAll"] == {"confirmed": 1, "refuted": []}
    assert written["v1ContactEntity_GetChanged"]["refuted"][0] == "reply status: expected 404, was 200"
    assert Contract.open(str(again)).confidences == {
        "v1ContactEntity_GetAll": "firm",
        "v1ContactEntity_GetChanged": "assumed",
    }
