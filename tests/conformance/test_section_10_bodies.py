"""Section 10 of the behaviour page: media types, JSON in and out, XML, streams."""

import json
from base64 import b64decode
from xml.etree import ElementTree

import pytest

from mockso.contract.catalogue import Contract

INSTANCE = "{http://www.w3.org/2001/XMLSchema-instance}"


# --- 10.1


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("application/json", "application/json"),
        ("text/json", "text/json"),
        ("application/xml", "application/xml"),
        ("text/xml", "text/xml"),
        ("application/json-patch+json", "application/json"),
        ("application/merge-patch+json", "application/json"),
    ],
)
def test_the_types_of_answers(server, accept, kind):
    """Section 10.1, firm: four types, JSON for the two patch types; text/json as asked (likely)."""
    assert server.get("Contact/17", Accept=accept).header("Content-Type") == f"{kind}; charset=utf-8"


@pytest.mark.parametrize("accept", ["*/*", "", "image/png", "application/html", "aplication/json"])
def test_an_accept_that_nothing_matches_gets_json(server, accept):
    """Section 10.1, firm: */*, an empty or unmatched Accept is JSON, never 406."""
    answer = server.get("Contact/17", Accept=accept)
    assert (answer.status, answer.header("Content-Type")) == (200, "application/json; charset=utf-8")


def test_q_values_count(server):
    """Section 10.1, likely: q-values are honoured."""
    answer = server.get("Contact/17", Accept="application/json;q=0.1, text/xml;q=0.9, application/xml;q=0")
    assert answer.header("Content-Type") == "text/xml; charset=utf-8"


BODIES = [
    (b'{"Name":"Acme"}', "application/json"),
    (b'{"Name":"Acme"}', "text/json; charset=utf-8"),
    (b'\xef\xbb\xbf{"Name":"Acme"}', "application/json"),
    (b"<ContactEntity><Name>Acme</Name></ContactEntity>", "application/xml"),
    (b'<a:C xmlns:a="urn:x"><a:Name>Acme</a:Name></a:C>', "text/xml"),
    (b"Name=Acme", "application/x-www-form-urlencoded"),
    (b'{"Name":"Acme"}', "application/merge-patch+json"),
]


@pytest.mark.parametrize(("body", "kind"), BODIES)
def test_the_types_of_requests(server, body, kind):
    """Section 10.1, firm: JSON, XML and forms are read."""
    assert server.call("PUT", "Contact/17", body, Content_Type=kind).json["Name"] == "Acme"


@pytest.mark.parametrize("kind", ["text/plain", "application/pdf", "image/png", "x"])
def test_another_type_is_415(server, kind):
    """Section 10.1, likely: a body of another type is 415 in the framework's words."""
    answer = server.call("PUT", "Contact/17", b"x", Content_Type=kind)
    assert (answer.status, list(answer.json)) == (415, ["Message"])


@pytest.mark.parametrize("kind", ["image/png", "image/jpeg", "image/gif", "image/tiff"])
def test_image_uploads_are_raw(server, kind):
    """Section 10.1, firm: images are uploaded raw."""
    assert server.call("PUT", "Contact/17/Image", b"x", Content_Type=kind).status == 200


def test_image_uploads_are_multipart(server):
    """Section 10.1, firm: or as multipart/form-data with the field `image`."""
    body = b'--x\r\nContent-Disposition: form-data; name="image"; filename="a"\r\n\r\nGIF\r\n--x--'
    kind = "multipart/form-data; boundary=x"
    assert server.call("PUT", "Contact/17/Image", body, Content_Type=kind).status == 200
    assert (
        server.call("PUT", "Contact/17/Image", body.replace(b"--x--", b""), Content_Type=kind).status == 400
    )


# --- 10.2


@pytest.mark.parametrize(
    "body",
    [b'{"NAME":"Acme"}', b'{"name":"Acme"}', b'{"Name":"Acme",}', b"{'Name':'Acme'}", b'{Name:"Acme"}'],
)
def test_the_reader_is_lenient(server, body):
    """Section 10.2, likely: letter case, trailing commas, single quotes and bare names are tolerated."""
    answer = server.call("PUT", "Contact/17", body)
    assert (answer.status, answer.json["Name"]) == (200, "Acme")
    assert (answer.header("X-Mockso-Warning") is None) == (body == b'{"name":"Acme"}')


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        ({"Source": "5"}, "Source", 5),
        ({"Name": 5}, "Name", "5"),
        ({"Xstop": "true"}, "Xstop", True),
    ],
)
def test_scalars_are_coerced(server, body, name, value):
    """Section 10.2, likely: numbers are read from strings and the reverse."""
    assert server.call("PUT", "Contact/17", body).json[name] == value


def test_unknown_properties_are_ignored_or_rejected(serve):
    """Section 10.2, likely: unknown properties are ignored and told; strict mode refuses them."""
    body = {"Nmae": "x", "_Links": {}, "TableRight": None}
    lenient = serve().call("PUT", "Contact/17", body)
    assert (lenient.status, "body.Nmae" in lenient.header("X-Mockso-Warning")) == (200, True)
    assert serve(unknown_properties="reject").call("PUT", "Contact/17", body).status == 400


def test_null_is_the_same_as_missing(server):
    """Section 10.2, likely: an explicit null is the same as missing for value types."""
    assert server.call("PUT", "Contact/17", {"ActiveInterests": None}).json["ActiveInterests"] is not None


def test_a_missing_entity_is_400(server):
    """Section 10.2, firm: no body where an entity is required is 400."""
    assert server.call("POST", "Contact").status == 400


@pytest.mark.parametrize(
    ("body", "kind", "place"),
    [
        (b'{"Name":"x"', "application/json", "line 1 column 12"),
        (b"<a>\n<b></a>", "text/xml", "line 2 column"),
        (b"Name", "application/x-www-form-urlencoded", "'Name' is not name=value"),
        (b'{"ContactId":"x"}', "application/json", "body.ContactId"),
        (
            b"<C><Persons><Person><PersonId>x</PersonId></Person></Persons></C>",
            "text/xml",
            "/Persons/Person[1]/PersonId",
        ),
        (b"Persons[0].PersonId=x", "application/x-www-form-urlencoded", "body.Persons[0].PersonId"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(server, body, kind, place):
    """Section 10.2, likely: broken text and wrong types are 400 in shape C; mockso tells the place."""
    answer = server.call("PUT", "Contact/17", body, Content_Type=kind)
    assert (answer.status, set(answer.json)) == (400, {"Message", "ModelState"})
    assert place in answer.header("X-Mockso-Reason")


# --- 10.3


def test_names_keep_the_contract_s_case_and_order(server):
    """Section 10.3, firm: Pascal case, no nulls suppressed, order as in the schema."""
    typedef = Contract.open().type("SuperOffice.WebApi.v1.Carriers.ContactCarriers.ContactEntityWithLinks")
    assert list(server.get("Contact/17").json) == [field.name for field in typedef.fields]
    assert None in server.get("Contact/17").json.values()


def test_rights_stand_at_the_end_or_at_the_start(serve):
    """Section 10.3, assumed: TableRight, FieldProperties, then _Links; older servers have the first two on top."""
    end = list(serve().get("Contact/17").json)
    start = list(serve(rights_position="start").get("Contact/17").json)
    assert end[-3:] == ["TableRight", "FieldProperties", "_Links"]
    assert (start[:2], start[-1]) == (["TableRight", "FieldProperties"], "_Links")


def test_bare_values_are_answers(server):
    """Section 10.3, firm: scalars, null and arrays are legal at the top level."""
    got = server.call("POST", "Agents/Contact/GetContactList", [4, 9]).json
    assert [one["ContactId"] for one in got] == [4, 9]
    assert isinstance(server.call("PUT", "Contact/17/Image", b"x", Content_Type="image/png").json, int)


def test_exact_numbers_survive(server):
    """Section 10.3, likely: decimals and large integers go out as they came in."""
    body = b'{"Address":{"Wgs84Latitude":0.00,"Wgs84Longitude":9007199254740993}}'
    content = server.call("PUT", "Contact/17", body).content
    assert b'"Wgs84Latitude":0.00' in content
    assert b'"Wgs84Longitude":9007199254740993' in content


# --- 10.4


def test_xml_is_spelt_in_the_data_contract_style(server):
    """Section 10.4, assumed: root named after the carrier, i:nil, items named after their type, no namespace."""
    root = ElementTree.fromstring(server.get("Contact/17", Accept="text/xml").content)
    assert root.tag == "ContactEntityWithLinks"
    assert root.findtext("ContactId") == "17"
    assert [item.tag for item in root.find("Persons")][:1] == ["Person"]
    assert any(element.get(f"{INSTANCE}nil") == "true" for element in root.iter())
    assert {item.tag for item in root.find("_Links")} == {"KeyValueOfstringstring"}


def test_the_spelling_can_be_chosen(serve):
    """Section 10.4, assumed: xml_namespace, xml_nulls, xml_arrays."""
    other = serve(xml_namespace="datacontract", xml_nulls="omit", xml_arrays="item")
    content = other.get("Contact/17", Accept="text/xml").content
    root = ElementTree.fromstring(content)
    assert root.tag.startswith("{http://schemas.datacontract.org/2004/07/SuperOffice.WebApi.v1.Carriers")
    assert b"nil" not in content
    assert b"<Item>" in content


def test_errors_in_xml(serve):
    """Section 10.4, assumed: errors are XML only where it was asked for, or JSON by xml_errors."""
    content = serve().get("Nope", Accept="text/xml").content
    assert ElementTree.fromstring(content).tag == "Error"
    assert b"<Message>" in content
    assert serve(xml_errors="json").get("Nope", Accept="text/xml").json["Message"]


@pytest.mark.parametrize("trick", [b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', b"<!DOCTYPE a><a/>"])
def test_document_types_are_refused(server, trick):
    """Section 10.4, assumed: no document types, no entities."""
    assert server.call("PUT", "Contact/17", trick, Content_Type="text/xml").status == 400


# --- 10.5


def test_streams_are_raw_or_base64(server):
    """Section 10.5, firm: raw bytes for octet-stream or the file's type, base64 in a string for JSON."""
    raw = server.get("Document/7/Content", Accept="application/octet-stream")
    assert b64decode(server.get("Document/7/Content", Accept="application/json").json) == raw.content
    assert raw.header("Content-Type") == "application/octet-stream"
    assert (
        server.get("Document/7/Content", Accept="application/pdf").header("Content-Type") == "application/pdf"
    )


def test_streams_of_agents_are_raw_or_base64_too(server):
    """Section 10.5, firm: a JSON Accept gets base64, also where Swagger lists no JSON for the operation."""

    def stream(accept):
        return server.call("POST", "Agents/Document/GetDocumentStream", {"DocumentId": 7}, Accept=accept)

    assert b64decode(stream("application/json").json) == stream("application/octet-stream").content


@pytest.mark.parametrize(
    ("body", "kind"),
    [(b"raw", "application/octet-stream"), (json.dumps("cmF3").encode(), "application/json")],
)
def test_uploads_are_raw_or_base64(server, body, kind):
    """Section 10.5, firm: an upload is raw bytes or a base64 JSON string."""
    assert server.call("PUT", "Document/7/Content", body, Content_Type=kind).status == 200


def test_a_missing_image_upload_is_400(server):
    """Section 10.5, firm: no image is 400."""
    assert server.call("PUT", "Contact/17/Image", Content_Type="image/png").status == 400


def test_images_have_size_type_and_a_substitute(serve):
    """Section 10.5, firm: w, h, type and ifBlank; Null, the default, is 404."""
    server = serve(world="closed")
    assert server.get("Person/7/Image").status == 404
    assert server.get("Person/7/Image?ifBlank=ClearPixel").content.startswith(b"GIF")
    assert serve(world="open").get("Person/7/Image?type=PNG&w=8&h=8").content.startswith(b"\x89PNG")


def test_image_info_is_always_there(server):
    """Section 10.5, firm: ImageInfo is always 200."""
    assert server.get("Contact/17/ImageInfo").status == 200
