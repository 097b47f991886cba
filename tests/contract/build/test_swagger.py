from __future__ import annotations

import json

import pytest

from mockso.contract.build import swagger
from mockso.contract.model import parse_type
from tests.contract.build.sources import operation, typedef


def read(paths=None, definitions=None, **more):
    document = {"swagger": "2.0", "paths": paths or {}, "definitions": definitions or {}, **more}
    return swagger.read_swagger(json.dumps(document).encode(), "S.json")


def read_type(schema):
    file = read(definitions={"N.T": {"type": "object", "properties": {"P": schema}}})
    return file.types["N.T"].by_name["P"].type, [finding.kind for finding in file.findings]


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        ({"type": "string"}, "string"),
        ({"type": "integer", "format": "int32"}, "int32"),
        ({"type": "integer", "format": "int64"}, "int64"),
        ({"type": "number", "format": "double"}, "double"),
        ({"type": "boolean"}, "boolean"),
        ({"type": "string", "format": "date-time"}, "date-time"),
        ({"type": "string", "format": "byte"}, "byte"),
        ({"type": "string", "format": "binary"}, "binary"),
        ({"type": "string", "enum": ["A", "B"]}, "enum<A|B>"),
        ({"type": "array", "items": {"type": "integer", "format": "int32"}}, "list<int32>"),
        ({"type": "array", "items": {"type": "string", "enum": ["A"]}}, "list<enum<A>>"),
        ({"type": "object", "additionalProperties": {"type": "string"}}, "map<string>"),
        ({"type": "object"}, "any"),
        ({"$ref": "#/definitions/N.T"}, "N.T"),
    ],
)
def test_a_schema_is_a_type(schema, text):
    assert read_type(schema) == (parse_type(text), [])


def test_an_unknown_keyword_is_found_with_its_place():
    file = read(definitions={"N/T": {"type": "object", "discriminator": "Kind"}})

    [finding] = file.findings

    assert (finding.kind, finding.place, finding.detail) == (
        "unknown-keyword",
        "S.json#/definitions/N~1T",
        "discriminator",
    )


def test_an_unknown_type_word_is_any_json_and_found():
    assert read_type({"type": "colour"}) == (parse_type("any"), ["unknown-type-word"])


@pytest.mark.parametrize(
    "schema",
    [
        {"$ref": "#/definitions/Page<Contact>"},
        {"$ref": "#/definitions/int32"},
        {"type": "string", "enum": ["a|b"]},
    ],
)
def test_a_type_that_the_contract_file_cannot_hold_is_any_json_and_found(schema):
    assert read_type(schema) == (parse_type("any"), ["unwritable-type"])


@pytest.mark.parametrize(
    "operation",
    [
        {"operationId": 5},
        {"tags": [{}]},
        {"consumes": [["a/b"]]},
        {"produces": [{}]},
        {"parameters": [{"in": "query", "name": {}, "type": "string"}]},
        {"parameters": [{"in": "body", "name": [], "schema": {}}]},
    ],
)
def test_a_value_that_should_be_text_is_named_with_its_place(operation):
    with pytest.raises(TypeError, match=r"^/paths/~1x/get.* is not a text$"):
        read({"/x": {"get": operation}})


def test_json_that_is_not_swagger_is_nothing():
    assert swagger.read_swagger(b'{"name": "x"}', "package.json") is None


def test_an_operation_has_its_place_as_source():
    found = operation("v1ContactEntity_PutContactEntity")

    assert found.source == (
        "contract/swagger/rest/Swagger-v1-Contact.json#/paths/~1api~1v1~1Contact~1{id}/put"
    )


def test_a_body_parameter_becomes_the_body():
    found = operation("v1ContactEntity_PutContactEntity")

    assert str(found.body) == "SuperOffice.CRM.Services.ContactEntity"
    assert found.body_required


def test_a_file_upload_has_a_binary_body_and_a_form_parameter():
    found = operation("v1ContactEntity_PutImage")

    assert str(found.body) == "binary"
    assert [p.name for p in found.parameters if p.location == "form"] == ["image"]


def test_a_204_has_no_body():
    file = read({"/x": {"get": {"responses": {"204": {"schema": {"type": "string"}}}}}})

    assert dict(file.operations[0].responses) == {204: None}


def test_query_parameters_that_swagger_cannot_type_are_text():
    parameters = [
        {"name": "a", "in": "query", "type": "object"},
        {"name": "b", "in": "query", "type": "array", "items": {}},
    ]

    file = read({"/x": {"get": {"parameters": parameters, "responses": {}}}})

    assert [str(p.type) for p in file.operations[0].parameters] == ["string", "list<string>"]
    assert [finding.kind for finding in file.findings] == ["query-shape", "query-shape"]


def test_a_security_scheme_that_is_not_defined_is_found_once():
    operation = {"security": [{"Ghost": []}], "responses": {}}

    file = read({"/x": {"get": operation, "put": operation}})

    assert [(f.kind, f.detail) for f in file.findings] == [("security-scheme", "Ghost")]


def test_facts_in_sentences_become_contract():
    contact = typedef("ContactEntity").by_name
    secret = typedef("UntrustedCredentials").by_name
    saving = operation("v1UserAgent_SaveUntrustedCredentials")

    assert secret["PublicValue"].max_length == 238
    assert contact["Interests"].mdo == "contint"
    assert contact["CreatedBy"].read_only
    assert [name for name, item in contact.items() if item.deprecated] == ["OldFields"]
    assert (saving.restricted.agent, saving.restricted.kind) == ("User", "never")
    assert saving.restricted.source.endswith("SaveUntrustedCredentials/post/description")
    assert saving.slow_ms == 2000
    assert operation("v1ContactEntity_GetAll").archive == "FindContact"
    assert operation("v1ContactEntity_GetContactEntity").service == "Contact.GetContactEntity"
    assert operation("v1UserAgent_Think").experimental
    assert operation("v1UserAgent_Think").deprecated


def test_the_base_of_subtypes_that_nobody_lists_is_open():
    assert typedef("FieldInfoBase").open
    assert not typedef("ContactEntity").open


def test_a_base_without_its_discriminator_is_not_open():
    file = read(
        definitions={"N.FieldInfoBase": {"type": "object", "properties": {"Name": {"type": "string"}}}}
    )

    assert not file.types["N.FieldInfoBase"].open


@pytest.mark.parametrize(
    ("path", "tag", "group"),
    [
        ("/api/v1/Agents/User/Get", "User_Agent", "User"),
        ("/api/v1/Pricelist/{id}", "List_Price", "List_Price"),
        ("/api/v1/List/{id}", "List_", "List"),
        ("/api/v1/Contact", "", "Contact"),
    ],
)
def test_the_group_of_an_operation(path, tag, group):
    assert swagger.group_of(path, tag) == group
