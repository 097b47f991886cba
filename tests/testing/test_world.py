"""A tenant as a world: its own calls, scenarios, grants, token, state and clock."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from threading import Timer

import pytest

from mockso.errors import MocksoError, ScenarioError, SettingError
from mockso.scenario.scenario import Scenario, Step
from mockso.testing.mock import open_mock
from mockso.testing.world import ContractBroken

GET = "v1ContactEntity_GetContactEntity"
SAVE = "Agents/User/SaveUntrustedCredentials"


def lines(world):
    return [finding.line for finding in world.findings()]


def divide(_):
    raise ZeroDivisionError


# --- worlds are apart ------------------------------------------------------------------------------


def test_two_worlds_share_nothing(mock):
    one, other = mock.world(grants=["User"]), mock.world()
    one.play("throttled")
    one.clock.advance(1000)
    one.state = "Suspended"

    reply = other.client().get("Contact/17")

    assert reply.status_code == 200
    assert [repr(call) for call in other.seen] == ["<GET Contact/17 200>"]
    assert one.seen == ()
    assert one.tenant != other.tenant
    assert one.token != other.token


def test_the_token_of_a_world_opens_no_other(mock):
    one, other = mock.world(), mock.world()

    reply = other.client().get("Contact/17", headers={"Authorization": f"Bearer {one.token}"})

    assert reply.status_code == 401


def test_a_dropped_world_is_forgotten(mock):
    world = mock.world()
    world.client().get("Contact/17")
    world.drop()

    assert world.tenant not in mock.engine.tenants.names()
    assert len(world.seen) == 1


def test_an_onsite_world_is_a_virtual_directory(mock):
    world = mock.world(profile="onsite")

    reply = world.client().get("Contact/17", headers={"Authorization": "Basic bW9ja3NvOm1vY2tzbw=="})

    assert reply.status_code == 200
    assert world.tenant.startswith("Site")
    assert not world.online


@pytest.mark.parametrize("wrong", [{"profile": "offline"}, {"strict": "loud"}, {"scenarios": ["nowhere"]}])
def test_a_wrong_option_is_named_and_leaves_no_tenant(mock, wrong):
    tenants = [tenant.name for tenant in mock.engine.tenants]

    with pytest.raises(MocksoError, match=r"offline|loud|nowhere"):
        mock.world(**wrong)

    assert [tenant.name for tenant in mock.engine.tenants] == tenants


# --- what happens in it --------------------------------------------------------------------------


def test_a_grant_opens_a_restricted_agent_and_can_be_taken_back(world):
    client = world.client()
    body = {"Type": "x", "Credentials": None}

    statuses = [client.post(SAVE, json=body).status_code]
    world.grant("User")
    statuses.append(client.post(SAVE, json=body).status_code)
    world.revoke()
    statuses.append(client.post(SAVE, json=body).status_code)

    assert statuses == [403, 204, 403]


def test_a_token_expires_on_demand_and_that_is_no_violation(world):
    world.expire_token()

    assert world.client().get("Contact/17").status_code == 401
    assert lines(world) == []


def test_a_token_expires_when_the_clock_is_moved(world):
    credentials = world.mock.engine.tenants.of(world.tenant).credentials
    credentials.issue("8A:" + world.tenant + ".short", world.clock.now() + 3600)
    client = world.client()
    client.headers["Authorization"] = f"Bearer 8A:{world.tenant}.short"

    before = client.get("Contact/17").status_code
    world.clock.advance(3601)

    assert (before, client.get("Contact/17").status_code) == (200, 401)
    assert lines(world) == []


def test_reading_the_findings_changes_nothing(world):
    world.clock.advance(3601)

    before = list(world.allowances)
    twice = [world.findings(), world.findings()]

    assert twice == [[], []]
    assert world.allowances == before


def test_a_clock_is_set_and_stopped(world):
    world.clock.stop(datetime(2026, 1, 31, 12, tzinfo=UTC))
    world.client().get("Contact/17")
    world.clock.advance(60)
    world.client().get("Contact/17")

    assert [call.call.request.at for call in world.seen] == [1769860800.0, 1769860860.0]


def test_a_state_of_the_tenant_is_planned_and_no_violation(world):
    world.state = "Suspended"

    assert world.client().get("Contact/17").status_code == 403
    assert lines(world) == []


def test_a_state_that_there_is_not_is_named(world):
    with pytest.raises(SettingError, match="Sleeping"):
        world.state = "Sleeping"


def test_a_seed_makes_random_values_and_delays_repeatable(mock):
    one, other = mock.world(seed=7), mock.world(seed=7)

    assert [one.random.random() for _ in range(3)] == [other.random.random() for _ in range(3)]


def test_an_environment_says_where_and_who(world):
    added = world.variables()

    assert added["SUPEROFFICE_BASE_URL"] == str(world) == f"{world.mock.url}/{world.tenant}/api/v1"
    assert added["MOCKSO_TOKEN"] == world.token
    assert set(added) < set(world.env())


# --- scenarios -------------------------------------------------------------------------------------


def test_scenarios_are_played_by_name_mapping_and_value(world):
    world.play(Scenario("mine", steps=(Step(times=1),)))
    world.play({"name": "teapot", "steps": [{"times": 1, "reply": {"status": 418}}]})
    world.play("throttled")
    client = world.client()

    assert [client.get("Contact/17").status_code for _ in range(4)] == [429, 429, 418, 200]
    assert lines(world) == []


def test_expected_calls_are_answered_in_the_order_they_were_expected(world):
    first = world.expect(GET, json={"ContactId": 17, "Name": "first"})
    world.expect(GET, json={"ContactId": 17, "Name": "second"}, times=2)
    client = world.client()

    names = [client.get("Contact/17").json()["Name"] for _ in range(3)]

    assert names == ["first", "second", "second"]
    assert first.uses == 1
    assert repr(first.calls) == "[<GET Contact/17 200>]"
    assert lines(world) == []


def test_an_expected_call_that_does_not_come_says_what_came_instead(world):
    world.expect(GET, path="/api/v1/Contact/18")
    world.client().get("Contact/17")

    [line] = lines(world)

    assert line.startswith("step expected#1 (test_world.py:")
    assert line.endswith(
        "was used 0 of 1 times; the nearest call is GET Contact/17: "
        "path: expected '/api/v1/Contact/18', was '/api/v1/Contact/17'"
    )


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"operation": "v1ContactEntity_GetContactEntiy"}, f"Did you mean '{GET}'"),
        ({"operation": GET, "json": {"ContactId": "a"}}, "expected a whole number"),
        ({"operation": GET, "error": "throtled"}, "throttled"),
        ({"operation": GET, "json": object()}, "must be JSON"),
    ],
)
def test_what_the_contract_does_not_have_cannot_be_expected(world, wrong, message):
    with pytest.raises(ScenarioError, match=r"test_world\.py:\d+: ") as caught:
        world.expect(**wrong)

    assert message in str(caught.value)


def test_an_expected_error_comes_as_documented(world):
    world.expect(GET, error="server-error")

    assert world.client().get("Contact/17").json()["ErrorType"] == "SoException"


# --- what was seen -------------------------------------------------------------------------------


def test_calls_show_what_was_sent_and_what_came_back(world):
    world.grant("User")
    world.client().post(SAVE, json={"Type": "x", "Credentials": None}, headers={"X-Mine": "1"})

    [call] = world.calls("v1UserAgent_*")

    assert repr(call) == f"<POST {SAVE} 204>"
    assert (call.method, call.status, call.headers.get("x-mine")) == ("POST", 204, "1")
    assert call.json == {"Type": "x", "Credentials": None}
    call.assert_json({"Type": "x", "Credentials": None})
    assert call.id == call.reply_headers.get("X-Mockso-Call")


def test_calls_are_found_by_pattern_match_and_keywords(world):
    client = world.client()
    for id in (1, 2):
        client.get(f"Contact/{id}")
    client.get("Person/1")

    assert len(world.calls()) == 3
    assert len(world.calls("v1Contact*")) == 2
    assert len(world.calls({"method": "GET", "path": "/api/v1/Contact/2"})) == 1
    assert len(world.calls(resource="Person")) == 1


def test_a_call_that_was_refused_has_the_rule_in_its_repr(world):
    world.client().post(SAVE, json={"Type": "x"})

    assert repr(world.seen) == f"(<POST {SAVE} 403 online-restricted>,)"


def test_verifying_gives_the_calls_or_says_what_is_near(world):
    world.client().get("Contact/17")

    assert len(world.verify(GET, times=1)) == 1
    world.verify("v1Person*", times=0)
    world.verify("v1Person*", at_most=0)
    with pytest.raises(AssertionError) as caught:
        world.verify(GET, path="/api/v1/Contact/18")

    assert str(caught.value).splitlines() == [
        f'0 calls match {{"operation": "{GET}", "path": "/api/v1/Contact/18"}}, expected 1',
        "nearest:",
        "  <GET Contact/17 200>: path: expected '/api/v1/Contact/18', was '/api/v1/Contact/17'",
    ]


def test_too_many_calls_are_shown(world):
    for _ in range(2):
        world.client().get("Contact/17")

    with pytest.raises(AssertionError, match=r"2 calls match .* expected at most 1: \[<GET Contact/17 200>"):
        world.verify(GET, at_most=1)


def test_an_order_is_verified(world):
    client = world.client()
    client.get("Contact/1")
    client.get("Person/1")

    assert len(world.verify_order("v1Contact*", "v1Person*")) == 2
    with pytest.raises(AssertionError, match=r"no call matches .*v1Contact.* after <GET Person/1 200>"):
        world.verify_order("v1Person*", "v1Contact*")


def test_waiting_ends_when_the_call_has_come(world):
    client = world.client()
    timer = Timer(0.05, lambda: client.get("Contact/17"))
    timer.start()

    found = world.wait_for(GET, timeout=5)
    timer.join()

    assert len(found) == 1
    with pytest.raises(AssertionError, match=r"after 0\.01 s: 0 calls match"):
        world.wait_for("v1Person*", timeout=0.01)


def test_a_wait_can_be_awaited(world):
    async def both():
        async with world.async_client() as client:
            found, reply = await asyncio.gather(world.arrival(GET), client.get("Contact/17"))
            return found, reply.status_code

    found, status = asyncio.run(both())

    assert (len(found), status) == (1, 200)


# --- how it is judged ----------------------------------------------------------------------------


def test_a_with_block_fails_on_what_nobody_allowed(mock):
    with pytest.raises(ContractBroken, match=r"mockso: POST .*online-restricted"), mock.world() as world:
        world.client().post(SAVE, json={"Type": "x"})


def test_an_error_inside_a_with_block_is_not_hidden(mock):
    with pytest.raises(ZeroDivisionError), mock.world() as world:
        divide(world.client().post(SAVE, json={"Type": "x"}))


def test_the_same_violation_is_told_once_with_its_count(world):
    for _ in range(3):
        world.client().get("Contact/17?$selct=Name")

    [line] = lines(world)

    assert "unknown-parameter" in line
    assert line.endswith(" (3 times)")


def test_what_is_allowed_must_still_happen(world):
    world.allow("online-restricted", "the page for those who lack the agent")

    assert lines(world) == [
        "mockso_allow('online-restricted') (the page for those who lack the agent): "
        "no call broke this rule any more; remove the allowance"
    ]
    world.client().post(SAVE, json={"Type": "x"})
    assert lines(world) == []


def test_a_rule_that_there_is_not_cannot_be_allowed(world):
    with pytest.raises(SettingError, match="Did you mean 'online-restricted'"):
        world.allow("online-restrictd")


def test_a_call_that_no_step_answers_is_a_finding_with_its_near_miss(mock):
    step = {"match": {"operation": GET, "path": "/api/v1/Contact/18"}}
    world = mock.world(scenarios=[{"name": "only", "only": True, "steps": [step]}])
    world.client().get("Contact/17")

    assert lines(world) == [
        "GET Contact/17 -> 501: no step answers it; the nearest is only#1: "
        "path: expected '/api/v1/Contact/18', was '/api/v1/Contact/17'"
    ]
    world.allow_unmatched = True
    assert lines(world) == []


def test_secrets_do_not_get_into_findings(mock):
    world = mock.world()
    world.client().get("Contact/17", headers={"Authorization": "SOTicket 7T:x", "SO-AppToken": ""})
    world.client().get("Contact/17", headers={"Authorization": "hunter2-Sesame"})

    assert "hunter2" not in "\n".join(lines(world)) + world.journal()


# --- the journal in a report ---------------------------------------------------------------------


def test_failing_calls_come_first_in_the_journal(world):
    client = world.client()
    client.get("Contact/abc")
    for id in range(1, 13):
        client.get(f"Contact/{id}")

    text = world.journal().splitlines()

    assert text[0] == f"{world.tenant}: 13 calls, 1 failing"
    assert text[1] == "failing:"
    assert "<GET Contact/abc 400 parameter-type> answered by refusal" in text[2]
    assert text[3].strip().startswith("error: path id: expected a whole number")
    assert text[4] == "last:"
    assert len(text) == 15


# --- without pytest ------------------------------------------------------------------------------


def test_a_mock_without_a_socket_starts_none():
    mock = open_mock()
    try:
        mock.world().client().get("Contact/17")

        assert not mock.listening
    finally:
        mock.close()


def test_a_relative_address_may_have_an_address_in_its_query(world):
    path = "Contact?$filter=name eq 'http://a.test'"

    statuses = [way.get(path).status_code for way in (world.session(), world.client())]

    assert statuses == [200, 200]


@pytest.mark.parametrize("step", [{"fault": "timeout"}, {"delay": 3600.0}])
def test_a_call_of_an_event_loop_ends_when_it_is_given_up(mock, step):
    async def give_up(world):
        async with world.async_client() as client:
            with pytest.raises(asyncio.TimeoutError):
                await asyncio.wait_for(client.get("Contact/17", timeout=None), 0.2)

    world = mock.world(strict="off")
    world.expect(GET, **step)

    asyncio.run(give_up(world))

    assert len(world.seen) == 1


@pytest.mark.parametrize("key", ["body", "json"])
def test_a_body_has_two_names_in_files_and_one_in_expect(key, world):
    world.play({"name": "x", "steps": [{"reply": {key: {"ContactId": 5}}, "times": 1}]})
    assert world.session().get("Contact/5").json() == {"ContactId": 5}

    world.expect("GET Contact/6", json={"ContactId": 6})
    assert world.session().get("Contact/6").json() == {"ContactId": 6}
