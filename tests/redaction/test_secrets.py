"""Fingerprints, and names whose values are secret."""

import pytest

from mockso.redaction.redaction import Redaction
from mockso.redaction.secrets import Secrets

SECRET = "hunter2-Sesame"
REDACTION = Redaction(key=b"test")
PRINT = REDACTION.fingerprint(SECRET)


def test_a_fingerprint_is_short_and_the_same_for_the_same_secret():
    assert REDACTION.fingerprint(SECRET) == PRINT
    assert REDACTION.fingerprint("hunter3") != PRINT
    assert len(PRINT) == 9
    assert PRINT[0] == "#"


def test_another_process_gives_other_fingerprints():
    assert Redaction().fingerprint(SECRET) != Redaction().fingerprint(SECRET)


def test_a_fingerprint_stands_for_itself():
    text = f'{{"Password":"{PRINT}","t":"8A:Cust1.{PRINT}"}}'

    assert REDACTION.text(text, {}) == text
    assert REDACTION.header("Authorization", f"Bearer 8A:Cust1.{PRINT}", {}) == f"Bearer 8A:Cust1.{PRINT}"


@pytest.mark.parametrize(
    "name", ["Password", "access_token", "X-Api-Key", "ticket", "ClientSecret", "Cookie"]
)
def test_a_name_whose_value_is_secret(name):
    assert Secrets().is_secret_name(name)


@pytest.mark.parametrize("name", ["TicketPriority", "CustomerPasswordTemplateId", "Name", "DbiKey", ""])
def test_a_name_that_only_looks_so(name):
    assert not Secrets().is_secret_name(name)


@pytest.mark.parametrize("token", ["8A:Cust1.abc", "7T:abc", "eyJabc", "abc"])
def test_a_token_keeps_its_kind_and_tenant(token):
    replacements: dict[str, str] = {}

    safe = Secrets(key=b"test").token(token, replacements)

    assert safe.rpartition("#")[0] == token.removesuffix("abc")
    assert replacements == {token: safe}


@pytest.mark.parametrize(
    "moment", ["0001-01-01T00:00:00", "2026-01-31T10:20:30.1234567", "2026-01-31T10:20:30+02:00"]
)
def test_a_date_is_no_secret_whatever_its_name(moment):
    assert Secrets(key=b"k").token(moment, {}) == moment


@pytest.mark.parametrize("name", ["LastTicket", "contact/LastDoByTicket", "lastCompletedTicket"])
def test_a_column_of_dates_is_no_secret(name):
    assert not Secrets(key=b"k").is_secret_name(name)
    assert Secrets(["last_ticket"], key=b"k").is_secret_name("LastTicket")
