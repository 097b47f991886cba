"""An assertion never holds by a misspelt name, and a mistake in a test is one line that names the test's own line."""

from __future__ import annotations

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest

import mockso
from mockso.errors import EntityError, MissingEntityError, ScenarioError, SettingError
from mockso.testing import extras
from mockso.testing.mock import open_mock

GET = "v1ContactEntity_GetContactEntity"


@pytest.fixture(scope="module")
def mock():
    mock = open_mock()
    yield mock
    mock.close()


@pytest.fixture
def world(mock):
    world = mock.world(strict="off", world="open")
    world.session().get("Contact/17")
    yield world
    world.drop()


TYPOS = [
    ("v1ContactEntity_GetContactEntityy", {}, "no operation 'v1ContactEntity_GetContactEntityy'", GET),
    ("typo", {}, "no operation 'typo'", "contract list"),
    ("", {"resource": "Contatc"}, "no resource 'Contatc'", "'Contact'"),
    ("", {"agent": "Contatc"}, "no agent 'Contatc'", "'Contact'"),
    ({"path": "/Contact/17"}, {}, "a path is that below the API", "/api/v1/Contact/17"),
    ("", {"path": "/api/v1/Contcat/17"}, "no operation has the address", "Did you mean"),
    ("", {"method": "GTE"}, "no operation has the method 'GTE'", "'GET'"),
    ("GET Contcat", {}, "no operation 'GET Contcat'", "contract list"),
    (GET, {"query": {"$selct": "Name"}}, "no parameter '$selct'", "It has none"),
    ("", {"qury": {"a": "b"}}, "no such key", "'query'"),
    ({"any": [{"operation": "typo"}]}, {}, "no operation 'typo'", "contract list"),
    ({"not": {"resource": "Contatc"}}, {}, "no resource 'Contatc'", "'Contact'"),
]


@pytest.mark.parametrize(("match", "keys", "cause", "cure"), TYPOS)
@pytest.mark.parametrize("ask", ["calls", "verify", "wait_for", "verify_order"])
def test_a_misspelt_name_is_an_error_and_no_green_test(world, ask, match, keys, cause, cure):
    more = {"verify": {"times": 0}, "wait_for": {"timeout": 0}}.get(ask, {})
    arguments = (match if not keys else {"operation": match, **keys} if match else keys,)

    with pytest.raises(ScenarioError) as caught:
        getattr(world, ask)(*arguments, **more)

    line = str(caught.value)
    assert line.startswith("test_assertions.py:")
    assert cause in line
    assert cure in line or "parameter" in line
    assert "\n" not in line
    assert caught.value.__cause__ is None


def test_names_are_taken_where_the_contract_has_them(world):
    assert len(world.verify(GET, times=1)) == 1
    assert len(world.calls("GET Contact/17")) == 1
    assert len(world.calls("GET Contact/{id}")) == 1
    assert len(world.verify({"operation": ["GET Contact", "GET Contact/17"]})) == 1
    assert world.verify("GET Contact", times=0) == []
    assert world.verify(path="/api/v1/Nowhere", verdict="any", times=0) == []


@pytest.mark.parametrize(
    ("keywords", "cause"),
    [
        ({"operation": "GET Contcat"}, "no operation 'GET Contcat'"),
        ({"response": {}}, "response: no such key. Did you mean"),
        ({"operation": GET, "reply": {"stauts": 1}}, "no such key. Did you mean 'status'?"),
        ({"operation": GET, "json": {1, 2}}, "must be JSON"),
        ({"operation": GET, "times": 0}, "expected a whole number from 1"),
    ],
)
def test_a_mistake_in_expect_is_one_line_at_the_line_of_the_test(world, keywords, cause):
    line = sys._getframe().f_lineno + 2
    with pytest.raises(ScenarioError) as caught:
        world.expect(**keywords)

    assert str(caught.value).startswith(f"test_assertions.py:{line}: ")
    assert cause in str(caught.value)
    assert "\n" not in str(caught.value)
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__


def test_expect_takes_a_method_and_a_path(world):
    expectation = world.expect("GET Contact/17", status=404)

    assert world.session().get("Contact/18").status_code == 404
    assert expectation.uses == 1


def test_a_library_that_is_not_there_is_named_with_what_to_install(world, monkeypatch):
    for name, library in (("client", "httpx"), ("async_client", "httpx"), ("session", "requests")):
        for module in [
            m for m in sys.modules if m.partition(".")[0] == library or m.startswith("mockso.testing.with_")
        ]:
            monkeypatch.delitem(sys.modules, module)
        monkeypatch.setitem(sys.modules, library, None)
        with pytest.raises(SettingError, match=rf"pip install 'mockso\[{library}\]'"):
            getattr(world, name)()
        monkeypatch.undo()


def test_a_fault_of_our_own_is_not_taken_for_a_missing_library(monkeypatch):
    with pytest.raises(ModuleNotFoundError):
        extras.import_extra("mockso.testing.no_such_module", "httpx")


@pytest.mark.parametrize("seconds", ["1h", None, True, float("nan"), [1]])
def test_a_clock_says_what_it_takes(world, seconds):
    with pytest.raises(SettingError, match="seconds"):
        world.clock.advance(seconds)
    with pytest.raises(SettingError, match="seconds since 1970"):
        world.clock.set("tomorrow" if seconds is None else seconds)


def test_a_clock_takes_a_timedelta(world):
    before = world.clock.now()

    world.clock.advance(timedelta(hours=1))

    assert world.clock.now() - before == pytest.approx(3600, abs=5)


def test_a_signal_that_nobody_hears_says_so(world):
    world.signal("contact.created", 17)

    with pytest.raises(
        AssertionError, match=r"signal 'contact.created' reached no webhook: it has no webhook"
    ):
        world.verify(webhook="contact.created")
    assert "reached no webhook" in world.journal()


def test_two_texts_after_a_clear_are_both_found(mock, world):
    def post(name):
        world.session().post("Contact", json={"Name": name})

    journal = mock.engine.journal
    journal.clear()
    post("Alpha"), post("Alpha")
    assert journal.count(text="Alpha") == 2

    journal.clear()
    post("Beta"), post("Beta")

    assert journal.count(text="Beta") == 2
    assert journal.count(text="Alpha") == 0


def test_what_a_step_expected_is_not_the_text_of_a_call(mock, world):
    mock.engine.journal.clear()
    world.expect("GET Contact/17", query={"$select": "Elderberry"}, times=None)
    world.session().get("Contact/17")

    assert mock.engine.journal.count(text="Elderberry") == 0


def test_the_admin_api_checks_names_too():
    with mockso.serve() as real:
        import requests

        def ask(path, value):
            reply = requests.post(f"{real.url}/__mockso/{path}", json=value, timeout=20)
            return reply.status_code, reply.json().get("error", "")

        for path, value in [
            ("verify", {"match": {"operation": "typo"}, "never": True}),
            ("verify", {"order": [{"resource": "Contatc"}]}),
            ("verify", {"match": {"path": "/Contact/17"}, "never": True}),
            ("requests/find", {"resource": "Contatc"}),
            ("requests/wait", {"match": {"agent": "Contatc"}, "timeout": 0}),
        ]:
            status, message = ask(path, value)
            assert status == 400, (path, value)
            assert "body" in message
        assert ask("verify", {"match": {"operation": "GET Contact"}, "never": True})[0] == 200


def test_a_bug_in_a_handler_is_not_the_callers_fault(monkeypatch):
    from mockso.journal.journal import Journal
    from mockso.web.app import create_app

    def count(*_, **__):
        raise ValueError("a bug")

    app = create_app()
    monkeypatch.setattr(Journal, "count", count)

    reply = app.test_client().get("/__mockso/requests/count")

    assert reply.status_code == 500
    assert "a bug in mockso: ValueError" in reply.get_json()["error"]


def test_python_runs_the_package():
    done = subprocess.run(
        [sys.executable, "-m", "mockso", "--version"], capture_output=True, text=True, check=True
    )

    assert done.stdout.startswith("mockso ")


WITHOUT_PYTEST = """
import sys
sys.modules["pytest"] = sys.modules["_pytest"] = None
import mockso
from mockso.cli import main
assert main(["lint", "throttled"]) == 0
with mockso.serve() as mock:
    import urllib.request
    assert urllib.request.urlopen(mock.url + "/api", timeout=20).status == 200
status = main(["exec", "--allow-violations", "--", sys.executable, "-c", "print('ran')"])
assert status == 0, status
"""


def test_serve_exec_and_lint_run_without_pytest(tmp_path):
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT_PYTEST], capture_output=True, text=True, cwd=Path.cwd(), check=False
    )

    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize(
    "ask",
    [
        lambda world: world.assert_no_entity("Contact", "17"),
        lambda world: world.assert_no_entity("Contact", None),
        lambda world: world.assert_entity("Contact", "17", Name="x"),
        lambda world: world.entity("Contact", "17"),
    ],
)
def test_a_key_of_another_type_is_an_error_and_no_green_test(world, ask):
    with pytest.raises(EntityError, match=r"Contact: a key is a whole number, such as 17; got ") as caught:
        ask(world)

    assert not isinstance(caught.value, MissingEntityError)


@pytest.mark.parametrize(
    ("ask", "told"),
    [
        (lambda world: world.verify_order(), "name the calls in their order; none always holds"),
        (lambda world: world.wait_for(count=0), "count: expected a whole number from 1, got 0"),
        (lambda world: world.verify(times=-1), "times: expected a whole number from 0, got -1"),
        (lambda world: world.verify(at_least="1"), "at_least: expected a whole number from 0, got '1'"),
        (lambda world: world.verify(times=1, at_least=1), "times is exact; leave at_least and at_most out"),
        (lambda world: world.verify(5, times=0), "a match is an operation or a mapping, not 5"),
    ],
)
def test_a_question_that_always_holds_is_an_error_at_the_line_of_the_test(world, ask, told):
    with pytest.raises(ScenarioError, match=rf"^test_assertions\.py:\d+: {told}"):
        ask(world)


def test_a_level_that_there_is_not_is_named_and_changes_nothing(world):
    with pytest.raises(SettingError, match="strict is one of off, report, fail, not 'of'"):
        world.strict = "of"

    assert world.strict == "off"


def test_a_single_name_is_a_list_of_one(mock):
    with mock.world(scenarios="throttled", grants="Webhook") as world:
        assert [world.client().get("Contact/1").status_code for _ in range(3)] == [429, 429, 200]
        assert world.client().get("Webhook/1").status_code == 404
