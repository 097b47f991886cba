"""Strict reading of JSON, and writing in which numbers keep their text."""

import json

import pytest

from mockso.formats.json import ConstantObject, decode_json, encode_json
from mockso.formats.reading import DEPTH_LIMIT, UndecodableError
from tests.conftest import call


def rule_of(function, *arguments) -> str:
    with pytest.raises(UndecodableError) as caught:
        function(*arguments)
    return caught.value.rule


def test_nesting_up_to_the_limit_is_read():
    assert decode_json("[" * DEPTH_LIMIT + "]" * DEPTH_LIMIT)
    assert rule_of(decode_json, "[" * (DEPTH_LIMIT + 1) + "]" * (DEPTH_LIMIT + 1)) == "too-deep"


def test_brackets_in_strings_are_no_nesting():
    assert decode_json('["' + "[" * 500 + '\\"[[["]')


def test_many_shallow_lists_are_not_deep():
    assert len(decode_json("[" + ",".join(["[]"] * 1000) + "]")) == 1000


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "the body is empty"),
        ('{"a":1', "ends too early"),
        ("{'a':1}", "double quotes"),
        ('{"a":1,}', "a comma before the closing bracket"),
        ("[1,]", "a comma before the closing bracket"),
        ("{a:1}", "a property name in double quotes"),
        ("1 2", "more behind the value"),
    ],
)
def test_broken_json_is_explained_with_its_place(text, words):
    with pytest.raises(UndecodableError) as caught:
        decode_json(text)

    assert caught.value.rule == "broken-json"
    assert words in caught.value.message
    assert "column" in caught.value.message


def test_an_escaped_pair_of_surrogates_is_one_character():
    assert decode_json('"\\ud83d\\ude00"') == "😀"


@pytest.mark.parametrize("text", ['{"a":"\\udc00"}', '{"\\ud800":1}', '[["\\uDBFF"]]'])
def test_half_a_surrogate_pair_is_refused_anywhere(text):
    assert rule_of(decode_json, text) == "lone-surrogate"


@pytest.mark.parametrize("text", ['{"a":0.00,"b":[1.50,1e3]}', '{"a":1,"b":null}'])
def test_numbers_go_out_as_they_came_in(text):
    assert encode_json(decode_json(text), call("POST", body=text.encode())) == text


def test_an_answer_to_a_call_without_a_body_is_plain_json():
    assert encode_json({"a": 1.5, "b": "å"}, call()) == '{"a":1.5,"b":"å"}'


def test_constant_objects_in_a_list_of_objects_are_written_as_others_are():
    rights = ConstantObject({"Mask": "Update, Read", "Å": 1.5})
    value = [{"Name": "a", "Rights": rights, "More": [1]}, {"Name": "b", "Rights": rights, "More": []}, {}]
    request = call("GET", "/api/v1/Contact")

    assert json.loads(encode_json(value, request)) == value
    assert json.loads(encode_json(value[0], request)) == value[0]
    assert encode_json([], request) == "[]"


def test_constants_are_written_at_their_places_whatever_the_values_beside_them_are():
    constant = ConstantObject({"Name": "Ada"})
    value = {"A": constant, "B": "\0constant\0", "C": [constant, constant], "D": 1, "E": constant}
    exact = call("POST", body=b'{"D":1.50}')

    assert json.loads(encode_json(value, call())) == value
    assert encode_json({**value, "B": "", "D": decode_json("1.50")}, exact) == (
        '{"A":{"Name":"Ada"},"B":"","C":[{"Name":"Ada"},{"Name":"Ada"}],"D":1.50,"E":{"Name":"Ada"}}'
    )
    assert encode_json(constant, call()) == '{"Name":"Ada"}'
