"""Telling members something, and forgetting it: rows in the caller's transaction. Mails are for jobs, later."""

from collections.abc import Collection, Iterable, Sequence
from typing import Any, Final, cast
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Field
from django.urls import reverse
from django.utils import timezone

from accounts.models import Member, Standing
from core.ids import new_id
from notifications.notices.kinds import Channel, Kind
from notifications.notices.models import NO_TOPIC, Notice, channel_of

AT_ONCE: Final = 500  # rows in one statement; SQLite takes 32,766 values
_COLUMNS: Final = ("id", "member", "kind", "topic_id", "case_id", "about_id", "path", "channel", "count")
_TIMES: Final = ("began_at", "at")


def tell(
    kind: Kind,
    members: Iterable[UUID],
    *,
    view: str,
    args: Sequence[object] = (),
    case: UUID | None = None,
    about: UUID | None = None,
    by: UUID | None = None,
) -> None:
    """Leave a notice for each of these members but `by`; call it in the transaction of what it is about.

    `view` and `args` name the page that says more; whether a member may open `case` is asked when the notice is shown.
    An unread notice of the same kind about the same case (without one, about the same `about`) counts one more.
    Two queries for up to AT_ONCE members. Raises NoReverseMatch.
    """
    path = reverse(view, args=args)
    told = sorted({member for member in members if member != by})
    for some in _batches(told):
        _tell(kind, some, path=path, case=case, about=about)


def forget(*, case: UUID, kinds: Collection[Kind] = ()) -> None:
    """Delete every notice about a case, read or not, or those of some kinds only. One query."""
    about = Notice.objects.filter(case_id=case)
    (about.filter(kind__in=kinds) if kinds else about).delete()


def _batches(told: list[UUID]) -> Iterable[list[UUID]]:
    return (told[first : first + AT_ONCE] for first in range(0, len(told), AT_ONCE))


def _tell(kind: Kind, members: list[UUID], *, path: str, case: UUID | None, about: UUID | None) -> None:
    known = Member.objects.filter(pk__in=members).exclude(standing=Standing.ERASED).order_by("pk")
    chosen = {pk: channel_of(choices, kind) for pk, choices in known.values_list("pk", "notice_preference__choices")}
    now = timezone.now()
    rows = [
        (new_id(), pk, str(kind), case or about or UUID(NO_TOPIC), case, about, path, str(channel), 1, now, now)
        for pk, channel in sorted(chosen.items())
        if channel != Channel.OFF
    ]
    if rows:
        _insert_or_count(rows)


def _insert_or_count(rows: Sequence[Sequence[Any]]) -> None:
    """Insert notices; where an unread one of the same member, kind and topic stands, count one more in that one.

    In one statement, so that of two at once both count; in the order of the members, so that two do not lock crosswise.
    """
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("members are told within the transaction of what it is about")
    fields = [cast("Field[Any, Any]", Notice._meta.get_field(name)) for name in (*_COLUMNS, *_TIMES)]
    quote = connection.ops.quote_name
    table = quote(Notice._meta.db_table)
    names = [quote(str(field.column)) for field in fields]
    place, at = f"({', '.join(['%s'] * len(fields))})", quote("at")
    # Names of columns of the model alone; every value is a parameter.
    statement = (
        f"INSERT INTO {table} ({', '.join(names)}) VALUES {', '.join([place] * len(rows))} "  # noqa: S608
        f"ON CONFLICT ({quote('member_id')}, {quote('kind')}, {quote('topic_id')}) WHERE {quote('read_at')} IS NULL "
        f"DO UPDATE SET {quote('count')} = {table}.{quote('count')} + 1, "
        f"{quote('handed_at')} = NULL, {quote('mailed_at')} = NULL, "
        # Of two at once the one that waited may have begun first: time does not go back.
        f"{at} = CASE WHEN {table}.{at} < excluded.{at} THEN excluded.{at} ELSE {table}.{at} END, "
        + ", ".join(f"{quote(name)} = excluded.{quote(name)}" for name in ("path", "about_id", "channel"))
    )
    values = [
        field.get_db_prep_save(value, connection) for row in rows for field, value in zip(fields, row, strict=True)
    ]
    with connection.cursor() as cursor:
        cursor.execute(statement, values)
