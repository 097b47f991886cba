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
from mockso.errors import MocksoError, SettingError
from mockso.recording.player import ASKING, Player, effective
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


def refuse_granian(mode: str) -> None:
    """SettingError for a mode that needs mockso's own server: one that asks the target, and tells at the end."""
    if mode in (*ASKING, "record"):
        raise SettingError(
            f"--mode {mode} asks the target, which needs mockso's own server: leave --server granian out. "
            "With granian a recording can be played: --mode none or simulate."
        )


def record_instead(arguments: argparse.Namespace) -> int:
    """Record into the file that would be played."""
    out = Path(arguments.play)
    if out.suffix not in (".yaml", ".yml"):
        raise SettingError(f"--play {out}: to record, name a file that ends in .yaml.")
    return listen(arguments, Target.of(arguments.target), out, pseudonyms_of(arguments))


def played(settings: Settings, arguments: argparse.Namespace, mode: str) -> Settings:
    """The settings with the recordings to play."""
    if arguments.play and (mode != "new_episodes" or Path(arguments.play).exists()):
        settings = replace(settings, scenarios=(*settings.scenarios, arguments.play))
    return replace(settings, only_scenarios=settings.only_scenarios or mode == "none")


def player(engine: Engine, arguments: argparse.Namespace, mode: str) -> Engine:
    """The engine, or one that asks the target too."""
    if mode not in ASKING:
        return engine
    upstream = Upstream(Target.of(arguments.target), ca=arguments.ca, timeout=arguments.timeout)
    return Player.over(engine, upstream, mode, pseudonyms_of(arguments))


def finish(engine: Engine, arguments: argparse.Namespace, say: Callable[[str], None]) -> int:
    """Write what is new, tell what differs; the exit status."""
    if not isinstance(engine, Player):
        return 0
    engine.upstream.close()
    try:
        return _finish(engine, arguments, say)
    except MocksoError as error:
        sys.stderr.write(f"mockso serve: {error}{os.linesep}")
        return 2


def _finish(engine: Player, arguments: argparse.Namespace, say: Callable[[str], None]) -> int:
    if engine.mode == "diff":
        for line in engine.differing:
            say(line)
        say(f"{engine.compared} answers compared, {len(engine.differing)} differences")
        return 1 if engine.differing else 0
    if engine.mode == "new_episodes" and len(engine.tape):
        place = Path(arguments.play)
        out = place / _NEW if place.suffix not in (".yaml", ".yml") else place
        target = engine.upstream.target.origin
        steps = append_recording(
            out, engine.tape.calls(), engine.names, engine.contract, target=target, say=say
        )
        say(f"{out}: {steps} new steps of {len(engine.tape)} calls")
    return 0
