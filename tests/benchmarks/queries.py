"""What queries cost: parsing, 30, 10,000 and 100,000 companies filtered, sorted and paged, the columns' memory.

python tests/benchmarks/queries.py [--rounds 15]

Medians of processor time; each figure is also given as it would be on a quiet machine, where the call mockso
started from costs 42 us.
"""

from __future__ import annotations

import argparse
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

from call import SEED
from entities import QUIET_US, cost_us, fill, request

from mockso.archive.query import parse_filter
from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.message import Headers, Query, Request

FILTER = "name begins 'Company 1' and associate/fullName contains 'aas' or contactId in (100005, 100007)"
COLUMNS = """
import sys, time, tracemalloc
from mockso.contract.catalogue import Contract
from mockso.archive.columns import open_shipped, provider_of
from mockso.archive.providers import provider_names
contract = Contract.open()
names = [*contract.operations()] and [one.archive for one in contract.operations() if one.archive]
tracemalloc.start()
began = time.process_time()
open_shipped()
opened = time.process_time() - began
for name in provider_names(contract):
    if not name.startswith("$"):
        list(provider_of(name, contract).columns)
print(opened * 1000, tracemalloc.get_traced_memory()[0] / 1e6)
"""


def query(tenant: str, **options: str) -> Request:
    """A query of companies."""
    one = request("GET", "Contact")
    pairs = [(f"${name}", value) for name, value in options.items()]
    token = Headers([("Authorization", f"Bearer 8A:{tenant}.abc"), ("Accept", "application/json")])
    return replace(one, tenant=tenant, query=Query(pairs), headers=token)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    engine = Engine.open(Settings(world="closed", grants=("User",)))
    seed = request("POST", SEED.path.removeprefix("/api/v1/"), SEED.body)
    for tenant, count in (("Ten", 10_000), ("Hundred", 100_000)):
        fill(engine.tenants.of(tenant).store, count)
    page = {"select": "contactId,name,associateId,category", "orderby": "name desc", "top": "20"}
    actions: list[tuple[str, Callable[[], object], int, float]] = [
        ("the call mockso started from", lambda: engine.handle(seed), 50, 0),
        ("parse a filter", lambda: parse_filter.__wrapped__(FILTER), 50, 40),
        ("30 companies", ask(engine, query("Few", filter=FILTER, **page)), 10, 500),
        ("10,000 companies", ask(engine, query("Ten", filter="name contains '7'", **page)), 1, 15_000),
        ("100,000 companies", ask(engine, query("Hundred", filter="name contains '7'", **page)), 1, 150_000),
        ("one of 100,000 by its id", ask(engine, query("Hundred", filter="contactId eq 100005")), 10, 500),
    ]
    turns = [[cost_us(action, times) for _, action, times, _ in actions] for _ in range(rounds)]
    for place, (name, _, _, goal) in enumerate(actions):
        cost = statistics.median(turn[place] for turn in turns)
        quiet = statistics.median(turn[place] / turn[0] for turn in turns) * QUIET_US
        verdict = f"{'met' if quiet <= goal else 'MISSED'}: at most {goal:,.0f} us" if goal else ""
        print(f"{name:32}{cost:12,.1f} us {quiet:12,.1f} us on a quiet machine   {verdict}", flush=True)
    engine.close()
    opened, memory = subprocess.run(
        [sys.executable, "-c", COLUMNS], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    print(
        f"columns opened in {float(opened):.1f} ms (at most 10), all read {float(memory):.1f} MB (at most 8)"
    )


def ask(engine: Engine, call: Request) -> Callable[[], object]:
    """A function that asks once more; the first answer is looked at."""
    reply = engine.handle(call)
    assert reply.status == 200, reply.body
    return lambda: engine.handle(call)


if __name__ == "__main__":
    main()
