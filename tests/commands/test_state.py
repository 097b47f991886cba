"""`mockso state`: a state's database without a mock."""

import contextlib
import json
import sqlite3

import pytest

from mockso.cli import main
from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import MocksoError, StateError
from mockso.state.applications import Application
from mockso.state.fingerprint import fingerprint
from tests.conftest import call


@pytest.fixture
def database(tmp_path):
    """A database in which two tenants were called."""
    path = str(tmp_path / "mock.db")
    engine = Engine.open(Settings(state=path))
    for tenant in ("Cust1", "Cust2"):
        content = json.dumps({"Name": f"Company of {tenant}"}).encode()
        request = call(
            "POST",
            "/api/v1/Contact",
            tenant=tenant,
            body=content,
            authorization=f"Bearer 8A:{tenant}.x",
        )
        assert engine.handle(request).status == 200
    state = engine.tenants.of("Cust1")
    state.applications.put(Application("app", fingerprint("s")))
    state.grant("CRMScript")
    engine.close()
    return path


def names(path):
    engine = Engine.open(Settings(state=path))
    try:
        return {
            state.name: [
                row["Name"] for key, row in state.store.rows.items("Contact") if "Company" in row["Name"]
            ]
            for state in engine.tenants
        }
    finally:
        engine.close()


def test_check_says_what_is_there(database, capsys):
    assert main(["state", "check", "--state", database]) == 0

    said = capsys.readouterr().out
    assert said.startswith(f"{database}: 2 tenants\n  Cust1: ")
    assert "Contact" in said


def test_an_export_is_imported_into_another_database_with_all_that_a_tenant_remembers(
    database, tmp_path, capsys
):
    file, other = str(tmp_path / "all.jsonl"), str(tmp_path / "other.db")
    Engine.open(Settings(state=other)).close()
    assert main(["state", "export", "--state", database, "-o", file]) == 0

    assert main(["state", "import", file, "--state", other]) == 0

    assert (
        names(other)
        == names(database)
        == {
            "Cust1": ["Company of Cust1"],
            "Cust2": ["Company of Cust2"],
        }
    )
    engine = Engine.open(Settings(state=other))
    state = engine.tenants.of("Cust1")
    assert state.applications.has_own("app")
    assert state.grants == {"CRMScript"}
    engine.close()


def test_an_export_of_one_tenant_has_its_rows_only(database, capsys):
    assert main(["state", "export", "--state", database, "--tenant", "Cust2"]) == 0

    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert lines[0] == ["mockso state 1"]
    assert {line[0] for line in lines[1:]} == {"Cust2"}


def test_a_dropped_tenant_is_forgotten(database, capsys):
    assert main(["state", "drop", "--state", database, "--tenant", "Cust1"]) == 0
    assert names(database) == {"Cust2": ["Company of Cust2"]}

    assert main(["state", "drop", "--state", database, "--all"]) == 0
    assert names(database) == {}
    assert capsys.readouterr().out == "1 tenant forgotten\n1 tenant forgotten\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["check"], "no database is named"),
        (["check", "--state", "none.db"], "none.db: there is no such file"),
        (["drop", "--state", "DB"], "say which: --tenant NAME, or --all"),
        (["drop", "--state", "DB", "--tenant", "Cust3"], "there is no tenant 'Cust3'. Did you mean 'Cust2'"),
        (["import", "none.jsonl", "--state", "DB"], "none.jsonl: cannot be read"),
    ],
)
def test_what_cannot_be_done_is_told(database, arguments, words, capsys, monkeypatch):
    monkeypatch.delenv("MOCKSO_STATE", raising=False)
    arguments = [database if argument == "DB" else argument for argument in arguments]

    assert main(["state", *arguments]) == 2
    assert words.split(" Did you")[0] in capsys.readouterr().err


@pytest.mark.parametrize(
    "line", ["{}", '["Cust1", "a"]', "no json", '["Cust1", "a", 1.5, {}]', '["a", "b", 1, 2]']
)
def test_a_wrong_line_of_an_import_is_told_and_nothing_is_changed(database, tmp_path, line, capsys):
    file = tmp_path / "wrong.jsonl"
    file.write_text(f'["mockso state 1"]\n["Cust1", "Contact", 1, null]\n{line}\n')

    assert main(["state", "import", str(file), "--state", database]) == 2
    assert "wrong.jsonl:3: expected [tenant, kind, key, value]" in capsys.readouterr().err
    assert names(database)["Cust1"] == ["Company of Cust1"]


def test_an_export_says_which_secrets_it_has_readable(database, capsys):
    assert main(["state", "export", "--state", database]) == 0
    assert capsys.readouterr().err == ""
    engine = Engine.open(Settings(state=database))
    assert engine.login.keys.secret  # the key is made at first use
    engine.tenants.of("Cust2").store.change(lambda draft: draft.put("Webhook", 1, {"Secret": "s"}))
    engine.close()

    assert main(["state", "export", "--state", database]) == 0
    both = capsys.readouterr()
    assert main(["state", "export", "--state", database, "--tenant", "Cust2"]) == 0
    one = capsys.readouterr()

    assert "the key of logins and secrets of webhooks" in both.err
    assert "PRIVATE KEY" in both.out
    assert "secrets of webhooks" in one.err
    assert "PRIVATE KEY" not in one.out


# Rows of another hand, and what is said of them: by `check`, which reads all, and by a mock that opens the file.
DAMAGE = [
    ("UPDATE tenant_rows SET value = '{broken'", "is not what mockso writes ('{broken')"),
    ("UPDATE tenant_rows SET value = '[1]'", "is not what mockso writes ('[1]')"),
    ("UPDATE tenant_rows SET key = '{' WHERE rowid = (SELECT max(rowid) FROM tenant_rows)", "('{')"),
]


@pytest.mark.parametrize(("statement", "message"), DAMAGE)
def test_rows_of_another_hand_are_a_fault_with_a_cure(statement, message, database, capsys):
    change(database, statement)

    assert main(["state", "check", "--state", database]) == 2
    said = capsys.readouterr().err
    assert message in said
    assert "Drop that tenant with 'mockso state drop', or name a new file." in said


@pytest.mark.parametrize("column", ["generation", "seq"])
def test_a_tenant_that_counts_in_letters_is_a_fault_with_a_cure(column, database):
    change(database, f"UPDATE tenants SET {column} = 'x'")

    with pytest.raises(StateError, match=r"'tenants' is not what mockso writes \('x'\)\. Name a new file\."):
        Engine.open(Settings(state=database))


@pytest.mark.parametrize("value", ["{broken", "[1]", "{}", '{"data": 7}'])
def test_a_mock_does_not_begin_with_rows_of_another_hand(value, database):
    change(database, f"UPDATE tenant_rows SET value = '{value}' WHERE kind = 'profile'")

    with pytest.raises(StateError, match=r"or name a new file|or a new one"):
        Engine.open(Settings(state=database))


@pytest.mark.parametrize("setting", ["state", "journal"])
def test_tables_of_another_program_are_a_fault_with_a_cure(setting, tmp_path):
    path = str(tmp_path / "other.db")
    change(path, "CREATE TABLE tenants (x)")
    change(path, "CREATE TABLE calls (x)")

    with pytest.raises(MocksoError, match=r"no such column: .*Name a file that mockso wrote, or a new one"):
        Engine.open(Settings(**{setting: path}))


def change(path, statement):
    """Change a database as another program would."""
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


def test_an_import_of_one_tenant_says_so(database, tmp_path, capsys):
    file, other = str(tmp_path / "one.jsonl"), str(tmp_path / "other.db")
    Engine.open(Settings(state=other)).close()
    assert main(["state", "export", "--state", database, "--tenant", "Cust2", "-o", file]) == 0

    assert main(["state", "import", file, "--state", other]) == 0

    assert capsys.readouterr().out.endswith(" of 1 tenant\n")
