"""Names of lists against the pages that describe them."""

import re

from mockso.entities import mdo
from tests.contract.build.sources import CORPUS, needs_corpus


@needs_corpus
def test_all_lists_that_pages_describe_have_a_name():
    pages = (page.read_text(encoding="utf-8") for page in (CORPUS / "mdo-providers").glob("*.md"))
    described = {match[1].lower() for page in pages if (match := re.search(r"MDO list is '([^']+)'", page))}
    own = {name for name in described if re.fullmatch(r"udlist\d+|y_car|efd_13", name)}

    assert mdo.names() == described - own
