"""Each operator on a column of each type, over a table of twelve values (check 38 of the study of entities)."""

from datetime import datetime

import pytest

from mockso.archive.predicates import Moment, compile_condition
from mockso.archive.query import Condition, parse_filter
from mockso.errors import QueryError

NOW = Moment(lambda: datetime(2026, 5, 20, 14, 30), caller=3)  # a Wednesday

NUMBERS = [None, 0, 1, 2, 3, 4, 5, 6, 7, 8, -1, 2.5]
TEXTS = [None, "", "Nord", "nord AS", "Sør", "SØR", "a'b", "North", "x", "xx", "xy", "10"]
FLAGS = [True, False, None]
IDS = [0, 1, 2, 3, 4, 5, None]
SETS = [None, (), (1,), (1, 2), (2, 3), (3,)]
TIMES = [
    None,
    "2025-12-31T23:59:59",
    "2026-01-01T00:00:00",
    "2026-04-30T10:00:00",
    "2026-05-12T09:00:00",
    "2026-05-18T00:00:00",
    "2026-05-19T23:59:59",
    "2026-05-20T00:00:00",
    "2026-05-20T14:30:00",
    "2026-05-21T00:00:00",
    "2026-06-01T08:00:00",
    "2027-01-01T00:00:00",
]


def passing(values, restriction, condition):
    predicate = compile_condition(parse_filter(f"c {condition}"), restriction, NOW)
    return [value for value in values if predicate(value)]


@pytest.mark.parametrize("restriction", ["int", "decimal"])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("eq 2", [2]),
        ("= 0", [None, 0]),
        ("equals 2.5", [2.5]),
        ("set 7", [7]),
        ("ne 0", [1, 2, 3, 4, 5, 6, 7, 8, -1, 2.5]),
        ("unequals 0", [1, 2, 3, 4, 5, 6, 7, 8, -1, 2.5]),
        ("lt 1", [None, 0, -1]),
        ("less 1", [None, 0, -1]),
        ("gt 6", [7, 8]),
        ("greater 6", [7, 8]),
        ("le 1", [None, 0, 1, -1]),
        ("ge 7", [7, 8]),
        ("between (2, 3)", [2, 3, 2.5]),
        ("in (1, 8, 99)", [1, 8]),
        ("eq '3'", [3]),
        ("eq [I:3]", [3]),
    ],
)
def test_numbers(restriction, condition, expected):
    assert passing(NUMBERS, restriction, condition) == expected


@pytest.mark.parametrize("restriction", ["string", "stringorPK", "positiveString"])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("is 'NORD'", ["Nord"]),
        ("eq sør", ["Sør", "SØR"]),
        ("is ''", [None, ""]),
        ("isNot ''", ["Nord", "nord AS", "Sør", "SØR", "a'b", "North", "x", "xx", "xy", "10"]),
        ("begins nor", ["Nord", "nord AS", "North"]),
        ("notBegins nor", [None, "", "Sør", "SØR", "a'b", "x", "xx", "xy", "10"]),
        ("contains 'D A'", ["nord AS"]),
        ("contains '\\''", ["a'b"]),
        ("notContains r", [None, "", "a'b", "x", "xx", "xy", "10"]),
        ("in (x, XY, 10)", ["x", "xy", "10"]),
        ("between (x, xx)", ["x", "xx"]),
    ],
)
def test_texts(restriction, condition, expected):
    assert passing(TEXTS, restriction, condition) == expected


def test_an_ending_is_told_by_a_function():
    predicate = compile_condition(parse_filter("endswith(c, 'AS')"), "string", NOW)

    assert [text for text in TEXTS if predicate(text)] == ["nord AS"]


@pytest.mark.parametrize(
    ("condition", "expected"),
    [("set true", [True]), ("= 1", [True]), ("eq false", [False, None]), ("ne true", [False, None])],
)
def test_flags(condition, expected):
    assert passing(FLAGS, "bool", condition) == expected


@pytest.mark.parametrize(
    "restriction", ["listAny", "associate", "userGroup", "ejUser", "ejCategory", "listExternal"]
)
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("oneOf (1, 3)", [1, 3]),
        ("notOneOf (1, 3)", [0, 2, 4, 5, None]),
        ("equals 2", [2]),
        ("in (4)", [4]),
        ("gt 3", [4, 5]),
    ],
)
def test_ids(restriction, condition, expected):
    assert passing(IDS, restriction, condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("associateIsOneOf (1, 2)", [1, 2]),
        ("associateIsNotOneOf (0, 1, 2)", [3, 4, 5]),
        ("currentAssociate", [3]),
        ("eq currentAssociate", [3]),
    ],
)
def test_associates(condition, expected):
    assert passing(IDS, "associate", condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("oneOf (1, 3)", [(1,), (1, 2), (2, 3), (3,)]),
        ("notOneOf (2)", [None, (), (1,), (3,)]),
        ("eq 1", [(1,)]),
    ],
)
def test_sets(condition, expected):
    assert passing(SETS, "intArray", condition) == expected


@pytest.mark.parametrize("restriction", ["date", "unlimitedDate", "datetime"])
@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("date 2026-05-20", TIMES[7:9]),
        ("eq '2026-05-20T14:30:00'", [TIMES[8]]),
        ("date 2026-05-20T14:30:00", TIMES[7:9]),
        ("before 2026-01-01", TIMES[0:2]),
        ("after 2026-05-20", TIMES[9:]),
        ("after 2026-05-20T14:29:59", TIMES[8:]),
        ("ge 2026-05-20T14:30:00", TIMES[8:]),
        ("beforeOrEqual 2026-05-18", TIMES[0:6]),
        ("between (2026-04-30, 2026-05-12)", TIMES[3:5]),
        ("dateBetween ('2026-04-30','2026-05-12')", TIMES[3:5]),
        ("today", TIMES[7:9]),
        ("beforeToday", TIMES[0:7]),
        ("afterToday", TIMES[9:]),
        ("thisWeek", TIMES[5:10]),
        ("lastWeek", TIMES[4:5]),
        ("nextWeek", []),
        ("thisMonth", TIMES[4:10]),
        ("lastMonth", TIMES[3:4]),
        ("nextMonth", TIMES[10:11]),
        ("thisQuarter", TIMES[3:11]),
        ("lastQuarter", TIMES[2:3]),
        ("nextQuarter", []),
        ("thisHalf", TIMES[2:11]),
        ("thisYear", TIMES[2:11]),
        ("lastYear", TIMES[1:2]),
        ("nextYear", TIMES[11:12]),
        ("thisPeriod 1 4", TIMES[3:11]),
        ("ne 2026-05-20", [*TIMES[0:7], *TIMES[9:]]),
        ("in (2026-05-20, 2027-01-01)", [*TIMES[7:9], TIMES[11]]),
        ("date 05/20/2026", TIMES[7:9]),
        ("date '20.5.2026'", TIMES[7:9]),
        ("date [D:05/20/2026]", TIMES[7:9]),
        ("eq [DT:05/20/2026 14:30:00.0000000]", [TIMES[8]]),
        ("eq 2026-05-20T16:30:00+02:00", [TIMES[8]]),
        ("eq 2026-05-20T14:30:00Z", [TIMES[8]]),
        ("eq 0001-01-01", TIMES[0:1]),
    ],
)
def test_times(restriction, condition, expected):
    assert passing(TIMES, restriction, condition) == expected


@pytest.mark.parametrize(
    ("condition", "expected"),
    [
        ("beforeTime 2026-05-20T14:30:00", TIMES[0:8]),
        ("afterTime 2026-05-20T14:30:00", TIMES[8:]),
        ("dateTime 2026-05-20T14:30:00", [TIMES[8]]),
    ],
)
def test_moments(condition, expected):
    assert passing(TIMES, "datetime", condition) == expected


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        ("this(c, day)", TIMES[7:9]),
        ("next(c, 2, week)", TIMES[10:11]),
        ("previous(c, 1, week)", TIMES[4:5]),
        ("thisAndNext(c, 1, month)", TIMES[4:11]),
        ("thisAndPrevious(c, 1, quarter)", TIMES[2:11]),
        ("thisAndPreviousAndNext(c, year)", TIMES[1:]),
    ],
)
def test_functions_of_periods(function, expected):
    predicate = compile_condition(parse_filter(function), "date", NOW)

    assert [time for time in TIMES if predicate(time)] == expected


@pytest.mark.parametrize(
    ("condition", "values", "expected"),
    [
        ("eq 5", [5, "5", 4, None], [5, "5"]),
        ("is 'A'", ["a", "b", None], ["a"]),
        ("gt 3", [5, 3, "4"], [5, "4"]),
        ("begins 1", [10, "1x", 2], [10, "1x"]),
        ("after 2026-01-01", [None, "2026-05-01T00:00:00"], ["2026-05-01T00:00:00"]),
    ],
)
def test_columns_of_no_known_type_compare_as_the_values_are(condition, values, expected):
    assert passing(values, "any", condition) == expected


@pytest.mark.parametrize("number", ["²", "9" * 5000])
def test_a_period_of_what_is_no_number_is_one(number):
    assert passing(TIMES, "date", f"lastPeriod ('{number}', '2')") == passing(
        TIMES, "date", "lastPeriod ('2')"
    )


def test_an_operator_without_its_value_is_told():
    with pytest.raises(QueryError, match="'is' takes a value"):
        compile_condition(Condition("c", "is", (), 0, 2), "string", NOW)


@pytest.mark.parametrize(
    ("condition", "restriction", "told"),
    [
        ("gt 'N'", "string", "'gt' does not fit 'c', which is string. Use is, isNot"),
        ("begins 5", "int", "'begins' does not fit 'c', which is int. Use eq, =, equals"),
        ("begins 'x'", "date", "'begins' does not fit 'c', which is date"),
        ("eq 1", "", "'c' cannot be restricted: it is only shown."),
        ("eq x", "int", "'x' is not a number, which 'c' (int) compares."),
        ("eq Customer", "listAny", "'Customer' is not an id, which 'c' (listAny) compares."),
        ("eq yes", "bool", "'yes' is not true or false, which 'c' (bool) compares."),
        ("eq nan", "decimal", "'nan' is not a number"),
        ("eq '+-1'", "int", "'+-1' is not a number"),
        (f"eq {'9' * 5000}", "int", "is not a number"),
        (
            "after tomorrow",
            "date",
            "'tomorrow' is not a date for 'c'. Write 2026-01-31 or 2026-01-31T10:00:00.",
        ),
        ("after 2026-13-01", "date", "'2026-13-01' is not a date"),
        ("between (1, 2, 3)", "int", "'between' takes two values, (a, b), not 3."),
        ("eq (1, 2)", "int", "'eq' takes one value, not 2."),
        ("beforeTime 2026-01-01", "date", "'beforeTime' does not fit 'c', which is date"),
        ("currentAssociate", "int", "'currentAssociate' does not fit 'c'"),
    ],
)
def test_what_does_not_fit_is_told(condition, restriction, told):
    with pytest.raises(QueryError) as error:
        passing([], restriction, condition)

    assert told in str(error.value)
