"""The last look at what is about to be written: is there a secret in it after all?

Three kinds of leak: a secret of this run, in any spelling; a text of a token's shape that is not a stand-in; a
text so random that it can only be a key. Where it stands is told, the text itself never.
"""

from __future__ import annotations

import base64
import math
import re
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain, pairwise

from mockso.recording.pseudonyms import MAIL, SAFE_DOMAINS, spellings
from mockso.redaction.redaction import Redaction

_SHAPES = {
    "a bearer token": re.compile(r"\b8A:[\w-]+\.(?!#|mockso\b)[^\s\"'<>&,;{}\\]{6,}"),
    "a ticket": re.compile(r"\b7T:(?!#|mockso\b)[^\s\"'<>&,;{}\\]{6,}"),
    "a JSON Web Token": re.compile(r"\beyJ[\w-]{6,}\.[\w-]{6,}\.[\w-]*"),
    "a Basic credential": re.compile(r"\bBasic [A-Za-z0-9+/]{8,}={0,2}(?![\w ])"),
    "a private key": re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----"),
}
# In bytes that are not text anything may follow "7T:" by chance; many letters and digits do not.
_BYTE_SHAPES = {
    "a bearer token": re.compile(rb"(?<![\w-])8A:[\w-]{3,40}\.(?!#|mockso\b)[\w.~+/=-]{8,}"),
    "a ticket": re.compile(rb"(?<![\w-])7T:(?!#|mockso\b)[\w.~+/=-]{10,}"),
    "a JSON Web Token": re.compile(rb"(?<![\w-])eyJ[\w-]{8,}\.[\w-]{8,}\.[\w-]*"),
    "a private key": re.compile(rb"-----BEGIN [A-Z ]{0,20}PRIVATE KEY-----"),
}
# Longer than any secret: what of one piece is looked at again with the next.
_OVERLAP = 64 * 1024
_WORDS = re.compile(r"(?<![\w+/~-])[A-Za-z0-9_+/~-]{24,200}={0,2}(?![\w+/~-])")
_BASE64 = re.compile(r"(?<![\w+/-])[A-Za-z0-9_+/-]{16,}={0,2}(?![\w+/=-])")
_BASE64_LINE = re.compile(r"\s*[A-Za-z0-9_+/-]{16,}={0,2}\s*")
_FILES = (b"GIF8", b"\x89PNG", b"PK", b"%PDF", b"\xff\xd8", b"BM", b"{\\rtf", b"\xd0\xcf")
_HEX = re.compile(r"[0-9A-Fa-f-]+=*")
# Bits a character: what keys have that base64 of a sentence or a long name has not.
_RANDOM = 4.3
_MEMBER = re.compile(r"""["']?([\w.$-]+)["']?\s*[:=]\s*["']?([^\s"'{}\[\],&<>|]+)""")
_PLACEHOLDER = re.compile(r"#[0-9a-f]{8}|\{\{|true$|false$|null$|~$|\d+$")


@dataclass(frozen=True)
class Leak:
    """One place with a secret: line, counted from 1, and what it is."""

    line: int
    what: str

    def __str__(self) -> str:
        return f"line {self.line}: {self.what}"


def leaks(text: str, known: Iterable[str] = ()) -> list[Leak]:
    """The places of a text that have a secret; `known` are the secrets of this run."""
    secrets_here = sorted({s for secret in known for s in spellings(secret)}, key=len, reverse=True)
    pattern = re.compile("|".join(map(re.escape, secrets_here))) if secrets_here else None
    lines = text.split("\n")
    places = {
        number: Leak(number, what) for number, line in enumerate(lines, 1) if (what := _what(line, pattern))
    }
    for number, inner in _base64_texts(lines):
        what = _what(inner, pattern)
        if what:
            places.setdefault(number, Leak(number, f"{what}, in base64"))
    return [places[number] for number in sorted(places)]


def _base64_texts(lines: list[str]) -> Iterator[tuple[int, str]]:
    """The texts that stand in base64 in some lines, each with its line; a word may be wrapped over several."""
    block: list[str] = []
    for number, line in enumerate([*lines, ""], 1):
        if _BASE64_LINE.fullmatch(line):
            block.append(line.strip())
            continue
        if len(block) > 1:
            yield from ((number - len(block), text) for text in _decode_base64("".join(block)))
        block = []
        for word in _BASE64.findall(line):
            yield from ((number, text) for text in _decode_base64(word))
    # A line that stands alone is a word of its own.
    for number, line in enumerate(lines, 1):
        if _BASE64_LINE.fullmatch(line):
            yield from ((number, text) for text in _decode_base64(line.strip()))


def _decode_base64(word: str, depth: int = 3) -> Iterator[str]:
    """The text of a word in base64, and what stands in base64 in it in turn."""
    plain = word.replace("-", "+").replace("_", "/").rstrip("=")
    try:
        text = base64.b64decode(plain + "=" * (-len(plain) % 4), validate=True).decode()
    except ValueError:
        return
    if not text.replace("\n", " ").replace("\r", " ").replace("\t", " ").isprintable():
        return
    yield text
    if depth:
        for inner in _BASE64.findall(text):
            yield from _decode_base64(inner, depth - 1)


def leak_in_bytes(pieces: Iterable[bytes], known: Iterable[str] = ()) -> str:
    """The kind of secret in the bytes of a body, or ""; a secret may begin in one piece and end in the next."""
    secrets_here = {
        code
        for secret in known
        for spelling in spellings(secret)
        for code in (
            spelling.encode("utf-8", "surrogatepass"),
            spelling.encode("utf-16-le", "surrogatepass"),
        )
    }
    tail = b""
    for piece in pieces:
        window = tail + piece
        if any(secret in window for secret in secrets_here):
            return "a secret of this run"
        for what, shape in _BYTE_SHAPES.items():
            if shape.search(window):
                return what
        tail = window[-_OVERLAP:]
    return ""


def _what(line: str, known: re.Pattern[str] | None) -> str:
    if known is not None and known.search(line):
        return f"a secret of this run{_in(line)}"
    for what, shape in _SHAPES.items():
        if shape.search(line):
            return what + _in(line)
    if not re.match(r"\s*(?:- )?base64:", line):
        for word in _WORDS.findall(line):
            if _random(word):
                return f"a random text of {len(word)} characters that may be a key{_in(line)}"
    return ""


def _in(line: str) -> str:
    key = re.match(r"\s*(?:- )?[\"']?([\w$./-]+)[\"']?:", line)
    return f", in {key[1]!r}" if key else ""


def _random(word: str) -> bool:
    if _HEX.fullmatch(word) or _is_content(word):
        return False
    # Words joined by hyphens and paths are long without being random: one part of a key is.
    return any(len(part) >= 16 and _looks_random(part) for part in re.split(r"[-_/~=]", word))


def _looks_random(word: str) -> bool:
    digits = sum(map(str.isdigit, word))
    if not (any(map(str.islower, word)) and any(map(str.isupper, word))) or digits < 3:
        return False
    # Names of operations and numbered words change rarely between letters and digits; keys always.
    changes = sum(a.isdigit() != b.isdigit() for a, b in pairwise(word))
    if changes < len(word) / 6:
        return False
    counts = Counter(word)
    entropy = -sum(n / len(word) * math.log2(n / len(word)) for n in counts.values())
    return entropy > min(_RANDOM, math.log2(len(word)) * 0.86)


def _is_content(word: str) -> bool:
    """Whether it is base64 of a text or of a known kind of file."""
    try:
        data = base64.b64decode(word, validate=True)
        return data.startswith(_FILES) or data.decode().replace("\n", " ").isprintable()
    except ValueError:
        return False


def named_secrets(text: str) -> Iterator[Leak]:
    """Find values of secret names and mail addresses of real domains without a stand-in, in files written by hand."""
    redaction = Redaction()
    lines = text.split("\n")
    plain = ((n, line) for n, line in enumerate(lines, 1) if not line.lstrip().startswith("#"))
    for number, line in chain(plain, _base64_texts(lines)):
        for name, value in _MEMBER.findall(line):
            if (
                redaction.is_secret_name(name)
                and not _PLACEHOLDER.match(value)
                and "#" not in value
                and len(value) > 3
            ):
                yield Leak(number, f"the value of {name!r} is not a stand-in")
        for mail in MAIL.findall(line):
            if not mail.lower().endswith(SAFE_DOMAINS):
                yield Leak(number, "a mail address of a real domain")
