"""Calls of this process for the vendor's hosts, answered by a world without a socket."""

from __future__ import annotations

import asyncio
import json
import urllib.error
import urllib.request

import pytest

from mockso.errors import SettingError

httpx = pytest.importorskip("httpx")
requests = pytest.importorskip("requests")

ADDRESS = "https://online.superoffice.com/Cust26759/api/v1/Contact/17"


def by_requests(headers):
    return requests.get(ADDRESS, headers=headers, timeout=20).json()


def by_a_session(headers):
    with requests.Session() as session:
        session.headers.update(headers)
        return session.get(ADDRESS, timeout=20).json()


def by_httpx(headers):
    return httpx.get(ADDRESS, headers=headers).json()


def by_async_httpx(headers):
    async def call():
        async with httpx.AsyncClient() as client:
            return (await client.get(ADDRESS, headers=headers)).json()

    return asyncio.run(call())


def by_urllib(headers):
    with urllib.request.urlopen(urllib.request.Request(ADDRESS, headers=headers), timeout=20) as reply:
        return json.load(reply)


@pytest.fixture
def world(mock):
    with mock.world(strict="off") as made:
        yield made


@pytest.mark.parametrize("call", [by_requests, by_a_session, by_httpx, by_async_httpx, by_urllib])
def test_a_built_in_address_is_answered_by_the_world(world, call):
    with world.intercept():
        contact = call(world.headers)

    assert contact["ContactId"] == 17
    assert contact["_Links"]["Self"].startswith("https://online.superoffice.com/Cust26759/api/v1/Contact/17")
    assert [repr(seen) for seen in world.seen] == ["<GET Contact/17 200>"]


@pytest.mark.parametrize("token", ["8A:Cust26759.built-in", ""])
def test_a_token_of_the_tenant_in_the_address_opens_the_world(world, token):
    headers = {"Authorization": f"Bearer {token or world.token}"}
    with world.intercept():
        assert httpx.get(ADDRESS, headers=headers).status_code == 200


LOGIN = "https://sod.superoffice.com/login"


@pytest.mark.parametrize(
    ("client", "place", "acr"),
    [
        ("mockso-client", "common", "tenant:Cust26759"),
        ("mockso-client.Cust26759", "common", ""),
        ("mockso-client", "Cust26759", ""),
    ],
)
@pytest.mark.parametrize("by", ["form", "json", "basic"])
def test_a_login_with_built_in_names_is_one_to_the_world(world, client, place, acr, by):
    # The address to go back to names a tenant too, and that is the client's own affair.
    query = {
        "client_id": client,
        "redirect_uri": "http://localhost/Cust26759/cb?acr_values=tenant:Cust26759",
        "response_type": "code",
        "scope": "openid",
        "acr_values": acr,
    }
    form = {"grant_type": "authorization_code", "redirect_uri": query["redirect_uri"]}
    secret = {"client_id": client, "client_secret": "secret"}
    with world.intercept():
        back = requests.get(f"{LOGIN}/{place}/oauth/authorize", query, allow_redirects=False, timeout=20)
        location = back.headers["Location"]
        form["code"] = location.partition("&code=")[2].partition("&")[0]
        url = f"{LOGIN}/{place}/oauth/tokens"
        if by == "basic":
            answer = requests.post(url, form, auth=(client, "secret"), timeout=20)
        elif by == "json":
            answer = requests.post(url, json=form | secret, timeout=20)
        else:
            answer = requests.post(url, form | secret, timeout=20)
        tokens = answer.json()
        headers = {"Authorization": f"Bearer {tokens['access_token']}"}
        contact = requests.get(ADDRESS, headers=headers, timeout=20)
        form = {"token": tokens["access_token"].replace(world.tenant, "Cust26759")}
        requests.post(f"{LOGIN}/{place}/oauth/revoke", form, timeout=20)
        after = requests.get(ADDRESS, headers=headers, timeout=20)

    assert location.startswith(query["redirect_uri"])
    assert tokens["access_token"].startswith(f"8A:{world.tenant}.")
    assert (contact.status_code, after.status_code) == (200, 401)


@pytest.mark.parametrize("by", ["rest", "soap"])
def test_a_system_user_with_a_built_in_name_logs_in_to_the_world(world, by):
    signed, secret = world.application.signed_token(), world.application.secret
    with world.intercept():
        if by == "rest":
            members = {
                "SignedSystemToken": signed,
                "ApplicationToken": secret,
                "ContextIdentifier": "Cust26759",
                "ReturnTokenType": "JWT",
            }
            url = f"{LOGIN}/api/PartnerSystemUser/Authenticate"
            answer = requests.post(url, json=members, timeout=20)
        else:
            envelope = (
                '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Header>'
                f"<ApplicationToken>{secret}</ApplicationToken>"
                '<h:ContextIdentifier xmlns:h="x">Cust26759</h:ContextIdentifier></s:Header><s:Body>'
                f"<AuthenticationRequest><SignedSystemToken>{signed}</SignedSystemToken>"
                "<ReturnTokenType>Jwt</ReturnTokenType></AuthenticationRequest></s:Body></s:Envelope>"
            )
            url = f"{LOGIN}/services/PartnerSystemUserService.svc"
            answer = requests.post(url, envelope, headers={"Content-Type": "text/xml"}, timeout=20)

    assert '"IsSuccessful":true' in answer.text or "<IsSuccessful>true" in answer.text


def test_after_the_block_calls_go_where_they_went(world):
    before = (
        requests.adapters.HTTPAdapter.send,
        httpx.HTTPTransport.handle_request,
        urllib.request.HTTPSHandler.https_open,
    )
    with world.intercept():
        assert requests.adapters.HTTPAdapter.send is not before[0]

    after = (
        requests.adapters.HTTPAdapter.send,
        httpx.HTTPTransport.handle_request,
        urllib.request.HTTPSHandler.https_open,
    )
    assert after == before


def test_other_hosts_are_not_touched_and_further_ones_may_be(world):
    with world.intercept("crm.example.test"):
        assert (
            httpx.get("https://crm.example.test/Cust1/api/v1/Contact/1", headers=world.headers).status_code
            == 200
        )
        with pytest.raises(urllib.error.URLError):
            urllib.request.urlopen("http://127.0.0.1:1/", timeout=5)
        with pytest.raises(requests.ConnectionError):
            requests.get("http://127.0.0.1:1/superoffice.com", timeout=5)

    assert len(world.seen) == 1


@pytest.mark.parametrize(
    ("fault", "error"),
    [("reset", ConnectionResetError), ("empty", ConnectionResetError), ("timeout", TimeoutError)],
)
def test_urllib_sees_faults_as_on_a_socket(world, fault, error):
    world.expect("v1ContactEntity_GetContactEntity", fault=fault)
    request = urllib.request.Request(ADDRESS, headers=world.headers)

    with world.intercept(), pytest.raises((urllib.error.URLError, OSError)) as caught:
        urllib.request.urlopen(request, timeout=0.2)

    assert isinstance(getattr(caught.value, "reason", caught.value), error)


def test_an_error_of_the_server_is_one_for_urllib(world):
    world.expect("v1ContactEntity_GetContactEntity", status=503)
    with world.intercept(), pytest.raises(urllib.error.HTTPError) as caught:
        urllib.request.urlopen(urllib.request.Request(ADDRESS, headers=world.headers), timeout=20)

    with caught.value as error:
        assert error.code == 503


def test_a_world_may_have_a_name_of_its_own(mock):
    with mock.world(tenant="Cust26759", strict="off") as world:
        assert world.tenant == "Cust26759"
        with world.intercept():
            assert httpx.get(ADDRESS, headers={"Authorization": "Bearer 8A:Cust26759.x"}).status_code == 200
        with pytest.raises(SettingError, match="there is one of that name"):
            mock.world(tenant="Cust26759")
    with pytest.raises(SettingError, match="give letters, digits"):
        mock.world(tenant="a/b")
