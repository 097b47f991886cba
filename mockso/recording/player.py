"""A mock that plays recordings and has the real server at hand: for what they lack, or to compare.

Modes, in the words people know: `none` (a miss is an error), `once` (record if there is no file yet),
`new_episodes` (a miss is asked of the target and added), `all` (record anew); and `simulate` (a miss gets the
contract's answer), `spy` (a miss goes to the target), `record` (as all), `diff` (ask both and compare).
"""

from __future__ import annotations

import re
import threading
from pathlib import Path

from mockso.config import MODES
from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.exchange.call import Answer, Call, Difference
from mockso.exchange.message import Reply
from mockso.recording.ask import Asker, keep
from mockso.recording.compare import differences, value_of
from mockso.recording.proxy import bad_gateway
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.tape import Tape
from mockso.recording.upstream import Upstream, UpstreamError
from mockso.state.tenant import Rest, View

# Those that ask the target while they play.
ASKING = ("new_episodes", "spy", "diff")


def effective(mode: str, file: Path, target: str) -> str:
    """The mode that a mode comes down to: "none", "simulate", "new_episodes", "spy", "diff" or "record".

    SettingError for an unknown one, and for one that needs a target where there is none.
    """
    if mode not in MODES:
        raise SettingError(f"--mode {mode}: no such mode. Modes are {', '.join(MODES)}.")
    if mode == "once":
        mode = "none" if file.exists() else "record"
    mode = "record" if mode == "all" else mode
    if mode in (*ASKING, "record") and not target:
        raise SettingError(f"--mode {mode} asks the real server: give --target URL.")
    return mode


class Player:
    """Asks `upstream` where the scenarios of an engine are silent, or, in "diff", always.

    It stands in front of the engine's row of answerers. `tape` has the calls that were asked in "new_episodes";
    `differing` what was found in "diff".
    """

    def __init__(
        self, engine: Engine, upstream: Upstream, mode: str, names: Pseudonyms | None = None
    ) -> None:
        self.engine = engine
        self.upstream = upstream
        self.mode = mode
        self.names = names or Pseudonyms()
        self.tape = Tape()
        self._asker = Asker(upstream, engine.settings.body_limit)
        self.compared = 0
        self._differing: list[tuple[str, Difference, str]] = []
        self._silent: list[str] = []
        self._lock = threading.Lock()
        engine.answerers = (self.answer, *engine.answerers)
        engine.at_release(upstream.close)

    def answer(self, call: Call, view: View, rest: Rest) -> Answer:
        """The target's answer where no step has one; in "diff" the step's, compared with the target's."""
        answer = rest(call)
        if view.scenario is not None or (answer.step and self.mode != "diff"):
            return answer
        if call.request.to_environment:
            # The target's tenant state would lead the client there, past the mock.
            return answer
        if len(call.request.body) > self.engine.settings.body_limit:
            # Only its beginning was read; the reply says so, and the target is not sent half a body.
            return answer
        try:
            theirs = self._asker.ask(call)
        except UpstreamError as error:
            reply = answer.reply if answer.step else bad_gateway(str(error), self.engine, call.request)
            return answer._replace(reply=reply, note=str(error))
        if answer.step:
            return answer._replace(note=self._compare(call, answer.reply, theirs))
        if self.mode == "diff":
            with self._lock:
                self._silent.append(f"{_line(call)}: the recording has no answer")
        if self.mode == "new_episodes":
            keep(self.tape, call, theirs)
        return answer._replace(reply=theirs)

    def _compare(self, call: Call, ours: Reply, theirs: Reply) -> str:
        """Take down what differs; a line that says so, empty if nothing does."""
        self.names.meet(value_of(theirs))
        # The recording has stand-ins where the target has people.
        items = [(item, theirs.media_type) for item in differences(ours, theirs)]
        items = [(item, media) for item, media in items if not self._stands_in(item, media)]
        with self._lock:
            self.compared += 1
            self._differing += [(_line(call), item, media) for item, media in items]
        if not items:
            return ""
        return f"the target answers otherwise: {'; '.join(str(item) for item, _ in items)}"

    def _stands_in(self, item: Difference, media: str) -> bool:
        if not isinstance(item.actual, str):
            return False
        name, around = _names(item.field)
        if not name:
            return bool(item.expected == self.names.raw(item.actual, media))
        safe = self.names.value({name: item.actual}, around)
        return bool(safe == {name: item.expected})

    @property
    def differing(self) -> list[str]:
        """The differences of "diff", a line for each. Evaluated late, as a name may have become known since."""
        with self._lock:
            items = [
                f"{line}: {item}" for line, item, media in self._differing if not self._stands_in(item, media)
            ]
            return items + self._silent


def _names(field: str) -> tuple[str, str]:
    """The property that a difference is in, and the one around it: "reply body.Emails[0].Value"."""
    parts = re.sub(r"\[\d+\]", "", field).split(".")[1:]
    return (parts[-1] if parts else ""), (parts[-2] if len(parts) > 1 else "")


def _line(call: Call) -> str:
    return f"{call.request.method} {call.request.path}"
