"""A hundred hostile scenarios: each is refused in words, or played without a failure of ours, in bounded memory."""

from __future__ import annotations

import json

import pytest

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.engine import Engine
from mockso.errors import ScenarioError
from mockso.exchange.message import Headers, Query, Request
from mockso.journal.journal import Journal
from mockso.scenario.check import Checker
from mockso.scenario.load import read_scenario
from tests.matching.test_patterns import EXPLOSIVE
from tests.scenario.test_template import HOSTILE as TEMPLATES

CONTRACT = Contract.open()
LONG = "a" * 100_000
DEEP = 5_000


def step(**parts: object) -> str:
    return json.dumps({"name": "hostile", "steps": [parts]})


def anchors(levels: int) -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, levels)]
    return "name: hostile\n" + "\n".join(lines)


PATTERNS = [
    *(step(match={"body": {"Name": {"matches": pattern}}}) for pattern, _ in EXPLOSIVE),
    *(
        step(match={"query": {"$filter": {"matches": pattern, "caseInsensitive": True}}})
        for pattern, _ in EXPLOSIVE
    ),
    *(
        step(match={"body": {"matchesJsonPath": f"$[?search(@, {json.dumps(pattern)})]"}})
        for pattern, _ in EXPLOSIVE[:8]
    ),
    step(match={"body": {"matchesJsonPath": "$..*..*..*..*..*..*"}}),
    step(match={"body": {"matchesJsonPath": "$" + "..*" * 500}}),
    step(match={"body": {"matchesJsonPath": "$" + "[?@" * 500 + "]" * 500}}),
    step(match={"body": {"matches": "(" * DEEP + ")" * DEEP}}),
    step(match={"body": {"matches": "a{99999999}"}}),
    step(match={"body": {"matches": "(a{1000}){1000}"}}),
    step(match={"body": {"matches": "(?P<a>(?P=a)*)*"}}),
    step(match={"body": {"matches": "a|" * 4000}}),
    step(match={"path": "/api/" + "*a" * 2000}),
    step(match={"operation": "*?" * 2000}),
]
TEXTS = [step(reply={"status": 200, "text": template}) for template in TEMPLATES]
SIZES = [
    step(name=LONG),
    step(match={"headers": {LONG: "x"}}),
    step(match={"query": {"x": LONG}}),
    step(times=10**300),
    step(times=-1),
    step(delay=1e308),
    step(delay={"lognormal": {"median": 3600, "sigma": 10}, "seed": 10**400}),
    step(delay={"threshold": 1e400}),
    step(dribble={"chunks": 10**9, "over": 1}),
    step(chance=1e-320),
    step(chance=10**400),
    step(rate={"calls": 10**30, "per": 1e-9}),
    step(reply={"status": 10**30}),
    step(reply={"headers": {f"X-{n}": "x" for n in range(5000)}, "status": 200}),
    step(reply={"headers": {"X-A": ["x"] * 50_000}, "status": 200}),
    step(reply={"like": "success", "set": {"/" + "a/" * DEEP: 1}}),
    step(reply={"like": "success", "set": {"/Persons/99999999": 1}}),
    step(reply={"base64": "A" * 400_001}),
    step(reply={"body_file": "/dev/zero"}),
    step(reply={"body_file": "../" * 1000 + "etc/passwd"}),
    json.dumps({"name": "hostile", "steps": [{"times": 1}] * 5000}),
    json.dumps({"name": "hostile", "steps": [{"name": f"s{n}", "after": f"s{n + 1}"} for n in range(2000)]}),
]
DEPTHS = [
    "[" * DEEP,
    "{a: " * DEEP,
    "name: hostile\nsteps: " + "[" * DEEP + "]" * DEEP,
    step(match={"body": json.loads("[" * 900 + "]" * 900)}),
    '{"name": "hostile", "steps": [{"match": ' + '{"not": ' * 800 + "{}" + "}" * 800 + "}]}",
    '{"name": "hostile", "steps": [{"match": ' + '{"any": [' * 400 + "{}" + "]}" * 400 + "}]}",
    anchors(12),
    "a: &a [*a]",
    "&a a: *a",
    "- " * DEEP,
    "? " * 300 + "a",
    "name: !!python/object/apply:os.system [id]",
    "%YAML 9.9\n---\n...",
    "\x00\x01",
    "a: 'x\n" * 50,
]
FRAMES = [
    step(reply={"status": 200, "text": "a", "headers": {name: value}}, **fault)
    for name, value in [
        ("Transfer-Encoding", "chunked"),
        ("transfer-encoding", "gzip, chunked"),
        ("Content-Length", "99999999999999999999"),
        ("Content-Length", "-5"),
        ("Content-Length", "x"),
        ("Connection", "close, upgrade"),
    ]
    for fault in ({}, {"fault": "framing"})
]
SCENARIOS = {
    f"{kind} {number}": text
    for kind, texts in {
        "pattern": PATTERNS,
        "template": TEXTS,
        "size": SIZES,
        "depth": DEPTHS,
        "framing": FRAMES,
    }.items()
    for number, text in enumerate(texts)
}

CALLS = [
    ("GET", "/api/v1/Contact/17", "", b""),
    ("GET", "/api/v1/Contact", f"$filter={'a' * 200}", b""),
    ("POST", "/api/v1/Contact", "", json.dumps({"Name": "a" * 200 + " " + "a " * 50}).encode()),
    ("POST", "/api/v1/Agents/Contact/GetContactEntity", "contactEntityId=3", b""),
    ("POST", "/api/v1/Contact", "", b"[" * 60 + b"]" * 60),
]


def requests():
    for method, path, query, body in CALLS:
        pairs = [tuple(pair.partition("=")[::2]) for pair in query.split("&") if pair]
        lines = [("Authorization", "Bearer 8A:Cust12345.x"), ("Content-Type", "application/json")]
        yield Request(
            "Cust12345",
            method,
            path,
            Query(pairs),
            Headers(lines),
            body,
            "http://127.0.0.1/Cust12345",
            path,
            1e9,
        )


def test_there_are_a_hundred_of_them():
    assert len(SCENARIOS) >= 100


@pytest.mark.parametrize("name", SCENARIOS)
def test_a_hostile_scenario_is_refused_in_words_or_played_without_a_failure_of_ours(name, capsys):
    refusal = ""
    try:
        scenario = read_scenario(SCENARIOS[name], "hostile.yaml", Checker(CONTRACT))
    except ScenarioError as error:
        refusal = str(error)
    if refusal:
        assert refusal.startswith("hostile.yaml:")
        assert "Traceback" not in refusal
        assert len(refusal) < 100_000
        return
    engine = Engine(Settings(), [CONTRACT], Journal(), [scenario])
    for request in requests():
        reply = engine.handle(request)
        # An author's own failure, as a template without a value, names the step.
        assert "a bug in mockso" not in reply.header("X-Mockso-Reason")
        assert reply.status < 500 or "hostile" in reply.header("X-Mockso-Reason") or reply.by == "scenario"
    engine.close()
    assert "Traceback" not in capsys.readouterr().err
