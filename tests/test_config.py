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


@pytest.mark.parametrize(
    ("options", "told"),
    [
        ({"select_mode": "nul"}, "select_mode is one of null, omit, not 'nul'"),
        ({"profile": "onlin"}, "profile is one of auto, online, onsite, not 'onlin'"),
        ({"headers": "maybe"}, "headers is true or false, not 'maybe'"),
        ({"headers": 5}, "headers is true or false"),
        ({"port": 99999}, "99999 is not a port"),
        ({"body_limit": -1}, "body_limit is a whole number, not '-1'"),
        ({"body_limit": True}, "body_limit is a whole number, not True"),
        ({"webhook_timeout": "soon"}, "webhook_timeout is a number from 0, not 'soon'"),
        ({"webhook_wait_factor": float("nan")}, "webhook_wait_factor is a number from 0, not 'nan'"),
        ({"netserver_version": 5}, "netserver_version is a text, not 5"),
        ({"hosts": 5}, "hosts is a list, not 5"),
    ],
)
def test_an_option_of_a_mock_is_checked_as_one_of_the_command_line(options, told):
    with pytest.raises(SettingError) as caught:
        Settings.from_options(options)

    assert told in str(caught.value)


def test_options_of_a_mock_are_read_as_their_setting_has_them(tmp_path):
    options = {"grants": "Webhook", "headers": "false", "webhook_timeout": 3, "redact": ["a", "b"]}
    settings = Settings.from_options({**options, "journal": tmp_path / "calls.db", "profile": None})

    assert settings.grants == ("Webhook",)
    assert settings.headers is False
    assert settings.webhook_timeout == 3.0
    assert settings.redact == ("a", "b")
    assert settings.journal == str(tmp_path / "calls.db")
    assert settings.profile == "auto"
