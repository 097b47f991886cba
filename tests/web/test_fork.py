"""Row 36 of the table of faults: an application that was made before its server forked."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

SCRIPT = """
import os, sys
from mockso.web.app import create_app
app = create_app()
own = app.test_client().get("/__mockso/health")
if not os.fork():
    client = app.test_client()
    answers = [client.get("/Cust12345/api/v1/Contact/17"), client.get("/__mockso/requests")]
    for answer in answers:
        print(answer.status_code, answer.headers["X-Mockso-Reason"], answer.json["Message"], flush=True)
    os._exit(0)
os.wait()
print(app.test_client().get("/__mockso/requests").status_code)
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_child_is_refused_with_the_reason_and_the_parent_goes_on():
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT], capture_output=True, text=True, timeout=60, check=True
    )

    first, second, parent = done.stdout.splitlines()
    for line in (first, second):
        assert line.startswith("503 this mock was made before its server forked")
        assert "Call create_app() in the worker" in line
    assert parent == "200"
    assert done.stderr.count("before its server forked") == 1
