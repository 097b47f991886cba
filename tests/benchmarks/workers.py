"""What sharing a state costs: processor of a read and a save over memory, SQLite and PostgreSQL, and calls a second.

python tests/benchmarks/workers.py [--postgres URL] [--seconds 5] [--workers 1,2,4]

The first table is of one process, without a socket; the lowest of many short runs, so that what else the machine does
counts little. The second is of `mockso serve --workers` under wrk, where the load takes a part of the same cores: the
processor that workers and database took for a call says more than the calls a second.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from process import environment, free_port

from mockso.config import Settings
from mockso.engine import Engine
from tests.conftest import call

AUTHORIZATION = "Authorization: Bearer 8A:Cust12345.me"
PATH = "/Cust12345/api/v1/Contact"
ROUNDS, CALLS = 300, 10
READ_GOAL, SAVE_GOAL = 1.6, 4.0


def lowest(work: Callable[[], object]) -> float:
    """The processor time of one action, in microseconds."""
    for _ in range(100):
        work()
    best = float("inf")
    for _ in range(ROUNDS):
        began = time.process_time()
        for _ in range(CALLS):
            work()
        best = min(best, (time.process_time() - began) / CALLS)
    return best * 1e6


def costs(state: str, journal: str) -> tuple[float, float]:
    """What a read and a save of a company cost a process."""
    engine = Engine.open(Settings(state=state, journal=journal))
    read = call("GET", "/api/v1/Contact/5")
    save = call("POST", "/api/v1/Contact", body=b'{"Name": "Acme AS"}')
    try:
        assert engine.handle(read).status == engine.handle(save).status == 200
        return lowest(lambda: engine.handle(read)), lowest(lambda: engine.handle(save))
    finally:
        engine.close()


def ticks(process: int) -> float:
    """The processor seconds of a process."""
    with suppress(OSError):
        fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return 0.0


def backends(url: str) -> list[int]:
    """The processes of a PostgreSQL on this machine that serve somebody, and those that write for it."""
    import psycopg

    with psycopg.connect(url) as connection:
        rows = connection.execute("SELECT pid FROM pg_stat_activity WHERE pid <> pg_backend_pid()")
        return [pid for (pid,) in rows]


@contextmanager
def serving(state: str, workers: int) -> Iterator[tuple[str, list[int]]]:
    """A mock of so many processes: its address and their ids."""
    command = [sys.executable, "-m", "mockso.cli", "serve", "--quiet", "--port", str(free_port())]
    command += ["--state", state] if state != "memory" else []
    command += ["--workers", str(workers)] if workers > 1 else []
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment()) as process:
        try:
            assert process.stdout is not None
            url = process.stdout.readline().rpartition(" ")[2].strip()
            children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
            yield url, [process.pid, *map(int, children)]
        finally:
            process.send_signal(signal.SIGTERM)


def load(url: str, verb: str, seconds: int) -> tuple[float, int]:
    """Calls a second by wrk, and how many they were."""
    script = Path(__file__).with_name("load.lua")
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s"]
    if verb == "read":
        lua = 'done = function(s) print(string.format("{\\"calls\\": %d, \\"seconds\\": %.6f, \\"refused\\": %d}", '
        lua += "s.requests, s.duration / 1e6, s.errors.status)) end"
        with tempfile.NamedTemporaryFile("w", suffix=".lua", delete=False) as file:
            file.write(lua)
        command += ["-s", file.name, "-H", AUTHORIZATION, f"{url}{PATH}/5"]
    else:
        command += ["-s", str(script), url, "--", PATH, '{"Name": "Acme AS"}', "0", AUTHORIZATION]
        command += ["Content-Type: application/json"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seen = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    assert not seen["refused"], seen
    return seen["calls"] / seen["seconds"], seen["calls"]


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure a shared state.")
    parser.add_argument("--postgres", default=os.environ.get("TEST_POSTGRES", ""))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--workers", default="1,2,4")
    asked = parser.parse_args()
    print(f"load now {os.getloadavg()[0]:.1f}\n\nprocessor of one call, microseconds (times memory)")
    met = True
    with tempfile.TemporaryDirectory(prefix="mockso-workers-") as folder:
        places = [("memory", "memory"), ("SQLite", f"{folder}/cost.db")]
        if asked.postgres:
            places.append(("PostgreSQL", asked.postgres))
        base = costs("memory", "")
        for name, state in places:
            for where in ("memory:", "") if state != "memory" else ("",):
                read, save = costs(state, where)
                journal = "in memory" if where or state == "memory" else "there too"
                print(
                    f"  {name:<11}journal {journal:<10} read {read:6.0f} ({read / base[0]:.2f})"
                    f"   save {save:6.0f} ({save / base[1]:.2f})",
                    flush=True,
                )
                if name == "PostgreSQL":
                    met = met and read / base[0] <= READ_GOAL and save / base[1] <= SAVE_GOAL
        print("\ncalls a second; processor of workers and of the database for a call, microseconds")
        for name, state in places:
            for count in map(int, asked.workers.split(",")):
                if state == "memory" and count > 1:
                    continue
                place = f"{folder}/{name}{count}.db" if name == "SQLite" else state
                for verb in ("read", "save"):
                    with serving(place, count) as (url, processes):
                        load(url, verb, 1)
                        others = backends(state) if name == "PostgreSQL" else []
                        before = sum(map(ticks, processes)), sum(map(ticks, others))
                        rate, calls = load(url, verb, asked.seconds)
                        after = sum(map(ticks, processes)), sum(map(ticks, others))
                    ours, theirs = (1e6 * (b - a) / calls for a, b in zip(before, after, strict=True))
                    print(
                        f"  {name:<11}{count} worker{'s' * (count > 1):<2} {verb} {rate:6.0f}/s"
                        f"  {ours:5.0f} + {theirs:4.0f}",
                        flush=True,
                    )
    print(f"\ngoals, read {READ_GOAL} and save {SAVE_GOAL} times memory: {'met' if met else 'not met'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
