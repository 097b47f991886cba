"""Events on their way to a target: what arrives, what is tried again, what is written down, what is not sent."""

from __future__ import annotations

import socket
import ssl
import threading
import time
from contextlib import contextmanager
from threading import Thread

import pytest
import requests
import trustme

import mockso
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.journal.entry import summary
from mockso.journal.show import line, whole
from mockso.matching.match import Match
from mockso.scenario.scenario import Scenario, Step
from mockso.testing.mock import open_mock, serve
from mockso.why.explain import explain
from tests.web.receiver import receiver

QUICK = {"webhook_wait_factor": 0.0}


@pytest.fixture
def target():
    with receiver() as made:
        yield made


@pytest.fixture(scope="module")
def mock():
    made = open_mock(**QUICK)
    yield made
    made.close()


@pytest.fixture
def world(mock):
    with mock.world(grants=["Webhook"]) as made:
        yield made


@contextmanager
def opened(**options):
    made = open_mock(**options)
    try:
        yield made
    finally:
        made.close()


def registered(world, url: str, **more) -> int:
    body = {"Name": "mine", "Events": ["contact.created"], "TargetUrl": url, **more}
    answer = world.client().post("Webhook", json=body)
    assert answer.status_code == 200, answer.text
    return answer.json()["WebhookId"]


def hook(world, id: int = 1) -> dict:
    return world.client().get(f"Webhook/{id}").json()


def entries(world, **wanted) -> list[dict]:
    journal = world.mock.engine.journal
    return journal.find(tenant=world.tenant, direction="out", order="oldest", **wanted)


# --- what arrives -------------------------------------------------------------------------------


def test_an_event_arrives_at_the_target_signed(world, target):
    registered(world, target.url, Secret="s3cret!", Headers={"X-Custom": "1"}, Properties={"mine": [1]})

    event = world.signal("contact.created", 17, changes=["name"], fields={"name": "Acme"}, values={"a": 1})
    world.flush()

    ((headers, body),) = target.received
    assert target.paths == ["/hook?x=1"]
    assert headers["X-SuperOffice-Event"] == "contact.created"
    assert headers["X-SuperOffice-EventId"] == event
    assert headers["X-SuperOffice-Retry"] == "0"
    assert headers["X-Custom"] == "1"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["User-Agent"] == "NetServer-Webhook/11.9.123.0"
    assert headers["X-SuperOffice-Signature"] == mockso.webhook_signature("s3cret!", body)
    assert target.bodies[0]["EventId"] == event
    assert target.bodies[0]["ContextIdentifier"] == world.tenant
    assert target.bodies[0]["Changes"] == ["name"]
    assert (target.bodies[0]["FieldValues"], target.bodies[0]["Values"]) == ({"name": "Acme"}, {"a": 1})
    assert target.bodies[0]["mine"] == [1]
    assert (hook(world)["TotalCalls"], hook(world)["TotalErrors"]) == (1, 0)


def test_nothing_is_signed_without_a_secret(world, target):
    registered(world, target.url)

    world.signal("contact.created", 17)
    world.flush()

    assert target.sent("X-SuperOffice-Signature") == [None]


def test_the_documented_operations_signal_an_event(world, target):
    registered(world, target.url)
    client = world.client()

    rest = client.post("Webhook/contact.created/17", json={"a": 1})
    body = {"EventName": "contact.created", "PrimaryKey": 18, "Data": {"b": 2}}
    of_agent = client.post("Agents/Webhook/SignalEvent", json=body)
    world.flush()

    assert (rest.status_code, of_agent.status_code) == (204, 204)
    assert [(b["PrimaryKey"], b["Values"]) for b in target.bodies] == [(17, {"a": 1}), (18, {"b": 2})]


def test_an_event_is_sent_to_every_webhook_that_listens_and_to_no_other(world, target):
    registered(world, target.url, Name="one")
    registered(world, target.url, Name="two")
    registered(world, target.url, Name="stopped", State="Stopped")
    registered(world, target.url, Name="other", Events=["sale.sold"])

    world.signal("contact.created", 17)
    world.flush()

    assert [body["WebhookName"] for body in target.bodies] == ["one", "two"]
    assert len(set(target.sent("X-SuperOffice-EventId"))) == 1


def test_an_event_of_one_tenant_is_none_of_another(world, target, mock):
    registered(world, target.url)

    with mock.world(grants=["Webhook"]) as other:
        other.signal("contact.created", 17)
        assert other.flush() == []

    assert target.received == []


def test_onsite_the_context_is_default(mock, target):
    with mock.world(profile="onsite") as world:
        assert world.session().post("Webhook", json={"TargetUrl": target.url}).status_code == 200
        world.signal("contact.created", 17)
        world.flush()

    assert target.bodies[0]["ContextIdentifier"] == "Default"


def test_a_test_delivery_tells_what_the_target_answered(world, target):
    body = {"Name": "x", "TargetUrl": target.url}
    client = world.client()

    rest = client.post("Webhook/Test", json=body).json()
    target.answers = [500]
    of_agent = client.post("Agents/Webhook/TestWebhook", json={"Webhook": body}).json()

    assert rest["Success"]
    assert rest["Message"].startswith("200 OK\n")
    assert "X-Mine: yes" in rest["Message"]
    assert rest["Message"].endswith("\n\nthanks")
    assert not of_agent["Success"]
    assert "500 Internal Server Error" in of_agent["Message"]
    assert target.sent("X-Hook-Test") == ["true", "true"]
    assert [(b["Event"], b["Entity"], b["PrimaryKey"], b["Changes"]) for b in target.bodies] == [
        ("test", "test", 0, [])
    ] * 2


# --- what is tried again ------------------------------------------------------------------------


def test_a_target_that_fails_is_tried_three_times_with_the_same_event(world, target):
    registered(world, target.url)
    target.answers = [500, 404, 200]

    event = world.signal("contact.created", 17)
    world.flush()

    assert target.sent("X-SuperOffice-Retry") == ["0", "1", "2"]
    assert target.sent("X-SuperOffice-EventId") == [event] * 3
    assert len({body for _, body in target.received}) == 1
    found = hook(world)
    assert (found["TotalCalls"], found["TotalErrors"], found["ConsecutiveErrors"]) == (3, 2, 0)
    assert found["LastError"] == "404 Not Found"
    assert world.client().get("Webhook/1/LastError").json() == "404 Not Found"


def test_nine_failures_in_a_row_disable_it_and_tell_those_who_listen(world, target):
    registered(world, target.url)
    registered(world, target.url, Name="watching", Events=["webhook1.errors", "webhook1.started"])
    target.answers = [500] * 9

    for key in range(1, 4):
        world.signal("contact.created", key)
        world.flush()
    world.signal("contact.created", 4)
    world.flush()

    assert hook(world)["State"] == "TooManyErrors"
    assert target.sent("X-SuperOffice-Event") == ["contact.created"] * 9 + ["webhook1.errors"]
    assert (target.bodies[-1]["Event"], target.bodies[-1]["PrimaryKey"]) == ("webhook.errors", 1)

    world.client().patch("Webhook/1", json={"State": "Active"})
    world.signal("contact.created", 5)
    world.flush()

    assert sorted(target.sent("X-SuperOffice-Event")[10:]) == ["contact.created", "webhook1.started"]
    assert hook(world)["ConsecutiveErrors"] == 0


def test_gone_stops_it_at_once(world, target):
    registered(world, target.url)
    target.answers = [410]

    world.signal("contact.created", 17)
    world.flush()

    assert len(target.received) == 1
    assert (hook(world)["State"], hook(world)["LastError"]) == ("Stopped", "410 Gone")


def test_a_target_that_is_not_there_is_an_error_with_its_cause(world):
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))  # and nobody listens
        registered(world, f"http://127.0.0.1:{held.getsockname()[1]}/x")
        world.signal("contact.created", 17)
        world.flush()

    assert "gave no answer: Connection refused" in hook(world)["LastError"]
    assert [entry["reply"] for entry in entries(world)] == [None] * 3
    assert "Connection refused" in entries(world)[0]["note"]


def test_a_redirect_is_not_followed(world, target):
    registered(world, target.url)
    target.answers, target.headers = [302] * 3, {"Location": "http://127.0.0.1:1/"}

    world.signal("contact.created", 17)
    world.flush()

    assert hook(world)["LastError"] == "302 Found"


def test_an_answer_that_breaks_off_is_an_error(world, target):
    registered(world, target.url)
    target.headers = {"Content-Length": "60"}

    world.signal("contact.created", 17)
    world.flush()

    assert "IncompleteRead" in hook(world)["LastError"]


def test_a_header_that_cannot_be_sent_is_an_error_and_no_end_of_the_thread(world, target):
    registered(world, target.url, Headers={"X-Evil": "a\r\nX-More: b"})

    world.signal("contact.created", 17)
    world.flush()

    assert target.received == []
    assert "Invalid header value" in hook(world)["LastError"]


def test_a_webhook_that_is_deleted_meanwhile_is_not_tried_again(world, target):
    registered(world, target.url)
    target.answers = [500]
    target.hold.clear()

    world.signal("contact.created", 17)
    while not target.received:
        time.sleep(0.005)
    world.client().delete("Webhook/1")
    target.hold.set()

    assert [seen.status for seen in world.flush()] == [500]


def test_a_delivery_is_a_row_until_it_ends(world, target):
    registered(world, target.url)
    rows = world.mock.engine.tenants.of(world.tenant).store.rows
    target.hold.clear()

    event = world.signal("contact.created", 17)
    while not target.received:
        time.sleep(0.005)
    ((key, row),) = rows.items("delivery")
    target.hold.set()
    world.flush()

    assert (key, row["hook"], row["retry"], row["event"]["name"]) == (f"{event} 1", 1, 0, "contact.created")
    assert rows.count("delivery") == 0


def test_a_mock_ends_at_once_although_an_attempt_waits(target):
    target.answers, before = [500], threading.enumerate()
    with serve(grants=["*"], webhook_wait_factor=1000) as mock, mock.world() as world:
        registered(world, target.url)
        world.signal("contact.created", 17)
        while not world.sent:
            time.sleep(0.005)

        with pytest.raises(AssertionError, match=r"after 0\.01 s: deliveries still under way: 1\."):
            world.flush(0.01)
        assert mock.engine.webhooks.pending() == 1

    assert mock.engine.webhooks.flush(0) is False
    assert "mockso-webhooks" not in [one.name for one in threading.enumerate() if one not in before]
    assert len(target.received) == 1


def test_who_waits_for_deliveries_is_let_go_when_the_server_stops():
    waited: list[requests.Response] = []
    with serve(grants=["*"]) as mock, mock.world() as world:
        registered(world, "http://127.0.0.1:1/")
        world.play({"steps": [{"match": {"webhook": "*"}, "delay": 29, "reply": {"status": 200}}]})
        world.signal("contact.created", 17)
        address, body = f"{mock.url}/__mockso/webhooks/flush", {"timeout": 60}
        thread = Thread(target=lambda: waited.append(requests.post(address, json=body, timeout=90)))
        thread.start()
        while not mock.engine.webhooks.waiting:
            time.sleep(0.005)

        mock.server.stop()
        thread.join()

    assert waited[0].json()["met"] is False


def test_certificates_of_this_machine_are_validated_where_that_is_wanted():
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    trustme.CA().issue_cert("127.0.0.1").configure_cert(context)
    with receiver(context) as target:
        for validate, words in ((False, "200 OK"), (True, "CERTIFICATE_VERIFY_FAILED")):
            options = {"webhook_validate_https": validate, **QUICK}
            with opened(**options) as mock, mock.world(grants=["Webhook"]) as world:
                tested = world.client().post("Webhook/Test", json={"TargetUrl": target.url}).json()
                assert words in tested["Message"]
                assert tested["Success"] is not validate


def test_only_200_can_be_taken_for_success(target):
    target.answers = [202]
    with opened(webhook_success="200", **QUICK) as mock, mock.world(grants=["Webhook"]) as world:
        registered(world, target.url)
        world.signal("contact.created", 17)
        assert [seen.status for seen in world.flush()] == [202, 200]


def test_a_save_can_try_the_target(target):
    target.answers = [500]
    with opened(webhook_probe=True, **QUICK) as mock, mock.world(grants=["Webhook"]) as world:
        refused = world.client().post("Webhook", json={"TargetUrl": target.url})
        saved = world.client().post("Webhook", json={"TargetUrl": target.url})

    assert refused.status_code == 400
    assert "did not accept a test: 500 Internal Server Error" in refused.json()["Message"]
    assert saved.status_code == 200
    assert target.sent("X-Hook-Test") == ["true", "true"]


# --- what is not sent ---------------------------------------------------------------------------


def test_nothing_goes_to_another_machine_unless_it_is_named(world):
    registered(world, "https://example.test/hook")

    world.signal("contact.created", 17)
    (seen,) = world.flush()
    tested = world.client().post("Webhook/Test", json={"TargetUrl": "https://example.test/hook"}).json()

    assert seen.status == 0
    assert "--set webhook_hosts=example.test" in entries(world)[0]["note"]
    assert (hook(world)["TotalCalls"], hook(world)["TotalErrors"], hook(world)["State"]) == (0, 0, "Active")
    assert (tested["Success"], "webhook_hosts=example.test" in tested["Message"]) == (False, True)


def test_a_script_is_not_run(world):
    registered(world, "17", Type="crmscript")

    world.signal("contact.created", 17)
    world.flush()

    assert "mockso runs no crmscript" in entries(world)[0]["note"]


# --- steps in the target's place ----------------------------------------------------------------


def test_a_step_answers_in_the_targets_place_and_nothing_is_sent(world, target):
    registered(world, target.url)
    world.play({"steps": [{"match": {"webhook": "contact.*"}, "times": 2, "reply": {"status": 503}}]})

    world.signal("contact.created", 17)
    sent = world.flush()

    assert [(seen.status, seen.step) for seen in sent] == [(503, "played#1"), (503, "played#1"), (200, "")]
    assert target.sent("X-SuperOffice-Retry") == ["2"]


def test_a_step_answers_for_a_target_that_may_not_be_called(world):
    registered(world, "https://example.test/hook")
    world.play({"steps": [{"match": {"webhook": "*"}, "reply": {"status": 200}}]})

    world.signal("contact.created", 17)

    assert [seen.status for seen in world.flush()] == [200]
    assert hook(world)["TotalCalls"] == 1


@pytest.mark.parametrize("fault", ["reset", "empty", "cut", "garbage", "timeout"])
def test_a_fault_of_a_step_is_a_failure_of_the_target(world, target, fault):
    registered(world, target.url)
    world.play({"steps": [{"match": {"webhook": "*"}, "times": 1, "fault": fault}]})

    world.signal("contact.created", 17)
    first, second = world.flush()

    assert (first.fault, second.status) == (fault, 200)
    assert hook(world)["TotalErrors"] == 1
    assert ("timed out" if fault == "timeout" else fault) in hook(world)["LastError"]


def test_a_step_that_takes_longer_than_the_time_out_is_one():
    with opened(webhook_timeout=0.01, **QUICK) as mock, mock.world(grants=["Webhook"]) as world:
        registered(world, "http://127.0.0.1:1/")
        world.play({"steps": [{"match": {"webhook": "*"}, "delay": 30}]})
        world.signal("contact.created", 17)

        assert {seen.fault for seen in world.flush()} == {"timeout"}
        assert hook(world)["LastError"] == "timed out after 0.01 s"


def test_a_step_that_waits_for_another_and_takes_parts_of_the_delivery(world):
    registered(world, "http://127.0.0.1:1/")
    answers = {"status": 200, "body": {"got": "{{ request.body.PrimaryKey }}"}}
    world.play(
        {
            "steps": [
                {"match": {"webhook": "*", "body": {"PrimaryKey": 17}}, "after": "first", "reply": answers},
                {"name": "first", "match": {"webhook": "*"}, "times": 1, "reply": {"error": "throttled"}},
            ]
        }
    )

    world.signal("contact.created", 17)
    first, second = world.flush()

    assert (first.status, second.status) == (429, 200)
    assert second.reply_json == {"got": 17}


def test_a_step_that_cannot_reply_says_why_and_the_next_event_goes_its_way(world, target):
    registered(world, target.url)

    def broken(call: Call) -> Reply:
        raise ZeroDivisionError("mine")

    lacking = {"match": {"webhook": "*"}, "times": 1, "reply": {"text": "{{ request.body.Nothing }} x"}}
    world.play({"name": "lacking", "steps": [lacking]})
    world.play(Scenario("broken", steps=(Step(Match(webhook="*"), broken, times=1),)))

    world.signal("contact.created", 17)
    world.flush()
    first, second, third = entries(world)

    assert "ZeroDivisionError: mine" in first["note"]
    assert "step 'lacking#1' cannot reply" in second["note"]
    assert third["reply"]["status"] == 200


def test_an_expected_delivery_that_was_not_made_is_a_finding(mock):
    world = mock.world(grants=["Webhook"])
    registered(world, "http://127.0.0.1:1/")
    world.expect(webhook="sale.*", status=500)
    world.play({"name": "all", "steps": [{"match": {"webhook": "contact.*"}, "reply": {"status": 200}}]})

    assert "no delivery was made" in world.findings()[0].line
    world.signal("contact.created", 1)
    world.flush()
    world.signal("sale.sold", 1)

    assert [finding.kind for finding in world.findings()] == ["unused"]
    world.drop()


def test_other_steps_and_only_scenarios_do_not_touch_deliveries(world, target):
    registered(world, target.url)
    world.play({"only": True, "steps": [{"match": {"verdict": "any"}, "reply": {"status": 500}}]})

    world.signal("contact.created", 17)

    assert [seen.status for seen in world.flush()] == [200]
    assert world.client().get("Contact/17").status_code == 500


# --- the journal --------------------------------------------------------------------------------


def test_each_attempt_is_an_entry_and_none_is_an_unmatched_call(world, target):
    registered(world, target.url, Secret="s3cret!", Headers={"Authorization": "Bearer planted-1"})
    target.answers = [500]
    world.signal("contact.created", 17)
    world.flush()
    journal = world.mock.engine.journal

    first, second = entries(world)

    assert (first["reply"]["status"], second["reply"]["status"]) == (500, 200)
    assert first["request"]["base"] + first["request"]["target"] == target.url
    assert second["reply"]["by"] == "upstream"
    assert second["request"]["value"]["PrimaryKey"] == 17
    assert journal.count(tenant=world.tenant, unmatched=True) == 0
    assert journal.count(tenant=world.tenant, direction="in") == len(world.seen)
    text = str(entries(world))
    signed = target.sent("X-SuperOffice-Signature")[0]
    assert signed
    assert signed not in text
    assert "planted-1" not in text


def test_a_delivery_that_waits_is_told_as_going_out(world, target):
    registered(world, target.url)
    target.hold.clear()

    world.signal("contact.created", 17)
    while not target.received:
        time.sleep(0.005)
    journal = world.mock.engine.journal
    (waiting,) = entries(world)
    incoming = journal.find(tenant=world.tenant, direction="in")
    target.hold.set()
    world.flush()

    assert (waiting["phase"], waiting["direction"]) == ("arrived", "out")
    assert {entry["phase"] for entry in incoming} == {"answered"}
    assert [entry["phase"] for entry in entries(world)] == ["answered"]


def test_a_test_fails_for_none_of_its_deliveries(mock, target):
    with mock.world(grants=["Webhook"]) as world:
        registered(world, "https://example.test/hook")
        registered(world, target.url)
        target.answers = [500]
        world.signal("contact.created", 17)
        world.flush()

        assert world.findings() == []
        assert [seen.short for seen in world.seen] == ["POST Webhook", "POST Webhook"]


def test_deliveries_are_asked_for_as_calls_are(world, target):
    registered(world, target.url)

    world.signal("contact.created", 17)
    (arrived,) = world.wait_for(webhook="contact.*")
    world.signal("contact.created", 18)
    world.flush()

    assert arrived.json["PrimaryKey"] == 17
    assert [seen.json["PrimaryKey"] for seen in world.calls(webhook="*")] == [17, 18]
    assert [seen.json["PrimaryKey"] for seen in world.verify(webhook="*", body={"PrimaryKey": 18})] == [18]
    assert world.calls({"body": {"PrimaryKey": 18}}) == []
    with pytest.raises(AssertionError, match="webhook: expected 'sale"):
        world.verify(webhook="sale.*")


def test_the_custom_headers_of_a_webhook_are_no_news_to_the_journal(world, target):
    registered(world, target.url, Headers={"Authorization": "Custom planted-2"})
    world.signal("contact.created", 17)
    world.flush()
    world.client().get("Webhook/1")

    assert target.sent("Authorization") == ["Custom planted-2"]
    for entry in world.mock.engine.journal.each(tenant=world.tenant):
        assert "planted-2" not in str(entry)


def test_why_tells_what_kept_a_step_from_answering_a_delivery(world, target):
    registered(world, target.url)
    steps = [
        {"match": {"operation": "v1Contact*"}},
        {"match": {"webhook": "sale.*"}, "reply": {"status": 500}},
    ]
    world.play({"steps": steps})
    world.signal("contact.created", 17)
    world.flush()
    engine = world.mock.engine
    (entry,) = entries(world)

    told = explain(entry, engine.contract, tuple(world.scenarios), engine.journal.redaction)

    assert [step["step"] for step in told["steps"]] == []  # another event is elsewhere
    assert told["change"]["step"] == "played#2"
    assert told["change"]["scenario"]["patch"] == [
        {"op": "replace", "path": "/steps/1/match/webhook", "value": "contact.created"}
    ]
    assert told["change"]["request"]["words"] == ['signal "sale.*"']


def test_people_are_told_where_a_delivery_went_and_why_it_did_not(world, target):
    registered(world, target.url)
    registered(world, "https://example.test/hook")
    world.signal("contact.created", 17)
    world.flush()
    sent, withheld = entries(world)

    assert "-> POST /hook?x=1" in line(summary(sent))
    assert f"Sent by the mock to {target.url[:-9]}" in list(whole(sent))
    assert "No answer." in list(whole(withheld))
    assert any("webhook_hosts=example.test" in text for text in whole(withheld))


# --- over HTTP ----------------------------------------------------------------------------------


def test_the_admin_api_lists_signals_and_waits(target):
    with serve(grants=["*"], **QUICK) as mock:
        world = mock.world()
        registered(world, target.url, Secret="s3cret!")
        admin = f"{mock.url}/__mockso"

        said = requests.post(
            f"{admin}/webhooks/signal",
            json={"event": "contact.created", "key": 17, "values": {"a": 1}, "changes": ["name"]},
            timeout=9,
        ).json()
        waited = requests.post(f"{admin}/webhooks/flush", json={"timeout": 9}, timeout=20).json()
        listed = requests.get(f"{admin}/webhooks", timeout=9).json()
        out = requests.get(f"{admin}/requests?direction=out", timeout=9).json()
        found = requests.post(f"{admin}/requests/find", json={"webhook": "contact.*"}, timeout=9).json()
        every = requests.post(f"{admin}/requests/find", json={}, timeout=9).json()
        wiremock = requests.get(f"{mock.url}/__admin/requests", timeout=9).json()
        why = requests.get(f"{admin}/requests/{out['requests'][0]['id']}/why", timeout=9).json()
        page = requests.get(f"{admin}/page/calls/{out['requests'][0]['id']}", timeout=9).text
        archive = requests.get(f"{admin}/requests.har?direction=out", timeout=9).json()
        world.drop()

    assert said == {
        "events": [{"tenant": world.tenant, "id": target.sent("X-SuperOffice-EventId")[0], "webhooks": 1}]
    }
    assert waited == {"met": True, "queued": 0}
    assert (listed["queued"], listed["webhooks"][0]["tenant"]) == (0, world.tenant)
    assert listed["webhooks"][0]["webhook"]["TargetUrl"] == target.url
    assert "s3cret!" not in str(listed)
    assert (target.bodies[0]["Values"], target.bodies[0]["Changes"]) == ({"a": 1}, ["name"])
    assert [entry["direction"] for entry in out["requests"]] == ["out"]
    assert [entry["direction"] for entry in found["requests"]] == ["out"]
    assert "out" not in [entry["direction"] for entry in every["requests"]]
    assert wiremock["meta"]["total"] == 1
    assert {"stage": "address", "said": f"is the target of a webhook at {target.url[:-9]}"} in why["trace"]
    assert "sent by the mock" in page
    assert archive["log"]["entries"][0]["request"]["url"] == target.url
