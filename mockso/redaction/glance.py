"""A quick look at texts and bodies: most have no secret, and need not be edited."""

from __future__ import annotations

import re
from functools import lru_cache

from mockso.redaction.secrets import PASSWORD, PASSWORD_PATTERN, Secrets

# A text in lower case without any of these has no secret. Looking for a dozen words costs half a
# microsecond; whether a word is part of a secret name, only the texts that have one are asked.
_NAMES = tuple(
    """pass secret token ticket key lvalue l_value l-value ncode n_code n-code assertion verifier challenge authorization
    cookie pwd session jwt""".split()
)
_HINTS = (
    *_NAMES,
    *("-----begin", "8a:", "7t:", "eyj"),
    *("bearer ", "basic ", "soticket ", "negotiate ", "ntlm "),
)
_BYTE_HINTS = tuple(hint.encode() for hint in _HINTS)
_NAME_HINTS = frozenset(hint.encode() for hint in _NAMES)
# What cannot stand in a quoted name ends a run of name characters.
_NAME_BYTES = bytes(
    byte if byte >= 0x80 or chr(byte).isalnum() or chr(byte) in "_.$%+ -" else ord("\n")
    for byte in range(256)
)
# In XML a name also ends at the blank before its attributes.
_ELEMENT_BYTES = _NAME_BYTES.replace(b" ", b"\n")
_PASSWORD_BYTES = re.compile(PASSWORD_PATTERN.encode())
_MEMORY = 1_000

# Where a body can be cut into parts: names of JSON, which end at their quotes.
_RIGHTS, _LINKS = b'"FieldProperties":{"', b'"_Links":'
_BEGINNING = 200  # bytes by which the rights of one carrier are told from those of another
_CARRIERS = 100
_MEMBERS, _LONG = 10_000, 200  # how many members of answers without secrets are remembered, and how long ones

# Escapes and encodings that hide a name, and the code of the login, which stands in the form of a form.
_HIDING = (b"\\u00", b"\0", b"ode=", b"%3", b"%2", b'name="code"')


def may_have_secrets(text: str) -> bool:
    """Whether a text has a part of a secret name, or the beginning of a token; few texts do."""
    # The messages of a suite's calls are the same again and again, and short.
    return _has_hints(text) if len(text) < 400 else _has_hints.__wrapped__(text)


@lru_cache(maxsize=_MEMORY)
def _has_hints(text: str) -> bool:
    folded = text.lower()
    if any([hint in folded for hint in _HINTS]):  # noqa: C419  # a list is faster here
        return True
    return "@" in text and PASSWORD.search(text) is not None


def _has_escapes(folded: bytes) -> bool:
    """Whether a body has a backslash that may hide a name: any but that of a line end or a tab, as addresses have."""
    return folded.count(b"\\") != sum(map(folded.count, (b"\\r", b"\\n", b"\\t")))


class Glance:
    """Knows bodies that have no secrets, and remembers them."""

    def __init__(self, secrets: Secrets) -> None:
        self._secrets = secrets
        self._plain: tuple[set[int], set[int]] = (set(), set())  # small bodies, and large ones
        self._members: set[bytes] = set()
        self._rights: dict[bytes, bytes] = {}  # the rights blocks without secrets, by how they begin

    def is_plain(self, body: bytes, *, form: bool = False) -> bool:
        """Whether a body certainly has no secrets; `form` is one of name=value pairs."""
        if self._secrets.fields or (form and b"%" in body):
            return False
        # The rights of an entity are three quarters of its bytes, and the same for each of its kind.
        at = body.find(_RIGHTS)
        if at < 0:
            return self._is_plain_part(body)
        rights = self._rights.get(body[at : at + _BEGINNING], b"")
        if not rights or not body.startswith(rights, at):
            end = body.find(_LINKS, at)
            if end < 0:
                return self._is_plain_part(body)
            rights = body[at:end]
            if not self._is_plain_part(rights):
                return False
            if len(self._rights) >= _CARRIERS:
                self._rights.clear()
            self._rights[rights[:_BEGINNING]] = rights
        return self._is_plain_part(body[:at] + body[at + len(rights) :])

    def _is_plain_part(self, body: bytes) -> bool:
        # A suite's bodies are the same again and again, and a kB takes 1 us to hash but 10 to look through.
        mark, known = hash(body), self._plain[len(body) > 1_000]
        if mark in known:
            return True
        plain = not (b"@" in body and _PASSWORD_BYTES.search(body))
        if len(body) > 1_000 and b"<" not in body:
            plain = plain and self._has_plain_members(body)
        else:
            plain = plain and self._shows_nothing(body)
        if plain:
            if len(known) >= _MEMORY:
                known.clear()
            known.add(mark)
        return plain

    def _has_plain_members(self, body: bytes) -> bool:
        """Whether a large body has no secrets: of an answer that was never given most members were.

        No hint has a comma in it, and no name goes on behind one and a quote: each member is plain for itself.
        """
        members = set(body.split(b',"')).difference(self._members)
        if not self._shows_nothing(b',"'.join(members)):
            return False
        if len(self._members) + len(members) > _MEMBERS:
            self._members.clear()
        self._members.update([member for member in members if len(member) < _LONG])
        return True

    def _shows_nothing(self, body: bytes) -> bool:
        folded = body.lower()
        hints = [hint for hint in _BYTE_HINTS if hint in folded]
        if any([hint in body for hint in _HIDING]):  # noqa: C419  # a list is faster here
            return False
        return not hints or self._has_plain_names(folded, hints)

    def _has_plain_names(self, folded: bytes, hints: list[bytes]) -> bool:
        """Whether the hints in a body all stand in names that are not secret ("TicketPriority").

        Asked only of what can have secrets in quoted names or elements alone; the editor's patterns would take a
        hundred times as long to come to the same answer. True only when they would change nothing.
        """
        if not _NAME_HINTS.issuperset(hints) or _has_escapes(folded):
            return False
        tables = (_NAME_BYTES, _ELEMENT_BYTES) if b"<" in folded else (_NAME_BYTES,)
        return all(self._is_plain(folded, hints, table) for table in tables)

    def _is_plain(self, folded: bytes, hints: list[bytes], table: bytes) -> bool:
        """Whether none of the runs of name characters that have a hint, or stand before "=", is a secret name."""
        # Moved by one: position n of the body is n + 1 here. Names are runs between line ends.
        runs = b"\n" + folded.translate(table) + b"\n"

        def is_secret(at: int, end: int) -> bool:
            return self._secrets.is_secret_name(
                runs[runs.rfind(b"\n", 0, at) + 1 : end].decode("utf-8", "replace")
            )

        at = folded.find(b"=")
        while at >= 0:  # the padding of base64, an address with a query, "name = value"
            if is_secret(at + 1, at + 1):
                return False
            at = folded.find(b"=", at + 1)
        for hint in hints:
            at = runs.find(hint)
            while at >= 0:
                end = runs.find(b"\n", at)
                if is_secret(at, end):
                    return False
                at = runs.find(hint, end)
        return True
