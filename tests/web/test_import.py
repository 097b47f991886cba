"""Files that other tools wrote, imported and played."""

from __future__ import annotations

import json

import pytest
import requests

import mockso
from mockso.contract.catalogue import Contract
from mockso.errors import ScenarioError
from mockso.har import har_text
from mockso.recording import import_command
from mockso.scenario_yaml import load_scenarios
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
                "headers": {"Accept": {"contains": "json"}},
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
            "response": {"status": 201, "body": "made", "headers": {"Content-Type": "text/plain"}},
        },
        {
            "priority": 1,
            "request": {"method": "GET", "url": "/Cust12345/api/v1/Contact/18?fk=true"},
            "response": {"fault": "EMPTY_RESPONSE"},
        },
        {
            "scenarioName": "s",
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
    assert "mappings-4: scenarioName is not carried over" in said
    assert "mappings-4: request.cookies is not carried over" in said
    assert "mappings-4: response.transformers is not carried over" in said
    assert load_scenarios([str(out)], Contract.open())
    with mockso.serve(scenarios=[str(out)]) as mock:
        found = send(mock.url, "GET", f"{V1}/Contact/17", Accept="application/json")
        assert json.loads(found.body)["Name"] == "Mapped"
        made = send(mock.url, "POST", f"{V1}/Contact", b'{"Name": "x"}', Content_Type="application/json")
        assert (made.status, made.body) == (201, b"made")
        with pytest.raises(ConnectionError):
            send(mock.url, "GET", f"{V1}/Contact/18?fk=true")
        assert send(mock.url, "GET", f"{V1}/Contact/19").status == 404


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
