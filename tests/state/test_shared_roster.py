"""Several servers over one database are one mock; two engines in a test are two of its processes."""

import json
import threading

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import StateError
from tests.conftest import call

LIMITED = """
name: limited
steps:
  - match: {path: "/api/v1/Contact/*"}
    times: 100
    reply: {status: 418}
"""
OTHER = """
name: other
profile: onsite
steps:
  - match: {path: "/api/v1/Contact/*"}
    reply: {status: 409}
"""


@pytest.fixture
def start(database):
    """A function that starts one more process of the mock."""
    engines = []

    def start(**settings):
        engines.append(Engine.open(Settings(state=database, journal="memory:", **settings)))
        return engines[-1]

    yield start
    for engine in engines:
        engine.close()


@pytest.fixture
def limited(tmp_path):
    path = tmp_path / "limited.yaml"
    path.write_text(LIMITED)
    return (str(path),)


def get(engine, path="/api/v1/Contact/5", **options):
    return engine.handle(call("GET", path, **options))


def save(engine, **members):
    content = json.dumps(members).encode()
    reply = engine.handle(call("POST", "/api/v1/Contact", body=content))
    assert reply.status in (200, 201), reply.header("X-Mockso-Reason")
    return json.loads(reply.body)


def played(engine, tenant="Cust12345"):
    return [scenario.name for scenario in engine.tenants.of(tenant).playing]


def test_what_one_process_saves_all_read(start):
    one, other = start(), start()
    get(other)

    contact = save(one, Name="Acme AS")

    seen = json.loads(get(other, f"/api/v1/Contact/{contact['ContactId']}").body)
    assert seen["Name"] == "Acme AS"
    assert save(other, Name="Next")["ContactId"] == contact["ContactId"] + 1


def test_a_tenant_outlives_a_restart(start, limited):
    first = start(scenarios=limited)
    contact = save(first, Name="Acme AS")
    assert get(first).status == 418
    first.tenants.of("Cust12345").grant("CRMScript")
    first.tenants.of("Cust12345").set_clock(lambda ahead, standing: (3600.0, None))
    first.tenants.of("Cust12345").credentials.expire("8A:Cust12345.mine")
    first.close()

    again = start(scenarios=limited)
    state = again.tenants.of("Cust12345")

    assert state.scenarios.counters()[0].uses == 1
    assert state.grants == {"CRMScript"}
    assert state.time(0.0) == 3600.0
    assert get(again, authorization="Bearer 8A:Cust12345.mine").status == 401
    state.stop()
    assert json.loads(get(again, f"/api/v1/Contact/{contact['ContactId']}").body)["Name"] == "Acme AS"


def test_a_step_with_times_answers_just_as_often_over_all_processes(start, limited):
    engines = [start(scenarios=limited) for _ in range(2)]
    statuses = []

    def ask(engine):
        for _ in range(20):
            statuses.append(get(engine).status)

    threads = [threading.Thread(target=ask, args=(engine,)) for engine in engines for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert statuses.count(418) == 100
    assert len(statuses) == 160


def test_another_starting_list_is_begun_and_the_same_goes_on(start, limited, tmp_path):
    first = start(scenarios=limited)
    get(first)
    (tmp_path / "other.yaml").write_text(OTHER)

    second = start(scenarios=(*limited, str(tmp_path / "other.yaml")))
    assert played(second) == ["other", "limited"]
    assert played(first) == ["other", "limited"]

    third = start(scenarios=(*limited, str(tmp_path / "other.yaml")))
    third.tenants.of("Cust12345").stop("other")
    fourth = start(scenarios=(*limited, str(tmp_path / "other.yaml")))
    assert played(fourth) == ["limited"]


def test_what_one_process_plays_all_play_also_for_tenants_to_come(start):
    one, other = start(), start()
    get(other)
    scenario = one.playlist.library.read_text(LIMITED, "body")

    one.playlist.play(scenario)

    assert get(other).status == 418
    assert get(other, tenant="Cust2").status == 418
    assert [each.name for each in other.playlist.scenarios] == ["limited"]
    other.playlist.stop("limited")
    assert get(one).status == 200
    assert get(one, tenant="Cust3").status == 200


def test_a_replay_begins_again_at_its_place_everywhere(start, limited):
    one, other = start(scenarios=limited), start(scenarios=limited)
    get(one)
    changed = one.playlist.library.read_text(LIMITED.replace("418", "410"), "body")

    one.playlist.replay("limited", changed)

    assert get(other).status == 410
    assert other.tenants.of("Cust12345").scenarios.counters()[0].uses == 1


def test_a_scenario_brings_its_profile_to_all_processes(start):
    one, other = start(), start()
    get(other)

    one.tenants.of("Cust12345").play(one.playlist.library.read_text(OTHER, "body"))

    assert not other.tenants.of("Cust12345").online


def test_a_tenant_that_is_made_with_options_has_them_in_all_processes(start):
    one, other = start(), start()

    one.tenants.make("Acme", online=True, grants=["CRMScript"], world="open")

    state = other.tenants.of("Acme")
    assert (state.online, state.grants, state.world) == (True, {"CRMScript"}, "open")
    assert other.tenants.has("Acme")
    assert other.tenants.names() == ["Acme"]


def test_names_that_are_made_are_unique(start):
    one, other = start(), start()

    names = [engine.tenants.free_name(online=True) for engine in (one, other, one)]

    assert names == ["Cust20001", "Cust20002", "Cust20003"]


def test_a_tenant_that_is_dropped_is_begun_anew_by_all(start, limited):
    one, other = start(scenarios=limited), start(scenarios=limited)
    save(one, Name="Acme")
    get(other)

    one.tenants.drop("Cust12345")

    assert "Cust12345" not in other.tenants.names()
    assert get(other).status == 418
    counters = other.tenants.of("Cust12345").scenarios.counters()
    assert counters[0].uses == 1
    assert not other.tenants.of("Cust12345").store.rows.has_own("Contact")


def test_a_snapshot_is_taken_by_one_process_and_restored_by_another(start):
    one, other = start(), start()
    save(one, Name="Acme")
    state = one.tenants.of("Cust12345")
    state.snapshots["before"] = state.store.snapshot()
    save(one, Name="Later")

    seen = other.tenants.of("Cust12345")
    seen.store.restore(seen.snapshots["before"])

    rows = one.tenants.of("Cust12345").store.rows
    assert [row["Name"] for _, row in rows.items("Contact") if row["Name"] in ("Acme", "Later")] == ["Acme"]
    assert list(one.tenants.of("Cust12345").snapshots) == ["before"]


def test_other_data_is_refused_with_the_tenants_name(start):
    get(start())

    with pytest.raises(StateError, match="tenant 'Cust12345' was begun with other data"):
        start(data=("none",), scenarios=("throttled",))
    assert start().playlist.scenarios == ()


def test_a_scenario_that_was_made_in_python_is_played_by_its_own_process(start):
    from mockso.exchange.message import Reply
    from mockso.matching.match import Match
    from mockso.scenario.scenario import Scenario, Step

    one, other = start(), start()
    one.tenants.of("Cust12345").play(Scenario("mine", steps=(Step(Match(), Reply(418)),)))

    assert (get(one).status, get(other).status) == (418, 200)


def test_steps_that_a_test_adds_stay_when_another_process_plays_something(start):
    from mockso.exchange.message import Reply
    from mockso.matching.match import Match
    from mockso.scenario.scenario import Step

    one, other = start(), start()
    get(one)
    one.tenants.of("Cust12345").scenarios.extend("test", Step(Match(), Reply(418)))

    other.tenants.of("Cust12345").play(other.playlist.library.read_text(OTHER, "body"))

    assert get(one).status == 418
    assert played(one) == ["test", "other"]


def test_a_save_that_was_overtaken_often_says_so_in_the_journal(start, monkeypatch):
    engine, other = start(), start()
    save(engine, Name="first")
    state, commit = engine.tenants.of("Cust12345"), engine._log.commit

    def overtaken(tenant, generation, sequence, changes):
        if overtaken.left:
            overtaken.left -= 1
            store = other.tenants.of("Cust12345").store
            store.change(lambda draft: draft.next_number("elsewhere"))
        return commit(tenant, generation, sequence, changes)

    overtaken.left = 2
    monkeypatch.setattr(engine._log, "commit", overtaken)
    reply = engine.handle(call("POST", "/api/v1/Contact", body=b'{"Name": "second"}'))

    assert reply.status == 200
    note = engine.journal.get(reply.header("X-Mockso-Call"))["note"]
    assert "2 times other processes were quicker with a change of this tenant" in note
    assert state.store.rows.get("next", "elsewhere") == {"number": 3}


def test_all_processes_sign_by_one_key(start):
    keys = [start().login.keys.document() for _ in range(2)]

    assert keys[0] == keys[1]


# a database that fails


def fail(engine, monkeypatch, part="_log"):
    """Let a log or a journal fail as a database does that is gone; a function that brings it back."""
    store = engine._log if part == "_log" else engine.journal._store

    def gone(*_):
        raise store._tables._schema.error("127.0.0.1: the database is gone.")

    context = monkeypatch.context()
    patch = context.__enter__()
    for name in ("rows", "numbers", "swap", "insert"):
        patch.setattr(store._tables, name, gone)
    if part == "journal":
        patch.setattr(store, "next_id", gone)
    return lambda: context.__exit__(None, None, None)


def test_a_call_is_503_with_the_reason_while_the_database_is_gone_and_answered_after(
    start, monkeypatch, capsys
):
    engine = start()
    get(engine)

    restore = fail(engine, monkeypatch)
    replies = [get(engine), get(engine, tenant="Cust2"), get(engine, "/login/common/oauth/authorize")]
    restore()

    for reply in replies:
        assert (reply.status, json.loads(reply.body)) == (503, {"Message": "An error has occurred."})
        assert reply.header("X-Mockso-Reason") == "127.0.0.1: the database is gone."
        entry = engine.journal.get(reply.header("X-Mockso-Call"))
        assert (entry["reply"]["status"], entry["note"]) == (503, "127.0.0.1: the database is gone.")
    assert capsys.readouterr().err.count("the database is gone") == 1
    assert get(engine).status == 200


def test_a_call_is_503_with_the_reason_while_the_journals_database_is_gone(start, monkeypatch, capsys):
    engine = start()
    get(engine)

    restore = fail(engine, monkeypatch, "journal")
    reply = get(engine)
    restore()

    assert (reply.status, reply.header("X-Mockso-Reason")) == (503, "127.0.0.1: the database is gone.")
    assert reply.header("X-Mockso-Call") == ""
    assert capsys.readouterr().err.count("the database is gone") == 1
    assert get(engine).status == 200


def test_a_body_that_broke_off_is_told_of_while_the_database_is_gone(start, monkeypatch):
    engine = start()
    restore = fail(engine, monkeypatch)

    reply = engine.refuse(call(), 400, "The body cannot be read: it broke off.")
    restore()

    assert reply.status == 400


def test_a_save_looks_at_the_log_once_and_commits_once(start, monkeypatch):
    engine = start()
    save(engine, Name="first")
    looks, log = [], engine._log
    for name in ("head", "since", "commit"):
        original = getattr(log, name)
        monkeypatch.setattr(
            log, name, lambda *args, n=name, original=original: looks.append(n) or original(*args)
        )

    get(engine)
    assert looks == ["head"]
    looks.clear()
    save(engine, Name="second")
    assert looks == ["head", "commit"]


def test_the_journal_is_in_the_states_database_unless_it_is_named(database):
    one, other = (Engine.open(Settings(state=database)) for _ in range(2))
    ids = [get(engine).header("X-Mockso-Call") for engine in (one, other, one)]

    assert [entry["id"] for entry in one.journal.find(order="oldest")] == ids
    assert [entry["id"] for entry in other.journal.find(text="contact/5")] == ids[::-1]
    assert sorted(ids, key=int) == ids
    one.close()
    other.close()


# those who listen


def test_a_listener_hears_of_other_processes_calls_once(database):
    one, other = (Engine.open(Settings(state=database)) for _ in range(2))
    get(one)
    with one.journal.subscribe() as news:
        ids = [get(engine).header("X-Mockso-Call") for engine in (other, one, other)]
        answered = []
        while len(answered) < 3:
            event = news.take(20)
            assert event is not None
            if event.kind == "answered":
                answered.append(event.id)
        assert sorted(answered) == sorted(ids)
        news.take(0.2)
        assert not [event for event in news.events if event.kind == "answered"]
    one.close()
    other.close()


def test_a_listener_hears_once_that_calls_were_cleared_by_whomever(database):
    one, other = (Engine.open(Settings(state=database)) for _ in range(2))
    other.journal.clear("Cust0")  # before anybody listened
    get(one)
    with one.journal.subscribe() as news:
        other.journal.clear("Cust12345")
        one.journal.clear("Cust1")
        other.journal.clear()
        cleared = []
        while len(cleared) < 3:
            event = news.take(20)
            assert event is not None
            if event.kind == "cleared":
                cleared.append(event.tenant)
        assert sorted(cleared) == ["", "Cust1", "Cust12345"]
        last = get(other).header("X-Mockso-Call")
        while (event := news.take(20)) is not None and event.kind != "answered":
            assert event.kind != "cleared"
        assert event is not None
        assert event.id == last
        assert not [event for event in news.events if event.kind == "cleared"]
    one.close()
    other.close()


def test_a_call_that_came_before_sees_what_another_process_changed(start):
    one, other = start(), start()
    saved = save(one, Name="Acme")
    path = f"/api/v1/Contact/{saved['ContactId']}"
    assert [json.loads(get(one, path).body)["Name"] for _ in range(4)] == ["Acme"] * 4

    body = json.dumps({"Name": "Other"}).encode()
    assert other.handle(call("PATCH", path, body=body)).status == 200

    assert json.loads(get(one, path).body)["Name"] == "Other"
