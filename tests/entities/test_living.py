"""What was saved is there: checks of the study of entities, section h, part 1."""

import pytest

from mockso.entities import defaults


def test_check_1_what_is_posted_is_read_back(client):
    saved = client.post("Contact", {"Name": "Acme AS"})

    read = client.get(f"Contact/{saved['ContactId']}")

    assert read == saved
    assert read["Name"] == "Acme AS"
    assert saved["ContactId"] > 0
    assert saved["_Links"]["Self"].rstrip("/").endswith(f"Contact/{saved['ContactId']}")


def test_check_2_ids_ascend(client):
    first, second = client.post("Contact", {"Name": "A"}), client.post("Contact", {"Name": "B"})

    assert second["ContactId"] == first["ContactId"] + 1


def test_check_3_an_agent_and_rest_see_the_same_row(client):
    saved = client.agent("Contact/SaveContactEntity", {"ContactId": 0, "Name": "Acme AS"})

    by_agent = client.agent(f"Contact/GetContactEntity?contactEntityId={saved['ContactId']}")
    by_rest = client.get(f"Contact/{saved['ContactId']}")

    del by_rest["_Links"]
    assert by_agent == by_rest


def test_check_4_camel_case_is_kept_at_every_depth(client):
    body = {"name": "x", "phones": [{"value": "+47 22 33"}], "address": {"street": {"city": "Oslo"}}}

    saved = client.agent("Contact/SaveContactEntity", body)

    assert saved["Phones"][0]["Value"] == "+47 22 33"
    assert saved["Phones"][0]["StrippedValue"] == "+472233"
    assert saved["Address"]["Street"]["City"] == "Oslo"


def test_one_unknown_property_loses_nothing_beside_it(client):
    saved = client.post("Contact", {"Name": "x", "Phones": [{"Value": "1", "Colour": "red"}]})

    assert saved["Phones"][0]["Value"] == "1"


def test_check_5_a_missing_row_is_404_over_rest(client):
    reply = client.reply("GET", "Contact/99999999")

    assert (reply.status, reply.reason) == (404, "Contact Not Found")
    hint = dict(reply.headers)["X-Mockso-Hint"]
    assert hint.startswith("contact 99999999 is not in this tenant")
    assert "world=open" in hint


def test_check_6_and_null_over_an_agent(client):
    assert client.agent("Contact/GetContactEntity?contactEntityId=99999999") is None


def test_check_7_lists_skip_what_is_not_there(client):
    key = client.post("Contact", {"Name": "A"})["ContactId"]

    assert [row["Name"] for row in client.agent("Contact/GetContactList", [key, 99999999])] == ["A"]


def test_check_8_put_empties_what_is_left_out(client):
    key = client.post("Contact", {"Name": "A", "Department": "Oslo"})["ContactId"]

    status, changed = client.call("PUT", f"Contact/{key}", {"Name": "B"})

    assert (status, changed["Name"], changed["Department"]) == (200, "B", "")


def test_check_9_put_of_a_missing_row_is_404(client):
    assert client.call("PUT", "Contact/4711", {"Name": "B"})[0] == 404


def test_check_10_patch_changes_one_property_and_the_stamp(client):
    saved = client.post("Contact", {"Name": "A"})
    client.at += 60

    status, changed = client.call(
        "PATCH", f"Contact/{saved['ContactId']}", [{"op": "replace", "path": "/Department", "value": "D"}]
    )

    assert status == 200
    assert changed["UpdatedDate"] > saved["UpdatedDate"]
    expected = {**saved, "Department": "D", "UpdatedDate": changed["UpdatedDate"]}
    assert {**changed, "UpdatedBy": None} == expected


def test_check_13_a_failing_test_changes_nothing(client):
    key = client.post("Contact", {"Name": "A"})["ContactId"]

    status, _ = client.call(
        "PATCH",
        f"Contact/{key}",
        [{"op": "replace", "path": "Name", "value": "B"}, {"op": "test", "path": "Name", "value": "C"}],
    )

    assert status == 409
    assert client.get(f"Contact/{key}")["Name"] == "A"


def test_check_15_if_modified_since(client):
    key = client.post("Contact", {"Name": "A"})["ContactId"]
    since = {"If_Modified_Since": "Sun, 01 Mar 2026 12:00:30 GMT"}

    assert client.call("GET", f"Contact/{key}", **since)[0] == 304

    client.at += 60
    client.call("PUT", f"Contact/{key}", {"Name": "B"})
    assert client.call("GET", f"Contact/{key}", **since)[0] == 200


def test_check_16_if_unmodified_since(client):
    key = client.post("Contact", {"Name": "A"})["ContactId"]

    status, _ = client.call(
        "PUT", f"Contact/{key}", {"Name": "B"}, If_Unmodified_Since="Sun, 01 Mar 2026 11:00:00 GMT"
    )

    assert status == 412
    assert client.get(f"Contact/{key}")["Name"] == "A"


def test_check_17_and_18_a_reference_is_composed_anew(client):
    body = {"Name": "Acme", "Address": {"Street": {"City": "Oslo"}}}
    contact = client.post("Contact", body)["ContactId"]
    person = client.post("Person", {"Firstname": "Ann", "Contact": {"ContactId": contact, "Name": "other"}})

    assert (person["Contact"]["Name"], person["Contact"]["City"]) == ("Acme", "Oslo")

    client.call("PUT", f"Contact/{contact}", {"Name": "Apex"})
    assert client.get(f"Person/{person['PersonId']}")["Contact"]["Name"] == "Apex"


def test_check_19_the_persons_of_a_company(client):
    contact = client.post("Contact", {"Name": "Acme"})["ContactId"]
    keys = [
        client.post("Person", {"Lastname": name, "Contact": {"ContactId": contact}})["PersonId"]
        for name in ("Aas", "Berg")
    ]
    client.post("Person", {"Lastname": "Dahl"})

    listed = client.agent("Contact/GetPersons", {"ContactId": contact})
    joined = client.get(f"Contact/{contact}")["Persons"]

    assert [row["PersonId"] for row in listed] == keys
    assert [row["PersonId"] for row in joined] == keys


def test_check_20_appointments_in_a_period(client):
    contact = client.post("Contact", {"Name": "Acme"})["ContactId"]
    client.post("Appointment", {"StartDate": "2026-05-04T10:00:00", "Contact": {"ContactId": contact}})

    def in_month(month):
        period = {"StartTime": f"2026-{month}-01T00:00:00", "EndTime": f"2026-{month}-28T00:00:00"}
        return client.agent(
            "Appointment/GetContactAppointments", {"ContactId": contact, "Count": 10, **period}
        )

    assert (len(in_month("05")), len(in_month("06"))) == (1, 0)


def test_check_14_delete_and_read(client):
    key = client.post("Contact", {"Name": "A"})["ContactId"]

    assert client.call("DELETE", f"Contact/{key}")[0] == 204
    assert client.call("GET", f"Contact/{key}")[0] == 404
    assert client.call("DELETE", f"Contact/{key}")[0] == 204


def test_check_21_a_default_stores_nothing(client):
    default = client.agent("Contact/CreateDefaultContactEntity")

    assert default["ContactId"] == 0
    assert default["UpdatedBy"] is None
    assert client.agent("Contact/GetContactList", list(range(1, 5))) == []


def test_check_31_another_tenant_has_it_not(client, engine):
    key = client.post("Contact", {"Name": "A"})["ContactId"]
    client.tenant = "Cust2"

    assert client.call("GET", f"Contact/{key}")[0] == 404


@pytest.mark.parametrize(("private", "name"), [(1, "PrivateUser"), ("privategroup", "PrivateGroup")])
def test_enums_are_kept_by_number_and_in_any_letter_case(client, private, name):
    key = client.post("Appointment", {"Private": private})["AppointmentId"]

    assert client.get(f"Appointment/{key}")["Private"] == name


@pytest.mark.parametrize(("kind", "name"), defaults.NUMBERS.items())
def test_running_numbers_ascend_in_the_documented_property(client, kind, name):
    first, second = (int(client.post(kind, {})[name]) for _ in range(2))

    assert second == first + 1


def test_a_post_makes_a_new_row_whatever_id_its_body_has(client):
    saved = client.post("Contact", {"ContactId": 99999, "Name": "A"})

    assert saved["ContactId"] != 99999


def test_an_agent_that_saves_a_row_which_is_not_there_is_told(client):
    status, body = client.call("POST", "Agents/Contact/SaveContactEntity", {"ContactId": 99999, "Name": "A"})

    assert (status, body["ErrorType"]) == (404, "SoNotFoundException")


def test_a_row_that_stands_in_itself_does_so_once(client):
    key = client.post("Hierarchy", {"Name": "Top"})["HierarchyId"]
    client.call("PUT", f"Hierarchy/{key}", {"Name": "Top", "Children": [{"HierarchyId": key}]})

    assert client.get(f"Hierarchy/{key}")["Children"] == []


@pytest.mark.parametrize(
    ("path", "message"),
    [
        ("Contact/99/Persons", "Contact id 99 not found"),
        ("List/Business/Items/99", "Business id 99 not found"),
        ("List/999", "List id 999 not found"),
        ("Preference/Mail/Sig/Individual", "Preference id Mail/Sig not found"),
        ("Contact/UdefLayout/SuperOffice:1", "UserDefinedFieldInfo id SuperOffice:1 not found"),
        ("ForeignApp/App/Dev/id1/Key/k/ticket?value=v", "ForeignKey id k not found"),
    ],
)
def test_a_miss_names_what_is_missing(client, path, message):
    client.put("Business", 1, {"Value": "Energy"})

    status, body = client.call("GET", path)

    assert (status, body["Message"]) == (404, message)


def test_a_row_is_sparse_whether_it_was_posted_patched_or_put_back_as_it_was_read(client):
    saved = client.post("Contact", {"Name": "A"})
    key = saved["ContactId"]
    posted = {name for name in client.rows.get("Contact", key) if not name.startswith("$")}

    client.call("PATCH", f"Contact/{key}", {"Department": "B"})
    patched = {name for name in client.rows.get("Contact", key) if not name.startswith("$")}
    client.call("PUT", f"Contact/{key}", client.get(f"Contact/{key}"))
    put = {name for name in client.rows.get("Contact", key) if not name.startswith("$")}

    assert {"Address", "Phones", "NoMailing", "DbiLastModified", "Source"}.isdisjoint(posted | patched | put)
    assert patched == put == posted | {"Department", "UpdatedBy"}


def test_what_a_row_consists_of_goes_with_it(client):
    client.put("Quote", 1, {"SaleId": 1})
    client.put("QuoteVersion", 1, {"QuoteId": 1})
    client.put("QuoteAlternative", 1, {"QuoteVersionId": 1})
    client.put("QuoteVersion", 2, {"QuoteId": 2})

    client.agent("Quote/DeleteQuote", {"QuoteId": 1})

    assert [key for key, _ in client.rows.items("QuoteVersion")] == [2]
    assert client.rows.count("QuoteAlternative") == 0


def test_a_deletion_that_answers_says_whether_there_was_such_a_row(client):
    client.put("AvailableFont", 1, {"Name": "Arial"})

    answers = [client.agent("Marketing/DeleteAvailableFont", {"AvailableFontId": 1}) for _ in "12"]

    assert answers == [True, False]


def test_the_persons_of_a_company_do_not_go_with_it(client):
    key = client.post("Contact", {"Name": "A"})["ContactId"]
    person = client.post("Person", {"Lastname": "B", "Contact": {"ContactId": key}})["PersonId"]

    client.call("DELETE", f"Contact/{key}")

    assert client.get(f"Person/{person}")["Contact"] is None
