"""`mockso serve --log`: a line in the terminal for each call, or for those that were refused or warned of."""

from __future__ import annotations

import contextlib
import os
import queue
import sys
import threading
import time
from typing import TextIO

from mockso.exchange.call import Call
from mockso.journal.show import safe
from mockso.redaction.redaction import Redaction

LOGS = ("refused", "all", "none")
_WAITING = 1000  # lines that wait for a terminal which is slow, or a pipe that nobody reads
_REFUSED, _WARNED, _FINE, _END = "\x1b[31m", "\x1b[33m", "\x1b[32m", "\x1b[0m"


class Log:
    """Writes a line for a call, in a thread of its own: a pipe that nobody reads must not hold up an answer."""

    def __init__(self, kind: str, out: TextIO | None = None, redaction: Redaction | None = None) -> None:
        self._all = kind == "all"
        self._redaction = redaction or Redaction()
        self._out = out or sys.stderr
        self._is_coloured = self._out.isatty() and not os.environ.get("NO_COLOR")
        self._lines: queue.Queue[str] = queue.Queue(_WAITING)
        threading.Thread(target=self._write, name="mockso-log", daemon=True).start()

    def __call__(self, call: Call) -> None:
        if self._all or is_worth_a_line(call):
            # The query of a login has secrets, which a terminal shows to everybody who looks on.
            text = self._redaction.text(log_line(call, coloured=self._is_coloured), {})
            with contextlib.suppress(queue.Full):
                self._lines.put_nowait(text)

    def _write(self) -> None:
        while True:
            text = self._lines.get()
            try:
                self._out.write(f"{text}\n")
                self._out.flush()
            except (OSError, ValueError):  # the terminal is gone
                return


def is_worth_a_line(call: Call) -> bool:
    """Whether a call was refused or warned of."""
    reply = call.reply
    return bool(call.verdict.violations) or (
        reply is not None and (reply.by in ("refusal", "fault") or reply.status >= 500)
    )


def log_line(call: Call, *, coloured: bool = False) -> str:
    """Time, tenant, method, address, status and the reason of a call."""
    request, reply = call.request, call.reply
    status = str(reply.status) if reply is not None else "..."
    if reply is not None and reply.fault:
        status = f"{status} {reply.fault}"
    reason = "; ".join(str(violation) for violation in call.verdict.violations)
    if not reason and reply is not None:
        reason = reply.header("X-Mockso-Reason")
    colour = ""
    if coloured:
        is_refused = reply is not None and reply.status >= 400
        colour = _REFUSED if is_refused else _WARNED if call.verdict.violations else _FINE
    at = time.strftime("%H:%M:%S", time.localtime(request.at))
    line = f"{at}  {safe(request.tenant or '-')}  {safe(request.method)} {safe(request.target)}"
    return f"{line}  {colour}{status}{_END if colour else ''}" + (f"  {safe(reason)}" if reason else "")
