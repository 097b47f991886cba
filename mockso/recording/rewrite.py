"""Addresses rewritten between two servers: what one says of itself becomes what the other would say.

An origin ("https://sod2.superoffice.com") is found as it stands in plain texts, in JSON ("https:\\/\\/"),
percent-encoded, and in the claims of a JSON Web Token. A token that was changed keeps its signature, which
then no longer fits: who checks signatures must read the address elsewhere.
"""

from __future__ import annotations

import base64
import re
import zlib
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import quote

# A piece of a stream ends where neither an address nor a token can go on; what has no such end for so long
# is base64 of a file.
_LONGEST = 64 * 1024
_END = re.compile(rb"[^\w.:/\\%+~=-]")
_BEGINNING = re.compile(rb"h(?:t(?:t(?:p|\Z)|\Z)|\Z)|e(?:y(?:J|\Z)|\Z)", re.IGNORECASE)
_TEXTS = re.compile(r"json|xml|text/|form-urlencoded|javascript|multipart/mixed", re.IGNORECASE)
_WEB_TOKEN = re.compile(rb"(?<![\w.-])(eyJ[\w-]+)\.(eyJ[\w-]+)\.")


def is_text(content_type: str) -> bool:
    """Whether addresses are looked for in a body of that type."""
    return bool(_TEXTS.search(content_type))


class Rewriting:
    """Replaces one origin, or the beginning of an address, by another."""

    def __init__(self, old: str, new: str) -> None:
        self.old, self.new = old.rstrip("/"), new.rstrip("/")
        self._spellings = dict(
            sorted(
                {
                    spell(self.old).lower().encode(): spell(self.new).encode()
                    for spell in (str, _in_json, _percent_encoded)
                }.items()
            )
        )
        names = b"|".join(re.escape(text) for text in self._spellings)
        # ":443" is the same server, ":8443" is another, and so is "sod2.superoffice.com.example".
        port = b"443" if old.startswith("https") else b"80"
        expression = rb"(" + names + rb")(?:(?::|%3A)" + port + rb"(?![0-9]))?(?![\w-]|[.:][\w]|%3A[0-9])"
        self._pattern = re.compile(expression, re.IGNORECASE)
        # Five times as fast, and nearly always enough.
        self._usual = re.compile(expression)
        # The shortest text that has to be there, for a look that costs nothing.
        self._hint = re.split(r"[:/]", self.old.partition("://")[2])[0].encode()
        self._hint_text = self._hint.decode()

    def body(self, data: bytes) -> bytes:
        """A whole text."""
        if self._hint in data:
            count = data.count(self._hint)
            data, rewritten = self._usual.subn(self._other, data)
            if rewritten != count:
                data = self._pattern.sub(self._other, data)
        if b"eyJ" in data:
            data = _WEB_TOKEN.sub(self._token, data)
        return data

    def text(self, text: str) -> str:
        """A header's value or an address."""
        if self._hint_text not in text and "eyJ" not in text:
            return text
        return self.body(text.encode("utf-8", "surrogateescape")).decode("utf-8", "surrogateescape")

    def stream(self, pieces: Iterable[bytes]) -> Iterator[bytes]:
        """A text in pieces; an address or a token may begin in one and end in the next."""
        text = b""
        for piece in pieces:
            text += piece
            cut = _boundary(text)
            if cut:
                yield self.body(text[:cut])
                text = text[cut:]
        if text:
            yield self.body(text)

    def _other(self, match: re.Match[bytes]) -> bytes:
        return self._spellings[match[1].lower()]

    def _token(self, match: re.Match[bytes]) -> bytes:
        try:
            claims = base64.urlsafe_b64decode(match[2] + b"=" * (-len(match[2]) % 4))
        except ValueError:
            return match[0]
        rewritten = self._pattern.sub(self._other, claims)
        if rewritten == claims:
            return match[0]
        return match[1] + b"." + base64.urlsafe_b64encode(rewritten).rstrip(b"=") + b"."


def _in_json(text: str) -> str:
    return text.replace("/", "\\/")


def _percent_encoded(text: str) -> str:
    return quote(text, safe="")


def _boundary(text: bytes) -> int:
    """Where a text may be cut in two: behind its last end, or before what may be the beginning of an address."""
    end = len(text)
    after = max(0, end - _LONGEST)
    # From the end, in growing steps: nearly always it is a few bytes away.
    for back in (128, 4096, _LONGEST):
        ends = [match.end() for match in _END.finditer(text, max(0, end - back))]
        if ends:
            after = ends[-1]
            break
    beginning = _BEGINNING.search(text, after)
    if beginning is None:
        return end
    return beginning.start() if beginning.start() or end < _LONGEST else end


# --- compressed bodies --------------------------------------------------------------------------


class Plain:
    """A body as it was before its Content-Encoding, piece by piece. ValueError for one that is not known,
    and for bytes that are none of it."""

    def __init__(self, encoding: str) -> None:
        self._coding = coding(encoding)
        self._reader: Any = zlib.decompressobj(zlib.MAX_WBITS | 16) if self._coding == "gzip" else None
        self._started = False

    def feed(self, piece: bytes) -> Iterator[bytes]:
        if not self._coding or not piece:
            yield piece
            return
        if self._reader is None:
            # "deflate" is zlib's format by its definition and without its frame by habit.
            has_frame = piece[0] & 0x0F == 8 and (len(piece) < 2 or (piece[0] << 8 | piece[1]) % 31 == 0)
            self._reader = zlib.decompressobj(zlib.MAX_WBITS if has_frame else -zlib.MAX_WBITS)
        try:
            # A few bytes may become gigabytes: never more than this at once.
            piece_out = self._reader.decompress(piece, 1 << 18)
            while piece_out:
                yield piece_out
                piece_out = self._reader.decompress(self._reader.unconsumed_tail, 1 << 18)
        except zlib.error as error:
            raise ValueError(f"the body is not {self._coding}: {error}") from error


def coding(encoding: str) -> str:
    """ "gzip", "deflate" or "" for a Content-Encoding; ValueError for any other."""
    name = encoding.strip().lower().removeprefix("x-")
    if name in ("gzip", "deflate"):
        return name
    if name in ("", "identity"):
        return ""
    raise ValueError(f"Content-Encoding {encoding!r} is not known")


def compress(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Pieces compressed as a Content-Encoding says."""
    writer = zlib.compressobj(6, zlib.DEFLATED, zlib.MAX_WBITS | (16 if coding(encoding) == "gzip" else 0))
    for piece in pieces:
        piece_out = writer.compress(piece)
        if piece_out:
            yield piece_out
    yield writer.flush()
