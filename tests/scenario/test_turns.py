"""Steps that answer some of the calls they match: by chance, or beyond a rate."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest

from mockso.errors import SettingError
from mockso.exchange.call import Difference
from mockso.exchange.message import Reply
from mockso.matching.match import Match
from mockso.scenario.chaos import chaos_scenario
from mockso.scenario.check import Checker
from mockso.scenario.load import ScenarioFilesError, read_scenario
from mockso.scenario.play import Scenarios, answer_from
from mockso.scenario.reply import ReplyPlan
from mockso.scenario.scenario import Scenario, Step
from mockso.scenario.turns import Rate
from mockso.state.counts import StepCounts
from mockso.state.rows import RowStore
from tests.making import AT, GET, documented, get, normal, save, tiny

READ = Match(operation=GET)
SOME = Scenario("some", steps=(Step(READ, Reply(500), chance=0.3),))
LIMIT = Scenario("limit", steps=(Step(READ, rate=Rate(3, 60)),))


def answers(scenarios: Scenarios, calls) -> list[bool]:
    return [scenarios.take(call)[0] is not None for call in calls]


def later(seconds: float):
    return get(at=AT + seconds)


# --- chance -------------------------------------------------------------------------------------


def test_a_step_with_a_chance_answers_about_that_part_of_the_calls():
    assert sum(answers(Scenarios([SOME]), [get()] * 1000)) in range(250, 350)


def test_the_same_calls_are_answered_in_every_run():
    assert answers(Scenarios([SOME]), [get()] * 50) == answers(Scenarios([SOME]), [get()] * 50)


def test_each_tenant_and_each_step_has_luck_of_its_own():
    other = replace(get(), request=replace(get().request, tenant="Cust2"))
    renamed = replace(SOME, name="others")

    first = answers(Scenarios([SOME]), [get()] * 50)

    assert answers(Scenarios([SOME]), [other] * 50) != first
    assert answers(Scenarios([renamed]), [get()] * 50) != first


def test_calls_that_do_not_match_change_nothing():
    first = answers(Scenarios([SOME]), [get()] * 20)
    scenarios = Scenarios([SOME])

    second = []
    for _ in range(20):
        scenarios.take(save({}))
        second += answers(scenarios, [get()])

    assert second == first


def test_a_call_that_is_not_drawn_goes_on_to_the_next_step():
    steps = (Step(READ, Reply(500), chance=0.3), Step(READ, Reply(200)))
    scenarios = Scenarios([Scenario("two", steps=steps)])

    labels = {scenarios.take(get())[0].label for _ in range(30)}

    assert labels == {"two#1", "two#2"}


def test_chance_and_times_count_together():
    scenarios = Scenarios([Scenario("twice", steps=(Step(READ, Reply(500), chance=0.5, times=2),))])

    assert sum(answers(scenarios, [get()] * 100)) == 2


def test_a_call_that_was_not_drawn_is_told_so():
    scenarios = Scenarios([Scenario("rare", steps=(Step(READ, Reply(500), chance=1e-9),))])

    use, near = scenarios.take(get())

    assert use is None
    assert near[0].differences == (Difference("chance", 1e-9, "not drawn for call 1 that it matches"),)


def test_reset_and_loading_begin_the_luck_again():
    scenarios = Scenarios([SOME])
    first = answers(scenarios, [get()] * 30)

    scenarios.reset()

    assert answers(scenarios, [get()] * 30) == first


def test_a_scenario_that_a_call_names_draws_by_the_call():
    calls = [replace(get(), id=str(number)) for number in range(200)]

    drawn = [answer_from(SOME, call)[0] is not None for call in calls]

    assert sum(drawn) in range(30, 90)
    assert drawn == [answer_from(SOME, call)[0] is not None for call in calls]


# --- rate ---------------------------------------------------------------------------------------


def test_calls_beyond_the_rate_are_the_steps_until_its_time_is_over():
    scenarios = Scenarios([LIMIT])

    assert answers(scenarios, [later(0), later(1), later(2), later(3), later(59)]) == [False] * 3 + [True] * 2
    assert answers(scenarios, [later(60), later(61), later(62), later(63)]) == [False] * 3 + [True]


def test_the_reply_says_when_to_come_again_by_the_clock_of_the_calls():
    scenarios = Scenarios([LIMIT])
    answers(scenarios, [later(0), later(0), later(0)])

    use, _ = scenarios.take(later(18.5))
    reply = use.reply_to(get(), normal, documented)

    assert reply.status == 429
    assert [value for name, value in reply.headers if name == "Retry-After"] == ["42"]


def test_a_reply_with_its_own_retry_after_keeps_it():
    plan = ReplyPlan(status=503, body={"Message": "later"}, headers=(("retry-after", "9"),))
    scenarios = Scenarios([Scenario("limit", steps=(Step(READ, plan, rate=Rate(1, 60)),))])
    answers(scenarios, [later(0)])

    reply = scenarios.take(later(1))[0].reply_to(get(), normal, documented)

    assert reply.status == 503
    assert [value for name, value in reply.headers if name.lower() == "retry-after"] == ["9"]


def test_a_clock_that_is_set_back_begins_the_rate_again():
    scenarios = Scenarios([LIMIT])
    answers(scenarios, [later(1000)] * 4)

    assert answers(scenarios, [later(0)] * 3) == [False] * 3


def test_a_call_within_the_rate_is_told_so():
    _, near = Scenarios([LIMIT]).take(get())

    assert near[0].differences == (Difference("rate", "more than 3 calls in 60 s", "call 1"),)


@pytest.mark.parametrize("counts", [None, "rows"])
def test_a_rate_lets_just_so_many_through_under_many_threads(counts):
    store = StepCounts(RowStore("Cust12345")) if counts else None
    scenarios = Scenarios([Scenario("limit", steps=(Step(READ, rate=Rate(100, 60)),))], counts=store)
    drawn: list[bool] = []

    threads = [
        threading.Thread(target=lambda: drawn.extend(answers(scenarios, [get()] * 50))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert drawn.count(False) == 100
    assert drawn.count(True) == 300


# --- files --------------------------------------------------------------------------------------


def test_a_file_says_both():
    text = "name: x\nsteps:\n- {chance: 0.2, reply: {error: server-error}}\n- {rate: {calls: 60, per: 60}}\n"

    scenario = read_scenario(text, "x.yaml", Checker(tiny()))

    assert scenario.steps[0].chance == 0.2
    assert scenario.steps[1].rate == Rate(60, 60)


@pytest.mark.parametrize(
    ("step", "says"),
    [
        ("{chance: 0, reply: {status: 500}}", "above 0 and up to 1"),
        ("{chance: 1.2, reply: {status: 500}}", "above 0 and up to 1"),
        ("{chance: '20%', reply: {status: 500}}", "Write 0.2, without quotes"),
        ("{chance: 20, reply: {status: 500}}", "Write 0.2"),
        ("{chance: .nan, reply: {status: 500}}", "above 0 and up to 1"),
        ("{rate: 60}", "expected keys with values"),
        ("{rate: {calls: 60}}", "per: is missing"),
        ("{rate: {calls: 0, per: 60}}", "a whole number of calls from 1"),
        ("{rate: {calls: 1, per: 0}}", "seconds from 0.001"),
        ("{rate: {calls: 1, per: 1}, chance: 0.2}", "keep one of the two"),
    ],
)
def test_a_wrong_chance_or_rate_is_told(step, says):
    with pytest.raises(ScenarioFilesError, match=r"x\.yaml:3") as caught:
        read_scenario(f"name: x\nsteps:\n- {step}\n", "x.yaml", Checker(tiny()))

    assert says in str(caught.value)


def test_a_step_behind_one_with_a_chance_or_a_rate_is_reached():
    text = "name: x\nsteps:\n- {chance: 0.2, reply: {error: server-error}}\n- {rate: {calls: 1, per: 1}}\n- {delay: 1}\n"

    assert len(read_scenario(text, "x.yaml", Checker(tiny())).steps) == 3


# --- chaos --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ["30%", "0.3", " 30 %", "30%:reset,cut,not_found"])
def test_chaos_is_a_part_of_all_calls(text):
    assert sum(answers(Scenarios([chaos_scenario(text)]), [get()] * 1000)) in range(250, 350)


def test_each_kind_of_chaos_is_as_likely_as_the_others():
    scenarios = Scenarios([chaos_scenario("100%:reset,cut,throttled,server-error")])

    labels = [scenarios.take(get())[0].label for _ in range(1000)]

    assert {
        labels.count(f"chaos#{name}") // 100 for name in ("reset", "cut", "throttled", "server-error")
    } <= {2, 1, 3}


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("lots", "expected a part"),
        ("0%", "expected a part"),
        ("120%", "expected a part"),
        ("nan", "expected a part"),
        ("20%:throttld", "Did you mean 'throttled'?"),
        ("20%:", "no error or fault ''"),
        ("20%:reset,reset", "twice"),
    ],
)
def test_chaos_that_is_none_is_refused(text, says):
    with pytest.raises(SettingError, match="--chaos") as caught:
        chaos_scenario(text)

    assert says in str(caught.value)
