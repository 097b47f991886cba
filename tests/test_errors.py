"""The tree of exceptions, and the names that are suggested instead of an unknown one."""

import ast
import builtins
import random
import re
from difflib import get_close_matches
from pathlib import Path

from mockso import errors
from mockso.errors import did_you_mean, nearest, suggest


def test_a_name_spelt_alike_is_suggested_in_any_letter_case():
    assert did_you_mean("persosn", ["Persons", "Phones"]) == " Did you mean 'Persons'?"
    assert did_you_mean("zzz", ["Persons"]) == ""


def test_names_are_suggested_and_empty_ones_left_out():
    assert suggest("a", "", "b") == " Did you mean 'a' or 'b'?"
    assert suggest("") == suggest() == ""


def drawn_tree() -> set[tuple[str, str]]:
    """The (exception, parent) pairs that the module's docstring draws."""
    pairs, way = set(), []
    for indent, name in re.findall(r"^((?:  ){2,})([A-Z]\w+)(?:  |$)", errors.__doc__, re.MULTILINE):
        depth = len(indent) // 2 - 2
        way[depth:] = [name]
        if depth:
            pairs.add((name, way[depth - 1]))
    return pairs


def defined_exceptions() -> set[tuple[str, str]]:
    """The (exception, parent) pairs of all public exceptions that mockso defines, warnings apart."""
    bases = {}
    for path in Path(errors.__file__).parent.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                bases[node.name] = [ast.unparse(base).rpartition(".")[2] for base in node.bases]

    def is_exception(name: str) -> bool:
        own = getattr(builtins, name, None)
        if isinstance(own, type):
            return issubclass(own, BaseException) and not issubclass(own, Warning)
        return any(is_exception(base) for base in bases.get(name, ()) if base != name)

    return {(name, bases[name][0]) for name in bases if name[0] != "_" and is_exception(name)}


def test_the_tree_shows_every_exception():
    assert drawn_tree() == defined_exceptions()


def test_exceptions_end_in_error():
    # ContractBroken is a public name that test suites catch; it reads as pytest's own outcomes do.
    names = {name for name, _ in defined_exceptions()}

    assert {name for name in names if not name.endswith("Error")} == {"ContractBroken"}


def test_the_nearest_of_thousands_is_that_of_comparing_all(shipped):
    names = {name.lower(): name for name in shipped.ids()}
    choose = random.Random(5)
    for name in choose.sample(sorted(names.values()), 25):
        at = choose.randrange(3, len(name) - 1)
        typo = choose.choice(
            [name[:at] + name[at + 1 :], name[:at] + "xq" + name[at:], name.replace("Get", "Gte")]
        )

        assert nearest(typo, names.values()) == [names[get_close_matches(typo.lower(), names, 1, 0.6)[0]]]
