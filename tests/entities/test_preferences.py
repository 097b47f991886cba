"""Preferences, tab orders and favourites live. Source: study of entities, section a1, rule 16."""


def spec(section="Visual", key="Theme"):
    return {"Section": section, "Key": key}


def save(client, value, level="Individual", target=0):
    preference = {"RawValue": value, "Level": level, "TargetId": target, "Specification": spec()}
    return client.agent("Preference/SavePreferenceEntity", {"Preference": preference})


def find(client, level="Undefined"):
    body = {"PrefSection": "visual", "PrefKey": "theme", "PrefLevel": level}
    return client.agent("Preference/GetPreferenceByName", body)


def test_the_preference_closest_to_the_caller_counts(client):
    client.put("tenant", "me", {"associate": 1})
    save(client, "dark", "SystemWide")
    own = save(client, "light")

    assert find(client)["RawValue"] == "light"
    assert find(client, "SystemWide")["RawValue"] == "dark"
    assert client.get("Preference/Visual/Theme") == own
    client.put("tenant", "me", {"associate": 2})
    assert find(client)["RawValue"] == "dark"


def test_saving_again_replaces(client):
    first, second = save(client, "dark"), save(client, "light")

    assert first["UserPreferenceId"] == second["UserPreferenceId"]
    assert client.agent("Preference/GetPreference", {"Id": first["UserPreferenceId"]})["RawValue"] == "light"


def test_save_preference_is_for_the_caller(client):
    preference = {"RawValue": "light", "Level": "SystemWide", "Specification": spec()}

    client.agent("Preference/SavePreference", {"Preference": preference})

    assert find(client)["Level"] == "Individual"


def test_preferences_by_address(client):
    status, _ = client.call("PUT", "Preference/Visual/Theme/SystemWide?value=dark")

    assert status == 204
    assert client.get("Preference/Visual/Theme/SystemWide") == "dark"
    assert [one["Name"] for one in client.get("Preference")] == ["Visual"]
    assert [one["Name"] for one in client.get("Preference/Visual")] == ["Theme"]
    assert client.call("GET", "Preference/Visual/Colour")[0] == 404


def test_preferences_of_a_section(client):
    save(client, "dark")

    for specification in (spec(), spec(key="")):
        found = client.agent("Preference/GetPreferences", {"Specifications": [specification]})
        assert [one["RawValue"] for one in found] == ["dark"]


def test_a_tab_order_is_kept(client):
    client.agent("Preference/SaveTabOrder", {"TabOrder": {"TabName": "contact", "Order": "2,1"}})

    assert client.agent("Preference/GetTabOrder", {"TabName": "contact"})["Order"] == "2,1"
    assert len(client.agent("Preference/GetTabOrders")) == 1


def test_favourites_are_added_listed_toggled_and_removed(client):
    key = {"TableName": "contact", "RecordId": 5, "AssociateId": 1}
    client.agent("Favourite/AddFavourite", {**key, "ExtraInfo": "x"})
    client.agent("Favourite/AddFavourite", key)

    table = {"TableName": "contact", "AssociateId": 1}
    assert [one["RecordId"] for one in client.agent("Favourite/GetFavourites", table)] == [5]
    assert client.agent("Favourite/IsFavourite", key) is True
    assert client.agent("Favourite/ToggleFavourite", key) is False
    assert client.agent("Favourite/ToggleFavourite", key) is True
    client.agent("Favourite/RemoveAllFavourites", table)
    assert client.agent("Favourite/GetFavourites", table) == []


def test_a_description_without_a_section_is_listed_under_the_empty_one(client):
    client.agent("Preference/SavePreferenceDescription", {"Name": "x"})

    assert [item["Name"] for item in client.get("Preference")] == [""]
    assert client.get("Preference/nowhere") == []
