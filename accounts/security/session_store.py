"""Store of sessions: rows of the database, each with its member."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.db import DEFAULT_DB_ALIAS
from django.db.models import QuerySet
from django.db.models.expressions import Combinable
from django.utils import timezone

from accounts.membership.models import Member
from accounts.security import sessions
from accounts.security.models import Session
from core.prepared import Prepared

RENEWED_EVERY = timedelta(minutes=1)
# What the sign-in puts into a session (accounts.security.security_events), and the row keeps beside it.
SIGNED_IN_AT: Final = "signed_in_at"  # Unix time in seconds
DEVICE: Final = "device"  # its name and its network


class SessionStore(db.SessionStore):
    """Database sessions that are read together with their member and renewed at most once a minute."""

    row: Session | None = None
    was_ended = False  # by somebody, and not by time

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the stored rows."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row for this data, with its member."""
        made = cast(Session, super().create_model_instance(data))
        made.member_id = data.get(SESSION_KEY)
        began = data.get(SIGNED_IN_AT)
        made.began_at = datetime.fromtimestamp(began, tz=UTC) if isinstance(began, int) else None
        made.device, made.network = data.get(DEVICE, ("", ""))
        return made

    def _get_session_from_db(self) -> Session | None:
        self.row = None
        found = _QUERY.first(None, _with_member, (self.session_key,)) if self.session_key else None
        row = _row(found) if found else None
        if row is None and self.session_key:
            self.was_ended = sessions.was_ended(self.session_key)
        if row is None or row.expire_date <= timezone.now():
            self._session_key = None
        else:
            self.row = row
        return self.row

    def flush(self) -> None:
        """Delete the session, and forget its member."""
        self.row = None
        super().flush()

    @property
    def member(self) -> Member | None:
        """The member of the session as it was read; `accounts.middleware` checks whether that still holds."""
        return self.row.member if self.row is not None else None

    def renew(self) -> bool:
        """Extend the idle limit, unless that was done within RENEWED_EVERY; return whether. Changes nothing else."""
        if self.row is None or self.row.session_key != self.session_key:
            return False
        until = self.get_expiry_date()
        if until - self.row.expire_date < RENEWED_EVERY:
            return False
        return bool(Session.objects.filter(session_key=self.session_key).update(expire_date=until))


# --- One query for the session, its member, and the supervisor whom some members need for posting

_QUERY: Final = Prepared()
_ALONG: Final[dict[str, Combinable]] = {}
_SESSION: Final = [column.attname for column in Session._meta.concrete_fields]
_MEMBER: Final = [column.attname for column in Member._meta.concrete_fields]
_OF_MEMBER: Final = len(_SESSION)
_OF_SUPERVISOR: Final = _OF_MEMBER + len(_MEMBER)
_ID: Final = _MEMBER.index("id")
_ALONG_FROM: Final = _OF_SUPERVISOR + len(_MEMBER)


def read_along(name: str, expression: Combinable) -> None:
    """Read one value more with every session, as the attribute `name` of its member: call at start-up.

    For what every page shows and an app above this one knows. `expression` is over the session's row.
    """
    _ALONG[name] = expression


def _with_member(key: str) -> QuerySet[Session, tuple[Any, ...]]:
    return Session.objects.filter(session_key=key).values_list(
        *_SESSION,
        *(f"member__{name}" for name in _MEMBER),
        *(f"member__supervisor__{name}" for name in _MEMBER),
        *_ALONG.values(),
    )


def _row(found: tuple[Any, ...]) -> Session:
    row = Session.from_db(DEFAULT_DB_ALIAS, _SESSION, found[:_OF_MEMBER])
    row.member = _member(found[_OF_MEMBER:_OF_SUPERVISOR])
    if row.member is not None and row.member.supervisor_id is not None:
        row.member.supervisor = _member(found[_OF_SUPERVISOR:_ALONG_FROM])
    if row.member is not None:
        for name, value in zip(_ALONG, found[_ALONG_FROM:], strict=True):
            setattr(row.member, name, value)
    return row


def _member(found: tuple[Any, ...]) -> Member | None:
    return Member.from_db(DEFAULT_DB_ALIAS, _MEMBER, found) if found[_ID] is not None else None
