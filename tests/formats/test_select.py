"""$select on a body."""

import pytest

from mockso.formats.select import parse_select, select

CONTACT = {
    "Name": "Acme",
    "Id": 3,
    "Category": {"Id": 1, "Value": "x"},
    "TableRight": {"Mask": "a"},
    "_Links": {"Self": "u"},
}


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", CONTACT),
        (" , ", CONTACT),
        ("name", {"Name": "Acme", "Id": None, "Category": None, "TableRight": None, "_Links": {"Self": "u"}}),
        (
            "NAME, category/id",
            {
                "Name": "Acme",
                "Id": None,
                "Category": {"Id": 1, "Value": None},
                "TableRight": None,
                "_Links": {"Self": "u"},
            },
        ),
        ("nope", {"Name": None, "Id": None, "Category": None, "TableRight": None, "_Links": {"Self": "u"}}),
        (
            "tableright,_links",
            {
                "Name": None,
                "Id": None,
                "Category": None,
                "TableRight": {"Mask": "a"},
                "_Links": {"Self": "u"},
            },
        ),
    ],
)
def test_what_was_not_asked_for_is_null(text, expected):
    assert select(CONTACT, parse_select(text)) == expected


def test_it_can_be_left_out_instead():
    assert select(CONTACT, parse_select("name"), omit=True) == {"Name": "Acme", "_Links": {"Self": "u"}}


def test_lists_are_treated_item_by_item():
    assert select([{"A": 1, "B": 2}, None], parse_select("a")) == [{"A": 1, "B": None}, None]


def test_the_given_value_is_not_changed():
    value = {"A": {"B": 1}}

    select(value, parse_select("c"))

    assert value == {"A": {"B": 1}}
