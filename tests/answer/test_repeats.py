"""Calls that come again get what they got before, until anything it depends on is another."""

import json
from dataclasses import replace

import pytest

import mockso.engine
from mockso.config import Settings
from mockso.contract.examples import Examples
from mockso.engine import Engine
from mockso.exchange.message import Headers, Query, Request
from mockso.journal.journal import Journal
from tests.web.test_every_operation import NAMES, text_of

AT = 1_770_000_000.0
SEED = "Agents/User/SaveUntrustedCredentials"


def request(
    method="GET",
    path="Contact/17",
    body=None,
    *,
    at=AT,
    query=(),
    tenant="Cust1",
    token="Bearer 8A:Cust1.x",
    headers=(),
):
    data = b"" if body is None else json.dumps(body).encode()
    lines = [("Authorization", token), ("Content-Type", "application/json"), *headers]
    address = f"/api/v1/{path}"
    return Request(
        tenant,
        method,
        address,
        Query(query),
        Headers(lines),
        data,
        f"http://here/{tenant}/api",
        address,
        at,
    )


@pytest.fixture
def engine(shipped):
    engine = Engine(Settings(grants=("*",), world="closed"), [shipped], Journal())
    yield engine
    engine.close()


@pytest.fixture
def judged(monkeypatch):
    """The calls that were judged."""
    seen = []
    judge = mockso.engine.judge

    def count(request, lookup, view):
        seen.append(request.path)
        return judge(request, lookup, view)

    monkeypatch.setattr(mockso.engine, "judge", count)
    return seen


def again(engine, call, times=4):
    """The replies to a call that comes several times."""
    return [engine.handle(replace(call, at=call.at + number)) for number in range(times)]


def plain(reply):
    """A reply without the id of its call."""
    return replace(reply, headers=tuple(pair for pair in reply.headers if pair[0] != "X-Mockso-Call"))


@pytest.mark.parametrize(
    "call",
    [
        request("POST", SEED, {"Type": "x", "Credentials": None}),
        request(),
        request("GET", "Contact/abc"),
        request("GET", "Contact", query=(("$filter", "name begins 'B'"),)),
        request("POST", "Agents/Contact/GetContactEntity", {"ContactEntityId": 17}),
    ],
    ids=["example", "row", "refusal", "query", "agent"],
)
def test_a_call_is_judged_twice_and_then_known(engine, judged, call):
    replies = again(engine, call, 5)

    assert len(judged) == 2
    assert len({reply.header("X-Mockso-Call") for reply in replies}) == 5
    assert {plain(reply) for reply in replies} == {plain(replies[0])}
    assert len(replies[0].headers) == len(replies[4].headers)


def test_each_has_its_entry_in_the_journal(engine):
    call = request("POST", SEED, {"Type": "x", "Credentials": None})

    replies = again(engine, call)

    entries = engine.journal.find(order="oldest")
    assert [entry["id"] for entry in entries] == [reply.header("X-Mockso-Call") for reply in replies]
    assert len({entry["at"] for entry in entries}) == 4
    apart = ("id", "at", "epoch", "took")
    assert (
        len(
            {json.dumps({k: v for k, v in one.items() if k not in apart and k != "reply"}) for one in entries}
        )
        == 1
    )


@pytest.mark.parametrize("change", ["method", "path", "query", "header", "body", "tenant"])
def test_another_call_is_judged(engine, judged, change):
    again(engine, request("GET", "Contact/17", {"a": 1}))
    others = {
        "method": request("DELETE", "Contact/17", {"a": 1}),
        "path": request("GET", "Contact/18", {"a": 1}),
        "query": request("GET", "Contact/17", {"a": 1}, query=(("$select", "Name"),)),
        "header": request("GET", "Contact/17", {"a": 1}, headers=[("Accept", "application/xml")]),
        "body": request("GET", "Contact/17", {"a": 2}),
        "tenant": request("GET", "Contact/17", {"a": 1}, tenant="Cust2"),
    }
    judged.clear()

    engine.handle(others[change])

    assert len(judged) == 1


def test_a_saved_row_is_read_back(engine):
    before = again(engine, request())[-1]
    engine.handle(request("PATCH", "Contact/17", {"Department": "North"}))

    after = engine.handle(request())

    assert json.loads(before.body)["Department"] != "North"
    assert json.loads(after.body)["Department"] == "North"


def test_a_save_is_never_repeated(engine, judged):
    replies = again(engine, request("POST", "Contact", {"Name": "Acme"}))

    assert len({json.loads(reply.body)["ContactId"] for reply in replies}) == 4
    assert len(judged) == 4


@pytest.mark.parametrize(
    ("change", "status"),
    [
        (lambda state: state.credentials.expire("8A:Cust1.x"), 401),
        (lambda state: state.credentials.expire_all(), 204),
        (lambda state: state.revoke(), 403),
        (lambda state: setattr(state, "status", "Suspended"), 403),
    ],
    ids=["token", "other tokens", "grants", "status"],
)
def test_what_is_steered_counts_at_once(engine, change, status):
    call = request("POST", SEED, {"Type": "x", "Credentials": None})
    assert {reply.status for reply in again(engine, call)} == {204}

    change(engine.tenants.of("Cust1"))

    assert engine.handle(call).status == status


def test_a_scenario_answers_from_the_moment_it_is_played(engine):
    again(engine, request())
    text = "name: s\nsteps:\n- match: {path: /api/v1/Contact/17}\n  reply: {status: 429}\n"
    engine.tenants.of("Cust1").play(engine.playlist.library.read_text(text, "body"))

    assert [reply.status for reply in again(engine, request())] == [429] * 4
    engine.tenants.of("Cust1").stop("s")
    assert engine.handle(request()).status == 200


def test_what_depends_on_the_hour_is_asked_each_time(engine, judged):
    call = request("GET", "Appointment", query=(("$filter", "date thisWeek"),))

    again(engine, call)

    assert len(judged) == 4


def test_a_token_that_ends_ends_between_two_calls(engine):
    state = engine.tenants.of("Cust1")
    state.credentials.issue("8A:Cust1.short", AT + 2.5)

    replies = again(engine, request(token="Bearer 8A:Cust1.short"))

    assert [reply.status for reply in replies] == [200, 200, 200, 401]


def test_calls_of_a_test_s_world_are_all_looked_at(engine, judged):
    engine.tenants.of("Cust1").on_answered = lambda call: None

    again(engine, request())

    assert len(judged) == 4


def test_a_tenant_that_was_dropped_is_another(engine, judged):
    again(engine, request())
    engine.tenants.drop("Cust1")
    judged.clear()

    engine.handle(request())

    assert len(judged) == 1


def test_a_change_that_fails_is_as_good_as_one(engine):
    store = engine.tenants.of("Cust1").store
    before = store.version

    with pytest.raises(ZeroDivisionError):
        store.change(lambda draft: 1 / 0)

    assert store.version is not before


def test_an_answer_that_was_on_its_way_during_a_change_is_not_kept(engine, judged, monkeypatch):
    again(engine, request(), 1)
    finish = mockso.engine.finish_reply

    def change_and_finish(answer, call, view, *, explain):
        view.state.store.change(lambda draft: draft.put("Contact", 17, {"Name": "Other"}))
        return finish(answer, call, view, explain=explain)

    with monkeypatch.context() as patch:
        patch.setattr(mockso.engine, "finish_reply", change_and_finish)
        engine.handle(request())

    assert json.loads(engine.handle(request()).body)["Name"] == "Other"


def test_every_operation_gives_the_same_whether_or_not_it_is_known(shipped, sweep):
    """The sweep takes a sample, --full all 3,438: each call thrice, days apart, beside an engine that knows none."""
    settings = Settings(grants=("*",), world="open", webhook_probe=False)
    known, fresh = (Engine(settings, [shipped], Journal()) for _ in range(2))
    fresh.answerers = list(fresh.answerers)  # others than its own: it may not rely on what they said
    examples, count = Examples(shipped), 0
    for operation in list(shipped.operations())[::sweep]:
        path, query = operation.path, []
        for parameter in operation.parameters:
            text = NAMES.get(parameter.name) or text_of(parameter.type)
            if parameter.location == "path":
                path = path.replace(f"{{{parameter.name}}}", text)
            elif parameter.location == "query" and parameter.required:
                query.append((parameter.name, text))
        kind = operation.body
        value = {} if kind and kind.kind == "patch" else examples.of(kind) if kind else None
        if isinstance(value, bytes):
            continue
        call = request(operation.method, path.removeprefix("/api/v1/"), value, query=query)
        for day in range(3):
            call = replace(call, at=AT + day * 90_000)
            got, right = known.handle(call), fresh.handle(call)
            assert plain(got) == plain(right), operation.id
        count += 1
    assert count >= 200
    known.close()
    fresh.close()


def test_a_change_by_another_during_the_trial_does_not_keep_a_call_from_being_known(
    engine, judged, monkeypatch
):
    again(engine, request(), 1)
    finish = mockso.engine.finish_reply
    with monkeypatch.context() as patch:

        def change_and_finish(answer, call, view, *, explain):
            view.state.store.change(lambda draft: None)
            return finish(answer, call, view, explain=explain)

        patch.setattr(mockso.engine, "finish_reply", change_and_finish)
        engine.handle(request())
    judged.clear()

    again(engine, request())

    assert len(judged) == 1


def test_a_call_that_is_known_anew_takes_the_place_of_none(engine, judged, monkeypatch):
    monkeypatch.setattr("mockso.answer.repeats.ANSWERS", 2)
    other = request(tenant="Cust2", token="Bearer 8A:Cust2.x")
    again(engine, other, 2)
    again(engine, request(), 2)
    engine.handle(request("PATCH", "Contact/17", {"Department": "North"}))
    again(engine, request(), 2)
    judged.clear()

    engine.handle(other)

    assert judged == []


class Unhashed(bytes):
    """A body that is not to be compared with others."""

    def __hash__(self):
        raise AssertionError("it was looked up")


def test_a_long_body_is_not_looked_up(engine):
    call = request("POST", SEED, {"Type": "x" * 5_000, "Credentials": None})

    assert engine.handle(replace(call, body=Unhashed(call.body))).status == 204
