"""Images in the type and size asked for, raw and base64 streams (section 10.5)."""

import io
import json
import struct
from base64 import b64decode

import pytest

from mockso.answer.streams import picture
from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from tests.conftest import call


@pytest.fixture(scope="module")
def server(shipped):
    return Engine(Settings(world="open", grants=("*",)), [shipped], Journal())


def image(server, *query, accept="", key=7):
    headers = [("Accept", accept)] if accept else []
    return server.handle(call(path=f"/api/v1/Person/{key}/Image", query=query, headers=headers))


@pytest.mark.parametrize(
    ("query", "accept", "kind", "start"),
    [
        ([], "", "image/gif", b"GIF89a"),
        ([], "image/png", "image/png", b"\x89PNG"),
        ([], "image/tiff, image/png;q=0.5", "image/tiff", b"II*\x00"),
        ([("type", "JPEG")], "", "image/jpeg", b"\xff\xd8\xff"),
        ([("type", "png")], "image/gif", "image/png", b"\x89PNG"),
        ([("type", "bmp")], "", "image/gif", b"GIF89a"),
    ],
)
def test_an_image_comes_in_the_type_asked_for(server, query, accept, kind, start):
    reply = image(server, *query, accept=accept)

    assert (reply.status, reply.header("Content-Type")) == (200, kind)
    assert reply.body.startswith(start)


def test_an_image_has_the_size_asked_for(server):
    png = image(server, ("w", "64"), ("h", "48"), ("type", "PNG")).body
    gif = image(server, ("W", "64"), ("type", "GIF")).body

    assert struct.unpack(">II", png[16:24]) == (64, 48)
    assert struct.unpack("<HH", gif[6:10]) == (64, 64)
    assert len(image(server, ("w", "2000000000"), ("type", "PNG")).body) < 10_000


def test_pictures_are_pictures():
    pillow = pytest.importorskip("PIL.Image", reason="pillow is not installed")
    for kind in ("image/png", "image/jpeg", "image/gif", "image/tiff"):
        pillow.open(io.BytesIO(picture(kind, 5, 3))).load()


@pytest.mark.parametrize(
    ("blank", "status"),
    [
        (None, 404),
        ("Null", 404),
        ("ClearPixel", 200),
        ("SrNoPhoto", 200),
        ("Default", 200),
        ("GenericFileIcon", 200),
    ],
)
def test_without_an_image_ifblank_decides(shipped, blank, status):
    server = Engine(Settings(world="closed"), [shipped], Journal())

    reply = image(server, *([("ifBlank", blank)] if blank else []))

    assert reply.status == status
    if status == 404:
        assert reply.header("X-Mockso-Fidelity") == "assumed"
        assert json.loads(reply.body)["ErrorType"] == "SoNotFoundException"
        assert b"ifBlank" not in reply.body  # advice of ours is not an answer of the server
        assert "ifBlank=ClearPixel" in reply.header("X-Mockso-Reason")


BOUNDARY = "multipart/form-data; boundary=x"
PART = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a.png"\r\n\r\n%s\r\n--x--\r\n'


@pytest.mark.parametrize(
    ("body", "content_type", "status"),
    [
        (b"\x89PNG", "image/png", 200),
        (PART % b"\x89PNG", BOUNDARY, 200),
        (PART % b"", BOUNDARY, 400),
        (PART.replace(b"image", b"other").replace(b'; filename="a.png"', b"") % b"x", BOUNDARY, 400),
        (PART % b"x", "multipart/form-data; boundary=y", 400),
        (b"", "image/png", 400),
        (b"x", "application/pdf", 415),
    ],
)
def test_an_image_is_uploaded_raw_or_as_the_field_image(server, body, content_type, status):
    request = call("PUT", "/api/v1/Person/7/Image", body, content_type=content_type)

    assert server.handle(request).status == status


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b'"aGVsbG8="', "application/json"), (b"hello", "application/octet-stream"), (b"%PDF", "image/png")],
)
def test_a_document_is_uploaded_raw_or_as_base64(server, body, content_type):
    request = call("PUT", "/api/v1/Document/7/Content", body, content_type=content_type)

    assert server.handle(request).status == 200


def test_bytes_in_json_are_base64_of_the_raw_ones(server):
    def content(accept):
        return server.handle(call(path="/api/v1/Document/7/Content", headers=[("Accept", accept)])).body

    assert b64decode(json.loads(content("application/json"))) == content("application/octet-stream")


STREAMS = [
    ("POST", "/api/v1/Agents/Document/GetDocumentStream", {"DocumentId": 7}),
    ("POST", "/api/v1/Agents/BLOB/GetBlobStream", {"BlobEntityId": 7}),
    ("GET", "/api/v1/Person/7/Image", None),
]


@pytest.mark.parametrize(("method", "path", "asked"), STREAMS)
@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json; charset=utf-8"),
        ("text/json", "text/json; charset=utf-8"),
        ("application/pdf;q=0.1, image/png;q=0.1, application/json", "application/json; charset=utf-8"),
    ],
)
def test_streams_whose_contract_lists_no_json_are_base64_for_those_who_ask_for_it(
    server, method, path, asked, accept, kind
):
    raw = server.handle(call(method, path, asked, headers=[("Accept", "*/*")]))

    reply = server.handle(call(method, path, asked, headers=[("Accept", accept)]))

    assert (reply.status, reply.header("Content-Type")) == (200, kind)
    assert reply.header("X-Mockso-Warning") == ""
    wanted = b"\x89PNG" if "image/png" in accept and "Image" in path else raw.body[:6]
    assert b64decode(json.loads(reply.body)).startswith(wanted)


@pytest.mark.parametrize(("method", "path", "asked"), STREAMS)
@pytest.mark.parametrize("accept", ["", "*/*", "image/*", "application/html", "application/octet-stream"])
def test_they_are_raw_for_all_others(server, method, path, asked, accept):
    headers = [("Accept", accept)] if accept else []

    reply = server.handle(call(method, path, asked, headers=headers))
    forced = server.handle(call(method, path, asked, headers=headers, query=[("$format", "json")]))

    assert "json" not in reply.header("Content-Type")
    assert b64decode(json.loads(forced.body)) == reply.body


def test_a_refused_image_is_no_base64(server):
    reply = image(server, accept="application/json", key=0)

    assert (reply.status, json.loads(reply.body)["ErrorType"]) == (404, "SoNotFoundException")
