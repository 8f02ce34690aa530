"""The pictures of a draft: adding, describing, ordering, retrying and removing them."""

from collections.abc import Callable, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.cases.editing import lock_draft
from consults.cases.models import Case, CasePhoto
from consults.cases.states import Moved
from consults.exceptions import ChangeRefused
from core import jobs
from imaging.models import Photo, State
from imaging.originals import Pieces
from imaging.renditions import frames
from imaging.renditions import pipeline as imaging
from imaging.review.picture_type import state_type
from imaging.states import Moved as PhotoMoved

MAX_PICTURES = 20
STRAY_AFTER = timedelta(hours=1)

# The kind of job that a photo in this state waits for.
JOB_OF = {State.RECEIVED: imaging.INSPECT, State.CONFIRMED: imaging.SEAL}


class CaseFull(ChangeRefused):
    """The case has MAX_PICTURES pictures already."""

    def __init__(self) -> None:
        super().__init__(_("A case holds up to 20 pictures. Remove one first."))


def add_picture(*, case: Case, by: Member, data: bytes | Pieces, idempotency_key: UUID) -> CasePhoto:
    """Add an uploaded file to a draft; the same key returns the same picture.

    Raises engine.Refused, ChangeRefused.
    """
    if case.pictures.exclude(photo__idempotency_key=idempotency_key).count() >= MAX_PICTURES:
        raise CaseFull
    photo, is_new = imaging.accept(owner=by, data=data, idempotency_key=idempotency_key)
    try:
        with transaction.atomic():
            placed = _place(case=case, photo=photo)
    except ChangeRefused:
        if is_new:
            imaging.destroy(photo=photo)
        raise
    return placed


def choose_frames(*, picture: CasePhoto, by: Member, numbers: Sequence[int]) -> None:
    """Make the chosen ones of a file's pictures pictures of the draft: the first takes this place, others follow.

    Raises ChangeRefused, engine.Refused without room, Moved when it does not await the choice.
    """
    photo = picture.photo
    first, *others = chosen = sorted(set(numbers)) or [0]
    if not photo.awaits_choice:
        raise PhotoMoved
    if first < 1 or chosen[-1] > photo.frames:
        raise ChangeRefused(_("Choose at least one of the pictures in the file."))
    if picture.case.pictures.count() + len(others) > MAX_PICTURES:
        raise CaseFull
    for number in others:
        split, is_new = frames.split(photo=photo, number=number)
        try:
            with transaction.atomic():
                _place(case=picture.case, photo=split)
        except ChangeRefused:
            if is_new:
                imaging.destroy(photo=split)
            raise
    frames.settle(photo=photo, number=first, by=by)


def _place(*, case: Case, photo: Photo) -> CasePhoto:
    """Append a photo to a draft.

    Raises ChangeRefused when it is no draft, CaseFull, or Moved when the photo belongs to another case.
    """
    lock_draft(case)
    if case.pictures.exclude(photo=photo).count() >= MAX_PICTURES:
        raise CaseFull
    last = case.pictures.aggregate(last=Max("position"))["last"]
    placed, _made = CasePhoto.objects.get_or_create(
        photo=photo, defaults={"case": case, "position": 0 if last is None else last + 1}
    )
    if placed.case_id != case.pk:
        raise Moved
    return placed


def remove_picture(*, photo: Photo) -> None:
    """Destroy one picture of a draft. It leaves the case first, so that a crash leaves no half picture in it."""
    CasePhoto.objects.filter(photo=photo).delete()
    imaging.destroy(photo=photo)


def sweep_unplaced() -> int:
    """Destroy photos that have belonged to no case for an hour, left by a crash; return how many."""
    stray = Photo.objects.filter(placement=None, uploaded_at__lt=timezone.now() - STRAY_AFTER)
    for photo in stray:
        imaging.destroy(photo=photo)
    return len(stray)


@transaction.atomic
def retry(*, photo: Photo, by: Member) -> None:
    """Queue the parked job of a picture again with all its attempts; no effect when it is not parked."""
    job = jobs.newest_job(kind=JOB_OF.get(State(photo.state), ""), subject=photo.pk)
    if job is not None and jobs.retry(job.id):
        record(verb="photo.tried_again", actor=by, subject=("photo", photo.pk))


@transaction.atomic
def arrange(*, case: Case, order: Sequence[UUID]) -> None:
    """Put the pictures of a draft into this order; pictures not named follow in their former order.

    Raises ChangeRefused when it is no draft any more.
    """
    lock_draft(case)
    places = {picture.photo_id: picture for picture in case.pictures.all()}
    named = [photo_id for photo_id in order if photo_id in places]
    rest = [photo_id for photo_id in places if photo_id not in named]
    for position, photo_id in enumerate([*named, *rest]):
        CasePhoto.objects.filter(pk=places[photo_id].pk).update(position=position)


@transaction.atomic
def save_picture(*, picture: CasePhoto, fill: Callable[[CasePhoto], object]) -> None:
    """Let `fill` set the details of a picture of a draft as it is stored now, locked; save them.

    Raises ChangeRefused when the case is no draft any more.
    """
    lock_draft(picture.case)
    stored = CasePhoto.objects.select_related("case").get(pk=picture.pk)
    fill(stored)
    stored.save()
    state_type(photo_id=stored.photo_id, picture_type=stored.picture_type)
    Case.objects.filter(pk=picture.case_id).update(changed_at=timezone.now())
