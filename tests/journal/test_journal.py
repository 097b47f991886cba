"""Every call is written down, found again, bounded and told; the same in every store."""

import sqlite3
import subprocess
import sys
import threading
from dataclasses import replace

import pytest

from mockso.errors import FilterError, JournalError
from mockso.exchange.call import Difference, NearMiss
from mockso.journal.entry import call_of
from mockso.journal.journal import Event, Journal
from mockso.journal.rows import Rows
from mockso.redaction.redaction import Redaction
from tests.conftest import NOON, call
from tests.journal.entries import added, finished, violation


@pytest.fixture
def make(url):
    """Makes journals over one store; they are closed afterwards."""
    journals = []

    def journal(**settings):
        journals.append(Journal(url, redaction=Redaction(key=b"test"), **settings))
        return journals[-1]

    yield journal
    for each in journals:
        each.close()


@pytest.fixture
def journal(make):
    return make()


def ids(entries):
    return [entry["id"] for entry in entries]


def test_an_entry_has_the_request_the_verdict_and_the_reply(journal, tiny):
    id = added(
        journal,
        tiny,
        method="PUT",
        body={"Name": "Acme"},
        query=[("$select", "Name")],
        status=400,
        reply=b'{"Message":"no"}',
        reply_headers=[("Content-Type", "application/json"), ("X-A", "1"), ("X-A", "2")],
        violations=[violation()],
        near_misses=[NearMiss("limited", "limited#1", (Difference("query.id", 1, 2),))],
    )

    entry = journal.get(id)

    assert entry["tenant"] == "Cust12345"
    assert entry["phase"] == "answered"
    assert entry["at"] == "2026-01-01T00:00:00.000000Z"
    assert entry["operation"] == "putContact"
    assert entry["request"]["body"] == '{"Name": "Acme"}'
    assert entry["request"]["value"] == {"Name": "Acme"}
    assert entry["verdict"]["accepted"] is False
    assert entry["verdict"]["violations"][0]["source"] == "tiny.md:7"
    assert entry["near_misses"][0]["differences"] == [{"field": "query.id", "expected": 1, "actual": 2}]
    assert entry["reply"]["status"] == 400
    assert entry["reply"]["headers"] == {"Content-Type": "application/json", "X-A": ["1", "2"]}


def test_a_call_is_visible_from_its_arrival(journal, tiny):
    id = journal.arrive(call("POST", body={"Name": "Acme"}))

    assert journal.get(id)["phase"] == "arrived"
    assert journal.get(id)["reply"] is None
    assert ids(journal.find()) == [id]
    assert journal.count() == 1

    journal.add(finished(tiny, id))

    assert [entry["phase"] for entry in journal.find()] == ["answered"]
    assert journal.count() == 1


def test_a_call_without_an_answer_is_not_found_by_what_an_answer_has(journal):
    journal.arrive(call())

    assert journal.find(status="200") == []
    assert journal.find(operation="*") == []
    assert len(journal.find(method="GET", path="/api/v1/*", tenant="Cust12345", text="contact")) == 1
    assert journal.find(method="PUT") == journal.find(tenant="Cust1") == journal.find(until=NOON - 1) == []


def test_the_newest_come_first_unless_asked_otherwise(journal, tiny):
    first, second, third = (added(journal, tiny) for _ in range(3))
    arrived = journal.arrive(call())

    assert ids(journal.find()) == [arrived, third, second, first]
    assert ids(journal.find(order="oldest")) == [first, second, third, arrived]
    assert ids(journal.find(limit=2, offset=1)) == [third, second]
    assert ids(journal.find(after=third)) == [second, first]
    assert ids(journal.find(after=second, order="oldest")) == [third, arrived]


@pytest.mark.parametrize(
    "wanted",
    [
        {"tenant": "Cust2"},
        {"operation": "put*"},
        {"operation": "PUTCONTACT"},
        {"method": "put"},
        {"path": "/api/*/18"},
        {"status": "404"},
        {"status": "4xx"},
        {"status": "500, 404"},
        {"verdict": "broken"},
        {"step": "limited#1"},
        {"step": "limited"},
        {"since": NOON + 1},
        {"text": "ÆGIR"},
        {"text": "is wrong"},
        {"near_missed": True},
        {"tenant": "Cust2", "status": "404", "step": "limited"},
    ],
)
def test_calls_are_found_by(journal, tiny, wanted):
    added(journal, tiny)
    other = added(
        journal,
        tiny,
        method="PUT",
        path="/api/v1/Contact/18",
        tenant="Cust2",
        status=404,
        step="limited#1",
        at=NOON + 2,
        body=b'{"Name": "\xc3\xa6gir"}' if wanted.get("text") != "ÆGIR" else "{'\xe6gir'}".encode(),
        violations=[violation()],
        near_misses=[NearMiss("a", "a#1", ())],
    )
    if wanted.get("text") == "ÆGIR" and journal.name.startswith("postgresql"):
        pytest.skip("bodies in PostgreSQL are searched as ASCII")

    assert ids(journal.find(**wanted)) == [other]
    assert journal.count(**wanted) == 1


def test_the_unmatched_are_calls_that_nobody_foresaw(journal, tiny):
    added(journal, tiny)
    added(journal, tiny, step="limited#1", near_misses=[NearMiss("a", "a#1", ())])
    missed = added(journal, tiny, near_misses=[NearMiss("a", "a#1", ())])
    unknown = added(journal, tiny, path="/api/v1/Nothing", status=404)

    assert ids(journal.find(unmatched=True)) == [unknown, missed]


def test_a_wildcard_is_only_what_it_says(journal, tiny):
    added(journal, tiny, path="/api/v1/Contact/1_7")

    assert journal.count(path="/api/v1/Contact/1?7") == 1
    assert journal.count(path="/api/v1/Contact/1%") == 0
    assert journal.count(path="/api/v1/Contact/_7") == 0


def test_a_status_that_is_none_is_refused(journal):
    for wrong in ("9xx", "600", "0xx"):
        with pytest.raises(FilterError, match=f"'{wrong}' is not a status"):
            journal.find(status=wrong)
    with pytest.raises(FilterError, match="'99' is not a status"):
        journal.count(status="99")


def test_the_oldest_are_dropped_and_counted(make, tiny):
    journal = make(entries=3)
    added(journal, tiny, tenant="Cust1")
    kept = [added(journal, tiny, tenant="Cust2") for _ in range(3)]

    assert ids(journal.find(order="oldest")) == kept
    assert journal.count_dropped() == journal.count_dropped("Cust1") == 1
    assert journal.count_dropped("Cust2") == 0


def test_bytes_are_bounded_too(make, tiny):
    journal = make(bytes_limit=10_000)

    for _ in range(30):
        added(journal, tiny, method="PUT", body=b"x" * 1_000)

    assert 5 <= journal.count() <= 9
    assert journal.count() + journal.count_dropped() == 30


def test_a_call_larger_than_the_journal_is_kept_until_the_next(make, tiny):
    journal = make(bytes_limit=100)

    id = added(journal, tiny)

    assert ids(journal.find()) == [id]


def test_a_large_body_is_cut_and_says_so(make, tiny):
    journal = make(body_limit=10)
    id = added(journal, tiny, method="PUT", body=b'{"Name": "' + b"x" * 90 + b'"}', reply=b"y" * 50)

    entry = journal.get(id)

    assert entry["request"]["body"] == '{"Name": "'
    assert entry["request"]["cut"] == 102
    assert "value" not in entry["request"]
    assert entry["reply"]["cut"] == 50


def test_a_body_cut_in_mid_character_is_still_text(make, tiny):
    journal = make(body_limit=4)
    id = added(journal, tiny, method="PUT", body="abcæ".encode(), content_type="text/plain")

    assert journal.get(id)["request"]["body"] == "abc"


def test_a_body_that_is_no_text_is_kept_as_base64(journal, tiny):
    id = added(journal, tiny, method="PUT", body=b"\xff\x00\xfe", content_type="application/octet-stream")

    assert journal.get(id)["request"]["base64"] == "/wD+"


def test_what_no_column_takes_is_written_as_an_escape(journal, tiny):
    id = added(journal, tiny, path="/api/v1/Contact/\ud800\0")

    assert journal.get(id)["request"]["path"].startswith("/api/v1/Contact/\\ud800")


def test_what_was_decoded_from_xml_is_kept(journal, tiny):
    id = added(
        journal,
        tiny,
        method="PUT",
        body=b"<C><Name>Acme</Name></C>",
        content_type="text/xml",
        value={"Name": "Acme"},
    )

    assert journal.get(id)["request"]["value"] == {"Name": "Acme"}


def test_a_call_can_be_made_of_its_entry_again(journal, tiny):
    original = finished(
        tiny, "", method="PUT", body={"Name": "Acme"}, authorization="", violations=[violation("warning")], step="a#1",
        near_misses=[NearMiss("a", "a#2", (Difference("x", 1, [2]),))], reply=b"[]", value={"Name": "Acme"},
    )  # fmt: skip
    id = journal.arrive(original.request)
    journal.add(replace(original, id=id))

    again = call_of(journal.get(id), tiny)

    assert again.request == original.request
    assert again.operation_id == "putContact"
    assert again.verdict.body == {"Name": "Acme"}
    assert again.verdict.accepted
    assert not again.verdict.clean
    assert (again.reply, again.step, again.near_misses) == (original.reply, "a#1", original.near_misses)


def test_clearing_a_tenant_leaves_the_others(make, tiny):
    journal = make(entries=3)
    for _ in range(4):
        added(journal, tiny, tenant="Cust1")
    other = added(journal, tiny, tenant="Cust2")

    assert journal.clear("Cust1") == 2
    assert ids(journal.find()) == [other]
    assert journal.count_dropped("Cust1") == 0
    assert journal.clear() == 1
    assert journal.count() == 0


def test_one_call_can_be_deleted(journal, tiny):
    id = added(journal, tiny)

    assert journal.delete(id)
    assert not journal.delete(id)
    assert journal.get(id) is None


@pytest.mark.parametrize("id", ["", "0", "-1", "17", "1e3", "²", "9" * 40, "'; DROP TABLE calls"])
def test_an_id_that_is_none_finds_nothing(journal, tiny, id):
    added(journal, tiny)

    assert journal.get(id) is None
    assert journal.delete(id) is False


def test_another_tenants_entry_is_not_given(journal, tiny):
    id = added(journal, tiny, tenant="Cust1")

    assert journal.get(id, "Cust2") is None
    assert journal.get(id, "Cust1") is not None


def test_tenants_are_listed_with_their_calls(journal, tiny):
    for tenant in ("Cust2", "Cust1", "Cust2"):
        added(journal, tiny, tenant=tenant)

    assert journal.tenants() == {"Cust1": 1, "Cust2": 2}


def test_a_note_is_kept_with_the_call(journal, tiny):
    id = journal.arrive(call())
    journal.note(id, "Traceback ...")
    journal.add(finished(tiny, id))

    assert journal.get(id)["note"] == "Traceback ..."


def test_listeners_hear_what_happens(journal, tiny):
    added(journal, tiny)
    with journal.subscribe() as subscription:
        id = added(journal, tiny)
        journal.clear()
        heard = [subscription.take(0) for _ in range(4)]
        added(journal, tiny, tenant="Cust2")

    assert heard == [
        Event("arrived", id, "Cust12345"),
        Event("answered", id, "Cust12345"),
        Event("cleared"),
        None,
    ]
    assert journal.listeners == 0


def test_closing_wakes_the_listeners(make):
    journal = make()
    subscription = journal.subscribe()
    waiting = threading.Thread(target=subscription.take, args=(60,))
    waiting.start()

    journal.close()
    waiting.join(5)

    assert not waiting.is_alive()
    assert subscription.is_over


def test_many_threads_lose_nothing(make, tiny):
    journal = make(entries=1_000)

    def work():
        for _ in range(50):
            added(journal, tiny)

    threads = [threading.Thread(target=work) for _ in range(16)]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        journal.find(limit=5, text="contact")
    for thread in threads:
        thread.join()

    assert sorted(map(int, ids(journal.find()))) == list(range(1, 801))


# --- files ------------------------------------------------------------------------------------


def test_ids_go_on_when_a_file_is_opened_again(tmp_path, tiny):
    path = str(tmp_path / "calls.db")
    journal = Journal(path, entries=2)
    for _ in range(3):
        added(journal, tiny)
    journal.close()

    again = Journal(path)
    assert again.count() == 2
    assert again.count_dropped() == 1
    again.clear()
    again.close()
    once_more = Journal(path)

    assert added(once_more, tiny) == "4"
    once_more.close()


def test_a_file_has_all_answered_calls_when_the_process_is_killed(tmp_path):
    path = tmp_path / "calls.db"
    script = (
        "import os, sys; from mockso.contract.catalogue import Contract; from mockso.journal.journal import Journal\n"
        "from tests.conftest import OPERATIONS, TYPES; from mockso.contract import catalogue\n"
        "from tests.journal.entries import added\n"
        "tiny = Contract(catalogue.dump({}, OPERATIONS, TYPES), '')\n"
        f"journal = Journal({str(path)!r})\n"
        "for _ in range(300): added(journal, tiny)\n"
        "os.kill(os.getpid(), 9)"
    )
    done = subprocess.run([sys.executable, "-c", script], check=False)

    assert done.returncode == -9
    journal = Journal(str(path))
    assert journal.count() == 300
    journal.close()


def test_a_second_writer_of_a_file_is_refused(tmp_path, tiny):
    path = str(tmp_path / "calls.db")
    journal = Journal(path)
    id = added(journal, tiny)

    with pytest.raises(JournalError, match="another mockso writes in this journal"):
        Journal(path)
    reading = Journal(path, writing=False)

    assert ids(reading.find()) == [id]
    reading.close()
    journal.close()


def test_a_file_that_is_no_journal_is_refused(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("not a database, only a text of some length" * 100)

    with pytest.raises(JournalError, match=r"notes\.txt: cannot be used as a journal"):
        Journal(str(path))
    path.unlink()
    sqlite3.connect(path).execute("CREATE TABLE calls (x)").connection.close()
    with pytest.raises(JournalError, match="cannot be used as a journal"):
        Journal(str(path))


@pytest.mark.parametrize("url", ["mysql://host/db", "sqlite:calls.db", "http://localhost"])
def test_an_address_that_is_no_journal_is_refused(url):
    with pytest.raises(JournalError, match=r"is not a journal\. Give a file's path"):
        Journal(url)


def test_reading_leaves_a_file_of_others_as_it_is(tmp_path):
    path = tmp_path / "cookies.db"
    with sqlite3.connect(path) as connection:
        connection.execute("CREATE TABLE cookies (name TEXT)")
    connection.close()
    before = path.read_bytes()

    with pytest.raises(
        JournalError, match=r"cookies\.db: cannot be used as a journal \(it has no calls in it\)"
    ):
        Journal(str(path), writing=False)

    assert path.read_bytes() == before


def test_what_another_process_deleted_makes_room(tmp_path, tiny):
    path = str(tmp_path / "calls.db")
    journal = Journal(path, entries=20)
    for _ in range(19):
        added(journal, tiny)
    other = Journal(path, writing=False)
    other.clear()
    other.close()

    kept = [added(journal, tiny) for _ in range(15)]

    assert (journal.count(), journal.count_dropped()) == (15, 0)
    assert journal.get(kept[0]) is not None
    journal.close()


def test_a_file_that_is_not_there_is_not_made_for_reading(tmp_path):
    with pytest.raises(JournalError, match="there is no such journal file"):
        Journal(str(tmp_path / "nothing.db"), writing=False)


def test_a_journal_that_holds_nothing_is_refused():
    with pytest.raises(JournalError, match="holds nothing"):
        Journal(entries=0)


def test_an_entry_of_a_small_call_is_small(tiny):
    journal = Journal()
    added(journal, tiny, headers=[("User-Agent", "python-requests/2.32"), ("Accept", "*/*")])

    [entry] = journal.find()
    assert Rows(Redaction(), 1_000).of(call_of(entry, tiny))["size"] < 700


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("criteria", [{}, {"path": "/api/v1/Contact/17"}, {"text": "contact"}])
def test_a_call_that_is_answered_during_a_count_is_counted_once(journal, tiny, monkeypatch, moment, criteria):
    ids = [journal.arrive(call()) for _ in range(3)]
    journal.add(finished(tiny, ids[0]))
    look = journal._arrivals

    def look_at_arrivals(criteria):
        if moment == "before":
            journal.add(finished(tiny, ids[1]))
        seen = look(criteria)
        if moment == "after":
            journal.add(finished(tiny, ids[1]))
        return seen

    monkeypatch.setattr(journal, "_arrivals", look_at_arrivals)

    assert journal.count(**criteria) == 3


def test_no_count_misses_a_call_while_others_are_answered(journal, tiny):
    def answer() -> None:
        for _ in range(150):
            added(journal, tiny)

    threads = [threading.Thread(target=answer) for _ in range(2)]
    for thread in threads:
        thread.start()
    counts = []
    while any(thread.is_alive() for thread in threads):
        counts.append(journal.count())
    for thread in threads:
        thread.join()

    assert counts == sorted(counts)
    assert journal.count() == 300
