"""The system user: check 57 of the study, by REST, SOAP with a JWT and SOAP with SAML."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest

from mockso.login.keys import sign_system_token
from mockso.login.soap import NAMESPACE
from mockso.state.applications import Application
from tests.conftest import NOON
from tests.login.flows import IDENTITY, Flow, as_json, claims_of, json_of, text_of

REST = "/Login/api/PartnerSystemUser/Authenticate"
SOAP = "/login/Services/PartnerSystemUserService.svc"
ENVELOPE = """<soap:Envelope xmlns:soap="http://schemas.xmlsoap.org/soap/envelope/" xmlns:p="{namespace}">
<soap:Header><p:ApplicationToken>{secret}</p:ApplicationToken><p:ContextIdentifier>{tenant}</p:ContextIdentifier>
</soap:Header><soap:Body><p:AuthenticationRequest><p:SignedSystemToken>{signed}</p:SignedSystemToken>
<p:ReturnTokenType>{kind}</p:ReturnTokenType></p:AuthenticationRequest></soap:Body></soap:Envelope>"""


def application(flow: Flow) -> Application:
    found = flow.engine.tenants.of(flow.tenant).applications.get("mockso-client")
    assert found is not None
    return found


def signed(flow: Flow, at: float = NOON) -> str:
    return sign_system_token(application(flow).token_in(flow.tenant), at)


def by_rest(flow: Flow, **members: str):
    usual = {
        "SignedSystemToken": signed(flow),
        "ApplicationToken": "secret",
        "ContextIdentifier": flow.tenant,
    }
    body = as_json({**usual, "ReturnTokenType": "JWT", **members})
    return flow.send("POST", REST, (), body, {"Content-Type": "application/json"})


def by_soap(flow: Flow, kind: str, envelope: str = ENVELOPE, **parts: str):
    usual = {"secret": "secret", "tenant": flow.tenant, "signed": signed(flow), "namespace": NAMESPACE}
    body = envelope.format(kind=kind, **{**usual, **parts}).encode()
    return flow.send("POST", SOAP, (), body, {"Content-Type": "text/xml", "SOAPAction": f"{NAMESPACE}/x"})


def element(reply, name: str) -> str:
    match = re.search(f"<{name}>(.*?)</{name}>", text_of(reply))
    return match[1] if match else ""


def works(flow: Flow, ticket: str, secret: str = "secret") -> bool:
    headers = {"Authorization": f"SOTicket {ticket}", "SO-AppToken": secret}
    return flow.api("User/currentPrincipal", headers=headers).status == 200


def test_check_57_by_rest(flow_of):
    flow = flow_of(strict_tokens=True)

    body = json_of(by_rest(flow))
    claims = claims_of(body["Token"])

    assert (body["IsSuccessful"], body["ErrorMessage"]) == (True, None)
    assert (claims["iss"], claims["aud"]) == ("SuperOffice AS", "spn:1234567890")
    assert claims[f"{IDENTITY}ticket"].startswith("7T:")
    assert works(flow, claims[f"{IDENTITY}ticket"])
    assert not works(flow, claims[f"{IDENTITY}ticket"], "other")


def test_check_57_by_soap_as_jwt(flow_of):
    flow = flow_of(strict_tokens=True)

    reply = by_soap(flow, "Jwt")

    assert (reply.status, reply.header("Content-Type")) == (200, "text/xml; charset=utf-8")
    assert element(reply, "IsSuccessful") == "true"
    assert works(flow, claims_of(element(reply, "Token"))[f"{IDENTITY}ticket"])


def test_check_57_by_soap_as_saml(flow_of):
    flow = flow_of(strict_tokens=True)

    assertion = b64decode(element(by_soap(flow, "Saml"), "Token")).decode()

    ticket = re.search(r'AttributeName="ticket".*?<saml:AttributeValue>(7T:[^<]+)<', assertion)
    assert ticket is not None
    assert works(flow, ticket[1])


@pytest.mark.parametrize(
    ("members", "error"),
    [
        ({"SignedSystemToken": "a.202601010000.AAAA"}, "InvalidSignature"),
        ({"SignedSystemToken": "no stamp"}, "InvalidSignature"),
        ({"SignedSystemToken": "a.yesterday.AAAA"}, "InvalidTimestamp"),
        ({"SignedSystemToken": "a.2026113.AAAA"}, "InvalidTimestamp"),
        ({"SignedSystemToken": ""}, "InvalidSignature"),
        ({"ApplicationToken": "wrong"}, "Denied"),
        ({"ApplicationToken": ""}, "Denied"),
        ({"ContextIdentifier": "nowhere"}, "Revoked"),
        ({"ReturnTokenType": "Kerberos"}, "Denied"),
    ],
)
def test_check_57_a_refusal_says_why_in_both_forms(flow, members, error):
    by_both = {"SignedSystemToken": "signed", "ApplicationToken": "secret", "ContextIdentifier": "tenant"}

    rest = by_rest(flow, **members)
    parts = {by_both[name]: value for name, value in members.items() if name in by_both}
    soap = by_soap(flow, members.get("ReturnTokenType", "Jwt"), **parts)

    assert (rest.status, json_of(rest)) == (
        200,
        {"IsSuccessful": False, "Token": None, "ErrorMessage": error},
    )
    assert (soap.status, element(soap, "IsSuccessful")) == (200, "false")
    assert element(soap, "ErrorMessage") == error


@pytest.mark.parametrize(
    ("minutes", "error"), [(-9, None), (9, None), (-20, "InvalidTimestamp"), (20, "InvalidTimestamp")]
)
def test_check_57_a_stamp_may_be_ten_minutes_off(flow, minutes, error):
    reply = by_rest(flow, SignedSystemToken=signed(flow, NOON + 60 * minutes))

    assert json_of(reply)["ErrorMessage"] == error


def test_a_stamp_is_compared_with_the_tenants_clock(flow):
    flow.engine.tenants.of(flow.tenant).set_clock(lambda ahead, standing: (7200.0, None))

    assert json_of(by_rest(flow))["ErrorMessage"] == "InvalidTimestamp"
    assert json_of(by_rest(flow, SignedSystemToken=signed(flow, NOON + 7200)))["IsSuccessful"]


def test_check_56_a_ticket_lives_six_hours_from_its_last_use(flow, times):
    ticket = claims_of(json_of(by_rest(flow))["Token"])[f"{IDENTITY}ticket"]

    for _ in range(4):
        times.now += 5 * 3600
        assert works(flow, ticket)
    times.now += 6 * 3600

    assert not works(flow, ticket)


@pytest.mark.parametrize(
    "envelope",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]>' + ENVELOPE,
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">' + ENVELOPE,
    ],
)
def test_document_types_and_entities_are_refused(flow, envelope):
    reply = by_soap(flow, "Jwt", envelope)

    assert reply.status == 400
    assert "forbidden-xml" in reply.header("X-Mockso-Reason")


@pytest.mark.parametrize("body", [b"", b"<soap", b"{}"])
def test_a_broken_envelope_is_refused(flow, body):
    assert flow.send("POST", SOAP, (), body, {"Content-Type": "text/xml"}).status == 400


def test_a_reason_quotes_a_stamp_of_digits_only_and_little_of_a_name(flow):
    def reason(**form: str) -> str:
        return by_rest(flow, **form).header("X-Mockso-Reason")

    assert "'20261301000'" in reason(SignedSystemToken="a.20261301000.AAAA")
    assert "5ecret" not in reason(SignedSystemToken="a.5ecret-part.AAAA")
    assert len(reason(ContextIdentifier="C" * 5000)) < 400


def test_broken_json_is_refused(flow):
    assert flow.send("POST", REST, (), b"{", {"Content-Type": "application/json"}).status == 400


def test_the_service_describes_itself(flow):
    reply = flow.send("GET", SOAP, {"wsdl": ""})

    assert (
        f'<soap:address location="http://localhost{SOAP.lower().replace("partnersystemuserservice", "PartnerSystemUserService")}"/>'
        in text_of(reply)
    )
    assert f'soapAction="{NAMESPACE}/IPartnerSystemUserService/Authenticate"' in text_of(reply)


def test_a_system_token_may_have_dots_of_its_own(flow):
    state = flow.engine.tenants.of(flow.tenant)
    state.applications.put(application(flow)._replace(system_token="My App v1.2-abc"))

    assert json_of(by_rest(flow))["IsSuccessful"]


def test_the_ticket_is_a_user_of_the_tenant(flow):
    ticket = claims_of(json_of(by_rest(flow))["Token"])[f"{IDENTITY}ticket"]

    principal = flow.api(
        "User/currentPrincipal", headers={"Authorization": f"SOTicket {ticket}", "SO-AppToken": "secret"}
    )

    assert json_of(principal)["Associate"] == "KAB"
