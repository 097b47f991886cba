"""Most bodies have no secrets, which is to be seen at a glance."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockso.redaction.glance import Glance
from mockso.redaction.secrets import Secrets
from mockso.redaction.texts import Editor

NAMES = st.sampled_from(
    [
        "TicketPriority",
        "Ticket",
        "ticketId",
        "DbiKey",
        "ApiKey",
        "api key",
        "Password",
        "PasswordId",
        "x_secret",
        "Name",
        "key",
        "Verifier",
    ]
)
TEXTS = st.sampled_from(
    [
        "",
        "x",
        "a ticket",
        "my token: abc",
        "token=abc123",
        "AAE=",
        "http://h/?key=v&ticket=qwerty1",
        "8A:x.y",
        "Åse",
        "Oslo\r\ntoken=abc123",
        "a\ttoken: x\nsecret = 'y'",
        '{"token": "abc"}',
        "\\ntoken=x\\",
    ]
)


@settings(max_examples=500, deadline=None)
@given(
    value=st.recursive(
        TEXTS | st.integers(),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner, max_size=4),
        max_leaves=10,
    )
)
def test_what_passes_at_a_glance_the_editor_would_not_change(value):
    glance = Glance(Secrets(key=b"k"))
    text = json.dumps(value, ensure_ascii=False)

    if glance.is_plain(text.encode()):
        assert Editor(Secrets(key=b"k")).edit(text, {}) == text


@settings(max_examples=500, deadline=None)
@given(
    elements=st.lists(
        st.tuples(
            NAMES
            | st.sampled_from(["a:Token", "Password valid='1'", "Ticket i:nil='true'", "X token='a b'"]),
            TEXTS,
        ),
        max_size=6,
    )
)
def test_what_passes_at_a_glance_in_xml_the_editor_would_not_change(elements):
    glance = Glance(Secrets(key=b"k"))
    text = (
        "<C>"
        + "".join(f"<{name}>{inner}</{name.split()[0] if name.split() else ''}>" for name, inner in elements)
        + "</C>"
    )

    if glance.is_plain(text.encode()):
        assert Editor(Secrets(key=b"k")).edit(text, {}) == text


def test_line_ends_in_an_address_pass_at_a_glance():
    glance = Glance(Secrets())

    assert glance.is_plain(rb'{"TicketPriorityId":0,"Formatted":"Parkveien 17\r\n0150 Oslo"}')
    assert not glance.is_plain(rb'{"TicketPriorityId":0,"Formatted":"{\"token\": \"x\"}"}')
    assert not glance.is_plain(rb'{"TicketPriorityId":0,"To\u006ben":"x\\n"}')


def test_an_answer_in_xml_passes_at_a_glance():
    glance = Glance(Secrets())

    assert glance.is_plain(
        b'<C xmlns:i="urn:x"><DbiKey i:nil="true" /><TicketPriority>1</TicketPriority></C>'
    )
    assert not glance.is_plain(b"<C><Ticket>x</Ticket></C>")
    assert not glance.is_plain(b'<C><Ticket i:type="x:string">x</Ticket></C>')
    assert not glance.is_plain(b"<C><Password valid='1'>x</Password></C>")


def test_a_name_that_only_looks_secret_passes_at_a_glance():
    glance = Glance(Secrets())

    assert glance.is_plain(b'{"TicketPriority":{"DbiKey":"x"},"Picture":"AAE=","Url":"http://h/?a=b"}')
    assert not glance.is_plain(b'{"Ticket":"x"}')
    assert not glance.is_plain(b'{"Url":"http://h/?ticket=b"}')


@pytest.mark.parametrize("place", ["Name", "rights", "link"])
def test_a_secret_in_any_part_of_an_entity_is_seen(place):
    glance = Glance(Secrets())
    rights = {f"Property{number}": {"FieldRight": "FullControl"} for number in range(60)}
    secret = {"password": "hunter22"}

    def body(name):
        values = {"Name": "Acme AS", "FieldProperties": rights, "_Links": {"Self": "http://h/1"}}
        if name == "Name":
            values = {**secret, **values}
        if name == "rights":
            values["FieldProperties"] = {**rights, **secret}
        if name == "link":
            values["_Links"] = secret
        return json.dumps(values, separators=(",", ":")).encode()

    assert glance.is_plain(body(""))
    assert not glance.is_plain(body(place))
    assert glance.is_plain(body(""))


KNOWN = Glance(Secrets(key=b"k"))
PADDING = {f"Property{number}": "x" * 30 for number in range(40)}


@settings(max_examples=300, deadline=None)
@given(value=st.dictionaries(NAMES, TEXTS | st.lists(TEXTS, max_size=2), max_size=5))
def test_members_met_before_hide_no_secret_of_a_large_body(value):
    text = json.dumps({**PADDING, **value, "Last": value}, ensure_ascii=False, separators=(",", ":"))

    if KNOWN.is_plain(text.encode()):
        replacements: dict[str, str] = {}
        assert Editor(Secrets(key=b"k")).edit(text, replacements) == text


@pytest.mark.parametrize(
    "end", ['"Password":"x1"', '"Note":"https://me:pass1@h.example"', '"A":"\\u0070assword: x"']
)
def test_a_secret_among_members_met_before_is_seen(end):
    glance = Glance(Secrets())
    body = json.dumps(PADDING, separators=(",", ":"))

    assert glance.is_plain(body.encode())
    assert not glance.is_plain(f"{body[:-1]},{end}}}".encode())


def test_a_form_with_escapes_is_left_to_the_editor():
    assert Glance(Secrets()).is_plain(b"a=100%")
    assert not Glance(Secrets()).is_plain(b"a=100%", form=True)
