"""Steps that can never answer are told with cause and cure, whoever loads them; what can be meant is left alone.

The files that newcomers wrote in trying come first, then siblings of each kind.
"""

from __future__ import annotations

import pytest

from mockso.scenario.check import Checker
from mockso.scenario.load import ScenarioFilesError, read_scenario

GET = "v1ContactEntity_GetContactEntity"
ALL = "v1ContactEntity_GetAll"
POST = "v1ContactEntity_PostContactEntity"

# A step, or its match alone -> a part of the cause, a part of the cure
BROKEN = {
    # words of other tools
    f"match: {{operation: {ALL}}}\nresponse: {{status: 401}}": ("steps[0].response: no such key", "'reply'"),
    "request: {method: GET, url: /api/v1/Contact}": ("steps[0].request: no such key", "'match'"),
    f"match: {{operation: {GET}}}\nreply: {{json: {{ContactId: x}}}}": (
        "reply.json.ContactId: expected",
        "Correct",
    ),
    "reply: {json: {}, body: {}}": ("stands beside", "keep one of the two"),
    f"match: {{operation: {GET}}}\nreply: {{bodyFileName: x.json}}": (
        "reply.bodyFileName: no such key",
        "'body_file'",
    ),
    f"match: {{operation: {GET}}}\nreply: {{statusCode: 401}}": ("reply.statusCode: no such key", "'status'"),
    "match: {urlPathPattern: '/api/.*'}": ("match.urlPathPattern: no such key", "'path'"),
    "match: {queryParameters: {a: b}}": ("match.queryParameters: no such key", "'query'"),
    "match: {bodyPatterns: [x]}": ("match.bodyPatterns: no such key", "'body'"),
    "match: {query: {$top: {equals: 1}}}": ("equals: no such operator", "'equalTo'"),
    "match: {query: {$filter: {regex: a.*}}}": ("regex: no such operator", "'matches'"),
    "match: {headers: {Accept: {exists: true}}}": ("exists: no such operator", "'absent'"),
    "repeat: 2": ("steps[0].repeat: no such key", "'times'"),
    # kinds of values
    f"match: {{operation: {ALL}}}\nreply: {{status: '401'}}": ("got '401'", "Remove the quotes"),
    f"match: {{operation: {ALL}}}\nreply: {{error: 401}}": (
        "401 is a status",
        "'status: 401', or 'error: unauthorized'",
    ),
    "reply: {error: 418}": ("418 is a status", "write 'status: 418'."),
    "times: '2'": ("got '2'", "Remove the quotes"),
    "match: {restricted: 'yes'}": ("got 'yes'", "Write true, without quotes"),
    f"match: [{{operation: {GET}}}]": ("expected keys with values, got [", "One object, not a list"),
    f"match: {{operation: {GET}}}\nreply: {{body: {{ContactId: {{{{ request.path.id }}}}}}}}": (
        "cannot be a key",
        "needs quotes",
    ),
    # paths
    "match: {method: GET, path: /Contact/17}": ("below the API", "write '/api/v1/Contact/17'"),
    "match: {method: GET, path: /Cust12345/api/v1/Contact/17}": (
        "without host and tenant",
        "write '/api/v1/Contact/17'",
    ),
    "match: {method: GET, path: '/api/v1/Contact?$top=1'}": ("a path has no query", "'query: {$top: 1}'"),
    "match: {path: /v1/Contact/17}": ("below the API", "write '/api/v1/Contact/17'"),
    "match: {path: /Nothing/here}": ("below the API", "as in '/api/v1/Contact/17'"),
    "match: {path: /api/v1/Contcat/17}": ("no operation has the address", "Did you mean"),
    "match: {path: /api/v1/Cust12345/Contact/17}": (
        "no operation has the address",
        "Did you mean '/Cust12345/api/v1/Contact",
    ),
    "match: {path: '/api/v1/Contcat/*'}": ("no operation has the address", "verdict: any"),
    "match: {path: '/api/v1/MDOList/my%20list'}": ("compared decoded", "characters themselves"),
    "match: {path: {matches: 'Contact/[0-9]+'}}": (
        "compared with the whole path",
        "write '.*Contact/[0-9]+'",
    ),
    "match: {path: {equalTo: /Contact/17}}": ("below the API", "write '/api/v1/Contact/17'"),
    "match: {any: [{path: /Contact/17}, {path: /api/v1/Contact/18}]}": (
        "any[0].path: a path is that below",
        "/api/v1/Contact/17",
    ),
    # methods and operations
    "match: {method: FETCH}": ("no operation has the method 'FETCH'", "'PATCH'"),
    "match: {method: DELTE}": ("no operation has the method", "'DELETE'"),
    f"match: {{operation: {GET}, method: POST}}": (f"{GET} has GET, not POST", "correct one"),
    "match: {method: PATCH, path: /api/v1/Contact}": ("has GET, POST, not PATCH", "correct one"),
    "match: {operation: 'v1Contct*'}": ("no operation like 'v1Contct*'", "'v1Contact*'"),
    "match: {resource: 'Contatc*'}": ("no resource 'Contatc*'", "'Contact'"),
    f"match: {{operation: {GET}, agent: Contact}}": (f"{GET} is not of the agent", "remove it"),
    "match: {agent: Contact, resource: Contact}": ("an agent and a resource", "keep one"),
    f"match: {{operation: {GET}, restricted: true}}": (f"{GET} is not restricted", "remove it"),
    # arguments, headers and bodies
    f"match: {{operation: {ALL}, query: {{$filtr: x}}}}": ("no parameter '$filtr'", "'$filter'"),
    f"match: {{operation: {ALL}, query: {{$top: many}}}}": ("'many' is not of type int32", "correct it"),
    f"match: {{operation: {ALL}, query: {{$filter: 'name%20eq'}}}}": (
        "compared decoded",
        "write the characters",
    ),
    f"match: {{operation: {ALL}, body: {{Name: x}}}}": ("takes no body", "remove it"),
    f"match: {{operation: {POST}, body: {{Nmae: x}}}}": ("no property 'Nmae'", "'Name'"),
    f"match: {{operation: {POST}, body: {{Persons: [{{Frstname: x}}]}}}}": (
        "body.Persons[0].Frstname",
        "'Firstname'",
    ),
    f"match: {{operation: {POST}, body: {{equalToJson: {{Nmae: x}}}}}}": ("no property 'Nmae'", "'Name'"),
    f"match: {{operation: {POST}, body: [1]}}": ("so no accepted call has it", "correct it"),
    f"match: {{operation: {POST}, body: {{ContactId: many}}}}": ("so no accepted call has it", "correct it"),
    "match: {headers: {'Accept ': x}}": ("is not a header's name", "no blank"),
    "match: {credential: {scheme: Baerer}}": ("no call has the scheme 'Baerer'", "'bearer'"),
    # replies and order
    f"match: {{operation: {GET}}}\nreply: {{status: 418}}": ("418 is not documented", "contract: broken"),
    f"match: {{operation: {GET}}}\nreply: {{status: 202}}": ("202 is not documented", "contract: broken"),
}
WHOLE = {
    f"steps:\n  - match: {{operation: {GET}}}\n   reply: {{error: throttled}}\n": (
        "did not find expected '-'",
        "indent it",
    ),
    f"steps:\n  match: {{operation: {GET}}}\n  reply: {{error: throttled}}\n": (
        "expected a list of steps",
        "Put '- ' before each",
    ),
    "steps:\n  - reply: {error: throttled}\n  - match: {method: GET}\n": (
        "steps[1]: this step never answers: steps[0] takes",
        "Move it up",
    ),
}

GOOD = [
    "match: {path: '/api/v1/Nowhere', verdict: any}",
    "match: {path: '*Contact*'}",
    "match: {path: '/api/v1/Contact/*'}",
    "match: {path: '/api/v1/MDOList/anything'}",
    "match: {path: /api}",
    "match: {path: '/api/v1/Contact/{id}', verdict: any}",
    "match: {path: {matches: '/api/v1/(Contact|Person)/[0-9]+'}}",
    "match: {path: {contains: Contact}}",
    f"match: {{operation: {GET}, method: HEAD}}",
    "match: {method: PROPFIND, verdict: any}",
    f"match: {{operation: {ALL}, query: {{$filter: 'name eq 1', $select: x, $TOP: 5}}}}",
    f"match: {{operation: {ALL}, query: {{$filtr: x}}, verdict: any}}",
    f"match: {{operation: ['{ALL}', {POST}], body: {{Name: x}}}}",
    f"match: {{operation: {POST}, body: {{name: {{contains: x}}, ContactId: 0}}}}",
    f"match: {{operation: {POST}, body: {{Nmae: x}}, verdict: any}}",
    f"match: {{operation: {ALL}, body: {{absent: true}}}}",
    "match: {credential: {scheme: SOTicket}}",
    f"match: {{operation: {GET}}}\nreply: {{status: 502}}",
    f"match: {{operation: {GET}}}\nreply: {{status: 418, contract: broken}}",
    "match: {webhook: 'anything.happened'}\nreply: {status: 418}",
    "reply: {error: token_expired}",
]


def lines(checker: Checker, steps: str) -> list[str]:
    try:
        read_scenario(f"name: x\n{steps}", "x.yaml", checker)
    except ScenarioFilesError as error:
        return [str(fault) for fault in error.faults]
    return []


def as_steps(step: str) -> str:
    return "steps:\n  - " + step.replace("\n", "\n    ") + "\n"


@pytest.fixture(scope="module")
def checker(shipped) -> Checker:
    return Checker(shipped)


@pytest.mark.parametrize("step", BROKEN)
def test_a_step_that_never_answers_is_told_in_one_line_with_its_cure(checker, step):
    cause, cure = BROKEN[step]

    found = lines(checker, as_steps(step))

    assert cause in found[0]
    assert cure in found[0]
    assert len(found) == 1


@pytest.mark.parametrize("text", WHOLE)
def test_a_file_of_a_wrong_shape_is_told_in_one_line_with_its_cure(checker, text):
    cause, cure = WHOLE[text]

    found = lines(checker, text)

    assert (len(found), cause in found[0], cure in found[0]) == (1, True, True), found


@pytest.mark.parametrize("step", GOOD)
def test_what_may_be_meant_is_no_fault(checker, step):
    assert lines(checker, as_steps(step)) == []


def test_a_template_without_quotes_is_told_first(checker):
    step = f"match: {{operation: {GET}}}\nreply: {{body: {{ContactId: {{{{ request.path.id }}}}}}}}"

    assert "needs quotes" in lines(checker, as_steps(step))[0]
