"""Files that WireMock and a browser wrote, imported and played: those that are kept, and fresh ones."""

from __future__ import annotations

import json
import re

import pytest

import mockso
from mockso.cli import main
from tests.web.recorded import TOKEN
from tests.web.samples import CALLS, NO_BROWSER, NO_WIREMOCK, SAMPLES, browser_archive, sent, target, wiremock


def played(file, tmp_path, kind, *options):
    """The answers of the imported file, and what the import said."""
    out = tmp_path / "imported.yaml"
    status = main(["import", kind, str(file), "-o", str(out), "--keep", "*", *options])
    assert main(["lint", str(out)]) == 0
    assert main(["lint", "--secrets", str(out)]) == 0
    with mockso.serve(grants=["*"], scenarios=[str(out)], only_scenarios=True) as mock:
        return [(answer.status, answer.body) for answer in sent(mock.url)], mock.url, status


def without_origin(answers, *urls):
    plain = []
    for status, body in answers:
        for url in urls:
            body = body.replace(url.encode(), b"http://server")
        plain.append((status, body))
    return plain


def told(root):
    """Status and body of each call, read from WireMock's own files."""
    mappings = [json.loads(file.read_text()) for file in (root / "mappings").iterdir()]
    answers = []
    seen: dict[str, int] = {}
    for method, path, headers, _ in CALLS:
        fitting = [
            m
            for m in mappings
            if m["request"]["method"] == method
            and (m["request"].get("url") or m["request"]["urlPath"]) == path.partition("?")[0]
            and bool(m["request"].get("queryParameters")) == ("?" in path)
            and m["request"].get("headers", {}).get("Accept", {"equalTo": headers["Accept"]})["equalTo"]
            == headers["Accept"]
        ]
        fitting.sort(key=lambda m: m.get("requiredScenarioState", "").replace("Started", ""))
        number = min(seen.get(path, 0), len(fitting) - 1)
        seen[path] = seen.get(path, 0) + 1
        reply = fitting[number]["response"]
        if "bodyFileName" in reply:
            body = (root / "__files" / reply["bodyFileName"]).read_bytes()
        else:
            body = reply.get("body", "").encode()
        answers.append((reply["status"], body if "base64Body" not in reply else None))
    return answers


def test_the_mappings_that_wiremock_wrote_are_played(tmp_path, capsys):
    root = SAMPLES / "wiremock"

    answers, _, status = played(root, tmp_path, "wiremock")

    said = capsys.readouterr().out
    assert status == 0
    assert "not carried over" not in said
    assert [a[0] for a in answers] == [200, 200, 200, 429, 200, 200, 200, 404, 204, 200, 200]
    for (status, body), (wanted, content) in zip(answers, told(root), strict=True):
        assert status == wanted
        assert content is None or body == content


def test_the_archive_that_a_browser_wrote_is_played(tmp_path, capsys):
    file = SAMPLES / "browser.har"
    entries = [e for e in json.loads(file.read_text())["log"]["entries"] if "/api/" in e["request"]["url"]]
    url = re.match(r"http://[^/]+", entries[0]["request"]["url"])

    answers, own, status = played(file, tmp_path, "har")

    assert url
    assert status == 1  # a page beside the API is told to be left out
    assert "entry 1: '/__mockso/health' is outside the API" in capsys.readouterr().out
    assert [a[0] for a in answers] == [e["response"]["status"] for e in entries]
    texts = [e["response"]["content"].get("text", "").encode() for e in entries]
    binary = [e["response"]["content"].get("encoding") == "base64" for e in entries]
    for (_, body), text, encoded in zip(
        without_origin(answers, own), without_origin([(0, t) for t in texts], url[0]), binary, strict=True
    ):
        assert encoded or body == text[1]
    assert TOKEN["Authorization"].partition(".")[2] not in (tmp_path / "imported.yaml").read_text().replace(
        "mockso:", ""
    )


@pytest.mark.skipif(bool(NO_WIREMOCK), reason=NO_WIREMOCK)
def test_what_wiremock_writes_now_is_played(tmp_path):
    root = tmp_path / "wiremock"
    root.mkdir()
    with target(tmp_path) as real:
        first = [(a.status, a.body) for a in wiremock(root, real.url)]

    answers, _, status = played(root, tmp_path, "wiremock")

    assert status == 0
    assert answers == first


@pytest.mark.skipif(bool(NO_BROWSER), reason=NO_BROWSER)
def test_what_a_browser_writes_now_is_played(tmp_path):
    with target(tmp_path) as real:
        first = browser_archive(tmp_path / "browser.har", real.url)
        url = real.url

    answers, own, _ = played(tmp_path / "browser.har", tmp_path, "har")

    assert without_origin(answers, own) == without_origin(first, url)
