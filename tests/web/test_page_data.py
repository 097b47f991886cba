"""The page Data: kinds with counts, the rows of one, one row with its calls; at 700 and 390 pixels too."""

import re

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.journal.journal import Journal
from mockso.web.app import make_app
from mockso.web.server import Server
from tests.web.browser import MISSING, Browser

PAGE = "/__mockso/page/data"
FITS = "return document.readyState == 'complete' && document.documentElement.scrollWidth <= innerWidth"
TOKEN = {"Authorization": "Bearer 8A:Cust1.abc"}


@pytest.fixture
def engine(shipped):
    engine = Engine(Settings(world="closed"), [shipped], Journal())
    yield engine
    engine.close()


@pytest.fixture
def client(engine):
    return make_app(engine).test_client()


def call(client, method, path, body=None, tenant="Cust1"):
    token = {"Authorization": f"Bearer 8A:{tenant}.abc"}
    answer = client.open(f"/{tenant}/api/v1/{path}", method=method, json=body, headers=token)
    assert answer.status_code < 300, answer.text
    return answer.headers["X-Mockso-Call"]


def text_of(html):
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def test_kinds_are_shown_with_their_counts_people_s_work_first(client):
    call(client, "POST", "Contact", {"Name": "Acme"})

    html = client.get(PAGE).text

    assert f'<a href="{PAGE}/Contact?tenant=Cust1">Contact</a> <span class="count">31</span>' in html
    assert html.index(">Contact<") < html.index("Lists and settings") < html.index(">Country<")
    assert f'<a href="{PAGE}/list%3Acontint?tenant=Cust1">' in html


def test_another_tenant_is_chosen(client):
    call(client, "POST", "Contact", {"Name": "Acme"})
    call(client, "GET", "Contact/1", tenant="Cust2")

    assert '<span class="count">30</span>' in client.get(f"{PAGE}?tenant=Cust2").text
    assert '<option value="Cust2" selected>' in client.get(f"{PAGE}?tenant=Cust2").text


def test_rows_have_name_key_and_the_calls_that_made_and_changed_them(client):
    creation = call(client, "POST", "Contact", {"Name": "Acme <b>AS</b>"})
    change = call(client, "PATCH", "Contact/31", {"Department": "North"})

    html = client.get(f"{PAGE}/contact?text=acme").text

    assert "Acme &lt;b&gt;AS&lt;/b&gt;" in html
    assert f'href="{PAGE}/Contact/31?tenant=Cust1"' in html
    assert (
        f'<td data-label="Made by"><a href="/__mockso/page/calls/{creation}">call {creation}</a></td>' in html
    )
    assert (
        f'<td data-label="Changed by"><a href="/__mockso/page/calls/{change}">call {change}</a></td>' in html
    )
    assert "Nordlys Energi AS, Oslo data" in text_of(client.get(f"{PAGE}/Contact").text)


def test_rows_are_paged(client):
    call(client, "GET", "Contact/1")

    first = client.get(f"{PAGE}/Person").text
    second = client.get(f"{PAGE}/Person?skip=50").text

    assert first.count('<th scope="row">') == 50
    assert 'rel="next"' in first
    assert second.count('<th scope="row">') == 10
    assert 'rel="next"' not in second


def test_one_row_has_its_properties_its_references_and_its_calls(client):
    change = call(client, "PATCH", "Contact/17", {"Department": "North"})

    html = client.get(f"{PAGE}/Contact/17?tenant=Cust1").text

    assert "Made by the tenant's data" in text_of(html).replace("&#39;", "'")
    assert f"Last changed by call {change} PATCH /api/v1/Contact/17" in text_of(html)
    assert f'<a href="{PAGE}/Country/578?tenant=Cust1">Norway</a>' in html
    assert "$created" not in html
    assert client.get("/__mockso/entities/Contact/17?tenant=Cust1").status_code == 200


@pytest.mark.parametrize(
    ("path", "message"),
    [("Contat", "Did you mean"), ("Contact/77", "is not in this tenant"), ("Contact/x", "whole number")],
)
def test_what_is_not_there_is_told_on_the_page(client, path, message):
    call(client, "GET", "Contact/1")

    answer = client.get(f"{PAGE}/{path}")

    assert answer.status_code in (400, 404)
    assert message in answer.text


def test_a_tenant_is_reset_from_the_page(client):
    call(client, "POST", "Contact", {"Name": "Acme"})

    answer = client.post(f"{PAGE}/reset", data={"tenant": "Cust1"})

    assert (answer.status_code, answer.headers["Location"]) == (303, f"{PAGE}?tenant=Cust1")
    assert '<span class="count">30</span>' in client.get(PAGE).text


def test_without_a_tenant_the_page_says_so(client):
    assert "No tenant was called yet." in client.get(PAGE).text
    assert "No tenant was called yet." in client.get(f"{PAGE}/Contact/1").text


@pytest.mark.skipif(bool(MISSING), reason=MISSING or "a browser is there")
def test_it_fits_narrow_windows_and_has_a_name_for_everything(engine):
    call(make_app(engine).test_client(), "PATCH", "Contact/17", {"Department": "North" * 30})
    server, browser = Server(engine).start(), Browser()
    try:
        for width in (1200, 700, 390):
            browser.chrome(
                "Emulation.setDeviceMetricsOverride",
                width=width,
                height=900,
                deviceScaleFactor=1,
                mobile=False,
            )
            for path in ("", "/Contact", "/Contact/17"):
                browser.open(f"{server.url}{PAGE}{path}")
                browser.until(lambda: browser.run(FITS))
                assert [text for text in browser.complaints() if "favicon" not in text] == []
    finally:
        browser.close()
        engine.journal.release()
        server.stop()
