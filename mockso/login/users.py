"""The users that can log in: the associates of a tenant, each with what the claims of a token say."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

from mockso.state.log import Key, Value
from mockso.state.rows import Rows

ADMINISTRATOR = "Administrator"


class User(NamedTuple):
    """One associate. `id` is 0 in a tenant without associates, whose one user is made up."""

    id: int
    name: str
    mail: str
    full_name: str
    company: str
    is_administrator: bool


NOBODY = User(0, "mockso", "mockso@example.com", "mockso", "mockso", True)


def default_user(rows: Rows) -> User:
    """The user who logs in when nobody is named: the tenant's `me`."""
    me = rows.get("tenant", "me")
    row = rows.get("Associate", me["associate"]) if me is not None else None
    return NOBODY if me is None or row is None else _user(rows, me["associate"], row)


def find_user(rows: Rows, text: str) -> User | None:
    """The user of a name ("ANB"), user name or mail address, in any letter case; None for nobody's."""
    folded = text.strip().lower()
    if not folded:
        return None
    for key, row in rows.items("Associate"):
        if folded in (str(row.get("Name", "")).lower(), str(row.get("UserName", "")).lower()):
            return _user(rows, key, row)
    user = next((user for user in all_users(rows) if user.mail.lower() == folded), None)
    if user is None and folded in (NOBODY.name, NOBODY.mail) and default_user(rows) is NOBODY:
        return NOBODY
    return user


def all_users(rows: Rows) -> Iterator[User]:
    """All associates, by key."""
    return (_user(rows, key, row) for key, row in rows.items("Associate"))


def user_of(rows: Rows, id: int) -> User:
    """The user of an associate's key, the default one where that is gone."""
    row = rows.get("Associate", id) if id else None
    return default_user(rows) if row is None else _user(rows, id, row)


def is_gone(rows: Rows, id: int) -> bool:
    """Whether an associate who logged in was deleted since."""
    return id != 0 and rows.get("Associate", id) is None


def _user(rows: Rows, key: Key, row: Value) -> User:
    person: Any = rows.get("Person", row.get("Person", 0)) or {}
    contact: Any = rows.get("Contact", person.get("Contact", 0)) or {}
    role: Any = rows.get("Role", row.get("Role", 0)) or {}
    name = str(row.get("Name", ""))
    mails = [str(entry.get("Value", "")) for entry in person.get("Emails") or ()]
    mail = next((one for one in mails if one), str(row.get("UserName", "")) or name)
    full = " ".join(str(person[part]) for part in ("Firstname", "Lastname") if person.get(part))
    role_name = str(role.get("Name", "") or role.get("Value", ""))
    return User(
        int(key),
        name,
        mail,
        full or name,
        str(contact.get("Name", "")),
        role_name == ADMINISTRATOR or int(key) == 1,
    )
