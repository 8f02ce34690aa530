"""The consent of a case: audience, attachment, draft, exemption, refusal."""

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
from consults.exceptions import ChangeRefused
from consults.groups.models import Group


@transaction.atomic
def choose_audience(*, case: Case, group: Group | None) -> None:
    """Choose the audience of a draft; None means all vetted members. Raises ChangeRefused."""
    lock_draft(case)
    Case.objects.filter(pk=case.pk).update(group=group, changed_at=timezone.now())
    case.group = group


@transaction.atomic
def attach_consent(*, case: Case, consent: Consent, by: Member) -> None:
    """Attach an active consent that this member recorded, replacing any other. Raises ChangeRefused.

    Locks the consent first, as a withdrawal does. A case whose consent was withdrawn is about to be destroyed; another
    consent does not stop that.
    """
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    mine = Consent.objects.select_for_update().active().filter(pk=consent.pk, recorded_by=by)
    if not mine.exists():
        raise ChangeRefused(_("This consent is no longer active. Ask the patient again and record a new one."))
    lock_draft(case)
    free = Case.objects.filter(pk=case.pk).exclude(consent__status=Status.WITHDRAWN)
    if not free.update(consent=consent, histology_exempt=False):
        raise ChangeRefused(_("The patient has withdrawn the consent of this case; its pictures are being destroyed."))
    before, case.consent = case.consent, consent
    if before is not None:
        supersede(old=before, new=consent, by=by)
        delete_unsigned(before)
    record(verb="case.consent_attached", actor=by, subject=("case", case.id), consent=str(consent.id))


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

    A consent given before and not withdrawn stays. Raises ChangeRefused.
    """
    if case.consent_id is not None:
        Consent.objects.select_for_update().get(pk=case.consent_id)
    lock_draft(case)
    settled = Q(consent__status__in=(Status.ACTIVE, Status.WITHDRAWN))
    if Case.objects.filter(pk=case.pk).exclude(settled).update(consent=refusal, histology_exempt=False):
        case.consent = refusal
    record(verb="case.refused", actor=by, subject=("case", case.id), consent=str(refusal.id))
