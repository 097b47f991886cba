"""Bytes to values, and what hostile bytes come to."""

import pytest

from mockso.contract.model import ANY, parse_type
from mockso.formats.codec import decode, family
from mockso.formats.reading import Undecodable

CONTACT = parse_type("So.ContactEntity")


def rule_of(function, *arguments) -> str:
    with pytest.raises(Undecodable) as caught:
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


# --- XML


def test_xml_is_read_by_the_types_of_the_contract(tiny):
    body = b"""<ContactEntity xmlns="urn:x" xmlns:i="http://www.w3.org/2001/XMLSchema-instance">
      <contactid>17</contactid><Active>true</Active><Turnover>1.50</Turnover><Kind>Company</Kind>
      <Persons><Person><PersonId>3</PersonId></Person><Person><Firstname>Ann</Firstname></Person></Persons>
      <Parent i:nil="true" /><Name></Name>
      <Extra><KeyValueOfstringstring><Key>a b</Key><Value>1</Value></KeyValueOfstringstring><plain>2</plain></Extra>
    </ContactEntity>"""

    assert decode(body, "application/xml", CONTACT, tiny) == {
        "contactid": 17,
        "Active": True,
        "Turnover": 1.5,
        "Kind": "Company",
        "Persons": [{"PersonId": 3}, {"Firstname": "Ann"}],
        "Parent": None,
        "Name": "",
        "Extra": {"a b": "1", "plain": "2"},
    }


def test_a_list_at_the_root_of_xml(tiny):
    body = b"<ArrayOfint><int>1</int><int>2</int></ArrayOfint>"

    assert decode(body, "text/xml", parse_type("list<int32>"), tiny) == [1, 2]


BOMB = b'<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]><x>&b;&b;&b;</x>'
EXTERNAL = b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><x>&a;</x>'


@pytest.mark.parametrize(
    ("body", "rule"),
    [
        (b"", "broken-xml"),
        (b"<a>", "broken-xml"),
        (b"<a></b>", "broken-xml"),
        (b"<a>&undefined;</a>", "broken-xml"),
        (b"text", "broken-xml"),
        (b"\x00\x01", "broken-xml"),
        (b'<?xml version="1.0" encoding="klingon"?><a/>', "broken-encoding"),
        (b"<!DOCTYPE a><a/>", "forbidden-xml"),
        (BOMB, "forbidden-xml"),
        (EXTERNAL, "forbidden-xml"),
        (b"<a>" * 70 + b"</a>" * 70, "too-deep"),
        (b"<a><Name>1</Name><Name>2</Name></a>", "duplicate-name"),
    ],
)
def test_hostile_xml_is_refused(tiny, body, rule):
    assert rule_of(decode, body, "application/xml", CONTACT, tiny) == rule


# --- forms


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


@pytest.mark.parametrize(
    "charset",
    ["punycode", "PunyCode", "idna", "unicode_escape", "raw-unicode-escape", "rot13", "zip", "no\0", "x" * 9],
)
def test_only_charsets_decode_a_body(tiny, charset):
    body = b"a-" + b"b" * 1_000_000  # punycode takes the square of its length: hours

    assert rule_of(decode, body, f"application/json; charset={charset}", CONTACT, tiny) == "broken-encoding"
