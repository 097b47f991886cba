"""The time zones of the server: their codes and ids, and the header that requests one.

Source: section 11.2. Ids, codes and zones in the first table are documented (firm); the codes in the second
follow from the rule that a country with one zone is called by its country code (assumed), their ids are not
known. Whatever stands in neither is unknown here although the server may have it.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from datetime import datetime, timedelta, tzinfo
from functools import cache
from typing import Literal

from mockso.errors import SettingError, did_you_mean

_BY_ID = """
1 UTC UTC;36 AU-ACT Australia/Canberra;37 AU3 Australia/Broken_Hill;38 AU1 Australia/Lord_Howe;
39 AU-NSW Australia/Sydney;40 AU-NT Australia/Darwin;41 AU-QLD Australia/Brisbane;42 AU-SA Australia/Adelaide;
43 AU-TAS Australia/Hobart;44 AU-VIC Australia/Melbourne;45 AU-WA Australia/Perth;46 AT Europe/Vienna;
50 BD Asia/Dhaka;53 BE Europe/Brussels;81 BR-RJ America/Sao_Paulo;96 CA-AB America/Edmonton;
97 CA-BC America/Vancouver;98 CA-BC1 America/Dawson_Creek;99 CA-BC2 America/Vancouver;100 CA2 America/Goose_Bay;
101 CA2A America/St_Johns;102 CA-MB America/Winnipeg;114 CA-QC America/Toronto;140 DK Europe/Copenhagen;
156 FR Europe/Paris;261 NO Europe/Oslo;425 US-CA America/Los_Angeles;433 US-HI Pacific/Honolulu;
460 US-NY America/New_York
"""
_BY_COUNTRY = """
SE Europe/Stockholm;FI Europe/Helsinki;DE Europe/Berlin;NL Europe/Amsterdam;CH Europe/Zurich;IT Europe/Rome;
PL Europe/Warsaw;CZ Europe/Prague;HU Europe/Budapest;GR Europe/Athens;IE Europe/Dublin;IS Atlantic/Reykjavik;
LU Europe/Luxembourg;EE Europe/Tallinn;LV Europe/Riga;LT Europe/Vilnius;GB Europe/London
"""


@dataclass(frozen=True, eq=False)
class Zone:
    """A time zone, of which there is one value each, so that looking one up is cheap.

    `id` is 0 where it is not known; `confidence` is that of code and zone belonging together.
    """

    code: str
    iana: str
    id: int = 0
    confidence: Literal["firm", "assumed"] = "firm"

    @property
    def rules(self) -> tzinfo:
        """The zone's daylight saving rules. LookupError where the machine has no time zone data."""
        return _rules(self.iana)

    def offset(self, local: datetime) -> timedelta:
        """The distance from UTC at a local time; before 1970 the zone's winter time, as no local mean times
        are known to the server (the minimum date of NO is +01:00: recorded)."""
        if local.year < 1970:
            return self.winter
        return self.rules.utcoffset(local.replace(tzinfo=None)) or timedelta()

    @property
    def winter(self) -> timedelta:
        """The distance from UTC without daylight saving."""
        return _winter(self.iana)


@cache
def _rules(iana: str) -> tzinfo:
    if iana == "UTC":
        return dt.UTC
    from zoneinfo import ZoneInfo

    return ZoneInfo(iana)


@cache
def _winter(iana: str) -> timedelta:
    rules = _rules(iana)
    return min(datetime(2026, month, 1, tzinfo=rules).utcoffset() or timedelta() for month in (1, 7))


def _table() -> dict[str, Zone]:
    zones = []
    for row in _BY_ID.replace("\n", "").split(";"):
        number, code, iana = row.split()
        zones.append(Zone(code, iana, int(number)))
    for row in _BY_COUNTRY.replace("\n", "").split(";"):
        code, iana = row.split()
        zones.append(Zone(code, iana, confidence="assumed"))
    by_name = {zone.code.lower(): zone for zone in zones}
    by_name.update({str(zone.id): zone for zone in zones if zone.id})
    return by_name


_ZONES = _table()
UTC = _ZONES["utc"]


def zones() -> list[Zone]:
    """All known zones, by code."""
    return sorted(set(_ZONES.values()), key=lambda zone: zone.code)


def find_zone(text: str) -> Zone | None:
    """The zone of an id or a case-insensitive code; None for one that is not known here."""
    return _ZONES.get(text.strip().lower())


def base_zone(name: str) -> Zone:
    """The zone of the setting `base_timezone`. Raises SettingError for an unknown one."""
    zone = find_zone(name)
    if zone is None:
        known = {zone.code: zone for zone in zones()}
        raise SettingError(
            f"base_timezone: no zone {name!r} is known.{did_you_mean(name.upper(), known)} Known: {', '.join(known)}."
        )
    return zone


@dataclass(frozen=True)
class ZoneHeader:
    """The SO-TimeZone header: a zone by id or code as it was written, and whether offsets are requested.

    `zone` is empty where only offsets are requested, as the official client can: the base zone is meant (assumed).
    """

    zone: str
    offsets: bool


def read_zone_header(text: str) -> ZoneHeader | None:
    """The parts of an SO-TimeZone header, "261, includeTZOffset"; None for an empty one."""
    parts = [part.strip() for part in text.split(",")]
    names = [part for part in parts if part and part.lower() != "includetzoffset"]
    offsets = any(part.lower() == "includetzoffset" for part in parts)
    return ZoneHeader(names[0] if names else "", offsets) if names or offsets else None


def requested_zone(header: ZoneHeader | None, base: Zone) -> Zone | None:
    """The requested zone; None without a header or for an unknown zone."""
    if header is None:
        return None
    return find_zone(header.zone) if header.zone else base
