"""The consent under which a case stands: audience, attachment, draft, exemption, refusal."""

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent.lifecycle import supersede
from consent.models import Consent, Status
from consent.records.recording import save_draft
from consent.records.statement import Statement
from consults.cases import exemption
from consults.cases.editing import delete_unsigned, lock_draft
from consults.cases.models import Case
from consults.exceptions import NotPossible
from consults.groups.models import Group


@transaction.atomic
def choose_audience(*, case: Case, group: Group | None) -> None:
    """Choose who is meant to see a draft; None means all vetted members. Raises NotPossible."""
    lock_draft(case)
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
    lock_draft(case)
    free = Case.objects.filter(pk=case.pk).exclude(consent__status=Status.WITHDRAWN)
    if not free.update(consent=consent, histology_exempt=False):
        raise NotPossible(_("The patient has withdrawn the consent of this case; its pictures are being destroyed."))
    before, case.consent = case.consent, consent
    if before is not None:
        supersede(old=before, new=consent, by=by)
        delete_unsigned(before)
    record(verb="case.consent_attached", actor=by, subject=("case", case.id), consent=str(consent.id))


@transaction.atomic
def keep_consent_draft(*, case: Case, statement: Statement, by: Member) -> Consent:
    """Keep an unsigned consent with a draft that has no other record. Raises NotPossible, NotRecorded."""
    lock_draft(case)
    draft = save_draft(statement=statement, by=by, draft=case.draft_consent)
    if not Case.objects.filter(Q(consent=None) | Q(consent=draft), pk=case.pk).update(
        consent=draft, histology_exempt=False
    ):
        raise NotPossible(_("This case has a consent already. Record the new one when it is signed."))
    case.consent = draft
    return draft


@transaction.atomic
def state_exemption(*, case: Case, by: Member, stated: bool) -> None:
    """Say, or no longer say, that a draft is histology without any identifying feature. Raises NotPossible."""
    lock_draft(case)
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
    lock_draft(case)
    settled = Q(consent__status__in=(Status.ACTIVE, Status.WITHDRAWN))
    if Case.objects.filter(pk=case.pk).exclude(settled).update(consent=refusal, histology_exempt=False):
        case.consent = refusal
    record(verb="case.refused", actor=by, subject=("case", case.id), consent=str(refusal.id))
