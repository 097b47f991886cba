"""Names are nouns for things and verbs for acts; docstrings are plain English."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parent.parent / "mockso"

# Participles that say what happened to a thing, not what the thing is. Regular ones are known by their ending.
IRREGULAR = [
    "begun",
    "bound",
    "bought",
    "broken",
    "brought",
    "built",
    "caught",
    "chosen",
    "come",
    "cut",
    "done",
    "drawn",
    "driven",
    "fallen",
    "felt",
    "found",
    "forgotten",
    "given",
    "gone",
    "got",
    "grown",
    "heard",
    "held",
    "hidden",
    "hit",
    "kept",
    "known",
    "laid",
    "left",
    "lent",
    "lost",
    "made",
    "meant",
    "met",
    "paid",
    "put",
    "said",
    "seen",
    "sent",
    "shown",
    "spelt",
    "split",
    "spoken",
    "spent",
    "stood",
    "struck",
    "sunk",
    "swept",
    "taken",
    "taught",
    "told",
    "thought",
    "thrown",
    "understood",
    "worn",
    "written",
]

# Words that look like participles and are nouns or adjectives of the field.
WORDS = {
    "accepted": "a verdict's property, read in `if verdict.accepted`",
    "embed": "a verb",
    "feed": "a verb",
    "put": "the method of HTTP",
    "seed": "a noun: the rows a tenant starts with",
    "split": "a verb",
    "cut": "a verb",
    "hit": "a noun: a match of a search",
    "isclosed": "a method that urllib3 calls by this name",
    "seen": "documented member of a world: its calls",
    "sent": "documented member of a world: its deliveries",
}

PHRASES = [
    r"\b(?:is|are) no [a-z]",
    r"\b(?:is|are|was|were|has|have) none\b",
    r"\ball the same\b",
    r"\bletter case aside\b",
    r"^Whether or no\b",
    r"^What\b",
    r"^Who\b",
    r"\bno [a-z]+ (?:at all )?is none\b",
]


Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef


def definitions(path: Path) -> Iterator[tuple[str, Definition]]:
    """The names of a file's functions, methods and classes at any depth, with their nodes."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, Definition):
            yield node.name, node


def is_bare_participle(name: str) -> bool:
    word = name.strip("_")
    if "_" in word or re.search(r"[a-z][A-Z]", word):
        return False  # a participle beside a noun is a name
    word = word.lower()
    return word not in WORDS and (word in IRREGULAR or (word.endswith("ed") and len(word) > 4))


def files() -> list[Path]:
    return sorted(ROOT.rglob("*.py"))


def place(path: Path, line: int) -> str:
    return f"{path.relative_to(ROOT.parent)}:{line}"


def test_the_words_that_are_let_through_are_few():
    assert len(WORDS) <= 20


def test_no_function_class_or_file_is_named_by_a_bare_participle():
    wrong = [str(path.relative_to(ROOT.parent)) for path in files() if is_bare_participle(path.stem)]
    wrong += [
        f"{place(path, node.lineno)} {name}"
        for path in files()
        for name, node in definitions(path)
        if is_bare_participle(name)
    ]

    assert wrong == []


def test_the_first_line_of_a_docstring_is_plain_english():
    wrong = []
    for path in files():
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in [tree, *(node for _, node in definitions(path))]:
            text = ast.get_docstring(node)  # type: ignore[arg-type]
            first = (text or "").partition("\n")[0]
            wrong += [
                f"{place(path, getattr(node, 'lineno', 1))} {first}"
                for phrase in PHRASES
                if re.search(phrase, first)
            ]

    assert wrong == []


def test_no_two_files_of_a_room_differ_by_an_ending_only():
    wrong = []
    for folder in {path.parent for path in files()}:
        stems = sorted(path.stem for path in folder.glob("*.py"))
        wrong += [
            f"{folder.name}: {a}, {b}"
            for a in stems
            for b in stems
            if a != b and b in {a + "s", a + "d", a + "ed", a + "ing"}
        ]

    assert wrong == []
