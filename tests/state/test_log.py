"""The calls of a log, the same over memory, SQLite and PostgreSQL; two stores over one log are two processes."""

import threading

import pytest

from mockso.state import log as log_module
from mockso.state.log import Change
from mockso.state.rows import RowStore, Seed

SEED = Seed({"Person": {1: {"Firstname": "Ann", "Contact": 5}, 2: {"Firstname": "Bo", "Contact": 6}}})


@pytest.fixture
def processes(logs):
    """A function that gives the tenant as one more process has it."""
    return lambda name="Cust1": RowStore(name, logs(), SEED, alone=False)


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


def test_since_has_each_row_once_as_it_is_now_in_the_order_they_were_first_written(log):
    log.commit("Cust1", 0, 0, [Change("Contact", 1, {"Name": "a"}), Change("Contact", 2, {})])
    log.commit("Cust1", 0, 1, [Change("Contact", 1, None), Change("Contact", 3, {})])

    assert log.since("Cust1", 1) == [("Contact", 1, None, 2), ("Contact", 3, {}, 2)]
    assert [row.key for row in log.since("Cust1", 0)] == [1, 2, 3]


def test_a_key_is_a_number_or_a_text_and_comes_back_as_it_was(log):
    log.commit(
        "Cust1", 0, 0, [Change("a", 5, {"n": 1}), Change("a", "5", {"n": 2}), Change("a", "\0å\ud800", {})]
    )

    assert [(row.key, row.value) for row in log.since("Cust1", 0)] == [
        (5, {"n": 1}),
        ("5", {"n": 2}),
        ("\0å\ud800", {}),
    ]


def test_a_tenant_of_any_name_has_its_own_rows(log):
    for name in ("", "cust1", "Cust1", "a\0b", "Ærlig", "\ud800"):
        log.commit(name, 0, 0, [Change("a", name, {})])

    assert [log.since(name, 0)[0].key for name in ("", "a\0b", "\ud800")] == ["", "a\0b", "\ud800"]
    assert len(log.names()) == 6


def test_a_reset_begins_a_generation_with_its_rows_only(log):
    log.commit("Cust1", 0, 0, [Change("Contact", 1, {})])
    log.reset("Cust1", [Change("Contact", 7, {})])

    generation, sequence = log.head("Cust1")
    assert generation == 1
    assert [row.key for row in log.since("Cust1", 0)] == [7]
    assert not log.commit("Cust1", 0, sequence, [])


def test_a_reset_leaves_the_kinds_to_keep(log):
    log.commit("Cust1", 0, 0, [Change("Contact", 1, {}), Change("delivery", "a", {})])

    log.reset("Cust1", keep=("delivery",))

    assert [row.kind for row in log.since("Cust1", 0)] == ["delivery"]


def test_names_are_the_tenants_that_have_rows(log):
    log.commit("Cust2", 0, 0, [Change("a", 1, {})])
    log.commit("Cust3", 0, 0, [Change("a", 1, {})])
    log.commit("Cust1", 0, 0, [Change("a", 1, {})])
    log.reset("Cust3")

    assert log.names() == ["Cust1", "Cust2"]


def test_what_one_process_saves_another_reads_after_a_look(processes):
    one, other = processes(), processes()
    one.change(lambda draft: draft.put("Person", 9, {"Firstname": "Cy", "Contact": 5}))

    assert other.rows.get("Person", 9) is None
    assert other.refresh()
    assert other.rows.get("Person", 9) == {"Firstname": "Cy", "Contact": 5}
    assert [key for key, _ in other.rows.find("Person", "Contact", 5)] == [1, 9]
    assert not other.refresh()


def test_all_processes_have_the_rows_in_one_order(processes):
    one, other = processes(), processes()
    for key in (30, 10, 20):
        one.change(lambda draft, key=key: draft.put("a", key, {}))
        other.refresh()
    other.change(lambda draft: draft.put("a", 30, {"changed": True}))
    one.refresh()

    late = processes()
    late.refresh()

    orders = [[key for key, _ in store.rows.items("a")] for store in (one, other, late)]
    assert orders == [[30, 10, 20]] * 3


def test_a_change_that_was_overtaken_runs_again_over_what_the_other_wrote(processes):
    one, other = processes(), processes()
    other.refresh()
    one.change(lambda draft: draft.put("Person", 1, {"Firstname": "Eva"}))

    outcome = other.change(
        lambda draft: draft.put("Person", 2, {"Firstname": draft.get("Person", 1)["Firstname"]})
    )

    assert outcome.runs == 2
    assert other.rows.get("Person", 2) == {"Firstname": "Eva"}


def test_a_reset_by_one_process_is_one_for_all(processes):
    one, other = processes(), processes()
    one.change(lambda draft: draft.put("a", 1, {}))
    one.change(lambda draft: draft.put("delivery", "x", {}))
    other.refresh()

    other.reset()
    one.refresh()

    for store in (one, other):
        assert list(store.rows.own()) == [("delivery", "x", {})]


def test_a_snapshot_of_one_process_is_restored_by_another(processes):
    one, other = processes(), processes()
    one.change(lambda draft: draft.put("a", 1, {"n": 1}))
    snapshot = one.snapshot()
    one.change(lambda draft: draft.put("a", 1, {"n": 2}))

    other.restore(snapshot)
    one.refresh()

    assert one.rows.get("a", 1) == other.rows.get("a", 1) == {"n": 1}


def test_numbers_taken_by_many_processes_are_unique_and_none_is_left_out(processes):
    numbers, stores = [], [processes() for _ in range(4)]

    def take(store):
        for _ in range(25):
            numbers.append(store.change(lambda draft: draft.next_number("sale", 1001)).value)

    threads = [threading.Thread(target=take, args=(store,)) for store in stores for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(numbers) == list(range(1001, 1201))


def test_rows_that_come_and_go_leave_nothing_behind_for_ever(processes, logs, monkeypatch):
    log = logs()
    if not hasattr(log, "tidy"):
        pytest.skip("memory forgets them at once")
    monkeypatch.setattr("mockso.state.rows.LAG", 3)
    monkeypatch.setattr("mockso.state.database._FORGET", _forget_after(3))
    one, late = processes(), processes()
    one.change(lambda draft: draft.put("delivery", "x", {}))
    late.refresh()
    one.change(lambda draft: draft.remove("delivery", "x"))
    for number in range(4):
        one.change(lambda draft, number=number: draft.put("a", number, {}))

    log.tidy("Cust1")

    assert [row.kind for row in log.since("Cust1", 0)] == ["a"] * 4
    late.refresh()
    assert list(late.rows.items("delivery")) == []


def _forget_after(lag):
    from mockso.state import database

    return database._FORGET.replace(f"+ {log_module.LAG}", f"+ {lag}")
