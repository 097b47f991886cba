"""Dotted names of the database: read, and told where they are wrong (behaviour, section 14.7)."""

import pytest

from mockso.archive.database import Join, column_of, read_column, table_of
from mockso.errors import QueryError


@pytest.mark.parametrize(
    ("text", "base", "joins", "field"),
    [
        ("contact.name", "contact", (), "name"),
        ("CONTACT.Name", "contact", (), "name"),
        ("contact.category_idx.name", "contact", (Join("category", "category_idx"),), "name"),
        ("sale:project_id.name", "sale", (Join("project", "project_id", is_inner=True),), "name"),
        (
            "contact.(email->contact_id).email_address",
            "contact",
            (Join("email", "contact_id", is_reverse=True),),
            "email_address",
        ),
        (
            "ticket.cust_id.contact_id.country_id.name",
            "ticket",
            (Join("person", "cust_id"), Join("contact", "contact_id"), Join("country", "country_id")),
            "name",
        ),
        ("text.owner_id[contact].name", "text", (Join("contact", "owner_id"),), "name"),
        ("y_equipment.x_name", "y_equipment", (), "x_name"),
        ("contact.x_field", "contact", (), "x_field"),
    ],
)
def test_a_name_is_read_as(text, base, joins, field):
    column = read_column(text)

    assert (column.base, column.joins, column.field.name) == (base, joins, field)


@pytest.mark.parametrize(
    ("name", "restriction"),
    [
        ("contact.name", "string"),
        ("contact.contact_id", "int"),
        ("contact.category_idx", "int"),
        ("contact.xstop", "bool"),
        ("contact.registered", "datetime"),
        ("sale.amount", "decimal"),
        ("y_car.x_price", "any"),
    ],
)
def test_a_field_has_a_restriction_type(name, restriction):
    assert column_of(name).restriction == restriction


@pytest.mark.parametrize(
    ("text", "at", "told"),
    [
        ("contct.name", 0, "unknown table 'contct'. Did you mean 'contact'?"),
        ("contact.nam", 8, "unknown field 'nam' of contact. Did you mean 'name'?"),
        ("contact.category.name", 8, "unknown field 'category' of contact. Did you mean 'category_idx'?"),
        ("contact.name.x", 8, "contact.name leads to no table."),
        ("text.owner_id.name", 5, "text.owner_id leads to no table. Name it: key[table]."),
        ("contact.(persn->contact_id).firstname", 9, "unknown table 'persn'. Did you mean 'person'?"),
        (
            "contact.(person->position_idx).firstname",
            17,
            "person.position_idx leads to PersPos, not to contact.",
        ),
        ("contact", 7, "'contact' ends without a field: contact.name."),
        ("contact.(person->contact_id)", 28, "ends without a field"),
        ("contact:name", 7, "the last step is a field, behind a dot."),
        ("contact..name", 7, "'..name' cannot follow"),
        ("", 0, "unknown table ''."),
    ],
)
def test_a_wrong_name_is_told_by_place_and_cure(text, at, told):
    with pytest.raises(QueryError) as error:
        read_column(text)

    assert told in str(error.value)
    assert error.value.at == at


def test_tables_are_known_in_any_letter_case():
    assert table_of("category").name == "Category"
    assert table_of("Y_Car").fields == {}
    assert table_of("nothing") is None
