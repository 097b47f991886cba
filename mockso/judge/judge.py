"""Request + contract -> verdict: every fault of a call, in the order the server would meet them.

Judging answers nothing and stops nothing: a 401 must not hide a misspelt property. Which fault becomes
the refusal is refuse.py's affair.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Iterable
from typing import Any

from mockso.contract.catalogue import Contract, Lookup
from mockso.contract.model import NOTHING, Json, Nothing, Operation, TypeRef
from mockso.contract.plain import PlainChecks, plain_text
from mockso.errors import nearest
from mockso.exchange.address import PREFIX, host_name, is_at_home, is_elsewhere
from mockso.exchange.call import Verdict
from mockso.exchange.message import Request
from mockso.formats.codec import family
from mockso.formats.select import parse_select
from mockso.judge.body import named, read_body, takes_options
from mockso.judge.faults import Faults
from mockso.state.tenant import Tenant

# Query options the server knows everywhere, documented for the operation or not.
COMMON_OPTIONS = frozenset({"$select", "$format"})


# The settings that switch a scheme off onsite. Source: section 2.1.
SWITCHES = {
    "Basic": "authorize_with_username",
    "SOTicket": "authorize_with_ticket",
    "Negotiate": "authorize_with_implicit",
}


# Source: reference, "Blocked in Online for safety"; sections 2.5 and 15.3.
BLOCKED_ONLINE = frozenset({"v1User_GetCurrentUser"})


class Judge:
    """Judges calls by contracts; keeps what it compiled of them. Threads may share it."""

    def __init__(self) -> None:
        self._plain: dict[int, PlainChecks] = {}
        self._schemas: dict[int, Any] = {}
        self._lock = threading.Lock()

    def plain(self, contract: Contract) -> PlainChecks:
        """The quick checks of a contract."""
        checks = self._plain.get(id(contract))
        return checks or self._plain.setdefault(id(contract), PlainChecks(contract))

    def schemas(self, contract: Contract) -> Any:
        """The marshmallow schemas of a contract (`mockso.contract.schemas.Schemas`)."""
        schemas = self._schemas.get(id(contract))
        if schemas is None:
            # marshmallow takes 100 ms to import; a process that sees only plainly valid calls never does.
            from mockso.contract.schemas import Schemas

            with self._lock:
                schemas = self._schemas.setdefault(id(contract), Schemas(contract))
        return schemas

    def judge(self, request: Request, lookup: Lookup, tenant: Tenant) -> Verdict:
        """Every fault of a call."""
        faults = Faults(lookup.operation)
        _judge_address(request, lookup, faults)
        _judge_host(request, tenant, faults)
        caller = _judge_credential(request, lookup, tenant, faults)
        if not request.to_environment:
            _judge_tenant(tenant, faults)
        operation = lookup.operation
        if operation is None:
            return Verdict(tuple(faults.violations), {}, NOTHING, caller)
        _judge_restriction(operation, tenant, faults)
        arguments = self._judge_arguments(request, lookup, _asked(request, lookup, operation), faults)
        if operation.archive or operation.group == "Archive":
            from mockso.archive.check import judge_query  # only callers of archives pay for it

            judge_query(operation, lookup.path_arguments, arguments, lookup.contract, tenant, faults)
        _judge_select(request, lookup.contract, operation, faults)
        _judge_zone(request, tenant, faults)
        _judge_conditions(request, operation, faults)
        body = self._judge_body(request, lookup.contract, operation, tenant, faults)
        return Verdict(tuple(faults.violations), arguments, body, caller)

    def _judge_arguments(
        self, request: Request, lookup: Lookup, operation: Operation, faults: Faults
    ) -> dict[str, Json]:
        named = {p.name.lower(): p for p in operation.parameters if p.location == "query"}
        given: dict[str, str | list[str]] = dict(lookup.path_arguments)
        for name, text in request.query if operation is lookup.operation else _options(request):
            parameter = named.get(name.lower())
            if parameter is None:
                if name.lower() not in COMMON_OPTIONS:
                    near = nearest(name, [p.name for p in named.values()])
                    hint = f" Did you mean {near[0]!r}?" if near else ""
                    faults.add(
                        "unknown-parameter",
                        f"query {name}",
                        f"{operation.id} has no such parameter, the server ignores it.{hint}",
                        severity="warning",
                        got=name,
                        nearest=near[0] if near else "",
                    )
            elif parameter.name not in given:
                given[parameter.name] = text
            else:
                earlier = given[parameter.name]
                given[parameter.name] = [*(earlier if isinstance(earlier, list) else [earlier]), text]
                if parameter.type.kind != "list":
                    faults.add(
                        "repeated-parameter",
                        f"query {parameter.name}",
                        "it is given more than once; the last value counts",
                        severity="warning",
                    )
        for parameter in operation.parameters:
            if parameter.required and parameter.location == "query" and given.get(parameter.name, "") == "":
                faults.add(
                    "missing-parameter",
                    f"query {parameter.name}",
                    f"a required parameter is missing; add ?{parameter.name}=...",
                    expected=str(parameter.type),
                )
                given.pop(parameter.name, None)
        kinds = {p.name: p.type for p in operation.parameters if p.location in ("path", "query")}
        plain = {name: plain_text(text, kinds[name]) for name, text in given.items() if isinstance(text, str)}
        if len(plain) == len(given) and None not in plain.values():
            return plain
        arguments, departures = self.schemas(lookup.contract).read_arguments(operation, given)
        for departure in departures:
            name = str(departure.path[0])
            place = "path" if name in lookup.path_arguments else "query"
            faults.add_departure(f"{place} {name}", departure, operation.source)
        return dict(arguments)

    def _judge_body(
        self, request: Request, contract: Contract, operation: Operation, tenant: Tenant, faults: Faults
    ) -> Json | bytes | Nothing:
        value = read_body(request, contract, operation, tenant, faults)
        wanted = operation.body
        if wanted is None or value is NOTHING or isinstance(value, bytes):
            return value  # images and documents sent raw where text is an alternative
        if value is None and operation.body_required:
            faults.add(
                "missing-body",
                "body",
                f"null, but a body is required: {named(wanted)}",
                expected=str(wanted),
            )
            return None
        if _MARK.search(request.body):
            _judge_encoded(value, faults)
        if operation.group == "DatabaseTable":
            from mockso.judge.mass import judge_mass  # rare

            judge_mass(value, tenant, faults)
        return self.judge_value(value, wanted, contract, tenant, faults, family(request.media_type))

    def judge_value(
        self,
        value: Json,
        wanted: TypeRef,
        contract: Contract,
        tenant: Tenant,
        faults: Faults,
        form: str = "json",
    ) -> Json:
        """Check a decoded body by its type; the value as the server reads it.

        Places are told in the terms of `form`: body.Persons[0].Firstname, in XML the XPath below body.
        """
        if wanted.kind == "patch":
            from mockso.formats.patch import check_patch  # rare, and it needs the schemas

            departures = check_patch(value, wanted, self.schemas(contract))
        elif self.plain(contract).of(wanted)(value):
            return value
        else:
            departures = self.schemas(contract).check(value, wanted)
        from mockso.contract.schemas import repaired

        for departure in departures:
            severity = departure.severity
            if departure.rule == "unknown-property" and tenant.settings.unknown_properties == "reject":
                severity = "error"
            source = departure.source or _source_of(departure.path, wanted, contract) or faults.source
            where = _place("body", departure.path)
            if form == "xml":
                from mockso.formats.xml import place_in

                where = "body" + place_in(departure.path, wanted, contract)
            faults.add_departure(where, departure, source, severity)
        return repaired(value, departures)


def _asked(request: Request, lookup: Lookup, operation: Operation) -> Operation:
    """The operation whose options a call may give: those of an archive are documented for its GET."""
    if not takes_options(request, operation):
        return operation
    return lookup.contract.find("GET", request.path).operation or operation


def _options(request: Request) -> Iterable[tuple[str, str]]:
    """The options of a call, those of its form behind those of its address."""
    from urllib.parse import parse_qsl  # rare

    form = parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True)
    return (*request.query, *form)


def _judge_address(request: Request, lookup: Lookup, faults: Faults) -> None:
    if lookup.operation is not None:
        return
    if lookup.allowed:
        faults.add(
            "unknown-method",
            "method",
            f"{request.path} has {', '.join(lookup.allowed)}, not {request.method}",
            expected=", ".join(lookup.allowed),
            got=request.method,
            nearest=lookup.allowed[0],
        )
        return
    near = lookup.suggestions[0] if lookup.suggestions else ""
    faults.add(
        "unknown-address",
        "address",
        f"no operation has the address {request.path!r}." + (f" Did you mean {near!r}?" if near else ""),
        got=request.path,
        nearest=near,
    )


def _judge_host(request: Request, tenant: Tenant, faults: Faults) -> None:
    if tenant.endpoint and is_at_home(request.tenant, tenant.endpoint, request.base):
        return
    if is_elsewhere(request.base):
        where = f"{tenant.name} did not move to {PREFIX}{tenant.name}; its state tells where it is"
        faults.add("wrong-host", "address", where, got=request.base)
        return
    hosts = tenant.settings.hosts
    if not hosts or request.to_environment:
        return
    host = host_name(request.headers.get("Host"))
    if host not in {known.strip("[]").lower() for known in hosts}:
        faults.add(
            "wrong-host",
            "header Host",
            f"{host!r} does not own this tenant; {', '.join(hosts)} do",
            got=host,
        )


def _judge_credential(request: Request, lookup: Lookup, tenant: Tenant, faults: Faults) -> str:
    if lookup.public:
        return ""
    scheme, fault = tenant.credentials.check(request, online=tenant.online)
    if fault is not None:
        faults.add(fault.rule, fault.where, fault.message)
        return ""
    switch = "" if tenant.online else SWITCHES.get(scheme, "")
    if switch and not getattr(tenant.settings, switch):
        faults.add("scheme-off", "header Authorization", f"{scheme} is switched off here by {switch}")
        return ""
    return scheme


def _judge_tenant(tenant: Tenant, faults: Faults) -> None:
    if tenant.state in ("OfflineMaintenance", "Suspended"):
        faults.add(
            "tenant-not-running",
            "tenant",
            f"{tenant.name} is in state {tenant.state}",
            got=tenant.state,
        )


def _judge_restriction(operation: Operation, tenant: Tenant, faults: Faults) -> None:
    restricted = operation.restricted
    if tenant.online and operation.id in BLOCKED_ONLINE:
        faults.add(
            "online-blocked",
            "operation",
            f"{operation.id} is blocked in Online; ask User/currentPrincipal or User/currentAssociate",
        )
    if restricted is None or not tenant.online or tenant.granted(restricted.agent):
        return
    why = {
        "never": "partner applications never get it",
        "erp": "only ERP applications get it",
        "internal": "only the vendor's own applications get it",
        "on-request": "an application gets it on request",
    }[restricted.kind]
    faults.add(
        "online-restricted",
        "operation",
        f"{operation.id} is Online restricted: it needs the {restricted.agent} agent, {why}. "
        f"To try it as if granted: --grant {restricted.agent}",
        source=restricted.source,
        expected=f"grant of {restricted.agent}",
    )


def _judge_select(request: Request, contract: Contract, operation: Operation, faults: Faults) -> None:
    """Names in $select that the answer does not have; columns of archives are not known to the contract."""
    text, kind = request.query.get("$select"), operation.result
    if kind is not None and kind.kind == "list":
        kind = kind.item
    if not text or kind is None or kind.kind != "carrier" or kind.name.endswith(".ODataSlimResponse"):
        return
    typedef = contract.type(kind.name)
    known = {name.lower(): name for name in typedef.by_name}
    for name in parse_select(text):
        if name not in known and not typedef.open:
            near = nearest(name, typedef.by_name)
            hint = f" Did you mean {near[0]!r}?" if near else ""
            faults.add(
                "unknown-column",
                "query $select",
                f"{typedef.short_name} has no property {name!r}, the server ignores it.{hint}",
                severity="warning",
                source=typedef.source,
                got=name,
                nearest=near[0] if near else "",
            )


def _judge_zone(request: Request, tenant: Tenant, faults: Faults) -> None:
    """A zone in SO-TimeZone that is not known here."""
    text = request.headers.get("SO-TimeZone")
    if not text:
        return
    from mockso.formats.zones import (  # only callers who ask for a zone pay for it
        find_zone,
        read_header,
        zones,
    )

    asked = read_header(text)
    if asked is None or not asked.zone or find_zone(asked.zone) is not None:
        return
    codes = [zone.code for zone in zones()]
    near = nearest(asked.zone.upper(), codes)
    faults.add(
        "unknown-zone",
        "header SO-TimeZone",
        f"{asked.zone!r} is no zone known here; known are {', '.join(codes)}",
        severity="error" if tenant.settings.unknown_timezone == "refuse" else "warning",
        expected="the id or code of a zone",
        got=asked.zone,
        nearest=near[0] if near else "",
    )


def _judge_conditions(request: Request, operation: Operation, faults: Faults) -> None:
    """Conditions that are no dates, where conditions count."""
    names = [name for name in ("If-Modified-Since", "If-Unmodified-Since") if name in request.headers]
    if not names:
        return
    from mockso.exchange.conditions import applies
    from mockso.exchange.headers import http_date

    for name in names:
        text = request.headers.get(name)
        if applies(operation) and http_date(text, request.at) is None:
            faults.add(
                "http-date",
                f"header {name}",
                f"{text[:40]!r} is no HTTP date, the server ignores it; send 'Sun, 06 Nov 1994 08:49:37 GMT'",
                severity="warning",
                got=text[:40],
            )


_MARK = re.compile(rb"\[[A-Z]{1,2}:")


def _judge_encoded(value: Json, faults: Faults) -> None:
    """Custom fields such as "[D:2026-12-31]", whose content does not fit its mark."""
    from mockso.formats.custom_fields import misfits  # rare

    for path, text in misfits(value):
        faults.add(
            "encoded-value",
            _place("body", path),
            f"{text[:40]!r} does not fit its mark and is plain text to the server; "
            "dates are [D:MM/dd/yyyy], numbers [I:5] and [F:1.5], lists [A:3,4]",
            severity="warning",
            got=text[:40],
        )


def _place(root: str, path: Iterable[str | int]) -> str:
    return root + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)


def _source_of(path: tuple[str | int, ...], kind: TypeRef | None, contract: Contract) -> str:
    """The place in the documentation of the innermost property on a path through a type."""
    source = ""
    for part in path:
        if kind is None:
            break
        if kind.kind == "carrier":
            typedef = contract.type(kind.name)
            field = typedef.by_name.get(str(part))
            source = typedef.source_of(str(part)) if field else typedef.source
            kind = field.type if field else None
        else:
            kind = kind.item
    if not path and kind is not None and kind.kind == "carrier":
        source = contract.type(kind.name).source
    return source
