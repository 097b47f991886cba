from __future__ import annotations

from dataclasses import replace

import pytest

from mockso.errors import ScenarioError
from mockso.exchange.call import Difference
from mockso.matching.match import Match
from mockso.matching.matcher import Matcher
from mockso.matching.operators import ABSENT
from tests.making import FAULT, GET, SAVE, USER, call, delivery, get, save


def fields(match: Match, of) -> list[str]:
    return [difference.field for difference in Matcher(match).differences(of)]


# --- nothing, names, patterns -------------------------------------------------------------------


def test_a_match_of_nothing_takes_every_accepted_call():
    assert Matcher(Match()).differences(get()) == ()


def test_by_default_a_call_that_breaks_the_contract_does_not_match():
    broken = get(faults=(FAULT,))

    assert Matcher(Match()).differences(broken) == (Difference("verdict", "accepted", "broken"),)
    assert Matcher(Match(verdict="any")).differences(broken) == ()
    assert Matcher(Match(verdict="broken")).differences(broken) == ()
    assert fields(Match(verdict="broken"), get()) == ["verdict"]


@pytest.mark.parametrize(
    "wanted", [GET, GET.lower(), "v1ContactEntity_*", "*Contact*", (SAVE, GET), ["v1User*", "v1Contact*_G*"]]
)
def test_an_operation_matches_by_id_pattern_or_list_letter_case_aside(wanted):
    assert Matcher(Match(operation=wanted)).differences(get()) == ()


def test_a_difference_names_what_was_wanted_and_what_came():
    assert Matcher(Match(operation=SAVE)).differences(get()) == (Difference("operation", SAVE, GET),)


def test_a_call_that_reached_no_operation_differs_by_its_absence():
    lost = call("GET", "/api/v1/Nowhere")

    assert Matcher(Match(operation="v1*")).differences(lost) == (
        Difference("operation", "v1*", {"absent": True}),
    )


def test_every_difference_is_told_not_only_the_first():
    match = Match(operation=SAVE, query={"$top": 5}, body={"Name": "Acme"}, headers={"X-A": "1"})

    assert fields(match, get()) == ["operation", "query $top", "header X-A", "body"]


def test_an_agent_and_a_resource_are_told_apart():
    of_agent = call("POST", "/api/v1/Agents/Contact/GetContactEntity")

    assert Matcher(Match(agent="contact")).matches(of_agent)
    assert not Matcher(Match(resource="Contact")).matches(of_agent)
    assert Matcher(Match(resource="Cont*")).matches(get())
    assert not Matcher(Match(agent="Contact")).matches(get())


def test_restricted_tells_operations_that_online_refuses():
    restricted = call("POST", "/api/v1/Agents/User/SaveUntrustedCredentials", {})

    assert Matcher(Match(restricted=True)).matches(restricted)
    assert Matcher(Match(restricted=True)).differences(get()) == (Difference("restricted", True, False),)
    assert not Matcher(Match(restricted=False)).matches(restricted)


def test_a_method_matches_in_any_letter_case():
    assert Matcher(Match(method="get")).matches(get())
    assert fields(Match(method=["PUT", "DELETE"]), get()) == ["method"]


@pytest.mark.parametrize(
    "path", ["/api/v1/Contact/17", "/API/v1/contact/17/", "/api/v1/Contact/*", "/api/v1/Contact/{id}", "*/17"]
)
def test_a_path_matches_as_text_pattern_or_template(path):
    assert Matcher(Match(path=path)).matches(get())


def test_a_path_that_differs_says_which_it_was():
    assert Matcher(Match(path="/api/v1/Contact/18")).differences(get()) == (
        Difference("path", "/api/v1/Contact/18", "/api/v1/Contact/17"),
    )
    assert Matcher(Match(path={"matches": r".*/\d+"})).matches(get())
    assert not Matcher(Match(path="/api/v1/Person/{id}")).matches(get())


# --- texts --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spec", "value", "holds"),
    [
        ("5", "5", True),
        (5, "5", True),
        (5, "50", False),
        (True, "True", True),
        ({"equalTo": "Name"}, "name", False),
        ({"equalTo": "Name", "caseInsensitive": True}, "name", True),
        ({"contains": "ame"}, "Name", True),
        ({"contains": "AME", "caseInsensitive": True}, "Name", True),
        ({"doesNotContain": "ame"}, "Name", False),
        ({"matches": "N.*"}, "Name", True),
        ({"matches": "N"}, "Name", False),
        ({"doesNotMatch": "N"}, "Name", True),
        ({"absent": False}, "Name", True),
        ({"absent": True}, "Name", False),
        ({"contains": "a", "matches": "N..e"}, "Name", True),
        ({"contains": "a", "matches": "X.*"}, "Name", False),
        ({"before": "2026-02-01"}, "2026-01-31T23:59:59Z", True),
        ({"after": "2026-02-01T00:00:00+01:00"}, "2026-01-31T23:30:00Z", True),
        ({"before": "now"}, "2025-12-31", True),
        ({"after": "now -3 days"}, "2025-12-30", True),
        ({"after": "now +999999 weeks"}, "9999-12-31T23:59:59-12:00", True),
        ({"before": "now +999999 weeks"}, "2026-01-01", True),
        ({"after": "now -999999 days"}, "2026-01-01", True),
        ({"after": "now +1 hour"}, "2026-01-01T00:30:00Z", False),
        ({"before": "now"}, "yesterday", False),
    ],
)
def test_a_query_argument_and_an_operator(spec, value, holds):
    assert (
        Matcher(Match(query={"arg": spec})).matches(call("GET", f"/api/v1/Contact/17?arg={value}")) is holds
    )


def test_a_query_argument_is_found_in_any_letter_case_and_among_several():
    of = call("GET", "/api/v1/Contact/17?$Filter=a&$filter=b")

    assert Matcher(Match(query={"$filter": "b"})).matches(of)
    assert Matcher(Match(query={"$filter": "c"})).differences(of) == (
        Difference("query $filter", "c", ["a", "b"]),
    )


def test_what_is_absent_satisfies_only_absent_and_negative_operators():
    assert Matcher(Match(query={"$top": {"absent": True}})).matches(get())
    assert Matcher(Match(query={"$top": {"doesNotMatch": "1"}})).matches(get())
    assert Matcher(Match(query={"$top": 1})).differences(get()) == (
        Difference("query $top", 1, {"absent": True}),
    )


def test_headers_match_in_any_letter_case():
    of = get(headers={"SO-Language": "nb-NO"})

    assert Matcher(Match(headers={"so-language": {"matches": "nb.*"}})).matches(of)
    assert fields(Match(headers={"SO-Language": "en"}), of) == ["header SO-Language"]


def test_a_credential_matches_by_scheme_tenant_and_application():
    of = get(headers={"Authorization": "Bearer 8A:Cust12345.Zm9v", "SO-AppToken": "app"})

    assert Matcher(Match(credential={"scheme": "Bearer", "tenant": "cust12345", "app_token": "app"})).matches(
        of
    )
    assert fields(Match(credential={"tenant": "Cust9"}), of) == ["credential tenant"]
    assert Matcher(Match(credential={"scheme": "none", "tenant": {"absent": True}})).matches(get())
    assert Matcher(Match(credential={"scheme": "session"})).matches(get(headers={"X-XSRF-TOKEN": "x"}))
    assert Matcher(Match(credential={"scheme": "soticket"})).matches(
        get(headers={"Authorization": "SOTicket 7T:x"})
    )


# --- bodies -------------------------------------------------------------------------------------

BODY = {
    "ContactId": 17,
    "name": "Acme AS",
    "Persons": [{"PersonId": 1, "Firstname": "Ann"}, {"PersonId": 2, "Firstname": "Bo"}],
    "Active": True,
    "Note": None,
}


@pytest.mark.parametrize(
    ("spec", "places"),
    [
        ({"ContactId": 17}, []),
        ({"Name": "Acme AS"}, []),
        ({"ContactId": 17.0}, []),
        ({"ContactId": "17"}, ["body.ContactId"]),
        ({"Active": 1}, ["body.Active"]),
        ({"Note": None}, []),
        ({"Nothing": None}, ["body.Nothing"]),
        ({"Persons": [{"PersonId": 1}, {"firstname": "Bo"}]}, []),
        ({"Persons": [{"PersonId": 1}]}, ["body.Persons"]),
        ({"Persons": [{}, {"Firstname": "Al"}]}, ["body.Persons[1].Firstname"]),
        ({"Name": {"contains": "Acme"}, "ContactId": {"matches": "1."}}, []),
        ({"Name": {"contains": "Emca"}, "ContactId": 18}, ["body.Name", "body.ContactId"]),
        ({"Gone": {"absent": True}}, []),
        ({"Name": {"absent": True}}, ["body.Name"]),
        ({"matchesJsonPath": "$.Persons[?@.PersonId > 1]"}, []),
        ({"matchesJsonPath": "$.Persons[?@.PersonId > 2]"}, ["body"]),
        ({"matchesJsonPath": "$.persons[?@.personId > 1]"}, []),
        ({"matchesJsonPath": {"expression": "$.Persons[*].Firstname", "equalTo": "Bo"}}, []),
        ({"matchesJsonPath": {"expression": "$.Persons[*].Firstname", "contains": "z"}}, ["body"]),
        ({"matchesJsonPath": {"expression": "$.Gone", "absent": True}}, []),
        ({"contains": '"ContactId": 17'}, []),
        ({"contains": "nothing"}, ["body"]),
        ({"Persons": {"equalToJson": [{"PersonId": 1}, {"PersonId": 2}], "ignoreExtraElements": True}}, []),
        (
            {"Persons": {"equalToJson": [{"PersonId": 1}, {"PersonId": 2}]}},
            ["body.Persons[0].Firstname", "body.Persons[1].Firstname"],
        ),
        (
            {
                "Persons": {
                    "equalToJson": '[{"PersonId": 2}, {"PersonId": 1}]',
                    "ignoreExtraElements": True,
                    "ignoreArrayOrder": True,
                }
            },
            [],
        ),
        ({"Persons": {"equalToJson": [{"PersonId": 2}, {}], "ignoreArrayOrder": True}}, ["body.Persons"]),
    ],
)
def test_a_body_and_what_of_it_differs(spec, places):
    assert fields(Match(body=spec), save(BODY)) == places


def test_an_operator_that_looks_like_a_literal_does_not_count_inside_equal_to_json():
    assert fields(Match(body={"equalToJson": {"contains": "x"}}), save({"contains": "x"})) == []


def test_the_difference_of_a_body_shows_both_sides_apart():
    (difference,) = Matcher(Match(body={"ContactId": "17"})).differences(save(BODY))

    assert str(difference) == "body.ContactId: expected '17', was 17"


def test_a_call_without_a_body_is_told_from_one_with_null():
    assert Matcher(Match(body={"absent": True})).matches(get())
    assert Matcher(Match(body=None)).matches(save(None))
    assert Matcher(Match(body=None)).differences(get()) == (Difference("body", None, {"absent": True}),)


def test_a_body_that_cannot_be_decoded_still_has_its_text():
    broken = save({}, raw=b'{"Name": ', faults=(FAULT,))

    assert Matcher(Match(verdict="broken", body={"matches": r"\{.*"})).matches(broken)


def test_a_body_of_bytes_is_compared_as_text_and_shown_as_text():
    of = save(b"\x89PNG", raw=b"\x89PNG")

    assert Matcher(Match(body={"contains": "PNG"})).matches(of)
    assert Matcher(Match(body={"equalToJson": 1})).differences(of) == (Difference("body", 1, "\ufffdPNG"),)
    assert Matcher(Match(body={"contains": "PNG", "matchesJsonPath": "$.a"})).differences(of)


# --- any, not -----------------------------------------------------------------------------------


def test_one_of_any_is_enough():
    match = Match(any=(Match(operation=GET), Match(operation=SAVE)))

    assert Matcher(match).matches(get())
    assert Matcher(match).matches(save({}))


def test_where_none_of_any_matches_the_nearest_says_why():
    match = Match(any=(Match(operation=SAVE, query={"a": 1}, method="PUT"), Match(query={"b": 2})))

    assert fields(match, get()) == ["any[1].query b"]


def test_not_turns_a_match_round_and_minds_only_what_it_says():
    match = Match(verdict="any", unless=Match(operation=GET))

    assert Matcher(match).matches(save({}))
    assert Matcher(match).differences(get(faults=(FAULT,))) == (
        Difference("not", {"operation": GET, "verdict": "any"}, "matches"),
    )


# --- from JSON ----------------------------------------------------------------------------------


def test_a_match_comes_from_json_and_goes_back():
    value = {
        "operation": ["v1Contact*", USER],
        "query": {"$top": {"matches": r"\d"}},
        "body": {"Name": "x"},
        "any": [{"method": "GET", "verdict": "any"}],
        "not": {"restricted": True, "verdict": "any"},
        "verdict": "any",
    }

    assert Match.from_json(value).to_json() == value


def test_a_match_from_json_can_mean_another_verdict_by_default():
    assert Matcher(Match.from_json({"operation": GET}, verdict="any")).matches(get(faults=(FAULT,)))
    assert not Matcher(Match.from_json({"verdict": "accepted"}, verdict="any")).matches(get(faults=(FAULT,)))


def test_all_that_is_wrong_in_a_match_is_told_with_its_place():
    with pytest.raises(ScenarioError) as caught:
        Match.from_json(
            {"operatoin": "x", "query": {"$top": {"matchs": "x"}}, "body": {"A": {"matches": "("}}}, "find"
        )

    lines = str(caught.value).splitlines()
    assert lines[0].startswith("find.query.$top.matchs: no such operator. Did you mean 'matches'?")
    assert lines[1].startswith("find.body.A.matches: '(' is not a regular expression")
    assert lines[2].startswith("find.operatoin: no such key. Did you mean 'operation'?")


def test_a_match_nested_without_end_is_refused_not_a_crash():
    value: dict = {}
    for _ in range(5000):
        value = {"not": value}

    with pytest.raises(ScenarioError, match="nested too deep"):
        Match.from_json(value)


@pytest.mark.parametrize(
    "wrong",
    [
        {"query": {"a": {"equals": 1}}},
        {"query": {"a": {"matches": "("}}},
        {"query": {"a": {"caseInsensitive": True}}},
        {"body": {"matchesJsonPath": "Persons"}},
        {"body": {"before": "soon"}},
        {"headers": {"a": None}},
    ],
)
def test_a_match_made_in_python_is_checked_too(wrong):
    with pytest.raises(ScenarioError):
        Matcher(Match(**wrong))


# --- what an index needs to know ----------------------------------------------------------------


def test_a_match_tells_the_only_operations_and_path_it_can_have():
    assert Match(operation=[GET, SAVE]).literal_operations == (GET, SAVE)
    assert Match(operation="v1*").literal_operations is None
    assert Match(path="/api/v1/Contact/17/").literal_path == "/api/v1/contact/17"
    assert Match(path="/api/v1/Contact/{id}").literal_path is None


def test_whether_a_match_can_reach_an_operation_does_not_depend_on_the_call():
    match = Match(agent="Contact", body={"Name": "x"})

    assert Matcher(match).could_reach(save({"Name": "y"}))
    assert not Matcher(match).could_reach(get())


def test_asking_needs_neither_yaml_nor_schemas():
    import subprocess
    import sys

    program = (
        "import mockso.matching.match, mockso.scenario.scenario, mockso.scenario.reply, sys; "
        "print([m for m in ('yaml', 'marshmallow', 'jinja2', 'jsonpath', 'flask') if m in sys.modules])"
    )
    result = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)

    assert result.stdout.strip() == "[]"


# --- deliveries of webhooks ---------------------------------------------------------------------


def test_a_match_of_a_webhook_is_about_deliveries_and_no_other():
    match = Match(webhook="contact.*")

    assert match.outgoing
    assert Matcher(match).matches(delivery())
    assert not Matcher(match).matches(delivery("sale.sold"))
    assert not Matcher(match).matches(replace(delivery(), direction="in"))
    assert Matcher(match).differences(replace(delivery(), direction="in")) == (
        Difference("webhook", "contact.*", ABSENT),
    )


def test_any_other_match_is_about_calls_that_come_in():
    assert Matcher(Match()).matches(get())
    assert not Matcher(Match()).matches(delivery())
    assert Matcher(Match(verdict="any")).differences(delivery()) == (
        Difference("webhook", ABSENT, "contact.created"),
    )


def test_what_is_inside_a_match_of_a_webhook_is_about_deliveries_too():
    match = Match.from_json(
        {"any": [{"webhook": "sale.*"}, {"webhook": "contact.*", "not": {"method": "PUT"}}]}
    )

    assert match.outgoing
    assert Matcher(match).matches(delivery())
    assert not Matcher(match).matches(get())
    assert Match.from_json(match.to_json()) == match
