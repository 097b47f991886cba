"""A reply made ready to send: the body as bytes in the form the client asked for, and all headers.

JSON is the default, and what an Accept that nothing matches gets (likely); XML comes in the DataContract
style (assumed). Byte streams are raw bytes, or base64 in a JSON string where JSON was asked for (firm).
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import lru_cache

from mockso.contract.model import NOTHING, Nothing, Operation, TypeRef
from mockso.exchange.call import Answer, Call
from mockso.exchange.headers import header_text, negotiate, parse_accept
from mockso.exchange.message import NO_BODY, Reply, Request, copy_with
from mockso.formats.codec import JSON_TYPES, XML_TYPES
from mockso.formats.json import encode_json
from mockso.state.tenant import View

# Source: section 9 of the behaviour of the real server; firm.
CACHE_HEADERS = (("Cache-Control", "no-cache"), ("Pragma", "no-cache"), ("Expires", "-1"))


def finish_reply(answer: Answer, call: Call, view: View, *, explain: bool = True) -> Reply:
    """The reply with its body as bytes and all headers that will be sent, but Date and Content-Length.

    `explain` False leaves the X-Mockso headers out.
    """
    reply, operation = answer.reply, call.lookup.operation
    body, kind = _encode(reply, call, operation, view)
    headers = list(reply.headers)
    if headers:
        named = {name.lower() for name, _ in headers}
        if isinstance(body, bytes) and "content-type" not in named:
            headers.append(("Content-Type", kind))
        headers += [pair for pair in CACHE_HEADERS if pair[0].lower() not in named]
    else:
        if isinstance(body, bytes):
            headers.append(("Content-Type", kind))
        headers += CACHE_HEADERS
    headers += _powered_by(view.settings.netserver_version)
    if operation is not None and operation.is_archive and reply.status == 200:
        headers.append(("DataServiceVersion", "3.0"))
    origin = call.request.headers.get_folded("origin")
    if origin and view.settings.cors_enable and not reply.header("Access-Control-Allow-Origin"):
        headers += _cross_origin(origin, view.settings.cors_origin)
    if call.request.method == "HEAD":
        reply = replace(reply, fidelity="assumed")
    if explain:
        if call.id:
            headers.append(("X-Mockso-Call", call.id))
        headers += _explanation(operation.id if operation is not None else "", reply.by, reply.fidelity)
        if answer.step:
            headers.append(("X-Mockso-Step", header_text(answer.step)))
        refused = call.verdict.errors if reply.by == "refusal" else ()
        if refused:
            headers.append(("X-Mockso-Reason", header_text(str(refused[0]))))
        elif call.verdict.violations:
            headers.append(("X-Mockso-Warning", header_text(str(call.verdict.violations[0]))))
    else:
        headers = [pair for pair in headers if not pair[0].lower().startswith("x-mockso-")]
    return copy_with(reply, body=body, headers=tuple(headers))


# The journal keeps the headers of thousands of replies: these are the same ones in each.


@lru_cache(8)
def _powered_by(version: str) -> tuple[tuple[str, str], ...]:
    return ("X-Powered-By", f"NetServer/{version}"), ("X-Powered-By", "ASP.NET")


@lru_cache(1024)
def _explanation(operation_id: str, by: str, fidelity: str) -> tuple[tuple[str, str], ...]:
    operation = (("X-Mockso-Operation", operation_id),) if operation_id else ()
    return *operation, ("X-Mockso-By", by), ("X-Mockso-Fidelity", fidelity)


def _cross_origin(origin: str, allowed: str) -> list[tuple[str, str]]:
    """The CORS headers of an answer. Source: they follow the server's CORSOrigin (section 9); their spelling
    is assumed."""
    if allowed == "*":
        return [("Access-Control-Allow-Origin", "*")]
    if not any(_is_origin(origin.lower(), known.lower()) for known in allowed.replace(",", " ").split()):
        return [("Vary", "Origin")]
    return [("Access-Control-Allow-Origin", header_text(origin)), ("Vary", "Origin")]


_LOOPBACK = re.compile(r"https?://(?:localhost|127\.0\.0\.1|\[::1\])(?::[0-9]+)?\Z")


def _is_origin(origin: str, known: str) -> bool:
    """Whether an origin is one that a setting names: itself, "loopback", or with "*" for any text in it."""
    if known == "loopback":
        return _LOOPBACK.match(origin) is not None
    pattern = re.escape(known.rstrip("/")).replace(r"\*", "[^/]*")
    return re.fullmatch(pattern, origin) is not None


def _encode(reply: Reply, call: Call, operation: Operation | None, view: View) -> tuple[bytes | Nothing, str]:
    if reply.body is NOTHING or reply.status in NO_BODY:
        return NOTHING, ""
    if isinstance(reply.body, bytes):
        return reply.body, reply.media_type or "application/octet-stream"
    success = operation is not None and reply.status == operation.success and reply.by != "refusal"
    kind = negotiate(call.request, _media_types(operation) if operation is not None and success else ())
    settings = view.settings
    if kind in XML_TYPES and (success or settings.xml_errors == "xml"):
        from mockso.formats.xml import XmlStyle, to_xml

        style = XmlStyle(settings.xml_namespace, settings.xml_nulls, settings.xml_arrays)
        name = operation.result if operation is not None and success else None
        document = to_xml(reply.body, name or _ERROR, call.lookup.contract, style)
        return document, f"{kind}; charset=utf-8"
    if kind != "text/json":
        kind = "application/json"
    return encode_json(reply.body, call.request).encode("utf-8", "replace"), f"{kind}; charset=utf-8"


_ERROR = TypeRef("carrier", "Error")


_JSON_NAMES = ("application/json", "text/json")


def _media_types(operation: Operation) -> tuple[str, ...]:
    """The media types of an operation's answers: those of the contract, and JSON, which some streams do not list."""
    listed = operation.produces
    return listed if not listed or _JSON_NAMES[0] in listed else (*listed, *_JSON_NAMES)


def wants_json(request: Request, operation: Operation) -> bool:
    """Whether a byte answer goes into a JSON string.

    Source: section 10.5; firm. Where the contract lists JSON it is the default. Where it does not (the Swagger
    files leave it out of 22 streams, the older pages have it), it is answered to those who ask for it by name.
    """
    offered = operation.produces
    if operation.path.endswith("/Content") and not operation.is_agent:
        # Source: section 10.5; likely. A content comes as its bytes to who asks for nothing else.
        accept = (request.headers.get("Accept") or "").partition(";")[0].strip()
        if accept in ("", "*/*") and not request.query.get("$format"):
            return False
    kind = negotiate(request, _media_types(operation))
    if kind not in JSON_TYPES or any(one in JSON_TYPES for one in offered):
        return kind in JSON_TYPES
    if request.query.get("$format").lower() == "json":
        return True
    return kind in parse_accept(request.headers.get("Accept"))
