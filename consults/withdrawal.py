"""What a withdrawal destroys: the case's key first, then bytes, words, answers and comments.

The pictures were hidden already, in the transaction that withdrew the consent. This job makes it true on
disk, can be run again after dying anywhere, and leaves a tombstone without content.
"""

from uuid import UUID

from django.db import transaction
from django.db.models import Count

from audit.record import record
from consent import effects, progress, service
from consent.models import Consent, Status, Withdrawal
from consults.models import Case, CaseState, Comment
from consults.models.cases import CONTENT
from core import vault
from imaging import service as imaging
from imaging.models import Photo


@effects.register
def count(consent: Consent) -> effects.Effects:
    """Cases, pictures and comments that hang on this consent now."""
    cases = Case.objects.filter(consent=consent).exclude(state=CaseState.WITHDRAWN)
    return effects.Effects(
        cases=cases.count(),
        pictures=Photo.objects.filter(placement__case__in=cases).count(),
        comments=Comment.objects.filter(case__in=cases).count(),
    )


@progress.register
def keys_of(consent: Consent) -> list[UUID]:
    """The data keys whose destruction the certificate shows: one a case, with the case's id."""
    return list(Case.objects.filter(consent=consent).values_list("pk", flat=True))


def purge(*, consent_id: UUID) -> None:
    """Destroy everything that hangs on a withdrawn consent. Safe to repeat; does nothing for a live one."""
    withdrawal = Withdrawal.objects.select_related("consent").filter(consent_id=consent_id).first()
    if withdrawal is None or withdrawal.completed_at is not None:
        return
    for case in Case.objects.filter(consent_id=consent_id):
        # The key first: from here on the bytes are noise, whatever happens to this process.
        vault.destroy(case.id)
        if case.state != CaseState.WITHDRAWN:
            _note_counts(withdrawal=withdrawal, case=case)
        for photo in Photo.objects.filter(placement__case=case):
            imaging.destroy(photo=photo)
    service.destroy_document(consent=withdrawal.consent)
    for older in Consent.objects.filter(superseded_by=consent_id, status=Status.SUPERSEDED):
        service.destroy_document(consent=older)
    withdrawal.refresh_from_db()
    service.complete(
        consent_id=consent_id,
        cases=withdrawal.cases,
        pictures=withdrawal.pictures,
        comments=withdrawal.comments,
    )


@transaction.atomic
def _note_counts(*, withdrawal: Withdrawal, case: Case) -> None:
    """Turn the case into a tombstone and add what it held to the certificate, in one step."""
    held = Case.objects.annotate(
        n_pictures=Count("pictures", distinct=True), n_comments=Count("comments", distinct=True)
    ).get(pk=case.pk)
    Case.objects.select_for_update().get(pk=case.pk)  # nobody closes it while it is emptied
    current = Withdrawal.objects.select_for_update().get(pk=withdrawal.pk)
    current.cases += 1
    current.pictures += held.n_pictures
    current.comments += held.n_comments
    current.save(update_fields=["cases", "pictures", "comments"])
    entomb(case=case)


def entomb(*, case: Case) -> None:
    """Leave of a case its id, its author and its times; answers, comments and outcome go."""
    case.answers.all().delete()
    case.comments.all().delete()
    case.second_reads.all().delete()
    case.releases.all().delete()
    if hasattr(case, "outcome"):
        case.outcome.delete()
    blank = Case()
    for name in CONTENT:
        setattr(case, name, getattr(blank, name))
    case.state = CaseState.WITHDRAWN
    case.save()
    record(verb="case.entombed", actor=None, subject=("case", case.id))
