"""A patch applied to a scenario file, comments and layout kept; ruamel.yaml (extra `fix`) is imported here."""

from __future__ import annotations

import difflib
import os
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError
from mockso.reply_plan import split_pointer
from mockso.scenario_check import Checker
from mockso.scenario_yaml import read_scenario, shipped

_LIST_BELOW_KEY = re.compile(r"^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\n(?:\s*#[^\n]*\n)*( *)- ", re.MULTILINE)


def fix(path: Path, patch: Iterable[Mapping[str, Any]], contract: Contract) -> str:
    """Change a scenario file by a JSON Patch; what changed, as a unified diff.

    The file is checked before it is replaced. ScenarioError when it is not there, not one's own, or would
    not be a good scenario.
    """
    if path.resolve() in {own.resolve() for own in shipped().values()}:
        raise ScenarioError(
            f"{path} comes with mockso. Make it your own first: 'mockso scenarios show {path.stem} > {path.name}'."
        )
    try:
        before = path.read_text(encoding="utf-8")
    except OSError as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error.strerror}). Run this where the mock was started."
        ) from error
    after = patched(before, patch)
    read_scenario(after, str(path), Checker(contract), path.parent)
    beside = path.with_name(f".{path.name}.new")
    beside.write_text(after, encoding="utf-8")
    os.replace(beside, path)
    return "".join(
        difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"{path}", f"{path}", n=2)
    )


def patched(text: str, patch: Iterable[Mapping[str, Any]]) -> str:
    """A YAML text with a JSON Patch of add, replace and remove applied, all else as it stands."""
    try:
        from ruamel.yaml import YAML
    except ImportError as error:
        raise ScenarioError("--fix needs an extra: pip install 'mockso[fix]'.") from error
    yaml = YAML()
    yaml.preserve_quotes = True
    yaml.width = 10_000
    yaml.indent(**_indent(text))
    document = yaml.load(text)
    for operation in patch:
        *way, last = split_pointer(operation["path"])
        inner = document
        for part in way:
            inner = inner[int(part) if isinstance(inner, list) else part]
        key: Any = int(last) if isinstance(inner, list) else last
        if operation["op"] == "remove":
            _remove(inner, key)
        else:
            inner[key] = operation["value"]
    out = StringIO()
    yaml.dump(document, out)
    return out.getvalue()


def _remove(inner: Any, key: Any) -> None:
    """Take a key away, but not the blank lines and comments below it, which ruamel keeps with what is above."""
    holder, last = _last_leaf(inner, key)
    tokens = holder.ca.items.get(last) if hasattr(holder, "ca") else None
    token: Any = tokens[2] if tokens and len(tokens) > 2 else None
    below = str(token.value).partition("\n")[2] if token else ""
    keys = list(inner)
    del inner[key]
    above = keys[keys.index(key) - 1] if keys.index(key) else None
    if not below or above is None:
        return
    holder, last = _last_leaf(inner, above)
    kept = holder.ca.items.get(last)
    if kept and len(kept) > 2 and kept[2]:
        kept[2].value += below
    else:
        token.value = f"\n{below}"
        holder.ca.items[last] = [None, None, token, None]


def _last_leaf(inner: Any, key: Any) -> tuple[Any, Any]:
    """Where ruamel keeps what stands below a key: at the last leaf of its value."""
    value: Any = inner[key]
    while value and hasattr(value, "fa") and not value.fa.flow_style():
        inner, key = value, (len(value) - 1 if isinstance(value, list) else list(value)[-1])
        value = inner[key]
    return inner, key


def _indent(text: str) -> dict[str, int]:
    """How the lists of a file are indented, in ruamel's terms."""
    found = _LIST_BELOW_KEY.search(text)
    offset = len(found[2]) - len(found[1]) if found else 2
    return {"mapping": 2, "sequence": offset + 2, "offset": offset}
