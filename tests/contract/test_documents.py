"""Operations that no page documents."""

import pytest

from mockso.contract.documents import DESCRIPTION, DOCUMENTS, OPTIONS, ROOT, STATE, VERSION, find
from mockso.scenario.check import Checker


@pytest.mark.parametrize(
    ("method", "path", "operation"),
    [
        ("GET", "/api", ROOT),
        ("HEAD", "/API/v1", VERSION),
        ("GET", "/api/v1/Agents/Contact/SaveContactEntity", DESCRIPTION),
        ("POST", "/api", None),
    ],
)
def test_a_document_is_found_as_an_operation(shipped, method, path, operation):
    assert find(shipped, method, path).operation == operation


def test_a_preflight_and_the_state_of_a_tenant_are_operations_too(tiny):
    assert find(tiny, "OPTIONS", "/api/v1/Contact/1", preflight=True).operation is OPTIONS
    assert find(tiny, "OPTIONS", "/api/v1/Contact/1").operation is None

    state = find(tiny, "GET", "/api/state/Cust1", environment=True)

    assert (state.operation, state.path_arguments, state.public) == (STATE, {"tenant": "Cust1"}, True)


@pytest.mark.parametrize("name", sorted(DOCUMENTS))
def test_a_scenario_can_name_each(tiny, name):
    step = {"match": {"operation": name}, "reply": {"status": 503}}

    assert list(Checker(tiny).faults({"name": "n", "description": "d.", "steps": [step]})) == []
