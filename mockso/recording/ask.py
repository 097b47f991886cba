"""One question to the real server in place of a mock's own answer, and what is kept of it for a recording."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Any

from mockso.contract.model import NOTHING
from mockso.exchange.address import origin_of
from mockso.exchange.call import Call
from mockso.exchange.message import Reply
from mockso.judge.reply import judge_reply
from mockso.recording.rewrite import Plain, Rewriting, is_text
from mockso.recording.tape import Body, Tape, TapedCall
from mockso.recording.upstream import HOP_BY_HOP, Upstream, UpstreamError

# Sent by every answer of ours anyway, or of the moment.
_OWN = frozenset({"x-powered-by", "content-encoding", "content-length", "date", "server", "vary"})
# What says who calls: of a test's world it means nothing to the real server.
_CREDENTIALS = frozenset({"authorization", "so-apptoken", "x-xsrf-token", "cookie"})


@dataclass(frozen=True)
class Asker:
    """Asks `upstream`; requests and answers of more than `limit` bytes are refused.

    With `credential`, the header lines that say who calls, calls come from a test's world: its tenant is
    replaced by the target's, and its credentials by these.
    """

    upstream: Upstream
    limit: int
    credential: tuple[tuple[str, str], ...] = ()

    def ask(self, call: Call) -> Reply:
        """The target's answer, with its body decompressed. Raises UpstreamError without one, or if it is too long.

        A reply is a value, kept as a whole: what may be of any length passes through `mockso record`.
        """
        request, target = call.request, self.upstream.target
        if len(request.body) > self.limit:
            raise UpstreamError(f"the request is longer than {self.limit} bytes (the setting body_limit)")
        pairs = [(origin_of(request.base), target.origin)]
        address = target.address_of(request.target)
        own_headers: frozenset[str] = frozenset()
        if self.credential:
            pairs.insert(0, (request.base.rpartition("/")[0], f"{target.origin}{target.path}"))
            start = len(request.tenant) + 1 if request.tenant else 0
            address = target.path + request.target[start:]
            own_headers = _CREDENTIALS
        out = [Rewriting(ours, theirs) for ours, theirs in pairs]
        back = [Rewriting(theirs, ours) for ours, theirs in pairs]
        headers = [
            (name, _text(out, value))
            for name, value in request.headers
            if not name.lower().startswith(("accept-encoding", "x-mockso-"))
            and name.lower() not in own_headers
        ]
        body = request.body
        if is_text(request.media_type) and "Content-Encoding" not in request.headers:
            body = _body(out, body)
        answer = self.upstream.send(request.method, address, [*headers, *self.credential], body)
        try:
            reader = Plain(answer.headers.get("Content-Encoding", ""))
            data = self._whole(part for piece in answer.pieces() for part in reader.feed(piece))
        except ValueError as error:
            answer.close()
            raise UpstreamError(str(error)) from error
        except UpstreamError:
            answer.close()
            raise
        if is_text(answer.headers.get("Content-Type", "")):
            data = _body(back, data)
        lines = (
            (name, _text(back, value))
            for name, value in answer.headers
            if name.lower() not in HOP_BY_HOP | _OWN and not name.lower().startswith("x-mockso-")
        )
        return answer.reply(data, lines)

    def _whole(self, parts: Iterable[bytes]) -> bytes:
        pieces, size = [], 0
        for part in parts:
            pieces.append(part)
            size += len(part)
            if size > self.limit:
                raise UpstreamError(
                    f"its answer is longer than {self.limit} bytes (the setting body_limit), and answers are "
                    "kept as a whole here; mockso record passes them on at any length"
                )
        return b"".join(pieces)


def _text(rewritings: Iterable[Rewriting], text: str) -> str:
    for rewriting in rewritings:
        text = rewriting.text(text)
    return text


def _body(rewritings: Iterable[Rewriting], body: bytes) -> bytes:
    for rewriting in rewritings:
        body = rewriting.body(body)
    return body


def keep(tape: Tape, call: Call, reply: Reply) -> None:
    """Put a call and the target's answer on a tape; long bodies wait for the end in files."""
    call = replace(call, reply=reply)
    faults = judge_reply(call)
    call = call.with_verdict(replace(call.verdict, violations=(*call.verdict.violations, *faults)))
    request_body, answer = _spool(tape, call.request.body), _spool(tape, reply.body)
    if request_body.file is not None:
        request, verdict = replace(call.request, body=request_body.data), replace(call.verdict, body=NOTHING)
        call = replace(call, request=request, verdict=verdict)
    tape.add(
        TapedCall(replace(call, reply=replace(reply, body=answer.data or NOTHING)), request_body, answer)
    )


def _spool(tape: Tape, body: Any) -> Body:
    spool = tape.spool()
    if body is not NOTHING:
        spool.write(body)
    return spool.finish()
