"""Settings: what they are read from, and what they refuse."""

import pytest

from mockso.config import RESTRICTED_AGENTS, Settings
from mockso.errors import SettingError
from mockso.testing.mock import open_mock


def test_the_restricted_agents_are_those_of_the_contract(shipped):
    agents = {operation.restricted.agent for operation in shipped.operations() if operation.restricted}

    assert agents == set(RESTRICTED_AGENTS)


@pytest.mark.parametrize(
    "load",
    [
        lambda: Settings.load({"grants": ("Webhok",)}, {}),
        lambda: Settings.load({}, {"MOCKSO_GRANTS": "User,Webhok"}),
        lambda: Settings.from_options({"grants": ["Webhok"]}),
        lambda: Settings.from_options({"applications": ["mine:secret:Webhok"]}),
    ],
)
def test_a_misspelt_agent_is_refused_with_the_nearest(load):
    with pytest.raises(SettingError, match=r"no agent 'Webhok'\. Did you mean 'Webhook'"):
        load()


def test_so_is_one_of_a_world():
    mock = open_mock()
    with pytest.raises(SettingError, match="Did you mean 'Webhook'"):
        mock.world(grants=["Webhok"])
    with mock.world() as world, pytest.raises(SettingError, match="Did you mean 'Webhook'"):
        world.grant("Webhok")
    mock.close()


def test_agents_come_in_any_letter_case_and_a_star_is_all():
    assert Settings.load({"grants": ("webhook", "*")}, {}).grants == ("webhook", "*")


def test_another_contract_may_restrict_other_agents():
    assert Settings.load({"grants": ("Secret",), "contracts": ("mine.jsonl",)}, {}).grants == ("Secret",)
