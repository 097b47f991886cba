"""Arguments of the address and the query, and names in $select."""

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from tests.conftest import call
from tests.judge.verdicts import faults, judge_by


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ([("flag", "true")], []),
        ([("FLAG", "TRUE")], []),
        ([], [("missing-parameter", "error", "query flag")]),
        ([("flag", "")], [("missing-parameter", "error", "query flag")]),
        ([("flag", "perhaps")], [("parameter-type", "error", "query flag")]),
        ([("flag", "true"), ("since", "soon")], [("parameter-type", "error", "query since")]),
        ([("flag", "true"), ("kind", "two")], []),
        ([("flag", "true"), ("kind", "Three")], [("parameter-type", "error", "query kind")]),
        ([("flag", "true"), ("ids", "1"), ("ids", "2")], []),
        ([("flag", "true"), ("ids", "1"), ("ids", "x")], [("parameter-type", "error", "query ids")]),
        ([("flag", "true"), ("flag", "false")], [("repeated-parameter", "warning", "query flag")]),
        ([("flag", "true"), ("$format", "json")], []),
        ([("flag", "true"), ("flg", "1")], [("unknown-parameter", "warning", "query flg")]),
    ],
)
def test_query_arguments(engine, query, expected):
    assert faults(engine, call("GET", "/api/v1/Filter", query=query)) == expected


def test_arguments_are_read_as_their_types(engine):
    query = [("flag", "True"), ("ids", "1"), ("ids", "2"), ("kind", "two")]

    assert judge_by(engine, call("GET", "/api/v1/Filter", query=query)).arguments == {
        "flag": True,
        "ids": [1, 2],
        "kind": "Two",
    }


@pytest.mark.parametrize("text", ["abc", "1_0", "2147483648", "1.5", "0x1"])
def test_an_int32_in_the_address(engine, text):
    assert faults(engine, call("GET", f"/api/v1/Contact/{text}")) == [("parameter-type", "error", "path id")]


def test_a_name_in_select_that_the_answer_lacks_is_a_warning(engine):
    (violation,) = judge_by(engine, call(query=[("$select", "name, Persns/firstname")])).violations

    assert (violation.rule.id, violation.severity, violation.where) == (
        "unknown-column",
        "warning",
        "query $select",
    )
    assert violation.nearest == "Persons"


def test_columns_of_an_archive_are_those_of_its_provider(engine):
    known = call(path="/api/v1/Contact", query=[("$select", "name, contactAssociate/fullName")])
    unknown = call(path="/api/v1/Contact", query=[("$select", "anything")])

    assert faults(engine, known) == []
    assert faults(engine, unknown) == [("unknown-column", "warning", "query $select")]


@pytest.mark.parametrize(
    ("setting", "severity"),
    [("refuse", "error"), ("ignore", "warning")],
)
def test_an_unknown_zone_is_a_fault_of_the_severity_that_is_set(tiny, setting, severity):
    engine = Engine(Settings(unknown_timezone=setting), [tiny], Journal())

    assert faults(engine, call(headers=[("SO-TimeZone", "NX")])) == [
        ("unknown-zone", severity, "header SO-TimeZone")
    ]
