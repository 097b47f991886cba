"""The head of a request: its first line and its headers, read from bytes.

A well-formed head is read at once. What is not is read again, line by line: what real clients send is mended
(behaviour of the real server, section 21: raw blanks, letters beyond ASCII, doubled slashes), and all that could
be taken for two different requests is refused (RFC 9112).
"""

from __future__ import annotations

import re
import string
from functools import lru_cache
from urllib.parse import quote, unquote

from mockso.exchange.message import Headers

HEAD_LIMIT = 128 * 1024  # bytes, the request line and all headers; IIS stops at 16 KiB

_TOKEN = rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+"
_VALUE = rb"[\t -~\x80-\xff]*"
_PLAIN = re.compile(rb"([A-Z]+) (/(?!/)[!-~]*) HTTP/1\.1((?:\r\n" + _TOKEN + rb":" + _VALUE + rb")+)")
_METHOD = re.compile(_TOKEN)
_LINE = re.compile(rb"(" + _TOKEN + rb"):(" + _VALUE + rb")")
_PROTOCOL = re.compile(rb"HTTP/([0-9])\.([0-9])")
_ABSOLUTE = re.compile(rb"(https?)://([^/?#\s]*)", re.IGNORECASE)
_HOST = re.compile(r"[^\s,/?#@\\]*")
_LENGTH = re.compile(r"[0-9]{1,18}")

# One of these on two lines could be read in two ways; so could one that is folded.
_SINGLE = frozenset({"host", "content-length", "transfer-encoding", "content-type", "authorization"})
_FRAMING = frozenset({"host", "content-length", "transfer-encoding", "connection", "expect"})


class HeadError(Exception):
    """A head that cannot be taken: the status and the reason to answer with."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason


class Head:
    """A request up to its body.

    `target` is its address as it came, without scheme and host; `path` is decoded. `length` is that of the body,
    None for one in chunks. `host` is the name it was addressed to, empty where it named none, and `scheme` is empty
    but for an absolute address, which clients send to a proxy.
    """

    __slots__ = (
        "expects",
        "headers",
        "host",
        "is_old",
        "keeps",
        "length",
        "method",
        "path",
        "query",
        "scheme",
        "target",
    )

    def __init__(self, method: str, target: str, headers: Headers, *, is_old: bool = False) -> None:
        self.method, self.headers, self.is_old = method, headers, is_old
        split = _split if len(target) < 200 else _split.__wrapped__
        self.target, self.path, self.query = split(target)
        self.scheme = ""
        get = headers.get_folded
        self.host = get("host") or ""
        if not _HOST.fullmatch(self.host):
            raise HeadError(400, f"{self.host[:40]!a} is not the name of a host")
        self.expects = (get("expect") or "").lower() == "100-continue"
        connection = (get("connection") or "").lower()
        if connection in ("", "keep-alive"):
            self.keeps = not is_old or connection != ""
        else:
            options = {option.strip() for option in connection.split(",")}
            self.keeps = "close" not in options and (not is_old or "keep-alive" in options)
        self.length: int | None = 0
        length, coding = get("content-length"), get("transfer-encoding")
        if coding is not None:
            self._take_coding(coding, length)
        elif length is not None:
            if not _LENGTH.fullmatch(length):
                raise HeadError(400, f"Content-Length {length[:40]!a} is not a number")
            self.length = int(length)

    def with_line(self, method: str, target: str) -> Head:
        """The head of another request of HTTP/1.1 with the same headers."""
        head = object.__new__(Head)
        head.method, head.is_old, head.scheme = method, False, ""
        split = _split if len(target) < 200 else _split.__wrapped__
        head.target, head.path, head.query = split(target)
        head.headers, head.host, head.expects = self.headers, self.host, self.expects
        head.keeps, head.length = self.keeps, self.length
        return head

    def _take_coding(self, coding: str, length: str | None) -> None:
        if length is not None:
            raise HeadError(
                400, "Content-Length and Transfer-Encoding contradict each other; send one of them"
            )
        if self.is_old:
            raise HeadError(400, "Transfer-Encoding is not part of HTTP/1.0")
        if coding.lower() != "chunked":
            raise HeadError(400, f"Transfer-Encoding {coding[:40]!a} is not 'chunked'")
        self.length = None


def read_head(head: bytes) -> Head:
    """Read a head, without the empty line at its end. Raises HeadError."""
    match = _PLAIN.fullmatch(head)
    if match is None:
        return _mend(head)
    method, target, lines = match.groups()
    known = _cache.get(lines)
    if known is None:
        known = _read_lines(lines)
    return known.with_line(_METHODS.get(method) or method.decode("ascii"), target.decode("ascii"))


@lru_cache(512)
def _split(target: str) -> tuple[str, str, str]:
    """A target, its decoded path, and its query: for the same target the same texts, which the journal keeps."""
    path, _, query = target.partition("?")
    return target, unquote(path, errors="replace") if "%" in path else path, query


_METHODS = {name.encode(): name for name in ("GET", "POST", "PUT", "PATCH", "DELETE")}

# A client sends the same headers again and again.
_cache: dict[bytes, Head] = {}
_CACHE_LIMIT, _CACHE_BYTES = 128, 2048


def _read_lines(lines: bytes) -> Head:
    pairs = []
    for line in lines.decode("latin-1")[2:].split("\r\n"):
        name, _, value = line.partition(":")
        pairs.append((name, value.strip(" \t")))
    headers = _headers(pairs)
    if headers.get_folded("host") is None:
        raise HeadError(400, "HTTP/1.1 wants a header Host")
    known = Head("", "", headers)
    if len(lines) <= _CACHE_BYTES:
        if len(_cache) >= _CACHE_LIMIT:
            _cache.clear()
        _cache[lines] = known
    return known


def _headers(pairs: list[tuple[str, str]]) -> Headers:
    headers = Headers(pairs)
    if len(headers.names) == len(pairs):
        return headers
    # Several lines of one name count as one (RFC 9110, 5.3).
    lines: dict[str, tuple[str, str]] = {}
    for name, value in pairs:
        folded = name.lower()
        before = lines.get(folded)
        if before is None:
            lines[folded] = (name, value)
        elif folded in _SINGLE:
            if folded in ("host", "transfer-encoding") or before[1] != value:
                raise HeadError(400, f"two headers {name}")
        else:
            lines[folded] = (before[0], f"{before[1]}{'; ' if folded == 'cookie' else ', '}{value}")
    return Headers(lines.values())


# --- what is not plainly well-formed ----------------------------------------------------------------


def _mend(head: bytes) -> Head:
    line, *lines = head.split(b"\r\n")
    method, target, is_old = _first_line(line)
    scheme = host = ""
    absolute = _ABSOLUTE.match(target)
    if absolute is not None:
        scheme, host = absolute[1].decode("ascii").lower(), absolute[2].decode("latin-1")
        target = target[absolute.end() :]
    if method == "CONNECT":
        path = target.decode("latin-1")
    elif target == b"*" and method == "OPTIONS":
        path = "*"
    else:
        path = quote(b"/" + target.lstrip(b"/"), safe=string.punctuation)
    headers = _headers([(name, value) for name, value in _lines(lines)])
    if headers.get_folded("host") is None and not is_old and method != "CONNECT":
        raise HeadError(400, "HTTP/1.1 wants a header Host")
    mended = Head(method, path, headers, is_old=is_old)
    # An absolute address counts more than the header (RFC 9112, 3.2.2).
    mended.scheme, mended.host = scheme, host or mended.host
    return mended


def _first_line(line: bytes) -> tuple[str, bytes, bool]:
    method, _, rest = line.strip(b" ").partition(b" ")
    target, _, protocol = rest.strip(b" ").rpartition(b" ")
    target = target.strip(b" ")
    version = _PROTOCOL.fullmatch(protocol)
    if not _METHOD.fullmatch(method) or not target or version is None:
        raise HeadError(400, f"{_show(line)} is not the first line of a request: METHOD /path HTTP/1.1")
    if version[1] != b"1":
        raise HeadError(505, f"HTTP/{version[1].decode()} is not spoken here; send HTTP/1.1")
    if re.search(rb"[\x00-\x1f\x7f]", target):
        raise HeadError(400, f"{_show(target)}: an address has no control characters")
    name = method.decode("ascii")
    if name != "CONNECT" and target != b"*" and target[:1] not in b"/?" and not _ABSOLUTE.match(target):
        raise HeadError(400, f"{_show(target)} is not an address: it begins with /")
    return name, target, version[2] == b"0"


def _lines(lines: list[bytes]) -> list[tuple[str, str]]:
    pairs: list[tuple[str, str]] = []
    for line in lines:
        if line[:1] in (b" ", b"\t"):
            # A folded value is one line (RFC 9112, 5.2), but never one that says where the request ends.
            if not pairs or pairs[-1][0].lower() in _FRAMING or not re.fullmatch(_VALUE, line):
                raise HeadError(400, f"{_show(line)} continues no header")
            name, value = pairs.pop()
            pairs.append((name, f"{value} {line.decode('latin-1').strip(' ' + chr(9))}"))
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise HeadError(400, f"{_show(line)} is not a header: Name: value")
        pairs.append((match[1].decode("ascii"), match[2].decode("latin-1").strip(" \t")))
    return pairs


def _show(line: bytes) -> str:
    # It may have a secret in it: only its beginning, up to a value, is told.
    return ascii(line.partition(b":")[0][:40].decode("latin-1"))
