from __future__ import annotations

import random
import sys
import threading

import pytest

from mockso.errors import ScenarioError
from mockso.exchange.call import Difference
from mockso.exchange.message import Reply
from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.scenario.delay import Lognormal, Threshold, Uniform
from mockso.scenario.index import Index
from mockso.scenario.play import Scenarios, answer_from
from mockso.scenario.scenario import Scenario, Step
from tests.making import (
    AGENT_GET,
    FAULT,
    GET,
    PUT,
    SAVE,
    call,
    delivery,
    documented,
    get,
    normal,
    save,
)

READ = Match(operation=GET)
STRICT = Scenario("strict", steps=(Step(READ),), only=True, state="Suspended")


def labels(scenarios: Scenarios, *calls) -> list[str]:
    taken = [scenarios.take(of)[0] for of in calls]
    return [step.label if step else "" for step in taken]


# --- choosing -----------------------------------------------------------------------------------


def test_no_scenario_answers_nothing_and_misses_nothing():
    scenarios = Scenarios()

    assert scenarios.take(get()) == (None, ())
    assert len(scenarios) == 0


def test_a_step_is_used_up_after_its_times():
    scenarios = Scenarios([Scenario("limited", steps=(Step(READ, Reply(429), times=1),))])

    first, _ = scenarios.take(get())
    second, near_misses = scenarios.take(get())

    assert first is not None
    assert second is None
    assert near_misses[0].step == "limited#1"
    assert near_misses[0].differences == (Difference("times", "at most 1", "used 1 of 1 times"),)


def test_steps_are_asked_from_top_to_bottom():
    scenarios = Scenarios([Scenario("two", steps=(Step(READ, times=2), Step(READ, times=1), Step(Match())))])

    assert labels(scenarios, *[get()] * 4) == ["two#1", "two#1", "two#2", "two#3"]


def test_the_scenario_loaded_last_is_asked_first():
    scenarios = Scenarios([Scenario("old", steps=(Step(),)), Scenario("new", steps=(Step(READ),))])

    assert labels(scenarios, get(), save({})) == ["new#1", "old#1"]
    assert [scenario.name for scenario in scenarios] == ["new", "old"]


def test_a_step_waits_until_the_step_before_it_was_used():
    steps = (Step(READ, after="saved"), Step(Match(operation=SAVE), name="saved"))
    scenarios = Scenarios([Scenario("life", steps=steps)])

    assert labels(scenarios, get(), save({}), get()) == ["", "life#saved", "life#1"]


def test_a_step_that_waits_says_so():
    steps = (Step(READ, after="saved"), Step(Match(operation=SAVE), name="saved"))

    _, near_misses = Scenarios([Scenario("life", steps=steps)]).take(get())

    assert near_misses[0].differences == (Difference("after", "saved used", "saved not used yet"),)


def test_a_broken_call_uses_up_no_step():
    scenarios = Scenarios([Scenario("once", steps=(Step(READ, times=1),))])

    assert labels(scenarios, get(faults=(FAULT,)), get()) == ["", "once#1"]


def test_a_scenario_of_the_same_name_replaces_the_one_before_and_starts_anew():
    scenarios = Scenarios([Scenario("a", steps=(Step(READ, times=1),)), Scenario("b", steps=(Step(READ),))])
    labels(scenarios, get())

    scenarios.load(Scenario("a", steps=(Step(READ, times=1),)))

    assert len(scenarios) == 2
    assert labels(scenarios, get(), get()) == ["a#1", "b#1"]


def test_an_unloaded_scenario_answers_no_more():
    scenarios = Scenarios([Scenario("a", steps=(Step(READ),)), Scenario("b", steps=(Step(READ),))])

    assert scenarios.unload("b")
    assert not scenarios.unload("b")
    assert labels(scenarios, get()) == ["a#1"]
    scenarios.clear()
    assert scenarios.take(get()) == (None, ())


def test_reset_plays_all_from_their_beginning():
    scenarios = Scenarios([Scenario("a", steps=(Step(READ, times=1),))])

    assert labels(scenarios, get(), get()) == ["a#1", ""]
    scenarios.reset()
    assert labels(scenarios, get()) == ["a#1"]


def test_what_scenarios_want_of_their_tenant_goes_with_them():
    scenarios = Scenarios([Scenario("strict", steps=(Step(READ),), only=True, profile="online")])

    assert scenarios.only
    scenarios.unload("strict")
    assert not scenarios.only


@pytest.mark.parametrize(
    "change", [lambda s: s.load(STRICT), lambda s: s.reload("strict", STRICT), lambda s: s.unload("b")]
)
def test_a_call_that_comes_while_scenarios_change_meets_them_all_the_same(change, monkeypatch):
    scenarios = Scenarios([STRICT, Scenario("b", steps=(Step(READ),))])
    seen = []
    add = Index.add

    def looked_at(index, steps):
        seen.append((scenarios.only, scenarios.state))
        add(index, steps)

    monkeypatch.setattr(Index, "add", looked_at)
    change(scenarios)

    assert seen
    assert set(seen) == {(True, "Suspended")}


def test_steps_by_path_pattern_and_operation_are_asked_in_their_order():
    steps = (
        Step(Match(path="/api/v1/Contact/18")),
        Step(Match(operation="v1Contact*_Put*")),
        Step(Match(operation=[GET.upper(), PUT])),
        Step(Match(path="/api/v1/contact/17/")),
        Step(Match(method="GET")),
    )
    scenarios = Scenarios([Scenario("mixed", steps=steps)])

    assert labels(
        scenarios, get(17), get(18), call("PUT", "/api/v1/Contact/17", {}), call("GET", "/api/v1/Nowhere")
    ) == ["mixed#3", "mixed#1", "mixed#2", "mixed#5"]


# --- near misses --------------------------------------------------------------------------------


def test_the_three_nearest_steps_are_told_the_nearest_first():
    steps = (
        Step(Match(operation=SAVE)),
        Step(Match(operation=GET, query={"a": 1, "b": 2, "c": 3})),
        Step(Match(operation=GET, query={"a": 1})),
        Step(Match(operation=GET, query={"a": 1, "b": 2})),
    )

    _, near_misses = Scenarios([Scenario("near", steps=steps)]).take(get())

    assert [miss.step for miss in near_misses] == ["near#3", "near#4", "near#2"]
    assert [len(miss.differences) for miss in near_misses] == [1, 2, 3]


def test_a_step_for_another_operation_is_a_near_miss_when_there_is_none_nearer():
    _, near_misses = Scenarios([Scenario("near", steps=(Step(Match(operation=SAVE)),))]).take(get())

    assert near_misses[0].differences == (Difference("operation", SAVE, GET),)


# --- counting -----------------------------------------------------------------------------------


def test_counters_tell_how_often_each_step_was_used():
    scenarios = Scenarios([Scenario("a", steps=(Step(READ, times=2, place="a.yaml:3"), Step(Match())))])
    labels(scenarios, get(), save({}), save({}))

    first, second = scenarios.counters()

    assert first.to_json() == {
        "scenario": "a",
        "step": "a#1",
        "uses": 1,
        "times": 2,
        "left": 1,
        "place": "a.yaml:3",
    }
    assert (second.uses, second.uses_left) == (2, None)
    assert [counter.step for counter in scenarios.unused_steps()] == ["a#1"]
    labels(scenarios, get())
    assert scenarios.unused_steps() == ()


@pytest.mark.parametrize("threads", [8, 64])
def test_steps_with_times_answer_exactly_so_often_under_any_load(threads):
    steps = [Step(READ, times=times, name=f"t{times}") for times in (1, 7, 100, 1000)]
    scenarios = Scenarios([Scenario("load", steps=(*steps, Step()))])
    calls_each = 2400 // threads
    counted: list[dict[str, list[int]]] = []
    start = threading.Barrier(threads)

    def work() -> None:
        mine: dict[str, list[int]] = {}
        of = get()
        start.wait()
        for _ in range(calls_each):
            taken, _ = scenarios.take(of)
            assert taken is not None
            mine.setdefault(taken.label, []).append(taken.count)
        counted.append(mine)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        workers = [threading.Thread(target=work) for _ in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()
    finally:
        sys.setswitchinterval(interval)

    total = calls_each * threads
    for times in (1, 7, 100, 1000):
        counts = sorted(count for mine in counted for count in mine.get(f"load#t{times}", []))
        assert counts == list(range(1, times + 1))
    assert sum(len(mine.get("load#5", [])) for mine in counted) == total - 1108
    assert [counter.uses for counter in scenarios.counters()] == [1, 7, 100, 1000, total - 1108]


def test_two_tenants_count_for_themselves():
    scenario = Scenario("once", steps=(Step(READ, times=1),))
    first, second = Scenarios([scenario]), Scenarios([scenario])

    assert labels(first, get(), get()) == ["once#1", ""]
    assert labels(second, get()) == ["once#1"]


def test_a_scenario_asked_for_one_call_touches_no_state():
    scenario = Scenario("once", steps=(Step(READ, times=1), Step(Match(), after="x"), Step(READ, name="x")))

    for _ in range(3):
        taken, _ = answer_from(scenario, get())
        assert taken is not None
        assert (taken.label, taken.count) == ("once#1", 1)
    taken, near_misses = answer_from(scenario, save({}))
    assert taken is None
    assert len(near_misses) == 3


# --- many ---------------------------------------------------------------------------------------


def test_only_steps_that_could_answer_are_asked(monkeypatch):
    """Counted, not timed: of ten thousand scenarios a call meets those of its operation."""
    scenarios = Scenarios(
        Scenario(f"s{number}", steps=(Step(Match(operation=f"op{number}")),)) for number in range(10_000)
    )
    scenarios.load(Scenario("mine", steps=(Step(READ),)))
    asked = []
    really = Matcher.matches
    monkeypatch.setattr(Matcher, "matches", lambda self, of: asked.append(self) or really(self, of))

    assert labels(scenarios, get()) == ["mine#1"]
    assert len(asked) == 1


def test_a_miss_among_ten_thousand_scenarios_looks_at_few_of_them(monkeypatch):
    scenarios = Scenarios(
        Scenario(f"s{number}", steps=(Step(Match(operation=GET, query={"n": number})),))
        for number in range(10_000)
    )
    looked_at = []
    really = Matcher.differences
    monkeypatch.setattr(Matcher, "differences", lambda self, of: looked_at.append(self) or really(self, of))

    taken, near_misses = scenarios.take(get())

    assert taken is None
    assert len(near_misses) == 3
    assert len(looked_at) <= 300


def test_the_last_of_ten_thousand_scenarios_is_found_without_looking_at_others(monkeypatch):
    scenarios = Scenarios(
        Scenario(f"s{number}", steps=(Step(Match(path=f"/api/v1/Contact/{number}")),))
        for number in range(10_000)
    )
    looked_at = []
    really = Matcher.matches
    monkeypatch.setattr(Matcher, "matches", lambda self, of: looked_at.append(self) or really(self, of))

    for number in (0, 9_999):
        taken, _ = scenarios.take(get(number))
        assert taken is not None
        assert taken.scenario == f"s{number}"

    assert len(looked_at) == 2


# --- replies ------------------------------------------------------------------------------------


def reply_of(step: Step, of=None, count: int = 1) -> Reply:
    return step.reply_to(of or get(), normal, documented, count)


def test_a_step_without_a_reply_gives_the_normal_answer():
    assert reply_of(Step()) == normal()
    assert reply_of(Step(delay=1.5)).delay == 1.5
    assert reply_of(Step(delay=1.5)).by == "example"


def test_a_canned_reply_is_by_the_scenario():
    assert reply_of(Step(reply=Reply(429))) == Reply(429, by="scenario")


def test_a_reply_may_be_a_function_of_the_call():
    def echo(of):
        return Reply(200, of.request.path) if of.request.path.endswith("17") else None

    assert reply_of(Step(reply=echo)).body == "/api/v1/Contact/17"
    assert reply_of(Step(reply=echo), get(18)) == normal()


@pytest.mark.parametrize("fault", ["reset", "empty", "cut", "garbage", "timeout"])
def test_a_fault_is_handed_to_the_edge(fault):
    reply = reply_of(Step(fault=fault))

    assert (reply.fault, reply.by, reply.body) == (fault, "scenario", normal().body)


def test_a_dribble_is_handed_to_the_edge():
    assert reply_of(Step(reply=Reply(200, "x"), dribble=(5, 2.0))).dribble == (5, 2.0)


def test_a_threshold_delay_multiplies_what_the_operation_documents():
    of_agent = call("POST", "/api/v1/Agents/Contact/GetContactEntity")

    assert of_agent.operation_id == AGENT_GET
    assert reply_of(Step(delay=Threshold(1.5)), of_agent).delay == 3.0
    assert reply_of(Step(delay=Threshold(1.5)), get()).delay == 7.5


@pytest.mark.parametrize("delay", [Uniform(0.1, 0.5, seed=7), Lognormal(0.3, 0.5, seed=7)])
def test_a_delay_by_chance_is_the_same_in_every_run_and_differs_from_use_to_use(delay):
    times = [reply_of(Step(delay=delay), count=count).delay for count in range(1, 50)]

    assert times == [reply_of(Step(delay=delay), count=count).delay for count in range(1, 50)]
    assert len(set(times)) == 49
    assert all(time >= 0.1 or not isinstance(delay, Uniform) for time in times)
    assert 0.2 < sorted(times)[24] < 0.4


@pytest.mark.parametrize("delay", [Lognormal(3600, 10, seed=7), Threshold(1000)])
def test_no_delay_is_longer_than_an_hour(delay):
    times = [reply_of(Step(delay=delay), count=count).delay for count in range(1, 50)]

    assert max(times) == 3600


# --- authors' mistakes --------------------------------------------------------------------------


def test_a_step_after_a_step_that_is_not_there_is_an_error():
    with pytest.raises(ScenarioError, match=r"step 1 comes after 'svaed'.*Did you mean 'saved'"):
        Scenario("x", steps=(Step(after="svaed"), Step(name="saved")))


def test_two_steps_of_one_name_are_an_error():
    with pytest.raises(ScenarioError, match="two steps are named 'a'"):
        Scenario("x", steps=(Step(name="a"), Step(name="a")))


@pytest.mark.parametrize("header", [("X-A", "20 €"), ("X-A", "a\nb"), ("X-A", "\x7f")])
def test_a_header_that_no_line_can_carry_is_an_error(header):
    with pytest.raises(ScenarioError, match=r"x\.yaml:3: step 'x#1' cannot reply: header .* is not a line"):
        reply_of(Step(reply=Reply(200, headers=(header,)), label="x#1", place="x.yaml:3"))


def test_a_scenario_without_steps_cannot_be_played():
    with pytest.raises(ScenarioError, match="'x' has no steps"):
        Scenarios([Scenario("x")])


# --- deliveries of webhooks ---------------------------------------------------------------------


def test_a_delivery_and_a_call_have_steps_of_their_own():
    steps = (Step(Match(webhook="*"), times=1), Step())
    scenarios = Scenarios([Scenario("both", steps=steps)])

    assert labels(scenarios, get(), delivery(), delivery(), get()) == ["both#2", "both#1", "", "both#2"]


def test_what_kept_a_step_from_answering_a_delivery_is_told_of_steps_for_deliveries_only():
    steps = (Step(READ), Step(Match(webhook="sale.*")))
    scenarios = Scenarios([Scenario("both", steps=steps)])

    _, of_delivery = scenarios.take(delivery())
    _, of_call = scenarios.take(save({}))

    assert [near.step for near in of_delivery] == ["both#2"]
    assert of_delivery[0].differences == (Difference("webhook", "sale.*", "contact.created"),)
    assert [near.step for near in of_call] == ["both#1"]


SLOW = Match(body={"matches": r"(?:a|b)*a(?:a|b){900}c"})


def test_a_step_that_cannot_be_compared_in_time_is_named():
    scenarios = Scenarios([Scenario("slow", steps=(Step(SLOW, Reply(429), place="slow.yaml:3"),))])
    of = save({}, raw="".join(random.Random(1).choices("ab", k=100_000)).encode())

    with pytest.raises(ScenarioError, match=r"slow\.yaml:3: step 'slow#1': the pattern .* was not compared"):
        scenarios.take(of)


def test_a_near_miss_that_cannot_be_compared_in_time_is_told_as_such():
    of = save({}, raw="".join(random.Random(1).choices("ab", k=100_000)).encode(), faults=(FAULT,))

    use, near = Scenarios([Scenario("slow", steps=(Step(SLOW, Reply(429)),))]).take(of)

    assert use is None
    assert near[0].differences[-1].field == "match"
    assert "was not compared" in near[0].differences[-1].actual
