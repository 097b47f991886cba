"""Clients with the vendor's address built in, unchanged, under `mockso exec --intercept`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import TEXTS, blocks
from tests.web.commands import run

ROOT = "https://online.superoffice.com/Cust26759/"
BUILT_IN = f"{ROOT}api/v1/Contact/17"
TOKEN = "Bearer 8A:Cust26759.x"

PYTHON = (
    "import sys, httpx, requests, urllib.request as r\n"
    "url, h = sys.argv[1], {'Authorization': sys.argv[2]}\n"
    "print(requests.get(url, headers=h).status_code, httpx.get(url, headers=h).status_code,\n"
    "      r.urlopen(r.Request(url, headers=h)).status)"
)
FETCH = (
    "const [url, token] = process.argv.slice(-2); const headers = {Authorization: token};"
    "fetch(url, {headers}).then((r) => require('https').get(url, {headers}, (s) => {"
    "console.log(r.status, s.statusCode); s.resume(); }))"
)
JAVA = (
    "import java.net.http.*; import java.net.URI; public class Call { public static void main(String[] a) throws Exception {"
    'var q = HttpRequest.newBuilder(URI.create(a[0])).header("Authorization", a[1]).build();'
    "System.out.println(HttpClient.newHttpClient().send(q, HttpResponse.BodyHandlers.ofString()).statusCode()); } }"
)
PHP = (
    "$c = curl_init($argv[1]); curl_setopt($c, CURLOPT_HTTPHEADER, ['Authorization: ' . $argv[2]]);"
    "curl_setopt($c, CURLOPT_RETURNTRANSFER, true); curl_exec($c); echo curl_getinfo($c, CURLINFO_HTTP_CODE);"
)
CLIENTS = {
    "curl": [
        "curl",
        "-sS",
        "-o",
        os.devnull,
        "-w",
        "%{http_code}",
        "-H",
        f"Authorization: {TOKEN}",
        BUILT_IN,
    ],
    "python": [sys.executable, "-c", PYTHON, BUILT_IN, TOKEN],
    "node": ["node", "-e", FETCH, BUILT_IN, TOKEN],
    "java": ["java", "Call.java", BUILT_IN, TOKEN],
    "php": ["php", "-r", PHP, BUILT_IN, TOKEN],
}

AXIOS = (
    "const [url, token] = process.argv.slice(-2); const headers = {Authorization: token};"
    "const call = (more) => axios.get(url, {headers, ...more});"
    "call({}).then((r) => call({adapter: 'fetch'}).then((s) => console.log(r.status, s.status)));"
)
AXIOS_FORMS = {
    "require": ["-e", f"const axios = require('axios'); {AXIOS}"],
    "import": ["--input-type=module", "-e", f"import axios from 'axios'; {AXIOS}"],
}
WEBAPI = (
    "const {ContactAgent} = require('@superoffice/webapi'); const [baseUrl, token] = process.argv.slice(-2);"
    "new ContactAgent({baseUrl, axiosConfig: {headers: {Authorization: token}}})"
    ".getContactEntityAsync(17).then((contact) => console.log(contact.contactId === 17 ? 200 : contact));"
)

GUZZLE = 'require "GuzzleHttp/autoload.php";'
GUZZLE_HANDLERS = (
    f"{GUZZLE} use GuzzleHttp\\HandlerStack; use GuzzleHttp\\Handler\\CurlHandler; use GuzzleHttp\\Handler\\StreamHandler;"
    "foreach ([new CurlHandler(), new StreamHandler()] as $handler) {"
    "$client = new GuzzleHttp\\Client(['handler' => HandlerStack::create($handler)]);"
    "echo $client->get($argv[1], ['headers' => ['Authorization' => $argv[2]]])->getStatusCode(), ' '; }"
)


def under_exec(*command: str, folder: Path) -> subprocess.CompletedProcess[str]:
    return run("exec", "--intercept", "--", *command, cwd=folder)


def statuses_of(ended: subprocess.CompletedProcess[str]) -> set[str]:
    """The statuses that a client printed; it ended well, and all its calls came here."""
    statuses = ended.stdout.split()
    assert (ended.returncode, f"mockso: {len(statuses)} call" in ended.stderr) == (0, True), ended.stderr
    return set(statuses)


@pytest.mark.parametrize("name", CLIENTS)
def test_an_unchanged_client_with_a_built_in_address_meets_the_mock(name, tmp_path):
    command = CLIENTS[name]
    if shutil.which(command[0]) is None:
        pytest.skip(f"there is no {command[0]}")
    if name == "php" and "curl" not in subprocess.check_output(["php", "-m"], text=True).split():
        pytest.skip("PHP has no curl")
    (tmp_path / "Call.java").write_text(JAVA)

    ended = under_exec(*command, folder=tmp_path)

    assert statuses_of(ended) == {"200"}, ended.stderr


@pytest.fixture
def php() -> str:
    """PHP that has Guzzle, as Debian's php-guzzlehttp-guzzle."""
    if shutil.which("php") is None:
        pytest.skip("there is no php")
    found = subprocess.run(["php", "-r", "exit((int) !@include 'GuzzleHttp/autoload.php');"], check=False)
    if found.returncode:
        pytest.skip("PHP has no Guzzle")
    return "php"


def test_guzzle_meets_the_mock_by_both_its_handlers(php, tmp_path):
    ended = under_exec(php, "-r", GUZZLE_HANDLERS, BUILT_IN, TOKEN, folder=tmp_path)

    assert statuses_of(ended) == {"200"}, ended.stderr
    assert len(ended.stdout.split()) == 2


def test_guzzle_runs_as_the_page_has_it(php):
    example = next(block.text for block in blocks(TEXTS["languages"]) if block.kind == "php")

    ended = run("exec", "--", php, "-r", f"{GUZZLE} {example} echo $contact['ContactId'];")

    assert (ended.stdout, ended.returncode) == ("17", 0), ended.stderr


@pytest.mark.parametrize("form", AXIOS_FORMS)
def test_axios_meets_the_mock_by_both_its_adapters(form, axios):
    ended = under_exec("node", *AXIOS_FORMS[form], BUILT_IN, TOKEN, folder=axios)

    assert statuses_of(ended) == {"200"}, ended.stderr
    assert len(ended.stdout.split()) == 2


def test_the_official_typescript_client_meets_the_mock(webapi_client):
    ended = under_exec("node", "-e", WEBAPI, ROOT, TOKEN, folder=webapi_client)

    assert statuses_of(ended) == {"200"}, ended.stderr
