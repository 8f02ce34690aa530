"""The picture's type as its owner states it: it decides which doubts are worth a question."""

from uuid import UUID

from django.db import transaction
from django.db.models import F

from imaging import engine
from imaging.engine.detect.asking import ask
from imaging.models import Photo, Region, State

OPEN = (Region.Choice.SUGGESTED, Region.Choice.CHECK)


@transaction.atomic
def state_type(*, photo_id: UUID, picture_type: engine.PictureType | None) -> None:
    """Keep the type that the owner states, or that none is stated any more; decide anew about what was found.

    Eyes and faces that nobody has decided on become a question in dermoscopy and histology, and a suggested mask again
    in a clinical picture. What a person accepted, dismissed or drew stays. No effect when the type is the same.
    """
    photo = Photo.objects.select_for_update().get(pk=photo_id)
    if photo.stated_type == picture_type:
        return
    changes = {"picture_type": picture_type or "", "type_stated": picture_type is not None}
    if picture_type is None:
        del changes["picture_type"]
    Photo.objects.filter(pk=photo.pk).update(**changes)
    if photo.state != State.REVIEW:
        return
    # Another window of the owner shows the former questions: it is told to show the present ones.
    Photo.objects.filter(pk=photo.pk).update(mask_revision=F("mask_revision") + 1)
    kinds = (Region.Kind.EYE, Region.Kind.FACE)
    for region in photo.regions.filter(kind__in=kinds, choice__in=OPEN).exclude(detector=""):
        region.choice = _choice(region, photo=photo, picture_type=picture_type)
        region.save(update_fields=["choice"])


def _choice(region: Region, *, photo: Photo, picture_type: engine.PictureType | None) -> Region.Choice:
    box = region.x, region.y, region.width, region.height
    found = engine.Region(
        region.kind,  # type: ignore[arg-type]
        *box,
        score=region.score or 0.0,
        detector=region.detector,
        angle=region.angle,
        turned=box,
    )
    asked = ask(found, photo.width, photo.height, picture_type).why_asked
    return Region.Choice.SUGGESTED if asked is None else Region.Choice.CHECK
