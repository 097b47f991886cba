"""OpenAPI documents for Prism, merged at run time from the vendor's Swagger files, never committed."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path
from typing import Any


def merge(folder: Path, target: Path, *, only: str = "") -> None:
    """Write one Swagger 2.0 document of all operations, or of the one address `only` with its types."""
    paths: dict[str, Any] = {}
    types: dict[str, Any] = {}
    for file in sorted(folder.glob("**/*.json")):
        source = json.loads(file.read_text(encoding="utf-8-sig"))
        paths |= source["paths"]
        types |= source.get("definitions", {})
    if only:
        paths = {only: paths[only]}
        types = {name: types[name] for name in _closure(paths, types)}
    document = {
        "swagger": "2.0",
        "info": {"title": "merged", "version": "1"},
        "paths": {path: _without_security(operations) for path, operations in paths.items()},
        "definitions": types,
    }
    target.write_text(json.dumps(document), encoding="utf-8")


def _without_security(operations: dict[str, Any]) -> dict[str, Any]:
    # The files demand schemes ("SuperOffice Password") that they define under other names.
    return {
        method: {key: value for key, value in operation.items() if key != "security"}
        for method, operation in operations.items()
    }


def _closure(value: Any, types: dict[str, Any]) -> Iterable[str]:
    found: set[str] = set()
    waiting = [value]
    while waiting:
        names = set(re.findall(r'"#/definitions/([^"]+)"', json.dumps(waiting.pop()))) - found
        found |= names
        waiting += [types[name] for name in names]
    return sorted(found)
