"""Texts in several languages, and who asks for one (section 8)."""

import json

import pytest

from mockso.exchange.message import Headers
from mockso.formats.languages import codes, pick_text, requested_language, translate
from tests.conftest import call

TEXT = 'NO:"Kunde";US:"Customer";GE:"Ku\\"nde"'


@pytest.mark.parametrize(
    ("headers", "tag"),
    [
        ([], ""),
        ([("Accept-Language", "nb-NO")], "nb-no"),
        ([("Accept-Language", "en;q=0.5, nb")], "nb"),
        ([("Accept-Language", "*")], ""),
        ([("Accept-Language", "nb"), ("SO-Language", "en")], "en"),
        ([("Accept-Language", "nb"), ("so-language", "")], ""),
        ([("Accept-Language", "nb"), ("SO-Language", "*")], ""),
        ([("Accept-Language", "nb"), ("SO-Language", "X")], ""),
        ([("SO-Culture", "nb-NO")], ""),
    ],
)
def test_the_language_that_is_asked_for(headers, tag):
    assert requested_language(call(headers=headers)) == tag
    assert isinstance(Headers(headers).names, type({}.keys()))


@pytest.mark.parametrize(
    ("tag", "text"),
    [
        ("nb-NO", "Kunde"),
        ("no", "Kunde"),
        ("NN", "Kunde"),
        ("en-GB", "Customer"),
        ("US", "Customer"),
        ("de", 'Ku"nde'),
        ("fr", "Customer"),
    ],
)
def test_a_text_in_one_language(tag, text):
    assert pick_text(TEXT, tag) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('NO:"Kunde"', "Kunde"),
        ('NO:"Kunde";', "Kunde"),
        ('he said: NO:"x"', 'he said: NO:"x"'),
        ("[SR_SALE_OPEN]", "Sale open"),
        ("a [SR_X] b", "a X b"),
        ('US:"[SR_X]"', "X"),
        ("plain", "plain"),
        ('{"a":"b"}', '{"a":"b"}'),
    ],
)
def test_other_texts(text, expected):
    assert pick_text(text, "fr") == expected


def test_codes_of_a_tag():
    assert codes("en-GB") == ["US", "UK", "EN", "GB"]
    assert codes("fr") == ["FR"]


def test_a_body_is_translated_and_stays_as_it_was():
    value = {"a": [TEXT, 1, None], "b": {"c": TEXT}}
    before = json.dumps(value)

    assert translate(value, "no") == {"a": ["Kunde", 1, None], "b": {"c": "Kunde"}}
    assert json.dumps(value) == before


def test_a_text_stays_raw_without_a_language_and_is_resolved_with_one(engine):
    body = {"Name": 'NO:"K";US:"C"'}

    def name(*headers):
        return json.loads(engine.handle(call("PUT", body=body, headers=headers)).body)["Name"]

    assert name() == 'NO:"K";US:"C"'
    assert name(("Accept-Language", "nb")) == "K"
    assert name(("Accept-Language", "nb"), ("SO-Language", "en")) == "C"
    assert name(("Accept-Language", "nb"), ("SO-Language", "x")) == 'NO:"K";US:"C"'
