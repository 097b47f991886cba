"""The pages of the login: an error, a user to choose, an answer that the browser posts to the application."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from html import escape

from mockso.login.users import User

# Source: section 3.3; firm.
ERRORS = (
    *("NoError", "Revoked", "InvalidRedirectUrl", "Expired", "Denied", "NeedsReapproval"),
    *("InvalidTimestamp", "InvalidSignature"),
)
USER, OUTCOME = "mockso_user", "mockso_outcome"
"""Parameters of our own: who logs in, and the name of an error to end with."""

CHOICES = {
    "Denied": "Refuse consent",
    "NeedsReapproval": "As if the application were not approved",
    "Revoked": "As if its approval were taken back",
}


def page(title: str, content: str) -> bytes:
    """A whole page; `content` is HTML."""
    head = f'<meta charset="utf-8"><title>{escape(title)}</title>'
    return f"<!DOCTYPE html><html><head>{head}</head><body>{content}</body></html>".encode()


def error_page(name: str, explanation: str) -> bytes:
    """The page of a refusal, with the error and its number. Source: section 3.3; firm."""
    text = f"Authorization error: {name} ({ERRORS.index(name)})"
    return page("Authorization error", f"<h1>{text}</h1><p>{escape(explanation)}</p>")


def choice_page(form: Mapping[str, str], users: Iterable[User], action: str) -> bytes:
    """The page with the users that can log in; each is a button that repeats the request."""
    own = {USER, OUTCOME, "prompt", "login_hint"}
    fields = {name: value for name, value in form.items() if name not in own}
    buttons = [
        _button(USER, user.name, f"{user.full_name} ({user.name}, {user.mail})") for user in users
    ] or [_button(USER, "mockso", "mockso")]
    others = [_button(OUTCOME, name, text) for name, text in CHOICES.items()]
    client = escape(form.get("client_id", ""))
    return page(
        "Log in",
        f'<h1>Log in to {client}</h1><form method="get" action="{escape(action)}">{_inputs(fields)}'
        f"<p>{'<br>'.join(buttons)}</p><p>{'<br>'.join(others)}</p></form>",
    )


def post_page(address: str, fields: Mapping[str, str]) -> bytes:
    """The page that posts an answer to an application. Source: OAuth 2.0 Form Post Response Mode."""
    return page(
        "Working...",
        f'<form method="post" action="{escape(address)}">{_inputs(fields)}<noscript><button>Go on</button>'
        "</noscript></form><script>document.forms[0].submit()</script>",
    )


def _inputs(fields: Mapping[str, str]) -> str:
    return "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in fields.items()
    )


def _button(name: str, value: str, text: str) -> str:
    return f'<button name="{name}" value="{escape(value)}">{escape(text)}</button>'
