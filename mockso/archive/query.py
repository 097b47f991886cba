"""The query language of archives: texts of $filter, $orderby and $select to trees with places.

    filter  = and { "or" and }            "and" binds tighter (assumed)
    and     = term { "and" term }
    term    = "(" filter ")" | function "(" value { "," value } ")" | condition
    condition = column [ operator { value } ]
    value   = 'text' | word | "(" value { "," value } ")"

What a column is and what an operator may do with it is not known here: see `check`.
Source: behaviour, section 14.5; study of entities, section d1.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from mockso.archive.operators import DOUBLES, FUNCTIONS, UNARY, operator_names
from mockso.errors import QueryError, did_you_mean

# More brackets in one another than any client sends.
DEEPEST = 60

_TOKEN = re.compile(
    r"\s*(?:'((?:[^'\\]|\\.|'')*)'"  # a text; a quote in it has a backslash or stands twice
    r"|([(),=])"
    r"|(\[[A-Z]{1,2}:[^\]]*\]"  # an encoded value
    r"|(?:\.\([^\s()']*->[^\s()']*\)|[^\s'(),=])+)"  # a word; a reverse join has brackets of its own
    r"|(\S))",
    re.DOTALL,
)
_ESCAPED = re.compile(r"\\(.)|''", re.DOTALL)
_COLUMN = re.compile(r"[A-Za-z_](?:[\w/:.-]|\.\([\w.]*->[\w.]*\)|\[\w*\])*\Z")
_GLUED = re.compile(r"([\w/]+)([<>!=]{1,2})(.*)\Z", re.DOTALL)
_AGGREGATE = re.compile(r"\s*([A-Za-z]+)\s*\(", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Literal:
    """A value of a filter as it was written, without quotes; `at` is its place in the text, from 0."""

    text: str
    at: int
    is_quoted: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """A column, an operator in small letters and its values. `operator_at` is the operator's place."""

    column: str
    operator: str
    values: tuple[Literal, ...]
    at: int
    operator_at: int


@dataclass(frozen=True, slots=True)
class AllOf:
    """Filters of which all must hold."""

    parts: tuple[Filter, ...]


@dataclass(frozen=True, slots=True)
class AnyOf:
    """Filters of which one must hold."""

    parts: tuple[Filter, ...]


Filter = Condition | AllOf | AnyOf


@dataclass(frozen=True, slots=True)
class Order:
    """A column to sort by."""

    column: str
    at: int
    is_descending: bool = False


@dataclass(frozen=True, slots=True)
class Choice:
    """A column to show. `text` is it as it was written, which is its name in the answer.

    `functions` are those around it, the outer one first: ("Count",) of "Count(category):Footer";
    `suffixes` what follows: ("Footer",).
    """

    text: str
    column: str
    at: int
    functions: tuple[str, ...] = ()
    suffixes: tuple[str, ...] = ()


@lru_cache(512)
def parse_filter(text: str) -> Filter | None:
    """The tree of a $filter; None for an empty one. Raises QueryError."""
    parser = _Parser(text)
    return parser.whole() if parser.kind else None


@lru_cache(512)
def parse_orders(text: str) -> tuple[Order, ...]:
    """The columns of a $orderBy. Raises QueryError."""
    orders = []
    for part, at in split_commas(text):
        name, _, direction = part.partition(" ")
        direction = direction.strip().lower()
        if direction not in ("", "asc", "desc"):
            place = at + len(part) - len(direction)
            raise QueryError(f"unknown direction {direction!r}: asc or desc.", place)
        orders.append(Order(name, at, direction == "desc"))
    return tuple(orders)


@lru_cache(512)
def parse_choices(text: str) -> tuple[Choice, ...]:
    """The columns of a $select. Raises QueryError."""
    return tuple(_read_choice(part, at) for part, at in split_commas(text))


def split_commas(text: str) -> list[tuple[str, int]]:
    """The parts between commas outside brackets, trimmed, each with its place; empty ones are left out."""
    parts: list[tuple[str, int]] = []
    depth = start = 0
    for at, sign in enumerate(f"{text},"):
        depth += (sign == "(") - (sign == ")")
        if depth < 0:
            raise QueryError("a ')' has no '('.", at)
        if sign == "," and not depth:
            part = text[start:at]
            if part.strip():
                parts.append((part.strip(), start + len(part) - len(part.lstrip())))
            start = at + 1
    if depth:
        raise QueryError("a '(' has no ')'.", text.rfind("("))
    return parts


def _read_choice(text: str, at: int) -> Choice:
    functions: list[str] = []
    inner, suffixes = text, ""
    while match := _AGGREGATE.match(inner):
        functions.append(match[1])
        inner, _, behind = inner[match.end() :].rpartition(")")
        suffixes = suffixes or behind.strip()
    names = tuple(name.strip() for name in suffixes.split(":") if name.strip())
    return Choice(text, inner.partition(",")[0].strip(), at, tuple(functions), names)


class _Parser:
    """Reads a filter token by token. `kind`, `text` and `at` are of the token that comes next."""

    def __init__(self, text: str) -> None:
        self._source = text
        self._next = 0
        self._depth = 0
        self.kind = self.text = ""
        self.at = 0
        self._advance()

    def whole(self) -> Filter:
        tree = self._either()
        if self.kind:
            if self.text == ")":
                raise QueryError("a ')' has no '('.", self.at)
            cure = " Lists stand in brackets: oneOf (1, 2)." if self.text == "," else self._cure_of_value()
            raise QueryError(f"expected 'and', 'or' or the end, found {self._next_word()}.{cure}", self.at)
        return tree

    # tokens: "text", "word", or a sign; "" at the end

    def _advance(self) -> None:
        match = _TOKEN.match(self._source, self._next)
        if match is None:
            self.kind = self.text = ""
            self.at = len(self._source)
            return
        self._next, group = match.end(), match.lastindex or 0
        self.text, self.at = match[group], match.start(group)
        if group == 1:
            self.kind, self.at = "text", self.at - 1
            if "\\" in self.text or "''" in self.text:
                self.text = _ESCAPED.sub(lambda found: found[1] or "'", self.text)
        elif group == 2:
            self.kind = self.text
        elif group == 3:
            self.kind = "word"
        else:
            raise QueryError("a text in quotes has no end.", self.at)

    def _cure_of_value(self) -> str:
        """The cure of what stands behind an unquoted value."""
        before = self._source[: self.at].rstrip()
        if self.kind == "text" and before and len(before) == self.at and before[-1].isalpha():
            return f" A value has no prefix: write '{self.text}'."
        if self.kind == "word" and before and before[-1] not in "')":
            return " A value with blanks stands in quotes."
        return ""

    def _next_word(self) -> str:
        return repr(self.text) if self.kind else "the end"

    def _is_join(self) -> bool:
        return self.kind == "word" and self.text.lower() in ("and", "or")

    # rules

    def _either(self) -> Filter:
        parts = [self._both()]
        while self.kind == "word" and self.text.lower() == "or":
            self._advance()
            parts.append(self._both())
        return parts[0] if len(parts) == 1 else AnyOf(tuple(parts))

    def _both(self) -> Filter:
        parts = [self._term()]
        while self.kind == "word" and self.text.lower() == "and":
            self._advance()
            parts.append(self._term())
        return parts[0] if len(parts) == 1 else AllOf(tuple(parts))

    def _term(self) -> Filter:
        if self.kind == "(":
            return self._bracket()
        if self.kind != "word" or self._is_join():
            raise QueryError(f"expected a column, found {self._next_word()}.", self.at)
        name, at = self.text, self.at
        self._advance()
        if self.kind == "(":
            return self._call(name, at)
        if not _COLUMN.match(name):
            glued = f"{name}=" if self.kind == "=" and self.at == at + len(name) else name
            raise QueryError(f"{glued!r} cannot be the name of a column.{_apart(glued)}", at)
        return self._test(name, at)

    def _bracket(self) -> Filter:
        at = self.at
        self._depth += 1
        if self._depth > DEEPEST:
            raise QueryError(f"more than {DEEPEST} brackets stand in one another.", at)
        self._advance()
        tree = self._either()
        if self.kind != ")":
            wanted = "a '(' has no ')'" if not self.kind else f"expected ')', found {self._next_word()}"
            raise QueryError(f"{wanted}.", self.at if self.kind else at)
        self._advance()
        self._depth -= 1
        return tree

    def _test(self, column: str, at: int) -> Condition:
        operator, operator_at = self.text.lower(), self.at
        if not self.kind or self.kind == ")" or self._is_join():
            if column.lower() in ("getallrows", "getnorows"):
                return Condition(column, "eq", (Literal("true", at),), at, at)
            raise QueryError(f"expected an operator behind {column!r}, found {self._next_word()}.", self.at)
        if self.kind not in ("=", "word"):
            raise QueryError(f"expected an operator behind {column!r}, found {self._next_word()}.", self.at)
        written = self.text
        self._advance()
        if operator not in operator_names():
            if self.kind == "=" and self.at == operator_at + len(written):
                written += "="
            raise QueryError(f"unknown operator {written!r}.{instead_of(written)}", operator_at, column)
        values: list[Literal] = []
        while self.kind and self.kind not in ("),") and not self._is_join():
            if self.kind == "=":
                raise QueryError(
                    f"unknown operator {written + '='!r}.{instead_of(written + '=')}", operator_at, column
                )
            values += self._values()
            if operator not in UNARY:
                break
        if not values and operator not in UNARY:
            raise QueryError(f"expected a value behind {written!r}, found {self._next_word()}.", self.at)
        return Condition(column, operator, tuple(values), at, operator_at)

    def _values(self) -> list[Literal]:
        if self.kind != "(":
            return [self._value()]
        start = self.at
        self._advance()
        values: list[Literal] = []
        while self.kind != ")" or not values:
            if not self.kind:
                raise QueryError("a '(' has no ')'.", start)
            values.append(self._value())
            if self.kind == ",":
                self._advance()
            elif self.kind != ")":
                break
        if self.kind != ")":
            missing = (
                "a '(' has no ')'" if not self.kind else f"expected ',' or ')', found {self._next_word()}"
            )
            raise QueryError(f"{missing}.", self.at if self.kind else start)
        self._advance()
        return values

    def _value(self) -> Literal:
        if self.kind not in ("text", "word"):
            raise QueryError(f"expected a value, found {self._next_word()}.", self.at)
        value = Literal(self.text, self.at, self.kind == "text")
        self._advance()
        return value

    def _call(self, name: str, at: int) -> Condition:
        function = name.lower()
        if function not in FUNCTIONS:
            if function == "not":
                raise QueryError("there is no 'not': use ne, isNot, notContains, notOneOf.", at)
            if function in operator_names():
                cure = f" Write it behind the column: name {name} 'text'."
                raise QueryError(f"expected a column, found the operator {name!r}.{cure}", at)
            near = did_you_mean(name, FUNCTIONS.values())
            raise QueryError(f"unknown function {name!r}.{near}", at)
        arguments = self._values()
        if function in ("substringof", "startswith", "endswith"):
            condition = _text_test(function, arguments, at)
        else:
            condition = _period_test(function, arguments, at)
        if condition is None:
            raise QueryError(f"{FUNCTIONS[function]!r} takes other arguments: {SHAPES[function]}.", at)
        if self.kind and not self._is_join() and self.kind != ")":
            raise QueryError(f"expected 'and', 'or' or the end, found {self._next_word()}.", self.at)
        return condition


SHAPES = {
    "substringof": "substringof('text', column)",
    "startswith": "startswith(column, 'text')",
    "endswith": "endswith(column, 'text')",
    "this": "this(column, period)",
    "next": "next(column, number, period)",
    "previous": "previous(column, number, period)",
    "thisandnext": "thisAndNext(column, number, period)",
    "thisandprevious": "thisAndPrevious(column, number, period)",
    "thisandpreviousandnext": "thisAndPreviousAndNext(column, period)",
}
_TEXT_OPERATORS = {"substringof": "contains", "startswith": "begins", "endswith": "ends"}
PERIODS = ("day", "week", "month", "quarter", "year")


def _text_test(function: str, arguments: Sequence[Literal], at: int) -> Condition | None:
    """A condition of a text; column and text may stand in either order, the text has quotes."""
    if len(arguments) != 2:
        return None
    column, text = sorted(arguments, key=lambda value: value.is_quoted)
    if column.is_quoted or not text.is_quoted:
        # Neither or both have quotes: they count as documented.
        column, text = (
            (arguments[1], arguments[0]) if function == "substringof" else (arguments[0], arguments[1])
        )
    if not _COLUMN.match(column.text):
        return None
    return Condition(column.text, _TEXT_OPERATORS[function], (text,), column.at, at)


def _period_test(function: str, arguments: Sequence[Literal], at: int) -> Condition | None:
    has_number = function not in ("this", "thisandpreviousandnext")
    if len(arguments) != 2 + has_number or not _COLUMN.match(arguments[0].text):
        return None
    period = arguments[-1]
    if period.text.lower() not in PERIODS:
        raise QueryError(f"unknown period {period.text!r}: {', '.join(PERIODS)}.", period.at)
    if has_number and not (arguments[1].text.isdecimal() and len(arguments[1].text) < 10):
        raise QueryError(f"{arguments[1].text!r} is not a number of periods.", arguments[1].at)
    return Condition(arguments[0].text, function, tuple(arguments[1:]), arguments[0].at, at)


def _apart(word: str) -> str:
    """The words for a column and an operator that were written as one, "contactId>=5"."""
    match = _GLUED.match(word)
    other = DOUBLES.get(match[2]) if match is not None else None
    return f" Write {match[1]} {other} {match[3] or '...'}." if match is not None and other else ""


def instead_of(word: str) -> str:
    """The operator to write for one of another language, or the nearest of this one."""
    other = DOUBLES.get(word.lower())
    return f" Write {other}." if other else did_you_mean(word, operator_names().values())
