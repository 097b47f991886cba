"""One library: scenarios by name or path, and from mappings."""

import pytest

from mockso.errors import ScenarioError
from mockso.scenario.delay import Uniform
from mockso.scenario.library import Library
from mockso.scenario.scenario import Scenario, Step

OWN = Scenario("throttled", description="own", steps=(Step(),))
SLOW = {"name": "slow", "steps": [{"delay": {"uniform": [1, 2]}}]}


@pytest.fixture
def library(shipped) -> Library:
    return Library(shipped)


def test_a_name_is_one_of_ones_own_then_of_those_that_come_with_mockso(library):
    assert library.find("throttled", [OWN]) is OWN
    assert library.find("throttled").description != "own"
    assert library.find("server_error").name == "server-error"


@pytest.mark.parametrize("name", ["throtled", "../scenarios/success.yaml", "/etc/passwd", ""])
def test_neither_an_unknown_name_nor_a_path_finds_anything(library, name):
    assert library.find(name) is None


def test_the_nearest_name_is_told(library):
    assert library.nearest("throtled") == "throttled"
    assert library.nearest("xyzzy-plugh") == ""


def test_all_that_have_a_name_in_its_order(library):
    names = [(scenario.name, scenario.description) for scenario in library.every([OWN])]

    assert names == sorted(names)
    assert ("throttled", "own") in names
    assert len({name for name, _ in names}) == len(names) > 10


def test_a_file_is_read_once(library, tmp_path):
    file = tmp_path / "one.yaml"
    file.write_text("name: one\nsteps: [{times: 1}]\n")

    first = library.load(str(file))
    file.write_text("broken")

    assert library.load(str(file)) is first


def test_names_files_folders_mappings_and_scenarios_can_be_played(library, tmp_path):
    (tmp_path / "one.yaml").write_text("name: one\nsteps: [{times: 1}]\n")

    what = library.read(["throttled", tmp_path, {"steps": [{"times": 1}]}, OWN])

    assert [scenario.name for scenario in what] == ["throttled", "one", "played", "throttled"]


def test_random_delays_start_from_a_seed(library):
    (scenario,) = library.read([SLOW], seed=7)

    assert isinstance(scenario.steps[0].delay, Uniform)
    assert scenario.steps[0].delay.seed == 7


def test_a_mapping_that_is_not_json_is_told_with_its_place(library):
    with pytest.raises(ScenarioError, match=r"test_x\.py:7: what is played must be JSON"):
        library.read_mapping({"name": "x", "steps": [{"reply": {"body": object()}}]}, "test_x.py:7")
