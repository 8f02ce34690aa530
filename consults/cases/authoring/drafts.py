"""Drafts: starting, saving, submitting, taking back, retracting and discarding them."""

from collections.abc import Callable, Collection

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent.models import Consent
from consults.cases import gate
from consults.cases.authoring import name_checks
from consults.cases.editing import delete_unsigned, lock_draft
from consults.cases.followup import comparisons
from consults.cases.gate import listing
from consults.cases.models import ADDED, CONTENT, EDITABLE, PUBLISHED, Case, CaseState
from consults.cases.review.waiting import tell_readers
from consults.cases.states import CASE
from consults.exceptions import ChangeRefused
from core import jobs
from imaging import uploads
from imaging.models import Photo, Upload
from imaging.renditions import pipeline as imaging
from notifications.notices import Kind, forget


@transaction.atomic
def start(*, author: Member) -> Case:
    """Start a draft, or return an untouched one, so that opening the page twice leaves one.

    Raises ChangeRefused when the author has as many as there may be.
    """
    untouched = Case.objects.filter(author=author, state=CaseState.DRAFT, title="", note="", pictures=None).first()
    if untouched is not None:
        return untouched
    most = settings.RULES["drafts"]
    if Case.objects.filter(author=author, state=CaseState.DRAFT).count() >= most:
        raise ChangeRefused(
            _("You have %(most)d drafts, which is the most there may be. Post or delete one, then begin a new case.")
            % {"most": most}
        )
    case = Case.objects.create(author=author)
    record(verb="case.started", actor=author, subject=("case", case.id))
    return case


@transaction.atomic
def save_facts(*, case: Case, fill: Callable[[Case], object]) -> Case:
    """Let `fill` set content fields of a draft as it is stored now, locked; save and return it.

    Raises ChangeRefused when it is no draft any more.
    """
    lock_draft(case)
    stored = Case.objects.get(pk=case.pk)
    fill(stored)
    stored.save(update_fields=[*CONTENT, *ADDED, "sensitive", "changed_at"])
    return stored


@transaction.atomic
def submit(*, case: Case, by: Member, no_names: Collection[str] = ()) -> None:
    """Submit a draft for the second read; `no_names` are words that its author declares to be no names.

    Raises gate.Blocked, ChangeRefused.
    """
    locked = Case.objects.select_for_update().get(pk=case.pk)
    missing = gate.blockers(locked)
    if missing:
        raise gate.Blocked(missing)
    asked = name_checks.possible_names(locked)
    if set(asked) - set(no_names):
        raise ChangeRefused(_("Look at the words that could be a name, and say that they name nobody."))
    CASE.move(case, to=CaseState.SUBMITTED, submitted_at=timezone.now())
    tell_readers(case)
    if case.follows_id is not None:  # by now all its pictures are sealed, and it is said of what kind they are
        jobs.enqueue(kind=comparisons.COMPARE, subject=case.pk)
    record(verb="case.submitted", actor=by, subject=("case", case.id), words=case.content_sha256, no_names=len(asked))


@transaction.atomic
def take_back(*, case: Case, by: Member) -> None:
    """Return a submitted case to its author's drafts. Raises ChangeRefused."""
    CASE.move(case, start=CaseState.SUBMITTED, to=CaseState.DRAFT)
    forget(case=case.pk, kinds=[Kind.SECOND_READ])
    record(verb="case.taken_back", actor=by, subject=("case", case.id))


@transaction.atomic
def retract(*, case: Case, by: Member) -> None:
    """Hide an own published case by returning it to the drafts, to be corrected, submitted again or deleted.

    Its outcome is deleted; answers and comments stay with it, hidden. Raises ChangeRefused.
    """
    if case.consent_id is not None:  # the same lock order as in the gate
        Consent.objects.select_for_update().get(pk=case.consent_id)
    CASE.move(case, start=PUBLISHED, to=CaseState.DRAFT, where=Q(author=by))
    case.releases.all().delete()
    if hasattr(case, "outcome"):
        case.outcome.delete()
    listing.refresh(cases=[case.pk])
    record(verb="case.retracted", actor=by, subject=("case", case.id))


def discard(*, case: Case, by: Member) -> None:
    """Delete a draft with its pictures and their keys, and with its follow-ups. Raises ChangeRefused.

    A case that was released before is deleted only if no patient is involved; otherwise a certificate is due.
    """
    deletable = Q(released_at=None) | Q(education_model=True, consent=None)
    if not Case.objects.filter(deletable, pk=case.pk, state__in=EDITABLE).exists():
        raise ChangeRefused(_("Only a draft can be deleted. Withdraw the consent instead."))
    following = list(case.additions.select_related("consent"))
    photos = list(Photo.objects.filter(Q(placement__case=case) | Q(placement__case__in=following)))
    with transaction.atomic():
        record(verb="case.discarded", actor=by, subject=("case", case.id))
        for each in (case, *following):
            forget(case=each.pk)
        Case.objects.filter(pk=case.pk).delete()
        for each in (case, *following):
            delete_unsigned(each.consent)
    for photo in photos:
        imaging.destroy(photo=photo)
    for upload in Upload.objects.filter(meant_for__in=[case.pk, *(each.pk for each in following)]):
        uploads.destroy(upload=upload)
