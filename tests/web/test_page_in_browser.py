"""The page in a real headless Chromium. MOCKSO's pictures go to the folder that PICTURES names, if any."""

import json
import os
from pathlib import Path
from urllib.error import HTTPError
from urllib.parse import quote
from urllib.request import Request, urlopen

import pytest

from mockso.config import Settings
from mockso.contract.catalogue import Contract
from mockso.engine import Engine
from mockso.exchange.call import Difference, NearMiss
from mockso.journal.journal import Journal
from mockso.web.server import Server
from tests.journal.entries import added, violation
from tests.web.browser import MISSING, Browser

pytestmark = pytest.mark.skipif(bool(MISSING), reason=MISSING or "a browser is there")

HOSTILE = "<script>window.hacked=1</script>\"'><img src=x onerror=window.hacked=1>{{7*7}}"
ENTER = "\ue007"


@pytest.fixture(scope="module")
def browser():
    made = Browser()
    yield made
    made.close()


@pytest.fixture
def server(shipped: Contract):
    engine = Engine(Settings(), [shipped], Journal())
    made = Server(engine).start()
    yield made
    engine.journal.release()
    made.stop()
    engine.close()


@pytest.fixture(autouse=True)
def blank(browser):
    browser.open("about:blank")
    browser.complaints()


@pytest.fixture
def page(server):
    return f"{server.url}/__mockso"


def call(server, path="/Contact/17", body=None, method="GET", **headers):
    headers = {"Authorization": "Bearer 8A:Cust12345.abc", **headers}
    if body is not None:
        headers["Content-Type"] = "application/json"
    request = Request(f"{server.url}/Cust12345/api/v1{path}", body, headers, method=method)
    try:
        with urlopen(request) as answer:
            return answer.headers["X-Mockso-Call"]
    except HTTPError as error:
        with error:
            return error.headers["X-Mockso-Call"]


def picture(browser, name):
    if os.environ.get("PICTURES"):
        browser.picture(Path(os.environ["PICTURES"]) / f"{name}.png")


def clean(browser):
    complaints = [text for text in browser.complaints() if "favicon" not in text]
    return complaints == [] or complaints


def test_calls_appear_as_they_come(browser, server, page):
    browser.open(f"{page}/")
    browser.until(lambda: "live" in browser.text("#live"))
    call(server)
    call(server, "/Conatct/1")

    browser.until(lambda: len(browser.texts(".calls tbody th")) == 2)

    assert browser.texts(".calls tbody th") == ["2", "1"]
    assert "no operation" in browser.text(".calls tbody tr:first-child")
    assert clean(browser) is True
    picture(browser, "calls")


def test_what_is_new_waits_while_the_page_is_paused(browser, server, page):
    browser.open(f"{page}/")
    browser.until(lambda: "live" in browser.text("#live"))
    browser.until(lambda: server.engine.journal.listeners == 1)
    browser.press("l")
    call(server)

    browser.until(lambda: "paused, 1 new" in browser.text("#live"))
    assert browser.texts(".calls tbody th") == []
    browser.click("#live button")

    browser.until(lambda: browser.texts(".calls tbody th") == ["1"])


def test_a_delayed_call_is_visible_while_it_waits(browser, server, page):
    from tests.conftest import call as made

    id = server.engine.journal.arrive(made())
    browser.open(f"{page}/page/calls/{id}")

    assert "waits for its answer" in browser.text("main")


def test_one_call_shows_what_is_wrong_where_it_is_wrong(browser, server, page):
    id = call(
        server,
        "/Contact/17",
        b'{"Name": "Acme", "Persons": [{"PersonId": "x"}], "Colour": 1.0}',
        method="PUT",
    )
    browser.open(f"{page}/page/calls/{id}")

    assert "broken" in browser.text("#verdict")
    marked = [text.strip() for text in browser.texts(".body .marked")]
    assert '"PersonId": "x"' in marked
    assert '"Colour": 1.0' in marked
    assert "Authorization" in browser.text("section[aria-labelledby=request]")
    assert clean(browser) is True
    picture(browser, "call")


def test_a_near_miss_is_shown_as_a_difference(browser, server, page, shipped):
    id = added(
        server.engine.journal,
        shipped,
        near_misses=[NearMiss("limited", "limited#1", (Difference("query id", {"equalTo": "1"}, "2"),))],
    )
    browser.open(f"{page}/page/calls/{id}")

    assert "limited#1" in browser.text(".miss h4")
    assert '{"equalTo": "1"}' in browser.text(".miss .minus")
    assert '"2"' in browser.text(".miss .plus")
    picture(browser, "near-miss")


def test_values_of_a_request_are_no_markup(browser, server, page, shipped):
    body = json.dumps({"Name": HOSTILE, HOSTILE: 1}).encode()
    id = call(
        server, f"/Contact/17?{quote(HOSTILE)}={quote(HOSTILE)}", body, method="PUT", **{"X-Evil": HOSTILE}
    )
    added(
        server.engine.journal,
        shipped,
        tenant=HOSTILE,
        path=f"/api/v1/{HOSTILE}",
        step=f"{HOSTILE}#1",
        reply=HOSTILE.encode(),
        reply_headers=[("Content-Type", "text/html"), ("X-Evil", HOSTILE)],
        violations=[violation(message=HOSTILE, where=HOSTILE, got=HOSTILE)],
        near_misses=[NearMiss(HOSTILE, HOSTILE, (Difference(HOSTILE, HOSTILE, HOSTILE),))],
    )

    for path in ("", f"page/calls/{id}", f"page/calls/{int(id) + 1}", "page/tenants", f"page/contract?q={quote(HOSTILE)}",
                 f"?text={quote(HOSTILE)}&status={quote(HOSTILE)}"):  # fmt: skip
        browser.open(f"{page}/{path}")
        assert browser.run("return window.hacked ?? null") is None, path
        assert browser.run("return document.scripts.length") == 1, path
        assert browser.run("return document.images.length") == 0, path
        assert "49" not in browser.run("return document.title"), path
        assert [text for text in browser.complaints() if "Content Security" in text] == [], path
    picture(browser, "hostile")


def test_it_is_used_by_keys_alone(browser, server, page):
    for number in (1, 2, 3):
        call(server, f"/Contact/{number}")
    browser.open(f"{page}/")
    browser.until(lambda: "live" in browser.text("#live"))

    browser.press("j", "j")
    assert browser.run("return document.activeElement.textContent") == "2"
    browser.press(ENTER)
    browser.until(lambda: browser.url.endswith("/page/calls/2"))
    browser.press("j")
    browser.until(lambda: browser.url.endswith("/page/calls/1"))
    browser.press("u")
    browser.until(lambda: browser.url.endswith("/__mockso/#call-1"))
    assert browser.run("return document.activeElement.textContent") == "1"
    browser.press("/")
    assert browser.run("return document.activeElement.name") == "text"


def test_the_pause_button_keeps_the_focus_while_calls_come(browser, server, page):
    browser.open(f"{page}/")
    browser.until(lambda: "live" in browser.text("#live"))
    browser.run("document.getElementById('pause').focus()")

    browser.press(ENTER, ENTER)
    call(server)
    browser.until(lambda: browser.texts(".calls tbody th") == ["1"])

    assert browser.run("return document.activeElement.textContent") == "Pause"


def test_a_scenario_is_played_and_stopped_by_buttons(browser, server, page):
    call(server)
    browser.open(f"{page}/page/scenarios")

    assert browser.text("button[value=throttled]") == "Play for all tenants"
    browser.click("button[value=throttled]")
    browser.until(lambda: "throttled#1" in browser.text("main"))
    call(server)
    browser.open(f"{page}/page/scenarios")
    row = browser.text("main table tbody tr")
    picture(browser, "scenarios")
    browser.click("button[aria-label='Stop throttled for Cust12345']")

    assert row.split()[:5] == ["Cust12345", "throttled", "throttled#1", "1", "1"]
    browser.until(lambda: "None" in browser.text("main"))


def test_the_whole_row_opens_a_call_and_the_filter_is_kept_by_keys(browser, server, page):
    for path in ("/Contact/1", "/Conatct/1", "/Contact/2", "/Conatct/2"):
        call(server, path)
    browser.open(f"{page}/?status=4xx")
    browser.until(lambda: "live" in browser.text("#live"))

    browser.click("tr.message td:last-child")
    browser.until(lambda: "/page/calls/4" in browser.url)
    browser.press("j")
    browser.until(lambda: "/page/calls/2" in browser.url)
    browser.press("u")
    browser.until(lambda: browser.url.endswith("/?status=4xx#call-2"))
    assert browser.texts(".calls tbody th") == ["4", "2"]


def test_the_command_of_a_call_is_copied(browser, server, page):
    id = call(server)
    browser.open(f"{page}/page/calls/{id}")

    browser.click("summary")
    assert "curl --globoff" in browser.text("#curl")
    browser.click("#curl + .copy")
    browser.until(lambda: browser.text("#curl + .copy") in ("Copied", "Not allowed: select it"))


@pytest.mark.parametrize("width", [1400, 700, 390])
def test_nothing_is_wider_than_the_screen(browser, server, page, width):
    long = "x" * 90
    id = call(server, f"/Contact/17?{long}={long}", json.dumps({long: long}).encode(), method="PUT")
    call(server, f"/{long}/{long}")
    wider = """
        const width = document.documentElement.clientWidth;
        return [...document.querySelectorAll("body, table, pre, form, section, button")]
            .filter((one) => one.getBoundingClientRect().right > width + 1).map((one) => one.outerHTML.slice(0, 80));
    """
    browser.chrome(
        "Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False
    )
    try:
        for path in ("", f"page/calls/{id}", "page/scenarios", "page/scenarios/throttled", "page/tenants", "page/data",
                     "page/data/Contact", "page/contract?q=GET+/api/v1/Contact", "docs/scenarios", "nowhere"):  # fmt: skip
            browser.open(f"{page}/{path}")
            browser.until(lambda: browser.run("return getComputedStyle(document.body).marginTop") == "0px")
            assert browser.run(wider) == [], path
    finally:
        browser.chrome("Emulation.clearDeviceMetricsOverride")


def test_calls_are_deleted_only_after_a_question(browser, server, page):
    call(server)
    browser.open(f"{page}/")

    browser.click(".tools button.danger")
    browser.accept_alert()

    browser.until(lambda: "Nothing was called yet" in browser.text("main"))
    assert server.engine.journal.count() == 0


def test_ten_thousand_calls_are_fluent(browser, server, page, shipped):
    for _ in range(10_000):
        added(server.engine.journal, shipped)
    browser.open(f"{page}/")

    took = browser.run(
        "const t = performance.getEntriesByType('navigation')[0]; return t.loadEventEnd - t.startTime"
    )

    assert browser.run("return document.querySelectorAll('.calls tbody th').length") == 50
    assert took < 5_000
    browser.click("a[rel=next]")
    browser.until(lambda: browser.texts(".calls tbody th")[0] == "9950")


def test_the_contract_is_searched(browser, page):
    browser.open(f"{page}/page/contract")
    browser.type("#filter", "SaveUntrustedCredentials")
    browser.press(ENTER)

    browser.until(lambda: "Restricted" in browser.text("main"))
    assert "$select" in browser.text("main table")
    assert clean(browser) is True
    picture(browser, "contract")


def test_it_is_dark_where_the_system_is(browser, server, page):
    call(server)
    browser.chrome("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    browser.open(f"{page}/")
    back = "return getComputedStyle(document.body).backgroundColor"
    browser.until(lambda: browser.run(back) != "rgba(0, 0, 0, 0)")  # the style has been read
    color = browser.run(back)
    picture(browser, "dark")
    browser.chrome(
        "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "light"}]
    )

    assert color == "rgb(18, 22, 28)"


def test_everything_has_a_name_for_a_screen_reader(browser, server, page):
    id = call(server, body=b"{}", method="PUT")
    for path in (
        "",
        f"page/calls/{id}",
        "page/scenarios",
        "page/tenants",
        "page/data",
        "page/data/Contact",
        "page/contract?q=Contact_GetContact",
        "page/contract?q=GET+/api/v1/Contact",
        "page/contract?q=FindContact",
    ):
        browser.open(f"{page}/{path}")
        nodes = browser.chrome("Accessibility.getFullAXTree")["nodes"]
        nameless = [
            node["role"]["value"]
            for node in nodes
            if not node["ignored"]
            and node["role"]["value"]
            in ("link", "button", "textbox", "searchbox", "combobox", "table", "navigation")
            and not node.get("name", {}).get("value", "").strip()
        ]
        assert nameless == [], path


def test_it_works_without_javascript(server, page):
    for number in range(60):
        call(server, f"/Contact/{number + 1}")
    browser = Browser(javascript=False)
    try:
        browser.open(f"{page}/")
        browser.click("a[rel=next]")
        # A click may return before its page has come.
        browser.until(lambda: browser.texts(".calls tbody th")[0] == "10")
        browser.type("#filter", "Contact/60")
        browser.click("form.filter button")
        browser.until(lambda: browser.texts(".calls tbody th") == ["60"])
        browser.click(".calls tbody th a")
        browser.until(lambda: browser.text("h1").startswith("Call 60"))
        browser.open(f"{page}/page/scenarios")
        browser.click("button[aria-label='Play throttled']")
        browser.until(lambda: "throttled#1" in browser.text("main"))
    finally:
        browser.close()
