"""Scenarios of thousands of steps, right or wrong, are checked in time that grows with their size."""

import random

import pytest

from mockso.scenario import check
from mockso.scenario.check import MOST, Checker, covers
from mockso.scenario.load import ScenarioFilesError, read_scenario


def faults_of(text, contract):
    with pytest.raises(ScenarioFilesError) as caught:
        read_scenario(text, "many.yaml", Checker(contract))
    return caught.value.faults


def steps(*lines):
    return "name: many\nsteps:\n" + "".join(f"  - {{{line}, reply: {{status: 204}}}}\n" for line in lines)


@pytest.mark.parametrize("line", ["matchh: {operation: x%d}", "match: {operation: v1Contact_Gett%d}"])
def test_of_very_many_faults_a_hundred_are_told_and_that_there_are_more(line, tiny):
    faults = faults_of(steps(*(line % number for number in range(3 * MOST))), tiny)

    assert len(faults) == MOST + 1
    assert [fault.line for fault in faults] == list(range(3, MOST + 4))
    assert faults[-1].message == "more than 100 faults: the others are told when these are mended."


def test_a_hundred_faults_are_all(tiny):
    faults = faults_of(steps(*(f"matchh: {{operation: x{number}}}" for number in range(MOST))), tiny)

    assert len(faults) == MOST
    assert "matchh" in faults[-1].message


def test_a_step_is_compared_with_those_that_name_what_it_names(monkeypatch):
    compared = []

    def count(wide, narrow):
        compared.append(1)
        return covers(wide, narrow)

    monkeypatch.setattr(check, "covers", count)
    names = [f"operation: x{number}" for number in range(500)]
    names += [f"path: /api/v1/x/{number}, method: GET" for number in range(500)]
    text = steps(*(f"match: {{{name}}}" for name in names), "match: {operation: X7, method: GET}")

    faults = faults_of(text, None)

    assert ["steps[7] takes every call" in fault.message for fault in faults] == [True]
    assert len(compared) < 1_000


def test_the_first_step_above_is_found_as_by_comparing_each_with_each():
    values = {
        "operation": ["v1A", "V1a", "v1*", ["v1A", "v1B"], "v1B"],
        "path": ["/api/v1/A", "/api/v1/B"],
        "method": ["GET", ["GET", "POST"]],
        "verdict": ["any", "accepted"],
    }
    choose = random.Random(7)
    found = 0
    for _ in range(300):
        matches = [
            {name: choose.choice(values[name]) for name in choose.sample(list(values), choose.randint(0, 3))}
            for _ in range(8)
        ]
        scenario = {"name": "x", "steps": [{"match": match, "reply": {"status": 204}} for match in matches]}
        wanted = {
            number: next(at for at in range(number) if covers(matches[at], match))
            for number, match in enumerate(matches)
            if any(covers(matches[at], match) for at in range(number))
        }

        told = {
            fault.place[1]: int(fault.message.split("steps[")[1].split("]")[0])
            for fault in Checker(None).faults(scenario)
            if "takes every call" in fault.message
        }

        assert told == wanted
        found += len(told)
    assert found > 500


def test_an_operation_named_by_its_address_is_looked_up_once(shipped, monkeypatch):
    from mockso.contract import show

    looked_up, find = [], show.find
    monkeypatch.setattr(show, "find", lambda *of: looked_up.append(of) or find(*of))

    faults_of(steps(*("match: {operation: GET Contact}, times: 1, nam: x" for _ in range(20))), shipped)
    read_scenario(
        steps(*("match: {operation: GET Contact}, times: 1" for _ in range(20))).replace("204", "200"),
        "many.yaml",
        Checker(shipped),
    )

    assert len(looked_up) <= 4
