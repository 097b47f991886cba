"""Nothing that was recorded is lost: the place is tried before, and calls that cannot be written stay in a journal."""

from __future__ import annotations

import tempfile
from pathlib import Path

from mockso.errors import MocksoError, SettingError
from mockso.journal.journal import Journal


def try_place(out: Path, option: str = "--out") -> None:
    """Try to write beside a file that is to be written later. Raises SettingError where that cannot be."""
    folder = out.parent
    while not folder.exists() and folder != folder.parent:
        folder = folder.parent  # the missing ones are made when there is something to write
    try:
        if not folder.is_dir():
            raise NotADirectoryError(20, f"{folder} is not a folder")
        with tempfile.NamedTemporaryFile(dir=folder, prefix=f".{out.name}.") as file:
            file.write(b"\n")
            file.flush()
    except OSError as error:
        raise SettingError(
            f"{option} {out}: cannot be written: {error.strerror or error}. Name a file in a folder that can."
        ) from error


def keep_calls(journal: Journal, url: str, out: Path) -> str:
    """Keep the calls of a journal where `record --from-journal` finds them; the line that tells the place.

    `url` is the journal's own file; one in memory is copied into the first folder that takes it.
    """
    if url and not url.startswith("memory:"):
        return _how(url, out)
    causes = []
    for folder in (tempfile.gettempdir(), str(Path.home()), "."):
        try:
            place = Path(tempfile.mkdtemp(prefix="mockso-record-", dir=folder)) / "calls.journal"
            journal.copy_to(str(place))
        except (OSError, MocksoError) as error:
            causes.append(f"{folder}: {getattr(error, 'strerror', None) or error}")
        else:
            return _how(str(place), out)
    return f"What was recorded could not be kept either: {'; '.join(causes)}."


def _how(place: str, out: Path) -> str:
    return (
        f"What was recorded is kept in {place}; "
        f"'mockso record --from-journal {place} --out {out.name}' writes it."
    )
