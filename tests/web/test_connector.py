"""A connector's loops, written as people write them, over a socket: they end, and find what they should."""

from datetime import UTC, datetime, timedelta

import pytest
import requests

import mockso


@pytest.fixture
def crm():
    with mockso.serve(grants=["*"], world="closed") as mock, requests.Session() as session:
        session.headers["Authorization"] = f"Bearer {mock.token('Cust12345')}"
        yield Crm(f"{mock.url}/Cust12345/api/v1", session)


class Crm:
    """The part of a connector that talks to the server."""

    def __init__(self, address, session):
        self.address = address
        self.session = session

    def call(self, method, path, **options):
        reply = self.session.request(method, f"{self.address}/{path}", timeout=10, **options)
        reply.raise_for_status()
        return reply.json()

    def rows(self, collection, **options):
        params = {f"${name}": value for name, value in options.items()}
        return self.call("GET", collection, params=params)["value"]

    def every(self, collection, size, **options):
        skip = 0
        while page := self.rows(collection, top=size, skip=skip, **options):
            yield from page
            skip += size
            assert skip < 10_000, "it never ends"

    def find_or_create(self, name):
        text = name.replace("\\", "\\\\").replace("'", "\\'")
        for row in self.rows("Contact", filter=f"name is '{text}'", select="contactId"):
            return row["contactId"]
        return self.call("POST", "Contact", json={"name": name})["ContactId"]


def test_it_pages_until_empty(crm):
    found = [
        row["personId"] for row in crm.every("Person", 7, select="personId", orderBy="lastName,firstName")
    ]

    assert sorted(found) == list(range(1, 61))


@pytest.mark.parametrize("name", ["Acme AS", "L'Oréal", "a and b or c", "back\\slash", "5 = (5)"])
def test_it_creates_what_it_does_not_find(crm, name):
    first = crm.find_or_create(name)

    assert first > 30
    assert crm.find_or_create(name) == first
    assert crm.find_or_create(name.upper()) == first


def test_it_sees_what_changed_since(crm):
    since = (datetime.now(UTC) - timedelta(seconds=5)).strftime("%Y-%m-%dT%H:%M:%S")
    assert crm.rows("Contact", filter=f"updatedDate ge '{since}'") == []

    made = crm.find_or_create("New AS")
    crm.call("PUT", "Contact/7", json={**crm.call("GET", "Contact/7"), "Department": "Moved"})

    changed = list(crm.every("Contact", 1, filter=f"updatedDate ge '{since}'", select="contactId,department"))
    assert [(row["contactId"], row["department"]) for row in changed] == [(7, "Moved"), (made, "")]
