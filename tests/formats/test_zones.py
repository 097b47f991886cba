"""The zones by code and id, and the header that requests one."""

import pytest

from mockso.config import Settings
from mockso.engine import Engine
from mockso.errors import SettingError
from mockso.formats.zones import base_zone, find_zone, read_zone_header, requested_zone, zones
from mockso.journal.journal import Journal


def test_a_zone_is_found_by_id_and_by_code_in_any_letter_case():
    for text in ("NO", "no", "261", " No "):
        assert find_zone(text) is find_zone("NO") is not None
    assert [zone.code for zone in zones()] == sorted({zone.code for zone in zones()})


@pytest.mark.parametrize(
    ("code", "number"),
    [("UTC", 1), ("NO", 261), ("DK", 140), ("FR", 156), ("US-NY", 460), ("US-CA", 425), ("AU-ACT", 36)],
)
def test_the_documented_codes_and_ids(code, number):
    assert (find_zone(code).id, find_zone(code).confidence) == (number, "firm")


def test_every_zone_has_rules():
    for one in zones():
        assert one.winter == one.winter
        assert one.rules is not None


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", None),
        (" , ", None),
        ("includeTZOffset", ("", True)),
        (",includeTZOffset", ("", True)),
        ("utc", ("utc", False)),
        ("261, includeTZOffset", ("261", True)),
        ("no,INCLUDETZOFFSET", ("no", True)),
        ("no, other", ("no", False)),
    ],
)
def test_the_header(text, expected):
    header = read_zone_header(text)

    assert (header and (header.zone, header.offsets)) == expected


def test_an_unknown_base_zone_is_refused_at_the_start(tiny):
    with pytest.raises(SettingError, match="base_timezone: no zone 'NOR'"):
        Engine(Settings(base_timezone="NOR"), [tiny], Journal())
    assert base_zone("no") is find_zone("NO")


@pytest.mark.parametrize(
    ("text", "code"), [("", None), ("NX", None), ("261", "NO"), ("includeTZOffset", "UTC"), ("dk", "DK")]
)
def test_the_requested_zone(text, code):
    zone = requested_zone(read_zone_header(text), base_zone("UTC"))

    assert (zone and zone.code) == code
