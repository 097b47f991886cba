"""`mockso exec` as a process: what the command is given, what is said, which status it has."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

CALL = """
import json, os, sys, urllib.request
def get(path):
    url = os.environ["SUPEROFFICE_BASE_URL"] + path
    request = urllib.request.Request(url, headers={"Authorization": "Bearer " + os.environ["MOCKSO_TOKEN"]})
    with urllib.request.urlopen(request) as reply:
        return json.load(reply)
for path in sys.argv[1:]:
    print(get(path)["ContactId"])
"""


def run(*arguments: str, **options) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "mockso.cli", "exec", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False, **options)


def call(*paths: str, options: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    return run(*options, "--", sys.executable, "-c", CALL, *paths)


def test_a_command_finds_the_mock_and_its_status_is_returned():
    ended = call("/Contact/17")

    assert (ended.returncode, ended.stdout) == (0, "17\n")
    assert ended.stderr == "mockso: 1 call, 0 findings\n"


def test_a_violation_is_told_and_makes_the_status_1():
    ended = call("/Contact/17?$selct=Name")

    assert ended.returncode == 1
    assert "mockso: 1 call, 1 finding\n  GET Contact/17 -> 200: query $selct: " in ended.stderr
    assert "unknown-parameter" in ended.stderr


@pytest.mark.parametrize("option", [("--allow-violations",), ("--allow", "unknown-parameter")])
def test_violations_can_be_allowed(option):
    assert call("/Contact/17?$selct=Name", options=option).returncode == 0


TENANTS = """
import os, urllib.request
for number in (1, 2):
    url = f"{os.environ['MOCKSO_URL']}/Cust{number}/api/v1/Contact/17?$selct=Name"
    request = urllib.request.Request(url, headers={"Authorization": f"Bearer 8A:Cust{number}.x"})
    urllib.request.urlopen(request).close()
"""


def test_a_suite_may_use_a_tenant_for_each_of_its_tests():
    ended = run("--", sys.executable, "-c", TENANTS)
    allowed = run("--allow", "unknown-parameter", "--", sys.executable, "-c", TENANTS)
    needless = run("--allow", "online-restricted", "--allow-violations", "--", sys.executable, "-c", TENANTS)

    assert ended.returncode == 1
    assert ended.stderr.count("unknown-parameter") == 2
    assert allowed.stderr == "mockso: 2 calls, 0 findings\n"
    assert "remove the allowance" in needless.stderr


def test_calls_that_left_the_journal_unjudged_are_no_success():
    few = {**os.environ, "MOCKSO_JOURNAL_ENTRIES": "1"}

    ended = run("--allow", "unknown-parameter", "--", sys.executable, "-c", TENANTS, env=few)
    own = run("--", sys.executable, "-c", CALL, "/Contact/17", "/Contact/18", env=few)

    assert ended.returncode == 1
    assert "  1 call left the journal unjudged: give it more room with MOCKSO_JOURNAL_ENTRIES" in ended.stderr
    assert (own.returncode, own.stderr) == (0, "mockso: 2 calls, 0 findings\n")


def test_a_step_that_is_not_used_up_is_told():
    ended = call(options=("--scenario", "throttled"))

    assert ended.returncode == 1
    assert "step throttled#1 (scenarios/throttled.yaml:7) was used 0 of 2 times; no call came" in ended.stderr


@pytest.mark.parametrize(
    ("code", "status"), [("raise SystemExit(7)", 7), ("import os; os.kill(os.getpid(), 9)", 137)]
)
def test_the_status_of_the_command_wins(code, status):
    assert run("--", sys.executable, "-c", code).returncode == status


def test_the_environment_has_all_a_client_needs():
    code = "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith(('MOCKSO', 'SUPER'))}))"
    ended = run("--profile", "onsite", "--", sys.executable, "-c", code)
    given = json.loads(ended.stdout)

    assert set(given) == {
        "MOCKSO_URL",
        "MOCKSO_ROOT",
        "MOCKSO_TENANT",
        "MOCKSO_TOKEN",
        "MOCKSO_APP_TOKEN",
        *(f"SUPEROFFICE_{name}" for name in ("BASE_URL", "LOGIN_URL", "CLIENT_ID", "CLIENT_SECRET")),
        *(f"SUPEROFFICE_{name}" for name in ("REDIRECT_URI", "SYSTEM_TOKEN", "PRIVATE_KEY")),
    }
    assert given["SUPEROFFICE_BASE_URL"] == f"{given['MOCKSO_URL']}/{given['MOCKSO_TENANT']}/api/v1"
    assert given["MOCKSO_TENANT"].startswith("Site")


def test_settings_and_a_journal_are_chosen_as_for_a_server(tmp_path):
    journal = tmp_path / "calls.db"
    code = (
        "import os, urllib.request as r, urllib.error as e\n"
        "try: r.urlopen(r.Request(os.environ['SUPEROFFICE_BASE_URL'] + '/Contact/1', headers={'Authorization': 'Bearer 8A:Cust10001.x'}))\n"
        "except e.HTTPError as error: print(error.code)"
    )

    ended = run(
        *("--set", "strict_tokens=true", "--journal", str(journal), "--allow", "unknown-credential"),
        *("--", sys.executable, "-c", code),
    )

    assert (ended.stdout.strip(), ended.returncode) == ("401", 0)
    assert journal.exists()


def test_a_client_logs_in_with_what_the_environment_has():
    code = """
import json, os, urllib.request, urllib.parse
from base64 import b64encode
from time import gmtime, strftime
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

env = {name.removeprefix("SUPEROFFICE_"): value for name, value in os.environ.items()}
key = load_pem_private_key(open(env["PRIVATE_KEY"], "rb").read(), None)
text = env["SYSTEM_TOKEN"] + "." + strftime("%Y%m%d%H%M", gmtime())
signed = text + "." + b64encode(key.sign(text.encode(), PKCS1v15(), SHA256())).decode()
body = json.dumps({"SignedSystemToken": signed, "ApplicationToken": env["CLIENT_SECRET"],
    "ContextIdentifier": os.environ["MOCKSO_TENANT"], "ReturnTokenType": "JWT"}).encode()
request = urllib.request.Request(env["LOGIN_URL"] + "/api/PartnerSystemUser/Authenticate", body)
print(json.load(urllib.request.urlopen(request))["IsSuccessful"])
"""
    ended = run("--", sys.executable, "-c", code)

    assert (ended.stdout.strip(), ended.returncode) == ("True", 0), ended.stderr


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("--set", "strict_token=true", "--", "true"), "Did you mean 'strict_tokens'"),
        (("--set", "strict_tokens", "--", "true"), "give it as NAME=VALUE"),
        ((), "no command was given"),
        (("--", "no-such-command"), "'no-such-command' cannot be run"),
        (("--scenario", "throtled", "--", "true"), "Did you mean 'throttled'"),
        (("--allow", "online-restrictd", "--", "true"), "Did you mean 'online-restricted'"),
        (("--coverage", "yaml:x", "--", "true"), "Give term, json:FILE or html:FILE"),
        (("--coverage", "json:/dev/null/x", "--", "true"), "the coverage report cannot be written"),
        (("--coverage-from", "none.json", "--", "true"), "none.json: not a coverage report"),
        (("--har", "/dev/null/x", "--", "true"), "--har /dev/null/x: cannot be written"),
    ],
)
def test_what_cannot_be_done_is_said(arguments, message):
    ended = run(*arguments)

    assert ended.returncode == 2
    assert message in ended.stderr


def test_a_proxy_of_the_machine_has_no_business_between_the_two():
    ended = run("--allow-violations", "--", "true", env={**os.environ, "http_proxy": "http://127.0.0.1:9"})

    assert (ended.returncode, ended.stderr.splitlines()[0]) == (0, "mockso: 0 calls, 0 findings")


def test_a_signal_reaches_the_command():
    code = (
        "import signal, sys, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: sys.exit(9))\n"
        "print('up', flush=True)\n"
        "time.sleep(30)\n"
    )
    command = [sys.executable, "-m", "mockso.cli", "exec", "--", sys.executable, "-c", code]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == "up\n"
        started = time.monotonic()
        process.send_signal(signal.SIGTERM)
        status = process.wait(20)

    assert status == 9
    assert time.monotonic() - started < 10


def test_coverage_and_archive_are_written_and_coverage_adds_up(tmp_path: Path):
    file, archive = tmp_path / "coverage.json", tmp_path / "calls.har"
    call("/Contact/17", options=("--coverage", f"json:{file}", "--har", str(archive)))

    ended = call(
        "/Contact/17?$select=Name",
        options=("--coverage", "term", "--coverage-from", str(file), "--cov-fail-under", "90"),
    )

    entries = json.loads(archive.read_text())["log"]["entries"]
    assert [entry["response"]["status"] for entry in entries] == [200]
    assert ended.returncode == 1
    assert "v1ContactEntity_GetContactEntity     1/3        1/2" in ended.stderr
    assert "FAIL: consumer coverage 50.0% is under 90%" in ended.stderr


NODE = """
const base = process.env.SUPEROFFICE_BASE_URL;
const headers = { Authorization: `Bearer ${process.env.MOCKSO_TOKEN}` };
const reply = await fetch(`${base}/Contact/17`, { headers });
if (!reply.ok) throw new Error(`status ${reply.status}`);
console.log((await reply.json()).ContactId);
"""


@pytest.mark.skipif(shutil.which("node") is None, reason="node is not installed")
def test_a_client_in_another_language_gets_the_same(tmp_path: Path):
    script = tmp_path / "client.mjs"
    script.write_text(NODE)

    well = run("--", "node", str(script))
    script.write_text(NODE.replace("Contact/17`", "Contact/17?$selct=Name`"))
    badly = run("--", "node", str(script))

    assert (well.returncode, well.stdout) == (0, "17\n"), well.stderr
    assert badly.returncode == 1
    assert "Did you mean '$select'?" in badly.stderr


def test_pytest_inside_it_keeps_its_own_mock(tmp_path: Path):
    (tmp_path / "test_it.py").write_text(
        "def test_it(superoffice):\n    assert superoffice.client().get('Contact/17').status_code == 200\n"
    )

    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", str(tmp_path)]
    ended = run("--allow-violations", "--", *command, cwd=tmp_path)

    assert ended.returncode == 0, ended.stdout


@pytest.mark.parametrize(
    ("options", "cure"),
    [
        ([], "has to use SUPEROFFICE_BASE_URL"),
        (["--intercept"], "has to heed HTTPS_PROXY, or use SUPEROFFICE_BASE_URL"),
    ],
)
def test_no_call_at_all_is_no_success(options, cure):
    ended = run(*options, "--", sys.executable, "-c", "pass")

    assert ended.returncode == 1
    assert f"no call reached the mock: the command's client {cure}" in ended.stderr


@pytest.mark.parametrize(
    ("address", "cure"),
    [
        ("$MOCKSO_URL/Contact/17", "give the client SUPEROFFICE_BASE_URL"),
        ("$MOCKSO_ROOT/v1/Contact/17", "Did you mean '/$MOCKSO_TENANT/api/v1/Contact/17'?"),
        ("$SUPEROFFICE_BASE_URL/api/v1/Contact/17", "give it MOCKSO_ROOT"),
        ("$MOCKSO_URL/api/v1/$MOCKSO_TENANT/Contact/17", "Did you mean '/$MOCKSO_TENANT/api/v1/Contact/17'?"),
    ],
)
def test_a_wrong_base_address_is_told_with_its_cure(address, cure):
    code = f"import os, urllib.request as r\ntry: r.urlopen(os.path.expandvars({address!r}))\nexcept OSError: pass"

    ended = run("--", sys.executable, "-c", code)

    assert ended.returncode == 1
    assert "mockso: 1 call, " in ended.stderr
    assert cure.replace("$MOCKSO_TENANT", "Cust10001") in ended.stderr


def test_calls_without_a_tenant_are_told_as_such():
    code = "import os, urllib.request as r; r.urlopen(os.environ['MOCKSO_URL'] + '/Contact/17')"

    ended = run("--", sys.executable, "-c", code)

    assert "\n  without a tenant: 1 call, 1 failing\n" in ended.stderr


def test_a_suite_that_fails_shows_its_last_calls():
    code = (
        "import os, urllib.request as r\n"
        "q = r.Request(os.environ['SUPEROFFICE_BASE_URL'] + '/Contact/1', headers={'Authorization': 'Bearer ' + os.environ['MOCKSO_TOKEN']})\n"
        "r.urlopen(q).read(); raise SystemExit(3)"
    )

    ended = run("--", sys.executable, "-c", code)

    assert ended.returncode == 3
    assert "mockso: 1 call, 0 findings" in ended.stderr
    assert "<GET Contact/1 200>" in ended.stderr


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="there is no /dev/full")
@pytest.mark.parametrize("option", [("--har", "/dev/full"), ("--coverage", "json:/dev/full")])
def test_a_disk_that_is_full_at_the_end_is_named_and_the_findings_are_told(option):
    ended = call("/Contact/17?$selct=Name", options=option)

    assert ended.returncode == 2
    assert "mockso: 1 call, 1 finding\n" in ended.stderr
    assert re.search(
        r"\nmockso exec: .*/dev/full: .*cannot be written \(No space left on device\)", ended.stderr
    )
