"""Consumer coverage, against counts by hand."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator

import pytest

from mockso.config import Settings
from mockso.contract import catalogue
from mockso.contract.catalogue import Contract
from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.journal.journal import Journal
from mockso.testing.coverage import Coverage
from mockso.testing.coverage_report import html, table, write
from mockso.testing.mock import Mock
from tests.conftest import OPERATIONS, TYPES


@pytest.fixture
def tiny_mock(tiny: Contract) -> Iterator[Mock]:
    made = Mock(Engine(Settings(), [tiny], Journal()))
    yield made
    made.close()


def covered(mock: Mock, *calls: tuple[str, str, object], **options) -> Coverage:
    world = mock.world(**options)
    client = world.client()
    for method, path, body in calls:
        client.request(method, path, **({} if body is None else {"json": body}))
    coverage = Coverage()
    coverage.see(seen.call for seen in world.seen)
    world.drop()
    return coverage


def test_a_read_counts_statuses_and_parameters(tiny_mock):
    coverage = covered(tiny_mock, ("GET", "Contact/17?$select=Name", None))

    # getContact: called; 200 of 200 and 404; $select of $select and fk. The path's id is always given.
    assert coverage.count() == (3, 5)
    assert coverage.by_operation()["getContact"]["status"] == [("200", True), ("404", False)]
    assert coverage.by_operation()["getContact"]["parameter"] == [("$select", True), ("fk", False)]


def test_a_save_counts_properties_and_enum_values_of_what_was_sent(tiny_mock):
    body = {"Name": "x", "kind": "Company", "Rights": "Read, Write", "Persons": [{"Firstname": "Ann"}]}
    coverage = covered(tiny_mock, ("POST", "Contact", body))

    # 15 properties of ContactEntity and 2 of the Person inside that was sent: 4 and 1 of them were used.
    assert coverage.count("property") == (5, 17)
    assert ("Persons[].Firstname", True) in coverage.by_operation()["postContact"]["property"]
    # Kind has 3 values, of which Company was sent; Rights has 3, of which Read and Write were.
    assert coverage.count("enum") == (3, 6)
    assert coverage.count("status") == (1, 1)
    assert coverage.count() == (10, 25)


def test_a_restricted_operation_is_covered_granted_and_refused(tiny_mock):
    call = ("POST", "Agents/User/SaveCredentials", {"Type": "x"})

    refused = covered(tiny_mock, call)
    granted = covered(tiny_mock, call, grants=["User"])

    assert refused.by_operation()["saveCredentials"]["restriction"] == [("granted", False), ("refused", True)]
    refused.merge(granted.have, granted.hit)
    assert refused.count("restriction") == (2, 2)
    # called, 204, both ways of the restriction; Type of Type and Credentials.
    assert refused.count() == (5, 6)


def test_parameters_with_enums_are_counted(tiny_mock):
    coverage = covered(tiny_mock, ("GET", "Filter?flag=true&kind=one", None))

    assert coverage.by_operation()["filtered"]["enum"] == [("kind=One", True), ("kind=Two", False)]
    assert coverage.count("parameter") == (2, 4)


def test_a_suite_is_the_sum_of_its_calls_whatever_their_order(tiny_mock):
    calls = [("GET", "Contact/17", None), ("POST", "Contact", {"Name": "x"}), ("GET", "Contact?$top=1", None)]

    there, back = covered(tiny_mock, *calls), covered(tiny_mock, *reversed(calls))

    assert there == back
    # getContact 2 of 5; postContact called, 200 and Name of 15 properties and 6 values; allContacts called,
    # 200 and $top of two parameters.
    assert there.count() == (2 + 3 + 3, 5 + 23 + 4)


def test_a_report_reads_back_what_it_wrote(tiny_mock, tmp_path):
    coverage = covered(tiny_mock, ("GET", "Contact/17", None))
    file = tmp_path / "inner" / "coverage.json"

    said = list(write(coverage, [f"json:{file}"]))
    again = Coverage()
    again.read(file)

    assert said == [f"consumer coverage 40%, written to {file}"]
    assert again == coverage
    assert json.loads(file.read_text())["kinds"]["parameter"] == {"seen": 0, "of": 2}


def test_what_is_no_report_is_refused(tmp_path):
    file = tmp_path / "x.json"
    file.write_text("[]")

    with pytest.raises(SettingError, match="not a coverage report"):
        Coverage().read(file)


def test_the_table_and_the_page_have_the_same_figures(tiny_mock):
    coverage = covered(tiny_mock, ("GET", "Contact/17?$select=Name", None))

    assert list(table(coverage)) == [
        "operation   status  parameter  property  enum  restriction  total",
        "getContact     1/2        1/2         -     -            -    60%",
        "all            1/2        1/2         -     -            -    60%",
    ]
    page = html(coverage)
    assert "Consumer coverage 60%" in page
    assert '<span class="unseen">fk</span>' in page


def test_the_table_of_thousands_of_operations():
    # Who looks each of them up among the facts of all takes minutes here.
    facts = {f"op{n}\tstatus\t{item}" for n in range(3_000) for item in range(200, 220)}

    lines = list(table(Coverage(facts, set())))

    assert lines[-1].split() == ["all", "0/60000", "-", "-", "-", "-", "0%"]


def test_nothing_called_is_said_and_covers_nothing(tiny_mock):
    assert list(table(Coverage())) == ["consumer coverage: no call reached an operation"]
    assert Coverage().percent == 0


SUITE = """
def test_a(superoffice):
    superoffice.client().get("Contact/17?$select=Name")

def test_b(superoffice):
    superoffice.client().post("Contact", json={"Name": "x"})
"""


def test_a_suite_fails_below_a_limit_and_adds_an_earlier_run(pytester: pytest.Pytester):
    pytester.path.joinpath("tiny.jsonl").write_bytes(catalogue.dump({"release": "tiny"}, OPERATIONS, TYPES))
    pytester.makeini("[pytest]\nmockso_contracts = tiny.jsonl\naddopts = -p no:randomly")
    pytester.makepyfile(SUITE)

    # getContact 3 of 5, postContact 3 of 23.
    passed = pytester.runpytest(
        "--mockso-cov-fail-under=21", "--mockso-coverage=json:one.json", "-k", "test_b"
    )
    both = pytester.runpytest(
        "--mockso-cov-fail-under=21", "--mockso-coverage", "--mockso-coverage-from=one.json", "-k", "test_a"
    )

    assert passed.ret == 1
    passed.stdout.fnmatch_lines(["FAIL: consumer coverage 13.0% is under 21%"])
    assert both.ret == 0
    both.stdout.fnmatch_lines(["getContact  *60%", "postContact  *13%", "all  *21%"])


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
def test_a_report_on_a_disk_that_is_full_fails_the_run_by_a_line(pytester: pytest.Pytester):
    pytester.makepyfile(SUITE)

    ended = pytester.runpytest("--mockso-coverage=json:/dev/full", "-k", "test_a")

    assert ended.ret == 1
    ended.stdout.fnmatch_lines(["FAIL: /dev/full: the coverage report cannot be written (No space left*"])
