"""XML in the DataContract style: there and back, for every type, in every style."""

import gc
import math
import weakref
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockso.contract import catalogue
from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples
from mockso.contract.model import ANY, TypeRef, parse_type
from mockso.contract.values import Exact
from mockso.formats.codec import decode
from mockso.formats.reading import UndecodableError
from mockso.formats.xml import XmlStyle, from_xml, place_in, to_xml, xml_name
from tests.conftest import OPERATIONS, TYPES

CONTACT = parse_type("So.ContactEntity")


def back(value, kind, contract, style=None):
    return from_xml(to_xml(value, kind, contract, style or XmlStyle()), kind, contract)


def written(value, kind, contract, **style) -> str:
    return to_xml(value, kind, contract, XmlStyle(**style)).decode().partition("?>")[2]


def rule_of(function, *arguments) -> str:
    with pytest.raises(UndecodableError) as caught:
        function(*arguments)
    return caught.value.rule


# --- every type of the contract


def test_every_type_comes_back_from_xml_as_it_went_in(shipped):
    """Section 10.4, assumed: all types of the contract, filled and blank."""
    examples = Examples(shipped)
    names = list(shipped.type_names())

    assert len(names) > 1847
    for name in names:
        kind = TypeRef("carrier", name)
        for value in (examples.of(kind), examples.of(kind, blank=True)):
            assert back(value, kind, shipped) == value, name


@pytest.mark.parametrize(
    "style",
    [
        XmlStyle(namespace="datacontract"),
        XmlStyle(namespace="urn:a&b"),
        XmlStyle(arrays="item"),
        XmlStyle(nulls="omit"),
    ],
)
def test_every_style_is_read_back(shipped, style):
    examples = Examples(shipped)

    for name in list(shipped.type_names())[::9]:
        kind = TypeRef("carrier", name)
        value = examples.of(kind)
        wanted = without_nulls(value) if style.nulls == "omit" else value
        assert back(value, kind, shipped, style) == wanted, name


def without_nulls(value):
    if isinstance(value, dict):
        return {key: without_nulls(inner) for key, inner in value.items() if inner is not None}
    return [without_nulls(item) for item in value] if isinstance(value, list) else value


@pytest.mark.parametrize("arrays", ["typed", "item"])
def test_what_is_written_is_xml_to_other_readers(shipped, arrays):
    examples = Examples(shipped)

    for name in list(shipped.type_names())[::9]:
        kind = TypeRef("carrier", name)
        document = to_xml(examples.of(kind), kind, shipped, XmlStyle(namespace="datacontract", arrays=arrays))
        root = ElementTree.fromstring(document)
        space, _, local = root.tag.rpartition("}")
        assert (space[1:], local) == (
            "http://schemas.datacontract.org/2004/07/" + name.rpartition(".")[0],
            name.rpartition(".")[2],
        )


def test_lxml_reads_what_is_written(shipped):
    etree = pytest.importorskip("lxml.etree", reason="lxml is not installed")
    kind = parse_type("SuperOffice.CRM.Services.ContactEntity")

    root = etree.fromstring(to_xml(Examples(shipped).of(kind), kind, shipped))

    assert root.tag == "ContactEntity"
    assert root.findtext("ContactId").isdigit()
    assert root.nsmap == {"i": "http://www.w3.org/2001/XMLSchema-instance"}


# --- spelling


def test_the_spelling_of_lists_dictionaries_and_nulls(tiny):
    value = {
        "ContactId": 17,
        "Parent": None,
        "Active": True,
        "Persons": [{"PersonId": 3}, None],
        "Extra": {"a b": "1"},
    }

    text = written(value, CONTACT, tiny)

    assert text == (
        '<ContactEntity xmlns:i="http://www.w3.org/2001/XMLSchema-instance"><ContactId>17</ContactId>'
        '<Parent i:nil="true" /><Active>true</Active>'
        '<Persons><Person><PersonId>3</PersonId></Person><Person i:nil="true" /></Persons>'
        "<Extra><KeyValueOfstringstring><Key>a b</Key><Value>1</Value></KeyValueOfstringstring></Extra>"
        "</ContactEntity>"
    )


@pytest.mark.parametrize(
    ("value", "kind", "text"),
    [
        ([1], "list<int32>", "<ArrayOfint%><int>1</int></ArrayOfint>"),
        (["a"], "list<string>", "<ArrayOfstring%><string>a</string></ArrayOfstring>"),
        (
            [[1]],
            "list<list<int32>>",
            "<ArrayOfArrayOfint%><ArrayOfint><int>1</int></ArrayOfint></ArrayOfArrayOfint>",
        ),
        (True, "boolean", "<boolean%>true</boolean>"),
        (17, "int32", "<int%>17</int>"),
        ("2026-01-01T00:00:00", "date-time", "<dateTime%>2026-01-01T00:00:00</dateTime>"),
        (None, "So.Person", '<Person% i:nil="true" />'),
        ("<&>\r", "string", "<string%>&lt;&amp;&gt;&#xD;</string>"),
        ("a\x00b", "string", "<string%>a\ufffdb</string>"),
    ],
)
def test_the_spelling_of_bare_values(tiny, value, kind, text):
    assert written(value, parse_type(kind), tiny) == text.replace(
        "%", ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance"'
    )


def test_styles_change_the_spelling(tiny):
    value = {"ContactId": None, "Persons": [{"PersonId": 3}, None]}

    assert "ContactId" not in written(value, CONTACT, tiny, nulls="omit")
    assert '<Item i:nil="true" />' in written(value, CONTACT, tiny, nulls="omit", arrays="item")
    assert 'xmlns="urn:x"' in written(value, CONTACT, tiny, namespace="urn:x")


NAMES = ["odata.metadata", "_Links", "a b", "1st", "æ", "_x0041_", "x:y", "", "😀", "-"]


@pytest.mark.parametrize("name", NAMES[:7] + NAMES[8:])
def test_a_name_that_xml_forbids_comes_back(tiny, name):
    assert back({name: "x"}, parse_type("So.Base"), tiny) == {name: "x"}


def test_names_of_elements():
    assert [xml_name(name) for name in NAMES] == [
        "odata.metadata",
        "_Links",
        "a_x0020_b",
        "_x0031_st",
        "_x00E6_",
        "_x005F_x0041_",
        "x_x003A_y",
        "_",
        "_x0001F600_",
        "_x002D_",
    ]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cc", "Cs"), exclude_characters="\ufffe\uffff"),
    max_size=12,
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=12,
)


@given(value=JSON)
def test_a_value_of_no_known_type_carries_its_types(tiny, value):
    assert back({"FieldType": "x", "Free": value}, parse_type("So.Base"), tiny) == {
        "FieldType": "x",
        "Free": value,
    }
    if value is not None:
        assert back(value, ANY, tiny) == value


@given(text=st.text(max_size=30))
def test_any_text_makes_a_document(tiny, text):
    document = to_xml({"Name": text, "Extra": {text: text}}, CONTACT, tiny)

    assert ElementTree.fromstring(document).tag == "ContactEntity"


# --- numbers


@pytest.mark.parametrize("text", ["0.00", "1.50", "9007199254740993", "12345678901234567.89", "1e3"])
def test_numbers_keep_their_digits(tiny, text):
    read = decode(
        f"<ContactEntity><Turnover>{text}</Turnover></ContactEntity>".encode(), "text/xml", CONTACT, tiny
    )

    assert f"<Turnover>{text}</Turnover>" in written(read, CONTACT, tiny)
    assert math.isclose(read["Turnover"], float(text))


def test_a_kept_text_is_a_number_all_the_same():
    assert Exact("1.50") == 1.5
    assert isinstance(Exact("1.50"), float)


# --- reading what others write


@pytest.mark.parametrize(
    "document",
    [
        '<a:ContactEntity xmlns:a="urn:x"><a:ContactId>5</a:ContactId></a:ContactEntity>',
        '<ContactEntity xmlns="http://schemas.datacontract.org/2004/07/X"><CONTACTID>5</CONTACTID></ContactEntity>',
        "<!-- a comment --><ContactEntity><?pi x?><ContactId> 5 </ContactId></ContactEntity>",
        "<ContactEntity><ContactId><![CDATA[5]]></ContactId></ContactEntity>",
    ],
)
def test_namespaces_comments_and_letter_case_do_not_matter(tiny, document):
    read = from_xml(document.encode(), CONTACT, tiny)

    assert {name.lower(): value for name, value in read.items()} == {"contactid": 5}


def test_flags_are_read_with_blanks_between(tiny):
    assert from_xml(b"<C><Rights>Read Write</Rights></C>", CONTACT, tiny) == {"Rights": "Read, Write"}


def test_text_where_members_belong_is_left_to_the_judge(tiny):
    assert from_xml(b"<C><Parent>text</Parent><Persons>x</Persons></C>", CONTACT, tiny) == {
        "Parent": "text",
        "Persons": "x",
    }


def test_the_charset_of_the_content_type_rules(tiny):
    latin = "<C><Name>Åse</Name></C>"

    assert decode(latin.encode("latin-1"), "text/xml; charset=iso-8859-1", CONTACT, tiny) == {"Name": "Åse"}
    assert decode(latin.encode("cp1252"), "text/xml; charset=windows-1252", CONTACT, tiny) == {"Name": "Åse"}


def test_a_dictionary_key_given_twice_is_refused(tiny):
    entry = "<KeyValueOfstringstring><Key>a</Key><Value>1</Value></KeyValueOfstringstring>"

    with pytest.raises(UndecodableError, match="'a' stands twice"):
        from_xml(f"<C><Extra>{entry}{entry}</Extra></C>".encode(), CONTACT, tiny)


def test_places_are_xpaths(tiny):
    assert (
        place_in(("Persons", 1, "Firstname"), CONTACT, tiny) == "/ContactEntity/Persons/Person[2]/Firstname"
    )
    assert (
        place_in(("Extra", "a b"), CONTACT, tiny)
        == '/ContactEntity/Extra/KeyValueOfstringstring[Key="a b"]/Value'
    )
    assert place_in((0,), parse_type("list<int32>"), tiny) == "/ArrayOfint/int[1]"


def test_the_writers_of_a_contract_go_with_it():
    contract = Contract(catalogue.dump({"release": "copy"}, OPERATIONS, TYPES), "copy.jsonl")
    to_xml({"ContactId": 1}, CONTACT, contract)
    gone = weakref.ref(contract)

    del contract
    gc.collect()

    assert gone() is None


# --- decoding by the type


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
