"""axe-core finds nothing on the journal's pages, light and dark, wide and narrow, and none is wider than the screen.

TEST_AXE names its script, axe.min.js of the npm package axe-core.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.engine import Engine
from mockso.journal.journal import Journal
from mockso.web.admin.scenarios import begin, scenario_of
from mockso.web.server import Server
from tests.conftest import call
from tests.journal.entries import added, violation
from tests.web.browser import MISSING, Browser
from tests.web.recorded import send

SCRIPT = os.environ.get("TEST_AXE", "")

pytestmark = [
    pytest.mark.skipif(bool(MISSING), reason=MISSING or "a browser is there"),
    pytest.mark.skipif(not SCRIPT, reason="no axe-core (TEST_AXE names its axe.min.js)"),
]

V1 = "/Cust12345/api/v1"
LONG = "x" * 90
LIMITED = """
name: limited
steps:
  - match: {operation: v1ContactEntity_GetContactEntity, path: /api/v1/Contact/17}
    reply: {status: 429, text: later}
    times: 1
"""
BROKEN = {"Name": "Acme", "Persons": [{"PersonId": "x"}], "Colour": 1.0, LONG: LONG}

# Each call's id is its place.
CALLS: list[tuple[str, str, bytes | None]] = [
    ("GET", f"{V1}/Contact/17", None),  # takes the step
    ("GET", f"{V1}/Contact/17", None),  # which is used up: a near miss
    ("PUT", f"{V1}/Contact/17?{LONG}={LONG}", json.dumps(BROKEN).encode()),
    ("GET", f"{V1}/Conatct/1", None),
    ("GET", f"{V1}/{LONG}/{LONG}", None),
    ("GET", f"{V1}/Contact?$select=name", None),
    ("POST", f"{V1}/Contact", b'{"Name": "Acme"}'),
    ("GET", "/api/v1/Contact/1", None),
]

PAGES = {
    "calls": "",
    "calls that fit a filter": "?status=4xx&tenant=Cust12345",
    "no call that fits": "?text=nobody-calls-this",
    "older calls": "?after=5",
    "a call that a step answered": "page/calls/1",
    "a call with a near miss": "page/calls/2",
    "a call with violations": "page/calls/3",
    "a call without operation": "page/calls/4",
    "a call to a long address": "page/calls/5",
    "a call with a list": "page/calls/6",
    "a call that made a row": "page/calls/7",
    "a call onsite": "page/calls/8",
    "a call with bytes": "page/calls/9",
    "a call that waits": "page/calls/10",
    "scenarios": "page/scenarios",
    "scenarios for a tenant": "page/scenarios?tenant=Cust12345",
    "a scenario": "page/scenarios/throttled",
    "a scenario without file": "page/scenarios/limited",
    "tenants": "page/tenants",
    "data": "page/data",
    "a kind": "page/data/Contact",
    "a kind that is searched": "page/data/Contact?text=nobody-has-this",
    "a row": "page/data/Contact/1",
    "contract": "page/contract",
    "an operation": "page/contract?q=GET+/api/v1/Contact",
    "a restricted operation": "page/contract?q=v1UserAgent_SaveUntrustedCredentials",
    "operations": "page/contract?q=v1Contact",
    "a type": "page/contract/ContactEntity",
    "an archive": "page/contract/ContactPublicProvider",
    "a name that the contract does not have": "page/contract?q=Kontact",
    "docs": "docs",
    "a page of the docs": "docs/scenarios",
    "a page of the docs with rules": "docs/rules",
}
REFUSALS = {
    "a filter that is none": "?status=many",
    "a call that is not there": "page/calls/9999",
    "a scenario that is not there": "page/scenarios/nobody",
    "a kind that is not there": "page/data/Nothing",
    "a row that is not there": "page/data/Contact/99999",
    "an unknown address": "nowhere",
}

# Best practices and WCAG 2.2 AA; of those, the size of targets is off unless it is named.
CHECK = """
    const report = await axe.run(document, {rules: {"target-size": {enabled: true}}, resultTypes: ["violations"]});
    const faults = report.violations.flatMap((fault) =>
        fault.nodes.map((node) => `${fault.id}: ${node.html.slice(0, 120)}: ${node.failureSummary}`));
    const {scrollWidth, clientWidth} = document.documentElement;
    return scrollWidth > clientWidth ? [...faults, `${scrollWidth} pixels wide on ${clientWidth}`] : faults;
"""
LOOK = "return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light']"
STATUS = "return performance.getEntriesByType('navigation')[0].responseStatus"
OPEN = "for (const one of document.querySelectorAll('details')) one.open = true;"


@pytest.fixture(scope="module")
def root(shipped: Contract) -> Iterator[str]:
    """The address of the pages of a mock that was called."""
    engine = Engine(Settings(), [shipped], Journal())
    server = Server(engine).start()
    try:
        begin(engine, scenario_of(engine, "", LIMITED), None)
        for method, path, body in CALLS:
            send(server.url, method, path, body, Content_Type="application/json")
        added(
            engine.journal,
            shipped,
            method="PUT",
            body=b"\xff\x00",
            reply=b"\xff",
            violations=[violation("warning")],
        )
        engine.journal.arrive(call())
        yield f"{server.url}/__mockso"
    finally:
        engine.journal.release()
        server.stop()
        engine.close()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    window = Browser()
    yield window
    window.close()


def show(browser: Browser, width: int, scheme: str) -> None:
    """Show the page that is open in another width, on a system that prefers these colours."""
    feature = {"name": "prefers-color-scheme", "value": scheme}
    browser.chrome("Emulation.setEmulatedMedia", features=[feature])
    metrics = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": False}
    browser.chrome("Emulation.setDeviceMetricsOverride", **metrics)
    browser.until(lambda: browser.run(LOOK) == [width, scheme])


@pytest.mark.parametrize("name", [*PAGES, *REFUSALS])
def test_axe_finds_nothing_and_no_page_is_wider_than_the_screen(browser, root, name):
    browser.open(f"{root}/{({**PAGES, **REFUSALS})[name]}")
    browser.until(lambda: browser.run("return getComputedStyle(document.body).marginTop") == "0px")
    assert (browser.run(STATUS) == 200) is (name in PAGES)
    browser.run(OPEN)
    browser.run(Path(SCRIPT).read_text(encoding="utf-8"))

    faults = {}
    for width in (1400, 700, 390):
        for scheme in ("light", "dark"):
            show(browser, width, scheme)
            faults[width, scheme] = browser.run(CHECK)

    assert {look: found for look, found in faults.items() if found} == {}


def test_the_calls_that_axe_looks_at_have_faults_and_near_misses(browser, root):
    browser.open(f"{root}/{PAGES['a call with a near miss']}")
    assert browser.texts(".miss h4") == ["limited#1"]

    browser.open(f"{root}/{PAGES['a call with violations']}")
    assert len(browser.texts(".violations li")) > 2
