"""What a withdrawal, or a part of one, takes from the cases at once, in the transaction that takes back the consent."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent import hooks
from consent import withdrawal as consent_withdrawal
from consent.models import Cause, Consent, Removal, Status, Withdrawal, WithdrawnBy
from consults.cases import exemption, gate
from consults.cases.gate import listing
from consults.cases.models import PUBLISHED, Case, CaseState, Release
from consults.cases.states import CASE
from consults.discussion.models import Comment
from consults.exceptions import NotPossible
from consults.groups.models import Group
from consults.withdrawal import notices, redaction
from core import days, jobs
from imaging.models import Photo, Rendition
from imaging.models import State as PhotoState
from imaging.renditions import pipeline as imaging

TAKE_DOWN = "case.take_down"  # subject: the case


def count(consent: Consent) -> hooks.Effects:
    """Cases, pictures and comments that hang on this consent now."""
    cases = Case.objects.filter(consent=consent).exclude(state=CaseState.WITHDRAWN)
    return hooks.Effects(
        cases=cases.count(),
        pictures=_pictures(consent).count(),
        comments=Comment.objects.filter(case__in=cases).count(),
    )


def count_alone(case: Case) -> hooks.Effects:
    """What hangs on a case that stands under no consent."""
    return hooks.Effects(cases=1, pictures=case.pictures.count(), comments=case.comments.count())


def _pictures(consent: Consent) -> QuerySet[Photo]:
    return (
        Photo.objects.filter(placement__case__consent=consent)
        .exclude(placement__case__state=CaseState.WITHDRAWN)
        .exclude(state=PhotoState.WITHDRAWN)
    )


def name_of_group(group_id: UUID) -> str:
    """A group by its id."""
    return Group.objects.filter(pk=group_id).values_list("name", flat=True).first() or ""


def pictures(consent: Consent) -> list[hooks.HeldPicture]:
    """The pictures by number, kind, day and the beginning of the fingerprint that the receipt prints."""
    photos = (
        _pictures(consent)
        .select_related("placement")
        .prefetch_related("renditions")
        .order_by("placement__case__created_at", "placement__case_id", "placement__position", "placement__id")
    )
    return [hooks.HeldPicture(id=photo.pk, words=_words(photo, number)) for number, photo in enumerate(photos, start=1)]


def _words(photo: Photo, number: int) -> str:
    words = _("Picture %(number)s: %(kind)s, added on %(day)s") % {
        "number": number,
        "kind": photo.placement.get_kind_display() or _("Picture"),
        "day": days.in_words(photo.uploaded_at),
    }
    shown = next((r for r in photo.renditions.all() if r.name == Rendition.Name.DISPLAY), None)
    return (
        words if shown is None else _("%(words)s, fingerprint %(start)s…") % {"words": words, "start": shown.sha256[:8]}
    )


def hide(consent: Consent, removal: Removal | None) -> None:
    """Hide what this consent no longer allows: asked of the gate for every case, each locked."""
    cases = list(
        Case.objects.select_for_update(of=("self",))
        .filter(consent=consent)
        .exclude(state=CaseState.WITHDRAWN)
        .order_by("pk")
    )
    if removal is None and consent.status == Status.ENTERED_IN_ERROR:
        for case in cases:
            _to_drafts(case)
    elif removal is None or removal.cause == Cause.EXPIRED:
        for case in cases:
            _take_away(case, removal=removal)
    elif removal.cause == Cause.PICTURE:
        for case in cases:
            named = Photo.objects.filter(placement__case=case, pk__in=[removal.picture])
            _take_pictures(case, named, removal=removal)
    else:
        for case in cases:
            _narrow(case, removal=removal)
    listing.refresh(cases=[case.pk for case in cases])


def _narrow(case: Case, *, removal: Removal) -> None:
    """A draft shows nothing to anybody: its author reads what is missing, and chooses again."""
    if case.state in PUBLISHED and gate.uncovered(case):
        _take_away(case, removal=removal)
    elif case.state in PUBLISHED:
        _take_pictures(case, gate.uncovered_photos(case), removal=removal)
    elif case.state == CaseState.SUBMITTED and (gate.uncovered(case) or gate.uncovered_photos(case).exists()):
        _to_drafts(case)


def _take_pictures(case: Case, photos: QuerySet[Photo], *, removal: Removal) -> None:
    taken = list(photos)
    if not taken:
        return
    for photo in taken:
        imaging.withdraw(photo=photo)
    Release.objects.filter(rendition__photo__in=taken).delete()
    redaction.list_comments(case=case)
    # A case without any picture shows nothing, and its words are about what was taken back.
    if case.state in PUBLISHED and not case.pictures.exclude(photo__state=PhotoState.WITHDRAWN).exists():
        _take_away(case, removal=removal)


def _take_away(case: Case, *, removal: Removal | None) -> None:
    notices.ask_to_tell(case=case)
    CASE.move(case, to=CaseState.WITHDRAWN, removal=removal)


def _to_drafts(case: Case) -> None:
    """Back to the author, for whoever would see it otherwise; released again it would be read again."""
    case.releases.all().delete()
    if case.state in (*PUBLISHED, CaseState.SUBMITTED):
        CASE.move(case, to=CaseState.DRAFT)


@transaction.atomic
def take_down(*, case: Case, by: Member | None) -> None:
    """Hide a case for good that was released without a consent, and ask for its destruction. Idempotent."""
    locked = Case.objects.select_for_update(of=("self",)).filter(exemption.was_used(), pk=case.pk).first()
    if locked is None or locked.state == CaseState.WITHDRAWN:
        return
    _take_away(locked, removal=None)
    listing.refresh(cases=[locked.pk])
    jobs.enqueue(kind=TAKE_DOWN, subject=case.pk)
    record(verb="case.taken_down", actor=by, subject=("case", case.pk))


@transaction.atomic
def withdraw(*, case: Case, by: Member) -> Withdrawal:
    """Withdraw the case's consent on the patient's word; hides every case under it at once. Raises NotPossible."""
    if case.consent_id is None:
        raise NotPossible(_("There is no consent to withdraw. Delete the draft instead."))
    return consent_withdrawal.withdraw(consent_id=case.consent_id, by=WithdrawnBy.CLINICIAN, actor=by)


def follow(consent: Consent) -> None:
    """Bring the listings of its cases in step with a consent whose status or last day has changed."""
    listing.refresh_where(Q(consent=consent))


class CaseHolder:
    """What consents hold here: cases, their pictures and their comments. See `consent.hooks.Holder`."""

    effects = staticmethod(count)
    pictures = staticmethod(pictures)
    hide = staticmethod(hide)
    follow = staticmethod(follow)
    group_name = staticmethod(name_of_group)


hooks.holder.fill(CaseHolder())
