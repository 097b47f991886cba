"""The tenants of a server: made at their first call, dropped with all they remember."""

import pytest

from mockso.config import Settings
from mockso.errors import NoScenarioError
from mockso.scenario.scenario import Scenario, Step
from mockso.state.playlist import Playlist
from mockso.state.roster import Tenants
from tests.conftest import call

TWICE = Scenario("twice", steps=(Step(),))


@pytest.fixture
def tenants(tiny) -> Tenants:
    return Tenants(Settings(grants=("User",)), Playlist(tiny, [TWICE]))


def test_a_tenant_is_made_once_and_plays_what_all_play(tenants):
    state = tenants.of("Cust1")

    assert tenants.of("Cust1") is state
    assert (state.online, state.grants, state.playing) == (True, {"User"}, (TWICE,))


def test_one_that_exists_is_left_as_it_is(tenants):
    state = tenants.make("Site1", online=False, grants=["EMail"])

    assert tenants.make("Site1", online=True) is state
    assert (state.online, state.grants) == (False, {"EMail"})


def test_a_dropped_tenant_is_a_fresh_one_when_it_is_called_again(tenants):
    state = tenants.of("Cust1")
    state.webhooks.add({"Name": "hook"})

    tenants.drop("Cust1")
    tenants.drop("Cust1")

    assert not state.has_webhooks
    assert tenants.of("Cust1") is not state


def test_tenants_are_in_the_order_of_their_names(tenants):
    for name in ("Cust2", "", "Cust1"):
        tenants.of(name)

    assert [state.name for state in tenants] == tenants.names() == ["", "Cust1", "Cust2"]


def test_the_view_of_a_call_has_the_scenario_that_the_call_names(tenants):
    state = tenants.of("Cust12345")

    named = tenants.view(call(headers=[("X-Mockso-Scenario", "twice")]), state)
    usual = tenants.view(call(), state)

    assert (named.scenario, usual.scenario) == (TWICE, None)
    assert named.state is usual.state is state


def test_a_call_that_names_an_unknown_scenario_has_no_view(tenants):
    with pytest.raises(NoScenarioError):
        tenants.view(call(headers=[("X-Mockso-Scenario", "thrice")]), tenants.of("Cust12345"))
