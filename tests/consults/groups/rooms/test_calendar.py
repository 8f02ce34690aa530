"""The calendar file of a meeting: RFC 5545's escaping, folding and times."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from accounts.models import Member
from consults.groups.rooms import calendar
from tests import factories
from tests.consults.groups.making import group
from tests.consults.groups.rooms import making

BEGINS = datetime(2027, 1, 31, 18, 0, tzinfo=UTC)


def meeting(**fields: Any) -> Any:
    """A meeting that no database holds."""
    facts = {
        "pk": UUID(int=7),
        "title": "Rounds",
        "text": "",
        "place": "",
        "starts_at": BEGINS,
        "ends_at": BEGINS + timedelta(hours=1),
        "written_at": BEGINS - timedelta(days=3),
        "edited_at": None,
    }
    return SimpleNamespace(**facts | fields)


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("Rounds", "Rounds"),
        ("a, b; c", "a\\, b\\; c"),
        ("back\\slash", "back\\\\slash"),
        ("two\nlines", "two\\nlines"),
        ("two\r\nlines", "two\\nlines"),
        ("bell\x07 and\x7f", "bell and"),
        ("tab\there", "tab\there"),
        ("colon: stays", "colon: stays"),
        ("END:VEVENT\nBEGIN:VALARM", "END:VEVENT\\nBEGIN:VALARM"),
    ],
)
def test_texts_are_escaped(text: str, escaped: str) -> None:
    assert calendar.escape(text) == escaped


@given(st.text(max_size=400))
def test_a_folded_line_is_short_and_unfolds_to_itself(text: str) -> None:
    line = "SUMMARY:" + calendar.escape(text)
    folded = calendar.fold(line)
    assert folded.endswith(b"\r\n")
    parts = folded[:-2].split(b"\r\n")
    assert all(len(part) <= calendar.LONGEST_LINE for part in parts)
    assert all(part.startswith(b" ") for part in parts[1:])
    assert b"".join([parts[0], *(part[1:] for part in parts[1:])]).decode() == line
    for part in parts:
        part.decode()  # no character is torn


def test_a_moment_is_written_in_utc() -> None:
    assert calendar.utc(BEGINS.astimezone(timezone(timedelta(hours=3)))) == "20270131T180000Z"
    with pytest.raises(ValueError, match="has a time"):
        calendar.utc(None)


def test_a_meeting_is_one_event(settings: Any) -> None:
    settings.SITE_ADDRESS = "https://rete.example:8443/under"
    file = calendar.event(meeting(title="Rounds, nails", text="Bring\na case", place="Hall 3; east")).decode()
    lines = file.replace("\r\n ", "").split("\r\n")
    assert lines[0] == "BEGIN:VCALENDAR"
    assert lines[-2:] == ["END:VCALENDAR", ""]
    for line in (
        "VERSION:2.0",
        "UID:00000000-0000-0000-0000-000000000007@rete.example",
        "DTSTAMP:20270128T180000Z",
        "DTSTART:20270131T180000Z",
        "DTEND:20270131T190000Z",
        "SUMMARY:Rounds\\, nails",
        "LOCATION:Hall 3\\; east",
        "DESCRIPTION:Bring\\na case",
    ):
        assert line in lines
    assert file.count("BEGIN:VEVENT") == 1
    plain = calendar.event(meeting()).decode()
    assert "LOCATION" not in plain
    assert "DESCRIPTION" not in plain


@pytest.mark.django_db
def test_the_file_is_for_members_of_the_group(sign_in: Callable[[object], Client], bob: Member) -> None:
    hall = group(members=("bob",))
    found = making.meeting(hall, title="Rounds")
    at = reverse("consults:post_calendar", args=[found.pk])
    answer = sign_in(bob).get(at)
    assert answer.headers["Content-Type"] == calendar.TYPE
    assert answer.headers["Content-Disposition"] == 'attachment; filename="meeting.ics"'
    assert b"SUMMARY:Rounds" in answer.content
    assert sign_in(bob).get(reverse("consults:post_calendar", args=[making.message(hall).pk])).status_code == 404
    assert sign_in(factories.person("resident")).get(at).status_code == 404
    assert "Put it into my calendar" in sign_in(bob).get(reverse("consults:post", args=[found.pk])).content.decode()
