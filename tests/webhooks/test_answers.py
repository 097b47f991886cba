"""The documented operations on webhooks, without a socket and without a target."""

from __future__ import annotations

import pytest

from mockso.testing.mock import open_mock

BODY = {
    "Name": "mine",
    "Events": ["contact.created"],
    "TargetUrl": "http://127.0.0.1:9/x",
    "Secret": "s3cret!",
}


@pytest.fixture(scope="module")
def mock():
    made = open_mock()
    yield made
    made.close()


@pytest.fixture
def world(mock):
    with mock.world(grants=["Webhook"]) as made:
        yield made


@pytest.fixture
def client(world):
    return world.client()


def saved(client, **more) -> dict:
    answer = client.post("Webhook", json={**BODY, **more})
    assert answer.status_code == 200, answer.text
    return answer.json()


def agent(client, method: str, body: object = None, **query):
    return client.post(f"Agents/Webhook/{method}", json=body, params=query)


def test_a_new_webhook_has_the_documented_defaults(client):
    rest, of_agent = client.get("Webhook/default").json(), agent(client, "CreateDefaultWebhook").json()

    assert rest == of_agent
    assert rest["WebhookId"] == 0
    assert rest["Events"] == ["contact.created", "contact.deleted"]
    assert (rest["State"], rest["Type"]) == ("Active", "webhook")
    assert rest["Registered"] == "0001-01-01T00:00:00"
    others = set(rest) - {"WebhookId", "Events", "State", "Type", "Registered", "Updated"}
    assert {name: rest[name] for name in others if rest[name] not in (None, 0)} == {
        "NotifyVia": "None",
        "NotifyWhen": "None",
    }


def test_what_is_saved_is_there(client):
    made = saved(client)

    assert made["WebhookId"] == 1
    assert made["_Links"]["Self"].endswith("/Webhook/1/")
    assert made["Registered"] > "2026"
    assert client.get("Webhook/1").json() == made
    assert agent(client, "GetWebhook", webhookId=1).json() == {k: v for k, v in made.items() if k != "_Links"}
    assert saved(client)["WebhookId"] == 2


def test_what_is_saved_is_the_tenants_own(client, mock):
    saved(client)

    with mock.world(grants=["Webhook"]) as other:
        assert other.client().get("Webhook").json() == []


def test_put_replaces_everything_and_the_address_rules(client, world):
    world.allow("other-key")
    saved(client, Properties={"a": 1})

    made = client.put(
        "Webhook/1", json={"WebhookId": 9, "TargetUrl": BODY["TargetUrl"], "Name": "new"}
    ).json()

    assert (made["WebhookId"], made["Name"], made["Secret"], made["Properties"]) == (1, "new", None, None)
    assert made["Events"] == ["contact.created", "contact.deleted"]


def test_patch_changes_what_it_names(client):
    before = saved(client)

    merged = client.patch("Webhook/1", json={"Name": "new"}).json()
    listed = client.patch("Webhook/1", json=[{"op": "replace", "path": "/State", "value": "Stopped"}]).json()

    assert merged == {**before, "Name": "new", "Updated": merged["Updated"]}
    assert (listed["Name"], listed["State"]) == ("new", "Stopped")
    assert client.patch("Webhook/1", json=[{"op": "test", "path": "/Name", "value": "x"}]).status_code == 409
    assert client.get("Webhook/1").json()["Name"] == "new"


def test_a_state_may_be_saved_as_its_number(client, world):
    world.strict = "off"

    assert saved(client, State=2)["State"] == "Stopped"
    found = agent(client, "GetAllWebhooks", {"StatusFilter": 2}).json()
    assert [hook["WebhookId"] for hook in found] == [1]


def test_what_the_server_counts_no_client_can_save(client):
    made = saved(client, TotalErrors=5, LastError="mine", Registered="2001-01-01T00:00:00", WebhookId=77)

    assert (made["TotalErrors"], made["LastError"], made["WebhookId"]) == (0, None, 1)
    assert made["Registered"] > "2026"


def test_webhooks_are_listed_as_a_plain_array_and_filtered(client):
    saved(client)
    saved(client, Name="other", Events=["sale.sold"], State="Stopped")

    def ids(**query):
        return [hook["WebhookId"] for hook in client.get("Webhook", params=query).json()]

    def agent_ids(**body):
        return [hook["WebhookId"] for hook in agent(client, "GetAllWebhooks", body).json()]

    assert ids() == agent_ids() == [1, 2]
    assert ids(nameFilter="Other") == agent_ids(NameFilter="other") == [2]
    assert ids(eventFilter="contact.created") == agent_ids(EventFilter="contact.created") == [1]
    assert ids(statusFilter="Stopped") == agent_ids(StatusFilter="Stopped") == [2]
    assert ids(statusFilter="Unknown") == [1, 2]


def test_a_selection_is_applied(client):
    saved(client)

    made = client.get("Webhook/1", params={"$select": "Name"}).json()

    assert (made["Name"], made["TargetUrl"]) == ("mine", None)


def test_an_unknown_id_is_404_in_rest_and_null_in_agents(client, world):
    for method, path in (
        ("GET", "Webhook/9"),
        ("PUT", "Webhook/9"),
        ("PATCH", "Webhook/9"),
        ("GET", "Webhook/9/LastError"),
    ):
        answer = client.request(method, path, json=BODY if method != "GET" else None)
        assert answer.status_code == 404
        assert "Webhook id 9 not found" in answer.text
    assert agent(client, "GetWebhook", webhookId=9).json() is None
    assert agent(client, "GetLastError", {"WebhookId": 9}).json() is None
    assert agent(client, "SaveWebhook", {**BODY, "WebhookId": 9}).json() is None


def test_a_deleted_webhook_is_gone_and_deleting_twice_is_no_error(client):
    saved(client)

    assert client.delete("Webhook/1").status_code == 204
    assert client.delete("Webhook/1").status_code == 204
    assert client.get("Webhook").json() == []
    assert saved(client)["WebhookId"] == 2
    assert agent(client, "DeleteWebhook", webhookId=2).status_code == 204
    assert client.get("Webhook").json() == []


def test_an_agent_saves_new_ones_and_known_ones(client):
    made = agent(client, "SaveWebhook", BODY).json()
    again = agent(client, "SaveWebhook", {**made, "Name": "again"}).json()

    assert (made["WebhookId"], again["WebhookId"], again["Name"]) == (1, 1, "again")


def test_the_last_error_is_a_text(client):
    saved(client)

    assert client.get("Webhook/1/LastError").json() == ""
    assert agent(client, "GetLastError", {"WebhookId": 1}).json() == ""


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"TargetUrl": "nowhere"}, "TargetUrl: 'nowhere' is not an absolute http or https address"),
        ({"TargetUrl": None}, "TargetUrl: '' is not an absolute"),
        ({"Name": "x" * 101}, "Name is longer than 100 characters"),
    ],
)
def test_what_cannot_be_saved_is_400_in_the_envelope(client, more, words):
    answer = client.post("Webhook", json={**BODY, **more})

    assert answer.status_code == 400
    assert answer.json()["ErrorType"] == "ArgumentException"
    assert words in answer.json()["Message"]
    assert client.get("Webhook").json() == []


def test_https_can_be_required():
    mock = open_mock(webhook_require_https=True)
    with mock.world(grants=["Webhook"]) as world:
        answer = world.client().post("Webhook", json=BODY)
        https = world.client().post("Webhook", json={**BODY, "TargetUrl": "https://example.test/x"})
    mock.close()

    assert answer.status_code == 400
    assert "RequireHttps" in answer.text
    assert "http://127.0.0.1:9/x" in answer.text
    assert https.status_code == 200


def test_the_agent_is_restricted_until_it_is_granted(mock):
    with mock.world() as world:
        world.strict = "off"

        assert world.client().get("Webhook").status_code == 403
        assert world.client().post("Agents/Webhook/GetAllWebhooks", json={}).status_code == 403


def test_onsite_nobody_needs_a_grant(mock):
    with mock.world(profile="onsite") as world:
        assert world.client().get("Webhook").json() == []


def test_a_call_without_a_credential_changes_nothing(client, world):
    world.strict = "off"
    answer = client.post("Webhook", json=BODY, headers={"Authorization": ""})

    assert answer.status_code == 401
    assert client.get("Webhook").json() == []


def test_webhooks_answer_in_xml_too(client):
    saved(client)

    answer = client.get("Webhook/1", headers={"Accept": "application/xml"})

    assert "<Name>mine</Name>" in answer.text


def test_the_secret_is_not_in_the_journal(client, world):
    saved(client)
    client.get("Webhook/1")

    for entry in world.mock.engine.journal.each(tenant=world.tenant):
        assert "s3cret!" not in str(entry)


def test_a_dropped_tenant_has_no_webhooks_any_more(mock):
    with mock.world(grants=["Webhook"]) as world:
        world.client().post("Webhook", json=BODY)
        tenant = mock.engine.tenants.of(world.tenant)
        assert tenant.has_webhooks

    assert not tenant.has_webhooks


def test_nothing_of_it_is_imported_by_a_mock_that_has_no_webhooks(pytester):
    pytester.makepyfile(
        """
        import sys
        from mockso.testing.mock import open_mock

        def test_it():
            mock = open_mock()
            assert mock.world().client().get("Contact/17").status_code == 200
            mock.close()
            assert not [name for name in sys.modules if name.startswith("mockso.webhooks")]
        """
    )

    pytester.runpytest_subprocess("-p", "no:cacheprovider").assert_outcomes(passed=1)
