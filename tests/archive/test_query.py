"""Texts of queries to trees: every form of the dialect, and thirty wrong ones with place, cause and cure."""

import pytest

from mockso.archive.query import AllOf, Choice, Condition, Order, parse_choices, parse_filter, parse_orders
from mockso.errors import QueryError


def written(tree):
    """A tree as a text with all its brackets."""
    if isinstance(tree, Condition):
        values = ", ".join(repr(value.text) for value in tree.values)
        return f"{tree.column} {tree.operator} [{values}]"
    word = " and " if isinstance(tree, AllOf) else " or "
    return "(" + word.join(map(written, tree.parts)) + ")"


@pytest.mark.parametrize(
    ("text", "tree"),
    [
        ("name begins 'Nord'", "name begins ['Nord']"),
        ("personId=93", "personId = ['93']"),
        ("personId = 93", "personId = ['93']"),
        ("name begins Su", "name begins ['Su']"),
        ("name contains 'L\\'Or'", 'name contains ["L\'Or"]'),
        ("name is 'it''s'", 'name is ["it\'s"]'),
        ("name is ''", "name is ['']"),
        ("name is 'and (or)'", "name is ['and (or)']"),
        ("NAME BEGINS 'a' AND b EQ 1", "(NAME begins ['a'] and b eq ['1'])"),
        ("a eq 1 and b eq 2 or c eq 3", "((a eq ['1'] and b eq ['2']) or c eq ['3'])"),
        ("a eq 1 or b eq 2 and c eq 3", "(a eq ['1'] or (b eq ['2'] and c eq ['3']))"),
        ("(a eq 1 or b eq 2) and c eq 3", "((a eq ['1'] or b eq ['2']) and c eq ['3'])"),
        ("id in (1, 2,3)", "id in ['1', '2', '3']"),
        ("id between (1, 9)", "id between ['1', '9']"),
        ("associateId currentAssociate", "associateId currentassociate []"),
        ("date thisPeriod 1 4", "date thisperiod ['1', '4']"),
        ("date thisWeek and b eq 1", "(date thisweek [] and b eq ['1'])"),
        ("getAllRows=true", "getAllRows = ['true']"),
        ("getAllRows", "getAllRows eq ['true']"),
        ("contact.(email->contact_id).address is 'x'", "contact.(email->contact_id).address is ['x']"),
        ("contact.category_idx.name is 'x'", "contact.category_idx.name is ['x']"),
        ("contact:category_idx.name is 'x'", "contact:category_idx.name is ['x']"),
        ("personUdef/SuperOffice:1 is 'x'", "personUdef/SuperOffice:1 is ['x']"),
        ("contactExtra/x_name eq -5", "contactExtra/x_name eq ['-5']"),
        ("registeredDate after 2026-01-01T00:00:00", "registeredDate after ['2026-01-01T00:00:00']"),
        ("category oneOf ([I:5],[I:6])", "category oneof ['[I:5]', '[I:6]']"),
        ("substringof('a', name)", "name contains ['a']"),
        ("substringof(name, 'a')", "name contains ['a']"),
        ("startswith(name, 'b')", "name begins ['b']"),
        ("endswith(name,'c')", "name ends ['c']"),
        ("this(date, month)", "date this ['month']"),
        ("previous(date, 2, week)", "date previous ['2', 'week']"),
        ("thisAndPreviousAndNext(date, year)", "date thisandpreviousandnext ['year']"),
        ("orderId eq 1 and android is 'and'", "(orderId eq ['1'] and android is ['and'])"),
        ("\n name\tbegins\r\n'x' ", "name begins ['x']"),
    ],
)
def test_a_filter_is_read_as(text, tree):
    assert written(parse_filter(text)) == tree


def test_an_empty_filter_is_none():
    assert parse_filter("") is None
    assert parse_filter("  ") is None


@pytest.mark.parametrize(
    ("text", "at", "told"),
    [
        ("name beginz 'x'", 5, "unknown operator 'beginz'. Did you mean 'begins'?"),
        ("name like 'x'", 5, "unknown operator 'like'. Write contains."),
        ("name startswith 'x'", 5, "Write begins, or startswith(column, 'text')."),
        ("name notEnds 'x'", 5, "there is no notEnds"),
        ("id > 5", 3, "unknown operator '>'. Write gt."),
        ("id >= 5", 3, "unknown operator '>='. Write ge."),
        ("id <= 5", 3, "Write le."),
        ("id != 5", 3, "Write ne."),
        ("id == 5", 3, "unknown operator '=='. Write eq."),
        ("name begins 'x", 12, "a text in quotes has no end."),
        ("(a eq 1", 0, "a '(' has no ')'."),
        ("a eq 1)", 6, "a ')' has no '('."),
        (")(", 0, "expected a column, found ')'."),
        ("a eq 1 and", 10, "expected a column, found the end."),
        ("or a eq 1", 0, "expected a column, found 'or'."),
        ("(a eq 1 or ) and b eq 2", 11, "expected a column, found ')'."),
        ("a eq 1 b eq 2", 7, "expected 'and', 'or' or the end, found 'b'."),
        ("a oneOf 1, 2", 9, "Lists stand in brackets: oneOf (1, 2)."),
        ("a in ()", 6, "expected a value, found ')'."),
        ("a in (1 2)", 8, "expected ',' or ')', found '2'."),
        ("a in (1, 2", 5, "a '(' has no ')'."),
        ("name", 4, "expected an operator behind 'name', found the end."),
        ("name begins", 11, "expected a value behind 'begins', found the end."),
        ("name begins and b eq 1", 12, "expected a value behind 'begins', found 'and'."),
        ("'name' eq 1", 0, "expected a column, found 'name'."),
        ("not (a eq 1)", 0, "there is no 'not': use ne, isNot, notContains, notOneOf."),
        ("contains(name, 'x')", 0, "expected a column, found the operator 'contains'."),
        ("startwith(name, 'x')", 0, "unknown function 'startwith'. Did you mean 'startswith'?"),
        ("startswith(name)", 0, "takes other arguments: startswith(column, 'text')."),
        ("this(date, fortnight)", 11, "unknown period 'fortnight': day, week, month, quarter, year."),
        ("next(date, two, week)", 11, "'two' is not a number of periods."),
        ("next(date, ², week)", 11, "'²' is not a number of periods."),
        ("5 eq a", 0, "'5' cannot be the name of a column."),
        ("(" * 99 + "a eq 1" + ")" * 99, 60, "more than 60 brackets stand in one another."),
    ],
)
def test_a_wrong_filter_is_told_by_place_cause_and_cure(text, at, told):
    with pytest.raises(QueryError) as error:
        parse_filter(text)

    assert told in str(error.value)
    assert error.value.at == at


def test_an_order_is_a_list_of_columns_with_directions():
    assert parse_orders("name desc, contact/number  ASC,id") == (
        Order("name", 0, is_descending=True),
        Order("contact/number", 11),
        Order("id", 31),
    )


def test_a_wrong_direction_is_told():
    with pytest.raises(QueryError, match="unknown direction 'down': asc or desc"):
        parse_orders("name down")


def test_a_choice_has_functions_and_suffixes():
    assert parse_choices(
        " name, Count(category):Footer:HideDetail,Sum(Weighted(amount)),, DatePart(date):Year"
    ) == (
        Choice("name", "name", 1),
        Choice("Count(category):Footer:HideDetail", "category", 7, ("Count",), ("Footer", "HideDetail")),
        Choice("Sum(Weighted(amount))", "amount", 41, ("Sum", "Weighted")),
        Choice("DatePart(date):Year", "date", 65, ("DatePart",), ("Year",)),
    )


@pytest.mark.parametrize("text", ["Count(a", "a)"])
def test_a_choice_with_a_loose_bracket_is_told(text):
    with pytest.raises(QueryError, match=r"has no"):
        parse_choices(text)
