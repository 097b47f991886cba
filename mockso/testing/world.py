"""A world: one tenant for one test, with its own calls, scenarios, grants, tokens, state and clock.

Making and dropping one takes microseconds: nothing is reset, nothing waits. What is wrong in it is
findings.py's; how it is called without a socket with_requests.py's and with_httpx.py's.
"""

from __future__ import annotations

import asyncio
import os
import random
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from threading import Condition
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal, Self, TypeAlias, get_args

from mockso.contract.model import NOTHING, Nothing
from mockso.errors import SettingError
from mockso.exchange.call import Call
from mockso.state.tenant import State, Tenant
from mockso.testing.clock import Clock
from mockso.testing.findings import Allowance, Finding, allowance, findings, late
from mockso.testing.seen import Seen

if TYPE_CHECKING:
    import httpx
    import requests

    from mockso.matching.match import Match
    from mockso.scenario.scenario import Scenario, Scenarios
    from mockso.testing.mock import Mock
    from mockso.testing.questions import Expectation

Strict = Literal["off", "report", "fail"]
Playable: TypeAlias = "str | Path | Mapping[str, Any] | Scenario"


class ContractBroken(AssertionError):
    """A world has findings that nobody allowed; the text has a line for each."""

    def __init__(self, found: Sequence[Finding]) -> None:
        super().__init__(told(found))
        self.findings = tuple(found)


def told(found: Sequence[Finding]) -> str:
    """What a test fails with: a line for each finding."""
    return "\n".join(f"mockso: {finding.line}" for finding in found)


class World:
    """One tenant. `str()` of it is the base address of its API, as is `url`."""

    def __init__(
        self,
        mock: Mock,
        tenant: Tenant,
        *,
        scenarios: Iterable[Playable] = (),
        strict: Strict = "fail",
        allow_unmatched: bool = False,
        seed: int | None = None,
    ) -> None:
        if strict not in get_args(Strict):
            raise SettingError(f"strict is one of {', '.join(get_args(Strict))}, not {strict!r}.")
        self.mock = mock
        self.strict: Strict = strict
        self.allow_unmatched = allow_unmatched
        self.seed = seed
        self.random = random.Random(tenant.name if seed is None else seed)
        self.clock = Clock(tenant, mock.engine.clock)
        self.allowances: list[Allowance] = []
        self.planned: set[str] = set()
        self._tenant = tenant
        self._calls: list[Call] = []
        self._sent: list[Call] = []
        self._news = Condition()
        tenant.told = lambda call: self.take((call,))
        self.play(*scenarios)

    def take(self, calls: Iterable[Call]) -> None:
        """Take in answered calls; those who wait are told."""
        with self._news:
            for call in calls:
                (self._calls if call.direction == "in" else self._sent).append(call)
            self._news.notify_all()

    # where and who

    @property
    def tenant(self) -> str:
        """The tenant's name, "Cust10001"; for an onsite world its virtual directory."""
        return self._tenant.name

    @property
    def url(self) -> str:
        """The base address of its API on the socket, without the final slash; the server starts if need be."""
        return self.mock.base(self.tenant)

    def __str__(self) -> str:
        return self.url

    @property
    def address(self) -> str:
        """The base address of its API for calls without a socket."""
        return f"{self.mock.address}/{self.tenant}/api/v1"

    @property
    def online(self) -> bool:
        return self._tenant.online

    @property
    def token(self) -> str:
        """A Bearer token that works here and nowhere else."""
        return self._tenant.credentials.token

    @property
    def ticket(self) -> str:
        """A ticket that works here; Online it needs `app_token` beside it."""
        return self._tenant.credentials.ticket

    @property
    def app_token(self) -> str:
        """The application's secret, for the header SO-AppToken."""
        return self._tenant.credentials.app_token

    @property
    def headers(self) -> dict[str, str]:
        """The headers a client needs."""
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}

    def env(self) -> dict[str, str]:
        """The environment of a process that is to call this world: this one's, and where and who."""
        return {**os.environ, **self.variables()}

    def variables(self) -> dict[str, str]:
        """Only what `env` adds."""
        return {
            "MOCKSO_URL": self.mock.url,
            "MOCKSO_TENANT": self.tenant,
            "MOCKSO_TOKEN": self.token,
            "MOCKSO_APP_TOKEN": self.app_token,
            "SUPEROFFICE_BASE_URL": self.url,
        }

    # ways to call it without a socket

    def session(self) -> requests.Session:
        """A `requests` session without a socket; addresses may be relative: "Contact/17"."""
        from mockso.testing.with_requests import Session

        return Session(self)

    def client(self) -> httpx.Client:
        """An `httpx` client without a socket; addresses may be relative: "Contact/17"."""
        from mockso.testing.with_httpx import client

        return client(self)

    def async_client(self) -> httpx.AsyncClient:
        """The same for an event loop."""
        from mockso.testing.with_httpx import async_client

        return async_client(self)

    # what happens here

    @property
    def scenarios(self) -> Scenarios:
        """All that it plays."""
        return self._tenant.scenarios

    def play_through(self, wrap: Callable[[Scenarios], Any]) -> None:
        """Put something before its scenarios that takes calls as they do."""
        self._tenant.scenarios = wrap(self._tenant.scenarios)

    def play(self, *what: Playable) -> None:
        """Play scenarios: shipped ones by name, files, folders, mappings as files have them, or `Scenario`s.

        The last is asked first. Steps with `times` must be used up by the end of the test.
        """
        for scenario in self.mock.library.read(what, self.seed):
            self._tenant.play(scenario)
            self.planned.add(scenario.name)

    def expect(
        self,
        operation: str | Sequence[str] = (),
        *,
        times: int | None = 1,
        reply: Mapping[str, Any] | None = None,
        status: int | None = None,
        json: Any = NOTHING,
        error: str = "",
        headers: Mapping[str, str] | None = None,
        delay: float = 0.0,
        fault: str = "",
        **match: Any,
    ) -> Expectation:
        """Expect a call, `times` times, and say what it gets; the first expected is asked first.

        `match` has the further keys of a step's match: method, path, query, headers, body, verdict.
        `reply` is a step's; status, json, error and headers say the usual ones. Nothing: the normal answer.
        What the contract does not have is a ScenarioError, here and now.
        """
        from mockso.testing.questions import expect

        said = {"status": status, "error": error, "headers": headers}
        answer = {**(reply or {}), **{key: value for key, value in said.items() if value}}
        if not isinstance(json, Nothing):
            answer["body"] = json
        step: dict[str, Any] = {"match": {**({"operation": operation} if operation else {}), **match}}
        step |= {"reply": answer} if answer else {}
        step |= {"times": times} if times is not None else {}
        step |= {"delay": delay} if delay else {}
        step |= {"fault": fault} if fault else {}
        frame = sys._getframe(1)
        self.planned.add("expected")
        return expect(self, step, f"{Path(frame.f_code.co_filename).name}:{frame.f_lineno}")

    def signal(
        self,
        event: str,
        key: int = 0,
        *,
        changes: Iterable[str] | None = None,
        fields: Mapping[str, Any] | None = None,
        values: Mapping[str, Any] | None = None,
    ) -> str:
        """Let an event happen here, "contact.created" of number 17; see `Mock.signal`."""
        return self.mock.signal(event, key, tenant=self.tenant, changes=changes, fields=fields, values=values)

    def flush(self, timeout: float = 30.0) -> list[Seen]:
        """Wait until all deliveries have come to their end, and give all attempts so far, as `sent` does."""
        __tracebackhide__ = True
        self.mock.flush(timeout, self.tenant)
        return list(self.sent)

    @property
    def sent(self) -> tuple[Seen, ...]:
        """Every attempt to deliver an event to a webhook, in the order they ended."""
        with self._news:
            return tuple(map(Seen, self._sent))

    def grant(self, *agents: str) -> None:
        """Grant restricted agents to the application; "*" is all."""
        self._tenant.grants.update(agents)

    def revoke(self, *agents: str) -> None:
        """Take grants back; without names all of them."""
        self._tenant.grants.difference_update(agents or set(self._tenant.grants))

    def expire_token(self) -> None:
        """The token is refused from now on, and that is no violation."""
        self._tenant.credentials.expire(self.token)
        self.allowances.append(Allowance("expired-credential", expected=False))

    @property
    def state(self) -> str:
        """Running, OfflineMaintenance, OnlineMaintenance or Suspended, or what a played scenario says."""
        return self._tenant.shown_state

    @state.setter
    def state(self, state: str) -> None:
        known: State | None = next((one for one in get_args(State) if one == state), None)
        if known is None:
            raise SettingError(f"a tenant's state is one of {', '.join(get_args(State))}, not {state!r}.")
        self._tenant.state = known
        self.allowances.append(Allowance("tenant-not-running", expected=False))

    # what was seen

    @property
    def seen(self) -> tuple[Seen, ...]:
        """Every answered call, in the order they were answered."""
        with self._news:
            return tuple(map(Seen, self._calls))

    def calls(self, match: Match | Mapping[str, Any] | str = "", **keys: Any) -> list[Seen]:
        """The calls that match: an operation's id or pattern, a match, or its keys as keywords."""
        from mockso.testing.questions import match_of

        return self.matching(match_of(match, keys))

    def meant(self, match: Match) -> tuple[Seen, ...]:
        """What a match is about: the calls, or the deliveries where it says `webhook`."""
        return self.sent if match.outgoing else self.seen

    def matching(self, match: Match) -> list[Seen]:
        """The calls, or the deliveries, that match."""
        return [seen for seen in self.meant(match) if match.matches(seen.call)]

    def verify(
        self,
        match: Match | Mapping[str, Any] | str = "",
        *,
        times: int | None = None,
        at_least: int | None = None,
        at_most: int | None = None,
        **keys: Any,
    ) -> list[Seen]:
        """The calls that match; AssertionError with the nearest when they are too few or too many.

        `times` is exact; where nothing is said, one or more.
        """
        __tracebackhide__ = True
        from mockso.testing.questions import verify

        if times is not None:
            at_least = at_most = times
        elif at_least is None:
            at_least = 1 if at_most is None else 0
        return verify(self, match, keys, at_least, at_most)

    def verify_order(self, *matches: Match | Mapping[str, Any] | str) -> list[Seen]:
        """The calls that came in this order, others between them; AssertionError when they did not."""
        __tracebackhide__ = True
        from mockso.testing.questions import verify_order

        return verify_order(self, matches)

    def wait_for(
        self,
        match: Match | Mapping[str, Any] | str = "",
        *,
        count: int = 1,
        timeout: float = 5.0,
        **keys: Any,
    ) -> list[Seen]:
        """Wait until that many calls matched, those before included; AssertionError after `timeout` seconds."""
        __tracebackhide__ = True
        from mockso.testing.questions import match_of, too_few

        wanted = match_of(match, keys)
        with self._news:
            taken = self._sent if wanted.outgoing else self._calls
            met = self._news.wait_for(lambda: sum(map(wanted.matches, taken)) >= count, timeout)
        found = self.matching(wanted)
        if not met:
            raise AssertionError(f"after {timeout} s: {too_few(self, wanted, found, count)}")
        return found

    async def arrival(self, match: Match | Mapping[str, Any] | str = "", **options: Any) -> list[Seen]:
        """`wait_for`, awaitable: the event loop goes on meanwhile."""
        return await asyncio.to_thread(lambda: self.wait_for(match, **options))

    def journal(self) -> str:
        """What a failed test's report has: failing calls first, then the last ten."""
        from mockso.testing.report import section

        return section(self)

    def messages(self, seen: Seen) -> list[str]:
        """The messages of a call's violations as the journal has them: without secrets."""
        entry = self.mock.engine.journal.get(seen.id)
        if entry is None or not entry["verdict"]:
            return [f"{violation.where}: (no longer in the journal)" for violation in seen.violations]
        # The token of a test is no secret, and a message that says what to send must say it.
        redaction = self.mock.engine.journal.redaction
        hidden = redaction.header("Authorization", f"Bearer {self.token}", {}).partition(" ")[2]
        return [
            f"{item['where']}: {item['message']}".replace(hidden, self.token)
            for item in entry["verdict"]["violations"]
        ]

    # how it is judged

    def allow(self, rule: str, reason: str = "") -> None:
        """Allow a rule to be broken here; a finding if it is not."""
        self.allowances.append(allowance(rule, reason))

    def findings(self) -> list[Finding]:
        """All that is wrong here and that nobody allowed, whatever `strict` says."""
        self._allow_for_the_clock()
        return findings(self)

    def findings_since(self, calls: int) -> list[Finding]:
        """The same of the calls that came after so many."""
        self._allow_for_the_clock()
        return late(self, calls)

    def _allow_for_the_clock(self) -> None:
        if self.clock.moved:
            self.allowances.append(Allowance("expired-credential", expected=False))

    def check(self) -> None:
        """ContractBroken when something is wrong and `strict` is "fail"."""
        __tracebackhide__ = True
        if self.strict == "fail":
            found = self.findings()
            if found:
                raise ContractBroken(found)

    def drop(self) -> None:
        """Forget the tenant and all its state. Its calls stay with this object."""
        self._tenant.told = None
        self.mock.engine.tenants.drop(self.tenant)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if error is None:
                self.check()
        finally:
            self.drop()

    def __repr__(self) -> str:
        return f"<world {self.tenant}, {len(self._calls)} calls>"
