"""What needs neither a server nor a target: bodies, headers, signatures, names, states, addresses."""

from __future__ import annotations

import base64
import json

import pytest

import mockso
from mockso.config import Settings
from mockso.state import hooks as states
from mockso.state.hooks import Hooks
from mockso.state.rows import RowStore
from mockso.webhooks import events
from mockso.webhooks.payload import Event, encode_body, headers, payload
from mockso.webhooks.target import Target

NOON = 1_767_268_800.25  # 2026-01-01T12:00:00.25Z
HOOK = {
    **{"WebhookId": 1, "Name": "mine", "Events": ["contact.changed"], "State": "Active", "Type": "webhook"},
    **{"TargetUrl": "http://127.0.0.1:9/x", "Secret": None, "Headers": None, "Properties": None},
    **{"TotalCalls": 0, "TotalErrors": 0, "ConsecutiveErrors": 0, "LastError": None},
}
EVENT = Event("contact.changed", 17, "an-id", NOON, ("contact_id", "name"), {"name": "Acme"}, {"a": 1})


# --- body and headers ---------------------------------------------------------------------------


def test_the_members_of_a_body_stand_in_their_documented_order():
    body = payload(EVENT, {**HOOK, "Properties": {"mine": True}}, "Cust12345")

    assert list(body.items()) == [
        ("EventId", "an-id"),
        ("Timestamp", "2026-01-01T12:00:00.2500000Z"),
        ("Changes", ["contact_id", "name"]),
        ("Event", "contact.changed"),
        ("PrimaryKey", 17),
        ("Entity", "contact"),
        ("ContextIdentifier", "Cust12345"),
        ("ChangedByAssociateId", 1),
        ("WebhookName", "mine"),
        ("FieldValues", {"name": "Acme"}),
        ("Values", {"a": 1}),
        ("mine", True),
    ]


def test_a_custom_property_replaces_no_member_of_the_body():
    assert payload(EVENT, {**HOOK, "Properties": {"PrimaryKey": 0}}, "")["PrimaryKey"] == 17


def test_onsite_the_context_is_called_default():
    assert payload(EVENT, HOOK, "")["ContextIdentifier"] == "Default"


def test_the_number_of_a_webhook_stands_in_the_header_and_not_in_the_body():
    event = Event("webhook17.errors", 17, "an-id", NOON)

    body = payload(event, HOOK, "")

    assert (body["Event"], body["PrimaryKey"]) == ("webhook.errors", 17)
    assert "Entity" not in body
    assert dict(headers(event, HOOK, b"", "1", 0))["X-SuperOffice-Event"] == "webhook17.errors"


def test_the_headers_of_a_delivery():
    assert headers(EVENT, {**HOOK, "Headers": {"X-Mine": "yes"}}, b"{}", "11.9", 2) == [
        ("Content-Type", "application/json; charset=utf-8"),
        ("User-Agent", "NetServer-Webhook/11.9"),
        ("X-SuperOffice-Event", "contact.changed"),
        ("X-SuperOffice-EventId", "an-id"),
        ("X-SuperOffice-Retry", "2"),
        ("X-Mine", "yes"),
    ]


def test_a_test_says_so_in_a_header():
    assert dict(headers(Event("test", 0, "x", NOON), HOOK, b"", "1", 0))["X-Hook-Test"] == "true"


@pytest.mark.parametrize("name", ["Content-Length", "host", "X-SuperOffice-Signature", "Transfer-Encoding"])
def test_a_custom_header_cannot_say_what_the_message_itself_says(name):
    lines = headers(EVENT, {**HOOK, "Headers": {name: "forged"}}, b"", "1", 0)

    assert "forged" not in dict(lines).values()


def test_a_signature_is_the_hmac_of_the_very_bytes():
    # HMAC-SHA256 of RFC 4231, test case 2.
    body = b"what do ya want for nothing?"
    known = bytes.fromhex("5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843")

    assert mockso.webhook_signature("Jefe", body) == base64.b64encode(known).decode()
    lines = dict(headers(EVENT, {**HOOK, "Secret": "Jefe"}, body, "1", 0))
    assert lines["X-SuperOffice-Signature"] == mockso.webhook_signature("Jefe", body)


def test_a_body_is_utf8():
    assert json.loads(encode_body({"Name": "Bjørn"}).decode()) == {"Name": "Bjørn"}
    assert "ø".encode() in encode_body({"Name": "Bjørn"})


# --- names --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "changed"),
    [
        ("contact.created", ("contact_id", "updated", "updated_associate_id", "updatedCount")),
        ("Sale.Sold", ("sale_id", "updated", "updated_associate_id", "updatedCount")),
        ("contact.deleted", ()),
        ("person.softdeleted", ()),
        ("y_rental.created", ()),
        ("my own event", ()),
    ],
)
def test_what_an_event_says_was_changed(name, changed):
    assert events.changes(name) == changed


@pytest.mark.parametrize(
    ("name", "entity"), [("list.category.changed", "list.category"), ("test", "test"), ("a.b", "a")]
)
def test_the_entity_of_an_event(name, entity):
    assert events.body_names(name) == (name, entity)


# --- states -------------------------------------------------------------------------------------


def after(*attempts: str) -> tuple[dict, list[str]]:
    value, verbs = dict(HOOK), []
    for attempt in attempts:
        if attempt == "ok":
            value, verb = states.after_success(value)
        elif attempt == "gone":
            value, verb = states.after_gone(value, "410 Gone")
        else:
            value, verb = states.after_failure(value, "500", last=attempt == "last")
        verbs += [verb] if verb else []
    return value, verbs


def test_nine_failed_attempts_in_a_row_disable_a_webhook():
    eight, verbs = after(*["no", "no", "last"] * 2, "no", "no")
    assert (eight["State"], verbs) == ("Active", [])

    nine, verbs = after(*["no", "no", "last"] * 3)

    assert (nine["State"], verbs) == ("TooManyErrors", ["errors"])
    assert (nine["TotalCalls"], nine["TotalErrors"], nine["ConsecutiveErrors"]) == (9, 9, 3)
    assert nine["LastError"] == "500"


def test_a_success_resets_the_errors():
    value, verbs = after(*["no", "no", "last"] * 2, "no", "ok", *["no", "no", "last"] * 2)

    assert (value["State"], value["ConsecutiveErrors"], verbs) == ("Active", 2, [])


def test_gone_disables_at_once():
    value, verbs = after("gone")

    assert (value["State"], verbs) == ("Stopped", ["stopped"])


def test_an_owner_starts_and_stops_a_webhook():
    stopped = {**HOOK, "State": "TooManyErrors", "ConsecutiveErrors": 3}

    started, verb = states.after_save(stopped, {**stopped, "State": "Active"})

    assert (started["ConsecutiveErrors"], verb) == (0, "started")
    assert states.after_save(HOOK, {**HOOK, "State": "Stopped"})[1] == "stopped"
    assert states.after_save(HOOK, {**HOOK, "Name": "other"})[1] == ""


@pytest.mark.parametrize(
    ("kind", "sent"), [("webhook", True), ("Webhook", True), (None, True), ("crmscript", False)]
)
def test_only_the_type_webhook_is_sent(kind, sent):
    assert states.is_sent({**HOOK, "Type": kind}) is sent


def test_only_active_webhooks_listen_and_only_to_their_events():
    hooks = Hooks(RowStore("Cust1"))
    hooks.add(HOOK)
    hooks.add({**HOOK, "State": "Stopped"})
    hooks.add({**HOOK, "Events": ["sale.sold", None]})

    assert [hook["WebhookId"] for hook in hooks.listening("Contact.Changed")] == [1]
    assert [hook["WebhookId"] for hook in hooks.listening("sale.sold")] == [3]


# --- targets ------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["", "17", "/x", "ftp://127.0.0.1/", "http://", "javascript:alert(1)"])
def test_a_target_that_is_no_address_is_told(url):
    with pytest.raises(ValueError, match="is not an absolute http or https address"):
        Target(url)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "127.9.9.9", "[::1]", "LOCALHOST:99"])
def test_this_machine_may_be_called_without_being_named(host):
    assert Target(f"http://{host}/x").withheld(Settings()) == ""


@pytest.mark.parametrize(
    "host", ["example.test", "127.0.0.1.example.test", "10.0.0.1", "0.0.0.0", "localhost.example.test"]
)
def test_no_other_machine_is_called_unless_it_is_named(host):
    target = Target(f"https://{host}/x")

    assert f"webhook_hosts={host}" in target.withheld(Settings())
    assert target.withheld(Settings(webhook_hosts=(host.upper(),))) == ""
    assert target.withheld(Settings(webhook_hosts=(f"{host}:443",))) == ""
    assert target.withheld(Settings(webhook_hosts=(f"{host}:80",)))
    assert target.withheld(Settings(webhook_hosts=("*",))) == ""


def test_a_mock_that_others_can_reach_does_not_call_its_machine_for_them():
    target = Target("http://127.0.0.1:6379/")

    assert "other machines can reach this mock" in target.withheld(Settings(host="0.0.0.0"))
    assert target.withheld(Settings(host="0.0.0.0", webhook_hosts=("127.0.0.1",))) == ""


def test_an_address_is_spelled_for_the_request_line():
    target = Target("http://user:secret@127.0.0.1:9/a b/ø?x=1&y=ø#part")

    assert target.address == "/a%20b/%C3%B8?x=1&y=%C3%B8"
    assert target.origin == "http://127.0.0.1:9"


def test_a_setting_may_be_a_fraction():
    assert Settings().with_text("webhook_wait_factor", "0.01", "--set").webhook_wait_factor == 0.01
    for wrong in ("-1", "soon", "nan", "inf"):
        with pytest.raises(mockso.SettingError, match=f"a number from 0, not '{wrong}'"):
            Settings().with_text("webhook_wait_factor", wrong, "--set x")
