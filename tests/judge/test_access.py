"""Who may call what, and where."""

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from tests.conftest import call
from tests.judge.verdicts import faults, judge_by


def test_an_unknown_address_names_the_nearest(engine):
    (violation,) = judge_by(engine, call(path="/api/v1/Contct/17")).violations

    assert (violation.rule.id, violation.stage) == ("unknown-address", "address")
    assert violation.nearest in violation.message


def test_an_address_with_other_methods_names_them(engine):
    (violation,) = judge_by(engine, call("TRACE")).violations

    assert (violation.rule.id, violation.stage) == ("unknown-method", "method")
    assert "GET" in violation.expected


@pytest.mark.parametrize(
    ("host", "expected"),
    [
        ("online.example", []),
        ("ONLINE.example:443", []),
        ("[::1]:80", []),
        ("other.example", [("wrong-host", "error", "header Host")]),
    ],
)
def test_a_host_has_to_own_the_tenant(tiny, host, expected):
    engine = Engine(Settings(hosts=("online.example", "[::1]")), [tiny], Journal())

    assert faults(engine, call(headers=[("Host", host)])) == expected


def test_a_scheme_that_is_switched_off_is_refused_onsite(tiny):
    engine = Engine(Settings(authorize_with_username=False), [tiny], Journal())

    (violation,) = judge_by(engine, call(tenant="")).violations

    assert violation.rule.id == "scheme-off"
    assert "authorize_with_username" in violation.message


def test_a_valid_credential_gives_its_scheme(engine):
    assert judge_by(engine, call(tenant="")).caller == "Basic"
    assert judge_by(engine, call()).caller == "Bearer"


@pytest.mark.parametrize("state", ["OfflineMaintenance", "Suspended"])
def test_a_tenant_that_does_not_run_is_a_fault(engine, state):
    engine.tenants.of("Cust12345").status = state

    assert faults(engine, call()) == [("tenant-not-running", "error", "tenant")]
