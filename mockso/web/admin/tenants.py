"""The tenants over HTTP: who was called, what each is and what state it shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mockso.exchange.address import home_of
from mockso.web.admin.routes import Answer, Ask, get


def list_tenants(ask: Ask) -> Answer:
    """The tenants that are known, by name."""
    return {"tenants": list(rows(ask))}


def rows(ask: Ask) -> Iterator[dict[str, Any]]:
    """Each tenant that was called or prepared. Of one that only the journal knows, state and profile are empty.

    `endpoint` is where a scenario has it live, empty where it is at home.
    """
    journal = ask.engine.journal
    counts = journal.tenants()
    states = {tenant.name: tenant for tenant in ask.engine.tenants}
    origin = ask.request.host_url.rstrip("/")
    for name in sorted({*counts, *states}):
        tenant = states.get(name)
        endpoint = tenant.endpoint if tenant else ""
        yield {
            "name": name,
            "profile": "" if tenant is None else "online" if tenant.online else "onsite",
            "state": tenant.shown_status if tenant else "",
            "endpoint": home_of(name, endpoint, origin) if endpoint else "",
            "grants": sorted(tenant.grants) if tenant else [],
            "scenarios": [s.name for s in tenant.scenarios] if tenant and tenant.plays else [],
            "calls": counts.get(name, 0),
            "dropped": journal.count_dropped(name),
        }


ROUTES = (get("tenants", list_tenants, "Who was called, and the state of each", gives="Tenants"),)
