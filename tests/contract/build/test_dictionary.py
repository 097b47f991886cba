"""The database dictionary, compiled to the file of tables that mockso ships."""

from pathlib import Path

import pytest

from mockso.archive import database
from mockso.contract.build.dictionary import compile_tables
from mockso.errors import ContractError
from tests.contract.build.sources import CORPUS

HEAD = "table\tnumber\tfield\ttype\treferences\tnullable\n"


def test_a_line_is_a_table_with_letters_for_types():
    rows = "b\t1\tb_id\tPK\t\t\nA\t2\ta_id\tPK\t\t\nA\t2\tname\tString(9)\t\tnull\nA\t2\tb\tFK\tb\t\nA\t2\tkind\tEnum [X]\t\t\n"

    assert compile_tables((HEAD + rows).encode(), "x") == b"A a_id:P name:S b:F>b kind:I\nb b_id:P\n"


@pytest.mark.parametrize(
    ("text", "told"), [("a\tb\n", "x:1: the head"), (HEAD + "a\tb\n", "x:2: 2 cells, not 6")]
)
def test_another_file_is_told_by_its_line(text, told):
    with pytest.raises(ContractError, match=told):
        compile_tables(text.encode(), "x")


def test_the_shipped_file_is_the_compiled_dictionary():
    source = Path(CORPUS) / "database" / "fields.tsv"
    if not source.is_file():
        pytest.skip("the dictionary is not here")
    shipped = Path(database.__file__).with_name("tables.txt").read_bytes()

    assert compile_tables(source.read_bytes(), "fields.tsv") == shipped
    assert shipped.count(b"\n") == 547
    assert shipped.count(b":") == 6999
