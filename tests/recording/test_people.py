"""Whose name was met once is not told by a sentence elsewhere."""

from __future__ import annotations

import json

import pytest

from mockso.recording.people import map_json_texts
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.write import write_recording
from mockso.scenario.library import load_scenarios
from tests.recording.taping import Taping

PERSON = {"PersonId": 5, "Firstname": "Ola", "Lastname": "Nordmann", "FullName": "Ola Nordmann"}


@pytest.fixture
def taping(shipped):
    made = Taping(shipped)
    yield made
    made.engine.close()


def met(*values: object) -> Pseudonyms:
    names = Pseudonyms()
    for value in values:
        names.meet(value)
    return names


def test_a_name_in_a_sentence_is_that_of_the_person(taping, tmp_path):
    text = {"AppointmentId": 3, "Title": "Nordmann", "Description": "Call OLA, then Ola Nordmann's boss."}
    taping.add("GET", "/api/v1/Appointment/3", text)
    taping.add("GET", "/api/v1/Person/5", PERSON)

    write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(), taping.contract)

    (scenario,) = load_scenarios([str(tmp_path / "r.yaml")], taping.contract)
    said, person = (step.reply.body for step in scenario.steps)
    first, last = person["Firstname"], person["Lastname"]
    assert said["Title"] == last
    assert said["Description"] == f"Call {first.upper()}, then {first} {last}'s boss."
    assert "nordmann" not in (tmp_path / "r.yaml").read_text().lower()


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Type", "Sale"),
        ("Country", "NO"),
        ("Link", "http://localhost/api/v1/Sale/17"),
        ("Description", "wholesale, Nordmannsen and nordmann"),
    ],
)
def test_codes_addresses_and_other_words_stay(name, text):
    names = met({"FullName": "Sale Nordmann"}, {"Firstname": "NO"})

    assert names.value({name: text}) == {name: text}


def test_a_short_name_is_found_with_its_whole():
    names = met({"FullName": "Bo Ek"})

    safe = names.value({"Subject": "Bo Ek and a Bo and an Ek"})["Subject"]

    assert safe == f"{names.name('Bo Ek')} and a Bo and an Ek"


def test_what_is_somebodys_is_found_too():
    names = met({"Firstname": "Ola"})

    assert names.value({"Subject": "Olas møte"})["Subject"] == f"{names.name('Ola')}s møte"


def test_a_name_without_cases_is_found():
    names = met({"FullName": "山田太郎"})

    assert names.value({"Subject": "会議 山田太郎様"})["Subject"] == f"会議 {names.name('山田太郎')}様"


def test_a_name_that_is_kept_is_kept_in_sentences():
    names = Pseudonyms(keep=["Firstname"])
    names.meet(PERSON)

    assert names.value({"Subject": "Ola Nordmann"})["Subject"] == f"Ola {names.name('Nordmann')}"


def test_a_row_of_an_archive_has_names_in_members_of_other_names():
    row = {
        "ColumnData": {
            "fullName": {"DisplayValue": "Kari Hansen", "TooltipHint": ""},
            "name": {"DisplayValue": "Acme"},
        }
    }
    names = met(row)

    safe = names.value(row)["ColumnData"]

    assert safe["fullName"]["DisplayValue"] == names.name("Kari Hansen")
    assert safe["name"]["DisplayValue"] == "Acme"


def test_a_mail_address_beside_a_name_stays_one():
    names = met({"FromName": "Ola Nordmann <ola@firma.no>"})

    safe = names.value({"FromName": "Ola Nordmann <ola@firma.no>"})["FromName"]

    assert safe == f"{names.name('Ola Nordmann')} <{names.mail('ola@firma.no')}>"


@pytest.mark.parametrize(
    ("media", "text"),
    [
        ("application/json", '{ "Firstname" : "Ola",\n "n": 1.0E+2, "Subject": "to \\u004fla\\/x" }'),
        ("application/xml", "<P><Firstname>Ola</Firstname><Subject>to Ola</Subject></P>"),
        ("application/x-www-form-urlencoded", "Firstname=Ola&Subject=to+Ola"),
        ("multipart/mixed", '--b\r\n\r\n{"Firstname": "Ola", "Subject": "to Ola"}\r\n--b--'),
        ("text/plain", "to Ola"),
        ("text/html", "<p>to Ola</p>"),
    ],
)
def test_names_are_replaced_in_bodies_that_are_kept_as_texts(media, text):
    names = met({"Lastname": "Ola"})

    safe = names.raw(text, media)

    assert "Ola" not in safe
    assert "\\u004fla" not in safe
    assert names.name("Ola") in safe


def test_json_keeps_its_form_but_for_what_is_changed():
    text = '{ "a" : "x",\r\n  "n": 1.0E+2, "b": ["x", {"c": "\\u0078"}], "d": {"x": "y:"}, "x": null }'

    made = map_json_texts(text, lambda value, name, around: "Z" if value == "x" else value)

    assert made == '{ "a" : "Z",\r\n  "n": 1.0E+2, "b": ["Z", {"c": "Z"}], "d": {"x": "y:"}, "x": null }'
    assert json.loads(made)


@pytest.mark.parametrize(
    "text", ['{"a": "x', '{"a": ]]}}', '["\\ud800', '{"a":"\\x"}', "{" * 1000, '{"a" "b": "c"']
)
def test_what_is_no_json_is_no_error(text):
    assert map_json_texts(text, lambda value, name, around: value) == text


def test_nothing_is_looked_for_where_all_names_are_kept():
    names = Pseudonyms(keep=["*"])
    names.meet(PERSON)

    assert names.value({"Subject": "Ola"}) == {"Subject": "Ola"}
