"""Quiet hours and digests are in the member's own time."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pytest

from notifications.models import Preference
from notifications.notices import times

ISTANBUL, BERLIN, SYDNEY = (ZoneInfo(name) for name in ("Europe/Istanbul", "Europe/Berlin", "Australia/Sydney"))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("quiet", "zone", "now", "end"),
    [
        ((21, 7), ISTANBUL, "2026-06-03 12:00", None),
        ((21, 7), ISTANBUL, "2026-06-03 17:59", None),  # 20:59
        ((21, 7), ISTANBUL, "2026-06-03 18:00", "2026-06-04 04:00"),
        ((21, 7), ISTANBUL, "2026-06-03 23:30", "2026-06-04 04:00"),  # half past two of the next day
        ((21, 7), ISTANBUL, "2026-06-04 03:59", "2026-06-04 04:00"),
        ((21, 7), ISTANBUL, "2026-06-04 04:00", None),
        ((1, 6), ISTANBUL, "2026-06-03 22:30", "2026-06-04 03:00"),
        ((1, 6), ISTANBUL, "2026-06-03 21:30", None),  # half past midnight
        ((7, 7), ISTANBUL, "2026-06-03 04:30", None),  # no quiet hours at all
        ((0, 0), ISTANBUL, "2026-06-03 21:00", None),
        ((21, 7), SYDNEY, "2026-06-03 12:00", "2026-06-03 21:00"),
        ((21, 7), BERLIN, "2026-10-24 20:00", "2026-10-25 06:00"),  # clocks go back in that night
        ((21, 7), BERLIN, "2026-03-28 21:00", "2026-03-29 05:00"),  # and forward in this one
        ((21, 0), ISTANBUL, "2026-06-03 20:30", "2026-06-03 21:00"),  # until midnight
    ],
)
def test_the_end_of_quiet_hours(quiet: tuple[int, int], zone: ZoneInfo, now: str, end: str | None) -> None:
    preference = Preference(quiet_from=quiet[0], quiet_until=quiet[1])
    found = times.quiet_until(preference, zone=zone, now=at(now))
    assert found == (end and at(end))


@pytest.mark.parametrize(
    ("how", "now", "due"),
    [
        ({}, "2026-06-03 03:59", "2026-06-03 04:00"),  # seven o'clock
        ({}, "2026-06-03 04:00", "2026-06-04 04:00"),
        ({"digest_hour": 18}, "2026-06-03 12:00", "2026-06-03 15:00"),
        ({"rhythm": "weekly", "weekday": 2}, "2026-06-03 03:00", "2026-06-03 04:00"),
        ({"rhythm": "weekly", "weekday": 2}, "2026-06-03 04:00", "2026-06-10 04:00"),
        ({"rhythm": "weekly", "weekday": 0}, "2026-06-03 04:00", "2026-06-08 04:00"),
        ({"rhythm": "weekly", "weekday": 3}, "2026-06-03 21:30", "2026-06-04 04:00"),  # Thursday there already
        ({"rhythm": "never"}, "2026-06-03 03:00", None),
    ],
)
def test_the_next_digest(how: dict[str, object], now: str, due: str | None) -> None:
    found = times.next_digest(Preference(**how), zone=ISTANBUL, now=at(now))
    assert found == (due and at(due))


@pytest.mark.parametrize(
    ("chosen", "country", "zone"),
    [
        ("", "TR", "Europe/Istanbul"),
        ("", "DE", "Europe/Berlin"),
        ("", "US", "America/New_York"),
        ("", "", "UTC"),
        ("", "XX", "UTC"),
        ("Asia/Tokyo", "TR", "Asia/Tokyo"),
        ("UTC", "TR", "UTC"),
        ("Mars/Olympus", "TR", "UTC"),
        ("../../etc/passwd", "TR", "UTC"),
    ],
)
def test_the_zone(chosen: str, country: str, zone: str) -> None:
    assert str(times.zone_of(Preference(time_zone=chosen), country=country)) == zone


def test_a_machine_without_the_table_of_countries_still_has_zones(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("zoneinfo.TZPATH", ())
    times._by_country.cache_clear()
    times.zones.cache_clear()
    try:
        assert times._by_country() == {}
        assert str(times.zone_of(Preference(), country="TR")) == "UTC"
    finally:
        times._by_country.cache_clear()
        times.zones.cache_clear()


def test_zones_are_places() -> None:
    assert times.zones()[0] == "UTC"
    assert {"Europe/Istanbul", "Europe/Berlin"} < set(times.zones())
    assert not any(name.startswith(("Etc/", "posix")) for name in times.zones())
