"""Acts on requests and chats: tickets taken over, read, merged, their attachments; sessions picked up, messages."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mockso.entities import edits
from mockso.entities.edits import Act
from mockso.entities.verbs import Verb, Work
from mockso.state.rows import Draft

# --- tickets ------------------------------------------------------------------------------------


def accept(work: Work, rows: Draft) -> Any:
    """Tickets become the caller's, read by their owner."""
    for key in edits.numbers(work, "TicketIds"):
        if rows.get("Ticket", key) is not None:
            row = {"OwnedBy": work.caller, "ReadStatus": "Green", "ReadByOwner": work.now}
            edits.change(work, rows, "Ticket", key, row)
    return None


def mark_read(work: Work, rows: Draft) -> Any:
    """A ticket that was read by its owner."""
    key = edits.number(work, "TicketEntityId")
    row = {"ReadByOwner": work.now, "ReadStatus": "Green"} | edits.values(
        work, "Ticket", ReadStatus="ReadStatus"
    )
    if not edits.get(rows, "Ticket", key).get("FirstReadByOwner"):
        row["FirstReadByOwner"] = work.now
    edits.change(work, rows, "Ticket", key, row)
    return edits.answer(work, rows, key)


def merge(work: Work, rows: Draft) -> Any:
    """One ticket with the messages of others, which are marked as merged into it."""
    key = edits.save(work, rows, "Ticket", work.argument("MergedTicketEntity"))
    for other in edits.numbers(work, "SecondaryTicketIds"):
        if other == key or rows.get("Ticket", other) is None:
            continue
        for message, _ in rows.find("TicketMessage", "Ticket", other):
            edits.change(work, rows, "TicketMessage", message, {"Ticket": key})
        edits.change(work, rows, "Ticket", other, {"BaseStatus": "Merged", "ConnectId": key})
    return edits.answer(work, rows, key)


def set_parent(work: Work, rows: Draft) -> Any:
    """A ticket that belongs to another."""
    row = {"ConnectId": edits.number(work, "ParentTicketId")}
    edits.change(work, rows, "Ticket", edits.number(work, "TicketId"), row)
    return None


def attach(work: Work, rows: Draft) -> Any:
    """Attachments to a message."""
    key = edits.number(work, "TicketMessageEntityId")
    own = [
        *edits.get(rows, "TicketMessage", key).get("AttachmentsInfo", ()),
        *edits.numbers(work, "AttachmentIds"),
    ]
    edits.change(work, rows, "TicketMessage", key, {"AttachmentsInfo": list(dict.fromkeys(own))})
    return None


def detach(work: Work, rows: Draft) -> Any:
    """Attachments away from a message."""
    key, gone = edits.number(work, "TicketMessageEntityId"), edits.numbers(work, "AttachmentIds")
    own = [
        item for item in edits.get(rows, "TicketMessage", key).get("AttachmentsInfo", ()) if item not in gone
    ]
    edits.change(work, rows, "TicketMessage", key, {"AttachmentsInfo": own})
    return None


def attachments(work: Work, rows: Draft) -> Any:
    """The attachments of a message, or of all messages of a ticket."""
    ticket = edits.number(work, "TicketEntityId")
    if ticket:
        edits.get(rows, "Ticket", ticket)
        messages = [row for _, row in rows.find("TicketMessage", "Ticket", ticket)]
    else:
        messages = [edits.get(rows, "TicketMessage", edits.number(work, "TicketMessageEntityId"))]
    keys = dict.fromkeys(item for row in messages for item in row.get("AttachmentsInfo", ()))
    found = ((key, rows.get("Attachment", key)) for key in keys)
    inline = "NonInline" not in work.plan.verb
    return [
        work.compose(key, row, rows)
        for key, row in found
        if row is not None and (inline or not row.get("InlineImage"))
    ]


# --- chats --------------------------------------------------------------------------------------


def open_session(work: Work, rows: Draft) -> Any:
    """A new session of a topic, in its queue."""
    topic = edits.number(work, "ChatTopicId")
    edits.get(rows, "ChatTopic", topic)
    row = {"TopicId": topic, "Status": "InQueue", "WhenRequested": work.now}
    return edits.answer(work, rows, edits.add(work, rows, "ChatSession", row))


def pick_up(work: Work, rows: Draft) -> Any:
    """A session becomes the caller's: the one that is named, or the first in the queue."""
    key = edits.number(work, "ChatSessionId")
    if not key:
        waiting = rows.find("ChatSession", "Status", "InQueue")
        if not waiting:
            return None
        key = int(waiting[0][0])
    row = {"User": work.caller, "Status": "UserLast", "WhenStarted": work.now, "TransferTo": 0}
    edits.change(work, rows, "ChatSession", key, row)
    return edits.answer(work, rows, key)


def transfer(work: Work, rows: Draft) -> Any:
    """A session is offered to another associate, by name."""
    key = edits.number(work, "ChatSessionId")
    named = rows.find("Associate", "Name", edits.text(work, "ToAssociate"))
    edits.change(work, rows, "ChatSession", key, {"TransferTo": named[0][0] if named else 0})
    return edits.answer(work, rows, key)


def add_message(work: Work, rows: Draft) -> Any:
    """One more message of a session."""
    session = edits.number(work, "ChatSessionId")
    edits.get(rows, "ChatSession", session)
    body = work.argument("Message")
    row = edits.row_of(work, "ChatMessage", body if isinstance(body, Mapping) else work.body)
    key = edits.add(work, rows, "ChatMessage", {"WhenPosted": work.now, **row, "ChatSessionId": session})
    edits.change(work, rows, "ChatSession", session, {"LastMessage": row.get("Message", "")})
    edits.tell(rows, "message", "ChatSession", session)
    return edits.answer(work, rows, key)


def messages(work: Work, rows: Draft) -> Any:
    """The messages of a session after one of them."""
    after = edits.number(work, "After")
    found = rows.find("ChatMessage", "ChatSessionId", edits.number(work, "ChatSessionId"))
    return [work.compose(key, row, rows) for key, row in found if int(key) > after]


_CHATS: tuple[tuple[str, Verb, str, bool], ...] = (
    ("PickUpChatSession", pick_up, "ChatSession", False),
    ("PickUpFirstChatSession", pick_up, "ChatSession", False),
    ("AcceptChatSessionTransfer", pick_up, "ChatSession", False),
    (
        "RejectChatSessionTransfer",
        edits.setting("ChatSession", "ChatSessionId", TransferTo=0),
        "ChatSession",
        False,
    ),
    (
        "ResetChatSession",
        edits.setting("ChatSession", "ChatSessionId", Status="InQueue", User=0),
        "ChatSession",
        False,
    ),
    ("TransferChatSession", transfer, "ChatSession", False),
    ("AddChatMessage", add_message, "ChatMessage", False),
    ("GetChatMessages", messages, "ChatMessage", True),
)

ACTS: Mapping[str, Act] = {
    "v1TicketAgent_AcceptTickets": Act(accept, "Ticket"),
    "v1TicketAgent_UndeleteByIds": Act(edits.undelete("Ticket", "TicketIds"), "Ticket"),
    "v1TicketAgent_SetTicketReadByOwner": Act(mark_read, "Ticket"),
    "v1TicketAgent_ProcessTicketWhenRead": Act(mark_read, "Ticket"),
    "v1TicketAgent_MergeTickets": Act(merge, "Ticket"),
    "v1TicketAgent_SetTicketParent": Act(set_parent, "Ticket"),
    "v1TicketAgent_AddAttachments": Act(attach, "TicketMessage"),
    "v1TicketAgent_RemoveMessageAttachments": Act(detach, "TicketMessage"),
    **{
        f"v1{name}": Act(attachments, "Attachment", reads=True)
        for name in (
            *("TicketAgent_GetAttachmentInfo", "TicketAgent_GetAttachmentInfoNonInline"),
            *("TicketAgent_GetTicketAttachments", "TicketEntity_GetTicketAttachments"),
            *("TicketMessageEntity_GetAttachmentInfo", "TicketMessageEntity_GetAttachmentInfoNonInline"),
        )
    },
    "v1ChatAgent_CreateChatSessionForTopic": Act(open_session, "ChatSession"),
    "v1ChatTopicEntity_CreateChatSessionForTopic": Act(open_session, "ChatSession"),
    **{
        f"v1{group}_{name}": Act(verb, kind, reads)
        for group in ("ChatAgent", "ChatSessionEntity")
        for name, verb, kind, reads in _CHATS
    },
}
