"""Forms and multipart uploads, and what hostile ones come to."""

import pytest

from mockso.contract.model import parse_type
from mockso.formats.codec import decompress
from mockso.formats.forms import decode_form, decode_multipart, upload
from mockso.formats.reading import Undecodable

TYPE = 'multipart/form-data; boundary="AaB 03x"'
WHOLE = (
    b"a preamble\r\n--AaB 03x\r\nContent-Disposition: form-data; name=comment\r\n\r\nhello\r\n"
    b'--AaB 03x\r\ncontent-disposition: form-data; name="image"; filename="a \\"b\\".png"\r\nContent-Type: image/PNG\r\n\r\n'
    b"\x89PNG\r\n--no boundary\r\n\r\n--AaB 03x--\r\nan epilogue"
)


def test_a_multipart_body_is_read_part_by_part():
    comment, image = decode_multipart(WHOLE, TYPE)

    assert (comment.name, comment.filename, comment.media_type, comment.content) == (
        "comment",
        "",
        "text/plain",
        b"hello",
    )
    assert (image.name, image.filename, image.media_type) == ("image", 'a "b".png', "image/png")
    assert image.content == b"\x89PNG\r\n--no boundary\r\n"


def test_the_file_of_an_upload_is_found_by_its_field_or_as_the_only_file():
    parts = decode_multipart(WHOLE, TYPE)

    assert upload(parts, "Image") == upload(parts, "other") == parts[1].content
    assert upload(parts[:1], "image") is None


@pytest.mark.parametrize(
    ("body", "content_type", "words"),
    [
        (WHOLE, "multipart/form-data", "names no boundary"),
        (WHOLE, "multipart/form-data; boundary=" + "x" * 71, "is no boundary"),
        (WHOLE, "multipart/form-data; boundary=other", "is not in the body"),
        (WHOLE[:150], TYPE, "part 2 has no headers"),
        (WHOLE.replace(b"--AaB 03x--", b"--AaB 03"), TYPE, "the closing boundary --AaB 03x-- is missing"),
        (
            b"--x\r\n\r\nno headers\r\n--x--",
            "multipart/form-data; boundary=x",
            "part 1 has no headers",
        ),
        (b"", TYPE, "is not in the body"),
        (b"--x\r\nA: b\r\n\r\n1\r\n" * 2 + b"--x--", "multipart/form-data; boundary=x", "part 1 needs"),
    ],
)
def test_a_broken_multipart_body_is_told_with_its_part(body, content_type, words):
    with pytest.raises(Undecodable, match=words) as caught:
        decode_multipart(body, content_type)

    assert caught.value.rule == "broken-multipart"


def test_thousands_of_parts_are_too_many():
    with pytest.raises(Undecodable) as caught:
        decode_multipart(b"--x" + b"\r\n--x" * 100_000, "multipart/form-data; boundary=x")

    assert caught.value.rule == "too-large"


def test_the_indexes_of_a_form_may_come_in_any_order(tiny):
    kind = parse_type("map<list<string>>")

    assert decode_form("Ids[2]=c&Ids[0]=a&Ids[10]=d&Ids[1]=b", kind, tiny) == {"Ids": ["a", "b", "c", "d"]}


def test_half_a_surrogate_pair_in_a_form_is_refused(tiny):
    with pytest.raises(Undecodable, match="surrogate"):
        decode_form("a=\ud800", parse_type("map<string>"), tiny)


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
    with pytest.raises(Undecodable) as caught:
        decompress(body, encoding, 1000)

    assert caught.value.rule == rule


def test_a_bomb_is_not_unpacked():
    bomb = compressed(31, bytes(50_000_000))

    assert len(decompress(bomb, "gzip", 1000)) == 1001
    assert len(decompress(compressed(31) + bomb, "gzip", 1000)) == 1001
