"""Every collection and every provider over the shipped company: right types, rows of the right kind, no 5xx."""

import random

from mockso.archive.columns import provider_of
from mockso.archive.predicates import FAMILIES
from mockso.archive.providers import provider_names
from mockso.entities import providers

TYPES = {"number": (int, float), "flag": (bool,), "time": (str,), "set": (str,), "text": (str,)}


def query(client, path, **options):
    text = "&".join(f"${name}={value}" for name, value in options.items())
    return client.call("GET", f"{path}?{text}")


def names(contract):
    return [name for name in provider_names(contract) if not name.startswith("$")]


def wrong_values(provider, rows):
    """The values that are not of their column's type, or are the column's own name."""
    for row in rows:
        for name, value in row.items():
            column = provider.find(name)
            if name in ("PrimaryKey", "EntityName"):
                continue
            family = FAMILIES.get(column.restriction, "")
            wanted = TYPES.get(family, (str, int, float, bool))
            is_text = name.lower() == "probpercent"  # recorded
            if type(value) not in wanted and not is_text:
                yield provider.name, name, column.restriction, value
            elif value == name and value:
                yield provider.name, name, "its own name", value


def test_every_provider_answers_with_values_of_its_columns_types(nordlys, shipped):
    random_columns = random.Random(12)
    wrong, counts = [], {}
    for name in names(shipped):
        provider = provider_of(name, shipped)
        columns = [column.name for column in provider.columns.values()]
        some = random_columns.sample(columns, min(10, len(columns)))
        for select in ("", ",".join(some)):
            status, body = query(nordlys, f"Archive/{name}", top=3, select=select)
            assert (status, set(body)) == (200, {"odata.metadata", "odata.nextLink", "value"}), name
            wrong += list(wrong_values(provider, body["value"]))
            counts[name] = len(body["value"])
    assert wrong == []
    assert len(counts) == 371
    # Two thirds of them have rows of kinds that the company has.
    assert sum(1 for count in counts.values() if count) > 180


def test_every_column_of_the_main_providers_reads(nordlys, shipped):
    wrong = []
    for name in (
        "FindContact",
        "Person",
        "FindAppointment",
        "FindSale",
        "FindProject",
        "FindDocument",
        "Ticket",
    ):
        provider = provider_of(name, shipped)
        columns = [column.name for column in provider.columns.values()]
        for start in range(0, len(columns), 60):
            status, body = query(
                nordlys, f"Archive/{name}", select=",".join(columns[start : start + 60]), top=5
            )
            assert status == 200, name
            wrong += list(wrong_values(provider, body["value"]))
    assert wrong == []


def test_every_collection_answers(nordlys, shipped):
    answered = []
    for operation in shipped.operations():
        if not (operation.archive and operation.method == "GET"):
            continue
        path = operation.path.removeprefix("/api/v1/")
        for parameter in operation.parameters:
            path = path.replace(f"{{{parameter.name}}}", "1")
        status, _ = query(nordlys, path, top=2)
        parent = shipped.kinds.of_resource(path.partition("/")[0])
        is_there = "{" not in operation.path or nordlys.rows.get(parent.name, 1) is not None
        assert status == (200 if is_there else 404), path
        answered.append(path)
    assert len(answered) == 54


def test_kinds_of_providers_are_kinds(shipped):
    every = {kind for name in names(shipped) for kind in providers.kinds_of(provider_of(name, shipped))}

    assert [kind for kind in every if shipped.kinds.get(kind) is None] == []
    assert len(every) >= 25
