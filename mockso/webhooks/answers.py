"""The operations of the contract on webhooks, REST and agent, each one function of the call.

They see calls that were accepted. Operations of another contract, with other ids, get their example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mockso.answer.example import ExampleAnswers
from mockso.answer.refuse import envelope, not_found
from mockso.contract.model import TypeRef
from mockso.contract.plausible import MINIMUM_DATE
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.state import hooks as states
from mockso.state.hooks import Hooks, Value
from mockso.state.tenant import View
from mockso.webhooks.sender import Sender, target_answer
from mockso.webhooks.target import Target

CARRIER = TypeRef("carrier", "SuperOffice.CRM.Services.Webhook")
NAME_LIMIT = 100

# Properties that the server sets itself, whatever a client sends (likely).
_OWN_PROPERTIES = (
    *("WebhookId", "Registered", "RegisteredAssociate", "Updated", "UpdatedAssociate"),
    *("TotalCalls", "TotalErrors", "ConsecutiveErrors", "LastError"),
)


@dataclass(frozen=True)
class WebhookCall:
    """A call of an operation on webhooks, with all that answering it needs."""

    call: Call
    view: View
    answers: ExampleAnswers
    sender: Sender

    @property
    def hooks(self) -> Hooks:
        return self.view.webhooks

    @property
    def body(self) -> dict[str, Any]:
        body = self.call.verdict.body
        return body if isinstance(body, dict) else {}

    def member(self, name: str) -> Any:
        """The value of a member of the body; `name` is case-insensitive."""
        return next((item for key, item in self.body.items() if key.lower() == name.lower()), None)

    @property
    def id(self) -> int:
        """The webhook that the address or the body names."""
        arguments = self.call.verdict.arguments
        for key in ("id", "webhookId"):
            if isinstance(arguments.get(key), int):
                return int(arguments[key])  # type: ignore[arg-type]  # looked at one line above
        id = self.member("WebhookId")
        return id if isinstance(id, int) else 0

    def success(self, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
        """The success reply of the operation, with that value."""
        return replace(self.answers.shape_reply(value, self.call, self.view, headers), by="entities")

    def success_with(self, members: Mapping[str, Any]) -> Reply:
        """The success reply with a carrier, a webhook or the outcome of a test, that has these members."""
        operation = self.call.lookup.operation
        kind = operation.result if operation is not None else None
        return self.success({**self.answers.blank(kind or CARRIER), **members})

    def not_found(self) -> Reply:
        """The reply for an unknown webhook: 404 over REST, 200 with null from an agent."""
        reply = not_found(self.call, self.view)
        return replace(reply, by="entities") if reply.status == 200 else reply

    def no_content(self) -> Reply:
        return Reply(204, by="entities", fidelity="firm")

    def refusal(self, text: str) -> Reply:
        """The reply when saving is refused. The envelope is firm for a target without https, else assumed."""
        return Reply(
            400, envelope("ArgumentException", text, self.view.settings), by="refusal", fidelity="assumed"
        )


def answer(call: Call, view: View, answers: ExampleAnswers, sender: Sender) -> Reply | None:
    """Answer an operation on webhooks; None for any other operation."""
    act = _ACTS.get(call.operation_id)
    return act(WebhookCall(call, view, answers, sender)) if act is not None else None


# --- reading ------------------------------------------------------------------------------------


def default(answers: ExampleAnswers) -> dict[str, Any]:
    """A new webhook. Source: section 16.1, "Default"."""
    value = answers.blank(CARRIER)
    value.update((name, None) for name, item in value.items() if item in ("", []) or isinstance(item, dict))
    value |= {"Events": ["contact.created", "contact.deleted"], "State": states.ACTIVE, "Type": "webhook"}
    return {**value, "Registered": MINIMUM_DATE, "Updated": MINIMUM_DATE}


def _default(hook_call: WebhookCall) -> Reply:
    return hook_call.success_with(default(hook_call.answers))


def _get(hook_call: WebhookCall) -> Reply:
    hook = hook_call.hooks.get(hook_call.id)
    return hook_call.not_found() if hook is None else hook_call.success_with(hook)


def _all(hook_call: WebhookCall) -> Reply:
    members = {**hook_call.call.verdict.arguments, **hook_call.body}
    filters = {name.lower(): value for name, value in members.items() if value}
    name, event, status = (filters.get(f"{key}filter") for key in ("name", "event", "status"))
    if isinstance(status, int):
        status = states.STATES[status] if 0 <= status < len(states.STATES) else None
    hooks = [
        dict(hook)
        for hook in hook_call.hooks.all()
        if (not name or str(hook["Name"] or "").lower() == str(name).lower())
        and (not event or str(event).lower() in [text.lower() for text in hook["Events"] or () if text])
        and (status in (None, "Unknown") or hook["State"] == status)
    ]
    return hook_call.success(hooks)


def _last_error(hook_call: WebhookCall) -> Reply:
    hook = hook_call.hooks.get(hook_call.id)
    return hook_call.not_found() if hook is None else hook_call.success(hook["LastError"] or "")


# --- saving -------------------------------------------------------------------------------------


def _create(hook_call: WebhookCall) -> Reply:
    return _store(hook_call, None, _with_defaults(hook_call.body, hook_call))


def _replace(hook_call: WebhookCall) -> Reply:
    before = hook_call.hooks.get(hook_call.id)
    if before is None:
        return hook_call.not_found()
    return _store(hook_call, before, _with_defaults(hook_call.body, hook_call))


def _save(hook_call: WebhookCall) -> Reply:
    return _replace(hook_call) if hook_call.id else _create(hook_call)


def _patch(hook_call: WebhookCall) -> Reply:
    before = hook_call.hooks.get(hook_call.id)
    if before is None:
        return hook_call.not_found()
    patch = hook_call.answers.patch_entity(dict(before), hook_call.call, hook_call.view, CARRIER)
    if isinstance(patch, Reply):
        return patch
    value, headers = patch
    # What a patch put into a property that cannot hold it is left out, as in a body.
    sound = hook_call.answers.settable_properties(value, CARRIER)
    after = {name: sound.get(name, None if item is None else before[name]) for name, item in value.items()}
    reply = _store(hook_call, before, after)
    return replace(reply, headers=(*reply.headers, *headers))


def _with_defaults(body: dict[str, Any], hook_call: WebhookCall) -> dict[str, Any]:
    return {**default(hook_call.answers), **hook_call.answers.settable_properties(body, CARRIER)}


def _store(hook_call: WebhookCall, before: Value | None, after: dict[str, Any]) -> Reply:
    problem = _problem(hook_call, after)
    if problem:
        return hook_call.refusal(problem)
    now = datetime.fromtimestamp(hook_call.call.request.at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    stamps: Mapping[str, Any] = {
        "Updated": now,
        "UpdatedAssociate": hook_call.answers.example(CARRIER)["UpdatedAssociate"],
    }
    if before is None:
        own = {name: item for name, item in default(hook_call.answers).items() if name in _OWN_PROPERTIES}
        own |= {"Registered": now, "RegisteredAssociate": stamps["UpdatedAssociate"]}
        return hook_call.success_with(hook_call.hooks.add({**after, **own, **stamps}))

    def change(current: Value) -> tuple[Value, str]:
        own = {name: current[name] for name in _OWN_PROPERTIES}
        return states.after_save(current, {**after, **own, **stamps})

    result = hook_call.hooks.change(before["WebhookId"], change)
    if result is None:  # deleted in between
        return hook_call.not_found()
    hook, verb = result
    if verb:
        hook_call.sender.signal(hook_call.view.state, f"webhook{hook['WebhookId']}.{verb}", hook["WebhookId"])
    return hook_call.success_with(hook)


def _problem(hook_call: WebhookCall, hook: Value) -> str:
    """The reason why a webhook cannot be saved, or an empty string. Source: section 16.2."""
    settings = hook_call.view.settings
    if len(hook["Name"] or "") > NAME_LIMIT:
        return f"Name is longer than {NAME_LIMIT} characters"
    if not states.is_sent(hook):
        return ""
    try:
        target = Target(hook["TargetUrl"] or "")
    except ValueError as error:
        return f"TargetUrl: {error}"
    if settings.webhook_require_https and not target.https:
        return f"TargetUrl must use https (RequireHttps): {hook['TargetUrl']}"
    if settings.webhook_probe and hook["State"] == states.ACTIVE:
        outcome = hook_call.sender.test(hook_call.view.state, hook)
        if not outcome.accepted:
            return f"TargetUrl {hook['TargetUrl']} did not accept a test: {target_answer(outcome)}"
    return ""


def _delete(hook_call: WebhookCall) -> Reply:
    hook_call.hooks.remove(hook_call.id)  # an unknown one is 204 too (assumed)
    return hook_call.no_content()


# --- sending ------------------------------------------------------------------------------------


def _test(hook_call: WebhookCall) -> Reply:
    member = hook_call.member("Webhook")
    body = member if isinstance(member, dict) else hook_call.body
    outcome = hook_call.sender.test(hook_call.view.state, _with_defaults(body, hook_call))
    return hook_call.success_with({"Success": outcome.accepted, "Message": target_answer(outcome)})


def _signal(hook_call: WebhookCall) -> Reply:
    arguments = hook_call.call.verdict.arguments
    if "eventName" in arguments:
        name, key, values = arguments["eventName"], arguments.get("primaryKey"), hook_call.body
    else:
        name, key, values = (
            hook_call.member("EventName"),
            hook_call.member("PrimaryKey"),
            hook_call.member("Data") or {},
        )
    if isinstance(name, str) and name:
        hook_call.sender.signal(hook_call.view.state, name, key if isinstance(key, int) else 0, values=values)
    return hook_call.no_content()


_ACTS: Mapping[str, Callable[[WebhookCall], Reply]] = {
    "v1Webhook_DefaultWebhook": _default,
    "v1Webhook_GetAllWebhooks": _all,
    "v1Webhook_GetWebhook": _get,
    "v1Webhook_GetLastError": _last_error,
    "v1Webhook_PostWebhook": _create,
    "v1Webhook_PutWebhook": _replace,
    "v1Webhook_PatchWebhook": _patch,
    "v1Webhook_DeleteWebhook": _delete,
    "v1Webhook_TestWebhook": _test,
    "v1Webhook_SignalEvent": _signal,
    "v1WebhookAgent_CreateDefaultWebhook": _default,
    "v1WebhookAgent_GetAllWebhooks": _all,
    "v1WebhookAgent_GetWebhook": _get,
    "v1WebhookAgent_GetLastError": _last_error,
    "v1WebhookAgent_SaveWebhook": _save,
    "v1WebhookAgent_DeleteWebhook": _delete,
    "v1WebhookAgent_TestWebhook": _test,
    "v1WebhookAgent_SignalEvent": _signal,
}
