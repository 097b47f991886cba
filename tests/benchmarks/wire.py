"""What the forms of the wire cost beside plain JSON: python tests/benchmarks/wire.py [--rounds N].

Calls of each kind take turns, so that a busy machine slows them alike; printed are medians and their ratios to the
same call in JSON without zone. Ends with 1 if a goal is not met: XML 4 times JSON, a zone 1.2 times.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from collections.abc import Mapping, Sequence

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.engine import Engine
from mockso.exchange.message import Headers, Query, Request
from mockso.journal.journal import Journal

PLAIN = "JSON"
KINDS: Mapping[str, Sequence[tuple[str, str]]] = {
    PLAIN: (),
    "XML": (("Accept", "application/xml"),),
    "zone": (("SO-TimeZone", "NO"),),
    "zone with offsets": (("SO-TimeZone", "NO, includeTZOffset"),),
    "language": (("Accept-Language", "nb"),),
}
GOALS = {"XML": 4.0, "zone": 1.2, "zone with offsets": 1.2}
ENTITIES = ("Contact", "Appointment", "Person", "Sale", "Document")
HOST = "http://localhost/Cust12345/api"


def request(entity: str, key: int, headers: Sequence[tuple[str, str]]) -> Request:
    """A read of one entity."""
    path = f"/api/v1/{entity}/{key}"
    lines = [("Authorization", "Bearer 8A:Cust12345.abc"), *headers]
    return Request(
        "Cust12345", "GET", path, Query(()), Headers(lines), b"", HOST, f"/Cust12345{path}", 1.77e9
    )


def measured(engine: Engine, entity: str, rounds: int) -> dict[str, float]:
    """The median seconds of a call of each kind."""
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    kinds = list(KINDS.items())
    for turn in range(-20, rounds):  # the first turns are for imports and caches
        # Each kind comes behind each other one equally often: what follows a call pays for its garbage.
        order = [*kinds[turn % len(kinds) :], *kinds[: turn % len(kinds)]][:: -1 if turn % 2 else 1]
        for kind, headers in order:
            # Another id each time: nothing that is kept from an earlier answer must decide.
            call = request(entity, turn + 100, headers)
            started = time.perf_counter()
            reply = engine.handle(call)
            spent = time.perf_counter() - started
            assert reply.status == 200, reply
            if turn >= 0:
                took[kind].append(spent)
    return {kind: statistics.median(times) for kind, times in took.items()}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a goal is not met."""
    parser = argparse.ArgumentParser(description="Measure the forms of the wire.", allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=500, help="calls of each kind and entity (500)")
    rounds = parser.parse_args(arguments).rounds
    engine = Engine(Settings(), [Contract.open()], Journal())
    medians = {entity: measured(engine, entity, rounds) for entity in ENTITIES}
    print(f"{'us a call':<14}" + "".join(f"{kind:>20}" for kind in KINDS))
    for entity, found in medians.items():
        cells = [f"{found[kind] * 1e6:.0f} ({found[kind] / found[PLAIN]:.2f})" for kind in KINDS]
        print(f"{entity:<14}" + "".join(f"{cell:>20}" for cell in cells))
    met = True
    for kind, goal in GOALS.items():
        ratio = statistics.median(found[kind] / found[PLAIN] for found in medians.values())
        met = met and ratio <= goal
        print(f"{kind}: {ratio:.2f} times JSON, goal {goal}: {'met' if ratio <= goal else 'NOT met'}")
    return 0 if met else 1


if __name__ == "__main__":
    sys.exit(main())
