"""The only view that sends a picture: it asks the gate, decrypts, verifies, logs and streams."""

import hashlib
import logging
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from accounts.models import Member
from audit import access_log
from core.crypto.vault import Tampered
from core.http import gone_is_not_found
from core.permissions import get_visible_or_404
from imaging.models import Rendition
from imaging.renditions import pipeline

logger = logging.getLogger(__name__)


@require_GET
def picture(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the bytes of one rendition if the gate lets this member see it now; otherwise 404.

    Threat: bytes that differ from those reviewed (swapped objects, a row edited by hand); and a member, or somebody
    with their session, who downloads all pictures: nobody looks at hundreds in an hour.
    """
    rendition: Rendition = get_visible_or_404(request.user, "rendition.view", pk)
    if access_log.views_in_last_hour(request.user.pk) >= settings.RULES["views_an_hour"]:
        return _too_many_views(request.user)
    try:
        with gone_is_not_found():
            data = pipeline.read_rendition(rendition=rendition)
    except Tampered:
        logger.error("rendition %s does not decrypt to what was sealed", rendition.pk)
        return HttpResponse(status=404)
    if hashlib.sha256(data).hexdigest() != rendition.sha256:
        logger.error("rendition %s is not what was reviewed", rendition.pk)
        return HttpResponse(status=404)
    access_log.record_served(member_id=request.user.pk, rendition_id=rendition.pk, name=rendition.name)
    return HttpResponse(
        data,
        headers={
            "Content-Type": rendition.content_type,
            "Cache-Control": "private, no-store",
            "Content-Disposition": "inline",
        },
    )


def _too_many_views(member: Member) -> HttpResponse:
    if access_log.record_limit_reached(member_id=member.pk):
        logger.error("member %s asks for more pictures than anybody looks at", member.pk)
    return HttpResponse(status=429, headers={"Retry-After": "600"})
