"""No secret is written down, wherever it stands; what is not secret stays readable."""

import gzip
import json
import zlib

import pytest

from mockso.exchange.call import Difference, NearMiss
from mockso.redaction.redaction import Redaction
from tests.conftest import call
from tests.journal.entries import added, violation

SECRET = "hunter2-Sesame"
REDACTION = Redaction(key=b"test")
PRINT = REDACTION.fingerprint(SECRET)


def edited(text: str, redaction: Redaction = REDACTION) -> str:
    return redaction.text(text, {})


@pytest.mark.parametrize(
    "text",
    [
        "https://user:{}@example.com/hook",
        'saved {{"TargetUrl":"https://user:{}@example.com/hook?a=b@c"}}',
        "ftp://:{}@example.com is not an absolute http or https address",
    ],
)
def test_the_password_of_an_address_is_a_secret(text):
    safe = text.format(PRINT)

    assert edited(text.format(SECRET)) == edited(safe) == safe
    assert REDACTION.body(text.format(SECRET).encode(), "application/json", "", {}) == safe.encode()
    escaped = text.format(SECRET).replace("/", r"\/").encode()
    assert SECRET.encode() not in REDACTION.body(escaped, "application/json", "", {})
    assert SECRET not in REDACTION.target("/a?url=" + text.format(SECRET), {})


@pytest.mark.parametrize(
    "text", ["http://127.0.0.1:8585/a@b", "http://a@b.example:80", "anna@example.com: http://a/b"]
)
def test_an_address_without_a_password_stays(text):
    assert edited(text) == text
    assert REDACTION.body(text.encode(), "text/plain", "", {}) == text.encode()


@pytest.mark.parametrize(
    ("name", "value", "safe"),
    [
        ("Authorization", f"Bearer 8A:Cust12345.{SECRET}", f"Bearer 8A:Cust12345.{PRINT}"),
        ("authorization", f"SOTicket 7T:{SECRET}", f"SOTicket 7T:{PRINT}"),
        ("Authorization", f"Basic {SECRET}", f"Basic {PRINT}"),
        ("Authorization", SECRET, PRINT),
        ("Authorization", "", ""),
        ("SO-AppToken", SECRET, PRINT),
        ("X-XSRF-TOKEN", SECRET, PRINT),
        ("X-Mockso-Admin", SECRET, PRINT),
        ("Cookie", f"a={SECRET}; XSRF-TOKEN={SECRET}", f"a={PRINT}; XSRF-TOKEN={PRINT}"),
        ("Cookie", SECRET, PRINT),
        ("Set-Cookie", f"SOOnline={SECRET}; path=/; HttpOnly", f"SOOnline={PRINT}; path=/; HttpOnly"),
        ("X-My-Secret", SECRET, PRINT),
        ("Location", f"https://a/cb?state=1&code={SECRET}", f"https://a/cb?state=1&code={PRINT}"),
        ("Location", f"https://a/cb#access_token={SECRET}&ctx=Cust1", f"https://a/cb#access_token={PRINT}&ctx=Cust1"),
        ("Content-Type", "application/json", "application/json"),
        ("WWW-Authenticate", 'Basic realm="mockso"', 'Basic realm="mockso"'),
    ],
)  # fmt: skip
def test_a_header(name, value, safe):
    assert REDACTION.header(name, value, {}) == safe


@pytest.mark.parametrize(
    ("target", "safe"),
    [
        (f"/a/v1/X?ticket=7T%3A{SECRET}&$top=1", f"/a/v1/X?ticket=7T:{PRINT}&$top=1"),
        (f"/a/v1/X?x=8A%3ACust1.{SECRET}", f"/a/v1/X?x=8A:Cust1.{PRINT}"),
        (f"/a/8A%3aCust1.{SECRET}/y", f"/a/8A:Cust1.{PRINT}/y"),
        (f"/a?pass%77ord={SECRET}", f"/a?pass%77ord={PRINT}"),
        (f"/login?state=1&code={SECRET}", f"/login?state=1&code={PRINT}"),
        ("/a/v1/X?$filter=name%20eq%20'a'&a=%", "/a/v1/X?$filter=name%20eq%20'a'&a=%"),
    ],
)
def test_an_address(target, safe):
    assert REDACTION.target(target, {}) == safe


@pytest.mark.parametrize(
    ("body", "content_type", "encoding"),
    [
        (f'{{"Password":"{SECRET}"}}'.encode("utf-16"), "application/json", ""),
        (f'{{"Password":"{SECRET}"}}'.encode("utf-16-le"), "application/json", ""),
        (f'{{"Password":"{SECRET}"}}'.encode("utf-32"), "application/json", ""),
        (f'{{"Password":"{SECRET}"}}'.encode("utf-16-be")[:-1], "application/json; charset=utf-16-be", ""),
        (b'\xff\xfe\xfd {"Password":"%s"}' % SECRET.encode(), "application/octet-stream", ""),
        (b'{"Name":"\xc3\xa6","Password":"%s' % SECRET.encode() + b"\xc3", "application/json", ""),
        (gzip.compress(f'{{"Password":"{SECRET}"}}'.encode(), mtime=0), "application/json", "gzip"),
        (zlib.compress(f'{{"Password":"{SECRET}"}}'.encode())[:-3], "application/json", "deflate"),
        (b"not compressed " + SECRET.encode(), "application/json", "br"),
        (f"pass%77ord={SECRET}&b=c+d".encode(), "application/x-www-form-urlencoded", ""),
        (f"a=8A%3ACust1.{SECRET}".encode(), "application/x-www-form-urlencoded", ""),
    ],
)
def test_a_body_in_any_encoding(body, content_type, encoding):
    safe = REDACTION.body(body, content_type, encoding, {})

    for charset in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le"):
        assert SECRET.encode(charset) not in safe


def test_a_body_without_secrets_is_not_touched():
    body = b'{"a": "b%", "c": "\xff"}'

    assert REDACTION.body(body, "application/json", "", {}) is body


def test_further_fields_can_be_named():
    redaction = Redaction(["Social_Number", "X-Mine"], key=b"test")

    assert edited(f'{{"socialNumber":"{SECRET}"}}', redaction) == f'{{"socialNumber":"{PRINT}"}}'
    assert redaction.target(f"/a?social-number={SECRET}", {}) == f"/a?social-number={PRINT}"
    assert redaction.header("x-mine", SECRET, {}) == PRINT
    assert redaction.body(f"<social_number>{SECRET}</social_number>".encode(), "", "", {}).decode() == (
        f"<social_number>{PRINT}</social_number>"
    )


def test_it_can_be_switched_off():
    redaction = Redaction(off=True)

    assert edited(f'{{"Password":"{SECRET}"}}', redaction) == f'{{"Password":"{SECRET}"}}'
    assert redaction.header("Authorization", SECRET, {}) == SECRET
    assert redaction.target(f"/a?password={SECRET}", {}) == f"/a?password={SECRET}"
    assert redaction.value({"Password": SECRET}, {}) == {"Password": SECRET}


def test_a_decoded_value():
    value = {
        "Password": SECRET,
        "Secret": {"a": [SECRET, 12]},
        "Ticket": {"Title": "x"},
        "n": [1, None, f"7T:{SECRET}"],
    }

    safe = REDACTION.value(value, {})

    assert safe == {
        "Password": PRINT,
        "Secret": {"a": [PRINT, REDACTION.fingerprint("12")]},
        "Ticket": {"Title": "x"},
        "n": [1, None, f"7T:{PRINT}"],
    }


def test_secrets_of_a_call_are_nowhere_in_its_entry(journal, tiny):
    got = f"Bearer 8A:Cust12345.{SECRET}"
    id = added(
        journal,
        tiny,
        method="PUT",
        path=f"/api/v1/Contact/8A:Cust1.{SECRET}",
        body={"Password": SECRET, "Name": "Acme"},
        authorization=got,
        headers=[("Cookie", f"a={SECRET}"), ("SO-AppToken", SECRET)],
        reply=json.dumps({"echo": SECRET, "access_token": SECRET}).encode(),
        reply_headers=[("Set-Cookie", f"b={SECRET}")],
        violations=[
            violation(where="header Authorization", message=f"expected x, got {got!r}", got=got),
            violation(where="body.Name", message=f"{SECRET} is not a name", got=SECRET),
            violation(where="body.Password", message="expected a boolean, got '12'", got="12"),
        ],
        value={"Password": SECRET},
    )

    entry = journal.get(id)

    assert SECRET not in json.dumps(entry)
    assert entry["verdict"]["violations"][2]["got"].startswith("#")
    assert "12" not in entry["verdict"]["violations"][2]["message"].split("#")[0]
    assert entry["request"]["headers"][
        "Authorization"
    ] == "Bearer 8A:Cust12345." + journal.redaction.fingerprint(SECRET)


@pytest.mark.parametrize(
    "secret",
    ["u00e9-long", "near_misses", "12345678", "-1234567.5", 'é\u2028"\\n-quoted', "\ud800-half", "null,1"],
)
def test_an_entry_can_be_read_whatever_a_secret_of_its_call_is(journal, tiny, secret):
    # In the entry's JSON these would spell an escape, the name of a member or a number.
    number = float(secret) if secret.strip("-.0123456789") == "" else 1
    id = added(
        journal,
        tiny,
        method="PUT",
        body={"Password": secret},
        violations=[violation(message=f"x\u00e9-long {secret}", got=secret)],
        near_misses=[NearMiss("s", "s#1", (Difference("body.Name", {"equalTo": secret}, number),))],
        value={"Password": secret, "Name": secret, "Count": number, secret: 1},
        content_type="application/xml",
    )

    entry = journal.get(id)

    assert entry["near_misses"][0]["scenario"] == "s"
    assert secret not in entry["request"]["value"].values()
    assert secret not in json.dumps(entry, ensure_ascii=False).replace("near_misses", "", 1)


def test_a_call_that_waits_shows_no_secret_either(journal):
    id = journal.arrive(call("PUT", body={"Password": SECRET}, authorization=f"Basic {SECRET}"))

    assert SECRET not in json.dumps([journal.get(id), *journal.find(text="password")])


def test_no_secret_reaches_the_file(tmp_path, tiny):
    from mockso.journal.journal import Journal

    journal = Journal(str(tmp_path / "calls.db"))
    for body in (
        f'{{"Password":"{SECRET}"}}',
        f"<Password>{SECRET}</Password>",
        f"a={SECRET}&password={SECRET}",
    ):
        added(journal, tiny, method="PUT", body=body.encode(), authorization=f"SOTicket 7T:{SECRET}")

    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    journal.close()

    assert b"Password" in stored
    assert SECRET.encode() not in stored


@pytest.fixture
def journal():
    from mockso.journal.journal import Journal

    made = Journal()
    yield made
    made.close()


@pytest.mark.parametrize("name", ["Authorization", "authorization", "Proxy-Authorization", "Cookie"])
def test_a_header_that_a_body_names_is_as_secret_as_one_that_is_sent(name):
    # The custom headers of a webhook.
    body = {"Headers": {name: f"Custom {SECRET}", "X-Mine": "plain"}}

    assert SECRET not in edited(json.dumps(body))
    assert SECRET not in str(REDACTION.value(body, {}))
    assert SECRET.encode() not in REDACTION.body(json.dumps(body).encode(), "application/json", "", {})
    assert "plain" in edited(json.dumps(body))
