"""The contract file: written, opened, asked."""

import json
import random

import pytest

from mockso.contract import catalogue
from mockso.contract.catalogue import Contract
from mockso.contract.itemfile import ItemFile
from mockso.errors import ContractError
from tests.conftest import OPERATIONS, TYPES, operation


def found(contract: Contract, method: str, path: str) -> tuple[str, dict[str, str]]:
    result = contract.find(method, path)
    assert result.operation is not None, result
    return result.operation.id, dict(result.path_arguments)


@pytest.mark.parametrize(
    "path",
    ["/api/v1/Contact/17", "/api/v1/contact/17/", "//API//V1/Contact//17", "/api/v1/CONTACT/17"],
)
def test_letter_case_and_slashes_do_not_matter(tiny, path):
    assert found(tiny, "GET", path) == ("getContact", {"id": "17"})


def test_a_literal_wins_over_a_variable(tiny):
    assert found(tiny, "GET", "/api/v1/Contact/Default")[0] == "defaultContact"


def test_a_number_wins_over_text(tiny):
    assert found(tiny, "GET", "/api/v1/BatchTask/12") == ("taskById", {"id": "12"})
    assert found(tiny, "GET", "/api/v1/BatchTask/-12") == ("taskById", {"id": "-12"})
    assert found(tiny, "GET", "/api/v1/BatchTask/Started") == ("tasksByState", {"state": "Started"})


@pytest.mark.parametrize("text", ["²", "--5", "-"])
def test_what_looks_like_a_number_and_is_none_is_text(tiny, text):
    assert found(tiny, "GET", f"/api/v1/BatchTask/{text}") == ("tasksByState", {"state": text})


def test_a_template_may_end_in_a_slash():
    operations = [operation("all", "GET", "/api/v1/Note/"), operation("one", "GET", "/api/v1/Note/{id}/")]
    contract = Contract(catalogue.dump({}, operations, []), "here")

    assert found(contract, "GET", "/api/v1/Note") == ("all", {})
    assert found(contract, "GET", "/api/v1/Note/17") == ("one", {"id": "17"})
    assert [each.id for each in contract.describe_path("/api/v1/note/{ID}")] == ["one"]


def test_a_literal_without_the_method_gives_way_to_the_variable(tiny):
    assert found(tiny, "DELETE", "/api/v1/Contact/default") == ("deleteContact", {"id": "default"})


def test_a_known_address_without_the_method_names_those_it_has(tiny):
    result = tiny.find("POST", "/api/v1/Contact/17")

    assert result.operation is None
    assert result.allowed == ("DELETE", "GET", "PATCH", "PUT")


@pytest.mark.parametrize(
    ("path", "near"),
    [
        ("/api/v1/Contcat", "/api/v1/Contact"),
        ("/api/v1/Agents/User/SaveCredential", "/api/v1/Agents/User/SaveCredentials"),
    ],
)
def test_an_unknown_address_names_the_nearest(tiny, path, near):
    result = tiny.find("GET", path)

    assert (result.operation, result.allowed) == (None, ())
    assert result.suggestions[0] == near


def test_whether_an_address_is_there_looks_for_nothing_near(tiny, monkeypatch):
    monkeypatch.setattr("mockso.contract.addresses.nearest", None)

    assert tiny.has("GET", "/api/v1/contact/17/")
    assert not tiny.has("POST", "/api/v1/Contact/17")
    assert not tiny.has("GET", "/api/v1/Nope")


def test_unknown_names_suggest_the_nearest(tiny):
    with pytest.raises(ContractError, match="Did you mean 'getContact'"):
        tiny.operation("getContcat")
    with pytest.raises(ContractError, match=r"Did you mean 'So\.Person'"):
        tiny.type("So.Persn")


def test_what_was_written_is_read_back(tiny):
    assert list(tiny.operations()) == sorted(OPERATIONS, key=lambda o: (o.path.lower(), o.path, o.method))
    assert [tiny.type(name) for name in tiny.type_names()] == sorted(TYPES, key=lambda t: t.name)


def test_the_same_contract_gives_the_same_bytes_in_any_order():
    shuffled, types = OPERATIONS[:], TYPES[:]
    random.Random(1).shuffle(shuffled)
    random.Random(2).shuffle(types)

    assert catalogue.dump({"a": 1}, shuffled, types) == catalogue.dump({"a": 1}, OPERATIONS, TYPES)


def test_every_line_of_the_file_is_json():
    for line in catalogue.dump({}, OPERATIONS, TYPES).decode().splitlines():
        if line:
            json.loads(line)


def test_opening_parses_no_item(tiny, monkeypatch):
    parsed = []
    item = ItemFile.item
    monkeypatch.setattr(ItemFile, "item", lambda file, *of: parsed.append(of[1]) or item(file, *of))

    opened = Contract(catalogue.dump({}, OPERATIONS, TYPES), "x")

    assert len(opened) == len(OPERATIONS)
    assert parsed == []
    assert next(iter(opened.operations())).id in parsed


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}",
        b"\x00\xff",
        b"[1]\n\n",
        b'{"format":99}\n\n',
        b'{"format":2}\n["x"',
        b'{"format":2}\n["GET","/a","x","y"]\n\n',
        b'{"format":2}\n[1,3]\n\n{}\n',
        b'{"format":2}\n[]\n\n',
        b'{"format":2}\n{"a":1}\n\n',
        b'{"format":2}\n["T",3]\n["GET","/a","x",3]\n\n{}\n{}\n',
        b"[" * 100_000 + b"\n\n",
    ],
)
def test_what_is_no_contract_file_is_said_so(data):
    with pytest.raises(ContractError, match=r"bad\.jsonl: not a contract file"):
        Contract(data, "bad.jsonl")


def test_a_cut_contract_file_is_said_so():
    with pytest.raises(ContractError, match="was cut or edited by hand"):
        Contract(catalogue.dump({}, OPERATIONS, TYPES)[:-10], "x")


@pytest.mark.parametrize("item", [b"{}", b"[]", b"{", b'{"id": "x", "responses": {"200": "list<"}}'])
def test_an_item_that_was_edited_by_hand_is_said_so(item):
    index = f'["GET","/api/v1/a","x",{len(item)}]\n["T",{len(item)}]'.encode()
    contract = Contract(b'{"format":2}\n' + index + b"\n\n" + item + item, "bad.jsonl")

    for ask, name in ((contract.operation, "x"), (contract.type, "T")):
        with pytest.raises(ContractError, match=rf"bad\.jsonl: its item of '{name}' was edited by hand"):
            ask(name)


def test_a_missing_file_says_how_to_make_one(tmp_path):
    with pytest.raises(ContractError, match="mockso contract build"):
        Contract.open(tmp_path / "none.jsonl")


def test_what_is_derived_from_a_contract_is_made_once():
    contract = Contract(catalogue.dump({}, OPERATIONS, TYPES), "here")
    made = []

    def size(of):
        made.append(of)
        return [of.derive(len)]

    first, second = contract.derive(size), contract.derive(size)

    assert first is second
    assert first == [len(contract)]
    assert made == [contract]
