"""The texts of access tokens and tickets, and forgetting those that nobody can use any more.

When a token expires is printed in its text, unreadable to a client: a row that was forgotten is not missed, for an
expired token is known for what it is without one.
"""

from __future__ import annotations

import os
from base64 import b64decode, b64encode

from mockso.state.rows import Draft, Rows

TOKEN_LIFE = 3600.0
"""Seconds an access token works; firm, as announced in `expires_in`."""

PURGE_EVERY = 600.0
"""Seconds of a tenant's time between two looks for what can be forgotten."""

_MARK = b"mck"


def access_token(tenant: str, expires: float) -> str:
    """A new access token of a tenant. Source: section 2.1; its form is firm."""
    return f"8A:{tenant or 'Default'}.{_text(expires, 40)}"


def ticket(expires: float) -> str:
    """A new ticket. Source: section 2.1; its form is firm."""
    return f"7T:{_text(expires, 36)}"


def _text(expires: float, length: int) -> str:
    stamp = _MARK + max(0, int(expires)).to_bytes(5, "big")
    return b64encode(stamp + os.urandom(length - len(stamp))).decode()


def printed_expiry(token: str) -> float | None:
    """When a token or ticket of the mock expired first, by its text; None for any other text."""
    if len(token) < 48:
        return None
    text = token.partition(".")[2] if token[:3].upper() == "8A:" else token[3:]
    if len(text) < 48:
        return None
    try:
        content = b64decode(text[:12], validate=True)
    except ValueError:
        return None
    return float(int.from_bytes(content[3:8], "big")) if content[:3] == _MARK else None


def purge(draft: Draft, at: float) -> None:
    """Forget codes, tokens and tickets whose time is over. What was expired on purpose is remembered until then."""
    before = forgotten_until(draft)
    forgotten = before
    for kind in ("code", "token"):
        for key, row in list(draft.items(kind)):
            if "until" in row and max(row["until"], row["expires"]) <= at:
                draft.remove(kind, key)
                if row["expires"] < row["until"]:
                    forgotten = max(forgotten, float(row["until"]))
    if forgotten > before:
        draft.put("tenant", "forgotten", {"until": forgotten})


def forgotten_until(rows: Rows | Draft) -> float:
    """Until when those would have worked that were expired on purpose and are forgotten.

    A clock that is moved back does not bring them to life again: what has no row any more and expires by then is
    taken for expired.
    """
    row = rows.get("tenant", "forgotten")
    return 0.0 if row is None else float(row["until"])
