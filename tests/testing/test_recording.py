"""Tests that record a server and play it back, in suites of their own against a second mock."""

from __future__ import annotations

import json
import re

import pytest

import mockso
from tests.testing.hooks import hooked

SCENARIO = """
name: the-tenant
steps:
  - match: {operation: v1ContactEntity_GetContactEntity, headers: {Authorization: Bearer 8A:Cust12345.s3cretOfTheTenant}}
    reply: {like: success, set: {/Name: NAME}}
  - match: {operation: v1PersonEntity_GetPersonEntity}
    reply: {like: success, set: {/Firstname: Ola, /FullName: Ola Nordmann}}
"""
SYNC = """
import pytest

@pytest.mark.mockso(recording="contact-sync")
def test_sync(superoffice):
    client = superoffice.client()
    contact = client.get("Contact/17").json()
    assert contact["Name"] == "The real one"
    assert contact["_Links"]["Self"] == f"{superoffice.address}/Contact/17/"
    assert client.get("Contact/17").headers["X-Mockso-By"] == BY
    assert superoffice.calls()
"""


@pytest.fixture
def suite(pytester: pytest.Pytester, monkeypatch: pytest.MonkeyPatch) -> pytest.Pytester:
    """A folder for a suite, not under CI."""
    monkeypatch.delenv("CI", raising=False)
    pytester.makeini(
        "[pytest]\naddopts = --strict-markers --strict-config -W error -p no:randomly -p no:xdist"
    )
    return pytester


@pytest.fixture
def real(tmp_path_factory, monkeypatch):
    """The server that is recorded, and the environment that names it."""
    file = tmp_path_factory.mktemp("real") / "the-tenant.yaml"
    file.write_text(SCENARIO.replace("NAME", "The real one"))
    with mockso.serve(scenarios=[str(file)]) as made:
        monkeypatch.setenv("MOCKSO_RECORD_TARGET", f"{made.url}/Cust12345")
        monkeypatch.setenv("MOCKSO_RECORD_TOKEN", "8A:Cust12345.s3cretOfTheTenant")
        yield made


def calls(real):
    return [(entry["tenant"], entry["request"]["path"]) for entry in real.engine.journal.each(order="oldest")]


def sync(suite, by="upstream", *options):
    suite.makepyfile(test_sync=SYNC.replace("BY", repr(by)))
    return suite.runpytest(*options)


def steps(suite):
    text = (suite.path / "recordings" / "contact-sync.yaml").read_text()
    return re.findall(r"^  - name: (.*)$", text, re.MULTILINE)


def test_once_records_what_is_not_there_and_a_later_run_needs_no_server(suite, real, monkeypatch):
    sync(suite, "upstream", "--mockso-record=once").assert_outcomes(passed=1)
    asked = calls(real)
    sync(suite, "scenario", "--mockso-record=once").assert_outcomes(passed=1)
    monkeypatch.delenv("MOCKSO_RECORD_TARGET")
    sync(suite, "scenario").assert_outcomes(passed=1)

    assert asked == calls(real) == [("Cust12345", "/api/v1/Contact/17")] * 2
    assert steps(suite) == ["GetContactEntity-17"]
    text = (suite.path / "recordings" / "contact-sync.yaml").read_text()
    assert "s3cret" not in text
    assert "{{ request.base }}/v1/Contact/17" in text


MORE = """
import pytest

@pytest.mark.mockso(recording="contact-sync")
def test_more(superoffice):
    client = superoffice.client()
    assert client.get("Contact/17").status_code == 200
    assert client.get("Contact/18").json()["ContactId"] == 18
"""


def test_none_makes_a_miss_an_error_with_its_near_miss(suite, real):
    sync(suite, "upstream", "--mockso-record=once")
    suite.makepyfile(test_sync=MORE)

    result = suite.runpytest()

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(["*GET Contact/18 501*", "*contact-sync#GetContactEntity-17*"])
    assert len(calls(real)) == 2


def test_new_episodes_are_added(suite, real):
    sync(suite, "upstream", "--mockso-record=once")
    suite.makepyfile(test_sync=MORE)

    suite.runpytest("--mockso-record=new_episodes").assert_outcomes(passed=1)
    suite.runpytest().assert_outcomes(passed=1)

    assert [path for _, path in calls(real)][2:] == ["/api/v1/Contact/18"]
    assert steps(suite) == ["GetContactEntity-17", "GetContactEntity-18"]


def test_all_records_anew(suite, real):
    sync(suite, "upstream", "--mockso-record=once")
    suite.makepyfile(test_sync=MORE.replace('get("Contact/17")', 'get("Contact/19")'))

    suite.runpytest("--mockso-record=all").assert_outcomes(passed=1)

    assert steps(suite) == ["GetContactEntity-19", "GetContactEntity-18"] or steps(suite) == [
        "GetContactEntity-18",
        "GetContactEntity-19",
    ]


@pytest.mark.parametrize("mode", ["once", "all"])
def test_tests_that_share_a_recording_add_to_it(suite, real, mode):
    suite.makepyfile(test_a=SYNC.replace("BY", "'upstream'"), test_b=MORE)

    suite.runpytest(f"--mockso-record={mode}").assert_outcomes(passed=2)

    assert steps(suite) == ["GetContactEntity-17", "GetContactEntity-18"]


def test_a_test_that_fails_leaves_its_recording_as_it_was(suite, real):
    sync(suite, "upstream", "--mockso-record=once")
    file = suite.path / "recordings" / "contact-sync.yaml"
    before = file.read_text()
    suite.makepyfile(test_sync=MORE + "    assert not superoffice.calls()\n")

    result = suite.runpytest("--mockso-record=all")

    result.assert_outcomes(failed=1)
    result.stdout.fnmatch_lines(
        ["*recording contact-sync.yaml: nothing was written, because the test failed*"]
    )
    assert file.read_text() == before


def test_a_client_that_breaks_the_contract_is_not_recorded(suite, real):
    suite.makepyfile(test_sync=MORE.replace("Contact/18", "Contact/18?$selekt=Name"))

    result = suite.runpytest("--mockso-record=once")

    result.assert_outcomes(failed=1)
    assert not (suite.path / "recordings").exists()


@pytest.mark.parametrize("ci", ["1", "true"])
def test_nothing_is_recorded_under_ci_unless_forced(suite, real, monkeypatch, ci):
    monkeypatch.setenv("CI", ci)

    refused = sync(suite, "upstream", "--mockso-record=once")
    asked = calls(real)
    forced = sync(suite, "upstream", "--mockso-record=once", "--mockso-record-force")
    again = sync(suite, "scenario", "--mockso-record=once")

    refused.assert_outcomes(errors=1)
    refused.stdout.fnmatch_lines(
        ["*not done under CI (the variable CI is set) unless forced: --mockso-record-force*"]
    )
    assert asked == []
    forced.assert_outcomes(passed=1)
    again.assert_outcomes(passed=1)  # nothing is asked, so nothing is refused


@pytest.mark.parametrize(
    ("variable", "value", "line"),
    [
        ("MOCKSO_RECORD_TARGET", None, "*give its address in MOCKSO_RECORD_TARGET, such as https://sod2*"),
        ("MOCKSO_RECORD_TARGET", "sod2", "*MOCKSO_RECORD_TARGET sod2: not an address*"),
        ("MOCKSO_RECORD_TOKEN", None, "*give a credential for it in MOCKSO_RECORD_TOKEN*"),
        ("MOCKSO_RECORD_CA", "nowhere.pem", None),
    ],
)
def test_what_the_environment_lacks_is_told(suite, real, monkeypatch, variable, value, line):
    if value is None:
        monkeypatch.delenv(variable)
    else:
        monkeypatch.setenv(variable, value)
    if line is None:
        monkeypatch.setenv("MOCKSO_RECORD_TARGET", "https://localhost:1/Cust12345")
        line = "*--ca nowhere.pem: cannot be used as certificates*"

    result = sync(suite, "upstream", "--mockso-record=once")

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines([line])
    assert calls(real) == []


def test_a_recording_that_is_not_there_says_how_to_make_it(suite):
    result = sync(suite)

    result.assert_outcomes(errors=1)
    result.stdout.fnmatch_lines(["*contact-sync.yaml is not there. Make it with --mockso-record=once*"])


def test_a_server_that_is_down_is_a_502_and_nothing_is_written(suite, monkeypatch):
    monkeypatch.setenv("MOCKSO_RECORD_TARGET", "http://127.0.0.1:1/Cust12345")
    monkeypatch.setenv("MOCKSO_RECORD_TOKEN", "8A:Cust12345.x")
    suite.makepyfile(
        test_down=MORE.split("    client =")[0]
        + '    assert superoffice.client().get("Contact/17").status_code == 502\n'
    )

    suite.runpytest("--mockso-record=once").assert_outcomes(passed=1)

    assert not (suite.path / "recordings").exists()


def test_names_have_stand_ins_unless_they_are_kept(suite, real):
    test = MORE.split("    client =")[0] + '    superoffice.client().get("Person/5")\n'
    suite.makepyfile(test_person=test)
    file = suite.path / "recordings" / "contact-sync.yaml"

    suite.runpytest("--mockso-record=all").assert_outcomes(passed=1)
    hidden = file.read_text()
    suite.runpytest("--mockso-record=all", "-o", "mockso_record_keep=Firstname").assert_outcomes(passed=1)
    kept = file.read_text()
    suite.runpytest(
        "--mockso-record=all",
        "-o",
        "mockso_record_pseudonyms=ours",
        "-o",
        "mockso_record_redact=PersonNumber",
    ).assert_outcomes(passed=1)
    other = file.read_text()

    assert "Ola" not in hidden
    assert "Firstname: Ola\n" in kept
    assert "Nordmann" not in kept
    assert other != hidden
    assert re.search(r"PersonNumber: \"#[0-9a-f]{8}\"", other)


def test_a_recording_of_the_roots_folder_or_of_a_path_is_found(suite, real):
    sync(suite, "upstream", "--mockso-record=once").assert_outcomes(passed=1)
    folder = suite.mkdir("below")
    (folder / "test_name.py").write_text(SYNC.replace("BY", "'scenario'"))
    (folder / "test_path.py").write_text(
        SYNC.replace("BY", "'scenario'").replace('"contact-sync"', '"../recordings/contact-sync.yaml"')
    )

    suite.runpytest("below").assert_outcomes(passed=2)


@pytest.mark.parametrize("option", ["--mockso-sweep", "--mockso-block-network"])
def test_recording_goes_with_neither_a_sweep_nor_a_blocked_network(suite, option):
    suite.makepyfile(test_sync=MORE)

    result = suite.runpytest_subprocess("--mockso-record=once", option)

    assert result.ret == pytest.ExitCode.USAGE_ERROR
    result.stderr.fnmatch_lines([f"*--mockso-record asks the real server: leave {option} out*"])


def test_what_a_mock_sends_is_not_asked_for(world):
    hooked(world)
    questions = []
    world.answer_with(lambda call, view, rest: questions.append(call))

    world.signal("contact.created")
    delivery = world.flush()[0]
    world.client().get("Contact/17")

    assert delivery.status == 200
    assert [call.request.path for call in questions] == ["/api/v1/Contact/17"]


def test_a_recording_is_swept_like_any_test(suite, real):
    sync(suite, "upstream", "--mockso-record=once")
    suite.makepyfile(
        test_sync=MORE.split("    client =")[0]
        + '    assert superoffice.client().get("Contact/17").status_code == 200\n'
    )

    suite.runpytest_subprocess("--mockso-sweep").assert_outcomes(passed=1)

    runs = json.loads((suite.path / ".mockso-sweep.json").read_text())
    assert "notices" in json.dumps(runs)
