"""The five calls of a log."""

import pytest

from mockso.state.log import Change, MemoryLog


@pytest.fixture
def log():
    return MemoryLog(keep=True)


def test_an_unknown_tenant_has_seen_nothing(log):
    assert log.head("Cust1") == (0, 0)
    assert log.since("Cust1", 0) == []


def test_a_commit_against_the_last_sequence_is_taken(log):
    assert log.commit("Cust1", 0, 0, [Change("Contact", 1, {"Name": "a"})])

    assert log.head("Cust1") == (0, 1)
    assert log.since("Cust1", 0) == [("Contact", 1, {"Name": "a"}, 1)]


def test_a_commit_that_was_overtaken_writes_nothing(log):
    log.commit("Cust1", 0, 0, [Change("Contact", 1, {"Name": "a"})])

    assert not log.commit("Cust1", 0, 0, [Change("Contact", 1, {"Name": "b"})])
    assert log.since("Cust1", 0)[0].value == {"Name": "a"}


def test_since_has_each_row_once_as_it_is_now(log):
    log.commit("Cust1", 0, 0, [Change("Contact", 1, {"Name": "a"}), Change("Contact", 2, {})])
    log.commit("Cust1", 0, 1, [Change("Contact", 1, None)])

    assert log.since("Cust1", 1) == [("Contact", 1, None, 2)]
    assert [row.key for row in log.since("Cust1", 0)] == [2, 1]


def test_a_reset_begins_a_generation_with_its_rows_only(log):
    log.commit("Cust1", 0, 0, [Change("Contact", 1, {})])
    log.reset("Cust1", [Change("Contact", 7, {})])

    generation, sequence = log.head("Cust1")
    assert generation == 1
    assert [row.key for row in log.since("Cust1", 0)] == [7]
    assert not log.commit("Cust1", 0, sequence, [])


def test_names_are_the_tenants_that_were_written(log):
    log.commit("Cust2", 0, 0, [])
    log.reset("Cust1")

    assert log.names() == ["Cust1", "Cust2"]
