"""`mockso serve --play`: recordings played, in every mode, until the server is told to stop."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from mockso.commands.record import listen, pseudonyms_of
from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import MocksoError, SettingError, count_of
from mockso.recording.player import ASKING, Player, effective
from mockso.recording.rescue import keep_calls, try_place
from mockso.recording.upstream import Target, Upstream
from mockso.recording.write import append_recording

# New steps of a folder of recordings.
_NEW = "new-episodes.yaml"


def play_mode(arguments: argparse.Namespace) -> str:
    """The mode that the options come down to, "" when nothing is to be played."""
    if not arguments.play:
        if arguments.target and arguments.mode in ("spy", "simulate"):
            return str(arguments.mode)
        if arguments.target or arguments.mode != "none":
            raise SettingError("--mode and --target belong to --play FILE|DIR; only spy goes without one.")
        return ""
    return effective(arguments.mode, Path(arguments.play), arguments.target)


def record_instead(arguments: argparse.Namespace) -> int:
    """Record into the file that would be played."""
    out = Path(arguments.play)
    if out.suffix not in (".yaml", ".yml"):
        raise SettingError(f"--play {out}: to record, name a file that ends in .yaml.")
    return listen(arguments, Target.of(arguments.target), out, pseudonyms_of(arguments))


def with_recordings(settings: Settings, arguments: argparse.Namespace, mode: str) -> Settings:
    """The settings with the recordings to play."""
    if arguments.play and (mode != "new_episodes" or Path(arguments.play).exists()):
        settings = replace(settings, scenarios=(*settings.scenarios, arguments.play))
    return replace(settings, only_scenarios=settings.only_scenarios or mode == "none")


def player(engine: Engine, arguments: argparse.Namespace, mode: str) -> Player | None:
    """The player that asks the target where scenarios are silent; None in a mode that asks nobody."""
    if mode not in ASKING:
        return None
    if mode == "new_episodes":
        try_place(_new_place(arguments), "--play")
    upstream = Upstream(Target.of(arguments.target), ca=arguments.ca, timeout=arguments.timeout)
    return Player(engine, upstream, mode, pseudonyms_of(arguments))


def _new_place(arguments: argparse.Namespace) -> Path:
    place = Path(arguments.play)
    return place if place.suffix in (".yaml", ".yml") else place / _NEW


def finish(player: Player, arguments: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Write what is new, tell what differs; the exit status."""
    player.upstream.close()
    try:
        return _finish(player, arguments, say)
    except (MocksoError, OSError) as error:
        sys.stderr.write(f"mockso serve: {error}{os.linesep}")
        if len(player.tape):
            engine = player.engine
            kept = keep_calls(engine.journal, engine.settings.journal, _new_place(arguments))
            sys.stderr.write(f"{kept}{os.linesep}")
        return 2


def _finish(player: Player, arguments: argparse.Namespace, say: Callable[[str], None]) -> int:
    if player.mode == "diff":
        for line in player.differing:
            say(line)
        say(
            f"{count_of(player.compared, 'answer')} compared, {count_of(len(player.differing), 'difference')}"
        )
        return 1 if player.differing else 0
    if player.mode == "new_episodes" and len(player.tape):
        out = _new_place(arguments)
        target = player.upstream.target.origin
        steps = append_recording(
            out, player.tape.calls(), player.names, player.engine.contract, target=target, say=say
        )
        say(f"{out}: {count_of(steps, 'new step')} of {count_of(len(player.tape), 'call')}")
    return 0
