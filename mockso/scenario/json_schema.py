"""JSON Schema 2020-12 of a scenario file, from the marshmallow schemas that the loader uses.

Editors complete and check with it. It says which key takes which value; only the loader checks what needs the
contract (whether an operation exists, whether a reply keeps its type).
"""

from __future__ import annotations

from mockso.matching.fields import JsonSchema, keys_json_schema
from mockso.matching.keys import match_definitions
from mockso.scenario.schema import ScenarioKeys

DIALECT = "https://json-schema.org/draft/2020-12/schema"
TITLE = "A mockso scenario"


def scenario_json_schema() -> JsonSchema:
    """The schema of a scenario file."""
    return {
        "$schema": DIALECT,
        "title": TITLE,
        **keys_json_schema(ScenarioKeys),
        "$defs": match_definitions(),
    }
