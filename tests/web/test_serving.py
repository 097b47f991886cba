"""`mockso serve` as a process: what it says, how it stops, what it refuses."""

from __future__ import annotations

import gc
import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from email.message import Message
from pathlib import Path

import pytest

from mockso.testing.mock import serve

BEARER = {"Authorization": "Bearer 8A:Cust12345.mockso"}


def mockso(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "mockso.cli", *arguments],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@contextmanager
def served(*arguments: str) -> Iterator[tuple[subprocess.Popen[str], str, str]]:
    """A server process, its address, and all it said up to "ready"."""
    command = [sys.executable, "-m", "mockso.cli", "serve", "--port", "0", *arguments]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        said = []
        assert process.stdout is not None
        for line in process.stdout:
            said.append(line)
            if line.startswith("ready "):
                break
        try:
            yield process, said[-1].split()[1], "".join(said)
        finally:
            process.kill()
            process.wait()


def get(url: str, **headers: str) -> tuple[int, Message, bytes]:
    request = urllib.request.Request(url, headers={**BEARER, **headers})
    with urllib.request.urlopen(request, timeout=20) as response:
        return response.status, response.headers, response.read()


def test_the_start_says_what_a_newcomer_needs():
    with served() as (_, url, said):
        for part in (
            f"{url}/Cust12345/api/v1/",
            f"{url}/api/v1/",
            f"{url}/__mockso/",
            "Authorization: Bearer 8A:Cust12345.mockso",
            "3,438 operations",
            "a call that works:",
            "one that explains its refusal:",
        ):
            assert part in said


def test_the_two_curl_lines_do_what_they_say():
    with served() as (_, _, said):
        works, teaches = [line.strip() for line in said.splitlines() if line.strip().startswith("curl ")]

        good = subprocess.run(
            works + " -s", shell=True, capture_output=True, text=True, timeout=20, check=True
        )
        bad = subprocess.run(
            teaches + " -s", shell=True, capture_output=True, text=True, timeout=20, check=True
        )

    assert json.loads(good.stdout)["ContactId"] == 17
    assert bad.stdout.startswith("HTTP/1.1 403")
    assert (
        "X-Mockso-Reason: operation: v1UserAgent_SaveUntrustedCredentials is Online restricted" in bad.stdout
    )


def test_quiet_says_one_line():
    with served("--quiet") as (_, url, said):
        assert said == f"ready {url}\n"


@pytest.mark.parametrize("sent", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_status_0_and_the_journal_whole(tmp_path, sent):
    file = tmp_path / "journal.db"
    with served("--journal", str(file)) as (process, url, _):
        get(f"{url}/Cust12345/api/v1/Contact/17")
        process.send_signal(sent)
        assert process.wait(10) == 0

    from mockso.journal.journal import Journal

    journal = Journal(str(file), writing=False)
    assert [entry["operation"] for entry in journal.find()] == ["v1ContactEntity_GetContactEntity"]
    journal.close()


def test_a_delayed_call_does_not_hold_up_the_end(tmp_path):
    slow = tmp_path / "slow.yaml"
    slow.write_text("name: slow\nsteps:\n  - delay: 60\n")
    with (
        served("--scenario", str(slow)) as (process, url, _),
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 5) as client,
    ):
        client.sendall(
            b"GET /Cust12345/api/v1/Contact/17 HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer 8A:Cust12345.x\r\n\r\n"
        )
        time.sleep(0.3)
        process.terminate()
        assert process.wait(5) == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["serve", "--port", "70000"], "is not a port; give 0 to 65535"),
        (["serve", "--port", "²"], "is not a port; give 0 to 65535"),
        (["serve", "--set", "port=70000"], "--set port=70000: 70000 is not a port; give 0 to 65535"),
        (["serve", "--set", "body_limit=²"], "body_limit is a whole number, not '²'"),
        (["serve", "--port", "0", "--journal", "."], ".: is a folder. Name a file in it, such as calls.db."),
        (["serve", "--profile", "offsite"], "invalid choice: 'offsite'"),
        (["serve", "--contract", "none.jsonl"], "none.jsonl: cannot be read"),
        (["serve", "--scenario", "unauthorised"], "unauthorized"),
        (["serve", "--set", "select_mod=omit"], "Did you mean 'select_mode'?"),
        (["serve", "--set", "select_mode=x"], "select_mode is one of null, omit, not 'x'"),
        (["serve", "--set", "body_limit"], "give it as NAME=VALUE"),
        (["serve", "--host", "0.0.0.0"], "--admin-token SECRET"),
        (["serve", "--admin-token", "x", "--host", "x" * 300], "it is not the name of a host"),
        (["serve", "--admin-token", "x", "--host", "x..y"], "it is not the name of a host"),
        (["serv"], "Did you mean 'serve'?"),
    ],
)
def test_what_is_wrong_is_one_clear_message_and_status_2(arguments, words):
    ended = mockso(*arguments)

    assert ended.returncode == 2
    assert words in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_taken_port_is_one_clear_line():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        ended = mockso("serve", "--port", str(taken.getsockname()[1]))

    assert ended.returncode == 2
    assert "Is another mockso running? --port 0 takes a free port." in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("host", ["mockso.invalid", "192.0.2.7"])
def test_a_host_that_is_not_this_machine_is_told_what_to_give(host):
    ended = mockso("serve", "--host", host, "--admin-token", "s3cret", "--port", "0")

    assert ended.returncode == 2
    assert f"cannot listen on {host}:0: " in ended.stderr
    assert ended.stderr.endswith(". Give an address of this machine, such as 127.0.0.1.\n")


def test_an_unknown_variable_of_the_environment_is_named(monkeypatch):
    monkeypatch.setenv("MOCKSO_PROFIL", "online")
    ended = mockso("serve", "--port", "0")

    assert ended.returncode == 2
    assert "environment variable MOCKSO_PROFIL: no such setting. Did you mean 'profile'?" in ended.stderr


def test_a_variable_of_the_environment_is_a_setting(monkeypatch):
    monkeypatch.setenv("MOCKSO_GRANTS", "User, EMail")
    with served() as (_, _, said):
        assert "EMail, User" in said


def test_importing_mockso_imports_nothing_heavy():
    code = "import mockso, sys; print([m for m in ('flask', 'marshmallow', 'werkzeug', 'yaml', 'asyncio') if m in sys.modules])"
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )

    assert ended.stdout == "[]\n"


def test_a_program_that_forgets_to_stop_its_mock_ends_all_the_same():
    code = (
        "import urllib.request, mockso\n"
        "forgotten = mockso.serve()\n"
        "mock = forgotten.__enter__()\n"
        "print(urllib.request.urlopen(mock.url + '/__mockso/health').status)\n"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=20)

    assert (ended.stdout, ended.stderr, ended.returncode) == ("200\n", "", 0)


def test_a_plainly_valid_call_imports_neither_flask_nor_marshmallow():
    code = (
        "import sys, urllib.request, mockso\n"
        "with mockso.serve() as mock:\n"
        "    request = urllib.request.Request(mock.base() + '/Contact/17', headers={'Authorization': 'Bearer ' + mock.token()})\n"
        "    assert urllib.request.urlopen(request).status == 200\n"
        "print([m for m in ('flask', 'marshmallow', 'werkzeug', 'yaml') if m in sys.modules])"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=20, check=True
    )

    assert ended.stdout == "[]\n"


def test_the_address_of_the_repository_is_in_no_file():
    root = Path(__file__).parent.parent.parent
    for path in [*root.glob("mockso/**/*.py"), root / "setup.cfg", *root.glob("scenarios/*")]:
        if path.is_file():
            assert str(root) not in path.read_text(encoding="utf-8"), path


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT", "SIGHUP"])
@pytest.mark.parametrize("number", range(5))
def test_a_signal_right_after_ready_ends_it_too(name, number):
    with served("--quiet") as (process, _, _):
        process.send_signal(getattr(signal, name))
        _, said = process.communicate(timeout=20)

    assert (process.returncode, said) == (0, "")


def test_signals_in_a_row_strike_the_ending_of_none():
    with served("--quiet") as (process, _, _):
        for _ in range(20):
            process.send_signal(signal.SIGINT)
            process.send_signal(signal.SIGTERM)
        assert process.wait(20) == 0


def test_a_script_s_background_command_ends_by_sigint_too():
    # Shells let commands in a script's background ignore SIGINT from their birth.
    script = f"{sys.executable} -m mockso.cli serve --port 0 --quiet & echo $!; wait"
    with subprocess.Popen(["sh", "-c", script], stdout=subprocess.PIPE, text=True) as shell:
        assert shell.stdout is not None
        lines = [shell.stdout.readline(), shell.stdout.readline()]
        server = next(int(line) for line in lines if line.strip().isdigit())
        assert any(line.startswith("ready ") for line in lines)

        os.kill(server, signal.SIGINT)

        assert shell.wait(20) == 0


def test_what_nohup_starts_goes_on_after_the_terminal_is_gone():
    code = "import signal, os, sys; signal.signal(signal.SIGHUP, signal.SIG_IGN); os.execv(sys.executable, sys.argv[1:])"
    command = [
        sys.executable,
        "-c",
        code,
        sys.executable,
        "-m",
        "mockso.cli",
        "serve",
        "--port",
        "0",
        "--quiet",
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        url = process.stdout.readline().split()[1]
        process.send_signal(signal.SIGHUP)
        assert get(f"{url}/__mockso/health")[0] == 200
        process.terminate()
        assert process.wait(20) == 0


def test_a_mock_that_was_closed_is_forgotten():
    with serve() as mock:
        urllib.request.urlopen(f"{mock.url}/__mockso/health").close()
        engine = weakref.ref(mock.engine)

    del mock
    gc.collect()

    assert engine() is None


def test_a_server_that_is_stopped_right_after_its_start_leaves_no_socket():
    # A warning of an open socket, or an exception in its thread, fails a test.
    for _ in range(40):
        with serve():
            pass
    gc.collect()


def test_chaos_lets_a_part_of_all_calls_fail():
    with (
        served("--chaos", "100%:server-error") as (_, url, said),
        pytest.raises(urllib.error.HTTPError, match="500"),
    ):
        get(f"{url}/Cust12345/api/v1/Contact/17")

    assert "--chaos 100%:server-error" in said


def test_chaos_of_a_kind_that_nobody_knows_is_refused():
    done = mockso("serve", "--chaos", "20%:throtled")

    assert done.returncode == 2
    assert "Did you mean 'throttled'?" in done.stderr
