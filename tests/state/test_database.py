"""What only a log in a database has: several processes of the machine, formats, faults."""

import multiprocessing
import sqlite3

import pytest

from mockso.errors import StateError
from mockso.state.database import DatabaseLog
from mockso.state.log import Change
from mockso.state.rows import RowStore


def count(url, times):
    store = RowStore("Cust1", DatabaseLog(url), alone=False)
    for _ in range(times):
        store.change(lambda draft: draft.next_number("sale"))


def test_processes_count_together_exactly(database):
    DatabaseLog(database).close()
    context = multiprocessing.get_context("spawn")
    processes = [context.Process(target=count, args=(database, 50)) for _ in range(4)]
    for process in processes:
        process.start()
    for process in processes:
        process.join()

    log = DatabaseLog(database)
    assert [process.exitcode for process in processes] == [0] * 4
    assert log.since("Cust1", 0)[0].value == {"number": 201}
    assert log.head("Cust1") == (0, 200)
    log.close()


def test_rows_stay_when_the_last_process_ends(database):
    log = DatabaseLog(database)
    log.commit("Cust1", 0, 0, [Change("Contact", 1, {"Name": "a"})])
    log.close()

    again = DatabaseLog(database)

    assert again.since("Cust1", 0)[0].value == {"Name": "a"}
    again.close()


def set_format(url, format):
    log = DatabaseLog(url)
    log._tables.transaction((f"UPDATE state_notes SET value = '{format}'", ()))
    log.close()


@pytest.mark.parametrize(("format", "words"), [("2", "a newer mockso"), ("0", "an older mockso")])
def test_a_database_of_another_format_is_refused(database, format, words):
    set_format(database, format)

    with pytest.raises(StateError, match=f"format {format}.*{words}"):
        DatabaseLog(database)


def test_a_file_that_is_not_a_database_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, and long enough that SQLite looks at its first page" * 20)

    with pytest.raises(StateError, match=r"notes\.txt: cannot be used as a state"):
        DatabaseLog(str(path))


def test_memory_is_refused():
    with pytest.raises(StateError, match="no other process can read"):
        DatabaseLog("memory")


def test_a_server_that_is_not_there_is_refused():
    pytest.importorskip("psycopg")

    with pytest.raises(StateError, match="Start it, or correct --state"):
        DatabaseLog("postgresql://postgres@127.0.0.1:9/none")


def test_a_full_disk_changes_nothing_and_is_told(tmp_path):
    log = DatabaseLog(str(tmp_path / "state.db"))
    log.commit("Cust1", 0, 0, [Change("a", 1, {"n": 1})])
    pages = log._tables.rows("PRAGMA page_count")[0][0]
    log._tables.rows(f"PRAGMA max_page_count = {pages}")
    store = RowStore("Cust1", log, alone=False)

    with pytest.raises(StateError, match="full"):
        store.change(lambda draft: (draft.put("a", 1, {"n": 2}), draft.put("a", 2, {"text": "x" * 100_000})))
    log._tables.rows("PRAGMA max_page_count = 100000")

    assert store.rows.get("a", 1) == {"n": 1}
    assert log.head("Cust1") == (0, 1)
    store.change(lambda draft: draft.put("a", 2, {"text": "x" * 100_000}))
    assert log.head("Cust1") == (0, 2)
    log.close()


def test_a_database_that_is_read_only_is_read_and_refuses_a_change(tmp_path):
    log = DatabaseLog(str(tmp_path / "state.db"))
    log.commit("Cust1", 0, 0, [Change("a", 1, {"n": 1})])
    log._tables.rows("PRAGMA query_only = 1")
    store = RowStore("Cust1", log, alone=False)
    store.refresh()

    with pytest.raises(StateError, match="readonly"):
        store.change(lambda draft: draft.put("a", 1, {"n": 2}))

    assert store.rows.get("a", 1) == {"n": 1}
    log.close()


def test_a_file_that_somebody_else_locks_is_told_of(tmp_path):
    log = DatabaseLog(str(tmp_path / "state.db"))
    log._tables.rows("PRAGMA busy_timeout = 10")
    other = sqlite3.connect(tmp_path / "state.db", isolation_level=None)
    other.execute("BEGIN IMMEDIATE")

    with pytest.raises(StateError, match="locked"):
        log.commit("Cust1", 0, 0, [Change("a", 1, {})])

    other.execute("ROLLBACK")
    assert log.commit("Cust1", 0, 0, [Change("a", 1, {})])
    other.close()
    log.close()


def test_a_value_that_is_not_json_is_refused(tmp_path):
    log = DatabaseLog(str(tmp_path / "state.db"))

    with pytest.raises(StateError, match="cannot be kept in a database"):
        log.commit("Cust1", 0, 0, [Change("a", 1, {"content": b"bytes"})])
    log.close()


def test_a_sole_journal_and_a_state_do_not_share_a_file(tmp_path):
    from mockso.errors import JournalError
    from mockso.journal.journal import Journal

    log = DatabaseLog(str(tmp_path / "one.db"))

    with pytest.raises(JournalError, match="another mockso writes"):
        Journal(str(tmp_path / "one.db"))
    journal = Journal(str(tmp_path / "one.db"), shared=True)

    assert journal.is_shared
    journal.close()
    log.close()
