"""The file: whole or not there, readable, and read back as what it was."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from urllib.parse import unquote

import pytest

import mockso
from mockso.recording.asked import Noted
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.write import to_yaml, write_recording
from mockso.scenario_text import read_yaml
from mockso.scenario_yaml import load_scenarios
from tests.recording.taping import Taping


@pytest.fixture
def taping(shipped):
    made = Taping(shipped)
    yield made
    made.engine.close()


TEXTS = [
    "plain",
    "",
    "no",
    "12",
    "a: b",
    "# x",
    "{{ request.origin }}/x",
    "line one\nline two\n",
    "one\n\n  two\nthree",
    "  first\nsecond",
    "trailing \nblank",
    "ends with two\n\n",
    "\nbegins with one",
    "tab\there\nand",
    "windows\r\nlines\r\n",
    "bell \x07 and \x85 \u2028 \ufeff",
    'quotes " and \\ back\nslash \\n',
    "æøå 漢字 🎉\nmore",
    "- item\n- item",
    "~",
    "0x1F",
    "2026-01-01T00:00:00",
    " ",
    "\n",
]


@pytest.mark.parametrize("text", TEXTS)
def test_every_text_is_read_back_as_it_was(text):
    value = {"name": "x", "a": text, "list": [text, [text], {text or "k": text}], "deep": {"b": {"c": text}}}

    document = read_yaml(to_yaml(value))

    assert document.faults == []
    assert document.value == value


def test_a_comment_stands_behind_its_key():
    assert to_yaml({"a": Noted("b", "why")}) == "a: b  # why\n"


def test_parts_that_vary_are_left_open_and_the_file_says_why(taping, tmp_path):
    body = {"ContactId": 0, "Name": "Acme", "UpdatedDate": "2026-01-01T10:00:00"}
    taping.add("POST", "/api/v1/Contact", {"ContactId": 1}, body=body, query=[("SO_UNIQUE_ID", "77")])
    file = tmp_path / "r.yaml"

    write_recording(file, taping.tape, Pseudonyms(), taping.contract)

    text = file.read_text()
    assert "# left open: a date near the time of the recording" in text
    assert "# left open: the client makes it" in text
    assert "Name: Acme" in text


def test_addresses_are_those_of_whoever_plays(taping, tmp_path):
    base = "http://localhost/Cust12345/api"
    said = {
        "Link": f"{base}/v1/Contact/17",
        "Login": "http://localhost/login?back=http%3A%2F%2Flocalhost%2FCust12345%2Fapi",
        "Other": "http://localhost.example/ http://localhost:8080/",
    }
    taping.add("GET", "/api/v1/Contact/17", said)
    text = json.dumps({"a": 1.0, **said}).replace("/", "\\/").encode()
    taping.add("GET", "/api/v1/Contact/18", text)

    write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(), taping.contract)

    with mockso.serve(scenarios=[str(tmp_path / "r.yaml")]) as mock, mock.world() as world:
        world.strict = "off"
        for path in ("Contact/17", "Contact/18"):
            made = world.client().get(path).json()
            assert made["Link"] == f"{world.address.removesuffix('/v1')}/v1/Contact/17"
            origin = mock.address
            assert unquote(made["Login"]) == f"{origin}/login?back={origin}/{world.tenant}/api"
            assert made["Other"] == said["Other"]


def test_equal_calls_with_equal_answers_are_one_step(taping, tmp_path):
    for _ in range(3):
        taping.add("GET", "/api/v1/Contact/17", {"ContactId": 17})
        taping.add("GET", "/api/v1/Contact/18", {"ContactId": 18})

    assert write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(), taping.contract) == 2


def test_a_recording_made_again_keeps_order_description_and_age(taping, tmp_path):
    file = tmp_path / "r.yaml"
    taping.add("GET", "/api/v1/Contact/17", {"ContactId": 17})
    taping.add("GET", "/api/v1/Contact/18", {"ContactId": 18})
    write_recording(file, taping.tape, Pseudonyms(), taping.contract)
    file.write_text(
        file.read_text()
        .replace("Recorded from real calls.", "My words.")
        .replace("steps:", 'max_age: "90 days"\nsteps:', 1)
    )
    before = file.read_text()

    write_recording(file, taping.tape[::-1], Pseudonyms(), taping.contract)

    assert file.read_text() == before


def test_bytes_lie_beside_the_file_and_go_with_their_step(taping, tmp_path):
    file = tmp_path / "r.yaml"
    taping.add("GET", "/api/v1/Document/3/Content", bytes(range(256)) * 10, media="application/octet-stream")
    write_recording(file, taping.tape, Pseudonyms(), taping.contract)

    (beside,) = (tmp_path / "r.files").iterdir()
    assert beside.read_bytes() == bytes(range(256)) * 10
    taping.tape.clear()
    taping.add("GET", "/api/v1/Contact/18", {"ContactId": 18})
    write_recording(file, taping.tape, Pseudonyms(), taping.contract)
    assert not (tmp_path / "r.files").exists()


WRITER = """
import sys
from pathlib import Path
sys.path.insert(0, {root!r})
from mockso.contract.catalogue import Contract
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.write import write_recording
from tests.recording.taping import Taping
taping = Taping(Contract.open())
for number in range(30):
    taping.add("GET", f"/api/v1/Contact/{{number}}", {{"ContactId": number, "Name": "x" * 500}})
    taping.add("GET", f"/api/v1/Document/{{number}}/Content", bytes([number]) * 5000, media="application/octet-stream")
print("ready", flush=True)
round = 0
while True:
    round += 1
    taping.tape = taping.tape[7:] + taping.tape[:7]
    write_recording(Path(sys.argv[1]), taping.tape[round % 20:], Pseudonyms(), taping.contract)
    print(round, flush=True)
"""


def test_a_kill_at_any_moment_leaves_a_file_that_loads(tmp_path, pytestconfig):
    file = tmp_path / "r.yaml"
    chance = random.Random(5)
    code = WRITER.format(root=str(pytestconfig.rootpath))
    killed = 0

    while killed < 20:
        with subprocess.Popen([sys.executable, "-c", code, str(file)], stdout=subprocess.PIPE) as process:
            assert process.stdout is not None
            assert process.stdout.readline() == b"ready\n"
            if not file.exists():
                process.stdout.readline()
            # One process is not killed twenty times: a start costs most of a second.
            time.sleep(chance.uniform(0, 0.4))
            process.kill()
        killed += 1
        assert load_scenarios([str(file)], None)
