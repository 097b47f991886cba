"""The edge of a WSGI host: lengths of bodies, whatever a step or a client says of them."""

from __future__ import annotations

import io

import pytest

from mockso.config import Settings
from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.exchange.message import Reply
from mockso.journal.journal import Journal
from mockso.testing.inprocess import call
from mockso.web.edge import Edge, frame
from mockso.web.gate import Gate


@pytest.mark.parametrize("lines", [(), (("Content-Length", "5"),), (("content-length", ""),)])
def test_a_412_has_one_length_and_that_is_0(lines):
    _, headers = frame(Reply(412, NOTHING, (*lines, ("X-A", "1"))))

    assert headers == [("X-A", "1"), ("Content-Length", "0")]


@pytest.mark.parametrize("lines", [("5", "99"), ("99", "5"), ("5", "5")])
def test_of_several_lengths_the_bodys_own_is_sent(lines):
    _, headers = frame(Reply(200, b"hello", tuple(("content-length", line) for line in lines)))

    assert headers == [("Content-Length", "5")]


@pytest.mark.parametrize("length", ["²", "+2", "-2", "x"])
def test_a_length_that_is_no_number_means_no_body(shipped, length):
    engine = Engine(Settings(), [shipped], Journal())
    environ = {
        "REQUEST_METHOD": "PUT",
        "PATH_INFO": "/Cust12345/api/v1/Contact/17",
        "SERVER_NAME": "localhost",
        "SERVER_PORT": "80",
        "CONTENT_LENGTH": length,
        "wsgi.input": io.BytesIO(b"{}"),
    }

    assert Edge(engine).read(environ).body == b""
    engine.close()


@pytest.mark.parametrize(
    "stray", ["/v1/api/v1/Contact/17", "/Contact/api/v1/Contact/17", "/Login/api/v1/Contact/17"]
)
def test_a_stray_address_takes_no_later_call_of_the_onsite_tenant(shipped, stray):
    engine = Engine(Settings(), [shipped], Journal())
    client = Gate(engine)
    call(client, "GET", f"http://localhost{stray}", [], b"")

    call(client, "GET", "http://localhost/api/v1/Contact/17", [], b"")
    call(client, "GET", "http://localhost/api/v1/Cust7/Contact/17", [], b"")

    tenants = [entry["tenant"] for entry in engine.journal.find()]
    assert tenants[:2] == ["Cust7", ""]
    assert "v1" not in tenants
    engine.close()
