"""Many texts replaced in one pass: a body of 64 KiB may repeat a thousand secrets of its call."""

from __future__ import annotations

from collections.abc import Mapping
from typing import AnyStr

_HEAD = 6


def replace_all(text: AnyStr, replacements: Mapping[AnyStr, AnyStr]) -> AnyStr:
    """A text with each of some texts of six characters and more replaced, the longest first where several begin."""
    # By their beginnings and their lengths, so that one look-up tells whether one of them stands at a place.
    lengths: dict[AnyStr, list[int]] = {}
    for secret in replacements:
        known = lengths.setdefault(secret[:_HEAD], [])
        if len(secret) not in known:
            known.append(len(secret))
    for known in lengths.values():
        known.sort(reverse=True)
    pieces: list[AnyStr] = []
    done = 0
    for at in [at for at in range(len(text) - _HEAD + 1) if text[at : at + _HEAD] in lengths]:
        if at < done:
            continue
        for length in lengths[text[at : at + _HEAD]]:
            safe = replacements.get(text[at : at + length])
            if safe is not None:
                pieces += [text[done:at], safe]
                done = at + length
                break
    pieces.append(text[done:])
    return text[:0].join(pieces)
