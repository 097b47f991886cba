"""The applications of a data file, by client id: `applications: {my-app: {secret: s3cret, grants: [Webhook]}}`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mockso.config import Settings
from mockso.errors import SettingError, did_you_mean
from mockso.scenario.yaml import Place
from mockso.state.applications import KIND, Application
from mockso.state.fingerprint import fingerprint

NAME = "applications"
_TEXTS = ("secret", "name", "public_key", "system_token")
_LISTS = ("redirects", "grants")
_KEYS = (*_TEXTS, *_LISTS, "approved")

__all__ = ["KIND", "NAME", "read_applications"]


def read_applications(rows: Any, fault: Callable[[Place, str], None]) -> dict[Any, Any]:
    """The rows of the applications; a secret stands hashed in its row."""
    if not isinstance(rows, Mapping):
        fault((NAME,), "it is a mapping of client ids to applications, '{my-app: {secret: s3cret}}'.")
        return {}
    applications = {}
    for id, value in rows.items():
        place: Place = (NAME, id)
        if not isinstance(value, Mapping):
            fault(place, f"expected its secret and more, '{{secret: s3cret}}', got {value!r}.")
            continue
        for key, item in value.items():
            problem = _problem(str(key), item)
            if problem:
                fault((*place, key), problem)
        if not value.get("secret"):
            fault(place, "its secret is missing.")
        applications[str(id)] = _application(str(id), value).row()
    return applications


def _problem(key: str, item: Any) -> str:
    if key not in _KEYS:
        return f"there is no such part of an application.{did_you_mean(key, _KEYS)}"
    if key in _TEXTS and not isinstance(item, str):
        return f"expected a text, got {item!r}."
    if key in _LISTS and not (isinstance(item, list) and all(isinstance(one, str) for one in item)):
        return f"expected a list of texts, got {item!r}."
    if key == "approved" and not isinstance(item, bool):
        return f"expected true or false, got {item!r}."
    if key == "grants":
        try:
            Settings().check_agents(item, "")
        except SettingError as error:
            return str(error).removeprefix(": ")
    if key == "public_key" and item:
        from mockso.state.public_key import read_public_key

        try:
            read_public_key(item)
        except ValueError as error:
            return f"{error}."
    return ""


def _application(id: str, value: Mapping[str, Any]) -> Application:
    fields = {name: value[name] for name in ("name", "public_key", "system_token") if name in value}
    if isinstance(value.get("redirects"), list):
        fields["redirects"] = tuple(value["redirects"])
    if isinstance(value.get("grants"), list):
        fields["grants"] = frozenset(map(str, value["grants"]))
    secret = fingerprint(str(value.get("secret", "")))
    return Application(
        **{"name": id, **fields, "id": id, "secret": secret, "is_approved": value.get("approved", True)}
    )
