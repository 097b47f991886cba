"""Logging in to a world: tokens by the whole flow, users, expiry, several worlds at once."""

from __future__ import annotations

import pytest

from mockso.errors import SettingError
from mockso.testing.mock import open_mock


@pytest.fixture
def mock():
    mock = open_mock()
    yield mock
    mock.close()


def principal(world, headers):
    return world.session().get("User/currentPrincipal", headers=headers)


def test_401_refresh_go_on(mock):
    with mock.world() as world:
        tokens = world.login()
        world.expire_token()

        assert principal(world, tokens.headers).status_code == 401
        again = world.refresh(tokens)

        assert principal(world, again.headers).json()["Associate"] == "KAB"
        assert again.refresh_token == ""
        assert tokens.expires_in == 3600


def test_the_clock_makes_a_token_expire(mock):
    with mock.world() as world:
        tokens = world.login("OHL")
        assert principal(world, tokens.headers).json()["Associate"] == "OHL"

        world.clock.advance(3601)

        assert principal(world, tokens.headers).status_code == 401
        assert principal(world, world.refresh(tokens).headers).json()["Associate"] == "OHL"


def test_one_token_can_expire_alone(mock):
    with mock.world() as world:
        first, second = world.login(), world.login()

        world.expire_token(first.access_token)

        assert principal(world, first.headers).status_code == 401
        assert principal(world, second.headers).status_code == 200


@pytest.mark.parametrize("strict", [False, True])
def test_another_user_calls(strict):
    mock = open_mock(strict_tokens=strict)
    with mock.world() as world:
        user = world.user("ola@nordlys.example")

        assert user.name == "OHL"
        assert user.session().get("User/currentPrincipal").json()["Associate"] == "OHL"
        assert user.client().get("User/currentPrincipal").json()["Associate"] == "OHL"
    mock.close()


def test_an_unknown_user_is_refused_with_the_nearest(mock):
    with mock.world() as world, pytest.raises(SettingError, match="Did you mean 'OHL'"):
        world.user("OLH")


def test_a_login_that_is_refused_says_why(mock):
    world = mock.world(strict="off")

    with pytest.raises(AssertionError, match="nobody here is called 'OLH'"):
        world.login("OLH")
    assert "login-user" in world.findings()[0].line


def test_worlds_beside_each_other_do_not_meet(mock):
    with mock.world() as one, mock.world() as other:
        tokens = other.login()

        assert tokens.access_token.startswith(f"8A:{other.tenant}.")
        assert len(other.seen) == 2
        assert list(one.seen) == []
        assert one.application.system_token != other.application.system_token


def test_a_client_id_leads_to_its_world_without_any_other_hint(mock):
    with mock.world(), mock.world() as other:
        query = {
            "client_id": other.application.id,
            "redirect_uri": "http://localhost/cb",
            "response_type": "code",
            "scope": "openid",
        }
        url = f"{mock.address}/login/common/oauth/authorize"

        reply = other.session().get(url, params=query, allow_redirects=False)

        assert reply.status_code == 302
        assert len(other.seen) == 1


def test_the_application_signs_its_system_token(mock):
    with mock.world() as world:
        application = world.application
        world.clock.advance(86_400)
        request = {
            "SignedSystemToken": application.signed_token(),
            "ApplicationToken": application.secret,
            "ContextIdentifier": world.tenant,
        }

        reply = world.session().post(f"{mock.address}/login/api/PartnerSystemUser/Authenticate", json=request)

        assert reply.json()["IsSuccessful"]
        assert application.private_key.read_text().startswith("-----BEGIN PRIVATE KEY-----")


def test_the_variables_name_the_login(mock):
    with mock.world() as world:
        variables = world.variables()

        assert variables["SUPEROFFICE_LOGIN_URL"] == world.login_url == f"{mock.url}/login"
        assert variables["SUPEROFFICE_CLIENT_ID"] == f"mockso-client.{world.tenant}"


def test_a_scenario_can_have_the_tokens_fail(mock):
    with mock.world() as world:
        world.expect("superid_tokens", status=500, json={"error": "server_error"})

        with pytest.raises(AssertionError, match="the login was refused: 500"):
            world.login()
        assert world.login().access_token
