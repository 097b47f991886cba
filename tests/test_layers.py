"""Who may import whom: a room imports only rooms below its own line, and no file of a room is in a circle."""

import ast
from pathlib import Path

ROOT = Path(__file__).parent.parent / "mockso"

# From the ground up. Rooms on one line do not import each other.
ROOMS = [
    ["errors", "timing", "version"],
    ["progress"],
    ["config", "contract", "docs", "storage"],
    ["exchange"],
    ["formats", "matching"],
    ["archive", "redaction", "scenario"],
    ["journal", "state"],
    ["answer", "judge", "why"],
    ["entities", "login", "webhooks"],
    ["engine"],
    ["web"],
    ["recording"],
    ["testing"],
    ["__init__", "cli", "commands", "pytest_plugin"],
    ["__main__"],
]
FLOOR = {room: floor for floor, rooms in enumerate(ROOMS) for room in rooms}


def imports_of(path: Path) -> set[str]:
    """The modules of mockso that a file names in an import, wherever it stands in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom) and (node.module or "").partition(".")[0] == "mockso":
            for alias in node.names:
                inner = f"{node.module}.{alias.name}"
                found.add(inner if is_module(inner) else node.module)
    return found


def is_module(name: str) -> bool:
    path = ROOT.parent / name.replace(".", "/")
    return path.with_suffix(".py").exists() or (path / "__init__.py").exists()


def room_of(module: str) -> str:
    return module.split(".")[1] if "." in module else "__init__"


def modules() -> dict[str, Path]:
    return {
        ".".join(path.relative_to(ROOT.parent).with_suffix("").parts).removesuffix(".__init__"): path
        for path in ROOT.rglob("*.py")
    }


def test_every_room_has_a_floor():
    assert {room_of(module) for module in modules()} <= set(FLOOR)


def test_no_room_imports_one_of_its_own_floor_or_above():
    wrong = [
        f"{module} imports {other}"
        for module, path in modules().items()
        for other in sorted(imports_of(path))
        if room_of(other) != room_of(module) and FLOOR[room_of(other)] >= FLOOR[room_of(module)]
    ]

    assert wrong == []


def test_no_files_import_each_other_in_a_circle():
    graph = {module: imports_of(path) for module, path in modules().items()}
    circles = []
    for start in graph:
        seen, waiting = set(), [start]
        while waiting:
            for other in graph.get(waiting.pop(), ()):
                if other == start:
                    circles.append(start)
                    waiting.clear()
                    break
                if other not in seen:
                    seen.add(other)
                    waiting.append(other)

    assert circles == []
