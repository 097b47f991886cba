"""Progress of what lasts: nothing for two seconds, then a line that is written anew, or in a pipe one now and then."""

from __future__ import annotations

import contextlib
import sys
from collections.abc import Iterable, Iterator
from typing import TextIO, TypeVar

from mockso.timing import monotonic

T = TypeVar("T")

PATIENCE = 2.0  # seconds for which nobody wonders
APART = 10.0  # seconds between two lines in a pipe
_REDRAW = 0.2


class Progress:
    """How far something is, on stderr; `total` 0 where nobody knows. Use it in a `with`."""

    def __init__(self, what: str, total: int = 0, stream: TextIO | None = None) -> None:
        self._what, self._total = what, total
        self._stream = stream or sys.stderr
        self._is_terminal = not self._stream.closed and self._stream.isatty()
        self._next = monotonic() + PATIENCE
        self._width = 0
        self.count = 0

    def __enter__(self) -> Progress:
        return self

    def __exit__(self, *_: object) -> None:
        if self._width:
            self._write("\r" + " " * self._width + "\r")

    def step(self, count: int = 1, about: str = "") -> None:
        """So many more are done."""
        self.count += count
        now = monotonic()
        if now < self._next:
            return
        self._next = now + (_REDRAW if self._is_terminal else APART)
        whole = f" of {self._total:,}" if self._total else ""
        text = f"{self._what}: {self.count:,}{whole}{f', {about}' if about else ''}"[:100]
        if self._is_terminal:
            self._write(f"\r{text:<{self._width}}")
            self._width = max(self._width, len(text))
        else:
            self._write(f"{text}\n")

    def _write(self, text: str) -> None:
        with contextlib.suppress(OSError, ValueError):
            self._stream.write(text)
            self._stream.flush()


def follow(what: str, items: Iterable[T], total: int = 0) -> Iterator[T]:
    """The items, with the progress through them on stderr."""
    with Progress(what, total) as progress:
        for item in items:
            yield item
            progress.step()
