"""`mockso serve --workers N`: several processes, one address, one mock."""

import json
import os
import signal
import subprocess
import sys
import urllib.request

import pytest

from tests.web.commands import run, running
from tests.web.fleet import CONTACT, Client, is_alive, kill, wait_until, workers_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="workers are looked for in /proc")

LIMITED = """
name: limited
steps:
  - match: {path: "/api/v1/Contact/*"}
    times: 3
    reply: {status: 418}
"""


@pytest.fixture
def state(tmp_path):
    return ("--state", str(tmp_path / "mock.db"))


def admin(mock, path):
    with urllib.request.urlopen(f"{mock.url}/__mockso/{path}", timeout=20) as reply:
        return json.load(reply)


def test_workers_answer_as_one_mock_and_its_journal_has_all_calls(state):
    with running("serve", "--workers", 3, *state) as mock:
        client = Client(mock.url)
        assert len(workers_of(mock.process.pid)) == 3
        ids = [client.fresh("POST", CONTACT, {"Name": f"n{number}"})[1]["ContactId"] for number in range(12)]
        for number, id in enumerate(ids):
            assert client.fresh("GET", f"{CONTACT}/{id}")[1]["Name"] == f"n{number}"
        count = admin(mock, "requests/count")["count"]

    assert len(set(ids)) == 12
    assert count == 24
    assert (mock.status, mock.out, mock.error) == (0, "", "")


def test_all_workers_use_a_scenario_and_one_counter(state, tmp_path):
    (tmp_path / "limited.yaml").write_text(LIMITED)
    with running("serve", "--workers", 2, *state, "--scenario", tmp_path / "limited.yaml") as mock:
        client = Client(mock.url)
        statuses = [client.fresh("GET", f"{CONTACT}/5")[0] for _ in range(12)]

    assert statuses == [418] * 3 + [200] * 9


def test_a_file_that_changes_is_read_by_one_and_played_by_all(state, tmp_path):
    path = tmp_path / "limited.yaml"
    path.write_text(LIMITED.replace("    times: 3\n", ""))
    with running("serve", "--workers", 2, *state, "--scenario", path, "--watch") as mock:
        client = Client(mock.url)
        assert client.fresh("GET", f"{CONTACT}/5")[0] == 418
        path.write_text(LIMITED.replace("    times: 3\n", "").replace("418", "410"))
        wait_until(lambda: client.fresh("GET", f"{CONTACT}/5")[0] == 410)
        statuses = {client.fresh("GET", f"{CONTACT}/5")[0] for _ in range(8)}

    assert statuses == {410}
    assert mock.error.count("reloaded") == 1


def test_a_worker_that_dies_is_started_again(state):
    with running("serve", "--workers", 2, *state) as mock:
        first, second = workers_of(mock.process.pid)
        kill(first)
        wait_until(lambda: len(set(workers_of(mock.process.pid)) - {first}) == 2)
        client = Client(mock.url)
        wait_until(lambda: client.fresh("GET", f"{CONTACT}/5")[0] == 200)
        assert second in workers_of(mock.process.pid)

    assert mock.error == "mockso: worker 1 ended (signal 9); it is started again.\n"
    assert mock.status == 0


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_to_the_parent_ends_all(state, end):
    with running("serve", "--workers", 3, *state, end=end) as mock:
        workers = workers_of(mock.process.pid)

    assert not any(is_alive(worker) for worker in workers)
    assert (mock.status, mock.error) == (0, "")


def test_a_ctrl_c_reaches_all_at_once_and_ends_in_silence(state):
    with running("serve", "--workers", 2, *state) as mock:
        os.killpg(mock.process.pid, signal.SIGINT)
        mock.process.wait(20)

    assert (mock.status, mock.error) == (0, "")


def test_workers_end_when_their_parent_is_killed(state):
    with running("serve", "--workers", 2, *state, end=signal.SIGKILL) as mock:
        workers = workers_of(mock.process.pid)

    wait_until(lambda: not any(is_alive(worker) for worker in workers))


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "with the state in memory, each process would be a mock of its own. Add --state FILE.db"),
        (("--state", "mock.db", "--journal", "memory:"), "a journal in memory would have the calls of one"),
        (("--state", "mock.db", "--play", "x.yaml"), "recordings are played by one process"),
    ],
)
def test_what_several_processes_cannot_do_as_one_is_refused_with_the_reason(tmp_path, arguments, words):
    (tmp_path / "x.yaml").write_text(LIMITED)

    ended = run("serve", "--workers", "2", *arguments, "--port", "0", cwd=tmp_path)

    assert ended.returncode == 2
    assert words in ended.stderr
    assert ended.stderr.count("\n") == 1


@pytest.mark.parametrize("count", ["0", "-1", "x", "65", "1e3"])
def test_a_number_of_workers_is_1_to_64(count):
    ended = run("serve", f"--workers={count}")

    assert ended.returncode == 2
    assert "give 1 to 64" in ended.stderr


def test_a_port_that_another_mock_has_is_refused(state):
    with running("serve", "--workers", 2, *state) as mock:
        ended = run("serve", "--workers", "2", *state, "--port", mock.url.rpartition(":")[2])

    assert ended.returncode == 2
    assert "Is another mockso running?" in ended.stderr


def test_other_data_is_refused_once(state):
    with running("serve", *state) as mock:
        Client(mock.url).fresh("GET", f"{CONTACT}/5")

    ended = run("serve", "--workers", "2", *state, "--port", "0", "--data", "none")

    assert ended.returncode == 2
    assert ended.stderr.count("was begun with other data") == 1


def test_a_second_server_over_the_same_file_is_the_same_mock(state):
    with running("serve", *state) as one, running("serve", "--workers", 2, *state) as other:
        id = Client(one.url).fresh("POST", CONTACT, {"Name": "Acme"})[1]["ContactId"]

        assert Client(other.url).fresh("GET", f"{CONTACT}/{id}")[1]["Name"] == "Acme"


def test_no_worker_is_left_when_the_first_cannot_start(state, tmp_path):
    code = (
        "import os, sys\n"
        "from mockso.web.workers import Listener, Workers\n"
        "def work(number, listener, life):\n"
        "    if number == 1:\n"
        "        return 7\n"
        "    life.tell_ready(); life.wait(); return 0\n"
        "workers = Workers(3, Listener('127.0.0.1', 0), work)\n"
        "print(workers.start())\n"
        "sys.exit(len(workers._numbers) and not all(not os.path.exists(f'/proc/{n}') for n in workers._numbers))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=False
    )

    assert (ended.returncode, ended.stdout) == (0, "7\n")
