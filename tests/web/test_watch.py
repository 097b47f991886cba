"""`mockso serve --watch` as a process."""

from __future__ import annotations

import json
import time
import urllib.error

from tests.web.test_serving import get, mockso, served

FILE = "name: a\nsteps:\n  - match: {operation: v1ContactEntity_GetContactEntity}\n    reply: {status: %s}\n"


def until(condition, seconds=60.0):
    end = time.monotonic() + seconds
    while not condition() and time.monotonic() < end:
        time.sleep(0.05)
    return condition()


def status(url):
    try:
        return get(f"{url}/Cust12345/api/v1/Contact/17")[0]
    except urllib.error.HTTPError as error:
        error.close()
        return error.code


def test_a_changed_file_is_reloaded_and_a_broken_one_is_told(tmp_path):
    file = tmp_path / "a.yaml"
    file.write_text(FILE % 410)
    with served("--scenario", str(file), "--watch") as (process, url, _):
        assert status(url) == 410

        file.write_text(FILE % 409 + "\n")
        assert until(lambda: status(url) == 409)

        file.write_text("name: a\nsteps:\n  - reply: {staus: 411}\n")
        assert until(lambda: json.loads(get(f"{url}/__mockso/scenarios")[2])["broken"])
        broken = json.loads(get(f"{url}/__mockso/scenarios")[2])["broken"]
        assert status(url) == 409
        process.kill()
        said = process.stderr.read()

    assert (broken[0]["file"], broken[0]["line"], broken[0]["column"]) == (str(file), 3, 13)
    assert f"{file}:3:13: steps[0].reply.staus: no such key. Did you mean 'status'?" in said
    assert "not reloaded; the version before is played on." in said


def test_a_watch_without_anything_to_watch_is_refused():
    ended = mockso("serve", "--watch")

    assert ended.returncode == 2
    assert "there is nothing to watch. Add --scenario FILE" in ended.stderr
