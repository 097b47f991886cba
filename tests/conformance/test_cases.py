"""The suite itself: each case names the section it rests on and how sure that is."""

import ast
import re
from pathlib import Path

FORM = re.compile(r"Section (8|9|1[0-3]|21)(\.[1-5])?, (firm|likely|assumed): .{10,}", re.DOTALL)
SUBSECTIONS = (
    "8",
    "9",
    "10.1",
    "10.2",
    "10.3",
    "10.4",
    "10.5",
    "11.1",
    "11.2",
    "11.3",
    "11.4",
    "11.5",
    "12",
    "13",
    "13.1",
    "21",
)


def cases():
    for path in sorted(Path(__file__).parent.glob("test_section_*.py")):
        for node in ast.parse(path.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield path, node.name, ast.get_docstring(node) or ""


def test_every_case_names_its_section_and_its_confidence():
    wrong = [
        name
        for path, name, said in cases()
        if not FORM.match(said)
        or f"_{int(said.split()[1].partition('.')[0].strip(',')):02d}_" not in path.name
    ]

    assert wrong == []


def test_every_section_has_cases():
    found = {said.split()[1].rstrip(",") for _, _, said in cases()}

    assert found == set(SUBSECTIONS)
