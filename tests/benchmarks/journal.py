"""What a million calls cost the journal: memory before and after its bound, and a filtered query.

python tests/benchmarks/journal.py [--calls 1000000] [--store FILE]
"""

from __future__ import annotations

import argparse
import time
from dataclasses import replace

from timing import median_ms

from mockso.contract.catalogue import Contract
from mockso.exchange.call import Call, Verdict
from mockso.exchange.message import Headers, Query, Reply, Request
from mockso.journal.journal import Journal

BODY = b'{"ContactId":17,"Name":"Acme AS","Department":"Oslo","UpdatedDate":"2026-01-01T12:00:00"}'


def call(contract: Contract, number: int) -> Call:
    """One of a hundred operations' calls, one in fifty refused."""
    path = f"/api/v1/Contact/{number % 1000}"
    request = Request(
        f"Cust{number % 5}",
        "GET",
        path,
        Query(),
        Headers([("Authorization", "Bearer 8A:Cust12345.abc"), ("Accept", "application/json")]),
        b"",
        "http://127.0.0.1:8585/Cust12345/api",
        path,
        1_767_225_600.0 + number / 1000,
    )
    reply = Reply(404 if number % 50 == 0 else 200, BODY, (("Content-Type", "application/json"),))
    return Call(request, contract.find("GET", path), Verdict(), reply)


def resident_mb() -> float:
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * 4096 / 1e6


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=1_000_000)
    parser.add_argument("--store", default="", metavar="FILE", help="a file instead of memory")
    arguments = parser.parse_args()
    contract = Contract.open()
    journal = Journal(arguments.store)
    calls = [call(contract, number) for number in range(1000)]
    print(f"empty: {resident_mb():.0f} MB")
    began = time.perf_counter()
    for number in range(arguments.calls):
        made = calls[number % 1000]
        journal.add(replace(made, id=journal.arrive(made.request)))
        if number + 1 in (10_000, 20_000) or (number + 1) % (arguments.calls // 5) == 0:
            print(f"after {number + 1:>9,} calls: {resident_mb():.0f} MB, {journal.count():,} kept")
    each = (time.perf_counter() - began) / arguments.calls * 1e6
    print(f"a call: {each:.0f} microseconds")
    print(f"dropped: {journal.count_dropped():,}")
    for name, wanted in {
        "status and operation": {"status": "404", "operation": "*Contact*"},
        "tenant and verdict": {"tenant": "Cust3", "verdict": "clean"},
        "text that is rare": {"text": "/api/v1/Contact/950"},
        "text that is nowhere": {"text": "nowhere to be found"},
    }.items():
        first = median_ms(lambda wanted=wanted: journal.find(limit=100, **wanted), 1)  # type: ignore[misc]
        page = median_ms(lambda wanted=wanted: journal.find(limit=100, **wanted), 15)  # type: ignore[misc]
        count = median_ms(lambda wanted=wanted: journal.count(**wanted), 15)  # type: ignore[misc]
        print(f"{name}: a page {page:.1f} ms (the first time {first:.1f}), the count {count:.1f} ms")
    journal.close()


if __name__ == "__main__":
    main()
