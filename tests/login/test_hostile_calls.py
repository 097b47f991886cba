"""Calls of the login made of anything: each gets an answer, none is a fault of the mock."""

from __future__ import annotations

from json import dumps
from urllib.parse import urlencode

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mockso.contract.superid import OPERATIONS
from tests.login.flows import Flow

NAMES = st.sampled_from(
    """client_id client_secret grant_type code refresh_token redirect_uri redirect_url response_type response_mode
    scope state nonce acr_values login_hint prompt mockso_user mockso_outcome code_challenge code_challenge_method
    code_verifier token post_logout_redirect_uri SignedSystemToken ApplicationToken ContextIdentifier
    ReturnTokenType""".split()
)
VALUES = st.one_of(
    st.text(max_size=80),
    st.sampled_from(
        "mockso-client mockso-client. secret code token authorization_code refresh_token http://localhost/ "
        "tenant:Cust1 tenant: 8A:Cust1.x 8A: a.b.c a.202601010000.AAAA form_post S256 KAB none".split()
    ),
)
# As clients escape them: halves of surrogate pairs, secrets that an escape spells by chance, nested values.
JSON_VALUES = st.one_of(
    VALUES,
    st.sampled_from(
        ["\ud800", "x\udfffy", "é-long-secret-value", "u00e9-long-secret-value", "near_misses", 'a\\b/c"d']
    ),
    st.integers(),
    st.lists(VALUES, max_size=2),
)
BODIES = st.one_of(
    st.binary(max_size=200),
    st.dictionaries(NAMES, JSON_VALUES, max_size=6).map(lambda form: dumps(form).encode()),
    st.dictionaries(NAMES, VALUES, max_size=6).map(lambda form: urlencode(form, errors="replace").encode()),
    st.text(max_size=40).map(lambda text: f'{{"ContextIdentifier": "{text}"}}'.encode("utf-8", "replace")),
    st.text(max_size=40).map(
        lambda text: f"<a><ContextIdentifier>{text}</ContextIdentifier></a>".encode("utf-8", "replace")
    ),
)
AUTHORIZATION = st.sampled_from(
    ["", "Basic", "Basic ###", "Basic OjpAOg==", "Bearer 8A:x", "Basic bW9ja3NvLWNsaWVudDpzZWNyZXQ="]
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    operation=st.sampled_from(sorted(OPERATIONS)),
    tenant=st.sampled_from(["common", "Cust7", "nobody", "é", "%00"]),
    query=st.dictionaries(NAMES, VALUES, max_size=8),
    body=BODIES,
    authorization=AUTHORIZATION,
)
def test_anything_gets_an_answer(flow: Flow, operation, tenant, query, body, authorization):
    about = OPERATIONS[operation]
    pairs = {name: value.encode("utf-8", "replace").decode() for name, value in query.items()}

    reply = flow.send(
        about.method, about.path.replace("{tenant}", tenant), pairs, body, {"Authorization": authorization}
    )

    assert reply.status in (200, 302, 400), (reply, flow.engine.journal.find(limit=1))
    assert flow.engine.journal.find(limit=1)[0]["reply"]["status"] == reply.status
    assert all("\n" not in value and "\r" not in value for _, value in reply.headers)
