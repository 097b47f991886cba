"""Applications: the shipped one, those of the settings, and rows of a tenant."""

import pytest

from mockso.errors import SettingError
from mockso.state.applications import CLIENT, Application, Applications, parse_applications
from mockso.state.fingerprint import fingerprint
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
        ("javascript://localhost/%0aalert(1)", False),
        ("JavaScript://localhost/", False),
        ("vbscript://localhost/", False),
        ("data://localhost/,x", False),
        ("file://localhost/etc/passwd", False),
        ("my.app+1://localhost/callback", True),
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
    mine = Application("mine", fingerprint("s"), "Mine", ("https://a.example/",), frozenset({"User"}))

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


def test_a_script_is_no_redirect_address_even_where_it_is_registered():
    assert not Application("a", "", redirects=("javascript:alert(1)",)).redirects_to("javascript:alert(1)")


def test_the_shipped_one_is_changed_and_taken_away_by_its_id_with_the_tenant_too(store):
    applications = Applications(store)
    before = applications.get(f"{CLIENT}.Cust1")

    applications.put(before._replace(secret=fingerprint("other"), name="renamed"))
    after = applications.get(CLIENT)

    assert [one.id for one in applications] == [CLIENT]
    assert after.has_secret("other")
    assert applications.get(f"{CLIENT}.cust1").has_secret("other")
    assert applications.has_own(f"{CLIENT}.Cust1")
    assert after.token_in("Cust1").startswith("renamed-")
    assert applications.remove(f"{CLIENT}.Cust1")
    assert list(applications) == []


def test_an_id_with_another_tenants_name_is_another_application(store):
    applications = Applications(store)

    applications.put(Application(f"{CLIENT}.Cust2", fingerprint("x")))

    assert [one.id for one in applications] == [CLIENT, f"{CLIENT}.Cust2"]
    assert applications.get(CLIENT).has_secret("secret")


def test_a_system_token_is_the_same_in_a_tenant_and_another_elsewhere():
    application = Application("a", "", "My App")

    first, second = application.token_in("Cust1"), application.token_in("Cust2")

    assert first == application.token_in("cust1") != second
    assert first.startswith("My App-")
    assert len(first) == len("My App-") + 10
