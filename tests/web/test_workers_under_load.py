"""Four workers and many clients: counts are exact, ids unique, each reads what it wrote; also while workers are killed.

By default a short run; with --full 20,000 calls, and 20 kills.
"""

import http.client
import os
import random
import sys
import threading
import time
from collections import Counter

import pytest

from mockso.state.database import DatabaseLog
from tests.web.commands import running
from tests.web.fleet import CONTACT, Client, kill, wait_until, workers_of
from tests.web.receiver import receiver

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are looked for in /proc")

POSTGRES = os.environ.get("TEST_POSTGRES", "")
BROKEN = (OSError, http.client.HTTPException)
LIMITED = """
name: limited
steps:
  - match: {path: "/api/v1/Project/*"}
    times: 100
    reply: {status: 418}
"""


@pytest.fixture
def extent(request):
    """Clients, calls of each, kills."""
    return (64, 313, 20) if request.config.getoption("--full") else (16, 20, 3)


@pytest.fixture(params=["sqlite", "postgres"])
def state(request, tmp_path):
    if request.param == "sqlite":
        yield str(tmp_path / "mock.db")
        return
    if not POSTGRES:
        pytest.skip("TEST_POSTGRES names no server")
    import psycopg

    schema = f"mockso_load_{os.getpid()}"
    with psycopg.connect(POSTGRES, autocommit=True) as connection:
        connection.execute(f"DROP SCHEMA IF EXISTS {schema} CASCADE; CREATE SCHEMA {schema}")
        yield f"{POSTGRES}?options=-csearch_path%3D{schema}"
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


def work_together(count, work):
    """Run a function in so many threads, by their numbers; the first failure of one is raised."""
    failures = []

    def run(number):
        try:
            work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(count)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_mixed_calls_of_many_clients_are_exact(state, tmp_path, extent):
    (tmp_path / "limited.yaml").write_text(LIMITED)
    clients, calls, _ = extent
    ids, statuses, total = [], Counter(), Counter()

    def work(number):
        """Save, read, change and delete; now and then from another connection, which leads to another worker."""
        client, chance = Client(url), random.Random(number)
        for turn in range(calls):
            if chance.random() < 0.3:
                client.close()
            verb = turn % 5
            if verb == 0:
                name = f"{number}-{turn}"
                status, contact = client.call("POST", CONTACT, {"Name": name})
                assert status == 200, contact
                mine = contact["ContactId"]
                ids.append(mine)
            elif verb in (1, 3):
                status, contact = client.call("GET", f"{CONTACT}/{mine}")
                assert (status, contact["Name"]) == (200, name), contact
            elif verb == 2:
                name = f"{name} changed"
                status, contact = client.call("PUT", f"{CONTACT}/{mine}", {**contact, "Name": name})
                assert status == 200, contact
            else:
                statuses[client.call("GET", "/Cust12345/api/v1/Project/2")[0]] += 1
            total[number] += 1
        client.close()

    with running(
        *("serve", "--workers", 4, "--state", state, "--scenario", tmp_path / "limited.yaml"),
        *("--set", "journal_entries=100000", "--set", "journal_bytes=999999999"),
        seconds=1200,
    ) as mock:
        url = mock.url
        work_together(clients, work)
        probe = Client(url)
        count = probe.fresh("GET", "/__mockso/requests/count")[1]["count"]
        while statuses[418] < 100:
            statuses[probe.fresh("GET", "/Cust12345/api/v1/Project/2")[0]] += 1
        last = probe.fresh("GET", "/Cust12345/api/v1/Project/2")[0]

    assert len(ids) == len(set(ids)) == clients * -(-calls // 5)
    assert count == sum(total.values()) == clients * calls
    assert (statuses[418], last) == (100, 200)
    assert mock.error == ""


def test_nothing_that_was_answered_is_lost_when_workers_are_killed(state, extent):
    """Clients save while workers are killed at random moments; a broken call may be saved or not, but whole."""
    clients, _, kills = extent
    answered, broken, over = {}, [], threading.Event()

    def work(number):
        client, turn = Client(url), 0
        while not over.is_set():
            turn += 1
            name = f"{number}-{turn}"
            try:
                status, contact = client.call("POST", CONTACT, {"Name": name, "Department": name})
            except BROKEN:
                broken.append(name)
                over.wait(0.01)
                continue
            assert status == 200, contact
            answered[name] = contact["ContactId"]
        client.close()

    def kill_some():
        chance = random.Random(15)
        for _ in range(kills):
            count = len(answered) + chance.randrange(5, 40)
            while len(answered) < count and not over.is_set():
                time.sleep(chance.uniform(0.0, 0.02))
            kill(chance.choice(workers_of(mock.process.pid)))
        over.set()

    with (
        receiver() as target,
        running(
            *("serve", "--workers", 4, "--state", state, "--grant", "Webhook"),
            *("--set", "webhook_lease=1", "--set", "webhook_timeout=1"),
            seconds=1200,
        ) as mock,
    ):
        url = mock.url
        Client(url).fresh(
            "POST",
            "/Cust12345/api/v1/Webhook",
            {"Name": "w", "Events": ["contact.created"], "TargetUrl": target.url, "Secret": "s"},
        )
        killer = threading.Thread(target=kill_some)
        killer.start()
        work_together(clients, work)
        killer.join()
        wait_until(lambda: len(workers_of(mock.process.pid)) == 4, 60)
        probe = Client(url)
        wait_until(lambda: _answers(probe), 60)
        for name, id in answered.items():
            status, contact = probe.call("GET", f"{CONTACT}/{id}")
            assert (status, contact["Name"], contact["Department"]) == (200, name, name)
        wait_until(lambda: probe.fresh("GET", "/__mockso/webhooks")[1]["queued"] == 0, 60)

    saved = Counter(_names_in(state))
    assert set(answered) <= set(saved)
    assert max(saved[name] for name in answered) == 1
    assert set(saved) <= {*answered, *broken}
    assert len(set(answered.values())) == len(answered)
    keys = {body["PrimaryKey"] for body in target.bodies}
    assert set(answered.values()) <= keys
    by_event = {body["EventId"]: body["PrimaryKey"] for body in target.bodies}
    assert len(by_event) == len(keys)  # one that came twice has the same id


def _answers(client):
    try:
        return client.fresh("GET", f"{CONTACT}/5")[0] == 200
    except BROKEN:
        return False


def _names_in(state):
    """The names of the companies in the database that were saved whole."""
    log = DatabaseLog(state)
    rows = [row.value for row in log.since("Cust12345", 0) if row.kind == "Contact" and row.value]
    log.close()
    assert all(row["Name"] == row["Department"] for row in rows if row.get("Department"))
    return [row["Name"] for row in rows if row.get("Department")]
