"""The file: whole or not there, readable, and read back as what it was."""

from __future__ import annotations

import json
import subprocess
import sys
from urllib.parse import unquote

import pytest

import mockso
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.request import CommentedValue
from mockso.recording.write import to_yaml, write_recording
from mockso.scenario.yaml import read_yaml
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
    assert to_yaml({"a": CommentedValue("b", "why")}) == "a: b  # why\n"


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
import os, random, signal, sys
from pathlib import Path
sys.path.insert(0, {root!r})
from mockso.contract.catalogue import Contract
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.write import write_recording
from mockso.scenario.library import load_scenarios
from tests.recording.taping import Taping

contract = Contract.open()
file = Path(sys.argv[1])

def write(round):
    # Other bodies each time: those that are there already are not written again.
    taping = Taping(contract)
    for number in range(3):
        taping.add("GET", f"/api/v1/Contact/{{number}}", {{"ContactId": number, "Name": "x" * 500}})
        data = bytes([number, round]) * 2500
        taping.add("GET", f"/api/v1/Document/{{number}}/Content", data, media="application/octet-stream")
    write_recording(file, taping.tape, Pseudonyms(), contract)

def die():
    os.kill(os.getpid(), signal.SIGKILL)

def killed(prepare, round):
    child = os.fork()
    if not child:
        prepare()
        try:
            write(round)
        finally:
            os._exit(0)
    _, status = os.waitpid(child, 0)
    (scenario,) = load_scenarios([str(file)], None)
    for beside in file.parent.glob("r.files/*"):
        assert beside.stat().st_size == 5000 or beside.name.startswith("."), beside
    return os.WIFSIGNALED(status)

def at_step(number):
    # The n-th time that the disk is asked for something, or just after.
    count = 0
    def counted(real, after):
        def call(*arguments, **options):
            nonlocal count
            count += 1
            if count == number and not after:
                die()
            made = real(*arguments, **options)
            if count == number:
                die()
            return made
        return call
    for name in ("fsync", "replace", "chmod", "fdopen", "unlink"):
        setattr(os, name, counted(getattr(os, name), number % 2))

def tracing(on_event):
    def trace(*_):
        on_event()
        return trace
    sys.settrace(trace)

def at_a_moment(moment):
    # Counted in lines of Python, not in seconds: any machine is as fast.
    passed = iter(range(moment))
    tracing(lambda: next(passed, None) is None and die())

write(0)
steps = sum(killed(lambda: at_step(number), number) for number in range(1, 21))
events = []
tracing(lambda: events.append(1))
write(21)
sys.settrace(None)
chance = random.Random(5)
moments = sum(killed(lambda: at_a_moment(chance.randrange(len(events))), number) for number in range(22, 42))
print(steps, moments)
"""


def test_a_kill_at_any_moment_of_writing_leaves_a_file_that_loads(tmp_path, pytestconfig):
    """Twenty kills at the first twenty things that are asked of the disk, twenty at random moments of the writing."""
    code = WRITER.format(root=str(pytestconfig.rootpath))

    done = subprocess.run(
        [sys.executable, "-c", code, str(tmp_path / "r.yaml")],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )

    assert done.stderr == ""
    steps, moments = map(int, done.stdout.split())
    assert (steps, moments) == (20, 20)
