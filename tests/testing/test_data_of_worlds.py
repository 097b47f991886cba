"""The rows of worlds: data files of the settings and the marker, and rows that a test lays over."""

from __future__ import annotations

import pytest

from mockso.errors import SeedError
from mockso.testing.mock import open_mock


@pytest.fixture(scope="module")
def mock():
    mock = open_mock(world="closed")
    yield mock
    mock.close()


def read(world, path):
    with world.client() as client:
        return client.get(path).json()


def test_a_test_lays_rows_over_its_world(mock):
    with mock.world() as superoffice:
        count = superoffice.load(
            {
                "Contact": {"acme": {"Name": "Acme"}},
                "Person": {"ada": {"Firstname": "Ada", "Contact": "acme"}},
            }
        )

        person = read(superoffice, "Person/61")
        assert count == 2
        assert (person["Contact"]["Name"], person["Contact"]["ContactId"]) == ("Acme", 31)


def test_two_worlds_share_a_seed_and_no_rows(mock):
    with mock.world() as one, mock.world() as other:
        one.load({"Contact": {17: {"Name": "Acme"}}})

        assert read(one, "Contact/17")["Name"] == "Acme"
        assert read(other, "Contact/17")["Name"] == "Birch & Brook AS"


def test_a_fault_changes_nothing(mock):
    with mock.world() as superoffice:
        with pytest.raises(
            SeedError, match=r"^seed\.Person\.ann\.Firstnam: PersonEntity has no such property"
        ):
            superoffice.load({"Contact": {"acme": {"Name": "Acme"}}, "Person": {"ann": {"Firstnam": "Ann"}}})

        assert superoffice.load({"Contact": {"acme": {"Name": "Acme"}}}) == 1
        assert read(superoffice, "Contact/31")["Name"] == "Acme"


def test_a_world_with_data_of_its_own(mock, tmp_path):
    (tmp_path / "acme.yaml").write_text("Contact: [{Name: Acme}]")

    with mock.world(data=["none", tmp_path]) as superoffice:
        assert read(superoffice, "Contact/1")["Name"] == "Acme"
        mock.load(superoffice.tenant, {"Contact": [{"Name": "Zeta"}]})
        assert read(superoffice, "Contact/2")["Name"] == "Zeta"


def test_a_wrong_file_of_a_world(mock, tmp_path):
    (tmp_path / "acme.yaml").write_text("Contct: []")

    with pytest.raises(SeedError, match=r"acme\.yaml:1:1: Contct: there is no kind 'Contct'"):
        mock.world(data=[tmp_path / "acme.yaml"])


def test_the_marker_and_the_ini_key(pytester):
    pytester.makeini("[pytest]\nmockso_data = suite.yaml\n")
    pytester.makefile(".yaml", suite="Contact: [{Name: Suite}]", own="Contact: [{Name: Own}]")
    pytester.makepyfile(
        """
        import pytest

        @pytest.fixture(scope="session")
        def mockso_config(mockso_config):
            return {**mockso_config, "world": "closed"}

        def name(superoffice):
            with superoffice.client() as client:
                return client.get("Contact/31").json()["Name"]

        def test_of_the_suite(superoffice):
            assert name(superoffice) == "Suite"

        @pytest.mark.mockso(data="own.yaml")
        def test_of_its_own(superoffice):
            assert name(superoffice) == "Own"
        """
    )

    pytester.runpytest_subprocess().assert_outcomes(passed=2)
