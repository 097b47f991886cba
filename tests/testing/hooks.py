"""A world with a webhook, the deliveries of which a scenario takes."""

from __future__ import annotations

from mockso.testing.world import World


def hooked(world: World) -> None:
    """Register a webhook for created contacts whose target answers 200, without a connection."""
    world.grant("Webhook")
    world.play(
        {"name": "target", "steps": [{"match": {"webhook": "contact.created"}, "reply": {"status": 200}}]}
    )
    body = {"Name": "hook", "Events": ["contact.created"], "TargetUrl": "https://hooks.example.com/x"}
    assert world.client().post("Webhook", json=body).status_code == 200
