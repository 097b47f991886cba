"""Secrets in texts: JSON, XML, forms, multipart, addresses and plain sentences, edited in place.

Nothing is parsed, so that a broken or a cut body is as safe as a valid one and keeps its form. Every
pattern takes time in proportion to the text, whatever the text.
"""

from __future__ import annotations

import re

from mockso.redaction.pairs import LAYERS, Beside
from mockso.redaction.secrets import PASSWORD, Replacements, Secrets, is_ticket

# Parts of secret names; whether a name that has one is really meant, `Secrets.is_secret_name` says.
_WORDS = tuple(
    """passw passphrase secret token ticket session[_-]?key auth[_-]?key api[_-]?key private[_-]?key
    credential[_-]?value authorization cookie assertion verifier challenge pwd session[_-]?id access[_-]?key
    account[_-]?key client[_-]?key encryption[_-]?key shared[_-]?key signing[_-]?key jwt""".split()
)
_END = r"[^\s\"'<>&;,(){}\[\]\\]+"
_TOKENS = re.compile(
    rf"(?<![A-Za-z0-9])(?:8A:(?:([\w-]*)\.)?({_END})|7T:({_END}))"
    r"|(?<![\w-])(eyJ[\w-]{4,}\.[\w-]+(?:\.[\w-]*)?)"
)
_LITERALS = frozenset({"null", "true", "false"})
# \u0061 and \/ in a JSON string stand for themselves; a quote and a backslash must stay escaped.
_ESCAPED = re.compile(r"\\(?:u00([2-7][0-9A-Fa-f])|(.))", re.DOTALL)
_SCALAR = re.compile(r'("(?:[^"\\]|\\.)*"\s*:)|"((?:[^"\\]|\\.)*)(?:"|\Z)|(-?\d[\d.eE+-]*)', re.DOTALL)


class Editor:
    """Puts fingerprints where the secrets of a text are."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        own = ["[_. -]?".join(map(re.escape, name)) for name in sorted(secrets.fields)]
        words = "|".join([*_WORDS, *own])
        self._beside = Beside(secrets, words, self.edit)
        flags = re.IGNORECASE | re.DOTALL
        # A name is looked over once and then taken whole ("++"): a hostile body of 64 KiB of
        # "tokentokentoken" would otherwise cost minutes of backtracking.
        self._member = re.compile(
            rf'"(?=[\w.$%+ -]*?(?:{words}))([\w.$%+ -]++)"(\s*+:\s*+)'
            r'(?:"((?:[^"\\]|\\.)*)("?)|([^\s",{}\[\]]+)|(?=([\[{])))',
            flags,
        )
        self._inner = re.compile(
            rf'(?<!\\)(\\++")(?=[\w.$%+ -]*?(?:{words}))([\w.$%+ -]++)\1(\s*+:\s*+)'
            r"(?:\1(.*?)(?=\1|\Z)|([\w.+-]+))",
            flags,
        )
        self._element = re.compile(
            rf"<((?:[\w.-]++:)?(?=[\w.-]*?(?:{words}))([\w.-]++))(\s[^<>]*+)?>(.*?)(?=</\1\s*>|\Z)", flags
        )
        self._attribute = re.compile(
            rf"(?<![\w.\-\"\\])(?=[\w.-]*?(?:{words}))(?P<name>[\w.-]++)\s*+=\s*+([\"'])(?P<value>.*?)(?=\2|\Z)",
            flags,
        )
        self._argument = re.compile(
            rf"(?:^|(?<=[?&#;\s]))(?=[\w.%+-]*?(?:{words})|code=)(?P<name>[\w.%+-]++)=(?P<value>[^&\s\"'<>;]+)",
            flags,
        )
        # A form that a browser posts: the code of the OAuth flow stands in one, too.
        self._input = re.compile(
            rf'name="(?=[\w.-]*?(?:{words})|code")(?P<name>[\w.-]++)" value="(?P<value>[^"]++)', flags
        )
        self._part = re.compile(
            rf'name="(?=[\w.$%+ -]*?(?:{words}))(?P<name>[\w.$%+ -]++)"[^\n]*\n(?:[^\r\n]+\r?\n){{0,5}}\r?\n'
            r"(?P<value>.*?)(?=\r?\n--|\Z)",
            flags,
        )

    def edit(self, text: str, replacements: Replacements, depth: int = LAYERS) -> str:
        """The text with a fingerprint for each secret, which is added to `replacements`.

        Texts within the text, escaped, percent-encoded or in base64, are edited `depth` deep.
        """
        if "\\" in text:
            text = _ESCAPED.sub(_unescape, text)
        if "@" in text:
            text = PASSWORD.sub(lambda m: m[1] + self._secrets.token(m[2], replacements), text)
        structured = False

        def member(match: re.Match[str]) -> str:
            nonlocal structured
            name, colon, string, end, other, bracket = match.groups()
            if bracket:
                structured = structured or (self._secrets.is_secret_name(name) and not is_ticket(name))
                return match[0]
            if other in _LITERALS or not self._secrets.is_secret_name(name):
                return match[0]
            if string is None:
                string, end = other, '"'
            return f'"{name}"{colon}"{self._secrets.token(string, replacements)}{end}'

        text = self._member.sub(member, text)
        if structured:
            text = self._structures(text, replacements)
        if '\\"' in text:
            text = self._inner.sub(lambda m: self._in_inner(m, replacements), text)
        if "<" in text:
            text = self._element.sub(lambda m: self._in_element(m, replacements), text)
        if "=" in text:
            text = self._attribute.sub(lambda m: self._in_value(m, replacements), text)
            text = self._argument.sub(lambda m: self._in_value(m, replacements), text)
            if "name=" in text:
                text = self._input.sub(lambda m: self._in_value(m, replacements), text)
                text = self._part.sub(lambda m: self._in_value(m, replacements), text)
        text = _TOKENS.sub(lambda m: self._in_token(m, replacements), text)
        return self._beside.edit(text, replacements, depth)

    def _in_token(self, match: re.Match[str], replacements: Replacements) -> str:
        tenant, bearer, ticket, web_token = match.groups()
        prefix = "7T:" if ticket else "eyJ"
        if bearer:
            prefix = "8A:" if tenant is None else f"8A:{tenant}."
        secret = bearer or ticket or web_token.removeprefix("eyJ")
        safe = prefix + self._secrets.fingerprint(secret)
        if safe != match[0]:
            replacements[match[0]] = safe
        return safe

    def _in_inner(self, match: re.Match[str], replacements: Replacements) -> str:
        mark, name, colon, string, other = match.groups()
        if not self._secrets.is_secret_name(name) or other in _LITERALS:
            return match[0]
        end = "" if other is None else mark
        safe = self._secrets.token(string if other is None else other, replacements)
        return f"{mark}{name}{mark}{colon}{mark}{safe}{end}"

    def _in_element(self, match: re.Match[str], replacements: Replacements) -> str:
        name, local, attributes, content = match.groups()
        if not self._secrets.is_secret_name(local) or not content.strip() or (attributes or "").endswith("/"):
            return match[0]
        if "<" not in content or "<![CDATA[" in content:
            plain = content.replace("<![CDATA[", "").replace("]]>", "")
            safe = self._secrets.token(plain, replacements)
        else:
            safe = re.sub(
                r"(?<=>)[^<>]*[^<>\s][^<>]*", lambda m: self._secrets.token(m[0], replacements), f">{content}"
            )[1:]
        return f"<{name}{attributes or ''}>{safe}"

    def _in_value(self, match: re.Match[str], replacements: Replacements) -> str:
        """Edit a match that ends with its `value`, where its `name` is secret or that of the code of a login."""
        name, value = match["name"], match["value"]
        if name.lower() != "code" and not self._secrets.is_secret_name(name):
            return match[0]
        return match[0][: match.start("value") - match.start()] + self._secrets.token(value, replacements)

    def _structures(self, text: str, replacements: Replacements) -> str:
        """Every string and number inside the arrays and objects of secret members."""
        parts, done = [], 0
        for match in self._member.finditer(text):
            name, bracket = match[1], match[6]
            if (
                match.start() < done
                or not bracket
                or not self._secrets.is_secret_name(name)
                or is_ticket(name)
            ):
                continue
            end = _closing(text, match.end())
            inside = _SCALAR.sub(lambda m: self._in_scalar(m, replacements), text[match.end() : end])
            parts += [text[done : match.end()], inside]
            done = end
        return "".join([*parts, text[done:]])

    def _in_scalar(self, match: re.Match[str], replacements: Replacements) -> str:
        name, string, number = match.groups()
        if name is not None:
            return match[0]
        return f'"{self._secrets.token(number if string is None else string, replacements)}"'


def _unescape(match: re.Match[str]) -> str:
    if match[1]:
        character = chr(int(match[1], 16))
        return match[0] if character in '"\\\x7f' else character
    return "/" if match[2] == "/" else match[0]


def _closing(text: str, start: int) -> int:
    """Where the array or object that begins at `start` ends, or the text."""
    depth, inside, at = 0, False, start
    while at < len(text):
        character = text[at]
        if inside:
            if character == "\\":
                at += 1
            inside = character != '"'
        elif character == '"':
            inside = True
        elif character in "[{":
            depth += 1
        elif character in "]}":
            depth -= 1
            if not depth:
                return at + 1
        at += 1
    return len(text)
