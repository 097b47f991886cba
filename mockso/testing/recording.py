"""A test's recording: played in its world, and in the modes that ask the real server, made or added to.

The environment has the server and its credentials, so that none stands in a suite: MOCKSO_RECORD_TARGET,
MOCKSO_RECORD_TOKEN, MOCKSO_RECORD_APP_TOKEN and MOCKSO_RECORD_CA.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from mockso.answer.row import play_scenarios
from mockso.errors import SettingError
from mockso.exchange.call import Answer, Call
from mockso.recording.ask import Asker, keep
from mockso.recording.player import effective
from mockso.recording.proxy import bad_gateway
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.tape import Tape
from mockso.recording.upstream import Target, Upstream, UpstreamError
from mockso.recording.write import append_recording, write_recording
from mockso.scenario.library import load_scenarios
from mockso.state.tenant import Rest, View

if TYPE_CHECKING:
    from mockso.testing.world import World

FOLDER = "recordings"
TARGET, TOKEN = "MOCKSO_RECORD_TARGET", "MOCKSO_RECORD_TOKEN"
APP_TOKEN, CA = "MOCKSO_RECORD_APP_TOKEN", "MOCKSO_RECORD_CA"


@dataclass(frozen=True)
class RecordOptions:
    """The options of a suite's recordings: the mode of --mockso-record, and what stays out of the files."""

    mode: str = "none"
    forced: bool = False
    keep: tuple[str, ...] = ()
    redact: tuple[str, ...] = ()
    seed: str = "mockso"


def file_of(name: str, test: Path, root: Path) -> Path:
    """The file of a recording: in `recordings` beside the test or of the root, or the one its name gives."""
    if name.endswith((".yaml", ".yml")):
        return test.parent / name
    beside, above = (folder / FOLDER / f"{name}.yaml" for folder in (test.parent, root))
    return above if above.exists() and not beside.exists() else beside


class Recording:
    """One test's recording. `finish` at its end writes what is new; `made` are the files of this run so far.

    SettingError when the file is not there, or when the server must be asked and may not or cannot be.
    """

    def __init__(
        self,
        world: World,
        file: Path,
        options: RecordOptions,
        written: set[Path],
        environment: Mapping[str, str] | None = None,
    ) -> None:
        self.file = file
        self._world, self._options, self._written = world, options, written
        environment = os.environ if environment is None else environment
        target = environment.get(TARGET, "")
        # Tests that share a file add to what the first of them recorded anew.
        mode = "new_episodes" if file in written and options.mode != "none" else options.mode
        self.mode = effective(mode, file, target or "unsaid")
        self._asker: Asker | None = None
        self._tape = Tape()
        if self.mode == "none":
            if not file.exists():
                raise SettingError(
                    f"the recording {file} is not there. Make it with --mockso-record=once, and the server to "
                    f"record in {TARGET}."
                )
        else:
            self._asker = self._asking(target, environment)
            world.answer_with(self.answer, behind=play_scenarios)
        if self.mode != "record" and file.exists():
            for scenario in load_scenarios([str(file)], world.mock.engine.contract):
                # Its steps need not be used up, so it is none of what the test planned.
                world.scenarios.load(replace(scenario, only=self.mode == "none"))

    def _asking(self, target: str, environment: Mapping[str, str]) -> Asker:
        option = f"--mockso-record={self._options.mode}"
        if not target:
            raise SettingError(
                f"{option} asks the real server for {self.file.name}: give its address in {TARGET}, such as "
                "https://sod2.superoffice.com/Cust12345."
            )
        # A build must not depend on a tenant.
        if environment.get("CI", "").lower() not in ("", "0", "false") and not self._options.forced:
            raise SettingError(
                f"{option} calls {target}, which is not done under CI (the variable CI is set) unless forced: "
                "--mockso-record-force."
            )
        token = environment.get(TOKEN, "")
        if not token:
            raise SettingError(
                f"{option} asks {target}: give a credential for it in {TOKEN}, such as 'Bearer 8A:Cust12345...'."
            )
        credential = [("Authorization", token if " " in token else f"Bearer {token}")]
        if environment.get(APP_TOKEN):
            credential.append(("SO-AppToken", environment[APP_TOKEN]))
        upstream = Upstream(Target.of(target, TARGET), ca=environment.get(CA, ""))
        return Asker(upstream, self._world.mock.engine.settings.body_limit, tuple(credential))

    def answer(self, call: Call, view: View, rest: Rest) -> Answer | None:
        """The real server's answer, where no step has one and no scenario was named."""
        if call.step or view.scenario is not None:
            return None
        engine = self._world.mock.engine
        assert self._asker is not None
        try:
            reply = self._asker.ask(call)
        except UpstreamError as error:
            self._tape.leave_out("the server gave no answer")
            return Answer(bad_gateway(str(error), engine, call.request), note=str(error))
        keep(self._tape, call, reply)
        return Answer(reply)

    def finish(self, *, passed: bool) -> Iterable[str]:
        """Write what is new, if the test passed; what to tell of it. A MocksoError says why nothing was written."""
        if self._asker is None:
            return ()
        self._asker.upstream.close()
        lines: list[str] = []
        try:
            if len(self._tape) and not passed:
                return (f"recording {self.file.name}: nothing was written, because the test failed",)
            if len(self._tape):
                self._write(lines)
            return lines
        finally:
            self._tape.close()

    def _write(self, lines: list[str]) -> None:
        assert self._asker is not None
        options = self._options
        names = Pseudonyms(options.seed, options.keep, options.redact)
        # What a test sends as its own credential is known to nobody else, and secret all the same.
        names.learn_headers(self._asker.credential)
        write = write_recording if self.mode == "record" else append_recording
        contract, target = self._world.mock.engine.contract, self._asker.upstream.target.origin
        write(self.file, self._tape.calls(), names, contract, target=target, say=lines.append)
        self._written.add(self.file)
