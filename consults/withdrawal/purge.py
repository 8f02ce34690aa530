"""Purge: destruction of the material that a withdrawal, or a part of one, has hidden.

The job completes on disk what `hide` did in the database: keys first, then quotations elsewhere, then the text,
answers and comments, then bytes. It can be run again after dying anywhere, and leaves a tombstone without content.
"""

from collections.abc import Iterable
from functools import partial
from typing import Any
from uuid import UUID

from django.db import connections, transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone

from audit.record import record
from consent import withdrawal as consent_withdrawal
from consent.models import Cause, Consent, Removal, Status, Withdrawal
from consults.cases import exemption
from consults.cases.gate import full_text
from consults.cases.models import ADDED, CONTENT, Case, CaseState
from consults.pins.models import PinSeries
from consults.withdrawal import hooks, redaction
from core import sqlite_wal
from core.routers import DEFAULT
from imaging.models import Photo
from imaging.models import State as PhotoState
from imaging.renditions import pipeline as imaging
from notifications.notices import forget


def purge_taken_down(*, case_id: UUID) -> None:
    """Destroy a case that was taken down. Safe to repeat."""
    taken = exemption.released_without_consent() & Q(pk=case_id)
    _destroy(None, Case.objects.filter(taken | Q(follows=case_id), state=CaseState.WITHDRAWN))
    transaction.on_commit(partial(sqlite_wal.checkpoint, DEFAULT))


def purge(*, consent_id: UUID) -> None:
    """Destroy everything held under a withdrawn consent. Safe to repeat; does nothing for a live one."""
    made = Withdrawal.objects.select_related("consent").filter(consent_id=consent_id).first()
    if made is None or made.completed_at is not None:
        return
    following = Q(follows__consent=made.consent_id, state=CaseState.WITHDRAWN)
    _destroy(made, Case.objects.filter(Q(consent=made.consent_id) | following))
    consent_withdrawal.destroy_document(consent=made.consent)
    for older in Consent.objects.filter(superseded_by=consent_id, status=Status.SUPERSEDED):
        consent_withdrawal.destroy_document(consent=older)
    _finish(made)


def purge_part(*, removal_id: UUID) -> None:
    """Destroy the material withdrawn with a part of a consent. Safe to repeat."""
    made = Removal.objects.select_related("consent").filter(pk=removal_id).first()
    if made is None or made.completed_at is not None:
        return
    held = Q(consent=made.consent_id) | Q(follows__consent=made.consent_id)
    _destroy(made, Case.objects.filter(held, state=CaseState.WITHDRAWN))
    _finish(made)


def _destroy(made: Withdrawal | Removal | None, hidden: QuerySet[Case]) -> None:
    """Destroy these cases and every picture that is hidden for good under the same consent."""
    cases = list(hidden)
    wanted = Q(placement__case__in=cases)
    if made is not None:
        wanted |= Q(placement__case__consent=made.consent_id, state=PhotoState.WITHDRAWN)
    photos = Photo.objects.filter(wanted)
    # The keys first: from here on the bytes are noise, whatever happens to this process.
    for photo in photos:
        imaging.destroy_keys(photo=photo)
    if made is not None:
        consent_withdrawal.mark_keys_destroyed(made=made)
    for case in cases:
        if case.content_erased_at is None:
            _erase_case(case, made=made)
    full_text.forget(connections[DEFAULT])
    for photo in photos:
        imaging.destroy(photo=photo)


@transaction.atomic
def _erase_case(case: Case, *, made: Withdrawal | Removal | None) -> None:
    """Remove quotations of a case elsewhere and erase its content, in one transaction."""
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if locked.content_erased_at is not None:
        return
    quotes = redaction.remove_quotations(case=locked)
    if made is not None:
        type(made).objects.filter(pk=made.pk).update(quotes=F("quotes") + quotes)
    erase_content(case=locked)


def _finish(made: Withdrawal | Removal) -> None:
    if not (isinstance(made, Removal) and made.cause == Cause.EXPIRED):  # exports already name this end
        hooks.export_keeper.get().recall(consent_id=made.consent_id)
    consent_withdrawal.mark_complete(made=made)
    transaction.on_commit(partial(sqlite_wal.checkpoint, DEFAULT))


def erase_content(*, case: Case) -> None:
    """Erase a case to a tombstone: its id, author and times stay, all content and related rows are deleted."""
    for rows in _related_rows(case):
        rows.delete()
    forget(case=case.pk)
    case.concerns.update(case=None, comment=None)
    blank = Case()
    for name in (*CONTENT, *ADDED, "sensitive"):
        setattr(case, name, getattr(blank, name))
    case.not_mine = False
    case.urgency, case.urgent_until = "", None
    case.content_erased_at = timezone.now()
    case.save()
    record(verb="case.content_erased", actor=None, subject=("case", case.id))


def _related_rows(case: Case) -> Iterable[QuerySet[Any]]:
    yield case.answers.all()
    yield case.reports.all()
    yield case.album_places.all()
    yield case.holds.all()
    yield case.asked_to_see.all()
    yield case.comments.all()
    yield case.pins.all()
    yield PinSeries.objects.filter(case=case)
    yield case.bookmarks.all()
    yield case.followings.all()
    yield case.second_reads.all()
    yield case.releases.all()
    yield case.urgency_marks.all()
    yield case.escalations.all()
    yield case.rota_calls.all()
    yield case.reminders.all()
    if hasattr(case, "outcome"):
        yield type(case.outcome).objects.filter(pk=case.outcome.pk)
