"""Two JSON values compared, place by place."""

import pytest

from mockso.testing.difference import assert_json, differences


@pytest.mark.parametrize(
    ("expected", "actual", "lines"),
    [
        ({"a": 1}, {"a": 1}, []),
        ({"a": {"b": [1, 2]}}, {"a": {"b": [1, 3]}}, ["body.a.b[1]: expected 2, was 3"]),
        ({"a": 1}, {}, ["body.a: expected 1, was missing"]),
        ({}, {"a": None}, ["body.a: not expected, was None"]),
        (1, True, ["body: expected 1, was True"]),
        ([{"x": 1}, {"x": 2}], [{"x": 0}, {"x": 1}, {"x": 2}], ["body[0]: not expected, was {'x': 0}"]),
        ([1, 2, 3], [1, 3], ["body[1]: expected 2, was missing"]),
        ([], {}, ["body: expected [], was {}"]),
    ],
)
def test_only_the_places_that_differ_are_named(expected, actual, lines):
    assert differences(expected, actual) == lines


def test_an_assertion_names_them_all():
    with pytest.raises(AssertionError) as caught:
        assert_json({"a": 1, "b": 2}, {"a": 2, "b": 3})

    assert str(caught.value).splitlines() == [
        "2 differences",
        "body.a: expected 2, was 1",
        "body.b: expected 3, was 2",
    ]
