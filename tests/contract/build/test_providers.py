"""Pages of archive providers: their two tables, which rows are odd, and the vendor's corpus."""

import pytest

from mockso.archive.columnfile import dump
from mockso.archive.columns import SHIPPED
from mockso.contract.build.findings import count
from mockso.contract.build.providers import read_provider
from mockso.contract.build.sources import read_sources
from tests.contract.build.sources import CORPUS

PAGES = CORPUS / "archive-providers"
needs_pages = pytest.mark.skipif(
    not PAGES.is_dir(), reason="no corpus: set MOCKSO_CORPUS to the folder with archive-providers"
)
HEAD = '---\nuid: Zebra\nkeywords: Zebra archive provider\n---\n\n# "Zebra"\n\n'
COLUMNS = "| Name | Restriction | Description | OrderBy |\n| ---- | ----- | ------- | ------ |\n"


def read(rest: str):
    return read_provider((HEAD + rest).encode(), "zebra.md")


def test_a_table_goes_on_below_its_next_heading():
    page = read(
        f'## Supported Entities\n\n| Name | Description |\n|----|----|\n|"zebra"|Horse|\n\n'
        f"## Supported Columns\n\n{COLUMNS}|name|stringorPK|Name: Its name| x |\n\n"
        f"## Supported Columns (cont.)\n\n{COLUMNS}|herd/x\\_size| *None* |Size|  |\n"
    )

    assert (page.provider, page.entities) == ("Zebra", ["zebra"])
    assert page.columns == [("name", "stringorPK", True), ("herd/x_size", "", False)]
    assert page.findings == []


@pytest.mark.parametrize(
    ("row", "kind"),
    [
        ("|name|string|Again|  |", "duplicate-column"),
        ("|Name|string|Again|  |", "duplicate-column"),
        ("|a name|string|Blank|  |", "bad-column"),
        ("|a//b|string|Empty step|  |", "bad-column"),
        ("|/b|string|Empty step|  |", "bad-column"),
        ("||string|Nothing|  |", "bad-column"),
        ("|other|string or int|Two|  |", "bad-column"),
        ("|other||None|  |", "bad-column"),
        ("|other|string|Order| y |", "bad-column"),
        ("|other|string|A | pipe| x |", "bad-row"),
        ("|other|string|", "bad-row"),
    ],
)
def test_an_odd_row_is_a_finding_with_its_line(row, kind):
    page = read(f"## Supported Columns\n\n{COLUMNS}|name|string|Name| x |\n{row}\n")

    assert page.columns == [("name", "string", True)]
    assert [(finding.kind, finding.place) for finding in page.findings] == [(kind, "zebra.md:13")]


def test_a_heading_and_a_table_of_unknown_meaning_are_findings():
    page = read('## Colours\n\n|a|b|\n|--|--|\n|x|y|\n\n# "Horse"\n')

    assert [(finding.kind, finding.detail) for finding in page.findings] == [
        ("unknown-heading", "Colours"),
        ("unknown-heading", "a | b"),
        ("unknown-heading", '"Horse"'),
        ("no-columns", "Zebra"),
    ]


def test_a_list_of_providers_is_no_provider():
    assert (
        read_provider(b"---\nuid: list\nkeywords: archive providers\n---\n# Archive Providers\n", "i.md")
        is None
    )


@needs_pages
def test_the_corpus_compiles_to_the_shipped_columns():
    material = read_sources([PAGES])

    assert len(material.providers) == 371
    assert sum(len(page.columns) for page in material.providers) == 193_845
    assert count(material.findings, "note") == {"no-columns": 15}
    assert len(material.findings) == 15
    assert dump(page.facts for page in material.providers) == SHIPPED.read_bytes()


@needs_pages
def test_every_row_of_the_corpus_with_an_order_cell_is_a_column():
    # Counted without the compiler: rows end in "| x |" or "|  |".
    rows = sum(
        line.startswith("|") and line.endswith(("| x |", "|  |"))
        for page in PAGES.glob("*.md")
        for line in page.read_text(encoding="utf-8").splitlines()
    )

    assert rows == 193_845
