"""Rows of collections and archives: the tenant's rows of a provider's kind, below a parent where one is named.

Rule 8 without its query language: columns by name as far as a kind has them, `$top` and `$skip`, and of
`$filter` tests joined by `and`; a filter of another form is not applied, which the answer says in a header.
Source: behaviour, sections 14.1 to 14.3; study of entities, section d3.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from mockso.archive.envelope import rows_envelope
from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Operation
from mockso.entities import members
from mockso.entities.columns import Column, Columns
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, NoRowError, Verb, Work
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

_ARCHIVE = "/api/v1/Archive/"

# Kinds of a provider's rows, by the beginning of its name; the longest counts. Providers of other names have
# no rows. Source: the entities that the providers' pages name (likely).
_ROOTS = {
    "contact": ("Contact",),
    "findcontact": ("Contact",),
    "simplecontact": ("Contact",),
    "contactactivity": ("Appointment", "Document", "Sale"),
    "contactprojects": ("Project",),
    "contactperson": ("Contact", "Person"),
    "person": ("Person",),
    "simpleperson": ("Person",),
    "personactivity": ("Appointment", "Document", "Sale"),
    "personprojects": ("Project",),
    "personrelation": ("ContactRelation",),
    "appointment": ("Appointment",),
    "findappointment": ("Appointment",),
    "simpleappointment": ("Appointment",),
    "diaryappointment": ("Appointment",),
    "checklistappointment": ("Appointment",),
    "sale": ("Sale",),
    "findsale": ("Sale",),
    "simplesale": ("Sale",),
    "saleactivity": ("Appointment", "Document"),
    "saleguide": ("Appointment", "Document"),
    "salehistory": (),
    "saletype": (),
    "salestakeholder": ("SaleStakeholder",),
    "project": ("Project",),
    "findproject": ("Project",),
    "simpleproject": ("Project",),
    "projectactivity": ("Appointment", "Document", "Sale"),
    "projectguide": ("Appointment", "Document"),
    "projectmember": ("ProjectMember",),
    "document": ("Document",),
    "finddocument": ("Document",),
    "simpledocument": ("Document",),
    "ticket": ("Ticket",),
    "findticket": ("Ticket",),
    "simpleticket": ("Ticket",),
    "ticketmessage": ("TicketMessage",),
    "selection": ("Selection",),
    "findselection": ("Selection",),
    "simpleselection": ("Selection",),
    "relation": ("ContactRelation",),
    "product": ("Product",),
    "pricelist": ("PriceList",),
    "quoteline": ("QuoteLine",),
    "findquoteline": ("QuoteLine",),
    "quoteconnection": ("QuoteConnection",),
    "chatsession": ("ChatSession",),
    "allusers": ("Associate",),
    "internalusers": ("Associate",),
    "role": ("Role",),
    "foreignkeys": ("ForeignApp",),
    "ejscripts": ("CRMScript",),
    "crmscripts": ("CRMScript",),
    "eventhandler": ("TriggerScript",),
    "newsfeeditem": ("NewsFeedItem",),
    "systemevents": ("SystemEvent",),
    "consentpurpose": ("ConsentPurpose",),
    "webhook": (),
}

# Names that rows are called by, where it is not the kind's. Recorded: contact, person, project.
_ENTITY_NAMES = {"ContactRelation": "relation", "Associate": "associate", "CRMScript": "ejscript"}

Item = tuple[Kind, Key, Value]


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of a collection or of a named provider; none for lists of providers and of columns."""
    if not operation.is_archive or operation.path.endswith("/$metadata"):
        return None
    named = operation.path.startswith(_ARCHIVE)
    is_members = operation.id == "v1SelectionEntity_GetSelectionMembersArchiveRows"
    if not (named or operation.archive or is_members):
        return None
    parts = operation.path.split("/")[3:]
    parent = contract.kinds.of_resource(parts[0]) if len(parts) > 1 and not named else None
    kind = parent or contract.kinds.get((kinds_of(operation.archive or "") or ("Contact",))[0])
    key = next((p.name for p in operation.parameters if p.location == "path"), "") if parent else ""
    verb = "selection_members" if is_members else "archive"
    return Plan(verb, 8, kind, key=key, subject=operation.archive or "") if kind is not None else None


def kinds_of(provider: str) -> tuple[str, ...] | None:
    """The kinds of a provider's rows; empty for one without rows, None for one that is not known here."""
    folded = provider.lower()
    known = [name for name in _ROOTS if folded.startswith(name)]
    return _ROOTS[max(known, key=len)] if known else None


# --- verbs --------------------------------------------------------------------------------------


def archive(work: Work, rows: Draft) -> Any:
    """The rows of a provider's kinds, those of the parent where the address names one."""
    options = _options(work)
    if str(options.get("$metadata") or "false").lower() != "false":
        return ELSEWHERE
    provider = work.plan.subject or str(next(iter(work.call.lookup.path_arguments.values()), ""))
    kinds = kinds_of(provider.partition(":")[0])
    if provider == "ContactProjects" and work.kind.name == "Project":
        kinds = ("Contact",)  # one provider for both directions
    found: list[Item] = []
    parent = work.argument(work.plan.key) if work.plan.key else None
    if parent is not None and rows.get(work.kind.name, parent) is None:
        raise NoRowError(work.kind.name, parent)
    for name in _entities(options, kinds or ()):
        kind = work.contract.kinds.get(name)
        if kind is None:
            continue
        rows_of_kind = rows.items(name) if parent is None else _below(work, kind, parent, rows)
        found += [(kind, key, row) for key, row in rows_of_kind]
    return _reply(work, rows, found, options)


def selection_members(work: Work, rows: Draft) -> Any:
    """The rows that are members of a selection."""
    key = work.argument(work.plan.key)
    selection = rows.get("Selection", key)
    if selection is None:
        raise NoRowError("Selection", key)
    kind = work.contract.kinds.get(members.target_of(selection))
    assert kind is not None
    records = [row["Record"] for _, row in members.members_of(rows, key)]
    there = ((record, rows.get(kind.name, record)) for record in dict.fromkeys(records))
    found = [(kind, record, row) for record, row in there if row is not None]
    return _reply(work, rows, found, _options(work))


VERBS: Mapping[str, Verb] = {"archive": archive, "selection_members": selection_members}
READING = frozenset(VERBS)


def _options(work: Work) -> dict[str, Any]:
    """The options of a call, in its address or, of a POST, in its body."""
    query = work.call.request.query
    options: dict[str, Any] = {
        name.lower(): item for name, item in work.arguments.items() if name.startswith("$")
    }
    for name in ("$select", "$filter", "$top", "$skip", "$entities", "$metadata"):
        if options.get(name) is None and query.get(name) is not None:
            options[name] = query.get(name)
    return options


def _entities(options: Mapping[str, Any], kinds: tuple[str, ...]) -> Iterable[str]:
    """The kinds that `$entities` chooses; all where it names none of them."""
    wanted = {name.strip().lower() for name in str(options.get("$entities") or "").split(",")}
    return [kind for kind in kinds if entity_name(kind) in wanted] or kinds


def entity_name(kind: str) -> str:
    """The name that a row of a kind has in an archive."""
    return _ENTITY_NAMES.get(kind, kind.lower())


def _below(work: Work, kind: Kind, parent: Key, rows: Draft) -> list[tuple[Key, Value]]:
    """The rows of a kind that belong to a parent: those that refer to it, by any reference of their own."""
    of = work.kind.name
    if (of, kind.name) in (("Contact", "Project"), ("Person", "Project")):
        there = [row.get("ProjectId") for _, row in rows.find("ProjectMember", f"{of}Id", parent)]
        return _get_all(rows, "Project", there)
    if (of, work.plan.subject) == ("Project", "ContactProjects"):
        return _get_all(
            rows,
            kind.name,
            [row.get("ContactId") for _, row in rows.find("ProjectMember", "ProjectId", parent)],
        )
    if (of, kind.name) == ("Contact", "Ticket"):
        persons = [key for key, _ in rows.find("Person", "Contact", parent)]
        return [item for person in persons for item in rows.find("Ticket", "Person", person)]
    if (of, kind.name) == ("ChatTopic", "ChatSession"):
        return rows.find(kind.name, "TopicId", parent)
    if (of, kind.name) == ("PriceList", "Product"):
        price_list = rows.get(of, parent) or {}
        return rows.find(kind.name, "ERPPriceListKey", price_list.get("ERPPriceListKey", ""))
    names = [name for name, target in (*kind.references.items(), *kind.numbers.items()) if target == of]
    own = [name for name in names if name.removesuffix("Id") == of] or names
    found = {key: row for name in own for key, row in rows.find(kind.name, name, parent)}
    return sorted(found.items(), key=lambda item: (type(item[0]) is str, item[0]))


def _get_all(rows: Draft, kind: str, keys: Iterable[Any]) -> list[tuple[Key, Value]]:
    there = ((key, rows.get(kind, key)) for key in dict.fromkeys(keys) if key)
    return [(key, row) for key, row in there if row is not None]


def _reply(work: Work, rows: Draft, found: list[Item], options: Mapping[str, Any]) -> Reply:
    columns = work.contract.derive(Columns)
    headers: tuple[tuple[str, str], ...] = ()
    text = str(options.get("$filter") or "")
    if text:
        fitting = _apply(text, found, columns, rows)
        if fitting is None:
            hint = f"the filter was not applied, all rows are here: {text[:80]}"
            headers = (("X-Mockso-Hint", header_text(hint)),)
        else:
            found = fitting
    skip, top = _count(options.get("$skip")), _count(options.get("$top"))
    page = found[skip or 0 :]
    page = page if top is None else page[:top]
    names = [name.strip() for name in str(options.get("$select") or "").split(",") if name.strip()]
    value = [_row(columns, rows, kind, key, row, names) for kind, key, row in page]
    body = rows_envelope(value, work.call.request, work.view.online)
    operation = work.call.lookup.operation
    assert operation is not None
    return Reply(operation.success, body, headers, fidelity="assumed" if headers else "likely")


def _apply(text: str, found: list[Item], columns: Columns, rows: Draft) -> list[Item] | None:
    """The rows that a filter lets through; None for a filter that is not understood."""
    tests = _tests(text)
    if tests is None:
        return None
    if any(name.lower() == "getnorows" for name, _, _ in tests):
        return []
    tests = [test for test in tests if test[0].lower() != "getallrows"]
    fitting = []
    for kind, key, row in found:
        for name, operator, wanted in tests:
            column = columns.find(kind, name)
            if column is None:
                return None
            if not _fits(column, operator, wanted, key, row, rows):
                break
        else:
            fitting.append((kind, key, row))
    return fitting


def _count(value: Any) -> int | None:
    text = str(value) if value is not None else ""
    return int(text) if text.isdigit() else None


def _row(columns: Columns, rows: Draft, kind: Kind, key: Key, row: Value, names: list[str]) -> dict[str, Any]:
    members: dict[str, Any] = {"PrimaryKey": str(key), "EntityName": entity_name(kind.name)}
    for name in names:
        column = columns.find(kind, name)
        members[name] = column(key, row, rows) if column is not None else columns.empty(name)
    return members


# --- filters ------------------------------------------------------------------------------------

Test = tuple[str, str, str]

_TEST = re.compile(
    r"\s*([A-Za-z_][\w/:.-]*)\s*(?:\s(eq|is|equals|begins|contains)\s|(=))\s*"
    r"(?:'((?:[^'\\]|\\.)*)'|([^\s'()]+))\s*(?:\band\b|\Z)",
    re.IGNORECASE,
)


def _tests(text: str) -> list[Test] | None:
    """Column, operator and value of each test of a filter; None for a filter of another form."""
    tests: list[Test] = []
    place = 0
    while place < len(text):
        match = _TEST.match(text, place)
        if match is None:
            return None
        quoted = match[4]
        value = re.sub(r"\\(.)", r"\1", quoted) if quoted is not None else match[5]
        tests.append((match[1], (match[2] or "eq").lower(), value))
        place = match.end()
    return tests


def _fits(column: Column, operator: str, wanted: str, key: Key, row: Value, rows: Draft) -> bool:
    value = column(key, row, rows)
    text, wanted = str(value).lower(), wanted.lower()
    match operator:
        case "begins":
            return text.startswith(wanted)
        case "contains":
            return wanted in text
    if isinstance(value, bool):
        return wanted in (("true", "1") if value else ("false", "0"))
    if isinstance(value, int | float):
        try:
            return float(wanted) == value
        except ValueError:
            return False
    return text == wanted
