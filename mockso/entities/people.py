"""Acts on companies and persons: brought back, moved, duplicates, addresses, phone lists, summaries."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from mockso.entities import edits
from mockso.entities.edits import Act
from mockso.entities.verbs import Verb, Work, default_row
from mockso.state.log import Key, Value
from mockso.state.rows import Draft

# --- changes ------------------------------------------------------------------------------------


def add_person(work: Work, rows: Draft) -> Any:
    """A new person of a company."""
    contact = edits.number(work, "ContactId")
    edits.get(rows, "Contact", contact)
    row = edits.row_of(work, "Person", work.argument("NewPersonEntity"))
    return edits.answer(work, rows, edits.add(work, rows, "Person", {**row, "Contact": contact}))


def _change_country(kind: str) -> Verb:
    def verb(work: Work, rows: Draft) -> Any:
        """A carrier with another country; nothing is stored."""
        body = work.argument(f"{kind}Entity")
        row = {**edits.row_of(work, kind, body), "Country": edits.number(work, "ToCountryId")}
        return work.compose(edits.key_in(work, kind, body), row, rows)

    return verb


def _update_interests(kind: str) -> Verb:
    def verb(work: Work, rows: Draft) -> Any:
        """Some interests on, others off. A row holds the ids of those that are on."""
        key = edits.number(work, f"{kind}Id")
        interests = edits.get(rows, kind, key).get("Interests") or ()
        off = set(edits.numbers(work, "DisableInterestIds"))
        on = [item for item in interests if item not in off] + edits.numbers(work, "EnableInterestIds")
        edits.change(work, rows, kind, key, {"Interests": sorted(set(on))})
        return None

    return verb


def move(work: Work, rows: Draft) -> Any:
    """A person to another company."""
    contact = edits.number(work, "DestinationContactId")
    edits.get(rows, "Contact", contact)
    edits.change(work, rows, "Person", edits.number(work, "PersonId"), {"Contact": contact})
    return None


def add_email(work: Work, rows: Draft) -> Any:
    """One more address of a person, first where it becomes the main one."""
    key, address = edits.number(work, "PersonId"), {"Value": edits.text(work, "EmailAddress")}
    emails = [
        item
        for item in edits.get(rows, "Person", key).get("Emails", ())
        if item.get("Value") != address["Value"]
    ]
    emails = [address, *emails] if work.argument("SetAsPrimaryEmail") else [*emails, address]
    edits.change(work, rows, "Person", key, {"Emails": emails})
    return None


# --- duplicates and numbers ---------------------------------------------------------------------

_NAMES = {"Contact": "FullName", "Project": "Name", "Selection": "Name"}
_NUMBERS = {"Contact": "Number2", "Person": "PersonNumber", "Project": "ProjectNumber", "Sale": "Number"}


def _fold(text: Any) -> str:
    return " ".join(str(text or "").lower().split())


def _duplicates(kind: str, rule: str, fits: Callable[[Work, Value], bool]) -> Verb:
    def verb(work: Work, rows: Draft) -> Any:
        return [
            edits.carrier(
                work,
                "DuplicateEntry",
                {
                    "RuleName": rule,
                    "RuleDisplayName": rule,
                    "SoPrimaryKey": key,
                    "EntryName": work.composer.read(work.kind, _NAMES[kind], key, row, rows) or "",
                    "EntryIdentifier": str(row.get(_NUMBERS.get(kind, ""), "")),
                },
            )
            for key, row in rows.items(kind)
            if fits(work, row)
        ]

    return verb


def _has_name(work: Work, row: Value) -> bool:
    """Whether names are equal, in any letter case; rules of its own are the server's (assumed)."""
    department = edits.text(work, "Department")
    return _fold(row.get("Name")) == _fold(work.argument("Name")) and (
        not department or _fold(row.get("Department")) == _fold(department)
    )


def _has_domain(work: Work, row: Value) -> bool:
    domain = edits.text(work, "Domain").lower().removeprefix("www.")
    texts = [str(item.get("Value", "")).lower() for name in ("Emails", "Urls") for item in row.get(name, ())]
    return bool(domain) and any(text.rstrip("/").endswith(domain) for text in texts)


def _number_is_free(kind: str) -> Verb:
    def verb(work: Work, rows: Draft) -> Any:
        """Whether no other row has that number."""
        wanted, own = edits.text(work, "Number"), edits.number(work, "ContactId")
        return not any(
            key != own and str(row.get(_NUMBERS[kind], "")) == wanted for key, row in rows.items(kind)
        )

    return verb


# --- looks --------------------------------------------------------------------------------------


def _address(kind: str) -> Verb:
    def verb(work: Work, rows: Draft) -> Any:
        """The address of a row; that of a person's company where the person lacks one."""
        key = edits.number(work, f"{kind}Id")
        row = edits.get(rows, kind, key)
        if not row.get("Address") and row.get("Contact"):
            row = rows.get("Contact", row["Contact"]) or row
        return edits.carrier(work, "Address", row.get("Address") or {})

    return verb


def _latest(rows: Iterable[tuple[Key, Value]], name: str, limit: int) -> list[tuple[Key, Value]]:
    found = sorted(rows, key=lambda item: str(item[1].get(name, "")), reverse=True)
    return found[:limit] if limit > 0 else found


def summary(work: Work, rows: Draft) -> Any:
    """A company with its latest tickets, follow-ups, documents, sales and chats."""
    key, limit = edits.number(work, "ContactId"), edits.number(work, "Limit")
    row = edits.get(rows, "Contact", key)
    known = work.contract.kinds.get("Contact")
    assert known is not None
    persons = {person for person, _ in rows.find("Person", "Contact", key)}
    tickets = [item for item in rows.items("Ticket") if item[1].get("Person") in persons]

    def of(kind: str, date: str) -> list[tuple[Key, Value]]:
        return _latest(rows.find(kind, "Contact", key), date, limit)

    members = {
        "Tickets": [
            {
                "TicketId": id,
                "TicketStatus": ticket.get("Status", 0),
                "Title": ticket.get("Title", ""),
                "Registered": ticket.get("CreatedAt", ""),
            }
            for id, ticket in _latest(tickets, "CreatedAt", limit)
        ],
        "Followups": [_activity("AppointmentId", id, item) for id, item in of("Appointment", "StartDate")],
        "Documents": [_activity("DocumentId", id, item) for id, item in of("Document", "Date")],
        "Sales": [
            {
                "SaleId": id,
                "SaleDate": sale.get("Saledate", ""),
                "Registered": sale.get("CreatedDate", ""),
                "AmountInBaseCurrency": sale.get("Amount", 0.0),
                "Currency": (rows.get("Currency", sale.get("Currency", 0)) or {}).get("Name", ""),
                **{
                    name: sale[name]
                    for name in ("Probability", "Heading", "Amount", "Status", "Completed")
                    if name in sale
                },
            }
            for id, sale in of("Sale", "Saledate")
        ],
        "Chats": [
            {"ChatSessionId": id, "Name": chat.get("CustomerName", "")}
            | {
                name: chat[name]
                for name in ("FirstMessage", "LastMessage", "WhenRequested", "WhenEnded")
                if name in chat
            }
            for id, chat in of("ChatSession", "WhenRequested")
        ],
    }
    body = edits.carrier(work, "ContactSummary", members)
    return {**body, "Contact": work.composer.part(known.simple, key, row, rows)}


def _activity(name: str, key: Key, row: Value) -> dict[str, Any]:
    return {
        name: key,
        "Date": row.get("StartDate") or row.get("Date", ""),
        "Description": row.get("Description") or row.get("Title") or row.get("Header", ""),
        "Completed": row.get("Completed", "Unknown"),
        "Registered": row.get("CreatedDate", ""),
    }


def _phones(work: Work, rows: Draft, found: Iterable[tuple[Key, Value]]) -> list[Any]:
    kind = edits.on(work, "Person").kind

    def first(row: Value, name: str) -> str:
        return str((row.get(name) or [{}])[0].get("Value", ""))

    return [
        edits.carrier(
            work,
            "PhoneListItem",
            {
                "Id": key,
                "Name": work.composer.label(kind, key, rows),
                "Tooltip": work.composer.read(kind, "Contact.Name", key, row, rows) or "",
                "UniqueId": f"person_{key}",
                "PersonDirectPhone": first(row, "OfficePhones"),
                "PersonCellPhone": first(row, "MobilePhones"),
                "PersonPrivatePhone": first(row, "PrivatePhones"),
                "PersonFaxNumber": first(row, "Faxes"),
                "PersonEmail": first(row, "Emails"),
            },
        )
        for key, row in found
    ]


def search_phones(work: Work, rows: Draft) -> Any:
    """Persons whose name, company, phone or e-mail begins with a text."""
    wanted = _fold(work.argument("SearchString"))
    kind = edits.on(work, "Person").kind

    def fits(key: Key, row: Value) -> bool:
        texts = [work.composer.label(kind, key, rows), row.get("Lastname"), row.get("Firstname")]
        texts.append(work.composer.read(kind, "Contact.Name", key, row, rows))
        texts += [
            item.get("Value")
            for name in ("OfficePhones", "MobilePhones", "PrivatePhones", "Emails")
            for item in row.get(name, ())
        ]
        return any(_fold(text).startswith(wanted) for text in texts if text)

    return _phones(work, rows, [item for item in rows.items("Person") if fits(*item)])


def phones_of_company(work: Work, rows: Draft) -> Any:
    """The persons of a company with their phones."""
    return _phones(work, rows, rows.find("Person", "Contact", edits.number(work, "ContactId")))


def persons_by_email(work: Work, rows: Draft) -> Any:
    """The persons who have an e-mail address."""
    wanted = _fold(work.argument("EmailAddress"))
    return [
        work.compose(key, row, rows)
        for key, row in rows.items("Person")
        if wanted and any(_fold(item.get("Value")) == wanted for item in row.get("Emails", ()))
    ]


def sales_contact(work: Work, rows: Draft) -> Any:
    """A person by company, names, e-mail or phone; the first that has all that was given."""
    tests = {
        "ContactName": "Contact.Name",
        "PersonFirstname": "Firstname",
        "PersonLastname": "Lastname",
        "EmailAddress": "Email",
        "PhoneNumber": "DirectPhone",
    }
    given = {path: _fold(work.argument(name)) for name, path in tests.items() if work.argument(name)}
    for key, row in rows.items("Person"):
        if given and all(
            _fold(work.composer.read(work.kind, path, key, row, rows)) == text for path, text in given.items()
        ):
            return work.compose(key, row, rows)
    return None


def recent(work: Work, rows: Draft) -> Any:
    """The caller's companies, those changed last first (likely)."""
    own = [
        item
        for item in rows.items("Contact")
        if work.caller in (item[1].get("UpdatedBy"), item[1].get("CreatedBy"))
    ]
    return [work.compose(key, row, rows) for key, row in _latest(own, "UpdatedDate", 20)]


def new_like(work: Work, rows: Draft) -> Any:
    """A company that was found elsewhere, as it was sent."""
    there = edits.on(work, "Contact")
    body = work.argument("ContactEntity")
    row = default_row(there, rows) | edits.row_of(work, "Contact", body)
    return work.compose(edits.key_in(work, "Contact", body), row, rows)


_name, _domain = "Equal name", "Equal domain"
_company = _duplicates("Contact", _name, _has_name)

ACTS: Mapping[str, Act] = {
    "v1ContactAgent_Undelete": Act(edits.undelete("Contact", "Id"), "Contact"),
    "v1PersonAgent_Undelete": Act(edits.undelete("Person", "Id"), "Person"),
    "v1ContactAgent_AddPerson": Act(add_person, "Person"),
    "v1ContactAgent_ChangeCountry": Act(_change_country("Contact"), "Contact", reads=True),
    "v1PersonAgent_ChangeCountry": Act(_change_country("Person"), "Person", reads=True),
    "v1ContactAgent_UpdateInterests": Act(_update_interests("Contact"), "Contact"),
    "v1PersonAgent_UpdateInterests": Act(_update_interests("Person"), "Person"),
    "v1ContactAgent_EnrichContactEntity": Act(new_like, "Contact", reads=True),
    "v1PersonAgent_Move": Act(move, "Person"),
    "v1PersonEntity_Move": Act(move, "Person"),
    "v1PersonAgent_AddEmailAddressToPerson": Act(add_email, "Person"),
    **{
        f"v1{group}_{name}": Act(verb, kind, reads=True)
        for group, name, kind, verb in (
            ("ContactAgent", "GetDuplicates", "Contact", _company),
            ("ContactAgent", "GetNameDepartmentDuplicates", "Contact", _company),
            ("ContactAgent", "GetDomainDuplicates", "Contact", _duplicates("Contact", _domain, _has_domain)),
            ("ContactEntity", "GetNameDepartmentDuplicates", "Contact", _company),
            ("ContactEntity", "GetDomainDuplicates", "Contact", _duplicates("Contact", _domain, _has_domain)),
            ("ProjectAgent", "GetDuplicates", "Project", _duplicates("Project", _name, _has_name)),
            ("ProjectEntity", "GetDuplicates", "Project", _duplicates("Project", _name, _has_name)),
            ("SelectionAgent", "GetDuplicates", "Selection", _duplicates("Selection", _name, _has_name)),
            ("SelectionEntity", "GetDuplicates", "Selection", _duplicates("Selection", _name, _has_name)),
        )
    },
    **{f"v1{kind}Agent_IsNumberValid": Act(_number_is_free(kind), kind, reads=True) for kind in _NUMBERS},
    **{
        f"v1{kind}Entity_IsNumberValid": Act(_number_is_free(kind), kind, reads=True)
        for kind in ("Project", "Sale")
    },
    "v1ContactAgent_GetAddress": Act(_address("Contact"), "Contact", reads=True),
    "v1PersonAgent_GetAddress": Act(_address("Person"), "Person", reads=True),
    "v1ContactAgent_GetContactSummary": Act(summary, "Contact", reads=True),
    "v1ContactEntity_GetContactSummary": Act(summary, "Contact", reads=True),
    "v1ContactAgent_GetMyRecentContacts": Act(recent, "Contact", reads=True),
    "v1PhoneListAgent_Search": Act(search_phones, "Person", reads=True),
    "v1PhoneListAgent_SearchWithPreferences": Act(search_phones, "Person", reads=True),
    "v1PhoneListAgent_GetContactPhones": Act(phones_of_company, "Person", reads=True),
    "v1EMailAgent_GetPersonsFromEmailAddress": Act(persons_by_email, "Person", reads=True),
    "v1EMailAgent_GetPersonEntitiesFromEmailAddress": Act(persons_by_email, "Person", reads=True),
    "v1PersonAgent_GetSalesRep": Act(sales_contact, "Person", reads=True),
}
