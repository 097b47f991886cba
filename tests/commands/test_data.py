"""`mockso data`: check, compile, export, import."""

from __future__ import annotations

import os

import pytest

from mockso import cli
from mockso.contract.catalogue import Contract
from mockso.entities.data_file import read_data
from mockso.entities.seed import Seeds, load_shipped
from mockso.state.rows import Rows
from mockso.testing.mock import serve

ACME = """
me: KAB
Contact:
  acme: {ContactId: 40, Name: Acme AS, Country: NO, Emails: [post@acme.example]}
Person:
  - {PersonId: 70, Firstname: "no", Lastname: Moe, Contact: acme, BirthDate: 1990-05-17}
Lists:
  contint: {9: Boats}
"""


@pytest.fixture
def acme(tmp_path):
    path = tmp_path / "acme.yaml"
    path.write_text(ACME, encoding="utf-8")
    return path


def test_a_file_without_faults(acme, capsys):
    assert cli.main(["data", "check", str(acme)]) == 0

    assert capsys.readouterr().out == "1 file, 0 faults\n"


def test_every_fault_is_a_line(acme, capsys):
    acme.write_text("Contact: [{Nam: A}]\nSale: [{Amount: x}]\n")

    assert cli.main(["data", "check", str(acme.parent)]) == 2

    lines = capsys.readouterr().out.splitlines()
    assert lines == [
        f"{acme}:1:12: Contact[0].Nam: ContactEntity has no such property. Did you mean 'Name'?",
        f"{acme}:2:17: Sale[0].Amount: expected a number, got 'x'.",
        "1 file, 2 faults",
    ]


@pytest.mark.parametrize("text", ["", "# nothing yet\n"])
def test_an_empty_file_is_told_what_a_data_file_has(acme, capsys, text):
    acme.write_text(text)

    assert cli.main(["data", "check", str(acme)]) == 2

    told = "the file is empty; a data file is a mapping of kinds to rows, 'Contact: {ann: {Name: ...}}'."
    assert f"{acme}:1:1: {told}" in capsys.readouterr().out


def test_of_many_faults_the_first_hundred_are_told(acme, capsys):
    acme.write_text("Contact:\n" + "  - {Nam: A}\n" * 300)

    assert cli.main(["data", "check", str(acme)]) == 2

    lines = capsys.readouterr().out.splitlines()
    assert lines[99].startswith(f"{acme}:101:6: Contact[99].Nam: ")
    assert lines[100] == f"{acme}:102:6: more than 100 faults: the others are told when these are mended."
    assert len(lines) == 102


def test_many_rows_that_are_made_up_show_how_far_they_are(acme, capsys, monkeypatch):
    monkeypatch.setattr("mockso.progress.PATIENCE", 0.0)
    acme.write_text("generate: {Contact: 300}")

    assert cli.main(["data", "check", str(acme)]) == 0

    assert "generated rows: 1 of 300" in capsys.readouterr().err


def test_a_file_that_stands_alone_may_not_refer_to_the_shipped_company(acme, capsys):
    assert cli.main(["data", "check", "--alone", str(acme)]) == 2

    assert "there is no Country 'NO'" in capsys.readouterr().out


def test_what_is_exported_is_the_same_data(acme, capsys):
    assert cli.main(["data", "export", str(acme)]) == 0

    text = capsys.readouterr().out
    contract, base = Contract.open(), Rows(load_shipped())
    again = read_data(text, contract, base, "again")
    assert again.rows == read_data(ACME, contract, base, "acme").rows
    assert again.me == 1
    assert "  40: {" in text


def test_a_compiled_file_is_data_too(acme, tmp_path, capsys):
    out = tmp_path / "compiled.jsonl"
    acme.write_text("Contact: [{ContactId: 17, Name: Acme AS}]")

    assert cli.main(["data", "compile", str(acme), "--out", str(out)]) == 0
    assert cli.main(["data", "check", str(out)]) == 0

    assert capsys.readouterr().out.endswith("1 file, 0 faults\n")
    assert out.read_text().splitlines()[1].startswith('["Contact",17,{')


@pytest.mark.parametrize(
    ("below", "options", "text"),
    [
        ([], [], "Contact:\n  17: null\n  acme: {Name: Acme AS, Country: NO, Category: Customer}\nme: OHL"),
        (
            ["none"],
            ["--alone"],
            "Contact:\n  acme: {Name: Acme AS}\nPerson: [{Lastname: Moe, Contact: acme}]",
        ),
    ],
)
def test_a_compiled_file_has_the_rows_of_its_source(acme, tmp_path, below, options, text):
    out = tmp_path / "compiled.jsonl"
    acme.write_text(text)

    assert cli.main(["data", "compile", *options, str(acme), "--out", str(out)]) == 0

    seeds = Seeds(Contract.open())
    assert seeds.of([*below, str(out)]).tables == seeds.of([*below, str(acme)]).tables


def test_a_compiled_file_does_not_overwrite_its_source(acme, capsys):
    assert cli.main(["data", "compile", str(acme), "--out", str(acme)]) == 2

    assert "a compiled file ends in .jsonl" in capsys.readouterr().err
    assert acme.read_text() == ACME


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_compiled_file_on_a_disk_that_is_full_is_named(acme, tmp_path, capsys):
    (tmp_path / "full.jsonl").symlink_to("/dev/full")

    assert cli.main(["data", "compile", str(acme), "--out", str(tmp_path / "full.jsonl")]) == 2

    assert "full.jsonl: cannot be written (No space left on device)." in capsys.readouterr().err


def test_a_mock_that_is_not_there(acme, capsys):
    assert cli.main(["data", "import", str(acme), "--to", "http://127.0.0.1:9"]) == 2

    assert "no mock answers there" in capsys.readouterr().err


def test_rows_go_to_a_mock_and_come_back(acme, capsys):
    with serve(world="closed") as mock:
        assert cli.main(["data", "import", str(acme), "--to", mock.url, "--tenant", "Cust9"]) == 0
        assert capsys.readouterr().out == "3 rows laid over tenant 'Cust9'\n"

        assert cli.main(["data", "export", "--from", mock.url, "--tenant", "Cust9"]) == 0
        text = capsys.readouterr().out

    contract, base = Contract.open(), Rows(load_shipped())
    assert read_data(text, contract, base, "again").rows == read_data(ACME, contract, base, "acme").rows


def test_a_fault_of_an_import_names_the_file(acme, capsys):
    acme.write_text("Contact: [{Nam: A}]")

    with serve(world="closed") as mock:
        assert cli.main(["data", "import", str(acme), "--to", mock.url]) == 2

    assert f"{acme}:1:12: Contact[0].Nam: ContactEntity has no such property." in capsys.readouterr().err
