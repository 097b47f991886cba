"""A patch applied to a scenario file, which is left alone but for the lines that must change.

Where the text cannot be changed at the place alone (scenario_edit.py), the whole is written again, which takes
ruamel.yaml (extra `fix`), and only the lines that came out otherwise are taken from that.
"""

from __future__ import annotations

import codecs
import difflib
import re
from collections.abc import Iterable, Mapping
from io import StringIO
from pathlib import Path
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.contract.paths import split_pointer
from mockso.errors import ScenarioError
from mockso.scenario.check import Checker
from mockso.scenario.library import shipped_scenarios
from mockso.scenario.load import read_scenario
from mockso.scenario.yaml import read_yaml
from mockso.storage.files import write_atomically
from mockso.why.edit import SharedAnchorError, UnclearEditError, edit_text, patched_value

SHARED = (
    "the file says this in one place for several, by an anchor: a change here would be one elsewhere too. "
    "Write it out where it shall differ, and try again."
)
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_LIST_BELOW_KEY = re.compile(r"^( *)[^\s#-][^\n]*:[ ]*(?:#[^\n]*)?\n(?:\s*#[^\n]*\n)*( *)- ", re.MULTILINE)


def fix(path: Path, patch: Iterable[Mapping[str, Any]], contract: Contract) -> str:
    """Change a scenario file by a JSON Patch; what changed, as a unified diff.

    The file is checked before it is replaced. ScenarioError when it is not there, not one's own, or would
    not be a good scenario.
    """
    if path.resolve() in {own.resolve() for own in shipped_scenarios().values()}:
        raise ScenarioError(
            f"{path} comes with mockso. Make it your own first: 'mockso scenarios show {path.stem} > {path.name}'."
        )
    try:
        whole = path.read_bytes()
        before = whole.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ScenarioError(f"{path}: cannot be read as UTF-8.") from error
    except OSError as error:
        raise ScenarioError(
            f"{path}: cannot be read ({error.strerror}). Run this where the mock was started."
        ) from error
    after = patch_document(before, patch)
    read_scenario(after, str(path), contract.derive(Checker), path.parent)
    mark = codecs.BOM_UTF8 if whole.startswith(codecs.BOM_UTF8) else b""
    try:
        write_atomically(path.resolve(), mark + after.encode())  # a link stays one
    except OSError as error:
        raise ScenarioError(f"{path}: cannot be written ({error.strerror}).") from error
    return "".join(
        difflib.unified_diff(before.splitlines(True), after.splitlines(True), f"{path}", f"{path}", n=2)
    )


def patch_document(text: str, patch: Iterable[Mapping[str, Any]]) -> str:
    """A YAML text with a JSON Patch of add, replace and remove applied, all else as it stands."""
    patch = list(patch)
    try:
        return edit_text(text, patch)
    except SharedAnchorError as error:
        raise ScenarioError(SHARED) from error
    except UnclearEditError as reason:
        try:
            import ruamel.yaml  # noqa: F401  only to know whether it is there
        except ImportError as error:
            raise ScenarioError(
                f"the file cannot be changed at this place alone: {reason}. With an extra the whole is written "
                "again: pip install 'mockso[fix]'."
            ) from error
    plain = text.replace("\r\n", "\n")
    result = splice(text, _write(plain, ()), _write(plain, patch))
    if read_yaml(result).value != patched_value(text, patch):
        raise ScenarioError(SHARED)
    return result


def _write(text: str, patch: Iterable[Mapping[str, Any]]) -> str:
    from ruamel.yaml import YAML

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


def splice(text: str, same: str, changed: str) -> str:
    """A text with the lines replaced in which `changed` differs from `same`, which is that text written again."""
    lines = _LINE.findall(text)
    again, fresh = same.removesuffix("\n").split("\n"), changed.removesuffix("\n").split("\n")
    newline = "\r\n" if "\r\n" in text else "\n"
    plain = [line.rstrip("\r\n") for line in lines]
    # Where each line that was written again stands, as it stood or respelt.
    stands = {
        low + i: first + i
        for kind, low, high, first, last in difflib.SequenceMatcher(None, again, plain, False).get_opcodes()
        if kind == "equal" or high - low == last - first
        for i in range(high - low)
    }
    result = list(lines)
    for kind, low, high, first, last in reversed(
        difflib.SequenceMatcher(None, again, fresh, False).get_opcodes()
    ):
        if kind == "equal":
            continue
        before, after = low, high
        while before and before - 1 not in stands:
            before -= 1
        while after < len(again) and after not in stands:
            after += 1
        new = [*again[before:low], *fresh[first:last], *again[high:after]]
        start = stands[before - 1] + 1 if before else 0
        end = stands[after] if after < len(again) else len(lines)
        result[start:end] = [line + newline for line in new]
    whole = "".join(line if line.endswith("\n") else line + newline for line in result)
    if not text.endswith("\n"):
        whole = whole.removesuffix(newline)
    # Two changes side by side may share lines that were respelt: then all of it is taken as written.
    return whole if read_yaml(whole).value == read_yaml(changed).value else changed.replace("\n", newline)


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
    match = _LIST_BELOW_KEY.search(text)
    offset = len(match[2]) - len(match[1]) if match else 2
    return {"mapping": 2, "sequence": offset + 2, "offset": offset}
