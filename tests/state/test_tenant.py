"""A tenant's state, and what one call sees of it."""

from threading import Thread

import pytest

from mockso.config import Settings
from mockso.errors import SettingError
from mockso.scenario.scenario import Scenario, Step
from mockso.state.tenant import State, Tenant, View
from tests.conftest import call

ONSITE = Scenario("onsite", steps=(Step(),), profile="onsite")
MOVED = Scenario("moved", steps=(Step(),), state="Suspended", endpoint="elsewhere")


@pytest.fixture
def state() -> State:
    return State(Tenant("Cust1", True, Settings()), {"User"})


def test_a_tenant_is_a_value():
    with pytest.raises(AttributeError):
        Tenant("Cust1", True, Settings()).name = "Cust2"


def test_the_profile_is_that_of_the_scenario_asked_first_and_its_own_after_it(state):
    state.play(ONSITE)
    turned = state.online
    state.stop("onsite")

    assert (turned, state.online, state.tenant.online) == (False, True, True)


def test_grants_are_given_and_taken_back(state):
    state.grant("EMail", "Messaging")
    state.revoke("email")
    state.revoke("User")

    assert state.grants == {"EMail", "Messaging"}
    assert state.is_granted("messaging")
    state.revoke()
    assert not state.is_granted("messaging")


def test_a_star_grants_all(state):
    state.grant("*")

    assert state.is_granted("Anything")


def test_each_read_of_a_task_is_counted(state):
    assert [state.read_task(1), state.read_task(1), state.read_task(2)] == [0, 1, 0]


def test_reads_of_many_threads_are_counted_one_by_one(state):
    counts: list[int] = []
    threads = [Thread(target=lambda: counts.extend(state.read_task(1) for _ in range(100))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(counts) == list(range(800))


def test_a_view_sees_the_state_and_not_a_copy(state):
    view = View(state)

    view.webhooks.add({"Name": "hook"})
    state.grant("EMail")

    assert len(state.webhooks) == 1
    assert view.is_granted("EMail")


def test_a_view_that_names_a_scenario_meets_it_alone_and_leaves_the_state(state):
    state.play(Scenario("usual", steps=(Step(),), only=True))

    view = View(state, ONSITE)

    assert (view.online, view.only_scenarios) == (False, False)
    assert (state.online, View(state).only_scenarios) == (True, True)


def test_a_view_shows_what_a_named_scenario_says_of_the_tenant(state):
    view = View(state, MOVED)

    assert (view.shown_status, view.status, view.endpoint) == ("Suspended", "Running", "elsewhere")
    assert (View(state).shown_status, View(state).endpoint) == ("Running", "")


def test_a_tenant_onsite_is_at_home_whatever_a_scenario_says():
    state = State(Tenant("", False, Settings()))
    state.play(MOVED)

    assert (View(state).endpoint, View(state, MOVED).endpoint) == ("", "")


def test_what_is_played_and_the_profile_are_rows(state):
    state.play(MOVED)
    state.play(ONSITE)

    rows = state.store.rows
    assert dict(rows.items("scenario")) == {
        "moved": {"place": 1, "origin": ""},
        "onsite": {"place": 2, "origin": ""},
    }
    assert rows.get("profile", "profile") == {"online": False, "world": "closed"}

    state.stop("onsite")
    assert [name for name, _ in rows.items("scenario")] == ["moved"]
    assert state.online


def test_a_reset_goes_on_with_the_scenarios_that_are_loaded(state):
    state.play(ONSITE)

    state.store.reset()

    assert not state.online
    assert [scenario.name for scenario in state.playing] == ["onsite"]


def test_an_applications_own_grants_stand_for_those_of_the_tenant():
    state = State(Tenant("Cust1", True, Settings(applications=("mine:s:Webhook",))), grants=["User"])
    own, other = (call(headers=[("SO-AppToken", secret)]) for secret in ("s", "secret"))

    assert (state.is_granted("webhook", own), state.is_granted("User", own)) == (True, False)
    assert (state.is_granted("Webhook", other), state.is_granted("User", other)) == (False, True)


def test_a_misspelt_agent_is_refused_with_the_nearest(state):
    for change in (state.grant, state.revoke):
        with pytest.raises(SettingError, match=r"no agent 'Webhok'\. Did you mean 'Webhook'"):
            change("Webhok")
    assert state.grants == {"User"}


def test_what_was_read_of_the_rows_is_read_again_after_a_reset_and_a_restore(state):
    before = state.store.snapshot()
    state.status = "Suspended"
    state.grant("Webhook")
    state.set_clock(lambda ahead, standing: (3600.0, None))
    assert (state.status, state.is_granted("webhook"), state.time(1.0)) == ("Suspended", True, 3601.0)

    state.store.restore(before)

    assert (state.status, state.is_granted("webhook"), state.time(1.0)) == ("Running", False, 1.0)
    state.status = "Suspended"
    state.store.reset()
    assert state.status == "Running"
