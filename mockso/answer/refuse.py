"""Verdict -> the error the server documents. One table says what each refusal looks like.

Shapes, from the behaviour of the real server, section 7: A is the SuperOffice envelope, B the framework's
binding error, C its model state, D its bare message, E an empty body.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, get_args

from mockso.config import Settings
from mockso.contract.model import NOTHING, Confidence
from mockso.exchange.address import origin_of
from mockso.exchange.call import Call, Stage, Violation
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply, Request
from mockso.state.tenant import View

DENIED = "Authorization has been denied for this request."

# The server meets faults in this order, and answers the first.
ORDER: tuple[Stage, ...] = get_args(Stage)


def refuse(call: Call, view: View) -> Reply | None:
    """The refusal of a call's first fault, in the order the server checks; None without a fault, and for those that
    the login answers itself.
    """
    errors = call.verdict.errors
    if not errors:
        return None
    stage = min([fault.stage for fault in errors], key=ORDER.index)
    if stage == "login":
        return None
    return _STAGES[stage](call, view, tuple([fault for fault in errors if fault.stage == stage]))


# --- shapes -------------------------------------------------------------------------------------


def envelope(error_type: str, text: str, settings: Settings) -> dict[str, Any]:
    """Shape A. The text's name is not settled: one source says ErrorMessage, one Message."""
    keys = ("Message", "ErrorMessage") if settings.error_text_key == "both" else (settings.error_text_key,)
    return {
        "Error": True,
        "ErrorType": error_type,
        **dict.fromkeys(keys, text),
        "ErrorSource": "SuperOffice.Services.Implementation",
    }


def _refusal(
    status: int,
    body: Any,
    fidelity: Confidence,
    headers: tuple[tuple[str, str], ...] = (),
    reason: str = "",
) -> Reply:
    return Reply(status, body, headers, by="refusal", fidelity=fidelity, reason=reason)


def _error(
    status: int, error_type: str, text: str, view: View, headers: tuple[tuple[str, str], ...] = ()
) -> Reply:
    return _refusal(status, envelope(error_type, text, view.settings), "assumed", headers)


# --- one function a stage -----------------------------------------------------------------------

Faults = tuple[Violation, ...]


def _unknown_address(call: Call, view: View, faults: Faults) -> Reply:
    parts = call.request.path.strip("/").split("/")
    controller = parts[2] if len(parts) > 2 else ""
    detail = f"No type was found that matches the controller named '{controller}'."
    return _no_resource(call, faults[0], "likely", MessageDetail=detail)


def _no_resource(call: Call, fault: Violation, fidelity: Confidence, **more: str) -> Reply:
    message = f"No HTTP resource was found that matches the request URI '{absolute(call.request)}'."
    hint = (("X-Mockso-Hint", header_text(fault.nearest)),) if fault.nearest else ()
    return _refusal(404, {"Message": message, **more}, fidelity, hint)


def _unknown_method(call: Call, view: View, faults: Faults) -> Reply:
    body = {"Message": f"The requested resource does not support http method '{call.request.method}'."}
    return _refusal(405, body, "likely", (("Allow", ", ".join(call.lookup.allowed)),))


def wrong_host() -> Reply:
    """421 for a tenant that lives on another host."""
    body = {"Message": "Wrong subdomain used to access tenant"}
    return _refusal(421, body, "assumed", reason="Misdirected Request")


def deny(view: View, status: int) -> Reply:
    """401 with the challenges of the tenant's profile. Source: section 2.4; only the status and
    Negotiate are firm."""
    if view.online:
        challenges = ["Bearer"]
    else:
        challenges = ["Negotiate"] if view.settings.authorize_with_implicit else []
        challenges += ['Basic realm="SuperOffice"'] if view.settings.authorize_with_username else []
    headers = tuple(("WWW-Authenticate", challenge) for challenge in challenges) if status == 401 else ()
    return _refusal(status, {"Message": DENIED}, "assumed", headers)


def _not_running(call: Call, view: View, faults: Faults) -> Reply:
    return suspended_tenant(view) if view.status == "Suspended" else maintenance()


def maintenance() -> Reply:
    body = {"Message": "The service is unavailable."}
    return _refusal(503, body, "assumed", (("Retry-After", "120"),))


def suspended_tenant(view: View) -> Reply:
    return _error(403, "SoSessionException", f"Tenant {view.name} is suspended", view)


def _restricted_operation(call: Call, view: View, faults: Faults) -> Reply:
    if faults[0].rule.id == "online-blocked":
        text = "This operation is blocked in Online"
        return _error(403, "SoIllegalOperationException", text, view)
    return online_restricted(call, view)


def online_restricted(call: Call, view: View) -> Reply:
    """403 for an agent the application was not granted."""
    operation = call.lookup.operation
    restricted = operation.restricted if operation else None
    agent = restricted.agent if restricted else (operation.group if operation else "")
    text = f"The {agent} agent is not available in Online for this application"
    return _error(403, "SoIllegalOperationException", text, view)


def _unsupported_media_type(call: Call, view: View, faults: Faults) -> Reply:
    if faults[0].rule.id == "no-media-type":
        # Source: section 7.2, the framework's own text.
        text = (
            "The request contains an entity body but no Content-Type header. The inferred media type "
            "'application/octet-stream' is not supported for this resource."
        )
        return _refusal(415, {"Message": text}, "likely")
    kind = call.request.media_type or "application/octet-stream"
    if faults[0].rule.id == "unsupported-encoding":
        kind = f"{kind}; {call.request.headers.get('Content-Encoding')}"
    body = {"Message": f"The request entity's media type '{kind}' is not supported for this resource."}
    return _refusal(415, body, "likely")


def _undecodable(call: Call, view: View, faults: Faults) -> Reply:
    if faults[0].rule.id == "too-large":
        return _refusal(413, {"Message": "The request entity is too large."}, "assumed")
    return _refusal(400, _model_state(call, faults), "likely")


def _bad_parameter(call: Call, view: View, faults: Faults) -> Reply:
    name = faults[0].where.partition(" ")[2]
    if faults[0].rule.id == "unknown-zone":
        text = f"Unknown time zone '{faults[0].got}'"
        return _error(400, "ArgumentException", text, view)
    if faults[0].rule.id == "unknown-provider":
        return _no_resource(call, faults[0], "assumed")
    if faults[0].rule.id in ("negative-rows", "filter-syntax", "filter-operator", "unknown-column"):
        place = name or faults[0].where.removeprefix("body.")
        text = f"Invalid value of {place}: {faults[0].message}"
        return _error(400, "ArgumentException", text, view)
    body = {
        "Message": "The request is invalid.",
        "MessageDetail": f"The parameters dictionary contains a null entry for parameter '{name}'.",
    }
    firm = call.lookup.operation is not None and call.lookup.operation.is_agent
    return _in_agent_style(call, view, _refusal(400, body, "firm" if firm else "likely"))


def _bad_body(call: Call, view: View, faults: Faults) -> Reply:
    operation = call.lookup.operation
    if faults[0].rule.id == "missing-body" and operation is not None and not operation.is_agent:
        return _error(400, "ArgumentException", "The entity is missing in the body of the request", view)
    if all(fault.rule.id in ("table-row", "protected-table") for fault in faults):
        protected = faults[0].rule.id == "protected-table"
        text = f"Table '{faults[0].got}' is protected" if protected else _UNEVEN
        return _in_agent_style(call, view, _mass(text, view))
    return _in_agent_style(call, view, _refusal(400, _model_state(call, faults), "likely"))


def _model_state(call: Call, faults: Faults) -> dict[str, Any]:
    """Shape C: the places with their texts, below the name of the body's parameter."""
    state: dict[str, list[str]] = {}
    root = "entity" if call.lookup.operation is None or not call.lookup.operation.is_agent else "request"
    for fault in faults:
        state.setdefault(root + fault.where.removeprefix("body"), []).append(fault.message)
    return {"Message": "The request is invalid.", "ModelState": state}


def _in_agent_style(call: Call, view: View, reply: Reply) -> Reply:
    """Some agent failures are reported to arrive as 200 with the error in the body: a switch."""
    operation = call.lookup.operation
    if view.settings.agent_errors == "ok_with_error" and operation is not None and operation.is_agent:
        return _refusal(200, reply.body, "assumed")
    return reply


_STAGES: Mapping[Stage, Callable[[Call, View, Faults], Reply]] = {
    "address": _unknown_address,
    "method": _unknown_method,
    "host": lambda call, view, faults: wrong_host(),
    "credential": lambda call, view, faults: deny(view, 401),
    "tenant": _not_running,
    "restriction": _restricted_operation,
    "media type": _unsupported_media_type,
    "decoding": _undecodable,
    "parameters": _bad_parameter,
    "body": _bad_body,
}


def no_step(call: Call, view: View) -> Reply:
    """501: only scenarios may answer, and none did; a convention of mockso."""
    nearest = call.near_misses[0] if call.near_misses else None
    text = "No scenario answers this call"
    if nearest is not None:
        text += f"; the nearest is {nearest.step}: " + "; ".join(map(str, nearest.differences))
    hint = (("X-Mockso-Hint", header_text(text)),)
    return _error(501, "SoNotImplementedException", text, view, hint)


# --- errors by name, for scenarios (behaviour, section 18) --------------------------------------


def _forbidden(error_type: str, text: str) -> Callable[[Call, View], Reply]:
    return lambda call, view: _error(403, error_type, text, view)


def not_found(call: Call, view: View, kind: str = "", key: int | str = 0) -> Reply:
    """REST: 404 with the envelope; an agent: 200 with null. Both firm (section 7.3).

    `kind` and `key` name what is missing where it is something below the address's entity.
    """
    operation = call.lookup.operation
    if operation is not None and operation.is_agent:
        return _refusal(200, None, "firm")
    if not kind:
        kind = operation.path.split("/")[3] if operation else "Resource"
        key = next(iter(call.lookup.path_arguments.values()), "0")
    text = f"{kind} id {key} not found"
    return _refusal(
        404, envelope("SoNotFoundException", text, view.settings), "firm", reason=f"{kind} Not Found"
    )


def _invalid_request(call: Call, view: View) -> Reply:
    operation = call.lookup.operation
    if operation is not None and operation.is_agent:
        name = next((p.name for p in operation.parameters if p.location == "query" and p.required), "request")
        detail = f"The parameters dictionary contains a null entry for parameter '{name}'."
        return _refusal(400, {"Message": "The request is invalid.", "MessageDetail": detail}, "firm")
    state = {"entity": ["The value is not valid."]}
    return _refusal(400, {"Message": "The request is invalid.", "ModelState": state}, "likely")


def _validation_failed(call: Call, view: View) -> Reply:
    body = envelope("ArgumentException", "The value is not allowed", view.settings)
    return _refusal(400, body, "firm")


def _throttle(call: Call, view: View) -> Reply:
    body = {"Message": "Too many requests. Try again later."}
    return _refusal(429, body, "assumed", (("Retry-After", "1"),))


_UNEVEN = "The number of columns differs from the data"


def _mass(text: str, view: View) -> Reply:
    return _error(400, "SoMassOperationException", text, view)


def _empty(status: int, fidelity: Confidence) -> Callable[[Call, View], Reply]:
    return lambda call, view: _refusal(status, NOTHING, fidelity)


def conflict(text: str, view: View) -> Reply:
    """409: a `test` of a JSON Patch does not hold. The status is firm, the body assumed."""
    return _with_reason(409, "SoException", text, view)


def unpatchable(text: str, view: View) -> Reply:
    """400: an operation of a JSON Patch cannot be done to the entity as it is."""
    return _with_reason(400, "ArgumentException", text, view)


def no_image(call: Call, view: View, kind: str = "") -> Reply:
    """404 for a missing image, unless `ifBlank` asks for another. The status is firm."""
    entity = kind or (call.request.path.split("/")[3] if call.request.path.count("/") > 3 else "Image")
    operation = call.lookup.operation
    can_be_blank = operation is not None and any(p.name == "ifBlank" for p in operation.parameters)
    return _with_reason(
        404,
        "SoNotFoundException",
        f"{entity} has no image",
        view,
        advice="; ask for ifBlank=ClearPixel to get one all the same" if can_be_blank else "",
    )


def _with_reason(status: int, error_type: str, text: str, view: View, advice: str = "") -> Reply:
    reason = (("X-Mockso-Reason", header_text(text + advice)),)
    return _error(status, error_type, text, view, reason)


DOCUMENTED: Mapping[str, Callable[[Call, View], Reply]] = {
    "unauthorized": lambda call, view: deny(view, 401),
    "token_expired": lambda call, view: deny(view, 401),
    "token_expired_403": lambda call, view: deny(view, 403),
    "online_restricted": online_restricted,
    "missing_right": _forbidden("SoIllegalOperationException", "A functional right is missing"),
    "sentry": _forbidden("SoSentryException", "The data right for this change is missing"),
    "no_license": _forbidden("SoLicenseException", "A licence is missing"),
    "app_not_authorised": _forbidden(
        "SoSessionException", "The application is not authorised for this tenant"
    ),
    "mass_operation": lambda call, view: _mass(_UNEVEN, view),
    "not_found": not_found,
    "invalid_request": _invalid_request,
    "validation_failed": _validation_failed,
    "agent_error_in_200": lambda call, view: _refusal(200, _invalid_request(call, view).body, "assumed"),
    "not_modified": _empty(304, "firm"),
    "precondition_failed": _empty(412, "firm"),
    "patch_conflict": lambda call, view: conflict(
        "A test operation does not agree with the current value", view
    ),
    "misdirected": lambda call, view: wrong_host(),
    "maintenance": lambda call, view: maintenance(),
    "suspended": lambda call, view: suspended_tenant(view),
    "throttled": _throttle,
    "server_error": lambda call, view: _error(500, "SoException", "An error has occurred.", view),
}


def named_error(name: str, call: Call, view: View) -> Reply:
    """The documented error of that name; KeyError for a name that DOCUMENTED lacks."""
    return DOCUMENTED[name.replace("-", "_")](call, view)


def absolute(request: Request) -> str:
    """The absolute address of a call, without its query, percent-encoded as it was sent."""
    return origin_of(request.base) + request.target.partition("?")[0]
