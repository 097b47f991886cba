from __future__ import annotations

import pytest

from mockso.errors import ScenarioError
from mockso.scenario.template import compile_value, context_of, is_template
from tests.making import call, get, save


def value_of(template, of=None, count: int = 1):
    return compile_value(template, "reply.body")(context_of(of or get(), count))


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ request.method }}", "GET"),
        ("{{ request.path }}", "/api/v1/Contact/17"),
        ("{{ request.tenant }}", "Cust12345"),
        ("{{ request.query['$top'] }}", "5"),
        ("{{ request.query['$TOP'] | int }}", 5),
        ("{{ request.headers['so-language'] }}", "nb"),
        ("{{ request.arguments.id }}", "17"),
        ("{{ operation.id }}", "v1ContactEntity_GetContactEntity"),
        ("{{ operation.group }}", "Contact"),
        ("{{ now }}", "2026-01-01T00:00:00"),
        ("{{ count }}", 3),
        ("{{ count + 1 }}", 4),
        ("{{ 'a }} {{ b' }}", "a }} {{ b"),
        ("{{ count }} of {{ count }}", "3 of 3"),
        ("No {{ count }}", "No 3"),
        ("{{ [1, 2] }}", [1, 2]),
        ("{{ none }}", None),
        ("{{ true }}", True),
        ("{{ request.origin }}", "http://127.0.0.1:8585"),
        ("{{ request.base }}/v1/Contact/17", "http://127.0.0.1:8585/Cust12345/v1/Contact/17"),
        (
            "to {{ request.origin }}/a and {{ request.base }}",
            "to http://127.0.0.1:8585/a and http://127.0.0.1:8585/Cust12345",
        ),
        ("{{ request.base }} }} {{ '{' }}%", "http://127.0.0.1:8585/Cust12345 }} {%"),
        (
            "{{ request.base }}\r\n{{ request.origin }}\n",
            "http://127.0.0.1:8585/Cust12345\nhttp://127.0.0.1:8585",
        ),
        ("plain", "plain"),
        (["{{ count }}", {"a": "{{ count }}"}, 7], [3, {"a": 3}, 7]),
    ],
)
def test_a_template_and_its_value(template, value):
    of = call("GET", "/api/v1/Contact/17?$top=5", headers={"SO-Language": "nb"})

    made = value_of(template, of, 3)

    assert made == value
    assert type(made) is type(value)


def test_a_property_of_the_body_is_found_in_any_letter_case():
    of = save({"contactId": 17, "persons": [{"firstname": "Ann"}], "items": 3})

    assert value_of("{{ request.body.ContactId }}", of) == 17
    assert value_of("{{ request.body.Persons[0].Firstname }}", of) == "Ann"
    assert value_of("{{ request.body.items }}", of) == 3


def test_a_uuid_is_new_each_time():
    assert value_of("{{ uuid }}") != value_of("{{ uuid }}")


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ request.body.Name }}", "there is no 'Name'"),
        ("{{ request.bdy }}", "Did you mean 'body'?"),
        ("a {{ request.query.x }}", "there is no 'x'"),
        ("{{ 1 / 0 }}", "division by zero"),
        ("{{ 'x' * 999999999 }}", "takes two numbers"),
        ("{{ 9 ** 9999 }}", "takes two numbers"),
        ("{{ range(999999999) | list }}", "range"),
    ],
)
def test_what_a_call_does_not_have_is_an_error_that_says_so(template, says):
    with pytest.raises(ScenarioError) as caught:
        value_of(template)

    assert says in str(caught.value)
    assert str(caught.value).startswith("reply.body: ")


@pytest.mark.parametrize(
    "template",
    [
        "{{ request.__class__ }}",
        "{{ ''.__class__.__mro__ }}",
        "{{ request.body.__init__.__globals__ }}",
        "{{ (request | attr('__class__')) }}",
        "{{ cycler.__init__ }}",
        "{{ self.__init__ }}",
    ],
)
def test_a_template_reaches_nothing_of_python(template):
    with pytest.raises(ScenarioError):
        value_of(template)


@pytest.mark.parametrize(
    ("template", "says"),
    [
        ("{{ reqest.body }}", "Did you mean 'request'?"),
        ("{{ request. }}", "is not a template"),
        ("{{ request.body | nosuch }}", "is not a template"),
        ("{{ ", "is not a template"),
    ],
)
def test_a_template_that_is_none_is_found_when_it_is_compiled(template, says):
    with pytest.raises(ScenarioError, match=r"reply\.body") as caught:
        compile_value({"a": [template]}, "reply.body")

    assert says in str(caught.value)
    assert str(caught.value).startswith("reply.body.a[0]: ")


def test_only_texts_with_two_braces_are_templates():
    assert is_template({"a": ["x", {"b": "{{ count }}"}]})
    assert not is_template({"a": ["x", {"b": "{ count } {% if %}"}], "{{": 1})
