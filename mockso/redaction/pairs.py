"""Secrets that no name of their own stands before: a name beside its value, a scheme, a key in its armour, and texts
within texts.

As in texts.py nothing is parsed, and each pattern takes time in proportion to the text: it starts where a run of its
characters starts, and takes the run whole.
"""

from __future__ import annotations

import base64
import html
import json
import re
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote, unquote

from mockso.redaction.secrets import Replacements, Secrets

# A member that holds the name of another value, and those that hold the value: {"Key": "password", "Value": "x"}.
HOLDERS = frozenset("path key name field fieldname property propertyname column id label".split())
VALUES = frozenset("value text val displayvalue newvalue rawvalue data".split())
LAYERS = 3
"""How many texts within texts are looked into."""

_ARMOUR = re.compile(r"(-----BEGIN [A-Z0-9 ]{1,40}-----)(.*?)(?=-----END |\Z)", re.DOTALL)
_SCHEME = re.compile(
    r"(?<![\w-])((?:proxy-)?authorization[\"']?\s*+[:=]\s*+[\"']?)?(bearer|basic|soticket|negotiate|ntlm)(\s++)"
    r"([^\s\"'<>;,&]++)",
    re.IGNORECASE,
)
_HEADER = re.compile(
    r"(?<![\w-])((?:proxy-)?authorization[\"']?\s*+[:=]\s*+[\"']?)(?!(?:bearer|basic|soticket|negotiate|ntlm)\s)"
    r"([^\s\"'<>;,&]++)",
    re.IGNORECASE,
)
_COOKIE = re.compile(
    r"(?<![\w-])((?:set-)?cookie[\"']?\s*+[:=]\s*+[\"']?)([\w.-]++=)?([^\s;\"'<>]++)", re.IGNORECASE
)
_FLAT = re.compile(r"\{[^{}]*+(?:\}|\Z)|<[^<>]++(?:>|\Z)")
_HELD = re.compile(
    rf"(?<![\w.-])[\"']?(?:{'|'.join(HOLDERS)})[\"']?\s*+[:=]\s*+[\"']?([^\"',}}>]*+)", re.IGNORECASE
)
_VALUE = re.compile(
    rf"(?<![\w.-])([\"']?(?:{'|'.join(VALUES)})[\"']?\s*+[:=]\s*+)"
    r"(?:\"((?:[^\"\\]|\\.)*+)|'((?:[^'\\]|\\.)*+)|([^\s,}>\"'{\[]++))",
    re.IGNORECASE | re.DOTALL,
)
_ELEMENTS = re.compile(
    rf"(<(?:[\w.-]++:)?(?:{'|'.join(HOLDERS)})(?:\s[^<>]*+)?>\s*+)([^<>]*+)"
    rf"(</[^<>]++>\s*+<(?:[\w.-]++:)?(?:{'|'.join(VALUES)})(?:\s[^<>]*+)?>)([^<>]++)",
    re.IGNORECASE,
)
_QUOTED = re.compile(r'(?<!\\)"((?:[^"\\]|\\.)*+)(?:"|\Z)', re.DOTALL)
_PERCENT = re.compile(r"(?<![^\s\"'<>])[^\s\"'<>]*%[0-9A-Fa-f]{2}[^\s\"'<>]*+")
_WORD = re.compile(r"(?<![\w+/-])[A-Za-z0-9+/_-]{16,}+={0,2}(?![\w+/=-])")
_ENTITIES = re.compile(r"(?<![^<>])[^<>]*&(?:quot|apos|amp|#3[49]|#x2[27]);[^<>]*+")


def held_name(text: str) -> str:
    """The name that a value of a holder means: "Password" of "/Address/Password"."""
    return re.split(r"[/.]", text.strip().rstrip("/"))[-1]


def tells(value: str) -> bool:
    """Whether a word without quotes looks like a secret, unlike those of a sentence."""
    return len(value) >= 4 and (len(value) >= 16 or any(map(str.isdigit, value)))


def loose_member(words: str) -> re.Pattern[str]:
    """Compile the pattern of a name and its value in almost-JSON, assignments and filters."""
    return re.compile(
        rf"(?<![\w.$%-])([\"']?)(?=[\w.$%+-]*?(?:{words}))([\w.$%+-]++)(\1\s*+(?:[:=]|(?:eq|ne|contains|begins|like)\b)\s*+)"
        r"(?:\"((?:[^\"\\]|\\.)*+)|'((?:[^'\\]|\\.)*+)|([^\s\"'<>&;,(){}\[\]]++))",
        re.IGNORECASE | re.DOTALL,
    )


class Beside:
    """Edits what texts.py does not see; `edit` is its editor, for a text within the text."""

    def __init__(self, secrets: Secrets, words: str, edit: Callable[[str, Replacements, int], str]) -> None:
        self._secrets, self._edit = secrets, edit
        self._member = loose_member(words)

    def edit(self, text: str, replacements: Replacements, depth: int) -> str:
        """The text with a fingerprint for each secret, which is added to `replacements`."""

        def token(secret: str) -> str:
            return self._secrets.token(secret, replacements)

        if "-----BEGIN " in text:
            text = _ARMOUR.sub(lambda m: m[1] + token(m[2]), text)
        folded = text.lower()
        if any(
            word in folded for word in ("authorization", "bearer", "basic", "soticket", "negotiate", "ntlm")
        ):
            text = _SCHEME.sub(
                lambda m: f"{m[1] or ''}{m[2]}{m[3]}{token(m[4])}" if m[1] or tells(m[4]) else m[0], text
            )
            text = _HEADER.sub(lambda m: m[1] + (token(m[2]) if tells(m[2]) else m[2]), text)
        if "cookie" in folded:
            text = _COOKIE.sub(
                lambda m: m[1] + (m[2] or "") + (token(m[3]) if m[2] or tells(m[3]) else m[3]), text
            )
        text = self._member.sub(lambda m: self._in_member(m, token), text)
        if "{" in text or "<" in text:
            text = _FLAT.sub(lambda m: self._in_flat(m[0], token), text)
            text = _ELEMENTS.sub(lambda m: self._in_elements(m, token), text)
        return self._layers(text, replacements, depth) if depth else text

    def _in_member(self, match: re.Match[str], token: Callable[[str], str]) -> str:
        mark, name, sign, double, single, bare = match.groups()
        if not self._secrets.is_secret_name(name) or bare in ("null", "true", "false"):
            return match[0]
        if bare is not None:
            return f"{mark}{name}{sign}{token(bare) if tells(bare) else bare}"
        quote_mark = "'" if double is None else '"'
        return f"{mark}{name}{sign}{quote_mark}{token(single if double is None else double)}"

    def _in_flat(self, text: str, token: Callable[[str], str]) -> str:
        if not any(self._secrets.is_secret_name(held_name(held)) for held in _HELD.findall(text)):
            return text

        def value(match: re.Match[str]) -> str:
            before, double, single, bare = match.groups()
            if bare is not None:
                return match[0] if bare in ("null", "true", "false") else before + f'"{token(bare)}"'
            return f'{before}"{token(double)}' if single is None else f"{before}'{token(single)}"

        return _VALUE.sub(value, text)

    def _in_elements(self, match: re.Match[str], token: Callable[[str], str]) -> str:
        before, name, between, value = match.groups()
        secret = self._secrets.is_secret_name(held_name(name)) and value.strip()
        return f"{before}{name}{between}{token(value)}" if secret else match[0]

    # texts within the text

    def _layers(self, text: str, replacements: Replacements, depth: int) -> str:
        def inner(plain: str) -> str:
            return self._edit(plain, replacements, depth - 1)

        if '\\"' in text:
            text = _QUOTED.sub(lambda m: _in_quotes(m, inner), text)
        if "%" in text:
            text = _PERCENT.sub(lambda m: _in_percent(m[0], inner), text)
        if "&" in text and "<" in text:
            text = _ENTITIES.sub(lambda m: _in_entities(m[0], inner), text)
        return _WORD.sub(lambda m: _in_base64(m[0], inner), text)


def _in_quotes(match: re.Match[str], edit: Callable[[str], str]) -> str:
    if '\\"' not in match[1]:
        return match[0]
    try:
        plain = json.loads(match[0], strict=False)
    except ValueError:
        return match[0]
    safe = edit(plain)
    return match[0] if safe == plain else json.dumps(safe, ensure_ascii=match[0].isascii())


def _in_percent(text: str, edit: Callable[[str], str]) -> str:
    plain = unquote(text)
    safe = edit(plain)
    return text if safe == plain or plain == text else quote(safe, safe="/:#.$,?&=")


def _in_entities(text: str, edit: Callable[[str], str]) -> str:
    plain = html.unescape(text)
    safe = edit(plain)
    return text if safe == plain else html.escape(safe)


def _in_base64(word: str, edit: Callable[[str], str]) -> str:
    plain = word.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError:
        return word
    if not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        return word
    safe = edit(text)
    return word if safe == text else base64.b64encode(safe.encode()).decode()


# --- decoded values and forms -------------------------------------------------------------------


def secret_values(value: dict[str, Any], secrets: Secrets) -> frozenset[str]:
    """The members of an object whose values are secret because of the name in another member of it."""
    held = any(
        isinstance(item, str) and name.lower() in HOLDERS and secrets.is_secret_name(held_name(item))
        for name, item in value.items()
    )
    return frozenset(name for name in value if name.lower() in VALUES) if held else frozenset()


def secret_arguments(pairs: Iterable[tuple[str, str]], secrets: Secrets) -> frozenset[str]:
    """The names in a form whose values are secret because of the name in an argument beside them, "a[0].Key"."""
    pairs = list(pairs)
    beginnings = {
        name[: -len(last)].lower()
        for name, value in pairs
        if (last := re.split(r"[.\[\]]+", name.rstrip("]"))[-1]).lower() in HOLDERS
        and secrets.is_secret_name(held_name(value))
    }
    if not beginnings:
        return frozenset()
    return frozenset(
        name
        for name, _ in pairs
        if (last := re.split(r"[.\[\]]+", name.rstrip("]"))[-1]).lower() in VALUES
        and name[: -len(last)].lower() in beginnings
    )
