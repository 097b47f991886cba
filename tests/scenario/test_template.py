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


# --- row 29 of the table of faults: values are bounded ------------------------------------------

HOSTILE = [
    "{{ 'x'.center(10**9) }}",
    "{{ 'x' | center(10**9) }}",
    "{{ '%9999999d' % 1 }}",
    "{{ '%*d' % (99999999, 1) }}",
    "{{ '%9999999d' | format(1) }}",
    "{{ '{:999999999}'.format(1) }}",
    "{{ '{:{}}'.format(1, 999999999) }}",
    "{{ '{0}{0}{0}{0}{0}{0}'.format(request.text) }}",
    "{{ 10**(10**9) }}",
    "{{ 9 ** 9 ** 9 ** 9 }}",
    "{{ 'x' * 10**9 }}",
    "{{ [1] * 10**9 }}",
    "{{ 'x'.ljust(999999999) }}",
    "{{ '1'.zfill(999999999) }}",
    "{{ '\t'.expandtabs(999999999) }}",
    "{{ (1).to_bytes(999999999, 'big') }}",
    "{{ 'a'.translate({97: request.text}) }}",
    "{{ 'a' | indent(999999999, true) }}",
    "{{ request.text | list | join('\\n') | indent(1000) }}",
    "{{ [1, 2] | batch(999999999, 'x') | list }}",
    "{{ [1, 2] | slice(999999999) | list }}",
    "{{ 1 | round(-999999999) }}",
    "{{ [1] | tojson(999999999) }}",
    "{{ request.text.replace('a', request.text) }}",
    "{{ request.text | replace('a', request.text) }}",
    "{{ request.text.join(request.text) }}",
    "{{ request.text | list | join(request.text) }}",
    "{{ request.text + request.text + request.text + request.text + request.text + request.text }}",
    "{{ request.text ~ request.text ~ request.text ~ request.text ~ request.text ~ request.text }}",
    "{{ [request.text, request.text, request.text, request.text, request.text, request.text] }}",
    "a {{ request.text }}{{ request.text }}{{ request.text }}{{ request.text }}{{ request.text }}{{ request.text }}",
    "{% set x = request.text %}" + "{% set x = x ~ x %}" * 40 + "{{ x }}",
    "{% for a in request.text %}{{ a }}{% endfor %}",
    "{% for a in request.text[:9000] %}{{ request.text }}{% endfor %}",
    "{% for a in request.text[:9000] %}{% if request.text | upper == 'x' %}{{ a }}{% endif %}{% endfor %}",
    "{{ 1e308 * 10 }}",
]


@pytest.mark.parametrize("template", HOSTILE)
def test_a_template_whose_value_would_be_large_is_refused_before_it_is_made(template):
    of = call("POST", "/api/v1/Contact", raw=b"a" * 200_000)

    with pytest.raises(ScenarioError) as caught:
        value_of(template, of)

    assert "has no value for this call" in str(caught.value)


@pytest.mark.parametrize(
    "template",
    [
        "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
        "{% for a in 'ab' %}{% for b in 'ab' %}{{ a }}{% endfor %}{% endfor %}",
        "{% for a in 'ab' recursive %}{{ loop('ab') }}{% endfor %}",
        "{% set x %}{{ count }}{% endset %}{{ x }}",
        "{% include 'x' %}{{ count }}",
        "{% filter upper %}{{ count }}{% endfilter %}",
        "{{ '<a>' | striptags }}",
    ],
)
def test_what_has_no_bounds_is_not_a_template(template):
    with pytest.raises(ScenarioError, match="is not a template"):
        compile_value(template, "reply.body")


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ '%05d' % count }}", "00003"),
        ("{{ '%s-%s' | format(count, 'a') }}", "3-a"),
        ("{{ '{:>4}'.format(count) }}", "   3"),
        ("{{ 'x'.center(5) }}", "  x  "),
        ("{{ 'a' ~ count ~ 'b' }}", "a3b"),
        ("{{ 'a' + 'b' }}", "ab"),
        ("{{ ['a', 'b'] | join('-') }}", "a-b"),
        ("{{ '-'.join(['a', 'b']) }}", "a-b"),
        ("{{ [{'a': 1}, {'a': 2}] | map(attribute='a') | list }}", [1, 2]),
        ("{{ [1, 2, 3] | batch(2) | list }}", [[1, 2], [3]]),
        ("{{ 'aXb' | replace('X', '-') }}", "a-b"),
        ("{{ 7 % 4 }}", 3),
        ("{{ 1.25 | round(1) }}", 1.2),
        ("{{ 'a' | default('b') }}", "a"),
        ("{% for a in 'ab' %}{{ a }}{{ loop.index }}{% endfor %}", "a1b2"),
        ("{% if count > 2 %}{{ count }}{% else %}none{% endif %}", "3"),
        ("  {{ count }}  ", 3),
    ],
)
def test_what_templates_are_for_stays(template, value):
    assert value_of(template, count=3) == value
