"""One call from request to finished reply: refusals, answers, headers, the journal."""

import json
import subprocess
import sys
from base64 import b64encode
from dataclasses import replace

import pytest

from mockso.config import Settings
from mockso.contract.model import NOTHING
from mockso.engine import Engine
from mockso.errors import JournalError
from mockso.exchange.message import Reply
from mockso.journal.journal import Journal
from mockso.matching.match import Match
from mockso.scenario.scenario import Scenario, Step
from tests.conftest import NOON, call

ENVELOPE = {"Error", "ErrorType", "Message", "ErrorMessage", "ErrorSource"}


def body(reply: Reply):
    return json.loads(reply.body)


def made(tiny, **settings) -> Engine:
    return Engine(Settings(**settings), [tiny], Journal(), clock=lambda: NOON)


# --- refusals


def test_an_unknown_address_is_404_with_the_nearest_as_a_hint(engine):
    reply = engine.handle(call(path="/api/v1/Contcat"))

    assert reply.status == 404
    assert body(reply)["Message"].startswith(
        "No HTTP resource was found that matches the request URI 'http://localhost/"
    )
    assert reply.header("X-Mockso-Hint") == "/api/v1/Contact"
    assert reply.header("X-Mockso-Fidelity") == "likely"


def test_a_wrong_method_is_405_with_allow(engine):
    reply = engine.handle(call("POST"))

    assert (reply.status, reply.header("Allow")) == (405, "DELETE, GET, PATCH, PUT")
    assert body(reply) == {"Message": "The requested resource does not support http method 'POST'."}


def test_no_credential_is_401_with_the_challenges_of_the_profile(engine):
    online = engine.handle(call(authorization=""))
    onsite = engine.handle(call(authorization="", tenant=""))

    assert (online.status, onsite.status) == (401, 401)
    assert body(online) == {"Message": "Authorization has been denied for this request."}
    assert online.header("WWW-Authenticate") == "Bearer"
    assert [v for n, v in onsite.headers if n == "WWW-Authenticate"] == [
        "Negotiate",
        'Basic realm="SuperOffice"',
    ]


@pytest.mark.parametrize(
    ("setting", "authorization", "challenges"),
    [
        ("authorize_with_username", "Basic bW9ja3NvOm1vY2tzbw==", ["Negotiate"]),
        ("authorize_with_ticket", "SOTicket 7T:x", ["Negotiate", 'Basic realm="SuperOffice"']),
        ("authorize_with_implicit", "Negotiate x", ['Basic realm="SuperOffice"']),
    ],
)
def test_a_scheme_can_be_switched_off_onsite(tiny, setting, authorization, challenges):
    request = call(tenant="", authorization=authorization, headers=[("SO-AppToken", "x")])
    online = replace(request, tenant="Cust1")

    refused = made(tiny, **{setting: False}).handle(request)

    assert (made(tiny).handle(request).status, refused.status) == (200, 401)
    assert [value for name, value in refused.headers if name == "WWW-Authenticate"] == challenges
    assert setting in refused.header("X-Mockso-Reason")
    if "ticket" in setting:
        assert made(tiny, **{setting: False}).handle(online).status == 200


def test_a_restricted_agent_is_403_online_in_lax_mode_too_unless_granted(engine, tiny):
    request = call("POST", "/api/v1/Agents/User/SaveCredentials", {"Type": "x"})

    refused = engine.handle(request)
    granted = made(tiny, grants=("user",)).handle(request)
    onsite = engine.handle(call("POST", "/api/v1/Agents/User/SaveCredentials", {"Type": "x"}, tenant=""))

    assert (refused.status, granted.status, onsite.status) == (403, 204, 204)
    assert set(body(refused)) == ENVELOPE
    assert body(refused)["ErrorType"] == "SoIllegalOperationException"
    assert "--grant User" in refused.header("X-Mockso-Reason")
    assert "tiny.md:7" in refused.header("X-Mockso-Reason")


def test_the_server_answers_the_first_fault_in_its_own_order(engine):
    bad_body = {"Credentials": 1}

    statuses = [
        engine.handle(call("POST", "/api/v1/Agents/User/Nope", bad_body, authorization="")).status,
        engine.handle(call("POST", "/api/v1/Agents/User/SaveCredentials", bad_body, authorization="")).status,
        engine.handle(call("POST", "/api/v1/Agents/User/SaveCredentials", bad_body)).status,
        engine.handle(call("POST", "/api/v1/Contact", b"{", content_type="text/plain")).status,
        engine.handle(call("POST", "/api/v1/Contact", b"{")).status,
    ]

    assert statuses == [404, 401, 403, 415, 400]


def test_a_wrong_body_is_400_with_its_places(engine):
    reply = engine.handle(
        call("POST", "/api/v1/Contact", {"ContactId": "many", "Persons": [{"PersonId": []}]})
    )

    assert reply.status == 400
    assert set(body(reply)["ModelState"]) == {"entity.ContactId", "entity.Persons[0].PersonId"}
    assert "body.ContactId: expected a whole number" in reply.header("X-Mockso-Reason")


def test_a_missing_argument_of_an_agent_is_the_framework_s_error(engine):
    reply = engine.handle(call("POST", "/api/v1/Agents/Contact/GetContactEntity"))

    assert reply.status == 400
    assert body(reply) == {
        "Message": "The request is invalid.",
        "MessageDetail": "The parameters dictionary contains a null entry for parameter 'contactEntityId'.",
    }
    assert reply.header("X-Mockso-Fidelity") == "firm"


def test_agent_errors_can_come_as_200(tiny):
    engine = made(tiny, agent_errors="ok_with_error")

    reply = engine.handle(call("POST", "/api/v1/Agents/Contact/GetContactEntity"))

    assert reply.status == 200
    assert body(reply)["Message"] == "The request is invalid."


def test_a_missing_entity_is_an_argument_exception(engine):
    reply = engine.handle(call("POST", "/api/v1/Contact"))

    assert (reply.status, body(reply)["ErrorType"]) == (400, "ArgumentException")


def test_a_row_of_a_table_operation_has_a_cell_for_each_column(shipped):
    """Section 17."""
    engine = Engine(Settings(), [shipped], Journal())
    path, columns = (
        "/api/v1/Agents/DatabaseTable/Insert",
        {"TableName": "contact", "columns": ["name", "orgnr"]},
    )

    good = engine.handle(call("POST", path, {**columns, "Data": [["a", "1"], ["b", "2"]]}))
    bad = engine.handle(call("POST", path, {**columns, "Data": [["a", "1"], ["b"]]}))

    assert good.status == 200
    assert (bad.status, body(bad)["ErrorType"]) == (400, "SoMassOperationException")
    assert bad.header("X-Mockso-Reason").startswith("body.Data[1]: cells in the row: 1, columns: 2")


@pytest.mark.parametrize("method", ["Insert", "Upsert", "Delete", "Truncate"])
def test_a_protected_table_is_left_alone(shipped, method):
    engine = Engine(Settings(protected_tables=("License",)), [shipped], Journal())

    def asked(table):
        return engine.handle(call("POST", f"/api/v1/Agents/DatabaseTable/{method}", {"TableName": table}))

    assert (asked("license").status, asked("contact").status) == (400, 200)
    assert body(asked("license"))["ErrorType"] == "SoMassOperationException"
    assert "[protected-table, assumed; " in asked("license").header("X-Mockso-Reason")


@pytest.mark.parametrize("key", ["Message", "ErrorMessage"])
def test_the_text_of_the_envelope_can_have_one_name(tiny, key):
    reply = made(tiny, error_text_key=key).handle(call("POST", "/api/v1/Contact"))

    assert set(body(reply)) == {"Error", "ErrorType", key, "ErrorSource"}


def test_a_body_over_the_limit_is_413(tiny):
    assert made(tiny, body_limit=5).handle(call("POST", "/api/v1/Contact", {"Name": "x"})).status == 413


def test_a_wrong_host_is_421(tiny):
    engine = made(tiny, hosts=("sod2.superoffice.com",))

    assert engine.handle(call(headers=[("Host", "sod1.superoffice.com")])).status == 421
    assert engine.handle(call(headers=[("Host", "SOD2.superoffice.com:443")])).status == 200


@pytest.mark.parametrize(
    ("known", "host"), [("::1", "[::1]:8585"), ("[FE80::1]", "[fe80::1]"), ("::1", "[::1]")]
)
def test_a_host_may_be_an_ipv6_address(tiny, known, host):
    engine = made(tiny, hosts=(known,))

    right = engine.handle(call(headers=[("Host", host)]))
    wrong = engine.handle(call(headers=[("Host", "[::2]:8585")]))

    assert (right.status, wrong.status) == (200, 421)
    assert "'::2' does not own" in wrong.header("X-Mockso-Reason")


def test_a_tenant_that_does_not_run_refuses(engine):
    tenant = engine.tenants.of("Cust12345")

    tenant.status = "OfflineMaintenance"
    maintenance = engine.handle(call())
    tenant.status = "Suspended"
    suspended = engine.handle(call())

    assert (maintenance.status, maintenance.header("Retry-After")) == (503, "120")
    assert suspended.status == 403


def test_tenants_never_meet(engine):
    engine.tenants.of("Cust1").grant("User")

    assert (
        engine.handle(call("POST", "/api/v1/Agents/User/SaveCredentials", {}, tenant="Cust1")).status == 204
    )
    assert (
        engine.handle(call("POST", "/api/v1/Agents/User/SaveCredentials", {}, tenant="Cust2")).status == 403
    )


# --- answers


def test_a_valid_call_gets_a_body_with_its_ids(engine):
    reply = engine.handle(call(path="/api/v1/contact/42/"))

    assert reply.status == 200
    assert body(reply)["ContactId"] == 42
    assert body(reply)["_Links"]["Self"] == "http://localhost/Cust12345/api/v1/Contact/42/"
    assert reply.header("Content-Type") == "application/json; charset=utf-8"
    assert reply.header("X-Mockso-Operation") == "getContact"
    assert reply.header("X-Mockso-By") == "entities"


def test_the_ids_of_an_agent_s_query_come_back(engine):
    reply = engine.handle(
        call("POST", "/api/v1/Agents/Contact/GetContactEntity", query=[("ContactEntityId", "5")])
    )

    assert body(reply)["ContactId"] == 5


def test_an_entity_s_own_id_is_found_by_its_name(shipped):
    engine = Engine(Settings(world="open"), [shipped], Journal())

    reply = engine.handle(
        call("POST", "/api/v1/Agents/Appointment/GetAppointmentEntity", query=[("appointmentEntityId", "63")])
    )

    assert body(reply)["AppointmentId"] == 63


def test_an_id_of_another_kind_does_not_become_an_entity_s_own(shipped):
    engine = Engine(Settings(), [shipped], Journal())

    made, example = (
        body(engine.handle(call("POST", "/api/v1/Appointment", sent))) for sent in ({"MotherId": 4}, {})
    )

    assert made["MotherId"] == 4
    assert example["AppointmentId"] == made["AppointmentId"] + 1


def test_a_list_of_ids_gives_an_entity_each(engine):
    reply = engine.handle(call("POST", "/api/v1/Agents/Contact/GetContactList", [4, 9]))

    assert [item["PersonId"] for item in body(reply)] == [4, 9]


def test_what_was_posted_comes_back_in_the_answer(engine):
    posted = {"contactId": 0, "name": "Acme", "Active": None, "Rights": "Read"}

    answer = body(engine.handle(call("POST", "/api/v1/Contact", posted)))

    assert (answer["Name"], answer["Rights"]) == ("Acme", "Read")
    assert answer["ContactId"] > 0
    assert answer["Active"] is not None


def test_what_was_not_sent_is_the_default_after_a_save(engine):
    answer = body(engine.handle(call("PUT", body={"Name": "Acme"})))

    assert (answer["ContactId"], answer["Name"]) == (17, "Acme")
    assert (answer["Turnover"], answer["Persons"], answer["Kind"]) == (0.0, [], "Unknown")
    assert not answer["UpdatedDate"].startswith("0001")


def test_the_id_in_the_address_rules_over_the_body(engine):
    assert body(engine.handle(call("PUT", body={"ContactId": 3})))["ContactId"] == 17


def test_a_merge_patch_comes_back(engine):
    assert body(engine.handle(call("PATCH", body={"Name": "New"})))["Name"] == "New"


def test_no_content_has_no_body_and_no_type(engine):
    reply = engine.handle(call("DELETE"))

    assert (reply.status, reply.body, reply.header("Content-Type")) == (204, NOTHING, "")
    assert reply.header("X-Mockso-Fidelity") == "firm"


def test_select_empties_the_rest(engine):
    reply = engine.handle(call(query=[("$Select", "name")]))

    assert body(reply)["Name"] is not None
    assert body(reply)["ContactId"] is None
    assert reply.header("X-Mockso-Fidelity") == "assumed"


def test_a_default_entity_has_no_links(engine):
    answer = body(engine.handle(call(path="/api/v1/Contact/default")))

    assert (answer["ContactId"], answer["_Links"]) == (0, {})


def test_a_collection_comes_in_the_archive_envelope(engine):
    engine.handle(call("POST", "/api/v1/Contact", {"Name": "Acme"}))

    reply = engine.handle(call(path="/api/v1/Contact", query=[("$select", "name,contact/country")]))

    assert body(reply) == {
        "odata.metadata": "http://localhost/Cust12345/api/v1/Archive//$metadata",
        "odata.nextLink": None,
        "value": [
            {
                "PrimaryKey": "1",
                "EntityName": "contact",
                "name": "Acme",
                "contact/country": "",
            }
        ],
    }
    assert reply.header("DataServiceVersion") == "3.0"


def test_the_ids_of_an_archive_s_row_are_numbers(engine):
    columns = "contactId,name,countryId,category/id"
    engine.handle(call("POST", "/api/v1/Contact", {"Name": "Acme"}))

    row = body(engine.handle(call(path="/api/v1/Contact", query=[("$select", columns)])))["value"][0]

    assert {name: type(row[name]) for name in columns.split(",")} == {
        "contactId": int,
        "name": str,
        "countryId": int,
        "category/id": int,
    }


def test_an_archive_takes_its_options_as_a_form_too(shipped):
    engine = Engine(Settings(), [shipped], Journal())
    form = "application/x-www-form-urlencoded"

    reply = engine.handle(
        call("POST", "/api/v1/Archive/Person", b"$select=fullName&%24top=3", content_type=form)
    )
    wrong = engine.handle(call("POST", "/api/v1/Archive/Person", b"$top=x", content_type=form))

    assert len(body(reply)["value"]) == 3
    assert set(body(reply)["value"][0]) == {"PrimaryKey", "EntityName", "fullName"}
    assert reply.header("X-Mockso-Warning") == ""
    assert wrong.status == 400


def test_the_list_of_archives_names_providers(shipped):
    reply = Engine(Settings(), [shipped], Journal()).handle(call(path="/api/v1/Archive"))

    assert body(reply)["odata.metadata"] == "http://localhost/Cust12345/api/v1/Archive//$metadata"
    names = [row["name"] for row in body(reply)["value"]]
    assert {"name": "Person", "url": "Person"} in body(reply)["value"]
    assert ("Dynamic" in names, "$metadata" in names) == (True, False)
    assert reply.header("DataServiceVersion") == "3.0"


@pytest.mark.parametrize(
    ("path", "query"),
    [
        ("/api/v1/Archive/Person/$metadata", []),
        ("/api/v1/archive/person$Metadata", []),
        ("/api/v1/Archive/Person", [("$metadata", "true"), ("$select", "fullName")]),
    ],
)
def test_the_columns_of_an_archive_come_by_name(shipped, path, query):
    reply = Engine(Settings(), [shipped], Journal()).handle(call(path=path, query=query))

    assert (reply.status, reply.header("X-Mockso-Fidelity")) == (200, "likely")
    assert (reply.header("X-Mockso-Warning"), reply.header("DataServiceVersion")) == ("", "3.0")
    assert body(reply)["getAllRows"]["Name"] == "getAllRows"
    assert body(reply)["getAllRows"]["RestrictionType"] == "bool"


@pytest.mark.parametrize("path", ["Archive/Persn", "Archive/Persn/$metadata", "Archive/Persn$metadata"])
def test_an_archive_nobody_knows_is_404(shipped, path):
    engine = Engine(Settings(), [shipped], Journal())
    lenient = Engine(Settings(unknown_provider="ignore"), [shipped], Journal())

    refused = engine.handle(call(path=f"/api/v1/{path}"))
    ignored = lenient.handle(call(path=f"/api/v1/{path}"))

    assert (refused.status, refused.header("X-Mockso-Hint")) == (404, "Person")
    assert set(body(refused)) == {"Message"}
    assert "[unknown-provider, assumed; introduction]" in refused.header("X-Mockso-Reason")
    assert (ignored.status, "unknown-provider" in ignored.header("X-Mockso-Warning")) == (200, True)


@pytest.mark.parametrize("name", ["Person", "PERSON", "Dynamic", "personfavourites", "$metadata"])
def test_an_archive_is_known_in_any_letter_case(shipped, name):
    reply = Engine(Settings(), [shipped], Journal()).handle(call(path=f"/api/v1/Archive/{name}"))

    assert (reply.status, reply.header("X-Mockso-Warning")) == (200, "")


@pytest.mark.parametrize("path", ["/api/v1/Contact", "/api/v1/Archive/Person", "/api/v1/Contact/7/Persons"])
@pytest.mark.parametrize(
    ("option", "value", "rule"),
    [
        ("$top", "-1", "negative-rows"),
        ("$skip", "-5", "negative-rows"),
        ("$filter", "name begins 'a", "filter-syntax"),
    ],
)
def test_options_that_no_archive_takes_are_400(shipped, path, option, value, rule):
    reply = Engine(Settings(), [shipped], Journal()).handle(call(path=path, query=[(option, value)]))

    assert (reply.status, body(reply)["ErrorType"]) == (400, "ArgumentException")
    assert f"query {option}: " in reply.header("X-Mockso-Reason")
    assert f"[{rule}, assumed; introduction]" in reply.header("X-Mockso-Reason")


def test_the_principal_belongs_to_the_tenant(shipped):
    engine = Engine(Settings(), [shipped], Journal())

    principal = body(engine.handle(call(path="/api/v1/User/currentPrincipal")))

    assert principal["DatabaseContextIdentifier"] == "Cust12345"


def test_the_current_user_is_blocked_online_whatever_is_granted(shipped):
    engine = Engine(Settings(grants=("*",)), [shipped], Journal())

    online = engine.handle(call(path="/api/v1/User/current"))
    onsite = engine.handle(call(path="/api/v1/User/current", tenant=""))

    assert (online.status, onsite.status) == (403, 200)
    assert body(online)["ErrorType"] == "SoIllegalOperationException"
    assert online.header("X-Mockso-Fidelity") == "assumed"
    assert "[online-blocked, assumed;" in online.header("X-Mockso-Reason")


@pytest.mark.parametrize(
    ("authorization", "tenant", "token"),
    [
        ("Bearer 8A:Cust12345.mine", "Cust12345", "8A:Cust12345.mine"),
        ("SOTicket 7T:x", "Cust12345", "8A:Cust12345.mockso"),
        ("Basic dTpw", "", "8A:Default.mockso"),
    ],
)
def test_the_current_token_is_the_caller_s(shipped, authorization, tenant, token):
    engine = Engine(Settings(), [shipped], Journal())
    app = [("SO-AppToken", "x")]

    reply = engine.handle(
        call(path="/api/v1/User/currentToken", tenant=tenant, authorization=authorization, headers=app)
    )

    assert body(reply) == token
    entry = engine.journal.get(reply.header("X-Mockso-Call"))
    assert token not in json.dumps(entry, default=str)


def test_a_batch_task_advances_with_each_read(shipped):
    engine = Engine(Settings(), [shipped], Journal())

    def state(task, tenant="Cust12345"):
        return body(engine.handle(call(path=f"/api/v1/BatchTask/{task}", tenant=tenant)))["State"]

    agent = engine.handle(call("POST", "/api/v1/Agents/Batch/GetBatchTaskInfo", {"BatchTaskId": 8}))

    assert [state(7) for _ in range(4)] == ["New", "Started", "Succeeded", "Succeeded"]
    assert (body(agent)["Id"], body(agent)["State"], state(8)) == (8, "New", "Started")
    assert state(7, "Cust2") == "New"


def test_streams_are_raw_bytes_or_base64_as_asked(engine):
    raw = engine.handle(call(path="/api/v1/Document/3/Content"))
    asked = engine.handle(call(path="/api/v1/Document/3/Content", headers=[("Accept", "application/json")]))
    json_text = engine.handle(call(path="/api/v1/Document/3/Bytes"))
    raw_bytes = engine.handle(
        call(path="/api/v1/Document/3/Bytes", headers=[("Accept", "application/octet-stream")])
    )

    assert raw.header("Content-Type") == raw_bytes.header("Content-Type") == "application/octet-stream"
    assert body(json_text) == body(asked) == b64encode(raw.body).decode()
    assert raw_bytes.body == raw.body


@pytest.mark.parametrize(
    ("accept", "kind"),
    [
        ("", "application/json"),
        ("*/*", "application/json"),
        ("text/json", "text/json"),
        ("application/xml", "application/xml"),
        ("text/xml;q=0.9, application/json;q=0.5", "text/xml"),
        ("application/json, text/xml", "application/json"),
        ("application/xml;q=0, */*", "application/json"),
        ("aplication/json", "application/json"),
        ("application/html", "application/json"),
        ("application/json-patch+json", "application/json"),
        ("text/xml;q=nonsense", "application/json"),
    ],
)
def test_accept_decides_the_form_and_is_never_406(engine, accept, kind):
    reply = engine.handle(call(headers=[("Accept", accept)]))

    assert reply.status == 200
    assert reply.header("Content-Type") == f"{kind}; charset=utf-8"


def test_format_beats_accept(engine):
    reply = engine.handle(call(headers=[("Accept", "application/json")], query=[("$format", "XML")]))

    assert reply.body.startswith(b'<?xml version="1.0" encoding="utf-8"?><ContactEntity xmlns:i=')


def test_an_xml_answer_reads_back_as_what_json_says(engine, tiny):
    from mockso.contract.model import parse_type
    from mockso.formats.codec import decode

    as_json = body(engine.handle(call()))
    as_xml = engine.handle(call(headers=[("Accept", "text/xml")])).body

    read = decode(as_xml, "text/xml", parse_type("So.ContactEntity"), tiny)
    for name, value in as_json.items():
        assert read[name] == value, name


def test_the_vendor_s_headers_are_there_once(engine):
    reply = engine.handle(call())
    names = [name for name, _ in reply.headers]

    assert (reply.header("Cache-Control"), reply.header("Pragma"), reply.header("Expires")) == (
        "no-cache",
        "no-cache",
        "-1",
    )
    assert [v for n, v in reply.headers if n == "X-Powered-By"] == ["NetServer/11.9.123.0", "ASP.NET"]
    assert names.count("Content-Type") == 1
    assert "DataServiceVersion" not in names


def test_a_warning_is_told_in_a_header(engine):
    reply = engine.handle(call("POST", "/api/v1/Contact", {"Nmae": "x"}))

    assert reply.status == 200
    assert "body.Nmae" in reply.header("X-Mockso-Warning")


def test_headers_of_explanation_can_be_left_out(tiny):
    for request in (call(), call(path="/api/v1/Contcat")):
        reply = made(tiny, headers=False).handle(request)
        assert not [name for name, _ in reply.headers if name.lower().startswith("x-mockso")]


def test_header_text_is_printable_ascii(engine):
    reply = engine.handle(call("POST", "/api/v1/Contact", {"ContactId": "é\r\nX-Evil: 1"}))

    assert reply.header("X-Mockso-Reason").isascii()
    assert "\n" not in reply.header("X-Mockso-Reason")


# --- documents


def test_the_root_names_versions_without_a_credential(engine):
    request = call(path="/api", authorization="", headers=[("Accept", "application/json")])

    assert body(engine.handle(request))["v1"] == "http://localhost/Cust12345/api/v1/"
    assert (
        engine.handle(call(path="/api", authorization="")).header("Content-Type")
        == "text/html; charset=utf-8"
    )


def test_the_version_lists_the_addresses(engine):
    listing = body(engine.handle(call(path="/api/v1")))

    assert set(listing["http://localhost/Cust12345/api/v1/Contact/{id}"]) == {"DELETE", "GET", "PATCH", "PUT"}
    assert engine.handle(call(path="/api/v1", authorization="")).status == 401


def test_the_version_is_a_help_page_where_html_is_asked_for(engine):
    page = engine.handle(call(path="/api/v1", headers=[("Accept", "text/html,*/*;q=0.8")]))
    json_first = engine.handle(
        call(path="/api/v1", headers=[("Accept", "application/json, text/html;q=0.5")])
    )

    assert page.header("Content-Type") == "text/html; charset=utf-8"
    assert b"/Cust12345/api/v1/Contact/{id}</th><td>DELETE: " in page.body
    assert json_first.header("Content-Type") == "application/json; charset=utf-8"


def test_a_page_shows_the_host_as_text(engine):
    request = replace(call(path="/api", authorization=""), base="http://<script>/api")

    assert b"<script>" not in engine.handle(request).body


def test_get_on_an_agent_describes_the_call_and_does_not_run_it(engine):
    reply = engine.handle(call(path="/api/v1/Agents/Contact/GetContactEntity"))

    assert (reply.status, list(body(reply))) == (200, ["POST"])
    assert body(reply)["POST"].startswith("?contactEntityId={contactEntityId}")


# --- contracts, scenarios, journal


def test_a_second_contract_answers_what_the_first_lacks(tiny, shipped):
    engine = Engine(Settings(), [tiny, shipped], Journal())

    assert engine.handle(call()).header("X-Mockso-Operation") == "getContact"
    assert (
        engine.handle(call(path="/api/v1/Person/3")).header("X-Mockso-Operation")
        == "v1PersonEntity_GetPersonEntity"
    )


def test_a_scenario_answers_before_the_contract(tiny):
    step = Step(
        Match.from_json({"operation": "getContact"}, "test"), Reply(429, {"Message": "slow down"}), times=1
    )
    engine = Engine(Settings(), [tiny], Journal(), [Scenario("limited", steps=(step,))])

    first, second = engine.handle(call()), engine.handle(call())

    assert (first.status, first.header("X-Mockso-By"), second.status) == (429, "scenario", 200)


def test_only_scenarios_makes_a_miss_an_error_that_explains_itself(tiny):
    step = Step(Match.from_json({"operation": "putContact"}, "test"), Reply(200, {}))
    engine = Engine(Settings(only_scenarios=True), [tiny], Journal(), [Scenario("only", steps=(step,))])

    reply = engine.handle(call())

    assert reply.status == 501
    assert "putContact" in reply.header("X-Mockso-Hint")


def test_each_tenant_counts_its_own_steps(tiny):
    step = Step(Match.from_json({"operation": "getContact"}, "test"), Reply(429, {}), times=1)
    engine = Engine(Settings(), [tiny], Journal(), [Scenario("limited", steps=(step,))])

    assert [engine.handle(call(tenant=name)).status for name in ("Cust1", "Cust2", "Cust1")] == [
        429,
        429,
        200,
    ]


def test_the_journal_has_the_call_with_its_verdict_and_reply(engine):
    reply = engine.handle(call("POST", "/api/v1/Contact", {"Nmae": "x"}))

    entry = engine.journal.get(reply.header("X-Mockso-Call"))

    assert entry["operation"] == "postContact"
    assert entry["reply"]["status"] == 200
    assert entry["verdict"]["violations"][0]["rule"] == "unknown-property"


def test_the_name_of_a_misspelt_secret_stays_readable(shipped):
    engine = Engine.open(Settings(grants=("User",)))
    posted = {"Credentials": {"SecretValu": "hunter2"}}
    reply = engine.handle(call("POST", "/api/v1/Agents/User/SaveUntrustedCredentials", posted))
    entry = engine.journal.get(reply.header("X-Mockso-Call"))
    engine.close()

    assert "no property 'SecretValu'" in entry["verdict"]["violations"][0]["message"]
    assert "Did you mean 'SecretValue'?" in entry["verdict"]["violations"][0]["message"]
    assert "hunter2" not in json.dumps(entry)


@pytest.mark.parametrize(
    ("settings", "kept"),
    [({}, False), ({"redact": ("Firstname",)}, False), ({"redaction": False}, True)],
)
def test_redaction_can_be_widened_and_switched_off(shipped, settings, kept):
    engine = Engine.open(Settings(**settings))
    reply = engine.handle(call("POST", "/api/v1/Person", {"Firstname": "Ann-Sofie", "Lastname": "Berg"}))
    entry = json.dumps(engine.journal.get(reply.header("X-Mockso-Call")))
    engine.close()

    assert ("8A:Cust12345.abc" in entry) is kept
    assert ("Ann-Sofie" in entry) is ("redact" not in settings)
    assert "Berg" in entry


def test_a_reply_that_cannot_be_made_is_told_as_its_author_s_fault(tiny):
    from mockso.scenario.check import Checker
    from mockso.scenario.load import read_scenario

    text = "name: t\nsteps:\n  - match: {operation: putContact}\n    reply: {body: {Name: '{{ request.body.Nam }}'}}\n"
    engine = Engine(Settings(), [tiny], Journal(), [read_scenario(text, "t.yaml", Checker(tiny))])

    reply = engine.handle(call("PUT", body={"Name": "x"}))

    assert reply.status == 500
    assert reply.header("X-Mockso-Reason").startswith("t.yaml:")


def test_the_profile_of_a_scenario_becomes_the_tenant_s(tiny):
    step = Step(Match.from_json({"operation": "putContact"}, "test"))
    engine = Engine(Settings(), [tiny], Journal(), [Scenario("onsite", steps=(step,), profile="onsite")])

    assert engine.handle(call(authorization="Basic dTpw")).status == 200


def test_a_bug_of_ours_is_a_500_with_its_traceback_in_the_journal_and_a_line_in_the_terminal(
    engine, monkeypatch, capsys
):
    def broken(*_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr("mockso.engine.judge", broken)
    reply = engine.handle(call())

    assert (reply.status, body(reply)) == (500, {"Message": "An error has occurred."})
    assert "ZeroDivisionError: oops" in reply.header("X-Mockso-Reason")
    assert "ZeroDivisionError" in json.dumps(engine.journal.get(reply.header("X-Mockso-Call")))
    assert "GET /api/v1/Contact/17: a bug in mockso: ZeroDivisionError: oops\n" in capsys.readouterr().err


def test_a_call_that_cannot_be_written_down_is_a_503_that_says_so(engine, monkeypatch):
    def full(call):
        raise JournalError("calls.db: the call 1 cannot be written (database or disk is full).")

    monkeypatch.setattr(engine.journal, "add", full)
    reply = engine.handle(call())

    assert (reply.status, body(reply)) == (503, {"Message": "An error has occurred."})
    assert "disk is full" in reply.header("X-Mockso-Reason")


def test_a_step_that_cannot_make_its_reply_is_named_all_the_same(engine):
    def broken(call):
        raise ZeroDivisionError

    scenario = Scenario("s", steps=(Step(Match(operation="getContact"), broken, times=1),))
    engine.tenants.of("Cust12345").play(scenario)

    reply = engine.handle(call())

    entry = engine.journal.get(reply.header("X-Mockso-Call"))
    assert (reply.status, entry["step"], entry["operation"]) == (500, "s#1", "getContact")
    assert "ZeroDivisionError" in entry["note"]


def test_importing_the_engine_loads_nothing_that_a_first_call_can_do_without():
    """Each of these waits for its first use: see "Imports that wait" on the page of the architecture."""
    late = {"html", "traceback", "hashlib", "secrets", "random", "yaml", "flask", "marshmallow", "werkzeug"}
    late |= {f"mockso.{name}" for name in ("answer.example", "contract.kinds", "contract.plausible")}
    late |= {f"mockso.{name}" for name in ("journal.filter", "login", "scenario.play", "webhooks")}
    code = "import sys; before = set(sys.modules); import mockso.engine; print(*set(sys.modules) - before)"

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    modules = ended.stdout.split()

    assert late.isdisjoint(modules)
    assert [name for name in modules if name.startswith("mockso.entities.")] == [
        "mockso.entities.example_list"
    ]
    assert len([name for name in modules if name.startswith("mockso.")]) <= 68


def test_calls_that_log_nobody_in_load_nothing_of_the_login():
    code = (
        "import sys; from mockso.testing.mock import open_mock; from tests.conftest import call\n"
        "engine = open_mock().engine\n"
        "assert engine.handle(call()).status == 200\n"
        "assert engine.handle(call('PUT', '/api/v1/Contact/1', {'Name': 'a'})).status == 200\n"
        "print(*sys.modules)"
    )

    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)

    assert not [name for name in ended.stdout.split() if name.startswith(("cryptography", "mockso.login"))]


def test_an_address_asked_again_is_looked_up_as_the_first_time(tiny):
    engine = made(tiny, cors_enable=True)
    asked = [
        call("OPTIONS", headers=[("Origin", "http://localhost")]),
        call("OPTIONS"),
        call("GET"),
        call("GET", path="/api/v1/Contact/18"),
    ]

    first = [engine.find(request) for request in asked]
    again = [engine.find(request) for request in asked]

    assert first == again
    assert [lookup.operation.id if lookup.operation else None for lookup in first] == [
        "mockso_Options",
        None,
        "getContact",
        "getContact",
    ]
    assert first[2].path_arguments != first[3].path_arguments


def test_a_failure_before_there_is_a_call_is_a_500_written_down_and_told(engine, monkeypatch, capsys):
    def fail(*_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(engine.tenants, "of", fail)
    reply = engine.handle(call())

    entry = engine.journal.get(reply.header("X-Mockso-Call"))
    assert reply.status == 500
    assert "ZeroDivisionError: oops" in reply.header("X-Mockso-Reason")
    assert "Traceback" in entry["note"]
    line = "mockso: a call that arrived, GET /api/v1/Contact/17: a bug in mockso: ZeroDivisionError: oops\n"
    assert capsys.readouterr().err == line


def test_a_failure_that_the_journal_does_not_take_either_is_told(engine, monkeypatch, capsys):
    def fail(*_):
        raise ZeroDivisionError("oops")

    monkeypatch.setattr(engine.journal, "arrive", fail)
    reply = engine.handle(call())

    assert reply.status == 500
    assert "ZeroDivisionError: oops" in reply.header("X-Mockso-Reason")
    assert "not in the journal either" in capsys.readouterr().err


def test_a_call_that_cannot_be_shown_is_answered(engine, capsys):
    def fail(_):
        raise OSError(32, "Broken pipe")

    engine.on_call = fail
    reply = engine.handle(call())

    assert reply.status == 200
    assert f"call {reply.header('X-Mockso-Call')} could not be shown: Broken pipe" in capsys.readouterr().err


def test_a_terminal_that_is_gone_keeps_nobody_from_an_answer(engine, monkeypatch):
    class Gone:
        def write(self, text):
            raise OSError(5, "Input/output error")

    monkeypatch.setattr("mockso.engine.judge", lambda *_: 1 / 0)
    monkeypatch.setattr("sys.stderr", Gone())

    assert engine.handle(call()).status == 500
