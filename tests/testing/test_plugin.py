"""The plugin in suites of its own: fixtures, markers, options, and what they do to a run."""

from __future__ import annotations

import fnmatch
import json
import re
import subprocess
import sys
from ast import literal_eval

import pytest

from mockso.errors import SettingError
from mockso.testing.sweep_report import read_runs

SIX_LINES = """
def test_reads_a_contact(superoffice):
    client = superoffice.client()

    contact = client.get("Contact/17").json()

    assert contact["ContactId"] == 17
"""


@pytest.fixture
def suite(pytester: pytest.Pytester) -> pytest.Pytester:
    """A folder for a suite; no plugins of the machine but ours and xdist."""
    pytester.makeini("[pytest]\naddopts = --strict-markers --strict-config -W error -p no:randomly")
    return pytester


def test_six_lines_are_a_test(suite):
    suite.makepyfile(SIX_LINES)

    result = suite.runpytest()

    result.assert_outcomes(passed=1)
    result.stdout.fnmatch_lines(["mockso: *, strict fail"])


def test_a_suite_that_uses_nothing_of_it_imports_nothing_of_it(suite):
    suite.makepyfile(
        "import sys\n"
        "def test_nothing():\n"
        "    loaded = sorted(m for m in sys.modules if m.startswith('mockso'))\n"
        "    assert loaded == ['mockso', 'mockso.pytest_plugin', 'mockso.version']\n"
    )

    suite.runpytest_subprocess().assert_outcomes(passed=1)


def test_the_plugin_imports_next_to_nothing():
    code = (
        "import sys, pytest; before = set(sys.modules); import mockso.pytest_plugin\n"
        "print(sorted(name for name in set(sys.modules) - before))"
    )
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    loaded = literal_eval(ended.stdout)
    assert "mockso.pytest_plugin" in loaded
    assert [name for name in loaded if not name.startswith("mockso")] == []
    assert "mockso.engine" not in loaded


def test_a_thousand_tests_in_random_order_are_apart(suite):
    many_tests(suite)

    result = suite.runpytest("-q", "-p", "no:xdist")

    result.assert_outcomes(passed=1000)


def test_a_thousand_tests_in_two_workers_are_apart(suite):
    pytest.importorskip("xdist")
    many_tests(suite)

    result = suite.runpytest_subprocess("-q", "-n", "2")

    result.assert_outcomes(passed=1000)


def many_tests(suite: pytest.Pytester) -> None:
    suite.makeconftest(
        "import random\ndef pytest_collection_modifyitems(items):\n    random.Random(4).shuffle(items)\n"
    )
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.mockso(world="open")
        @pytest.mark.parametrize("number", range(1, 1001))
        def test_one_call(superoffice, number):
            if number % 3 == 0:
                superoffice.expect("v1ContactEntity_GetContactEntity", json={"ContactId": number})
            reply = superoffice.client().get(f"Contact/{number}")
            assert reply.json()["ContactId"] == number
            assert [repr(call) for call in superoffice.seen] == [f"<GET Contact/{number} 200>"]
        """
    )


def test_the_markers_have_full_signatures(suite):
    text = suite.runpytest("--markers").stdout.str()
    [world] = re.findall(r"^@pytest\.mark\.mockso\(\*, (.*)\): ", text, re.MULTILINE)

    assert re.findall(r"(\w+)=", world) == [
        "profile",
        "scenarios",
        "strict",
        "grants",
        "allow_unmatched",
        "seed",
        "recording",
        "data",
        "tenant",
        "intercept",
        "world",
    ]
    assert "@pytest.mark.mockso_allow(rule, *, reason): " in text


@pytest.mark.parametrize(
    ("mark", "message"),
    [
        (
            "mockso(grants=5)",
            "@pytest.mark.mockso: grants=5 is not part of mockso(*, profile=*world='closed'|'open').",
        ),
        ("mockso('online')", "@pytest.mark.mockso: 'online' is not part of mockso(*"),
        ("mockso(scenarios={})", "@pytest.mark.mockso: scenarios={} is not part of mockso(*"),
        ("mockso(seed=[[]])", "@pytest.mark.mockso: seed=*"),
        ("mockso(strcit='off')", "@pytest.mark.mockso: strcit='off' is not part of mockso(*"),
        ("mockso(recording=5)", "@pytest.mark.mockso: recording=5 is not part of mockso(*"),
        ("mockso(strict='odd')", "mockso: strict is one of off, report, fail, not 'odd'."),
        ("mockso(profile='odd')", "mockso: profile is online or onsite, not 'odd'."),
        ("mockso(grants=['Webhok'])", "*no agent 'Webhok'. Did you mean 'Webhook'?*"),
        ("mockso(world='odd')", "mockso: world is closed or open, not 'odd'."),
        (
            "mockso_allow('online-restricted')",
            "mockso: the marker is mockso_allow(rule, *, reason); say which*",
        ),
        ("mockso_allow(5, reason='')", "mockso: the marker is mockso_allow(rule, *, reason); say which*"),
        ("mockso_allow('onlin-restricted', reason='')", "mockso: *Did you mean 'online-restricted'?*"),
    ],
)
def test_what_is_wrong_with_a_marker_is_one_line(suite, mark, message):
    suite.makepyfile(f"import pytest\n@pytest.mark.{mark}\ndef test_it(superoffice):\n    pass\n")

    result = suite.runpytest()

    result.assert_outcomes(errors=1)
    assert fnmatch.filter(result.outlines, message)


def test_every_option_and_ini_key_is_ours_by_name(suite):
    text = suite.runpytest("--help").stdout.str()
    ours = text.partition("mockso: the SuperOffice")[2].partition("\n\n")[0]

    assert set(re.findall(r"^  (--[\w-]+)", ours, re.MULTILINE)) == {
        "--mockso-strict",
        "--mockso-har",
        "--mockso-state",
        "--mockso-record",
        "--mockso-record-force",
        "--mockso-block-network",
        "--mockso-coverage",
        "--mockso-coverage-from",
        "--mockso-cov-fail-under",
        "--mockso-sweep",
        "--mockso-sweep-strict",
        "--mockso-sweep-max",
        "--mockso-sweep-file",
        "--mockso-sweep-timeout",
    }


def test_marks_make_the_world(suite):
    suite.makepyfile(
        played='name: "unused"',
        test_it="""
        import pytest

        @pytest.mark.mockso(profile="onsite", grants=["User"], seed=3)
        class TestMarks:
            def test_of_a_class(self, superoffice):
                assert not superoffice.online and superoffice.seed == 3

            @pytest.mark.mockso(profile="online", scenarios="throttled")
            def test_the_nearest_wins_and_the_rest_stays(self, superoffice):
                assert superoffice.online and superoffice.seed == 3
                client = superoffice.client()
                assert [client.get("Contact/1").status_code for _ in range(3)] == [429, 429, 200]
                reply = client.post("Agents/User/SaveUntrustedCredentials", json={"Type": "x"})
                assert reply.status_code == 204
        """,
    )

    suite.runpytest().assert_outcomes(passed=2)


def test_a_scenario_file_is_looked_for_beside_the_test(suite):
    folder = suite.mkpydir("inner")
    (folder / "teapot.yaml").write_text("name: teapot\nsteps:\n  - times: 1\n    reply: {status: 418}\n")
    (folder / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.mockso(scenarios=['teapot.yaml'])\n"
        "def test_tea(superoffice):\n"
        "    assert superoffice.client().get('Contact/1').status_code == 418\n"
    )

    suite.runpytest().assert_outcomes(passed=1)


def test_a_level_is_set_by_option_ini_marker_and_in_the_test(suite):
    suite.makeini("[pytest]\nmockso_strict = report\naddopts = --strict-markers")
    suite.makepyfile(
        """
        import pytest
        SAVE, BODY = "Agents/User/SaveUntrustedCredentials", {"Type": "x"}

        def test_ini(superoffice):
            superoffice.client().post(SAVE, json=BODY)

        @pytest.mark.mockso(strict="fail")
        def test_marker(superoffice):
            superoffice.client().post(SAVE, json=BODY)

        @pytest.mark.mockso(strict="fail")
        def test_call(superoffice):
            superoffice.strict = "off"
            superoffice.client().post(SAVE, json=BODY)
        """
    )

    by_ini = suite.runpytest()
    by_option = suite.runpytest("--mockso-strict=fail")

    by_ini.assert_outcomes(passed=2, failed=1)
    by_option.assert_outcomes(passed=1, failed=2)
    by_ini.stdout.fnmatch_lines(["violations by rule:", "  online-restricted *2 *"])


def test_rules_are_allowed_by_marker_and_by_ini(suite):
    suite.makeini("[pytest]\nmockso_allow =\n    unknown-property the vendor's client sends them\n")
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.mockso_allow("online-restricted", reason="what those see who lack the agent")
        def test_both(superoffice):
            superoffice.client().post("Agents/User/SaveUntrustedCredentials", json={"Typ": "x"})
        """
    )

    suite.runpytest().assert_outcomes(passed=1)


def test_an_expected_failure_may_be_one_of_the_contract(suite):
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.xfail(strict=True)
        def test_it(superoffice):
            superoffice.client().get("Contact/abc")

        def test_skipped(superoffice):
            superoffice.client().get("Contact/abc")
            pytest.skip("not now")
        """
    )

    suite.runpytest().assert_outcomes(xfailed=1, skipped=1)


def test_a_world_that_a_test_asks_for_while_it_runs_is_judged(suite):
    suite.makepyfile(
        """
        def test_it(request):
            request.getfixturevalue("superoffice").client().get("Contact/abc")
        """
    )

    result = suite.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["mockso: GET Contact/abc -> 400: *parameter-type*"])


def test_further_worlds_are_checked_and_dropped_too(suite):
    suite.makepyfile(
        """
        def test_it(superoffice, mockso):
            other = mockso.world(profile="onsite")
            other.client().get("Contact/17?$selct=Name")

        def test_dropped(mockso):
            assert mockso.engine.tenants.names() == []
        """
    )

    result = suite.runpytest()

    result.assert_outcomes(passed=1, failed=1)
    result.stdout.fnmatch_lines(["mockso: GET Contact/17 -> 200: query $selct: *unknown-parameter*"])


def test_what_a_teardown_calls_is_judged_too(suite):
    suite.makepyfile(
        """
        import copy
        import pytest

        @pytest.fixture
        def tidy(superoffice):
            yield superoffice
            superoffice.client().get("Contact/abc")

        @pytest.fixture
        def other(mockso):
            made = mockso.world()
            yield made
            made.client().get("Contact/abc")

        def test_one(tidy):
            pass

        def test_further(superoffice, other):
            pass

        def test_beside(tidy, mockso):
            pass

        def test_no_world(mockso):
            assert copy.copy(mockso).url == mockso.url

        def test_off(tidy):
            tidy.strict = "off"

        def test_reported(tidy):
            tidy.strict = "report"

        def test_allowed(tidy):
            tidy.client().get("Contact/xyz")
            tidy.allow("parameter-type", "both call wrong")

        def test_failed(tidy):
            assert 0
        """
    )

    result = suite.runpytest("--mockso-coverage")

    result.assert_outcomes(passed=7, failed=1, errors=3)
    result.stdout.fnmatch_lines(
        [
            "*ERROR at teardown of test_one*",
            "mockso: GET Contact/abc -> 400: path id: *parameter-type*",
            "*ERROR at teardown of test_further*",
            "mockso: GET Contact/abc -> 400: path id: *parameter-type*",
            "*ERROR at teardown of test_beside*",
            "mockso: GET Contact/abc -> 400: path id: *parameter-type*",
            "8 calls in 8 tests",
            "  parameter-type *4 *test_beside and 3 more tests",
            "v1ContactEntity_GetContactEntity *0/3*",
        ]
    )


def test_the_configuration_can_be_overridden(suite):
    suite.makeconftest(
        """
        import pytest

        @pytest.fixture(scope="session")
        def mockso_config(mockso_config):
            return {**mockso_config, "select_mode": "omit", "grants": ["User"]}
        """
    )
    suite.makepyfile(
        """
        def test_it(superoffice):
            assert "Number1" not in superoffice.client().get("Contact/17?$select=Name").json()
        """
    )

    suite.runpytest().assert_outcomes(passed=1)


def test_ini_keys_set_profile_grants_and_scenarios(suite):
    suite.makeini(
        "[pytest]\nmockso_profile = online\nmockso_grants = User EMail\nmockso_scenarios = server-error-once"
    )
    suite.makepyfile(
        """
        def test_it(superoffice):
            client = superoffice.client()
            statuses = [client.get("Contact/1").status_code for _ in range(2)]
            body = {"Type": "x", "Credentials": None}
            statuses.append(client.post("Agents/User/SaveUntrustedCredentials", json=body).status_code)
            assert statuses == [500, 200, 204]

        def test_scenarios_of_all_need_not_be_used_up(superoffice):
            pass
        """
    )

    suite.runpytest().assert_outcomes(passed=2)


def test_a_failed_test_has_an_archive_and_properties(suite):
    suite.makepyfile("def test_it(superoffice):\n    superoffice.client().get('Contact/abc')\n")

    suite.runpytest("--mockso-har=archives", "--junitxml=junit.xml")

    [archive] = (suite.path / "archives").iterdir()
    entries = json.loads(archive.read_text())["log"]["entries"]
    junit = (suite.path / "junit.xml").read_text()
    assert [entry["response"]["status"] for entry in entries] == [400]
    assert '<property name="mockso_calls" value="1"' in junit
    assert '<property name="mockso_violation" value="1"' in junit


def test_an_archive_that_cannot_be_written_is_said_so(suite):
    name = "é" * 100
    suite.makepyfile(f"def test_{name}(superoffice):\n    superoffice.client().get('Contact/abc')\n")

    result = suite.runpytest("--mockso-har=archives")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["archives/*.har: cannot be written (File name too long)"])


def test_the_summary_is_right_over_two_workers(suite):
    pytest.importorskip("xdist")
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(6))
        def test_it(superoffice, number):
            superoffice.client().get("Contact/17?$selct=Name")

        @pytest.mark.mockso(scenarios=["throttled"])
        def test_unused(superoffice):
            pass
        """
    )

    result = suite.runpytest_subprocess("-n", "2", "--mockso-coverage")

    result.assert_outcomes(failed=7)
    result.stdout.fnmatch_lines(
        [
            "6 calls in 7 tests",
            "violations by rule:",
            "  unknown-parameter     6  test_the_summary_is_right_over_two_workers.py::test_it[[]0[]] and 5 more tests",
            "steps not used up:",
            "  *test_unused: step throttled#1 (throttled.yaml:*) was used 0 of 2 times; no call came",
            "v1ContactEntity_GetContactEntity *",
        ]
    )


def test_tenants_of_workers_never_meet(suite):
    pytest.importorskip("xdist")
    suite.makepyfile(
        """
        import pytest

        @pytest.mark.parametrize("number", range(4))
        def test_it(superoffice, worker_id, number):
            assert superoffice.tenant.startswith({"gw0": "Cust110", "gw1": "Cust210"}[worker_id])
        """
    )

    suite.runpytest_subprocess("-n", "2").assert_outcomes(passed=4)


def test_async_tests_need_nothing_special(suite):
    suite.makepyfile(
        """
        import asyncio

        def test_it(superoffice):
            async def calls():
                async with superoffice.async_client() as client:
                    await asyncio.gather(*(client.get(f"Contact/{n}") for n in range(1, 4)))
                return await superoffice.arrival("v1Contact*", count=3)

            assert len(asyncio.run(calls())) == 3
        """
    )

    suite.runpytest().assert_outcomes(passed=1)


def test_unittest_needs_no_plugin(tmp_path):
    (tmp_path / "test_it.py").write_text(
        "import unittest, mockso\n"
        "class Contacts(unittest.TestCase):\n"
        "    @classmethod\n"
        "    def setUpClass(cls):\n"
        "        cls.mock = cls.enterClassContext(mockso.serve())\n"
        "    def setUp(self):\n"
        "        self.superoffice = self.enterContext(self.mock.world())\n"
        "    def test_a_read(self):\n"
        "        self.assertEqual(self.superoffice.client().get('Contact/17').status_code, 200)\n"
        "    def test_a_typo(self):\n"
        "        self.superoffice.client().get('Contact/17?$selct=Name')\n"
    )

    ended = subprocess.run(
        [sys.executable, "-m", "unittest", "test_it"],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "FAILED (failures=1)" in ended.stderr
    assert "mockso: GET Contact/17 -> 200: query $selct" in ended.stderr


def test_a_wrong_ini_key_or_option_stops_the_run(suite):
    suite.makeini("[pytest]\nmockso_strict = loud")
    loud = suite.runpytest()
    suite.makeini("[pytest]\nmockso_profile = onlin")
    onlin = suite.runpytest()
    suite.makeini("[pytest]")
    yaml = suite.runpytest("--mockso-coverage=yaml:x")

    loud.stderr.fnmatch_lines(["ERROR: mockso_strict: it is off, report or fail, not 'loud'."])
    onlin.stderr.fnmatch_lines(["ERROR: mockso_profile: it is auto, online or onsite, not 'onlin'."])
    yaml.stderr.fnmatch_lines(["ERROR: mockso: 'yaml:x' is not a coverage report. Give term*"])


def test_the_block_of_the_network_lets_the_mock_pass_only(suite):
    suite.makepyfile(
        """
        import socket
        import pytest
        import requests

        def test_the_mock(superoffice):
            reply = requests.get(f"{superoffice}/Contact/17", headers=superoffice.headers)
            assert reply.status_code == 200

        def test_elsewhere(superoffice):
            with socket.socket() as listening:
                listening.bind(("127.0.0.1", 0))
                listening.listen()
                with pytest.raises(RuntimeError, match="only the mock may be reached"):
                    socket.create_connection(listening.getsockname(), 1)

        @pytest.mark.parametrize("host", ["sod.superoffice.com", "online.superoffice.com", "example.com"])
        def test_names_are_not_looked_up(host):
            with pytest.raises(RuntimeError, match=host):
                requests.get(f"https://{host}/Cust12345/api/v1/Contact/1")

        def test_datagrams_go_nowhere():
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
                with pytest.raises(RuntimeError, match="only the mock may be reached"):
                    sending.sendto(b"x", ("127.0.0.1", 9))
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sending:
                with pytest.raises(RuntimeError, match="only the mock may be reached"):
                    sending.sendmsg([b"x"], [], 0, ("127.0.0.1", 9))

        @pytest.mark.parametrize("look_up", [socket.gethostbyname, socket.gethostbyname_ex])
        def test_names_are_not_looked_up_in_other_ways(look_up):
            with pytest.raises(RuntimeError, match="the real SuperOffice"):
                look_up("sod.superoffice.com")
        """
    )

    suite.runpytest("--mockso-block-network").assert_outcomes(passed=8)


def test_a_port_that_is_let_through_is_no_other(suite):
    suite.makeini("[pytest]\nmockso_allow_hosts = localhost:9")
    suite.makepyfile(
        """
        import socket
        import pytest

        def test_it():
            assert socket.gethostbyname("localhost") == "127.0.0.1"
            with pytest.raises(ConnectionRefusedError):
                socket.create_connection(("localhost", 9), 1)
            with pytest.raises(RuntimeError, match="only the mock may be reached"):
                socket.create_connection(("localhost", 10), 1)
        """
    )

    suite.runpytest("--mockso-block-network").assert_outcomes(passed=1)


def test_hosts_can_be_let_through_the_block_but_never_the_vendor_s(suite):
    suite.makeini("[pytest]\nmockso_allow_hosts = 127.0.0.1 sod.superoffice.com")
    suite.makepyfile(
        """
        import socket
        import pytest

        def test_allowed():
            with socket.socket() as listening:
                listening.bind(("127.0.0.1", 0))
                listening.listen()
                socket.create_connection(listening.getsockname(), 1).close()

        def test_never():
            with pytest.raises(RuntimeError, match="the real SuperOffice"):
                socket.create_connection(("sod.superoffice.com", 443), 1)
        """
    )

    suite.runpytest("--mockso-block-network").assert_outcomes(passed=2)


def test_it_lives_beside_other_plugins(suite):
    for name in ("respx", "responses", "pytest_httpserver"):
        pytest.importorskip(name)
    suite.makepyfile(
        """
        import httpx, requests, responses, respx

        @responses.activate
        def test_responses(superoffice):
            responses.get("https://example.com/", body="theirs")
            assert requests.get("https://example.com/").text == "theirs"
            assert superoffice.session().get("Contact/17").status_code == 200

        def test_respx(superoffice, respx_mock):
            respx_mock.get("https://example.com/").respond(text="theirs")
            assert httpx.get("https://example.com/").text == "theirs"
            assert superoffice.client().get("Contact/17").status_code == 200

        def test_httpserver(superoffice, httpserver):
            httpserver.expect_request("/").respond_with_data("theirs")
            assert requests.get(httpserver.url_for("/")).text == "theirs"
            assert requests.get(f"{superoffice}/Contact/17", headers=superoffice.headers).status_code == 200
        """
    )

    result = suite.runpytest()

    result.assert_outcomes(passed=3)


def test_an_assertion_on_a_call_s_json_names_the_places_that_differ(suite):
    suite.makepyfile(
        """
        def test_sent(superoffice):
            superoffice.client().post("Contact", json={"Name": "x", "Persons": [{"Firstname": "Ann"}]})
            [call] = superoffice.calls()
            assert call.json == {"Name": "x", "Persons": [{"Firstname": "Bob"}]}

        def test_answered(superoffice):
            superoffice.expect("v1ContactEntity_GetContactEntity", json={"ContactId": 17})
            superoffice.client().get("Contact/17")
            assert {"ContactId": 18} == superoffice.seen[0].reply_json
        """
    )

    result = suite.runpytest()

    result.stdout.fnmatch_lines(
        [
            "E *assert the JSON of the call: 1 place differs",
            "E *body.Persons[[]0[]].Firstname: expected 'Bob', was 'Ann'",
            "E *assert the JSON of the call: 1 place differs",
            "E *body.ContactId: expected 18, was 17",
        ]
    )


def test_a_fixture_that_fails_has_the_journal_in_its_report(suite):
    suite.makepyfile(
        """
        import pytest

        @pytest.fixture
        def contact(superoffice):
            reply = superoffice.client().get("Contact/abc")
            assert reply.status_code == 200

        def test_it(contact):
            pass
        """
    )

    result = suite.runpytest()

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(
        ["*- mockso journal -*", "failing:", "*<GET Contact/abc 400 parameter-type>*"]
    )


@pytest.mark.parametrize(
    ("ini", "arguments", "message"),
    [
        ("mockso_cov_fail_under = much", (), "mockso_cov_fail_under: it is a number of percent, not 'much'."),
        ("", ("--mockso-coverage-from=no.json",), "mockso: no.json: not a coverage report*"),
        (
            "",
            ("--mockso-sweep", "--mockso-sweep-file=bad.json"),
            "mockso: bad.json: not a file of --mockso-sweep*",
        ),
        ("", ("--mockso-sweep", "--mockso-sweep-file=."), "mockso: .: not a file of --mockso-sweep*"),
        (
            "",
            ("--mockso-sweep", "--mockso-sweep-file=bad.json/x"),
            "mockso: bad.json/x: cannot be written (*",
        ),
        ("", ("--mockso-sweep", "--mockso-sweep-timeout=0"), "argument --mockso-sweep-timeout: *'0'"),
        ("", ("--mockso-cov-fail-under=nan",), "argument --mockso-cov-fail-under: *'nan'"),
        ("mockso_cov_fail_under = ²", (), "mockso_cov_fail_under: it is a number of percent, not '²'."),
        (
            "",
            ("--mockso-coverage=json:bad.json/x",),
            "mockso: bad.json/x: the coverage report cannot be written*",
        ),
        ("", ("--mockso-har=bad.json/x",), "mockso: --mockso-har=bad.json/x: there can be no such folder*"),
    ],
)
def test_what_is_wrong_with_an_option_is_one_line(suite, ini, arguments, message):
    suite.path.joinpath("tox.ini").write_text(f"[pytest]\n{ini}\n", encoding="utf-8")
    (suite.path / "bad.json").write_text("[]")

    suite.runpytest(*arguments).stderr.re_match_lines([f"(ERROR|.*: error): {fnmatch.translate(message)}"])


@pytest.mark.parametrize(
    "text",
    [
        "{",
        '{"format": 2, "runs": {}}',
        '{"format": 1, "runs": [1]}',
        '{"format": 1, "runs": {"x": {"outcome": "raises", "about": ""}}}',
        '{"format": 1, "runs": {"t | c | f": {"outcome": "odd", "about": ""}}}',
        '{"format": 1, "runs": {"t | c | f": {"outcome": "raises"}}}',
        "[" * 100_000,
    ],
)
def test_what_is_no_file_of_a_sweep_is_said_so(tmp_path, text):
    file = tmp_path / "runs.json"
    file.write_text(text)

    with pytest.raises(SettingError, match="not a file of --mockso-sweep"):
        read_runs(str(file))


def test_a_scenario_that_there_is_not_is_one_line(suite):
    suite.makeini("[pytest]\nmockso_scenarios = throtled\n")
    suite.makepyfile("def test_it(superoffice):\n    pass\n")

    result = suite.runpytest()

    result.stdout.fnmatch_lines(["mockso: no scenario 'throtled'*Did you mean 'throttled'?"])
