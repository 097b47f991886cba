"""The operations of the contract on webhooks, REST and agent, each one function of the call.

They come behind judgement and refusal: what is here was accepted. An operation of another contract that is
called otherwise is none of these and gets its example.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from mockso.answer.example import Answers
from mockso.answer.refuse import envelope, not_found
from mockso.contract.examples import MINIMUM_DATE
from mockso.contract.model import TypeRef
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.state import hook_states as states
from mockso.state.hook_states import Value
from mockso.state.hooks import Hooks
from mockso.state.tenant import View
from mockso.webhooks.sender import Sender, text_of
from mockso.webhooks.target import Target

CARRIER = TypeRef("carrier", "SuperOffice.CRM.Services.Webhook")
NAME_LIMIT = 100

# What the server keeps itself, whatever a client sends (likely).
_KEPT = (
    *("WebhookId", "Registered", "RegisteredAssociate", "Updated", "UpdatedAssociate"),
    *("TotalCalls", "TotalErrors", "ConsecutiveErrors", "LastError"),
)


@dataclass(frozen=True)
class Asked:
    """A call on webhooks and what answering it takes."""

    call: Call
    view: View
    answers: Answers
    sender: Sender

    @property
    def hooks(self) -> Hooks:
        return self.view.webhooks

    @property
    def body(self) -> dict[str, Any]:
        body = self.call.verdict.body
        return body if isinstance(body, dict) else {}

    def member(self, name: str) -> Any:
        """A member of the body, letter case aside."""
        return next((item for key, item in self.body.items() if key.lower() == name.lower()), None)

    @property
    def id(self) -> int:
        """The webhook that the address or the body names."""
        named = self.call.verdict.arguments
        for key in ("id", "webhookId"):
            if isinstance(named.get(key), int):
                return int(named[key])  # type: ignore[arg-type]  # looked at one line above
        given = self.member("WebhookId")
        return given if isinstance(given, int) else 0

    def found(self, value: Any, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
        """The success of the operation with that value."""
        return replace(self.answers.shaped(value, self.call, self.view, headers), by="entities")

    def shown(self, hook: Value) -> Reply:
        """The success with a webhook."""
        operation = self.call.lookup.operation
        kind = operation.result if operation is not None else None
        return self.found({**self.answers.blank(kind or CARRIER), **hook})

    def missing(self) -> Reply:
        """REST: 404; an agent: 200 with null."""
        reply = not_found(self.call, self.view)
        return replace(reply, by="entities") if reply.status == 200 else reply

    def done(self) -> Reply:
        return Reply(204, by="entities", fidelity="firm")

    def refused(self, text: str) -> Reply:
        """What saving refuses. The envelope is firm of a target that is not https, else assumed."""
        return Reply(
            400, envelope("ArgumentException", text, self.view.settings), by="refusal", fidelity="assumed"
        )


def answer(call: Call, view: View, answers: Answers, sender: Sender) -> Reply | None:
    """The answer of an operation on webhooks; None when it is none of them."""
    act = _ACTS.get(call.operation_id)
    return act(Asked(call, view, answers, sender)) if act is not None else None


# --- reading ------------------------------------------------------------------------------------


def default(answers: Answers) -> dict[str, Any]:
    """A new webhook. Source: section 16.1, "Default"."""
    value = answers.blank(CARRIER)
    value.update((name, None) for name, item in value.items() if item in ("", []) or isinstance(item, dict))
    value |= {"Events": ["contact.created", "contact.deleted"], "State": states.ACTIVE, "Type": "webhook"}
    return {**value, "Registered": MINIMUM_DATE, "Updated": MINIMUM_DATE}


def _default(asked: Asked) -> Reply:
    return asked.shown(default(asked.answers))


def _get(asked: Asked) -> Reply:
    hook = asked.hooks.get(asked.id)
    return asked.missing() if hook is None else asked.shown(hook)


def _all(asked: Asked) -> Reply:
    given = {**asked.call.verdict.arguments, **asked.body}
    wanted = {name.lower(): value for name, value in given.items() if value}
    name, event, status = (wanted.get(f"{key}filter") for key in ("name", "event", "status"))
    if isinstance(status, int):
        status = states.STATES[status] if 0 <= status < len(states.STATES) else None
    found = [
        dict(hook)
        for hook in asked.hooks.all()
        if (not name or str(hook["Name"] or "").lower() == str(name).lower())
        and (not event or str(event).lower() in [text.lower() for text in hook["Events"] or () if text])
        and (status in (None, "Unknown") or hook["State"] == status)
    ]
    return asked.found(found)


def _last_error(asked: Asked) -> Reply:
    hook = asked.hooks.get(asked.id)
    return asked.missing() if hook is None else asked.found(hook["LastError"] or "")


# --- saving -------------------------------------------------------------------------------------


def _create(asked: Asked) -> Reply:
    return _saved(asked, None, _laid_over(default(asked.answers), asked))


def _replace(asked: Asked) -> Reply:
    before = asked.hooks.get(asked.id)
    if before is None:
        return asked.missing()
    return _saved(asked, before, _laid_over(default(asked.answers), asked))


def _save(asked: Asked) -> Reply:
    return _replace(asked) if asked.id else _create(asked)


def _patch(asked: Asked) -> Reply:
    before = asked.hooks.get(asked.id)
    if before is None:
        return asked.missing()
    made = asked.answers.patched(dict(before), asked.call, asked.view, CARRIER)
    if isinstance(made, Reply):
        return made
    value, headers = made
    # What a patch put into a property that cannot hold it is left out, as in a body.
    sound = {**asked.answers.given(value, CARRIER), **_state(value)}
    after = {name: sound.get(name, None if item is None else before[name]) for name, item in value.items()}
    reply = _saved(asked, before, after)
    return replace(reply, headers=(*reply.headers, *headers))


def _laid_over(value: dict[str, Any], asked: Asked, body: dict[str, Any] | None = None) -> dict[str, Any]:
    body = asked.body if body is None else body
    return {**value, **asked.answers.given(body, CARRIER), **_state(body)}


def _state(body: Mapping[str, Any]) -> dict[str, str]:
    """The state of a body that gives it as a number, which the documentation names."""
    state = next((item for key, item in body.items() if key.lower() == "state"), None)
    return (
        {"State": states.STATES[state]} if type(state) is int and state in range(len(states.STATES)) else {}
    )


def _saved(asked: Asked, before: Value | None, after: dict[str, Any]) -> Reply:
    problem = _problem(asked, after)
    if problem:
        return asked.refused(problem)
    now = datetime.fromtimestamp(asked.call.request.at, UTC).strftime("%Y-%m-%dT%H:%M:%S")
    stamps: Mapping[str, Any] = {
        "Updated": now,
        "UpdatedAssociate": asked.answers.example(CARRIER)["UpdatedAssociate"],
    }
    if before is None:
        kept = {name: item for name, item in default(asked.answers).items() if name in _KEPT}
        kept |= {"Registered": now, "RegisteredAssociate": stamps["UpdatedAssociate"]}
        return asked.shown(asked.hooks.add({**after, **kept, **stamps}))

    def change(current: Value) -> tuple[Value, str]:
        kept = {name: current[name] for name in _KEPT}
        return states.saved(current, {**after, **kept, **stamps})

    changed = asked.hooks.change(before["WebhookId"], change)
    if changed is None:  # deleted in between
        return asked.missing()
    hook, verb = changed
    if verb:
        asked.sender.signal(asked.view.state, f"webhook{hook['WebhookId']}.{verb}", hook["WebhookId"])
    return asked.shown(hook)


def _problem(asked: Asked, hook: Value) -> str:
    """What keeps a webhook from being saved. Source: section 16.2."""
    settings = asked.view.settings
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
        outcome = asked.sender.test(asked.view.state, hook)
        if not outcome.accepted:
            return f"TargetUrl {hook['TargetUrl']} did not accept a test: {text_of(outcome)}"
    return ""


def _delete(asked: Asked) -> Reply:
    asked.hooks.remove(asked.id)  # an unknown one is 204 too (assumed)
    return asked.done()


# --- sending ------------------------------------------------------------------------------------


def _test(asked: Asked) -> Reply:
    given = asked.member("Webhook")
    body = given if isinstance(given, dict) else asked.body
    outcome = asked.sender.test(asked.view.state, _laid_over(default(asked.answers), asked, body))
    return asked.found({**_result(asked), "Success": outcome.accepted, "Message": text_of(outcome)})


def _result(asked: Asked) -> dict[str, Any]:
    operation = asked.call.lookup.operation
    assert operation is not None
    assert operation.result is not None
    return asked.answers.blank(operation.result)


def _signal(asked: Asked) -> Reply:
    named = asked.call.verdict.arguments
    if "eventName" in named:
        name, key, values = named["eventName"], named.get("primaryKey"), asked.body
    else:
        name, key, values = asked.member("EventName"), asked.member("PrimaryKey"), asked.member("Data") or {}
    if isinstance(name, str) and name:
        asked.sender.signal(asked.view.state, name, key if isinstance(key, int) else 0, values=values)
    return asked.done()


_ACTS: Mapping[str, Callable[[Asked], Reply]] = {
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
