"""`mockso journal` over a file; tests/web has it over HTTP."""

import json
import threading
from itertools import islice

import pytest

from mockso.cli import main
from mockso.exchange.call import Difference, NearMiss
from mockso.journal.journal import Journal
from mockso.journal.show import cells
from mockso.journal.source import open_source
from tests.conftest import NOON, call
from tests.journal.entries import added, finished, violation


@pytest.fixture
def path(tmp_path, tiny, monkeypatch):
    monkeypatch.setenv("TZ", "UTC")
    path = str(tmp_path / "calls.db")
    journal = Journal(path, entries=4)
    added(journal, tiny)
    added(journal, tiny)
    added(
        journal,
        tiny,
        method="PUT",
        body={"Name": "Acme\x1b[31m"},
        status=400,
        violations=[violation()],
        near_misses=[NearMiss("limited", "limited#1", (Difference("body.Name", "x", "y"),))],
    )
    added(journal, tiny, tenant="Cust2", path="/api/v1/Nothing", status=404, at=NOON + 5)
    added(journal, tiny, step="limited#2")
    journal.close()
    return path


def run(capsys, *arguments):
    status = main(["journal", *arguments])
    return status, capsys.readouterr()


def test_calls_are_listed_the_newest_last(path, capsys):
    status, said = run(capsys, "ls", "--at", path)

    lines = said.out.splitlines()
    assert status == 0
    assert lines[0].split() == ["id", "time", "tenant", "call", "status", "verdict", "answered", "by", "ms"]
    assert [line.split()[0] for line in lines[1:]] == ["2", "3", "4", "5"]
    assert "GET /Cust12345/api/v1/Contact/17" in lines[1]
    assert "1 older calls were dropped" in said.err


@pytest.mark.parametrize(
    ("options", "ids"),
    [
        (["--limit", "2"], ["4", "5"]),
        (["--tenant", "Cust2"], ["4"]),
        (["--operation", "put*"], ["3"]),
        (["--status", "4xx", "--method", "PUT"], ["3"]),
        (["--verdict", "broken"], ["3"]),
        (["--since", "2026-01-01T00:00:01"], ["4"]),
        (["--unmatched"], ["3", "4"]),
        (["--text", "acme"], ["3"]),
        (["--step", "limited"], ["5"]),
    ],
)
def test_calls_are_filtered(path, capsys, options, ids):
    _, said = run(capsys, "ls", "--at", path, "--json", *options)

    assert [json.loads(line)["id"] for line in said.out.splitlines()] == ids
    assert ("1 older calls were dropped" in said.err) is ("Cust2" not in options)  # none of its calls was


def test_a_call_is_shown_whole_and_harmless(path, capsys):
    status, said = run(capsys, "show", "3", "--at", f"sqlite:///{path}")

    assert status == 0
    assert "> PUT /Cust12345/api/v1/Contact/17" in said.out
    assert "< 400" in said.out
    assert "error: body.Name: is wrong" in said.out
    assert '- expected "x"' in said.out
    assert "\x1b" not in said.out
    assert "\\u001b[31m" in said.out or "\\x1b[31m" in said.out


def test_a_call_is_shown_as_a_command_line_and_as_json(path, capsys):
    assert "curl --globoff" in run(capsys, "show", "3", "--curl", "--at", path)[1].out
    assert json.loads(run(capsys, "show", "3", "--json", "--at", path)[1].out)["id"] == "3"


def test_a_call_that_is_not_there_is_named(path, capsys):
    status, said = run(capsys, "show", "17", "--at", path)

    assert status == 2
    assert "there is no call '17'" in said.err


def test_calls_are_exported(path, capsys, tmp_path):
    har, lines = tmp_path / "a.har", tmp_path / "a.jsonl"

    run(capsys, "export", "--at", path, "-o", str(har), "--tenant", "Cust12345")
    run(capsys, "export", "--at", path, "-o", str(lines))
    _, said = run(capsys, "export", "--at", path, "--format", "har")

    assert len(json.loads(har.read_text())["log"]["entries"]) == 3
    assert len(lines.read_text().splitlines()) == 4
    assert len(json.loads(said.out)["log"]["entries"]) == 4
    assert said.err == "1 older calls were dropped to stay within the journal's bounds.\n"


def test_calls_are_deleted(path, capsys):
    assert run(capsys, "clear", "--at", path, "--tenant", "Cust2")[1].out == "1 call deleted\n"
    assert run(capsys, "clear", "--at", path)[1].out == "3 calls deleted\n"
    assert run(capsys, "clear", "--at", path, "--json")[1].out == '{"deleted": 0}\n'


def test_waiting_says_by_its_status_whether_calls_came(path, capsys):
    match = '{"body": {"Name": {"contains": "Acme"}}}'

    assert run(capsys, "wait", "--at", path, "--match", match)[0] == 0
    status, said = run(capsys, "wait", "--at", path, "--status", "4xx", "-n", "3", "--timeout", "0.01")

    assert status == 3
    assert (
        "unknown: 2 of 3 calls came in 0.01 s. 1 were dropped from the journal and may have matched."
        in said.err
    )

    run(capsys, "clear", "--at", path)
    status, said = run(capsys, "wait", "--at", path, "--timeout", "0.01", "--json")

    assert status == 1
    assert json.loads(said.out) == {"met": False, "result": "no", "count": 0, "requests": [], "dropped": 0}


def test_calls_are_printed_as_they_come(path, capsys, tiny):
    def call_again():
        journal = Journal(path)
        added(journal, tiny, tenant="Cust2")
        added(journal, tiny, tenant="Cust1", status=500)
        journal.close()

    timer = threading.Timer(0.1, call_again)
    timer.start()
    status, said = run(capsys, "tail", "--at", path, "--status", "5xx", "-n", "1")
    timer.join()

    assert status == 0
    assert said.out.count("\n") == 1
    assert "Cust1  500" in said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["ls", "--at", "nothing.db"], "there is no such journal file"),
        (["ls", "--at", "http://127.0.0.1:1"], "no mock answers"),
        (["ls", "--at", "mysql://x"], "is not a journal"),
        (["export", "--at", "PATH", "-o", "/nonexistent/x.har"], "cannot be written"),
        (["ls", "--at", "PATH", "--status", "abc"], "'abc' is not a status"),
        (["wait", "--at", "PATH", "--match", '{"operatoin": "x"}'], "operatoin"),
    ],
)
def test_what_cannot_be_done_is_one_line(path, capsys, arguments, message):
    status, said = run(capsys, *[path if argument == "PATH" else argument for argument in arguments])

    assert status == 2
    assert message in said.err
    assert said.err.count("\n") == 1


@pytest.mark.parametrize(
    "arguments", [[], ["lst"], ["ls", "--limit", "0"], ["ls", "--since", "x"], ["wait", "--match", "["]]
)
def test_a_command_line_that_is_wrong_is_refused(capsys, arguments):
    with pytest.raises(SystemExit, match="2"):
        main(["journal", *arguments])


def test_a_terminal_gets_a_table(path, capsys, monkeypatch):
    pytest.importorskip("rich")
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)

    _, said = run(capsys, "ls", "--at", path)

    assert "GET /Cust12345/api/v1/Contact/17" in said.out


def test_a_fault_stands_beside_the_status():
    call = dict.fromkeys(("tenant", "method", "target", "step", "by", "problem"), "")
    call |= {
        "id": "1",
        "verdict": "",
        "direction": "in",
        "at": "2026-01-01T00:00:00.000000Z",
        "took": 0.1,
        "status": 200,
        "fault": "cut",
    }

    assert cells(call)[4] == "200 cut"
    assert cells({**call, "fault": None})[4] == "200"


def test_a_call_that_took_long_is_told_too_after_others_that_came_later(tmp_path, tiny, monkeypatch):
    path = str(tmp_path / "slow.db")
    journal = Journal(path)
    added(journal, tiny)
    slow = journal.arrive(call())
    happens = [lambda: added(journal, tiny), lambda: journal.add(finished(tiny, slow))]
    monkeypatch.setattr("mockso.journal.source.time.sleep", lambda seconds: happens.pop(0)())
    source = open_source(path)

    told = [one["id"] for one in islice(source.tail({}), 2)]

    assert told == ["3", "2"]
    source.close()
    journal.close()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--tenant", "Cust1234"], "no call has the tenant 'Cust1234'. Did you mean 'Cust12345'?"),
        (["--tenant", "zzz"], "no call has the tenant 'zzz'. Leave out --tenant to see what there is."),
        (["--step", "limitd"], "no call has the step 'limitd'. Did you mean 'limited'?"),
        (["--step", "limited#3"], "no call has the step 'limited#3'. Did you mean 'limited#2'?"),
        (["--operation", "v1ContactEntity_GetContactEntiy"], "Did you mean 'v1ContactEntity_GetContactEntity'?"),
        (["--operation", "zzz*"], "Leave out --operation to see what there is."),
        (["--operation", "v1PersonEntity_*"], ""),
        (["--tenant", "Cust2", "--status", "2xx"], ""),
    ],
)  # fmt: skip
def test_a_search_that_finds_nothing_names_the_word_that_no_call_has(path, capsys, options, words):
    for command in (["ls"], ["export"], ["wait", "--timeout", "0"]):
        _, said = run(capsys, *command, "--at", path, *options)

        assert words in said.err
        assert ("no call has" in said.err) is bool(words)


def test_an_operation_that_does_not_exist_is_told_before_its_calls_are_followed(path, capsys, monkeypatch):
    monkeypatch.setattr("mockso.journal.source.Local.tail", lambda source, criteria: iter(()))

    _, said = run(
        capsys, "tail", "--at", path, "--tenant", "new", "--operation", "v1ContactEntity_GetContactEntitty"
    )

    assert said.err.splitlines() == [
        "no call has the operation 'v1ContactEntity_GetContactEntitty'. Did you mean 'v1ContactEntity_GetContactEntity'?"
    ]


@pytest.mark.parametrize(
    "match", [{"operation": "v1Foo"}, {"agent": "Contatc"}, {"not": {"resource": "Foo"}}]
)
def test_a_name_that_no_call_can_have_is_not_waited_for(path, capsys, match):
    status, said = run(capsys, "wait", "--at", path, "--match", json.dumps(match))

    assert (status, "the contract has no " in said.err) == (2, True)


def test_a_call_is_waited_for_by_method_and_path(path, tiny, capsys, monkeypatch):
    monkeypatch.setattr("mockso.journal.source.Contract.open", lambda: tiny)

    assert run(capsys, "wait", "--at", path, "--match", '{"operation": "GET Contact/{id}"}')[0] == 0
