"""Nothing that is secret gets into a file, and who somebody is does not either."""

from __future__ import annotations

import base64
import json

import pytest

from mockso.recording import reply as answered
from mockso.recording.leaks import leaks
from mockso.recording.pseudonyms import Pseudonyms
from mockso.recording.tape import Spool
from mockso.recording.write import LeakError, write_recording
from mockso.scenario.library import load_scenarios
from tests.recording.taping import Taping

FORM = "application/x-www-form-urlencoded"
JWT = "eyJhbGciOiJSUzI1NiJ9.eyJuYW1lIjoiT2xhIiwibiI6MX0.c2lnbmF0dXJlLW9m"


@pytest.fixture
def taping(shipped):
    made = Taping(shipped)
    yield made
    made.engine.close()


def secret(number: int) -> str:
    return f"Pl4nted{number:02}q7Xw"


def plant(taping: Taping) -> list[str]:
    """Calls with forty secrets of all kinds in them; the secrets."""
    s = [secret(number) for number in range(41)]
    basic = base64.b64encode(f"user:{s[1]}".encode()).decode()
    contact = "/api/v1/Contact/17"
    taping.add(
        "GET",
        contact,
        {
            "ContactId": 17,
            "Name": "Acme",
            "_Links": {"Self": f"http://localhost/Cust12345/api/v1/Contact/17?access_token={s[2]}"},
        },
        authorization=f"Bearer 8A:Cust12345.{s[0]}",
        headers=[
            ("Cookie", f"SoSession={s[3]}; other={s[4]}"),
            ("SO-AppToken", s[5]),
            ("X-XSRF-TOKEN", s[6]),
            ("X-Api-Key", s[7]),
            ("Proxy-Authorization", f"Basic {basic}"),
        ],
        reply_headers=(
            ("Set-Cookie", f"SoSession={s[8]}; path=/; HttpOnly"),
            ("Content-Disposition", f'attachment; filename="letter-{s[5]}.pdf"'),
            ("X-Refresh-Token", s[9]),
            ("Location", f"http://localhost/login?code={s[10]}&ticket={s[11]}"),
        ),
    )
    taping.add(
        "GET",
        contact,
        {
            "ContactId": 17,
            "Description": f"the header had {s[0]}, base64 {base64.b64encode(s[5].encode()).decode()}",
        },
        authorization=f"Basic {basic}",
        query=[("ticket", s[12]), ("sessionKey", s[13]), ("$select", "Name")],
    )
    taping.add(
        "POST",
        "/api/v1/Agents/User/SaveUntrustedCredentials",
        {
            "Value": {"Password": s[14], "ApiKey": s[15], "client_secret": s[16]},
            "list": [{"refresh_token": s[17]}, {"access_token": f"8A:Cust12345.{s[18]}"}],
            "id_token": JWT,
            "text": f"use 7T:{s[19]} or {s[14]}",
            "inner": json.dumps({"password": s[20], "token": s[21]}),
            "privateKey": f"-----BEGIN PRIVATE KEY-----\n{s[22]}\n-----END PRIVATE KEY-----",
        },
        body={"Type": "x", "Password": s[23], "authKey": s[24], "CredentialValue": s[25], "token": s[26]},
    )
    taping.add(
        "GET",
        "/api/v1/Person/5",
        f'<?xml version="1.0"?><P><Password>{s[27]}</Password><a token="{s[28]}"/><Ticket>7T:{s[29]}</Ticket>'
        f"<x>8A:Cust12345.{s[30]}</x><secret><![CDATA[{s[31]}]]></secret></P>".encode(),
        media="application/xml",
        headers=[("Accept", "application/xml")],
    )
    taping.add(
        "POST",
        "/api/v1/Contact",
        f"access_token={s[32]}&refresh_token={s[33]}&expires_in=3600".encode(),
        media=FORM,
        body=f"grant_type=password&password={s[34]}&client_secret={s[35]}&code={s[36]}".encode(),
        content_type=FORM,
    )
    taping.add(
        "GET",
        f"/api/v1/Document/3/8A:Cust12345.{s[37]}",
        f'<a href="http://localhost/x?token={s[38]}">7T:{s[39]}</a> Authorization: Bearer {JWT}'.encode(),
        media="text/html",
        authorization=f"SOTicket 7T:{s[40]}",
    )
    return [*s, JWT, basic]


def written(folder) -> str:
    return "".join(path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


def test_forty_planted_secrets_are_in_no_file(taping, tmp_path):
    secrets = plant(taping)

    write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(), taping.contract)

    text = written(tmp_path)
    assert len(secrets) >= 40
    # What is left open was sent by the client and stands in no file anyway; the rest has a stand-in.
    assert [s for s in secrets if s in text] == []
    encoded = [base64.b64encode(s.encode()).decode().rstrip("=") for s in secrets]
    assert [s for s in encoded if s in text] == []
    assert load_scenarios([str(tmp_path / "r.yaml")], taping.contract)


def test_a_secret_of_a_field_that_is_kept_stops_the_writing(taping, tmp_path):
    plant(taping)

    with pytest.raises(LeakError, match=r"r\.yaml:\d+: a secret of this run, in 'Password'") as caught:
        write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(keep=["Password"]), taping.contract)

    assert secret(14) not in str(caught.value)
    assert list(tmp_path.iterdir()) == []


def test_a_field_can_be_made_secret(taping, tmp_path):
    taping.add("GET", "/api/v1/Contact/17", {"ContactId": 17, "OrgNr": "987654321"})

    write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(redact=["OrgNr"]), taping.contract)

    assert "987654321" not in written(tmp_path)


MEGA = 1024 * 1024
LONG = {
    "json": (
        "application/json",
        '{"Filler": "',
        '", "Password": "SECRET", "Token": "7T:SECRET", "x": "',
        '"}',
    ),
    "json with blanks": ("application/json", '{ "Filler" : "', '", "Password" : "SECRET", "x": "', '" }'),
    "xml": ("application/xml", "<a><b>", "</b><Password>SECRET</Password><b>", "</b></a>"),
    "page": (
        "text/html; charset=iso-8859-1",
        "<p>",
        '</p><a href="/x?token=SECRET">7T:SECRET</a><p>',
        "</p>",
    ),
    "wide": ("text/xml; charset=utf-16", "<a><b>", "</b><Password>SECRET</Password><b>", "</b></a>"),
}


@pytest.mark.parametrize(
    ("kind", "back"), [*((kind, 20) for kind in LONG), ("json", 0), ("json", 7), ("xml", 30)]
)
def test_a_secret_on_the_border_of_two_pieces_is_in_no_file(taping, tmp_path, kind, back):
    media, start, middle, end = LONG[kind]
    charset = media.partition("charset=")[2] or "utf-8"
    planted = secret(50 + back)
    # Of the last piece but one, so that neither the first piece nor the last has it.
    filler = "lorem ipsum " * (2 * MEGA // 12)
    padded = (start + filler)[: 2 * MEGA - back]
    text = padded + middle.replace("SECRET", planted) + "x" * MEGA + end
    (tmp_path / "tape").mkdir()

    taping.add("GET", "/api/v1/Contact/17", text.encode(charset), media=media, spool=Spool(tmp_path / "tape"))
    write_recording(tmp_path / "out" / "r.yaml", taping.tape, Pseudonyms(), taping.contract)

    found = b"".join(path.read_bytes() for path in (tmp_path / "out").rglob("*") if path.is_file())
    assert planted.encode() not in found
    assert planted.encode("utf-16-le") not in found
    assert planted.encode("utf-16-be") not in found
    assert len(found) > 2 * MEGA


@pytest.mark.parametrize("back", [0, 5, 10])
@pytest.mark.parametrize("what", ["plain", "encoded", "token", "named"])
def test_an_answer_whose_bytes_have_a_secret_is_no_step_and_is_named(taping, tmp_path, back, what):
    planted = secret(60)
    hidden = {
        "plain": planted.encode(),
        "encoded": base64.b64encode(b"user:" + planted.encode() + b" and more"),
        "token": b"8A:Cust12345." + secret(61).encode(),
        "named": b'{"password": "' + secret(62).encode() + b'"}',
    }[what]
    noise = bytes(range(256)) * (MEGA // 128)
    data = noise[: 2 * MEGA - back] + b" " + hidden + b" " + noise[:MEGA]
    (tmp_path / "tape").mkdir()
    taping.add(
        "GET",
        "/api/v1/Document/3/Content",
        data,
        media="application/octet-stream",
        spool=Spool(tmp_path / "tape"),
    )
    taping.add("GET", "/api/v1/Contact/18", {"ContactId": 18}, authorization=f"Bearer 8A:Cust12345.{planted}")
    said: list[str] = []

    steps = write_recording(
        tmp_path / "out" / "r.yaml", taping.tape, Pseudonyms(), taping.contract, say=said.append
    )

    assert steps == 1
    (line,) = said
    assert line.startswith("not recorded: GET /api/v1/Document/3/Content: a ")
    assert planted not in line
    assert not (tmp_path / "out" / "r.files").exists()


def test_a_text_sent_as_bytes_is_made_safe_as_a_text(taping, tmp_path):
    text = f"password={secret(63)} and 7T:{secret(64)}".encode()
    taping.add("GET", "/api/v1/Document/3/Content", text, media="application/octet-stream")

    write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(), taping.contract)

    assert secret(63) not in written(tmp_path)
    assert secret(64) not in written(tmp_path)


def test_a_text_too_long_to_look_through_is_no_step(taping, tmp_path, monkeypatch):
    monkeypatch.setattr(answered, "LONGEST_TEXT", MEGA)
    (tmp_path / "tape").mkdir()
    taping.add(
        "GET", "/api/v1/Contact/17", b"x" * 2 * MEGA, media="text/plain", spool=Spool(tmp_path / "tape")
    )
    taping.add("GET", "/api/v1/Contact/18", {"ContactId": 18})
    said: list[str] = []

    assert (
        write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(), taping.contract, say=said.append) == 1
    )
    assert "a text of 2097152 bytes is too long" in said[0]


OLA = {
    "PersonId": 5,
    "Firstname": "Ola",
    "Lastname": "Nordmann",
    "FullName": "Ola Nordmann",
    "Emails": [{"Value": "Ola.Nordmann@firma.no", "StrippedValue": "ola.nordmann@firma.no"}],
    "OfficePhones": [{"Value": "+47 22 51 80 00", "StrippedValue": "+4722518000"}],
    "Description": "write to ola.nordmann@firma.no",
    "Contact": {"ContactId": 17},
}


def played(file, contract):
    (scenario,) = load_scenarios([str(file)], contract)
    return scenario.steps[0].reply.body


def test_a_person_is_the_same_stand_in_everywhere(taping, tmp_path):
    taping.add("GET", "/api/v1/Person/5", OLA)
    one, other, third = tmp_path / "one.yaml", tmp_path / "other.yaml", tmp_path / "third.yaml"

    write_recording(one, taping.tape, Pseudonyms(), taping.contract)
    write_recording(other, taping.tape, Pseudonyms(), taping.contract)
    write_recording(third, taping.tape, Pseudonyms("another seed"), taping.contract)

    made = played(one, taping.contract)
    assert made == played(other, taping.contract) != played(third, taping.contract)
    assert made["FullName"] == f"{made['Firstname']} {made['Lastname']}"
    assert made["Firstname"] not in ("Ola", "")
    mails = made["Emails"][0]
    assert mails["Value"] == mails["StrippedValue"] == made["Description"].removeprefix("write to ")
    assert mails["Value"].endswith("@example.com")
    phones = made["OfficePhones"][0]
    assert phones["Value"].replace(" ", "") == phones["StrippedValue"] != "+4722518000"
    assert (made["PersonId"], made["Contact"]["ContactId"]) == (5, 17)


@pytest.mark.parametrize(
    ("keep", "kept", "changed"), [("Firstname", "Ola", "Nordmann"), ("*", "Nordmann", "nothing at all")]
)
def test_what_is_asked_to_be_kept_is_kept(taping, tmp_path, keep, kept, changed):
    taping.add("GET", "/api/v1/Person/5", OLA)

    write_recording(tmp_path / "r.yaml", taping.tape, Pseudonyms(keep=[keep]), taping.contract)

    assert f": {kept}\n" in written(tmp_path)
    assert f"Lastname: {changed}" not in written(tmp_path)


@pytest.mark.parametrize(
    "line",
    [
        "Authorization: Bearer 8A:Cust12345.hGf65rTz",
        "text: 7T:MTIzNDU2Nzg5",
        f"id: {JWT}",
        "x: Basic dXNlcjpzZWNyZXQ=",
        "-----BEGIN RSA PRIVATE KEY-----",
        "key: q8Zr3Lw0Yt6Bn2Vx9Kc4Mj7Hd1Gs5Pf",
    ],
)
def test_a_text_of_a_secrets_shape_is_a_leak(line):
    (leak,) = leaks(f"name: x\n{line}")

    assert leak.line == 2


@pytest.mark.parametrize(
    "line",
    [
        "text: 8A:Cust12345.#3f9a2c11",
        "operation: v1ContactAgent_GetContactEntityByExternalIdentifier2",
        "at: 3f2504e0-4f89-11d3-9a0c-0305e82c3301",
        "base64: R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7",
        "path: /api/v1/Archive/FindContactPerson2024/Selection2025/Item33",
        "text: QW4gZXhhbXBsZSBtYWRlIGJ5IG1vY2tzby4K",
    ],
)
def test_what_only_looks_odd_is_no_leak(line):
    assert leaks(line) == []
