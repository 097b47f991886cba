"""JSON Schema 2020-12 of a scenario file, from the marshmallow schemas that the loader uses.

Editors complete and check with it. It says which key takes which value, what each key is for (in the words of the
documentation's tables) and, given a contract, which operations, agents and resources there are. Only the loader checks
what needs the contract (whether a reply keeps its type).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.docs import meanings
from mockso.matching.fields import JsonSchema, keys_json_schema
from mockso.matching.keys import match_definitions
from mockso.scenario.schema import ScenarioKeys

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "A mockso scenario"

_TABLES = {
    "tenant": "key of `tenant`",
    "recorded": "key of `recorded`",
    "steps": "key of a step",
    "reply": "key of `reply`",
    "delay": "key of `delay`",
    "lognormal": "key of `lognormal`",
    "dribble": "key of `dribble`",
    "rate": "key of `rate`",
    "credential": "key of `credential`",
    "match": "key of `match`",
    "textOperators": "operator",
    "jsonOperators": "operator",
}
"""The table that has the keys of an object, by the key it stands under or the name of its definition."""


def scenario_json_schema(contract: Contract | None = None) -> JsonSchema:
    """The schema of a scenario file; with a contract its names are offered, which excludes no other."""
    definitions = match_definitions()
    schema: JsonSchema = {
        "$schema": DIALECT,
        "title": TITLE,
        **keys_json_schema(ScenarioKeys),
        "$defs": definitions,
    }
    _describe(schema, "key of a file")
    for name, definition in definitions.items():
        _describe(definition, _TABLES.get(name, ""))
    if contract is not None:
        _offer_names(definitions, contract)
    return schema


def _describe(schema: Any, table: str) -> None:
    """Give each key of an object the meaning that a table of the documentation has for it."""
    for one in _objects(schema):
        known = meanings("scenarios", table) if table else {}
        for name, value in one["properties"].items():
            if name in known:
                value["description"] = known[name]
            _describe(value, _TABLES.get(name, table))


def _objects(schema: Any) -> Iterator[JsonSchema]:
    """The objects that a value may be: itself, an alternative or the items of a list."""
    if "properties" in schema:
        yield schema
        return
    for inner in (*schema.get("anyOf", ()), *([schema["items"]] if "items" in schema else ())):
        yield from _objects(inner)


def _offer_names(definitions: dict[str, JsonSchema], contract: Contract) -> None:
    operations = list(contract.operations())
    names: dict[str, Iterable[str]] = {
        "operation": contract.ids(),
        "agent": {one.group for one in operations if one.is_agent},
        "resource": {one.group for one in operations if not one.is_agent},
    }
    for key, known in names.items():
        # An editor completes from this list, though no value is valid by it (`not`). If one were, the YAML language
        # server would call the list all that is allowed, in each hover and fault: 140,000 characters for operations.
        offer = {"enum": sorted(known), "not": {}}
        definitions[key] = {"anyOf": [{"type": "string", "minLength": 1}, offer]}
        one = {"$ref": f"#/$defs/{key}"}
        value = definitions["match"]["properties"][key]
        value["anyOf"] = [one, {"type": "array", "minItems": 1, "items": one}]
