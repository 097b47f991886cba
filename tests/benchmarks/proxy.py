"""What the recording proxy costs: python tests/benchmarks/proxy.py [--rounds N] [--seconds S].

Calls a second at a server and through `mockso record` in front of it, in turns, so that a busy machine slows
both alike: on one connection, where the time of both adds up, and on eight (by wrk), where both work at once.
Then the proxy's memory while bodies of 100 MB pass, up and down. Ends with 1 if a goal is not met: half of the
bare server's throughput, and no growth from one large body to the next.
"""

from __future__ import annotations

import argparse
import http.client
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlsplit

from call import Call
from load import LoadFailed, available, put

HEADERS = {"Authorization": "Bearer 8A:Cust12345.mockso", "Accept": "application/json"}
# A short answer, a long one, and one with a body both ways.
CALLS = {
    "GET an entity": ("GET", "/Cust12345/api/v1/Contact/17", b""),
    "GET a number": ("GET", "/Cust12345/api/v1/Contact/17?$select=Name", b""),
    "POST an entity": ("POST", "/Cust12345/api/v1/Contact", b'{"Name":"Acme"}'),
}
GOAL = 0.5
CONNECTIONS = 8
LARGE = 100 * 1024 * 1024
PIECE = bytes(1024 * 1024)
GROWTH_MB = 8.0


@contextmanager
def started(*command: str) -> Iterator[tuple[str, int]]:
    """A mockso command that serves; its address and its process."""
    process = subprocess.Popen(
        [sys.executable, "-m", "mockso.cli", *command, "--port", "0", "--quiet"],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    try:
        yield process.stdout.readline().split()[-1], process.pid
    finally:
        process.terminate()
        process.wait()


class Client:
    """One kept connection."""

    def __init__(self, url: str, process: int) -> None:
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=60)
        self._process = process

    def rate(self, method: str, path: str, body: bytes, seconds: float) -> tuple[float, float]:
        """Calls a second, and the processor seconds of one in the process that is called."""
        before = processor_seconds(self._process)
        headers = {**HEADERS, **({"Content-Type": "application/json"} if body else {})}
        began, count = time.perf_counter(), 0
        while (took := time.perf_counter() - began) < seconds:
            self._connection.request(method, path, body or None, headers)
            answer = self._connection.getresponse()
            answer.read()
            assert answer.status == 200, answer.status
            count += 1
        return count / took, (processor_seconds(self._process) - before) / count


def processor_seconds(process: int) -> float:
    """What a process has used of processors so far."""
    # After the name, which may have spaces: user and system time are the 12th and 13th.
    fields = Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


Pair = tuple[tuple[float, float], tuple[float, float]]


def rates(clients: tuple[Client, Client], rounds: int, seconds: float) -> dict[str, list[Pair]]:
    """For each kind of call what each round saw, bare and through the proxy."""
    found: dict[str, list[Pair]] = {kind: [] for kind in CALLS}
    for turn in range(-1, rounds):  # the first turn is for imports and caches
        for kind, call in CALLS.items():
            order = clients if turn % 2 else clients[::-1]
            seen = {id(client): client.rate(*call, seconds) for client in order}
            if turn >= 0:
                found[kind].append((seen[id(clients[0])], seen[id(clients[1])]))
    return found


def throughput(urls: Sequence[str], rounds: int, seconds: float) -> list[tuple[float, float]]:
    """Calls a second on eight connections in each round, bare and through the proxy."""
    _, path, body = CALLS["POST an entity"]
    call = Call(path, body.decode(), 200, {**HEADERS, "Content-Type": "application/json"})
    ports = [int(url.rpartition(":")[2]) for url in urls]
    found = []
    for turn in range(-1, rounds):
        seen = {
            port: put(call, port, connections=CONNECTIONS, seconds=max(1, round(seconds))).rate
            for port in (ports if turn % 2 else ports[::-1])
        }
        if turn >= 0:
            found.append((seen[ports[0]], seen[ports[1]]))
    return found


def resident_mb(process: int) -> float:
    """Resident memory of a process."""
    text = Path(f"/proc/{process}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) / 1024


def sink() -> socket.socket:
    """A server that takes a body of any length and answers with a large one; closed by its socket."""
    listener = socket.create_server(("127.0.0.1", 0))
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/octet-stream\r\nContent-Length: %d\r\n\r\n" % LARGE

    def talk(connection: socket.socket) -> None:
        with connection, connection.makefile("rb") as stream:
            while line := stream.readline():
                length = 0
                while line.strip():
                    name, _, value = line.partition(b":")
                    length = int(value) if name.lower() == b"content-length" else length
                    line = stream.readline()
                while length > 0:
                    length -= len(stream.read(min(length, len(PIECE))))
                connection.sendall(head)
                for _ in range(LARGE // len(PIECE)):
                    connection.sendall(PIECE)

    def listen() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=talk, args=(connection,), daemon=True).start()

    threading.Thread(target=listen, daemon=True).start()
    return listener


def memory(rounds: int, folder: Path) -> list[float]:
    """The proxy's memory before, and after each round of a large body up and one down."""
    listener = sink()
    url = f"http://127.0.0.1:{listener.getsockname()[1]}"
    try:
        with started("record", "--target", url, "--out", str(folder / "large.yaml")) as (proxied, process):
            seen = [resident_mb(process)]
            for _ in range(rounds):
                connection = http.client.HTTPConnection(urlsplit(proxied).netloc, timeout=120)
                connection.putrequest("PUT", "/Cust12345/api/v1/Document/3/Content")
                for name, value in HEADERS.items():
                    connection.putheader(name, value)
                connection.putheader("Content-Type", "application/octet-stream")
                connection.putheader("Content-Length", str(LARGE))
                connection.endheaders()
                for _ in range(LARGE // len(PIECE)):
                    connection.send(PIECE)
                answer, size = connection.getresponse(), 0
                while part := answer.read(len(PIECE)):
                    size += len(part)
                connection.close()
                assert size == LARGE, size
                seen.append(resident_mb(process))
            return seen
    finally:
        listener.close()


def medians(pairs: Sequence[tuple[float, float]]) -> tuple[float, float, float]:
    """The median ratio of the second to the first, and the medians of both."""
    alone, through = (statistics.median(pair[n] for pair in pairs) for n in (0, 1))
    return statistics.median(second / first for first, second in pairs), alone, through


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print; 1 if a goal is not met."""
    parser = argparse.ArgumentParser(description="Measure the recording proxy.", allow_abbrev=False)
    parser.add_argument("--rounds", type=int, default=7, help="rounds of calls, and of large bodies (7)")
    parser.add_argument("--seconds", type=float, default=1.0, help="seconds of a round (1)")
    given = parser.parse_args(arguments)
    met = False  # until it is measured
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (
            started("serve") as bare,
            started("record", "--target", bare[0], "--out", str(folder / "calls.yaml")) as proxied,
        ):
            found = rates((Client(*bare), Client(*proxied)), given.rounds, given.seconds)
            many: list[tuple[float, float]] = []
            if available():
                try:
                    many = throughput((bare[0], proxied[0]), given.rounds, given.seconds)
                except LoadFailed as error:
                    print(f"on {CONNECTIONS} connections: {error}")
            else:
                print(f"on {CONNECTIONS} connections: skipped, wrk is not installed")
        for kind, pairs in found.items():
            ratio, alone, through = medians([(pair[0][0], pair[1][0]) for pair in pairs])
            # On a busy machine the rates say little; what a call costs of a processor says it still.
            cost, proxy = (statistics.median(pair[n][1] for pair in pairs) * 1e6 for n in (0, 1))
            print(f"{kind}: {alone:.0f} calls/s bare, {through:.0f} through the proxy, ratio {ratio:.2f}")
            print(f"  processor: {cost:.0f} us a call in the server, {proxy:.0f} in the proxy")
        if many:
            ratio, alone, through = medians(many)
            met = ratio >= GOAL
            print(f"on {CONNECTIONS} connections: {alone:.0f} calls/s bare, {through:.0f} through the proxy")
            print(f"  {ratio:.2f} of the bare server's, goal {GOAL}: {'met' if met else 'NOT met'}")
        seen = memory(given.rounds, folder)
    growth = max(seen[2:]) - seen[1] if len(seen) > 2 else 0.0
    flat = growth <= GROWTH_MB
    shown = ", ".join(f"{value:.0f}" for value in seen[1:])
    print(f"memory: {seen[0]:.0f} MB at the start, after each 200 MB that passed: {shown} MB")
    print(f"growth after the first: {growth:.1f} MB, goal {GROWTH_MB:.0f} MB: {'met' if flat else 'NOT met'}")
    return 0 if met and flat else 1


if __name__ == "__main__":
    sys.exit(main())
