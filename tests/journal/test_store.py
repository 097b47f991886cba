"""The journal's tables, the same in every database."""

import threading

import pytest

from mockso.journal.entry import COLUMNS
from mockso.journal.rows import Rows
from mockso.journal.store import Store
from mockso.redaction.redaction import Redaction
from tests.journal.entries import finished


@pytest.fixture
def store(url):
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def row(tiny):
    return Rows(Redaction(), 1_000).of(finished(tiny, id="1"))


def fill(store, row, count):
    for _ in range(count):
        store.insert({**row, "seq": store.next_id()})


def test_a_row_comes_back_as_it_was_inserted(store, row):
    store.insert(row)

    assert store.row(1) == row
    assert tuple(row) == COLUMNS


def test_rows_come_in_the_order_of_their_ids(store, row):
    fill(store, row, 3)

    newest = store.select(" WHERE seq > ?", (1,), newest=True)

    assert [found["seq"] for found in newest] == [3, 2]
    assert [found["seq"] for found in store.select(" WHERE seq > ?", (1,))] == [2, 3]
    assert store.ends() == (1, 3)


def test_two_that_drop_the_same_calls_count_each_once(url, row):
    first = Store(url)
    if not first.is_shared:
        first.close()
        pytest.skip("only one process writes")
    second = Store(url)
    fill(first, row, 50)
    seen = [seq for seq, _ in first.oldest(30)]

    second.drop(seen[-1])
    first.drop(seen[-1])

    assert second.count() + second.dropped_calls(None) == 50
    first.close()
    second.close()


def test_two_that_drop_at_once_neither_count_twice_nor_wait_for_each_other(url, row):
    first = Store(url)
    if not first.is_shared:
        first.close()
        pytest.skip("only one process writes")
    stores = [first, Store(url), Store(url)]
    fill(first, row, 300)
    seen = [seq for seq, _ in first.oldest(300)]

    def drop(store):
        for last in seen[9::10]:
            store.drop(last)

    threads = [threading.Thread(target=drop, args=(store,)) for store in stores]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert (first.extent(), first.dropped_calls(None)) == ((0, 0), 300)
    for store in stores:
        store.close()


def test_ids_of_deleted_calls_are_not_given_again(tmp_path, row):
    store = Store(str(tmp_path / "calls.db"))
    fill(store, row, 2)
    store.clear(None)
    store.clear(None)
    store.close()

    again = Store(str(tmp_path / "calls.db"))

    assert again.next_id() == 3
    again.close()
