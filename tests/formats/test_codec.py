"""Bytes to values, and what hostile bytes come to."""

import pytest

from mockso.contract.model import parse_type
from mockso.formats.codec import decode, decompress, family
from mockso.formats.reading import UndecodableError

CONTACT = parse_type("So.ContactEntity")


def rule_of(function, *arguments) -> str:
    with pytest.raises(UndecodableError) as caught:
        function(*arguments)
    return caught.value.rule


@pytest.mark.parametrize(
    ("media_type", "expected"),
    [
        ("application/json", "json"),
        ("text/json", "json"),
        ("application/json-patch+json", "json"),
        ("application/merge-patch+json", "json"),
        ("application/vnd.x+json", "json"),
        ("application/xml", "xml"),
        ("text/xml", "xml"),
        ("application/x-www-form-urlencoded", "form"),
        ("image/png", "raw"),
    ],
)
def test_a_media_type_belongs_to_a_family(media_type, expected):
    assert family(media_type) == expected


@pytest.mark.parametrize(
    ("body", "content_type"),
    [
        ('{"Name":"Åse"}'.encode(), "application/json"),
        ('{"Name":"Åse"}'.encode("utf-8-sig"), "application/json"),
        ('{"Name":"Åse"}'.encode("latin-1"), "application/json; charset=iso-8859-1"),
        ('{"Name":"Åse"}'.encode("utf-16"), "application/json"),
        ('{"Name":"Åse"}'.encode("utf-16-le"), 'text/json; charset="UTF-16LE"'),
        ("<X><Name>Åse</Name></X>".encode(), "application/xml"),
        ('<?xml version="1.0" encoding="iso-8859-1"?><X><Name>Åse</Name></X>'.encode("latin-1"), "text/xml"),
        ("Name=%C3%85se", "application/x-www-form-urlencoded"),
    ],
)
def test_charsets_and_byte_order_marks(tiny, body, content_type):
    body = body if isinstance(body, bytes) else body.encode()

    assert decode(body, content_type, CONTACT, tiny) == {"Name": "Åse"}


@pytest.mark.parametrize(
    "charset",
    ["punycode", "PunyCode", "idna", "unicode_escape", "raw-unicode-escape", "rot13", "zip", "no\0", "x" * 9],
)
def test_only_charsets_decode_a_body(tiny, charset):
    body = b"a-" + b"b" * 1_000_000  # punycode takes the square of its length: hours

    assert rule_of(decode, body, f"application/json; charset={charset}", CONTACT, tiny) == "broken-encoding"


# --- Content-Encoding


def compressed(kind: int, data: bytes = b"hello") -> bytes:
    import zlib

    writer = zlib.compressobj(wbits=kind)
    return writer.compress(data) + writer.flush()


@pytest.mark.parametrize(
    ("body", "encoding"),
    [
        (b"hello", ""),
        (b"hello", "identity"),
        (compressed(31), "gzip"),
        (compressed(31), " X-GZIP "),
        (compressed(15), "deflate"),
        (compressed(-15), "deflate"),
        (compressed(31, compressed(15)), "deflate, gzip"),
        (compressed(31, b"he") + compressed(31, b"") + compressed(31, b"llo"), "gzip"),
        (compressed(31) + bytes(9), "gzip"),
    ],
)
def test_compressed_bodies(body, encoding):
    assert decompress(body, encoding, 1000) == b"hello"


@pytest.mark.parametrize(
    ("body", "encoding", "rule"),
    [
        (b"hello", "br", "unsupported-encoding"),
        (b"hello", "gzip", "broken-compression"),
        (compressed(31)[:-9], "gzip", "broken-compression"),
        (compressed(31) + compressed(31)[:-9], "gzip", "broken-compression"),
        (compressed(31) + b"more", "gzip", "broken-compression"),
        (b"", "deflate", "broken-compression"),
    ],
)
def test_what_is_not_compressed_as_it_says_is_refused(body, encoding, rule):
    with pytest.raises(UndecodableError) as caught:
        decompress(body, encoding, 1000)

    assert caught.value.rule == rule


def test_a_bomb_is_not_unpacked():
    bomb = compressed(31, bytes(50_000_000))

    assert len(decompress(bomb, "gzip", 1000)) == 1001
    assert len(decompress(compressed(31) + bomb, "gzip", 1000)) == 1001
