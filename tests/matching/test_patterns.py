"""Row 28 of the table of faults: a regular expression or a JSONPath of others never holds anybody up."""

from __future__ import annotations

import random
import re
from contextlib import suppress

import pytest

from mockso.errors import ScenarioError
from mockso.matching.automaton import Automaton
from mockso.matching.jsonpath import jsonpath
from mockso.matching.match import Match, glob
from mockso.matching.matcher import Matcher
from mockso.matching.operators import fault_of
from mockso.matching.patterns import Pattern
from mockso.matching.syntax import read_pattern
from tests.making import save

LETTERS = "a" * 41

# Each takes `re` longer than anybody waits, for the text beside it.
EXPLOSIVE = [
    (r"(\w+\s?)*!", LETTERS),
    (r"(a+)+b", LETTERS),
    (r"(a|aa)+b", LETTERS),
    (r"(a|a)*b", LETTERS),
    (r"(?:a?){40}b", LETTERS),
    (r"(.*a){12}b", LETTERS * 10),
    (r".*.*.*.*.*=b", LETTERS * 200),
    (r"(?i)(A+)+b", LETTERS),
    (r"((a*)*)*b", LETTERS),
    (r"(\w+\d?)+\s", LETTERS),
    (r"([a-z]{1,40}){1,40}!", LETTERS),
    (r"^(([a-z])+.)+[A-Z]([a-z])+$", LETTERS),
]


@pytest.mark.parametrize(("pattern", "text"), EXPLOSIVE)
def test_what_takes_re_for_ever_is_compared_at_once(pattern, text):
    assert not Pattern(pattern).matches(text)


@pytest.mark.parametrize(("pattern", "text"), EXPLOSIVE)
def test_a_long_text_is_compared_in_a_bounded_number_of_steps(pattern, text):
    with suppress(ScenarioError):
        assert not Pattern(pattern).matches(text * 500)


@pytest.mark.parametrize("pattern", [r"(\w+\s?)*\1!", r"(?=(a+)+b).*", r"((a+)+)++b", r"(?>(a+)+b)c"])
def test_what_an_automaton_cannot_do_is_refused_where_it_could_take_long(pattern):
    with pytest.raises(ValueError, match="without bounds") as caught:
        Pattern(pattern)

    assert "Repeat nothing" in str(caught.value)


@pytest.mark.parametrize(
    "pattern", ["((a{0,1000}){0,1000}){0,100}", "((((){2000}){2000}){2000})", "a" * 10_001]
)
def test_a_pattern_that_unfolds_to_too_much_is_refused(pattern):
    with pytest.raises(ValueError, match=r"5,000 places|10,000 characters"):
        Pattern(pattern)


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"^(?=.*[A-Z])(?=.*\d).{8,}$", "Passw0rdPassw0rd"),
        (r"(?!.*foo).*", "bar" * 1000),
        (r"(?:(?!foo).)*", "bar" * 1000),
        (r"(\w+) \1", "abc abc"),
        (r"(?P<x>[ab])-(?P=x)", "a-a"),
        (r"(a)?(?(1)b|c)", "ab"),
        (r"a++b", "aaab"),
        (r"(?#a word)\w+", "word"),
        (r"(?x) a b  # two letters", "ab"),
    ],
)
def test_what_cannot_take_long_stays_as_re_has_it(pattern, text):
    assert Pattern(pattern).matches(text)


def test_a_text_too_long_for_two_ways_that_meet_is_an_error_and_not_a_wait():
    pattern = Pattern(r"(?:(?!.*x).)*y")

    assert not pattern.matches("a" * 1000)
    with pytest.raises(ScenarioError, match=r"may take too long"):
        pattern.matches("a" * 100_000)


def test_steps_without_number_end_in_an_error():
    pattern = Pattern(r"(?:a|b)*a(?:a|b){900}c")

    with pytest.raises(ScenarioError, match="2,000,000 steps"):
        pattern.matches("".join(random.Random(1).choices("ab", k=100_000)))


# --- an automaton says what `re` says ------------------------------------------------------------

_ATOMS = [
    "a",
    "b",
    ".",
    r"\w",
    r"\s",
    "[^a]",
    "[ab]",
    r"\d",
    "\n",
    "é",
    r"\.",
    "(?i:A)",
    "(?s:.)",
    "[]a]",
    r"[\]b]",
    r"\x61",
]
_EDGES = ["^", "$", r"\b", r"\B", r"\A", r"\Z", "(?m:^)", "(?m:$)"]
_REPEATS = ["*", "+", "?", "{2}", "{1,3}", "{,2}", "{2,}", "*?", "+?"]


def _expression(source: random.Random, depth: int = 3) -> str:
    kind = source.random()
    if depth == 0 or kind < 0.3:
        return source.choice(_ATOMS if source.random() < 0.85 else _EDGES)
    if kind < 0.6:
        return "".join(_expression(source, depth - 1) for _ in range(source.randint(1, 3)))
    if kind < 0.8:
        return f"(?:{'|'.join(_expression(source, depth - 1) for _ in range(source.randint(1, 3)))})"
    return f"({_expression(source, 1)}){source.choice(_REPEATS)}"


@pytest.mark.parametrize("seed", range(20))
def test_an_automaton_says_of_any_text_what_re_says(seed):
    source = random.Random(seed)
    for _ in range(60):
        text = _expression(source)
        expression, node = re.compile(text), read_pattern(text)
        whole, anywhere = Automaton(node), Automaton(node, anywhere=True)
        for _ in range(12):
            value = "".join(source.choices("ab A1\né.", k=source.randint(0, 7)))
            assert whole.matches(value) is (expression.fullmatch(value) is not None), (text, value)
            assert anywhere.matches(value) is (expression.search(value) is not None), (text, value)


def test_the_kept_moves_of_an_automaton_do_not_grow_without_end():
    automaton = Automaton(read_pattern(r"(?:.|\w)*x"))

    assert not automaton.matches("".join(map(chr, range(0x4E00, 0x4E00 + 20_000))) * 8)
    assert len(automaton._states) < 5
    assert automaton._kept <= 200_000


# --- where patterns come from -------------------------------------------------------------------


def test_a_step_with_such_a_pattern_compares_it():
    matcher = Matcher(Match(body={"Name": {"matches": r"(\w+\s?)*!"}}))

    assert not matcher.matches(save({"Name": LETTERS}))
    assert matcher.matches(save({"Name": "Hello World!"}))


def test_a_pattern_that_is_refused_is_told_at_its_place():
    with pytest.raises(ScenarioError, match=r"match\.body\.Name\.matches: .*without bounds"):
        Match.from_json({"body": {"Name": {"matches": r"((\w+)\2?)*!"}}}, "match")


def test_a_wildcard_pattern_with_many_stars_is_linear():
    assert not glob("*a" * 20 + "*b").fullmatch("a" * 3000)
    assert glob("*a*b?").fullmatch("xaxbxbz")
    assert glob("a*a").fullmatch("aa")
    assert not glob("a*a").fullmatch("a")


@pytest.mark.parametrize("name", ["match", "search"])
def test_the_patterns_of_a_jsonpath_are_bounded(name):
    find = jsonpath(rf"$[?{name}(@.Name, '(\\w+\\s?)*!')]")

    assert find([{"Name": LETTERS}, {"Name": "Hello!"}]) == [{"Name": "Hello!"}]


def test_a_pattern_of_a_jsonpath_that_is_none_is_told():
    assert "is not a regular expression for match()" in fault_of("matchesJsonPath", "$[?match(@.Name, '(')]")
    assert "requires 2 arguments" in fault_of("matchesJsonPath", "$[?match(@.Name)]")


@pytest.mark.parametrize("query", ["$..*..*..*..*..*", "$[?$..*[?$..*[?@ == 1]]]", "$[?@ == $[0]]"])
def test_a_jsonpath_that_looks_at_everything_again_and_again_ends_in_an_error(query):
    value = [[[[[number] * 60]]] * 10 for number in range(500)]

    with pytest.raises(ScenarioError, match="looks at more than 100,000 values"):
        jsonpath(query)(value)


def test_a_text_that_looks_like_json_and_is_not_is_a_text_to_a_jsonpath():
    assert jsonpath("$.Name")("{Name") == []
    assert jsonpath("$[?@.Name == 1]")(["{Name", {"Name": 1}]) == [{"Name": 1}]


def test_a_jsonpath_over_a_large_body_still_finds():
    value = [{"Id": number, "Name": f"n{number}"} for number in range(20_000)]

    assert jsonpath("$[?@.Id == 19999].Name")(value) == ["n19999"]
    assert len(jsonpath("$..Name")(value)) == 20_000
