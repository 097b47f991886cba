"""Credentials: forms, profiles, lax and strict."""

from base64 import b64encode

import pytest

from mockso.state.credentials import TICKET_LIFE, Credentials
from tests.conftest import NOON, call

BASIC = "Basic " + b64encode(b"user:secret").decode()


def check(
    authorization="", headers=(), *, tenant="Cust1", online=True, strict=False, credentials=None, at=NOON
):
    known = credentials or Credentials(tenant, strict=strict)
    request = call(tenant=tenant, authorization=authorization, headers=headers, at=at)
    scheme, fault = known.check(request, online=online)
    return fault.rule if fault else scheme


@pytest.mark.parametrize(
    ("authorization", "headers", "online", "expected"),
    [
        ("Bearer 8A:Cust1.abc", (), True, "Bearer"),
        ("bearer 8a:cust1.abc==", (), True, "Bearer"),
        ("Bearer 8A%3aCust1.abc", (), True, "Bearer"),
        ("Bearer 8A:Cust1.abc", (), False, "Bearer"),
        ("Bearer 8A:Cust2.abc", (), True, "other-tenant"),
        ("Bearer abc", (), True, "malformed-credential"),
        ("Bearer", (), True, "malformed-credential"),
        ("SOTicket 7T:abc", (("SO-AppToken", "x"),), True, "SOTicket"),
        ("soticket 7T:abc", (), False, "SOTicket"),
        ("SOTicket 7T:abc", (), True, "no-app-token"),
        ("SOTicket abc", (("SO-AppToken", "x"),), True, "malformed-credential"),
        (BASIC, (), False, "Basic"),
        (BASIC, (), True, "basic-online"),
        ("Basic !!!", (), False, "malformed-credential"),
        ("Basic " + b64encode(b"no colon").decode(), (), False, "malformed-credential"),
        ("Negotiate abc", (), False, "Negotiate"),
        ("NTLM abc", (), False, "Negotiate"),
        ("Negotiate abc", (), True, "negotiate-online"),
        ("Digest abc", (), True, "unknown-scheme"),
        ("", (), True, "no-credential"),
        ("", (("X-XSRF-TOKEN", "v"),), True, "Session"),
        ("", (("X-XSRF-TOKEN", "a b"), ("Cookie", "XSRF-TOKEN=a%20b; x=1")), True, "Session"),
        ("", (("X-XSRF-TOKEN", "v"), ("Cookie", "XSRF-TOKEN=other")), True, "no-xsrf"),
        ("", (("Cookie", "ASP.NET_SessionId=1"),), True, "no-xsrf"),
    ],
)
def test_the_forms_of_a_credential(authorization, headers, online, expected):
    assert check(authorization, headers, online=online) == expected


def test_strict_accepts_what_is_seeded():
    known = Credentials("Cust1", strict=True)

    assert check(f"Bearer {known.token}", credentials=known) == "Bearer"
    assert (
        check(f"SOTicket {known.ticket}", [("SO-AppToken", known.app_token)], credentials=known) == "SOTicket"
    )
    assert check("", [("X-XSRF-TOKEN", known.xsrf)], credentials=known) == "Session"
    user = "Basic " + b64encode(":".join(known.user).encode()).decode()
    assert check(user, credentials=known, online=False) == "Basic"


@pytest.mark.parametrize(
    ("authorization", "headers", "expected"),
    [
        ("Bearer 8A:Cust1.never", (), "unknown-credential"),
        ("SOTicket 7T:never", (("SO-AppToken", "mockso-app-token"),), "unknown-credential"),
        ("SOTicket 7T:mockso", (("SO-AppToken", "other"),), "no-app-token"),
        ("", (("X-XSRF-TOKEN", "never"),), "unknown-credential"),
    ],
)
def test_strict_refuses_what_was_never_issued(authorization, headers, expected):
    assert check(authorization, headers, strict=True) == expected


def test_strict_refuses_an_unknown_user_onsite():
    assert check(BASIC, strict=True, online=False) == "unknown-credential"


def test_an_issued_token_works_until_its_time():
    known = Credentials("Cust1", strict=True)
    known.issue("8A:Cust1.new", NOON + 10)

    assert check("Bearer 8A:Cust1.new", credentials=known, at=NOON + 9) == "Bearer"
    assert check("Bearer 8A:Cust1.new", credentials=known, at=NOON + 10) == "expired-credential"


def test_using_a_ticket_restarts_its_time():
    known = Credentials("Cust1", strict=True)
    known.issue("7T:t", NOON + TICKET_LIFE)
    header = [("SO-AppToken", known.app_token)]

    assert check("SOTicket 7T:t", header, credentials=known, at=NOON + TICKET_LIFE - 1) == "SOTicket"
    assert check("SOTicket 7T:t", header, credentials=known, at=NOON + 2 * TICKET_LIFE - 2) == "SOTicket"
    assert (
        check("SOTicket 7T:t", header, credentials=known, at=NOON + 4 * TICKET_LIFE) == "expired-credential"
    )


def test_what_was_expired_on_purpose_is_refused_in_lax_mode_too():
    known = Credentials("Cust1")
    known.expire(known.token)

    assert check(f"Bearer {known.token}", credentials=known) == "expired-credential"
    assert check("Bearer 8A:Cust1.other", credentials=known) == "Bearer"


def test_a_session_that_was_ended_is_refused_in_lax_mode_too():
    known = Credentials("Cust1")
    known.expire(known.xsrf)

    assert check("", [("X-XSRF-TOKEN", known.xsrf)], credentials=known) == "expired-credential"
    assert check("", [("X-XSRF-TOKEN", "other")], credentials=known) == "Session"


def test_a_percent_encoded_token_is_the_same_token():
    known = Credentials("Cust1", strict=True)
    encoded = known.token.replace(":", "%3A")

    assert check(f"Bearer {encoded}", credentials=known) == "Bearer"
    known.expire(known.token)
    assert check(f"Bearer {encoded}", credentials=known) == "expired-credential"
