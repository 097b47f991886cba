from __future__ import annotations

import pytest

from mockso.scenario.yaml import read_yaml


def value(text: str):
    document = read_yaml(text)
    assert document.faults == []
    return document.value


def fault(text: str | bytes):
    document = read_yaml(text)
    assert document.faults, "nothing wrong was found"
    return document.faults[0]


@pytest.mark.parametrize(
    "text",
    [
        *("no", "yes", "on", "off", "y", "No", "010", "0o10", "0x1F", "12:30:45", "2026-01-01"),
        *("2026-01-01T12:00:00Z", "1_000", "+1", ".5", "1.", "True", "FALSE", "Null", ".inf"),
        *(".nan", "1e999", "=", "<<", "0b1"),
    ],
)
def test_what_yaml_1_1_would_turn_into_something_else_stays_text(text):
    assert value(f"a: {text}") == {"a": text}


@pytest.mark.parametrize(
    ("text", "is_"),
    [
        *(("1", 1), ("-1", -1), ("0", 0), ("1.5", 1.5), ("1e3", 1000.0), ("true", True), ("false", False)),
        *(("null", None), ("~", None), ("", None), ("'1'", "1"), ('"true"', "true"), ("x y", "x y")),
    ],
)
def test_what_json_writes_is_what_it_looks_like(text, is_):
    made = value(f"a: {text}")

    assert made == {"a": is_}
    assert type(made["a"]) is type(is_)


def test_block_texts_and_flow_collections_are_read():
    assert value("a: |\n  1\nb: [1, {c: no}]\n") == {"a": "1\n", "b": [1, {"c": "no"}]}


def test_keys_are_always_texts():
    assert value("1: a\ntrue: b\non: c\nnull: d") == {"1": "a", "true": "b", "on": "c", "null": "d"}


def test_an_anchor_may_be_used_again():
    assert value("a: &x {b: 1}\nc: *x") == {"a": {"b": 1}, "c": {"b": 1}}


def test_every_place_is_known():
    document = read_yaml("a:\n  - b: 1\n    c:  [x,\n      y]\n")

    assert document.position(("a", 0, "b")) == (2, 8)
    assert document.position(("a", 0, "b"), key=True) == (2, 5)
    assert document.position(("a", 0, "c", 1)) == (4, 7)
    assert document.position(("a", 0, "gone")) == (2, 5)
    assert document.position(()) == (1, 1)


@pytest.mark.parametrize(
    ("text", "position", "says"),
    [
        ("a: 1\nb: 2\na: 3\n", (3, 1), "key 'a' is given again, first in line 1"),
        ("a: [1,\n  2", (3, 1), "close the list"),
        ("a: b: c", (1, 5), "put a text with ': ' in quotes"),
        ("a:\n\t- b", (2, 1), "indent with blanks"),
        ("a: {{ x }}", (1, 5), "cannot be a key"),
        ("a: *x", (1, 4), "alias"),
        ("a: 1\n--- \nb: 2", (2, 1), "one scenario a file"),
        ("a: !!python/object:os.system x", (1, 4), "tag !!python/object:os.system is not used here"),
        ("a: !!int 1", (1, 4), "tag !!int is not used"),
        ("a: !x {b: 1}", (1, 4), "tag !x is not used"),
        ("[a]: 1", (1, 1), "cannot be a key"),
        ("", (1, 1), "empty"),
        ("# only words\n", (1, 1), "empty"),
        ("a: \x00", (1, 1), "not allowed"),
        (b"a: 1\nb: \xff", (2, 1), "not UTF-8"),
        ("a: &x [*x]", (1, 4), "holds itself"),
        ("[" * 500, (1, 101), "nested more than 100 deep"),
        ("\n".join(" " * n + "a:" for n in range(500)), (101, 101), "nested more than 100 deep"),
    ],
)
def test_a_fault_has_its_line_and_column(text, position, says):
    found = fault(text)

    assert says in found.message
    assert found.position == position


def test_a_byte_order_mark_is_no_fault():
    assert read_yaml("\ufeffa: 1".encode()).value == {"a": 1}


def test_a_bomb_of_anchors_is_stopped_before_it_goes_off():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 12)]

    found = fault("\n".join(lines))

    assert "unfold" in found.message


def test_a_bomb_of_depth_is_stopped_too():
    lines = ["a0: &a0 [x]", *[f"a{n}: &a{n} [*a{n - 1}]" for n in range(1, 300)]]

    assert "unfold" in fault("\n".join(lines)).message
