"""What an author and a second reader do with a case. Release itself is the gate's."""

from collections.abc import Collection, Sequence
from datetime import timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent.models import Consent, Status, Until, Withdrawal, WithdrawnBy
from consent.recording import end_on, keep_draft
from consent.service import supersede
from consent.service import withdraw as withdraw_consent
from consent.statement import Statement
from consults import exemption, gate
from consults.cases import names
from consults.cases.marks import Place
from consults.models import Case, CasePhoto, CaseState, Group, Mark, Outcome, SecondRead
from consults.models.cases import CONTENT, EDITABLE, PUBLISHED
from core import jobs
from core.refusals import Refusal
from imaging import service as imaging
from imaging import uploads
from imaging.models import Photo, State, Upload

MAX_PICTURES = 20
STRAY_AFTER = timedelta(hours=1)
# The work that a photo in this state waits for.
JOB_OF = {State.RECEIVED: imaging.INSPECT, State.CONFIRMED: imaging.SEAL}


class NotPossible(Refusal):
    """The case, or what hangs on it, cannot be changed so."""


def too_many() -> NotPossible:
    """A case is full."""
    return NotPossible(_("A case holds up to 20 pictures. Remove one first."))


def _changed() -> NotPossible:
    return NotPossible(_("The case has changed in the meantime. Reload the page."))


@transaction.atomic
def start(*, author: Member) -> Case:
    """Begin a draft. An untouched draft is used again, so that opening the page twice leaves one."""
    untouched = Case.objects.filter(author=author, state=CaseState.DRAFT, title="", note="", pictures=None).first()
    if untouched is not None:
        return untouched
    case = Case.objects.create(author=author)
    record(verb="case.started", actor=author, subject=("case", case.id))
    return case


def add_picture(*, case: Case, by: Member, data: bytes, idempotency_key: UUID) -> CasePhoto:
    """Take an uploaded file into a draft; the same key gives the same picture.

    Raises engine.Refused, NotPossible.
    """
    if case.pictures.exclude(photo__idempotency_key=idempotency_key).count() >= MAX_PICTURES:
        raise too_many()
    photo, is_new = imaging.accept(owner=by, data=data, idempotency_key=idempotency_key)
    try:
        with transaction.atomic():
            placed = _place(case=case, photo=photo)
    except NotPossible:
        if is_new:
            imaging.destroy(photo=photo)
        raise
    return placed


def _place(*, case: Case, photo: Photo) -> CasePhoto:
    """Put a photo at the end of a draft.

    Raises NotPossible when it is no draft, when it is full, or when the photo lies in another case.
    """
    _lock_draft(case)
    if case.pictures.exclude(photo=photo).count() >= MAX_PICTURES:
        raise too_many()
    last = case.pictures.aggregate(last=Max("position"))["last"]
    placed, _made = CasePhoto.objects.get_or_create(
        photo=photo, defaults={"case": case, "position": 0 if last is None else last + 1}
    )
    if placed.case_id != case.pk:
        raise _changed()
    return placed


def remove_picture(*, photo: Photo) -> None:
    """Destroy one picture of a draft. Out of the case first: it is whole there, or not there."""
    CasePhoto.objects.filter(photo=photo).delete()
    imaging.destroy(photo=photo)


def sweep_unplaced() -> int:
    """Destroy photos that have lain in no case for an hour (a crash came between two steps); return how many."""
    stray = Photo.objects.filter(placement=None, uploaded_at__lt=timezone.now() - STRAY_AFTER)
    for photo in stray:
        imaging.destroy(photo=photo)
    return len(stray)


@transaction.atomic
def try_again(*, photo: Photo, by: Member) -> None:
    """Queue a parked picture once more, with all its attempts. Nothing happens when it is not parked."""
    job = jobs.state_of(kind=JOB_OF.get(State(photo.state), ""), subject=photo.pk)
    if job is not None and jobs.retry(job.id):
        record(verb="photo.tried_again", actor=by, subject=("photo", photo.pk))


@transaction.atomic
def arrange(*, case: Case, order: Sequence[UUID]) -> None:
    """Put the pictures of a draft into this order; those not named keep their place at the end.

    Raises NotPossible when it is no draft any more.
    """
    _lock_draft(case)
    places = {picture.photo_id: picture for picture in case.pictures.all()}
    named = [photo_id for photo_id in order if photo_id in places]
    rest = [photo_id for photo_id in places if photo_id not in named]
    for position, photo_id in enumerate([*named, *rest]):
        CasePhoto.objects.filter(pk=places[photo_id].pk).update(position=position)


def _lock_draft(case: Case) -> None:
    """Hold a draft until the transaction ends, so that it is not sent or emptied meanwhile. Raises NotPossible."""
    if not Case.objects.select_for_update().filter(pk=case.pk, state__in=EDITABLE).exists():
        raise _changed()


@transaction.atomic
def keep_words(*, case: Case) -> None:
    """Save what a draft says, and nothing else of it. Raises NotPossible when it is no draft any more."""
    _lock_draft(case)
    case.save(update_fields=[*CONTENT, "changed_at"])


@transaction.atomic
def keep_picture(*, picture: CasePhoto) -> None:
    """Save what a picture of a draft is. Raises NotPossible when the case is no draft any more."""
    _lock_draft(picture.case)
    picture.save()
    Case.objects.filter(pk=picture.case_id).update(changed_at=timezone.now())


@transaction.atomic
def choose_audience(*, case: Case, group: Group | None) -> None:
    """Choose who is meant to see a draft; None means all vetted members. Raises NotPossible."""
    _lock_draft(case)
    Case.objects.filter(pk=case.pk).update(group=group, changed_at=timezone.now())
    case.group = group


@transaction.atomic
def attach_consent(*, case: Case, consent: Consent, by: Member) -> None:
    """Put a case under an active consent that this member recorded, whatever it stood under. Raises NotPossible.

    Locks the consent first, as a withdrawal does. A case whose own consent was withdrawn is about to be
    destroyed and is not saved by another consent.
    """
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    mine = Consent.objects.select_for_update().active().filter(pk=consent.pk, recorded_by=by)
    if not mine.exists():
        raise NotPossible(_("This consent is no longer active. Ask the patient again and record a new one."))
    _lock_draft(case)
    free = Case.objects.filter(pk=case.pk).exclude(consent__status=Status.WITHDRAWN)
    if not free.update(consent=consent, histology_exempt=False):
        raise NotPossible(_("The patient has withdrawn the consent of this case; its pictures are being destroyed."))
    before, case.consent = case.consent, consent
    if before is not None:
        supersede(old=before, new=consent, by=by)
        _delete_draft(before)
    record(verb="case.consent_attached", actor=by, subject=("case", case.id), consent=str(consent.id))


@transaction.atomic
def keep_consent_draft(*, case: Case, statement: Statement, by: Member) -> Consent:
    """Keep an unsigned consent with a draft that has no other record. Raises NotPossible, NotRecorded."""
    _lock_draft(case)
    draft = keep_draft(statement=statement, by=by, draft=case.draft_consent)
    if not Case.objects.filter(Q(consent=None) | Q(consent=draft), pk=case.pk).update(
        consent=draft, histology_exempt=False
    ):
        raise NotPossible(_("This case has a consent already. Record the new one when it is signed."))
    case.consent = draft
    return draft


def _delete_draft(consent: Consent | None) -> None:
    """Nothing is left of a consent that was never signed, and that no case holds."""
    if consent is not None:
        Consent.objects.filter(pk=consent.pk, status=Status.DRAFT, cases=None).delete()


@transaction.atomic
def state_exemption(*, case: Case, by: Member, stated: bool) -> None:
    """Say, or no longer say, that a draft is histology without any identifying feature. Raises NotPossible."""
    _lock_draft(case)
    if stated and not exemption.is_offered(Case.objects.get(pk=case.pk)):
        raise NotPossible(_("The exception for histology does not hold for this case. Record the patient's consent."))
    changed = Case.objects.filter(pk=case.pk, histology_exempt=not stated).update(histology_exempt=stated)
    if changed and stated:
        record(verb="case.exemption_stated", actor=by, subject=("case", case.id))
    elif changed:
        record(verb="case.exemption_dropped", actor=by, subject=("case", case.id))


@transaction.atomic
def note_refusal(*, case: Case, refusal: Consent, by: Member) -> None:
    """Put a refusal on record with a draft that has no live consent; its pictures are hidden with it.

    A consent that the patient gave before and did not withdraw stays. Raises NotPossible.
    """
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    _lock_draft(case)
    settled = Q(consent__status__in=(Status.ACTIVE, Status.WITHDRAWN))
    if Case.objects.filter(pk=case.pk).exclude(settled).update(consent=refusal, histology_exempt=False):
        case.consent = refusal
    record(verb="case.refused", actor=by, subject=("case", case.id), consent=str(refusal.id))


@transaction.atomic
def submit(*, case: Case, by: Member, no_names: Collection[str] = ()) -> None:
    """Send a draft to the second reader; `no_names` are words of which its author says that they name nobody.

    Raises gate.Blocked, NotPossible.
    """
    locked = Case.objects.select_for_update().get(pk=case.pk)
    missing = gate.blockers(locked)
    if missing:
        raise gate.Blocked(missing)
    asked = names.to_look_at(locked)
    if set(asked) - set(no_names):
        raise NotPossible(_("Look at the words that could be a name, and say that they name nobody."))
    changed = Case.objects.filter(pk=case.pk, state__in=EDITABLE).update(
        state=CaseState.SUBMITTED, submitted_at=timezone.now()
    )
    if not changed:
        raise _changed()
    case.refresh_from_db()
    record(verb="case.submitted", actor=by, subject=("case", case.id), words=case.content_sha256, no_names=len(asked))


@transaction.atomic
def take_back(*, case: Case, by: Member) -> None:
    """Return a submitted case to its author's drafts. Raises NotPossible."""
    if not Case.objects.filter(pk=case.pk, state=CaseState.SUBMITTED).update(state=CaseState.DRAFT):
        raise _changed()
    record(verb="case.taken_back", actor=by, subject=("case", case.id))


@transaction.atomic
def approve(*, case: Case, by: Member) -> Case:
    """The second reader found nothing: release. Raises gate.Blocked, gate.NotYours."""
    released = gate.release(case=case, by=by)
    SecondRead.objects.create(
        case=released, reader=by, decision=SecondRead.Decision.RELEASED, content_sha256=released.content_sha256
    )
    return released


@transaction.atomic
def send_back(*, case: Case, by: Member, reason: SecondRead.Reason, words: str, marks: Sequence[Place] = ()) -> None:
    """The second reader found something: back to the author with a reason and places to look at. Raises NotPossible."""
    if case.author_id == by.pk:
        raise gate.NotYours
    if reason == SecondRead.Reason.OTHER and not words.strip():
        raise NotPossible(_("Say what the author should change."))
    if not Case.objects.filter(pk=case.pk, state=CaseState.SUBMITTED).update(state=CaseState.RETURNED):
        raise _changed()
    read = SecondRead.objects.create(
        case=case,
        reader=by,
        decision=SecondRead.Decision.SENT_BACK,
        reason=reason,
        words=words.strip(),
        content_sha256=case.content_sha256,
    )
    if {mark.photo_id for mark in marks} - set(case.pictures.values_list("photo_id", flat=True)):
        raise NotPossible(_("A mark lies on a picture that is not in this case any more. Reload the page."))
    for mark in marks:  # one by one: their ids keep the order in which they were drawn
        Mark.objects.create(read=read, photo_id=mark.photo_id, x=mark.x, y=mark.y, width=mark.width, height=mark.height)
    record(verb="case.sent_back", actor=by, subject=("case", case.id), reason=str(reason), marks=len(marks))


@transaction.atomic
def close(*, case: Case, by: Member, outcome: Outcome) -> None:
    """Close an open case with its outcome; a consent that was given until then ends. Raises NotPossible."""
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    if not Case.objects.filter(pk=case.pk, state=CaseState.RELEASED).update(state=CaseState.CLOSED):
        raise _changed()
    outcome.case = case
    outcome.save()
    record(
        verb="case.closed",
        actor=by,
        subject=("case", case.id),
        diagnosis=outcome.diagnosis,
        reference=outcome.reference,
    )
    done = (CaseState.CLOSED, CaseState.WITHDRAWN)
    if case.consent is not None and not Case.objects.filter(consent=case.consent).exclude(state__in=done).exists():
        end_on(event=Until.CASE_CLOSED, consent=case.consent)


@transaction.atomic
def retract(*, case: Case, by: Member) -> None:
    """Hide an own published case: back to its author's drafts, to be mended, asked again for, or deleted.

    Its outcome goes; answers and comments stay with it, unseen. Raises NotPossible.
    """
    if case.consent_id is not None:  # the same lock order as in the gate
        Consent.objects.select_for_update().get(pk=case.consent_id)
    if not Case.objects.filter(pk=case.pk, author=by, state__in=PUBLISHED).update(state=CaseState.DRAFT):
        raise _changed()
    case.releases.all().delete()
    Outcome.objects.filter(case=case).delete()
    record(verb="case.retracted", actor=by, subject=("case", case.id))


@transaction.atomic
def withdraw(*, case: Case, by: Member) -> Withdrawal:
    """Withdraw the case's consent on the patient's word; hides every case under it at once. Raises NotPossible."""
    if case.consent_id is None:
        raise NotPossible(_("There is no consent to withdraw. Delete the draft instead."))
    return withdraw_consent(consent_id=case.consent_id, by=WithdrawnBy.CLINICIAN, actor=by)


def discard(*, case: Case, by: Member) -> None:
    """Delete a draft with its pictures and their keys. Raises NotPossible.

    One that was released before is deleted only if no patient is involved; else a certificate is due.
    """
    deletable = Q(released_at=None) | Q(education_model=True, consent=None)
    if not Case.objects.filter(deletable, pk=case.pk, state__in=EDITABLE).exists():
        raise NotPossible(_("Only a draft can be deleted. Withdraw the consent instead."))
    photos = list(Photo.objects.filter(placement__case=case))
    with transaction.atomic():
        record(verb="case.discarded", actor=by, subject=("case", case.id))
        Case.objects.filter(pk=case.pk).delete()
        _delete_draft(case.consent)
    for photo in photos:
        imaging.destroy(photo=photo)
    for upload in Upload.objects.filter(meant_for=case.id):
        uploads.forget(upload=upload)
