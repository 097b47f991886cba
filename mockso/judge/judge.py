"""Request and contract to a verdict: every fault of a call, in the order the server would meet them.

Judging answers nothing and stops nothing: a 401 must not hide a misspelt property. Which fault becomes
the refusal is decided in `answer/refuse.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.model import NOTHING, Json, Nothing, Operation, TypeRef
from mockso.contract.paths import source_at
from mockso.contract.plain import PlainChecks
from mockso.exchange.call import Verdict
from mockso.exchange.message import Request
from mockso.formats.codec import family
from mockso.judge import access, parameters
from mockso.judge.body import judge_content, place_of, read_body
from mockso.judge.faults import Faults
from mockso.state.tenant import View

if TYPE_CHECKING:
    from mockso.contract.departure import Departure


def judge(request: Request, lookup: Lookup, view: View) -> Verdict:
    """The verdict on a call, with every fault of it."""
    faults = Faults(lookup.operation)
    access.judge_address(request, lookup, faults)
    access.judge_host(request, view, faults)
    caller = access.judge_credential(request, lookup, view, faults)
    if view.status != "Running" and not request.to_environment:
        access.judge_tenant(view, faults)
    operation = lookup.operation
    if operation is None:
        return Verdict(tuple(faults.violations), {}, NOTHING, caller)
    access.judge_restriction(operation, request, view, faults)
    settings = view.settings
    arguments = parameters.judge_arguments(request, lookup, operation, faults)
    if operation.archive or operation.group == "Archive":
        from mockso.archive.check import check_query
        from mockso.judge.owntables import own_fields

        refuse = settings.unknown_provider == "refuse"
        fields = partial(own_fields, view.state.store.rows)
        for where, departure in check_query(operation, lookup, arguments, refuse, fields):
            faults.add_departure(where, departure)
    parameters.judge_select(request, lookup.contract, operation, faults)
    parameters.judge_zone(request, settings.unknown_timezone == "refuse", faults)
    parameters.judge_conditions(request, operation, faults)
    body = _judge_body(request, lookup.contract, operation, view, faults, arguments)
    return Verdict(tuple(faults.violations), arguments, body, caller)


def _judge_body(
    request: Request,
    contract: Contract,
    operation: Operation,
    view: View,
    faults: Faults,
    arguments: Mapping[str, Json],
) -> Json | bytes | Nothing:
    value = read_body(request, contract, operation, view, faults)
    kind = operation.body
    if kind is None or value is None or value is NOTHING or isinstance(value, bytes):
        return value  # images and documents sent raw where text is an alternative
    judge_content(value, request, operation, view, faults)
    if operation.is_agent and operation.group in ("Archive", "Find") and isinstance(value, dict):
        from mockso.archive.check import check_members
        from mockso.judge.owntables import own_fields

        refuse, rows = view.settings.unknown_provider == "refuse", view.state.store.rows
        has_provider = kind.kind != "carrier" or "ProviderName" in contract.type(kind.name).by_name
        fields = partial(own_fields, rows)
        for where, departure in check_members(value, contract, refuse, fields, has_provider=has_provider):
            faults.add_departure(where, departure)
    if view.is_closed and isinstance(value, dict) and not operation.takes_arguments:
        from mockso.judge.references import judge_references

        judge_references(value, operation, contract, view.state.store.rows, faults, arguments)
    departures = check(value, kind, contract)
    if not departures:
        return value
    from mockso.contract.schemas import as_read

    is_xml = family(request.media_type) == "xml"
    for departure in departures:
        severity = departure.severity
        if departure.rule == "unknown-property" and view.settings.unknown_properties == "reject":
            severity = "error"
        source = departure.source or source_at(kind, departure.path, contract) or faults.source
        where = place_of(departure.path)
        if is_xml:
            from mockso.formats.xml import place_in

            where = "body" + place_in(departure.path, kind, contract)
        faults.add_departure(where, departure, source, severity)
    return as_read(value, departures)


def check(value: Json, kind: TypeRef, contract: Contract) -> list[Departure]:
    """The places where a value leaves its type."""
    if kind.kind != "patch" and contract.derive(PlainChecks).of(kind)(value):
        return []
    from mockso.contract.schemas import Schemas
    from mockso.formats.patch import check_patch

    schemas = contract.derive(Schemas)
    return check_patch(value, kind, schemas) if kind.kind == "patch" else schemas.check(value, kind)
