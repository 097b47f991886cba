from __future__ import annotations

import json

from mockso.cli import main
from mockso.scenario.library import shipped_scenarios


def test_the_list_has_every_shipped_scenario_with_what_the_client_sees(capsys):
    assert main(["scenarios", "list"]) == 0

    out = capsys.readouterr().out
    assert [line.split()[0] for line in out.splitlines() if not line.startswith(" ")] == list(
        shipped_scenarios()
    )
    assert "Two calls are answered with 429 and Retry-After" in out


def test_the_list_comes_as_json_too_and_of_a_folder(tmp_path, capsys):
    path = tmp_path / "mine.yaml"
    path.write_text("name: mine\ndescription: Mine.\nsteps: [{fault: cut, times: 1}, {delay: 1}]\n")

    assert main(["scenarios", "list", str(tmp_path), "--json"]) == 0

    assert json.loads(capsys.readouterr().out) == [
        {"name": "mine", "description": "Mine.", "steps": 2, "file": str(path)}
    ]


def test_show_prints_the_file(capsys):
    assert main(["scenarios", "show", "throttled"]) == 0

    assert capsys.readouterr().out == shipped_scenarios()["throttled"].read_text()


def test_an_unknown_scenario_gets_the_nearest(capsys):
    assert main(["scenarios", "show", "throtled"]) == 2

    assert "Did you mean 'throttled'?" in capsys.readouterr().err
