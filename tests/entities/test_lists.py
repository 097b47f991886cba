"""Lists live: checks 28 and 29 of the study of entities, section h, and the shapes of its rule 9."""

import pytest


def add(client, name, list="Category", **more):
    return client.post(f"List/{list}/Items", {"Name": name, **more})


def names(items):
    return [item.get("Name", item.get("Value")) for item in items]


def test_check_28_an_item_is_in_every_read_of_its_list_until_it_is_deleted(client):
    saved = add(client, "Partner")

    def reads():
        return [
            names(client.get("List/Category/Items")),
            names(client.get("MDOList/category")),
            names(client.agent("List/GetCategories")),
        ]

    assert client.get(f"List/Category/Items/{saved['Id']}") == saved
    assert reads() == [["Partner"]] * 3

    status, _ = client.call("DELETE", f"List/Category/Items/{saved['Id']}")

    assert status == 204
    assert reads() == [[]] * 3


def test_check_29_a_text_of_several_languages_is_resolved_where_one_is_asked_for(client):
    text = 'US:"A";NO:"B"'
    add(client, text)

    def read(**headers):
        return client.get("MDOList/category", **headers)[0]["Name"]

    assert read() == text
    assert read(Accept_Language="en") == "A"
    assert read(SO_Language="nb-NO") == "B"
    assert read(SO_Language="*") == text


def test_a_deleted_item_stays_for_those_who_ask_for_it(client):
    key = add(client, "Partner")["Id"]
    company = client.post("Contact", {"Name": "Acme", "Category": {"Id": key}})["ContactId"]

    client.call("DELETE", f"List/Category/Items/{key}")

    assert client.get("List/Category/Items?includeDeleted=true")[0]["Deleted"] is True
    assert client.get(f"Contact/{company}")["Category"]["Value"] == "Partner"


@pytest.mark.parametrize("list", ["Business", "Rating", "Task", "Country", "UserGroup", "TicketStatus"])
def test_items_of_any_carrier_are_added_changed_and_listed(client, list):
    text = "Value" if list in ("Rating", "Task", "UserGroup") else "Name"
    saved = client.post(f"List/{list}/Items", {text: "One"})
    key = next(value for name, value in saved.items() if name.endswith("Id"))

    status, changed = client.call("PUT", f"List/{list}/Items/{key}", {text: "Two"})

    assert (status, changed[text]) == (200, "Two")
    assert [item[text] for item in client.get(f"List/{list}/Items")] == ["Two"]
    assert client.call("GET", f"List/{list}/Items/4711")[0] == 404


def test_a_list_is_saved_as_a_whole_and_cleared(client):
    first = add(client, "One")

    status, saved = client.call("PUT", "List/Category/Items", [{**first, "Name": "1"}, {"Name": "Two"}])

    assert (status, names(saved)) == (200, ["1", "Two"])
    assert names(client.get("List/Category/Items")) == ["1", "Two"]
    assert client.call("DELETE", "List/Category/Items")[0] == 204
    assert client.get("List/Category/Items") == []


def test_a_default_item_is_not_stored(client):
    assert client.get("List/Category/Items/Default")["Id"] == 0
    assert client.get("List/Category/Items") == []


def test_items_stand_in_the_order_of_their_rank(client):
    add(client, "Late", Rank=9)
    add(client, "Early", Rank=1)

    assert names(client.get("MDOList/category")) == ["Early", "Late"]


def test_a_definition_is_read_and_changed(client):
    before = client.get("List/Category")

    status, changed = client.call("PUT", "List/Category", {**before, "Tooltip": "Kinds of companies"})

    assert before["Name"] == "Category"
    assert (status, changed["Tooltip"]) == (200, "Kinds of companies")
    assert client.get(f"List/{before['Id']}")["Tooltip"] == "Kinds of companies"


def test_a_list_of_a_tenant_s_own(client):
    own = client.post("List", {"Name": "Colours"})

    client.post(f"List/{own['Id']}/Items", {"Name": "Red"})
    client.post("List/Colours/Items", {"Name": "Blue"})

    assert names(client.get("List/Colours/Items")) == ["Red", "Blue"]
    assert names(client.get(f"MDOList/udlist{own['Id']}")) == ["Red", "Blue"]
    assert own["Id"] in [one["Id"] for one in client.get("List")]
    assert client.call("DELETE", f"List/{own['Id']}")[0] == 204
    assert own["Id"] not in [one["Id"] for one in client.get("List")]


def test_items_stand_below_their_headings(client):
    key = add(client, "Partner")["Id"]
    add(client, "Other")
    heading = client.post("List/Category/Headings", {"Name": "Friends"})
    path = f"List/Category/Items/{key}/Headings"
    flags = client.get(path)

    client.call("PUT", path, [{**flags[0], "Selected": True}])

    tree = client.get("MDOList/category")
    assert [flags[0]["Name"], flags[0]["Selected"], client.get(path)[0]["Selected"]] == [
        "Friends",
        False,
        True,
    ]
    assert [(one["Name"], one["Type"], names(one["ChildItems"])) for one in tree] == [
        ("Friends", "heading", ["Partner"]),
        ("Other", "category", []),
    ]
    assert names(client.get("MDOList/category?flat=true")) == ["Partner", "Other"]
    assert client.get("List/Category/Headings")[0] == heading
    assert client.call("DELETE", "List/Category/Headings")[0] == 204
    assert names(client.get("MDOList/category")) == ["Partner", "Other"]


def test_an_item_is_for_the_user_groups_that_were_chosen(client):
    group = client.post("List/UserGroup/Items", {"Value": "Sales"})["Id"]
    key = add(client, "Partner")["Id"]
    path = f"List/Category/Items/{key}/UserGroups"

    assert [(one["Id"], one["Selected"]) for one in client.get(path)] == [(group, True)]
    status, flags = client.call("PUT", path, [{"Id": group, "Selected": False}])
    assert (status, flags[0]["Selected"]) == (200, False)


def test_a_search_goes_by_the_text(client):
    add(client, "Partner")
    add(client, "Customer")

    assert names(client.get("MDOList/category?query=part")) == ["Partner"]
    body = {"Name": "category", "SearchValue": "CUST"}
    assert names(client.agent("MDO/GetListWithRestriction", body)) == ["Customer"]


def test_an_item_of_a_named_list_has_the_list_s_name_as_type(client):
    key = add(client, "Partner", Tooltip="Sells with us")["Id"]

    item = client.get("MDOList/category")[0]

    assert (item["Id"], item["FullName"], item["ToolTip"], item["Type"]) == (
        key,
        "Partner",
        "Sells with us",
        "category",
    )
    assert (item["Deleted"], item["ChildItems"], item["TableRight"]) == (False, [], None)
    assert client.agent("MDO/GetListItem", {"ListName": "category", "Id": key})["Name"] == "Partner"
    assert client.get("MDOList/category/selectable")[0]["Selected"] is False


def test_rows_of_entities_are_lists_too(client):
    client.post("Contact", {"Name": "Acme"})

    assert names(client.get("MDOList/contact_new?query=ac")) == ["Acme"]


def test_a_list_that_nobody_has_is_404_over_rest_and_null_over_an_agent(client):
    assert client.call("GET", "MDOList/colours")[0] == 404
    assert client.call("GET", "List/colours/Items")[0] == 404
    assert client.agent("MDO/GetSimpleList", {"Name": "colours"}) is None
    assert client.get("MDOList/contint") == []


def test_a_list_of_the_server_s_own_texts_is_an_example(client):
    assert client.get("MDOList/salestatus")[0]["Id"] > 0


def test_the_names_of_lists_are_listed(client):
    listed = client.get("MDOList")

    assert {"category", "contint", "perspos"} <= set(listed)
    assert client.agent("MDO/GetListNames") == listed


def test_interests_are_the_whole_list_with_flags(client):
    own = client.post("List", {"Name": "Interests", "ListType": "contint"})
    wine, tea = (client.post(f"List/{own['Id']}/Items", {"Name": name})["Id"] for name in ("Wine", "Tea"))

    saved = client.post(
        "Contact", {"Name": "Acme", "Interests": [{"Id": tea, "Selected": True}, {"Id": wine}]}
    )

    assert [(one["Name"], one["Selected"]) for one in saved["Interests"]] == [("Wine", False), ("Tea", True)]
    assert saved["ActiveInterests"] == 1
    assert [one["Selected"] for one in client.get("Contact/default")["Interests"]] == [False, False]


def test_a_selection_of_a_named_list_is_kept(client):
    key = add(client, "Partner")["Id"]
    body = {
        "Name": "category",
        "AdditionalInfo": "mine",
        "SelectableMDOList": [{"Id": key, "Selected": True}],
    }

    client.agent("MDO/SetSelected", body)

    assert client.get("MDOList/category/selectable?additional=mine")[0]["Selected"] is True
    assert client.get("MDOList/category/selectable")[0]["Selected"] is False


def test_the_list_agent_has_the_lists_of_rest(client):
    list = client.get("List/Category")["Id"]
    saved = client.agent(
        "List/AddFromListName", {"UdListDefinitionName": "Category", "Item": {"Name": "One"}}
    )
    where = {"UdListDefinitionId": list, "Id": saved["Id"]}

    assert client.get("List/Category/Items") == [saved]
    assert client.agent("List/GetFromListDefinition", where) == saved
    client.agent("List/SaveFromListDefinition", {**where, "Item": {**saved, "Name": "Two"}})
    client.agent("List/SaveListItemEntity", {"ListItemEntity": {"Name": "Three", "UdListDefinitionId": list}})
    assert names(client.agent("List/GetAllFromListName", {"UdListDefinitionName": "category"})) == [
        "Two",
        "Three",
    ]
    client.agent("List/DeleteFromListDefinition", where)
    assert names(client.get("MDOList/category")) == ["Three"]


def test_the_list_agent_has_headings_too(client):
    key = add(client, "Partner")["Id"]
    heading = client.agent("List/SaveHeadingFromName", {"Name": "Category", "Entity": {"Name": "Friends"}})
    chosen = [{"Id": heading["HeadingId"], "Selected": True}]
    body = {"UdListDefinitionName": "Category", "ListItemId": key, "Headings": chosen}

    flags = client.agent("List/SaveHeadingsForListItemFromListName", body)

    assert [one["Selected"] for one in flags] == [True]
    assert client.agent("List/GetHeadingsFromName", {"Name": "Category"}) == [heading]
    assert client.get(f"List/Category/Items/{key}/Headings") == flags


def test_the_list_agent_defines_lists(client):
    own = client.agent("List/SaveListEntity", {"Id": 0, "Name": "Colours"})

    changed = client.agent("List/SaveListEntity", {**own, "Tooltip": "x"})

    assert client.agent("List/GetListEntityByName", {"Name": "Colours"}) == changed
    assert client.agent(f"List/GetListEntity?listEntityId={own['Id']}")["Tooltip"] == "x"
    client.agent("List/DeleteListEntityByName", {"Name": "Colours"})
    assert own["Id"] not in [one["Id"] for one in client.agent("List/GetListDefinitions", {})]


def test_stages_of_a_sale_are_its_ratings(client):
    stage = client.post("List/Rating/Items", {"Value": "Quote sent", "Probability": 60})

    sale = client.post("Sale", {"Heading": "Roof", "Rating": {"Id": stage["SaleStageId"]}})

    assert sale["Rating"]["Value"] == "Quote sent"
    assert names(client.get("MDOList/prob")) == ["Quote sent"]
    assert client.agent("List/GetAllSaleStages", {})[0]["Probability"] == 60


def test_a_number_that_a_request_leaves_out_is_zero(client):
    company = client.post("Contact", {"Name": "Acme AS"})["ContactId"]
    client.post("Person", {"Lastname": "Moe", "Contact": {"ContactId": company}})

    assert client.agent("Contact/GetPersons", {}) == []
    assert len(client.agent("Contact/GetPersons", {"ContactId": company})) == 1


def test_items_stand_below_headings(nordlys):
    first, second = (
        nordlys.post("List/Business/Headings", {"Name": name})["HeadingId"] for name in ("A", "B")
    )
    of = {"UdListDefinitionName": "Business"}
    items = [one["Id"] for one in nordlys.get("MDOList/business")][:3]

    def below(heading):
        found = nordlys.agent("List/GetListItemsForHeadingFromListName", {**of, "HeadingId": heading})
        return [one["Id"] for one in found if one["Selected"]]

    assert below(first) == []
    body = {**of, "HeadingId": first, "ListItemIds": items, "Enable": True}
    nordlys.agent("List/SetListItemsForHeadingFromListName", body)
    nordlys.agent(
        "List/SetListItemsForHeadingFromListName", {**body, "ListItemIds": items[1:2], "Enable": False}
    )
    assert sorted(below(first)) == sorted([items[0], items[2]])
    headings = nordlys.get(f"List/Business/Items/{items[0]}/Headings")
    assert {one["Id"]: one["Selected"] for one in headings} == {first: True, second: False}


def test_a_user_group_sees_all_items_until_somebody_chooses(nordlys):
    of = {"UdListDefinitionName": "Business", "GroupId": 1, "UsergroupId": 1}

    def seen():
        found = nordlys.agent("List/GetListItemsForUserGroupFromListName", of)
        return [one["Id"] for one in found if one["Selected"]]

    every = seen()
    body = {**of, "ListItemIds": every[:2], "Enable": False}
    nordlys.agent("List/SetListItemsForUserGroupFromListName", body)
    assert seen() == every[2:]
    nordlys.agent("List/SetListItemsForUserGroupFromListName", {**body, "Enable": True})
    assert seen() == every


def test_headings_are_ranked_and_given_to_an_item(nordlys):
    of = {"UdListDefinitionId": nordlys.get("List/Business")["Id"]}
    keys = [nordlys.post("List/Business/Headings", {"Name": name})["HeadingId"] for name in ("A", "B")]
    item = nordlys.get("MDOList/business")[0]["Id"]

    nordlys.agent("List/SetRankOnHeadings", {**of, "HeadingIds": keys[::-1]})
    body = {**of, "ListItemId": item, "HeadingIds": keys, "Enable": True}
    nordlys.agent("List/SetHeadingsForListItem", body)

    assert [one["Name"] for one in nordlys.get("List/Business/Headings")] == ["B", "A"]
    assert all(one["Selected"] for one in nordlys.get(f"List/Business/Items/{item}/Headings"))
