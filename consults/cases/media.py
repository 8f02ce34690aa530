"""The only view that sends a picture: it asks the gate, decrypts, verifies, logs and streams."""

import hashlib
import logging
from copy import copy
from typing import NamedTuple
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django.http import Http404, HttpResponse
from django.views.decorators.http import require_GET

from accounts.http import MemberRequest
from accounts.models import Member
from audit import access_log
from consults.cases import gate
from core.crypto.vault import Tampered
from core.http import gone_is_not_found
from core.prepared import Prepared
from imaging.models import Photo, Rendition
from imaging.renditions import pipeline

logger = logging.getLogger(__name__)
_QUERY = Prepared()


class Servable(NamedTuple):
    """The facts needed to send one rendition, and the weight of its reader's recent views."""

    photo_id: UUID
    key_id: UUID
    name: str
    content_type: str
    sha256: str
    tenths: int


def servable(member: Member, pk: UUID) -> Servable | None:
    """Return the rendition if the gate lets this member see it now, else None. One query."""

    def build(member_id: UUID, rendition_id: UUID, since: int) -> QuerySet[Rendition, tuple[object, ...]]:
        stand_in = copy(member)
        stand_in.pk = member_id
        found = gate.servable_rendition(stand_in, rendition_id)
        looked = access_log.tenths_since(since, member_id=member_id)
        return found.values_list("photo_id", "photo__key_id", "name", "content_type", "sha256", looked)

    row = _QUERY.first(gate.asked_by(member), build, (member.pk, pk, access_log.an_hour_ago()))
    return None if row is None else Servable(*row)


@require_GET
def picture(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the bytes of one rendition if the gate lets this member see it now; otherwise 404.

    Threat: bytes that differ from those reviewed (swapped objects, a row edited by hand); and a member, or somebody
    with their session, who downloads all pictures: nobody looks at hundreds in an hour.
    """
    found = servable(request.user, pk)
    if found is None:
        raise Http404
    if found.tenths // access_log.TENTHS >= settings.RULES["views_an_hour"]:
        return _too_many_views(request.user)
    rendition = Rendition(id=pk, photo=Photo(id=found.photo_id, key_id=found.key_id), name=found.name)
    try:
        with gone_is_not_found():
            data = pipeline.read_rendition(rendition=rendition)
    except Tampered:
        logger.error("rendition %s does not decrypt to what was sealed", pk)
        return HttpResponse(status=404)
    if hashlib.sha256(data).hexdigest() != found.sha256:
        logger.error("rendition %s is not what was reviewed", pk)
        return HttpResponse(status=404)
    access_log.record_served(member_id=request.user.pk, rendition_id=pk, name=found.name)
    return HttpResponse(
        data,
        headers={
            "Content-Type": found.content_type,
            "Content-Length": str(len(data)),
            "Cache-Control": "private, no-store",
            "Content-Disposition": "inline",
        },
    )


def _too_many_views(member: Member) -> HttpResponse:
    if access_log.record_limit_reached(member_id=member.pk):
        logger.error("member %s asks for more pictures than anybody looks at", member.pk)
    return HttpResponse(status=429, headers={"Retry-After": "600"})
