"""Logging in by OAuth. The numbers of checks are those of the study of living tenants, section h."""

from __future__ import annotations

from base64 import b64encode

import pytest

from mockso.login import codes
from mockso.login.claims import PREFIX
from mockso.login.users import find_user
from tests.login.flows import (
    AUTHORIZE,
    CALLBACK,
    CLIENT,
    FORM,
    ORIGIN,
    REVOKE,
    TOKENS,
    Flow,
    answer_of,
    as_json,
    claims_of,
    json_of,
    pkce,
    text_of,
)

MEMBERS = {"token_type", "access_token", "expires_in", "refresh_token", "id_token"}
DENIED = {
    "error": "access_denied",
    "error_description": "Invalid client_id/client_secret/authorization_code",
}


# --- check 52: code and PKCE ------------------------------------------------------------------------


def test_check_52_a_code_with_pkce_needs_no_secret_and_opens_the_api(flow):
    verifier, challenge = pkce()

    reply = flow.authorize(**challenge)
    answer = answer_of(reply)
    tokens = flow.exchange(answer["code"], client_secret="", code_verifier=verifier)
    body = json_of(tokens)
    webapi = claims_of(body["id_token"])[f"{PREFIX}webapi_url"]
    principal = flow.api("User/currentPrincipal", body["access_token"])

    assert reply.header("Location").startswith(f"{CALLBACK}?state=s1&code=")
    assert len(answer["code"]) == 64
    assert set(body) == MEMBERS
    assert (body["token_type"], body["expires_in"], len(body["refresh_token"])) == ("Bearer", 3600, 64)
    assert body["access_token"].startswith("8A:Cust12345.")
    assert webapi == f"{ORIGIN}/Cust12345/api/"
    assert (principal.status, json_of(principal)["Associate"]) == (200, "KAB")


def test_check_52_a_wrong_verifier_is_denied_and_leaves_the_code(flow):
    verifier, challenge = pkce()
    code = flow.code(**challenge)

    wrong = flow.exchange(code, code_verifier=pkce()[0])
    right = flow.exchange(code, code_verifier=verifier)

    assert (wrong.status, json_of(wrong)) == (400, DENIED)
    assert right.status == 200


def test_check_52_a_code_works_once(flow):
    code = flow.code()

    first, second = flow.exchange(code), flow.exchange(code)

    assert (first.status, second.status, json_of(second)) == (200, 400, DENIED)


def test_a_plain_challenge_is_the_verifier(flow):
    verifier = pkce()[0]

    code = flow.code(code_challenge=verifier)

    assert flow.exchange(code, client_secret="", code_verifier=verifier).status == 200


# --- check 53: ways of the answer, spellings of the address -----------------------------------------


def test_check_53_form_post_is_a_page_that_posts(flow):
    reply = flow.authorize(response_mode="form_post", state='a"b')

    assert (reply.status, reply.header("Content-Type")) == (200, "text/html; charset=utf-8")
    assert f'<form method="post" action="{CALLBACK}">' in text_of(reply)
    assert '<input type="hidden" name="state" value="a&quot;b">' in text_of(reply)
    assert '<input type="hidden" name="code" value="' in text_of(reply)


def test_check_53_fragment(flow):
    assert (
        flow.authorize(response_mode="fragment").header("Location").startswith(f"{CALLBACK}#state=s1&code=")
    )


def test_check_53_implicit_answers_in_the_fragment(flow):
    answer = answer_of(flow.authorize(response_type="token id_token", nonce="n1"))

    assert set(answer) == {
        *("state", "access_token", "token_type", "expires_in", "ctx", "netserver_url", "id_token")
    }
    assert (answer["token_type"], answer["expires_in"], answer["ctx"]) == ("bearer", "3600", "Cust12345")
    assert claims_of(answer["id_token"])["nonce"] == "n1"
    assert flow.works(answer["access_token"])


@pytest.mark.parametrize("kind", ["id_token", "code id_token", "id_token code", "token"])
def test_check_53_other_response_types(flow, kind):
    answer = answer_of(flow.authorize(response_type=kind, nonce="n"))

    assert ("code" in answer, "id_token" in answer) == ("code" in kind, "id_token" in kind)
    assert ("access_token" in answer) == (kind == "token")


@pytest.mark.parametrize(
    "path",
    [
        "/login/Cust12345/oauth/authorize",
        "/login/cust12345/OAuth/Authorize",
        "/Login/common/oauth/authorize",
        "/LOGIN/common//oauth/authorize/",
    ],
)
def test_check_53_the_address_may_be_spelt_otherwise(flow, path):
    code = answer_of(flow.authorize(path))["code"]

    assert (
        flow.exchange(
            code,
            path=path.replace("uthorize", "tokens").replace("Atokens", "tokens").replace("atokens", "tokens"),
        ).status
        == 200
    )


def test_a_query_in_the_redirect_address_stays(flow):
    reply = flow.authorize(redirect_uri=f"{CALLBACK}?a=1")

    assert reply.header("Location").startswith(f"{CALLBACK}?a=1&state=s1&code=")


def test_authorize_may_be_posted(flow):
    body = f"client_id=mockso-client&redirect_uri={CALLBACK}&response_type=code&scope=openid".encode()

    assert "code" in answer_of(flow.send("POST", AUTHORIZE, (), body, FORM))


# --- check 55: refresh ------------------------------------------------------------------------------


def test_check_55_a_refresh_token_works_again_and_again_by_query_without_redirect_address(flow):
    tokens = flow.log_in()
    query = {**CLIENT, "grant_type": "refresh_token", "refresh_token": tokens["refresh_token"]}

    replies = [flow.send("POST", TOKENS, query, headers={"Content-Type": "application/json"}) for _ in "12"]

    for reply in replies:
        assert (reply.status, set(json_of(reply))) == (200, MEMBERS - {"refresh_token"})
        assert flow.works(json_of(reply)["access_token"])


def test_check_55_a_wrong_refresh_token_is_denied_without_a_description(flow):
    reply = flow.refresh("wrong")

    assert (reply.status, json_of(reply)) == (400, {"error": "access_denied"})


def test_a_public_client_refreshes_without_a_secret_and_no_other_does(flow):
    verifier, challenge = pkce()
    public = json_of(flow.exchange(flow.code(**challenge), client_secret="", code_verifier=verifier))
    other = flow.log_in(mockso_user="OHL")

    assert flow.refresh(public["refresh_token"], client_secret="").status == 200
    assert flow.refresh(other["refresh_token"], client_secret="").status == 400


def test_logging_in_again_gives_the_same_refresh_token_until_it_is_revoked(flow):
    first, second = flow.log_in(), flow.log_in()
    flow.send("POST", REVOKE, {"token": first["refresh_token"]})
    third = flow.log_in()

    assert first["refresh_token"] == second["refresh_token"] != third["refresh_token"]
    assert flow.refresh(first["refresh_token"]).status == 400
    assert flow.refresh(third["refresh_token"]).status == 200


# --- check 56: lifetimes ----------------------------------------------------------------------------


@pytest.mark.parametrize("strict", [False, True])
def test_check_56_an_access_token_expires_and_refresh_gives_another(flow_of, times, strict):
    flow = flow_of(strict_tokens=strict)
    tokens = flow.log_in()

    times.now += 3599
    assert flow.works(tokens["access_token"])
    times.now += 2
    late = flow.api("Contact/1", tokens["access_token"])
    again = json_of(flow.refresh(tokens["refresh_token"]))

    assert (late.status, late.header("WWW-Authenticate")) == (401, "Bearer")
    assert flow.works(again["access_token"])


def test_check_56_the_clock_is_the_tenants_own(flow):
    tokens = flow.log_in()

    flow.engine.tenants.of("Cust12345").set_clock(lambda ahead, standing: (3601.0, None))

    assert not flow.works(tokens["access_token"])
    assert flow.works(flow.log_in()["access_token"])


def test_a_code_works_for_ten_minutes(flow, times):
    code, late = flow.code(), flow.code()

    times.now += 599
    assert flow.exchange(code).status == 200
    times.now += 1
    assert flow.exchange(late).status == 400


# --- parameters -------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["application/x-www-form-urlencoded", "text/plain", "application/json", ""])
def test_a_form_is_read_whatever_its_type_says(flow, kind):
    body = f"grant_type=authorization_code&code={flow.code()}&redirect_url={CALLBACK}".encode()

    reply = flow.send("POST", TOKENS, CLIENT, body, {"Content-Type": kind} if kind else {})

    assert reply.status == 200


def test_json_is_read_too_and_the_body_wins(flow):
    body = {**CLIENT, "grant_type": "authorization_code", "code": flow.code(), "redirect_uri": CALLBACK}

    assert flow.send("POST", TOKENS, {"code": "other"}, as_json(body)).status == 200


def test_a_client_may_name_itself_by_basic(flow):
    basic = {"Authorization": "Basic " + b64encode(b"mockso-client:secret").decode()}

    reply = flow.tokens(
        headers={**FORM, **basic},
        grant_type="authorization_code",
        code=flow.code(),
        client_id="",
        client_secret="",
    )

    assert reply.status == 200


def test_tokens_come_with_the_servers_headers(flow):
    headers = dict(flow.exchange(flow.code()).headers)

    assert headers["Cache-Control"] == "no-cache, no-store"
    assert headers["Access-Control-Allow-Origin"] == "*"
    assert headers["Content-Type"] == "application/json; charset=utf-8"
    assert headers["X-Mockso-Operation"] == "superid_tokens"


# --- the other addresses ----------------------------------------------------------------------------


def test_discovery_names_all_addresses(flow):
    document = json_of(flow.send("GET", "/Login/.well-known/openid-configuration"))

    assert document["issuer"] == ORIGIN
    assert document["authorization_endpoint"] == ORIGIN + AUTHORIZE
    assert document["token_endpoint"] == ORIGIN + TOKENS
    assert document["revocation_endpoint"] == ORIGIN + REVOKE
    assert "userinfo_endpoint" not in document
    assert flow.send("GET", document["jwks_uri"].removeprefix(ORIGIN)).status == 200


def test_a_revoked_access_token_works_no_more(flow):
    token = flow.log_in()["access_token"]

    assert flow.send("POST", REVOKE, {"token": token}).status == 200
    assert not flow.works(token)
    assert flow.send("POST", REVOKE, {"token": "unknown"}).status == 200


def test_logout_goes_on_to_an_address_of_an_application(flow):
    query = {"post_logout_redirect_uri": CALLBACK, "state": "x"}

    assert flow.send("GET", "/login/logout").status == 200
    assert flow.send("GET", "/login/logout", query).header("Location") == f"{CALLBACK}?state=x"
    assert (
        flow.send("GET", "/login/logout", {"post_logout_redirect_uri": "https://evil.example"}).status == 400
    )


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", TOKENS, 405),
        ("DELETE", AUTHORIZE, 405),
        ("GET", "/login/common/oauth/token", 404),
        ("HEAD", "/login/.well-known/jwks", 200),
    ],
)
def test_other_methods_and_addresses_are_refused_as_everywhere(flow, method, path, status):
    reply = flow.send(method, path)

    assert reply.status == status
    if status == 404:
        assert reply.header("X-Mockso-Hint") == "/login/{tenant}/oauth/tokens"


def test_onsite_there_is_no_login(flow_of):
    assert flow_of(profile="onsite").send("GET", "/login/.well-known/jwks").status == 404


def test_a_preflight_is_answered(flow):
    reply = flow.send("OPTIONS", TOKENS, headers={"Origin": "http://localhost:3000"})

    assert (reply.status, reply.header("Access-Control-Allow-Methods")) == (200, "POST, OPTIONS")


# --- whose call it is -------------------------------------------------------------------------------


def test_a_token_belongs_to_the_tenant_that_was_named(flow_of):
    flow = flow_of()
    other = Flow(flow.engine, "Cust777")

    tokens = other.log_in()

    assert tokens["access_token"].startswith("8A:Cust777.")
    assert other.works(tokens["access_token"])
    assert not flow.works(tokens["access_token"])
    assert [entry["tenant"] for entry in flow.engine.journal.find()][:1] == ["Cust12345"]
    assert {
        entry["tenant"] for entry in flow.engine.journal.find() if "/login/" in entry["request"]["target"]
    } == {"Cust777"}


def test_the_name_of_a_tenant_comes_in_any_letter_case(flow_of):
    flow = flow_of(strict_tokens=True)
    flow.engine.tenants.of("Cust12345")

    code = answer_of(flow.authorize("/login/cust12345/oauth/authorize", acr_values=""))["code"]

    assert flow.works(json_of(flow.exchange(code))["access_token"])
    assert flow.engine.tenants.names() == ["Cust12345"]


def test_a_tenant_without_a_name_is_never_meant(flow):
    flow.engine.tenants.of("")

    code = flow.code(acr_values="", client_id="mockso-client.Cust777")

    assert json_of(flow.exchange(code, client_id="mockso-client.Cust777"))["access_token"].startswith(
        "8A:Cust777."
    )


def test_a_call_that_names_no_tenant_is_the_first_ones(flow_of):
    flow = flow_of()

    assert json_of(flow.exchange(flow.code(acr_values="")))["access_token"].startswith("8A:Cust12345.")


# --- who logs in ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ({}, "KAB"),
        ({"mockso_user": "ohl"}, "OHL"),
        ({"login_hint": "ingrid@nordlys.example"}, "INS"),
        ({"login_hint": "kari.aas.bakke@nordlys.example"}, "KAB"),
        ({"login_hint": "nobody@example.com"}, "KAB"),
    ],
)
def test_the_user_who_logs_in_is_the_caller(flow, query, name):
    tokens = flow.log_in(**query)

    principal = json_of(flow.api("User/currentPrincipal", tokens["access_token"]))

    assert principal["Associate"] == name
    assert claims_of(tokens["id_token"])[f"{PREFIX}initials"] == name
    assert claims_of(tokens["id_token"])["sub"] == principal["EMailAddress"]


def test_a_browser_chooses_on_a_page(flow):
    headers = {"Accept": "text/html,application/xhtml+xml,*/*;q=0.8"}

    page = flow.authorize(headers=headers, nonce="n1")

    assert (page.status, page.header("Content-Type")) == (200, "text/html; charset=utf-8")
    assert '<button name="mockso_user" value="OHL">' in text_of(page)
    assert '<input type="hidden" name="nonce" value="n1">' in text_of(page)
    assert flow.authorize(headers=headers, mockso_user="OHL").status == 302
    assert flow.authorize(headers=headers, login_hint="ohl").status == 302
    assert flow.authorize(headers=headers, prompt="none").status == 302
    assert flow.authorize(prompt="select_account").status == 200


def test_the_page_can_be_switched_off(flow_of):
    flow = flow_of(login_page="never")

    assert flow.authorize(headers={"Accept": "text/html"}, prompt="login").status == 302


@pytest.mark.parametrize(("outcome", "number"), [("Denied", 4), ("NeedsReapproval", 5), ("Revoked", 1)])
def test_the_page_can_end_with_an_error(flow, outcome, number):
    reply = flow.authorize(mockso_outcome=outcome)

    assert reply.status == 400
    assert f"Authorization error: {outcome} ({number})" in text_of(reply)
    assert flow.engine.journal.find()[0]["verdict"]["violations"] == []


# --- scenarios --------------------------------------------------------------------------------------


def test_a_scenario_matches_the_parameters_and_may_be_late(flow_of, tmp_path):
    from mockso.scenario.library import load_scenarios

    path = tmp_path / "invalid-grant.yaml"
    path.write_text(
        "name: invalid-grant\ndescription: Late and as RFC 6749 has it.\nsteps:\n"
        "  - match: {operation: superid_tokens, body: {grant_type: refresh_token}}\n"
        "    delay: 2\n    reply: {status: 400, body: {error: invalid_grant}}\n"
    )
    flow = flow_of()
    tokens = flow.log_in()
    flow.engine.tenants.of("Cust12345").play(*load_scenarios([str(path)], flow.engine.contract))

    reply = flow.refresh(tokens["refresh_token"])

    assert (reply.status, reply.delay, json_of(reply)) == (400, 2, {"error": "invalid_grant"})
    assert flow.log_in()["access_token"]


def test_a_refresh_token_that_is_revoked_while_a_code_is_exchanged_stays_revoked(flow):
    refresh = flow.log_in()["refresh_token"]
    code, state = flow.code(), flow.engine.tenants.of(flow.tenant)

    class Keys:
        @property
        def secret(self) -> bytes:
            codes.revoke(state, refresh)
            return flow.engine.login.keys.secret

    pair = codes.exchange_code(state, Keys(), code, flow.engine.clock())

    assert pair is not None
    assert pair[1] != refresh
    assert flow.refresh(refresh).status == 400
    assert flow.refresh(pair[1]).status == 200


def test_a_refresh_token_that_is_revoked_gives_no_access_token(flow):
    refresh = flow.log_in()["refresh_token"]
    state = flow.engine.tenants.of(flow.tenant)
    codes.revoke(state, refresh)

    assert codes.refresh_access(state, refresh, flow.engine.clock()) is None


def test_the_page_to_choose_is_sent_to_this_host_however_many_slashes_there_were(flow):
    reply = flow.authorize(path="//login//common/oauth/authorize", prompt="login")

    assert 'action="/login//common/oauth/authorize"' in text_of(reply)


def test_who_was_deleted_since_logs_in_no_more(flow):
    rows = flow.engine.tenants.of(flow.tenant).store
    user = find_user(rows.rows, "OHL")
    code, refresh = flow.code(mockso_user="OHL"), flow.log_in(mockso_user="OHL")["refresh_token"]
    rows.change(lambda draft: draft.remove("Associate", user.id))

    assert json_of(flow.exchange(code)) == DENIED
    assert flow.refresh(refresh).status == 400
    assert flow.log_in()["access_token"]
