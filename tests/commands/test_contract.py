from __future__ import annotations

import json
import os
import threading

import pytest

from mockso import cli
from mockso.archive.columns import ColumnFile
from mockso.commands import contract as command
from mockso.contract.catalogue import Contract
from tests.contract.build.sources import CLASH, FIXTURES, HOSTILE, compiled


@pytest.fixture
def contract(tmp_path):
    """The file of the compiled fixtures."""
    path = tmp_path / "c.jsonl"
    path.write_bytes(compiled().to_bytes("test"))
    return path


def run(*arguments):
    return cli.main(["contract", *map(str, arguments)])


# build


def test_build_writes_a_contract_and_prints_the_counts(tmp_path, capsys):
    output = tmp_path / "c.jsonl"

    status = run("build", FIXTURES, "-o", output, "--release", "mine")

    rows = {line[:20].strip(): line[20:].split() for line in capsys.readouterr().out.splitlines()}
    assert status == 0
    assert Contract.open(output).release == "mine"
    assert rows["operations"] == ["10", "8", "16"]
    assert rows["PATCH"] == ["0", "1", "1"]
    assert rows["restricted"] == ["2", "1", "2"]


def test_build_writes_into_the_current_folder_by_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    run("build", FIXTURES / "swagger")

    assert [path.name for path in tmp_path.iterdir()] == [command.DEFAULT_OUTPUT]


def test_build_writes_the_shipped_file_only_when_asked(tmp_path, monkeypatch):
    shipped = tmp_path / "shipped.jsonl"
    monkeypatch.setattr(command, "SHIPPED", shipped)

    assert run("build", FIXTURES, "--shipped") == 0
    assert len(Contract.open(shipped)) == 16
    assert run("build", FIXTURES, "--shipped", "-o", tmp_path / "x") == 2


def test_a_bad_page_is_named_and_fails_a_strict_build_only(tmp_path, capsys):
    output = tmp_path / "c.jsonl"

    statuses = [run("build", HOSTILE, "-o", output), run("build", HOSTILE, "-o", output, "--strict")]

    assert statuses == [0, 1]
    assert "no-http-block: hostile/NoBlock.md:6:" in capsys.readouterr().err
    assert len(Contract.open(output)) == 6


def test_known_defects_do_not_fail_a_strict_build(tmp_path, capsys):
    assert run("build", FIXTURES / "pages", "-o", tmp_path / "c.jsonl", "--strict") == 0
    assert "body-of-204" in capsys.readouterr().out


def test_a_reference_that_nobody_defines_fails_a_strict_build(tmp_path, capsys):
    assert run("build", FIXTURES / "swagger", "-o", tmp_path / "c.jsonl", "--strict") == 1
    assert "dangling-reference: swagger/agent/Swagger-v1-UserAgent.json#" in capsys.readouterr().err


def test_nothing_readable_is_status_2_and_writes_nothing(tmp_path, capsys):
    (tmp_path / "notes.md").write_text("# Notes\n")

    assert run("build", tmp_path, "-o", tmp_path / "c.jsonl") == 2
    assert "no Swagger 2.0 file" in capsys.readouterr().err
    assert not (tmp_path / "c.jsonl").exists()


def test_definitions_that_clash_are_status_2_and_name_both_files(tmp_path, capsys):
    assert run("build", CLASH / "one", CLASH / "two", "-o", tmp_path / "c.jsonl") == 2
    assert "one/Swagger-v1-A.json#" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_one_line_and_status_2(tmp_path, capsys):
    assert run("build", FIXTURES, "-o", tmp_path / "none" / "c.jsonl") == 2
    assert "cannot be written" in capsys.readouterr().err


def test_a_failed_write_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "c.jsonl"
    path.write_bytes(b"old")

    def fail(source, target):
        raise OSError(28, "no space")

    monkeypatch.setattr(os, "replace", fail)
    with pytest.raises(command.ContractError, match="no space"):
        command.write(path, b"new")

    assert path.read_bytes() == b"old"
    assert list(tmp_path.iterdir()) == [path]


def test_what_is_no_file_is_written_to_and_not_replaced(tmp_path):
    pipe, read = tmp_path / "pipe", []
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: read.append(pipe.read_bytes()), daemon=True)
    reader.start()

    command.write(pipe, b"new")

    reader.join(10)
    assert (read, pipe.is_fifo()) == ([b"new"], True)


def test_of_a_link_what_it_leads_to_is_replaced(tmp_path):
    (tmp_path / "link").symlink_to("c.jsonl")

    command.write(tmp_path / "link", b"new")

    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "c.jsonl").read_bytes() == b"new"


# report and conflicts


def test_conflicts_shows_every_contradiction_with_both_places(capsys):
    assert run("conflicts", FIXTURES) == 0

    out = capsys.readouterr().out
    assert "against contract/pages/rest/Contact/v1ContactEntity_GetContactEntity.md:61" in out
    assert out.splitlines()[-1].split() == ["5", "in", "all"]


def test_conflicts_of_a_report_are_those_of_its_sources(tmp_path, capsys):
    report = tmp_path / "r.json"
    run("build", FIXTURES, "-o", tmp_path / "c.jsonl", "--report", report)
    capsys.readouterr()

    run("conflicts", FIXTURES)
    from_sources = capsys.readouterr().out
    run("conflicts", "--report", report)

    assert capsys.readouterr().out == from_sources


def test_the_report_has_counts_by_source_and_the_same_bytes_each_time(tmp_path):
    for name in ("a", "b"):
        run("build", FIXTURES, "-o", tmp_path / "c.jsonl", "--report", tmp_path / name)

    report = json.loads((tmp_path / "a").read_bytes())
    assert report["counts"]["union"]["operations"] == 16
    assert report["classes"]["contradiction"]["query-name-case"] == 1
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_conflicts_of_one_class(capsys):
    assert run("conflicts", FIXTURES, "--class", "query-name-case", "--summary") == 0
    assert capsys.readouterr().out.split()[:2] == ["1", "query-name-case"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "needs the sources"),
        ((FIXTURES, "--class", "qqq"), "no class of contradictions 'qqq'. There are body-name, "),
        ((FIXTURES, "--class", "bodyname"), "'bodyname'. Did you mean 'body-name'?"),
        (("--report", "nowhere.json"), "cannot be read"),
    ],
)
def test_conflicts_that_cannot_be_shown(arguments, words, capsys):
    assert run("conflicts", *arguments) == 2
    assert words in capsys.readouterr().err


@pytest.mark.parametrize(
    "text", ["", "{}", '{"findings": [[]]}', '{"findings": [["body-name", 1]]}', "[" * 100_000]
)
def test_a_report_that_is_none(text, tmp_path, capsys):
    (tmp_path / "r.json").write_text(text)

    assert run("conflicts", "--report", tmp_path / "r.json") == 2
    assert "r.json: not a report. Write one with" in capsys.readouterr().err


# show


@pytest.mark.parametrize(
    "name",
    [
        "v1UserAgent_SaveUntrustedCredentials",
        "v1useragent_saveuntrustedcredentials",
        "SaveUntrustedCredentials",
        "POST Agents/User/SaveUntrustedCredentials",
        "/api/v1/Agents/User/SaveUntrustedCredentials",
    ],
)
def test_show_finds_an_operation_by_many_names(name, contract, capsys):
    assert run("show", name, "--contract", contract) == 0

    out = capsys.readouterr().out
    assert out.startswith("POST /api/v1/Agents/User/SaveUntrustedCredentials\n")
    assert "restricted: Online refuses it unless granted User (never for partner applications)" in out
    assert "slow: above 2000 ms" in out
    assert "max 238" in out
    assert "  204  no body" in out
    assert "v1UserAgent_SaveUntrustedCredentials.md:10" in out
    assert "https://docs.superoffice.com/" in out


def test_show_of_a_path_has_all_its_methods(contract, capsys):
    run("show", "/api/v1/Contact/{id}", "--contract", contract)

    heads = [line for line in capsys.readouterr().out.splitlines() if line.endswith("/api/v1/Contact/{id}")]
    assert [head.split()[0] for head in heads] == ["GET", "PATCH", "PUT"]


def test_show_of_an_address_with_values(contract, capsys):
    run("show", "GET Contact/17", "--contract", contract)
    by_id = capsys.readouterr().out
    run("show", "GET", "Contact/Acme", "--contract", contract)

    assert by_id.startswith("GET /api/v1/Contact/{id}\n")
    assert capsys.readouterr().out.startswith("GET /api/v1/Contact/{name}\n")


def test_show_of_a_type_goes_no_deeper_than_asked_and_ends_recursion(contract, capsys):
    run("show", "Tree", "--contract", contract)
    tree = capsys.readouterr().out
    run("show", "contactentity", "--depth", "1", "--contract", contract)
    flat = capsys.readouterr().out
    run("show", "ContactEntity", "--contract", contract)

    assert "list<Tree>  (recursive)" in tree
    assert "list 'contint'" in flat
    assert "Initials" not in flat
    assert "    AssociateId" not in flat
    assert "    AssociateId" in capsys.readouterr().out


def test_show_marks_an_open_type(contract, capsys):
    run("show", "FieldInfoBase", "--contract", contract)

    assert "open: subtypes add properties" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("wrong", "near"),
    [
        ("SaveUntrustedCredentails", "SaveUntrustedCredentials"),
        ("v1UserAgent_Thnik", "v1UserAgent_Think"),
        ("ContactEntiy", "ContactEntity"),
        ("Contcat/17", "/api/v1/Contact"),
    ],
)
def test_show_of_an_unknown_name_suggests_the_nearest(wrong, near, contract, capsys):
    assert run("show", wrong, "--contract", contract) == 2
    assert near in capsys.readouterr().err


# list


def test_list_of_an_agent(contract, capsys):
    assert run("list", "--agent", "user", "--contract", contract) == 0
    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()] == [
        "v1UserAgent_GetAssociateList",
        "v1UserAgent_SaveUntrustedCredentials",
        "v1UserAgent_Think",
    ]


def test_list_of_restricted_operations_as_json(contract, capsys):
    assert run("list", "--restricted", "--json", "--contract", contract) == 0
    assert [(item["id"], item["restricted"]) for item in json.loads(capsys.readouterr().out)] == [
        ("v1UserAgent_GetAssociateList", {"agent": "User", "kind": "never"}),
        ("v1UserAgent_SaveUntrustedCredentials", {"agent": "User", "kind": "never"}),
    ]


def test_list_of_an_unknown_agent_is_status_1_and_suggests_one(contract, capsys):
    assert run("list", "--agent", "Usr", "--contract", contract) == 1
    assert "Did you mean 'User'?" in capsys.readouterr().err


def test_list_of_nothing_restricted_is_status_1(contract, capsys):
    assert run("list", "--agent", "Report", "--restricted", "--contract", contract) == 1
    assert "no operation fits" in capsys.readouterr().err


def test_a_contract_that_is_none_is_status_2(tmp_path, capsys):
    (tmp_path / "c.jsonl").write_text("{}")

    assert run("list", "--contract", tmp_path / "c.jsonl") == 2
    assert "not a contract file" in capsys.readouterr().err


# what a real server confirmed or refuted


def test_build_reads_what_verify_saw(tmp_path):
    output, seen = tmp_path / "c.jsonl", tmp_path / "seen.json"
    first, second, third = sorted(operation.id for operation in compiled().operations)[:3]
    seen.write_text(
        json.dumps(
            {
                first: {"confirmed": 2, "refuted": []},
                second: {"confirmed": 1, "refuted": ["status: expected 200, was 404"]},
                third: {"confirmed": 0, "refuted": []},
            }
        )
    )

    assert run("build", FIXTURES, "-o", output, "--confidences", seen) == 0
    assert Contract.open(output).confidences == {first: "firm", second: "assumed"}


@pytest.mark.parametrize(
    "text", ["", "[]", '{"x": 1}', '{"x": {"confirmed": 1}}', '{"nope": {"confirmed": 1, "refuted": []}}']
)
def test_confidences_that_are_none_are_status_2(tmp_path, capsys, text):
    seen = tmp_path / "seen.json"
    seen.write_text(text)

    assert run("build", FIXTURES, "-o", tmp_path / "c.jsonl", "--confidences", seen) == 2
    assert "seen.json: " in capsys.readouterr().err


def test_an_answer_that_a_server_confirmed_is_firm(tiny):
    from mockso.config import Settings
    from mockso.contract import catalogue
    from mockso.engine import Engine
    from mockso.journal.journal import Journal
    from tests.conftest import OPERATIONS, TYPES, call

    confirmed = Contract(catalogue.dump({"confidences": {"getContact": "firm"}}, OPERATIONS, TYPES), "x")
    replies = [Engine(Settings(), [contract], Journal()).handle(call()) for contract in (tiny, confirmed)]

    assert [reply.header("X-Mockso-Fidelity") for reply in replies] == ["likely", "firm"]


# archive providers

ZEBRA = """---
uid: Zebra
keywords: Zebra archive provider
---

# "Zebra"

## Supported Columns

| Name | Restriction | Description | OrderBy |
| ---- | ----- | ------- | ------ |
|name|string|Name| x |
"""


@pytest.fixture
def zebra(tmp_path):
    folder = tmp_path / "providers"
    folder.mkdir()
    (folder / "zebra.md").write_text(ZEBRA)
    return folder


def test_build_writes_the_columns_of_archive_providers_beside(tmp_path, zebra, capsys):
    output, columns, report = (tmp_path / name for name in ("c.jsonl", "columns.jsonl", "report.json"))

    status = run("build", FIXTURES / "pages", zebra, "-o", output, "--columns", columns, "--report", report)

    assert status == 0
    assert ColumnFile.open(columns).provider("zebra").find("name").can_order
    assert capsys.readouterr().out.endswith(f"{columns}: 1 columns of 1 archive providers\n")
    assert json.loads(report.read_text())["columns"] == {"Zebra": 1}


def test_build_writes_the_shipped_columns_only_when_asked(tmp_path, zebra, monkeypatch, capsys):
    contract, columns = tmp_path / "c.jsonl", tmp_path / "columns.jsonl"
    monkeypatch.setattr(command, "SHIPPED", contract)
    monkeypatch.setattr(command, "COLUMNS", columns)

    assert run("build", FIXTURES / "pages", zebra, "-o", tmp_path / "other.jsonl") == 0
    assert "not written, as neither --columns nor --shipped was given" in capsys.readouterr().out
    assert not columns.exists()
    assert run("build", FIXTURES / "pages", zebra, "--shipped") == 0
    assert ColumnFile.open(columns).names == ("Zebra",)
    assert run("build", FIXTURES / "pages", zebra, "--shipped", "--columns", columns) == 2


def test_show_prints_a_provider_and_one_of_its_columns(capsys):
    assert run("show", "FindContact") == 0
    assert "  730 columns, 124 of them without $select\n" in capsys.readouterr().out
    assert run("show", "findcontact", "EMAIL/emailid") == 0
    assert capsys.readouterr().out.startswith(
        "FindContact email/emailId\n  type       int\n  operators  eq, "
    )


def test_show_names_the_nearest_provider_or_column(capsys):
    assert run("show", "FindContct", "name") == 2
    assert (
        " no operation, type, path or provider 'FindContct name'. Near it: FindContact"
        in capsys.readouterr().err
    )
    assert run("show", "FindContct") == 2
    assert "FindContact" in capsys.readouterr().err
    assert run("show", "FindContact", "nam") == 2
    assert "FindContact: no column 'nam'. Did you mean 'name'" in capsys.readouterr().err


def test_list_has_the_providers(capsys):
    assert run("list", "--providers") == 0
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == 371
    assert next(line for line in lines if line.startswith("FindContact ")).split()[1:] == [
        "730",
        "columns",
        "contact",
    ]

    assert run("list", "--providers", "--json") == 0
    rows = json.loads(capsys.readouterr().out)
    assert {"name": "FindContact", "columns": 730, "entities": ["contact"]} in rows

    assert run("list", "--providers", "--agent", "User") == 2


def test_build_compiles_the_database_dictionary(tmp_path, zebra, monkeypatch, capsys):
    from mockso.archive import database

    tables = tmp_path / "tables.txt"
    monkeypatch.setattr(database, "SHIPPED", tables)
    source = tmp_path / "fields.tsv"
    source.write_text(
        "table\tnumber\tfield\ttype\treferences\tnullable\nt\t1\tt_id\tPK\t\t\n", encoding="utf-8"
    )

    assert run("build", FIXTURES / "pages", zebra, "-o", tmp_path / "c.jsonl", "--dictionary", source) == 0
    assert "not written, as --shipped was not given: 1 tables" in capsys.readouterr().out
    source.write_text("x", encoding="utf-8")
    assert run("build", FIXTURES / "pages", zebra, "-o", tmp_path / "c.jsonl", "--dictionary", source) == 2
    assert f"{source}:1: the head of a database dictionary" in capsys.readouterr().err
    assert not tables.exists()


@pytest.mark.parametrize(
    ("words", "ids"),
    [
        (["GetContactEntity"], ["v1ContactAgent_GetContactEntity", "v1ContactEntity_GetContactEntity"]),
        (["contactentity", "default", "GET"], ["v1ContactEntity_DefaultContactEntity"]),
        (["--resource", "contact", "default"], ["v1ContactEntity_DefaultContactEntity"]),
    ],
)
def test_operations_are_listed_by_words_and_resource(words, ids, capsys):
    assert cli.main(["contract", "list", *words]) == 0

    assert [line.split()[2] for line in capsys.readouterr().out.splitlines()] == ids


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (["Contatc"], "no operation has 'Contatc' in its id or path. Did you mean 'Contact'?"),
        (["--resource", "Contatc"], "no resource 'Contatc'. Did you mean 'Contact'?"),
        (["--resource", "Contact", "Person", "--restricted"], "no operation fits"),
        (["--providers", "FindContatc"], "Did you mean 'FindContact'?"),
        (["--agent", "qqq"], "no agent 'qqq'. 'mockso contract list' has all of them."),
        (["--agent", "Product"], "no agent 'Product', but a resource. Give it as --resource Product."),
        (["--resource", "Find"], "no resource 'Find', but an agent. Give it as --agent Find."),
        (["qqq"], "no operation has 'qqq' in its id or path. 'mockso contract list' has all of them."),
        (["--providers", "qqq"], "fits. 'mockso contract list --providers' has all of them."),
    ],
)
def test_a_list_of_nothing_says_why(words, says, capsys):
    assert cli.main(["contract", "list", *words]) == 1
    assert says in capsys.readouterr().err


def test_archive_providers_are_listed_by_words(capsys):
    assert cli.main(["contract", "list", "--providers", "findcontact"]) == 0
    assert "FindContact " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("name", "says"),
    [("GET Contatc", "no operation 'GET Contatc'"), ("Contact/17", "say which")],
)
def test_an_operation_that_is_none_or_several_is_no_one_to_export(name, says, capsys):
    assert cli.main(["contract", "export", name]) == 2
    assert says in capsys.readouterr().err


def test_an_operation_is_exported_by_method_and_path(capsys):
    assert cli.main(["contract", "export", "GET Contact/17"]) == 0
    assert '"operationId": "v1ContactEntity_GetContactEntity"' in capsys.readouterr().out
