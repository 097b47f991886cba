"""How late one process hears of a call that another answered: an event stream and a wait, over SQLite and PostgreSQL.

python tests/benchmarks/hearing.py [--postgres URL] [--calls 200]

Two mocksos share a state. A client calls one and listens at the other, and at the same for comparison. The time is from
the end of the call's answer to the event, or to the answer of the wait.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import random
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from workers import serving

HEADERS = {"Authorization": "Bearer 8A:Cust12345.me", "Content-Type": "application/json"}


def connect(url: str) -> http.client.HTTPConnection:
    return http.client.HTTPConnection(url.removeprefix("http://"), timeout=60)


def call(client: http.client.HTTPConnection) -> tuple[str, float]:
    """Make a call: its id, and when it was answered."""
    client.request("GET", "/Cust12345/api/v1/Contact/5", headers=HEADERS)
    reply = client.getresponse()
    reply.read()
    return str(reply.headers["X-Mockso-Call"]), time.perf_counter()


def delays_of_events(caller: str, listener: str, calls: int) -> list[float]:
    """Seconds from answers at one address to their events at another."""
    heard: dict[str, float] = {}
    with closing(connect(listener)) as stream, closing(connect(caller)) as client:
        stream.request("GET", "/__mockso/events", headers=HEADERS)
        reply = stream.getresponse()
        reply.readline()  # it listens from now on

        def listen() -> None:
            name = ""
            while len(heard) < calls:
                line = reply.readline().decode().rstrip()
                field, _, value = line.partition(": ")
                if field == "event":
                    name = value
                elif field == "data" and name == "answered":
                    heard[str(json.loads(value)["id"])] = time.perf_counter()

        thread = threading.Thread(target=listen)
        thread.start()
        answered = []
        for _ in range(calls):
            pause()
            answered.append(call(client))
        thread.join()
    return [max(heard[id] - at, 0.0) for id, at in answered]


def delays_of_waits(caller: str, listener: str, calls: int) -> list[float]:
    """Seconds from answers at one address to the end of waits for them at another."""
    delays = []
    with closing(connect(listener)) as waiter, closing(connect(caller)) as client:
        for _ in range(calls):
            waiter.request("DELETE", "/__mockso/requests", headers=HEADERS)
            waiter.getresponse().read()
            waiter.request("POST", "/__mockso/requests/wait", '{"count": 1, "timeout": 20}', HEADERS)
            time.sleep(0.1)  # until it waits
            pause()
            _, at = call(client)
            reply = json.loads(waiter.getresponse().read())
            assert reply["met"], reply
            delays.append(max(time.perf_counter() - at, 0.0))
    return delays


def pause() -> None:
    """Wait for a moment of any length, so that no call keeps step with the looks."""
    time.sleep(random.uniform(0.0, 0.06))


def main() -> None:
    parser = argparse.ArgumentParser(description="Measure how late processes hear of each other's calls.")
    parser.add_argument("--postgres", default=os.environ.get("TEST_POSTGRES", ""))
    parser.add_argument("--calls", type=int, default=200)
    asked = parser.parse_args()
    print(f"load now {os.getloadavg()[0]:.1f}; milliseconds, median and the 99th of 100")
    with tempfile.TemporaryDirectory(prefix="mockso-hearing-") as folder:
        places = [("SQLite", f"{folder}/mock.db")]
        if asked.postgres:
            places.append(("PostgreSQL", asked.postgres))
        for name, state in places:
            with serving(state, 1) as (one, _), serving(state, 1) as (other, _):
                for what, measure in (("event", delays_of_events), ("wait", delays_of_waits)):
                    for who, listener in (("the same process", one), ("another", other)):
                        delays = sorted(1e3 * delay for delay in measure(one, listener, asked.calls))
                        late = delays[int(0.99 * len(delays))]
                        print(
                            f"  {name:<11}{what:<6}{who:<17}{statistics.median(delays):6.1f} {late:6.1f}",
                            flush=True,
                        )


if __name__ == "__main__":
    main()
