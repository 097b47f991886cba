"""Parts that answers share are made again when a row they were made of changed, and are never changed themselves."""

import json

from mockso.entities.getters import Source
from mockso.entities.partstore import PartStore
from mockso.state.rows import Draft, RowStore
from tests.entities.conftest import Client


def test_a_part_is_made_again_only_when_one_of_its_rows_is_another():
    made = []

    def make(form: str, key: object, row: object, source: Source) -> dict[str, object]:
        made.append(form)
        return {"Country": source.get("Country", 1)}

    parts, store = PartStore(make), RowStore("One")
    store.change(lambda draft: (draft.put("Contact", 5, {}), draft.put("Country", 1, {"Name": "Norway"})))
    row = store.rows.get("Contact", 5)
    assert row is not None

    first = parts.part("F", 5, row, Draft(store.rows))
    again = parts.part("F", 5, row, Draft(store.rows))
    assert (again is first, made) == (True, ["F"])

    store.change(lambda draft: draft.put("Country", 1, {"Name": "Norge"}))
    changed = parts.part("F", 5, row, Draft(store.rows))
    assert changed == {"Country": {"Name": "Norge"}}

    other = parts.part("F", 5, {}, Draft(store.rows))
    assert (other == changed, len(made)) == (True, 3)


def test_a_part_of_rows_that_were_looked_for_is_made_each_time():
    made = []

    def make(form: str, key: object, row: object, source: Source) -> dict[str, object]:
        made.append(form)
        return {"Persons": len(source.find("Person", "Contact", 5))}

    parts, store = PartStore(make), RowStore("One")
    row = {"Name": "A"}
    store.change(lambda draft: draft.put("Person", 1, {"Contact": 5}))

    assert parts.part("F", 5, row, Draft(store.rows)) == {"Persons": 1}
    store.change(lambda draft: draft.put("Person", 2, {"Contact": 5}))
    assert parts.part("F", 5, row, Draft(store.rows)) == {"Persons": 2}


def test_what_a_row_refers_to_is_read_as_it_is_now_in_each_tenant(nordlys):
    other = Client(nordlys.engine, tenant="Cust2")
    before = nordlys.get("Contact/17")
    assert other.get("Contact/17")["Associate"] == before["Associate"]

    person = nordlys.get(f"Person/{before['Associate']['PersonId']}")
    nordlys.call("PUT", f"Person/{person['PersonId']}", {**person, "Firstname": "Changed"})

    after = nordlys.get("Contact/17")
    assert after["Associate"] != before["Associate"]
    assert "Changed" in json.dumps(after["Associate"])
    assert other.get("Contact/17")["Associate"] == before["Associate"]
    assert {person["FullName"] for person in after["Persons"]} == {
        person["FullName"] for person in before["Persons"]
    }


def test_a_caller_in_another_zone_and_a_patch_leave_the_parts_of_others_alone(nordlys):
    before = nordlys.get("Contact/17")

    there = nordlys.get("Contact/17", SO_TimeZone="NO, includeTZOffset")
    status, _ = nordlys.call("PATCH", "Contact/17", [{"op": "replace", "path": "/Name", "value": "New"}])

    after = nordlys.get("Contact/17")
    assert there["UpdatedDate"] != before["UpdatedDate"]
    assert status == 200
    assert after["Name"] == "New"
    same = [
        name
        for name, item in before.items()
        if isinstance(item, dict | list) and name not in ("UpdatedBy", "Persons")
    ]
    assert {name: after[name] for name in same} == {name: before[name] for name in same}
