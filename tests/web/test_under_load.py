"""Many threads at once: every count exact, the journal complete and in order, also after a kill -9."""

from __future__ import annotations

import http.client
import signal
import sqlite3
import threading
import time
from collections import Counter
from urllib.parse import urlsplit

import pytest

from mockso.journal.journal import Journal
from mockso.testing.mock import serve
from tests.web.test_serving import served

THREADS = 64
TIMES = {429: 100, 503: 250, 410: 1}
FILE = "name: counted\nsteps:\n" + "".join(
    f"  - match: {{operation: v1ContactEntity_GetContactEntity}}\n    times: {times}\n    reply: {{status: {status}}}\n"
    for status, times in TIMES.items()
)
SIGNED = {"Authorization": "Bearer 8A:Cust12345.abc"}


@pytest.fixture
def calls(request) -> int:
    """How many calls are made: 20,000 with --full."""
    return 20_000 if request.config.getoption("--full") else 2_560


def hammer(url: str, calls: int, until: threading.Event | None = None) -> list[tuple[int, str, int]]:
    """Status, call id and number of every call that was answered, made by 64 threads that keep their connections."""
    seen: list[tuple[int, str, int]] = []
    begin = threading.Barrier(THREADS)

    def run(number: int) -> None:
        connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        begin.wait()
        try:
            for turn in range(number, calls, THREADS):
                connection.request("GET", f"/Cust12345/api/v1/Contact/{turn + 1}", headers=SIGNED)
                answer = connection.getresponse()
                answer.read()
                seen.append((answer.status, answer.headers["X-Mockso-Call"], turn + 1))
        except (OSError, http.client.HTTPException):
            assert until is not None, "the server went away"
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return seen


def test_steps_answer_as_often_as_they_say_and_the_journal_has_every_call(tmp_path, calls):
    file = tmp_path / "counted.yaml"
    file.write_text(FILE)
    with serve(world="open", scenarios=[str(file)], journal_entries=calls, journal_bytes=1 << 30) as mock:
        seen = hammer(mock.url, calls)
        entries = mock.engine.journal.find(order="oldest")
        counters = mock.engine.tenants.of("Cust12345").scenarios.counters()

    counts = Counter(status for status, _, _ in seen)
    assert counts == {**TIMES, 200: calls - sum(TIMES.values())}
    assert [counter.uses for counter in counters] == list(TIMES.values())
    assert [int(entry["id"]) for entry in entries] == list(range(1, calls + 1))
    told = {(e["reply"]["status"], e["id"], int(e["request"]["path"].rpartition("/")[2])) for e in entries}
    assert told == set(seen)
    assert Counter(entry["step"] for entry in entries) == Counter(
        {"counted#1": 100, "counted#2": 250, "counted#3": 1, None: calls - 351}
    )


def test_times_run_out_in_order(tmp_path, calls):
    file = tmp_path / "counted.yaml"
    file.write_text(FILE)
    with serve(world="open", scenarios=[str(file)], journal_entries=calls, journal_bytes=1 << 30) as mock:
        hammer(mock.url, 640)
        entries = mock.engine.journal.find(order="oldest")

    # Calls are counted when they are compared, a moment after they got their ids: 64 may overlap.
    for status, first in ((503, 100), (410, 350), (200, 351)):
        position = next(n for n, e in enumerate(entries) if e["reply"]["status"] == status)
        assert first - THREADS <= position <= first + THREADS


def test_a_killed_server_leaves_every_answered_call_in_the_file(tmp_path, calls):
    scenario, file = tmp_path / "counted.yaml", tmp_path / "journal.db"
    scenario.write_text(FILE)
    dead = threading.Event()
    bounds = ("--set", "journal_entries=1000000", "--set", "journal_bytes=1000000000")
    with served(
        "--quiet", "--world", "open", "--journal", str(file), "--scenario", str(scenario), *bounds
    ) as (process, url, _):

        def kill() -> None:
            end = time.monotonic() + 60
            while time.monotonic() < end and rows(file) < calls // 2:
                time.sleep(0.02)
            dead.set()
            process.send_signal(signal.SIGKILL)

        killer = threading.Thread(target=kill)
        killer.start()
        seen = hammer(url, calls, until=dead)
        killer.join()

    journal = Journal(str(file), entries=1_000_000, writing=False)
    entries = {entry["id"]: entry for entry in journal.find(order="oldest")}
    journal.close()
    # What was written and not yet sent when it was killed is at most one call a thread.
    assert calls // 2 - THREADS <= len(seen) < calls
    for status, id, number in seen:
        assert entries[id]["reply"]["status"] == status
        assert entries[id]["request"]["path"] == f"/api/v1/Contact/{number}"
    assert len(entries) - len(seen) <= THREADS
    counts = Counter(entry["reply"]["status"] for entry in entries.values())
    assert {status: counts[status] for status in TIMES} == TIMES


def rows(file) -> int:
    """How many calls are in a journal's file, read beside the server."""
    if not file.exists():
        return 0
    connection = sqlite3.connect(f"file:{file}?mode=ro", uri=True, timeout=5)
    try:
        return int(connection.execute("SELECT count(*) FROM calls").fetchone()[0])
    except sqlite3.OperationalError:  # not made yet
        return 0
    finally:
        connection.close()
