"""Applications: the shipped one, those of the settings, and rows of a tenant."""

import pytest

from mockso.errors import SettingError
from mockso.state.applications import CLIENT, Application, Applications, hash_secret, parse_applications
from mockso.state.rows import RowStore


@pytest.fixture
def store():
    return RowStore("Cust1")


def test_one_application_works_out_of_the_box(store):
    application = Applications(store).get(CLIENT)

    assert application is not None
    assert application.has_secret("secret")
    assert not application.has_secret("Secret")
    assert application.grants is None


@pytest.mark.parametrize(
    ("address", "is_taken"),
    [
        ("http://localhost/callback", True),
        ("http://127.0.0.1:9000/a?b=c", True),
        ("https://[::1]:8443/", True),
        ("http://app.localhost:3000", True),
        ("http://localhost.evil.example/", False),
        ("http://evil.example/?http://localhost/", False),
        ("http://localhost@evil.example/", False),
        ("http://localhost/#fragment", False),
        ("http://localhost/a b", False),
        ("javascript:alert(1)//localhost/", False),
        ("", False),
    ],
)
def test_the_shipped_one_is_sent_back_to_this_machine_only(store, address, is_taken):
    application = Applications(store).get(CLIENT)

    assert application is not None
    assert application.redirects_to(address) == is_taken


def test_other_redirect_addresses_are_compared_letter_by_letter():
    application = Application("a", "", redirects=("https://app.example/cb",))

    assert application.redirects_to("https://app.example/cb")
    assert not application.redirects_to("https://app.example/cb/")
    assert not application.redirects_to("http://localhost/")


def test_the_settings_have_more(store):
    applications = Applications(store, ["mine:s3cret", "other:x:Webhook+User"])

    assert [one.id for one in applications] == [CLIENT, "mine", "other"]
    assert applications.of_secret("s3cret") == applications.get("mine")
    assert applications.get("other").grants == {"Webhook", "User"}


@pytest.mark.parametrize("text", ["mine", "mine:", ":secret"])
def test_a_setting_that_is_none_is_refused(text):
    with pytest.raises(SettingError, match="ID:SECRET"):
        parse_applications([text])


def test_a_row_stands_for_an_application_and_has_no_secret(store):
    applications = Applications(store)
    mine = Application("mine", hash_secret("s"), "Mine", ("https://a.example/",), frozenset({"User"}))

    applications.put(mine)

    assert applications.get("mine") == mine
    assert applications.has_own("mine")
    assert not applications.has_own(CLIENT)
    assert store.rows.get("application", "mine")["secret"] != "s"


def test_the_shipped_one_can_be_taken_away(store):
    applications = Applications(store)

    assert applications.remove(CLIENT)
    assert not applications.remove(CLIENT)
    assert applications.get(CLIENT) is None
    assert list(applications) == []


def test_a_system_token_is_the_same_in_a_tenant_and_another_elsewhere():
    application = Application("a", "", "My App")

    first, second = application.token_in("Cust1"), application.token_in("Cust2")

    assert first == application.token_in("cust1") != second
    assert first.startswith("My App-")
    assert len(first) == len("My App-") + 10
