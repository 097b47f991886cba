"""A server's answer held against the contract: only warnings, with places below "reply"."""

import pytest

from mockso.contract.model import NOTHING
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.judge.reply import judge_reply
from tests.conftest import call
from tests.judge.verdicts import judge_by

JSON = "application/json; charset=utf-8"


def violations(engine, body, status=200, media=JSON, **parts):
    request = call(**parts)
    reply = Reply(status, body, (("Content-Type", media),) if body else ())
    answered = Call(request, engine.find(request), judge_by(engine, request), reply)
    return [(v.rule.id, v.severity, v.where) for v in judge_reply(answered)]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b'{"Name":"Acme"}', []),
        (b'{"Persons":[{"PersonId":"x"}]}', [("body-type", "warning", "reply body.Persons[0].PersonId")]),
        (b'{"Nmae":"Acme"}', [("unknown-property", "warning", "reply body.Nmae")]),
        (b'{"Name":', [("broken-json", "warning", "reply body")]),
        (NOTHING, [("reply-body", "warning", "reply body")]),
    ],
)
def test_the_body_of_an_answer(engine, body, expected):
    assert violations(engine, body) == expected


def test_a_status_that_is_not_documented(engine):
    assert violations(engine, b"{}", 299) == [("reply-status", "warning", "reply status")]


@pytest.mark.parametrize("status", [304, 404, 500])
def test_errors_are_documented_for_all_operations(engine, status):
    assert violations(engine, b"", status) == []


def test_an_answer_in_another_format_is_not_read(engine):
    assert violations(engine, b"<html>", media="text/html") == []


def test_an_unknown_address_promises_nothing(engine):
    assert violations(engine, b"{}", path="/api/v1/Nothing") == []
