"""The headers that say where a body ends are the server's, unless a step says `fault: framing`."""

from __future__ import annotations

import pytest

from mockso.errors import ScenarioError
from mockso.exchange.message import Reply
from mockso.scenario.check import Checker
from mockso.scenario.load import ScenarioFilesError, read_scenario
from mockso.scenario.scenario import Step
from tests.making import documented, get, normal


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
