"""The columns of archive providers, as they are shipped."""

import subprocess
import sys
import tracemalloc
from collections import deque
from concurrent.futures import ThreadPoolExecutor

import pytest

from mockso.archive.columnfile import dump
from mockso.archive.columns import ALL, SHIPPED, Column, ColumnFile, open_shipped, provider_of
from mockso.archive.operators import OPERATORS
from mockso.errors import ContractError

TWO = [
    (
        "Zebra",
        ["zebra"],
        [
            ("getAllRows", "bool", False),
            ("name", "stringorPK", True),
            ("who", "", True),
            ("herd/associate/fullName", "associate", False),
            ("Email/Address", "string", True),
            ("herd/associate/rank", "int", True),
            ("stripes", "int", False),
        ],
    ),
    ("ant", [], [("name", "string", True), ("Herd/associate/extra", "", False), ("NAME2", "", False)]),
]


@pytest.fixture
def two() -> ColumnFile:
    return ColumnFile(dump(TWO), "two")


def test_a_column_is_found_in_any_letter_case(two):
    zebra = two.provider("ZEBRA")

    assert zebra.name == "Zebra"
    assert zebra.find("HERD/associate/fullname") == Column("herd/associate/fullName", "associate", False)
    assert zebra.find("who") == Column("who", "", True)
    assert [zebra.find(name) for name in ("herd/associate", "herd/associate/", "fullName", "", "/")] == [
        None
    ] * 5


def test_columns_stand_in_the_documented_order(two):
    columns = two.provider("zebra").columns

    assert list(columns.values()) == [Column(*column) for column in TWO[0][2]]
    assert list(columns) == [name.lower() for name, *_ in TWO[0][2]]
    assert len(columns) == 7


def test_a_query_without_select_shows_columns_without_a_slash(two):
    assert [column.name for column in two.provider("zebra").default] == ["name", "who", "stripes"]
    assert two.provider("zebra").entities == ("zebra",)


def test_columns_below_a_prefix(two):
    below = two.provider("zebra").columns.below("Herd/Associate")

    assert [column.name for column in below] == ["herd/associate/fullName", "herd/associate/rank"]


def test_the_union_has_each_name_once_and_the_first_decides(two):
    union = two.union

    assert union.name == ALL
    assert union.find("name") == Column("name", "string", True)
    assert len(union.columns) == len(set(union.columns)) == 9
    assert union.find("herd/associate/extra").name == "Herd/associate/extra"


def test_the_file_is_the_same_for_any_order_of_providers(two):
    assert dump(TWO) == dump(reversed(TWO))
    assert dump(TWO).endswith(b"}\n")
    assert two.names == ("ant", "Zebra")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"{}\n\n",
        b'{"format": 1}\n\n',
        b'{"format": 1, "counts": 3}\n\n',
        dump(TWO).replace(b'"format": 1', b'"format": 2'),
        dump(TWO)[:-1],
        dump(TWO) + b"\n",
        dump(TWO).replace(b'["Zebra"', b'[["Zebra"]'),
        dump(TWO).replace(b'"providers": 2', b'"providers": 1'),
        dump(TWO).replace(b'"providers": 2', b'"providers": -2'),
    ],
)
def test_a_file_that_is_none_says_how_one_is_written(data):
    with pytest.raises(ContractError, match=r"two: .*'mockso contract build'"):
        ColumnFile(data, "two")


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(ContractError, match=r"none\.jsonl: cannot be read"):
        ColumnFile.open(tmp_path / "none.jsonl")


def test_an_item_that_was_edited_is_named():
    file = ColumnFile(dump(TWO).replace(b'"groups":[', b'"goupsz":['), "two")

    with pytest.raises(ContractError, match="two: its item of 'Zebra' was edited by hand"):
        file.provider("Zebra")


def test_providers_of_the_same_columns_share_them():
    file = ColumnFile(dump([*TWO, ("donkey", ["donkey"], TWO[0][2])]), "three")

    assert file.provider("donkey").columns is file.provider("zebra").columns


# the shipped file


def test_every_shipped_provider_opens():
    file = open_shipped()
    restrictions = set()
    count = 0
    for name in file.names:
        provider = file.provider(name)
        count += len(provider.columns)
        restrictions |= {column.restriction for column in provider.columns.values()}
        assert not any("/" in column.name for column in provider.default)
        assert all(provider.find(column.name) == column for column in provider.default)
        assert all(isinstance(entity, str) and '"' not in entity for entity in provider.entities)

    assert (len(file.names), count) == (371, 193_845)
    assert count == file.header["counts"]["columns"]
    assert restrictions == set(OPERATORS)


def test_find_contact_is_as_documented(tiny):
    provider = provider_of("findCONTACT", tiny)

    assert (provider.name, provider.entities, len(provider.columns)) == ("FindContact", ("contact",), 730)
    assert provider.find("name") == Column("name", "stringorPK", True)
    assert provider.find("mainContact") == Column("mainContact", "", True)
    assert provider.find("email/emailLastSent") == Column("email/emailLastSent", "datetime", True)
    assert provider.find("phone/formattedNumber").can_order is False
    assert "getallrows" in provider.columns
    assert "getAllRows" not in {column.name for column in provider.default}


def test_a_name_with_a_table_is_its_provider(tiny):
    assert provider_of("CustomObject:y_equipment", tiny).name == "CustomObject"
    assert provider_of("CustomObject:Y_Equipment", tiny).table == "y_equipment"
    for name in ("Contct:y_equipment", "Contact:y_equipment", "CustomObject:contact", "CustomObject:"):
        assert provider_of(name, tiny) is None
    assert provider_of("FindContct", tiny) is None
    assert provider_of("", tiny) is None


def test_a_collection_of_the_contract_is_a_provider_without_columns_where_no_page_has_it(tiny, monkeypatch):
    monkeypatch.setattr("mockso.archive.columns.open_shipped", lambda: ColumnFile(dump(TWO), "two"))

    provider = provider_of("simplecontact", tiny)

    assert (provider.name, len(provider.columns), provider.default) == ("SimpleContact", 0, ())


def test_the_metadata_of_all_has_every_column(tiny):
    provider = provider_of("$metadata", tiny)

    assert provider is provider_of("$Metadata", tiny)
    assert len(provider.columns) == 8609


def test_the_file_is_not_opened_by_an_import_nor_by_an_engine():
    code = (
        "import mockso, mockso.cli, mockso.archive.providers\n"
        "from mockso.contract.catalogue import Contract\n"
        "from mockso.config import Settings\n"
        "from mockso.engine import Engine\n"
        "from mockso.journal.journal import Journal\n"
        "from mockso.archive.columns import open_shipped\n"
        "Engine(Settings(), [Contract.open()], Journal())\n"
        "print(open_shipped.cache_info().currsize)"
    )

    assert (
        subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
        == "0\n"
    )


def test_the_file_is_text_of_less_than_half_a_megabyte():
    data = SHIPPED.read_bytes()

    assert len(data) < 500_000
    assert all(line.isprintable() for line in data.decode().splitlines())


def test_all_columns_together_stay_below_their_limit_of_memory():
    tracemalloc.start()
    try:
        file = ColumnFile.open()
        for name in file.names:
            provider = file.provider(name)
            deque(provider.columns.values(), maxlen=0)
            provider.find("name")
            len(provider.default)
        deque(file.union.columns.values(), maxlen=0)
        size, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size < 8_000_000


def test_threads_share_a_file():
    file = ColumnFile.open()
    names = file.names[:60]

    def count(_: int) -> list[int]:
        return [len(list(file.provider(name).columns.values())) for name in names]

    with ThreadPoolExecutor(8) as pool:
        counts = list(pool.map(count, range(8)))

    assert counts == [[len(open_shipped().provider(name).columns) for name in names]] * 8
