from __future__ import annotations

import pytest

from mockso.contract.model import NOTHING
from mockso.errors import ScenarioError
from mockso.exchange.message import Reply
from mockso.scenario.reply import ReplyPlan
from tests.making import documented, get, normal, save


def reply(plan: ReplyPlan, of=None, count: int = 1) -> Reply:
    return plan.reply_to(of or get(), normal, documented, count)


def test_a_body_gets_the_operations_success_status_unless_one_is_given():
    assert reply(ReplyPlan(body={"ContactId": 1})) == Reply(
        200, {"ContactId": 1}, by="scenario", fidelity="assumed"
    )
    assert reply(ReplyPlan(body=None, status=202)).status == 202
    assert reply(ReplyPlan(body=None)).body is None


def test_a_status_alone_has_no_body():
    assert reply(ReplyPlan(status=429)).body is NOTHING


def test_text_and_content_go_as_they_are():
    text = reply(ReplyPlan(text="hé", media_type="text/plain; charset=utf-8"))

    assert (text.body, text.media_type) == ("hé".encode(), "text/plain; charset=utf-8")
    assert reply(ReplyPlan(content=b"\0\1")).body == b"\0\1"


def test_a_documented_error_comes_by_name_with_what_is_changed_in_it():
    plan = ReplyPlan(error="throttled", headers=(("retry-after", "7"),), overrides={"/Message": "wait"})

    made = reply(plan)

    assert (made.status, made.headers, made.by) == (429, (("retry-after", "7"),), "scenario")
    assert made.body == {"Message": "wait"}


def test_the_normal_answer_can_be_changed_by_json_pointer():
    plan = ReplyPlan(
        like_success=True,
        overrides={
            "/name": "Changed",
            "/Persons/0/Firstname": "Bo",
            "/Persons/-": {"PersonId": 2},
            "/Extra/a~1b": 1,
        },
    )

    made = reply(plan)

    assert made.body == {
        "ContactId": 17,
        "Name": "Changed",
        "Persons": [{"PersonId": 1, "Firstname": "Bo"}, {"PersonId": 2}],
        "Kind": "None",
        "Extra": {"a/b": 1},
    }
    assert (made.by, made.fidelity) == ("scenario", "likely")


def test_overrides_leave_the_normal_answer_itself_alone():
    kept = normal()

    ReplyPlan(like_success=True, overrides={"/Name": "x"}).reply_to(get(), lambda: kept, documented, 1)

    assert kept == normal()


@pytest.mark.parametrize("pointer", ["/Persons/7/Firstname", "/Persons/x", "/Name/First"])
def test_an_override_that_finds_no_place_says_so(pointer):
    with pytest.raises(ScenarioError, match=f"reply.set {pointer}"):
        reply(ReplyPlan(like_success=True, overrides={pointer: 1}))


def test_nothing_can_be_set_where_there_is_no_body():
    plan = ReplyPlan(like_success=True, overrides={"/Name": 1})

    with pytest.raises(ScenarioError, match="no body"):
        plan.reply_to(get(), lambda: Reply(204), documented, 1)


def test_headers_may_come_several_times_and_replace_those_of_the_ground():
    plan = ReplyPlan(status=200, headers=(("Set-Cookie", "a=1"), ("Set-Cookie", "b=2")))

    assert reply(plan).headers == (("Set-Cookie", "a=1"), ("Set-Cookie", "b=2"))


def test_a_content_type_header_is_the_media_type():
    made = reply(ReplyPlan(text="<a/>", headers=(("Content-Type", "text/xml"),)))

    assert made.media_type == "text/xml"


def test_another_status_than_the_ground_drops_its_reason_phrase():
    def found(name, about):
        return Reply(404, None, reason="Contact Not Found")

    assert ReplyPlan(error="not_found").reply_to(get(), normal, found, 1).reason == "Contact Not Found"
    assert ReplyPlan(error="not_found", status=410).reply_to(get(), normal, found, 1).reason == ""


def test_a_delay_of_the_reply_is_its_own():
    assert reply(ReplyPlan(like_success=True, delay=0.5)).delay == 0.5


def test_templates_fill_body_text_headers_and_overrides():
    of = save({"contactId": 5, "Name": "Acme"})

    assert reply(ReplyPlan(body={"ContactId": "{{ request.body.ContactId }}"}), of).body == {"ContactId": 5}
    assert reply(ReplyPlan(text="Hello {{ request.body.Name }}!"), of).body == b"Hello Acme!"
    assert reply(ReplyPlan(status=200, headers=(("X-Count", "{{ count }}"),)), of, 3).headers == (
        ("X-Count", "3"),
    )
    made = reply(ReplyPlan(like_success=True, overrides={"/ContactId": "{{ request.body.ContactId }}"}), of)
    assert made.body["ContactId"] == 5  # type: ignore[index]
