"""`mockso tenant` against a mock on a socket."""

from __future__ import annotations

import json
import re

import pytest

import mockso
from mockso import cli


@pytest.fixture
def mock():
    with mockso.serve() as mock:
        yield mock


@pytest.fixture
def run(mock, capsys):
    """Runs a command; the JSON it printed."""

    def run(*words: str):
        command, *rest = words
        status = cli.main(["tenant", command, "--at", mock.url, *rest])
        out = capsys.readouterr()
        assert status == 0, out.err
        return json.loads(out.out)

    return run


def refusal(mock, capsys, *words: str) -> str:
    assert cli.main(["tenant", words[0], "--at", mock.url, *words[1:]]) == 2
    return capsys.readouterr().err


def test_a_tenant_is_made_steered_and_dropped(run, mock, tmp_path):
    data = tmp_path / "data.yaml"
    data.write_text("Contact: {7: {Name: Acme}}")

    made = run(
        "make", "Cust7", "--world", "open", "--grant", "User", "--data", str(data), "--time", "2030-01-01"
    )

    assert (made["world"], made["grants"], made["time"][:4]) == ("open", ["User"], "2030")
    assert run("show", "Cust7")["name"] == "Cust7"
    assert [tenant["name"] for tenant in run("list")["tenants"]] == ["Cust7"]
    assert run("grant", "Cust7", "Webhook", "EMail")["grants"] == ["EMail", "User", "Webhook"]
    assert run("revoke", "Cust7", "EMail")["grants"] == ["User", "Webhook"]
    assert run("revoke", "Cust7")["grants"] == []
    assert run("state", "Cust7", "Suspended")["state"] == "Suspended"
    assert run("clock", "Cust7", "--time", "2031-01-01", "--stop")["time"] == "2031-01-01T00:00:00+00:00"
    assert run("clock", "Cust7", "--advance", "60")["time"] == "2031-01-01T00:01:00+00:00"
    assert run("clock", "Cust7", "--go")["time"].startswith("2031-01-01T00:01:0")
    assert run("snapshot", "Cust7", "one")["snapshots"] == ["one"]
    assert run("restore", "Cust7", "one")["snapshots"] == ["one"]
    run("expire", "Cust7")
    run("expire", "Cust7", "7T:mockso")
    assert run("reset", "Cust7")["snapshots"] == ["one"]
    assert mock.engine.tenants.of("Cust7").store.rows.get("Contact", 7)["Name"] == "Acme"
    assert run("drop", "Cust7") == {"deleted": 1}


def test_an_application_is_registered_and_removed(run, tmp_path):
    from mockso.login.keys import APPLICATION_KEY

    tenant = run("make")["name"]
    options = ("--secret", "s3cret", "--redirect", "https://a.example/cb", "--grant", "Webhook")
    more = ("--public-key", str(APPLICATION_KEY), "--system-token", "App-1", "--not-approved")

    mine = run("application", tenant, "mine", *options, *more)["applications"][1]

    assert mine["redirects"] == ["https://a.example/cb"]
    assert (mine["grants"], mine["system_token"], mine["approved"], mine["own_key"]) == (
        ["Webhook"],
        "App-1",
        False,
        True,
    )
    assert run("application", tenant, "mine", "--remove") == {"deleted": 1}
    assert len(run("application", tenant)["applications"]) == 1


def test_what_the_mock_refuses_is_said(run, mock, capsys):
    run("make", "Cust7")

    assert "Did you mean 'Webhook'" in refusal(mock, capsys, "grant", "Cust7", "Webhok")
    assert "not one of Running" in refusal(mock, capsys, "state", "Cust7", "Paused")
    assert "there is no tenant 'Cust8'" in refusal(mock, capsys, "show", "Cust8")
    assert "--public-key none.pem: cannot be read" in refusal(
        mock, capsys, "application", "Cust7", "a", "--public-key", "none.pem"
    )


def test_a_mock_that_is_not_there_is_named(capsys):
    assert cli.main(["tenant", "list", "--at", "http://127.0.0.1:9"]) == 2
    assert "no mock answers there" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("address", "message"),
    [
        ("foo", "no mock can be asked there"),
        ("http://[::1", "no mock can be asked there"),
        ("http://127.0.0.1:99999", "no mock answers there"),
        ("http://127.0.0.1:1", "no mock answers there. Start one with 'mockso serve'"),
    ],
)
def test_an_address_that_is_none_is_a_fault_with_a_cure(address, message, capsys):
    assert cli.main(["tenant", "list", "--at", address]) == 2
    assert message in capsys.readouterr().err


@pytest.mark.parametrize("status", [200, 404])
@pytest.mark.parametrize("words", [["tenant", "list"], ["journal", "ls"], ["why", "1"]])
def test_another_server_is_told_from_a_mock(words, status, httpserver, capsys):
    httpserver.expect_request(re.compile(".*")).respond_with_data("<p>hello", status=status)

    assert cli.main([*words, "--at", httpserver.url_for("")]) == 2
    said = capsys.readouterr().err
    assert "is not a mock" in said or "Is this a mockso?" in said
    assert "<p>" not in said
