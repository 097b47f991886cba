"""The grammar of addresses, and where a tenant lives."""

import pytest

from mockso.exchange.address import (
    Address,
    base_of,
    can_name_tenant,
    home_of,
    host_name,
    is_api,
    is_at_home,
    is_elsewhere,
    is_to_environment,
    origin_of,
    parse_address,
    parse_query,
    tenant_of_state,
)

BASE = "http://localhost:8585/Cust1/api"


@pytest.mark.parametrize(
    ("path", "moved", "tenant", "rest"),
    [
        ("/api", False, "", "/api"),
        ("/api/", False, "", "/api"),
        ("/API/v1/Contact/17/", False, "", "/api/v1/Contact/17"),
        ("//Cust1//api//v1//Contact", False, "Cust1", "/api/v1/Contact"),
        ("/moved/Cust1/api/v1", True, "Cust1", "/api/v1"),
        ("/moved/api/v1", False, "moved", "/api/v1"),
        ("/Cust1/api/a\nb", False, "Cust1", "/api/a\nb"),
    ],
)
def test_an_address_of_the_api(path, moved, tenant, rest):
    assert is_api(path)
    assert parse_address(path) == Address(moved, tenant, rest)


@pytest.mark.parametrize(
    "path",
    ["", "/", "/apis", "/Cust1/v1", "/a/b/api", "api", "/__mockso/journal", "/v1/api/v1/Contact", "/V2/api"],
)
def test_any_other_path_is_not_the_apis(path):
    assert not is_api(path)
    assert parse_address("/Nowhere//x/") == Address(False, "", "/Nowhere/x")


@pytest.mark.parametrize(
    "name", ["", "v1", "V2", "api", "Login", "common", "moved", "__mockso", "favicon.ico"]
)
def test_a_part_of_every_address_is_no_name_of_a_tenant(name):
    assert not can_name_tenant(name)


@pytest.mark.parametrize("name", ["Cust1", "crm", "v1a", "vendor", "Contact"])
def test_any_other_part_may_name_a_tenant(name):
    assert can_name_tenant(name)


def test_the_base_address_of_a_call():
    assert base_of(Address(False, "", "/api"), "http://m") == "http://m/api"
    assert base_of(Address(False, "A b", "/api"), "http://m") == "http://m/A%20b/api"
    assert base_of(Address(True, "Cust1", "/api"), "http://m") == "http://m/moved/Cust1/api"
    assert origin_of("http://m:1/moved/Cust1/api") == "http://m:1"


def test_the_state_of_a_tenant_is_asked_of_the_shared_host():
    assert tenant_of_state("/api/State/Cust1") == "Cust1"
    assert tenant_of_state("/api/state/Cust1/more") == tenant_of_state("/api/state") == ""
    assert is_to_environment("http://m//api/state/Cust%31/?x=1")
    assert is_to_environment("/api/%73tate/Cust1")
    assert not is_to_environment("/Cust1/api/state/Cust1")


def test_a_query_is_decoded_in_its_order():
    assert parse_query("a=1&b&&A=%41+%2B?$select=x=y") == [
        ("a", "1"),
        ("b", ""),
        ("A", "A +"),
        ("$select", "x=y"),
    ]


@pytest.mark.parametrize(
    ("endpoint", "home"),
    [
        ("", "http://localhost:8585/Cust1"),
        ("elsewhere", "http://localhost:8585/moved/Cust1"),
        ("https://sod2.example.com/", "https://sod2.example.com/Cust1"),
    ],
)
def test_a_tenant_lives_where_a_scenario_moved_it(endpoint, home):
    assert home_of("Cust1", endpoint, BASE) == home


def test_a_call_comes_by_the_address_of_its_tenant_or_another():
    assert is_at_home("Cust1", "", BASE)
    assert not is_at_home("Cust1", "elsewhere", BASE)
    assert is_at_home("Cust1", "elsewhere", "https://LOCALHOST:8585/moved/cust1/api")
    assert is_elsewhere("http://m/moved/Cust1/api")
    assert not is_elsewhere("http://m/moved/api")


def test_the_host_of_a_header_has_no_port():
    assert [host_name(header) for header in ("A.com:80", "[::1]:8585", "b", "")] == ["a.com", "::1", "b", ""]
