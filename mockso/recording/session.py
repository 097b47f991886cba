"""A recording as long as a test lasts, for the pytest plugin and other programs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.recording.player import Player, effective
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.upstream import Target, Upstream
from mockso.recording.write import append_recording, write_recording


def refuse_under_ci(
    what: str, target: str, environment: Mapping[str, str], *, forced: bool, force: str = "forced=True"
) -> None:
    """SettingError where the variable CI is set, unless `forced`: a build must not depend on a tenant."""
    if environment.get("CI", "").lower() not in ("", "0", "false") and not forced:
        raise SettingError(
            f"{what} calls {target}, which is not done under CI (the variable CI is set) unless forced: {force}."
        )


@contextmanager
def recording_engine(
    settings: Settings,
    file: Path,
    mode: str = "none",
    target: str = "",
    *,
    names: Pseudonyms | None = None,
    ca: str = "",
    forced: bool = False,
    environment: Mapping[str, str] | None = None,
) -> Iterator[Engine]:
    """An engine that plays a recording, in one of the modes of `mockso serve --play`; what is new is written
    at the end, also when the test failed.

    SettingError for a mode that asks the target under CI (the variable CI is set), unless `forced`.
    """
    meant = effective(mode, file, target)
    environment = os.environ if environment is None else environment
    if target and meant not in ("none", "simulate"):
        refuse_under_ci(f"recording mode {mode!r}", target, environment, forced=forced)
    if meant != "record" and (meant != "new_episodes" or file.exists()):
        settings = replace(settings, scenarios=(*settings.scenarios, str(file)))
    engine = Engine.open(replace(settings, only_scenarios=settings.only_scenarios or meant == "none"))
    if meant in ("none", "simulate"):
        try:
            yield engine
        finally:
            engine.close()
        return
    upstream = Upstream(Target.of(target), ca=ca)
    asking = "new_episodes" if meant == "record" else meant
    player = Player(engine, upstream, asking, names)
    try:
        yield engine
    finally:
        upstream.close()
        if len(player.tape):
            write = write_recording if meant == "record" else append_recording
            write(file, player.tape.calls(), player.names, engine.contract, target=upstream.target.origin)
        player.tape.close()
        engine.close()
