"""Filters of archives, as far as they are read without knowing columns (section 14.5)."""

import pytest

from mockso.archive.check import check_query
from mockso.archive.query import parse_filter

FILTER = ("query $filter", "filter-syntax", "error")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "personId=93",
        "name begins 'foo' and category gt 1",
        "(a eq 1 or b eq 2) and not_a_word is 'x (y'",
        "name is 'it\\'s' and text contains 'it''s'",
        "substringof('a', name) or startswith(name, 'b') and id in (1, 2)",
        "associateId currentAssociate",
        "registeredDate after 2026-01-01T00:00:00",
        "orderId eq 1 and android is 'and'",
        "getAllRows = true",
    ],
)
def test_what_the_grammar_has_is_no_fault(text):
    parse_filter(text)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ({"$top": 0, "$skip": 5}, []),
        ({"$top": -1}, [("query $top", "negative-rows", "error")]),
        ({"$skip": -5, "$filter": "(a eq 1"}, [("query $skip", "negative-rows", "error"), FILTER]),
    ],
)
def test_options_of_a_collection(tiny, arguments, expected):
    lookup = tiny.find("GET", "/api/v1/Contact")

    departures = check_query(lookup.operation, lookup, arguments, True)

    assert [(where, d.rule, d.severity) for where, d in departures] == expected


def test_an_operation_without_an_archive_has_no_such_options(tiny):
    lookup = tiny.find("GET", "/api/v1/Contact/17")

    assert list(check_query(lookup.operation, lookup, {"$top": -1}, True)) == []


@pytest.mark.parametrize(("refuse", "severity"), [(True, "error"), (False, "warning")])
def test_an_unknown_provider_names_the_nearest(shipped, refuse, severity):
    lookup = shipped.find("GET", "/api/v1/Archive/FindContct")

    ((where, departure),) = check_query(lookup.operation, lookup, {}, refuse)

    assert (where, departure.rule, departure.severity) == (
        "path archiveProviderName",
        "unknown-provider",
        severity,
    )
    assert departure.nearest == "FindContact"
    assert departure.message.endswith(" Did you mean 'FindContact'?")
