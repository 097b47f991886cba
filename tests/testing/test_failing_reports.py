"""Ten tests that fail, and all that their reports say: the true cause in one line each."""

from __future__ import annotations

import re

import pytest

GET = "v1ContactEntity_GetContactEntity"
SAVE = "Agents/User/SaveUntrustedCredentials"
USER = "swagger/agent/Swagger-v1-UserAgent.json#"
OPERATION = "/paths/~1api~1v1~1Agents~1User~1SaveUntrustedCredentials/post"
REQUEST = "/definitions/SuperOffice.WebApi.v1.Carriers.UserCarriers.SaveUntrustedCredentialsRequest"
CONTACT = "swagger/rest/Swagger-v1-Contact.json#"
ONE_CONTACT = "/paths/~1api~1v1~1Contact~1{id}"

# name: (marker, body of the test, its report)
REPORTS: dict[str, tuple[str, str, list[str]]] = {
    "a restricted agent": (
        "",
        f"superoffice.client().post('{SAVE}', json={{'Type': 'x'}})",
        [
            f"mockso: POST {SAVE} -> 403: operation: v1UserAgent_SaveUntrustedCredentials is Online restricted: "
            "it needs the User agent, partner applications never get it. To try it as if granted: --grant User "
            f"[online-restricted, assumed; {USER}{OPERATION}/description]"
        ],
    ),
    "a misspelt property": (
        "@pytest.mark.mockso(grants=['User'])",
        f"assert superoffice.client().post('{SAVE}', json={{'Typ': 'x'}}).status_code == 204",
        [
            f"mockso: POST {SAVE} -> 204: body.Typ: SaveUntrustedCredentialsRequest has no property 'Typ', the "
            f"server ignores it. Did you mean 'Type'? [unknown-property, likely; {USER}{REQUEST}]"
        ],
    ),
    "a misspelt parameter": (
        "",
        "superoffice.session().get('Contact/17', params={'$selct': 'Name'})",
        [
            f"mockso: GET Contact/17 -> 200: query $selct: {GET} has no such parameter, the server ignores it. "
            f"Did you mean '$select'? [unknown-parameter, assumed; {CONTACT}{ONE_CONTACT}/get]"
        ],
    ),
    "a wrong address": (
        "",
        "superoffice.client().get('Contct/17')",
        [
            "mockso: GET Contct/17 -> 404: address: no operation has the address '/api/v1/Contct/17'. "
            "Did you mean '/api/v1/Contact'? [unknown-address, likely; WebAPI]"
        ],
    ),
    "no token": (
        "",
        "superoffice.client().get('Contact/17', headers={'Authorization': ''})",
        [
            "mockso: GET Contact/17 -> 401: header Authorization: no credential was sent; send for example "
            "'Authorization: Bearer TOKEN' [no-credential, firm; introduction]"
        ],
    ),
    "a step that was not used up": (
        "@pytest.mark.mockso(scenarios=['throttled'])",
        "superoffice.client().get('Contact/17')",
        ["mockso: step throttled#1 (throttled.yaml:7) was used 1 of 2 times; no other call came"],
    ),
    "an expected call with another id": (
        "",
        f"superoffice.expect('{GET}', path='/api/v1/Contact/18')\n    superoffice.client().get('Contact/17')",
        [
            "mockso: step expected#1 (test_it.py:5) was used 0 of 1 times; the nearest call is GET Contact/17: "
            "path: expected '/api/v1/Contact/18', was '/api/v1/Contact/17'"
        ],
    ),
    "a call that only steps may answer": (
        "@pytest.mark.mockso(scenarios=[{'only': True, 'steps': [{'match': {'operation': 'v1Person*'}}]}])",
        "superoffice.client().get('Contact/17')",
        [
            "mockso: GET Contact/17 -> 501: no step answers it; the nearest is played#1: "
            f"operation: expected 'v1Person*', was '{GET}'"
        ],
    ),
    "an allowance nobody needs": (
        "@pytest.mark.mockso_allow('online-restricted', reason='asked for in spring')",
        "superoffice.client().get('Contact/17')",
        [
            "mockso: mockso_allow('online-restricted') (asked for in spring): no call broke this rule any more; "
            "remove the allowance"
        ],
    ),
    "an assertion that hides the cause": (
        "",
        "reply = superoffice.client().put('Contact/17', json={'ContactId': 'seventeen'})\n"
        "    assert reply.status_code == 200",
        [
            "superoffice = <world TENANT, 1 calls>",
            "    def test_it(superoffice):",
            "        reply = superoffice.client().put('Contact/17', json={'ContactId': 'seventeen'})",
            ">       assert reply.status_code == 200",
            "E       assert 400 == 200",
            "E        +  where 400 = <Response [400 Bad Request]>.status_code",
            "test_it.py:6: AssertionError",
            "-------------------------------- mockso journal --------------------------------",
            "TENANT: 1 call, 1 failing",
            "failing:",
            "     1 <PUT Contact/17 400 body-type> answered by refusal",
            '       error: body.ContactId: expected a whole number (int32), got "seventeen" [body-type, likely; '
            "swagger/agent/Swagger-v1-AIAgent.json#/definitions/SuperOffice.CRM.Services.ContactEntity"
            "/properties/ContactId]",
        ],
    ),
}


@pytest.mark.parametrize("name", REPORTS)
def test_a_report_tells_why(pytester: pytest.Pytester, name: str):
    marker, body, expected = REPORTS[name]
    source = f"import pytest\n\n{marker or '# no marker'}\ndef test_it(superoffice):\n    {body}\n"
    pytester.makepyfile(test_it=source)

    result = pytester.runpytest("-p", "no:randomly", "-W", "error")

    result.assert_outcomes(failed=1)
    assert report(result.outlines) == expected


def report(lines: list[str]) -> list[str]:
    """The lines between the test's headline and the next section, without what differs from run to run."""
    start = next(number for number, line in enumerate(lines) if re.fullmatch(r"_+ test_it _+", line))
    end = next(number for number, line in enumerate(lines) if number > start and line.startswith("===="))
    text = "\n".join(line for line in lines[start + 1 : end] if line.strip())
    return re.sub("Cust10001", "TENANT", re.sub(r"8A:Cust\d+\.\w+", "TOKEN", text)).split("\n")
