"""The fold of a tenant's log over its seed, and drafts."""

import threading
from contextlib import contextmanager

import pytest

from mockso.errors import StateError
from mockso.state.log import Change, MemoryLog
from mockso.state.rows import Event, RowStore, Seed

SEED = Seed({"Person": {1: {"Firstname": "Ann", "Contact": 5}, 2: {"Firstname": "Bo", "Contact": 6}}})


@pytest.fixture
def state():
    return RowStore("Cust1", seed=SEED)


def add(draft, **value):
    key = draft.next_id("Person")
    draft.put("Person", key, value)
    return key


def test_the_seed_is_read_where_nothing_of_the_tenants_own_lies_over_it(state):
    state.change(lambda draft: draft.put("Person", 1, {"Firstname": "Anna"}))
    state.change(lambda draft: draft.remove("Person", 2))

    assert state.rows.get("Person", 1) == {"Firstname": "Anna"}
    assert state.rows.get("Person", 2) is None
    assert list(state.rows.items("Person")) == [(1, {"Firstname": "Anna"})]
    assert state.rows.count("Person") == 1


def test_ids_go_on_above_the_seed_and_are_never_given_twice(state):
    first = state.change(add).value
    state.change(lambda draft: draft.remove("Person", first))

    assert first == 3
    assert state.change(add).value == 4


def test_rows_are_found_by_a_property_in_seed_and_own_rows(state):
    state.change(lambda draft: add(draft, Contact=5))
    assert [key for key, _ in state.rows.find("Person", "Contact", 5)] == [1, 3]

    state.change(lambda draft: draft.put("Person", 1, {"Contact": 6}))
    state.change(lambda draft: draft.put("Person", 3, {"Contact": 6}))

    assert state.rows.find("Person", "Contact", 5) == []
    assert [key for key, _ in state.rows.find("Person", "Contact", 6)] == [1, 2, 3]


def test_a_draft_sees_its_own_changes_and_nobody_else_does(state):
    def verb(draft):
        draft.put("Person", 9, {"Contact": 5})
        draft.remove("Person", 1)
        found = draft.find("Person", "Contact", 5)
        assert [key for key, _ in draft.items("Person")] == [2, 9]
        assert state.rows.get("Person", 9) is None
        return found

    assert state.change(verb).value == [(9, {"Contact": 5})]


def test_a_verb_that_raises_changes_nothing(state):
    def verb(draft):
        draft.remove("Person", 1)
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        state.change(verb)

    assert state.rows.get("Person", 1) is not None


class SharedLog(MemoryLog):
    """A log that another process commits to, once, between a verb's look and its own commit."""

    def __init__(self):
        super().__init__(keep=True)
        self.quicker = [Change("Person", 1, {"Firstname": "Eva"})]

    def commit(self, tenant, generation, sequence, changes):
        if self.quicker:
            super().commit(tenant, generation, sequence, [self.quicker.pop()])
        return super().commit(tenant, generation, sequence, changes)


def test_a_verb_that_was_overtaken_runs_again_and_its_events_go_out_once():
    state = RowStore("Cust1", SharedLog(), SEED, alone=False)

    def verb(draft):
        draft.put("Person", 2, {"Firstname": draft.get("Person", 1)["Firstname"]})
        draft.signal(Event("person.changed", "Person", 2))

    outcome = state.change(verb)

    assert outcome.runs == 2
    assert [event.name for event in outcome.events] == ["person.changed"]
    assert state.rows.get("Person", 2) == {"Firstname": "Eva"}


def test_a_verb_that_is_always_overtaken_is_given_up():
    class Busy(MemoryLog):
        def commit(self, tenant, generation, sequence, changes):
            return False

    state = RowStore("Cust1", Busy())

    with pytest.raises(StateError, match="overtaken"):
        state.change(lambda draft: draft.put("Person", 1, {}))


def test_a_snapshot_is_restored_also_into_another_tenant(state):
    state.change(add)
    snapshot = state.snapshot()
    state.change(add)
    fork = RowStore("Cust2", seed=SEED)

    state.restore(snapshot)
    fork.restore(snapshot)
    fork.change(add)

    assert state.rows.count("Person") == 3
    assert fork.rows.count("Person") == 4
    assert state.change(add).value == 4


def test_a_reset_leaves_the_seed(state):
    state.change(add)
    state.change(lambda draft: draft.remove("Person", 1))

    state.reset()

    assert list(state.rows.items("Person")) == list(SEED.tables["Person"].items())
    assert state.change(add).value == 3


def test_numbers_under_many_threads_are_unique(state):
    numbers = []

    def take():
        for _ in range(50):
            numbers.append(state.change(lambda draft: draft.next_number("sale", 1001)).value)

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1001, 1401))


class FailingLog(MemoryLog):
    """A log whose outer commit fails: what was done in the block is undone, as a database does."""

    @contextmanager
    def alone(self, tenant):
        yield
        raise StateError("the server is gone")


def test_a_change_whose_last_commit_fails_is_not_among_the_rows(monkeypatch):
    state = RowStore("Cust1", FailingLog(), SEED, alone=False)
    monkeypatch.setattr("mockso.state.rows._TRIES_AMONG_OTHERS", 0)

    with pytest.raises(StateError, match="gone"):
        state.change(lambda draft: draft.put("Person", 9, {"Firstname": "Nobody"}))

    assert state.rows.get("Person", 9) is None
    assert not state.rows.has_own("Person")


def test_a_snapshot_and_a_reset_leave_alone_what_a_tenant_is_doing():
    store = RowStore("Cust1")
    store.change(lambda rows: rows.put("delivery", "a 1", {"retry": 0}))
    store.change(lambda rows: rows.put("Contact", 1, {"Name": "A"}))
    snapshot = store.snapshot()
    store.change(lambda rows: rows.put("scenario", "slow", {"place": 1}))

    store.restore(snapshot)
    assert (store.rows.count("Contact"), store.rows.count("delivery"), store.rows.count("scenario")) == (
        1,
        1,
        1,
    )

    store.reset()
    assert (store.rows.count("Contact"), store.rows.count("delivery")) == (0, 1)
    assert "delivery" not in snapshot.tables


def test_a_delivery_that_ended_leaves_nothing_behind():
    store = RowStore("Cust1")
    store.change(lambda rows: rows.put("delivery", "a 1", {"retry": 0}))

    store.change(lambda rows: rows.remove("delivery", "a 1"))

    assert list(store.rows.own()) == []
