"""Stand-ins for what must not be in a recording: secrets, and what tells who somebody is.

The same original has the same stand-in in every file made with the same seed, whatever the order: it is
computed, not remembered. Secrets are found as the journal finds them (`Redaction`); mail addresses by their
form; names and phone numbers by the properties they stand in. Ids are left as they are.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from collections.abc import Iterable
from contextlib import suppress
from urllib.parse import parse_qsl, quote, unquote_plus

from mockso.contract.model import Json
from mockso.recording.people import (
    ELEMENT,
    WORD,
    People,
    kind_of,
    map_json_texts,
    map_texts,
    plain_name,
    texts_of,
)
from mockso.recording.rewrite import is_text
from mockso.redaction.redaction import Redaction
from mockso.redaction.secrets import HEADERS, Replacements

MAIL = re.compile(r"(?<![\w.+%-])[A-Za-z0-9_][\w.+-]*@(?:[A-Za-z0-9-]+\.)+[A-Za-z]{2,}(?![\w-])")
# Reserved for examples (RFC 2606), so that nobody is written to by mistake.
SAFE_DOMAINS = ("example.com", "example.org", "example.net", ".test", ".invalid", ".example", ".localhost")

_DIGITS = re.compile(r"\d")
_STARTS, _VOWELS = "bdfgklmnprstvz", "aeiou"
# In what is no JSON as a whole, such as the parts of a multipart body.
_MEMBER = re.compile(r'("([\w./]+)"\s*:\s*")((?:[^"\\]|\\.)*+)"')
KEEP_ALL = "*"


class _Secrets(Redaction):
    """Finds secrets as the journal does, but not those of the names in `keep`; numbers stay ids."""

    def __init__(self, fields: Iterable[str], keep: Iterable[str], key: bytes) -> None:
        super().__init__(fields, key=key)
        self.keep = frozenset(map(plain_name, keep)) - {KEEP_ALL}

    def is_secret_name(self, name: str) -> bool:
        return plain_name(name) not in self.keep and super().is_secret_name(name)

    def header(self, name: str, value: str, replacements: Replacements) -> str:
        if name.lower() in HEADERS and plain_name(name) in self.keep:
            return value
        return super().header(name, value, replacements)

    def value(self, value: Json, replacements: Replacements, name: str = "") -> Json:
        # A TicketId, and a Ticket that is a number, are references to other rows.
        if isinstance(value, int | float) and not isinstance(value, bool) and name:
            plain = plain_name(name)
            if plain not in self.fields and not any(word in plain for word in ("passw", "secret")):
                return value
            return int(self.fingerprint(str(value))[1:6], 16)
        return super().value(value, replacements, name)


class Pseudonyms:
    """Makes what is written safe. `keep` are names of fields whose values stay ("*": all that is personal,
    secrets never), `redact` further names whose values are secret; `seed` decides the stand-ins.
    """

    def __init__(self, seed: str = "mockso", keep: Iterable[str] = (), redact: Iterable[str] = ()) -> None:
        self._key = hashlib.sha256(seed.encode()).digest()
        self.keep = frozenset(map(plain_name, keep))
        self.personal = KEEP_ALL not in set(keep)
        self._secrets = _Secrets(redact, keep, self._key)
        # What is secret whatever was asked to be kept: the scan looks for it.
        self._all = Redaction(redact, key=self._key)
        self.people = People()
        self.found: Replacements = {}
        self.known: set[str] = set()
        self._echoes: re.Pattern[str] | None = None
        self._spellings: Replacements = {}
        self._echo_count = 0

    # looking for secrets, before anything is made safe

    def learn_headers(self, pairs: Iterable[tuple[str, str]]) -> None:
        """Remember the secrets of header lines, to find them again anywhere."""
        pairs = list(pairs)
        everything: Replacements = {}
        replaceable: Replacements = {}
        self._all.headers(pairs, everything)
        self._secrets.headers(pairs, replaceable)
        for name, value in pairs:
            scheme, _, blob = value.partition(" ")
            if name.lower() == "authorization" and scheme.lower() == "basic":
                with suppress(ValueError):
                    plain = base64.b64decode(blob).decode()
                    both = {text: self.secret(text) for text in (plain, plain.partition(":")[2])}
                    everything |= both
                    replaceable |= both if blob in replaceable else {}
        self._note(everything, replaceable)

    def learn(self, target: str, bodies: Iterable[Json | bytes], texts: Iterable[tuple[bytes, str]]) -> None:
        """Remember the secrets of an address, of decoded bodies, and of raw ones with their types."""
        everything: Replacements = {}
        replaceable: Replacements = {}
        for redaction, replacements in ((self._all, everything), (self._secrets, replaceable)):
            redaction.target(target, replacements)
            for body in bodies:
                if not isinstance(body, bytes):
                    redaction.value(body, replacements)
            for raw, media in texts:
                redaction.body(raw, media, "", replacements)
        self._note(everything, replaceable)
        for body in bodies:
            if not isinstance(body, bytes):
                self.meet(body)
        for raw, media in texts:
            if self.personal and is_text(media):
                self._meet_raw(raw, media)

    def _note(self, everything: Replacements, replaceable: Replacements) -> None:
        self.known |= {_bare(secret) for secret in everything if _distinct(_bare(secret))}
        self.found |= replaceable
        # Of "8A:Cust12345.text" only the end is secret; it may stand elsewhere alone.
        for secret, safe in replaceable.items():
            bare = _bare(secret)
            if bare != secret and _distinct(bare):
                self.found.setdefault(bare, _bare(safe))

    # making safe

    def secret(self, text: str) -> str:
        """The stand-in for a secret."""
        return self._secrets.fingerprint(text)

    def header(self, name: str, value: str) -> str:
        """The value of a header line."""
        safe = self.text(self._secrets.header(name, value, self.found))
        if self.personal and name.lower() == "content-disposition":
            return self.people.replace_names(safe, "", self.name)
        return safe

    def target(self, target: str) -> str:
        """A path with its query."""
        return self.text(self._secrets.target(target, self.found))

    def argument(self, name: str, value: str) -> str:
        """The value of a query argument."""
        safe = self._secrets.value(value, self.found, name)
        return str(self._personal(safe, name))

    def value(self, value: Json, name: str = "") -> Json:
        """A decoded body."""
        return self._personal(self._secrets.value(value, self.found, name), name)

    def inside(self, text: str, name: str, around: str) -> str:
        """A text in a property inside another: the number in a list of phones."""
        return str(self._personal({name: text}, around)[name])  # type: ignore[call-overload,index]

    def hides(self, text: str, name: str) -> bool:
        """Whether a text is, or has in it, a secret."""
        return self._secrets.value(text, self.found, name) != text or self._replace_echoes(text) != text

    def raw(self, text: str, media_type: str) -> str:
        """A body as text: JSON, XML, a form, a page."""
        if "form-urlencoded" in media_type:
            text = self._secrets.form(text, self.found)
            return self.text("&".join(map(self._argument, text.split("&"))))
        text = self._secrets.text(text, self.found)
        if self.personal:
            if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
                text = map_json_texts(text, self._personal_text)
            else:
                text = ELEMENT.sub(lambda m: m[1] + self._personal_text(m[3], m[2], ""), text)
                text = _MEMBER.sub(self._member, text)
                if "xml" not in media_type:  # there, a name can be that of an element
                    text = self.people.replace_names(text, "", self.name)
        return self.text(text)

    def _argument(self, part: str) -> str:
        name, sign, value = part.partition("=")
        plain = unquote_plus(value)
        safe = self._personal_text(plain, unquote_plus(name), "")
        return part if safe == plain else f"{name}{sign}{quote(safe, safe=':#.')}"

    def _member(self, match: re.Match[str]) -> str:
        safe = self._personal_text(match[3], match[2], "")
        return match[1] + safe + '"'

    def text(self, text: str) -> str:
        """Any text: secrets met elsewhere, and mail addresses."""
        text = self._replace_echoes(text)
        if self.personal and ("@" in text or "%40" in text):
            text = MAIL.sub(lambda m: self.mail(m[0]), text)
            text = re.sub(
                r"([\w.+-]+)%40((?:[\w-]+\.)+[A-Za-z]{2,})",
                lambda m: self.mail(f"{m[1]}@{m[2]}").replace("@", "%40"),
                text,
            )
        return text

    def _replace_echoes(self, text: str) -> str:
        if self._echo_count != len(self.found):
            by_spelling: dict[str, str] = {}
            for secret, safe in self.found.items():
                if _distinct(secret):
                    for other in spellings(secret):
                        by_spelling[other] = safe
            self._spellings = by_spelling
            self._echoes = (
                re.compile("|".join(re.escape(s) for s in sorted(by_spelling, key=len, reverse=True)))
                if by_spelling
                else None
            )
            self._echo_count = len(self.found)
        if self._echoes is None:
            return text
        return self._echoes.sub(lambda m: self._spellings[m[0]], text)

    # people

    def _personal(self, value: Json, name: str) -> Json:
        return map_texts(value, self._personal_text, name)

    def _personal_text(self, value: str, name: str, around: str) -> str:
        if not value:
            return value
        if not self.personal or plain_name(name) in self.keep:
            return self._replace_echoes(value)
        kind = kind_of(name, around)
        if kind == "name":
            return self._name_or_mail(value)
        if kind == "phone":
            return self.phone(value)
        return self.people.replace_names(self.text(value), name, self.name)

    def meet(self, value: Json) -> None:
        """Remember the people in a decoded body, to find them again in sentences."""
        if self.personal:
            for text, name, around in texts_of(value):
                self._meet(text, name, around)

    def _meet(self, text: str, name: str, around: str) -> str:
        if kind_of(name, around) == "name":
            (self.people.leave if plain_name(name) in self.keep else self.people.meet)(MAIL.sub(" ", text))
        return text

    def _name_or_mail(self, text: str) -> str:
        """A name, perhaps with a mail address beside it or instead of it."""
        parts, position = [], 0
        for match in MAIL.finditer(text):
            parts += [self.name(text[position : match.start()]), self.mail(match[0])]
            position = match.end()
        return "".join([*parts, self.name(text[position:])])

    def _meet_raw(self, raw: bytes, media: str) -> None:
        text = raw.decode("utf-8", "replace")
        if text.lstrip("\ufeff \t\r\n")[:1] in ("{", "["):
            map_json_texts(text, self._meet)
        elif "form-urlencoded" in media:
            for name, value in parse_qsl(text):
                self._meet(value, name, "")
        else:
            for element in ELEMENT.finditer(text):
                self._meet(element[3], element[2], "")
            for member in _MEMBER.finditer(text):
                self._meet(member[3], member[2], "")

    def name(self, text: str) -> str:
        """A name in which every word has its stand-in, so that first name, last name and full name agree."""
        return WORD.sub(lambda m: self._word(m[0]), text)

    def phone(self, text: str) -> str:
        """A number of the same form; how it is grouped does not matter to its digits."""
        digits = "".join(_DIGITS.findall(text))
        if len(digits) < 5:
            return text
        new_digits = iter(str(int.from_bytes(self._digest("phone", digits), "big")).zfill(40)[-len(digits) :])
        return _DIGITS.sub(lambda m: next(new_digits), text)

    def mail(self, address: str) -> str:
        """An address in a domain nobody has."""
        if address.lower().endswith(SAFE_DOMAINS):
            return address
        return f"{self._word(address.lower()).lower()}@example.com"

    def _word(self, word: str) -> str:
        number = int.from_bytes(self._digest("name", word.casefold()), "big")
        letters = ""
        for _ in range(4):
            number, start = divmod(number, len(_STARTS))
            number, vowel = divmod(number, len(_VOWELS))
            letters += _STARTS[start] + _VOWELS[vowel]
        return letters.upper() if len(word) > 1 and word.isupper() else letters.capitalize()

    def _digest(self, kind: str, text: str) -> bytes:
        return hmac.new(self._key, f"{kind}:{text}".encode("utf-8", "surrogatepass"), hashlib.sha256).digest()


def spellings(secret: str) -> set[str]:
    """How a secret may stand in a text: as it is, percent-encoded, in JSON, in XML, in base64."""
    xml = secret.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;").replace('"', "&quot;")
    raw = secret.encode("utf-8", "surrogatepass")
    forms = {
        secret,
        quote(secret, safe="", errors="replace"),
        secret.replace("\\", "\\\\").replace('"', '\\"'),
        secret.replace("/", "\\/"),
        xml,
    }
    if len(raw) >= 8:
        forms |= {base64.b64encode(raw).decode(), base64.b64encode(raw).decode().rstrip("=")}
    if len(raw) >= 12:
        # Inside of a longer text that was encoded as a whole, a secret begins at one of three places of a group.
        for before in range(3):
            code = base64.b64encode(bytes(before) + raw).decode()
            forms.add(code[-(-before * 8 // 6) : (before + len(raw)) // 3 * 4])
    return forms


def _bare(secret: str) -> str:
    """The secret part of a token: "8A:Cust12345.text" begins with the tenant's name."""
    if secret[:3].upper() == "8A:":
        return secret.partition(".")[2] or secret
    return secret[3:] if secret[:3].upper() == "7T:" else secret


def _distinct(secret: str) -> bool:
    # "1" and "password" are secrets too, but stand in a text for many other things.
    return len(secret) >= 6 and (len(secret) >= 12 or not secret.isalpha())
