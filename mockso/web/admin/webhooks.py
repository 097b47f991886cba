"""Webhooks over HTTP: which are registered, an event signalled, deliveries waited for."""

from __future__ import annotations

from mockso.state.tenant import State
from mockso.web.admin.routes import Answer, Argument, Ask, get, post
from mockso.web.admin.scenarios import TENANT

_LONGEST = 60


def list_webhooks(ask: Ask) -> Answer:
    """Every webhook, its secrets as the journal has them, and how many deliveries are under way."""
    redaction = ask.engine.journal.redaction
    return {
        "webhooks": [
            {"tenant": tenant.name, "webhook": redaction.value(dict(hook), {})}
            for tenant in _tenants(ask)
            for hook in tenant.webhooks.all()
        ],
        "queued": ask.engine.webhooks.pending(),
    }


def signal(ask: Ask) -> Answer:
    """Let an event happen in every tenant that has webhooks, or in the one that is named."""
    body = ask.body
    events = []
    for tenant in _tenants(ask):
        event, takers = ask.engine.webhooks.signal(
            tenant,
            body["event"],
            body["key"],
            changes=body.get("changes"),
            fields=body.get("fields"),
            values=body.get("values"),
        )
        events.append({"tenant": tenant.name, "id": event.id, "webhooks": takers})
    return {"events": events}


def flush(ask: Ask) -> Answer:
    """Wait until no delivery is under way, or the time is over."""
    done = ask.engine.webhooks.flush(ask.body["timeout"])
    return {"met": done, "queued": ask.engine.webhooks.pending()}


def _tenants(ask: Ask) -> list[State]:
    name = ask.query.get("tenant")
    return [t for t in ask.engine.tenants if t.has_webhooks and name in (None, t.name)]


_SIGNAL = (
    Argument("event", "text", "name of the event, 'contact.created'", required=True),
    Argument("key", "count", "primary key of what it is about", default=0),
    Argument(
        "changes", "names", "columns that were changed; what such an event usually says where not given"
    ),
    Argument("fields", "map", "FieldValues of the delivery"),
    Argument("values", "map", "Values of the delivery"),
)

ROUTES = (
    get("webhooks", list_webhooks, "Webhooks that are registered", (TENANT,), gives="Webhooks"),
    post(
        "webhooks/signal",
        signal,
        "Let an event happen, for every webhook that listens",
        (TENANT,),
        _SIGNAL,
        gives="Signalled",
    ),
    post(
        "webhooks/flush",
        flush,
        "Wait until no delivery is under way",
        (),
        (Argument("timeout", "seconds", "how long at most", most=_LONGEST, default=10),),
        gives="Flushed",
    ),
)
