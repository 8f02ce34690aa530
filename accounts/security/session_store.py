"""Store of sessions: rows of the database, each with its member."""

from datetime import timedelta
from typing import Any, cast

from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.backends import db
from django.utils import timezone

from accounts.membership.models import Member
from accounts.security.models import Session

RENEWED_EVERY = timedelta(minutes=1)


class SessionStore(db.SessionStore):
    """Database sessions that are read together with their member and renewed at most once a minute."""

    row: Session | None = None

    @classmethod
    def get_model_class(cls) -> type[Session]:
        """Return the model of the stored rows."""
        return Session

    def create_model_instance(self, data: dict[str, Any]) -> Session:
        """Return the row for this data, with its member."""
        made = cast(Session, super().create_model_instance(data))
        made.member_id = data.get(SESSION_KEY)
        return made

    def _get_session_from_db(self) -> Session | None:
        self.row = None
        found = Session.objects.select_related("member").filter(
            session_key=self.session_key, expire_date__gt=timezone.now()
        )
        self.row = found.first()
        if self.row is None:
            self._session_key = None
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
