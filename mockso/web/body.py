"""Where the body of a request ends: so many bytes, or chunks. Memory grows with what came, not with what was said."""

from __future__ import annotations

import re

TRAILERS = 100
LINE_LIMIT = 4096  # bytes of the line with a chunk's size, or of a trailer

_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
_EXTENSION = re.compile(rb"[\t -~\x80-\xff]*")
_TRAILER = re.compile(rb"[!#$%&'*+\-.^_`|~0-9A-Za-z]+:[\t -~\x80-\xff]*")


class SizedBody:
    """A body of so many bytes."""

    def __init__(self, length: int) -> None:
        self.missing = length

    @property
    def at_end(self) -> bool:
        return not self.missing

    def take(self, buffer: bytearray) -> bytes:
        """Remove from a buffer what belongs to the body, and return it."""
        piece = bytes(buffer[: self.missing])
        del buffer[: len(piece)]
        self.missing -= len(piece)
        return piece


class ChunkedBody:
    """A body in chunks. `at_end` is true once the last chunk and the trailers behind it were read."""

    def __init__(self) -> None:
        self.at_end = False
        self.missing = 0  # bytes of the chunk that is being read
        self._is_behind = False  # behind a chunk, where its line ends
        self._trailers = -1  # -1: they have not begun

    def take(self, buffer: bytearray) -> bytes:
        """Remove from a buffer what belongs to the body, and return the chunks. Raises ValueError for a broken one."""
        pieces = []
        while buffer and not self.at_end:
            if self.missing:
                piece = bytes(buffer[: self.missing])
                del buffer[: len(piece)]
                self.missing -= len(piece)
                self._is_behind = not self.missing
                pieces.append(piece)
            elif self._is_behind:
                if not b"\r\n".startswith(bytes(buffer[:2])):
                    raise ValueError("a chunk is longer than its size says")
                if len(buffer) < 2:
                    break
                del buffer[:2]
                self._is_behind = False
            else:
                line = self._line(buffer)
                if line is None:
                    break
                self._read_line(line)
        return b"".join(pieces)

    def _line(self, buffer: bytearray) -> bytes | None:
        end = buffer.find(b"\n", 0, LINE_LIMIT)
        if end < 0:
            if len(buffer) >= LINE_LIMIT:
                raise ValueError("the size of a chunk or a trailer is too long")
            return None
        line = bytes(buffer[: end + 1])
        if not line.endswith(b"\r\n"):
            raise ValueError("the size of a chunk or a trailer is not a line")
        del buffer[: end + 1]
        return line[:-2]

    def _read_line(self, line: bytes) -> None:
        if self._trailers >= 0:
            self._trailers += 1
            if not line:
                self.at_end = True
            elif self._trailers > TRAILERS:
                raise ValueError(f"more than {TRAILERS} trailers")
            elif not _TRAILER.fullmatch(line):
                raise ValueError(f"{line.decode('latin-1')[:20]!a} is not a trailer")
            return
        size, _, extension = line.partition(b";")
        size = size.rstrip(b" \t")
        if not _SIZE.fullmatch(size) or not _EXTENSION.fullmatch(extension):
            raise ValueError(f"{size.decode('latin-1')[:20]!a} is not a size of a chunk")
        self.missing = int(size, 16)
        if not self.missing:
            self._trailers = 0


Body = SizedBody | ChunkedBody
