"""One operation from Swagger and its page: what they disagree about, and what the page adds.

Swagger decides types, properties, statuses, media types and names (rule 17); the page adds what
Swagger lacks (rule 18). Nothing is settled silently: each difference is a finding with both places.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from mockso.contract import words
from mockso.contract.build.findings import Finding
from mockso.contract.build.markdown import Page, Row
from mockso.contract.model import Operation, Parameter, Restriction, TypeDef, TypeRef

_VARIABLE = re.compile(r"\{[^}]*\}")


def path_shape(path: str) -> str:
    """The template without the names of its variables, letter case folded."""
    return _VARIABLE.sub("{}", path).lower()


def merge(operation: Operation, page: Page) -> Operation:
    """The operation with what the page adds: its place, a restriction, required parameters."""
    required = {row.name.lower() for row in page.query_rows if is_required_row(row)}
    parameters = tuple(
        replace(parameter, required=True)
        if parameter.location == "query" and not parameter.required and parameter.name.lower() in required
        else parameter
        for parameter in operation.parameters
    )
    restricted = operation.restricted
    if restricted is None and page.restricted is not None:
        agent, kind, line = page.restricted
        restricted = Restriction(agent, kind, page.at(line))
    return replace(
        operation,
        parameters=parameters,
        restricted=restricted,
        sources=(*operation.sources, page.place),
    )


def is_required_row(row: Row) -> bool:
    return "**required**" in row.text.lower()


def differences(
    operation: Operation, page: Page, types: Mapping[str, TypeDef], body_name: str | None
) -> Iterator[Finding]:
    """Everything the two disagree about."""
    yield from _identity(operation, page)
    yield from _path_parameters(operation, page)
    yield from _query_parameters(operation, page)
    yield from _headers(operation, page)
    yield from _body(operation, page, types, body_name)
    yield from _result(operation, page, types)


def _identity(operation: Operation, page: Page) -> Iterator[Finding]:
    here = operation.source
    if page.uid != operation.id:
        yield Finding("operation-id", here, page.place, f"{operation.id}, not {page.uid}")
    if page.method != operation.method or path_shape(page.path) != path_shape(operation.path):
        yield Finding(
            "method-or-path",
            here,
            page.place,
            f"{operation.method} {operation.path}, not {page.method} {page.path}",
        )
    elif page.path.lower() != operation.path.lower():
        yield Finding("variable-name", here, page.place, f"{operation.path}, not {page.path}")
    restricted = operation.restricted
    ours = (restricted.agent, restricted.kind) if restricted else None
    theirs = page.restricted[:2] if page.restricted else None
    if ours != theirs:
        other = page.at(page.restricted[2]) if page.restricted else page.place
        yield Finding("restricted", here, other, f"{_pair(ours)}, not {_pair(theirs)}")
    if set(operation.responses) != set(page.statuses):
        yield Finding(
            "statuses",
            f"{here}/responses",
            page.at(min(page.statuses.values(), default=page.line)),
            f"{_list(operation.responses)}, not {_list(page.statuses)}",
        )


def _pair(value: tuple[str, str] | None) -> str:
    return "/".join(value) if value else "open"


def _list(values: Sequence[object] | Mapping[int, object]) -> str:
    return " ".join(str(value) for value in sorted(values, key=str)) or "none"


def _path_parameters(operation: Operation, page: Page) -> Iterator[Finding]:
    ours = [p for p in operation.parameters if p.location == "path"]
    # By order in the template: a variable may have another name in the two.
    theirs = {row.name.lower(): row for row in page.path_rows}
    names = [name[1:-1].lower() for name in _VARIABLE.findall(page.path)]
    order = {name[1:-1].lower(): at for at, name in enumerate(_VARIABLE.findall(operation.path))}
    for parameter in ours:
        at = order.get(parameter.name.lower(), -1)
        row = theirs.get(names[at]) if 0 <= at < len(names) else None
        if row is not None:
            yield from _parameter(parameter, row, operation, page, "path")


def _parameter(
    parameter: Parameter, row: Row, operation: Operation, page: Page, where: str
) -> Iterator[Finding]:
    if words.agrees(row.type, parameter.type, request=False):
        return
    if row.type.lower() == "object" or words.parameter_type(row.type) == parameter.type:
        return
    enums = words.members(row.type) or parameter.type.kind in ("enum", "flags")
    kind = f"{where}-enum" if enums else f"{where}-type"
    detail = f"{parameter.name} is {parameter.type}, not {row.type}"
    yield Finding(kind, f"{operation.source}/parameters", page.at(row.line), detail)


def _query_parameters(operation: Operation, page: Page) -> Iterator[Finding]:
    here = f"{operation.source}/parameters"
    ours = {p.name.lower(): p for p in operation.parameters if p.location == "query"}
    theirs = {row.name.lower(): row for row in page.query_rows}
    for folded, row in theirs.items():
        parameter = ours.get(folded)
        if parameter is None:
            yield Finding("query-only-in-page", here, page.at(row.line), row.name)
            continue
        if parameter.name != row.name:
            detail = f"{parameter.name}, not {row.name}"
            yield Finding("query-name-case", here, page.at(row.line), detail)
        if parameter.required != is_required_row(row):
            yield Finding("required", here, page.at(row.line), row.name)
        yield from _parameter(parameter, row, operation, page, "query")
    for folded, parameter in ours.items():
        if folded not in theirs:
            yield Finding("query-only-in-swagger", here, page.place, parameter.name)


def _headers(operation: Operation, page: Page) -> Iterator[Finding]:
    here = operation.source
    ours = {p.name.lower() for p in operation.parameters if p.location == "header"}
    theirs = {name.lower() for name in page.headers}
    if ours != theirs:
        yield Finding("header-set", f"{here}/parameters", page.place, _list(tuple(ours ^ theirs)))
    if set(operation.consumes) != set(page.consumes):
        detail = f"{_list(operation.consumes)}, not {_list(page.consumes)}"
        yield Finding("consumes", f"{here}/consumes", page.place, detail)
    if set(operation.produces) != set(page.produces):
        detail = f"{_list(operation.produces)}, not {_list(page.produces)}"
        yield Finding("produces", f"{here}/produces", page.place, detail)


def _body(
    operation: Operation, page: Page, types: Mapping[str, TypeDef], body_name: str | None
) -> Iterator[Finding]:
    here = f"{operation.source}/parameters"
    place = page.at(page.body_line or page.line)
    if (operation.body is None) != (page.body is None):
        yield Finding(
            "body-type", here, place, f"{operation.body or 'no body'}, not {page.body or 'no body'}"
        )
        return
    if operation.body is None or page.body is None:
        return
    name = page.body.removesuffix(" binary")
    if body_name is not None and name and body_name != name:
        yield Finding("body-name", here, place, f"{body_name}, not {name}")
    if page.body_rows and isinstance(page.request_sample, list):
        yield Finding("sample-is-list", here, place, str(operation.body))
    kind = words.element(operation.body)
    if page.body_rows and kind is not None:
        yield from _properties(kind, page.body_rows, page, types, request=True)


def _result(operation: Operation, page: Page, types: Mapping[str, TypeDef]) -> Iterator[Finding]:
    place = page.at(page.result_line or page.line)
    word = page.result
    if page.success == 204 and word:
        yield Finding("body-of-204", page.at(page.statuses[204]), place, word)
    if operation.result is None or page.success in (204, None) or word is None:
        return
    here = f"{operation.source}/responses/{operation.success}/schema"
    if not (page.rank == 0 and word.lower() == "object") and not words.agrees(
        word, operation.result, request=False
    ):
        yield Finding("response-type", here, place, f"{operation.result}, not {word or 'a blank'}")
    kind = words.element(operation.result)
    if page.result_rows and kind is not None:
        yield from _properties(kind, page.result_rows, page, types, request=False)


def _properties(
    kind: TypeRef, rows: Sequence[Row], page: Page, types: Mapping[str, TypeDef], *, request: bool
) -> Iterator[Finding]:
    typedef = types.get(kind.name) if kind.kind == "carrier" else None
    if typedef is None:
        return
    name = "body-property-type" if request else "response-property-type"
    names = set()
    for row in rows:
        names.add(row.name)
        field = typedef.by_name.get(row.name)
        if field is None:
            yield Finding("property-only-in-page", typedef.source, page.at(row.line), row.name)
        elif not words.agrees(row.type, field.type, request=request):
            detail = f"{field.type}, not {row.type or 'a blank'}"
            yield Finding(name, typedef.source_of(row.name), page.at(row.line), detail)
    for field_name in typedef.by_name:
        if field_name not in names:
            server = request and field_name in words.SERVER_PROPERTIES
            yield Finding(
                "server-property-omitted" if server else "property-only-in-swagger",
                typedef.source_of(field_name),
                page.at(rows[0].line),
                field_name,
            )
