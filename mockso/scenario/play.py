"""The scenarios that are played: which step answers a call, how often each did, and which nearly did.

All state is one counter a step.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from heapq import nsmallest
from threading import Lock

from mockso.errors import ScenarioError
from mockso.exchange.address import is_at_home
from mockso.exchange.call import Call, Difference, NearMiss
from mockso.exchange.message import Reply
from mockso.scenario.counts import Counts, MemoryCounts
from mockso.scenario.index import Index
from mockso.scenario.scenario import Documented, Normal, Scenario, Step
from mockso.scenario.turns import Turn, Uses, counters_of, draw, turn_differences, turn_of

# How many steps are compared for near misses: those that could have answered this operation, then
# others. A miss must not get slower with every scenario loaded.
_NEAR_LIMIT, _FAR_LIMIT, _NEAREST = 100, 20, 3


@dataclass(frozen=True, slots=True)
class StepUse:
    """One use of a step: it was chosen for a call and counted. `count` is how often it was used, this time
    included; `wait` the seconds until its rate begins anew."""

    step: Step
    scenario: str
    count: int = 1
    wait: int = 0

    @property
    def label(self) -> str:
        return self.step.label

    def reply_to(self, call: Call, normal: Normal, documented: Documented) -> Reply:
        """The reply of the step this time; see Step.reply_to."""
        return self.step.reply_to(call, normal, documented, self.count, self.wait)


@dataclass(frozen=True, slots=True)
class Counter:
    """How often a step was used. `left` is None where it never runs out."""

    scenario: str
    step: str
    uses: int
    times: int | None
    place: str = ""

    @property
    def uses_left(self) -> int | None:
        return None if self.times is None else max(self.times - self.uses, 0)

    def to_json(self) -> dict[str, str | int | None]:
        """This counter as the admin API shows it."""
        return {
            "scenario": self.scenario,
            "step": self.step,
            "uses": self.uses,
            "times": self.times,
            "left": self.uses_left,
            "place": self.place,
        }


def _no_uses(key: str) -> int:
    return 0


_ANY_TURN = Turn(True, {})


class _Slot:
    """A loaded step; `order` sorts by who is asked first, `key` is its counter's."""

    __slots__ = ("after", "key", "match", "matcher", "order", "scenario", "step")

    def __init__(self, scenario: Scenario, step: Step, order: tuple[int, int]) -> None:
        self.scenario = scenario
        self.step = step
        self.match, self.matcher = step.match, step.matcher
        self.order = order
        self.key = f"{scenario.name}#{order[1]}"
        self.after: _Slot | None = None

    def is_live(self, uses: Uses) -> bool:
        times = self.step.times
        return (times is None or uses(self.key) < times) and (self.after is None or uses(self.after.key) > 0)

    def differences(self, call: Call, uses: Uses) -> tuple[Difference, ...]:
        """All that kept this step from answering, its counters among them."""
        differences: tuple[Difference, ...] = ()
        times, count = self.step.times, uses(self.key)
        if times is not None and count >= times:
            differences += (Difference("times", f"at most {times}", f"used {count} of {times} times"),)
        if self.after is not None and not uses(self.after.key):
            differences += (
                Difference("after", f"{self.step.after} used", f"{self.step.after} not used yet"),
            )
        try:
            differences += self.matcher.differences(call)
        except ScenarioError as error:  # it takes too long, and a near miss is not worth that
            return (*differences, Difference("match", "what can be compared", str(error)))
        if not differences and self.step.is_uneven:
            return turn_differences(self.step.chance, self.step.rate, self.key, self.step.label, call, uses)
        return differences

    def turn(self, call: Call, uses: Uses) -> Turn:
        """Whether this step answers a call that it matches."""
        return turn_of(self.step.chance, self.step.rate, self.key, self.step.label, call, uses)


def concerns(scenario: Scenario, step: Step, call: Call) -> bool:
    """Whether a step may be asked about a call at all, whatever its match.

    Deliveries of webhooks and calls that come in have steps of their own. A call outside a tenant's API is
    for steps that name its path or operation; a scenario that moved the tenant is about the old address.
    """
    if call.direction == "out":
        return step.matcher.outgoing
    if step.matcher.outgoing:
        return False
    if step.match.path is None and not step.match.operation and call.request.to_environment:
        return False
    return not scenario.endpoint or not is_at_home(call.request.tenant, scenario.endpoint, call.request.base)


def _slots(scenario: Scenario, loaded: int = 0) -> list[_Slot]:
    slots = [_Slot(scenario, step, (-loaded, number)) for number, step in enumerate(scenario.steps)]
    by_name = {slot.step.name: slot for slot in slots if slot.step.name}
    for slot in slots:
        slot.after = by_name.get(slot.step.after)
    return slots


def _choose(slots: Iterable[_Slot], call: Call, uses: Uses) -> _Slot | None:
    slot = None
    try:
        for slot in slots:
            if slot.is_live(uses) and slot.matcher.matches(call) and concerns(slot.scenario, slot.step, call):
                return slot
    except ScenarioError as error:
        raise _incomparable(slot, error) from error
    return None


def _incomparable(slot: _Slot | None, error: ScenarioError) -> ScenarioError:
    """The error of a step whose match takes too long for a call, with its place."""
    assert slot is not None
    return slot.step.error(f": {error}")


def _choose_in_turn(
    slots: Iterable[_Slot], call: Call, uses: Uses
) -> tuple[_Slot | None, Turn, dict[str, int]]:
    """The step that answers, where some answer by chance or beyond a rate; its turn, and counters to write down."""
    counters: dict[str, int] = {}
    for slot in slots:
        try:
            if not slot.is_live(uses) or not slot.matcher.matches(call):
                continue
        except ScenarioError as error:
            raise _incomparable(slot, error) from error
        if not concerns(slot.scenario, slot.step, call):
            continue
        turn = slot.turn(call, uses) if slot.step.is_uneven else _ANY_TURN
        counters |= turn.counters
        if turn.answers:
            return slot, turn, counters | {slot.key: uses(slot.key) + 1}
    return None, _ANY_TURN, counters


def _nearest_of(slots: Iterable[_Slot], call: Call, uses: Uses) -> tuple[NearMiss, ...]:
    def distance(item: tuple[_Slot, tuple[Difference, ...]]) -> tuple[bool, int, tuple[int, int]]:
        slot, differences = item
        return any(d.field == "operation" for d in differences), len(differences), slot.order

    comparisons = [
        (slot, slot.differences(call, uses)) for slot in slots if concerns(slot.scenario, slot.step, call)
    ]
    return tuple(
        NearMiss(slot.scenario.name, slot.step.label, differences)
        for slot, differences in nsmallest(_NEAREST, comparisons, key=distance)
    )


def answer_from(scenario: Scenario, call: Call) -> tuple[StepUse | None, tuple[NearMiss, ...]]:
    """The step of a scenario that answers a call, with no state touched: every step is unused.

    For a request that names its scenario itself (X-Mockso-Scenario).
    """
    # With no counts to draw from, each call has a chance of its own.
    slots = [
        slot
        for slot in _slots(scenario)
        if slot.step.rate is None
        and (slot.step.chance is None or draw(slot.step.chance, call, slot.step.label, call.id))
    ]
    slot = _choose(slots, call, _no_uses)
    if slot is None:
        return None, _nearest_of(slots[:_NEAR_LIMIT], call, _no_uses)
    return StepUse(slot.step, scenario.name), ()


class Scenarios:
    """The scenarios a tenant plays; threads may share it.

    The scenario loaded last is asked first, then its steps from top to bottom. Steps are indexed by
    the operation or path they name, so that a call only meets those that could answer it.
    """

    def __init__(self, scenarios: Iterable[Scenario] = (), counts: Counts | None = None) -> None:
        self._lock = Lock()
        self._counts: Counts = MemoryCounts() if counts is None else counts
        self._loaded = 0
        self._slots: dict[str, list[_Slot]] = {}
        self._index: Index[_Slot] = Index()
        self.only, self.state, self.endpoint = False, "", ""
        self.have_functions = False
        """Whether a step's reply is a function, which may take its time."""
        self._is_uneven = False
        for scenario in scenarios:
            self.load(scenario)

    def __len__(self) -> int:
        """How many scenarios are loaded."""
        return len(self._slots)

    def __iter__(self) -> Iterator[Scenario]:
        """The loaded scenarios, in the order they are asked."""
        with self._lock:
            slots = [group[0] for group in self._slots.values() if group]
        return iter([slot.scenario for slot in sorted(slots, key=lambda slot: slot.order)])

    def load(self, scenario: Scenario) -> None:
        """Play a scenario from its beginning; one of the same name is replaced."""
        if not scenario.steps:
            raise ScenarioError(f"scenario {scenario.name!r} has no steps; give it at least one.")
        with self._lock:
            previous = self._slots.pop(scenario.name, None)
            self._loaded += 1
            slots = _slots(scenario, self._loaded)
            self._counts.clear(key for slot in (*slots, *(previous or ())) for key in counters_of(slot.key))
            self._slots[scenario.name] = slots
            if previous is None:
                self._index.add(slots)
                self._sum_up([slots], again=False)
            else:
                self._index_again()

    def reload(self, name: str, scenario: Scenario) -> bool:
        """Play another version of a scenario, from its beginning and at its place; whether it was played."""
        if not scenario.steps:
            raise ScenarioError(f"scenario {scenario.name!r} has no steps; give it at least one.")
        with self._lock:
            if name not in self._slots:
                return False
            place = -self._slots[name][0].order[0]
            renamed = {scenario.name: _slots(scenario, place)}
            self._counts.clear(
                key for slot in (*self._slots[name], *renamed[scenario.name]) for key in counters_of(slot.key)
            )
            self._slots = {
                key: slots
                for old, group in self._slots.items()
                for key, slots in (renamed if old == name else {old: group}).items()
                if old == name or old != scenario.name
            }
            self._index_again()
            return True

    def adopt(self, scenarios: Iterable[Scenario]) -> None:
        """Play these and no others, each asked before those ahead of it; counters stay as they are."""
        with self._lock:
            groups = {}
            for scenario in scenarios:
                self._loaded += 1
                groups[scenario.name] = _slots(scenario, self._loaded)
            self._slots = groups
            self._index_again()

    def extend(self, name: str, step: Step) -> str:
        """Add a step to the end of a scenario, or begin one with it; counters stay. Returns the step's label."""
        with self._lock:
            slots = self._slots.setdefault(name, [])
            self._loaded += not slots
            before = slots[0].scenario.steps if slots else ()
            scenario = Scenario(name, steps=(*before, step))
            first = slots[0].order[0] if slots else -self._loaded
            slot = _Slot(scenario, scenario.steps[-1], (first, len(slots)))
            slots.append(slot)
            for other in slots:
                other.scenario = scenario
            self._index.add([slot])
            self.have_functions = self.have_functions or callable(step.reply)
            self._is_uneven = self._is_uneven or step.is_uneven
            return slot.step.label

    def unload(self, name: str) -> bool:
        """Stop playing a scenario; whether it was loaded."""
        with self._lock:
            if self._slots.pop(name, None) is None:
                return False
            self._index_again()
            return True

    def clear(self) -> None:
        """Stop playing all."""
        with self._lock:
            self._slots.clear()
            self._index_again()

    def reset(self) -> None:
        """Play all from their beginning: no step was used."""
        with self._lock:
            self._counts.clear(
                key for slots in self._slots.values() for slot in slots for key in counters_of(slot.key)
            )

    def _index_again(self) -> None:
        self._index = Index()
        for slots in self._slots.values():
            self._index.add(slots)
        self._sum_up(self._slots.values())

    def _sum_up(self, groups: Iterable[Sequence[_Slot]], *, again: bool = True) -> None:
        """Set what scenarios say of their tenant, the later ones first; calls look at it without the lock, so
        that it goes from the old to the new at once."""
        only, state, endpoint = (False, "", "") if again else (self.only, self.state, self.endpoint)
        functions = not again and self.have_functions
        uneven = not again and self._is_uneven
        for slots in groups:
            scenario = slots[0].scenario
            functions = functions or any(callable(slot.step.reply) for slot in slots)
            only = only or scenario.only
            state, endpoint = scenario.state or state, scenario.endpoint or endpoint
            uneven = uneven or any(slot.step.is_uneven for slot in slots)
        self.only, self.state, self.endpoint = only, state, endpoint
        self.have_functions, self._is_uneven = functions, uneven

    def take(self, call: Call) -> tuple[StepUse | None, tuple[NearMiss, ...]]:
        """Use the step that answers a call; else the steps that nearly did."""
        # Choosing and counting share one lock: between the two another call could choose the
        # same step, and a step with `times: 1` would answer twice.
        with self._lock:
            if not self._slots:
                return None, ()
            if self._is_uneven:
                return self._take_in_turn(call)
            chosen: list[_Slot] = []

            def choose(uses: Uses) -> str | None:
                slot = _choose(self._index.candidates(call), call, uses)
                chosen[:] = [slot] if slot is not None else []
                return slot.key if slot is not None else None

            count = self._counts.count(choose)
            if chosen:
                return StepUse(chosen[0].step, chosen[0].scenario.name, count), ()
            return None, _nearest_of(self._nearest(call), call, self._counts.uses)

    def _take_in_turn(self, call: Call) -> tuple[StepUse | None, tuple[NearMiss, ...]]:
        use: StepUse | None = None

        def choose(uses: Uses) -> Mapping[str, int]:
            nonlocal use
            slot, turn, counters = _choose_in_turn(self._index.candidates(call), call, uses)
            count = 0 if slot is None else counters[slot.key]
            use = None if slot is None else StepUse(slot.step, slot.scenario.name, count, turn.wait)
            return counters

        self._counts.change(choose)
        if use is not None:
            return use, ()
        return None, _nearest_of(self._nearest(call), call, self._counts.uses)

    def _nearest(self, call: Call) -> Iterator[_Slot]:
        near = self._index.some(call, _NEAR_LIMIT)
        yield from near
        seen = {id(slot) for slot in near}
        far = 0
        for slots in reversed(self._slots.values()):
            for slot in slots:
                if far == _FAR_LIMIT:
                    return
                if id(slot) not in seen:
                    far += 1
                    yield slot

    def counters(self) -> tuple[Counter, ...]:
        """How often each step was used, in the order they are asked."""
        with self._lock:
            slots = sorted((s for group in self._slots.values() for s in group), key=lambda s: s.order)
            return tuple(
                Counter(s.scenario.name, s.step.label, self._counts.uses(s.key), s.step.times, s.step.place)
                for s in slots
            )

    def unused_steps(self) -> tuple[Counter, ...]:
        """Steps with `times` that were never used up: a test that planned them did not get there."""
        return tuple(counter for counter in self.counters() if counter.uses_left)
