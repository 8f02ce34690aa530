"""Reminders to the clinician who recorded a consent: it ends soon, or the patient comes of age."""

from collections.abc import Iterator
from datetime import date, timedelta
from typing import cast
from uuid import UUID

from django.db import transaction
from django.urls import reverse
from django.utils import timezone

from consent import hooks
from consent.models import Capacity, Consent, Reminder, Status
from core import jobs
from notifications import mail

REMIND = "consent.remind"  # subject: the reminder

_STEPS = ((1, Reminder.Step.DAYS_1), (14, Reminder.Step.DAYS_14), (60, Reminder.Step.DAYS_60))


def enqueue_due_reminders() -> int:
    """Enqueue the reminders that are due, each only once however often this runs; return how many."""
    count = 0
    for consent, step, about in _due_reminders():
        if not hooks.effects_of(consent).cases:
            continue
        with transaction.atomic():
            reminder, made = Reminder.objects.get_or_create(consent=consent, step=step, about=about)
            if made:
                jobs.enqueue(kind=REMIND, subject=reminder.id)
                count += 1
    return count


def _due_reminders() -> Iterator[tuple[Consent, Reminder.Step, date]]:
    today = timezone.now().date()
    active = Consent.objects.active(on=today)
    for consent in active.filter(expires_on__lte=today + timedelta(days=_STEPS[-1][0])):
        end = cast(date, consent.expires_on)
        yield consent, next(step for days, step in _STEPS if (end - today).days <= days), end
    for consent in active.filter(capacity=Capacity.CHILD, majority_year__lte=today.year):
        yield consent, Reminder.Step.MAJORITY, date(consent.majority_year or today.year, 1, 1)


def send_reminder(*, reminder_id: UUID) -> None:
    """Mail the clinician who recorded the consent, once, if it is still active and they are still verified."""
    reminder = (
        Reminder.objects.select_related("consent__recorded_by").filter(pk=reminder_id, sent_at__isnull=True).first()
    )
    if reminder is None:
        return
    consent = reminder.consent
    if consent.status == Status.ACTIVE and consent.recorded_by.is_verified:
        name = "of_age" if reminder.step == Reminder.Step.MAJORITY else "ending"
        page = reverse("consults:consent_record", args=[consent.pk])
        mail.send(mail.Notice(name, consent.recorded_by.email, page))
    Reminder.objects.filter(pk=reminder.pk, sent_at__isnull=True).update(sent_at=timezone.now())
