"""Counters of steps among a tenant's rows."""

import threading

from mockso.state.counts import StepCounts
from mockso.state.rows import RowStore


def test_a_use_is_counted_where_a_step_was_chosen():
    counts = StepCounts(RowStore("Cust1"))

    assert counts.count(lambda uses: "a#0" if uses("a#0") < 2 else None) == 1
    assert counts.count(lambda uses: "a#0" if uses("a#0") < 2 else None) == 2
    assert counts.count(lambda uses: "a#0" if uses("a#0") < 2 else None) == 0
    assert counts.uses("a#0") == 2


def test_cleared_steps_begin_again():
    counts = StepCounts(RowStore("Cust1"))
    counts.count(lambda uses: "a#0")

    counts.clear(["a#0", "a#1"])

    assert counts.uses("a#0") == 0


def test_a_snapshot_has_the_counters():
    store = RowStore("Cust1")
    counts = StepCounts(store)
    snapshot = store.snapshot()
    counts.count(lambda uses: "a#0")

    store.restore(snapshot)

    assert counts.uses("a#0") == 0


def test_a_step_with_times_answers_just_as_often_under_many_threads():
    counts = StepCounts(RowStore("Cust1"))
    answers = []

    def take():
        for _ in range(50):
            answers.append(counts.count(lambda uses: "a#0" if uses("a#0") < 100 else None))

    threads = [threading.Thread(target=take) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(answer for answer in answers if answer) == list(range(1, 101))
