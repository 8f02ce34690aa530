"""The way of a member through the conduct module, and its results, which do not change."""

import uuid
from typing import ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from accounts.membership.models import Member


class ConductRun(models.Model):
    """One time that a member goes through the module; at most one is open."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="conduct_runs")
    version = models.CharField(max_length=12)
    begun_at = models.DateTimeField(default=timezone.now, editable=False)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member"], condition=Q(finished_at=None), name="conduct_run_open_once")
        ]
        indexes: ClassVar = [models.Index(fields=["member", "-begun_at"], name="conduct_run_latest")]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class ConductAnswer(models.Model):
    """An answer to a case: the keys of what was chosen. `attempt` counts from 1 for each case of a run."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ConductRun, on_delete=models.CASCADE, related_name="answers")
    case = models.CharField(max_length=40)
    attempt = models.PositiveSmallIntegerField()
    chosen = models.JSONField()
    is_right = models.BooleanField()
    at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["run", "case", "attempt"], name="conduct_answer_once"),
            models.UniqueConstraint(fields=["run", "case"], condition=Q(is_right=True), name="conduct_right_once"),
            models.CheckConstraint(condition=Q(attempt__gte=1), name="conduct_attempt_from_one"),
        ]
        # For the figures: first answers of the last year, by case.
        indexes: ClassVar = [
            models.Index(fields=["at", "case", "is_right"], condition=Q(attempt=1), name="conduct_first_answers")
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class ConductResult(models.Model):
    """A module that was passed: when, in which version and language, and for how long it counts. Never changed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    run = models.OneToOneField(ConductRun, on_delete=models.CASCADE, related_name="result")
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="conduct_results")
    passed_at = models.DateTimeField(default=timezone.now, editable=False)
    version = models.CharField(max_length=12)
    major = models.PositiveSmallIntegerField()
    language = models.CharField(max_length=5, choices=settings.LANGUAGES)
    minutes = models.PositiveSmallIntegerField()
    until = models.DateField()
    right_at_once = models.PositiveSmallIntegerField()
    number = models.CharField(max_length=16, unique=True, editable=False)

    class Meta:
        ordering: ClassVar = ["-passed_at", "id"]
        indexes: ClassVar = [models.Index(fields=["member", "major"], name="conduct_result_of_member")]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class ConductReminder(models.Model):
    """One reminder that the module ends: `days` before `until`."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="conduct_reminders")
    until = models.DateField()
    days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "until", "days"], name="conduct_reminder_once")
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class ConductNotice(models.Model):
    """The day from which this site asks everybody anew, because the module has changed in its first number."""

    major = models.PositiveSmallIntegerField(primary_key=True)
    begins_on = models.DateField(default=timezone.localdate)

    def __str__(self) -> str:
        """Return the version's first number."""
        return str(self.major)
