"""Judging of parameters: arguments of the address and the query, $select, time zone and conditions."""

from __future__ import annotations

from collections.abc import Sequence

from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.model import COMMON_OPTIONS, Json, Operation
from mockso.contract.plain import plain_text
from mockso.errors import did_you_mean, nearest
from mockso.exchange.message import Request
from mockso.formats.codec import FORM_TYPE
from mockso.judge.faults import Faults


def takes_options(request: Request, operation: Operation) -> bool:
    """Whether the body is a form with the options of an archive. Source: section 14.1."""
    return operation.method == "POST" and request.media_type == FORM_TYPE and operation.is_archive


def judge_arguments(
    request: Request, lookup: Lookup, operation: Operation, faults: Faults
) -> dict[str, Json]:
    """The path and query arguments of a call by the documented name, each read as its type."""
    options: Sequence[tuple[str, str]] = request.query.pairs
    if takes_options(request, operation):
        # The options of an archive are documented for its GET.
        operation = lookup.contract.find("GET", request.path).operation or operation
        options = _options(request) if operation is not lookup.operation else options
    texts = _texts(options, lookup, operation, faults) if options else dict(lookup.path_arguments)
    for parameter in operation.required_arguments:
        if texts.get(parameter.name, "") == "":
            faults.add(
                "missing-parameter",
                f"query {parameter.name}",
                f"a required parameter is missing; add ?{parameter.name}=...",
                expected=str(parameter.type),
            )
            texts.pop(parameter.name, None)
    if not texts:
        return {}
    kinds = {p.name: p.type for p in operation.parameters if p.location in ("path", "query")}
    plain = {name: plain_text(text, kinds[name]) for name, text in texts.items() if isinstance(text, str)}
    if len(plain) == len(texts) and None not in plain.values():
        return plain
    from mockso.contract.schemas import Schemas

    arguments, departures = lookup.contract.derive(Schemas).read_arguments(operation, texts)
    for departure in departures:
        name = str(departure.path[0])
        place = "path" if name in lookup.path_arguments else "query"
        faults.add_departure(f"{place} {name}", departure, operation.source)
    return dict(arguments)


def _options(request: Request) -> Sequence[tuple[str, str]]:
    from urllib.parse import parse_qsl

    form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return (*request.query, *form)


def _texts(
    options: Sequence[tuple[str, str]], lookup: Lookup, operation: Operation, faults: Faults
) -> dict[str, str | list[str]]:
    """The arguments as they were sent, by documented name; a list where one was sent more than once."""
    parameters = {p.name.lower(): p for p in operation.parameters if p.location == "query"}
    texts: dict[str, str | list[str]] = dict(lookup.path_arguments)
    for name, text in options:
        # Source: the framework binds an empty argument as if it were not there (likely).
        parameter = parameters.get(name.lower())
        if parameter is None:
            if name.lower() not in COMMON_OPTIONS:
                near = nearest(name, [p.name for p in parameters.values()])
                faults.add(
                    "unknown-parameter",
                    f"query {name}",
                    f"{operation.id} has no such parameter, the server ignores it.{did_you_mean(name, near)}",
                    severity="warning",
                    got=name,
                    nearest=near[0] if near else "",
                )
        elif not text:
            continue
        elif parameter.name not in texts:
            texts[parameter.name] = text
        else:
            earlier = texts[parameter.name]
            texts[parameter.name] = [*(earlier if isinstance(earlier, list) else [earlier]), text]
            if parameter.type.kind != "list":
                faults.add(
                    "repeated-parameter",
                    f"query {parameter.name}",
                    "it is given more than once; the last value counts",
                    severity="warning",
                )
    return texts


def judge_select(request: Request, contract: Contract, operation: Operation, faults: Faults) -> None:
    """Warn of names in $select that the answer does not have, unless it is an archive's: its columns are
    unknown to the contract."""
    text, kind = request.query.get("$select"), operation.result
    if kind is not None and kind.kind == "list":
        kind = kind.item
    if not text or kind is None or kind.kind != "carrier" or kind.name.endswith(".ODataSlimResponse"):
        return
    typedef = contract.type(kind.name)
    # As they were typed: parse_select folds the names.
    names = {path.strip().strip("/").partition("/")[0].strip(): None for path in text.split(",")}
    for name in filter(None, names):
        if typedef.find_field(name) is None and not typedef.open:
            near = nearest(name, typedef.by_name)
            faults.add(
                "unknown-column",
                "query $select",
                f"{typedef.short_name} has no property {name!r}, the server ignores it."
                f"{did_you_mean(name, near)}",
                severity="warning",
                source=typedef.source,
                got=name,
                nearest=near[0] if near else "",
            )


def judge_zone(request: Request, refuse: bool, faults: Faults) -> None:
    """Add a fault for an unknown zone in SO-TimeZone, an error if `refuse`."""
    text = request.headers.get("SO-TimeZone")
    if not text:
        return
    from mockso.formats.zones import find_zone, read_zone_header, zones

    header = read_zone_header(text)
    if header is None or not header.zone or find_zone(header.zone) is not None:
        return
    codes = [zone.code for zone in zones()]
    near = nearest(header.zone.upper(), codes)
    faults.add(
        "unknown-zone",
        "header SO-TimeZone",
        f"the zone {header.zone!r} is not known here; known are {', '.join(codes)}",
        severity="error" if refuse else "warning",
        expected="the id or code of a zone",
        got=header.zone,
        nearest=near[0] if near else "",
    )


def judge_conditions(request: Request, operation: Operation, faults: Faults) -> None:
    """Warn of If-Modified-Since and If-Unmodified-Since without a date, where conditions count."""
    headers = request.headers
    if headers.names.isdisjoint(("if-modified-since", "if-unmodified-since")):
        return
    from mockso.exchange.conditions import applies, http_date

    for name in ("If-Modified-Since", "If-Unmodified-Since"):
        text = headers.get(name)
        if name in headers and applies(operation) and http_date(text, request.at) is None:
            faults.add(
                "http-date",
                f"header {name}",
                f"{text[:40]!r} is not an HTTP date, the server ignores it; "
                "send 'Sun, 06 Nov 1994 08:49:37 GMT'",
                severity="warning",
                got=text[:40],
            )
