"""Random queries of random providers, half of them wrong: each is answered or refused, none is an error of ours."""

import random

import pytest

from mockso.archive.columns import provider_of
from mockso.archive.operators import FUNCTIONS, OPERATORS
from mockso.archive.providers import provider_names

VALUES = {
    **dict.fromkeys(("int", "decimal", "associate", "userGroup", "ejUser", "intArray"), "1"),
    **dict.fromkeys(("date", "unlimitedDate", "datetime"), "2026-01-31"),
    **dict.fromkeys(("string", "stringorPK", "positiveString"), "'a'"),
    "bool": "true",
}
MANY = {"between", "in", "oneof", "notoneof", "datebetween", "associateisoneof", "associateisnotoneof"}
ODD = [
    "(",
    ")",
    "'",
    "\\",
    "and",
    "[I:5]",
    "[DT:x",
    "->",
    ".",
    ",",
    "é",
    "\x00",
    "null",
    "1e999",
    "9" * 30,
    "0001-01-01",
]


def condition(choice, columns):
    column = choice.choice(columns)
    operator = choice.choice(OPERATORS.get(column.restriction) or ("eq",))
    value = VALUES.get(column.restriction, "1") if choice.random() < 0.9 else choice.choice(ODD)
    if operator.lower() in FUNCTIONS:
        argument = (
            "'a'" if "with" in operator or operator == "substringof" else choice.choice(["week", "2, month"])
        )
        return f"{operator}({column.name}, {argument})"
    return f"{column.name} {operator} {f'({value}, {value})' if operator.lower() in MANY else value}"


def spoil(choice, text):
    signs = list(text)
    for _ in range(choice.randint(1, 4)):
        signs.insert(choice.randint(0, len(signs)), choice.choice(ODD))
    return "".join(signs)


@pytest.mark.parametrize("seed", range(4))
def test_no_query_is_an_error_of_ours(nordlys, shipped, seed):
    choice, statuses = random.Random(seed), {200: 0, 400: 0}
    providers = [provider_of(name, shipped) for name in provider_names(shipped) if not name.startswith("$")]
    for _ in range(500):
        provider = choice.choice(providers)
        columns = list(provider.columns.values())
        if not columns:
            continue
        text = choice.choice([" and ", " or "]).join(
            condition(choice, columns) for _ in range(choice.randint(1, 3))
        )
        text = spoil(choice, text) if choice.random() < 0.1 else text
        select = ",".join(choice.choice(columns).name for _ in range(3))
        order = f"{choice.choice(columns).name} {choice.choice(['asc', 'desc'])}"
        query = f"$filter={text}&$select={select}&$orderBy={order}&$top=3"
        status, body = nordlys.call("GET", f"Archive/{provider.name}?{query}")
        assert status in statuses, (query, body)
        statuses[status] += 1

    assert min(statuses.values()) > 100
