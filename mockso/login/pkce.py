"""Proof Key for Code Exchange, RFC 7636: a challenge with the code, its verifier with the exchange."""

from __future__ import annotations

import re
from hashlib import sha256
from hmac import compare_digest

from mockso.formats.base64url import to_base64url

METHODS = ("plain", "S256")
_VERIFIER = re.compile(r"[A-Za-z0-9._~-]{43,128}\Z")
_S256 = re.compile(r"[A-Za-z0-9_-]{43}\Z")


def is_challenge(challenge: str, method: str) -> bool:
    """Whether a challenge has the form of its method."""
    return bool((_S256 if method == "S256" else _VERIFIER).match(challenge))


def challenge_of(verifier: str) -> str:
    """The S256 challenge of a verifier."""
    return to_base64url(sha256(verifier.encode()).digest())


def answers(verifier: str, challenge: str, method: str) -> bool:
    """Whether a verifier belongs to a challenge."""
    if not _VERIFIER.match(verifier):
        return False
    return compare_digest(challenge_of(verifier) if method == "S256" else verifier, challenge)
