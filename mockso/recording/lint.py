"""The checks of `mockso lint` for recordings: secrets in them, and steps that no call uses."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from mockso.errors import ScenarioError
from mockso.journal.source import open_source
from mockso.recording.leaks import leak_in_bytes, leaks, named_secrets
from mockso.scenario.check import Checker
from mockso.scenario.library import SUFFIXES, find_scenario
from mockso.scenario.load import FileFault, read_file

_LARGE = 4 * 1024 * 1024  # bytes; a larger file is looked through in pieces


def secrets(names: list[str]) -> tuple[int, list[FileFault]]:
    """How many files were looked through, and every place that has a secret."""
    files: dict[Path, None] = {}
    faults: list[FileFault] = []
    for name in names:
        path = Path(name)
        if path.is_dir():
            files |= dict.fromkeys(
                p for p in sorted(path.rglob("*")) if p.is_file() and ".git" not in p.parts
            )
            continue
        try:
            for file in find_scenario(name):
                files[file] = None
                beside = file.parent / f"{file.stem}.files"
                files |= dict.fromkeys(sorted(beside.rglob("*")) if beside.is_dir() else ())
        except ScenarioError as error:
            faults.append(FileFault(name, 1, 1, str(error).removeprefix(f"{name}: ")))
    for path in files:
        is_yaml = path.suffix in SUFFIXES
        if not is_yaml and path.stat().st_size > _LARGE:
            with path.open("rb") as large:
                what = leak_in_bytes(iter(partial(large.read, _LARGE), b""))
            faults += [FileFault(str(path), 1, 1, f"{what}, somewhere in it.")] if what else []
            continue
        # Bytes that are not text may have a token in them all the same.
        text = path.read_bytes().decode("utf-8" if is_yaml else "latin-1", "replace")
        by_line = {leak.line: leak for leak in leaks(text)}
        if is_yaml:
            for leak in named_secrets(text):
                by_line.setdefault(leak.line, leak)
        faults += [FileFault(str(path), leak.line, 1, f"{leak.what}.") for _, leak in sorted(by_line.items())]
    return len(files), faults


def orphans(names: list[str], journal: str) -> tuple[int, list[FileFault]]:
    """How many files were read, and the steps in them that answered no call of a journal."""
    source = open_source(journal)
    try:
        entries, dropped = source.find({}, 1_000_000, "newest")
    finally:
        source.close()
    if dropped:
        raise ScenarioError(
            f"{journal}: it dropped {dropped} calls, so that nobody can tell which steps were used. "
            "Run again with --set journal_entries=1000000."
        )
    labels = {entry["step"] for entry in entries}
    paths = [path for name in names for path in find_scenario(name)]
    faults = []
    for path in paths:
        for step in read_file(path, Checker(None)).steps:
            if step.label not in labels:
                file, _, line = step.place.rpartition(":")
                faults.append(FileFault(file, int(line), 1, f"step {step.label!r} answered no call."))
    return len(paths), faults
