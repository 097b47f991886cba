"""Row 34 of the table of faults: connections in any number hold up neither others nor the end."""

from __future__ import annotations

import socket
from contextlib import ExitStack

import pytest
import requests

from mockso.exchange.message import Reply
from mockso.scenario.scenario import Scenario, Step
from mockso.testing.mock import serve

MANY = 300


@pytest.fixture
def mock():
    with serve() as made:
        yield made


def connect(mock, stack: ExitStack, sent: str) -> socket.socket:
    client = stack.enter_context(socket.create_connection((mock.server.host, mock.server.port), 10))
    client.sendall(sent.encode())
    return client


def answer(mock) -> int:
    headers = {"Authorization": f"Bearer {mock.token()}"}
    return requests.get(mock.base() + "/Contact/17", headers=headers, timeout=30).status_code


def test_others_are_served_beside_hundreds_of_slow_heads(mock):
    with ExitStack() as stack:
        for _ in range(MANY):
            connect(mock, stack, "GET /Cust12345/api/v1/Contact/17 HTTP/1.1\r\nHost: x\r\nX-Slow: ")

        assert answer(mock) == 200


def test_hundreds_of_busy_connections_do_not_keep_a_server_from_its_end():
    busy = Scenario("busy", steps=(Step(reply=Reply(200, {}), delay=3600.0),))
    with ExitStack() as stack, serve() as mock:
        mock.engine.tenants.of("Cust12345").play(busy)
        head = f"GET /Cust12345/api/v1/Contact/17 HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {mock.token()}\r\n\r\n"
        clients = [connect(mock, stack, head) for _ in range(MANY)]
        while mock.engine.journal.count() < MANY:
            pass

        mock.close()  # waits for an hour, where each is waited for

        assert all(client.recv(1) == b"" for client in clients)
