"""A second, naive evaluator agrees with the executor on random filters over random rows."""

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mockso.archive.predicates import Moment, compile_condition
from mockso.archive.query import AllOf, Condition, parse_filter
from mockso.archive.run import compile_filter, sort_rows

TYPES = {"n": "int", "s": "string", "b": "bool", "d": "date", "l": "listAny", "i": "intArray"}
NOW = datetime(2026, 5, 20, 14, 30)
FIRST = datetime(2026, 5, 1)

numbers = st.integers(-2, 4)
words = st.text("aB'", max_size=3)
days = st.integers(0, 40).map(lambda number: FIRST + timedelta(days=number))
moments = st.tuples(days, st.sampled_from([0, 1, 86399])).map(
    lambda pair: pair[0] + timedelta(seconds=pair[1])
)
rows = st.fixed_dictionaries(
    {
        "n": st.none() | numbers,
        "s": st.none() | words,
        "b": st.none() | st.booleans(),
        "d": st.none() | moments.map(lambda moment: moment.isoformat()),
        "l": st.none() | st.integers(0, 4),
        "i": st.none() | st.lists(st.integers(0, 4), max_size=3).map(tuple),
    }
)


def quoted(text):
    return "'" + text.replace("\\", "\\\\").replace("'", "\\'") + "'"


def condition(column, operators, values, many=()):
    one = st.tuples(st.sampled_from(operators), values).map(lambda pair: f"{column} {pair[0]} {pair[1]}")
    if not many:
        return one
    lists = st.tuples(st.sampled_from(many), st.lists(values, min_size=2, max_size=2))
    return one | lists.map(lambda pair: f"{column} {pair[0]} ({', '.join(pair[1])})")


conditions = st.one_of(
    condition("n", ["eq", "=", "ne", "lt", "gt", "le", "ge"], numbers.map(str), ["in", "between"]),
    condition(
        "s",
        ["is", "isNot", "begins", "notBegins", "contains", "notContains"],
        words.map(quoted),
        ["in", "between"],
    ),
    condition("b", ["eq", "set", "ne"], st.sampled_from(["true", "false"])),
    condition(
        "d",
        ["date", "before", "after", "beforeOrEqual", "ge", "ne"],
        days.map(lambda day: day.isoformat()[:10]),
        ["between"],
    ),
    condition("d", ["eq", "before", "after", "ge", "le"], moments.map(lambda moment: moment.isoformat())),
    st.sampled_from(["d today", "d thisWeek", "d lastMonth", "d nextWeek", "d thisMonth", "d beforeToday"]),
    condition("l", ["eq", "gt"], st.integers(0, 4).map(str), ["oneOf", "notOneOf"]),
    condition("i", ["eq"], st.integers(0, 4).map(str), ["oneOf", "notOneOf"]),
)
filters = st.recursive(
    conditions,
    lambda inner: st.tuples(inner, st.sampled_from(["and", "or"]), inner).map(
        lambda t: f"({t[0]} {t[1]} {t[2]})"
    ),
    max_leaves=4,
)


def holds(tree, row):
    """Whether a row passes, as a reader of the documentation would work it out."""
    if not isinstance(tree, Condition):
        return (all if isinstance(tree, AllOf) else any)(holds(part, row) for part in tree.parts)
    values, operator = [value.text for value in tree.values], tree.operator
    match tree.column:
        case "n" | "l":
            return number_holds(operator, row[tree.column] or 0, [int(value) for value in values])
        case "s":
            return text_holds(operator, (row["s"] or "").lower(), [value.lower() for value in values])
        case "b":
            same = bool(row["b"]) == (values[0] == "true")
            return not same if operator == "ne" else same
        case "d":
            return time_holds(operator, datetime.fromisoformat(row["d"] or "0001-01-01T00:00:00"), values)
    there, wanted = set(row["i"] or ()), {int(value) for value in values}
    return {"eq": there == wanted, "oneof": bool(there & wanted), "notoneof": not there & wanted}[operator]


def number_holds(operator, value, wanted):
    first = wanted[0]
    return {
        "eq": value == first,
        "=": value == first,
        "ne": value != first,
        "lt": value < first,
        "gt": value > first,
        "le": value <= first,
        "ge": value >= first,
        "in": value in wanted,
        "oneof": value in wanted,
        "notoneof": value not in wanted,
        "between": first <= value <= wanted[-1],
    }[operator]


def text_holds(operator, value, wanted):
    first = wanted[0]
    return {
        "is": value == first,
        "isnot": value != first,
        "begins": value[: len(first)] == first,
        "notbegins": value[: len(first)] != first,
        "contains": value.find(first) >= 0,
        "notcontains": value.find(first) < 0,
        "in": value in wanted,
        "between": first <= value <= wanted[-1],
    }[operator]


def time_holds(operator, value, wanted):
    day, monday = NOW.date(), NOW.date() - timedelta(days=NOW.weekday())
    named = {
        "today": value.date() == day,
        "beforetoday": value.date() < day,
        "thisweek": monday <= value.date() < monday + timedelta(days=7),
        "nextweek": monday + timedelta(days=7) <= value.date() < monday + timedelta(days=14),
        "thismonth": (value.year, value.month) == (2026, 5),
        "lastmonth": (value.year, value.month) == (2026, 4),
    }
    if operator in named:
        return named[operator]
    ends = [datetime.fromisoformat(text) for text in wanted]
    is_day = [len(text) == 10 for text in wanted]
    seen = value.replace(hour=0, minute=0, second=0) if is_day[0] else value
    return {
        "date": seen == ends[0],
        "eq": seen == ends[0],
        "ne": seen != ends[0],
        "before": seen < ends[0],
        "after": seen > ends[0],
        "beforeorequal": seen <= ends[0],
        "le": seen <= ends[0],
        "ge": seen >= ends[0],
        "between": ends[0] <= seen <= ends[-1],
    }[operator]


def passes(condition):
    predicate = compile_condition(condition, TYPES[condition.column], Moment(lambda: NOW, caller=3))
    return lambda row: predicate(row[condition.column])


def compare(text, table):
    tree = parse_filter(text)
    fits = compile_filter(tree, passes)

    assert [row for row in table if fits(row)] == [row for row in table if holds(tree, row)]


@settings(max_examples=1000, deadline=None)
@given(filters, st.lists(rows, max_size=12))
def test_the_executor_agrees_with_a_naive_reading(text, table):
    compare(text, table)


@pytest.mark.full
@settings(max_examples=10_000, deadline=None)
@given(filters, st.lists(rows, max_size=12))
def test_it_agrees_on_ten_thousand_filters(text, table):
    compare(text, table)


@settings(max_examples=300, deadline=None)
@given(st.lists(st.tuples(numbers, numbers)), st.booleans(), st.booleans(), st.integers(0, 5))
def test_a_page_is_the_beginning_of_the_whole_order(table, first, second, limit):
    one = [(lambda row: row[0], first)]
    two = [*one, (lambda row: row[1], second)]

    for orders in ([], one, two):
        assert sort_rows(table, orders, limit) == sort_rows(table, orders)[:limit]
    expected = sorted(
        sorted(table, key=lambda row: row[1], reverse=second), key=lambda row: row[0], reverse=first
    )
    assert sort_rows(table, two) == expected
