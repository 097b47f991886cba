"""A leaf's text read by its type, and the charsets that a body can be in."""

import pytest

from mockso.contract.model import TypeRef
from mockso.formats.reading import from_text, is_charset


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        (" 12 ", TypeRef("scalar", "int32"), 12),
        ("many", TypeRef("scalar", "int32"), "many"),
        ("1.50", TypeRef("scalar", "double"), 1.5),
        ("1", TypeRef("scalar", "boolean"), True),
        ("False", TypeRef("scalar", "boolean"), False),
        (" x ", TypeRef("scalar", "string"), " x "),
        ("Read  Write", TypeRef("flags", "Rights", values=("Read", "Write")), "Read, Write"),
        ("Read, Write", TypeRef("flags", "Rights", values=("Read", "Write")), "Read, Write"),
    ],
)
def test_a_text_is_read_by_its_type(text, kind, value):
    assert from_text(text, kind) == value


@pytest.mark.parametrize("name", ["utf-8", "UTF8", "iso-8859-1", "utf-16"])
def test_a_charset(name):
    assert is_charset(name)


@pytest.mark.parametrize("name", ["rot13", "punycode", "zip", "nothing", "no\0"])
def test_a_codec_without_text_is_not_a_charset(name):
    assert not is_charset(name)
