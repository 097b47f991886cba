"""Forms and multipart uploads, and what hostile ones come to."""

import pytest

from mockso.contract.model import ANY, parse_type
from mockso.formats.codec import decode
from mockso.formats.forms import decode_form, decode_multipart, upload
from mockso.formats.reading import UndecodableError

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
        (WHOLE, "multipart/form-data; boundary=" + "x" * 71, "is not a boundary"),
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
    with pytest.raises(UndecodableError, match=words) as caught:
        decode_multipart(body, content_type)

    assert caught.value.rule == "broken-multipart"


def test_thousands_of_parts_are_too_many():
    with pytest.raises(UndecodableError) as caught:
        decode_multipart(b"--x" + b"\r\n--x" * 100_000, "multipart/form-data; boundary=x")

    assert caught.value.rule == "too-large"


def test_the_indexes_of_a_form_may_come_in_any_order(tiny):
    kind = parse_type("map<list<string>>")

    assert decode_form("Ids[2]=c&Ids[0]=a&Ids[10]=d&Ids[1]=b", kind, tiny) == {"Ids": ["a", "b", "c", "d"]}


def test_half_a_surrogate_pair_in_a_form_is_refused(tiny):
    with pytest.raises(UndecodableError, match="surrogate"):
        decode_form("a=\ud800", parse_type("map<string>"), tiny)


# --- form-urlencoded, by the type


CONTACT = parse_type("So.ContactEntity")


def rule_of(function, *arguments) -> str:
    with pytest.raises(UndecodableError) as caught:
        function(*arguments)
    return caught.value.rule


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        (b"", {}),
        (b"Name=Acme&ContactId=17&Active=false", {"Name": "Acme", "ContactId": 17, "Active": False}),
        (b"Name=a+b%26c", {"Name": "a b&c"}),
        (b"Parent.Name=x&Parent[ContactId]=3", {"Parent": {"Name": "x", "ContactId": 3}}),
        (
            b"Persons[0].Firstname=a&Persons[1].Firstname=b",
            {"Persons": [{"Firstname": "a"}, {"Firstname": "b"}]},
        ),
        (b"Extra[x_size]=5", {"Extra": {"x_size": "5"}}),
        (b"Name=", {"Name": ""}),
    ],
)
def test_forms(tiny, body, expected):
    assert decode(body, "application/x-www-form-urlencoded", CONTACT, tiny) == expected


@pytest.mark.parametrize("body", [b"Ids[]=1&Ids[]=2", b"Ids=1&Ids=2", b"Ids[0]=1&Ids[1]=2"])
def test_the_three_ways_of_a_list_in_a_form(tiny, body):
    assert decode(body, "application/x-www-form-urlencoded", parse_type("map<list<int32>>"), tiny) == {
        "Ids": [1, 2]
    }


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"Name", "broken-form"),
        (b"Name=%ff", "broken-encoding"),
        (b"\xff=1", "broken-encoding"),
        (b"a=1&a.b=2", "broken-form"),
        (b"a.b=2&a=1", "broken-form"),
        (b".".join([b"a"] * 100) + b"=1", "too-deep"),
    ],
)
def test_hostile_forms_are_refused(tiny, body, rule):
    assert rule_of(decode, body, "application/x-www-form-urlencoded", ANY, tiny) == rule
