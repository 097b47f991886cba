"""What a fault cites, and the stage it belongs to."""

import pytest

from mockso.contract.departure import Departure
from mockso.judge.faults import Faults


@pytest.mark.parametrize(
    ("rule", "stage"),
    [
        ("unknown-address", "address"),
        ("unsupported-encoding", "media type"),
        ("broken-json", "decoding"),
        ("http-date", "parameters"),
        ("table-row", "body"),
    ],
)
def test_the_stage_of_a_fault_is_that_of_its_rule(rule, stage):
    faults = Faults(None)

    faults.add(rule, "body", "it is broken")

    assert faults.violations[0].stage == stage


def test_a_rule_of_the_reference_cites_the_operation_and_another_its_own_source(tiny):
    operation = tiny.find("GET", "/api/v1/Contact/1").operation
    faults = Faults(operation)

    faults.add("missing-body", "body", "it is missing")
    faults.add("broken-json", "body", "it ends too early")
    faults.add("body-type", "body", "it is a list", source="page.md:3")

    assert [violation.source for violation in faults.violations] == [
        operation.source,
        "WebAPI",
        "page.md:3",
    ]


def test_a_departure_is_added_with_all_its_parts_and_the_severity_of_the_caller():
    faults = Faults(None)

    faults.add_departure(
        "body.Name", Departure("too-long", "error", "too long", "20", "21", "x"), severity="warning"
    )

    violation = faults.violations[0]
    assert (violation.rule.id, violation.severity, violation.where) == ("too-long", "warning", "body.Name")
    assert (violation.expected, violation.got, violation.nearest) == ("20", "21", "x")
