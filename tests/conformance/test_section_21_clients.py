"""Section 21: what real clients send. Each line of its first list is a case; no redirects, no 406, no bare statuses."""

import pytest

TITLE = "$select=Name"


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("POST", "Contact/"),
        ("GET", "Contact/17/"),
        ("GET", "/Contact/17"),
        ("GET", "contact/17"),
        ("GET", "PriceList/1"),
        ("GET", "Pricelist/1"),
        ("GET", "archive/Sale"),
        ("GET", "list/Category/mdoitems"),
        ("POST", "agents/contact/getcontactentity?contactEntityId=5"),
    ],
)
def test_slashes_and_letter_case_of_an_address_do_not_matter(server, method, path):
    """Section 21, firm: slashes and any letter case in addresses, no redirects."""
    answer = server.call(method, path, {} if method == "POST" and "agents" not in path else None)

    assert (answer.status, answer.header("Location")) == (200, None)


@pytest.mark.parametrize(
    "query",
    [
        "$SELECT=name",
        "%24select=name",
        "%24select=%20Name%20",
        "$select=Name&$orderby=x",
        "fk=true?$select=Name&x=y",
    ],
)
def test_a_query_is_read_as_clients_write_it(server, query):
    """Section 21, firm: query names in any case, an encoded $, a second question mark."""
    answer = server.get(f"Contact/17?{query}").json

    assert answer["Name"]
    assert answer["Department"] is None


@pytest.mark.parametrize(
    ("body", "name", "value"),
    [
        (b'{"name":"Acme"}', "Name", "Acme"),
        (b'{"Name":"Acme",}', "Name", "Acme"),
        (b'{"ActiveErpLinks":"3"}', "ActiveErpLinks", 3),
    ],
)
def test_a_body_is_read_leniently(server, body, name, value):
    """Section 21, firm: camelCase, trailing commas, numbers as texts."""
    assert server.call("PUT", "Contact/17", body).json[name] == value


def test_null_stands_for_a_body_where_the_ids_are_in_the_query(server):
    """Section 21, firm: the body null where ids stand in the query."""
    answer = server.call("POST", "Agents/Contact/GetContactEntity?contactEntityId=5", b"null")

    assert (answer.status, answer.json["ContactId"]) == (200, 5)
    assert server.call("POST", "Agents/Contact/DeleteContactEntity?contactEntityId=5", b"null").status == 204


@pytest.mark.parametrize("method", ["GET", "DELETE"])
def test_a_content_type_without_a_body_and_a_body_without_a_use_are_ignored(server, method):
    """Section 21, firm: Content-Type without a body, a GET with one."""
    status = 200 if method == "GET" else 204

    assert server.call(method, "Contact/17", Content_Type="application/json").status == status
    assert server.call(method, "Contact/17", b'{"a":1}').status == status


@pytest.mark.parametrize("accept", ["aplication/json", "application/html", "*/*", ""])
def test_an_odd_accept_gets_json(server, accept):
    """Section 21, firm: misspelt media types are never 406."""
    answer = server.get("Contact/17", Accept=accept)

    assert (answer.status, answer.header("Content-Type")) == (200, "application/json; charset=utf-8")


@pytest.mark.parametrize(
    "headers",
    [{"SO_Language": ""}, {"Accept_Language": "US"}, {"Accept_Language": "*"}],
)
def test_an_odd_language_is_no_fault(server, headers):
    """Section 21, firm: an empty SO-Language, Accept-Language: US and "*"."""
    answer = server.get("Contact/17", **headers)

    assert (answer.status, answer.header("X-Mockso-Warning")) == (200, None)


def test_flags_are_never_numbers_and_ids_never_null_or_text(server):
    """Section 21, firm: no number in a flag set, no text or null for an id."""
    answer = server.get("Contact/17").json
    row = server.get("Contact?$select=contactId").json["value"][0]

    assert answer["TableRight"]["Mask"] == "Select, Update, Insert, Delete"
    assert row["contactId"] == 1


def test_an_error_has_the_members_that_handlers_read(server):
    """Section 21, firm: Message and ErrorType are read, ErrorMessage is documented."""
    error = server.call("POST", "Contact").json

    assert error["Message"] == error["ErrorMessage"]
    assert error["ErrorType"] == "ArgumentException"
