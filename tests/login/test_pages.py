"""The pages of the login, and the forms that its calls are read from."""

from __future__ import annotations

from base64 import b64encode

import pytest

from mockso.login.form import read_client, read_form
from mockso.login.pages import choice_page, error_page, post_page
from mockso.login.users import NOBODY, all_users, default_user, find_user, user_of
from mockso.state.rows import Rows, Seed
from tests.conftest import call

EVIL = '"><script>alert(1)</script>'


def test_no_page_takes_a_text_for_html():
    pages = (
        error_page("Denied", EVIL),
        choice_page({"client_id": EVIL, EVIL: EVIL}, [NOBODY._replace(name=EVIL, full_name=EVIL)], EVIL),
        post_page(EVIL, {EVIL: EVIL}),
    )

    assert not any(b"<script>alert" in page for page in pages)


def test_the_page_to_choose_repeats_the_request_but_for_the_choice():
    form = {"client_id": "a", "state": "s", "prompt": "login", "login_hint": "x", "mockso_outcome": "Denied"}

    page = choice_page(form, [], "/login/common/oauth/authorize").decode()

    assert 'name="state" value="s"' in page
    for name in ("prompt", "login_hint"):
        assert f'name="{name}"' not in page
    assert '<button name="mockso_user" value="mockso">' in page


@pytest.mark.parametrize(
    ("query", "body", "form"),
    [
        ([("A", "1"), ("a", "2")], b"", {"a": "1"}),
        ([("a", "1")], b"a=2&b=3%20x+y", {"a": "2", "b": "3 x y"}),
        ([("a", "1")], b"null", {"a": "1"}),
        ([("a", "1")], b'{"a": 2, "b": ["c"], "d": "e"}', {"a": "2", "d": "e"}),
        ([("a", "1")], b'{"a":', {"a": "1"}),
        ([("redirect_url", "x")], b"", {"redirect_uri": "x"}),
        ([("a", "")], b"\xff=\xfe", {"\ufffd": "\ufffd"}),
    ],
)
def test_parameters_come_from_the_query_and_the_body(query, body, form):
    assert read_form(call("POST", body=body, query=query)) == form


@pytest.mark.parametrize(
    ("authorization", "form", "client"),
    [
        ("", {"client_id": "a", "client_secret": "b"}, ("a", "b")),
        ("Basic " + b64encode(b"a%20b:c%2Fd").decode(), {}, ("a b", "c/d")),
        ("Basic " + b64encode(b"a:b").decode(), {"client_id": "c"}, ("c", "b")),
        ("Basic ###", {"client_id": "c"}, ("c", "")),
        ("Bearer x", {}, ("", "")),
    ],
)
def test_a_client_names_itself_in_its_parameters_or_by_basic(authorization, form, client):
    assert read_client(call(authorization=authorization), form) == client


def test_a_tenant_without_associates_has_one_user():
    rows = Rows()

    assert default_user(rows) is find_user(rows, "mockso") is user_of(rows, 5) is NOBODY
    assert find_user(rows, "KAB") is None
    assert list(all_users(rows)) == []


def test_a_user_without_person_and_role_is_one_all_the_same():
    rows = Rows(Seed({"Associate": {3: {"Name": "ANB"}}, "tenant": {"me": {"associate": 3}}}))

    user = default_user(rows)

    assert (user.id, user.name, user.mail, user.full_name, user.company) == (3, "ANB", "ANB", "ANB", "")
    assert not user.is_administrator
