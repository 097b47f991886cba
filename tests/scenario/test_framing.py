"""The headers that say where a body ends are the server's, unless a step says `fault: framing`."""

from __future__ import annotations

import pytest

from mockso.errors import ScenarioError
from mockso.exchange.message import Reply
from mockso.scenario.check import Checker
from mockso.scenario.load import ScenarioFilesError, read_scenario
from mockso.scenario.scenario import Step
from tests.making import call, documented, get, normal


def faults_of(step: str) -> str:
    try:
        read_scenario(f"name: x\nsteps:\n- {step}\n", "x.yaml", Checker(None))
    except ScenarioFilesError as error:
        return str(error)
    return ""


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("reply: {text: a, headers: {Transfer-Encoding: chunked}}", "say 'fault: framing'"),
        ("reply: {text: a, headers: {transfer-encoding: gzip}}", "say 'fault: framing'"),
        ("reply: {text: a, headers: {Content-Length: 5000}}", "the body has 1 bytes"),
        ("reply: {base64: aGVsbG8=, headers: {content-length: 4}}", "the body has 5 bytes"),
        ("reply: {body: {}, headers: {Content-Length: 2}}", "the server counts the body itself"),
        ("reply: {text: '{{ count }}', headers: {Content-Length: 2}}", "the server counts the body itself"),
        ("reply: {status: 204, headers: {Content-Length: 2}}", "the server counts the body itself"),
        ("reply: {text: hello, headers: {Content-Length: 7, content-length: 5}}", "a reply has one length"),
        ("reply: {text: hello, headers: {Content-Length: [5, 5]}}", "the body has 5 bytes"),
        ("{match: {method: HEAD}, reply: {status: 200, headers: {Content-Length: [5, 7]}}}", "one number"),
        ("{match: {method: HEAD}, reply: {status: 200, headers: {Content-Length: -5}}}", "one number"),
        ("fault: framing", "nothing is wrong with the framing"),
        ("{fault: framing, reply: {text: a}}", "nothing is wrong with the framing"),
    ],
)
def test_a_framing_header_is_refused_at_its_place(step, says):
    assert says in faults_of(step)
    assert faults_of(step).startswith("x.yaml:3")


@pytest.mark.parametrize(
    "step",
    [
        "reply: {text: hello, headers: {Content-Length: 5}}",
        "reply: {base64: aGVsbG8=, headers: {Content-Length: '5'}}",
        "{match: {method: HEAD}, reply: {status: 200, headers: {Content-Length: 5000}}}",
        "{fault: framing, reply: {text: a, headers: {Transfer-Encoding: chunked}}}",
        "{fault: framing, reply: {text: a, headers: {Content-Length: 3}}}",
    ],
)
def test_a_framing_header_that_is_right_or_wrong_on_purpose_is_taken(step):
    assert faults_of(step) == ""


def test_a_step_made_in_python_breaks_no_framing_either():
    step = Step(reply=Reply(200, b"x", headers=(("Transfer-Encoding", "chunked"),)), label="s#1")

    with pytest.raises(ScenarioError, match="say 'fault: framing'"):
        step.reply_to(get(), normal, documented)


@pytest.mark.parametrize(
    ("method", "status", "lengths", "kept"),
    [
        ("GET", 200, ["1", "9"], []),
        ("GET", 200, ["9"], []),
        ("GET", 200, ["1", "1"], []),
        ("GET", 304, ["9"], []),
        ("HEAD", 200, ["9"], ["9"]),
        ("HEAD", 200, ["1", "9"], []),
        ("HEAD", 200, ["1, 1"], []),
    ],
)
def test_a_step_made_in_python_leaves_lengths_to_the_server(method, status, lengths, kept):
    lines = tuple(zip(("Content-Length", "content-length"), lengths, strict=False))
    step = Step(reply=lambda call: Reply(status, b"x", headers=(*lines, ("X-A", "1"))))

    reply = step.reply_to(call(method, "/api/v1/Contact/17"), normal, documented)

    assert reply.headers == (*[("Content-Length", length) for length in kept], ("X-A", "1"))


@pytest.mark.parametrize("header", [("Transfer-Encoding", "chunked"), ("Content-Length", "9")])
def test_a_function_breaks_the_framing_on_purpose(header):
    step = Step(reply=lambda call: Reply(200, b"x", headers=(header,), fault="framing"))

    assert step.reply_to(get(), normal, documented).headers == (header,)


@pytest.mark.parametrize("name", ["Content-Length ", "X A", "X:A", "", "X-Ä€"])
def test_what_is_no_name_of_a_header_is_refused_when_it_is_to_be_sent(name):
    step = Step(reply=Reply(200, b"x", headers=((name, "1"),)), label="s#1")

    with pytest.raises(ScenarioError, match="is not a header's name"):
        step.reply_to(get(), normal, documented)
