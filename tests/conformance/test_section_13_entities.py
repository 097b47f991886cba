"""Section 13 of the behaviour page: the life of an entity, conditions, PATCH."""

import pytest

PAST, FUTURE = "Sat, 01 Jan 2000 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"
NINE = [
    "Appointment",
    "Contact",
    "Document",
    "ForeignApp",
    "Person",
    "Project",
    "Relation",
    "Sale",
    "Selection",
]


def test_a_default_entity(server):
    """Section 13, firm: ids are 0 and there are no links."""
    assert server.get("Contact/default").json["ContactId"] == 0


def test_a_created_entity(server):
    """Section 13, firm: 200, not 201, with an id, links, and the posted values over the defaults."""
    answer = server.call("POST", "Contact", {"ContactId": 0, "name": "Acme"})
    assert (answer.status, answer.json["Name"]) == (200, "Acme")
    assert answer.json["ContactId"] > 0
    assert answer.json["_Links"]["Self"]


def test_a_simple_entity(server):
    """Section 13, firm: Simple is a flat carrier to read."""
    assert server.get("Contact/17/Simple").status == 200


def test_the_id_in_the_address_rules(server):
    """Section 13, assumed: the path id rules when it differs from the body."""
    assert server.call("PUT", "Contact/17", {"ContactId": 3}).json["ContactId"] == 17


def test_a_deleted_entity(server):
    """Section 13, firm: 204 without body."""
    assert server.call("DELETE", "Contact/17").status == 204


def test_a_validation(server):
    """Section 13, firm: Validate answers a dictionary, empty if fine."""
    answer = server.call("POST", "Contact/Validate", {"Name": "x"})
    assert (answer.status, answer.json) == (200, {})


@pytest.mark.parametrize("name", NINE)
def test_conditions_of_the_nine(server, name):
    """Section 13, firm: 304 and 412 on nine entities, no 412 on deleting a Selection."""
    path = f"{name}/7"
    assert server.get(path, If_Modified_Since=FUTURE).status == 304
    assert server.get(path, If_Modified_Since=PAST).status == 200
    assert server.call("PUT", path, {}, If_Unmodified_Since=PAST).status == 412
    assert server.call("PATCH", path, {}, If_Unmodified_Since=PAST).status == 412
    assert server.call("PUT", path, {}, If_Unmodified_Since=FUTURE).status == 200
    assert server.call("DELETE", path, If_Unmodified_Since=PAST).status == (
        204 if name == "Selection" else 412
    )


@pytest.mark.parametrize("path", ["Ticket/7", "User/7", "Contact/7/Simple"])
def test_others_ignore_conditions(server, path):
    """Section 13, firm: other entities ignore the two headers."""
    assert server.get(path, If_Modified_Since=FUTURE).status == 200


@pytest.mark.parametrize("date", ["Friday, 01-Jan-50 00:00:00 GMT", "Fri Jan  1 00:00:00 2100"])
def test_http_dates_in_their_old_forms(server, date):
    """Section 13, likely: the three forms of HTTP dates."""
    assert server.get("Contact/17", If_Modified_Since=date).status == 304


def test_a_condition_that_is_no_date_is_ignored_and_told(server):
    """Section 13, likely: an invalid date is ignored."""
    answer = server.get("Contact/17", If_Modified_Since="2100-01-01")
    assert (answer.status, "If-Modified-Since" in answer.header("X-Mockso-Warning")) == (200, True)


@pytest.mark.parametrize(
    ("method", "header"), [("GET", {"If_Modified_Since": FUTURE}), ("DELETE", {"If_Unmodified_Since": PAST})]
)
def test_304_and_412_are_empty(server, method, header):
    """Section 13, firm: shape E, no body."""
    answer = server.call(method, "Contact/17", **header)
    assert (answer.content, answer.header("Content-Type"), answer.fidelity) == (b"", None, "firm")


# --- 13.1


def patch(server, body, **headers):
    return server.call("PATCH", "Contact/17", body, **headers)


@pytest.mark.parametrize(
    "kind", ["application/json", "application/json-patch+json", "application/merge-patch+json"]
)
def test_the_body_decides(server, kind):
    """Section 13.1, firm: an array is JSON Patch, an object a merge patch, whatever the type says."""
    operations = [{"op": "replace", "path": "/Name", "value": "New"}]
    assert patch(server, operations, Content_Type=kind).json["Name"] == "New"
    assert patch(server, {"Name": "New"}, Content_Type=kind).json["Name"] == "New"


@pytest.mark.parametrize("path", ["/Name", "Name", "/name", "NAME"])
def test_paths_in_any_case_with_and_without_slash(server, path):
    """Section 13.1, firm: a path is case-insensitive, its leading slash optional."""
    assert patch(server, [{"op": "replace", "path": path, "value": "New"}]).json["Name"] == "New"


def test_the_end_of_a_list_and_dictionary_keys(server):
    """Section 13.1, firm: "/-" appends, dictionary keys and nested ids are addressed."""
    got = patch(
        server,
        [
            {"op": "add", "path": "/Domains/-", "value": "a.test"},
            {"op": "add", "path": "CustomFields/x_size", "value": "5"},
            {"op": "replace", "path": "Category/Id", "value": 3},
        ],
    ).json
    assert (got["Domains"][-1], got["CustomFields"]["x_size"], got["Category"]["Id"]) == ("a.test", "5", 3)


@pytest.mark.parametrize("verb", ["move", "copy", "increment"])
def test_other_operations_are_refused(server, verb):
    """Section 13.1, assumed: move and copy are not supported; 400."""
    assert patch(server, [{"op": verb, "path": "/Name", "from": "/Department"}]).status == 400


def test_a_merge_appends_objects_and_replaces_by_lists(server):
    """Section 13.1, firm: an object sent where an array lives is appended, an array replaces."""
    before = server.get("Contact/17").json["Emails"]
    assert len(patch(server, {"Emails": {"Value": "ann@acme.example"}}).json["Emails"]) == len(before) + 1
    assert patch(server, {"Emails": []}).json["Emails"] == []


def test_a_merge_leaves_nulls_alone(server):
    """Section 13.1, firm: members that are null now are not set by a merge; a null in it is ignored (assumed)."""
    assert server.get("Contact/17").json["SupportPerson"] is None
    answer = patch(server, {"SupportPerson": {"PersonId": 5}, "Name": None})
    assert (answer.json["SupportPerson"], answer.json["Name"] is None) == (None, False)
    assert "SupportPerson" in answer.header("X-Mockso-Hint")


def test_a_patch_sets_nulls(server):
    """Section 13.1, firm: JSON Patch can set what is null."""
    operations = [{"op": "add", "path": "/SupportPerson", "value": {"PersonId": 5}}]
    assert patch(server, operations).json["SupportPerson"]["PersonId"] == 5


def test_a_lone_leaf_in_an_address_is_refused(server):
    """Section 13.1, assumed: a leaf deep in an address fails, the whole sub-object has to be given; 400."""
    assert patch(server, [{"op": "replace", "path": "/Address/Street/City", "value": "Oslo"}]).status == 400
    assert (
        patch(server, [{"op": "replace", "path": "/Address/Street", "value": {"City": "Oslo"}}]).status == 200
    )


def test_a_failed_test_changes_nothing(server):
    """Section 13.1, firm: all or nothing; a mismatch is 409 with the envelope (assumed)."""
    answer = patch(
        server,
        [
            {"op": "replace", "path": "/Name", "value": "x"},
            {"op": "test", "path": "/Department", "value": "?"},
        ],
    )
    assert (answer.status, answer.json["Error"], answer.fidelity) == (409, True, "assumed")


def test_the_answer_is_the_entity_or_what_is_selected(server):
    """Section 13.1, firm: success returns the full entity, or $select of it."""
    got = server.call("PATCH", "Contact/17?$select=name", {"Name": "New"}).json
    assert (got["Name"], got["Department"]) == ("New", None)
    assert patch(server, {"Name": "New"}).json["Department"] is not None
