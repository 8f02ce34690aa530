"""The member's time: their zone, the end of their quiet hours, their next digest."""

import zoneinfo
from datetime import UTC, datetime, timedelta
from functools import cache
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from notifications.notices.models import Preference, Rhythm

# The table of the zone database that names the zones of each country, the first of a country the usual one.
_TABLE: Final = "zone.tab"


@cache
def zones() -> tuple[str, ...]:
    """Return the names of zones to choose from, sorted: those of a place, and UTC."""
    known = zoneinfo.available_timezones()
    places = {name for names in _by_country().values() for name in names} & known
    if not places:  # a machine without the table
        places = {name for name in known if "/" in name and not name.startswith(("Etc/", "SystemV/"))}
    return ("UTC", *sorted(places))


@cache
def _by_country() -> dict[str, list[str]]:
    """Return {country: its zones}; empty where the machine has no such table."""
    found: dict[str, list[str]] = {}
    table = next((path for folder in zoneinfo.TZPATH if (path := Path(folder, _TABLE)).is_file()), None)
    for line in table.read_text(encoding="utf-8").splitlines() if table else []:
        if not line.startswith("#"):
            country, _place, name = line.split("\t")[:3]
            found.setdefault(country, []).append(name)
    return found


def zone_of(preference: Preference, *, country: str) -> ZoneInfo:
    """Return the zone that a member chose, else that of their country, else UTC."""
    usual = _by_country().get(country, ["UTC"])[0]
    name = preference.time_zone or usual
    return ZoneInfo(name if name in zones() else "UTC")


def quiet_until(preference: Preference, *, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when the quiet hours end in which `now` lies; None outside of them."""
    start, end = preference.quiet_from, preference.quiet_until
    here = now.astimezone(zone)
    if (here.hour - start) % 24 >= (end - start) % 24:
        return None
    day = here.date() if here.hour < end else here.date() + timedelta(days=1)
    return _at(day.isoformat(), end, zone)


def next_digest(preference: Preference, *, zone: ZoneInfo, now: datetime) -> datetime | None:
    """Return when the next digest after `now` is due; None for whoever wants none."""
    if preference.rhythm == Rhythm.NEVER:
        return None
    here = now.astimezone(zone)
    for ahead in range(9):
        day = here.date() + timedelta(days=ahead)
        if preference.rhythm == Rhythm.WEEKLY and day.weekday() != preference.weekday:
            continue
        due = _at(day.isoformat(), preference.digest_hour, zone)
        if due > now:
            return due
    raise AssertionError("a week has seven days")


def _at(day: str, hour: int, zone: ZoneInfo) -> datetime:
    """Return the moment at which the clock of a zone shows this hour of a day."""
    return datetime.fromisoformat(f"{day}T{hour:02d}:00").replace(tzinfo=zone).astimezone(UTC)
