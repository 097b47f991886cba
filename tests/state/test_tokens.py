"""Texts of tokens, and forgetting those whose time is over."""

import pytest

from mockso.state.credentials import Credentials
from mockso.state.fingerprint import fingerprint
from mockso.state.rows import RowStore
from mockso.state.tokens import access_token, printed_expiry, ticket
from tests.conftest import NOON, call


def check(credentials, token, at, scheme="Bearer"):
    headers = [("SO-AppToken", "x")] if scheme == "SOTicket" else []
    request = call(tenant="Cust1", authorization=f"{scheme} {token}", headers=headers, at=at)
    fault = credentials.check(request, online=True)[1]
    return fault.rule if fault else ""


def issue(store, token, expires, **facts):
    row = {"expires": expires, "until": expires, **facts}
    store.change(lambda draft: draft.put("token", fingerprint(token), row))


@pytest.mark.parametrize("text", [access_token("Cust1", NOON), ticket(NOON)], ids=["access", "ticket"])
def test_a_token_says_when_it_expires(text):
    assert printed_expiry(text) == NOON


@pytest.mark.parametrize("text", ["8A:Cust1.abc", "7T:abc", "", "8A:Cust1." + "a" * 60, "7T:" + "%" * 60])
def test_any_other_text_says_nothing(text):
    assert printed_expiry(text) is None


def test_no_two_tokens_are_alike():
    assert len({access_token("Cust1", NOON) for _ in range(100)}) == 100


@pytest.mark.parametrize("strict", [False, True])
def test_an_expired_token_is_known_after_its_row_was_forgotten(strict):
    store = RowStore("Cust1")
    credentials = Credentials("Cust1", strict=strict, store=store)
    token = access_token("Cust1", NOON + 10)
    issue(store, token, NOON + 10)

    assert check(credentials, token, NOON + 9) == ""
    credentials.purge(NOON + 11)

    assert store.rows.own_row("token", fingerprint(token)) is None
    assert check(credentials, token, NOON + 11) == "expired-credential"


def test_what_was_expired_on_purpose_is_remembered_until_its_time():
    store = RowStore("Cust1")
    credentials = Credentials("Cust1", store=store)
    token = access_token("Cust1", NOON + 1000)
    issue(store, token, NOON + 1000)

    credentials.expire(token)
    credentials.purge(NOON)

    assert check(credentials, token, NOON) == "expired-credential"
    credentials.purge(NOON + 1001)
    assert store.rows.own_row("token", fingerprint(token)) is None


@pytest.mark.parametrize("strict", [False, True])
def test_what_was_revoked_and_forgotten_stays_so_when_the_clock_goes_back(strict):
    store = RowStore("Cust1")
    credentials = Credentials("Cust1", strict=strict, store=store)
    token, later = access_token("Cust1", NOON + 1000), access_token("Cust1", NOON + 9000)
    issue(store, token, NOON + 1000)
    issue(store, later, NOON + 9000)
    credentials.expire(token)

    credentials.purge(NOON + 5000)

    assert check(credentials, token, NOON) == "expired-credential"
    assert check(credentials, later, NOON) == ""


def test_a_token_with_half_a_surrogate_pair_is_unknown():
    assert check(Credentials("Cust1", strict=True), "8A:Cust1.\ud800", NOON) == "unknown-credential"


def test_a_ticket_in_use_is_kept():
    store = RowStore("Cust1")
    credentials = Credentials("Cust1", store=store)
    text = ticket(NOON + 21600)
    issue(store, text, NOON + 21600, is_ticket=True)

    assert check(credentials, text, NOON + 20000, "SOTicket") == ""
    credentials.purge(NOON + 40000)

    assert check(credentials, text, NOON + 41000, "SOTicket") == ""
    assert check(credentials, text, NOON + 41000 + 21600, "SOTicket") == "expired-credential"


def test_all_access_tokens_expire_at_once_and_tickets_do_not():
    store = RowStore("Cust1")
    credentials = Credentials("Cust1", store=store)
    token, text = access_token("Cust1", NOON + 1000), ticket(NOON + 1000)
    issue(store, token, NOON + 1000)
    issue(store, text, NOON + 1000, is_ticket=True)

    credentials.expire_all()

    assert check(credentials, token, NOON) == "expired-credential"
    assert check(credentials, credentials.token, NOON) == "expired-credential"
    assert check(credentials, text, NOON, "SOTicket") == ""


def test_looking_for_what_can_be_forgotten_is_rare():
    store = RowStore("Cust1")
    credentials = Credentials("Cust1", store=store)
    credentials.purge(NOON)
    token = access_token("Cust1", NOON + 10)
    issue(store, token, NOON + 10)

    credentials.purge(NOON + 500)
    assert store.rows.own_row("token", fingerprint(token)) is not None
    credentials.purge(NOON + 600)
    assert store.rows.own_row("token", fingerprint(token)) is None


def test_a_call_knows_who_logged_in():
    store = RowStore("Cust1")
    credentials = Credentials("Cust1", store=store)
    token = access_token("Cust1", NOON + 10)
    issue(store, token, NOON + 10, client="mockso-client", user=7)
    request = call(tenant="Cust1", authorization=f"Bearer {token}")

    assert credentials.user_of(request) == 7
    assert credentials.application_of(request).id == "mockso-client"
    assert credentials.user_of(call(tenant="Cust1")) == 0
    assert credentials.application_of(call(tenant="Cust1")) is None
