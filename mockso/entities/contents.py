"""Bytes by their owner: images, BLOBs, contents of documents, templates and attachments, files by name.

An operation with bytes in it lives where each of its arguments is its owner, the bytes, or something about
their form. Bytes are rows of kind "bytes", base64 under their owner ("Document 5"); an image is a BLOB that
its owner points at ("image": "Contact 5" -> {"Blob": 3}). Source: behaviour, section 10.5; that images come
back in the size they were sent, and a document without content has an example's, is assumed.
"""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Mapping
from typing import Any

from mockso.answer.finish import wants_json
from mockso.answer.refuse import no_image
from mockso.contract.catalogue import Contract
from mockso.contract.kinds import Kind
from mockso.contract.model import Operation, TypeRef
from mockso.contract.plausible import CONTENT
from mockso.entities.plans import Plan
from mockso.entities.verbs import ELSEWHERE, NoRowError, RefusalError, Verb, Work, store
from mockso.exchange.headers import parse_accept
from mockso.exchange.message import Reply
from mockso.state.log import Key
from mockso.state.rows import Draft

_BYTES = frozenset({"byte", "binary"})

# Arguments about the form of an answer, or that change nothing here.
_FORMS = frozenset(
    [
        "w",
        "h",
        "width",
        "height",
        "type",
        "ifblank",
        "uiculture",
        "languagecode",
        "allowpersonal",
        "personal",
        "overwriteexistingdata",
        "versionid",
        "pluginid",
        "rank",
        "description",
        "writeableurl",
        "allowedreturntype",
        "allowedreturntypes",
        "versiondescription",
        "versionextrafields",
    ]
)

# Kinds whose bytes are their content; all others have an image.
_CONTENTS = frozenset({"Document", "DocumentTemplate", "Attachment", "Blob"})

_OWNERS: Mapping[str, str] = {"templateid": "DocumentTemplate", "blobentityid": "Blob"}
_NAMES = frozenset({"filename", "templatename"})  # owners that are a name, not a row

_MAGIC: Mapping[bytes, str] = {
    b"\x89PNG": "image/png",
    b"\xff\xd8\xff": "image/jpeg",
    b"GIF8": "image/gif",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"%PDF": "application/pdf",
}

# --- plans --------------------------------------------------------------------------------------


def find_plan(operation: Operation, contract: Contract) -> Plan | None:
    """The plan of an operation on bytes, by its types and the names of its arguments."""
    parts = operation.path.split("/")[3:]
    arguments = dict(_arguments(operation, contract))
    content = [name for name, type in arguments.items() if type.name in _BYTES]
    if "CreateNewPhysical" in operation.id and "documentid" in {name.lower() for name in arguments}:
        # From its template, by whatever stands in the letter.
        document = contract.kinds.get("Document")
        assert document is not None
        assert operation.result is not None
        return Plan("bytes_create", 10, document, operation.result.name, key="documentId")
    owner, kind = _owner(operation, parts, arguments, contract)
    blob = contract.kinds.get("Blob")
    if blob is None or len(content) > 1:
        return None
    others = {name.lower() for name in arguments} - {owner.lower(), *(name.lower() for name in content)}
    verb = ""
    result = operation.result
    if kind is not None and not others - _FORMS - {"id", f"{kind.name}id".lower()}:
        verb = _verb(operation, parts[-1], kind, bool(content), contract)
    elif kind is not None and others == {"blobid"} and not content and parts[-1].startswith("Change"):
        verb = "image_link"
    elif owner.lower() in _NAMES and not others - _FORMS:
        verb = _verb_of_name(operation, bool(content))
    elif not owner and content and not others - _FORMS and (result is None or result.name == "int32"):
        verb = "blob_add"
    if not verb:
        return None
    form = result.name if result is not None and result.kind == "carrier" else ""
    member = content[0] if content else ""
    slot = (
        "" if kind is None or kind.name in _CONTENTS else "thumbnail" if "Thumbnail" in parts[-1] else "image"
    )
    return Plan(verb, 10, kind or blob, form, key=owner, member=member, subject=slot)


def _arguments(operation: Operation, contract: Contract) -> list[tuple[str, TypeRef]]:
    arguments = [(p.name, p.type) for p in operation.parameters if p.location in ("path", "query", "form")]
    arguments = [item for item in arguments if not item[0].startswith("$")]
    body = operation.body
    if body is not None and operation.takes_arguments:
        arguments += [(field.name, field.type) for field in contract.type(body.name).fields]
    elif body is not None and body.name in _BYTES and not any(type.name in _BYTES for _, type in arguments):
        arguments.append(("", body))
    return arguments


def _owner(
    operation: Operation, parts: list[str], arguments: Mapping[str, TypeRef], contract: Contract
) -> tuple[str, Kind | None]:
    """The argument that says whose bytes, and its kind; the argument alone where it is a name."""
    if not operation.is_agent:
        kind = contract.kinds.of_resource(parts[0])
        if kind is None or len(parts) != 3 or not parts[1].startswith("{"):
            return "", None
        named = [name for name in arguments if name.lower() == f"{kind.name}id".lower()]
        return (named or [parts[1][1:-1]])[0], kind
    for name, type in arguments.items():
        folded = name.lower()
        if folded in _NAMES:
            return name, None
        if type.kind == "carrier" and (kind := contract.kinds.of(type.name)) is not None:
            return name, kind
        if folded.endswith("id") and type.name == "int32" and folded not in _FORMS and folded != "blobid":
            kind = contract.kinds.get(_OWNERS.get(folded, folded[:-2]))
            if kind is not None:
                return name, kind
    return "", None


def _verb(operation: Operation, last: str, kind: Kind, writes: bool, contract: Contract) -> str:
    result, method = operation.result, operation.method
    place = last.lower()
    if result is not None and result.name.endswith(".BlobEntity") and kind.name != "Blob":
        return "image_info_save" if operation.body is not None and not operation.is_agent else "image_info"
    if writes:
        is_owner = result is not None and contract.kinds.of(result.name) is kind
        return "bytes_write" if result is None or is_owner or result.name == "int32" else ""
    if result is not None and result.name in _BYTES:
        return "bytes_read"
    if method == "DELETE" and place == "image":
        return "image_delete"
    if kind.name != "Document":
        return ""
    if result is not None and result.name.endswith(".CheckoutInfo"):
        return "lock_read"
    if operation.is_agent:
        return _DOCUMENT_METHODS.get(last, "")
    return _DOCUMENT_PLACES.get((method, place), "")


_DOCUMENT_METHODS: Mapping[str, str] = {
    "CheckoutDocument": "lock_take",
    "CheckinDocument": "lock_leave",
    "UndoCheckoutDocument": "lock_leave",
    "DeletePhysicalDocument": "bytes_delete",
    "GetDocumentLength": "bytes_length",
    "GetDocumentUrl": "bytes_url",
}

_DOCUMENT_PLACES: Mapping[tuple[str, str], str] = {
    ("POST", "lock"): "lock_take",
    ("PUT", "lock"): "lock_leave",
    ("DELETE", "lock"): "lock_leave",
    ("DELETE", "content"): "bytes_delete",
    ("GET", "length"): "bytes_length",
    ("GET", "url"): "bytes_url",
}


def _verb_of_name(operation: Operation, writes: bool) -> str:
    if writes:
        return "file_write"
    if operation.result is not None and operation.result.name in _BYTES:
        return "file_read"
    return "file_delete" if operation.result is None else ""


# --- bytes --------------------------------------------------------------------------------------


def owner_key(work: Work, rows: Draft) -> Key:
    """The key of the owner, whose row exists."""
    owner = work.argument(work.plan.key)
    if isinstance(owner, Mapping):
        name = work.kind.key.lower()
        owner = next((item for member, item in owner.items() if member.lower() == name), 0)
    key = work.readers.number(owner)
    if rows.get(work.kind.name, key) is None:
        raise NoRowError(work.kind.name, key)
    return key if isinstance(key, int | str) else 0


def bytes_name(work: Work, key: Key) -> str:
    """The key of an owner's bytes: "Contact 5", "Product 5 thumbnail", "QuoteLine 5 2"."""
    slot = "thumbnail" if work.plan.subject == "thumbnail" else ""
    parts = (work.kind.name, key, slot, work.argument("rank"))
    return " ".join(str(part) for part in parts if part)


def _content(work: Work) -> bytes:
    """The bytes of a request: raw, or base64 in JSON."""
    value = work.argument(work.plan.member) if work.plan.member else work.body
    if value is None:
        value = work.body  # a form's file stands for the whole body
    if isinstance(value, bytes):
        return value
    return b64decode(value) if isinstance(value, str) else b""


def _put(rows: Draft, name: str, content: bytes) -> None:
    rows.put("bytes", name, {"Content": b64encode(content).decode()})


def _get(rows: Draft, name: str) -> bytes | None:
    row = rows.get("bytes", name)
    return b64decode(row["Content"]) if row is not None else None


def media_type(content: bytes) -> str:
    """The media type of bytes by how they begin."""
    known = (type for magic, type in _MAGIC.items() if content.startswith(magic))
    return next(known, "application/octet-stream")


def _serve(work: Work, content: bytes) -> Reply:
    """Bytes as the caller asks for them: raw, or as base64 in a JSON string."""
    operation, request = work.call.lookup.operation, work.call.request
    assert operation is not None
    if wants_json(request, operation):
        return Reply(200, b64encode(content).decode(), fidelity="likely")
    own = media_type(content)
    accepted = parse_accept(request.headers.get("Accept"))
    chosen = next(
        (kind for kind in accepted if kind in operation.produces and not kind.startswith("image/")), ""
    )
    return Reply(200, content, fidelity="likely", media_type=chosen or own)


def read(work: Work, rows: Draft) -> Any:
    """The bytes of an owner. An image that is missing is 404, unless a blank one will do."""
    key = owner_key(work, rows)
    name = bytes_name(work, key)
    if not work.plan.subject:
        content = _get(rows, name)
        return ELSEWHERE if content is None else _serve(work, content)
    link = rows.get("image", name)
    content = _get(rows, f"Blob {link['Blob']}") if link is not None else None
    if content is not None:
        return _serve(work, content)
    if not work.view.is_closed or str(work.argument("ifBlank") or "Null") != "Null":
        return ELSEWHERE
    if "/Agents/BLOB/" in work.call.request.path:
        return _serve(
            work, b""
        )  # Source: section 7; the BLOB agent has an empty result, the others an error.
    raise RefusalError(no_image(work.call, work.view, work.kind.name))


def write(work: Work, rows: Draft) -> Any:
    """Other bytes for an owner; an image becomes a BLOB, whose id is the answer where one is asked for."""
    key = owner_key(work, rows)
    content = _content(work)
    if work.plan.subject:
        blob = _add_blob(work, rows, content)
        rows.put("image", bytes_name(work, key), {"Blob": blob})
        return blob
    _put(rows, bytes_name(work, key), content)
    before = rows.get(work.kind.name, key)
    if before is None or not work.plan.form:
        return None
    return work.compose(key, store(work, rows, key, dict(before), before), rows)


def create(work: Work, rows: Draft) -> Any:
    """A document with the content of its template."""
    key = owner_key(work, rows)
    before = rows.get(work.kind.name, key)
    assert before is not None
    template = _get(rows, f"DocumentTemplate {before.get('DocumentTemplate', 0)}")
    _put(rows, bytes_name(work, key), CONTENT if template is None else template)
    return work.compose(key, store(work, rows, key, dict(before), before), rows)


def delete(work: Work, rows: Draft) -> Any:
    """A document without its content."""
    _put(rows, bytes_name(work, owner_key(work, rows)), b"")
    return report()


def length(work: Work, rows: Draft) -> Any:
    """How many bytes a document has."""
    content = _get(rows, bytes_name(work, owner_key(work, rows)))
    return len(CONTENT if content is None else content)


def url(work: Work, rows: Draft) -> Any:
    """Where a document can be read."""
    return f"{work.call.request.base}/v1/Document/{owner_key(work, rows)}/Content"


def report(success: bool = True, text: str = "") -> dict[str, Any]:
    """The outcome of an act on a document, as `ReturnInfo` has it."""
    type = "None" if success else "Message"
    names = ("ExternalReference", "VersionId", "Success", "Type", "Value", "AdditionalInfo")
    return dict(zip(names, ("", "", success, type, text, ""), strict=True))


# --- images -------------------------------------------------------------------------------------


def _add_blob(work: Work, rows: Draft, content: bytes) -> int:
    blob = rows.next_id("Blob")
    slot = "Thumbnail" if work.plan.subject == "thumbnail" else f"{work.kind.name}Image"
    row = {
        "BlobSize": len(content),
        "OriginalSize": len(content),
        "MimeType": media_type(content),
        "ConceptualType": str(work.argument("type") or slot),
        "Description": str(work.argument("description") or ""),
        "CreatedDate": work.now,
        "CreatedBy": work.caller,
    }
    rows.put("Blob", blob, row)
    _put(rows, f"Blob {blob}", content)
    return blob


def add_blob(work: Work, rows: Draft) -> Any:
    """A BLOB without an owner."""
    return _add_blob(work, rows, _content(work))


def image_info(work: Work, rows: Draft) -> Any:
    """The BLOB of an image without its bytes; a blank one for a missing image."""
    return _image_info(work, rows, {})


def save_image_info(work: Work, rows: Draft) -> Any:
    """Another description of an image."""
    return _image_info(work, rows, work.body if isinstance(work.body, Mapping) else {})


def _image_info(work: Work, rows: Draft, body: Mapping[str, Any]) -> Any:
    kind = work.contract.kinds.get("Blob")
    assert kind is not None
    link = rows.get("image", bytes_name(work, owner_key(work, rows)))
    blob = link["Blob"] if link is not None else 0
    row = rows.get("Blob", blob) if blob else None
    if row is None:
        return work.compose(0, {}, rows)
    if body:
        changes = work.readers.row(kind, body)
        row = {**row, **{name: changes[name] for name in ("Description", "ExtraInfo") if name in changes}}
        rows.put("Blob", blob, row)
    return work.compose(blob, row, rows)


def link_image(work: Work, rows: Draft) -> Any:
    """Another BLOB as the image of an owner."""
    key, blob = owner_key(work, rows), work.argument("blobId")
    if rows.get("Blob", blob) is None:
        raise NoRowError("Blob", blob)
    rows.put("image", bytes_name(work, key), {"Blob": blob})


def delete_image(work: Work, rows: Draft) -> Any:
    """An owner without an image."""
    rows.remove("image", bytes_name(work, owner_key(work, rows)))


# --- files by name ------------------------------------------------------------------------------


def read_file(work: Work, rows: Draft) -> Any:
    """The bytes of a temporary file or a template."""
    name = f"file {work.argument(work.plan.key)}"
    content = _get(rows, name)
    if content is None:
        if not work.view.is_closed:
            return ELSEWHERE
        raise NoRowError("file", str(work.argument(work.plan.key)))
    return _serve(work, content)


def write_file(work: Work, rows: Draft) -> Any:
    """Bytes under a name, which is the answer."""
    name = str(work.argument(work.plan.key))
    _put(rows, f"file {name}", _content(work))
    return name


def delete_file(work: Work, rows: Draft) -> Any:
    """No bytes under a name."""
    rows.remove("bytes", f"file {work.argument(work.plan.key)}")


VERBS: Mapping[str, Verb] = {
    "bytes_read": read,
    "bytes_write": write,
    "bytes_create": create,
    "bytes_delete": delete,
    "bytes_length": length,
    "bytes_url": url,
    "blob_add": add_blob,
    "image_info": image_info,
    "image_info_save": save_image_info,
    "image_link": link_image,
    "image_delete": delete_image,
    "file_read": read_file,
    "file_write": write_file,
    "file_delete": delete_file,
}

READING = frozenset(["bytes_read", "bytes_length", "bytes_url", "image_info", "file_read"])
