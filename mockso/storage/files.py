"""Files that appear whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from mockso.errors import MocksoError


def read_bytes(path: Path, error: type[MocksoError]) -> bytes:
    """The bytes of a file. Raises `error` where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError as reason:
        raise error(f"{path}: cannot be read: {reason.strerror}.") from reason


@contextmanager
def explain_unwritable(what: str, error: type[MocksoError]) -> Iterator[None]:
    """Raise `error` where what is done inside cannot write a file: `what` names it, as in "--har calls.har:"."""
    try:
        yield
    except OSError as reason:
        raise error(f"{what} cannot be written ({reason.strerror}). Name another file.") from reason


def write_atomically(path: Path, content: bytes | Path) -> None:
    """Put bytes, or a copy of a file, in a file's place: a kill at any moment leaves the old or the new.

    A file that was there keeps its permissions. Raises OSError where it cannot be written.
    """
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")
    try:
        with os.fdopen(number, "wb") as file:
            if isinstance(content, bytes):
                file.write(content)
            else:
                with content.open("rb") as source:
                    shutil.copyfileobj(source, file)
            file.flush()
            os.fsync(file.fileno())
        if path.exists():
            shutil.copymode(path, name)
        else:  # mkstemp makes a private file; this is one like any other
            umask = os.umask(0)
            os.umask(umask)
            os.chmod(name, 0o666 & ~umask)
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def write_secret_once(path: Path, content: bytes) -> None:
    """Make a file that its owner alone can read, whole from its first moment, unless there is one: of several
    processes one makes it, and all read what stands there then. Raises OSError where it cannot be written.
    """
    number, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.", suffix=".tmp")  # mode 0600
    try:
        with os.fdopen(number, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):
            os.link(name, path)
    finally:
        os.unlink(name)
