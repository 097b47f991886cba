"""The page, as far as it can be read without a browser; test_page_in_browser.py looks at it in one."""

from dataclasses import replace

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.exchange.call import Difference, NearMiss
from mockso.journal.entry import summary
from mockso.journal.journal import Journal
from mockso.journal.show import cells
from mockso.web.admin.body_lines import body_lines
from mockso.web.app import make_app
from tests.conftest import NOON, call
from tests.journal.entries import added, finished, violation


@pytest.fixture
def journal():
    return Journal()


@pytest.fixture
def client(shipped, journal):
    engine = Engine(Settings(), [shipped], journal, clock=lambda: NOON)
    yield make_app(engine).test_client()
    engine.close()


def test_calls_are_listed_with_what_was_wrong(client, journal, shipped):
    added(journal, shipped, violations=[violation(message="<b>wrong</b>")], status=400)

    text = client.get("/__mockso/").text

    assert 'href="/__mockso/page/calls/1"' in text
    assert "&lt;b&gt;wrong&lt;/b&gt;" in text
    assert "<b>wrong" not in text


def test_a_delivery_without_an_answer_neither_waits_nor_is_judged(client, journal, shipped):
    id = journal.arrive(call(), "out")
    waits = client.get("/__mockso/").text
    journal.add(replace(finished(shipped, id), reply=None, direction="out"))

    text, one = client.get("/__mockso/").text, client.get(f"/__mockso/page/calls/{id}").text

    assert "<td>...</td>" in waits
    assert "<td>no answer</td>" in text
    assert "verdict clean" not in text + one
    assert "What the mock sends itself is not judged." in one
    assert cells(summary(journal.get(id)))[4] == "none"


def test_calls_are_filtered_by_the_form(client, journal, shipped):
    added(journal, shipped, tenant="")
    added(journal, shipped, tenant="Cust2", status=404)

    onsite = client.get("/__mockso/?tenant=-&text=&status=").text
    other = client.get("/__mockso/?status=4xx&verdict=").text

    assert 'id="call-1"' in onsite
    assert 'id="call-2"' not in onsite
    assert 'id="call-2"' in other
    assert 'id="call-1"' not in other


def test_a_filter_that_is_wrong_is_said_on_the_page(client):
    answer = client.get("/__mockso/?status=abc")

    assert answer.status_code == 400
    assert "&#39;abc&#39; is not a status" in answer.text


@pytest.mark.parametrize(
    "name",
    ["GET Contact/17", "get contact/{id}", "GET /api/v1/Contact/17", "GET GetContactEntity", "*getcontact*"],
)
def test_the_filter_takes_a_method_with_an_address_or_a_name(client, journal, shipped, name):
    added(journal, shipped)
    added(journal, shipped, method="POST", path="/api/v1/Agents/User/SaveUntrustedCredentials")

    text = client.get("/__mockso/", query_string={"operation": name}).text
    one = client.get("/__mockso/page/calls/1", query_string={"operation": name})

    assert 'id="call-1"' in text
    assert 'id="call-2"' not in text
    assert one.status_code == 200
    assert "/__mockso/page/calls/2" not in one.text


def test_the_filter_takes_what_an_agent_is_called_by(client, journal, shipped):
    added(journal, shipped)
    added(journal, shipped, method="POST", path="/api/v1/Agents/User/SaveUntrustedCredentials")

    for name in ("POST Agents/User/SaveUntrustedCredentials", "POST SaveUntrustedCredentials"):
        text = client.get("/__mockso/", query_string={"operation": name}).text

        assert 'id="call-2"' in text
        assert 'id="call-1"' not in text


@pytest.mark.parametrize("path", ["/__mockso/", "/__mockso/page/calls/1"])
def test_a_filter_that_names_no_operation_says_what_is_near(client, journal, shipped, path):
    added(journal, shipped)

    answer = client.get(path, query_string={"operation": "GET Contakt"})

    assert answer.status_code == 400
    assert "no operation &#39;GET Contakt&#39;. Near it: " in answer.text


def test_calls_come_in_pages(client, journal, shipped):
    for _ in range(60):
        added(journal, shipped)

    first = client.get("/__mockso/").text
    second = client.get("/__mockso/?after=11").text

    assert 'href="/__mockso/?after=11"' in first
    assert 'id="call-10"' in second
    assert "Newest" in second
    assert "Older" not in second


def test_a_call_has_its_neighbours_and_its_near_misses(client, journal, shipped):
    for _ in range(3):
        added(journal, shipped, near_misses=[NearMiss("a", "a#1", (Difference("query id", 1, "<2>"),))])

    text = client.get("/__mockso/page/calls/2").text

    assert 'href="/__mockso/page/calls/3"' in text
    assert 'href="/__mockso/page/calls/1"' in text
    assert "\\u003c2\\u003e" in text
    assert client.get("/__mockso/page/calls/9").status_code == 404


def test_a_filter_is_kept_when_a_call_is_opened_and_left(client, journal, shipped):
    for status in (404, 200, 404, 404):
        added(journal, shipped, status=status)

    listed = client.get("/__mockso/?status=4xx&after=4").text
    one = client.get("/__mockso/page/calls/3?status=4xx&after=4").text
    wrong = client.get("/__mockso/page/calls/3?status=abc")

    assert 'href="/__mockso/page/calls/3?status=4xx&amp;after=4"' in listed
    assert 'href="/__mockso/?status=4xx&amp;after=4#call-3"' in one
    assert 'href="/__mockso/page/calls/4?status=4xx"' in one
    assert 'href="/__mockso/page/calls/1?status=4xx"' in one
    assert (wrong.status_code, "is not a status" in wrong.text) == (400, True)


def test_a_step_for_another_operation_is_no_near_miss_on_the_page(client, journal, shipped):
    other = Difference("operation", "v1PersonEntity_*", "v1ContactEntity_GetContactEntity")
    added(journal, shipped, near_misses=[NearMiss("a", "a#1", (other,))])

    assert "near miss" not in client.get("/__mockso/").text
    assert "a#1" not in client.get("/__mockso/page/calls/1").text


MINE = """
name: mine
steps:
  - match: {operation: 'v1ContactEntity_GetContactEntity', query: {'$select': 'Name'}}
    reply: {status: 429}
"""


def test_a_call_shows_the_change_that_helps_and_its_command(client):
    client.get("/Cust1/api/v1/Contact/1")
    client.post("/__mockso/page/scenarios/play", data={"yaml": MINE, "tenant": "Cust1"})
    client.get("/Cust1/api/v1/Contact/1?$select=name", headers={"Authorization": "Bearer 8A:Cust1.x"})

    text = client.get("/__mockso/page/calls/2").text

    assert "expected by the step" in text
    assert "So that mine#1 answers" in text
    assert "&#34;path&#34;: &#34;/steps/0/match/query/$select&#34;" in text
    assert 'data-copy="Copy the patch"' in text
    assert "--fix" not in text  # it has no file
    assert "curl --globoff --include" in text


def test_a_message_has_a_row_of_its_own(client, journal, shipped):
    added(journal, shipped, violations=[violation(message="a long story")], status=400)

    assert '<td colspan="7">a long story</td>' in client.get("/__mockso/").text


@pytest.mark.parametrize(
    "path", ["nowhere", "page/nowhere", "page/calls/99", "docs/nowhere", "page/scenarios/nowhere"]
)
def test_an_unknown_address_is_a_page_for_a_browser_and_json_for_a_program(client, path):
    browser = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"}
    page = client.get(f"/__mockso/{path}", headers=browser)
    program = client.get(f"/__mockso/{path}", headers={"Accept": "*/*"})

    assert (page.status_code, page.mimetype, "<h1>Not found</h1>" in page.text) == (404, "text/html", True)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (program.status_code, program.mimetype) == (404, "application/json")


@pytest.mark.parametrize("headers", [{"Host": "evil.example"}, {"Origin": "https://evil.example"}])
def test_who_may_not_see_the_page_is_told_nothing_of_what_is_served(client, headers):
    answer = client.get("/__mockso/nowhere", headers={"Accept": "text/html", **headers})

    assert (answer.status_code, answer.mimetype) == (403, "application/json")
    assert "journal in" not in answer.text


def test_the_file_of_a_scenario_can_be_read(client):
    shipped = client.get("/__mockso/page/scenarios/throttled").text
    client.get("/Cust1/api/v1/Contact/1")
    client.post("/__mockso/page/scenarios/play", data={"yaml": MINE})
    own = client.get("/__mockso/page/scenarios/mine").text

    assert 'href="/__mockso/page/scenarios/throttled"' in client.get("/__mockso/page/scenarios").text
    assert "steps:\n" in shipped
    assert "throttled.yaml" in shipped
    assert "It has no file" in own


@pytest.mark.parametrize("name", ["..%2f..%2fpyproject", "%2fetc%2fhosts", "/etc/hosts", "body"])
def test_no_other_file_can_be_read(client, name):
    assert client.get(f"/__mockso/page/scenarios/{name}").status_code == 404


def test_a_scenario_is_played_for_the_tenant_that_is_chosen(client):
    for tenant in ("Cust1", "Cust2"):
        client.get(f"/{tenant}/api/v1/Contact/1")

    played = client.post("/__mockso/page/scenarios/play", data={"name": "throttled", "tenant": "Cust2"})
    text = client.get(played.headers["Location"]).text
    tenants = client.get("/__mockso/tenants").json["tenants"]

    assert '<option value="Cust2" selected>' in text
    assert {one["name"]: one["scenarios"] for one in tenants} == {"Cust1": [], "Cust2": ["throttled"]}


def test_an_operation_a_type_and_a_part_of_a_name_are_found_in_the_contract(client):
    operation = client.get("/__mockso/page/contract?q=SaveUntrustedCredentials").text
    typed = client.get("/__mockso/page/contract?q=UntrustedCredentials").text
    part = client.get("/__mockso/page/contract?q=ContactAgent_Get").text
    nothing = client.get("/__mockso/page/contract?q=SaveUntrustedCredentialz").text

    assert "Restricted" in operation
    assert "SuperOffice.CRM.Services.UntrustedCredentials" in typed
    assert "/page/contract/v1ContactAgent_GetContactEntity" in part
    assert "Near are" in nothing
    assert "operations</h2>" in client.get("/__mockso/page/contract").text


def test_an_archive_provider_and_the_columns_of_a_collection_are_found_in_the_contract(client):
    provider = client.get("/__mockso/page/contract?q=findcontact").text
    column = client.get("/__mockso/page/contract?q=FindContact+name").text
    misspelt = client.get("/__mockso/page/contract?q=FindContact+nam")
    collection = client.get("/__mockso/page/contract?q=GET+/api/v1/Contact").text

    assert "730 columns, 124 of them without $select" in provider
    assert "type       stringorPK" in column
    assert misspelt.status_code == 400
    assert "Did you mean &#39;name&#39;" in misspelt.text
    assert "columns of the archive SimpleContact" in collection
    assert '<a href="/__mockso/page/contract/SimpleContact">' in collection
    assert "Near are" in client.get("/__mockso/page/contract?q=FindContct").text


def test_scenarios_are_played_and_stopped_by_forms(client):
    client.get("/Cust1/api/v1/Contact/1")

    played = client.post("/__mockso/page/scenarios/play", data={"name": "throttled"})
    text = client.get("/__mockso/page/scenarios").text
    client.post("/__mockso/page/scenarios/reset")
    client.post("/__mockso/page/scenarios/stop", data={"name": "throttled", "tenant": "Cust1"})

    assert played.status_code == 303
    assert "throttled#1" in text
    assert "throttled#1" not in client.get("/__mockso/page/scenarios").text


def test_a_scenario_with_faults_stays_in_its_form(client):
    answer = client.post("/__mockso/page/scenarios/play", data={"yaml": "nam: <x>"})

    assert answer.status_code == 400
    assert "no such key" in answer.text
    assert "nam: &lt;x&gt;</textarea>" in answer.text
    assert client.post("/__mockso/page/scenarios/stop", data={"name": "x"}).status_code == 404


def test_tenants_are_listed(client, journal):
    client.get("/Cust1/api/v1/Contact/1")

    text = client.get("/__mockso/page/tenants").text

    assert "Cust1" in text
    assert "online" in text
    assert "Running" in text


def test_calls_are_deleted_by_a_form(client, journal, shipped):
    added(journal, shipped, tenant="Cust1")
    added(journal, shipped, tenant="Cust2")

    client.post("/__mockso/page/clear", data={"tenant": "Cust1"})
    assert journal.count() == 1
    client.post("/__mockso/page/clear")

    assert journal.count() == 0


def test_a_form_of_another_site_does_nothing(client, journal, shipped):
    added(journal, shipped)

    answer = client.post("/__mockso/page/clear", headers={"Origin": "https://evil.example"})

    assert answer.status_code == 403
    assert journal.count() == 1


def test_the_page_needs_nothing_from_elsewhere(client):
    page = client.get("/__mockso/")

    assert client.get("/__mockso/page/mockso.css").mimetype == "text/css"
    assert client.get("/__mockso/page/mockso.js").mimetype == "text/javascript"
    assert "style=" not in page.text
    assert "onclick" not in page.text
    assert 'src="http' not in page.text


# --- bodies with marks --------------------------------------------------------------------------


def fault(where, severity="error"):
    return {"where": where, "severity": severity, "message": f"{where} is wrong"}


def test_a_fault_is_marked_at_its_line():
    lines = body_lines(
        {"body": '{"Persons":[{"firstname":12}],"A":{}}'},
        [fault("body.Persons[0].Firstname"), fault("body.A", "warning"), fault("query x")],
    )

    assert [line.text for line in lines] == [
        "{",
        '  "Persons": [',
        "    {",
        '      "firstname": 12',
        "    }",
        "  ],",
        '  "A": {}',
        "}",
    ]
    assert [(n, line.severity) for n, line in enumerate(lines) if line.problems] == [
        (3, "error"),
        (6, "warning"),
    ]
    assert lines[3].problems == ("body.Persons[0].Firstname is wrong",)
    assert lines[3].indent == "      "


def test_the_whole_body_can_be_wrong():
    assert body_lines({"body": "[]"}, [fault("body")])[0].problems == ("body is wrong",)


def test_numbers_stay_as_they_were_sent():
    assert [line.text for line in body_lines({"body": f"[1.0, 1e5, {'9' * 5000}]"}, [])] == [
        "[",
        "  1.0,",
        "  1e5,",
        f"  {'9' * 5000}",
        "]",
    ]


@pytest.mark.parametrize("body", ["no json\nat all", "[" * 100 + "]" * 100, '{"a":'])
def test_a_body_that_cannot_be_spread_out_is_shown_as_it_is(body):
    assert [line.text for line in body_lines({"body": body}, [])] == body.splitlines()


def test_no_body_has_no_lines():
    assert body_lines({"body": None}, []) == []


def test_a_tenant_is_steered_by_the_buttons_in_its_row(client):
    client.get("/Cust7/api/v1/Contact/1", headers={"Authorization": "Bearer 8A:Cust7.mockso"})
    page = "/__mockso/page/tenants"

    def press(act):
        answer = client.post(f"{page}/steer", data={"tenant": "Cust7", "act": act})
        assert answer.headers["Location"] == page
        return client.get(f"{page}").text

    def status():
        token = {"Authorization": "Bearer 8A:Cust7.mockso"}
        return client.get("/Cust7/api/v1/Contact/1", headers=token).status_code

    assert "2026-01-01 00:00:00" in client.get(page).text
    assert "2026-01-01 01:00:00" in press("An hour on")
    assert "OfflineMaintenance" in press("Maintenance")
    assert status() == 503
    press("Running")
    press("Expire tokens")
    assert status() == 401
    press("Reset")
    assert status() == 200
    client.post("/__mockso/tenants/Cust7/clock", json={"time": "9998-12-31T23:59:00Z"})
    refusal = client.post(f"{page}/steer", data={"tenant": "Cust7", "act": "An hour on"})
    assert (refusal.status_code, "between 1970 and 9998" in refusal.text) == (400, True)
    assert 'value="Drop" class="danger"' in press("Nonsense")
    press("Drop")
    assert client.get("/__mockso/tenants/Cust7").status_code == 404


def test_a_page_of_another_site_steers_no_tenant(client):
    client.get("/Cust7/api/v1/Contact/1")

    headers = {"Origin": "https://evil.example"}
    answer = client.post(
        "/__mockso/page/tenants/steer", data={"tenant": "Cust7", "act": "Drop"}, headers=headers
    )

    assert answer.status_code == 403
