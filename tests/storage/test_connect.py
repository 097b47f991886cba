"""Tables behind an address, the same in every database."""

import os
import sqlite3
import threading

import pytest

from mockso.errors import JournalError
from mockso.storage.connect import connect
from mockso.storage.table import Schema, printable

POSTGRES = os.environ.get("TEST_POSTGRES", "")
PARTS = Schema(
    owner="box",
    option="--box",
    error=JournalError,
    format="1",
    tables={"parts": "seq INTEGER PRIMARY KEY, name TEXT NOT NULL, picture BLOB NOT NULL"},
    numbered="parts",
)
INSERT = "INSERT INTO parts VALUES (?, ?, ?)"


@pytest.fixture(params=["memory:", "file", "postgres"])
def url(request, tmp_path):
    if request.param == "postgres" and not POSTGRES:
        pytest.skip("TEST_POSTGRES names no server")
    yield {"file": f"sqlite:///{tmp_path}/box.db", "postgres": POSTGRES}.get(request.param, request.param)
    if request.param == "postgres":
        import psycopg

        with psycopg.connect(POSTGRES, autocommit=True) as connection:
            connection.execute("DROP TABLE IF EXISTS parts, notes; DROP SEQUENCE IF EXISTS parts_seq")


@pytest.fixture
def tables(url):
    tables = connect(url, PARTS)
    yield tables
    tables.close()


def test_a_row_comes_back(tables):
    tables.insert(INSERT, (1, "bolt", b"\x00\xff"))

    assert tables.rows("SELECT * FROM parts WHERE name = ?", ("bolt",)) == [(1, "bolt", b"\x00\xff")]


def test_ids_grow(tables):
    first = tables.next_id()

    assert tables.next_id() > first


def test_a_transaction_that_fails_changes_nothing(tables):
    with pytest.raises((JournalError, sqlite3.Error)):
        tables.transaction((INSERT, (1, "bolt", b"")), ("INSERT INTO nowhere VALUES (1)", ()))

    assert tables.rows("SELECT * FROM parts") == []


def test_a_text_that_no_column_takes_is_escaped(tables):
    tables.insert(INSERT, (1, "\ud800", b""))

    assert tables.rows("SELECT name FROM parts") == [("\\ud800",)]
    assert printable(("a\0b", 1)) == ("a\\x00b", 1)


def test_a_server_compresses_the_quick_way(tables):
    if not tables.is_server:
        pytest.skip("only a server compresses")
    if not tables.rows("SELECT 1 FROM pg_settings WHERE 'lz4' = ANY(enumvals)"):
        pytest.skip("this server was built without")

    tables.insert(INSERT, (1, "bolt", b"0123456789" * 2_000))

    assert tables.rows("SELECT pg_column_compression(picture) FROM parts") == [("lz4",)]


def test_a_table_that_another_program_locks_is_given_up(url, monkeypatch):
    if url != POSTGRES:
        pytest.skip("SQLite has a patience of its own")
    import psycopg

    monkeypatch.setattr("mockso.storage.postgres.LOCK_PATIENCE", 0.2)
    tables = connect(url, PARTS)

    with psycopg.connect(url) as other:
        other.execute("LOCK TABLE parts IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(JournalError, match="lock timeout"):
            tables.insert(INSERT, (1, "bolt", b""))

    tables.insert(INSERT, (1, "bolt", b""))
    tables.close()


def test_sqlite_overwrites_only_what_it_writes_anyway(tables):
    if tables.is_server:
        pytest.skip("a setting of SQLite")

    assert tables.rows("PRAGMA secure_delete") == [(2,)]


def test_another_format_is_refused(url):
    if url == "memory:":
        pytest.skip("memory is always new")
    tables = connect(url, PARTS)
    tables.transaction(("UPDATE notes SET value = '2' WHERE name = 'format'", ()))
    tables.close()

    with pytest.raises(JournalError, match="format"):
        connect(url, PARTS)


def test_two_writers_of_a_file_are_refused(tmp_path):
    tables = connect(str(tmp_path / "box.db"), PARTS)

    with pytest.raises(JournalError, match=r"another mockso writes in this box.*its own --box"):
        connect(str(tmp_path / "box.db"), PARTS)
    tables.close()


def test_a_new_file_waits_for_another_process_that_opens_it(tmp_path):
    path = tmp_path / "box.db"
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("CREATE TABLE some (name TEXT)")
    other.execute("BEGIN IMMEDIATE")
    timer = threading.Timer(0.2, other.execute, ("COMMIT",))
    timer.start()

    connect(str(path), PARTS, shared=True).close()

    timer.join()
    other.close()


def test_an_address_of_another_kind_is_refused():
    with pytest.raises(JournalError, match="is not a box"):
        connect("mysql://there", PARTS)
