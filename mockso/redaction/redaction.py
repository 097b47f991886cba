"""What must not be written down: credentials become short fingerprints before a call is stored.

A fingerprint is "#" and eight hexadecimal digits, keyed with random bytes that live as long as the
process: the same secret gives the same fingerprint, and no guess can be tried against it afterwards.
Scheme and tenant stay readable ("Bearer 8A:Cust12345.#3f9a2c11"). This module knows names, headers and
addresses, and sees at a glance whether a text needs more; `redact_text.py` edits texts, and is imported
at the first one that does.
"""

from __future__ import annotations

import hashlib
import re
import secrets
import zlib
from collections.abc import Iterable
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import quote, unquote_plus

from mockso.contract.model import Json
from mockso.formats.reading import is_charset

if TYPE_CHECKING:
    from mockso.redaction.texts import Editor

Found: TypeAlias = dict[str, str]
"""The secrets met in one call, and what was written instead."""

AUTHORIZATION = frozenset({"authorization", "proxy-authorization"})
HEADERS = frozenset(
    {
        *AUTHORIZATION,
        "cookie",
        "set-cookie",
        "so-apptoken",
        "x-xsrf-token",
        "xsrf-token",
        "x-mockso-admin",
        "x-superoffice-signature",
        "x-api-key",
    }
)

# Names whose values are secret end like this, or have "passw" or "secret" in them.
_ENDINGS = (
    "token",
    "ticket",
    "sessionkey",
    "authkey",
    "apikey",
    "privatekey",
    "credentialvalue",
    "authorizationcode",
    "assertion",
    "codeverifier",
    "passphrase",
)
# These are headers that a body may have, such as those a webhook sends.
_WHOLE = frozenset({"authorization", "proxyauthorization", "cookie"})
# A text in lower case without any of these has no secret. Looking for a dozen words costs half a
# microsecond; whether a word is part of a secret name, only the texts that have one are asked.
_HINTS = (
    *(
        "pass",
        "secret",
        "token",
        "ticket",
        "key",
        "lvalue",
        "l_value",
        "l-value",
        "ncode",
        "n_code",
        "n-code",
    ),
    *("assertion", "verifier", "authorization", "cookie", "8a:", "7t:", "eyj"),
)
_BYTE_HINTS = tuple(hint.encode() for hint in _HINTS)
_NAME_HINTS = frozenset(_BYTE_HINTS) - {b"8a:", b"7t:", b"eyj"}
# What cannot stand in a quoted name ends a run of name characters.
_NAME_BYTES = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or chr(byte) in "_.$%+ -" else ord("\n")
    for byte in range(256)
)
# In XML a name also ends at the blank before its attributes.
_ELEMENT_BYTES = _NAME_BYTES.replace(b" ", b"\n")
# The password of an address, "https://user:password@host", stands behind no name. The slashes may be escaped.
_PASSWORD = r"""(:(?:\\?/){2}[^\s/?#@:"'<>\\]*+:)([^\s/@"'<>\\]++)(?=@)"""
PASSWORD = re.compile(_PASSWORD)
_PASSWORD_BYTES = re.compile(_PASSWORD.encode())
_KEPT = 1_000
_WIDE = ("utf-16", "utf-32")


class Redaction:
    """How secrets are found and what stands for them. Threads may share it.

    `fields` are further names whose values are secret, of members, arguments, cookies or headers; letter
    case, "_" and "-" do not matter. `off` stores everything as it came. `key` is for tests: the same key
    gives the same fingerprints.
    """

    def __init__(self, fields: Iterable[str] = (), *, off: bool = False, key: bytes = b"") -> None:
        self.off = off
        self.fields = frozenset(_normal(name) for name in fields if _normal(name))
        self._key = key or secrets.token_bytes(32)
        self._made: Editor | None = None
        self._plain: dict[tuple[str, str], str] = {}
        self._plain_bodies: set[int] = set()

    def fingerprint(self, secret: str) -> str:
        """What is written instead of a secret; a fingerprint stands for itself."""
        if is_fingerprint(secret):
            return secret
        digest = hashlib.blake2b(secret.encode("utf-8", "surrogatepass"), digest_size=4, key=self._key)
        return f"#{digest.hexdigest()}"

    def secret_name(self, name: str) -> bool:
        """Whether the value of a member, an argument or a header of that name is secret."""
        normal = _normal(name)
        if normal in self.fields or normal in _WHOLE or normal.endswith(_ENDINGS):
            return True
        # CustomerPasswordTemplateId and its like are numbers that say nothing.
        return ("passw" in normal or "secret" in normal) and not normal.endswith(("id", "ids"))

    # headers, addresses

    def header(self, name: str, value: str, found: Found) -> str:
        """The value of a header line, safe to store."""
        if self.off:
            return value
        folded = name.lower()
        if folded in AUTHORIZATION:
            scheme, space, rest = value.partition(" ")
            return f"{scheme} {self.token(rest.strip(), found)}" if space else self.token(value, found)
        if folded == "cookie":
            return "; ".join(self._cookie(part.strip(), found) for part in value.split(";"))
        if folded == "set-cookie":
            first, semicolon, attributes = value.partition(";")
            return self._cookie(first, found) + semicolon + attributes
        if folded in HEADERS or self.secret_name(name):
            return self.token(value, found)
        return self.text(value, found)

    def headers(self, pairs: Iterable[tuple[str, str]], found: Found) -> tuple[tuple[str, str], ...]:
        """Header lines, safe to store."""
        plain, safe = self._plain, []
        for pair in pairs:
            value = plain.get(pair)
            if value is None and pair[0] == "X-Mockso-Call":
                value = pair[1]  # our own number, another in every call
            elif value is None:
                value = self.header(*pair, found)
                # Most lines say the same in every call. Those with a secret are not kept.
                if value == pair[1] and len(plain) < _KEPT:
                    plain[pair] = value
            safe.append((pair[0], value))
        return tuple(safe)

    def target(self, target: str, found: Found) -> str:
        """A path with or without a query, as it stands in a request line."""
        if self.off or not ("%" in target or "ode=" in target or self._hinted(target)):
            return target
        path, mark, query = target.partition("?")
        parts = [self._encoded(part, found) for part in path.split("/")]
        return "/".join(parts) + mark + self.form(query, found)

    def form(self, text: str, found: Found) -> str:
        """Arguments joined by "&", percent-encoded."""
        parts = []
        for part in text.split("&"):
            name, sign, value = part.partition("=")
            plain = unquote_plus(name)
            # The code of the OAuth flow is a credential there and nowhere else.
            if value and (self.secret_name(plain) or plain.lower() == "code"):
                value = quote(self.token(unquote_plus(value), found), safe=":#.")
            else:
                value = self._encoded(value, found)
            parts.append(f"{self._encoded(name, found)}{sign}{value}")
        return "&".join(parts)

    def _encoded(self, text: str, found: Found) -> str:
        plain = unquote_plus(text)
        safe = self.text(plain, found)
        return text if safe == plain else quote(safe, safe="/:#.$,")

    def _cookie(self, text: str, found: Found) -> str:
        name, sign, value = text.partition("=")
        return f"{name}{sign}{self.token(value, found)}" if sign else self.token(text, found)

    # bodies, messages

    def body(self, body: bytes, content_type: str, encoding: str, found: Found) -> bytes:
        """The bytes of a body of any type, whole or cut, safe to store.

        `encoding` is its Content-Encoding: what is compressed is stored uncompressed, and not at all where
        that fails.
        """
        if self.off or not body:
            return body
        if encoding and encoding.strip().lower() != "identity":
            body = _uncompressed(body)
        form = "form-urlencoded" in content_type.lower()
        hidden = b"\\u00" in body or b"\0" in body or b"ode=" in body or (form and b"%" in body)
        if not hidden and self._plain_body(body):
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
            safe = self.form(text, found) if form else self.text(text, found)
            if safe != text:
                return safe.encode(charset, "replace")
        return body

    def text(self, text: str, found: Found) -> str:
        """Any text, whole or cut: JSON, XML, a form, a message, an address."""
        if self.off or len(text) < 4 or not ("\\u00" in text or "ode=" in text or self._hinted(text)):
            return text
        return self._editor.edit(text, found)

    def value(self, value: Json, found: Found, name: str = "") -> Json:
        """A decoded JSON value; `name` is that of the member it stands in."""
        if self.off:
            return value
        secret = bool(name) and self.secret_name(name)
        if isinstance(value, dict):
            # What a secret member contains is secret; a ticket with members is a request, not a credential.
            inside = name if secret and not is_ticket(name) else ""
            return {
                key: self.value(item, found, key if self.secret_name(key) else inside)
                for key, item in value.items()
            }
        if isinstance(value, list):
            return [self.value(item, found, name) for item in value]
        if value is None or isinstance(value, bool) or value == "":
            return value
        if secret:
            return self.token(str(value), found)
        return self.text(value, found) if isinstance(value, str) else value

    def token(self, secret: str, found: Found) -> str:
        """What is written instead of a text that is a secret as a whole."""
        if not secret or is_fingerprint(secret):
            return secret
        kept, rest = _token_parts(secret)
        safe = kept + self.fingerprint(rest)
        found[secret] = safe
        return safe

    def echoes(self, text: str, found: Found) -> str:
        """A text in which secrets met elsewhere in the call may stand again."""
        for secret, safe in found.items():
            if _distinct(secret) and secret in text:
                text = text.replace(secret, safe)
        return text

    def byte_echoes(self, body: bytes, found: Found) -> bytes:
        """As `echoes`, for a body."""
        for secret, safe in found.items():
            if _distinct(secret):
                raw = secret.encode("utf-8", "surrogatepass")
                if raw in body:
                    body = body.replace(raw, safe.encode())
        return body

    def _plain_body(self, body: bytes) -> bool:
        if self.fields:
            return False
        # An example is the same in every call, and 14 kB take 10 us to hash but 100 to look through.
        mark = hash(body) if len(body) > 1_000 else 0
        if mark in self._plain_bodies:
            return True
        folded = body.lower()
        hints = [hint for hint in _BYTE_HINTS if hint in folded]
        plain = not hints or self._plain_json(folded, hints)
        plain = plain and not (b"@" in body and _PASSWORD_BYTES.search(body))
        if plain and mark and len(self._plain_bodies) < _KEPT:
            self._plain_bodies.add(mark)
        return plain

    def _plain_json(self, folded: bytes, hints: list[bytes]) -> bool:
        """Whether the hints in a body all stand in names that are not secret ("TicketPriority").

        Asked only of what can have secrets in quoted names or elements alone; the editor's patterns would take a
        hundred times as long to come to the same answer. True only when they would change nothing.
        """
        if b"\\" in folded or not _NAME_HINTS.issuperset(hints):
            return False
        tables = (_NAME_BYTES, _ELEMENT_BYTES) if b"<" in folded else (_NAME_BYTES,)
        return all(self._plain_names(folded, hints, table) for table in tables)

    def _plain_names(self, folded: bytes, hints: list[bytes], table: bytes) -> bool:
        """Whether none of the runs of name characters that have a hint, or stand before "=", is a secret name."""
        # Moved by one: position n of the body is n + 1 here. Names are runs between line ends.
        runs = b"\n" + folded.translate(table) + b"\n"

        def secret(at: int, end: int) -> bool:
            return self.secret_name(runs[runs.rfind(b"\n", 0, at) + 1 : end].decode("utf-8", "replace"))

        at = folded.find(b"=")
        while at >= 0:  # the padding of base64, an address with a query, "name = value"
            if secret(at + 1, at + 1):
                return False
            at = folded.find(b"=", at + 1)
        for hint in hints:
            at = runs.find(hint)
            while at >= 0:
                end = runs.find(b"\n", at)
                if secret(at, end):
                    return False
                at = runs.find(hint, end)
        return True

    @property
    def _editor(self) -> Editor:
        if self._made is None:
            from mockso.redaction.texts import Editor  # its patterns take 15 ms to compile

            self._made = Editor(self)
        return self._made

    def _hinted(self, text: str) -> bool:
        if self.fields:
            return True
        folded = text.lower()
        if any([hint in folded for hint in _HINTS]):  # noqa: C419  # a list is faster here
            return True
        return "@" in text and PASSWORD.search(text) is not None


def _token_parts(token: str) -> tuple[str, str]:
    """What of a token stays readable, and what is secret in it: "8A:Cust1." and the rest."""
    if token.startswith("8A:"):
        tenant, dot, _ = token[3:].partition(".")
        kept = (
            token[: len(tenant) + 4] if dot and tenant.replace("-", "").replace("_", "").isalnum() else "8A:"
        )
    else:
        kept = next((start for start in ("7T:", "eyJ") if token.startswith(start)), "")
    return kept, token[len(kept) :]


def _distinct(secret: str) -> bool:
    # "1" and "password" are secrets too, but stand in a text for many other things.
    return len(secret) >= 6 and not secret.isalpha()


def is_fingerprint(text: str) -> bool:
    """Whether a text already stands for a secret."""
    return len(text) == 9 and text[0] == "#" and not text[1:].strip("0123456789abcdef")


def is_ticket(name: str) -> bool:
    """Whether a name can be that of a customer's request as well as of a credential."""
    return _normal(name).endswith("ticket")


def _normal(name: str) -> str:
    return name.lower().replace("_", "").replace("-", "").replace(".", "").replace(" ", "")


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


def _uncompressed(body: bytes, limit: int = 1024 * 1024) -> bytes:
    for wbits in (zlib.MAX_WBITS | 32, -zlib.MAX_WBITS):  # gzip or zlib, and bare deflate
        try:
            return zlib.decompressobj(wbits).decompress(body, limit)
        except zlib.error:
            continue
    return b""
