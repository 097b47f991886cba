"""Values of a reply that take parts of the call: "{{ request.body.ContactId }}".

Jinja's sandbox (sandbox.py), imported when the first template is compiled. A text that is
one expression gives the expression's value, so that a number stays a number; any other text gives
a text.
"""

from __future__ import annotations

import math
import re
import uuid
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any

from mockso.contract.model import Json, Nothing
from mockso.errors import ScenarioError, did_you_mean
from mockso.exchange.address import origin_of
from mockso.exchange.call import Call
from mockso.exchange.message import Headers

if TYPE_CHECKING:
    from jinja2 import Template

    from mockso.scenario.sandbox import Environment

NAMES = ("request", "operation", "now", "uuid", "count")

Context = Mapping[str, Any]
Render = Callable[[Context], Any]

_ADDRESSES = re.compile(r"\{\{ request\.(origin|base) \}\}")


def is_template(value: object) -> bool:
    """Whether there is something to fill in, at any depth."""
    if isinstance(value, str):
        return "{{" in value
    if isinstance(value, dict):
        return any(is_template(item) for item in value.values())
    return isinstance(value, list) and any(is_template(item) for item in value)


def compile_value(value: Json, where: str) -> Render:
    """Compile a JSON value that contains templates. Raises ScenarioError for an invalid template."""
    if isinstance(value, str) and "{{" in value:
        return _compile_text(value, where)
    if isinstance(value, dict) and is_template(value):
        members = [(name, compile_value(item, f"{where}.{name}")) for name, item in value.items()]
        return lambda context: {name: render(context) for name, render in members}
    if isinstance(value, list) and is_template(value):
        items = [compile_value(item, f"{where}[{number}]") for number, item in enumerate(value)]
        return lambda context: [render(context) for render in items]
    return lambda context: value


def context_of(call: Call, count: int) -> dict[str, Any]:
    """The names a template can use."""
    request, operation = call.request, call.lookup.operation
    body = call.verdict.body
    at = datetime.fromtimestamp(request.at, UTC)
    return {
        "request": {
            "method": request.method,
            "path": request.path,
            "tenant": request.tenant,
            # "http://127.0.0.1:8585": where this server is for the caller, for addresses in an answer.
            "origin": origin_of(request.base),
            # "http://127.0.0.1:8585/Cust12345/api": the caller's own tenant there.
            "base": request.base,
            "query": _firsts(request.query),
            "headers": _firsts(request.headers),
            "arguments": {**call.lookup.path_arguments, **call.verdict.arguments},
            "body": {} if isinstance(body, bytes | Nothing) else body,
            "text": request.body.decode("utf-8", "replace"),
        },
        "operation": (
            {"id": operation.id, "group": operation.group, "path": operation.path} if operation else {}
        ),
        # Source: section 21 of the behaviour page: dates have neither fraction nor offset.
        "now": at.strftime("%Y-%m-%dT%H:%M:%S"),
        "uuid": str(uuid.uuid4()),
        "count": count,
    }


def _firsts(pairs: Headers) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, value in pairs:
        found.setdefault(name, value)
    return found


@cache
def _environment() -> Environment:
    from mockso.scenario.sandbox import Environment

    return Environment()


def _compile_text(text: str, where: str) -> Render:
    parts = _ADDRESSES.split(text)
    if len(parts) > 1 and text.count("{") == 2 * (len(parts) // 2) and "\n" not in text and "\r" not in text:
        # A recording has thousands of these, each with an id of its own: Jinja takes a millisecond for one.
        return lambda context: "".join(
            context["request"][part] if number % 2 else part for number, part in enumerate(parts)
        )
    from jinja2 import TemplateError, meta

    from mockso.scenario.sandbox import begin

    environment = _environment()
    begin()
    try:
        tree = environment.prepare(text)
        unknown = sorted(meta.find_undeclared_variables(tree) - set(NAMES))
        make = _expression(text, environment) or _text(environment.from_string(tree))
    except TemplateError as error:
        raise ScenarioError(f"{where}: {text!r} is not a template: {error.message}.") from error
    except RecursionError as error:
        raise ScenarioError(
            f"{where}: this is not a template that can be read: it is nested too deep."
        ) from error
    if unknown:
        near = did_you_mean(unknown[0], NAMES)
        raise ScenarioError(f"{where}: a template has {', '.join(NAMES)}, but no {unknown[0]!r}.{near}")

    def render(context: Context) -> Any:
        begin()
        try:
            return make(context)
        except Exception as error:  # an author's expression may fail in any way
            raise ScenarioError(f"{where}: {text!r} has no value for this call: {error}") from error

    return render


def _expression(text: str, environment: Environment) -> Render | None:
    """The value of a text that is one expression and nothing else, or None for any other text."""
    from jinja2 import nodes
    from jinja2.environment import TemplateExpression

    from mockso.scenario.sandbox import check_size

    body = environment.prepare(text.strip()).body
    if len(body) != 1 or not isinstance(body[0], nodes.Output) or len(body[0].nodes) != 1:
        return None  # "{{ a }} and {{ b }}"
    value = body[0].nodes[0]
    assignment = nodes.Assign(nodes.Name("result", "store"), value, lineno=1)
    template = environment.from_string(nodes.Template([assignment], lineno=1))
    expression = TemplateExpression(template, undefined_to_none=False)

    def render(context: Context) -> Any:
        result = _plain(expression(**context))
        check_size(result)
        return result

    return render


def _text(template: Template) -> Render:
    from mockso.scenario.sandbox import LARGEST, LargeValueError

    def render(context: Context) -> str:
        pieces, size = [], 0
        for piece in template.generate(**context):
            pieces.append(piece)
            size += len(piece)
            if size > LARGEST:
                raise LargeValueError(f"its value is larger than {LARGEST:,} characters")
        return "".join(pieces)

    return render


def _plain(value: Any) -> Json:
    """A value as JSON has it; one of Python's own becomes its text."""
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"{value!r} is not a number that JSON has")
    if value is None or isinstance(value, bool | int | float | str):
        # Markup and Undefined are not plain values: str() of the latter says what is missing.
        return value if type(value) in (type(None), bool, int, float, str) else str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
