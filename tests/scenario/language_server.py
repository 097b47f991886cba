"""A language server as an editor talks to it: JSON-RPC over the standard streams of a process."""

from __future__ import annotations

import json
import subprocess
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any


class LanguageServer:
    """One server, for the files of a folder; `close` ends it. What takes longer than `seconds` ends it too."""

    def __init__(self, command: list[str], folder: Path, seconds: float = 120) -> None:
        self._folder = folder
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, cwd=folder)
        self._timer = threading.Timer(seconds, self._process.kill)
        self._timer.start()
        self._count = 0
        self._files = 0
        self._diagnostics: dict[str, list[dict[str, Any]]] = {}
        capabilities = {
            "workspace": {"configuration": True},
            "textDocument": {
                "completion": {"completionItem": {"snippetSupport": True}},
                "hover": {"contentFormat": ["markdown"]},
            },
        }
        start = {"processId": None, "rootUri": folder.as_uri(), "capabilities": capabilities}
        self._ask("initialize", start)
        self._tell("initialized", {})

    def close(self) -> None:
        self._timer.cancel()
        self._process.kill()
        self._process.communicate()

    def diagnostics(self, text: str) -> list[str]:
        """What the server says of a file with this text, which is not on the disk."""
        return [fault["message"] for fault in self._diagnostics[self._open(text)]]

    def _open(self, text: str) -> str:
        """The address of a file that is open with this text, once the server has checked it."""
        self._files += 1
        # A name of its own: what the server knows of a file, it keeps by its name and version.
        address = (self._folder / f"file-{self._files}.yaml").as_uri()
        file = {"uri": address, "languageId": "yaml", "version": 1, "text": text}
        self._tell("textDocument/didOpen", {"textDocument": file})
        self._wait(lambda message: address in self._diagnostics)
        return address

    def completions(self, text: str) -> dict[str, str]:
        """What is offered where the text has its "|", each with its documentation."""
        answer = self._ask("textDocument/completion", self._open_at_mark(text))
        items = answer["items"] if isinstance(answer, dict) else answer or []
        # By the text that is inserted, a value or "key: ": long labels are cut.
        return {item["insertText"].partition(":")[0]: _plain(item.get("documentation")) for item in items}

    def hover(self, text: str) -> str:
        """What is shown over the place where the text has its "|"."""
        answer = self._ask("textDocument/hover", self._open_at_mark(text))
        return _plain(answer["contents"]) if answer else ""

    def _open_at_mark(self, text: str) -> dict[str, Any]:
        before, mark, after = text.partition("|")
        assert mark
        address = self._open(before + after)
        line = before.count("\n")
        place = {"line": line, "character": len(before) - before.rfind("\n") - 1}
        return {"textDocument": {"uri": address}, "position": place}

    def _ask(self, method: str, parameters: dict[str, Any]) -> Any:
        self._count += 1
        id = self._count
        self._write({"id": id, "method": method, "params": parameters})
        answer = self._wait(lambda message: message.get("id") == id and "method" not in message)
        assert "error" not in answer, answer
        return answer["result"]

    def _tell(self, method: str, parameters: dict[str, Any]) -> None:
        self._write({"method": method, "params": parameters})

    def _wait(self, holds: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """The first message after which something holds; the server's own requests are answered meanwhile."""
        while True:
            message = self._read()
            if "id" in message and "method" in message:
                self._write({"id": message["id"], "result": _settings(message)})
            elif message.get("method") == "textDocument/publishDiagnostics":
                report = message["params"]
                self._diagnostics[report["uri"]] = report["diagnostics"]
            if holds(message):
                return message

    def _write(self, message: dict[str, Any]) -> None:
        assert self._process.stdin is not None
        body = json.dumps({"jsonrpc": "2.0", **message}).encode()
        self._process.stdin.write(b"Content-Length: %d\r\n\r\n" % len(body) + body)
        self._process.stdin.flush()

    def _read(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        length = 0
        while (line := self._process.stdout.readline()) != b"\r\n":
            assert line, "the language server has ended"
            name, _, value = line.partition(b":")
            if name.lower() == b"content-length":
                length = int(value)
        message: dict[str, Any] = json.loads(self._process.stdout.read(length))
        return message


def _settings(message: dict[str, Any]) -> Any:
    """What an editor has set: nothing is fetched from the net."""
    if message["method"] != "workspace/configuration":
        return None
    yaml = {"validate": True, "hover": True, "completion": True, "schemaStore": {"enable": False}}
    return [yaml if item.get("section") == "yaml" else None for item in message["params"]["items"]]


def _plain(text: Any) -> str:
    return str(text["value"] if isinstance(text, dict) else text or "")
