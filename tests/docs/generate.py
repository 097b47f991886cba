"""Builds the parts of the pages that come from the code: `python -m tests.docs.generate --write`.

A part stands between `<!-- generated: NAME -->` and `<!-- end -->`; all around it is written by hand.
"""

from __future__ import annotations

import inspect
import re
import sys
from collections.abc import Iterable
from dataclasses import fields
from typing import Any, get_args, get_type_hints

from mockso.config import Settings
from mockso.docs import FOLDER, PAGES
from mockso.judge.rules import RULES, STAGES
from mockso.testing.seen_call import SeenCall
from mockso.testing.world import World
from mockso.web.admin.app import ROUTES, WIREMOCK_ROUTES
from mockso.web.admin.routes import Route
from tests.docs.pages import rows

FILTERS = next(route for route in ROUTES if route.path == "requests/count").query
PART = re.compile(r"(<!-- generated: ([\w-]+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)

# The members of a world by the question they answer. Those that only mockso itself calls are in `INNER`.
WORLD = {
    "where": "url address tenant online token ticket app_token headers env variables",
    "clients": "client async_client session intercept",
    "answers": "play expect grant revoke state clock signal flush",
    "login": "application login_url login refresh user expire_token",
    "entities": "load entities entity assert_entity assert_no_entity snapshot restore reset",
    "calls": "seen calls verify verify_order wait_for arrival sent journal",
    "judged": "strict allow allow_unmatched findings check drop random seed",
}
INNER = {
    *("mock", "scenarios", "allowances", "planned", "take", "answer_with", "meant", "matching"),
    *("messages", "findings_since"),
}
# Bodies that a name of the OpenAPI document describes.
BODIES = {
    "DataFile": "a data file",
    "Carrier": "the entity, as a client sends it",
    "Match": "[a match](scenarios.md#keys-of-match)",
    "Play": "`name` or `yaml`, or a scenario file as it is",
    "WireMockPattern": "WireMock's request pattern",
}
# What an empty value stands for.
DEFAULTS = {"data": "shipped", "journal": "memory", "contracts": "shipped"}
# Attributes have no docstring of their own.
ATTRIBUTES = {
    "clock": "Its own time, for as long as it lives: `advance(seconds)`, `set(time)`, `stop(time)`, `now()`.",
    "online": "Whether it is an Online tenant; false for an onsite world.",
    "strict": '`"off"`, `"report"` or `"fail"`; may be changed inside a test.',
    "allow_unmatched": "Whether calls that no step answers pass where only steps may answer.",
    "random": "A `random.Random` of the seed.",
    "seed": "The seed that `random` and seeded delays start from, or None.",
}
SEEN_WORDS = {
    "method": "`GET`, `POST` ...",
    "headers": "The headers of the request.",
    "status": "The status of the answer.",
    "query": "The arguments of the query, names in any letter case.",
    "reply_headers": "The headers of the answer.",
    "violations": "Everything the contract has against it, each with `rule`, `where`, `message`, `severity`.",
    "body": "The body of the request, as bytes.",
}


def rules() -> str:
    text = ""
    for rule in RULES.values():
        text += f"## {rule.id}\n\nJudged with the {STAGES[rule.id]}, {rule.confidence}; {rule.source}: {rule.statement}.\n\n"
    return text


def table(head: Iterable[str], body: Iterable[Iterable[str]]) -> str:
    head = list(head)
    lines = [head, ["---"] * len(head), *body]
    return "".join(f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in line)} |\n" for line in lines)


def default_of(name: str) -> str:
    if name in DEFAULTS:
        return DEFAULTS[name]
    value: Any = getattr(Settings(), name)
    if isinstance(value, bool):
        return str(value).lower()
    if value in ("", ()):
        return "none"
    if isinstance(value, int) and value >= 1024 and value % 1024 == 0:
        return f"{value // 1024**2} MiB" if value >= 1024**2 else f"{value // 1024} KiB"
    return f"{value:g}" if isinstance(value, float) else str(value)


def settings(before: str) -> str:
    """The table of settings: names, values and defaults of the code, meanings as they stand."""
    meanings = {cell.strip("`"): cells[-1] for head, cell, cells in rows(before) if head == "setting"}
    hints = get_type_hints(Settings)
    body = []
    for field in fields(Settings):
        kind, value = hints[field.name], getattr(Settings(), field.name)
        choices = get_args(kind) if isinstance(value, str) else ()
        values = ", ".join(f"`{choice}`" for choice in choices)
        values = values or {bool: "true, false", int: "whole number", float: "number", tuple: "list"}.get(
            type(value), "text"
        )
        body.append([f"`{field.name}`", values, default_of(field.name), meanings.get(field.name, "")])
    return table(["setting", "values", "default", "meaning"], body)


def signature(kind: type, name: str) -> str:
    member = inspect.getattr_static(kind, name, None)
    if not inspect.isfunction(member):
        return f"`.{name}`"
    parts = []
    for parameter in list(inspect.signature(member).parameters.values())[1:]:
        if parameter.kind is parameter.VAR_POSITIONAL:
            parts.append(f"*{parameter.name}")
        elif parameter.kind is parameter.VAR_KEYWORD:
            parts.append(f"**{parameter.name}")
        elif parameter.default is parameter.empty:
            parts.append(parameter.name)
        else:
            simple = isinstance(parameter.default, int | float | str) and parameter.default != ""
            parts.append(f"{parameter.name}={parameter.default if simple else ''}")
    waits = "await " if inspect.iscoroutinefunction(member) else ""
    return f"`{waits}.{name}({', '.join(parts)})`"


def words(kind: type, name: str, others: dict[str, str]) -> str:
    member = inspect.getattr_static(kind, name, None)
    text = " ".join((inspect.getdoc(member) or "").split()) if member is not None else ""
    return others.get(name) or text


def world(section: str) -> str:
    names = WORLD[section].split()
    return table(
        ["member of a world", "gives"], ([signature(World, n), words(World, n, ATTRIBUTES)] for n in names)
    )


def public(kind: type) -> list[str]:
    return [name for name in vars(kind) if not name.startswith("_")]


def call() -> str:
    names = [name for name in public(SeenCall) if name != "call"]
    return table(
        ["member of a call", "gives"],
        ([signature(SeenCall, n), words(SeenCall, n, SEEN_WORDS)] for n in names),
    )


def arguments(route: Route) -> str:
    names = [argument.name for argument in route.query]
    filters = [argument.name for argument in FILTERS]
    parts = []
    if len(set(filters) & set(names)) > 5:
        rest = [name for name in names if name not in filters]
        parts.append(", ".join(["[filters](#filters)", *(f"`{name}`" for name in rest)]))
    elif names:
        parts.append(", ".join(f"`{name}`" for name in names))
    if route.body:
        parts.append("body: " + ", ".join(f"`{member.name}`" for member in route.body))
    if route.free_body:
        parts.append(f"body: {BODIES[route.free_body]}")
    return "; ".join(parts)


def addresses(prefix: str, routes: Iterable[Route], *, html: bool) -> str:
    return table(
        ["address", "does", "takes"],
        (
            [f"`{route.method} {prefix}/{route.path}`", route.about, arguments(route)]
            for route in routes
            if (route.gives == "text/html") is html
        ),
    )


def filters() -> str:
    return table(
        ["filter", "takes", "about"],
        (
            [f"`{one.name}`", ", ".join(one.choices) or one.kind, one.about.replace("\n", " ")]
            for one in FILTERS
        ),
    )


def part(name: str, before: str) -> str:
    """The text of one part; `before` is what stands there now."""
    if name == "settings":
        return settings(before)
    if name.startswith("world-"):
        return world(name.removeprefix("world-"))
    return {
        "rules": rules,
        "call": call,
        "addresses": lambda: addresses("/__mockso", ROUTES, html=False),
        "pages": lambda: addresses("/__mockso", ROUTES, html=True),
        "wiremock": lambda: addresses("/__admin", WIREMOCK_ROUTES, html=False),
        "filters": filters,
    }[name]()


def build(text: str) -> str:
    """A page with its generated parts made afresh."""
    return PART.sub(lambda found: f"{found[1]}{part(found[2], found[3])}{found[4]}", text)


if __name__ == "__main__":
    for name in PAGES if sys.argv[1:] == ["--write"] else ():
        path = FOLDER / f"{name}.md"
        path.write_text(build(path.read_text(encoding="utf-8")), encoding="utf-8")
