"""A journal in memory makes rows when somebody looks; what is found is the same as in a file, at any time."""

import gzip
import threading

import pytest

from mockso.contract.model import NOTHING
from mockso.journal.journal import Journal
from mockso.journal.rows import Rows
from mockso.redaction.redaction import Redaction
from tests.conftest import call
from tests.journal.entries import added, finished, violation

SECRET = "8A:Cust12345.planted-secret"

CALLS = {
    "a read": {"reply": b'{"Name":"Acme"}', "reply_headers": [("Content-Type", "application/json")]},
    "a save": {"method": "PUT", "body": {"Name": "Acme"}, "value": {"Name": "Acme"}, "status": 204},
    "null": {"method": "PUT", "body": None, "value": None},
    "a secret in a header": {"authorization": f"Bearer {SECRET}"},
    "a secret in the body": {"method": "PUT", "body": {"Password": SECRET}, "value": {"Password": SECRET}},
    "a secret in the address": {"query": [("access_token", SECRET)]},
    "a secret in the reply": {
        "reply": f'{{"AccessToken":"{SECRET}"}}'.encode(),
        "reply_headers": [("Content-Type", "application/json"), ("Set-Cookie", f"s={SECRET}; Path=/")],
    },
    "a secret of the header in the body": {
        "authorization": f"Bearer {SECRET}",
        "method": "PUT",
        "body": {"Name": SECRET},
        "value": {"Name": SECRET},
    },
    "XML": {
        "method": "PUT",
        "body": b"<Contact><Name>Acme</Name></Contact>",
        "content_type": "application/xml",
        "value": {"Name": "Acme"},
    },
    "compressed": {
        "method": "PUT",
        "body": gzip.compress(b'{"Name":"Acme"}'),
        "headers": [("Content-Encoding", "gzip")],
        "value": {"Name": "Acme"},
    },
    "bytes": {"method": "PUT", "body": b"\x00\xff", "content_type": "image/png", "value": b"\x00\xff"},
    "too long": {"method": "PUT", "body": {"Name": "A" * 3000}, "value": {"Name": "A" * 3000}},
    "a long reply": {"reply": b"x" * 3000},
    "a fault": {"violations": [violation()], "status": 400},
    "a warning": {"violations": [violation("warning")]},
    "nowhere": {"path": "/api/v1/Nowhere", "status": 404},
    "a step": {"step": "limited#1"},
    "lone halves of letters": {"path": "/api/v1/Contact/\ud800"},
}


def memory(**settings) -> Journal:
    return Journal(redaction=Redaction(key=b"test"), **settings)


@pytest.fixture
def made_rows(monkeypatch):
    """The ids of the calls whose rows were made."""
    ids = []
    make = Rows.of

    def of(self, call, *rest, **more):
        ids.append(call.id)
        return make(self, call, *rest, **more)

    monkeypatch.setattr(Rows, "of", of)
    return ids


@pytest.mark.parametrize("name", CALLS)
def test_an_entry_is_the_same_as_in_a_file(name, tiny, tmp_path):
    late, at_once = (
        memory(body_limit=2000),
        Journal(str(tmp_path / "calls.db"), redaction=Redaction(key=b"test"), body_limit=2000),
    )

    ids = [added(journal, tiny, **CALLS[name]) for journal in (late, at_once)]

    entry, wanted = late.get(ids[0]), at_once.get(ids[1])
    assert entry == wanted
    assert SECRET not in str(entry)
    late.close()
    at_once.close()


def test_no_row_is_made_before_somebody_looks(tiny, made_rows):
    journal = memory()
    ids = [added(journal, tiny, method="PUT", body={"Name": "Acme"}) for _ in range(3)]
    assert made_rows == []

    assert journal.get(ids[1])["request"]["value"] == {"Name": "Acme"}
    assert made_rows == ids


@pytest.mark.parametrize(
    "look",
    [
        lambda journal: journal.find(),
        lambda journal: journal.count(),
        lambda journal: journal.tenants(),
        lambda journal: journal.count_dropped(),
        lambda journal: journal.find(text="acme"),
    ],
)
def test_looking_in_any_way_finds_all(look, tiny):
    journal, never = memory(entries=10), memory(entries=10)
    for each in (journal, never):
        for number in range(25):
            added(each, tiny, method="PUT", body={"Name": "Acme"}, tenant=f"Cust{number % 3}")
            if each is journal:
                look(each)

    assert [entry["id"] for entry in journal.find()] == [entry["id"] for entry in never.find()]
    assert journal.tenants() == never.tenants()
    assert journal.count() == never.count() == 10
    for tenant in (None, "Cust0", "Cust1", "Cust2"):
        assert journal.count_dropped(tenant) == never.count_dropped(tenant) > 0


def test_bounds_in_bytes_hold_whether_somebody_looks_or_not(tiny):
    journal, never = memory(bytes_limit=20_000), memory(bytes_limit=20_000)
    for number in range(100):
        for each in (journal, never):
            added(each, tiny, method="PUT", body={"Name": "A" * number}, authorization=f"Bearer {SECRET}")
        journal.find(limit=1)

    assert [entry["id"] for entry in journal.find()] == [entry["id"] for entry in never.find()]
    assert 0 < journal.count() < 100


def test_clearing_and_deleting_reach_what_nobody_looked_at(tiny):
    journal = memory()
    first, second = (added(journal, tiny, tenant=tenant) for tenant in ("Cust1", "Cust2"))

    assert journal.delete(first)
    assert journal.get(first) is None
    assert journal.clear("Cust2") == 1
    assert journal.get(second) is None


def test_a_call_that_cannot_be_shown_is_told_and_hides_no_other(tiny, monkeypatch, capsys):
    journal = memory()
    bad, good = added(journal, tiny), added(journal, tiny)
    make = Rows.of

    def of(self, call, *rest, **more):
        if call.id == bad:
            raise ValueError("no row")
        return make(self, call, *rest, **more)

    monkeypatch.setattr(Rows, "of", of)

    assert [entry["id"] for entry in journal.find()] == [good]
    assert f"call {bad} cannot be shown: a bug in mockso: ValueError: no row" in capsys.readouterr().err


def test_what_was_answered_is_found_by_others_at_once(tiny):
    """Four threads call and look for their own call, while one looks at everything."""
    journal = memory()
    missing, stop = [], threading.Event()

    def work():
        for _ in range(300):
            id = journal.arrive(call())
            journal.add(finished(tiny, id, value=NOTHING))
            if journal.get(id) is None:
                missing.append(id)

    def look():
        while not stop.is_set():
            journal.find(limit=5)

    threads = [threading.Thread(target=work) for _ in range(4)]
    reader = threading.Thread(target=look)
    for thread in (*threads, reader):
        thread.start()
    for thread in threads:
        thread.join()
    stop.set()
    reader.join()

    assert missing == []
    assert journal.count() == 1200


def test_a_closed_journal_takes_no_more_calls(tiny):
    journal = memory()
    id = journal.arrive(call())
    journal.close()

    with pytest.raises(Exception, match="closed"):
        journal.add(finished(tiny, id))
