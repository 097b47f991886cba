"""Deliveries of several processes over one database: each sent once, or again after the lease of one that died."""

import json

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.webhooks import deliveries
from tests.conftest import call

TARGET = """
name: target
steps:
  - match: {webhook: "contact.created"}
    reply: {status: 200}
"""


@pytest.fixture
def start(tmp_path):
    """A function that starts one more process of the mock; a step answers in the target's place."""
    (tmp_path / "target.yaml").write_text(TARGET)
    engines = []

    def start(**settings):
        options = {
            "state": str(tmp_path / "state.db"),
            "grants": ("Webhook",),
            "scenarios": (str(tmp_path / "target.yaml"),),
            "webhook_wait_factor": 0.0,
            **settings,
        }
        engines.append(Engine.open(Settings(**options), **({"clock": clock.time} if clock.times else {})))
        return engines[-1]

    clock = start.clock = Clock()
    yield start
    for engine in engines:
        engine.close()


class Clock:
    """The time of all processes, once a test has set it."""

    def __init__(self):
        self.times = []

    def set(self, at):
        self.times.append(at)

    def time(self):
        return self.times[-1]


def post(engine, path, **members):
    reply = engine.handle(call("POST", path, body=json.dumps(members).encode()))
    assert reply.status in (200, 201), reply.header("X-Mockso-Reason")
    return json.loads(reply.body)


def register(engine):
    return post(
        engine,
        "/api/v1/Webhook",
        Name="mine",
        Events=["contact.created"],
        TargetUrl="http://127.0.0.1:9/x",
        Secret="s",
    )


def sent(engine):
    return [entry["request"]["headers"] for entry in engine.journal.find(direction="out", order="oldest")]


def event_ids(engine):
    return [headers["X-SuperOffice-EventId"] for headers in sent(engine)]


def test_an_event_is_delivered_once_whichever_process_saves(start):
    one, other = start(), start()
    register(one)

    for engine in (one, other, one, other):
        post(engine, "/api/v1/Contact", Name="Acme")
    assert one.webhooks.flush(20)
    assert other.webhooks.flush(20)

    ids = event_ids(one)
    assert (len(ids), len(set(ids))) == (4, 4)
    assert one.webhooks.pending() == other.webhooks.pending() == 0


def test_a_delivery_is_committed_with_the_change_it_is_about(start, monkeypatch):
    engine = start()
    register(engine)
    monkeypatch.setattr(engine._shared_sender, "_claim", lambda: None)
    kinds, commit = [], engine._log.commit

    def watch(tenant, generation, sequence, changes):
        changes = tuple(changes)
        kinds.append({change.kind for change in changes})
        return commit(tenant, generation, sequence, changes)

    monkeypatch.setattr(engine._log, "commit", watch)
    post(engine, "/api/v1/Contact", Name="Acme")

    assert [each for each in kinds if "Contact" in each and "delivery" in each] == kinds[:1]


def test_a_restarted_process_sends_what_was_left(start, monkeypatch):
    first = start()
    register(first)
    monkeypatch.setattr(first._shared_sender, "_claim", lambda: None)
    post(first, "/api/v1/Contact", Name="Acme")
    assert first.webhooks.pending() == 1
    first.close()

    again = start()

    assert again.webhooks.flush(20)
    assert len(sent(again)) == 1


def test_a_delivery_of_a_dead_process_is_sent_after_its_lease_with_the_same_id(start, monkeypatch):
    start.clock.set(1_000_000.0)
    dead = start(webhook_lease=60.0)
    register(dead)
    monkeypatch.setattr(dead._shared_sender, "_claim", lambda: None)
    post(dead, "/api/v1/Contact", Name="Acme")
    store = dead.tenants.of("Cust12345").store
    ((key, row),) = store.rows.items("delivery")
    assert deliveries.claim(store, key, "dead", 1_000_000.0, 1_000_060.0) is not None
    assert deliveries.claim(store, key, "other", 1_000_059.0, 1_000_119.0) is None
    dead.close()
    monkeypatch.undo()

    other = start()
    start.clock.set(1_000_059.0)
    other._shared_sender.wake()
    assert not other.webhooks.flush(0.2)
    assert sent(other) == []

    start.clock.set(1_000_061.0)
    other._shared_sender.wake()
    assert other.webhooks.flush(20)
    assert event_ids(other) == [row["event"]["id"]]


def test_a_failing_target_is_tried_three_times_over_all_processes(start, tmp_path):
    one, other = start(scenarios=()), start(scenarios=())
    scenario = one.playlist.library.read_text(TARGET.replace("200", "500"), "body")
    one.playlist.play(scenario)
    register(one)

    post(other, "/api/v1/Contact", Name="Acme")
    assert one.webhooks.flush(20)

    assert [headers["X-SuperOffice-Retry"] for headers in sent(one)] == ["0", "1", "2"]
    assert len(set(event_ids(one))) == 1
    hook = other.tenants.of("Cust12345").webhooks.all()[0]
    assert (hook["TotalCalls"], hook["TotalErrors"], hook["ConsecutiveErrors"]) == (3, 3, 1)


def test_a_signal_is_delivered_once(start):
    one, _ = start(), start()
    register(one)

    _, takers = one.webhooks.signal(one.tenants.of("Cust12345"), "contact.created", 5)

    assert takers == 1
    assert one.webhooks.flush(20)
    assert len(sent(one)) == 1


def test_a_dropped_tenants_deliveries_are_not_sent(start, monkeypatch):
    engine = start()
    register(engine)
    monkeypatch.setattr(engine._shared_sender, "_claim", lambda: None)
    post(engine, "/api/v1/Contact", Name="Acme")

    engine.tenants.drop("Cust12345")

    assert engine.webhooks.pending() == 0
