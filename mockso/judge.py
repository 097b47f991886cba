"""Request + contract -> verdict: every fault of a call, in the order the server would meet them.

Judging answers nothing and stops nothing: a 401 must not hide a misspelt property. Which fault becomes
the refusal is refuse.py's affair.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable
from typing import Any

from mockso.codec import Undecodable, decode, family
from mockso.contract.catalogue import Contract, Found
from mockso.contract.model import Json, Operation, TypeRef
from mockso.contract.plain import PlainChecks, plain_text
from mockso.errors import nearest
from mockso.exchange import NOTHING, Nothing, Request, Severity, Stage, Verdict, Violation
from mockso.rules import RULES
from mockso.shape import parse_select
from mockso.tenant import Tenant

# Query options the server knows everywhere, documented for the operation or not.
COMMON_OPTIONS = frozenset({"$select", "$format"})


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

    def judge(self, request: Request, found: Found, tenant: Tenant) -> Verdict:
        """Every fault of a call."""
        faults = _Faults(found.operation)
        _judge_address(request, found, faults)
        _judge_host(request, tenant, faults)
        caller = _judge_credential(request, found, tenant, faults)
        _judge_tenant(tenant, faults)
        operation = found.operation
        if operation is None:
            return Verdict(tuple(faults.found), {}, NOTHING, caller)
        _judge_restriction(operation, tenant, faults)
        arguments = self._judge_arguments(request, found, operation, faults)
        _judge_select(request, found.contract, operation, faults)
        body = self._judge_body(request, found.contract, operation, tenant, faults)
        return Verdict(tuple(faults.found), arguments, body, caller)

    def _judge_arguments(
        self, request: Request, found: Found, operation: Operation, faults: _Faults
    ) -> dict[str, Json]:
        named = {p.name.lower(): p for p in operation.parameters if p.location == "query"}
        given: dict[str, str | list[str]] = dict(found.path_arguments)
        for name, text in request.query:
            parameter = named.get(name.lower())
            if parameter is None:
                if name.lower() not in COMMON_OPTIONS:
                    near = nearest(name, [p.name for p in named.values()])
                    hint = f" Did you mean {near[0]!r}?" if near else ""
                    faults.add(
                        "parameters",
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
                        "parameters",
                        "repeated-parameter",
                        f"query {parameter.name}",
                        "it is given more than once; the last value counts",
                        severity="warning",
                    )
        for parameter in operation.parameters:
            if parameter.required and parameter.location == "query" and given.get(parameter.name, "") == "":
                faults.add(
                    "parameters",
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
        arguments, departures = self.schemas(found.contract).read_arguments(operation, given)
        for departure in departures:
            name = str(departure.path[0])
            place = "path" if name in found.path_arguments else "query"
            faults.depart("parameters", f"{place} {name}", departure, operation.source)
        return dict(arguments)

    def _judge_body(
        self, request: Request, contract: Contract, operation: Operation, tenant: Tenant, faults: _Faults
    ) -> Json | bytes | Nothing:
        limit = tenant.settings.body_limit
        if len(request.body) > limit:
            faults.add(
                "decoding",
                "too-large",
                "body",
                f"the body is over the limit of {limit} bytes (setting body_limit)",
            )
            return NOTHING
        wanted = operation.body
        if wanted is None:
            wanted_form = any(p.location == "form" for p in operation.parameters)
            # Clients send the four bytes "null" where the ids stand in the query; the server accepts it.
            if request.body and not wanted_form and request.body.strip() != b"null":
                faults.add(
                    "body",
                    "unexpected-body",
                    "body",
                    f"{operation.id} takes no body, the server ignores it",
                    severity="warning",
                    got=f"{len(request.body)} bytes",
                )
            return NOTHING
        if not request.body:
            if operation.body_required:
                faults.add(
                    "body",
                    "missing-body",
                    "body",
                    f"a body is required: {_named(wanted)}",
                    expected=str(wanted),
                )
            return NOTHING
        content_type = request.headers.get("Content-Type")
        if not content_type:
            faults.add(
                "media type",
                "no-media-type",
                "header Content-Type",
                "a body needs a Content-Type, for example application/json",
                expected=", ".join(operation.consumes),
            )
            content_type = "application/json"
        elif operation.consumes and not _consumed(request.media_type, operation.consumes):
            faults.add(
                "media type",
                "unsupported-media-type",
                "header Content-Type",
                f"{request.media_type!r} is none of {', '.join(operation.consumes)}",
                expected=", ".join(operation.consumes),
                got=request.media_type,
            )
            return NOTHING
        if wanted == _BINARY:
            return request.body
        try:
            value = decode(request.body, content_type, wanted, contract)
        except Undecodable as error:
            faults.add("decoding", error.rule, "body", error.message)
            return NOTHING
        if isinstance(value, bytes):
            return value  # images and documents sent raw where text is an alternative
        if value is None and operation.body_required:
            faults.add(
                "body",
                "missing-body",
                "body",
                f"null, but a body is required: {_named(wanted)}",
                expected=str(wanted),
            )
            return None
        return self.judge_value(value, wanted, contract, tenant, faults)

    def judge_value(
        self, value: Json, wanted: TypeRef, contract: Contract, tenant: Tenant, faults: _Faults
    ) -> Json:
        """Check a decoded body by its type; the value as the server reads it."""
        if wanted.kind == "patch":
            from mockso.patch import check_patch  # rare, and it needs the schemas

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
            faults.depart("body", _place("body", departure.path), departure, source, severity)
        return repaired(value, departures)


class _Faults:
    """The violations found so far; knows the operation's source, which most of them cite."""

    def __init__(self, operation: Operation | None) -> None:
        self.source = operation.source if operation else ""
        self.found: list[Violation] = []

    def add(
        self,
        stage: Stage,
        rule: str,
        where: str,
        message: str,
        *,
        severity: Severity = "error",
        source: str = "",
        expected: str = "",
        got: str = "",
        nearest: str = "",
    ) -> None:
        known = RULES[rule]
        if not source:
            source = self.source if known.source == "reference" and self.source else known.source
        self.found.append(Violation(stage, severity, where, message, known, source, expected, got, nearest))

    def depart(
        self, stage: Stage, where: str, departure: Any, source: str, severity: Severity | None = None
    ) -> None:
        self.add(
            stage,
            departure.rule,
            where,
            departure.message,
            severity=severity or departure.severity,
            source=source,
            expected=departure.expected,
            got=departure.got,
            nearest=departure.nearest,
        )


def _judge_address(request: Request, found: Found, faults: _Faults) -> None:
    if found.operation is not None:
        return
    if found.allowed:
        faults.add(
            "method",
            "unknown-method",
            "method",
            f"{request.path} has {', '.join(found.allowed)}, not {request.method}",
            expected=", ".join(found.allowed),
            got=request.method,
            nearest=found.allowed[0],
        )
        return
    near = found.suggestions[0] if found.suggestions else ""
    faults.add(
        "address",
        "unknown-address",
        "address",
        f"no operation has the address {request.path!r}." + (f" Did you mean {near!r}?" if near else ""),
        got=request.path,
        nearest=near,
    )


def _judge_host(request: Request, tenant: Tenant, faults: _Faults) -> None:
    hosts = tenant.settings.hosts
    if not hosts:
        return
    host = request.headers.get("Host").partition(":")[0].lower()
    if host not in {known.lower() for known in hosts}:
        faults.add(
            "host",
            "wrong-host",
            "header Host",
            f"{host!r} does not own this tenant; {', '.join(hosts)} do",
            got=host,
        )


def _judge_credential(request: Request, found: Found, tenant: Tenant, faults: _Faults) -> str:
    if found.public:
        return ""
    scheme, fault = tenant.credentials.check(request, online=tenant.online)
    if fault is None:
        return scheme
    faults.add("credential", fault.rule, fault.where, fault.message)
    return ""


def _judge_tenant(tenant: Tenant, faults: _Faults) -> None:
    if tenant.state in ("OfflineMaintenance", "Suspended"):
        faults.add(
            "tenant",
            "tenant-not-running",
            "tenant",
            f"{tenant.name} is in state {tenant.state}",
            got=tenant.state,
        )


def _judge_restriction(operation: Operation, tenant: Tenant, faults: _Faults) -> None:
    restricted = operation.restricted
    if restricted is None or not tenant.online or tenant.granted(restricted.agent):
        return
    why = {
        "never": "partner applications never get it",
        "erp": "only ERP applications get it",
        "internal": "only the vendor's own applications get it",
        "on-request": "an application gets it on request",
    }[restricted.kind]
    faults.add(
        "restriction",
        "online-restricted",
        "operation",
        f"{operation.id} is Online restricted: it needs the {restricted.agent} agent, {why}. "
        f"To try it as if granted: --grant {restricted.agent}",
        source=restricted.source,
        expected=f"grant of {restricted.agent}",
    )


def _judge_select(request: Request, contract: Contract, operation: Operation, faults: _Faults) -> None:
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
                "parameters",
                "unknown-column",
                "query $select",
                f"{typedef.short_name} has no property {name!r}, the server ignores it.{hint}",
                severity="warning",
                source=typedef.source,
                got=name,
                nearest=near[0] if near else "",
            )


def _consumed(media_type: str, consumes: Iterable[str]) -> bool:
    if media_type in consumes:
        return True
    return any(media_type.partition("/")[0] + "/*" == known for known in consumes) or (
        media_type.endswith("+json") and family(media_type) == "json" and "application/json" in consumes
    )


def _named(kind: TypeRef) -> str:
    if kind.kind == "carrier":
        return kind.name.rpartition(".")[2]
    return str(kind)


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


_BINARY = TypeRef("scalar", "binary")
