"""Archive providers and columns as text."""

import pytest

from mockso.archive.columns import provider_of
from mockso.archive.operators import OPERATORS
from mockso.archive.show import find_lines, near_columns, near_names
from mockso.errors import ContractError


def test_a_provider_lists_its_collections_and_columns(tiny):
    lines = find_lines(tiny, "simplecontact")

    assert lines[:4] == [
        "SimpleContact",
        "  archive provider",
        "  entities   contact",
        "  GET /api/v1/Contact",
    ]
    rows = [line.split() for line in lines]
    assert ["contactId", "int", "order"] in rows
    assert ["getAllRows", "bool"] in rows
    assert lines[4] == "  328 columns, 63 of them without $select"


def test_columns_of_one_prefix_stand_together(tiny):
    lines = find_lines(tiny, "FindContact")

    at = lines.index("  email/emailProtocol     string          order")
    assert lines[at - 1] == ""
    assert [line.split()[0] for line in lines[at : at + 8] if not line.split()[0].startswith("email/")] == []


def test_a_provider_without_columns_says_so(tiny):
    assert find_lines(tiny, "Dynamic")[-1] == (
        "  no documented columns: they depend on the tenant or on the request"
    )


def test_a_column_has_the_operators_of_its_type(tiny):
    assert find_lines(tiny, "FindContact CATEGORY") == [
        "FindContact category",
        "  type       listAny",
        "  operators  oneOf, notOneOf, eq, =, equals, set, ne, unequals, lt, less, gt, greater, le, ge,",
        "             between, in",
        "  $orderby   yes",
        "  $select    shown without it",
    ]
    assert find_lines(tiny, "FindContact phone/formattedNumber")[-2:] == [
        "  $orderby   no",
        "  $select    shown when named",
    ]


def test_a_column_without_a_type_is_not_restricted(tiny):
    assert "  type       none: $filter does not take it" in find_lines(tiny, "FindContact mainContact")


def test_a_prefix_shows_the_columns_below_it(tiny):
    lines = find_lines(tiny, "FindContact Email/")

    assert lines[0] == "FindContact: 8 columns below Email/"
    assert len(lines) == 10


@pytest.mark.parametrize(
    ("column", "near"),
    [("contactID2", "contactId"), ("email/emailAdress", "email/emailAddress"), ("emailid", "email/emailId")],
)
def test_a_misspelt_column_names_the_nearest(tiny, column, near):
    with pytest.raises(ContractError, match=f"no column '{column}'. Did you mean .*'{near}'"):
        find_lines(tiny, f"FindContact {column}")


def test_a_column_like_no_other_has_no_suggestion(tiny):
    assert near_columns(provider_of("FindContact", tiny), "qqqqqqqq") == []


def test_a_misspelt_provider_has_near_ones(tiny):
    assert find_lines(tiny, "FindContct name") == []
    assert near_names(tiny, "FindContct name")[0] == "FindContact"
    assert near_names(tiny, "FindContct email/emailId")[0] == "FindContact"
    assert "FindContact" in near_names(tiny, "FindContct")


def test_an_address_has_near_addresses_only(tiny):
    assert all(name.startswith("/api/v1/") for name in near_names(tiny, "Contcat/17"))


def test_long_lists_go_on_in_the_next_line(tiny):
    lines = find_lines(tiny, "FindContact updatedDate")

    assert all(len(line) <= 101 for line in lines)
    text = " ".join(line.strip() for line in lines[2:-2]).removeprefix("operators").strip()
    assert tuple(text.split(", ")) == OPERATORS["date"]


def test_no_type_has_an_operator_twice():
    assert all(len(set(names)) == len(names) for names in OPERATORS.values())
