"""What a withdrawal, or a part of one, takes from the cases: hidden at once, then destroyed.

`hide` runs in the transaction that takes back the consent. The job makes it true on disk: keys first, then
copies of the words elsewhere, words, answers and comments, then bytes. It can be run again after dying
anywhere, and leaves a tombstone without content.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent import effects, groups
from consent import withdrawal as consent_withdrawal
from consent.models import Cause, Consent, Removal, Status, Withdrawal
from consults import exemption, gate, redaction, telling
from consults.consent_audit.exports import kept
from consults.models import Case, CaseState, Comment, Group, Release
from consults.models.cases import CONTENT, PUBLISHED
from core import days, jobs, journal
from core.routers import DEFAULT
from imaging import service as imaging
from imaging.models import Photo, Rendition
from imaging.models import State as PhotoState

TAKE_DOWN = "case.take_down"  # subject: the case

# --- What there is


@effects.register
def count(consent: Consent) -> effects.Effects:
    """Cases, pictures and comments that hang on this consent now."""
    cases = Case.objects.filter(consent=consent).exclude(state=CaseState.WITHDRAWN)
    return effects.Effects(
        cases=cases.count(),
        pictures=_pictures(consent).count(),
        comments=Comment.objects.filter(case__in=cases).count(),
    )


def count_alone(case: Case) -> effects.Effects:
    """What hangs on a case that stands under no consent."""
    return effects.Effects(cases=1, pictures=case.pictures.count(), comments=case.comments.count())


def _pictures(consent: Consent) -> QuerySet[Photo]:
    return (
        Photo.objects.filter(placement__case__consent=consent)
        .exclude(placement__case__state=CaseState.WITHDRAWN)
        .exclude(state=PhotoState.WITHDRAWN)
    )


@groups.names_groups
def name_of_group(group_id: UUID) -> str:
    """A group by its id."""
    return Group.objects.filter(pk=group_id).values_list("name", flat=True).first() or ""


@effects.lists_pictures
def pictures(consent: Consent) -> list[effects.Picture]:
    """The pictures by number, kind, day and the beginning of the fingerprint that the receipt prints."""
    photos = (
        _pictures(consent)
        .select_related("placement")
        .prefetch_related("renditions")
        .order_by("placement__case__created_at", "placement__case_id", "placement__position", "placement__id")
    )
    return [effects.Picture(id=photo.pk, words=_words(photo, number)) for number, photo in enumerate(photos, start=1)]


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


# --- Hiding


@effects.hides
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
    telling.ask_to_tell(case=case)
    Case.objects.filter(pk=case.pk).update(state=CaseState.WITHDRAWN, removal=removal)


def _to_drafts(case: Case) -> None:
    """Back to the author, for whoever would see it otherwise; released again it would be read again."""
    case.releases.all().delete()
    Case.objects.filter(pk=case.pk, state__in=(*PUBLISHED, CaseState.SUBMITTED)).update(state=CaseState.DRAFT)


@transaction.atomic
def take_down(*, case: Case, by: Member | None) -> None:
    """Hide a case for good that was released without a consent, and ask for its destruction. Idempotent."""
    locked = Case.objects.select_for_update(of=("self",)).filter(exemption.was_used(), pk=case.pk).first()
    if locked is None or locked.state == CaseState.WITHDRAWN:
        return
    _take_away(locked, removal=None)
    jobs.enqueue(kind=TAKE_DOWN, subject=case.pk)
    record(verb="case.taken_down", actor=by, subject=("case", case.pk))


# --- Destroying


def purge_taken_down(*, case_id: UUID) -> None:
    """Destroy a case that was taken down. Safe to repeat."""
    _destroy(None, Case.objects.filter(exemption.was_used(), pk=case_id, state=CaseState.WITHDRAWN))
    transaction.on_commit(partial(journal.fold, DEFAULT))


def purge(*, consent_id: UUID) -> None:
    """Destroy everything that hangs on a withdrawn consent. Safe to repeat; does nothing for a live one."""
    made = Withdrawal.objects.select_related("consent").filter(consent_id=consent_id).first()
    if made is None or made.completed_at is not None:
        return
    _destroy(made, Case.objects.filter(consent=made.consent_id))
    consent_withdrawal.destroy_document(consent=made.consent)
    for older in Consent.objects.filter(superseded_by=consent_id, status=Status.SUPERSEDED):
        consent_withdrawal.destroy_document(consent=older)
    _finish(made)


def purge_part(*, removal_id: UUID) -> None:
    """Destroy what a part of a consent took with it. Safe to repeat."""
    made = Removal.objects.select_related("consent").filter(pk=removal_id).first()
    if made is None or made.completed_at is not None:
        return
    _destroy(made, Case.objects.filter(consent=made.consent_id, state=CaseState.WITHDRAWN))
    _finish(made)


def _destroy(made: Withdrawal | Removal | None, hidden: QuerySet[Case]) -> None:
    """These cases, and every picture that is hidden for good under the same consent."""
    cases = list(hidden)
    wanted = Q(placement__case__in=cases)
    if made is not None:
        wanted |= Q(placement__case__consent=made.consent_id, state=PhotoState.WITHDRAWN)
    photos = Photo.objects.filter(wanted)
    # The keys first: from here on the bytes are noise, whatever happens to this process.
    for photo in photos:
        imaging.destroy_keys(photo=photo)
    if made is not None:
        consent_withdrawal.keys_destroyed(made=made)
    for case in cases:
        if case.entombed_at is None:
            _empty(case, made=made)
    for photo in photos:
        imaging.destroy(photo=photo)


@transaction.atomic
def _empty(case: Case, *, made: Withdrawal | Removal | None) -> None:
    """Take its words out wherever they were quoted, and make a tombstone of it, in one step."""
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if locked.entombed_at is not None:
        return
    quotes = redaction.take_out_quotes(case=locked)
    if made is not None:
        type(made).objects.filter(pk=made.pk).update(quotes=F("quotes") + quotes)
    entomb(case=locked)


def _finish(made: Withdrawal | Removal) -> None:
    if not (isinstance(made, Removal) and made.cause == Cause.EXPIRED):  # an end that every export foretold
        kept.recall(consent_id=made.consent_id)
    consent_withdrawal.complete(made=made)
    transaction.on_commit(partial(journal.fold, DEFAULT))


def entomb(*, case: Case) -> None:
    """Leave of a case its id, its author and its times; answers, comments, bookmarks and outcome go."""
    for rows in _belongings(case):
        rows.delete()
    blank = Case()
    for name in CONTENT:
        setattr(case, name, getattr(blank, name))
    case.state = CaseState.WITHDRAWN
    case.entombed_at = timezone.now()
    case.save()
    record(verb="case.entombed", actor=None, subject=("case", case.id))


def _belongings(case: Case) -> Iterable[QuerySet[Any]]:
    yield case.answers.all()
    yield case.comments.all()
    yield case.bookmarks.all()
    yield case.second_reads.all()
    yield case.releases.all()
    if hasattr(case, "outcome"):
        yield type(case.outcome).objects.filter(pk=case.outcome.pk)
