"""Redaction: credentials become short fingerprints before a call is stored.

This module knows headers, addresses, bodies and decoded values; `secrets.py` knows names and fingerprints,
`glance.py` sees what needs no editing, `texts.py` edits texts, and is imported at the first one that needs it.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote_plus

from mockso.contract.model import Json
from mockso.exchange.headers import split_credential
from mockso.formats.reading import is_charset
from mockso.redaction.glance import Glance, may_have_secrets
from mockso.redaction.secrets import AUTHORIZATION, HEADERS, Replacements, Secrets, is_public, is_ticket

if TYPE_CHECKING:
    from mockso.redaction.texts import Editor

_MEMORY = 1_000
_MANY = 16  # secrets of one call, from which on one pass over a text is faster than one for each
_POSTED_CODE = 'name="code"'
_WIDE = ("utf-16", "utf-32")
# A token of the documentation in quotes, with its scheme: "send for example 'Bearer 8A:Cust12345.mockso'".
_ADVICE = re.compile(r"('(?:[A-Za-z: ]+ )?(?:8A:[\w-]+\.|7T:)mockso')")


class Redaction(Secrets):
    """Makes the parts of a call safe to store. Threads may share it.

    `fields` and `key` are those of `Secrets`; `off` stores everything as it came. Each method adds the
    secrets that it replaces to `replacements`.
    """

    def __init__(self, fields: Iterable[str] = (), *, off: bool = False, key: bytes = b"") -> None:
        super().__init__(fields, key=key)
        self.off = off
        self._glance = Glance(self)
        self._texts: Editor | None = None
        self._plain: dict[tuple[str, str], str] = {}

    # headers, addresses

    def header(self, name: str, value: str, replacements: Replacements) -> str:
        """The value of a header line, safe to store."""
        if self.off:
            return value
        folded = name.lower()
        if folded in AUTHORIZATION:
            scheme, rest = split_credential(value)
            safe = self.token(rest, replacements)
            return f"{scheme} {safe}".strip()
        if folded == "cookie":
            return "; ".join(self._cookie(part.strip(), replacements) for part in value.split(";"))
        if folded == "set-cookie":
            first, semicolon, attributes = value.partition(";")
            return self._cookie(first, replacements) + semicolon + attributes
        if folded in HEADERS or self.is_secret_name(name):
            return self.token(value, replacements)
        if folded.startswith("x-mockso-"):
            return self.message(value, replacements)
        return self.text(value, replacements)

    def headers(self, pairs: Iterable[tuple[str, str]], replacements: Replacements) -> str:
        """Header lines, safe to store, joined by line ends; no line has one in it."""
        plain, safe = self._plain, []
        for pair in pairs:
            line = plain.get(pair)
            if line is None:
                name, value = pair
                # Our own number is another in every call.
                value = value if name == "X-Mockso-Call" else self.header(name, value, replacements)
                # No server lets a line end through; a scenario could.
                line = f"{name}: {value}".replace("\n", " ").replace("\r", " ")
                # Most lines say the same in every call. Those with a secret are not kept.
                if value == pair[1] and name != "X-Mockso-Call" and len(plain) < _MEMORY:
                    plain[pair] = line
            safe.append(line)
        return "\n".join(safe)

    def target(self, target: str, replacements: Replacements) -> str:
        """A path with or without a query, as it stands in a request line."""
        if self.off or not ("%" in target or "ode=" in target or self.fields or may_have_secrets(target)):
            return target
        path, mark, query = target.partition("?")
        parts = [self._reencode(part, replacements) for part in path.split("/")]
        return "/".join(parts) + mark + self.form(query, replacements)

    def form(self, text: str, replacements: Replacements) -> str:
        """Arguments joined by "&", percent-encoded."""
        parts = []
        pairs = [part.partition("=") for part in text.split("&")]
        beside: frozenset[str] = frozenset()
        if "=" in text and may_have_secrets(text):
            from mockso.redaction.pairs import secret_arguments

            beside = secret_arguments(
                ((unquote_plus(name), unquote_plus(value)) for name, _, value in pairs), self
            )
        for name, sign, value in pairs:
            plain = unquote_plus(name)
            # The code of the OAuth flow is a credential there and nowhere else.
            if value and (self.is_secret_name(plain) or plain.lower() == "code" or plain in beside):
                value = quote(self.token(unquote_plus(value), replacements), safe=":#.")
            else:
                value = self._reencode(value, replacements)
            parts.append(f"{self._reencode(name, replacements)}{sign}{value}")
        return "&".join(parts)

    def _reencode(self, text: str, replacements: Replacements) -> str:
        plain = unquote_plus(text)
        safe = self.text(plain, replacements)
        return text if safe == plain else quote(safe, safe="/:#.$,")

    def _cookie(self, text: str, replacements: Replacements) -> str:
        name, sign, value = text.partition("=")
        return f"{name}{sign}{self.token(value, replacements)}" if sign else self.token(text, replacements)

    # bodies, messages

    def body(self, body: bytes, content_type: str, encoding: str, replacements: Replacements) -> bytes:
        """The bytes of a body of any type, whole or cut, safe to store.

        `encoding` is its Content-Encoding: what is compressed is stored uncompressed, and not at all where
        that fails.
        """
        if self.off or not body:
            return body
        if encoding and encoding.strip().lower() != "identity":
            body = _decompress(body)
        form = "form-urlencoded" in content_type.lower()
        if self._glance.is_plain(body, form=form):
            return body
        named = _charset(body, content_type)
        # A body that is not in the charset it claims may still be read by somebody as bytes.
        charsets = dict.fromkeys((named, "utf-8") if body.isascii() else (named, "utf-8", "latin-1"))
        for charset in charsets:
            try:
                # A body cut in mid-character loses that character.
                text = body.decode(charset, "ignore" if charset.lower().startswith(_WIDE) else "strict")
            except (UnicodeError, LookupError):
                continue
            safe = self.form(text, replacements) if form else self.text(text, replacements)
            if safe != text:
                return safe.encode(charset, "replace")
        return body

    def text(self, text: str, replacements: Replacements) -> str:
        """Any text, whole or cut: JSON, XML, a form, a message, an address."""
        if (
            self.off
            or len(text) < 4
            or (
                not ("\\u00" in text or "ode=" in text or self.fields or may_have_secrets(text))
                and not ("%3" in text or "%2" in text)
                and _POSTED_CODE not in text
            )
        ):
            return text
        return self._edit(text, replacements)

    def message(self, text: str, replacements: Replacements) -> str:
        """A sentence of ours: the token that it advises to send, which everybody may know, stays readable."""
        if "mockso'" not in text:
            return self.text(text, replacements)
        parts = _ADVICE.split(text)
        parts[::2] = [self.text(part, replacements) for part in parts[::2]]
        return "".join(parts)

    def value(self, value: Json, replacements: Replacements, name: str = "") -> Json:
        """A decoded JSON value; `name` is that of the member it stands in."""
        if self.off:
            return value
        secret = bool(name) and self.is_secret_name(name)
        if isinstance(value, dict):
            # What a secret member contains is secret; a ticket with members is a request, not a credential.
            inside = name if secret and not is_ticket(name) else ""
            beside = _secret_values(value, self)
            return {
                key: self.value(
                    item,
                    replacements,
                    key if self.is_secret_name(key) else "password" if key in beside else inside,
                )
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item, replacements, name) for item in value]
        if value is None or isinstance(value, bool) or value == "":
            return value
        if secret:
            return self.token(str(value), replacements)
        return self.text(value, replacements) if isinstance(value, str) else value

    def echoes(self, text: str, replacements: Replacements) -> str:
        """A text in which secrets met elsewhere in the call may stand again."""
        if len(replacements) > _MANY:
            from mockso.redaction.echoes import replace_all

            return replace_all(text, {s: safe for s, safe in replacements.items() if _distinct(s)})
        for secret, safe in replacements.items():
            if secret in text and _distinct(secret):
                text = text.replace(secret, safe)
        return text

    def byte_echoes(self, body: bytes, replacements: Replacements) -> bytes:
        """As `echoes`, for a body."""
        if len(replacements) > _MANY:
            from mockso.redaction.echoes import replace_all

            pairs = (
                (s.encode("utf-8", "surrogatepass"), safe.encode())
                for s, safe in replacements.items()
                if _distinct(s)
            )
            return replace_all(body, dict(pairs))
        for secret, safe in replacements.items():
            raw = secret.encode("utf-8", "surrogatepass")
            if raw in body and _distinct(secret):
                body = body.replace(raw, safe.encode())
        return body

    def _edit(self, text: str, replacements: Replacements) -> str:
        if self._texts is None:
            from mockso.redaction.texts import Editor

            self._texts = Editor(self)
        return self._texts.edit(text, replacements)


def _secret_values(value: dict[str, Json], secrets: Secrets) -> frozenset[str]:
    if len(value) < 2 or not any(isinstance(item, str) and may_have_secrets(item) for item in value.values()):
        return frozenset()
    from mockso.redaction.pairs import secret_values

    return secret_values(value, secrets)


def _distinct(secret: str) -> bool:
    # "1" and "password" are secrets too, but stand in a text for many other things; a public token is advice.
    return len(secret) >= 6 and not secret.isalpha() and not is_public(secret)


def _charset(body: bytes, content_type: str) -> str:
    if body.startswith((b"\xff\xfe\0\0", b"\0\0\xfe\xff")):
        return "utf-32"
    if body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    named = re.search(r"charset\s*=\s*\"?([\w.:-]+)", content_type, re.IGNORECASE)
    if named and named[1].lower() not in ("utf-8", "utf8") and is_charset(named[1]):
        return named[1]
    # RFC 4627, section 3: where the NUL bytes stand says how JSON is encoded.
    if body[:3] == b"\0\0\0" or body[1:4] == b"\0\0\0":
        return "utf-32-be" if body[:1] == b"\0" else "utf-32-le"
    if body[1:2] == b"\0":
        return "utf-16-le"
    return "utf-16-be" if body[:1] == b"\0" else "utf-8"


def _decompress(body: bytes, limit: int = 1024 * 1024) -> bytes:
    for wbits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # gzip or zlib, and bare deflate
        try:
            return zlib.decompressobj(wbits).decompress(body, limit)
        except zlib.error:
            continue
    return b""
