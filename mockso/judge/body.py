"""A call's body from its bytes to a value: is it there, of a type the operation takes, can it be read?

What the value means for the contract is judged behind this (judge.py).
"""

from __future__ import annotations

from collections.abc import Iterable

from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING, Json, Nothing, Operation, TypeRef
from mockso.exchange.message import Request
from mockso.formats.codec import FORM_TYPE, Undecodable, decode, decompress, family
from mockso.judge.faults import Faults
from mockso.state.tenant import Tenant

_BINARY = TypeRef("scalar", "binary")
_MULTIPART = "multipart/form-data"


def read_body(
    request: Request, contract: Contract, operation: Operation, tenant: Tenant, faults: Faults
) -> Json | bytes | Nothing:
    """The value a body is, bytes where it stays raw, NOTHING where there is none or it cannot be read."""
    limit = tenant.settings.body_limit
    sent: bytes = request.body
    if sent and "Content-Encoding" in request.headers:
        try:
            sent = decompress(sent, request.headers.get("Content-Encoding"), limit)
        except Undecodable as error:
            faults.add(error.rule, "header Content-Encoding", error.message)
            return NOTHING
    if len(sent) > limit:
        faults.add(
            "too-large",
            "body",
            f"the body is over the limit of {limit} bytes (setting body_limit)",
        )
        return NOTHING
    wanted = operation.body
    if wanted is None:
        wanted_form = takes_options(request, operation) or any(
            p.location == "form" for p in operation.parameters
        )
        # Clients send the four bytes "null" where the ids stand in the query; the server accepts it.
        if sent and not wanted_form and sent.strip() != b"null":
            faults.add(
                "unexpected-body",
                "body",
                f"{operation.id} takes no body, the server ignores it",
                severity="warning",
                got=f"{len(sent)} bytes",
            )
        return NOTHING
    if not sent:
        if operation.body_required:
            faults.add(
                "missing-body",
                "body",
                f"a body is required: {named(wanted)}",
                expected=str(wanted),
            )
        return NOTHING
    content_type = request.headers.get("Content-Type")
    if not content_type:
        faults.add(
            "no-media-type",
            "header Content-Type",
            "a body needs a Content-Type, for example application/json",
            expected=", ".join(operation.consumes),
        )
        content_type = "application/json"
    elif operation.consumes and not _consumed(request.media_type, operation.consumes):
        faults.add(
            "unsupported-media-type",
            "header Content-Type",
            f"{request.media_type!r} is none of {', '.join(operation.consumes)}",
            expected=", ".join(operation.consumes),
            got=request.media_type,
        )
        return NOTHING
    try:
        if request.media_type == _MULTIPART:
            return _uploaded(sent, content_type, operation, faults)
        return sent if wanted == _BINARY else decode(sent, content_type, wanted, contract)
    except Undecodable as error:
        return _leniently(error, sent, content_type, tenant, faults)


def takes_options(request: Request, operation: Operation) -> bool:
    """Whether a body has the options of an archive as a form. Source: section 14.1."""
    return operation.method == "POST" and request.media_type == FORM_TYPE and operation.is_archive


def _uploaded(sent: bytes, content_type: str, operation: Operation, faults: Faults) -> bytes | Nothing:
    """The file of a multipart upload. Source: section 10.1, field `image`; firm."""
    from mockso.formats.forms import decode_multipart, upload  # only uploads pay for it

    field = next((p.name for p in operation.parameters if p.location == "form"), "file")
    content = upload(decode_multipart(sent, content_type), field)
    if not content:
        message = f'no part named "{field}" holds a file; send one with name="{field}"'
        faults.add("missing-body", f"body part {field}", message, expected=f"a file as {field}")
        return NOTHING
    return content


def _leniently(
    error: Undecodable, sent: bytes, content_type: str, tenant: Tenant, faults: Faults
) -> Json | Nothing:
    """A body that does not parse, read as the server's more tolerant reader does, with a warning."""
    if error.rule == "broken-json" and tenant.settings.json_syntax == "lenient":
        from mockso.formats.json import read_tolerantly  # rare: strict parsing has failed

        found = read_tolerantly(sent, content_type)
        if found is not None:
            faults.add("json-syntax", "body", found.message, severity="warning")
            return found.value
    faults.add(error.rule, "body", error.message)
    return NOTHING


def _consumed(media_type: str, consumes: Iterable[str]) -> bool:
    if media_type in consumes:
        return True
    return any(media_type.partition("/")[0] + "/*" == known for known in consumes) or (
        media_type.endswith("+json") and family(media_type) == "json" and "application/json" in consumes
    )


def named(kind: TypeRef) -> str:
    """A type as people call it: "ContactEntity", "list<int32>"."""
    if kind.kind == "carrier":
        return kind.name.rpartition(".")[2]
    return str(kind)
