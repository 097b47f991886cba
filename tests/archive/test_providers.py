"""The names of archive providers."""

from mockso.archive.columns import provider_of
from mockso.archive.providers import provider_names


def test_a_provider_is_known_in_any_letter_case(tiny):
    assert provider_of("Contact", tiny)
    assert provider_of("fINDcONTACT", tiny)
    assert provider_of("CustomObject:y_equipment", tiny)
    assert provider_of("$Metadata", tiny)
    assert provider_of("Contct", tiny) is None


def test_the_names_are_sorted_and_each_stands_once(tiny):
    names = provider_names(tiny)

    assert names == sorted(names, key=str.lower)
    assert len({name.lower() for name in names}) == len(names)
    assert "SimpleContact" in names
