"""Many at once: threads lose nothing, tenants never meet, and engines answer alike in any order of tenants."""

import itertools
import json
import threading
from http.client import HTTPConnection
from urllib.parse import urlsplit

import mockso
from mockso.config import Settings
from mockso.engine import Engine
from tests.entities.conftest import Client

THREADS, ROUNDS = 8, 12
SIGNED = {"Authorization": "Bearer 8A:Cust1.abc", "Content-Type": "application/json"}


class Work(threading.Thread):
    """Saves, reads, changes, lists and deletes companies of its own; `keys` are those it leaves behind."""

    def __init__(self, url, name, tenant, begin):
        super().__init__()
        self.connection = HTTPConnection(urlsplit(url).netloc, timeout=60)
        self.label, self.tenant, self.begin = name, tenant, begin
        self.keys, self.numbers, self.created, self.faults = [], [], [], []

    def call(self, method, path, body=None):
        headers = {**SIGNED, "Authorization": f"Bearer 8A:{self.tenant}.abc"}
        content = None if body is None else json.dumps(body)
        self.connection.request(method, f"/{self.tenant}/api/v1/{path}", content, headers)
        answer = self.connection.getresponse()
        content = answer.read()
        return answer.status, json.loads(content) if content else None

    def run(self):
        self.begin.wait()
        try:
            for turn in range(ROUNDS):
                self.live(turn)
        except Exception as error:
            self.faults.append(error)
        finally:
            self.connection.close()

    def live(self, turn):
        name = f"{self.label} {turn}"
        _, saved = self.call("POST", "Contact", {"name": name})
        key = saved["ContactId"]
        self.created.append(key)
        self.numbers.append(saved["Number2"])
        assert self.call("GET", f"Contact/{key}")[1] == saved
        patch = [{"op": "replace", "path": "/Department", "value": name}]
        assert self.call("PATCH", f"Contact/{key}", patch)[0] == 200
        address = f"Agents/Contact/GetContactEntity?contactEntityId={key}"
        _, changed = self.call("POST", address)
        assert (changed["Name"], changed["Department"]) == (name, name)
        self.call("POST", "Agents/Contact/SaveContactEntity", {**changed, "OrgNr": str(turn)})
        self.call("POST", "Agents/Person/SavePersonEntity", {"Lastname": name, "Contact": {"ContactId": key}})
        _, persons = self.call("POST", "Agents/Contact/GetPersons", {"ContactId": key})
        assert [person["Lastname"] for person in persons] == [name]
        if turn % 3 == 0:
            self.call("DELETE", f"Contact/{key}")
            assert self.call("GET", f"Contact/{key}")[0] == 404
        else:
            _, row = self.call("GET", f"Contact/{key}")
            assert (row["Name"], row["Department"], row["OrgNr"]) == (name, name, str(turn))
            self.keys.append(key)


def test_threads_lose_nothing_and_tenants_never_meet():
    with mockso.serve(world="closed", data=("none",)) as mock:
        begin = threading.Barrier(THREADS)
        workers = [
            Work(mock.url, f"worker {number}", "Cust1" if number % 4 else "Cust2", begin)
            for number in range(THREADS)
        ]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
        assert [fault for worker in workers for fault in worker.faults] == []

        for tenant in ("Cust1", "Cust2"):
            own = [worker for worker in workers if worker.tenant == tenant]
            created = [key for worker in own for key in worker.created]
            numbers = [number for worker in own for number in worker.numbers]
            assert sorted(created) == list(range(1, len(own) * ROUNDS + 1))
            assert len(set(numbers)) == len(numbers)
            reader = Work(mock.url, "", tenant, begin)
            _, rows = reader.call("POST", "Agents/Contact/GetContactList", list(range(1, THREADS * ROUNDS)))
            reader.connection.close()
            assert [row["ContactId"] for row in rows] == sorted(key for worker in own for key in worker.keys)
            assert {row["Name"].rpartition(" ")[0] for row in rows} == {worker.label for worker in own}


def calls(tenant):
    """Calls of one tenant, each with the answers it needs of those before."""
    yield "POST", "Contact", {"name": f"of {tenant}", "emails": [{"value": "a@b.example"}]}
    yield "POST", "Person", {"lastname": "Aas", "contact": {"contactId": 31}}
    yield "POST", "Agents/Contact/GetPersons", {"ContactId": 31}
    yield "PATCH", "Contact/31", {"department": "D"}
    yield "GET", "Contact/31", None
    yield "GET", "Contact?$top=3&$select=name,contactId", None
    yield "POST", "Agents/Contact/GetMyRecentContacts", {"MaxRows": 3}
    yield "GET", "List/Business/Items", None
    yield "POST", "Sale", {"heading": "x", "amount": 3}
    yield "DELETE", "Contact/4", None
    yield "GET", "Contact/4", None
    yield "POST", "Agents/Contact/CreateDefaultContactEntity", None


def answers(order):
    """The answers of each tenant, with a fresh engine and the calls in an order of tenants."""
    engine = Engine.open(Settings(world="closed"))
    given = {tenant: [] for tenant in ("Cust1", "Cust2", "Cust3")}
    pending = {tenant: calls(tenant) for tenant in given}
    for tenant in order:
        reply = Client(engine, tenant).reply(*next(pending[tenant]))
        given[tenant].append((reply.status, reply.body))
    engine.close()
    return given


def test_two_engines_answer_alike_in_any_order_of_tenants():
    count = len(list(calls("")))
    one_by_one = answers([tenant for tenant in ("Cust1", "Cust2", "Cust3") for _ in range(count)])
    in_turn = answers(itertools.islice(itertools.cycle(("Cust3", "Cust1", "Cust2")), 3 * count))

    assert in_turn == one_by_one
    assert all(b"of Cust1" not in body for _, body in in_turn["Cust2"] if isinstance(body, bytes))
    assert all(status in (200, 204, 404) for status, _ in in_turn["Cust1"])
