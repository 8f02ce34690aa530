"""Codes that are typed in: of an authenticator app, and recovery codes.

An app's code is good for its half minute and the one before and after, and each half minute once: the number of the
last one used is stored with the app, under a row lock.
"""

import base64
import time
from typing import Any, Final

from allauth.core.internal.cryptokit import compare_user_code
from allauth.mfa import app_settings
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from django.db import transaction
from django.http import HttpRequest
from django.utils.crypto import get_random_string, salted_hmac

from accounts.membership.models import Member
from accounts.security.factors.secret_text import seal, unseal

LAST: Final = "last_counter"
STEPS: Final = (-1, 0, 1)  # half minutes by which a clock may be wrong
DRAFT: Final = "totp_draft"  # in the session: random, and no secret without the site's key


def matching(user: Member, code: str) -> Authenticator | None:
    """Return the app or the recovery codes that this code is of, and use it up; None for no match."""
    kinds = (Authenticator.Type.TOTP, Authenticator.Type.RECOVERY_CODES)
    for row in Authenticator.objects.filter(user=user, type__in=kinds).order_by("-type"):
        fits = use(row, code) if row.type == Authenticator.Type.TOTP else RecoveryCodes(row).validate_code(code)
        if fits:
            row.refresh_from_db()
            row.user = user
            return row
    return None


def use(app: Authenticator, code: str) -> bool:
    """Whether the code is right now and was not used before; uses it up."""
    with transaction.atomic():
        row = Authenticator.objects.select_for_update().get(pk=app.pk)
        counter = counter_of(unseal(row.data["secret"]), code)
        if counter is None or counter <= row.data.get(LAST, -1):
            return False
        row.data[LAST] = counter
        row.save(update_fields=["data"])
    return True


def counter_of(secret: str, code: str) -> int | None:
    """Return the half minute (since 1970) whose code this is, of those that are good now; None for a wrong code."""
    now = int(time.time()) // app_settings.TOTP_PERIOD
    fitting = [
        now + step
        for step in STEPS
        if compare_user_code(actual=code, expected=format_hotp_value(hotp_value(secret, now + step)))
    ]
    return fitting[0] if fitting else None


def draft_secret(request: HttpRequest, *, anew: bool) -> str:
    """Return the secret of an app that is being set up, base32 of 20 bytes.

    The session holds a random word only: a copied database does not give the secret.
    """
    if anew or DRAFT not in request.session:
        request.session[DRAFT] = get_random_string(32)
    word = f"{request.session[DRAFT]}|{request.user.pk}"
    return base64.b32encode(salted_hmac(DRAFT, word, algorithm="sha256").digest()[:20]).decode()


def left(user: Member) -> int:
    """Return how many recovery codes are unused; 0 without any."""
    row = recovery_codes(user)
    return len(row.get_unused_codes()) if row is not None else 0


def recovery_codes(user: Member) -> RecoveryCodes | None:
    """Return the member's recovery codes, if there are any."""
    row = Authenticator.objects.filter(user=user, type=Authenticator.Type.RECOVERY_CODES).first()
    return RecoveryCodes(row) if row is not None else None


def totp_data(secret: str, *, counter: int | None) -> dict[str, Any]:
    """Return what is stored of a new app, whose code of `counter` was just used."""
    return {"secret": seal(secret), LAST: counter if counter is not None else -1}
