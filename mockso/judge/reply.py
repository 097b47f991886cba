"""Judging of a server's answer by the contract, as `judge.py` judges a request.

A fault of an answer never refuses anything, so all of them are warnings.
"""

from __future__ import annotations

from mockso.contract.model import NOTHING, TypeRef
from mockso.exchange.call import Call, Violation
from mockso.exchange.message import NO_BODY
from mockso.formats.codec import decode, family
from mockso.formats.reading import UndecodableError
from mockso.judge.body import place_of
from mockso.judge.faults import Faults
from mockso.judge.judge import check

_BINARY = TypeRef("scalar", "binary")


def judge_reply(call: Call) -> tuple[Violation, ...]:
    """The places where a call's reply leaves the contract; its body is bytes before compression.

    Places begin with "reply": "reply status", "reply body.Persons[0].Firstname".
    """
    operation, reply = call.lookup.operation, call.reply
    if operation is None or reply is None:
        return ()
    faults = Faults(operation)
    if reply.status not in operation.responses:
        # Errors are documented once for all operations, not with each.
        if reply.status < 400 and reply.status not in NO_BODY:
            statuses = ", ".join(map(str, operation.responses))
            faults.add(
                "reply-status",
                "reply status",
                f"{reply.status} is not documented for {operation.id}, which answers {statuses}",
                severity="warning",
                expected=statuses,
                got=str(reply.status),
            )
        return tuple(faults.violations)
    kind = operation.responses[reply.status]
    body = b"" if reply.body is NOTHING else reply.body
    media = reply.header("Content-Type") or reply.media_type
    if kind is None or not 200 <= reply.status < 300 or kind == _BINARY:
        return ()
    if not body:
        faults.add(
            "reply-body",
            "reply body",
            f"it is empty, but {operation.id} promises {kind}",
            severity="warning",
            expected=str(kind),
        )
        return tuple(faults.violations)
    form = family(media.partition(";")[0].strip().lower())
    if form not in ("json", "xml") or not isinstance(body, bytes):
        return ()
    try:
        value = decode(body, media, kind, call.lookup.contract)
    except UndecodableError as error:
        faults.add(error.rule, "reply body", error.message, severity="warning")
        return tuple(faults.violations)
    assert not isinstance(value, bytes)  # those are other families
    for departure in check(value, kind, call.lookup.contract):
        faults.add_departure(
            f"reply {place_of(departure.path)}", departure, departure.source or operation.source, "warning"
        )
    return tuple(faults.violations)
