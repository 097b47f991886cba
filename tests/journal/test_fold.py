"""The search for a text keeps what it read, and is right all the same."""

from __future__ import annotations

import pytest

from mockso.journal.fold import Texts
from mockso.journal.journal import Journal
from tests.conftest import call
from tests.journal.entries import added, finished


@pytest.fixture
def journal():
    made = Journal(entries=5_000)
    yield made
    made.close()


def found(journal, text):
    entries = [entry["id"] for entry in journal.find(text=text)]
    assert journal.count(text=text) == len(entries)
    return entries


def test_letter_case_aside_in_every_language(journal, tiny):
    added(journal, tiny, reply='{"Name": "ÆRØ Straße"}'.encode())

    assert found(journal, "ærø STRASSE") == []
    assert found(journal, "æRø straße") == ["1"]
    assert found(journal, "rø str") == ["1"]


def test_what_comes_later_is_found_too(journal, tiny):
    added(journal, tiny)
    assert found(journal, "/contact/") == ["1"]

    request = call()
    waiting = journal.arrive(request)
    added(journal, tiny)
    assert found(journal, "/contact/") == ["3", waiting, "1"]
    journal.add(finished(tiny, waiting, request))

    assert found(journal, "/contact/") == ["3", waiting, "1"]


def test_what_is_deleted_is_found_no_more(journal, tiny):
    for tenant in ("Cust1", "Cust2", "Cust1"):
        added(journal, tiny, tenant=tenant)
    assert found(journal, "contact") == ["3", "2", "1"]

    journal.delete("2")
    assert found(journal, "contact") == ["3", "1"]
    journal.clear("Cust1")
    assert found(journal, "contact") == []


def test_a_search_over_many_windows_is_paged_and_narrowed(journal, tiny):
    for number in range(2_500):
        added(journal, tiny, path=f"/api/v1/Contact/{number}", tenant=f"Cust{number % 2}")

    every = found(journal, "contact/1")
    assert len(every) == journal.count() - 1389  # 1, 10 to 19, 100 to 199, 1000 to 1999
    assert journal.count(text="contact/1", tenant="Cust1") == sum(int(id) % 2 == 0 for id in every)
    first = [entry["id"] for entry in journal.find(text="contact/1", limit=700)]
    rest = [entry["id"] for entry in journal.find(text="contact/1", after=first[-1])]
    assert first + rest == every
    assert [entry["id"] for entry in journal.find(text="contact/1", order="oldest")] == every[::-1]


def test_the_cache_lets_calls_go_that_are_below_the_lowest_id():
    def rows(select, bounds):
        low, high = bounds
        return (
            [(high - low + 1,)] if "count(*)" in select else [(seq, "text") for seq in range(low, high + 1)]
        )

    texts = Texts(rows, ["target"])
    for low in range(0, 3_000, 1_000):
        texts.hits("text", low, low + 999, lowest=0)
    assert len(texts) == 3_000

    texts.hits("text", 2_000, 2_999, lowest=2_000)

    assert len(texts) == 1_000


def test_a_file_that_another_process_writes_is_read_again(tmp_path, tiny):
    path = str(tmp_path / "calls.db")
    writer = Journal(path)
    added(writer, tiny)
    reader = Journal(path, writing=False)
    assert found(reader, "contact") == ["1"]

    added(writer, tiny)

    assert found(reader, "contact") == ["2", "1"]
    reader.close()
    writer.close()
