"""Columns over references, forth and back: the same rows as a plain look at each row would give."""

import random

import pytest

FIRST = ["Ann", "Bo", "Cy", "Dag", ""]
WORDS = ["Nord", "sør", "Øst", "Vest", "nordlys"]
TESTS = {
    "is": lambda value, word: value.casefold() == word.casefold(),
    "isNot": lambda value, word: value.casefold() != word.casefold(),
    "begins": lambda value, word: value.casefold().startswith(word.casefold()),
    "contains": lambda value, word: word.casefold() in value.casefold(),
    "notContains": lambda value, word: word.casefold() not in value.casefold(),
}


@pytest.fixture(scope="module")
def crowd(request):
    """Companies of three associates and a hundred persons of theirs, some of nobody's and some of one that is gone."""
    engine = request.getfixturevalue("nordlys_engine")
    from tests.entities.conftest import Client

    client, choice = Client(engine, "Crowd", token="8A:Crowd.abc"), random.Random(7)
    for number in range(30):
        name = f"{choice.choice(WORDS)} {number % 11}"
        row = {
            "Name": name,
            "Associate": choice.choice([0, 1, 2, 3, 999]),
            "Category": choice.choice([0, 1, 2]),
        }
        client.put("Contact", 1000 + number, row)
    for number in range(100):
        contact = choice.choice([0, 4711, *range(1000, 1030)])
        row = {"Firstname": choice.choice(FIRST), "Lastname": f"L{number}", "Contact": contact}
        client.put("Person", 2000 + number, row)
    yield client
    engine.tenants.drop("Crowd")


def rows(client, path):
    return client.get(path)["value"]


def conditions(choice, columns):
    column, name = choice.choice(columns), choice.choice(list(TESTS))
    word = choice.choice(["nord", "S", "an", "7", "Bo", "Kari", "zzz"])
    return f"{column} {name} '{word}'", lambda row: TESTS[name](str(row[column]), word)


@pytest.mark.parametrize(
    ("path", "columns"),
    [
        (
            "Person",
            [
                "contact/name",
                "firstName",
                "contact/contactAssociate/fullName",
            ],
        ),
        (
            "Contact",
            [
                "name",
                "contactAssociate/fullName",
                "contactAssociate/personEmail",
                "contactAssociate/firstName",
            ],
        ),
        (
            "Archive/Dynamic",
            ["person.firstname", "person.contact_id.name", "person.contact_id.associate_id.name"],
        ),
        (
            "Archive/Dynamic",
            ["contact.name", "contact.(person->contact_id).firstname", "contact.associate_id.name"],
        ),
        (
            "Archive/Dynamic",
            ["person.lastname", "person:contact_id.name", "person.contact_id:associate_id.name"],
        ),
        (
            "Archive/Dynamic",
            [
                "contact.name",
                "contact.(person->contact_id).firstname",
                "contact.(email->contact_id).email_address",
            ],
        ),
    ],
)
def test_filters_and_orders_over_references_are_those_of_a_plain_look(crowd, path, columns):
    choice, select = random.Random(f"{path} {columns}"), ",".join(columns)
    every = rows(crowd, f"{path}?$select={select}")
    assert len(every) > 25

    for _ in range(40):
        parts = [conditions(choice, columns) for _ in range(choice.randint(1, 3))]
        join = choice.choice(["and", "or"])
        text = f" {join} ".join(text for text, _ in parts)
        passes = all if join == "and" else any
        expected = [row for row in every if passes(test(row) for _, test in parts)]
        assert rows(crowd, f"{path}?$select={select}&$filter={text}") == expected, text

        column, is_descending = choice.choice(columns), choice.choice([True, False])
        order = f"{column} {'desc' if is_descending else 'asc'}"
        expected.sort(key=lambda row, name=column: row[name].casefold(), reverse=is_descending)
        found = rows(crowd, f"{path}?$select={select}&$filter={text}&$orderby={order}&$skip=1&$top=5")
        assert found == expected[1:6], (text, order)


def test_a_key_in_a_filter_of_tables_finds_as_a_plain_look(crowd):
    select = "person.person_id,person.contact_id,person.contact_id.name"
    every = rows(crowd, f"Archive/Dynamic?$select={select}")

    for text, column, keys in [
        ("person.person_id = 2005", "person.person_id", {2005}),
        ("person.person_id in (2005, 7, 2007)", "person.person_id", {2005, 7, 2007}),
        ("person.contact_id = 1003 and person.person_id gt 0", "person.contact_id", {1003}),
        ("person.contact_id = 0", "person.contact_id", {0}),
    ]:
        expected = [row for row in every if row[column] in keys]
        found = rows(crowd, f"Archive/Dynamic?$select={select}&$filter={text}")
        assert sorted(found, key=str) == sorted(expected, key=str), text


def test_few_rows_find_those_that_refer_to_them_as_many_do(crowd):
    select = "contact.contact_id,contact.(person->contact_id).lastname"
    every = rows(crowd, f"Archive/Dynamic?$select={select}")

    found = rows(crowd, f"Archive/Dynamic?$select={select}&$filter=contact.contact_id in (1003, 1004)")

    assert found == [row for row in every if row["contact.contact_id"] in (1003, 1004)]
    assert len(found) > 2


def test_a_text_is_no_key_of_the_row_it_belongs_to(client):
    key = client.post("Contact", {"Name": "A", "Description": "Nice"})["ContactId"]

    path = f"Archive/Dynamic?$select=contact.name&$filter=contact.text_id = {key}"
    assert [row["contact.name"] for row in rows(client, path)] == ["A"]


def test_rows_of_custom_tables_refer_back(client):
    for name in ("A", "B"):
        client.post("Contact", {"Name": name})
    body = {
        "TableName": "y_car",
        "Columns": ["x_name", "x_contact"],
        "Data": [["Van", "2"], ["Bike", "[I:2]"]],
    }
    client.agent("DatabaseTable/Insert", body)

    path = "Archive/Dynamic?$select=contact.name,contact.(y_car->x_contact).x_name"
    found = [(row["contact.name"], row["contact.(y_car->x_contact).x_name"]) for row in rows(client, path)]
    assert found == [("A", ""), ("B", "Van"), ("B", "Bike")]
