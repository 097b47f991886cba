"""Names of lists against the pages that describe them."""

import re
from functools import partial

import pytest

from mockso.entities import mdo
from tests.contract.build.sources import CORPUS, needs_corpus


@needs_corpus
def test_all_lists_that_pages_describe_have_a_name():
    pages = (page.read_text(encoding="utf-8") for page in (CORPUS / "mdo-providers").glob("*.md"))
    described = {match[1].lower() for page in pages if (match := re.search(r"MDO list is '([^']+)'", page))}
    own = {name for name in described if re.fullmatch(r"udlist\d+|y_car|efd_13", name)}

    assert mdo.names() == described - own


@pytest.mark.parametrize("name", ["MDOListItem", "SelectableMDOListItem"])
def test_an_item_has_the_properties_of_its_carrier_in_their_order(engine, name):
    list_of = mdo.of_name("business", engine.contract.kinds)
    make = mdo.item if name == "MDOListItem" else partial(mdo.selectable, selected=True)

    (carrier,) = engine.contract.types_called(name)

    assert list(make(list_of, 1, {"Value": "Energy"})) == list(engine.contract.type(carrier).by_name)
