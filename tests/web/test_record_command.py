"""`mockso record`, `serve --play` and `lint` of recordings, as processes and as a user calls them."""

from __future__ import annotations

import difflib
import re
import signal
import socket
import ssl
import time

import pytest
import trustme

import mockso
from mockso.contract.catalogue import Contract
from mockso.scenario.library import load_scenarios
from tests.web.commands import run, running
from tests.web.odd_server import nobody, odd_server, says
from tests.web.recorded import as_json, send

V1 = "/Cust12345/api/v1"


@pytest.fixture
def real():
    with mockso.serve(grants=["*"]) as made:
        yield made


def steps(file):
    return [step.name for step in load_scenarios([str(file)], Contract.open())[0].steps]


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT])
def test_what_was_recorded_is_written_at_the_end(tmp_path, real, end):
    file = tmp_path / "from-command.yaml"

    with running("record", "--target", real.url, "--out", file, end=end) as recorder:
        assert send(recorder.url, "GET", f"{V1}/Contact/17").status == 200

    assert (recorder.status, recorder.error) == (0, "")
    assert "1 step of 1 call" in recorder.out
    assert steps(file) == ["GetContactEntity-17"]


@pytest.mark.skipif(not hasattr(signal, "SIGHUP"), reason="there is no SIGHUP")
def test_a_terminal_that_goes_away_loses_nothing(tmp_path, real):
    file = tmp_path / "hung-up.yaml"

    with running("record", "--target", real.url, "--out", file, end=signal.SIGHUP) as recorder:
        assert send(recorder.url, "GET", f"{V1}/Contact/17").status == 200

    assert recorder.status == 0
    assert steps(file) == ["GetContactEntity-17"]


def test_a_place_that_cannot_be_written_is_told_before_anything_is_recorded(tmp_path, real):
    blocked = tmp_path / "a-file"
    blocked.write_text("")

    done = run("record", "--target", real.url, "--out", blocked / "r.yaml")

    assert done.returncode == 2
    assert "cannot be written" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_recording_that_cannot_be_written_is_kept_and_its_place_told(tmp_path, real):
    file = tmp_path / "r.yaml"

    with running("record", "--target", real.url, "--out", file, TMPDIR=str(tmp_path)) as recorder:
        send(recorder.url, "GET", f"{V1}/Contact/17")
        file.mkdir()  # meanwhile a folder has its name

    assert recorder.status == 2
    assert "Traceback" not in recorder.error
    place = re.search(r"kept in (\S+);", recorder.error)[1]
    again = tmp_path / "again.yaml"
    assert run("record", "--from-journal", place, "--out", again).returncode == 0
    assert steps(again) == ["GetContactEntity-17"]


def test_a_call_that_hangs_does_not_keep_the_recording_from_being_written(tmp_path):
    file = tmp_path / "r.yaml"

    def play(connection, head):
        if b"Contact/18" in head:
            time.sleep(3600)
        connection.sendall(
            b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull"
        )

    with odd_server(play) as odd, running("record", "--target", odd.url, "--out", file) as recorder:
        send(recorder.url, "GET", f"{V1}/Contact/17")
        with socket.create_connection(("127.0.0.1", int(recorder.url.rpartition(":")[2]))) as client:
            client.sendall(f"GET {V1}/Contact/18 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
            while len(odd.heads) < 2:
                time.sleep(0.01)
            recorder.process.send_signal(signal.SIGINT)
            recorder.process.wait(20)

    assert steps(file) == ["GetContactEntity-17"]


def test_a_target_that_hangs_does_not_keep_a_player_from_stopping(tmp_path, recorded):
    with (
        odd_server(lambda connection, head: time.sleep(3600)) as odd,
        running("serve", "--play", recorded, "--mode", "spy", "--target", odd.url) as player,
        socket.create_connection(("127.0.0.1", int(player.url.rpartition(":")[2]))) as client,
    ):
        client.sendall(f"GET {V1}/Contact/19 HTTP/1.1\r\nHost: x\r\n\r\n".encode())
        while not odd.heads:
            time.sleep(0.01)
        player.process.terminate()
        player.process.wait(20)

    assert player.status == 0


def test_check_tells_faults_of_both_sides_and_writes_nothing(tmp_path):
    wrong = b'{"ContactId":"seventeen"}'
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(wrong)

    with odd_server(says(head + wrong)) as odd:
        options = ("--target", odd.url, "--check", "--out", tmp_path / "not-written.yaml")
        command = ["record", *map(str, options)]
        with running(*command, cwd=tmp_path) as quiet:
            send(quiet.url, "GET", f"{V1}/Contact/17?tpo=1")
    with odd_server(says(head + wrong)) as odd:
        told = checked(odd.url, tmp_path)

    assert (quiet.status, quiet.error) == (1, "")
    assert re.search(r"1 call, \d+ departures? from the contract", quiet.out)
    assert "GET /api/v1/Contact/17: query tpo: " in told
    assert (
        'GET /api/v1/Contact/17: reply body.ContactId: expected a whole number (int32), got "seventeen"'
        in told
    )
    assert "1 call, 2 departures from the contract" in told
    assert list(tmp_path.iterdir()) == []


def checked(target, folder):
    """What `record --check` says without --quiet, of one call with a fault in it."""
    import subprocess
    import sys

    command = [sys.executable, "-m", "mockso.cli", "record", "--target", target, "--check", "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=folder) as process:
        assert process.stdout is not None
        line = ""
        while not line.startswith("ready "):
            line = process.stdout.readline()
        send(line.split()[1], "GET", f"{V1}/Contact/17?tpo=1")
        process.terminate()
        return process.communicate(timeout=20)[0]


def test_check_of_what_keeps_the_contract_is_status_0(tmp_path, real):
    with running("record", "--target", real.url, "--check", cwd=tmp_path) as recorder:
        assert send(recorder.url, "GET", f"{V1}/Contact/17").status == 200
        assert (
            send(
                recorder.url, "POST", f"{V1}/Contact", b'{"Name":"x"}', Content_Type="application/json"
            ).status
            == 200
        )

    assert recorder.status == 0
    assert "2 calls, 0 departures" in recorder.out
    assert list(tmp_path.iterdir()) == []


FAILING = {
    "half an answer": says(b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf", close=True),
    "no answer": says(b"", close=True),
}


@pytest.mark.parametrize("what", [*FAILING, "down"])
def test_a_call_without_an_answer_is_a_502_and_no_step(tmp_path, what):
    file = tmp_path / "r.yaml"
    good = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull"

    def play(connection, head):
        (FAILING[what] if b"Contact/18" in head else says(good))(connection, head)

    if what == "down":
        with nobody() as url, running("record", "--target", url, "--out", file) as recorder:
            bad = send(recorder.url, "GET", f"{V1}/Contact/18")
            journal = send(recorder.url, "GET", "/__mockso/requests/1").body
        assert "nothing was recorded, so nothing is written" in recorder.out
        assert not file.exists()
    else:
        with odd_server(play) as odd, running("record", "--target", odd.url, "--out", file) as recorder:
            bad = send(recorder.url, "GET", f"{V1}/Contact/18")
            journal = send(recorder.url, "GET", "/__mockso/requests/1").body
            assert send(recorder.url, "GET", f"{V1}/Contact/17").status == 200
        assert steps(file) == ["GetContactEntity-17"]

    assert bad.status == 502
    assert b'"ErrorType": "SoServerException"' in bad.body
    assert b'"note": "' in journal or b'"note":"' in journal
    assert "not recorded: 1 (the server gave no answer)" in recorder.out
    assert recorder.status == 0


def test_a_certificate_that_is_not_trusted_is_a_502_and_one_that_is_named_is_trusted(tmp_path):
    authority = trustme.CA()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert("localhost").configure_cert(context)
    ca, file = tmp_path / "ca.pem", tmp_path / "r.yaml"
    authority.cert_pem.write_to_path(str(ca))
    answer = says(b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 4\r\n\r\nnull")

    with odd_server(answer, context) as odd:
        with running("record", "--target", odd.url, "--out", file) as refusing:
            refused = send(refusing.url, "GET", f"{V1}/Contact/17")
        written = file.exists()
        with running("record", "--target", odd.url, "--out", file, "--ca", ca) as trusting:
            trusted = send(trusting.url, "GET", f"{V1}/Contact/17")

    assert refused.status == 502
    assert "certificate is not trusted" in refused.header("X-Mockso-Reason")
    assert not written
    assert trusted.status == 200
    assert steps(file) == ["GetContactEntity-17"]


NAMED = """
name: named
steps:
  - match: {operation: v1PersonEntity_GetPersonEntity}
    reply: {like: success, set: {/Title: TITLE}}
"""


def test_recording_again_changes_only_what_has_changed(tmp_path):
    file, named = tmp_path / "recordings" / "r.yaml", tmp_path / "named.yaml"

    def record(title, *paths):
        named.write_text(NAMED.replace("TITLE", title))
        with mockso.serve(scenarios=[str(named)]) as real:
            with running("record", "--target", real.url, "--out", file) as recorder:
                for path in paths:
                    send(recorder.url, "GET", f"{V1}/{path}")
            assert recorder.status == 0
        return file.read_text().splitlines()

    first = record("Engineer", "Contact/17", "Person/5", "Sale/3")
    # In another order, with one answer that has changed and one call more.
    again = record("Architect", "Appointment/2", "Sale/3", "Person/5", "Contact/17")

    changes = [line for line in difflib.ndiff(first, again) if line[0] in "+-"]
    added = changes.index("+   - name: GetAppointmentEntity-2")
    assert changes[:added] == ["-       Title: Engineer", "+       Title: Architect"] or changes[:added] == [
        "-         Title: Engineer",
        "+         Title: Architect",
    ]
    assert all(line.startswith("+") for line in changes[added:])
    assert again[: len(first)] == [line.replace("Engineer", "Architect") for line in first]


def test_bytes_of_a_recording_lie_beside_it_and_are_played(tmp_path):
    file = tmp_path / "recordings" / "r.yaml"
    data = bytes(range(256)) * 8192
    head = b"HTTP/1.1 200 OK\r\nContent-Type: image/png\r\nContent-Length: %d\r\n\r\n" % len(data)

    with (
        odd_server(says(head + data)) as odd,
        running("record", "--target", odd.url, "--out", file) as recorder,
    ):
        assert send(recorder.url, "GET", f"{V1}/Person/3/Image").body == data
    with running("serve", "--play", file.parent) as player:
        assert send(player.url, "GET", f"{V1}/Person/3/Image").body == data

    (beside,) = (file.parent / "r.files").iterdir()
    assert beside.read_bytes() == data
    assert f"body_file: r.files/{beside.name}  # {len(data)} bytes" in file.read_text()


@pytest.fixture
def recorded(tmp_path, real):
    file = tmp_path / "recordings" / "r.yaml"
    with running("record", "--target", real.url, "--out", file) as recorder:
        send(recorder.url, "GET", f"{V1}/Contact/17")
        send(recorder.url, "GET", f"{V1}/Contact/18")
    return file


def test_an_old_recording_warns_or_fails_where_it_is_played(recorded):
    text = re.sub(r'at: "[\d-]+"', 'at: "2020-01-01"', recorded.read_text())
    text = text.replace("steps:\n", 'max_age: "90 days"\non_expiry: WHAT\nsteps:\n', 1)

    recorded.write_text(text.replace("WHAT", "warn"))
    with running("serve", "--play", recorded) as warned:
        assert send(warned.url, "GET", f"{V1}/Contact/17").status == 200
    recorded.write_text(text.replace("WHAT", "fail"))
    failed = run("serve", "--play", recorded, "--port", "0")
    linted = run("lint", recorded)

    assert warned.error == (
        f"mockso serve: {recorded}: was recorded on 2020-01-01 and good until 2020-03-31 (max_age 90 days); "
        "record it again.\n"
    )
    for refused in (failed, linted):
        assert refused.returncode == 2
        assert "max_age: was recorded on 2020-01-01" in refused.stderr + refused.stdout
        assert "Traceback" not in refused.stderr


def test_steps_that_no_test_used_are_orphans(recorded, tmp_path):
    journal = tmp_path / "journal.db"
    with running("serve", "--play", recorded, "--journal", journal) as player:
        send(player.url, "GET", f"{V1}/Contact/17")
        while_it_runs = run("lint", "--orphans", player.url, recorded)
    from_file = run("lint", "--orphans", journal, recorded)

    for told in (while_it_runs, from_file):
        assert told.returncode == 2, told.stderr
        assert "step 'r#GetContactEntity-18' answered no call." in told.stdout
        assert "GetContactEntity-17" not in told.stdout


def test_a_recording_has_no_secret_until_somebody_writes_one_into_it(recorded):
    clean = run("lint", "--secrets", recorded.parent)
    recorded.write_text(re.sub("Department: .*", "Password: hunter2", recorded.read_text(), count=1))
    leaking = run("lint", "--secrets", recorded.parent)

    assert (clean.returncode, clean.stdout) == (0, "1 file, 0 faults\n")
    assert leaking.returncode == 2
    assert re.search(r"r\.yaml:\d+:1: the value of 'Password' is not a stand-in", leaking.stdout)
    assert "hunter2" not in leaking.stdout


def test_a_leak_refuses_the_writing_and_names_the_place(tmp_path, real):
    file = tmp_path / "r.yaml"
    body = as_json({"Name": "x", "CustomFields": {"Password": "Pl4nted99q7Xw"}})

    with running("record", "--target", real.url, "--out", file, "--keep", "Password") as recorder:
        send(recorder.url, "POST", f"{V1}/Contact", body, Content_Type="application/json")

    assert recorder.status == 2
    assert re.search(r"r\.yaml:\d+: a secret of this run, in '(CustomFields|Password)'", recorder.error)
    assert "Pl4nted" not in recorder.error + recorder.out
    assert not file.exists()


@pytest.mark.parametrize(
    ("options", "told"),
    [
        (["--out", "x.yaml"], "give --target URL"),
        (["--target", "http://127.0.0.1:1"], "give --out FILE"),
        (["--target", "http://127.0.0.1:1", "--out", "x.txt"], "ends in .yaml"),
        (["--target", "sod2", "--out", "x.yaml"], "not an address"),
        (
            ["--target", "https://localhost", "--out", "x.yaml", "--ca", "none.pem"],
            "cannot be used as certificates",
        ),
        (
            ["--target", "http://127.0.0.1:1", "--out", "x.yaml", "--host", "0.0.0.0"],
            "add --admin-token SECRET",
        ),
    ],
)
def test_an_option_that_is_wrong_is_one_line_and_status_2(tmp_path, options, told):
    done = run("record", *options, "--port", "0", cwd=tmp_path)

    assert done.returncode == 2
    assert told in done.stderr
    assert done.stderr.startswith("mockso record: ")
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []
