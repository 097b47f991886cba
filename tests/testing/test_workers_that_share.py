"""Workers of pytest-xdist over one state: what the option and the ini key share."""

import pytest

LIMITED = """
name: limited
steps:
  - match: {path: "/api/v1/Project/*"}
    times: 10
    reply: {status: 418}
"""
# Both save a company, and wait for that of the other; each tells how often it met the step.
MEETING = """
import time
import httpx, pytest

def call(mock, method, path, **options):
    headers = {"Authorization": "Bearer 8A:Cust777.me"}
    return httpx.request(method, f"{mock.base('Cust777')}/{path}", headers=headers, timeout=30, **options)

def names(mock):
    return [row["name"] for row in call(mock, "GET", "Contact?$select=name&$top=500").json()["value"]]

def wait_for_both(mock, begin):
    end = time.monotonic() + 60
    while len(found := [name for name in names(mock) if name.startswith(begin)]) < 2:
        assert time.monotonic() < end, found
        time.sleep(0.05)
    return found

@pytest.mark.parametrize("number", [0, 1])
def test_they_meet(mockso_server, superoffice, worker_id, number):
    call(mockso_server, "POST", "Contact", json={"Name": f"here is {worker_id}"})
    assert sorted(wait_for_both(mockso_server, "here is")) == ["here is gw0", "here is gw1"]

    used = [call(mockso_server, "GET", "Project/2").status_code for _ in range(10)].count(418)
    call(mockso_server, "POST", "Contact", json={"Name": f"used {used} of {number}"})
    counts = [int(name.split()[1]) for name in wait_for_both(mockso_server, "used")]

    assert sum(counts) == 10
    assert superoffice.client().get("Contact").json()["value"]
    assert not [call for call in superoffice.seen if "Project" in call.path]
"""


@pytest.fixture
def suite(pytester):
    pytest.importorskip("xdist")
    pytester.makefile(".yaml", limited=LIMITED)
    pytester.makepyfile(MEETING)
    return pytester


def make_ini(suite, *lines):
    more = "\n".join(("mockso_scenarios = limited.yaml", *lines))
    suite.makeini(f"[pytest]\naddopts = --strict-markers --strict-config -W error -p no:randomly\n{more}")


def test_workers_share_a_tenant_by_the_ini_key(suite):
    make_ini(suite, "mockso_state = mock.db")

    suite.runpytest_subprocess("-n", "2").assert_outcomes(passed=2)

    assert (suite.path / "mock.db").exists()


def test_the_option_wins_over_the_ini_key(suite):
    make_ini(suite, "mockso_state = memory")

    suite.runpytest_subprocess("-n", "2", "--mockso-state=other.db").assert_outcomes(passed=2)

    assert (suite.path / "other.db").exists()


def test_a_second_run_over_the_same_state_has_fresh_worlds(suite):
    make_ini(suite, "mockso_state = mock.db")
    suite.makepyfile(
        """
        import os

        def test_it(superoffice):
            superoffice.client().post("Contact", json={"Name": "Left behind"})
            if "END" in os.environ:
                os._exit(1)
            rows = superoffice.client().get("Contact?$select=name&$top=500").json()["value"]
            assert [row["name"] for row in rows].count("Left behind") == 1
        """
    )
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("END", "1")
        suite.runpytest_subprocess("-p", "no:xdist")

    suite.runpytest_subprocess("-p", "no:xdist").assert_outcomes(passed=1)


def test_a_state_that_cannot_be_used_is_one_line(suite):
    make_ini(suite, "mockso_state = no/such/folder/mock.db")

    result = suite.runpytest_subprocess("-p", "no:xdist", "-q")

    result.assert_outcomes(errors=2)
    result.stdout.fnmatch_lines(["*mockso: *no/such/folder/mock.db*"])
