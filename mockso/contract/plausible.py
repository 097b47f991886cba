"""Plausible values for properties by rules of name and type: a phone looks like one, a postcode fits its city.

A value is a function of the seed, the kind, the id and the property, and of nothing else: the same in every
process and in any order of calls. What no rule knows is empty. Source: study of entities, section c2.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cached_property, lru_cache
from typing import Any
from zlib import crc32

from mockso.contract import wordlist
from mockso.contract.model import TypeRef

MINIMUM_DATE = "0001-01-01T00:00:00"  # how the server writes an empty date; firm
CONTENT = b"An example made by mockso.\n"
PIXEL = (
    b"GIF89a\x01\x00\x01\x00\x80\x00\x00\xff\xff\xff\x00\x00\x00!\xf9\x04\x01\x00\x00\x00\x00"
    b",\x00\x00\x00\x00\x01\x00\x01\x00\x00\x02\x02D\x01\x00;"
)

# The moment that data made up here was last touched before; nothing of it is later.
EPOCH = datetime(2026, 1, 5, 8)

# ISO 3166 and its number, which is the server's id of a country (recorded).
NORWAY = 578

# Kinds whose rows are called as a person.
_PEOPLE = frozenset({"", "Person", "Associate", "ProjectMember", "User"})

_LETTERS = str.maketrans("æøåÆØÅ -", "aoaAOA--")


@dataclass(frozen=True)
class Subject:
    """The row that values are about. Persons, companies and places of one key belong together in all kinds."""

    kind: str = ""
    key: int | str = 0
    seed: int = 0

    def number(self, name: str, below: int) -> int:
        """A number of a property, from 0."""
        return crc32(f"{self.seed}/{self.kind}/{self.key}/{name}".encode()) % below

    def pick(self, name: str, words: Sequence[str]) -> str:
        """One of several words for a property."""
        return words[self.number(name, len(words))]

    def _pick_for_key(self, name: str, words: Sequence[Any]) -> Any:
        return words[crc32(f"{self.seed}/{self.key}/{name}".encode()) % len(words)]

    @cached_property
    def first_name(self) -> str:
        return str(self._pick_for_key("first name", wordlist.FIRST_NAMES))

    @cached_property
    def last_name(self) -> str:
        return str(self._pick_for_key("last name", wordlist.LAST_NAMES))

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}"

    @cached_property
    def company(self) -> str:
        """The name of the company of this key."""
        return f"{self._pick_for_key('company', wordlist.COMPANY_WORDS)} {self._pick_for_key('trade', wordlist.TRADES)} AS"

    @property
    def domain(self) -> str:
        """The company's domain, below the top level domain that nobody can own (RFC 2606)."""
        return f"{_ascii(self.company.removesuffix(' AS'))}.example"

    @property
    def email(self) -> str:
        if self.kind in ("Contact", ""):
            return f"post@{self.domain}"
        return f"{_ascii(self.first_name)}.{_ascii(self.last_name)}@{self.domain}"

    @cached_property
    def city(self) -> wordlist.City:
        city: wordlist.City = self._pick_for_key("city", wordlist.CITIES)
        return city

    @cached_property
    def street(self) -> str:
        return f"{self._pick_for_key('street', wordlist.STREETS)} {self._pick_for_key('house', range(1, 90))}"

    @property
    def title(self) -> str:
        """The name of the row itself."""
        if self.kind in _PEOPLE:
            return self.full_name
        if self.kind == "Contact":
            return self.company
        return self.pick("title", wordlist.TITLES.get(self.kind, wordlist.ITEMS))

    @cached_property
    def creation(self) -> datetime:
        """When the row was made: 100 to 500 days before the epoch, in working hours."""
        return _working_hour(self, "created", EPOCH - timedelta(days=100 + self.number("created", 400)))

    @cached_property
    def last_change(self) -> datetime:
        """When the row was changed last: 1 to 90 days before the epoch."""
        return _working_hour(self, "updated", EPOCH - timedelta(days=1 + self.number("updated", 90)))

    @cached_property
    def start(self) -> datetime:
        """When what the row is about began."""
        return _working_hour(self, "start", EPOCH - timedelta(days=1 + self.number("start", 60)))


Rule = Callable[[Subject, str], Any]


def plausible(subject: Subject, name: str, kind: TypeRef, limit: int | None = None) -> Any:
    """A value for a property of a row: a scalar, or the member of an enum. `limit` is the most characters it may have."""
    if kind.kind in ("enum", "flags"):
        return _member(kind)
    value = _rule(kind.name, name)(subject, name)
    if isinstance(value, str):
        value = value[:limit] if limit else value
        # A text that says no more than the property's name looks like a fault of the reader.
        return "" if value.lower() == name.lower() else value
    return value


def empty(kind: TypeRef) -> Any:
    """The empty value of a scalar type."""
    return _EMPTY[kind.name]


_EMPTY: Mapping[str, Any] = {
    "string": "",
    "int32": 0,
    "int64": 0,
    "double": 0.0,
    "boolean": False,
    "date-time": MINIMUM_DATE,
    "byte": "",
    "binary": b"",
}


@lru_cache(maxsize=1024)
def _member(kind: TypeRef) -> str:
    return next(
        (value for value in kind.values if value not in ("Unknown", "None", "Undefined")), kind.values[0]
    )


def _ascii(text: str) -> str:
    return text.lower().translate(_LETTERS)


def _working_hour(subject: Subject, name: str, day: datetime) -> datetime:
    """A moment of that day between 8 and 16; of the Friday before where it is a weekend."""
    day -= timedelta(days=max(0, day.weekday() - 4))
    return day.replace(
        hour=8 + subject.number(f"{name} hour", 8), minute=15 * subject.number(f"{name} minute", 4)
    )


def _date(moment: datetime) -> str:
    return moment.isoformat(timespec="seconds")


def _birthday(subject: Subject, name: str) -> str:
    return f"{1960 + subject.number(name, 40)}-{1 + subject.number('month', 12):02d}-{1 + subject.number('day', 28):02d}T00:00:00"


def _phone(subject: Subject, name: str) -> str:
    digits = f"{subject.number(name, 10_000):04d}"
    return f"+47 22 51 {digits[:2]} {digits[2:]}"


def _initials(subject: Subject, name: str) -> str:
    return _ascii(subject.first_name)[:2].upper() + _ascii(subject.last_name)[:2].upper()


def _uuid(subject: Subject, name: str) -> str:
    digits = "".join(f"{subject.number(f'{name} {part}', 1 << 32):08x}" for part in range(4))
    # Version 4 and its variant, as most are.
    return f"{digits[:8]}-{digits[8:12]}-4{digits[13:16]}-a{digits[17:20]}-{digits[20:]}"


def _own_name(subject: Subject, name: str) -> str:
    return _initials(subject, name) if subject.kind == "Associate" and name == "Name" else subject.title


def _heading(subject: Subject, name: str) -> str:
    return subject.pick(name, wordlist.JOBS) if subject.kind == "Person" else subject.title


def _address(subject: Subject, name: str) -> str:
    return f"{subject.street}\r\n{subject.city.postcode} {subject.city.name}"


def _always(value: Any) -> Rule:
    return lambda subject, name: value


def _below(limit: int, first: int = 0) -> Rule:
    return lambda subject, name: first + subject.number(name, limit)


def _money(subject: Subject, name: str) -> float:
    return subject.number(name, 90_000) + 10_000 + 0.5 * subject.number(f"{name} half", 2)


_NOTHING = _always("")

# First match wins. Words of a line are endings of names, "=word" a whole name, "word*" a beginning; in lower case.
_TEXTS: Sequence[tuple[str, Rule]] = (
    # what nobody should invent, and what an answer has only where something went wrong
    (
        "password secret secretkey secretvalue token accesskey authkey signature hash nonce verifier sessionkey "
        "credentialvalue credentialdisplayvalue credentialtype authorizationcode sitekey encryptedstring",
        _NOTHING,
    ),
    ("tooltip tooltiptext reason error errorcode message explanation exception debuginfo hint", _NOTHING),
    # how to reach somebody
    (
        "email emails emailaddress emailaddresses emailto emailfrom emailcc fromaddress fromaddr replytoaddr "
        "recipient recipients =to =from =cc =bcc",
        lambda subject, name: subject.email,
    ),
    (
        "emailaddressname urlname domain domains domainname host hostname server",
        lambda subject, name: subject.domain,
    ),
    ("url urls uri imagelink sourcelink", lambda subject, name: f"https://{subject.domain}/"),
    (
        "phone phones phonenumber phonenumbers fax faxes faxnumber pagernumber =voip phone* =smsto =smssender",
        _phone,
    ),
    # people
    ("firstname", lambda subject, name: subject.first_name),
    ("middlename kananame kanafname kanalname nickname salutation academictitle mrmrs", _NOTHING),
    ("lastname", lambda subject, name: subject.last_name),
    ("username =associatename =initials", _initials),
    (
        "personname personfullname associatefullname personformalname formalname ownername ownedbyname byfullname "
        "createdbyname checkedinbyname registeredby =createdby =updatedby =author =attention =fromname =tofullname "
        "=replytoname =associate approvedbytext rejectedbytext",
        lambda subject, name: subject.full_name,
    ),
    # companies and places
    (
        "contactname contactfullname companyname customername supplier leadcontact =company creatorscontact",
        lambda subject, name: subject.company,
    ),
    ("department", lambda subject, name: subject.pick(name, wordlist.DEPARTMENTS)),
    (
        "jobtitle persontitle =position personposition",
        lambda subject, name: subject.pick(name, wordlist.JOBS),
    ),
    ("city cities", lambda subject, name: subject.city.name),
    ("zip zipcode postcode", lambda subject, name: subject.city.postcode),
    ("=address1 street", lambda subject, name: subject.street),
    ("county", lambda subject, name: subject.city.county),
    ("=formatted formattedaddress locationaddress =location =address", _address),
    ("=address2 =address3 =state", _NOTHING),
    ("twoletterisocountry countrycode smscountry", _always("NO")),
    ("threeletterisocountry", _always("NOR")),
    ("country countryname =englishname =nativename", _always("Norway")),
    ("dialinprefix interareaprefix", _always("+47")),
    ("zipprefix", _always("N-")),
    # languages, money, zones, colours
    ("threeletterisolanguagename", _always("eng")),
    ("langcode languagecode languageisocode language twoletterisolanguagename", _always("en")),
    ("culture culturename", _always("en-US")),
    ("currency currencycode currencyname", _always("NOK")),
    ("locationcode timezone", _always("NO")),
    ("color", _always("#2b6cb0")),
    ("=font fontfamily", _always("Arial")),
    ("fontsize", _always("12")),
    # files and marks
    ("filename", lambda subject, name: subject.pick(name, wordlist.FILES)),
    ("mimetype contenttype", _always("application/pdf")),
    ("=encoding", _always("utf-8")),
    (
        "guid uuid uid uniqueid uniqueidentifier identifier trackingid includeid clientid messageid contentid",
        _uuid,
    ),
    ("orgnr", lambda subject, name: f"9{10_000_000 + subject.number(name, 89_999_999)}"),
    ("orgnrtext", _always("Org.nr.")),
    ("number number1 number2 serialnr", lambda subject, name: f"{10_000 + subject.number(name, 9_000)}"),
    (
        "code key reference =ourref =yourref",
        lambda subject, name: f"N-{10_000 + subject.number(name, 9_000)}",
    ),
    # words of the product's own
    ("tablename targettable =table", _always("contact")),
    ("entityname entitytype", _always("contact")),
    ("providername", _always("FindContact")),
    ("fieldname =field =keys columns columnnames =orderby =sortby", _always("name")),
    ("listname listdefinitionname listtype", _always("category")),
    ("version", _always("1.0")),
    # texts
    ("subject heading header title label caption", _heading),
    (
        "description comment note notes summary agenda postit passivetext activetext question answer =text "
        "plainbody plainmessage",
        lambda subject, name: subject.pick(name, wordlist.SENTENCES),
    ),
    ("=name =value =displayvalue =displayname =displaytext =item =resourcename =fullname", _own_name),
    ("fullname", lambda subject, name: subject.full_name),
    (
        "name",
        lambda subject, name: (
            Subject(_kind_in(name), subject.key, subject.seed).title if _kind_in(name) else ""
        ),
    ),
    ("", _NOTHING),
)
_INTEGERS: Sequence[tuple[str, Rule]] = (
    ("countryid isonumber", _always(NORWAY)),
    ("id idx ids", _below(9, 1)),
    ("deleted =flags extraflags retired errors errorcount counter omitted", _always(0)),
    ("num* tot* count* counts count replies messages", _below(5)),
    ("rank sortorder order sequence stepnumber lineno linenumber", _below(9, 1)),
    ("percent probability confidence weight score sentiment percent*", _below(101)),
    ("minutes duration leadtime time* realtime*", _below(12, 5)),
    ("year", _always(EPOCH.year)),
    ("month", _below(12, 1)),
    ("day", _below(28, 1)),
    ("height width length size", _below(200, 20)),
    ("dialinprefix", _always(47)),
    ("port", _always(443)),
    ("", _below(5)),
)
_DOUBLES: Sequence[tuple[str, Rule]] = (
    ("latitude", lambda subject, name: subject.city.latitude),
    ("longitude", lambda subject, name: subject.city.longitude),
    ("percent accuracy confidence score vat", lambda subject, name: float(subject.number(name, 101))),
    ("amount amountto amountfrom price cost earning subtotal currency", _money),
    ("", _always(1.0)),
)
_BOOLEANS: Sequence[tuple[str, Rule]] = (
    # An answer that says that it did not succeed is not an example of a success.
    ("success succeeded isok valid active visible enabled", _always(True)),
    ("", _always(False)),
)
_DATES: Sequence[tuple[str, Rule]] = (
    ("birthdate", _birthday),
    ("created* registered registereddate createdat", lambda subject, name: _date(subject.creation)),
    (
        "updated* changed updated changedat lastmodified lastsyncronized lastloaded lastmembershipchange",
        lambda subject, name: _date(subject.last_change),
    ),
    (
        "end endtime enddate endedat stop ended todate",
        lambda subject, name: _date(subject.start + timedelta(hours=1)),
    ),
    (
        "start starttime startdate startedat started fromdate =date saledate =sent when* eventdatetime eventdate",
        lambda subject, name: _date(subject.start),
    ),
    ("", _always(MINIMUM_DATE)),
)
_BYTES: Sequence[tuple[str, Rule]] = (
    ("image photo logo thumbnail icon", _always(b64encode(PIXEL).decode())),
    ("", _always(b64encode(CONTENT).decode())),
)


class _Names:
    """The names a rule is for."""

    def __init__(self, words: str) -> None:
        parts = words.split(" ")
        self._whole = frozenset(part[1:] for part in parts if part.startswith("="))
        self._beginnings = tuple(part[:-1] for part in parts if part.endswith("*"))
        self._endings = tuple(part for part in parts if not part.startswith("=") and not part.endswith("*"))

    def __contains__(self, name: str) -> bool:
        return name in self._whole or name.startswith(self._beginnings) or name.endswith(self._endings)


_RULES: Mapping[str, Sequence[tuple[_Names, Rule]]] = {
    kind: [(_Names(words), rule) for words, rule in rules]
    for kind, rules in (
        ("string", _TEXTS),
        ("int32", _INTEGERS),
        ("int64", _INTEGERS),
        ("double", _DOUBLES),
        ("boolean", _BOOLEANS),
        ("date-time", _DATES),
        ("byte", _BYTES),
        ("binary", [("", _always(CONTENT))]),
    )
}


@lru_cache(maxsize=8192)
def _rule(kind: str, name: str) -> Rule:
    folded = name.lower()
    return next(rule for names, rule in _RULES[kind] if folded in names)


def _kind_in(name: str) -> str:
    """The kind that a property names, empty for none: Sale of SaleName."""
    stem = name.removesuffix("Name")
    return next((kind for kind in sorted(wordlist.TITLES, key=len, reverse=True) if stem.endswith(kind)), "")
