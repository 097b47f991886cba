"""What queries cost: parsing, 30, 10,000 and 100,000 rows filtered, sorted, joined and paged, the columns' memory.

python tests/benchmarks/queries.py [--rounds 15]

Medians of processor time; each figure is also given as it would be on a quiet machine, where the call mockso
started from costs 42 us.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace

from call import SEED
from entities import QUIET_US, cost_us, fill, request

from mockso.archive.query import parse_filter
from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.message import Headers, Query, Request
from mockso.state.rows import Draft, RowStore

FILTER = "name begins 'Company 1' and associate/fullName contains 'aas' or contactId in (100005, 100007)"
COLUMNS = """
import sys, time, tracemalloc
from mockso.contract.catalogue import Contract
from mockso.archive.columns import open_shipped, provider_of
from mockso.archive.providers import provider_names
contract = Contract.open()
names = [*contract.operations()] and [one.archive for one in contract.operations() if one.archive]
tracemalloc.start()
began = time.process_time()
open_shipped()
opened = time.process_time() - began
for name in provider_names(contract):
    if not name.startswith("$"):
        list(provider_of(name, contract).columns)
print(opened * 1000, tracemalloc.get_traced_memory()[0] / 1e6)
"""


# Queries that lead over references, forth and back: a name, what is asked, and its options.
JOINS = (
    (
        "filter: associate's full name",
        "Contact",
        {"filter": "contactAssociate/fullName contains 'aas' and name ne 'x'"},
    ),
    ("filter: an item of a list", "Contact", {"filter": "business oneOf (2, 3)"}),
    ("filter: person's contact/name", "Person", {"filter": "contact/name contains '77'"}),
    ("filter: contact's associate", "Person", {"filter": "contact/contactAssociate/fullName contains 'aas'"}),
    ("order: business", "Contact", {"orderby": "business,contactId desc"}),
    ("order: associate's full name", "Contact", {"orderby": "contactAssociate/fullName desc"}),
    ("order: person's contact/name", "Person", {"orderby": "contact/name desc"}),
    ("tables: over a key", "Archive/Dynamic", {"filter": "person.contact_id.name contains '77'"}),
    ("tables: order over a key", "Archive/Dynamic", {"orderby": "person.contact_id.name desc"}),
    ("tables: back", "Archive/Dynamic", {"filter": "contact.(person->contact_id).firstname is 'F7'"}),
    ("tables: order back", "Archive/Dynamic", {"orderby": "contact.(person->contact_id).firstname"}),
)
SHOWN = {
    "Contact": "contactId,contactAssociate/fullName,business",
    "Person": "personId,contact/name",
    "Archive/Dynamic": "",
}


def people(store: RowStore, count: int) -> None:
    """A person for each company, and companies of several associates and businesses."""
    choice = random.Random(1)
    associates = [key for key, _ in store.rows.items("Associate")]

    def verb(draft: Draft) -> None:
        for number, (key, row) in enumerate(store.rows.items("Contact")):
            draft.put("Contact", key, {**row, "Associate": choice.choice(associates), "Business": number % 7})
        for number in range(count):
            contact = 100_000 + number * 7 % count
            person = {"Firstname": f"F{number % 300}", "Lastname": f"L{number}", "Contact": contact}
            draft.put("Person", 200_000 + number, person)

    store.change(verb)


def join_query(tenant: str, path: str, options: dict[str, str]) -> Request:
    """A query over references, whose total is asked for, so that every row is looked at."""
    text = next(iter(options.values()))
    of_tables = "person.contact_id.name" if text.startswith("person.") else "contact.name"
    return query(tenant, path, select=SHOWN[path] or of_tables, top="20", inlinecount="AllPages", **options)


def query(tenant: str, path: str = "Contact", **options: str) -> Request:
    """A query, of companies where nothing else is said."""
    one = request("GET", path)
    pairs = [(f"${name}", value) for name, value in options.items()]
    token = Headers([("Authorization", f"Bearer 8A:{tenant}.abc"), ("Accept", "application/json")])
    return replace(one, tenant=tenant, query=Query(pairs), headers=token)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--rounds", type=int, default=15)
    rounds = parser.parse_args().rounds
    engine = Engine.open(Settings(world="closed", grants=("User",)))
    engine.answerers = list(engine.answerers)  # so that no call is known from before (answer/repeats.py)
    seed = request("POST", SEED.path.removeprefix("/api/v1/"), SEED.body)
    for tenant, count in (("Ten", 10_000), ("Hundred", 100_000)):
        fill(engine.tenants.of(tenant).store, count)
        people(engine.tenants.of(tenant).store, count)
    page = {"select": "contactId,name,associateId,category", "orderby": "name desc", "top": "20"}
    actions: list[tuple[str, Callable[[], object], int, float]] = [
        ("the call mockso started from", lambda: engine.handle(seed), 50, 0),
        ("parse a filter", lambda: parse_filter.__wrapped__(FILTER), 50, 40),
        ("30 companies", ask(engine, query("Few", filter=FILTER, **page)), 10, 500),
        ("10,000 companies", ask(engine, query("Ten", filter="name contains '7'", **page)), 1, 15_000),
        ("100,000 companies", ask(engine, query("Hundred", filter="name contains '7'", **page)), 1, 150_000),
        ("one of 100,000 by its id", ask(engine, query("Hundred", filter="contactId eq 100005")), 10, 500),
    ]
    for tenant, count, goal in (("Ten", 10_000, 15_000), ("Hundred", 100_000, 150_000)):
        for name, path, options in JOINS:
            action = ask(engine, join_query(tenant, path, options))
            actions.append((f"{count:,}, {name}", action, 1, goal))
    turns = [[cost_us(action, times) for _, action, times, _ in actions] for _ in range(rounds)]
    for place, (name, _, _, goal) in enumerate(actions):
        cost = statistics.median(turn[place] for turn in turns)
        quiet = statistics.median(turn[place] / turn[0] for turn in turns) * QUIET_US
        verdict = f"{'met' if quiet <= goal else 'MISSED'}: at most {goal:,.0f} us" if goal else ""
        print(f"{name:42}{cost:12,.1f} us {quiet:12,.1f} us on a quiet machine   {verdict}", flush=True)
    engine.close()
    opened, memory = subprocess.run(
        [sys.executable, "-c", COLUMNS], stdout=subprocess.PIPE, text=True, check=True
    ).stdout.split()
    print(
        f"columns opened in {float(opened):.1f} ms (at most 10), all read {float(memory):.1f} MB (at most 8)"
    )


def ask(engine: Engine, call: Request) -> Callable[[], object]:
    """A function that asks once more; the first answer is looked at."""
    reply = engine.handle(call)
    assert reply.status == 200, reply.body
    return lambda: engine.handle(call)


if __name__ == "__main__":
    main()
