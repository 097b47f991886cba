"""Rows made up by number: `generate: {Contact: 200, Person: 600}` of a data file.

A value depends on the seed, the kind, the key and the property alone, so the same file gives the same rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from zlib import crc32

from mockso.state.log import Key

_FIRST = [
    "Ada",
    "Bo",
    "Clara",
    "David",
    "Elin",
    "Felix",
    "Greta",
    "Hugo",
    "Ida",
    "Jonas",
    "Karin",
    "Leo",
    "Maja",
    "Nils",
    "Olga",
    "Paul",
    "Rut",
    "Sven",
    "Tora",
    "Viktor",
]
_LAST = [
    "Ahlberg",
    "Bakke",
    "Carlsen",
    "Dahl",
    "Ekman",
    "Falk",
    "Grande",
    "Holm",
    "Iversen",
    "Juhl",
    "Krogh",
    "Lindgren",
    "Moen",
    "Nygren",
    "Olsen",
    "Palm",
    "Quist",
    "Rosen",
    "Strand",
    "Thorsen",
    "Ulven",
    "Vik",
    "Winther",
    "Zetter",
]
_WORDS = [
    "North",
    "South",
    "Blue",
    "Green",
    "Bright",
    "Clear",
    "River",
    "Harbour",
    "Mountain",
    "Valley",
    "Silver",
    "Copper",
    "Maple",
    "Birch",
    "Falcon",
    "Heron",
]
_TRADES = [
    "Energy",
    "Foods",
    "Logistics",
    "Software",
    "Shipping",
    "Interiors",
    "Textiles",
    "Consulting",
    "Garden",
    "Media",
    "Tools",
    "Paper",
]
_TOPICS = [
    "Renewal",
    "Workshop",
    "Delivery",
    "Upgrade",
    "Survey",
    "Training",
    "Kickoff",
    "Audit",
    "Prototype",
    "Rollout",
]


class Picker:
    """Picks the values of one row."""

    def __init__(self, seed: Any, kind: str, key: Key) -> None:
        self._prefix = f"{seed}/{kind}/{key}/"

    def number(self, name: str, below: int) -> int:
        """A number from 0 up to `below`."""
        return crc32((self._prefix + name).encode()) % below

    def one(self, name: str, values: Sequence[Any]) -> Any:
        """One of the values; None of an empty list."""
        return values[self.number(name, len(values))] if values else None


Keys = Callable[[str], Sequence[Key]]
Maker = Callable[[Picker, datetime, Keys], "dict[str, Any]"]


def _contact(pick: Picker, now: datetime, keys: Keys) -> dict[str, Any]:
    name = f"{pick.one('word', _WORDS)} {pick.one('trade', _TRADES)}"
    host = name.lower().replace(" ", "-")
    return {
        "Name": name,
        "Department": pick.one("department", ("", "", "Sales", "Head office")),
        "OrgNr": str(900_000_000 + pick.number("orgnr", 99_999_999)),
        "Emails": [{"Value": f"post@{host}.example"}],
        "Phones": [{"Value": f"+47 22 55 {pick.number('phone', 10000):04}"}],
        **_some(
            pick, keys, Category="Category", Business="Business", Country="Country", Associate="Associate"
        ),
    }


def _person(pick: Picker, now: datetime, keys: Keys) -> dict[str, Any]:
    first, last = pick.one("first", _FIRST), pick.one("last", _LAST)
    return {
        "Firstname": first,
        "Lastname": last,
        "Emails": [{"Value": f"{first}.{last}@mail.example".lower()}],
        "MobilePhones": [{"Value": f"+47 900 5{pick.number('phone', 10000):04}"}],
        **_some(pick, keys, Contact="Contact", Position="Position", Country="Country"),
    }


def _sale(pick: Picker, now: datetime, keys: Keys) -> dict[str, Any]:
    return {
        "Heading": f"{pick.one('word', _TRADES)} {pick.one('topic', _TOPICS).lower()}",
        "Amount": float(1000 * (1 + pick.number("amount", 500))),
        "Probability": 10 * pick.number("probability", 10),
        "Saledate": _day(now, pick.number("day", 180) - 60),
        "Status": pick.one("status", ("Open", "Open", "Open", "Sold", "Lost")),
        **_some(pick, keys, Contact="Contact", Person="Person", Associate="Associate", SaleType="SaleType"),
    }


def _project(pick: Picker, now: datetime, keys: Keys) -> dict[str, Any]:
    return {
        "Name": f"{pick.one('word', _WORDS)} {pick.one('topic', _TOPICS).lower()}",
        "EndDate": _day(now, 30 + pick.number("day", 300)),
        **_some(pick, keys, Associate="Associate", ProjectType="ProjectType", ProjectStatus="ProjectStatus"),
    }


def _appointment(pick: Picker, now: datetime, keys: Keys) -> dict[str, Any]:
    start = datetime.fromisoformat(_day(now, pick.number("day", 60) - 30))
    start += timedelta(hours=8 + pick.number("hour", 8))
    return {
        "Title": f"{pick.one('topic', _TOPICS)} with {pick.one('word', _WORDS)}",
        "StartDate": start.isoformat(),
        "EndDate": (start + timedelta(hours=1)).isoformat(),
        "Type": "inDiary",
        **_some(pick, keys, Contact="Contact", Person="Person", Associate="Associate", Task="TaskListItem"),
    }


def _document(pick: Picker, now: datetime, keys: Keys) -> dict[str, Any]:
    header = f"{pick.one('topic', _TOPICS)} note"
    return {
        "Header": header,
        "Name": f"{header.lower().replace(' ', '-')}.txt",
        "Date": _day(now, -pick.number("day", 90)),
        **_some(
            pick,
            keys,
            Contact="Contact",
            Person="Person",
            Associate="Associate",
            DocumentTemplate="DocumentTemplate",
        ),
    }


def _ticket(pick: Picker, now: datetime, keys: Keys) -> dict[str, Any]:
    return {
        "Title": f"{pick.one('topic', _TOPICS)} of {pick.one('trade', _TRADES).lower()}",
        **_some(
            pick,
            keys,
            Person="Person",
            OwnedBy="Associate",
            Category="TicketCategory",
            Priority="TicketPriority",
        ),
    }


def _some(pick: Picker, keys: Keys, **references: str) -> dict[str, Key]:
    """References to rows that exist; none to a kind without rows."""
    picked = {name: pick.one(name, keys(kind)) for name, kind in references.items()}
    return {name: key for name, key in picked.items() if key is not None}


def _day(now: datetime, days: int) -> str:
    return f"{now.date() + timedelta(days=days)}T00:00:00"


# In the order in which they refer to one another.
GENERATED: Mapping[str, Maker] = {
    "Contact": _contact,
    "Person": _person,
    "Project": _project,
    "Sale": _sale,
    "Appointment": _appointment,
    "Document": _document,
    "Ticket": _ticket,
}


def generate(
    counts: Mapping[str, int], seed: Any, now: datetime, keys: Keys
) -> Iterator[tuple[str, Key, dict[str, Any]]]:
    """So many rows of each kind, with keys above the highest.

    `keys` gives the keys of a kind, those of generated rows included once they were taken.
    """
    for kind, make in GENERATED.items():
        highest = max((key for key in keys(kind) if isinstance(key, int)), default=0)
        known: dict[str, Sequence[Key]] = {}

        def keys_once(of: str, known: dict[str, Sequence[Key]] = known) -> Sequence[Key]:
            if of not in known:
                known[of] = keys(of)
            return known[of]

        for key in range(highest + 1, highest + 1 + counts.get(kind, 0)):
            yield kind, key, make(Picker(seed, kind, key), now, keys_once)
