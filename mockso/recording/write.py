"""The file of a recording: readable YAML with comments, and the files beside it; all or nothing is written.

What is written is first scanned for secrets and read back by the ordinary loader.
"""

from __future__ import annotations

import base64
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError
from mockso.journal.entry import flat
from mockso.recording.leaks import leak_in_bytes, leaks
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.request import CommentedValue
from mockso.recording.steps import Steps, collapse
from mockso.recording.tape import TapedCall
from mockso.scenario.check import Checker
from mockso.scenario.load import ScenarioFilesError, read_scenario
from mockso.scenario.yaml import read_yaml
from mockso.storage.files import read_bytes, write_atomically
from mockso.version import VERSION

_PLAIN = re.compile(r"[A-Za-z_/$.][\w/$. {}-]*(?<! )", re.ASCII)
_WORDS = frozenset({"true", "false", "null", "yes", "no", "on", "off", "y", "n", "~", ""})
_ODD = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff\ud800-\udfff\ufffe\uffff]")
_FLOW = 88


Say = Callable[[str], None]


def _silent(line: str) -> None:
    """Drop the line."""


class LeakError(ScenarioError):
    """A recording was not written, because there is a secret in it."""


def write_recording(
    path: Path,
    tape: Sequence[TapedCall],
    names: Pseudonyms,
    contract: Contract,
    *,
    description: str = "",
    at: float | None = None,
    target: str = "",
    say: Say = _silent,
) -> int:
    """Write the recording of calls into a file; how many steps it has.

    One that is there gives its description, its `max_age` and the order of its steps. LeakError, and nothing
    written, when a secret would stand in it. `say` is told of each call whose answer cannot be made safe.
    """
    folder = f"{path.stem}.files"
    old = _old(path)
    before = [str(step.get("name", "")) for step in old.get("steps", ()) if isinstance(step, dict)]
    steps = collapse(tape, names, contract, folder, before)
    _tell(steps, say)
    if not steps.steps:
        raise ScenarioError(f"{path}: nothing was recorded, so nothing is written.")
    moment = datetime.fromtimestamp(at if at is not None else tape[-1].call.request.at, UTC)
    origin = {"at": moment.strftime("%Y-%m-%d"), "contract": contract.release, "mockso": VERSION}
    head: dict[str, Any] = {"name": _name(path)}
    head["description"] = old.get("description") or description or _description(target)
    head["recorded"] = {name: value for name, value in origin.items() if value}
    head |= {key: old[key] for key in ("max_age", "on_expiry", "only", "profile", "world") if key in old}
    text = to_yaml({**head, "steps": list(steps.steps)})
    _refuse_leaks(path, text, steps, names)
    _put(path, text, steps, contract)
    return len(steps.steps)


def append_recording(
    path: Path,
    tape: Sequence[TapedCall],
    names: Pseudonyms,
    contract: Contract,
    *,
    target: str = "",
    say: Say = _silent,
) -> int:
    """Add the steps of calls to the end of a file that may be there; how many steps. Its text stays as it is."""
    if not path.exists():
        return write_recording(path, tape, names, contract, target=target, say=say)
    folder = f"{path.stem}.files"
    steps = collapse(tape, names, contract, folder)
    _tell(steps, say)
    text = path.read_text(encoding="utf-8")
    names_there = {
        str(step.get("name", "")) for step in _old(path).get("steps", ()) if isinstance(step, dict)
    }
    new_steps = []
    for step in steps.steps:
        number, name = 2, step["name"]
        while step["name"] in names_there:
            step["name"], number = f"{name}-new{number}", number + 1
        names_there.add(step["name"])
        new_steps.append(step)
    lines = [line for line in text.splitlines() if line and not line.startswith((" ", "#", "-"))]
    if not lines or lines[-1].split("#")[0].strip() != "steps:":
        raise ScenarioError(
            f"{path}: steps are added to its end: put the key 'steps' last, in lines of its own."
        )
    more = to_yaml({"steps": new_steps}).partition("\n")[2]
    whole = text.rstrip("\n") + "\n" + more
    _refuse_leaks(path, whole, steps, names)
    _put(path, whole, steps, contract, keep=True)
    return len(new_steps)


def write_steps(
    path: Path, steps: Sequence[Mapping[str, Any]], names: Pseudonyms, contract: Contract, description: str
) -> int:
    """Write steps that are known already into a file; how many."""
    for step in steps:  # so that the scan knows what is secret
        names.learn("", [dict(step)], _texts(step.get("reply", {})))
        names.learn_headers(flat(step.get("reply", {}).get("headers", {})))
    safe = [
        dict(step) | {"reply": _safe(step["reply"], names)} if "reply" in step else dict(step)
        for step in steps
    ]
    text = to_yaml({"name": _name(path), "description": description, "steps": safe})
    result = Steps(tuple(safe), {})
    _refuse_leaks(path, text, result, names)
    _put(path, text, result, contract)
    return len(safe)


def _media(reply: Mapping[str, Any]) -> str:
    return next(
        (value for name, value in flat(reply.get("headers", {})) if name.lower() == "content-type"),
        "text/plain",
    )


def _texts(reply: Mapping[str, Any]) -> list[tuple[bytes, str]]:
    return [(reply["text"].encode("utf-8", "replace"), _media(reply))] if "text" in reply else []


def _safe(reply: Mapping[str, Any], names: Pseudonyms) -> dict[str, Any]:
    result = dict(reply)
    if "headers" in reply:
        result["headers"] = {
            name: [names.header(name, str(one)) for one in value]
            if isinstance(value, list)
            else names.header(name, str(value))
            for name, value in reply["headers"].items()
        }
    if "body" in reply:
        result["body"] = names.value(reply["body"])
    if "text" in reply:
        result["text"] = names.raw(reply["text"], _media(reply))
    return result


def _tell(steps: Steps, say: Say) -> None:
    for line in steps.left_out:
        say(f"not recorded: {line}")


def _name(path: Path) -> str:
    return re.sub(r"[^A-Za-z0-9._-]+", "-", path.stem).strip("-._") or "recording"


def _description(target: str) -> str:
    return f"Recorded from {target}." if target else "Recorded from real calls."


def _old(path: Path) -> dict[str, Any]:
    value: Any = read_yaml(read_bytes(path, ScenarioError)).value if path.exists() else {}
    return value if isinstance(value, dict) else {}


def _refuse_leaks(path: Path, text: str, steps: Steps, names: Pseudonyms) -> None:
    leaks_found = [f"{path}:{leak.line}: {leak.what}" for leak in leaks(text, names.known)]
    for step in steps.steps:
        base64_text = step.get("reply", {}).get("base64", "")
        leak = leak_in_bytes((base64.b64decode(base64_text),), names.known) if base64_text else ""
        if leak:
            leaks_found.append(f"step {step.get('name', '')!r}: {leak}, in the bytes of a body")
    for name, content in steps.files.items():
        # Those in files of their own were looked through when they were taken.
        leak = leak_in_bytes((content,), names.known) if isinstance(content, bytes) else ""
        if leak:
            leaks_found.append(f"{name}: {leak}, in the bytes of a body")
    if leaks_found:
        text_line = "\n".join(leaks_found[:20])
        raise LeakError(
            f"nothing was written, because there would be {len(leaks_found)} secrets in it:\n{text_line}\n"
            "Give --redact FIELD for each property that is secret, and no --keep for one."
        )


def _put(path: Path, text: str, steps: Steps, contract: Contract, *, keep: bool = False) -> None:
    """Bodies first, then the file that names them; each appears whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    for name, content in steps.files.items():
        place = path.parent / name
        place.parent.mkdir(parents=True, exist_ok=True)
        # Their names tell their content: one that is there is the same.
        if not place.exists():
            write_atomically(place, content)
    try:
        # However old the calls are, for now they are what there is.
        ageless = re.sub(r"(?m)^(max_age|on_expiry):.*\n", "", text)
        read_scenario(ageless, str(path), contract.derive(Checker), path.parent)
    except ScenarioFilesError as error:
        raise ScenarioError(
            f"a recording that cannot be read again, which is a bug in mockso:\n{error}"
        ) from error
    write_atomically(path, text.encode())
    folder = path.parent / f"{path.stem}.files"
    if folder.is_dir() and not keep:
        for file in folder.iterdir():
            if f"{folder.name}/{file.name}" not in steps.files:
                file.unlink(missing_ok=True)
        with suppress(OSError):
            folder.rmdir()


# --- YAML ---------------------------------------------------------------------------------------


def to_yaml(scenario: Mapping[str, Any]) -> str:
    """The text of a scenario: a block a step, short values on one line, comments where values have one."""
    return "".join(f"{line}\n" for line in _mapping(scenario, 0))


def _mapping(value: Mapping[str, Any], depth: int) -> Iterator[str]:
    for key, item in value.items():
        comment = ""
        if isinstance(item, CommentedValue):
            comment, item = f"  # {_one_line(item.comment)}", item.value
        yield from _member(f"{'  ' * depth}{_scalar(str(key))}:", item, depth, comment)


def _member(start: str, item: Any, depth: int, comment: str) -> Iterator[str]:
    if isinstance(item, Mapping | list) and item:
        flow = None if comment and _has_comment(item) else _flow(item)
        if flow is not None and len(start) + len(flow) < _FLOW and start.strip() != "steps:":
            yield f"{start} {flow}{comment}"
        else:
            yield start + comment
            yield from _mapping(item, depth + 1) if isinstance(item, Mapping) else _list(item, depth + 1)
    elif isinstance(item, str) and ("\n" in item):
        yield from _text(start, item, depth + 1, comment)
    else:
        yield f"{start} {_flow(item)}{comment}"


def _list(items: Sequence[Any], depth: int) -> Iterator[str]:
    for item in items:
        comment = ""
        if isinstance(item, CommentedValue):
            comment, item = f"  # {_one_line(item.comment)}", item.value
        flow = None if _has_comment(item) else _flow(item)
        mark = "  " * depth + "- "
        if (
            isinstance(item, Mapping)
            and item
            and (flow is None or "reply" in item or len(mark) + len(flow) >= _FLOW)
        ):
            lines = list(_mapping(item, depth + 1))
            yield mark + lines[0].lstrip() + comment
            yield from lines[1:]
        elif isinstance(item, list) and item and (flow is None or len(mark) + len(flow) >= _FLOW):
            yield f"{mark.rstrip()}{comment}"
            yield from _list(item, depth + 1)
        elif isinstance(item, str) and "\n" in item:
            yield from _text(mark.rstrip(), item, depth + 1, comment)
        else:
            yield f"{mark}{_flow(item)}{comment}"


def _has_comment(value: Any) -> bool:
    if isinstance(value, Mapping):
        return any(map(_has_comment, value.values()))
    return isinstance(value, CommentedValue) or (isinstance(value, list) and any(map(_has_comment, value)))


def _flow(value: Any) -> str | None:
    """A value on one line, None when it has comments or several lines."""
    if _has_comment(value):
        return None
    if isinstance(value, Mapping):
        items = [(_scalar(str(key)), _flow(item)) for key, item in value.items()]
        if any(item is None for _, item in items):
            return None
        return "{" + ", ".join(f"{key}: {item}" for key, item in items) + "}"
    if isinstance(value, list):
        parts = [_flow(item) for item in value]
        return None if None in parts else "[" + ", ".join(map(str, parts)) + "]"
    return _scalar(value)


def _scalar(value: Any) -> str:
    if not isinstance(value, str):
        # A number keeps the text it came with, 0.00 as 0.00.
        return str(getattr(value, "text", None) or json.dumps(value))
    if _PLAIN.fullmatch(value) and value.lower() not in _WORDS and not set(value) & set("{}"):
        return value
    return _ODD.sub(lambda m: f"\\u{ord(m[0]):04x}", json.dumps(value, ensure_ascii=False))


def _text(start: str, text: str, depth: int, comment: str) -> Iterator[str]:
    """A text of several lines, as a block where YAML would not change it, else quoted line by line."""
    indent = "  " * depth
    lines = text.split("\n")
    plain = not _ODD.search(text) and "\t" not in text and not any(line != line.rstrip() for line in lines)
    if plain and lines[0] and not text.startswith(" ") and text.strip("\n"):
        end = "-" if not text.endswith("\n") else "" if not text.endswith("\n\n") else "+"
        yield f"{start} |{end}{comment}"
        body = text[:-1] if text.endswith("\n") else text
        for line in body.split("\n"):
            yield f"{indent}{line}" if line else ""
        return
    parts = _scalar(text)[1:-1].split("\\n")
    if len(parts) > 1 and not comment:
        yield f'{start} "\\'
        for number, line in enumerate(parts):
            # A line's own first blanks would be taken for its indentation.
            text_line = f"\\{line}" if line.startswith(" ") else line
            yield f"{indent}{text_line}" + ("\\n\\" if number < len(parts) - 1 else '"')
    else:
        yield f"{start} {_scalar(text)}{comment}"


def _one_line(text: str) -> str:
    return _ODD.sub("?", " ".join(text.split()))[:160]
