"""Encoded values of custom fields (section 11.4)."""

from datetime import date, datetime, time, timedelta
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockso.config import Settings
from mockso.engine import Engine
from mockso.formats.custom_fields import Moment, misfits, read_encoded
from mockso.journal.journal import Journal
from tests.conftest import call

SAMPLES = [
    ("[I:5]", 5),
    ("[I:-7]", -7),
    ("[F:1.5]", 1.5),
    ("[M:1.50]", Decimal("1.50")),
    ("[D:12/31/2026]", date(2026, 12, 31)),
    ("[D:12/31/2026 13:45:00.0000000]", datetime(2026, 12, 31, 13, 45)),
    ("[DT:12/31/2026 13:45:00.1234567]", Moment(datetime(2026, 12, 31, 13, 45, 0, 123456), 7)),
    ("[DT:01/01/0001 00:00:00.0000000]", Moment(datetime(1, 1, 1))),
    ("[T:13:45:00.0000000]", time(13, 45)),
    ("[TS:01:30:00]", timedelta(hours=1, minutes=30)),
    ("[TS:-2.01:30:00.5000000]", -timedelta(days=2, hours=1, minutes=30, microseconds=500000)),
    ("[A:3,4]", [3, 4]),
    ("[A:]", []),
    ("True", "True"),
    ("plain text", "plain text"),
]


@pytest.mark.parametrize(("text", "value"), SAMPLES)
def test_an_encoded_text_is_read_by_its_mark(text, value):
    assert read_encoded(text) == value
    assert type(read_encoded(text)) is type(value)


def test_a_check_box_is_read_with_its_mark():
    assert (read_encoded("[B:1]"), read_encoded("[B:false]")) == (True, False)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "[I:x]",
        "[I:]",
        "[I:5",
        "I:5]",
        "[D:31/12/2026]",
        "[D:2026-12-31]",
        "[D:02/30/2026]",
        "[T:25:00:00]",
        "[TS:x]",
        "[M:NaN]",
        "[F:1,5]",
        "[A:1,x]",
        "[B:yes]",
        "[X:5]",
        "[SR_LABEL]",
        "[I:" + "9" * 30 + "]",
    ],
)
def test_what_does_not_fit_its_mark_is_text(text):
    assert read_encoded(text) == text


@given(text=st.text(max_size=20) | st.from_regex(r"\[[A-Z]{1,2}:.{0,20}\]"))
def test_any_text_is_read(text):
    read_encoded(text)


def test_a_custom_field_that_does_not_fit_its_mark_is_a_warning(shipped):
    engine = Engine(Settings(), [shipped], Journal())
    fields = {"x_day": "[D:2026-12-31]", "x_size": "[I:5]", "x_text": "[note: x]", "x_word": "[SR_X]"}

    reply = engine.handle(call("PUT", body={"CustomFields": fields, "Name": "[I:x]"}))

    assert reply.status == 200
    assert "body.CustomFields.x_day: '[D:2026-12-31]' does not fit its mark" in reply.header(
        "X-Mockso-Warning"
    )
    assert list(misfits({"a": [{"ExtraFields": fields}]})) == [
        (("a", 0, "ExtraFields", "x_day"), "[D:2026-12-31]")
    ]
