"""`mockso lint` of recordings: secrets, steps nobody used, files that are too old."""

from __future__ import annotations

from datetime import date

import pytest

from mockso.cli import main
from mockso.journal.journal import Journal
from mockso.scenario.library import load_scenarios
from mockso.scenario.load import ExpiredRecording, ScenarioFilesError, expiry
from tests.journal.entries import added

RECORDED = """name: r
recorded: {at: "DAY"}
max_age: "90 days"
on_expiry: WHAT
steps:
  - name: used
    match: {operation: getContact}
    times: 1
    reply: {status: 200}
  - name: forgotten
    reply: {status: 204}
"""


def test_a_secret_in_a_file_is_told_with_its_place(tmp_path, capsys):
    (tmp_path / "a.yaml").write_text("name: a\nsteps:\n  - reply: {headers: {X: '7T:aGVsbG8gdGhlcmU'}}\n")
    (tmp_path / "b.yaml").write_text(
        "name: b\nsteps:\n  - match: {query: {password: hunter2}}\n    reply: {text: 'ola@firma.no'}\n"
    )
    (tmp_path / "b.files").mkdir()
    (tmp_path / "b.files" / "x.bin").write_bytes(b"\xff\n8A:Cust12345.aGVsbG8gdGhlcmU")

    status = main(["lint", "--secrets", str(tmp_path)])

    said = capsys.readouterr().out
    assert status == 2
    assert "a.yaml:3:1: a ticket" in said
    assert "b.yaml:3:1: the value of 'password' is not a stand-in" in said
    assert "b.yaml:4:1: a mail address of a real domain" in said
    assert "x.bin:2:1: a bearer token" in said
    assert "hunter2" not in said


def test_a_secret_in_a_large_file_is_told(tmp_path, capsys):
    border = 4 * 1024 * 1024
    (tmp_path / "large.bin").write_bytes(bytes(border - 8) + b" 8A:Cust12345.aGVsbG8gdGhlcmU" + bytes(border))
    (tmp_path / "clean.bin").write_bytes(bytes(2 * border))

    assert main(["lint", "--secrets", str(tmp_path)]) == 2

    said = capsys.readouterr().out
    assert "large.bin:1:1: a bearer token, somewhere in it." in said
    assert "2 files, 1 fault" in said


def test_the_shipped_scenarios_have_no_secret(capsys):
    from mockso.scenario.library import shipped_scenarios

    assert main(["lint", "--secrets", *map(str, shipped_scenarios().values())]) == 0


def test_steps_that_no_call_used_are_orphans(tmp_path, tiny, capsys):
    file = tmp_path / "r.yaml"
    file.write_text(
        RECORDED.replace("DAY", "2026-01-01").replace('max_age: "90 days"\non_expiry: WHAT\n', "")
    )
    journal = Journal(str(tmp_path / "journal.db"))
    added(journal, tiny, step="r#used")
    journal.close()

    status = main(["lint", "--orphans", str(tmp_path / "journal.db"), str(file)])

    assert status == 2
    assert "r.yaml:8:1: step 'r#forgotten' answered no call." in capsys.readouterr().out.replace(
        str(tmp_path), ""
    )


def test_an_old_recording_fails_or_warns(tmp_path):
    file = tmp_path / "r.yaml"

    file.write_text(RECORDED.replace("DAY", "2020-01-01").replace("WHAT", "fail"))
    with pytest.raises(ScenarioFilesError, match=r"r\.yaml:3:10: max_age: was recorded on 2020-01-01"):
        load_scenarios([str(file)], None)
    file.write_text(RECORDED.replace("DAY", "2020-01-01").replace("WHAT", "warn"))
    with pytest.warns(ExpiredRecording, match="record it again"):
        load_scenarios([str(file)], None)
    file.write_text(RECORDED.replace("DAY", "2026-02-31").replace("WHAT", "warn"))
    with pytest.raises(ScenarioFilesError, match="not a day of the calendar"):
        load_scenarios([str(file)], None)


@pytest.mark.parametrize(
    ("age", "last"),
    [
        ("1 day", "2026-02-01"),
        ("2 weeks", "2026-02-14"),
        ("1 month", "2026-02-28"),
        ("3 years", "2029-01-31"),
    ],
)
def test_an_age_is_counted_by_the_calendar(age, last):
    scenario = {"recorded": {"at": "2026-01-31"}, "max_age": age}
    day = date.fromisoformat(last)

    assert expiry(scenario, day) == ""
    assert f"good until {last}" in expiry(scenario, date.fromordinal(day.toordinal() + 1))
