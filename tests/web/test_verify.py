"""`mockso verify`: scenarios held against a server."""

from __future__ import annotations

import argparse
import json

import pytest

import mockso
from mockso.errors import SettingError
from mockso.recording import verify
from tests.web.recorded import recording, send

V1 = "/Cust12345/api/v1"


def run(monkeypatch, *arguments):
    monkeypatch.setenv("MOCKSO_TOKEN", "8A:Cust12345.mockso")
    parser = argparse.ArgumentParser()
    verify.configure(parser)
    return verify.run(parser.parse_args(list(map(str, arguments))))


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
    file.write_text(file.read_text().replace("Department: Department", "Department: Sales"))

    status = run(monkeypatch, file, "--against", f"{real.url}/Cust12345", "--allow-writes")

    said = capsys.readouterr().out
    assert status == 1
    assert "reply body.Department: expected 'Sales', was 'Department'" in said
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
def test_a_production_host_has_to_be_meant(file, host, monkeypatch):
    with pytest.raises(SettingError, match="--production"):
        run(monkeypatch, file, "--against", f"https://{host}/Cust12345")
