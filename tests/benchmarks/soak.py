"""A mixed soak of one server: python tests/benchmarks/soak.py [--minutes 8] [--entries 1000].

Twenty-four clients call, save, wait, follow events, export, register webhooks that are signalled, make and drop
tenants, and misbehave. Memory, threads and descriptors of the server are weighed every ten seconds; after the first
minute they have to stay as they are. Everything is on loopback, and what was started is stopped.
"""

from __future__ import annotations

import argparse
import contextlib
import http.client
import json
import os
import random
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from process import environment, free_port

TENANT = "Cust12345"
BEARER = {"Authorization": f"Bearer 8A:{TENANT}.soak", "Content-Type": "application/json"}
MOST_MEGABYTES = 200
WARM_UP = 60.0  # seconds
EVERY = 10.0


class Soak:
    """The clients of one server, and what they saw."""

    def __init__(self, port: int, target: str) -> None:
        self.port, self.target = port, target
        self.seen: Counter[str] = Counter()
        self.stopping = threading.Event()

    def ask(
        self, method: str, path: str, body: object = None, *, limit: float = 30.0, **more: str
    ) -> tuple[int, bytes]:
        """One call on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=limit)
        try:
            content = None if body is None else json.dumps(body)
            connection.request(method, path, content, {**BEARER, **more})
            answer = connection.getresponse()
            data = answer.read()
            kind = f"{answer.status // 100}xx"
            if answer.status >= 500 and answer.status != 503:
                self.seen[f"{method} {path.split('?')[0][:40]} -> {answer.status}"] += 1
            self.seen[kind] += 1
            return answer.status, data
        except (OSError, http.client.HTTPException) as error:
            self.seen[type(error).__name__] += 1
            return 0, b""
        finally:
            connection.close()

    def live(self, act: Callable[[random.Random], None], number: int) -> None:
        """One client: acts until it is told to stop."""
        source = random.Random(number)
        while not self.stopping.is_set():
            act(source)
            self.stopping.wait(source.uniform(0.001, 0.02))

    def call(self, source: random.Random) -> None:
        base = f"/{TENANT}/api/v1"
        number = source.randrange(1, 30)
        match source.randrange(5):
            case 0:
                self.ask(
                    "PUT", f"{base}/Contact/{number}", {"Name": f"Soak {number}", "Department": "x" * 200}
                )
            case 1:
                self.ask("GET", f"{base}/Contact?$select=name&$filter=name%20begins%20'S'&$top=20")
            case 2:
                self.ask("POST", f"{base}/Agents/Contact/GetContactEntity?contactEntityId={number}")
            case 3:
                status, data = self.ask("POST", f"{base}/Contact", {"Name": "Short"})
                if status == 200:
                    self.ask("DELETE", f"{base}/Contact/{json.loads(data)['ContactId']}")
            case _:
                self.ask("GET", f"{base}/Contact/{number}")

    def wait(self, source: random.Random) -> None:
        match = {"method": source.choice(["GET", "PUT"])}
        self.ask("POST", "/__mockso/requests/wait", {"match": match, "count": 10_000_000, "timeout": 2})

    def follow(self, source: random.Random) -> None:
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as client:
            client.sendall(b"GET /__mockso/events HTTP/1.1\r\nHost: localhost\r\nLast-Event-ID: 1\r\n\r\n")
            end = time.monotonic() + source.uniform(0.5, 3)
            while time.monotonic() < end and client.recv(65536):
                self.seen["events"] += 1

    def export(self, source: random.Random) -> None:
        self.ask("GET", f"/__mockso/requests?limit={source.randrange(1, 200)}")
        self.ask("GET", source.choice(["/__mockso/requests/count", "/__mockso/", "/__mockso/health"]))
        self.stopping.wait(1)

    def hook(self, source: random.Random) -> None:
        base = f"/{TENANT}/api/v1/Webhook"
        hook = {
            "Name": "soak",
            "Events": ["contact.created"],
            "TargetUrl": self.target,
            "Type": "webhook",
            "State": 1,
        }
        status, data = self.ask("POST", base, hook)
        saved, contact = self.ask("POST", f"/{TENANT}/api/v1/Contact", {"Name": "Hooked"})
        self.stopping.wait(0.2)
        if saved == 200:
            self.ask("DELETE", f"/{TENANT}/api/v1/Contact/{json.loads(contact)['ContactId']}")
        if status == 200:
            self.ask("DELETE", f"{base}/{json.loads(data)['WebhookId']}")

    def dwell(self, source: random.Random) -> None:
        name = f"Cust{source.randrange(100_000, 999_999)}"
        self.ask("POST", "/__mockso/tenants", {"name": name})
        for _ in range(3):
            self.ask(
                "POST", f"/{name}/api/v1/Contact", {"Name": "Tenant"}, Authorization=f"Bearer 8A:{name}.x"
            )
        self.ask("DELETE", f"/__mockso/tenants/{name}")
        self.ask("DELETE", f"/__mockso/requests?tenant={name}")

    def misbehave(self, source: random.Random) -> None:
        heads = [
            b"GET /Cust1/api/v1/",
            b"POST / HTTP/1.1\r\nContent-Length: 99\r\n\r\nx",
            b"\x16\x03\x01",
            b"GET  \r\n\r\n",
        ]
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port), 5) as client:
            client.sendall(source.choice(heads))
            self.stopping.wait(0.05)


ROLES = {"call": 8, "wait": 4, "follow": 2, "export": 2, "hook": 2, "dwell": 4, "misbehave": 2}


def weigh(pid: int) -> tuple[float, int, int]:
    """Megabytes, threads and descriptors of a process."""
    status = Path(f"/proc/{pid}/status").read_text()
    values = {line.partition(":")[0]: line.partition(":")[2].split() for line in status.splitlines()}
    return int(values["VmRSS"][0]) / 1024, int(values["Threads"][0]), len(os.listdir(f"/proc/{pid}/fd"))


def receiver() -> ThreadingHTTPServer:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.send_header("Content-Length", "0")
            self.end_headers()

        def log_message(self, *arguments: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server


def main() -> int:
    """Soak, and print what was weighed; 1 where something grew or failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--minutes", type=float, default=8.0)
    parser.add_argument("--entries", type=int, help="bound of the journal (that of the settings)")
    arguments = parser.parse_args()
    # The journal grows up to its bounds; with few entries it is full at once, and what grows is something else.
    bounds = [] if arguments.entries is None else ["--set", f"journal_entries={arguments.entries}"]
    target, port = receiver(), free_port()
    command = [
        sys.executable,
        "-m",
        "mockso",
        "serve",
        "--port",
        str(port),
        "--quiet",
        "--grant",
        "*",
        *bounds,
    ]
    with subprocess.Popen(command, stdout=subprocess.PIPE, env=environment(), text=True) as server:
        try:
            assert server.stdout is not None
            server.stdout.readline()
            return soak(
                server.pid, Soak(port, f"http://127.0.0.1:{target.server_port}/"), arguments.minutes * 60
            )
        finally:
            server.terminate()
            target.shutdown()


def soak(pid: int, clients: Soak, seconds: float) -> int:
    threads = [
        threading.Thread(target=clients.live, args=(getattr(clients, role), 100 * at + number), daemon=True)
        for at, (role, count) in enumerate(ROLES.items())
        for number in range(count)
    ]
    for thread in threads:
        thread.start()
    begin, weights = time.monotonic(), []
    print(f"{'seconds':>8} {'MB':>7} {'threads':>8} {'files':>6} {'answers':>8}")
    while (elapsed := time.monotonic() - begin) < seconds:
        time.sleep(min(EVERY, seconds - elapsed))
        weights.append((time.monotonic() - begin, *weigh(pid)))
        at, megabytes, running, files = weights[-1]
        print(f"{at:8.0f} {megabytes:7.1f} {running:8} {files:6} {clients.seen['2xx']:8}", flush=True)
    clients.stopping.set()
    for thread in threads:
        thread.join(10)
    print(", ".join(f"{name} {count}" for name, count in sorted(clients.seen.items())))
    return verdict([weight for weight in weights if weight[0] > WARM_UP], clients.seen)


def verdict(weights: list[tuple[float, float, int, int]], seen: Counter[str]) -> int:
    """Say what grew after the first minute: the last third against the first third of the rest."""
    third = len(weights) // 3
    if not third:
        print("too short to tell: give it three minutes")
        return 1
    faults = [f"answered 5xx: {name}" for name in seen if " -> 5" in name]
    for place, name, room in ((1, "megabytes", 8.0), (2, "threads", 16.0), (3, "descriptors", 24.0)):
        first = max(weight[place] for weight in weights[:third])
        last = min(weight[place] for weight in weights[-third:])
        print(f"{name}: at most {first:.0f} in the first third, at least {last:.0f} in the last")
        if last > first + room:
            faults.append(f"{name} grow")
    if max(weight[1] for weight in weights) > MOST_MEGABYTES:
        faults.append(f"more than {MOST_MEGABYTES} MB")
    print("; ".join(faults) or "flat")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
