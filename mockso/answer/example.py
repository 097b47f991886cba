"""The normal answer of a valid call: what the contract promises, with the request's ids in it.

A body that the request itself carried comes back where the operation saves it. Values beyond that are
examples; nothing is remembered from call to call but how far a batch task is.
"""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

from mockso.answer import refuse
from mockso.answer.finish import wants_json
from mockso.answer.links import Links
from mockso.archive import envelope as archives
from mockso.contract.catalogue import Contract
from mockso.contract.examples import Examples, is_default
from mockso.contract.keys import key_of
from mockso.contract.model import NOTHING, Confidence, Json, Operation, TypeRef
from mockso.contract.plain import SERVER_PROPERTIES, PlainChecks
from mockso.exchange.call import Call
from mockso.exchange.headers import header_text
from mockso.exchange.message import Reply, Request
from mockso.formats.select import parse_select, reorder, select
from mockso.state.tenant import View

if TYPE_CHECKING:
    from mockso.answer.localize import Localizer

# A request that has any of these is answered in its own zone or language.
_LOCAL_HEADERS = frozenset({"so-timezone", "so-language", "accept-language"})
_BINARY, _BYTE = TypeRef("scalar", "binary"), TypeRef("scalar", "byte")

_DAY = re.compile(rb"[0-9]{4}-[0-9]{2}-[0-9]{2}")

# More rows than a client asks for by hand; a list of a million ids still gets a quick answer.
LIST_LIMIT = 1000


_PROVIDERS, _TOKEN = "v1Archive_GetArchive", "v1User_GetCurrentToken"

# What a batch task is in on successive reads, and how far. Source: section 17; a convention of mockso.
_TASKS = frozenset({"v1Batch_GetBatchTaskInfo", "v1BatchAgent_GetBatchTaskInfo"})
_STATES = (("New", 0), ("Started", 50), ("Succeeded", 100))

# Whom and when the server writes down itself.
_STAMPS = ("Created", "Updated")


@lru_cache(64)
def _empty_reply(status: int, is_documented: bool) -> Reply:
    return Reply(status, NOTHING if is_documented else None, fidelity="firm" if is_documented else "assumed")


class ExampleAnswers:
    """Makes normal answers from one contract; keeps its examples. Threads may share it."""

    def __init__(self, contract: Contract) -> None:
        self._contract = contract
        self._plain = contract.derive(PlainChecks)
        self._examples = contract.derive(Examples)
        self._links = Links(contract)
        self._confidences = contract.confidences

    @cached_property
    def _local(self) -> Localizer:
        # Zones, dates and languages are imported for callers who ask for them, or who send dates.
        from mockso.answer.localize import Localizer

        return Localizer(self._contract)

    def reply_to(self, call: Call, view: View) -> Reply:
        """The normal answer, as sure as a real server made it where one was asked (`mockso verify`)."""
        reply = self._success(call, view)
        if self._confidences:
            known = self._confidences.get(call.operation_id)
            if known is not None:
                reply = replace(reply, fidelity=known)
        return reply

    def _success(self, call: Call, view: View) -> Reply:
        """The documented success of the operation a call reached, or what its state makes of it: 304, 409, 412."""
        operation, request = call.lookup.operation, call.request
        assert operation is not None
        if "If-Modified-Since" in request.headers or "If-Unmodified-Since" in request.headers:
            status = self._unmet(call, operation, view)
            if status:
                # Source: section 8; that a GET heeds If-Unmodified-Since too is likely.
                sure = operation.method != "GET" or status == 304
                return Reply(status, fidelity="firm" if sure else "likely")
        kind = operation.result
        if kind is None:
            # Source: 204 and its missing body are documented for each such operation; firm. An operation
            # without any documented success (rule 20) answers 200 with null.
            return _empty_reply(operation.success, operation.success in operation.responses)
        if kind in (_BINARY, _BYTE):
            as_json = wants_json(request, operation)
            if not as_json or "application/json" not in operation.produces:
                from mockso.answer.streams import in_json, stream

                raw = stream(call, operation, view)
                return in_json(raw) if as_json else raw
        if operation.id == _PROVIDERS:
            return Reply(operation.success, archives.list_providers(self._contract, request, view.online))
        if operation.is_archive:
            return Reply(
                operation.success, archives.rows_envelope((), request, view.online), fidelity="assumed"
            )
        value = self._examples.result(operation, self._ids(call))
        headers: tuple[tuple[str, str], ...] = ()
        if operation.method == "PATCH" and isinstance(value, dict):
            patch = self.patch_entity(value, call, view, kind)
            if isinstance(patch, Reply):
                return patch
            value, headers = patch
        else:
            value = self._lay_over(value, call, operation, view)
        if isinstance(value, dict) and "DatabaseContextIdentifier" in value:
            value["DatabaseContextIdentifier"] = view.name or "Default"  # Source: section 2.5
        if operation.id == _TOKEN:
            value = _token_of(request, view)
        elif operation.id in _TASKS:
            value |= _progress(value["Id"], view)
        reply = self.shape_reply(value, call, view, headers)
        return replace(reply, fidelity="assumed") if operation.id in _TASKS else reply

    def shape_reply(
        self, value: Any, call: Call, view: View, headers: tuple[tuple[str, str], ...] = ()
    ) -> Reply:
        """The success of an operation with that value in it: linked, selected, in the caller's zone and language."""
        operation, request = call.lookup.operation, call.request
        assert operation is not None
        kind = operation.result
        assert kind is not None
        if isinstance(value, dict) and "_Links" in value:
            value["_Links"] = (
                {}
                if is_default(operation)
                else self._links.of(value, operation, request.base, online=view.online)
            )
        wanted = parse_select(request.query.get("$select"))
        fidelity: Confidence = "likely"
        if wanted:
            value = select(value, wanted, omit=view.settings.select_mode == "omit")
            fidelity = "assumed"
        if view.settings.rights_position == "start":
            value, fidelity = reorder(value), "assumed"
        reply = Reply(operation.success, value, headers, fidelity=fidelity)
        if _LOCAL_HEADERS.isdisjoint(request.headers.names):
            return reply
        return self._local.reply(reply, kind, request, view)

    def _unmet(self, call: Call, operation: Operation, view: View) -> int:
        """304 or 412, where a condition is not met by the entity as it is."""
        from mockso.exchange.conditions import applies, unmet

        if not applies(operation):
            return 0
        reader = self._contract.find("GET", call.request.path).operation
        if reader is None or reader.result is None or reader.result.kind != "carrier":
            return 0
        value = self._examples.result(reader, self._ids(call))
        return unmet(operation, call.request, self._local.changed_at(value, view))

    def to_stored(self, value: Any, kind: TypeRef, request: Request, view: View) -> Any:
        """A value that came in, with its dates as the server stores them: bare, in the base zone."""
        if _DAY.search(request.body) or "Content-Encoding" in request.headers:
            return self._local.store_dates(value, kind, request, view)
        return value

    def to_base_zone(self, moment: str, view: View) -> str:
        """A moment of UTC as a bare time of the base zone."""
        return self._local.to_base_zone(moment, view)

    def changed_at(self, value: dict[str, Any], view: View) -> datetime:
        """When an entity was changed last, in whole seconds of UTC."""
        return self._local.changed_at(value, view)

    def blank(self, kind: TypeRef) -> dict[str, Any]:
        """A new carrier of a type, as the server hands it out."""
        value: dict[str, Any] = self._examples.of(kind, blank=True)
        return value

    def example(self, kind: TypeRef) -> Any:
        """The example of a type."""
        return self._examples.of(kind)

    def patch_entity(
        self, value: dict[str, Any], call: Call, view: View, kind: TypeRef
    ) -> Reply | tuple[dict[str, Any], tuple[tuple[str, str], ...]]:
        """The entity with the PATCH applied and headers about it, or the refusal."""
        body = call.verdict.body
        if not isinstance(body, dict | list):
            return value, ()
        from mockso.formats.patch import ConflictError, UnpatchableError, apply_patch

        body = self._local.store_patch_dates(body, kind, call.request, view)
        own = self._key_of(kind)
        try:
            made, skipped = apply_patch(value, body, kind, self._contract)
        except ConflictError as error:
            return refuse.conflict(str(error), view)
        except UnpatchableError as error:
            return refuse.unpatchable(str(error), view)
        if own:
            made[own] = value[own]  # the id in the address rules
        if not skipped:
            return made, ()
        hint = f"not set by the merge patch, as they are null now: {', '.join(skipped)}"
        return made, (("X-Mockso-Hint", header_text(hint)),)

    def _key_of(self, carrier: TypeRef) -> str:
        """The property with a carrier's own id; empty for a carrier without one."""
        kind = self._contract.kinds.of(carrier.name)
        if kind is not None:
            return kind.forms[carrier.name]
        own = key_of(self._contract.type(carrier.name))
        return own.name if own is not None else ""

    def _ids(self, call: Call) -> dict[str, Json]:
        """The ids a request names, by lower-case name; "id" is the one its address is about."""
        ids: dict[str, Json] = {}
        body = call.verdict.body
        if isinstance(body, list) and all(type(item) is int for item in body):
            ids["ids"] = body[:LIST_LIMIT]
        elif isinstance(body, dict):
            # 0 stands for no id yet.
            ids.update({name.lower(): item for name, item in body.items() if type(item) is int and item})
        for name, value in call.verdict.arguments.items():
            if type(value) is int:
                ids[name.lower()] = value
                if name.lower().endswith("id"):
                    ids.setdefault("id", value)
        if "id" not in ids and isinstance(body, dict) and not _is_saved(call.lookup.operation):
            own = next(
                (item for name, item in body.items() if name.lower().endswith("id") and type(item) is int),
                None,
            )
            if own:
                ids["id"] = own
        return ids

    def _lay_over(self, value: Any, call: Call, operation: Operation, view: View) -> Any:
        """The posted values laid over the defaults, where the operation saves what it returns.

        Source: section 13; likely. A property that was not sent is the default's: PUT replaces everything.
        What the server computes, its id and its stamps are the example's.
        """
        body = call.verdict.body
        if not (isinstance(body, dict) and isinstance(value, dict) and _is_saved(operation)):
            return value
        assert operation.result is not None
        own = key_of(self._contract.type(operation.result.name))
        blank = self._examples.of(operation.result, blank=True)
        value.update(
            (name, item)
            for name, item in blank.items()
            if name not in SERVER_PROPERTIES
            and not name.startswith(_STAMPS)
            and (own is None or name != own.name)
        )
        saved = self.settable_properties(body, operation.result)
        if own is not None and (saved.get(own.name) == 0 or call.lookup.path_arguments):
            saved.pop(own.name, None)  # 0 asks for a new id, and the id in the address rules
        value.update(self.to_stored(saved, operation.result, call.request, view))
        return value

    def settable_properties(self, body: dict[str, Any], kind: TypeRef) -> dict[str, Any]:
        """The properties of a body that a carrier has and takes, by their documented names."""
        from mockso.formats.patch import canonical

        given = {name.lower(): item for name, item in body.items()}
        saved: dict[str, Any] = {}
        for field in self._contract.type(kind.name).fields:
            item = given.get(field.name.lower())
            if item is None or field.name in SERVER_PROPERTIES:
                continue
            item = canonical(item, field.type, self._contract)
            if self._plain.of(field.type)(item):
                saved[field.name] = item
        return saved


def _token_of(request: Request, view: View) -> str:
    """The access token of a caller's session: the one that was sent, else the tenant's. Source: section 2.5."""
    scheme, _, value = request.headers.get("Authorization").strip().partition(" ")
    return value.strip() if scheme.lower() == "bearer" else view.credentials.token


def _progress(task: int, view: View) -> dict[str, Json]:
    """The state of a batch task, one further each time it is read."""
    reads = view.read_task(task)
    state, percent = _STATES[min(reads, len(_STATES) - 1)]
    return {"State": state, "ProgressPercent": percent}


def _is_saved(operation: Operation | None) -> bool:
    """Whether an operation takes an entity and answers with it. Its own id is the one called after it, if any."""
    if operation is None or operation.body is None or operation.result is None:
        return False
    kind = operation.body
    return kind.kind == "carrier" and _entity(operation.result) == _entity(kind)


def _entity(kind: TypeRef) -> str:
    """The entity a carrier is about: XWithLinks lives in another namespace than X."""
    return kind.name.rpartition(".")[2].removesuffix("WithLinks")
