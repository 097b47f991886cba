"""The tools in comparison: the command that starts each, and the files it needs to answer the call."""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import document
from call import ADDRESS, GET_CALLER_IDENTITY, SEED, SEED_ONLINE, Call
from process import free_port

HERE = Path(__file__).parent


class Missing(Exception):
    """A tool cannot run here; the text says what is not there."""


@dataclass(frozen=True)
class Place:
    """Where peers and corpus are, and a folder for what a run writes."""

    peers: Path
    corpus: Path
    scratch: Path

    def peer(self, pattern: str) -> str:
        """The one file of an installed peer."""
        found = sorted(self.peers.glob(pattern))
        if not found:
            raise Missing(f"no {pattern} in {self.peers}: run peers.sh")
        return str(found[-1])


@dataclass(frozen=True, eq=False)
class Tool:
    """A server to measure. `command` writes what the server needs and gives its command line."""

    name: str
    command: Callable[[Place, int], list[str]]
    call: Call


def _mockso(*options: str) -> Callable[[Place, int], list[str]]:
    def command(_: Place, port: int) -> list[str]:
        script = shutil.which("mockso", path=str(Path(sys.executable).parent))
        start = [script] if script else [sys.executable, "-m", "mockso.cli"]
        return [*start, "serve", "--port", str(port), "--grant", "User", *options]

    return command


def _wiremock(place: Place, port: int) -> list[str]:
    stub = {"request": {"method": "POST", "url": SEED.path}, "response": {"status": SEED.status}}
    return wiremock(place, port, [stub])


def wiremock(place: Place, port: int, stubs: list[dict[str, Any]]) -> list[str]:
    """The command of a WireMock that has these stubs."""
    root = place.scratch / "wiremock"
    (root / "mappings").mkdir(parents=True, exist_ok=True)
    for number, stub in enumerate(stubs):
        (root / "mappings" / f"stub{number}.json").write_text(json.dumps(stub))
    jar = place.peer("node_modules/wiremock/build/wiremock-standalone-*.jar")
    options = ["--port", str(port), "--bind-address", "127.0.0.1", "--root-dir", str(root)]
    return [_program("java"), "-jar", jar, *options, "--disable-banner"]


def _prism(*, only: str) -> Callable[[Place, int], list[str]]:
    return lambda place, port: prism(place, port, only)


def prism(place: Place, port: int, only: str) -> list[str]:
    """The command of a Prism that has one address, or all where `only` is empty."""
    script = place.peer("node_modules/@stoplight/prism-cli/dist/index.js")
    if not place.corpus.is_dir():
        raise Missing("no folder of Swagger files: give --corpus")
    merged = place.scratch / f"{only.replace('/', '-') or 'all'}.json"
    if not merged.exists():
        document.merge(place.corpus, merged, only=only)
    options = ["-h", "127.0.0.1", "-p", str(port), "-v", "silent"]
    return [_program("node"), script, "mock", str(merged), *options]


def _mountebank(place: Place, port: int) -> list[str]:
    script = place.peer("node_modules/mountebank/bin/mb")
    stub = {
        "predicates": [{"equals": {"method": "POST", "path": SEED.path}}],
        "responses": [{"is": {"statusCode": SEED.status}}],
    }
    imposter = {"port": port, "protocol": "http", "stubs": [stub]}
    config = place.scratch / f"mountebank-{port}.json"
    config.write_text(json.dumps({"imposters": [imposter]}))
    options = [
        "--port",
        str(free_port()),  # of its own address, which nobody calls here
        "--configfile",
        str(config),
        "--pidfile",
        str(config.with_suffix(".pid")),
    ]
    quiet = ["--localOnly", "--nologfile", "--loglevel", "error"]
    return [_program("node"), script, "start", *options, *quiet]


def _pytest_httpserver(place: Place, port: int) -> list[str]:
    return [place.peer("python/bin/python"), str(HERE / "httpserver.py"), SEED.path, str(port)]


def _moto(place: Place, port: int) -> list[str]:
    return [place.peer("python/bin/moto_server"), "-H", "127.0.0.1", "-p", str(port)]


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise Missing(f"{name} is not installed")
    return found


# Prism judges bodies, and its reading of the Swagger files has no null: it gets the call without it.
FOR_PRISM = Call(ADDRESS, body='{"Type":"x"}')

MOCKSO = Tool("mockso", _mockso(), SEED_ONLINE)
WIREMOCK = Tool("WireMock (one stub)", _wiremock, SEED)
PRISM = Tool("Prism (one operation)", _prism(only=ADDRESS), FOR_PRISM)
PRISM_ALL = Tool("Prism (all operations)", _prism(only=""), FOR_PRISM)
MOUNTEBANK = Tool("mountebank", _mountebank, SEED)
PYTEST_HTTPSERVER = Tool("pytest-httpserver", _pytest_httpserver, SEED)
MOTO = Tool("moto", _moto, GET_CALLER_IDENTITY)

TOOLS = (MOCKSO, WIREMOCK, PRISM, PRISM_ALL, MOUNTEBANK, PYTEST_HTTPSERVER, MOTO)


def python_of(name: str, place: Place) -> str:
    """The interpreter that has a tool of inprocess.py installed."""
    return sys.executable if name == "mockso" else place.peer("python/bin/python")
