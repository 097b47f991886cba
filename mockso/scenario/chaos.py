"""Chaos in a word: "20%", or "20%:throttled,reset" for some of the errors and faults only."""

from __future__ import annotations

from typing import cast

from mockso.errors import SettingError, did_you_mean
from mockso.matching.match import Match
from mockso.scenario.reply import ReplyPlan
from mockso.scenario.scenario import Fault, Scenario, Step
from mockso.scenario.schema import FAULTS, ErrorName

NAME = "chaos"
_FAULTS = tuple(fault for fault in FAULTS if fault != "framing")  # which needs headers to break
USUAL = ("throttled", "server-error")


def chaos_scenario(text: str) -> Scenario:
    """A scenario in which a part of all calls fails, each error as likely as the others.

    SettingError for a text that is not such a part.
    """
    part, colon, rest = text.partition(":")
    chance = _part(part)
    if not 0 < chance <= 1:
        raise SettingError(
            f"--chaos {text}: expected a part of the calls above 0 and up to 100%, such as 20% or 20%:throttled,reset."
        )
    names = [name.strip() for name in rest.split(",")] if colon else list(USUAL)
    known = (*ErrorName.names, *_FAULTS)
    for name in names:
        if name.replace("_", "-") not in known:
            hint = did_you_mean(name, known) or f" Known are {', '.join(known)}."
            raise SettingError(f"--chaos {text}: there is no error or fault {name!r}.{hint}")
        if names.count(name) > 1:
            raise SettingError(f"--chaos {text}: {name!r} stands there twice; name each once.")
    left, steps = 1.0, []
    for name in names:
        # A step is asked about the calls that those before it left.
        steps.append(_step(name.replace("_", "-"), min(chance / len(names) / left, 1.0)))
        left -= chance / len(names)
    return Scenario(NAME, f"Of all calls {chance:.4g} fail.", tuple(steps), origin=f"--chaos {text}")


def _part(text: str) -> float:
    try:
        return float(text.strip().removesuffix("%")) / (100 if text.strip().endswith("%") else 1)
    except ValueError:
        return -1


def _step(name: str, chance: float) -> Step:
    match = Match(verdict="any")
    if name in FAULTS:
        return Step(match, fault=cast(Fault, name), chance=chance, name=name)
    return Step(match, ReplyPlan(error=name), chance=chance, name=name)
