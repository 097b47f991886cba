"""`--watch`: scenario files are read again when they change, while the mock goes on.

A file that is broken after a change is told, and its version before is played on. Files are looked at,
not listened to: that needs no library and works on every disk.
"""

from __future__ import annotations

import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from mockso.engine import Engine
from mockso.errors import ScenarioError
from mockso.scenario.check import Checker
from mockso.scenario.library import find_scenario
from mockso.scenario.load import FileFault, ScenarioFilesError, read_file

INTERVAL = 0.5

Signature = tuple[tuple[str, int, int], ...]


@dataclass(slots=True)
class _WatchedFile:
    signature: Signature
    name: str = ""  # of the scenario that is played of it, "" while there is none
    gone: bool = False
    faults: tuple[FileFault, ...] = ()


class Watch:
    """The files of the scenarios an engine was started with.

    `tell` gets a line for each thing that happened. One thread calls `look`.
    """

    def __init__(self, engine: Engine, tell: Callable[[str], None] | None = None) -> None:
        self._playlist = engine.playlist
        self._names = engine.settings.scenarios
        self._checker = engine.contract.derive(Checker)
        self._tell = tell or _on_stderr
        played = {scenario.origin: scenario.name for scenario in engine.playlist.scenarios}
        self._files = {
            path: _WatchedFile(_signature(path), played.get(str(path), "")) for path in self._paths()
        }
        self._stopping = threading.Event()

    def start(self, interval: float = INTERVAL) -> None:
        """Look every so many seconds, in a thread of its own, until `stop`."""

        def run() -> None:
            while not self._stopping.wait(interval):
                self.look()

        threading.Thread(target=run, name="mockso-watch", daemon=True).start()

    def stop(self) -> None:
        self._stopping.set()

    def look(self) -> None:
        """Take up what changed since the last look."""
        paths = self._paths()
        for path in paths:
            file = self._files.setdefault(path, _WatchedFile(()))
            signature = _signature(path, file.signature)
            file.gone = False
            if signature and signature != file.signature:
                file.signature = signature
                self._read(path, file)
        for path, file in list(self._files.items()):
            if path not in paths:
                # An editor that saves by renaming takes a file away for a moment.
                if file.gone:
                    self._drop(path, file)
                file.gone = True
        self._playlist.report(fault for file in self._files.values() for fault in file.faults)

    def _paths(self) -> list[Path]:
        paths: dict[Path, None] = {}
        for name in self._names:
            try:
                paths.update(dict.fromkeys(path for path in find_scenario(name) if path.exists()))
            except ScenarioError:  # the file, or the last one of a folder, is gone
                continue
        return list(paths)

    def _read(self, path: Path, file: _WatchedFile) -> None:
        try:
            scenario = read_file(path, self._checker)
            self._check_name(path, scenario.name)
        except ScenarioFilesError as error:
            file.faults = error.faults
            for fault in error.faults:
                self._tell(f"mockso: {fault}")
            self._tell(
                f"mockso: {path}: not reloaded; the version before is played on."
                if file.name
                else f"mockso: {path}: not played."
            )
            return
        file.faults = ()
        if file.name:
            self._playlist.replay(file.name, scenario)
        else:
            self._playlist.play(scenario)
        self._tell(f"mockso: {path}: reloaded." if file.name else f"mockso: {path}: played.")
        file.name = scenario.name

    def _check_name(self, path: Path, name: str) -> None:
        """A scenario replaces the one of its name: two files of one name would take turns."""
        for other, file in self._files.items():
            if other != path and file.name == name:
                fault = FileFault(str(path), 1, 1, f"{other} is called {name!r} too; rename one.")
                raise ScenarioFilesError([fault])

    def _drop(self, path: Path, file: _WatchedFile) -> None:
        del self._files[path]
        if not file.name:
            return
        self._playlist.stop(file.name)
        self._tell(f"mockso: {path}: gone; {file.name!r} is not played any more.")


def _on_stderr(line: str) -> None:
    sys.stderr.write(f"{line}\n")
    sys.stderr.flush()


def _signature(path: Path, before: Signature = ()) -> Signature:
    """A value that changes with a file, or with one that it takes a body from; empty without the file."""
    try:
        own = _stat(path)
        if before == (own,) or b"body_file" not in path.read_bytes():
            return (own,)
        return (own, *map(_stat, sorted(path.parent.iterdir())))
    except OSError:
        return ()


def _stat(path: Path) -> tuple[str, int, int]:
    stat = path.stat()
    return path.name, stat.st_mtime_ns, stat.st_size
