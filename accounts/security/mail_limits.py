"""How often an address is sent a mail that a stranger can cause by typing it: once in ten minutes for each kind."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

from django.utils import timezone
from django.utils.crypto import salted_hmac

from accounts.membership.models import normalise_email
from accounts.security.models import MailSent

PAUSE = timedelta(minutes=10)


@contextmanager
def once_in_a_while(kind: str, email: str) -> Iterator[bool]:
    """Give whether this mail may be sent now. If sending it raises, the next attempt may send it.

    Kinds are counted apart, so that nobody can hold back a link for a new password by applying in its owner's name.
    """
    key = salted_hmac("accounts.mail_limits", f"{kind}|{normalise_email(email)}", algorithm="sha256").hexdigest()
    now = timezone.now()
    _row, first = MailSent.objects.get_or_create(key=key, defaults={"at": now})
    mine = MailSent.objects.filter(key=key)
    # Of two at once, one changes the row; the other finds it changed.
    may_send = first or bool(mine.filter(at__lte=now - PAUSE).update(at=now))
    try:
        yield may_send
    except Exception:
        if may_send:
            mine.filter(at=now).delete()
        raise


def forget() -> int:
    """Delete what limits nothing any more; return how many."""
    return MailSent.objects.filter(at__lte=timezone.now() - PAUSE).delete()[0]
