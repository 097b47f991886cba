"""A PostgreSQL that is restarted under four workers and many clients: 503 meanwhile, none after, nothing lost."""

import random
import sys
import threading
import time
from collections import Counter

import pytest

from mockso.state.database import DatabaseLog
from mockso.storage.postgres import PAUSE
from tests.cluster import cluster as cluster  # a fixture
from tests.web.commands import running
from tests.web.fleet import CONTACT, Client, wait_until, workers_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are looked for in /proc")

REASONS = ("cannot be used as a", "Is the database still there?")


@pytest.fixture
def extent(request):
    """Clients, restarts."""
    return (64, 8) if request.config.getoption("--full") else (16, 2)


def test_a_restart_under_four_workers_is_503_meanwhile_and_loses_nothing(cluster, extent):
    clients, restarts = extent
    answered, refused, over = {}, [], threading.Event()
    up = [0.0]  # when the server was there again; infinite while it is not

    def work(number):
        client, chance, turn = Client(url), random.Random(number), 0
        while not over.is_set():
            turn += 1
            if chance.random() < 0.2:
                client.close()
            name = f"{number}-{turn}"
            begin = time.monotonic()
            status, body = client.call("POST", CONTACT, {"Name": name, "Department": name})
            if status == 200:
                answered[name] = body["ContactId"]
                continue
            refused.append((name, status, body, client.reason, begin - up[0]))
            over.wait(0.02)
        client.close()

    with running("serve", "--workers", 4, "--state", cluster.url, seconds=600) as mock:
        url = mock.url
        workers = workers_of(mock.process.pid)
        threads = [threading.Thread(target=work, args=(number,)) for number in range(clients)]
        for thread in threads:
            thread.start()
        for turn in range(restarts):
            _answer_more(answered, 100)
            up[0] = float("inf")
            cluster.stop("immediate" if turn % 2 else "fast")
            failures = len(refused)
            wait_until(lambda failures=failures: len(refused) > failures)
            cluster.start()
            up[0] = time.monotonic()
            _answer_more(answered, 100)
            time.sleep(PAUSE)
        over.set()
        for thread in threads:
            thread.join()
        probe = Client(url)
        for name, id in answered.items():
            status, contact = probe.call("GET", f"{CONTACT}/{id}")
            assert (status, contact["Name"], contact["Department"]) == (200, name, name)
        probe.close()
        assert workers_of(mock.process.pid) == workers

    assert "Traceback" not in mock.error
    assert mock.error.count("calls are answered 503") <= 4 * restarts
    assert {status for _, status, *_ in refused} == {503}
    assert {tuple(body) for _, _, body, *_ in refused} == {("Message",)}
    assert [reason for *_, reason, _ in refused if not any(words in reason for words in REASONS)] == []
    # Whoever tried to connect a moment before tries again after a pause.
    assert [late for *_, late in refused if late > PAUSE + 0.25] == []
    assert len(set(answered.values())) == len(answered)
    saved = _saved_by_name(cluster)
    assert set(answered) <= set(saved)
    assert set(saved) <= {*answered, *(name for name, *_ in refused)}
    assert set(saved.values()) == {1}


def _answer_more(answered, count):
    before = len(answered)
    wait_until(lambda: len(answered) >= before + count)


def _saved_by_name(cluster):
    """The names of the companies in the database, and how many have each; all are whole."""
    log = DatabaseLog(cluster.url)
    rows = [row.value for row in log.since("Cust12345", 0) if row.kind == "Contact" and row.value]
    log.close()
    assert all(row["Name"] == row["Department"] for row in rows)
    return Counter(row["Name"] for row in rows)
