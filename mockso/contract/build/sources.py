"""The files a contract is compiled from: which there are, what they are called, what each is.

A file is called by its place below the SOURCE it was found in, with the SOURCE's own last name in
front: "swagger/agent/Swagger-v1-UserAgent.json". No name depends on the machine, and everything is
taken in the order of names, so the order of the arguments does not matter.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from pathlib import Path

from mockso.contract.build import markdown, swagger
from mockso.contract.build.findings import Finding
from mockso.contract.build.markdown import Page
from mockso.contract.build.providers import ProviderPage, read_provider
from mockso.contract.build.reference import Class, read_class
from mockso.contract.build.swagger import SwaggerFile
from mockso.contract.build.tables import decode
from mockso.errors import ContractError
from mockso.progress import follow

# A file beyond this is not a page or a Swagger file; it is named and left out.
LIMIT_BYTES = 64 * 1024 * 1024


@dataclass(slots=True)
class Material:
    """All sources, read. `skipped` counts files that hold nothing of a contract (index pages)."""

    files: list[SwaggerFile] = field(default_factory=list)
    pages: list[Page] = field(default_factory=list)
    providers: list[ProviderPage] = field(default_factory=list)
    classes: dict[str, Class] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    skipped: int = 0

    @property
    def is_empty(self) -> bool:
        return not self.files and not self.pages


def read_sources(sources: Iterable[str | Path]) -> Material:
    """Everything the sources hold; a file that cannot be read is a finding and stops nothing."""
    material = Material()
    files = sorted(named_files(sources).items())
    for name, path in follow("reading sources", files, len(files)):
        try:
            if path.stat().st_size > LIMIT_BYTES:
                raise ValueError(f"larger than {LIMIT_BYTES} bytes")
            if not path.is_file():
                raise ValueError("not a file")  # reading a pipe might never end
            _READERS[path.suffix.lower()](material, path.read_bytes(), name, path)
        except (OSError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            # A hostile file may break any assumption of its format; it is named, and the run goes on.
            reason = error.strerror if isinstance(error, OSError) else f"{type(error).__name__}: {error}"
            material.findings.append(Finding("unreadable", name, detail=str(reason)[:200]))
    return material


def named_files(sources: Iterable[str | Path]) -> dict[str, Path]:
    """The files of the known kinds below the sources, by name; a source given twice counts once."""
    paths: dict[str, Path] = {}
    for source in sources:
        root = Path(source)
        if root.is_file():
            if root.suffix.lower() not in _READERS:
                raise ContractError(
                    f"{root}: not a kind of file that is read. Sources are Swagger files (.json), reference "
                    "pages (.md), class references (.yml), or folders of them."
                )
            entries = [(root.name, root)]
        elif root.is_dir():
            base = root.resolve().name
            entries = [
                (f"{base}/{path.relative_to(root).as_posix()}", path)
                for folder, _, names in os.walk(root)
                for path in (Path(folder, name) for name in names)
                if path.suffix.lower() in _READERS
            ]
        else:
            raise ContractError(f"{root}: no such file or folder. Name a Swagger file, a page or a folder.")
        for name, path in entries:
            other = paths.setdefault(name, path)
            if other is not path and other.resolve() != path.resolve():
                raise ContractError(
                    f"{path} and {other} would both be called {name!r} in the contract. "
                    "Rename the folder of one of them."
                )
    return paths


def _take_swagger(material: Material, data: bytes, name: str, path: Path) -> None:
    try:
        file = swagger.read_swagger(data, name)
    except ValueError as error:
        line = getattr(error, "lineno", 1)
        kind = "bad-encoding" if isinstance(error, UnicodeDecodeError) else "bad-json"
        material.findings.append(Finding(kind, f"{name}:{line}", detail=getattr(error, "msg", str(error))))
        return
    if file is None:
        material.skipped += 1
        return
    material.files.append(file)
    material.findings += file.findings


def _take_page(material: Material, data: bytes, name: str, path: Path) -> None:
    provider = read_provider(data, name)
    if provider is not None:
        material.providers.append(provider)
        material.findings += provider.findings
        return
    page = markdown.read_page(data, name, _loader(path.parent))
    if page is None:
        material.skipped += 1
        return
    material.findings += page.findings
    if page.method:
        material.pages.append(page)


def _loader(folder: Path) -> Callable[[str], str | None]:
    def load(relative: str) -> str | None:
        path = folder / relative
        if Path(relative).is_absolute() or not path.is_file() or path.stat().st_size > LIMIT_BYTES:
            return None
        return decode(path.read_bytes(), relative)[0]

    return load


def _take_class(material: Material, data: bytes, name: str, path: Path) -> None:
    one = read_class(data, name)
    if one is None:
        material.skipped += 1
    else:
        material.classes.setdefault(one.name, one)


_READERS: dict[str, Callable[[Material, bytes, str, Path], None]] = {
    ".json": _take_swagger,
    ".md": _take_page,
    ".yml": _take_class,
    ".yaml": _take_class,
}
