"""What the code says of itself stands on the pages as the code says it now."""

import pytest

from mockso.docs import PAGES, read_page
from tests.docs.generate import build


@pytest.mark.parametrize("name", PAGES)
def test_the_generated_parts_of_a_page_are_up_to_date(name):
    text = read_page(name)

    assert text == build(text), "rebuild it: python -m tests.docs.generate --write"
