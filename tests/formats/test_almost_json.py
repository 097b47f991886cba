"""Almost-JSON: what is forgiven, what is told about it, and that nothing else gets through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockso.formats.almost_json import read_almost_json
from mockso.formats.json import decode_json
from mockso.formats.reading import UndecodableError


@pytest.mark.parametrize(
    ("text", "value", "told"),
    [
        ('{"a":1,}', {"a": 1}, "line 1 column 7: a comma before the closing bracket"),
        ("[1,\n2,]", [1, 2], "line 2 column 2: a comma before the closing bracket"),
        ("{'a':'b\"c'}", {"a": 'b"c'}, "line 1 column 2: text in single quotes"),
        ("{a:1,$b_2:null}", {"a": 1, "$b_2": None}, "line 1 column 2: a property name without quotes"),
        (r"{'a':'it\'s \\ \u00e5'}", {"a": "it's \\ å"}, "text in single quotes"),
        (r"['\\']", ["\\"], "text in single quotes"),
        ("{a:[true,false,-1.5e3,{},[],],}", {"a": [True, False, -1500.0, {}, []]}, "a comma"),
    ],
)
def test_three_liberties_are_read_and_told_with_their_place(text, value, told):
    reading = read_almost_json(text)

    assert reading is not None
    assert reading.value == value
    assert told in reading.message


@pytest.mark.parametrize(
    "text",
    [
        "",
        "{",
        "{a",
        "{a:}",
        "{,}",
        "[,]",
        "[1,,]",
        "{'a':1,'a':2}",
        "{a:1} x",
        "['a]",
        "['\n']",
        "['\\x']",
        "['\\ud800']",
        "{a:01}",
        "{a:.5}",
        "{a:+1}",
        "{a:NaN}",
        "{a:b}",
        "{a:1,/*x*/}",
        "{å:1}",
        "{a:" + "9" * 5000 + "}",
        "[" * 65 + "1," + "]" * 65,
        "'a",
    ],
)
def test_nothing_else_is_forgiven(text):
    assert read_almost_json(text) is None


def test_strict_json_needs_no_tolerance():
    assert read_almost_json('{"a":[1,"b",null]}') is None


def test_numbers_keep_their_digits():
    reading = read_almost_json("{a:0.00,b:9007199254740993}")

    assert reading is not None
    assert (reading.value["a"].text, reading.value["b"]) == ("0.00", 9007199254740993)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(codec="utf-8"), max_size=8),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(codec="utf-8"), max_size=5), inner, max_size=3)
    ),
    max_leaves=10,
)


@given(value=JSON)
def test_json_with_a_trailing_comma_reads_as_json(value):
    reading = read_almost_json(json.dumps([value])[:-1] + ",]")

    assert reading is not None
    assert reading.value == [value]


@given(
    pieces=st.lists(
        st.sampled_from(
            [
                "{",
                "}",
                "[",
                "]",
                ",",
                ":",
                "'",
                '"',
                "\\",
                "a",
                "1",
                ".",
                "e",
                "null",
                " ",
                "\n",
                "\\u12",
                "\ud800",
            ]
        )
        | st.text(max_size=3),
        max_size=30,
    )
)
def test_junk_never_raises_and_never_reads_what_is_json_otherwise(pieces):
    text = "".join(pieces)

    reading = read_almost_json(text)

    if reading is not None:
        with pytest.raises(UndecodableError):
            decode_json(text)
