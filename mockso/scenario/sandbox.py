"""The environment that templates of others run in: they reach nothing of Python, and their values stay small.

Jinja's sandbox keeps templates away from what is private. Here it also counts: before an operator, a filter or a
method makes a value that may be larger than what it is made of, the size of that value is told, and too large a one
is refused. Loops are short and stand in no other loop, so that a template ends soon.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from functools import wraps
from itertools import islice
from threading import local
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import SandboxedEnvironment
from jinja2.visitor import NodeTransformer

from mockso.errors import did_you_mean

LARGEST = 1_000_000  # characters and items of a value
MOST_WORK = 50_000_000  # of the values that one template looks at
MOST_ROUNDS = 10_000  # of a loop
WIDEST = 1_000  # what a width, a precision or a count may be

_LOOP = "the items of a loop"
# They are for pages of HTML, or make texts whose size nobody can tell before.
_UNUSED = ("attr", "filesizeformat", "pprint", "striptags", "urlize", "xmlattr", "random")
_UNSAFE_METHODS = frozenset(
    {"expandtabs", "format_map", "from_bytes", "fromhex", "maketrans", "to_bytes", "translate", "hex"}
)
# Their numbers say how large the value becomes.
_WIDENING = frozenset("center ljust rjust zfill indent batch slice round tojson wordwrap".split())
_REFUSED = (
    nodes.Macro, nodes.CallBlock, nodes.FilterBlock, nodes.AssignBlock, nodes.Block, nodes.Include, nodes.Import,
    nodes.FromImport, nodes.Extends,
)  # fmt: skip
_NUMBER = re.compile(r"\d+")

_budget = local()


class LargeValueError(ValueError):
    """A template makes a value that is too large, or works too long."""


def begin() -> None:
    """Begin to count the work of a template in this thread."""
    _budget.left = MOST_WORK


def check_size(value: Any) -> int:
    """The size of a value: characters and items, at every depth. LargeValueError for a large one."""
    size, work = 0, [value]
    while work:
        one = work.pop()
        size += len(one) if isinstance(one, str | bytes) else 1
        if size > LARGEST:
            raise _too_large()
        if isinstance(one, Mapping):
            work.extend(one.values())
        elif isinstance(one, list | tuple):
            work.extend(one)
    _spend(size)
    return size


def _spend(work: int) -> None:
    _budget.left = getattr(_budget, "left", MOST_WORK) - work
    if _budget.left < 0:
        raise LargeValueError("it works on more than a template may")


def _too_large() -> LargeValueError:
    return LargeValueError(f"its value is larger than {LARGEST:,} characters")


def _expect(size: int) -> None:
    """Refuse a value of this size before it is made."""
    if size > LARGEST:
        raise _too_large()
    _spend(size)


class Environment(SandboxedEnvironment):
    """Looks up properties of the call before methods of Python, case-insensitive as in bodies and headers."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=False)
        self.globals.clear()
        for name in _UNUSED:
            del self.filters[name]
        self.filters = {name: _limit(name, filter) for name, filter in self.filters.items()}
        self.filters[_LOOP] = _rounds

    def prepare(self, text: str) -> nodes.Template:
        """The tree of a template in which all that makes values counts. TemplateSyntaxError where it cannot."""
        tree = self.parse(text)
        for kind in _REFUSED:
            for node in tree.find_all(kind):
                raise TemplateSyntaxError(
                    f"{{% {kind.__name__.lower()} %}} is not for templates of replies", node.lineno
                )
        for loop in tree.find_all(nodes.For):
            if loop.recursive or any(one is not loop for one in nodes.Template([loop]).find_all(nodes.For)):
                raise TemplateSyntaxError("a loop in a loop is not for templates of replies", loop.lineno)
        visited: nodes.Template = _Steps().visit(tree)
        return visited

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        if operator == "%" and isinstance(left, str):
            _check_format(left, (right,), {})
        elif operator == "+" and isinstance(left, str | bytes | list | tuple):
            _expect(check_size(left) + check_size(right))
        elif operator in ("*", "**"):
            plain = all(isinstance(side, int | float) and abs(side) < 2**63 for side in (left, right))
            if not plain or (operator == "**" and abs(right) > 64):
                raise ValueError(f"{operator!r} takes two numbers, not too large")
        return super().call_binop(context, operator, left, right)

    def call(self, context: Any, obj: Any, *arguments: Any, **named: Any) -> Any:
        method = getattr(obj, "__wrapped__", obj)
        _before(getattr(method, "__name__", ""), getattr(method, "__self__", None), arguments, named)
        value = super().call(context, obj, *arguments, **named)
        check_size(value)
        return value

    def is_safe_attribute(self, obj: Any, attr: str, value: Any) -> bool:
        return attr not in _UNSAFE_METHODS and super().is_safe_attribute(obj, attr, value)

    def getattr(self, obj: Any, attribute: str) -> Any:
        return self.getitem(obj, attribute) if isinstance(obj, dict) else super().getattr(obj, attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if not isinstance(obj, dict):
            return super().getitem(obj, argument)
        if argument in obj:
            return obj[argument]
        if isinstance(argument, str):
            folded = argument.lower()
            for name, value in obj.items():
                if name.lower() == folded:
                    return value
        names = [str(name) for name in obj]
        return self.undefined(f"there is no {argument!r} in it.{did_you_mean(str(argument), names)}")


class _Steps(NodeTransformer):
    """Puts a filter where Jinja itself would make a text, or go through a loop."""

    def visit_Concat(self, node: nodes.Concat) -> nodes.Node:
        self.generic_visit(node)
        items = nodes.List(node.nodes, lineno=node.lineno)
        return nodes.Filter(items, "join", [], [], None, None, lineno=node.lineno)

    def visit_For(self, node: nodes.For) -> nodes.Node:
        self.generic_visit(node)
        node.iter = nodes.Filter(node.iter, _LOOP, [], [], None, None, lineno=node.lineno)
        return node


def _rounds(items: Iterable[Any]) -> list[Any]:
    first = list(islice(items, MOST_ROUNDS + 1))
    if len(first) > MOST_ROUNDS:
        raise LargeValueError(f"it loops more than {MOST_ROUNDS:,} times")
    return first


def _limit(name: str, filter: Callable[..., Any]) -> Callable[..., Any]:
    offset = 0 if getattr(filter, "jinja_pass_arg", None) is None else 1

    @wraps(filter)
    def apply(*arguments: Any, **named: Any) -> Any:
        before, (value, *rest) = arguments[:offset], arguments[offset:] or (None,)
        if name in ("join", "batch", "slice", "sum", "sort", "list", "unique") and isinstance(
            value, Iterable
        ):
            value = list(islice(value, LARGEST + 1)) if not isinstance(value, str | Mapping) else value
        _before(name, value, rest, named)
        result = filter(*before, value, *rest, **named)
        check_size(result)
        return result

    return apply


def _before(name: str, value: Any, arguments: Iterable[Any], named: Mapping[str, Any]) -> None:
    """Refuse a method or filter whose value would be too large; `value` is what it is called on."""
    given = [*arguments, *named.values()]
    if name in _WIDENING:
        for argument in given:
            if isinstance(argument, int | float) and abs(argument) > WIDEST:
                raise LargeValueError(f"{name}() takes {WIDEST:,} at most, not {argument!r}")
    if name == "format" and isinstance(value, str):
        _check_format(value, arguments, named)
    elif name == "indent" and isinstance(value, str):
        widths = [a if isinstance(a, int) else len(a) for a in given if isinstance(a, int | str)]
        _expect(len(value) + (value.count("\n") + 1) * max([4, *widths]))
    elif name == "tojson":
        widths = [a for a in given if isinstance(a, int)]
        _expect(check_size(value) * (1 + max([0, *widths])))
    elif name == "join":
        texts = [len(a) for a in (value, *given) if isinstance(a, str)]
        items = (
            value
            if isinstance(value, list | tuple)
            else next((a for a in given if not isinstance(a, str)), ())
        )
        items = items if isinstance(items, list | tuple | dict) else ()
        _expect(sum(check_size(item) for item in items) + len(items) * max([0, *texts]))
    elif name == "replace" and isinstance(value, str) and len(given) > 1:
        old, new = str(given[0]), str(given[1])
        times = value.count(old)
        _expect(len(value) + times * len(new))


def _check_format(text: str, arguments: Iterable[Any], named: Mapping[str, Any]) -> None:
    """Refuse a format with wide fields, or one that repeats large values."""
    if (
        any(len(number) > 3 for number in _NUMBER.findall(text))
        or "*" in text
        or re.search(r"\{[^{}]*\{", text)
    ):
        raise LargeValueError(f"a field of a format is {WIDEST - 1:,} wide at most, and has its width in it")
    fields = text.count("%") + text.count("{")
    _expect(len(text) + fields * (WIDEST + check_size([*arguments, *named.values()])))
