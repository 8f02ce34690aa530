"""The server's rendering of the masks as saved, for the owner's review.

Threat: a picture that takes half a minute to decode occupies the threads of the web server. So a job renders, and a
request waits for it a second at most, then says that the picture is on its way.
"""

import time
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext as _

from core import jobs
from core.crypto.vault import KeyDestroyed
from core.exceptions import Refusal
from core.models import Job
from imaging import engine, originals
from imaging.models import Photo, State
from imaging.review import confirmation

RENDER = "imaging.result"  # subject: the photo
WAIT_SECONDS = 1.0
LOOK_SECONDS = 0.1
RETRIED_CODES = ("detector_failed",)


class TooMany(Refusal):
    """The member has asked for too many renderings in the last minute."""


def look(*, photo: Photo) -> bytes | None:
    """Return the rendering (JPEG) of the masks as saved; None while it is being made.

    Raises engine.Refused, TooMany, and vault.KeyDestroyed or FileNotFoundError when the original is gone.
    """
    if photo.result_revision != photo.mask_revision:
        _require_few(photo)
        jobs.enqueue(kind=RENDER, subject=photo.pk)
        give_up_at = time.monotonic() + WAIT_SECONDS
        while photo.result_revision != photo.mask_revision:
            if time.monotonic() > give_up_at:
                return None
            time.sleep(LOOK_SECONDS)
            photo.refresh_from_db(fields=["result_revision", "result_refusal"])
    if photo.result_refusal:
        raise engine.Refused(photo.result_refusal)
    return originals.read_result(photo=photo, revision=photo.mask_revision)


def render(*, photo_id: UUID) -> None:
    """Render the masks as they are now. Safe to repeat. Raises engine.Refused where the machine is the cause."""
    photo = Photo.objects.filter(pk=photo_id, state=State.REVIEW).first()
    if photo is None or photo.result_revision == photo.mask_revision:
        return
    revision, code = photo.mask_revision, ""
    try:
        made = confirmation.masked_preview(photo=photo)
        originals.save_result(photo=photo, revision=revision, data=made.data)
    except engine.Refused as refused:
        if refused.code in RETRIED_CODES:
            raise
        code = refused.code
    except (KeyDestroyed, FileNotFoundError):
        return
    Photo.objects.filter(pk=photo.pk, state=State.REVIEW).update(result_revision=revision, result_refusal=code)


def _require_few(photo: Photo) -> None:
    lately = timezone.now() - timedelta(minutes=1)
    mine = Photo.objects.filter(owner=photo.owner_id).values("pk")
    asked = Job.objects.filter(kind=RENDER, subject__in=mine, created_at__gt=lately).count()
    most = settings.RULES["previews_a_minute"]
    if asked >= most and not Job.objects.filter(kind=RENDER, subject=photo.pk, state__in=Job.OPEN).exists():
        raise TooMany(
            _("You have looked at %(most)d results within a minute. Wait a minute, then look again.") % {"most": most}
        )
