"""`mockso journal` against a mock that runs."""

import json
import os
import threading
from urllib.request import urlopen

import pytest

from mockso.cli import main
from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from mockso.web.server import Server


@pytest.fixture
def server(tiny):
    engine = Engine(Settings(admin_token="s3cret"), [tiny], Journal())
    made = Server(engine).start()
    yield made
    made.stop()
    engine.close()


@pytest.fixture
def run(server, capsys, monkeypatch):
    monkeypatch.setenv("MOCKSO_ADMIN_TOKEN", "s3cret")

    def command(*arguments):
        status = main(["journal", *arguments, "--at", server.url])
        return status, capsys.readouterr()

    return command


def call(server, tenant="Cust1"):
    with urlopen(f"{server.url}/{tenant}/api/") as answer:
        return answer.headers["X-Mockso-Call"]


def test_the_calls_of_a_mock_are_listed_shown_and_deleted(server, run):
    ids = [call(server), call(server), call(server, "Cust2")]

    assert [json.loads(line)["id"] for line in run("ls", "--json")[1].out.splitlines()] == ids
    assert len(run("ls", "--tenant", "Cust2")[1].out.splitlines()) == 2
    assert run("ls", "--unmatched", "--json")[0] == 0
    assert f"Call {ids[0]} " in run("show", ids[0])[1].out
    assert run("clear", "--tenant", "Cust1")[1].out == "2 calls deleted\n"


def test_the_calls_of_a_mock_are_exported(server, run):
    call(server)

    assert len(json.loads(run("export", "--format", "har")[1].out)["log"]["entries"]) == 1
    assert len(run("export")[1].out.splitlines()) == 1


def test_the_calls_of_a_mock_are_followed_and_waited_for(server, run):
    timers = [threading.Timer(delay, call, [server, "Cust2"]) for delay in (0.2, 0.4, 0.8)]
    for timer in timers:
        timer.start()

    status, followed = run("tail", "-n", "1", "--tenant", "Cust2", "--method", "GET", "--json")
    waited, _ = run("wait", "--tenant", "Cust2", "--count", "3", "--match", '{"method": "GET"}')
    for timer in timers:
        timer.join()

    assert status == 0
    assert json.loads(followed.out)["tenant"] == "Cust2"
    assert waited == 0


def test_what_a_mock_refuses_is_said(server, capsys):
    assert main(["journal", "ls", "--at", server.url, "--token", "wrong"]) == 2
    assert "This mock has an admin token" in capsys.readouterr().err


def test_a_mock_that_stops_ends_what_follows_it(server, run):
    timer = threading.Timer(0.3, server.stop)
    timer.start()

    status, _ = run("tail")
    timer.join()

    assert status in (0, 2)


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_an_export_to_a_disk_that_is_full_names_the_file(server, run):
    call(server)

    status, printed = run("export", "--output", "/dev/full")

    assert status == 2
    assert (
        printed.err
        == "mockso journal: /dev/full: cannot be written (No space left on device). Name another file.\n"
    )


def test_an_address_may_lack_its_http(server, capsys, monkeypatch):
    monkeypatch.setenv("MOCKSO_ADMIN_TOKEN", "s3cret")
    call(server)
    address = server.url.removeprefix("http://")

    assert main(["journal", "ls", "--at", address]) == 0
    assert "GET /Cust1/api/" in capsys.readouterr().out
    assert main(["tenant", "list", "--at", address]) == 0
    assert "Cust1" in capsys.readouterr().out
    assert main(["lint", "throttled", "--orphans", address]) == 2
    assert "is not a journal" not in capsys.readouterr().err
