"""The row of those who answer: the first that has an answer gives it, and may ask the rest."""

import pytest

from mockso.answer.row import StepError, ask, insist_on_scenarios, play_scenarios
from mockso.config import Settings
from mockso.exchange.call import Answer
from mockso.exchange.message import Reply
from mockso.matching.match import Match
from mockso.scenario.scenario import Scenario, Step
from mockso.state.tenant import State, Tenant, View
from tests.making import get

OK = Answer(Reply(200))


def silent(call, view, rest):
    return None


def last(call, view, rest):
    return OK


@pytest.fixture
def state() -> State:
    return State(Tenant("Cust12345", True, Settings()))


def test_the_first_that_has_an_answer_gives_it(state):
    teapot = Answer(Reply(418))

    assert ask((silent, lambda call, view, rest: teapot, last), get(), View(state)) is teapot


def test_the_rest_can_be_asked_more_than_once_and_are_those_behind(state):
    answers = []

    def curious(call, view, rest):
        answers.extend([rest(call), rest(call)])
        return Answer(Reply(204))

    answer = ask((silent, curious, silent, last), get(), View(state))

    assert answers == [OK, OK]
    assert answer.reply.status == 204


def test_a_step_without_a_reply_gives_the_answer_of_the_rest_at_its_time(state):
    state.play(Scenario("slow", steps=(Step(delay=2.5),)))

    answer = ask((play_scenarios, last), get(), View(state))

    assert (answer.reply.status, answer.reply.delay, answer.step) == (200, 2.5, "slow#1")


def test_the_rest_can_tell_that_a_step_was_chosen(state):
    state.play(Scenario("slow", steps=(Step(delay=2.5),)))
    steps = []

    def behind(call, view, rest):
        steps.append(call.step)

    ask((play_scenarios, behind, last), get(), View(state))

    assert steps == ["slow#1"]


def test_the_steps_that_nearly_answered_are_told_with_the_answer_of_the_rest(state):
    state.play(Scenario("put", steps=(Step(Match(method="PUT"), Reply(204)),)))

    answer = ask((play_scenarios, last), get(), View(state))

    assert answer.reply.status == 200
    assert [miss.step for miss in answer.near_misses] == ["put#1"]


def test_where_only_scenarios_may_answer_a_miss_is_an_error_that_names_the_nearest(state):
    state.play(Scenario("put", steps=(Step(Match(method="PUT"), Reply(204)),), only=True))

    answer = ask((play_scenarios, insist_on_scenarios, last), get(), View(state))

    assert answer.reply.status == 501
    assert "the nearest is put#1" in answer.reply.header("X-Mockso-Hint")


def test_a_step_that_cannot_build_its_reply_is_named_by_the_error(state):
    def broken(call):
        raise ZeroDivisionError("on purpose")

    state.play(Scenario("broken", steps=(Step(reply=broken),)))

    with pytest.raises(StepError, match="on purpose") as caught:
        ask((play_scenarios, last), get(), View(state))

    assert caught.value.step == "broken#1"
