"""The proxy: a WSGI application that passes calls on to a server, judges and keeps them on the way.

Bodies pass in pieces. The first of an answer is held back for a moment, so that an answer that breaks off
early can still become a 502; one that breaks off later breaks off for the client too. `/__mockso/` is our own.
"""

from __future__ import annotations

import json
import sys
import time
import traceback
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from itertools import chain
from typing import Any

from mockso.answer.refuse import envelope
from mockso.contract.catalogue import Lookup
from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.errors import MocksoError
from mockso.exchange.address import is_api, origin_of
from mockso.exchange.call import Call, Verdict, Violation
from mockso.exchange.headers import header_text
from mockso.exchange.message import NO_BODY, Headers, Reply, Request
from mockso.judge.judge import judge
from mockso.judge.reply import judge_reply
from mockso.recording.rewrite import Plain, Rewriting, coding, compress, is_text
from mockso.recording.tape import IN_MEMORY, Body, Spool, Tape, TapedCall
from mockso.recording.upstream import HOP_BY_HOP, PIECE, Answer, Upstream, UpstreamError
from mockso.state.tenant import View
from mockso.timing import monotonic
from mockso.web.gate import Gate

Environ = dict[str, Any]
StartResponse = Callable[..., Any]

# An answer is held back until it is whole, this long or this large: a client must not wait for a slow end.
_HELD_SECONDS = 0.5
_MOST_VERDICTS = 1_000
_HEAD = 64 * 1024
_LONGEST_JUDGED = 8 * 1024 * 1024
_OWN = "/__mockso"
_NOTHING_SENT = Body(b"", 0)


class Proxy(Gate):
    """Passes calls on to `upstream`. `tape` keeps them, None only judges; all are in the engine's journal."""

    def __init__(self, engine: Engine, upstream: Upstream, tape: Tape | None = None) -> None:
        super().__init__(engine)
        self.upstream = upstream
        self.tape = tape
        self._scratch = tape or Tape()
        self._judged: dict[tuple[Any, ...], tuple[Violation, ...]] = {}
        self._rewritings: dict[str, tuple[Rewriting, Rewriting]] = {}

    def __call__(self, environ: Environ, start_response: StartResponse) -> Iterable[bytes]:
        path = environ.get("PATH_INFO", "")
        if path == _OWN or path.startswith(f"{_OWN}/"):
            return self.flask(environ, start_response)
        return Passage(self, environ, start_response).go()

    def is_direct(self, path: str) -> bool:
        """Everything passes through here."""
        return False

    def close(self) -> None:
        """Close connections, delete what lies in files."""
        self.upstream.close()
        self._scratch.close()

    def spool(self) -> Spool:
        return self._scratch.spool()

    def judge_reply(self, call: Call) -> tuple[Violation, ...]:
        """The violations of a reply; cached for equal replies."""
        reply = call.reply
        assert reply is not None
        mark = (call.operation_id, reply.status, reply.header("Content-Type"), hash(reply.body))
        cached = self._judged.get(mark)
        if cached is None:
            if len(self._judged) >= _MOST_VERDICTS:
                self._judged.clear()
            cached = self._judged[mark] = judge_reply(call)
        return cached

    def rewritings(self, base: str) -> tuple[Rewriting, Rewriting]:
        """The rewritings from our address to the server's and back, for calls to `base`."""
        ours = origin_of(base)
        cached = self._rewritings.get(ours)
        if cached is None:
            if len(self._rewritings) > 100:  # a client may send any Host
                self._rewritings.clear()
            theirs = self.upstream.target.origin
            cached = self._rewritings[ours] = Rewriting(ours, theirs), Rewriting(theirs, ours)
        return cached


class Passage:
    """One call on its way."""

    def __init__(self, proxy: Proxy, environ: Environ, start_response: StartResponse) -> None:
        self._proxy, self._environ, self._start = proxy, environ, start_response
        self._engine = proxy.engine
        self._started = time.perf_counter()
        target = proxy.upstream.target
        raw = environ.get("REQUEST_URI") or environ.get("RAW_URI") or environ.get("PATH_INFO", "/")
        if raw.startswith("http"):  # a client that takes us for a proxy of its own
            raw = "/" + raw.split("/", 3)[3] if raw.count("/") > 2 else "/"
        self._address = target.address_of(raw)
        self._api = is_api(target.address_of(environ.get("PATH_INFO", "/")))
        # The body is not read here: it is passed on in pieces.
        head = {**environ, "PATH_INFO": target.address_of(environ.get("PATH_INFO", "/"))}
        head |= {"CONTENT_LENGTH": "", "HTTP_TRANSFER_ENCODING": "", "wsgi.input_terminated": False}
        self._request = proxy.edge.read({**head, "REQUEST_URI": self._address})
        self._out, self._back = proxy.rewritings(self._request.base)
        self._request_spool = proxy.spool() if self._has_body else None
        self._note = ""

    @property
    def _has_body(self) -> bool:
        return bool(
            self._environ.get("CONTENT_LENGTH", "0") not in ("", "0")
            or "chunked" in self._environ.get("HTTP_TRANSFER_ENCODING", "").lower()
        )

    def go(self) -> Iterable[bytes]:
        """Pass the call on; the pieces of the answer. Never raises: a bug of ours is a 502 with its traceback."""
        self._id = self._engine.journal.arrive(self._request)
        answer = None
        try:
            body, length = self._body()
            method, headers = self._request.method, self._headers()
            answer = self._proxy.upstream.send(method, self._address, headers, body, length)
            return self._answer(answer)
        except Exception as error:
            if answer is not None:
                answer.close()
            if isinstance(error, UpstreamError):
                return self._bad_gateway(str(error))
            return self._bad_gateway(f"a bug in mockso: {error!r}", traceback.format_exc())

    # to the server

    def _headers(self) -> list[tuple[str, str]]:
        lines = []
        for name, value in self._request.headers:
            folded = name.lower()
            if folded == "accept-encoding":
                # An answer in a coding that we cannot read could be neither judged nor rewritten.
                cached = [p.strip() for p in value.split(",")]
                value = ", ".join(
                    p for p in cached if p.partition(";")[0].strip() in ("gzip", "deflate", "identity")
                )
                if not value:
                    continue
            lines.append((name, self._out.text(value)))
        return lines

    def _body(self) -> tuple[bytes | Iterator[bytes], int | None]:
        """The body to send on, whole if it is short, and its length if that is known."""
        if self._request_spool is None:
            return b"", None
        stream = self._environ["wsgi.input"]
        length_text = self._environ.get("CONTENT_LENGTH") or ""
        length = int(length_text) if length_text.isascii() and length_text.isdigit() else None

        def pieces(remaining: int | None) -> Iterator[bytes]:
            while remaining is None or remaining > 0:
                try:
                    piece = stream.read(PIECE if remaining is None else min(PIECE, remaining))
                except ValueError as error:  # chunks that are none, see wire.py
                    raise UpstreamError(f"the client's request cannot be read: {error}") from error
                if not piece:
                    if remaining:
                        raise UpstreamError("the client went away in the middle of its request")
                    return
                if remaining is not None:
                    remaining -= len(piece)
                yield piece

        rest = self._request_spool.tee(pieces(length))
        first = b""
        for piece in rest:
            first += piece
            if len(first) >= IN_MEMORY:
                break
        else:
            whole = first
            if is_text(self._request.headers.get("Content-Type")) and not self._encoding:
                whole = self._out.body(first)
            return whole, len(whole)
        return chain((first,), rest), length

    @property
    def _encoding(self) -> str:
        return self._request.headers.get("Content-Encoding")

    # back to the client

    def _answer(self, answer: Answer) -> Iterable[bytes]:
        headers = [
            (name, self._back.text(value))
            for name, value in answer.headers
            if name.lower() not in HOP_BY_HOP and not name.lower().startswith("x-mockso-")
        ]
        pieces = answer.pieces()
        first_pieces, ended = self._hold(pieces)
        encoding = answer.headers.get("Content-Encoding", "")
        text = is_text(answer.headers.get("Content-Type", ""))
        if ended:
            data = b"".join(first_pieces)
            try:
                plain = b"".join(_plain(first_pieces, encoding))
            except ValueError as error:
                self._note = str(error)
                plain, text = data, False
            rewritten_body = self._back.body(plain) if text else plain
            if rewritten_body != plain:
                data = b"".join(compress([rewritten_body], encoding)) if coding(encoding) else rewritten_body
            reply = self._reply(answer, headers, rewritten_body)
            self._finish(reply, Body(rewritten_body, len(rewritten_body)))
            if answer.status in NO_BODY or self._request.method == "HEAD":
                self._send(answer, headers)
                return ()
            headers = [pair for pair in headers if pair[0].lower() != "content-length"]
            self._send(answer, [*headers, ("Content-Length", str(len(data)))])
            return (data,)
        return self._stream(answer, headers, chain(first_pieces, pieces), encoding, text)

    def _hold(self, pieces: Iterator[bytes]) -> tuple[list[bytes], bool]:
        """The first pieces, and whether they are all."""
        first_pieces, size, until = [], 0, monotonic() + _HELD_SECONDS
        for piece in pieces:
            first_pieces.append(piece)
            size += len(piece)
            if size >= IN_MEMORY or monotonic() > until:
                return first_pieces, False
        return first_pieces, True

    def _stream(
        self,
        answer: Answer,
        headers: list[tuple[str, str]],
        pieces: Iterator[bytes],
        encoding: str,
        text: bool,
    ) -> Iterator[bytes]:
        spool = self._proxy.spool()
        is_readable = True
        try:
            code = coding(encoding)
        except ValueError as error:
            self._note, is_readable, code = str(error), False, ""
        if text and is_readable:
            # What is rewritten has another length than it had.
            headers = [pair for pair in headers if pair[0].lower() != "content-length"]
            rewritten = spool.tee(self._back.stream(_plain(pieces, encoding)))
            out = compress(rewritten, encoding) if code else rewritten
        elif code:
            out = _kept_plain(pieces, encoding, spool)
        else:
            out = spool.tee(pieces)
        self._send(answer, headers)
        return self._send_pieces(answer, headers, out, spool)

    def _send_pieces(
        self, answer: Answer, headers: list[tuple[str, str]], out: Iterator[bytes], spool: Spool
    ) -> Iterator[bytes]:
        try:
            yield from out
        except (UpstreamError, ValueError) as error:
            answer.close()
            spool.drop()
            self._journal(
                Reply(answer.status, headers=tuple(headers), by="upstream", fidelity="firm", fault="cut"),
                f"{error}; what had come was passed on, then the connection was cut",
            )
            self._left_out("an answer broke off")
            # A proper end would make half an answer look like a whole one.
            self._environ["mockso.connection"].reset()
            return
        except GeneratorExit:
            answer.close()
            spool.drop()
            self._engine.journal.forget(self._id)
            self._left_out("the client went away")
            raise
        body = spool.finish()
        self._finish(self._reply(answer, headers, body.data), body)

    def _reply(self, answer: Answer, headers: list[tuple[str, str]], body: bytes) -> Reply:
        # Bodies are kept as they were before compression, so the header would not be true of them.
        untrue = ("content-encoding", "content-length")
        return answer.reply(body, (pair for pair in headers if pair[0].lower() not in untrue))

    def _send(self, answer: Answer, headers: list[tuple[str, str]]) -> None:
        if self._engine.settings.headers:
            headers = [*headers, ("X-Mockso-Call", self._id), ("X-Mockso-By", "upstream")]
        self._start(f"{answer.status} {answer.reason or 'Unknown'}", headers)

    # written down

    def _finish(self, reply: Reply, body: Body) -> None:
        call, request_body = self._to_call(reply, whole=body.whole)
        self._write_down(call)
        why = (
            self._note
            or body.loss
            or request_body.loss
            or ("" if self._api else "outside the API (no /api in the address)")
        )
        if self._proxy.tape is None or why:
            for spooled in (request_body, body):
                if spooled.file is not None:
                    spooled.file.unlink(missing_ok=True)
            self._left_out(why)
        else:
            if request_body.file is not None:  # judged as a whole, kept in its file alone
                head = request_body.data[:_HEAD]
                call = replace(
                    call,
                    request=replace(call.request, body=head),
                    verdict=replace(call.verdict, body=NOTHING),
                )
                request_body = replace(request_body, data=head)
            self._proxy.tape.add(TapedCall(call, request_body, body))

    def _write_down(self, call: Call) -> None:
        """Add a call to the journal. A journal that is full keeps nobody from the answer."""
        try:
            self._engine.journal.add(call)
        except MocksoError as error:
            self._engine.journal.forget(call.id)
            sys.stderr.write(f"mockso record: call {call.id} is not in the journal: {error}\n")

    def _left_out(self, why: str) -> None:
        if self._proxy.tape is not None:
            self._proxy.tape.leave_out(why)

    def _to_call(self, reply: Reply, *, whole: bool) -> tuple[Call, Body]:
        body = self._request_spool.finish() if self._request_spool else _NOTHING_SENT
        request = self._request if not body.size else replace(self._request, body=body.data)
        if body.file is not None and body.size <= _LONGEST_JUDGED:
            request = replace(request, body=body.file.read_bytes())
        if request.body and self._encoding:
            with suppress(ValueError):
                plain = b"".join(_plain([request.body], self._encoding))
                request = replace(
                    request,
                    body=plain,
                    headers=Headers(p for p in request.headers if p[0].lower() != "content-encoding"),
                )
        if self._api:
            view = View(self._engine.tenants.of(request.tenant))
            lookup = self._engine.find(request)
            verdict = judge(request, lookup, view)
            if (
                len(request.body) < body.size
            ):  # only its beginning is here: what was read of it proves nothing
                violations = tuple(v for v in verdict.violations if v.stage not in ("decoding", "body"))
                verdict = replace(verdict, violations=violations, body=NOTHING)
        else:
            lookup, verdict = Lookup(None, self._engine.contract, {}), Verdict()
        took = time.perf_counter() - self._started
        call = Call(request, lookup, verdict, reply, id=self._id, took=took)
        if whole and self._api:
            faults = self._proxy.judge_reply(call)
            if faults:
                call = call.with_verdict(replace(verdict, violations=(*verdict.violations, *faults)))
        if self._note:
            self._engine.journal.note(self._id, self._note)
        return call, replace(body, data=request.body) if body.size else body

    def _journal(self, reply: Reply, note: str) -> None:
        call, body = self._to_call(reply, whole=False)
        if body.file is not None:
            body.file.unlink(missing_ok=True)
        self._engine.journal.note(self._id, note)
        self._write_down(call)

    def _bad_gateway(self, cause: str, trace: str = "") -> Iterable[bytes]:
        """A 502 in the server's shape; the cause is in its header and in the journal."""
        reply = bad_gateway(cause, self._engine, self._request)
        if self._engine.settings.headers:
            own = (("X-Mockso-Call", self._id), ("X-Mockso-By", "upstream"))
            reply = replace(reply, headers=(*reply.headers, *own, ("X-Mockso-Reason", header_text(cause))))
        self._journal(reply, trace or cause)
        self._left_out("the server gave no answer")
        # What is left of the request would be taken for the next one.
        lines = [*reply.headers, ("Content-Length", str(len(reply.body))), ("Connection", "close")]
        self._start("502 Bad Gateway", lines)
        return (reply.body,)


def bad_gateway(cause: str, engine: Engine, request: Request) -> Reply:
    """The answer when the server behind gave none."""
    settings = engine.tenants.of(request.tenant).settings
    body = json.dumps(envelope("SoServerException", f"Bad gateway: {cause}", settings)).encode()
    return Reply(
        502,
        body,
        (("Content-Type", "application/json; charset=utf-8"),),
        by="upstream",
        fidelity="assumed",
        reason="Bad Gateway",
    )


def _plain(pieces: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    reader = Plain(encoding)
    for piece in pieces:
        yield from reader.feed(piece)


def _kept_plain(pieces: Iterable[bytes], encoding: str, spool: Spool) -> Iterator[bytes]:
    """Compressed pieces as they are, kept as they were before."""
    reader = Plain(encoding)
    for piece in pieces:
        for plain in reader.feed(piece):
            spool.write(plain)
        yield piece
