"""Sixty and more scenario files that are wrong, each with the line and the words that must be told.

A file is written here as steps, or whole where the fault is outside of them; `name: x` and `steps:` are put
in front of steps, so that the first line of a step is line 3.
"""

from __future__ import annotations

GET = "v1ContactEntity_GetContactEntity"
AGENT_GET = "v1ContactAgent_GetContactEntity"

# text -> (line, cause, remedy)
STEPS = {
    # keys
    "- mtach: {}": (3, "steps[0].mtach: no such key", "Did you mean 'match'?"),
    "- match: {operatoin: x}": (3, "operatoin: no such key", "Did you mean 'operation'?"),
    "- reply: {stauts: 429}": (3, "reply.stauts: no such key", "Did you mean 'status'?"),
    "- reply:\n    status: 200\n    bodi: 1": (5, "reply.bodi: no such key", "Did you mean 'body'?"),
    "- match: {query: {$top: {equals: 1}}}": (3, "equals: no such operator", "Did you mean 'equalTo'?"),
    "- match: {body: {Name: {contians: A, matches: B}}}": (3, "contians: no such operator", "'contains'"),
    "- match: {credential: {apptoken: x}}": (3, "credential.apptoken: no such key", "'app_token'"),
    "- delay: {unifrom: [1, 2]}": (3, "unifrom: no such key", "Did you mean 'uniform'?"),
    "- times: 1\n  times: 2": (4, "key 'times' is given again, first in line 3", "keep one"),
    "- match: {operation: a, operation: b}": (3, "key 'operation' is given again", "keep one"),
    "- match: {webhook: 'contact.*', operation: '*Contact*'}": (
        *(3, "the delivery of a webhook has no operation", "remove it, or 'webhook'"),
    ),
    "- match: {webhook: '*', verdict: broken}": (3, "is never broken", "remove it"),
    "- match: {webhook: []}": (3, "webhook: expected a name, a pattern or a list of them", "got []"),
    "- match: {webhook: '*'}\n- match: {webhook: sale.sold}": (
        4,
        "never answers: steps[0] takes",
        "Move it up",
    ),
    # kinds of values
    "- times: 0": (3, "steps[0].times: expected a whole number from 1, got 0", "whole number from 1"),
    "- times: two": (3, "expected a whole number from 1, got 'two'", "whole number"),
    f"- delay: 1{'0' * 350}": (3, "seconds from 0 to 3600", "not milliseconds"),
    f"- times: -1{'0' * 350}": (3, "expected a whole number from 1", "whole number"),
    f"- match: {{query: {{a: {{matches: '{'(' * 5000}'}}}}}}": (3, "a.matches", "nested too deep"),
    f"- reply: {{text: '{{{{ {'(' * 5000} }}}}'}}": (3, "reply.text", "nested too deep"),
    '- reply: {body_file: "a\\0b"}': (3, "body_file: 'a\\x00b'", "not a name of a file"),
    "- times: 1.5": (3, "got 1.5", "whole number"),
    "- times: true": (3, "got true", "whole number"),
    "- times: 010": (3, "got '010'", "whole number"),
    "- delay: fast": (3, "delay: expected seconds from 0 to 3600", "got 'fast'"),
    "- delay: -1": (3, "delay: expected seconds from 0 to 3600", "got -1"),
    "- delay: 12:30:45": (3, "got '12:30:45'", "seconds from 0 to 3600"),
    "- delay: 5000": (3, "got 5000", "These are seconds, not milliseconds."),
    "- delay: {uniform: [2, 1]}": (3, "the least, 2, is more than the most, 1", "swap them"),
    "- delay: {uniform: 2}": (3, "got 2", "[least, most]"),
    "- delay: {lognormal: {median: 1}}": (3, "lognormal.sigma: is missing", "sigma"),
    "- delay: {uniform: [1, 2], threshold: 1}": (3, "stands beside 'uniform'", "keep one"),
    "- delay: {seed: 1}": (3, "delay: needs one of uniform, lognormal, threshold", "uniform"),
    "- delay: {threshold: 1, seed: 1}": (3, "seed: needs uniform or lognormal beside it", "needs"),
    "- delay: 1\n  reply: {like: success, delay: 2}": (3, "delay: stands beside reply.delay", "keep one"),
    "- fault: explode": (
        3,
        "expected one of reset, empty, cut, garbage, timeout, framing, got 'explode'",
        "one of",
    ),
    "- fault: on": (3, "got 'on'", "one of reset"),
    "- dribble: {chunks: 0, over: 1}": (3, "dribble.chunks: expected a whole number from 1", "got 0"),
    "- dribble: 3": (3, "dribble: expected keys with values, got 3", "keys"),
    "- match: {verdict: brokn}": (3, "expected one of accepted, broken, any", "Did you mean 'broken'?"),
    "- match: {restricted: yes}": (3, "expected true or false, got 'yes'", "true or false"),
    "- match:\n    restricted: no": (4, "expected true or false, got 'no'", "true or false"),
    "- match: {path: api/v1}": (3, "expected a path such as /api/v1/Contact/17", "got 'api/v1'"),
    "- match: {headers: {X-A: }}": (3, "headers.X-A: expected a text", "there is no value"),
    "- match: {any: []}": (3, "any: expected a list of matches, got []", "a list of matches"),
    "- match: {not: {}, any: [{x: 1}]}": (3, "any[0].x: no such key", "Known are"),
    "- match: [a]": (3, "match: expected keys with values", 'got ["a"]'),
    "- match:": (3, "match: expected keys with values, but there is no value", "keys"),
    "- reply: {}": (3, "reply: is empty", "empty"),
    "- hello": (3, "steps[0]: expected keys with values, got 'hello'", "keys"),
    "- reply: {status: 99}": (3, "expected a status from 200 to 599, got 99", "200 to 599"),
    "- reply: {headers: {Bad Name: x}}": (3, "expected a header's name, got 'Bad Name'", "header's name"),
    '- reply: {headers: {X: "a\\nb"}}': (3, "expected a line of Latin-1 text", "a line"),
    "- reply: {headers: {X: 20 €}}": (3, "expected a line of Latin-1 text", "got '20 €'"),
    '- reply: {headers: {X: "a\\n"}}': (3, "expected a line of Latin-1 text", "a line"),
    "- reply: {base64: '!!!'}": (3, "expected base64, got '!!!'", "base64"),
    "- reply: {body: 1, text: x}": (3, "text: stands beside 'body'", "keep one"),
    "- reply: {like: failure}": (3, "expected success, got 'failure'", "success"),
    "- reply: {error: throtled}": (3, "got 'throtled'", "Did you mean 'throttled'?"),
    "- reply: {status: 200, set: {/Name: x}}": (3, "set: needs like or error", "needs"),
    "- reply: {like: success, set: {Name: x}}": (3, "expected a JSON pointer such as /Name", "got 'Name'"),
    "- reply: {body_file: gone.json}": (3, "'gone.json' cannot be read: No such file", "gone.json"),
    # operators
    "- match: {query: {a: {matches: '('}}}": (3, "'(' is not a regular expression", "unterminated"),
    "- match: {body: {matchesJsonPath: Name}}": (
        3,
        "'Name' is not a JSONPath (RFC 9535)",
        "it begins with '$', as $.Name",
    ),
    "- match: {body: {A: {before: soon}}}": (3, "'soon' is not a date as 2026-03-01", "date"),
    "- match: {body: {equalToJson: '{'}}": (3, "'{' is not JSON", "JSON"),
    "- match: {body: {absent: true, ignoreArrayOrder: true}}": (3, "changes equalToJson", "there is none"),
    # names of the contract
    f"- match: {{operation: {GET}y}}": (
        3,
        f"the contract has no operation '{GET}y'",
        f"Did you mean '{GET}'?",
    ),
    "- match: {operation: [v1Nothing*]}": (
        3,
        "operation[0]: the contract has no operation like",
        "v1Nothing*",
    ),
    "- match: {agent: Contct}": (3, "the contract has no agent 'Contct'", "Did you mean 'Contact'?"),
    "- match: {resource: Kontakt}": (3, "the contract has no resource 'Kontakt'", "Did you mean 'Contact'?"),
    "- match: {path: '/api/v1/Contact/{idd}'}": (3, "the contract has no path", "'/api/v1/Contact/{id}'?"),
    # replies
    f"- match: {{operation: {GET}}}\n  reply: {{body: {{ContactId: x}}}}": (
        4,
        "body.ContactId: expected",
        "contract: broken",
    ),
    f"- match: {{operation: {GET}}}\n  reply:\n    body:\n      Nmae: x": (
        6,
        "has no property 'Nmae'",
        "Did you mean 'Name'?",
    ),
    f"- match: {{operation: {GET}}}\n  reply: {{like: success, set: {{/Nmae: x}}}}": (
        4,
        "has no property 'Nmae'",
        "Did you mean 'Name'?",
    ),
    f"- match: {{operation: {GET}}}\n  reply: {{like: success, set: {{/Persons/x: 1}}}}": (
        4,
        "expected a position in the list or '-', got 'x'",
        "the answer of v1ContactEntity_GetContactEntity",
    ),
    "- reply: {text: '{{ reqest.body }}'}": (3, "no 'reqest'", "Did you mean 'request'?"),
    "- reply: {body: {A: '{{ request. }}'}}": (3, "is not a template", "expected name"),
    "- reply: {body: {{ now }}}": (3, "a text with braces, as {{ now }}, needs quotes", "quotes"),
    # order
    "- reply: {status: 200}\n- reply: {status: 429}": (
        4,
        "this step never answers: steps[0] takes every call",
        "Move it up",
    ),
    "- after: saved\n  reply: {status: 200}": (
        3,
        "no step is called 'saved'",
        "Give the step that is meant 'name: saved'.",
    ),
    "- name: saved\n- after: svaed": (4, "no step is called 'svaed'", "Did you mean 'saved'?"),
    "- {name: a, after: b}\n- {name: b, after: a}": (3, "waits for itself", "remove this"),
    "- {name: a, times: 1}\n- {name: a}": (4, "another step is called 'a' too", "rename one"),
}

WHOLE = {
    "": (1, "the file is empty", "'name' and 'steps'"),
    "# nothing\n": (1, "the file is empty", "'name' and 'steps'"),
    "just words": (1, "expected keys with values, got 'just words'", "keys"),
    "- a\n- b": (1, 'expected keys with values, got ["a", "b"]', "keys"),
    "name: x": (1, "steps: is missing", "steps"),
    "steps: [{times: 1}]": (1, "name: is missing", "name"),
    "name: x\nsteps: []": (2, "steps: expected a list of steps, got []", "list"),
    "name: x\nsteps:\n  match: {}": (3, "steps: expected a list of steps", "list"),
    "name: a b\nsteps: [{times: 1}]": (1, "expected a name of letters", "got 'a b'"),
    "name: no\nonly: no\nsteps: [{times: 1}]": (2, "only: expected true or false, got 'no'", "true or false"),
    "name: x\nprofil: online\nsteps: [{times: 1}]": (2, "profil: no such key", "Did you mean 'profile'?"),
    "name: x\nprofile: offline\nsteps: [{times: 1}]": (2, "expected one of online, onsite", "'offline'"),
    "name: x\nprofile: onsite\ntenant: {state: Deleted}\nsteps: [{times: 1}]": (
        3,
        "tenant: onsite there is no tenant state",
        "remove this",
    ),
    'name: "x\\n"\nsteps: [{times: 1}]': (1, "name: expected a name of letters", "got 'x\\n'"),
    "name: x\ntenant: {}\nsteps: [{times: 1}]": (2, "tenant: is empty", "leave it out"),
    "name: x\ntenant: {state: Suspendet}\nsteps: [{times: 1}]": (
        2,
        "tenant.state",
        "Did you mean 'Suspended'?",
    ),
    "name: x\ntenant: {endpoint: sod3.superoffice.com}\nsteps: [{times: 1}]": (
        2,
        "tenant.endpoint: expected 'elsewhere', or an address",
        "https://sod3.superoffice.com",
    ),
    "name: x\n\tsteps: 1": (2, "not YAML", "indent with blanks"),
    "name: x\nsteps: [": (3, "not YAML", "did not find"),
    "name: x: y": (1, "not YAML", "quotes"),
    "name: x\nsteps: *nowhere": (2, "not YAML", "alias"),
    "name: x\n---\nname: y": (2, "a second document starts here", "one scenario a file"),
    "name: x\nsteps: &a [*a]": (2, "an anchor holds itself", "write out"),
    "name: x\nsteps: !!set {a}": (2, "tag !!set is not used here", "remove it"),
    "name: x\nsteps: " + "[" * 200: (2, "nested more than 100 deep", "flatter"),
    "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{n}: &{n} [{','.join(['*' + p] * 9)}]\n" for p, n in zip("abcdefgh", "bcdefghi", strict=True)
    ): (*(5, "anchors unfold to more than can be read", "write out"),),
    "name: \x07": (1, "is not allowed in YAML", "remove it"),
    "name: caf\xe9".encode("latin-1"): (1, "is not UTF-8", "save the file as UTF-8"),
}


def files() -> list[tuple[bytes, int, str, str]]:
    """Content, line, cause and remedy of each broken file."""
    made = [
        ("name: x\nsteps:\n" + "".join(f"  {line}\n" for line in text.split("\n")), *told)
        for text, told in STEPS.items()
    ]
    made += [(text, *told) for text, told in WHOLE.items()]
    return [
        (text if isinstance(text, bytes) else text.encode(), line, cause, remedy)
        for text, line, cause, remedy in made
    ]
