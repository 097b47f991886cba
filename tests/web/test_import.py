"""Files that other tools wrote, imported and played."""

from __future__ import annotations

import base64
import json

import pytest
import requests

import mockso
from mockso.commands import import_ as import_command
from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError
from mockso.journal.har import har_text
from mockso.recording.write import LeakError
from mockso.scenario.library import load_scenarios
from tests.web.recorded import send

vcr = pytest.importorskip("vcr")

V1 = "/Cust12345/api/v1"
TOKEN = {"Authorization": "Bearer 8A:Cust12345.s3cretOfTheClient"}


def run(*arguments):
    import argparse

    parser = argparse.ArgumentParser()
    import_command.configure(parser)
    return import_command.run(parser.parse_args([*map(str, arguments), "--keep", "*"]))


def calls(url):
    session = requests.Session()
    session.headers.update(TOKEN)
    return [
        session.get(f"{url}{V1}/Contact/17"),
        session.get(f"{url}{V1}/Contact/18", headers={"Accept": "application/xml"}),
        session.post(f"{url}{V1}/Contact", json={"Name": "Acme æ"}),
        session.get(f"{url}{V1}/Nowhere"),
        session.delete(f"{url}{V1}/Contact/3"),
    ]


def played_the_same(file, answers, url):
    with mockso.serve(scenarios=[str(file)], only_scenarios=True) as mock:
        again = calls(mock.url)
        return [(a.status_code, a.content.replace(url.encode(), b"")) for a in answers] == [
            (b.status_code, b.content.replace(mock.url.encode(), b"")) for b in again
        ]


def test_a_cassette_that_vcr_wrote_is_imported_and_played(tmp_path):
    cassette, out = tmp_path / "cassette.yaml", tmp_path / "out.yaml"
    with mockso.serve() as real:
        with vcr.VCR().use_cassette(str(cassette)):
            answers = calls(real.url)
            requests.get(f"{real.url}/__mockso/openapi.json", timeout=20)
        url = real.url

    status = run("vcr", cassette, "-o", out)

    assert status == 1  # the call outside the API could not be carried over
    assert played_the_same(out, answers, url)
    assert "s3cretOfTheClient" not in out.read_text()


def test_an_archive_is_imported_and_played(tmp_path, capsys):
    archive, out = tmp_path / "archive.har", tmp_path / "out.yaml"
    with mockso.serve() as real:
        answers = calls(real.url)
        archive.write_text("".join(har_text(real.engine.journal.each(order="oldest"))))
        url = real.url
    value = json.loads(archive.read_text())
    value["log"]["entries"].append({"request": {"method": "GET", "url": "http://x/api/v1/Contact/1"}})
    archive.write_text(json.dumps(value))

    status = run("har", archive, "-o", out)

    assert status == 1
    assert "entry 6: 'response' is missing" in capsys.readouterr().out
    assert played_the_same(out, answers, url)


MAPPINGS = {
    "mappings": [
        {
            "request": {
                "method": "GET",
                "urlPath": "/Cust12345/api/v1/Contact/17",
                "headers": {"Accept": {"contains": "json"}, "SO-AppToken": {"equalTo": "s3cretOfTheApp"}},
            },
            "response": {
                "status": 200,
                "jsonBody": {"ContactId": 17, "Name": "Mapped"},
                "fixedDelayMilliseconds": 10,
            },
        },
        {
            "request": {
                "method": "POST",
                "urlPathPattern": "/Cust12345/api/v1/Contact",
                "bodyPatterns": [{"matchesJsonPath": "$.Name"}],
            },
            "response": {
                "status": 201,
                "body": "made {{ as }} is\r\n",
                "headers": {
                    "Content-Type": "text/plain",
                    "Set-Cookie": ["SoSession=s3cretOfTheSession; path=/", "a=s3cretOfAnother"],
                    "Date": "Tue, 24 Nov 2026 14:04:19 GMT",
                },
            },
        },
        {
            "priority": 1,
            "request": {"method": "GET", "url": "/Cust12345/api/v1/Contact/18?fk=true"},
            "response": {"fault": "EMPTY_RESPONSE"},
        },
        {
            "scenarioName": "s",
            "requiredScenarioState": "a state of another mapping",
            "request": {"method": "GET", "urlPath": "/api/v1/Contact/19", "cookies": {"a": {"equalTo": "b"}}},
            "response": {"status": 404, "transformers": ["response-template"]},
        },
    ]
}


def test_mappings_of_wiremock_are_imported_and_played(tmp_path, capsys):
    file, out = tmp_path / "mappings.json", tmp_path / "out.yaml"
    file.write_text(json.dumps(MAPPINGS))

    status = run("wiremock", file, "-o", out)

    said = capsys.readouterr().out
    assert status == 1
    assert "scenarioName 's' is not carried over: its steps are not a plain sequence" in said
    assert "header SO-AppToken is not carried over: it is a secret" in said
    assert "mappings-4: request.cookies is not carried over" in said
    assert "mappings-4: response.transformers is not carried over" in said
    assert load_scenarios([str(out)], Contract.open())
    assert "s3cret" not in out.read_text()
    with mockso.serve(scenarios=[str(out)]) as mock:
        found = send(mock.url, "GET", f"{V1}/Contact/17", Accept="application/json")
        assert json.loads(found.body)["Name"] == "Mapped"
        made = send(mock.url, "POST", f"{V1}/Contact", b'{"Name": "x"}', Content_Type="application/json")
        assert (made.status, made.body) == (201, b"made {{ as }} is\r\n")
        assert made.header("Date") != "Tue, 24 Nov 2026 14:04:19 GMT"
        with pytest.raises(ConnectionError):
            send(mock.url, "GET", f"{V1}/Contact/18?fk=true")
        assert send(mock.url, "GET", f"{V1}/Contact/19").status == 404


def test_mappings_never_let_a_secret_through(tmp_path):
    file, out = tmp_path / "mapping.json", tmp_path / "out.yaml"
    encoded = base64.b64encode(b"\0 7T:s3cretOfTheSession \0").decode()
    mapping = {
        "request": {"method": "GET", "urlPath": "/api/v1/Document/3/Content"},
        "response": {"headers": {"Set-Cookie": "SoSession=s3cretOfTheSession"}, "base64Body": encoded},
    }
    file.write_text(json.dumps(mapping))

    with pytest.raises(LeakError, match="step 'mapping': a secret of this run, in the bytes of a body"):
        run("wiremock", file, "-o", out)

    assert not out.exists()


def postman(entries):
    return {"log": {"version": "1.2", "creator": {"name": "Postman", "version": "11"}, "entries": entries}}


def test_an_archive_of_an_api_client_is_imported(tmp_path, capsys):
    """No pages, no sizes, forms taken apart, bodies in base64: as clients without a browser write them."""

    def entry(method, path, posted=None, content=None, status=200):
        return {
            "startedDateTime": "2026-11-24T12:00:00.000Z",
            "time": 10,
            "request": {
                "method": method,
                "url": f"https://sod2.superoffice.com{path}",
                "httpVersion": "HTTP/1.1",
                "headers": [{"name": "Authorization", "value": TOKEN["Authorization"]}],
                "queryString": [],
                "cookies": [],
                "headersSize": -1,
                "bodySize": -1,
                **({"postData": posted} if posted else {}),
            },
            "response": {
                "status": status,
                "statusText": "OK",
                "headers": [{"name": "Content-Type", "value": "application/json; charset=utf-8"}],
                "content": {"size": -1, "mimeType": "application/json", **(content or {})},
                "redirectURL": "",
                "headersSize": -1,
                "bodySize": -1,
            },
            "cache": {},
            "timings": {"send": -1, "wait": 10, "receive": -1},
        }

    form = {"mimeType": "application/x-www-form-urlencoded", "params": [{"name": "Name", "value": "Acme æ"}]}
    upload = {"mimeType": "multipart/form-data", "params": [{"name": "image", "fileName": "a.png"}]}
    encoded = base64.b64encode(b'{"ContactId":17,"Name":"Encoded"}').decode()
    archive, out = tmp_path / "postman.har", tmp_path / "out.yaml"
    archive.write_text(
        json.dumps(
            postman(
                [
                    entry("GET", f"{V1}/Contact/17", content={"text": encoded, "encoding": "base64"}),
                    entry("POST", f"{V1}/Contact", form, {"text": '{"ContactId":1}'}),
                    entry("PUT", f"{V1}/Person/3/Image", upload, {"text": "{}"}),
                    entry("DELETE", f"{V1}/Contact/3", status=204),
                ]
            )
        )
    )

    assert run("har", archive, "-o", out) == 1

    assert "entry 3: the request's body (multipart/form-data) was not saved" in capsys.readouterr().out
    with mockso.serve(scenarios=[str(out)], only_scenarios=True) as mock:
        assert json.loads(send(mock.url, "GET", f"{V1}/Contact/17").body)["Name"] == "Encoded"
        made = send(
            mock.url,
            "POST",
            f"{V1}/Contact",
            b"Name=Acme+%C3%A6",
            Content_Type="application/x-www-form-urlencoded",
        )
        assert json.loads(made.body) == {"ContactId": 1}
        assert send(mock.url, "DELETE", f"{V1}/Contact/3").status == 204


@pytest.mark.parametrize(
    ("kind", "text", "word"),
    [
        ("har", "{", "not JSON"),
        ("har", "[]", "no HTTP archive"),
        ("vcr", "a: [", "not YAML"),
        ("vcr", "a: b", "no cassette"),
        ("wiremock", "[]", "no mapping"),
        ("wiremock", '{"mappings": []}', "nothing could be carried over"),
    ],
)
def test_a_file_of_another_kind_is_told(tmp_path, kind, text, word):
    file = tmp_path / "file"
    file.write_text(text)

    with pytest.raises(ScenarioError, match=word):
        run(kind, file, "-o", tmp_path / "out.yaml")
