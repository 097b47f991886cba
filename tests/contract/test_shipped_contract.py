"""The contract that mockso ships, against the vendor's corpus and the corpus's own analysis."""

from __future__ import annotations

import json
import re

import pytest

from mockso.contract.build import report
from mockso.contract.build.findings import count
from mockso.contract.catalogue import SHIPPED, Contract
from mockso.contract.model import TypeRef
from tests.contract.build.sources import corpus, needs_corpus


@pytest.fixture(scope="module")
def contract():
    return Contract.open()


@needs_corpus
def test_the_corpus_compiles_to_the_shipped_bytes(contract):
    assert corpus().to_bytes(contract.release) == SHIPPED.read_bytes()


@needs_corpus
def test_the_counts_of_each_source_are_those_of_the_analysis():
    figures = report.by_source(corpus())

    swagger, pages = figures["swagger"], figures["pages"]
    assert [swagger[key] for key in ("operations", "agent", "rest", "restricted")] == [3317, 2007, 1310, 370]
    assert [pages[key] for key in ("operations", "agent", "rest", "restricted")] == [3116, 1816, 1300, 358]
    assert swagger["methods"] == {"GET": 632, "POST": 2219, "PUT": 294, "DELETE": 172}
    assert pages["methods"] == {"GET": 611, "POST": 2017, "PUT": 287, "DELETE": 165, "PATCH": 36}
    assert [swagger["with_body"], pages["with_body"]] == [1943, 1826]
    assert swagger["success"] == {"200": 2730, "204": 585, "none": 2}
    assert pages["success"] == {"200": 2578, "204": 536, "none": 2}
    assert [swagger[key] for key in ("paths", "types", "properties")] == [2723, 1847, 8750]
    assert [swagger[key] for key in ("request_types", "with_links")] == [1369, 39]


@needs_corpus
@pytest.mark.parametrize(
    ("kind", "number"),
    [
        ("body-name", 73),
        ("body-of-204", 536),
        ("body-property-type", 27),
        ("consumes", 1),
        ("operation-id", 3),
        ("path-enum", 7),
        ("produces", 17),
        ("property-only-in-swagger", 1141),
        ("server-property-omitted", 926),
        ("query-enum", 16),
        ("query-name-case", 49),
        ("query-only-in-page", 1),
        ("response-property-type", 929),
        ("response-type", 60),  # 59 of operations of the same id, one of a renamed one
        ("sample-is-list", 183),
        ("statuses", 2),
        ("title-method", 165),
        ("title-path", 278),
        ("variable-name", 1),
    ],
)
def test_the_contradictions_are_those_of_the_analysis(kind, number):
    assert count(corpus().findings, "contradiction")[kind] == number


@needs_corpus
def test_what_the_corpus_is_known_for_is_noted_and_nothing_fails():
    notes = count(corpus().findings, "note")

    assert [notes[kind] for kind in ("only-in-pages", "only-in-swagger")] == [121, 322]
    assert [notes[kind] for kind in ("same-route", "ambiguous-path", "reference-elsewhere")] == [37, 1, 2]
    assert "unresolved-type" not in notes
    assert count(corpus().findings, "failure") == {}


def test_the_shipped_contract_has_what_the_analysis_counts(contract):
    counts = contract.header["counts"]

    assert [counts[key] for key in ("operations", "agent", "rest", "restricted")] == [3438, 2082, 1356, 383]
    assert counts["methods"] == {"GET": 636, "POST": 2296, "PUT": 296, "DELETE": 174, "PATCH": 36}
    assert [counts["pages_only"], counts["experimental"]] == [121, 78]
    assert len(contract) == 3438


def test_the_types_of_swagger_and_those_only_pages_have(contract):
    types = [contract.type(name) for name in contract.type_names()]

    assert sum(found.source.startswith("swagger/") for found in types) == 1847
    assert len(types) == contract.header["counts"]["types"] == 1909


def test_every_type_that_is_referred_to_is_there(contract):
    def names(kind: TypeRef | None):
        while kind is not None:
            if kind.kind == "carrier":
                yield kind.name
            kind = kind.item

    kinds = [item.type for name in contract.type_names() for item in contract.type(name).fields]
    for operation in contract.operations():
        kinds += [operation.body, *operation.responses.values()]

    assert {name for kind in kinds for name in names(kind)} <= set(contract.type_names())


def test_restrictions_are_of_four_kinds(contract):
    kinds = [operation.restricted.kind for operation in contract.operations() if operation.restricted]

    assert {kind: kinds.count(kind) for kind in set(kinds)} == {
        "never": 126 + 2,
        "on-request": 185 + 11,
        "erp": 49,
        "internal": 10,
    }


def test_every_operation_has_a_source_with_a_line_or_a_pointer(contract):
    for operation in contract.operations():
        assert operation.sources
        for source in operation.sources:
            assert re.fullmatch(r"(swagger/.+\.json#/paths/.+|pages/.+\.md:\d+)", source), source


def test_the_operation_this_project_started_from(contract):
    found = contract.operation("v1UserAgent_SaveUntrustedCredentials")

    assert (found.method, found.path) == ("POST", "/api/v1/Agents/User/SaveUntrustedCredentials")
    assert (found.success, found.result, found.body_required) == (204, None, True)
    assert (found.restricted.agent, found.restricted.kind) == ("User", "never")
    assert len(found.consumes) == 7
    body = contract.type(found.body.name)
    assert [(item.name, item.type.name.rpartition(".")[2]) for item in body.fields] == [
        ("Type", "string"),
        ("Credentials", "UntrustedCredentials"),
    ]


def test_every_patch_has_an_entity_and_an_answer_with_links(contract):
    patches = [operation for operation in contract.operations() if operation.method == "PATCH"]

    assert len(patches) == 36
    for operation in patches:
        assert operation.body.kind == "patch"
        assert operation.body.item.kind == "carrier"
        assert operation.result.kind == "carrier"
        assert operation.body_required


def test_four_types_are_open(contract):
    assert {contract.type(name).short_name for name in contract.type_names() if contract.type(name).open} == {
        "FieldInfoBase",
        "WorkflowStepBase",
        "WorkflowStepOptionBase",
        "BoardViewSettingsBase",
    }


def strings(value):
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield key
            yield from strings(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from strings(inner)


def test_no_string_of_the_contract_is_a_sentence():
    lines = SHIPPED.read_text("utf-8").splitlines()

    texts = {text for line in lines if line for text in strings(json.loads(line))}
    assert [text for text in texts if re.search(r"\s\S+\s", text) or re.search(r"\w[.!?]\s", text)] == []
    assert [text for text in texts if "//" in text or text.startswith(("/home", "/work", "C:"))] == []


def test_the_shipped_contract_is_sorted_one_item_a_line(contract):
    keys = [(o.path.lower(), o.path, o.method, o.id) for o in contract.operations()]

    assert keys == sorted(keys)
    assert list(contract.type_names()) == sorted(contract.type_names())
    assert SHIPPED.read_bytes().count(b"\n") == 2 + 2 * (3438 + 1909 + len(contract.kinds))
