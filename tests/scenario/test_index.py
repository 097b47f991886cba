from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.scenario.play import Scenarios
from mockso.scenario.scenario import Scenario, Step
from tests.making import GET, SAVE, call, get, save


def many(*matches: Match) -> Scenarios:
    """The given matches, the first loaded last so that it is asked first, under many others."""
    filler = tuple(Step(Match(operation=[GET, SAVE], query={"filler": number})) for number in range(40))
    scenarios = Scenarios([Scenario("filler", steps=filler)])
    for number, match in reversed(list(enumerate(matches))):
        scenarios.load(Scenario(f"s{number}", steps=(Step(match),)))
    return scenarios


def answered(scenarios: Scenarios, of) -> str:
    taken, _ = scenarios.take(of)
    return taken.scenario if taken else ""


def test_a_step_found_by_a_literal_of_the_query_keeps_its_place_among_others():
    literal, pattern = Match(query={"a": "x"}), Match(query={"a": {"matches": ".*"}})

    of = call("GET", "/api/v1/Contact/17?A=x")
    assert answered(many(literal, pattern), of) == "s0"
    assert answered(many(pattern, literal), of) == "s0"


def test_a_step_is_found_by_any_of_several_values_of_one_argument():
    assert answered(many(Match(query={"a": 2})), call("GET", "/api/v1/Contact/17?a=1&a=2&a=2")) == "s0"


def test_a_step_is_found_by_a_literal_of_the_body_in_any_letter_case():
    assert answered(many(Match(body={"ContactId": 17})), save({"contactid": 17.0, "Persons": []})) == "s0"
    assert answered(many(Match(body={"Name": "x"})), save({"Name": "y"})) == ""


def test_true_is_not_found_as_one():
    assert answered(many(Match(body={"A": 1})), save({"A": True})) == ""
    assert answered(many(Match(query={"a": True})), call("GET", "/api/v1/Contact/17?a=TRUE")) == "s0"


VALUE = st.sampled_from([0, 1, 1.0, True, False, "1", "x", "true"])
MATCHES = st.builds(
    Match,
    operation=st.sampled_from([(), GET, SAVE, "v1*"]),
    path=st.sampled_from([None, "/api/v1/Contact/17", "/api/v1/Contact/*"]),
    query=st.dictionaries(st.sampled_from(["a", "B"]), VALUE | st.just({"absent": True}), max_size=2),
    body=st.dictionaries(st.sampled_from(["A", "b"]), VALUE, max_size=2) | st.just({"absent": True}),
)
CALLS = st.builds(
    lambda query, body: [
        call("GET", "/api/v1/Contact/17?" + "&".join(f"{name}={value}" for name, value in query)),
        save(body),
    ],
    st.lists(st.tuples(st.sampled_from(["a", "b"]), VALUE), max_size=3),
    st.dictionaries(st.sampled_from(["a", "A", "B"]), VALUE, max_size=2),
)


@settings(max_examples=300, deadline=None)
@given(st.lists(MATCHES, min_size=1, max_size=6), CALLS)
def test_the_index_finds_the_step_that_asking_all_in_order_would_find(matches, calls):
    scenarios = many(*matches)

    for of in [*calls, get()]:
        expected = next(
            (f"s{number}" for number, match in enumerate(matches) if Matcher(match).matches(of)), ""
        )
        assert answered(scenarios, of) == expected
