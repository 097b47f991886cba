"""Many logins: a code is one token whoever comes first, and what has expired takes no room."""

from __future__ import annotations

import tracemalloc
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest

from mockso.login import codes
from tests.conftest import NOON
from tests.login.flows import CALLBACK, TENANT, json_of

LOGINS = 10_000
FACTS = {
    "client": "mockso-client",
    "redirect": CALLBACK,
    "user": 1,
    "challenge": "",
    "method": "plain",
    "nonce": "",
}


def test_a_code_used_from_64_threads_is_one_token(flow):
    code = flow.code()
    barrier = Barrier(64)

    def exchange(_: int) -> int:
        barrier.wait()
        return flow.exchange(code).status

    with ThreadPoolExecutor(64) as pool:
        statuses = sorted(pool.map(exchange, range(64)))

    rows = flow.engine.tenants.of(TENANT).store.rows
    assert statuses == [200] + [400] * 63
    assert rows.count("token") == 1


def log_in_often(flow, at: float, logins: int = LOGINS) -> None:
    state, keys = flow.engine.tenants.of(TENANT), flow.engine.login.keys
    for number in range(logins):
        moment = at + number / 100
        code = codes.add_code(state, moment, FACTS)
        assert codes.exchange_code(state, keys, code, moment)


def test_ten_thousand_logins_leave_nothing_behind_once_they_have_expired(flow, times):
    state = flow.engine.tenants.of(TENANT)
    log_in_often(flow, NOON, 100)
    times.now = NOON + 10_000
    flow.log_in()
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]

    log_in_often(flow, times.now)
    peak = tracemalloc.get_traced_memory()[0] - before
    times.now += 10_000
    flow.log_in()
    after = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()

    rows = state.store.rows
    assert (rows.count("token"), rows.count("code"), rows.count("refresh")) == (1, 1, 1)
    assert after < peak / 10


@pytest.mark.full
def test_ten_thousand_whole_logins_leave_nothing_behind(flow_of, times):
    flow = flow_of(journal_entries=100)
    for _ in range(LOGINS):
        flow.log_in()
        times.now += 1

    times.now += 3_601
    flow.log_in()

    rows = flow.engine.tenants.of(TENANT).store.rows
    assert (rows.count("token"), rows.count("code"), rows.count("refresh")) == (1, 1, 1)


def test_a_restored_snapshot_has_its_tokens_and_a_reset_has_none(flow):
    state = flow.engine.tenants.of(TENANT)
    tokens = flow.log_in()
    snapshot = state.store.snapshot()

    state.store.reset()
    assert flow.refresh(tokens["refresh_token"]).status == 400
    state.store.restore(snapshot)

    assert flow.refresh(tokens["refresh_token"]).status == 200
    assert json_of(flow.api("User/currentPrincipal", tokens["access_token"]))["Associate"] == "KAB"
