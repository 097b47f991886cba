"""Files of other tools: what cannot be carried over is listed with its place, never dropped, bent or a traceback."""

from __future__ import annotations

import argparse
import base64
import json
import random
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from mockso.commands import import_ as import_command
from mockso.contract.build.compile import compile_sources
from mockso.errors import MocksoError
from mockso.recording.lint import secrets
from mockso.scenario.yaml import read_yaml

SAMPLES = Path(__file__).parent / "samples"
V1 = "https://online.example.com/Cust12345/api/v1"
TENANT = "/Cust12345/api/v1"


def run(*arguments) -> int:
    parser = argparse.ArgumentParser()
    import_command.configure(parser)
    return import_command.run(parser.parse_args([*map(str, arguments)]))


def steps_of(file: Path) -> list[dict]:
    return read_yaml(file.read_bytes()).value["steps"]


def imported(tmp_path: Path, kind: str, value: object) -> tuple[int, list[dict]]:
    source, out = tmp_path / "source", tmp_path / "out.yaml"
    source.write_text(json.dumps(value))
    return run(kind, source, "-o", out, "--keep", "*"), steps_of(out)


def mapping(request: dict, **response) -> dict:
    return {"request": {"method": "GET", **request}, "response": {"status": 200, **response}}


def har(**content) -> dict:
    entry = {
        "request": {"method": "GET", "url": f"{V1}/Contact/17", "headers": []},
        "response": {
            "status": 200,
            "headers": [{"name": "Content-Type", "value": content.get("mimeType", "application/json")}],
            "content": {"size": 10, **content},
        },
    }
    return {"log": {"entries": [entry]}}


# --- WireMock -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("request_keys", "match"),
    [
        (
            {"url": f"{TENANT}/Project?%24filter=name+eq+%27A%26B%27&%24top=5"},
            {
                "path": "/api/v1/Project",
                "query": {"$filter": {"equalTo": "name eq 'A&B'"}, "$top": {"equalTo": "5"}},
            },
        ),
        ({"urlPath": f"{TENANT}/MDOList/my%20list"}, {"path": "/api/v1/MDOList/my list"}),
        (
            {"urlPathPattern": f"{TENANT}/List/a%3Ab%2E.*"},
            {"path": {"matches": r"/api/v1/List/a:b\..*"}},
        ),
        ({"urlPathTemplate": f"{TENANT}/MDOList/my%20{{name}}"}, {"path": "/api/v1/MDOList/my *"}),
        (
            {"urlPath": f"{TENANT}/Project", "queryParameters": {"$filter": {"equalTo": "a%26b+c"}}},
            {"path": "/api/v1/Project", "query": {"$filter": {"equalTo": "a%26b+c"}}},
        ),
    ],
)
def test_addresses_of_a_mapping_are_decoded_and_its_parameters_are_not(tmp_path, request_keys, match):
    status, (step,) = imported(tmp_path, "wiremock", mapping(request_keys, jsonBody={}))

    assert status == 0
    assert {key: step["match"][key] for key in match} == match


def test_a_second_value_of_an_argument_is_listed(tmp_path, capsys):
    status, _ = imported(tmp_path, "wiremock", mapping({"url": f"{TENANT}/Contact?a=1&a=2"}, jsonBody={}))

    assert status == 1
    assert "a further value of a in the address is not carried over" in capsys.readouterr().out


def test_a_text_in_base64_becomes_a_text(tmp_path):
    body = base64.b64encode(b'{"Name":"x"}').decode()
    _, (step,) = imported(tmp_path, "wiremock", mapping({"url": f"{TENANT}/Contact"}, base64Body=body))

    assert step["reply"]["text"] == '{"Name":"x"}'


@pytest.mark.parametrize(
    "broken",
    [
        {"request": {"url": ["x"]}},
        {"request": {"url": f"{TENANT}/Contact", "headers": ["x"]}},
        {"request": {"url": f"{TENANT}/Contact", "bodyPatterns": [["x"]]}},
        {"request": {"method": ["GET"], "url": f"{TENANT}/Contact"}},
        {"response": {"status": "many"}},
        {"response": {"body": ["x"]}},
        {"response": {"base64Body": 7}},
        {"response": {"bodyFileName": ["x"]}},
        {"response": {"fault": "NO_SUCH_FAULT"}},
        {"response": {"fixedDelayMilliseconds": "soon"}},
        {"priority": "first"},
        {"name": ["x"]},
    ],
)
def test_a_mapping_of_a_wrong_shape_is_listed(tmp_path, capsys, broken):
    good = mapping({"url": f"{TENANT}/Person"}, jsonBody={})
    bad = mapping({"url": f"{TENANT}/Contact"}, jsonBody={}) | broken

    status, steps = imported(tmp_path, "wiremock", {"mappings": [good, bad]})

    said = capsys.readouterr().out.splitlines()
    assert (status, len(steps)) == ((1, 1) if len(said) > 1 else (0, 2))
    assert all("object has no attribute" not in line and "expected str" not in line for line in said)


# --- VCR ----------------------------------------------------------------------------------------


def test_a_cassette_of_ruby_is_read_whole(tmp_path, capsys):
    out = tmp_path / "out.yaml"

    status = run("vcr", SAMPLES / "ruby.yaml", "-o", out)

    assert status == 0, capsys.readouterr().out
    first, second = steps_of(out)
    assert first["reply"]["body"]["ContactId"] == 17
    assert second["reply"]["body"]["ContactId"] == 18
    assert second["match"]["body"]
    text = out.read_text()
    for secret in ("s3cret", "nordmann", "eyJDb250"):
        assert secret not in text
    assert secrets([str(out)])[1] == []


@pytest.mark.parametrize("name", ["python.yaml", "python.json"])
def test_a_cassette_of_python_is_read_by_either_serializer(tmp_path, name):
    out = tmp_path / "out.yaml"

    status = run("vcr", SAMPLES / name, "-o", out, "--keep", "*")

    assert status == 0
    first, second, *_ = steps_of(out)
    assert first["match"]["query"] == {"$select": "Name,ContactId", "$x": "a b&c"}
    assert "😀" in json.dumps(second["match"], ensure_ascii=False)


@pytest.mark.parametrize(
    ("body", "why"),
    [
        ("{base64_string: 'not base64!'}", "not the base64 that it is said to be"),
        ("{text: x}", "neither 'string' nor 'base64_string', but text"),
        ("[x]", "neither a text nor bytes"),
    ],
)
def test_a_body_that_cannot_be_read_is_listed(tmp_path, capsys, body, why):
    source = tmp_path / "c.yaml"
    good = f"{{request: {{method: get, uri: '{V1}/Contact/1'}}, response: {{status: {{code: 200}}}}}}"
    source.write_text(
        f"interactions:\n- {good}\n- request: {{method: get, uri: '{V1}/Contact/2'}}\n"
        f"  response: {{status: {{code: 200}}, body: {body}}}\n"
    )

    status = run("vcr", source, "-o", tmp_path / "out.yaml")

    assert status == 1
    assert why in capsys.readouterr().out


def test_base64_in_a_file_by_hand_is_looked_through(tmp_path):
    hidden = base64.b64encode(b'{"Token":"8A:Cust12345.s3cretInBase64","Name":"x"}').decode()
    wrapped = "\n    ".join(hidden[at : at + 20] for at in range(0, len(hidden), 20))
    (tmp_path / "a.yaml").write_text(f"name: a\nsteps:\n- reply: {{base64: {hidden}}}\n")
    (tmp_path / "b.yaml").write_text(f"name: b\nsteps:\n- reply:\n   text: |\n    {wrapped}\n")

    _, faults = secrets([str(tmp_path)])

    assert {fault.file.rpartition("/")[2] for fault in faults} == {"a.yaml", "b.yaml"}
    assert all("in base64" in fault.message for fault in faults)


# --- HTTP archives ------------------------------------------------------------------------------


@pytest.mark.parametrize("text", ['{"ContactId":17}', "[]", "null", "17", '"abcd"', "true"])
def test_a_plain_text_that_is_called_base64_is_kept(tmp_path, text):
    _, (step,) = imported(tmp_path, "har", har(text=text, encoding="base64", mimeType="application/json"))

    assert step["reply"]["body"] == json.loads(text)


def test_a_path_of_an_archive_is_compared_decoded(tmp_path):
    archive = har(text="[]")
    archive["log"]["entries"][0]["request"]["url"] = f"{V1}/MDOList/my%20list"

    _, (step,) = imported(tmp_path, "har", archive)

    assert step["match"]["path"] == "/api/v1/MDOList/my list"


def test_base64_in_lines_or_of_addresses_is_read(tmp_path):
    data = json.dumps({"Name": "x" * 80, "Odd": "~~~???>>>"}, separators=(",", ":")).encode()
    for text in (base64.encodebytes(data).decode(), base64.urlsafe_b64encode(data).decode().rstrip("=")):
        _, (step,) = imported(tmp_path, "har", har(text=text, encoding="base64", mimeType="application/json"))
        assert step["reply"]["body"] == json.loads(data)


def test_bytes_that_are_not_the_base64_they_are_called_are_listed(tmp_path, capsys):
    archive = har(text="\x89PNG!", encoding="base64", mimeType="image/png")
    archive["log"]["entries"] += har(text="{}")["log"]["entries"]

    status, steps = imported(tmp_path, "har", archive)

    assert (status, len(steps)) == (1, 1)
    assert "entry 1: a body of type image/png is not the base64" in capsys.readouterr().out


# --- mutations ----------------------------------------------------------------------------------

ODD = [
    None,
    True,
    -1,
    2**70,
    1e308,
    "",
    "\ud800",
    "x",
    [],
    ["x"],
    {},
    {"x": {}},
    [[]],
    "2026-99-99",
    "!!binary x",
]
SWAGGER = {
    "swagger": "2.0",
    "paths": {
        "/v1/Contact/{id}": {
            "get": {
                "tags": ["Contact"],
                "operationId": "getContact",
                "produces": ["application/json"],
                "parameters": [{"name": "id", "in": "path", "required": True, "type": "integer"}],
                "responses": {"200": {"description": "OK", "schema": {"$ref": "#/definitions/Contact"}}},
            }
        }
    },
    "definitions": {
        "Contact": {"type": "object", "properties": {"Name": {"type": "string"}, "Id": {"type": "integer"}}}
    },
}


SLOWEST = 10.0  # seconds for one file of a few kilobytes, on a machine that others use too


def change_value(value: object, chance: random.Random) -> object:
    """A value with one part of it replaced by an odd one, removed, or given twice."""
    paths: list[tuple] = [()]
    waiting: list[tuple[tuple, object]] = [((), value)]
    while waiting:
        path, item = waiting.pop()
        inner = item.items() if isinstance(item, dict) else enumerate(item) if isinstance(item, list) else ()
        for key, part in inner:
            paths.append((*path, key))
            waiting.append(((*path, key), part))
    copy = json.loads(json.dumps(value))
    *way, last = chance.choice(paths) or (None,)
    if last is None:
        return chance.choice(ODD)
    place = copy
    for part in way:
        place = place[part]
    if chance.random() < 0.2:
        del place[last]
    else:
        place[last] = chance.choice(ODD)
    return copy


def change_bytes(data: bytes, chance: random.Random) -> bytes:
    at, end = sorted(chance.sample(range(len(data) + 1), 2))
    piece = chance.choice(
        [b"", b"\0", b"\xff", b"[" * 2000, b"\\ud800", b"*a", b"&a", b"!x", b": ", b"\t", b"\n"]
    )
    return data[:at] + piece + data[min(end, at + chance.randrange(8)) :]


def sample(kind: str) -> object:
    """A file of that kind: a value, whose parts are changed, or bytes."""
    match kind:
        case "har":
            archive = json.loads((SAMPLES / "browser.har").read_text())
            entries = archive["log"]["entries"]
            archive["log"]["entries"] = [entries[3], entries[7], entries[9]]  # a GET, a POST, a DELETE
            return archive
        case "wiremock":
            files = sorted((SAMPLES / "wiremock/mappings").iterdir())[:5]
            return {"mappings": [json.loads(file.read_text()) for file in files]}
        case "vcr python":
            return json.loads((SAMPLES / "python.json").read_text())
        case "vcr python yaml":
            return (SAMPLES / "python.yaml").read_bytes()
        case "vcr ruby":
            return (SAMPLES / "ruby.yaml").read_bytes()
    return SWAGGER


def mutations(kind: str, number: int) -> Iterator[bytes]:
    """So many changed files of a kind, the same ones each time."""
    first, chance = sample(kind), random.Random(f"16 {kind}")
    for _ in range(number):
        value = first
        if isinstance(value, bytes):
            yield change_bytes(value, chance)
            continue
        for _ in range(chance.randrange(1, 4)):
            value = change_value(value, chance)
        data = json.dumps(value).encode()
        yield change_bytes(data, chance) if chance.random() < 0.3 else data


@pytest.mark.parametrize("kind", ["har", "wiremock", "vcr python", "vcr python yaml", "vcr ruby", "swagger"])
def test_no_mutation_of_a_file_is_a_traceback(kind, tmp_path, request, capsys):
    rounds = 6_000 if request.config.getoption("--full") else 30
    source, out = tmp_path / "source.json", tmp_path / "out.yaml"
    for number, data in enumerate(mutations(kind, rounds)):
        source.write_bytes(data)
        begin = time.monotonic()
        try:
            if kind == "swagger":
                compile_sources([source]).to_bytes()
            else:
                run(kind.split()[0], source, "-o", out)
        except MocksoError:
            continue
        except Exception as error:
            raise AssertionError(f"mutation {number} of {kind}: {error!r}, {data[:300]!r}") from error
        finally:
            assert time.monotonic() - begin < SLOWEST, f"mutation {number} of {kind}: {data[:300]!r}"
            out.unlink(missing_ok=True)
            shutil.rmtree(tmp_path / "out.files", ignore_errors=True)
            capsys.readouterr()
