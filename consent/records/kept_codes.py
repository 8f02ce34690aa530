"""Withdrawal codes that were issued in this session and not yet given to the patient.

A code is stored nowhere but here: sealed under the consent's key, in the session of the person who issued it, until
they say that the patient has it. It goes with the session (sign-out, twelve hours) and with the consent's key.
Threat: a page that shows a code once and is lost by a reload or by another language; and a reader of the sessions'
table, who sees sealed bytes.
"""

import base64
from uuid import UUID

from django.http import HttpRequest

from consent.models import Consent
from consent.records import codes
from core.crypto import vault

SESSION_KEY = "withdrawal_codes"


def keep(request: HttpRequest, *, consent: Consent, code: str, case: UUID | None = None) -> None:
    """Keep a code in this session; `case` is the one that it was issued for, if there is one."""
    vault.create_key(consent.pk)
    sealed = vault.seal(key_id=consent.pk, context=_context(consent), data=code.encode())
    kept = {"sealed": base64.b64encode(sealed).decode("ascii"), "case": str(case or "")}
    request.session[SESSION_KEY] = {**request.session.get(SESSION_KEY, {}), str(consent.pk): kept}


def find(request: HttpRequest, *, consent: Consent) -> str:
    """Return the code kept for this consent, or "": none, replaced by a newer one, or its key is destroyed."""
    kept = request.session.get(SESSION_KEY, {}).get(str(consent.pk))
    if kept is None:
        return ""
    try:
        sealed = base64.b64decode(kept["sealed"])
        code = vault.unseal(key_id=consent.pk, context=_context(consent), sealed=sealed).decode()
    except (vault.KeyDestroyed, vault.Tampered):
        return ""
    return code if codes.digest(code) == consent.code_sha256 else ""


def case_of(request: HttpRequest, *, consent: Consent) -> UUID | None:
    """Return the case that the kept code was issued for."""
    case = request.session.get(SESSION_KEY, {}).get(str(consent.pk), {}).get("case")
    return UUID(case) if case else None


def forget(request: HttpRequest, *, consent: Consent) -> None:
    """Delete the code of this consent from the session."""
    kept = dict(request.session.get(SESSION_KEY, {}))
    if kept.pop(str(consent.pk), None) is not None:
        request.session[SESSION_KEY] = kept


def _context(consent: Consent) -> str:
    return f"withdrawal-code|{consent.pk}"
