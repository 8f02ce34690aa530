"""ORCID's word on who somebody is: the OAuth 2 code flow with PKCE, state and nonce (docs/adr/0018).

    address = begin(request, purpose="link", next_path="")      where to send the browser
    came = finish(request)                                      after it came back: whose iD it is, and what it was for

Threat: a code or an iD of somebody else is slipped in (state, nonce and verifier belong to one session and are used
once); an iD opens another member's account (the database holds each confirmed iD once).
"""

import base64
import hashlib
import json
import secrets
import time
from dataclasses import dataclass
from typing import Any, Final, Literal
from urllib.parse import urlencode

import requests
from django.conf import settings
from django.db import IntegrityError, transaction
from django.http import HttpRequest
from django.urls import reverse
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.exceptions import NotYours
from accounts.membership.models import Member, Standing
from accounts.profiles.identifiers import NotAnIdentifier, orcid
from accounts.profiles.models import Profile
from audit.record import record
from core import jobs

Purpose = Literal["link", "sign_in"]
LINKED: Final = "accounts.orcid_linked"  # a job: the mail that says so; subject: the member
KEPT: Final = "orcid_flow"  # in the session
SECONDS: Final = 600  # between leaving and coming back
TIMEOUT: Final = 10  # seconds for ORCID to answer
MOST_BYTES: Final = 64 * 1024  # of its answer
LEEWAY: Final = 120  # seconds by which clocks may differ


class OrcidRefused(NotYours):
    """An attempt that ended without an iD, or with one that may not be used."""


@dataclass(frozen=True)
class Came:
    """What a browser brought back: an iD that ORCID vouches for, what it was asked for, and where to go on."""

    number: str
    purpose: Purpose
    next_path: str


def is_on() -> bool:
    """Whether this site is registered with ORCID."""
    return bool(settings.ORCID_CLIENT_ID)


def redirect_uri() -> str:
    """Return the address that is registered with ORCID for coming back."""
    return settings.SITE_ADDRESS.rstrip("/") + reverse("accounts:orcid_back")


def begin(request: HttpRequest, *, purpose: Purpose, next_path: str = "") -> str:
    """Remember an attempt in the session and return the address at ORCID to go to."""
    verifier = secrets.token_urlsafe(48)
    attempt = {
        "state": secrets.token_urlsafe(32),
        "nonce": secrets.token_urlsafe(32),
        "verifier": verifier,
        "purpose": purpose,
        "member": _who(request),
        "next": next_path,
        "at": int(time.time()),
    }
    request.session[KEPT] = attempt
    digest = hashlib.sha256(verifier.encode()).digest()
    asked = {
        "client_id": settings.ORCID_CLIENT_ID,
        "response_type": "code",
        "scope": "openid",
        "redirect_uri": redirect_uri(),
        "state": attempt["state"],
        "nonce": attempt["nonce"],
        "code_challenge": base64.urlsafe_b64encode(digest).rstrip(b"=").decode(),
        "code_challenge_method": "S256",
    }
    return f"{settings.ORCID_BASE_URL}/oauth/authorize?{urlencode(asked)}"


def _who(request: HttpRequest) -> str:
    return str(request.user.pk or "")


def finish(request: HttpRequest) -> Came:
    """Exchange what the browser brought for the iD that ORCID vouches for. Each attempt is used once.

    Raises OrcidRefused with a sentence for the person. One request to ORCID, of at most TIMEOUT seconds.
    """
    attempt = request.session.pop(KEPT, None)
    if not isinstance(attempt, dict) or not constant_time_compare(attempt["state"], request.GET.get("state", "")):
        raise OrcidRefused(_("This answer from ORCID belongs to no attempt of yours. Start again from here."))
    if not 0 <= time.time() - attempt["at"] <= SECONDS or attempt["member"] != str(
        getattr(request.user, "pk", "") or ""
    ):
        raise OrcidRefused(_("This took too long, or you signed in meanwhile. Start again from here."))
    if request.GET.get("error") or not request.GET.get("code"):
        raise OrcidRefused(_("ORCID did not confirm it: it was denied there. Nothing was changed."))
    number = _vouched_for(_exchange(request.GET["code"][:500], attempt["verifier"]), nonce=attempt["nonce"])
    return Came(number=number, purpose=attempt["purpose"], next_path=attempt["next"])


def _exchange(code: str, verifier: str) -> dict[str, Any]:
    """Return ORCID's answer to the code. Raises OrcidRefused."""
    form = {
        "grant_type": "authorization_code",
        "code": code,
        "redirect_uri": redirect_uri(),
        "client_id": settings.ORCID_CLIENT_ID,
        "client_secret": settings.ORCID_CLIENT_SECRET,
        "code_verifier": verifier,
    }
    address = f"{settings.ORCID_BASE_URL}/oauth/token"
    try:
        with requests.post(
            address,
            data=form,
            headers={"Accept": "application/json"},
            timeout=TIMEOUT,
            allow_redirects=False,
            stream=True,
        ) as answer:
            body = b""
            for part in answer.iter_content(4096):
                body += part
                if len(body) > MOST_BYTES:
                    raise OrcidRefused(_("ORCID did not confirm it. Start again from here."))
            status = answer.status_code
        said = json.loads(body) if status == requests.codes.ok else None
    except (requests.RequestException, ValueError) as error:
        raise OrcidRefused(_("ORCID does not answer at the moment. Try again later.")) from error
    if not isinstance(said, dict):
        raise OrcidRefused(_("ORCID did not confirm it. Start again from here."))
    return said


def _vouched_for(said: dict[str, Any], *, nonce: str) -> str:
    """Return the iD for which ORCID's answer holds. Raises OrcidRefused.

    The token came from ORCID itself over TLS, which stands in place of its signature (OpenID Connect Core, 3.1.3.7).
    """
    token = _claims(said.get("id_token"))
    audience = token.get("aud")
    expires = token.get("exp")
    holds = (
        token.get("iss") == settings.ORCID_BASE_URL
        and settings.ORCID_CLIENT_ID in (audience if isinstance(audience, list) else [audience])
        and constant_time_compare(str(token.get("nonce", "")), nonce)
        and isinstance(expires, int)
        and expires > time.time() - LEEWAY
        and token.get("sub") == said.get("orcid")
    )
    try:
        number = orcid(str(token.get("sub", "")))
    except NotAnIdentifier:
        holds = False
    if not holds:
        raise OrcidRefused(_("ORCID did not confirm it. Start again from here."))
    return number


def _claims(token: object) -> dict[str, Any]:
    """Return the claims of a JSON Web Token; none of anything else."""
    parts = token.split(".") if isinstance(token, str) else []
    if len(parts) != 3:
        return {}
    try:
        read = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except ValueError:
        return {}
    return read if isinstance(read, dict) else {}


def link(*, member: Member, number: str) -> None:
    """Note that ORCID confirmed this iD for the member. Raises OrcidRefused when it is another's."""
    fields = {"orcid": number, "orcid_confirmed_at": timezone.now()}
    try:
        with transaction.atomic():
            Member.objects.select_for_update(no_key=True).get(pk=member.pk)  # as whoever saves the profile
            Profile.objects.update_or_create(member=member, defaults=fields)
            jobs.enqueue(kind=LINKED, subject=member.pk)
            record(verb="profile.orcid_confirmed", actor=member, subject=("member", member.pk))
    except IntegrityError:
        raise OrcidRefused(
            _("This iD is confirmed by another member already. If it is yours, write to the moderators.")
        ) from None


def unlink(*, member: Member) -> None:
    """Forget a confirmed iD; it signs nobody in from now on."""
    with transaction.atomic():
        confirmed = Profile.objects.filter(member=member, orcid_confirmed_at__isnull=False)
        if confirmed.update(orcid="", orcid_confirmed_at=None):
            record(verb="profile.orcid_removed", actor=member, subject=("member", member.pk))


def member_with(number: str) -> Member | None:
    """Return the member who confirmed this iD, if they may sign in at all."""
    linked = Member.objects.filter(profile__orcid=number, profile__orcid_confirmed_at__isnull=False)
    found: Member | None = linked.exclude(standing=Standing.ERASED).first()
    return found
