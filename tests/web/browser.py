"""A real browser, driven by the W3C WebDriver protocol: chromedriver and the standard library."""

from __future__ import annotations

import json
import shutil
import socket
import subprocess
import time
from base64 import b64decode
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.request import Request, urlopen

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
DRIVER = shutil.which("chromedriver")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
MISSING = "" if DRIVER and CHROMIUM else "no chromium and chromedriver (Debian: chromium, chromium-driver)"

PATIENCE = 60.0  # seconds: where all is well, nothing waits so long


class Browser:
    """One headless window; `close` ends it."""

    def __init__(self, *, javascript: bool = True, width: int = 1400, height: int = 1000) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        assert DRIVER
        assert CHROMIUM
        self._driver = subprocess.Popen(
            [DRIVER, f"--port={port}", "--silent"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        self._root = f"http://127.0.0.1:{port}"
        self._session = ""
        # Root, as in a container, may not use the sandbox.
        flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage"]
        options: dict[str, Any] = {"binary": CHROMIUM, "args": [*flags, f"--window-size={width},{height}"]}
        if not javascript:
            options["prefs"] = {"profile.managed_default_content_settings.javascript": 2}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        failed: Exception | None = None
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            try:
                made = self._ask("POST", "/session", {"capabilities": {"alwaysMatch": wanted}})
                break
            except (OSError, AssertionError) as error:  # a busy machine starts neither of the two at once
                failed = error
                time.sleep(0.1)
        else:
            self._driver.kill()
            self._driver.wait(10)
            raise AssertionError(f"chromedriver does not start: {failed}")
        self._session = f"/session/{made['sessionId']}"

    def close(self) -> None:
        try:
            self._ask("DELETE", self._session)
        finally:
            self._driver.terminate()
            self._driver.wait(10)

    def _ask(self, method: str, path: str, body: Any = None) -> Any:
        data = None if method in ("GET", "DELETE") else json.dumps(body or {}).encode()
        request = Request(self._root + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urlopen(request, timeout=60) as answer:
                return json.load(answer)["value"]
        except HTTPError as error:
            raise AssertionError(json.load(error)["value"]["message"]) from None

    def open(self, url: str) -> None:
        self._ask("POST", f"{self._session}/url", {"url": url})

    @property
    def url(self) -> str:
        return str(self._ask("GET", f"{self._session}/url"))

    def run(self, script: str, *arguments: Any) -> Any:
        """The value a function body of JavaScript returns."""
        return self._ask("POST", f"{self._session}/execute/sync", {"script": script, "args": list(arguments)})

    def _find(self, css: str) -> str:
        found = self._ask("POST", f"{self._session}/element", {"using": "css selector", "value": css})
        return f"{self._session}/element/{found[ELEMENT]}"

    def text(self, css: str) -> str:
        return str(self._ask("GET", f"{self._find(css)}/text"))

    def texts(self, css: str) -> list[str]:
        found = self._ask("POST", f"{self._session}/elements", {"using": "css selector", "value": css})
        return [str(self._ask("GET", f"{self._session}/element/{item[ELEMENT]}/text")) for item in found]

    def click(self, css: str) -> None:
        self._ask("POST", f"{self._find(css)}/click")

    def type(self, css: str, text: str) -> None:
        self._ask("POST", f"{self._find(css)}/value", {"text": text})

    def press(self, *keys: str) -> None:
        """Press keys, one after the other, where the focus is."""
        actions = [{"type": kind, "value": key} for key in keys for kind in ("keyDown", "keyUp")]
        self._ask(
            "POST",
            f"{self._session}/actions",
            {"actions": [{"type": "key", "id": "keys", "actions": actions}]},
        )

    def accept_alert(self) -> None:
        self._ask("POST", f"{self._session}/alert/accept")

    def chrome(self, command: str, **parameters: Any) -> Any:
        """A command of Chromium's own protocol."""
        return self._ask("POST", f"{self._session}/goog/cdp/execute", {"cmd": command, "params": parameters})

    def complaints(self) -> list[str]:
        """What the console said since it was last asked."""
        return [item["message"] for item in self._ask("POST", f"{self._session}/se/log", {"type": "browser"})]

    def picture(self, path: Path) -> None:
        path.write_bytes(b64decode(self._ask("GET", f"{self._session}/screenshot")))

    def until(self, holds: Any, seconds: float = PATIENCE) -> None:
        """Wait until a function gives something true; a page may change while it looks."""
        end = time.monotonic() + seconds
        while True:
            try:
                if holds():
                    return
                failed = "it does not come true"
            except (AssertionError, IndexError) as error:
                failed = str(error)
            assert time.monotonic() < end, failed
            time.sleep(0.05)
