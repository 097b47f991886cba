"""The form in which what opens a door stands in a row: tokens, codes and secrets of applications."""

from __future__ import annotations


def fingerprint(value: str) -> str:
    """The SHA-256 of a text, so that no row holds what opens a door."""
    from hashlib import sha256

    # A program may give half a surrogate pair, which UTF-8 does not have.
    return sha256(value.encode("utf-8", "surrogatepass")).hexdigest()
