"""The names of archive providers."""

from mockso.archive.providers import is_provider, provider_names


def test_a_provider_is_known_in_any_letter_case(tiny):
    assert is_provider("Contact", tiny)
    assert is_provider("fINDcONTACT", tiny)
    assert is_provider("CustomObject:y_equipment", tiny)
    assert is_provider("$Metadata", tiny)
    assert not is_provider("Contct", tiny)


def test_the_names_are_sorted_and_each_stands_once(tiny):
    names = provider_names(tiny)

    assert names == sorted(names, key=str.lower)
    assert len({name.lower() for name in names}) == len(names)
    assert "SimpleContact" in names
