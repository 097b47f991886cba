"""An exported archive validates, and Chromium's own developer tools open it and list the calls."""

from __future__ import annotations

import json
from contextlib import suppress

import jsonschema
import pytest
import requests

from mockso.cli import main
from mockso.testing.mock import serve
from tests.journal.har_schema import HAR
from tests.web.browser import MISSING, Browser

FRONTEND = "devtools://devtools/bundled/"
# The tools are made of shadow trees.
DEEP = """
function* deep(root) {
  for (const element of root.querySelectorAll('*')) {
    yield element;
    if (element.shadowRoot) yield* deep(element.shadowRoot);
  }
}
"""
CHOOSER = "[...deep(document)].find(element => element.matches('input[type=file]'))"
ROWS = """return [...deep(document)].filter(element => element.matches('tr.data-grid-data-grid-node'))
  .map(row => [...row.cells].slice(0, 3).map(cell => cell.textContent))"""
KNOWN = """return (async () => {
  const logs = await import('devtools://devtools/bundled/models/logs/logs.js');
  const found = [];
  for (const request of logs.NetworkLog.NetworkLog.instance().requests()) {
    const content = await request.requestContentData();
    found.push({
      method: request.requestMethod, url: request.url(), status: request.statusCode,
      sent: await request.requestFormData() ?? '',
      got: content.isTextContent ? content.text : 'bytes:' + content.base64,
      headers: request.responseHeaders.length,
    });
  }
  return found;
})()"""

SCENARIO = """\
name: odd
steps:
  - match: {path: /api/v1/Contact/1}
    reply: {base64: AAECAwQF, headers: {Content-Type: application/octet-stream}, contract: broken}
  - match: {path: /api/v1/Contact/2}
    fault: reset
  - match: {path: /api/v1/Contact/3}
    reply: {status: 429, text: "<b>&\\"' \\u2028 æøå", headers: {Set-Cookie: ["a=1; Path=/; HttpOnly", "b=2"]}}
"""


@pytest.fixture
def calls(tmp_path):
    """The archive of calls as odd as they come, and those calls as the journal has them."""
    played = tmp_path / "odd.yaml"
    played.write_text(SCENARIO)
    archive = tmp_path / "calls.har"
    with serve(scenarios=[str(played)], journal_body_limit=3000) as mock:
        session = requests.Session()
        session.headers["Authorization"] = f"Bearer {mock.token()}"
        base = mock.base()
        for number in range(1, 5):
            with suppress(requests.ConnectionError):
                session.get(f"{base}/Contact/{number}?$select=name&a=ø&a=<b>", timeout=9)
        session.put(f"{base}/Contact/5", json={"Name": "Ærø <script>", "Department": "x" * 4000}, timeout=9)
        session.post(f"{base}/Agents/Contact/GetContactEntity?contactEntityId=3", data=b"", timeout=9)
        session.delete(f"{base}/Contact/6", timeout=9)
        session.get(
            f"{base}/Nothing#x", headers={"Accept": "application/xml", "Cookie": "s=1; t=2"}, timeout=9
        )
        session.post(f"{mock.url}/api/v1/Contact", data={"Name": "a b", "x": "&"}, timeout=9)
        session.get(f"{mock.url}/api/state/Cust12345", timeout=9)
        assert main(["journal", "export", "--at", mock.url, "-o", str(archive)]) == 0
        entries = mock.engine.journal.find(order="oldest")
    assert len(entries) == 10
    return archive, entries


def test_an_exported_archive_validates(calls):
    archive, entries = calls

    value = json.loads(archive.read_text(encoding="utf-8"))

    jsonschema.Draft202012Validator.check_schema(HAR)
    jsonschema.Draft202012Validator(HAR).validate(value)
    assert len(value["log"]["entries"]) == len(entries)


def load(browser, archive):
    """Give the tools an archive; again, where they threw away the chooser while they drew themselves."""

    def is_loaded():
        chooser = browser.chrome("Runtime.evaluate", expression=f"(() => {{ {DEEP} return {CHOOSER} }})()")
        browser.chrome("DOM.setFileInputFiles", files=[str(archive)], objectId=chooser["result"]["objectId"])
        with suppress(AssertionError):
            browser.until(lambda: browser.run(DEEP + ROWS), 10)
            return True

    browser.until(is_loaded)


@pytest.mark.skipif(bool(MISSING), reason=MISSING)
def test_chromiums_developer_tools_open_the_archive_and_list_the_calls(calls):
    archive, entries = calls
    browser = Browser()
    try:
        browser.open(f"{FRONTEND}devtools_app.html?panel=network")
        browser.until(lambda: browser.run(f"{DEEP} return Boolean({CHOOSER})"))
        load(browser, archive)
        browser.until(lambda: len(browser.run(DEEP + ROWS)) == len(entries))
        rows, known = browser.run(DEEP + ROWS), browser.run(KNOWN)
    finally:
        browser.close()

    log = json.loads(archive.read_text(encoding="utf-8"))["log"]
    for entry, row, there, item in zip(entries, rows, known, log["entries"], strict=True):
        name, status, kind = row
        reply = entry["reply"]
        assert entry["request"]["target"].rpartition("/")[2].partition("?")[0] in name
        assert status.startswith(str(reply["status"]))
        assert kind == "fetch"
        assert there["method"] == entry["request"]["method"]
        assert there["url"] == item["request"]["url"]
        assert there["status"] == reply["status"]
        assert there["sent"] == (entry["request"]["body"] or "")
        assert there["got"] == (f"bytes:{reply['base64']}" if "base64" in reply else reply["body"] or "")
        assert there["headers"] == len(item["response"]["headers"])
