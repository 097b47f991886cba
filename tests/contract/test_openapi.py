from __future__ import annotations

import json
import sys
from dataclasses import replace

import pytest
from openapi_spec_validator import OpenAPIV31SpecValidator

from mockso import cli
from mockso.contract import catalogue, openapi
from mockso.contract.catalogue import Contract
from mockso.contract.model import Parameter, parse_type
from mockso.errors import ContractError
from tests.conftest import operation, typedef
from tests.contract.build.sources import compiled

# Of every kind: an agent, a REST resource, PATCH, an upload, recursion.
CHOSEN = (
    "v1UserAgent_SaveUntrustedCredentials",
    "v1ContactEntity_PatchContactEntity",
    "v1PersonEntity_SaveImage_POST",
    "v1User_GetCurrentUser",
    "v1DashboardTile_PatchDashboardTile",
    "v1TicketAgent_GetDefaultMessageContent",
)


@pytest.fixture(scope="module")
def contract():
    return Contract(compiled().to_bytes("test"), "fixtures")


@pytest.fixture(scope="module")
def document(contract):
    return openapi.document(contract)


def errors(document):
    return [str(error.message) for error in OpenAPIV31SpecValidator(document).iter_errors()]


def test_the_document_is_valid_openapi_3_1(document):
    assert document["openapi"].startswith("3.1")
    assert errors(document) == []


def test_chosen_operations_of_the_shipped_contract_are_valid():
    document = openapi.document(Contract.open(), CHOSEN)

    assert errors(document) == []
    assert sum(len(item) for item in document["paths"].values()) == len(CHOSEN)


def test_only_what_the_chosen_operations_reach_is_in_the_document(contract):
    document = openapi.document(contract, ["v1UserAgent_GetAssociateList"])

    assert sorted(document["components"]["schemas"]) == [
        "Error",
        "PatchOperation",
        "SuperOffice.CRM.Services.Associate",
    ]


def test_a_restricted_operation_says_so_and_may_answer_403(document):
    found = document["paths"]["/api/v1/Agents/User/SaveUntrustedCredentials"]["post"]

    assert found["x-online-restricted"]["agent"] == "User"
    assert {"204", "400", "401", "403", "415"} <= set(found["responses"])
    assert found["requestBody"]["required"] is True


def test_an_open_operation_does_not_answer_403(document):
    assert "403" not in document["paths"]["/api/v1/Contact/Changed"]["get"]["responses"]


def test_every_scheme_that_security_names_is_defined(document):
    named = {name for entry in document["security"] for name in entry}

    assert named == set(document["components"]["securitySchemes"])


def test_a_patch_takes_operations_or_a_part_of_the_entity(document):
    body = document["paths"]["/api/v1/Contact/{id}"]["patch"]["requestBody"]["content"]

    schema = body["application/merge-patch+json"]["schema"]
    assert [list(choice) for choice in schema["anyOf"]] == [["type", "items"], ["$ref"]]


def test_templates_that_differ_only_in_a_variable_are_one_path(document):
    assert "/api/v1/Contact/{name}" not in document["paths"]
    found = document["paths"]["/api/v1/Contact/{id}"]["get"]

    assert found["operationId"] == "v1ContactEntity_GetContactEntity"
    assert found["x-operations"] == ["v1ContactEntity_GetContactEntity", "v1ContactEntity_GetByName"]
    [variable] = [p for p in found["parameters"] if p["in"] == "path"]
    assert [choice["type"] for choice in variable["schema"]["anyOf"]] == ["integer", "string"]


def test_alone_such_a_template_keeps_its_variable(contract):
    document = openapi.document(contract, ["v1ContactEntity_GetByName"])

    assert list(document["paths"]) == ["/api/v1/Contact/{name}"]


def test_limits_and_marks_of_properties_are_kept(document):
    schemas = document["components"]["schemas"]
    secret = schemas["SuperOffice.CRM.Services.UntrustedCredentials"]["properties"]
    contact = schemas["SuperOffice.CRM.Services.ContactEntity"]["properties"]

    assert secret["PublicValue"] == {"type": ["string", "null"], "maxLength": 238}
    assert contact["CreatedBy"]["readOnly"] is True
    assert contact["OldFields"]["deprecated"] is True
    assert contact["Interests"]["x-mdo-list"] == "contint"
    assert contact["OpenDays"]["x-flags"] == ["Unknown", "Monday", "Tuesday"]


def test_an_upload_is_bytes_or_a_form(document):
    content = document["paths"]["/api/v1/Contact/{id}/Image"]["put"]["requestBody"]["content"]

    assert content["image/png"]["schema"]["format"] == "binary"
    assert content["multipart/form-data"]["schema"]["required"] == ["image"]


def test_a_stream_is_never_null(document):
    content = document["paths"]["/api/v1/Contact/{id}/Image"]["get"]["responses"]["200"]["content"]

    assert content == {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}}


def test_export_is_the_same_each_time(tmp_path, contract):
    path = tmp_path / "c.jsonl"
    path.write_bytes(compiled().to_bytes("test"))
    for name in ("a.json", "b.json"):
        assert cli.main(["contract", "export", "--contract", str(path), "-o", str(tmp_path / name)]) == 0

    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()


def test_export_goes_to_standard_output_without_a_file(capsys):
    assert cli.main(["contract", "export", CHOSEN[0]]) == 0
    assert json.loads(capsys.readouterr().out)["openapi"].startswith("3.1")


def test_an_unknown_operation_is_an_error_with_the_nearest(contract):
    with pytest.raises(ContractError, match="Did you mean 'v1UserAgent_Think'"):
        openapi.document(contract, ["v1UserAgent_Thnk"])


def test_without_apispec_the_error_says_what_to_install(contract, monkeypatch):
    monkeypatch.setitem(sys.modules, "apispec", None)

    with pytest.raises(ContractError, match=r"pip install 'mockso\[openapi\]'"):
        openapi.document(contract)


@pytest.mark.full
def test_the_whole_shipped_contract_is_valid(sweep):
    if sweep != 1:
        pytest.skip("some three minutes: only with --full")
    document = openapi.document(Contract.open())

    assert errors(document) == []
    assert sum(len(item) for item in document["paths"].values()) == 3_438 - 37


def test_the_whole_shipped_contract_refers_to_nothing_it_lacks():
    document = openapi.document(Contract.open())

    text = json.dumps(document)
    schemas = {f"#/components/schemas/{name}" for name in document["components"]["schemas"]}
    references = {part.split('"')[0] for part in text.split('"$ref": "')[1:]}
    ids = [spec["operationId"] for item in document["paths"].values() for spec in item.values()]
    assert references - schemas <= {f"#/components/responses/Error{code}" for code in openapi._ERRORS}
    assert len(ids) == len(set(ids)) == 3_438 - 37


def test_a_type_may_be_called_as_one_of_the_document_s_own():
    operations = [operation("get", "GET", "/api/v1/Note", responses={200: "Error"})]
    contract = Contract(catalogue.dump({}, operations, [typedef("Error", Text="string")]), "here")

    schemas = openapi.document(contract)["components"]["schemas"]

    assert schemas["Error_"]["properties"] == {"Text": {"type": ["string", "null"]}}
    assert "MessageDetail" in schemas["Error"]["properties"]


@pytest.mark.parametrize(
    ("kind", "text", "value"),
    [
        ("int32", "-5", -5),
        ("int32", "--5", "--5"),
        ("int64", "²", "²"),
        ("double", "1.5", 1.5),
        ("boolean", "true", True),
        ("string", "5", "5"),
    ],
)
def test_a_default_is_a_value_of_its_type(kind, text, value):
    parameter = Parameter("q", "query", parse_type(kind), default=text)
    found = replace(operation("get", "GET", "/api/v1/Note"), parameters=(parameter,))
    contract = Contract(catalogue.dump({}, [found], []), "here")

    [told] = openapi.document(contract)["paths"]["/api/v1/Note"]["get"]["parameters"]

    assert told["schema"]["default"] == value
