"""A PostgreSQL that is stopped, killed and made read-only under a mock: errors meanwhile, none after, nothing lost."""

import json
import threading
from collections import Counter

import psycopg
import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import StateError
from mockso.state.database import DatabaseLog
from tests.conftest import call


@pytest.fixture
def engine(cluster, monkeypatch):
    monkeypatch.setattr("mockso.storage.postgres.PAUSE", 0.0)  # else a look of the sender's begins one
    engine = Engine.open(Settings(state=cluster.url))
    yield engine
    engine.close()


def save(engine, name):
    content = json.dumps({"Name": name}).encode()
    return engine.handle(call("POST", "/api/v1/Contact", body=content))


def get(engine):
    return engine.handle(call("GET", "/api/v1/Contact/5"))


def names(engine):
    return Counter(row["Name"] for _, row in engine.tenants.of("Cust12345").store.rows.items("Contact"))


@pytest.mark.parametrize("mode", ["fast", "immediate"])
def test_a_restart_is_not_noticed_between_two_calls(cluster, engine, mode):
    assert save(engine, "before").status == 200
    entry = get(engine).header("X-Mockso-Call")

    cluster.stop(mode)
    cluster.start()

    assert get(engine).status == 200
    assert save(engine, "after").status == 200
    assert {"before", "after"} <= set(names(engine))
    # Of the journal the last moment may be lost when the server is killed.
    assert mode == "immediate" or engine.journal.get(entry) is not None


def test_calls_are_503_while_the_server_is_gone_and_answered_after(cluster, engine):
    assert get(engine).status == 200
    cluster.stop()

    replies = [get(engine), save(engine, "lost"), get(engine)]
    cluster.start()

    assert [reply.status for reply in replies] == [503] * 3
    assert all("cannot be used as a" in reply.header("X-Mockso-Reason") for reply in replies[1:])
    statuses = [get(engine).status]
    while statuses[-1] == 503 and len(statuses) < 100:  # the pause before another attempt
        threading.Event().wait(0.05)
        statuses.append(get(engine).status)
    assert statuses[-1] == 200
    assert "lost" not in names(engine)


def test_a_restart_under_load_loses_nothing_that_was_answered(cluster, engine):
    """Four threads save while the server is stopped and started twice."""
    answered, failed, over = [], [], threading.Event()

    def work(thread):
        number = 0
        while not over.is_set():
            number += 1
            name = f"{thread}-{number}"
            reply = save(engine, name)
            (answered if reply.status == 200 else failed).append((name, reply.status))
            if reply.status != 200:
                over.wait(0.05)

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for mode in ("fast", "immediate"):
        before = len(answered)
        while len(answered) < before + 20:
            over.wait(0.01)
        cluster.stop(mode)
        cluster.start()
    before = len(answered)
    while len(answered) < before + 20:
        over.wait(0.01)
    over.set()
    for thread in threads:
        thread.join()

    saved = names(engine)
    assert {status for _, status in failed} <= {503}
    assert [name for name, _ in answered if saved[name] != 1] == []
    assert not [name for name, count in saved.items() if count > 1 and "-" in name]
    assert get(engine).status == 200


def test_a_server_that_is_read_only_refuses_a_save_with_the_reason(cluster, engine):
    save(engine, "before")
    with psycopg.connect(cluster.url, autocommit=True) as connection:
        connection.execute("ALTER DATABASE postgres SET default_transaction_read_only = on")
    cluster.stop()
    cluster.start()

    reply = save(engine, "after")

    assert reply.status == 503
    assert "read-only" in reply.header("X-Mockso-Reason")


def test_who_is_alone_is_told_when_a_restart_ends_that(cluster):
    log = DatabaseLog(cluster.url)
    log.reset("Cust1")

    def look_after_a_restart():
        with log.alone("Cust1"):
            cluster.stop("immediate")
            cluster.start()
            log.head("Cust1")  # would be answered by a new connection, which has no lock

    with pytest.raises(StateError):
        look_after_a_restart()

    assert log.head("Cust1") > (0, 0)
    log.close()
