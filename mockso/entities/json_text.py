"""Data files that are JSON, where YAML would misread them: an export writes a smile as two halves of a character."""

from __future__ import annotations

import json
import re

from mockso.scenario.yaml import Document

_SURROGATE = re.compile(r"\\u[dD][89a-fA-F]")


def read_json(data: bytes | str) -> Document | None:
    """A JSON text with halves of characters in it; None for any other, which YAML reads with its lines.

    A fault in its rows is named by its place, without a line.
    """
    text = data if isinstance(data, str) else data.decode("utf-8", "replace")
    if text.lstrip()[:1] != "{" or _SURROGATE.search(text) is None:
        return None
    try:
        value = json.loads(text)
    except ValueError:
        return None
    return Document(value=value) if isinstance(value, dict) else None
