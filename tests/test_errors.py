"""Errors of authors, and the names they are told instead."""

from mockso.errors import did_you_mean, suggest


def test_a_name_spelt_alike_is_suggested_in_any_letter_case():
    assert did_you_mean("persosn", ["Persons", "Phones"]) == " Did you mean 'Persons'?"
    assert did_you_mean("zzz", ["Persons"]) == ""


def test_names_are_suggested_and_empty_ones_left_out():
    assert suggest("a", "", "b") == " Did you mean 'a' or 'b'?"
    assert suggest("") == suggest() == ""
