"""Recordings made of a journal after the fact."""

from __future__ import annotations

import argparse
import json

import pytest

import mockso
from mockso.commands import record as command
from mockso.contract.catalogue import Contract
from mockso.errors import SettingError
from mockso.scenario.library import load_scenarios
from tests.web.recorded import send

V1 = "/Cust12345/api/v1"


def record(*arguments):
    parser = argparse.ArgumentParser()
    command.configure(parser)
    return command.run(parser.parse_args(list(map(str, arguments))))


def test_a_recording_is_made_of_a_journals_calls(tmp_path, capsys):
    file, journal = tmp_path / "r.yaml", tmp_path / "journal.db"
    with mockso.serve(journal=str(journal), journal_body_limit=15_000) as real:
        send(real.url, "GET", f"{V1}/Contact/17")
        send(real.url, "GET", f"{V1}/Contact/18", Accept="application/xml")
        send(real.url, "DELETE", f"{V1}/Contact/3")
        match = json.dumps({"method": ["GET"]})
        status = record("--from-journal", real.url, "--match", match, "--out", file)
    again = record("--from-journal", journal, "--out", tmp_path / "again.yaml")

    said = capsys.readouterr().out
    assert (status, again) == (0, 0)
    assert "not carried over: 1 (the journal has only the beginning of the answer" in said
    assert "not carried over: 1 (does not match)" in said
    names = [step.name for step in load_scenarios([str(file)], Contract.open())[0].steps]
    assert names == ["GetContactEntity-17"]
    assert len(load_scenarios([str(tmp_path / "again.yaml")], None)[0].steps) == 2


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        (["--out", "x.yaml"], "--target URL"),
        (["--target", "http://x"], "--out FILE"),
        (["--target", "http://x", "--out", "x.txt"], "ends in .yaml"),
        (["--from-journal", "x", "--out", "x.yaml", "--match", "{"], "not JSON"),
        (["--from-journal", "x", "--out", "x.yaml", "--match", '{"operaton": "x"}'], "operaton"),
    ],
)
def test_an_option_that_is_wrong_is_told(arguments, word):
    with pytest.raises(SettingError, match=word):
        record(*arguments)
