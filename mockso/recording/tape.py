"""The calls of a recording while it runs: small bodies in memory, large ones in files of their own."""

from __future__ import annotations

import hashlib
import tempfile
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from mockso.exchange.call import Call

# A longer body goes to a file while it passes, and beside the recording when that is written.
IN_MEMORY = 1024 * 1024


@dataclass(frozen=True)
class Body:
    """A body that has passed: its bytes, or only the first of them and the file with all."""

    data: bytes
    size: int
    file: Path | None = None
    digest: str = ""
    loss: str = ""
    """Why not all of it is there, such as a disk that is full."""

    @property
    def whole(self) -> bool:
        return self.file is None and not self.loss

    def pieces(self, size: int = IN_MEMORY) -> Iterator[bytes]:
        """All of it, in pieces."""
        if self.file is None:
            yield self.data
            return
        with self.file.open("rb") as file:
            while piece := file.read(size):
                yield piece

    def windows(self, overlap: int = 64 * 1024) -> Iterator[bytes]:
        """All of it in pieces, each beginning with the end of the one before."""
        tail = b""
        for piece in self.pieces():
            yield tail + piece
            tail = (tail + piece)[-overlap:]


class Spool:
    """Takes a body in pieces. The file, if there is need of one, lies in `folder`."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._parts: list[bytes] = []
        self._file: IO[bytes] | None = None
        self._hash = hashlib.sha256()
        self._loss = ""
        self.size = 0

    def write(self, piece: bytes) -> None:
        self.size += len(piece)
        self._hash.update(piece)
        if self._loss:
            return
        try:
            self._keep(piece)
        except OSError as error:
            # The call goes on: it is between the client and its server, whatever becomes of the recording.
            self.drop()
            self._file, self._loss = None, f"its body could not be kept: {error.strerror or error}"
            del self._parts[1:]

    def _keep(self, piece: bytes) -> None:
        if self._file is None:
            self._parts.append(piece)
            if self.size > IN_MEMORY:
                self._file = tempfile.NamedTemporaryFile(dir=self._folder, delete=False)  # noqa: SIM115  close() is in done
                self._file.writelines(self._parts)
                del self._parts[1:]
        else:
            self._file.write(piece)

    def tee(self, pieces: Iterator[bytes]) -> Iterator[bytes]:
        """The pieces, each kept before it goes on."""
        for piece in pieces:
            self.write(piece)
            yield piece

    def finish(self) -> Body:
        """The body that was written."""
        if self._loss:
            return Body(b"".join(self._parts)[: 64 * 1024], self.size, loss=self._loss)
        if self._file is None:
            return Body(b"".join(self._parts), self.size)
        self._file.close()
        return Body(self._parts[0][: 64 * 1024], self.size, Path(self._file.name), self._hash.hexdigest())

    def drop(self) -> None:
        """Forget it all."""
        if self._file is not None:
            with suppress(OSError):
                self._file.close()
            Path(self._file.name).unlink(missing_ok=True)


@dataclass(frozen=True)
class TapedCall:
    """A call as it passed. `call` has bodies before compression, and of those in a file only the first bytes."""

    call: Call
    request_body: Body
    reply_body: Body


class Tape:
    """Calls in the order they arrived; threads may share it. Large bodies lie in `folder` until `close`."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._calls: list[TapedCall] = []
        self._folder: tempfile.TemporaryDirectory[str] | None = None
        self.left_out: dict[str, int] = {}

    @property
    def folder(self) -> Path:
        """Where large bodies lie; made when it is first asked for."""
        with self._lock:
            if self._folder is None:
                self._folder = tempfile.TemporaryDirectory(prefix="mockso-tape-")
            return Path(self._folder.name)

    def spool(self) -> Spool:
        return Spool(self.folder)

    def add(self, taped: TapedCall) -> None:
        with self._lock:
            self._calls.append(taped)

    def leave_out(self, why: str) -> None:
        """Count a call that passed and is not kept, by the reason."""
        with self._lock:
            self.left_out[why] = self.left_out.get(why, 0) + 1

    def __len__(self) -> int:
        return len(self._calls)

    def calls(self) -> list[TapedCall]:
        """The calls so far, in the order of their arrival."""
        with self._lock:
            return sorted(self._calls, key=lambda taped: (taped.call.request.at, int(taped.call.id or 0)))

    def close(self) -> None:
        """Delete the large bodies."""
        with self._lock:
            if self._folder is not None:
                self._folder.cleanup()
                self._folder = None
