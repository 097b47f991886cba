"""The entities of one world, beside its calls: read, asserted, kept aside and brought back."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mockso.errors import MissingEntityError
from mockso.state.log import Key
from mockso.state.rows import Snapshot
from mockso.testing.calls import Calls
from mockso.testing.difference import comparable, differences

if TYPE_CHECKING:
    from mockso.entities.register import Entity, Register
    from mockso.testing.host import Host


class Tenancy(Calls):
    """The entities and the calls of one tenant."""

    mock: Host

    @property
    def _register(self) -> Register:
        from mockso.entities.register import Register

        return Register(self.mock.engine.contract, self._state.store)

    def entities(self, kind: str) -> list[dict[str, Any]]:
        """All entities of a kind, "Contact", by id: each the whole carrier that a client reads, dates in the
        tenant's own zone. A list's name gives its items. The kind may be in any letter case; MissingEntityError
        has the nearest for an unknown one.
        """
        return [comparable(carrier) for carrier in self._register.carriers(kind)]

    def entity(self, kind: str, key: Key) -> dict[str, Any]:
        """One entity, as `entities` has it. MissingEntityError with the ids there are, and the call that deleted
        it, where it is not there.
        """
        carrier: dict[str, Any] = comparable(self._register.carrier(kind, key))
        return carrier

    def assert_entity(self, kind: str, key: Key, /, **properties: Any) -> None:
        """Fail unless an entity is there and has these properties; a failure names path, values and the last call
        that changed it.

        Paths lead into what it refers to: `**{"Address.Street.City": "Oslo", "Emails.0.Value": "a@b.no"}`. Names
        come in any letter case; one that the contract does not have is an EntityError, never a pass.
        """
        __tracebackhide__ = True
        register = self._register
        kind = register.kind(kind)
        try:
            entity, carrier = register.get(kind, key), register.carrier(kind, key)
        except MissingEntityError as error:
            raise AssertionError(str(error)) from None
        lines: list[str] = []
        for path, expected in properties.items():
            name, actual = register.value(kind, carrier, path)
            lines += differences(expected, actual, name)
        if lines:
            raise AssertionError(f"{kind} {key}: {'; '.join(lines)} ({self._last_change(entity)})")

    def assert_no_entity(self, kind: str, key: Key) -> None:
        """Fail if an entity is there, naming the last call that changed it."""
        __tracebackhide__ = True
        register = self._register
        kind = register.kind(kind)
        try:
            entity = register.get(kind, key)
        except MissingEntityError:
            return
        name = f" {entity.label!r}" if entity.label else ""
        raise AssertionError(f"{kind} {key}{name} is there ({self._last_change(entity)})")

    def _last_change(self, entity: Entity) -> str:
        deed, origin = (
            ("changed last by", entity.changed_by) if entity.changed_by else ("made by", entity.made_by)
        )
        call = next((seen for seen in self.seen if seen.id == origin), None)
        if call is not None:
            return f"{deed} call {origin}, {call.short}"
        if origin == "data":
            return "as its data has it"
        return f"{deed} the admin API" if origin == "admin" else f"{deed} call {origin}"

    def snapshot(self) -> Snapshot:
        """All that the tenant remembers at this moment: entities, tokens, webhooks, grants, clock, uses of steps.
        Taking one of 1,000 entities costs well under a millisecond.
        """
        return self._state.store.snapshot()

    def restore(self, snapshot: Snapshot) -> None:
        """Be as at a snapshot, of this world or of another one with the same data."""
        self._state.store.restore(snapshot)

    def reset(self) -> None:
        """Be as at the beginning: the data alone. Scenarios stay loaded and start again."""
        self._state.store.reset()
