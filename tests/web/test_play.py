"""Recordings played, with the real server at hand in some modes."""

from __future__ import annotations

import json
import subprocess
import sys
import threading
from contextlib import contextmanager

import pytest

import mockso
from mockso.contract.catalogue import Contract
from mockso.errors import SettingError
from mockso.recording.player import effective
from mockso.recording.pseudonyms import Pseudonyms
from mockso.scenario.library import load_scenarios
from tests.web.odd_server import nobody, odd_server, says
from tests.web.recorded import recording, send

V1 = "/Cust12345/api/v1"
NAMED = """
name: named
steps:
  - match: {operation: v1ContactEntity_GetContactEntity}
    reply: {like: success, set: {/Name: NAME}}
"""


@pytest.fixture
def real(tmp_path):
    file = tmp_path / "named.yaml"
    file.write_text(NAMED.replace("NAME", "The real one"))
    with mockso.serve(scenarios=[str(file)]) as made:
        yield made


@pytest.fixture
def file(tmp_path, real):
    made = tmp_path / "recordings" / "contact.yaml"
    with recording(real.url) as recorder:
        send(recorder.url, "GET", f"{V1}/Contact/17")
        recorder.write(made)
    return made


@contextmanager
def served(*options):
    """`mockso serve` with these options; its address, then what it said and its status."""
    command = [sys.executable, "-m", "mockso.cli", "serve", "--port", "0", "--quiet", *map(str, options)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        timer = threading.Timer(40, process.kill)
        timer.start()
        said = {"url": process.stdout.readline().split()[1]}
        try:
            yield said
        finally:
            process.terminate()
            said["out"], said["error"] = process.communicate(timeout=20)
            said["status"] = process.returncode
            timer.cancel()


def name(answer):
    return json.loads(answer.body)["Name"]


def test_a_recording_is_played_and_a_miss_is_an_error(file):
    with served("--play", file.parent) as mock:
        assert name(send(mock["url"], "GET", f"{V1}/Contact/17")) == "The real one"
        miss = send(mock["url"], "GET", f"{V1}/Contact/18")

    assert miss.status == 501
    assert "contact#GetContactEntity-17" in miss.header("X-Mockso-Hint")
    assert mock["status"] == 0


def test_a_miss_gets_the_contracts_answer_in_simulate(file):
    with served("--play", file, "--mode", "simulate") as mock:
        assert name(send(mock["url"], "GET", f"{V1}/Contact/18")) not in ("", "The real one")


def test_the_state_of_a_tenant_is_the_mocks_own(file, real):
    with served("--play", file, "--mode", "spy", "--target", real.url) as mock:
        answer = send(mock["url"], "GET", "/api/state/Cust12345")

    assert json.loads(answer.body)["Api"] == f"{mock['url']}/Cust12345/api"


def test_a_miss_goes_to_the_target_in_spy(file, real):
    with served("--play", file, "--mode", "spy", "--target", real.url) as mock:
        answer = send(mock["url"], "GET", f"{V1}/Contact/18")

    assert name(answer) == "The real one"
    assert answer.header("X-Mockso-By") == "upstream"
    assert len(load_scenarios([str(file)], None)[0].steps) == 1


def test_new_episodes_are_added_to_the_end(file, real):
    before = file.read_text()
    with served("--play", file, "--mode", "new_episodes", "--target", real.url, "--keep", "*") as mock:
        send(mock["url"], "GET", f"{V1}/Contact/17")
        assert name(send(mock["url"], "GET", f"{V1}/Contact/18")) == "The real one"

    assert mock["error"] == ""
    assert file.read_text().startswith(before)
    (scenario,) = load_scenarios([str(file)], Contract.open())
    assert [step.name for step in scenario.steps] == ["GetContactEntity-17", "GetContactEntity-18"]


def test_once_records_what_is_not_there_yet_and_plays_it_then(tmp_path, real):
    out = tmp_path / "once.yaml"
    options = ("--play", out, "--mode", "once", "--target", real.url)

    with served(*options) as mock:
        send(mock["url"], "GET", f"{V1}/Contact/17")
    with served(*options) as again:
        assert send(again["url"], "GET", f"{V1}/Contact/17").header("X-Mockso-By") == "scenario"
        assert send(again["url"], "GET", f"{V1}/Contact/18").status == 501

    assert out.exists()


def test_diff_tells_by_path_where_the_target_has_moved_on(file, tmp_path):
    moved = tmp_path / "moved.yaml"
    moved.write_text(NAMED.replace("NAME", "Another one"))
    with (
        mockso.serve(scenarios=[str(moved)]) as target,
        served("--play", file, "--mode", "diff", "--target", target.url) as mock,
    ):
        assert name(send(mock["url"], "GET", f"{V1}/Contact/17")) == "The real one"

    assert (
        "GET /api/v1/Contact/17: reply body.Name: expected 'The real one', was 'Another one'" in mock["out"]
    )
    assert "1 answer compared, 1 difference" in mock["out"]
    assert mock["status"] == 1


def test_diff_against_what_was_recorded_finds_nothing(file, real):
    with served("--play", file, "--mode", "diff", "--target", real.url) as mock:
        send(mock["url"], "GET", f"{V1}/Contact/17")

    assert "1 answer compared, 0 differences" in mock["out"]
    assert mock["status"] == 0


def test_a_miss_is_a_502_when_the_target_is_down(file):
    with nobody() as url, served("--play", file, "--mode", "spy", "--target", url) as mock:
        assert send(mock["url"], "GET", f"{V1}/Contact/17").status == 200
        assert send(mock["url"], "GET", f"{V1}/Contact/18").status == 502


PEOPLE = """
name: people
steps:
  - match: {operation: v1AppointmentEntity_GetAppointmentEntity}
    reply: {like: success, set: {/Description: Call Ola Nordmann, /Title: Nordmann}}
  - match: {operation: v1PersonEntity_GetPersonEntity, path: /api/v1/Person/6}
    reply: {status: 200, headers: {Content-Type: application/xml}, text: "<P><FullName>Ola Nordmann</FullName></P>"}
  - match: {operation: v1PersonEntity_GetPersonEntity}
    reply: {like: success, set: {/Firstname: Ola, /Lastname: Nordmann, /FullName: Ola Nordmann}}
"""


def test_stand_ins_of_people_are_no_difference(tmp_path):
    people, out = tmp_path / "people.yaml", tmp_path / "out.yaml"
    people.write_text(PEOPLE)
    # In diff the sentence comes before the person is known.
    paths = [f"{V1}/Appointment/3", f"{V1}/Person/6", f"{V1}/Person/5"]
    with mockso.serve(scenarios=[str(people)]) as target:
        with recording(target.url) as recorder:
            for path in paths:
                send(recorder.url, "GET", path)
            recorder.write(out, Pseudonyms())
        with served("--play", out, "--mode", "diff", "--target", target.url) as mock:
            for path in paths:
                assert send(mock["url"], "GET", path).header("X-Mockso-By") == "scenario"

    assert "Nordmann" not in out.read_text()
    assert mock["out"].splitlines()[-1] == "3 answers compared, 0 differences"
    assert mock["status"] == 0


def test_an_answer_too_long_to_keep_is_a_502_that_says_what_to_do(file):
    body = b"x" * 50_000
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\nContent-Length: %d\r\n\r\n" % len(body)
    options = ("--mode", "spy", "--set", "body_limit=40000")

    with odd_server(says(head + body)) as odd, served("--play", file, *options, "--target", odd.url) as mock:
        answer = send(mock["url"], "GET", f"{V1}/Contact/18")

    assert answer.status == 502
    assert b"longer than 40000 bytes (the setting body_limit)" in answer.body
    assert b"mockso record passes them on at any length" in answer.body


def test_a_request_too_long_to_keep_is_not_sent_on_in_part(file):
    with odd_server(says(b"HTTP/1.1 204 No Content\r\n\r\n")) as odd:
        options = ("--mode", "spy", "--set", "body_limit=1000", "--target", odd.url)
        with served("--play", file, *options) as mock:
            answer = send(mock["url"], "POST", f"{V1}/Contact", b" " * 2000, Content_Type="application/json")

        assert answer.status == 413
        assert odd.heads == []


def test_long_new_episodes_lie_beside_the_file(file):
    body = bytes(range(256)) * 8192
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % len(
        body
    )
    with (
        odd_server(says(head + body)) as odd,
        served("--play", file, "--mode", "new_episodes", "--target", odd.url) as mock,
    ):
        assert send(mock["url"], "GET", f"{V1}/Document/3/Content").body == body

    assert [path.stat().st_size for path in (file.parent / "contact.files").iterdir()] == [len(body)]
    with served("--play", file) as mock:
        assert send(mock["url"], "GET", f"{V1}/Document/3/Content").body == body


def test_a_mode_that_asks_needs_a_target(tmp_path):
    with pytest.raises(SettingError, match="give --target URL"):
        effective("spy", tmp_path, "")
    assert effective("once", tmp_path / "none.yaml", "http://x") == "record"
    assert effective("once", tmp_path, "") == "none"
