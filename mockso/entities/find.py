"""A query of an archive, run over a tenant's rows: filtered, sorted, a page of it; columns are read of the page only.

Source: study of entities, section d4.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from typing import Any, TypeVar

from mockso.archive.columns import Provider
from mockso.archive.lookup import SWITCHES, column_of, provider_for, restriction_of
from mockso.archive.operators import MEANINGS
from mockso.archive.predicates import FAMILIES, Moment, compile_condition
from mockso.archive.query import Choice, Condition, Filter
from mockso.archive.request import Part, Query
from mockso.archive.run import compile_filter, conditions_of, page_of, required_of, sort_rows
from mockso.contract.kinds import Kind
from mockso.contract.plausible import MINIMUM_DATE
from mockso.entities import criteria, members, providers, selectioncriteria
from mockso.entities.columns import Columns
from mockso.entities.readings import Reading, Row, per_key
from mockso.entities.verbs import Work
from mockso.errors import QueryError
from mockso.formats.zones import base_zone
from mockso.state.log import Key
from mockso.state.rows import Draft

Item = tuple[Kind, Row]
T = TypeVar("T")


@dataclass
class Finding:
    """The rows a query found: the `items` of the page, and how columns are read.

    `every` one by kind is there for a query with aggregates only: nobody else looks at the rows behind the page,
    which are counted when the total is asked for. `empty` are the columns without data in mockso, of those that the query names: `is_asked` is false while the
    provider's own choice of columns is read. `members` are those of the selections that a filter names.
    """

    provider: Provider
    columns: Columns
    source: Draft
    items: Sequence[Item] = ()
    every: Sequence[tuple[Kind, Iterable[Row]]] = ()
    empty: dict[str, None] = field(default_factory=dict)
    is_asked: bool = True
    members: dict[int, list[Row]] = field(default_factory=dict)
    _readings: dict[tuple[str, str], Reading] = field(default_factory=dict)
    _seen: int = 0
    _passing: Iterator[Any] = field(default_factory=lambda: iter(()))

    def watch(self, passing: Iterable[T]) -> Iterator[T]:
        """The rows that pass, counted as they come by."""

        def count() -> Iterator[T]:
            for item in passing:
                self._seen += 1
                yield item

        self._passing = rows = count()
        return rows

    @property
    def total(self) -> int:
        """How many rows passed; those that nobody took yet are taken for it, so it counts for the whole verb."""
        deque(self._passing, maxlen=0)
        return self._seen

    def reading(self, kind: Kind, name: str) -> Reading:
        """How a column of a kind's rows is read."""
        place = (kind.name, name)
        found = self._readings.get(place)
        if found is None:
            restriction = restriction_of(name, self.provider)
            found = self._readings[place] = self.columns.reading(kind, name, restriction, self.source)
            if self.is_asked and not found.has_data and name.lower() not in SWITCHES:
                self.empty[name] = None
        return found


def find_rows(
    work: Work,
    rows: Draft,
    query: Query,
    provider: Provider,
    candidates: Mapping[str, Sequence[Row]] | None = None,
) -> Finding:
    """The rows that a query finds. `candidates` are those below a parent by kind; all of the provider's otherwise.

    Raises QueryError for a query that cannot be run.
    """
    finding = Finding(provider, work.contract.derive(Columns), rows)
    tree = query.tree()
    moment = moment_of(work)
    names = providers.kinds_of(provider) if candidates is None else tuple(candidates)
    found: list[tuple[Kind, Iterable[Row]]] = []
    for name in providers.chosen_kinds(names, provider, query.entities):
        kind = work.contract.kinds.get(name)
        if kind is None:
            continue
        for condition in conditions_of(tree):
            if _is_selection(condition, kind, finding):
                selection = int(condition.values[0].text)
                finding.members[selection] = selection_rows(work, rows, selection, kind)
        given = candidates[name] if candidates is not None else _candidates(tree, kind, finding)
        # One row at a time: a list of all would have the collector look at every row there is.
        passing = iter(given)
        if query.entities:
            passing = filter(partial(providers.belongs, provider, query.entities), passing)
        if tree is not None:
            passing = filter(compile_tests(tree, kind, finding, moment), passing)
        found.append((kind, passing))
    put_in_order(found, query, finding)
    return finding


def selection_rows(work: Work, rows: Draft, selection: Key, kind: Kind) -> list[Row]:
    """The rows of a kind that are members of a selection: of a dynamic one those that pass its criteria."""
    row = rows.get("Selection", selection)
    groups = criteria.groups_of(rows, selectioncriteria.key_of(selection))
    if row is None or not groups or row.get("SelectionType", "Static") != "Dynamic":
        return providers.members_of(selection, kind, rows)
    if members.target_of(row) != kind.name:
        return []
    provider = provider_for(providers.finder_of(kind.name), work.contract)
    restrictions = Part("criteria", criteria.as_list(groups))
    query = Query(provider.name, Part("select"), restrictions, Part("order"))
    try:
        found = find_rows(work, rows, query, provider).items
    except QueryError:
        return []  # the selection was of another table when its criteria were kept
    return [one for _, one in found]


def moment_of(work: Work) -> Moment:
    """The meaning of now and of me in a filter: the tenant's clock and the caller's associate."""
    settings = work.view.settings
    zone = base_zone(settings.base_timezone)

    def to_base(moment: datetime) -> datetime:
        return moment.astimezone(zone.rules).replace(tzinfo=None)

    return Moment(lambda: datetime.fromisoformat(work.now), work.caller, to_base)


def compile_tests(tree: Filter, kind: Kind, finding: Finding, moment: Moment) -> Callable[[Row], bool]:
    """The function of a kind's row that a filter is."""

    def passes(condition: Condition) -> Callable[[Row], bool]:
        name = condition.column.lower()
        if name in SWITCHES:
            wanted = SWITCHES[name] is (condition.values[0].text.lower() in ("true", "1"))
            return lambda row: wanted
        if _is_selection(condition, kind, finding):
            selection = int(condition.values[0].text)
            keys = {key for key, _ in finding.members[selection]}
            return lambda row: row[0] in keys
        predicate = compile_condition(condition, restriction_of(condition.column, finding.provider), moment)
        reading = finding.reading(kind, condition.column)
        raw = reading.raw
        return per_key(reading.by, lambda row: predicate(raw(row)))

    def cost(condition: Condition) -> int:
        if condition.column.lower() in SWITCHES or _is_selection(condition, kind, finding):
            return 0
        return 0 if finding.reading(kind, condition.column).by is None else 1

    return compile_filter(tree, passes, cost)


def _is_selection(condition: Condition, kind: Kind, finding: Finding) -> bool:
    """Whether a condition says of which selection the rows are members."""
    return (
        condition.column.lower() == "selectionid"
        and kind.name != "Selection"
        and "selection" in finding.provider.name.lower()
        and bool(condition.values)
        and condition.values[0].text.isdecimal()
    )


def _candidates(tree: Filter | None, kind: Kind, finding: Finding) -> Iterable[Row]:
    """The rows that may pass a filter: by key or reference where it names one, else all."""
    rows = finding.source
    for condition in required_of(tree):
        if _is_selection(condition, kind, finding):
            return finding.members[int(condition.values[0].text)]
    if finding.provider.name.lower().startswith("recycle"):
        return providers.rows_of(finding.provider, kind, rows)

    def path_of(column: str) -> str:
        target = finding.columns.target(kind, column)
        return target.path if target is not None else ""

    found = find_by_key(tree, kind.name, kind.key, path_of, finding)
    return providers.rows_of(finding.provider, kind, rows) if found is None else found


def find_by_key(
    tree: Filter | None, table: str, key_name: str, path_of: Callable[[str], str], finding: Finding
) -> list[Row] | None:
    """The rows of a table that a filter names by their keys or by that of a reference; None where it does neither.

    `path_of` has the property that a column reads as it is stored, `key_name` for the row's own key.
    """
    rows = finding.source
    for condition in required_of(tree):
        meaning = MEANINGS.get(condition.operator, condition.operator)
        if meaning not in ("eq", "in") or not all(value.text.isdecimal() for value in condition.values):
            continue
        if condition.column.lower() in SWITCHES:
            continue
        restriction = restriction_of(condition.column, finding.provider)
        path = path_of(condition.column) if FAMILIES.get(restriction) in ("number", "key") else ""
        if not path:
            continue
        keys = sorted({int(value.text) for value in condition.values})
        if path == key_name:
            there = ((key, rows.get(table, key)) for key in keys)
            return [(key, row) for key, row in there if row is not None]
        if 0 not in keys and len(keys) == 1:
            return rows.find(table, path, keys[0])
    return None


def put_in_order(found: Sequence[tuple[Kind, Iterable[Row]]], query: Query, finding: Finding) -> None:
    """Sort what was found and keep the page."""
    if any(choice.functions for choice in query.choices()):
        finding.every = found = [(kind, list(rows)) for kind, rows in found]
    orders = [order for order in query.orders() if column_of(order.column, finding.provider)]
    limit = (query.skip or 0) + query.top if query.top is not None else None
    if len(found) == 1:
        kind, rows = found[0]
        keys = [(_sort_key(kind, order.column, finding), order.is_descending) for order in orders]
        page = page_of(sort_rows(finding.watch(rows), keys, limit), query.skip, query.top)
        finding.items = [(kind, row) for row in page]
        return
    items = finding.watch((kind, row) for kind, rows in found for row in rows)
    item_keys: list[tuple[Callable[[Item], Any], bool]] = []
    for order in orders:
        of_kind = {kind.name: _sort_key(kind, order.column, finding) for kind, _ in found}
        item_keys.append((lambda item, of_kind=of_kind: of_kind[item[0].name](item[1]), order.is_descending))  # type: ignore[misc]
    finding.items = page_of(sort_rows(items, item_keys, limit), query.skip, query.top)


def _sort_key(kind: Kind, name: str, finding: Finding) -> Callable[[Row], Any]:
    """The value that rows compare by in a column: a number, a time, or a text without letter case."""
    reading = finding.reading(kind, name)
    raw, shown = reading.raw, reading.shown

    def key(row: Row) -> Any:
        return _any_key(shown(row))

    match FAMILIES.get(restriction_of(name, finding.provider)):
        case "number" | "flag":

            def key(row: Row) -> Any:
                return _number(raw(row))

        case "time":

            def key(row: Row) -> Any:
                return raw(row) or MINIMUM_DATE

        case "text":

            def key(row: Row) -> Any:
                return _fold(raw(row))

    return per_key(reading.by, key)


def _number(value: Any) -> float:
    return value if isinstance(value, int | float) else 0


def _fold(value: Any) -> str:
    return value.casefold() if type(value) is str else str(value or "").casefold()


def _any_key(value: Any) -> tuple[bool, Any]:
    return (False, value) if isinstance(value, int | float) else (True, str(value).casefold())


def all_items(finding: Finding) -> list[Item]:
    """All rows that passed, on the page or not."""
    return [(kind, row) for kind, rows in finding.every for row in rows]


def chosen_columns(query: Query, provider: Provider) -> tuple[list[Choice], list[Choice]]:
    """The columns to show, in the provider's order, and the aggregates among those asked for.

    Without any, those that the provider shows by itself. Source: sections 14.2 and 14.3; firm.
    """
    choices = query.choices()
    aggregates = [choice for choice in choices if choice.functions]
    plain = {choice.column.lower(): choice for choice in choices if not choice.functions}
    if not choices:
        return [Choice(column.name, column.name, 0) for column in provider.default], []
    places = {name: place for place, name in enumerate(provider.columns)}
    there = [choice for choice in plain.values() if column_of(choice.column, provider) is not None]
    there.sort(key=lambda choice: places.get(choice.column.lower(), len(places)))
    return there, aggregates
