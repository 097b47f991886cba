"""Collections and archives over REST: the rows of a provider, of a parent, of a selection, as the query wants them.

Source: behaviour, section 14; rule 8 of the study of entities.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mockso.archive import envelope
from mockso.archive.columns import provider_of
from mockso.archive.lookup import provider_for, restriction_of
from mockso.archive.predicates import FAMILIES
from mockso.archive.request import Query, read_options
from mockso.contract.catalogue import Contract
from mockso.contract.model import Confidence, Operation
from mockso.entities import members, providers
from mockso.entities.aggregates import aggregate
from mockso.entities.dynamic import describe, find_dynamic, is_dynamic, of_table
from mockso.entities.find import Finding, Item, chosen_columns, find_rows, selection_rows
from mockso.entities.plans import Plan
from mockso.entities.readings import Reading, Row
from mockso.entities.verbs import NoRowError, Verb, Work
from mockso.entities.wrongqueries import refuse_wrong
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply
from mockso.formats.dates import Sort, to_zone
from mockso.formats.languages import requested_language, translate
from mockso.formats.zones import Zone, base_zone, read_zone_header, requested_zone
from mockso.state.rows import Draft

_ARCHIVE = "/api/v1/Archive/"
_MEMBERS = "v1SelectionEntity_GetSelectionMembersArchiveRows"


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of a collection or of a named provider; none for the list of providers."""
    if not operation.is_archive or operation.path in ("/api/v1/Archive", "/api/v1/Archive/"):
        return None
    named = operation.path.startswith(_ARCHIVE)
    is_members = operation.id == _MEMBERS
    if not (named or operation.archive or is_members):
        return None
    parts = operation.path.split("/")[3:]
    parent = contract.kinds.of_resource(parts[0]) if len(parts) > 1 and not named else None
    own = provider_of(operation.archive or "", contract)
    kinds = providers.kinds_of(own) if own is not None else ()
    kind = parent or contract.kinds.get(next(iter(kinds), "Contact"))
    key = next((p.name for p in operation.parameters if p.location == "path"), "") if parent else ""
    verb = "selection_members" if is_members else "archive"
    return Plan(verb, 8, kind, key=key, subject=operation.archive or "") if kind is not None else None


def archive(work: Work, rows: Draft) -> Any:
    """The rows of a provider's kinds, those of the parent where the address names one; or its columns."""
    name = work.plan.subject or str(next(iter(work.call.lookup.path_arguments.values()), ""))
    provider = provider_for(name, work.contract)
    operation = work.call.lookup.operation
    assert operation is not None
    if envelope.asks_for_columns(work.call, operation):
        columns = describe(provider, rows)
        return Reply(
            operation.success, {str(column["Name"]): column for column in columns}, fidelity="likely"
        )
    query = read_options(name, _options(work))
    if is_dynamic(provider):
        query = of_table(query, provider, rows)
        return _reply(work, find_dynamic(work, rows, query, provider), query)
    if not work.plan.key:
        return _reply(work, find_rows(work, rows, query, provider), query)
    parent = work.argument(work.plan.key)
    if rows.get(work.kind.name, parent) is None:
        raise NoRowError(work.kind.name, parent)
    kinds = providers.kinds_of(provider)
    if provider.name == "ContactProjects" and work.kind.name == "Project":
        kinds = ("Contact",)  # one provider for both directions
    there = ((kind, work.contract.kinds.get(kind)) for kind in kinds)
    below = {
        name: providers.rows_below(work.kind, parent, kind, provider, rows)
        for name, kind in there
        if kind is not None
    }
    return _reply(work, find_rows(work, rows, query, provider, below), query)


def selection_members(work: Work, rows: Draft) -> Any:
    """The rows that are members of a selection."""
    key = work.argument(work.plan.key)
    selection = rows.get("Selection", key)
    if selection is None:
        raise NoRowError("Selection", key)
    kind = work.contract.kinds.get(members.target_of(selection))
    assert kind is not None
    provider = provider_for(providers.finder_of(kind.name), work.contract)
    query = read_options(provider.name, _options(work))
    refuse_wrong(work, query)
    below: dict[str, Sequence[Row]] = {kind.name: selection_rows(work, rows, key, kind)}
    return _reply(work, find_rows(work, rows, query, provider, below), query)


VERBS: Mapping[str, Verb] = {"archive": archive, "selection_members": selection_members}
READING = frozenset(VERBS)


def _options(work: Work) -> dict[str, Any]:
    """The options of a call: those of its address or form, and of a POST those in its body."""
    options = {name: value for name, value in work.arguments.items() if name.startswith("$")}
    for name, value in work.call.request.query:
        options.setdefault(name.lower(), value)
    return options


def _reply(work: Work, finding: Finding, query: Query) -> Reply:
    operation = work.call.lookup.operation
    assert operation is not None
    options = _options(work)
    mode = str(options.get("$mode") or "").lower()
    columns, aggregates = chosen_columns(query, finding.provider)
    names = {choice.text: choice.column for choice in columns}
    finding.is_asked = bool(columns) and bool(query.select.value)
    write = full_row if mode == "full" else slim_row
    value = [write(finding, item, names) for item in finding.items]
    if aggregates:
        value = aggregate(finding, aggregates, value, query)
    if str(options.get("$jsonsafe") or "").lower() == "true":
        value = [envelope.safe_names(row) for row in value]
    headers = hint_of(finding)
    zone = _zone(work)
    if zone is not None and mode != "full":
        value = [_in_zone(row, names, finding, zone) for row in value]
        headers = (*headers, ("SO-TimeZone", zone.zone.code))
    tag = requested_language(work.call.request)
    if tag:
        value = translate(value, tag)
    count = finding.total if _wants_count(operation, options) else None
    link, seen = None, (query.skip or 0) + len(finding.items)
    if work.view.settings.odata_next_link == "on" and query.top and seen < finding.total:
        link = envelope.next_link(work.call.request, seen)
    body = envelope.rows_envelope(value, work.call.request, work.view.online, count, link)
    fidelity: Confidence = "assumed" if finding.empty or aggregates else "likely"
    return Reply(operation.success, body, headers, fidelity=fidelity)


def _wants_count(operation: Operation, options: Mapping[str, Any]) -> bool:
    """Whether an answer says how many rows there are: collections do not have the option, and ignore it as any."""
    known = operation.method == "POST" or any(each.name == "$inlineCount" for each in operation.parameters)
    return known and str(options.get("$inlinecount") or "false").lower() not in ("false", "none")


@dataclass(frozen=True)
class _Zone:
    """The zone that a caller wants dates in, and the one they are stored in."""

    base: Zone
    zone: Zone
    offsets: bool


def _zone(work: Work) -> _Zone | None:
    header = read_zone_header(work.call.request.headers.get("SO-TimeZone"))
    base = base_zone(work.view.settings.base_timezone)
    zone = requested_zone(header, base)
    return None if header is None or zone is None else _Zone(base, zone, header.offsets)


def _in_zone(row: dict[str, Any], names: Mapping[str, str], finding: Finding, zone: _Zone) -> dict[str, Any]:
    """A row with its dates in the caller's zone. Source: section 11.2; that archives heed it is likely."""
    changed = {}
    for name, column in names.items():
        if FAMILIES.get(restriction_of(column, finding.provider)) == "time" and isinstance(
            row.get(name), str
        ):
            changed[name] = to_zone(row[name], _sort_of(column), zone.base, zone.zone, zone.offsets)
    return row | changed


def _sort_of(column: str) -> Sort:
    leaf = column.rpartition("/")[2].lower()
    if any(word in leaf for word in ("registered", "updated", "created")):
        return "stamp"
    return "birthday" if leaf.startswith("birth") else "ordinary"


def hint_of(finding: Finding) -> tuple[tuple[str, str], ...]:
    """The header that names the columns without data; none where all have some."""
    if not finding.empty:
        return ()
    names = list(finding.empty)
    more = f" and {len(names) - 8} more" if len(names) > 8 else ""
    text = f"no data in mockso for the columns {', '.join(names[:8])}{more}: they are empty"
    return (("X-Mockso-Hint", header_text(text)),)


def slim_row(finding: Finding, item: Item, names: Mapping[str, str]) -> dict[str, Any]:
    """A row with the columns of `names`, which maps the name in the answer to the column."""
    kind, row = item
    values = {text: finding.reading(kind, column).shown(row) for text, column in names.items()}
    return envelope.slim_row(row[0], providers.entity_name(kind.name, finding.provider), values)


def full_row(finding: Finding, item: Item, names: Mapping[str, str]) -> dict[str, Any]:
    """A row of `$mode=Full`."""
    kind, row = item
    readings = {text: finding.reading(kind, column) for text, column in names.items()}
    values = {text: (_raw_value(reading, row), reading.shown(row)) for text, reading in readings.items()}
    return envelope.full_row(row[0], providers.entity_name(kind.name, finding.provider), values)


def _raw_value(reading: Reading, row: Row) -> Any:
    value = reading.raw(row)
    return reading.shown(row) if value is None else value


def agent_row(finding: Finding, item: Item, names: Mapping[str, str]) -> dict[str, Any]:
    """A row of an agent's answer."""
    kind, row = item
    values = {text: finding.reading(kind, column).shown(row) for text, column in names.items()}
    return envelope.agent_row(row[0], providers.entity_name(kind.name, finding.provider), values)
