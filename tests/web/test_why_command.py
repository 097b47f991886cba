"""`mockso why` and `/__mockso/requests/{id}/why`, of a mock that runs and of a journal's file."""

from __future__ import annotations

import json

import jsonschema
import pytest
import requests

from mockso.cli import main
from mockso.testing.mock import serve

FILE = """\
name: limited
steps:
  - match: {operation: v1ContactEntity_GetContactEntity, headers: {X-Team: red}}  # ours
    reply: {error: throttled}
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "limited.yaml"
    path.write_text(FILE)
    return path


@pytest.fixture
def mock(file, tmp_path):
    with serve(scenarios=[str(file)], journal=str(tmp_path / "journal.db")) as mock:
        yield mock


def read(mock, **headers) -> requests.Response:
    return requests.get(
        mock.base() + "/Contact/17",
        headers={"Authorization": f"Bearer {mock.token()}", **headers},
        timeout=20,
    )


def test_a_call_is_explained_from_address_to_answer_with_what_to_change(mock, file, capsys):
    read(mock)

    assert main(["why", "1", "--at", mock.url]) == 0

    told = capsys.readouterr().out
    assert "address     reaches v1ContactEntity_GetContactEntity\n" in told
    assert "scenarios   none answers; the nearest is limited#1\n" in told
    assert f"  limited#1 ({file}:3)\n    header X-Team: expected 'red', was absent\n" in told
    assert '  steps[0].match.headers: take it away, it is {"X-Team": "red"}\n' in told
    assert '  request.headers.X-Team: add "red"\n' in told
    assert "'mockso why 1 --fix' does the first." in told


def test_fix_changes_the_file_so_that_the_step_answers(mock, file, capsys):
    pytest.importorskip("ruamel.yaml", reason="extra 'fix' is not installed")
    read(mock)

    assert main(["why", "1", "--at", mock.url, "--fix"]) == 0

    assert "+  - match: {operation: v1ContactEntity_GetContactEntity} " in capsys.readouterr().out
    assert "# ours" in file.read_text()
    with serve(scenarios=[str(file)]) as again:
        assert read(again).status_code == 429


def test_there_is_nothing_to_fix_where_a_step_answered(mock, capsys):
    read(mock, **{"X-Team": "red"})

    assert main(["why", "1", "--at", mock.url, "--fix"]) == 1
    assert "nothing to fix" in capsys.readouterr().err


def test_a_journals_file_is_explained_with_the_scenarios_that_were_played(mock, file, tmp_path, capsys):
    read(mock)
    arguments = ["why", "1", "--at", str(tmp_path / "journal.db")]

    main([*arguments, "--scenario", str(file)])
    whole = capsys.readouterr().out
    main(arguments)
    bare = capsys.readouterr().out

    assert "so that limited#1 answers" in whole
    assert "nearest steps (name what was played with --scenario to learn more):\n  limited#1\n" in bare


SECRET = """\
name: secret
steps:
  - match: {headers: {Authorization: "Bearer 8A:Cust12345.other"}, query: {fk: "true"}}
    reply: {error: throttled}
"""


def test_fingerprints_of_another_process_are_not_compared(tmp_path, capsys):
    file, journal = tmp_path / "secret.yaml", str(tmp_path / "journal.db")
    file.write_text(SECRET)
    with serve(scenarios=[str(file)], journal=journal) as mock:
        read(mock)
        main(["why", "1", "--at", mock.url])
        own = capsys.readouterr().out
        main(["why", "1", "--at", journal, "--scenario", str(file)])
        other = capsys.readouterr().out
        assert main(["why", "1", "--at", journal, "--scenario", str(file), "--fix"]) == 1
    with serve(scenarios=[str(file)], journal=journal) as later:
        before = requests.get(later.url + "/__mockso/requests/1/why", timeout=20).json()
        read(later)
        after = requests.get(later.url + "/__mockso/requests/2/why", timeout=20).json()

    assert "secrets:" not in own
    assert "take it away" in own
    assert "secrets: this call was not written by the process that explains it" in other
    assert "take it away" not in other
    assert before["secrets"]
    assert before["change"]["scenario"]["patch"] is None
    assert not after["secrets"]
    assert after["change"]["scenario"]["patch"]
    assert file.read_text() == SECRET


def test_a_scenario_that_moved_the_tenant_is_not_asked_at_the_new_address(capsys):
    with serve(scenarios=["misdirected"]) as mock:
        token = {"Authorization": f"Bearer {mock.token()}"}
        requests.get(f"{mock.url}/moved/Cust12345/api/v1/Contact/17", headers=token, timeout=20)
        main(["why", "1", "--at", mock.url])

    told = capsys.readouterr().out
    assert "none is played, or none can answer this call" in told
    assert "misdirected#1" not in told


def test_a_call_that_names_its_scenario_is_explained_with_it(mock, capsys):
    read(mock, **{"X-Mockso-Scenario": "throttled"})

    main(["why", "1", "--at", mock.url])

    told = capsys.readouterr().out
    assert "scenarios   only 'throttled' is asked, named by the request: throttled#" in told


def test_the_answer_is_as_the_openapi_document_says(mock):
    read(mock)
    document = requests.get(mock.url + "/__mockso/openapi.json", timeout=20).json()
    schema = document["components"]["schemas"]["Why"]

    answer = requests.get(mock.url + "/__mockso/requests/1/why", timeout=20)

    none = requests.get(mock.url + "/__mockso/requests/1/why?step=limited%232", timeout=20)
    far = requests.get(mock.url + "/__mockso/requests/1/why?step=x", timeout=20)
    assert (none.status_code, none.json()["error"]) == (
        404,
        "query step: no step 'limited#2' is played. Did you mean 'limited#1'?",
    )
    assert (far.status_code, far.json()["error"]) == (
        404,
        "query step: no step 'x' is played. Compared with this call are limited#1.",
    )
    jsonschema.validate(answer.json(), {**schema, "components": document["components"]})
    assert answer.json()["change"]["scenario"]["patch"] == [
        {"op": "remove", "path": "/steps/0/match/headers"}
    ]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [(["99"], "no call '99'"), (["1", "--step", "limited#9"], "Did you mean 'limited#1'?")],
)
def test_a_call_or_a_step_that_is_none_is_told(mock, capsys, arguments, words):
    read(mock)

    assert main(["why", *arguments, "--at", mock.url]) == 2
    assert words in capsys.readouterr().err


def test_json_is_the_whole_explanation(mock, capsys):
    read(mock)

    main(["why", "1", "--at", mock.url, "--json"])

    assert json.loads(capsys.readouterr().out)["change"]["step"] == "limited#1"
