"""Files that other tools write of calls to a mock, and the calls. `python -m tests.web.samples` renews the samples.

WireMock is run from the jar that TEST_WIREMOCK names; a browser by the package playwright, which is not a part of
the tests' requirements: what needs either is skipped where it is missing.
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.error import URLError
from urllib.request import Request, urlopen

import mockso
from tests.web.browser import CHROMIUM
from tests.web.recorded import TOKEN, Answer, send

SAMPLES = Path(__file__).parents[1] / "recording" / "samples"
V1 = "/Cust12345/api/v1"
JSON, XML, BYTES = "application/json", "application/xml", "application/octet-stream"
CALLS: list[tuple[str, str, dict[str, str], bytes | None]] = [
    ("GET", f"{V1}/Contact/17", {"Accept": JSON}, None),
    ("GET", f"{V1}/Contact/18", {"Accept": XML}, None),
    ("GET", f"{V1}/Contact/18?$select=Name,Department", {"Accept": JSON}, None),
    ("GET", f"{V1}/Contact/19", {"Accept": JSON}, None),
    ("GET", f"{V1}/Contact/19", {"Accept": JSON}, None),
    ("GET", f"{V1}/Contact/19", {"Accept": JSON}, None),
    ("POST", f"{V1}/Contact", {"Accept": JSON, "Content-Type": JSON}, '{"Name":"Acme æ"}'.encode()),
    ("GET", f"{V1}/Nowhere", {"Accept": JSON}, None),
    ("DELETE", f"{V1}/Contact/3", {"Accept": JSON}, None),
    ("GET", f"{V1}/Document/3/Content", {"Accept": BYTES}, None),
    ("GET", f"{V1}/Document/4/Content", {"Accept": BYTES}, None),
]
TARGET: dict[str, Any] = {
    "steps": [
        {
            "match": {"operation": "v1ContactEntity_GetContactEntity", "path": "/api/v1/Contact/19"},
            "times": 1,
            "reply": {"error": "throttled"},
        },
        {
            "match": {"operation": "v1ContactEntity_GetContactEntity", "path": "/api/v1/Contact/19"},
            "times": 1,
            "reply": {"status": 200, "body": {"ContactId": 19, "Name": "{{ '{{' }} braces }}"}},
        },
        {
            "match": {
                "operation": "v1DocumentEntity_GetDocumentStream",
                "path": "/api/v1/Document/4/Content",
            },
            "reply": {
                "status": 200,
                "headers": {"Content-Type": BYTES},
                "base64": "R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
            },
        },
    ]
}

JAR = os.environ.get("TEST_WIREMOCK", "")
NO_WIREMOCK = (
    "" if JAR and shutil.which("java") else "no WireMock (TEST_WIREMOCK names its standalone jar) or no java"
)
try:
    import playwright.sync_api  # noqa: F401
except ImportError:
    NO_BROWSER = "no browser that writes archives (pip install playwright)"
else:
    NO_BROWSER = "" if CHROMIUM else "no chromium"


@contextmanager
def target(folder: Path) -> Iterator[mockso.Mock]:
    """The server whose answers the tools write down."""
    file = folder / "target.yaml"
    file.write_text(json.dumps({"name": "target", **TARGET}))
    with mockso.serve(grants=["*"], scenarios=[str(file)], cors_enable=True) as made:
        yield made


def sent(url: str) -> list[Answer]:
    """The answers to all calls, at one address."""
    return [
        send(url, method, path, body, **{name.replace("-", "_"): value for name, value in headers.items()})
        for method, path, headers, body in CALLS
    ]


def wiremock(root: Path, real: str) -> list[Answer]:
    """Let WireMock record the calls; `root` has its mappings then. The answers that passed through it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = ["java", "-jar", JAR, "--port", str(port), "--bind-address", "127.0.0.1"]
    url = f"http://127.0.0.1:{port}"
    quiet = subprocess.DEVNULL
    with subprocess.Popen([*command, "--root-dir", str(root), "--disable-banner"], stdout=quiet) as process:
        try:
            for _ in range(300):
                try:
                    urlopen(f"{url}/__admin/mappings", timeout=5).close()
                    break
                except URLError:
                    time.sleep(0.1)
            _post(
                f"{url}/__admin/recordings/start",
                {
                    "targetBaseUrl": real,
                    "captureHeaders": {"Accept": {}},
                    "requestBodyPattern": {"matcher": "equalToJson"},
                    "extractBodyCriteria": {"textSizeThreshold": "2 kb", "binarySizeThreshold": "30"},
                },
            )
            answers = sent(url)
            _post(f"{url}/__admin/recordings/stop", {})
        finally:
            process.terminate()
    return answers


def _post(url: str, value: Any) -> None:
    data = json.dumps(value).encode()
    urlopen(Request(url, data, {"Content-Type": JSON}, method="POST"), timeout=30).close()


def browser_archive(file: Path, real: str) -> list[tuple[int, bytes]]:
    """Let a browser make the calls and write an HTTP archive of them; status and body of each."""
    from playwright.sync_api import sync_playwright

    script = """async ([calls, token]) => {
        const answers = [];
        for (const [method, path, headers, body] of calls) {
            const answer = await fetch(path, {method, headers: {...headers, ...token}, body});
            const bytes = new Uint8Array(await answer.arrayBuffer());
            answers.push([answer.status, Array.from(bytes)]);
        }
        return answers;
    }"""
    calls = [[m, p, h, None if b is None else b.decode()] for m, p, h, b in CALLS]
    with sync_playwright() as tool:
        browser = tool.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(record_har_path=file, record_har_content="embed")
        page = context.new_page()
        page.goto(f"{real}/__mockso/health")
        answers = page.evaluate(script, [calls, TOKEN])
        context.close()
        browser.close()
    return [(status, bytes(data)) for status, data in answers]


def renew() -> None:
    """Write the samples anew, with whatever tools are there."""
    with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as real:
        if not NO_WIREMOCK:
            shutil.rmtree(SAMPLES / "wiremock", ignore_errors=True)
            (SAMPLES / "wiremock").mkdir(parents=True)
            wiremock(SAMPLES / "wiremock", real.url)
    with tempfile.TemporaryDirectory() as folder, target(Path(folder)) as real:
        if not NO_BROWSER:
            browser_archive(SAMPLES / "browser.har", real.url)
    sys.stdout.write(f"{NO_WIREMOCK or 'wiremock written'}; {NO_BROWSER or 'browser.har written'}\n")


if __name__ == "__main__":
    renew()
