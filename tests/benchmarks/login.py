"""What a login costs: the first one after the start of a server, with a key made for it, and later ones.

python tests/benchmarks/login.py [--rounds 20] [--logins 300]

A login is authorize and tokens over one connection. Goals: the first within 300 ms of the start of the process
(median), later ones within 3 ms of the server's processor time.
"""

from __future__ import annotations

import argparse
import http.client
import json
import os
import signal
import statistics
import subprocess
import sys
import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

from process import environment, free_port

FIRST_MS, LATER_MS = 300.0, 3.0
CLIENT = {"client_id": "mockso-client", "redirect_uri": "http://localhost/cb"}
QUERY = urlencode({**CLIENT, "response_type": "code", "scope": "openid"})
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def log_in(port: int) -> str:
    """The access token of a login."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    try:
        connection.request("GET", f"/login/common/oauth/authorize?{QUERY}")
        reply = connection.getresponse()
        reply.read()
        code = parse_qs(urlsplit(reply.headers["Location"]).query)["code"][0]
        form = {**CLIENT, "client_secret": "secret", "grant_type": "authorization_code", "code": code}
        connection.request("POST", "/login/common/oauth/tokens", urlencode(form), FORM)
        return str(json.loads(connection.getresponse().read())["access_token"])
    finally:
        connection.close()


def start(port: int) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "mockso.cli", "serve", "--quiet", "--port", str(port)]
    return subprocess.Popen(command, stdout=subprocess.DEVNULL, env=environment())


def first_ms() -> float:
    """Milliseconds from the start of a process to the end of its first login."""
    port, began = free_port(), time.perf_counter()
    process = start(port)
    try:
        while True:
            try:
                log_in(port)
                return (time.perf_counter() - began) * 1000
            except ConnectionError:
                time.sleep(0.001)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def later_ms(logins: int) -> float:
    """Milliseconds of processor time that the server uses for a login."""
    port = free_port()
    process = start(port)
    try:
        for _ in range(500):
            try:
                log_in(port)
                break
            except ConnectionError:
                time.sleep(0.01)
        before = processor_ms(process.pid)
        for _ in range(logins):
            log_in(port)
        return (processor_ms(process.pid) - before) / logins
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait()


def processor_ms(pid: int) -> float:
    times = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11:13]
    return sum(map(int, times)) / os.sysconf("SC_CLK_TCK") * 1000


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--rounds", type=int, default=20)
    parser.add_argument("--logins", type=int, default=300)
    arguments = parser.parse_args()
    first = [first_ms() for _ in range(arguments.rounds)]
    later = later_ms(arguments.logins)
    middle = statistics.median(first)
    print(f"first login after the start: median {middle:.0f} ms, {min(first):.0f} to {max(first):.0f} ms")
    print(f"later logins: {later:.2f} ms of processor time each")
    return int(middle > FIRST_MS or later > LATER_MS)


if __name__ == "__main__":
    raise SystemExit(main())
