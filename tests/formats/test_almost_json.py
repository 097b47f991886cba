"""Almost-JSON: what is forgiven, what is said about it, and that nothing else gets through."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockso.formats.almost_json import Reading, read_almost_json
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
        "{a:1} x",
        "['a]",
        "['\x01']",
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
    with pytest.raises(UndecodableError):
        read_almost_json(text)


def test_json_is_read_without_a_message():
    assert read_almost_json('{"a":[1,"b",null]}') == Reading({"a": [1, "b", None]}, "")


@pytest.mark.parametrize("text", ['{"a":"x\ny"}', '{"a":"x\r\ny"}', '["\t"]', "{'a':'x\ny'}"])
def test_a_line_break_or_tab_in_a_text_is_read(text):
    reading = read_almost_json(text)

    assert reading.value == json.loads(text.replace("'", '"'), strict=False)
    assert "in a text" in reading.message


@pytest.mark.parametrize(
    ("text", "place", "words"),
    [
        (
            "[ { op: 'a' },\n  { op: 'b' path: 'c' } ]",
            "line 2 column 13",
            "a comma or '}' is missing before \"path: 'c'",
        ),
        ("{a: 1,\n\n b 2}", "line 3 column 4", "a colon is missing behind the name 'b'"),
        ("['a' 'b']", "line 1 column 6", "a comma or ']' is missing"),
        ("{a: 1", "line 1 column 6", "the body ends too early"),
        ("{'a': no}", "line 1 column 7", "a value is expected, not 'no}'"),
        ("{'a': 'x\\q'}", "line 1 column 7", "another escape"),
        ("['a'] ]", "line 1 column 7", "more behind the value"),
    ],
)
def test_a_refusal_has_the_place_where_this_reader_stopped(text, place, words):
    with pytest.raises(UndecodableError) as caught:
        read_almost_json(text)

    assert caught.value.message.startswith(f"{place}: ")
    assert words in caught.value.message


def test_the_last_of_two_properties_of_a_name_counts_and_both_places_are_named():
    reading = read_almost_json('{"a":1,"A":2,\n"a":[{"b":1,"b":2}]}')

    assert reading.value == {"A": 2, "a": [{"b": 2}]}
    assert list(reading.value) == ["A", "a"]  # in the order of the last
    assert "'a' at line 1 column 2 is given again at line 2 column 1" in reading.repeated[0]
    assert len(reading.repeated) == 2


def test_a_hostile_number_of_equal_names_is_told_in_a_few_messages():
    reading = read_almost_json("{" + ",".join(['"a":1'] * 100_000) + "}")

    assert len(reading.repeated) == 5


def test_numbers_keep_their_digits():
    reading = read_almost_json("{a:0.00,b:9007199254740993}")

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

    try:
        reading = read_almost_json(text)
    except UndecodableError:
        with pytest.raises(UndecodableError):
            decode_json(text)
        return

    if not reading.message and not reading.repeated:
        assert decode_json(text) == reading.value
