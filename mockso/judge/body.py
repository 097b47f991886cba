"""Judging of a body up to its value: bytes, presence, media type, decoding, and what stands in its texts.

How the value departs from its type in the contract is judged behind this, in `judge.py`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING, Json, Nothing, Operation, TypeRef
from mockso.exchange.message import Request
from mockso.formats.codec import decode, decompress, family, text_of
from mockso.formats.reading import UndecodableError
from mockso.judge.faults import Faults
from mockso.judge.parameters import takes_options
from mockso.state.tenant import View

_MULTIPART = "multipart/form-data"
_MARK = re.compile(rb"\[[A-Z]{1,2}:")


def read_body(
    request: Request, contract: Contract, operation: Operation, view: View, faults: Faults
) -> Json | bytes | Nothing:
    """The value of a body, bytes where it stays raw; NOTHING for no body, or one that cannot be read."""
    content = _plain_content(request, view.settings.body_limit, faults)
    if content is None:
        return NOTHING
    kind = operation.body
    if kind is None:
        _judge_unexpected(content, request, operation, faults)
        return NOTHING
    value: Json | bytes | Nothing = NOTHING
    if content:
        content_type = _judge_media_type(request, operation, faults)
        if not content_type:
            return NOTHING
        try:
            if request.media_type == _MULTIPART:
                return _upload(content, content_type, operation, faults)
            value = content if kind.name == "binary" else decode(content, content_type, kind, contract)
        except UndecodableError as error:
            return _read_tolerantly(error, content, content_type, view, faults)
    if operation.body_required and (value is None or not content):
        message = f"a body is required: {type_name(kind)}"
        faults.add("missing-body", "body", f"null, but {message}" if content else message, expected=str(kind))
    return value


def _plain_content(request: Request, limit: int, faults: Faults) -> bytes | None:
    """The bytes of a body without their Content-Encoding; None, with a fault, if broken or over the limit."""
    content: bytes = request.body
    if content and "Content-Encoding" in request.headers:
        try:
            content = decompress(content, request.headers.get("Content-Encoding"), limit)
        except UndecodableError as error:
            faults.add(error.rule, "header Content-Encoding", error.message)
            return None
    if len(content) > limit:
        faults.add("too-large", "body", f"the body is over the limit of {limit} bytes (setting body_limit)")
        return None
    return content


def _judge_unexpected(content: bytes, request: Request, operation: Operation, faults: Faults) -> None:
    # Clients send the four bytes "null" where the ids stand in the query; the server accepts it.
    if not content or content.strip() == b"null" or takes_options(request, operation):
        return
    if not any(p.location == "form" for p in operation.parameters):
        faults.add(
            "unexpected-body",
            "body",
            f"{operation.id} takes no body, the server ignores it",
            severity="warning",
            got=f"{len(content)} bytes",
        )


def _judge_media_type(request: Request, operation: Operation, faults: Faults) -> str:
    """The Content-Type to read a body by; empty, with a fault, for one that the operation does not take."""
    content_type = request.headers.get("Content-Type")
    if not content_type:
        faults.add(
            "no-media-type",
            "header Content-Type",
            "a body needs a Content-Type, for example application/json",
            expected=", ".join(operation.consumes),
        )
        return "application/json"
    if operation.consumes and not _is_consumed(request.media_type, operation.consumes):
        faults.add(
            "unsupported-media-type",
            "header Content-Type",
            f"{request.media_type!r} is none of {', '.join(operation.consumes)}",
            expected=", ".join(operation.consumes),
            got=request.media_type,
        )
        return ""
    return content_type


def _is_consumed(media_type: str, consumes: tuple[str, ...]) -> bool:
    return (
        media_type in consumes
        or f"{media_type.partition('/')[0]}/*" in consumes
        or (media_type.endswith("+json") and family(media_type) == "json" and "application/json" in consumes)
    )


def _upload(content: bytes, content_type: str, operation: Operation, faults: Faults) -> bytes | Nothing:
    """The file of a multipart upload. Source: section 10.1, field `image`; firm."""
    from mockso.formats.forms import decode_multipart, upload

    field = next((p.name for p in operation.parameters if p.location == "form"), "file")
    file = upload(decode_multipart(content, content_type), field)
    if not file:
        message = f'no part named "{field}" holds a file; send one with name="{field}"'
        faults.add("missing-body", f"body part {field}", message, expected=f"a file as {field}")
        return NOTHING
    return file


def _read_tolerantly(
    error: UndecodableError, content: bytes, content_type: str, view: View, faults: Faults
) -> Json | Nothing:
    """The value of a body that the server's tolerant reader can read, with a warning; NOTHING otherwise."""
    lenient = view.settings.json_syntax == "lenient"
    if family(content_type.partition(";")[0].strip().lower()) == "json" and (
        error.rule == "duplicate-name" or (error.rule == "broken-json" and lenient)
    ):
        from mockso.formats.almost_json import read_almost_json

        try:
            reading = read_almost_json(text_of(content, content_type))
        except UndecodableError as refusal:
            error = refusal if lenient else error
        else:
            # That the last of two properties counts has nothing to do with the syntax.
            if lenient or not reading.message:
                if reading.message:
                    faults.add("json-syntax", "body", reading.message, severity="warning")
                for message in reading.repeated:
                    faults.add("duplicate-name", "body", message, severity="warning")
                return reading.value
            error = UndecodableError("broken-json", reading.message)
    faults.add(error.rule, "body", error.message)
    return NOTHING


def type_name(kind: TypeRef) -> str:
    """A type in short: "ContactEntity", "list<int32>"."""
    return kind.name.rpartition(".")[2] if kind.kind == "carrier" else str(kind)


def judge_content(value: Json, request: Request, operation: Operation, view: View, faults: Faults) -> None:
    """Add the faults of a value that its type does not show: misfit custom fields, rows of a table."""
    if _MARK.search(request.body):
        _judge_custom_fields(value, faults)
    if operation.group == "DatabaseTable":
        _judge_table(value, view.settings.protected_tables, faults)


def _judge_custom_fields(value: Json, faults: Faults) -> None:
    """Warn of custom fields such as "[D:2026-12-31]", whose content does not fit the mark."""
    from mockso.formats.custom_fields import misfits

    for path, text in misfits(value):
        faults.add(
            "encoded-value",
            place_of(path),
            f"{text[:40]!r} does not fit its mark and is plain text to the server; "
            "dates are [D:MM/dd/yyyy], numbers [I:5] and [F:1.5], lists [A:3,4]",
            severity="warning",
            got=text[:40],
        )


def _judge_table(value: Json, protected: Iterable[str], faults: Faults) -> None:
    """Add the faults of an operation on a whole table: its name, and rows that lack cells. Source: section 17."""
    members = {name.lower(): item for name, item in value.items()} if isinstance(value, dict) else {}
    table = members.get("tablename")
    # Which tables the real server protects is not documented: those that the setting names.
    if isinstance(table, str) and table.strip().lower() in map(str.lower, protected):
        message = f"{table!r} is protected (setting protected_tables)"
        faults.add("protected-table", "body.TableName", message, got=table)
    columns, rows = members.get("columns"), members.get("data")
    if not (isinstance(columns, list) and isinstance(rows, list)):
        return
    for number, row in enumerate(rows):
        cells = 0 if row is None else len(row) if isinstance(row, list) else len(columns)
        if cells != len(columns):
            faults.add(
                "table-row",
                f"body.Data[{number}]",
                f"cells in the row: {cells}, columns: {len(columns)}",
                expected=str(len(columns)),
                got=str(cells),
            )


def place_of(path: Iterable[str | int]) -> str:
    """A path below the body in words: "body.Persons[0].Firstname"."""
    return "body" + "".join(f"[{part}]" if isinstance(part, int) else f".{part}" for part in path)
