"""What sharing a state costs: processor of a read and a save over memory, SQLite and PostgreSQL, and calls a second.

python tests/benchmarks/workers.py [--postgres URL] [--seconds 5] [--workers 1,2,4] [--peers FOLDER] [--corpus FOLDER]

The first table is of one process, without a socket: medians of many short turns, each of all states, so that what else
the machine does counts little. The second is of `mockso serve --workers` under wrk, where the load takes a part of the same cores: the
processor that workers and database took for a call says more than the calls a second. WireMock gives the same replies,
which it has as stubs, Prism examples of its own; `sh tests/benchmarks/peers.sh FOLDER` installs them.
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
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager, suppress
from pathlib import Path
from statistics import median
from typing import Any, NamedTuple

sys.path.insert(0, str(Path(__file__).parents[2]))

from call import SEED, status_of
from process import environment, free_port
from tools import Missing, Place, prism, wiremock

from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.message import Request
from tests.conftest import call

PATH, COMPANY = "/api/v1/Contact", {"Name": "Acme AS"}
ROUNDS, READS, SAVES = 31, 100, 40
FULL = 2_600  # reads that fill a journal, so that what it drops counts too
WARM = 5  # seconds of load before WireMock and Prism are measured, twice; their compilers need them
TENANTS = 8
READ_GOAL, SAVE_GOAL = 1.6, 4.0


class Costs(NamedTuple):
    """What a call costs a process: microseconds of processor, and how many times what it costs over memory."""

    read: float
    save: float
    times_read: float
    times_save: float


def processor(engine: Engine, request: Request, count: int, look: bool = False) -> float:
    """The processor time of one call, in microseconds, over so many; with a look at the journal at their end."""
    began = time.process_time()
    for _ in range(count):
        engine.handle(request)
    if look:
        engine.journal.count()
    return 1e6 * (time.process_time() - began) / count


def requests_in(tenant: str) -> tuple[Request, Request]:
    """A read and a save of a company in a tenant."""
    who: dict[str, Any] = {"tenant": tenant, "authorization": f"Bearer 8A:{tenant}.me"}
    return call("GET", f"{PATH}/5", **who), call("POST", PATH, body=json.dumps(COMPANY).encode(), **who)


def costs(places: Sequence[tuple[str, str]]) -> list[Costs]:
    """What a read and a save of a company cost over each state with its journal; the first is the base of all.

    The journal of the second is looked at, so that it has made its rows as one in a database has.
    """
    medians, times = [], []
    with ExitStack() as stack:
        engines = [
            stack.enter_context(closing(Engine.open(Settings(state=state, journal=journal))))
            for state, journal in places
        ]
        for engine in engines:
            engine.answerers = list(
                engine.answerers
            )  # so that no call is known from before (answer/repeats.py)
        # A tenant each: two of the same database would take over each other's saves.
        calls = [requests_in(f"Cust{31_000 + number}") for number in range(len(places))]
        for verb, count in ((0, READS), (1, SAVES)):
            runs = [
                (engine, calls[number][verb], count, number == 1) for number, engine in enumerate(engines)
            ]
            for number, (engine, request, *_) in enumerate(runs):
                assert engine.handle(request).status == 200
                processor(engine, calls[number][0], FULL)
                processor(engine, request, count)
            turns = [[processor(*run) for run in runs] for _ in range(ROUNDS)]
            medians.append([median(column) for column in zip(*turns, strict=True)])
            ratios = [[took / turn[0] for took in turn] for turn in turns]
            times.append([median(column) for column in zip(*ratios, strict=True)])
    return [Costs(*row) for row in zip(*medians, *times, strict=True)]


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


def load(url: str, verb: str, seconds: int, *, tenants: int = 1, prefix: str = "/Cust1") -> tuple[float, int]:
    """Calls a second by wrk in so many tenants, and how many they were."""
    script = str(Path(__file__).with_name("tenants.lua"))
    path, body = f"{prefix}{PATH}", json.dumps(COMPANY)
    call = ["GET", f"{path}/5", ""] if verb == "read" else ["POST", path, body]
    headers = ["Authorization: Bearer 8A:Cust1.me", "Content-Type: application/json"]
    command = ["wrk", "-t1", "-c16", f"-d{seconds}s", "-s", script, url, "--", *call, str(tenants), *headers]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    seen = json.loads(next(line for line in done.stdout.splitlines() if line.startswith("{")))
    assert not seen["refused"] + seen["broken"], seen
    return seen["calls"] / seen["seconds"], seen["calls"]


def reply_to(verb: str) -> tuple[int, str]:
    """Status and body that mockso gives to a call, for a peer that has canned replies only."""
    engine = Engine.open(Settings())
    body = json.dumps(COMPANY).encode()
    read, save = call("GET", f"{PATH}/5"), call("POST", PATH, body=body)
    try:
        reply = engine.handle(read if verb == "read" else save)
        assert isinstance(reply.body, bytes)
        return reply.status, reply.body.decode()
    finally:
        engine.close()


def stubs() -> list[dict[str, Any]]:
    """The two calls as stubs of WireMock, whose replies are of the same bytes as mockso's."""
    kind = {"Content-Type": "application/json"}
    requests = (("read", "GET", f"/Cust30001{PATH}/5"), ("save", "POST", f"/Cust30001{PATH}"))
    return [
        {
            "request": {"method": method, "url": url, "headers": {"Authorization": {"matches": "Bearer .*"}}},
            "response": dict(zip(("status", "body"), reply_to(verb), strict=True)) | {"headers": kind},
        }
        for verb, method, url in requests
    ]


@contextmanager
def peer(command: Sequence[str], port: int, log: Path) -> Iterator[tuple[str, int]]:
    """A server that is no mockso: its address and the id of its process."""
    with (
        log.open("wb") as output,
        subprocess.Popen(command, stdout=output, stderr=output, env=environment()) as process,
    ):
        try:
            end = time.monotonic() + 60
            while status_of(SEED, port) == 0:
                assert time.monotonic() < end, log.read_text()
                assert process.poll() is None, log.read_text()
                time.sleep(0.1)
            yield f"http://127.0.0.1:{port}", process.pid
        finally:
            process.send_signal(signal.SIGTERM)


def peers(place: Place, seconds: int) -> Iterator[str]:
    """Lines of the table for WireMock and Prism, which answer by threads and by one loop of one process."""
    makes: list[tuple[str, str, str, Callable[[int], list[str]]]] = [
        ("WireMock", verb, "/Cust1", lambda port: wiremock(place, port, stubs())) for verb in ("read", "save")
    ]
    makes.append(("Prism", "read", "", lambda port: prism(place, port, f"{PATH}/{{id}}")))
    makes.append(("Prism", "save", "", lambda port: prism(place, port, PATH)))
    for name, verb, prefix, make in makes:
        port = free_port()
        try:
            command = make(port)
        except Missing as missing:
            yield f"  {name:<11}left out: {missing}"
            continue
        with peer(command, port, place.scratch / f"{name}.log") as (url, process):
            load(url, verb, 2 * WARM, prefix=prefix)
            before = ticks(process)
            rate, calls = load(url, verb, seconds, prefix=prefix)
            ours = 1e6 * (ticks(process) - before) / calls
        yield f"  {name:<11}1 process  1 tenant  {verb} {rate:6.0f}/s  {ours:5.0f}"


def print_costs(states: Sequence[tuple[str, str]]) -> bool:
    """Print the first table. True if the goals are met."""
    met = True
    places = [("memory", "in memory", "memory", ""), ("memory", "looked at", "memory", "")]
    for name, state in states[1:]:
        for words, journal in (("in memory", "memory:"), ("there too", "")):
            place = f"{state}-{'memory' if journal else 'own'}.db" if name == "SQLite" else state
            places.append((name, words, place, journal))
    for (name, words, *_), cost in zip(places, costs([place[2:] for place in places]), strict=True):
        print(
            f"  {name:<11}journal {words:<10} read {cost.read:6.0f} ({cost.times_read:.2f})"
            f"   save {cost.save:6.0f} ({cost.times_save:.2f})",
            flush=True,
        )
        if name == "PostgreSQL":
            met = met and cost.times_read <= READ_GOAL and cost.times_save <= SAVE_GOAL
    return met


def print_rates(name: str, state: str, counts: Sequence[int], seconds: int) -> None:
    """Print the lines of the second table for a state, with so many workers each."""
    for count in counts:
        if state == "memory" and count > 1:
            continue
        place = f"{state}{count}.db" if name == "SQLite" else state
        for verb, tenants in (("read", 1), ("save", 1), ("save", TENANTS)):
            with serving(place, count) as (url, processes):
                load(url, verb, 1, tenants=tenants)
                others = backends(state) if name == "PostgreSQL" else []
                before = sum(map(ticks, processes)), sum(map(ticks, others))
                rate, calls = load(url, verb, seconds, tenants=tenants)
                after = sum(map(ticks, processes)), sum(map(ticks, others))
            ours, theirs = (1e6 * (b - a) / calls for a, b in zip(before, after, strict=True))
            print(
                f"  {name:<11}{count} worker{'s' * (count > 1):<2} {tenants} tenant{'s' * (tenants > 1):<2}"
                f"{verb} {rate:6.0f}/s  {ours:5.0f} + {theirs:4.0f}",
                flush=True,
            )


def main() -> int:
    parser = argparse.ArgumentParser(description="Measure a shared state.")
    parser.add_argument("--postgres", default=os.environ.get("TEST_POSTGRES", ""))
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument(
        "--workers", default="1,2,4", help="how many, of each line; empty: the first table only"
    )
    parser.add_argument("--peers", default=os.environ.get("MOCKSO_PEERS", "peers"))
    corpus = Path(__file__).parents[3] / "shared" / "corpus" / "swagger"
    parser.add_argument("--corpus", default=os.environ.get("MOCKSO_CORPUS", str(corpus)))
    asked = parser.parse_args()
    counts = [int(count) for count in asked.workers.split(",") if count]
    print(f"load now {os.getloadavg()[0]:.1f}\n\nprocessor of one call, microseconds (times memory)")
    with tempfile.TemporaryDirectory(prefix="mockso-workers-") as folder:
        states = [("memory", "memory"), ("SQLite", f"{folder}/state")]
        if asked.postgres:
            states.append(("PostgreSQL", asked.postgres))
        met = print_costs(states)
        if counts:
            print("\ncalls a second; processor of workers and of the database for a call, microseconds")
            for name, state in states:
                print_rates(name, state, counts, asked.seconds)
            for line in peers(Place(Path(asked.peers), Path(asked.corpus), Path(folder)), asked.seconds):
                print(line, flush=True)
    print(f"\ngoals, read {READ_GOAL} and save {SAVE_GOAL} times memory: {'met' if met else 'not met'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
