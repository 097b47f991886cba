"""Bytes live: checks 26 and 27 of the study of entities, section h, and images by their owner."""

import json
from base64 import b64decode, b64encode

import pytest

ALL = bytes(range(256))
PNG = b"\x89PNG\r\n\x1a\n" + ALL


def add_document(client):
    return client.post("Document", {"Header": "Letter"})["DocumentId"]


def raw(client, method, path, body=None, **headers):
    reply = client.reply(method, path, body, **headers)
    return reply.status, dict(reply.headers).get("Content-Type"), reply.body


def test_check_26_a_document_has_the_bytes_it_was_sent(client):
    key = add_document(client)
    body = {"DocumentId": key, "Stream": b64encode(ALL).decode()}

    saved = client.agent("Document/SetDocumentStreamFromId", body)

    ask = {"DocumentId": key}
    path = "Agents/Document/GetDocumentStream"
    status, media_type, content = raw(client, "POST", path, ask, Accept="application/octet-stream")
    assert (saved["DocumentId"], status, media_type, content) == (key, 200, "application/octet-stream", ALL)
    _, in_json = client.call("POST", path, ask, Accept="application/json")
    assert b64decode(in_json) == ALL
    assert client.agent("Document/GetDocumentLength", ask) == 256


def test_rest_and_agents_share_a_document_s_content(client):
    key = add_document(client)

    status, saved = client.call("PUT", f"Document/{key}/Content", b64encode(b"Dear").decode())

    assert (status, saved["DocumentId"]) == (200, key)
    assert raw(client, "GET", f"Document/{key}/Content", Accept="application/octet-stream")[2] == b"Dear"
    assert client.get(f"Document/{key}/Length") == 4
    assert client.call("DELETE", f"Document/{key}/Content")[1]["Success"] is True
    assert client.get(f"Document/{key}/Length") == 0


def test_a_document_is_written_from_its_template(client):
    key = add_document(client)

    saved = client.post(f"Document/{key}/Content", {})

    assert saved["DocumentId"] == key
    assert client.get(f"Document/{key}/Length") > 0


def test_check_27_a_document_is_checked_out_by_one_user(client):
    client.put("Associate", 1, {"Name": "ANB"})
    client.put("Associate", 2, {"Name": "KAB"})
    key = add_document(client)
    path = f"Document/{key}/Lock"
    client.token = "8A:Cust1.user-ANB"

    assert client.get(path)["State"] == "NotCheckedOut"
    assert client.post(path)["Success"] is True
    assert client.get(path)["State"] == "CheckedOutOwn"

    client.token = "8A:Cust1.user-KAB"
    state = client.get(path)
    assert (state["State"], state["Name"]) == ("CheckedOutOther", "ANB")
    assert client.post(path)["Success"] is False

    client.token = "8A:Cust1.user-ANB"
    assert client.call("DELETE", path)[1]["Success"] is True
    assert client.agent("Document/GetCheckoutState", {"DocumentId": key})["State"] == "NotCheckedOut"


def test_a_document_that_does_not_exist_has_no_content(client):
    assert client.call("GET", "Document/4711/Content")[0] == 404
    assert client.agent("Document/GetDocumentStream", {"DocumentId": 4711}) is None


@pytest.mark.parametrize(
    ("resource", "key"), [("Contact", "ContactId"), ("Person", "PersonId"), ("Project", "ProjectId")]
)
def test_an_image_belongs_to_its_owner(client, resource, key):
    owner = client.post(resource, {"Name": "A", "Firstname": "A"})[key]
    path = f"{resource}/{owner}/Image"

    assert client.call("GET", path)[0] == 404
    assert client.get(f"{resource}/{owner}/ImageInfo")["BlobId"] == 0
    status, blob = client.call("PUT", path, PNG, Content_Type="image/png")
    assert (status, raw(client, "GET", path)) == (200, (200, "image/png", PNG))

    info = client.get(f"{resource}/{owner}/ImageInfo")
    assert (info["BlobId"], info["BlobSize"], info["MimeType"]) == (blob, len(PNG), "image/png")
    assert client.call("DELETE", path)[0] == 204
    assert client.call("GET", path)[0] == 404
    assert client.reply("GET", f"{path}?ifBlank=ClearPixel").status == 200


def test_agents_set_and_share_images(client):
    first, second = (client.post("Contact", {"Name": name})["ContactId"] for name in "AB")
    image = b64encode(PNG).decode()

    client.agent("BLOB/SetContactImage", {"ContactId": first, "Image": image})
    blob = client.agent("BLOB/GetBlobEntityOnContact", {"ContactId": first})["BlobId"]
    client.agent("BLOB/ChangeContactImage", {"ContactId": second, "BlobId": blob})

    ask = {"ContactId": second, "Width": 10, "Height": 10}
    stream = "application/octet-stream"
    assert raw(client, "POST", "Agents/BLOB/GetContactImageWithSize", ask, Accept=stream)[2] == PNG
    assert raw(client, "POST", "Agents/BLOB/GetBlobStream", {"BlobEntityId": blob}, Accept=stream)[2] == PNG


def test_a_temporary_file_is_there_until_it_is_deleted(client):
    body = {"Filename": "a.txt", "DataStream": b64encode(b"text").decode()}

    name = client.agent("Document/CreateTempFile", body)

    reply = client.reply("POST", "Agents/Document/GetTempFile", {"Filename": name}, Accept="application/json")
    assert b64decode(json.loads(reply.body)) == b"text"
    client.agent("Document/DeleteTempFile", {"Filename": name})
    assert client.agent("Document/GetTempFile", {"Filename": name}) is None


def test_the_blob_agent_has_an_empty_result_where_others_miss_an_image(client):
    key = client.post("Product", {"Name": "Bolt"})["ProductId"]

    reply = client.reply("POST", "Agents/BLOB/GetProductImage", {"ProductId": key})
    assert (reply.status, reply.body) == (200, b"")
    status, body = client.call("GET", f"Product/{key}/Image")
    assert (status, body["Message"]) == (404, "Product has no image")


@pytest.mark.parametrize("accept", [None, "*/*"])
def test_a_content_comes_as_its_bytes_to_who_asks_for_nothing_else(client, accept):
    key = client.post("Document", {"Header": "A"})["DocumentId"]
    path = f"Document/{key}/Content"
    client.reply("PUT", path, b"hello", Content_Type="application/octet-stream")

    assert client.reply("GET", path, **({"Accept": accept} if accept else {})).body == b"hello"
    assert client.reply("GET", path, Accept="application/json").body == b'"aGVsbG8="'
