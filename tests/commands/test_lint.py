"""`mockso lint`, and through it everything that is told of a broken scenario file."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mockso.cli import main
from tests.broken import files
from tests.making import tiny_file

GOOD = "name: good\nsteps:\n  - reply: {status: 204}\n"


@pytest.fixture(scope="module")
def contract(tmp_path_factory) -> str:
    path = tmp_path_factory.mktemp("contract") / "tiny.jsonl"
    path.write_bytes(tiny_file())
    return str(path)


def lint(contract: str, *arguments: object) -> int:
    return main(["lint", "--contract", contract, *map(str, arguments)])


@pytest.mark.parametrize(("content", "line", "cause", "remedy"), files())
def test_a_broken_file_is_told_with_line_cause_and_remedy(
    tmp_path, contract, capsys, content, line, cause, remedy
):
    path = tmp_path / "broken.yaml"
    path.write_bytes(content)

    status = lint(contract, path)

    out, err = capsys.readouterr()
    assert status == 2
    assert "Traceback" not in out + err
    *faults, count = out.splitlines()
    assert all(re.match(rf"{re.escape(str(path))}:\d+:\d+: ", fault) for fault in faults), out
    told = [fault for fault in faults if fault.startswith(f"{path}:{line}:")]
    assert any(cause in fault and remedy in fault for fault in told), out
    assert count.startswith("1 file, ")


def test_there_are_sixty_broken_files_and_more():
    assert len(files()) >= 60


def test_all_faults_of_all_files_come_in_one_run(tmp_path, contract, capsys):
    for number, (content, *_) in enumerate(files()):
        (tmp_path / f"{number:02}.yaml").write_bytes(content)
    (tmp_path / "good.yml").write_text(GOOD)
    (tmp_path / "other.txt").write_text("no scenario")

    status = lint(contract, tmp_path)

    *faults, count = capsys.readouterr().out.splitlines()
    assert status == 2
    assert {Path(fault.split(":")[0]).name for fault in faults} == {
        f"{number:02}.yaml" for number in range(len(files()))
    }
    assert count == f"{len(files()) + 1} files, {len(faults)} faults"


def test_several_faults_of_one_file_come_together_and_in_order(tmp_path, contract, capsys):
    path = tmp_path / "x.yaml"
    path.write_text(
        "name: x\nnmae: y\nsteps:\n  - match: {operation: v1Nothing, verdict: brokn}\n"
        "    times: 0\n    times: 1\n  - reply: {error: throtled, text: '{{ nwo }}'}\n"
    )

    lint(contract, path)

    lines = [int(fault.split(":")[1]) for fault in capsys.readouterr().out.splitlines()[:-1]]
    assert lines == [2, 4, 4, 5, 6, 7, 7, 7]


def test_a_good_file_is_no_fault(tmp_path, contract, capsys):
    (tmp_path / "good.yaml").write_text(GOOD)

    assert lint(contract, tmp_path) == 0
    assert capsys.readouterr().out == "1 file, 0 faults\n"


def test_json_has_the_parts_of_each_fault(tmp_path, contract, capsys):
    path = tmp_path / "x.yaml"
    path.write_text("name: x\nsteps:\n  - times: 0\n")

    assert lint(contract, "--json", path) == 2

    assert json.loads(capsys.readouterr().out) == {
        "files": 1,
        "faults": [
            {
                "file": str(path),
                "line": 3,
                "column": 12,
                "message": "steps[0].times: expected a whole number from 1, got 0.",
            }
        ],
    }


@pytest.mark.parametrize("arguments", [["gone.yaml"], ["sucess"], []])
def test_no_file_at_all_is_a_failure(tmp_path, contract, capsys, monkeypatch, arguments):
    monkeypatch.chdir(tmp_path)

    assert lint(contract, *arguments) == 2
    assert "0 files, 1 fault" in capsys.readouterr().out


def test_a_name_that_is_none_gets_the_nearest(contract, capsys):
    lint(contract, "sucess")

    assert "Did you mean 'success'?" in capsys.readouterr().out


def test_an_empty_folder_is_a_failure(tmp_path, contract, capsys):
    assert lint(contract, tmp_path) == 2
    assert "has no scenario" in capsys.readouterr().out


def test_the_shipped_scenarios_have_no_fault(capsys):
    from mockso.scenario.library import shipped_scenarios

    assert main(["lint", *shipped_scenarios()]) == 0


@pytest.mark.parametrize(("body", "faults"), [("aGVsbG8=", 0), ("hello!", 1), ("7", 1)])
def test_bytes_in_json_are_base64(tmp_path, capsys, body, faults):
    path = tmp_path / "stream.yaml"
    match = "{operation: v1BLOBAgent_GetBlobStream}"
    path.write_text(f"name: stream\nsteps:\n  - match: {match}\n    reply: {{body: {body}}}\n")

    main(["lint", str(path)])

    assert f"1 file, {faults} fault" in capsys.readouterr().out


def test_the_data_of_a_scenario_is_checked_too(tmp_path, capsys):
    path = tmp_path / "rows.yaml"
    path.write_text(
        "name: rows\ndata:\n  Persn: []\n  Sale: [{Amount: x}]\nsteps:\n  - reply: {status: 404}\n"
    )

    assert main(["lint", str(path)]) == 2

    assert capsys.readouterr().out.splitlines()[:2] == [
        f"{path}:3:3: Persn: there is no kind 'Persn'. Did you mean 'Person'?",
        f"{path}:4:19: Sale[0].Amount: expected a number, got 'x'.",
    ]


def test_where_there_is_nothing_to_check_it_says_what_to_name(tmp_path, contract, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert lint(contract) == 2

    told = "there is no such folder here, which is checked where none is named. Name files or folders."
    assert capsys.readouterr().out == f"scenarios:1:1: {told}\n0 files, 1 fault\n"
