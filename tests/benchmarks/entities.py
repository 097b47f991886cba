"""What living entities cost: reads, saves, lists, resets, memory, start. Prints medians of processor time.

python tests/benchmarks/entities.py [--rounds 30] [--contacts 100000]

On a busy machine read the ratio to the first line, the call mockso started from (42 us on a quiet one).
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from typing import Any

from call import SEED

from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.message import Headers, Query, Request
from mockso.state.rows import Draft, RowStore

TENANT = "Cust12345"
QUIET_US = 42.0
API = "/api/v1/"
START = """
import time
from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.message import Headers, Query, Request
engine = Engine.open(Settings(world={world!r}))
headers = Headers([("Authorization", "Bearer 8A:Cust1.abc")])
path = "/api/v1/Contact/17"
request = Request("Cust1", "GET", path, Query([]), headers, b"", "http://h/Cust1/api", "/Cust1" + path, 1.7e9)
assert engine.handle(request).status == 200
print(time.process_time())
"""


def request(method: str, path: str, body: object = None) -> Request:
    """A call below /api/v1; a text is sent as it is."""
    path = API + path
    lines = [("Authorization", f"Bearer 8A:{TENANT}.abc"), ("Accept", "application/json")]
    content = b""
    if body is not None:
        lines.append(("Content-Type", "application/json"))
        content = (body if isinstance(body, str) else json.dumps(body)).encode()
    target = f"/{TENANT}{path}"
    return Request(
        TENANT,
        method,
        path,
        Query([]),
        Headers(lines),
        content,
        f"http://127.0.0.1/{TENANT}/api",
        target,
        1.7e9,
    )


def cost_us(action: Callable[[], object], times: int = 20) -> float:
    """The processor time of one action, in microseconds."""
    began = time.process_time()
    for _ in range(times):
        action()
    return (time.process_time() - began) / times * 1e6


def median_us(action: Callable[[], object], rounds: int) -> float:
    """The median of so many costs."""
    return statistics.median(cost_us(action) for _ in range(rounds))


def memory_mb() -> float:
    """The most memory this process had so far."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def fill(store: RowStore, count: int) -> None:
    """Save so many contacts as a client's POST leaves them, a thousand a commit."""
    for start in range(0, count, 1000):

        def verb(draft: Draft, start: int = start) -> None:
            for number in range(start, min(start + 1000, count)):
                draft.put(
                    "Contact",
                    100_000 + number,
                    {
                        **{
                            "Name": f"Company {number}",
                            "Department": f"Oslo {number % 50}",
                            "Number2": str(number),
                        },
                        **{"Associate": 1, "Country": 578, "Category": 1, "Business": 1},
                        "Phones": [{"Value": f"+47 {number:08}"}],
                        "Emails": [{"Value": f"post@company{number}.example"}],
                        "Address": {
                            "Street": {"Address1": f"Street {number}", "City": "Oslo", "Zipcode": "0150"}
                        },
                        **{
                            "CreatedDate": "2026-01-05T08:00:00",
                            "CreatedBy": 1,
                            "UpdatedDate": "2026-01-05T08:00:00",
                        },
                        "$created": str(number),
                    },
                )

        store.change(verb)


def start_ms(world: str, rounds: int) -> float:
    """The processor time of a process from its start to its first answer, its modules compiled before."""
    costs = []
    with tempfile.TemporaryDirectory() as folder:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"}
        for _ in range(rounds + 1):
            ran = subprocess.run(
                [sys.executable, "-c", START.format(world=world)],
                env={**environment, "PYTHONPYCACHEPREFIX": folder},
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            costs.append(float(ran.stdout) * 1000)
    return statistics.median(costs[1:])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=30)
    parser.add_argument("--contacts", type=int, default=100_000)
    options = parser.parse_args()
    rounds = options.rounds
    engine = Engine.open(Settings(world="closed", grants=("User",)))
    engine.answerers = list(engine.answerers)  # so that no call is known from before (answer/repeats.py)
    try:
        slowness = _calls(engine, rounds) / QUIET_US
        _tenants(engine, rounds)
        _memory(engine, options.contacts)
    finally:
        engine.close()
    without, living = start_ms("open", 7), start_ms("closed", 7)
    _line("start to first answer, open world", without, "ms")
    _line("start to first answer, closed world", living, "ms", without + 10 * slowness)


def _calls(engine: Engine, rounds: int) -> float:
    """Measure calls, and return the cost of the first, in microseconds."""

    def answer(call: Request) -> Callable[[], object]:
        assert engine.handle(call).status in (200, 204), call.path
        return lambda: engine.handle(call)

    def body_of(call: Request) -> Any:
        reply = engine.handle(call)
        assert isinstance(reply.body, bytes)
        return json.loads(reply.body)

    body = {
        **{"Name": "Acme AS", "Emails": [{"Value": "a@b.no"}]},
        **{"Category": {"Id": 1}, "Country": {"CountryId": 578}},
    }
    save = request("POST", "Contact", body)
    alone, crowded = body_of(save)["ContactId"], body_of(save)["ContactId"]
    for number in range(100):
        person = {"Firstname": "Ada", "Lastname": f"Moe {number}", "Contact": {"ContactId": crowded}}
        engine.handle(request("POST", "Person", person))
    persons = request("POST", "Agents/Contact/GetPersons", {"ContactId": crowded})
    assert len(body_of(persons)) == 100
    # The load of a machine comes and goes: all are measured in turn, and each against the first of its turn.
    actions = {
        "the call mockso started from": (answer(request("POST", SEED.path.removeprefix(API), SEED.body)), 0),
        "GET Contact": (answer(request("GET", f"Contact/{alone}")), 180),
        "GET Contact with three persons": (answer(request("GET", "Contact/17")), 180),
        "POST Contact": (answer(save), 250),
        "100 persons by parent": (answer(persons), 3000),
    }
    turns = [[cost_us(action) for action, _ in actions.values()] for _ in range(rounds)]
    for place, (name, (_, goal)) in enumerate(actions.items()):
        cost = statistics.median(turn[place] for turn in turns)
        ratio = statistics.median(turn[place] / turn[0] for turn in turns)
        quiet = ratio * QUIET_US
        verdict = f"{quiet:,.0f} us on a quiet one, at most {goal:,}" if goal else ""
        mark = "" if not goal else "met: " if quiet <= goal else "MISSED: "
        _line(name, cost, "us", note=f"{ratio:.1f} times the first; {mark}{verdict}")
    return statistics.median(turn[0] for turn in turns)


def _tenants(engine: Engine, rounds: int) -> None:
    one, other = engine.tenants.of("One").store, engine.tenants.of("Other").store
    fill(one, 1000)
    snapshot = one.snapshot()

    def reset() -> float:
        one.restore(snapshot)
        began = time.process_time()
        one.reset()
        return time.process_time() - began

    _line("snapshot of 1,000 rows", median_us(one.snapshot, rounds), "us", 1000)
    _line("fork of 1,000 rows", median_us(lambda: other.restore(one.snapshot()), rounds), "us", 1000)
    _line("reset of 1,000 rows", statistics.median(reset() for _ in range(rounds)) * 1e6, "us", 1000)


def _memory(engine: Engine, count: int) -> None:
    before = memory_mb()
    fill(engine.tenants.of("Big").store, count)
    _line(f"memory of {count:,} contacts", memory_mb() - before, "MB", 250 * count / 100_000)


def _line(name: str, figure: float, unit: str, goal: float | None = None, note: str = "") -> None:
    verdict = "" if goal is None else f"{'met' if figure <= goal else 'MISSED'}: at most {goal:,.0f} {unit}"
    print(f"{name:38}{figure:10,.1f} {unit}   {'; '.join(filter(None, (verdict, note)))}", flush=True)


if __name__ == "__main__":
    main()
