"""The immediate effects of a withdrawal on cases, in the transaction that withdraws the consent or a part of it."""

import hashlib
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.leaving import exports as copies_of_data
from accounts.models import Member
from audit.record import record
from consent import hooks
from consent import withdrawal as consent_withdrawal
from consent.models import Cause, Consent, Removal, Status, Withdrawal, WithdrawnBy
from consults.cases import exemption, gate
from consults.cases.gate import listing
from consults.cases.models import PUBLISHED, Case, CaseState, Release
from consults.cases.seen import seen_under
from consults.cases.states import CASE
from consults.discussion.models import Comment
from consults.exceptions import ChangeRefused
from consults.groups.models import Group
from consults.pins.models import Pin
from consults.withdrawal import notices, redaction
from core import days, jobs
from core.crypto.vault import KeyDestroyed, Tampered
from imaging.models import Photo, Rendition
from imaging.models import State as PhotoState
from imaging.renditions import pipeline as imaging
from notifications.notices import forget

TAKE_DOWN = "case.take_down"  # subject: the case


def count_effects(consent: Consent) -> hooks.Effects:
    """Count the cases, pictures and comments held under this consent now."""
    cases = Case.objects.filter(_goes_with(consent)).exclude(state=CaseState.WITHDRAWN)
    photos = Photo.objects.filter(placement__case__in=cases).exclude(state=PhotoState.WITHDRAWN)
    return hooks.Effects(
        cases=cases.count(),
        pictures=photos.count(),
        comments=Comment.objects.filter(case__in=cases).count(),
    )


def count_effects_of_case(case: Case) -> hooks.Effects:
    """Count the pictures and comments of a case that has no consent, with its follow-ups."""
    goes = Case.objects.filter(Q(pk=case.pk) | Q(follows=case)).exclude(state=CaseState.WITHDRAWN)
    pictures = Photo.objects.filter(placement__case__in=goes)
    return hooks.Effects(cases=goes.count(), pictures=pictures.count(), comments=case.comments.count())


def _goes_with(consent: Consent) -> Q:
    """Return the condition for the cases that go when this consent is withdrawn: under it, or following one that is."""
    return Q(consent=consent) | Q(follows__consent=consent)


def _held_photos(consent: Consent) -> QuerySet[Photo]:
    return (
        Photo.objects.filter(placement__case__consent=consent)
        .exclude(placement__case__state=CaseState.WITHDRAWN)
        .exclude(state=PhotoState.WITHDRAWN)
    )


def group_name(group_id: UUID) -> str:
    """Return the name of a group, "" when there is none with this id."""
    return Group.objects.filter(pk=group_id).values_list("name", flat=True).first() or ""


def held_pictures(consent: Consent) -> list[hooks.HeldPicture]:
    """Return the pictures under this consent in the order in which they were posted, each by its kind and day."""
    photos = (
        _held_photos(consent)
        .select_related("placement__case")
        .prefetch_related("renditions")
        .order_by("placement__case__created_at", "placement__case_id", "placement__position", "placement__id")
    )
    shown = set(consent.shown_pictures.values_list("sha256", flat=True))
    return [_describe_photo(photo, shown) for photo in photos]


def readers(consent: Consent) -> list[hooks.Readers]:
    """Count who looked at the pictures under this consent, by profession."""
    return [hooks.Readers(profession=row.profession, members=row.members) for row in seen_under(consent)]


def covered_more(consent: Consent) -> list[hooks.CoveredMore]:
    """Return the pictures that cover more now than when the patient was shown them."""
    return [
        hooks.CoveredMore(before=row.before, after=row.after, since=row.proved_at)
        for row in gate.covered_more_since(consent)
        if row.proved_at is not None
    ]


def _describe_photo(photo: Photo, shown: set[str]) -> hooks.HeldPicture:
    display = next((r for r in photo.renditions.all() if r.name == Rendition.Name.DISPLAY), None)
    sha256 = display.sha256 if display is not None else ""
    words = {"kind": photo.placement.get_kind_display() or _("Picture"), "day": days.in_words(photo.uploaded_at)}
    return hooks.HeldPicture(
        id=photo.pk,
        words=_("%(kind)s, added on %(day)s") % words,
        sha256=sha256,
        may_be_shown=_may_be_shown(photo, sha256, shown),
    )


def _may_be_shown(photo: Photo, sha256: str, shown: set[str]) -> bool:
    """Whether the holder of the code may see it: sealed, and released or shown to the patient as it is.

    Threat: a draft that stands under another patient's consent by mistake; a second reader has not seen it yet.
    """
    seen = photo.placement.case.state in PUBLISHED or sha256 in shown
    return photo.state == PhotoState.SEALED and bool(sha256) and seen


def masked_thumbnail(consent: Consent, picture: UUID) -> hooks.Thumbnail | None:
    """Return the sealed masked thumbnail of a picture under this consent that may be shown; None for any other."""
    if picture not in {held.id for held in held_pictures(consent) if held.may_be_shown}:
        return None
    found = Rendition.objects.select_related("photo").filter(photo=picture, name=Rendition.Name.THUMBNAIL).first()
    if found is None:
        return None
    try:
        data = imaging.read_rendition(rendition=found)
    except (KeyDestroyed, Tampered, FileNotFoundError):
        return None
    if hashlib.sha256(data).hexdigest() != found.sha256:
        return None
    return hooks.Thumbnail(data=data, content_type=found.content_type)


def hide(consent: Consent, removal: Removal | None) -> None:
    """Lock every case under this consent and hide what the gate says it no longer allows."""
    cases = list(
        Case.objects.select_for_update(of=("self",))
        .filter(consent=consent)
        .exclude(state=CaseState.WITHDRAWN)
        .order_by("pk")
    )
    _lock_listings(consent)
    if removal is None and consent.status == Status.ENTERED_IN_ERROR:
        for case in cases:
            _return_to_drafts(case)
    elif removal is None or removal.cause in (Cause.EXPIRED, Cause.LEFT):
        for case in cases:
            _withdraw_case(case, removal=removal)
    elif removal.cause == Cause.PICTURE:
        for case in cases:
            named = Photo.objects.filter(placement__case=case, pk__in=[removal.picture])
            _withdraw_pictures(case, named, removal=removal)
    else:
        for case in cases:
            _narrow(case, removal=removal)
    listing.refresh(cases=[case.pk for case in cases])
    _recall_copies(cases)


def _recall_copies(cases: list[Case]) -> None:
    """Destroy the copies of their data that the authors had made: these words are in them."""
    for author_id in sorted({case.author_id for case in cases}):
        copies_of_data.recall(author_id)


def _lock_listings(consent: Consent) -> None:
    """Lock the listings of this consent's cases and of its successors', which a withdrawal hides next, in one order.

    A suspension locks all listings of an author in the order of their ids: taken consent by consent, they could cross.
    """
    chain = [consent]
    while chain[-1].superseded_by is not None:
        chain.append(chain[-1].superseded_by)
    listing.lock(Q(case__consent__in=chain))


def _narrow(case: Case, *, removal: Removal) -> None:
    """Hide what a narrowed consent no longer allows; drafts stay, their authors read what is missing."""
    if case.state in PUBLISHED and gate.audience_not_allowed(case):
        _withdraw_case(case, removal=removal)
    elif case.state in PUBLISHED:
        _withdraw_pictures(case, gate.photos_not_allowed(case), removal=removal)
    elif case.state == CaseState.SUBMITTED and _exceeds_consent(case):
        _return_to_drafts(case)


def _exceeds_consent(case: Case) -> bool:
    return gate.audience_not_allowed(case) or gate.photos_not_allowed(case).exists()


def _withdraw_pictures(case: Case, photos: QuerySet[Photo], *, removal: Removal) -> None:
    taken = list(photos)
    if not taken:
        return
    for photo in taken:
        imaging.withdraw(photo=photo)
    Release.objects.filter(rendition__photo__in=taken).delete()
    Pin.objects.filter(rendition__photo__in=taken).delete()
    redaction.list_comments_for_review(case=case)
    # A case without any picture shows nothing, and its text describes what was withdrawn.
    if case.state in PUBLISHED and not case.pictures.exclude(photo__state=PhotoState.WITHDRAWN).exists():
        _withdraw_case(case, removal=removal)


def _withdraw_case(case: Case, *, removal: Removal | None) -> None:
    """Withdraw a case and whatever follows it: nobody could be shown that without the case.

    Both may stand under one consent, so that a follow-up may have gone with its case a moment ago.
    """
    if not Case.objects.filter(pk=case.pk).exclude(state=CaseState.WITHDRAWN).exists():
        return
    forget(case=case.pk)
    notices.enqueue_notices(case=case)
    CASE.move(case, to=CaseState.WITHDRAWN, removal=removal)
    following = Case.objects.select_for_update(of=("self",)).filter(follows=case).exclude(state=CaseState.WITHDRAWN)
    for addition in following.order_by("pk"):
        forget(case=addition.pk)
        CASE.move(addition, to=CaseState.WITHDRAWN, removal=removal)


def _return_to_drafts(case: Case) -> None:
    """Return a case to its author's drafts; to be released again it needs another second read."""
    case.releases.all().delete()
    if case.state in (*PUBLISHED, CaseState.SUBMITTED):
        CASE.move(case, to=CaseState.DRAFT)


@transaction.atomic
def take_down(*, case: Case, by: Member | None) -> None:
    """Hide for good a case that was released without a consent, and enqueue its destruction. Idempotent."""
    locked = (
        Case.objects.select_for_update(of=("self",)).filter(exemption.released_without_consent(), pk=case.pk).first()
    )
    if locked is None or locked.state == CaseState.WITHDRAWN:
        return
    _withdraw_case(locked, removal=None)
    listing.refresh(cases=[locked.pk])
    _recall_copies([locked])
    jobs.enqueue(kind=TAKE_DOWN, subject=case.pk)
    record(verb="case.taken_down", actor=by, subject=("case", case.pk))


@transaction.atomic
def withdraw(*, case: Case, by: Member) -> Withdrawal:
    """Withdraw the case's consent at the patient's request and hide every case under it. Raises ChangeRefused."""
    if case.consent_id is None:
        raise ChangeRefused(_("There is no consent to withdraw. Delete the draft instead."))
    return consent_withdrawal.withdraw(consent_id=case.consent_id, by=WithdrawnBy.CLINICIAN, actor=by)


def follow(consent: Consent) -> None:
    """Bring the listings of its cases in step with a consent whose status or last day has changed."""
    listing.refresh_where(Q(consent=consent))


class CaseHolder:
    """The holder of cases, pictures and comments under consents. Implements `consent.hooks.Holder`."""

    effects = staticmethod(count_effects)
    pictures = staticmethod(held_pictures)
    thumbnail = staticmethod(masked_thumbnail)
    readers = staticmethod(readers)
    covered_more = staticmethod(covered_more)
    hide = staticmethod(hide)
    follow = staticmethod(follow)
    group_name = staticmethod(group_name)


hooks.holder.fill(CaseHolder())
