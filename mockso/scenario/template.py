"""Values of a reply that take parts of the call: "{{ request.body.ContactId }}".

Jinja's sandbox with strict undefined, imported when the first template is compiled. A text that is
one expression gives the expression's value, so that a number stays a number; any other text gives
a text.
"""

from __future__ import annotations

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
    from jinja2.sandbox import SandboxedEnvironment

NAMES = ("request", "operation", "now", "uuid", "count")

Context = Mapping[str, Any]
Render = Callable[[Context], Any]

_ADDRESSES = re.compile(r"\{\{ request\.(origin|base) \}\}")
_ONE_EXPRESSION = re.compile(r"\s*\{\{-?(.*?)-?\}\}\s*", re.DOTALL)


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
def _environment() -> SandboxedEnvironment:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import SandboxedEnvironment

    class Environment(SandboxedEnvironment):
        """Look up properties of the call before methods of Python, case-insensitive as in bodies and headers."""

        # A product or power can fill the memory with one short expression.
        intercepted_binops = frozenset({"*", "**"})

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            plain = all(isinstance(side, int | float) and abs(side) < 2**63 for side in (left, right))
            if not plain or (operator == "**" and abs(right) > 64):
                raise ValueError(f"{operator!r} takes two numbers, not too large")
            return super().call_binop(context, operator, left, right)

        def getattr(self, obj: Any, attribute: str) -> Any:
            return self.getitem(obj, attribute) if isinstance(obj, dict) else super().getattr(obj, attribute)

        def getitem(self, obj: Any, argument: Any) -> Any:
            if not isinstance(obj, dict):
                return super().getitem(obj, argument)
            if argument in obj:
                return obj[argument]
            if isinstance(argument, str):
                folded = argument.lower()
                for name, value in obj.items():
                    if name.lower() == folded:
                        return value
            names = [str(name) for name in obj]
            return self.undefined(f"there is no {argument!r} in it.{did_you_mean(str(argument), names)}")

    environment = Environment(undefined=StrictUndefined, autoescape=False)
    environment.globals.clear()
    return environment


def _compile_text(text: str, where: str) -> Render:
    parts = _ADDRESSES.split(text)
    if len(parts) > 1 and text.count("{") == 2 * (len(parts) // 2) and "\n" not in text and "\r" not in text:
        # A recording has thousands of these, each with an id of its own: Jinja takes a millisecond for one.
        return lambda context: "".join(
            context["request"][part] if number % 2 else part for number, part in enumerate(parts)
        )
    from jinja2 import TemplateError, meta

    environment = _environment()
    try:
        unknown = sorted(meta.find_undeclared_variables(environment.parse(text)) - set(NAMES))
        make = _expression(text) or _text(text)
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
        try:
            return make(context)
        except Exception as error:  # an author's expression may fail in any way
            raise ScenarioError(f"{where}: {text!r} has no value for this call: {error}") from error

    return render


def _expression(text: str) -> Render | None:
    """The value of a text that is one expression and nothing else, or None for any other text."""
    from jinja2 import TemplateSyntaxError

    match = _ONE_EXPRESSION.fullmatch(text)
    if match is None:
        return None
    try:
        expression = _environment().compile_expression(match[1].strip(), undefined_to_none=False)
    except TemplateSyntaxError:
        return None  # "{{ a }} and {{ b }}"
    return lambda context: _plain(expression(**context))


def _text(text: str) -> Render:
    template = _environment().from_string(text)
    return lambda context: template.render(**context)


def _plain(value: Any) -> Json:
    """A value as JSON has it; one of Python's own becomes its text."""
    if value is None or isinstance(value, bool | int | float | str):
        # Markup and Undefined are no plain values: str() of the latter says what is missing.
        return value if type(value) in (type(None), bool, int, float, str) else str(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return str(value)
