"""A recording made after the fact, of the calls in a journal: a file's or that of a mock that runs."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from mockso.contract.catalogue import Contract
from mockso.contract.model import NOTHING
from mockso.errors import ScenarioError, SettingError, count_of
from mockso.journal.entry import Document, call_of
from mockso.journal.source import open_source
from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.tape import Body, TapedCall
from mockso.recording.write import write_recording


def record_journal(arguments: argparse.Namespace, out: Path, names: Pseudonyms) -> int:
    """Write a recording of a journal's calls; 0 when there was something to write, 1 when nothing was."""
    contract = Contract.open(arguments.contract[0]) if arguments.contract else Contract.open()
    matcher = _matcher(arguments.match)
    source = open_source(arguments.from_journal, arguments.token)
    try:
        entries = [json.loads(line) for line in source.lines({})]
    finally:
        source.close()
    tape: list[TapedCall] = []
    left_out: dict[str, int] = {}
    for entry in entries:
        why = unfit(entry)
        if not why:
            call = taped_of(entry, contract)
            why = "" if matcher is None or matcher.matches(call.call) else "does not match"
            if not why:
                tape.append(call)
        if why:
            left_out[why] = left_out.get(why, 0) + 1
    for why, count in sorted(left_out.items()):
        sys.stdout.write(f"not carried over: {count} ({why})\n")
    if not tape:
        sys.stdout.write("no call is left, so nothing is written\n")
        return 1
    steps = write_recording(out, tape, names, contract, target=arguments.from_journal, say=_say)
    sys.stdout.write(f"{out}: {count_of(steps, 'step')} of {count_of(len(tape), 'call')}\n")
    return 0


def _say(line: str) -> None:
    sys.stdout.write(f"{line}\n")


def _matcher(text: str | None) -> Matcher | None:
    if not text:
        return None
    try:
        value = json.loads(text)
    except ValueError as error:
        raise SettingError(
            f"--match {text}: not JSON ({error}). Give it as in a scenario's 'match'."
        ) from error
    try:
        return Matcher(Match.from_json(value, "--match", "any"))
    except ScenarioError as error:
        raise SettingError(str(error)) from error


def unfit(entry: Document) -> str:
    """Why an entry cannot become a step; "" when it can."""
    reply = entry["reply"]
    if reply is None:
        return "it was not answered"
    if entry["direction"] != "in":
        return "it was sent by the server"
    if reply["fault"]:
        return f"the answer was a fault ({reply['fault']})"
    if not 200 <= reply["status"] <= 599:
        return f"status {reply['status']}"
    if reply["by"] == "upstream" and reply["status"] == 502 and entry["note"]:
        return "the server gave no answer"
    if "cut" in reply:
        return "the journal has only the beginning of the answer; see the setting journal_body_limit"
    if "cut" in entry["request"]:
        return "the journal has only the beginning of the request; see the setting journal_body_limit"
    return ""


def taped_of(entry: Document, contract: Contract) -> TapedCall:
    """An entry as a call that passed."""
    call = call_of(entry, contract)
    assert call.reply is not None
    data = b"" if call.reply.body is NOTHING else call.reply.body
    return TapedCall(call, Body(call.request.body, len(call.request.body)), Body(data, len(data)))
