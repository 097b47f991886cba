from __future__ import annotations

import itertools
import json
import os
import random
import shutil

import pytest

from mockso.contract.build import compile, sources
from mockso.contract.catalogue import Contract
from mockso.errors import ContractError
from tests.contract.build.sources import CLASH, FIXTURES, HOSTILE, compiled, details, operation, page, typedef

STATUS = "## Response:\n\nOK\n\n| Response | Description |\n|---|---|\n| 200 | OK |\n\n"
PROPERTIES = "| Property Name | Type |  Description |\n|---|---|---|\n"


def compile_pages(folder, **texts):
    for name, text in texts.items():
        (folder / f"{name}.md").write_bytes(text)
    return compile.compile_sources([folder])


def result_of(folder, word, rows=(), sample=None):
    """The type of an answer that a page describes so."""
    text = f"{STATUS}### Response body: {word}\n\n"
    if rows:
        text += PROPERTIES + "".join(f"| {name} | {kind} | |\n" for name, kind in rows)
    if sample is not None:
        text += f"\n## Sample response\n\n```http_\nHTTP/1.1 200 OK\nContent-Type: application/json\n\n{json.dumps(sample)}\n```\n"
    compilation = compile_pages(folder, a=page(rest=text))
    return compilation, compilation.operations[0].result


# order


def test_any_order_of_sources_gives_the_same_bytes():
    kinds = [FIXTURES / name for name in ("swagger", "pages", "classes")]

    built = {compile.compile_sources(order).to_bytes("r") for order in itertools.permutations(kinds)}

    assert len(built) == 1


def test_any_order_of_files_gives_the_same_bytes(monkeypatch):
    walk = sources.os.walk
    mix = random.Random(7)

    def shuffled(root):
        found = [(folder, folders, mix.sample(names, len(names))) for folder, folders, names in walk(root)]
        mix.shuffle(found)
        return iter(found)

    monkeypatch.setattr(sources.os, "walk", shuffled)

    assert compile.compile_sources([FIXTURES]).to_bytes() == compiled().to_bytes()


def test_the_place_of_the_sources_leaves_no_trace(tmp_path):
    shutil.copytree(FIXTURES, tmp_path / "contract")

    assert compile.compile_sources([tmp_path / "contract"]).to_bytes() == compiled().to_bytes()


def test_a_source_given_twice_counts_once():
    assert compile.compile_sources([FIXTURES, FIXTURES]).to_bytes() == compiled().to_bytes()


def test_the_digest_is_of_the_contract_and_not_of_its_release():
    headers = [Contract(compiled().to_bytes(name), name).header for name in ("a", "b")]

    assert headers[0]["digest"] == headers[1]["digest"]
    assert [header["release"] for header in headers] == ["a", "b"]


def test_what_was_compiled_can_be_read_again():
    contract = Contract(compiled().to_bytes(), "here")

    assert {o.id: o.body for o in contract.operations()} == {o.id: o.body for o in compiled().operations}
    assert [contract.type(found.name) for found in compiled().types] == list(compiled().types)


# names of sources


def test_a_single_file_is_called_by_its_name():
    [path] = FIXTURES.rglob("v1ContactAgent_GetNote.md")

    found = compile.compile_sources([path]).operations[0]

    assert found.source == "v1ContactAgent_GetNote.md:9"


def test_the_deciding_source_comes_first():
    first, second = operation("v1ContactEntity_GetContactEntity").sources

    assert first.startswith("contract/swagger/rest/")
    assert second == "contract/pages/rest/Contact/v1ContactEntity_GetContactEntity.md:9"


def test_two_files_of_one_name_cannot_be_told_apart(tmp_path):
    for folder in ("one/pages", "two/pages"):
        (tmp_path / folder).mkdir(parents=True)
        (tmp_path / folder / "a.md").write_bytes(page())

    with pytest.raises(ContractError, match=r"would both be called 'pages/a.md'"):
        compile.compile_sources([tmp_path / "one/pages", tmp_path / "two/pages"])


@pytest.mark.parametrize("name", ["nowhere", "picture.png"])
def test_a_source_that_is_none_is_an_error_that_names_it(tmp_path, name):
    (tmp_path / "picture.png").write_bytes(b"x")

    with pytest.raises(ContractError, match=name):
        compile.compile_sources([tmp_path / name])


def test_nothing_readable_at_all_is_an_error(tmp_path):
    (tmp_path / "a.md").write_text("# Hello\n")

    with pytest.raises(ContractError, match="no reference page of an operation"):
        compile.compile_sources([tmp_path])


def test_one_bad_file_stops_nothing(tmp_path):
    (tmp_path / "good.md").write_bytes(page(rest=STATUS))
    (tmp_path / "bad.json").write_text('{"swagger": "2.0", "paths": {"/x": {"get": {"parameters": [{}]}}}}')
    (tmp_path / "broken.json").write_text("{\n\n,")
    (tmp_path / "broken.yml").write_text("### YamlMime:ManagedReference\nitems: [\n  a: b: c\n")
    (tmp_path / "folder.json").mkdir()
    os.mkfifo(tmp_path / "pipe.md")

    compilation = compile.compile_sources([tmp_path])

    assert len(compilation.operations) == 1
    failures = [f for f in compilation.findings if f.weight == "failure"]
    assert [f.kind for f in failures] == ["bad-json", "unreadable", "unreadable", "unreadable"]
    assert failures[2].detail.startswith("ValueError: line 3: ")
    assert failures[3].detail == "ValueError: not a file"
    assert compilation.has_failures


def test_hostile_pages_are_counted_and_the_good_ones_stay():
    compilation = compile.compile_sources([HOSTILE])

    assert len(compilation.operations) == 6
    assert sum(finding.weight == "failure" for finding in compilation.findings) == 12


# Swagger against Swagger


def test_definitions_that_differ_are_an_error_that_names_both_files():
    with pytest.raises(ContractError, match=r"one/Swagger-v1-A.json#.* and two/Swagger-v1-B.json#"):
        compile.compile_sources([CLASH / "one", CLASH / "two"])


def test_equal_definitions_are_kept_of_the_first_file():
    assert typedef("Associate").source.startswith("contract/swagger/agent/Swagger-v1-UserAgent.json#")


def test_a_reference_into_another_file_is_resolved_and_noted():
    assert details("reference-elsewhere") == ["SuperOffice.CRM.Services.Changed"]
    assert str(operation("v1ContactEntity_GetChanged").result) == "SuperOffice.CRM.Services.Changed"


def test_a_reference_that_nobody_defines_is_any_json_and_a_failure():
    assert str(operation("v1UserAgent_Think").result) == "any"
    [finding] = [f for f in compiled().findings if f.kind == "dangling-reference"]
    assert "SuperOffice.CRM.Services.Lost" in finding.detail


# Swagger against pages


def test_swagger_decides_and_the_contradiction_has_both_places():
    [finding] = [f for f in compiled().findings if f.kind == "response-property-type"]

    assert finding.place.endswith("ContactEntityWithLinks/properties/TableRight")
    assert finding.other == "contract/pages/rest/Contact/v1ContactEntity_GetContactEntity.md:61"
    assert finding.detail == "SuperOffice.CRM.Security.TableRight, not RecurrenceInfo"
    links = typedef("ContactEntityWithLinks")
    assert str(links.by_name["TableRight"].type) == "SuperOffice.CRM.Security.TableRight"


def test_the_letter_case_of_a_query_name_is_a_contradiction():
    assert details("query-name-case") == ["$select, not $Select"]


def test_a_204_that_names_a_body_has_none():
    assert details("body-of-204") == ["TimeZoneData"]
    assert operation("v1UserAgent_SaveUntrustedCredentials").result is None


def swagger_file(path, *, id="v1X_Get", **more):
    spec = {"operationId": id, "responses": {"200": {"schema": {"type": "string"}}}, **more}
    return json.dumps({"swagger": "2.0", "paths": {path: {"post": spec}}, "definitions": {}})


@pytest.mark.parametrize(
    ("change", "kind"),
    [
        (
            {"rest": "## Online Restricted: ## The X agent is not available to all.\n\n" + STATUS},
            "restricted",
        ),
        ({"rest": STATUS.replace("200", "204")}, "statuses"),
        ({"rest": STATUS + "### Response body: int32\n"}, "response-type"),
        ({"rest": STATUS, "path": "/api/v1/Y/{a}"}, "method-or-path"),
        ({"rest": STATUS, "path": "/api/v1/X/{b}"}, "variable-name"),
        ({"rest": STATUS, "uid": "v1X_Old", "path": "/api/v1/X/{a}"}, "operation-id"),
        ({"rest": "## Request Body: request \n\n" + STATUS}, "body-type"),
        (
            {"rest": "| Parameter Name | Type | Description |\n|-|-|-|\n| a | string | |\n\n" + STATUS},
            "query-only-in-page",
        ),
        (
            {"rest": "| Parameter Name | Type | Description |\n|-|-|-|\n| q | bool | |\n\n" + STATUS},
            "query-type",
        ),
        (
            {
                "rest": "| Parameter Name | Type | Description |\n|-|-|-|\n| q | int32 | **Required** |\n\n"
                + STATUS
            },
            "required",
        ),
    ],
)
def test_each_disagreement_is_listed(tmp_path, change, kind):
    query = [
        {"name": "a", "in": "path", "type": "string", "required": True},
        {"name": "q", "in": "query", "type": "integer", "format": "int32"},
    ]
    (tmp_path / "s.json").write_text(swagger_file("/api/v1/X/{a}", parameters=query))

    compilation = compile_pages(tmp_path, p=page(**{"path": "/api/v1/X/{a}", **change}))

    assert kind in [f.kind for f in compilation.findings if f.weight == "contradiction"]
    assert len(compilation.operations) == 1


def test_a_page_adds_required_and_the_restriction_that_swagger_lacks(tmp_path):
    parameters = [{"name": "q", "in": "query", "type": "string", "required": False}]
    (tmp_path / "s.json").write_text(swagger_file("/api/v1/X", parameters=parameters))
    text = (
        "## Online Restricted: ## The X agent is not available to all.\n\n"
        "| Parameter Name | Type | Description |\n|-|-|-|\n| q | string | **Required** |\n\n"
    )

    [found] = compile_pages(tmp_path, p=page(rest=text + STATUS)).operations

    assert found.parameters[0].required
    assert found.restricted.source == f"{tmp_path.name}/p.md:12"


def test_the_newest_page_of_an_operation_decides(tmp_path):
    old = page(rest=STATUS + "### Response body: string\n").replace(b"uid:", b"id:")
    new = page(rest=STATUS + "### Response body: bool\n")

    compilation = compile_pages(tmp_path, a=old, b=new)

    assert [str(found.result) for found in compilation.operations] == ["boolean"]
    assert details("page-generations", compilation) == ["v1X_Get"]


RESTRICTED = {"description": "## Online Restricted: ## The X agent is not available to all."}


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (swagger_file("/api/v1/A"), swagger_file("/api/v1/B")),
        (swagger_file("/api/v1/A"), swagger_file("/api/v1/A", **RESTRICTED)),
    ],
)
def test_the_same_id_with_other_content_is_a_failure(tmp_path, first, second):
    (tmp_path / "a.json").write_text(first)
    (tmp_path / "b.json").write_text(second)

    compilation = compile.compile_sources([tmp_path])

    assert [found.path for found in compilation.operations] == ["/api/v1/A"]
    assert details("duplicate-operation", compilation) == ["v1X_Get"]


# pages only


def test_a_patch_changes_the_entity_that_put_takes():
    found = operation("v1ContactEntity_PatchContactEntity")

    assert str(found.body) == "patch<SuperOffice.CRM.Services.ContactEntity>"
    assert found.body_required
    assert str(found.result).endswith(".ContactEntityWithLinks")
    assert found.consumes == compile.PATCH_TYPES
    assert sorted(found.responses) == [200, 404, 409, 412]
    assert (found.pages_only, found.group) == (True, "Contact")


def test_an_operation_only_in_pages_says_so():
    assert operation("v1ReportAgent_SaveReport").pages_only
    assert not operation("v1ContactEntity_GetContactEntity").pages_only


def test_a_binary_answer_without_json_is_bytes():
    assert str(operation("v1BLOBAgent_GetPicture").result) == "binary"


def test_a_list_sample_makes_a_list_of_the_table():
    assert str(operation("v1ReportAgent_SaveReport").body).startswith("list<")


def test_a_body_without_table_and_sample_goes_by_its_name():
    assert str(operation("v1ReportAgent_GetReports").body) == "list<int32>"


def test_what_a_page_leaves_open_is_found_by_property_names_and_samples():
    element = typedef("GetReportsElement").by_name

    assert str(element["Owner"].type) == "SuperOffice.CRM.Services.Associate"
    assert str(element["Children"].type) == "list<SuperOffice.CRM.Services.Tree>"
    assert str(element["Made"].type) == "date-time"
    assert str(element["TableRight"].type) == "SuperOffice.CRM.Security.TableRight"


def test_a_type_of_a_page_keeps_its_line():
    assert typedef("Report").source == "contract/pages/agent/Report_Agent/v1ReportAgent_SaveReport.md:47"


def test_the_class_reference_resolves_what_pages_only_name():
    kind = {name: str(item.type) for name, item in typedef("ReportKind").by_name.items()}

    assert kind["Parts"] == "list<SuperOffice.CRM.Services.ReportKind>"
    assert kind["Level"] == "enum<No|Yes>"
    assert (kind["Extra"], kind["Raw"]) == ("map<string>", "byte")
    assert "Level_String" not in kind


def test_the_class_reference_tells_flags_from_enums():
    assert str(typedef("ContactEntity").by_name["OpenDays"].type) == "flags<Unknown|Monday|Tuesday>"


def test_without_class_reference_an_enum_stays_one():
    compilation = compile.compile_sources([FIXTURES / "swagger"])

    [found] = [t for t in compilation.types if t.short_name == "ContactEntity"]
    assert found.by_name["OpenDays"].type.kind == "enum"


@pytest.mark.parametrize(
    ("word", "rows", "sample", "text"),
    [
        ("int64", (), None, "int64"),
        ("array", (), ["a"], "list<string>"),
        ("array", (), [[1]], "list<list<int32>>"),
        ("object", (), {"a": "b"}, "map<string>"),
        ("array", (), None, "list<any>"),
        ("Ghost", (), None, "any"),
        ("TableRight", (), None, "any"),
    ],
)
def test_the_answer_of_a_page(tmp_path, word, rows, sample, text):
    compilation, kind = result_of(tmp_path, word, rows, sample)

    assert str(kind) == text
    assert ("any" in text) == bool(details("unresolved-type", compilation))


def test_a_table_under_object_is_the_object_itself_where_the_sample_has_its_keys(tmp_path):
    rows = [("A", "int32"), ("B", "string")]

    _, entity = result_of(tmp_path, "object", rows, {"A": 1, "B": "x"})
    _, values = result_of(tmp_path, "object", rows, {"first": {"A": 1, "B": "x"}})

    assert (entity.kind, values.kind) == ("carrier", "map")


def test_an_unreliable_label_is_resolved_by_its_table(tmp_path):
    compilation, kind = result_of(tmp_path, "RecurrenceInfo", [("A", "int32")])

    assert kind.name.endswith(".GetResult")
    assert details("unreliable-label", compilation) == ["RecurrenceInfo"]


def test_a_name_that_stands_for_two_tables_is_unreliable(tmp_path):
    def named(uid, path, property):
        text = f"{STATUS}### Response body: Thing\n\n{PROPERTIES}| {property} | int32 | |\n"
        return page(uid=uid, path=path, rest=text)

    compilation = compile_pages(
        tmp_path, a=named("v1X_A", "/api/v1/A", "First"), b=named("v1X_B", "/api/v1/B", "Second")
    )

    fields = {found.short_name: list(found.by_name) for found in compilation.types}
    assert fields == {"AResult": ["First"], "BResult": ["Second"]}
    assert details("unreliable-label", compilation) == ["Thing", "Thing"]


def test_no_success_status_is_noted(tmp_path):
    compilation = compile_pages(tmp_path, a=page(rest=STATUS.replace("200", "404")))

    assert compilation.operations[0].success == 200
    assert details("no-success", compilation) == ["v1X_Get"]


# routes


def route(path, kind, *, id):
    parameters = [
        {"name": name, "in": "path", "required": True, **kind}
        for name in [part[1:-1] for part in path.split("/") if part.startswith("{")]
    ]
    return {path: {"get": {"operationId": id, "parameters": parameters, "responses": {"200": {}}}}}


INT = {"type": "integer", "format": "int32"}
TEXT = {"type": "string"}


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (("/a/b/c/x/{i}", INT), ("/a/b/c/x/{s}", TEXT), ["same-route"]),
        (("/a/b/c/x/{s}", TEXT), ("/a/b/c/{s}/y", TEXT), ["ambiguous-path"]),
        (("/a/b/c/x/{s}", TEXT), ("/a/b/c/{i}/y", INT), []),
        (("/a/b/c/x/{s}", TEXT), ("/a/b/c/{e}/y", {**TEXT, "enum": ["z"]}), []),
        (("/a/b/c/z/{s}", TEXT), ("/a/b/c/{e}/y", {**TEXT, "enum": ["Z"]}), ["ambiguous-path"]),
        (("/a/b/c/x", TEXT), ("/a/b/c/{s}", TEXT), []),
    ],
)
def test_templates_that_meet_are_reported(tmp_path, first, second, expected):
    paths = route(*first, id="one") | route(*second, id="two")
    (tmp_path / "s.json").write_text(json.dumps({"swagger": "2.0", "paths": paths}))

    found = compile.compile_sources([tmp_path]).findings

    assert [f.kind for f in found if f.kind in ("same-route", "ambiguous-path")] == expected
