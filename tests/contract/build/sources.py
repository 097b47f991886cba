"""Where the contract sources of the tests are, and the vendor's corpus if it is there."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path

import pytest

from mockso.contract.build import compile
from mockso.contract.build.compile import Compilation

ROOT = Path(__file__).parents[3]
FIXTURES = ROOT / "fixtures" / "contract"
HOSTILE = ROOT / "fixtures" / "hostile"
CLASH = ROOT / "fixtures" / "clash"
CORPUS = Path(os.environ.get("MOCKSO_CORPUS") or ROOT.parent / "shared" / "corpus")
CORPUS_SOURCES = [CORPUS / "swagger", CORPUS / "pages", CORPUS / "webapi"]

needs_corpus = pytest.mark.skipif(
    not all(source.is_dir() for source in CORPUS_SOURCES),
    reason="no corpus: set MOCKSO_CORPUS to the folder with swagger, pages and webapi",
)


@cache
def compiled() -> Compilation:
    """The fixtures, compiled once."""
    return compile.compile_sources([FIXTURES])


@cache
def corpus() -> Compilation:
    """The vendor's corpus, compiled once; some five seconds."""
    return compile.compile_sources(CORPUS_SOURCES)


def operation(id: str):
    """One operation of the fixtures."""
    return next(found for found in compiled().operations if found.id == id)


def typedef(short_name: str):
    """One type of the fixtures."""
    return next(found for found in compiled().types if found.short_name == short_name)


def details(kind: str, compilation: Compilation | None = None) -> list[str]:
    """What the findings of a class say, in order."""
    found = (compilation or compiled()).findings
    return [finding.detail for finding in found if finding.kind == kind]


def page(*, uid: str = "v1X_Get", method: str = "POST", path: str = "/api/v1/X", rest: str = "") -> bytes:
    """The bytes of a page of 2023 with that text behind its http block."""
    head = f"---\ntitle: {method} X\nuid: {uid}\n---\n\n# {method} X\n\n```http\n{method} {path}\n```\n\n"
    return (head + rest).encode()
