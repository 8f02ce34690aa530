"""A meeting as an iCalendar file (RFC 5545): one event, in UTC, that a calendar program reads.

It holds the title, the time and the place that the group reads, and the address of the page; no member's name.
"""

from datetime import UTC, datetime
from typing import Final

from django.conf import settings
from django.urls import reverse

from consults.groups.rooms.models import Post

TYPE: Final = "text/calendar; charset=utf-8"
LONGEST_LINE: Final = 75  # octets, without the line break (RFC 5545, 3.1)
_ESCAPED: Final = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n", "\r": None})


def event(meeting: Post) -> bytes:
    """Return the file of a meeting."""
    page = settings.SITE_ADDRESS.rstrip("/") + reverse("consults:post", args=[meeting.pk])
    changed = meeting.edited_at or meeting.written_at
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        f"PRODID:-//{escape(settings.SITE_NAME)}//EN",
        "METHOD:PUBLISH",
        "BEGIN:VEVENT",
        f"UID:{meeting.pk}@{settings.SITE_ADDRESS.partition('://')[2].partition('/')[0].partition(':')[0] or 'site'}",
        f"DTSTAMP:{utc(changed)}",
        f"DTSTART:{utc(meeting.starts_at)}",
        f"DTEND:{utc(meeting.ends_at)}",
        f"SUMMARY:{escape(meeting.title)}",
        *([f"LOCATION:{escape(meeting.place)}"] if meeting.place else []),
        *([f"DESCRIPTION:{escape(meeting.text)}"] if meeting.text else []),
        f"URL:{page}",
        "CLASS:PRIVATE",
        "END:VEVENT",
        "END:VCALENDAR",
    ]
    return b"".join(fold(line) for line in lines)


def escape(text: str) -> str:
    """Escape backslashes, semicolons, commas and line breaks (3.3.11); other control characters go."""
    plain = "".join(sign for sign in text if sign == "\n" or sign == "\t" or (ord(sign) >= 32 and ord(sign) != 127))
    return plain.translate(_ESCAPED)


def fold(line: str) -> bytes:
    """Return a line as octets with CRLF, folded so that none is longer than 75 octets and no character is torn."""
    parts, part, size = [], b"", LONGEST_LINE
    for sign in line:
        octets = sign.encode()
        if len(part) + len(octets) > size:
            parts.append(part)
            part, size = b"", LONGEST_LINE - 1  # the space that begins a folded line counts
        part += octets
    parts.append(part)
    return b"\r\n ".join(parts) + b"\r\n"


def utc(moment: datetime | None) -> str:
    """Return a moment as UTC, as 20261129T190000Z. Raises ValueError for none."""
    if moment is None:
        raise ValueError("a meeting has a time")
    return moment.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")
