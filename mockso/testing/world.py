"""A world: one tenant for one test, with its own calls, scenarios, grants, tokens, state and clock.

Making and dropping one takes microseconds: nothing is reset, nothing waits.
"""

from __future__ import annotations

import os
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, get_args

from mockso.contract.model import NOTHING, Nothing
from mockso.errors import ScenarioError, SettingError
from mockso.state.clock import Clock
from mockso.state.tenant import Answerer, State, Status
from mockso.testing.calls import Expectation, Playable, Strict, place_of_test
from mockso.testing.extras import import_extra
from mockso.testing.findings import Allowance, Finding, allowance, idle_allowances, of_calls, unused_steps
from mockso.testing.logins import Logins
from mockso.testing.seen_call import SeenCall

if TYPE_CHECKING:
    import httpx
    import requests

    from mockso.testing.host import Host


class ContractBroken(AssertionError):
    """A world has findings that nobody allowed; the text has a line for each."""

    def __init__(self, findings: Sequence[Finding]) -> None:
        super().__init__(to_lines(findings))
        self.findings = tuple(findings)


def to_lines(findings: Sequence[Finding]) -> str:
    """The text a test fails with: a line for each finding."""
    return "\n".join(f"mockso: {finding.line}" for finding in findings)


class World(Logins):
    """One tenant. `str()` of it is the base address of its API, as is `url`."""

    def __init__(
        self,
        mock: Host,
        state: State,
        *,
        scenarios: Iterable[Playable] = (),
        strict: Strict = "fail",
        allow_unmatched: bool = False,
        seed: int | None = None,
    ) -> None:
        self.strict = strict
        super().__init__(state, mock.engine.journal, mock.engine.contract)
        self.mock = mock
        self.allow_unmatched = allow_unmatched
        self.seed = seed
        self.random = random.Random(state.name if seed is None else seed)
        self.clock = Clock(state, mock.engine.clock)
        self.allowances: list[Allowance] = []
        self.planned: set[str] = set()
        self.play(*scenarios)
        mock.worlds.append(self)

    @property
    def strict(self) -> Strict:
        """`"off"`, `"report"` or `"fail"`; may be changed inside a test."""
        return self._strict

    @strict.setter
    def strict(self, level: Strict) -> None:
        if level not in get_args(Strict):
            raise SettingError(f"strict is one of {', '.join(get_args(Strict))}, not {level!r}.")
        self._strict = level

    # where and who

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
        return self._state.online

    @property
    def ticket(self) -> str:
        """A ticket that works here; Online it needs `app_token` beside it."""
        return self._state.credentials.ticket

    @property
    def app_token(self) -> str:
        """The application's secret, for the header SO-AppToken."""
        return self._state.credentials.app_token

    @property
    def headers(self) -> dict[str, str]:
        """The headers a client needs."""
        return {"Authorization": f"Bearer {self.token}", "Accept": "application/json"}

    def env(self) -> dict[str, str]:
        """The environment for a process that calls this world: this process's, and `variables`."""
        return {**os.environ, **self.variables()}

    def variables(self) -> dict[str, str]:
        """The variables that `env` adds: address, tenant, credentials, and what a client needs to log in."""
        application = self.application
        return {
            "MOCKSO_URL": self.mock.url,
            "MOCKSO_TENANT": self.tenant,
            "MOCKSO_TOKEN": self.token,
            "MOCKSO_APP_TOKEN": self.app_token,
            "MOCKSO_ROOT": f"{self.mock.url}/{self.tenant}/",
            "SUPEROFFICE_BASE_URL": self.url,
            **dict.fromkeys(("NO_PROXY", "no_proxy"), no_proxy()),
            "SUPEROFFICE_LOGIN_URL": self.login_url,
            "SUPEROFFICE_CLIENT_ID": application.id,
            "SUPEROFFICE_CLIENT_SECRET": application.secret,
            "SUPEROFFICE_REDIRECT_URI": application.redirect_uri,
            "SUPEROFFICE_SYSTEM_TOKEN": application.system_token,
            "SUPEROFFICE_PRIVATE_KEY": str(application.private_key),
        }

    # ways to call it without a socket

    def session(self) -> requests.Session:
        """A `requests` session without a socket; addresses may be relative: "Contact/17"."""
        __tracebackhide__ = True
        session: requests.Session = import_extra("mockso.testing.with_requests", "requests").Session(
            self.mock, self.address, self.headers
        )
        return session

    def client(self) -> httpx.Client:
        """An `httpx` client without a socket; addresses may be relative: "Contact/17"."""
        __tracebackhide__ = True
        client: httpx.Client = import_extra("mockso.testing.with_httpx", "httpx").client(
            self.mock, self.address, self.headers
        )
        return client

    def async_client(self) -> httpx.AsyncClient:
        """The same for an event loop."""
        __tracebackhide__ = True
        client: httpx.AsyncClient = import_extra("mockso.testing.with_httpx", "httpx").async_client(
            self.mock, self.address, self.headers
        )
        return client

    @contextmanager
    def intercept(self, *hosts: str) -> Iterator[None]:
        """Answer calls of this process for `*.superoffice.com`, and further hosts, by requests, httpx and urllib.

        Whatever tenant is in an address is this world.
        """
        from mockso.testing.intercept import interception

        with interception(self.mock.engine, self.tenant, hosts):
            yield

    # what happens here

    def answer_with(self, answerer: Answerer, behind: Answerer | None = None) -> None:
        """Put somebody into the row of those who answer its calls: in front of all, or behind another."""
        row = [*(self._state.answerers or self.mock.engine.answerers)]
        row.insert(0 if behind is None else row.index(behind) + 1, answerer)
        self._state.answerers = tuple(row)

    def play(self, *what: Playable) -> None:
        """Play scenarios: shipped ones by name, files, folders, mappings as files have them, or `Scenario`s.

        The last is asked first. Steps with `times` must be used up by the end of the test.
        """
        for scenario in self.mock.engine.playlist.library.read(what, self.seed):
            self._state.play(scenario)
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
        usual = {"status": status, "error": error, "headers": headers}
        answer = {**(reply or {}), **{key: value for key, value in usual.items() if value}}
        if not isinstance(json, Nothing):
            answer["body"] = json
        fields: dict[str, Any] = {"match": {**({"operation": operation} if operation else {}), **match}}
        fields |= {"reply": answer} if answer else {}
        fields |= {"times": times} if times is not None else {}
        fields |= {"delay": delay} if delay else {}
        fields |= {"fault": fault} if fault else {}
        __tracebackhide__ = True
        place = place_of_test()
        try:
            scenario = self.mock.engine.playlist.library.read_mapping(
                {"name": "expected", "steps": [fields]}, place
            )
        except ScenarioError as error:
            # Raised anew: what lies between the test and its mistake helps nobody.
            raise ScenarioError(str(error).replace("steps[0].", "")) from None
        step = replace(scenario.steps[0], label="", place=place)
        self.planned.add("expected")
        return Expectation(self, self.scenarios.extend("expected", step))

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

    def flush(self, timeout: float = 30.0) -> list[SeenCall]:
        """Wait until all deliveries have come to their end, and give all attempts so far, as `sent` does."""
        __tracebackhide__ = True
        self.mock.flush(timeout, self.tenant)
        return list(self.sent)

    def load(self, *data: Mapping[str, Any] | str | Path) -> int:
        """Lay rows over its own: a mapping as a data file has it, or a file; how many rows they were. Names
        and texts lead to rows that are there already. A SeedError has every fault, "seed.Person.ann.Firstname" its
        place, and then nothing is changed.
        """
        __tracebackhide__ = True
        return sum(self.mock.engine.seeds.lay(self._state.store, one) for one in data)

    def grant(self, *agents: str) -> None:
        """Grant restricted agents to the application; "*" is all."""
        self._state.grant(*agents)

    def revoke(self, *agents: str) -> None:
        """Take grants back; without names all of them."""
        self._state.revoke(*agents)

    @property
    def state(self) -> str:
        """Running, OfflineMaintenance, OnlineMaintenance or Suspended, or what a played scenario says."""
        return self._state.shown_status

    @state.setter
    def state(self, state: str) -> None:
        tenant_state: Status | None = next((one for one in get_args(Status) if one == state), None)
        if tenant_state is None:
            raise SettingError(f"a tenant's state is one of {', '.join(get_args(Status))}, not {state!r}.")
        self._state.status = tenant_state
        self.allowances.append(Allowance("tenant-not-running", expected=False))

    def journal(self) -> str:
        """The journal as a failed test's report has it: failing calls first, then the last ten."""
        from mockso.testing.report import section

        return section(self)

    # how it is judged

    def allow(self, rule: str, reason: str = "") -> None:
        """Allow a rule to be broken here; a finding if it is not."""
        self.allowances.append(allowance(rule, reason))

    def findings(self) -> list[Finding]:
        """All that is wrong here and that nobody allowed, whatever `strict` says."""
        return [
            *self.findings_since(0),
            *unused_steps(self, self.planned),
            *idle_allowances(self, self.allowances),
        ]

    def findings_since(self, calls: int) -> list[Finding]:
        """The findings of the calls that came after the first `calls`."""
        allowed = {allowance.rule for allowance in self.allowances} | self._state.steering
        if self.clock.is_moved:
            allowed.add("expired-credential")
        return of_calls(self, self.seen[calls:], allowed, unmatched=self.allow_unmatched)

    def check(self) -> None:
        """ContractBroken when something is wrong and `strict` is "fail"."""
        __tracebackhide__ = True
        if self.strict == "fail":
            findings = self.findings()
            if findings:
                raise ContractBroken(findings)

    def drop(self) -> None:
        """Forget the tenant and all its state. Its calls stay with this object."""
        self._state.on_answered = None
        if self in self.mock.worlds:
            self.mock.worlds.remove(self)
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


def no_proxy() -> str:
    """The hosts that a client must not call by a proxy: this machine, and those that the environment names."""
    named = os.environ.get("no_proxy") or os.environ.get("NO_PROXY") or ""
    hosts = [host.strip() for host in named.split(",") if host.strip()]
    return ",".join(dict.fromkeys([*hosts, "127.0.0.1", "localhost", "::1"]))
