"""A call as a command line of curl."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from shlex import quote
from typing import Any

from mockso.journal.entry import body_bytes, flat

# curl makes these itself, of the address, the body and the connection.
_OWN = frozenset({"host", "content-length", "connection", "accept-encoding", "transfer-encoding", "expect"})


def url_of(entry: Mapping[str, Any]) -> str:
    """The absolute address that was called."""
    request = entry["request"]
    # Not by urlsplit, which refuses some of what a Host header may be.
    origin = "/".join(request["base"].split("/", 3)[:3])
    target = request["target"]
    return target if "://" in target[:8] else f"{origin}{target}"


def curl(entry: Mapping[str, Any]) -> str:
    """A command for a POSIX shell that sends the call again, as far as it was kept."""
    request = entry["request"]
    lines = [f"curl --globoff --include {quote(url_of(entry))}"]
    if request["method"] == "HEAD":
        lines[0] += " --head"
    elif request["method"] != "GET" or request["body"] or "base64" in request:
        lines[0] += f" --request {quote(request['method'])}"
    headers = [(name, value) for name, value in flat(request["headers"]) if name.lower() not in _OWN]
    # A header without value is "Name;" to curl, "Name:" would take it away.
    lines += [f"--header {quote(f'{name}: {value}' if value else f'{name};')}" for name, value in headers]
    body, before, remarks = body_bytes(request), "", []
    if body and _plain(body):
        lines.append(f"--data-raw {quote(body.decode())}")
    elif body:
        before = f"printf %s {base64.b64encode(body).decode()} | base64 --decode |\n"
        lines.append("--data-binary @-")
    if any("#" in value for _, value in headers):
        remarks.append("# Credentials were replaced by fingerprints (#...): put in your own.")
    if "cut" in request:
        remarks.append(f"# The body was cut: {request['cut']} bytes were sent, {len(body)} were kept.")
    return "\n".join([*remarks, before + " \\\n  ".join(lines), ""])


def _plain(body: bytes) -> bool:
    try:
        text = body.decode()
    except UnicodeDecodeError:
        return False
    return all(character.isprintable() or character in "\n\t" for character in text)
