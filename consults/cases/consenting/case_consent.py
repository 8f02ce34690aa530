"""The consent of a case: audience, attachment, draft, exemption, refusal."""

from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent.lifecycle import supersede
from consent.models import Consent, Status
from consent.records.recording import save_draft
from consent.records.statement import Statement
from consults.cases import exemption, same_patient
from consults.cases.editing import delete_unsigned, lock_draft
from consults.cases.models import Attachment, Case
from consults.cases.states import Moved
from consults.exceptions import ChangeRefused
from consults.groups.models import Group


@transaction.atomic
def choose_audience(*, case: Case, group: Group | None) -> None:
    """Choose the audience of a draft; None means all vetted members. Raises ChangeRefused.

    A follow-up has that of the case that it follows, whether its own consent covers it or not.
    """
    if case.follows_id is not None:
        raise ChangeRefused(_("A follow-up has the audience of its case."))
    lock_draft(case)
    Case.objects.filter(pk=case.pk).update(group=group, changed_at=timezone.now())
    Case.objects.filter(follows=case).update(group=group)
    case.group = group


def patient_of(case: Case) -> UUID | None:
    """Return the number of this case's patient, for a consent that is recorded for it again; None for a fresh one.

    Threat: a consent that was used for the wrong case, and the right patient's new consent taken for its successor:
    then the code of one destroys the pictures of the other. So only a consent that was recorded for this very case
    says who its patient is. A follow-up has the patient of the case that it follows, whose consent was accepted by a
    second reader, wherever it was recorded.
    """
    consent = case.consent
    if case.follows is not None:
        followed = case.follows.consent
        return None if followed is None or followed.status == Status.ENTERED_IN_ERROR else followed.patient
    if consent is None or consent.status == Status.ENTERED_IN_ERROR or case.attachment is not None:
        return None
    return consent.patient


@transaction.atomic
def attach_consent(*, case: Case, consent: Consent, by: Member) -> None:
    """Put a case under an active consent that this member recorded for it, replacing any other. Raises ChangeRefused.

    Locks the consent first, as a withdrawal does. A case whose consent was withdrawn is about to be destroyed; another
    consent does not stop that. One that was recorded for another case ends here and stays with its own cases.
    """
    _require_same_patient(case=case, consent=consent)
    _put_under(case=case, consent=consent, by=by)
    record(verb="case.consent_attached", actor=by, subject=("case", case.id), consent=str(consent.id), recorded="here")


def usable_consents(case: Case) -> QuerySet[Consent]:
    """Return the active consents that the author of this case may use for it.

    All, until its patient was asked for it or it was released under a consent that was recorded for another case: then
    only that patient's. After a refusal none: only a new consent of the patient who said no changes that. None for a
    follow-up: its patient is asked about these pictures (docs/adr).
    """
    mine = Consent.objects.active().filter(recorded_by=case.author)
    if case.follows_id is not None:
        return mine.none()
    if case.consent is not None and case.consent.status == Status.REFUSED:
        return mine.none()
    attachment = case.attachment
    if attachment is not None and attachment.accepted_at is not None:
        return mine.filter(patient=attachment.consent.patient)
    known = _asked_patient(case)
    return mine if known is None else mine.filter(patient=known)


def why_not_usable(*, case: Case, consent: Consent) -> str:
    """Return why a consent cannot be used for this case, as a sentence; "" when the author may say that it can."""
    if not usable_consents(case).filter(pk=consent.pk).exists():
        return _("This consent cannot be used here. Ask the patient of this case, and record a new one.")
    others = same_patient.other_cases(case, consent)
    return same_patient.problem(case, same_patient.compare(case, consent, others))


@transaction.atomic
def attach_existing(*, case: Case, consent: Consent, by: Member, seen: str) -> None:
    """Put a case under a consent that was recorded for another case, on the author's word that the patient is the same.

    `seen` is the digest of the comparison that the author was shown. Raises ChangeRefused.
    """
    others = same_patient.other_cases(case, consent)
    if same_patient.digest(case, consent, others) != seen:
        raise ChangeRefused(_("The cases have changed since you compared them. Look at them again, then decide."))
    refusal = why_not_usable(case=case, consent=consent)
    if refusal:
        raise ChangeRefused(refusal)
    attachment, claimed = case.attachment, patient_of(case) != consent.patient
    replaced = attachment.replaced if attachment is not None else case.consent
    kept = replaced if replaced is not None and replaced.status == Status.ENTERED_IN_ERROR else None
    _put_under(case=case, consent=consent, by=by)
    if claimed:
        Attachment.objects.create(case=case, consent=consent, replaced=kept)
    record(
        verb="case.consent_attached",
        actor=by,
        subject=("case", case.id),
        consent=str(consent.id),
        recorded="elsewhere",
        compared=seen,
    )


@transaction.atomic
def detach(*, case: Case, by: Member) -> None:
    """Take back the word that the patient is the same: the case has the consent that it had before, if any.

    Raises ChangeRefused when there is none to take back, or the case was released under it.
    """
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    lock_draft(case)
    attachment = Case.objects.get(pk=case.pk).attachment
    if attachment is None or attachment.accepted_at is not None:
        raise ChangeRefused(_("This cannot be undone any more: the case was released under this consent."))
    _end_attachment(case)
    withdrawn = Q(consent__status=Status.WITHDRAWN)
    if not Case.objects.filter(pk=case.pk).exclude(withdrawn).update(consent=attachment.replaced):
        raise ChangeRefused(_("The patient has withdrawn the consent of this case; its pictures are being destroyed."))
    case.consent = attachment.replaced
    consent = str(attachment.consent_id)
    record(verb="case.consent_detached", actor=by, subject=("case", case.id), consent=consent)


def _asked_patient(case: Case) -> UUID | None:
    """Return the number of the patient who has decided about this case; a draft is nobody's decision."""
    return None if case.draft_consent is not None else patient_of(case)


def _require_same_patient(*, case: Case, consent: Consent) -> None:
    if _asked_patient(case) not in (None, consent.patient):
        raise ChangeRefused(
            _("The patient of this case was asked for it. Record a new consent of the same patient instead.")
        )


def _end_attachment(case: Case) -> None:
    case.attachments.filter(ended_at=None).update(ended_at=timezone.now())


def _put_under(*, case: Case, consent: Consent, by: Member) -> None:
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    mine = Consent.objects.select_for_update().active().filter(pk=consent.pk, recorded_by=by)
    if not mine.exists():
        raise ChangeRefused(_("This consent is no longer active. Ask the patient again and record a new one."))
    lock_draft(case)
    free = Case.objects.filter(pk=case.pk).exclude(consent__status=Status.WITHDRAWN)
    if free.exclude(consent=case.consent_id).exists():
        raise Moved
    if not free.update(consent=consent, histology_exempt=False):
        raise ChangeRefused(_("The patient has withdrawn the consent of this case; its pictures are being destroyed."))
    _end_attachment(case)
    before, case.consent = case.consent, consent
    if before is not None and before.patient == consent.patient:
        supersede(old=before, new=consent, by=by)
    delete_unsigned(before)


@transaction.atomic
def save_consent_draft(*, case: Case, statement: Statement, by: Member) -> Consent:
    """Save an unsigned consent with a draft that has no other. Raises ChangeRefused, NotRecorded."""
    lock_draft(case)
    draft = save_draft(statement=statement, by=by, draft=case.draft_consent)
    if not Case.objects.filter(Q(consent=None) | Q(consent=draft), pk=case.pk).update(
        consent=draft, histology_exempt=False
    ):
        raise ChangeRefused(_("This case has a consent already. Record the new one when it is signed."))
    case.consent = draft
    return draft


@transaction.atomic
def state_exemption(*, case: Case, by: Member, stated: bool) -> None:
    """State, or revoke, that a draft is histology without any identifying feature. Raises ChangeRefused."""
    lock_draft(case)
    if stated and not exemption.is_offered(Case.objects.get(pk=case.pk)):
        raise ChangeRefused(_("The exception for histology does not hold for this case. Record the patient's consent."))
    changed = Case.objects.filter(pk=case.pk, histology_exempt=not stated).update(histology_exempt=stated)
    if changed and stated:
        record(verb="case.exemption_stated", actor=by, subject=("case", case.id))
    elif changed:
        record(verb="case.exemption_dropped", actor=by, subject=("case", case.id))


@transaction.atomic
def record_refusal(*, case: Case, refusal: Consent, by: Member) -> None:
    """Attach a refusal to a draft without an active consent, which hides its pictures.

    A consent given before for this case and not withdrawn stays; one that was recorded for another case does not: the
    patient of this one was asked, and said no. Raises ChangeRefused.
    """
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    lock_draft(case)
    settled = Q(consent__status=Status.WITHDRAWN)
    if case.attachment is None:
        settled |= Q(consent__status=Status.ACTIVE)
    if Case.objects.filter(pk=case.pk).exclude(settled).update(consent=refusal, histology_exempt=False):
        _end_attachment(case)
        case.consent = refusal
    record(verb="case.refused", actor=by, subject=("case", case.id), consent=str(refusal.id))
