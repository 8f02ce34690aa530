"""Jobs, rounds, counts and data keys."""

from django.db import models
from django.db.models import Q

from core.ids import new_id


class Job(models.Model):
    """A job: `kind` names its handler, `subject` the row to work on. This row is authoritative, not the broker."""

    class State(models.TextChoices):
        """States: queued -> running -> done; queued again after a failure; parked if a person has to look."""

        QUEUED = "queued"
        RUNNING = "running"
        DONE = "done"
        PARKED = "parked"

    OPEN = (State.QUEUED, State.RUNNING)

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    kind = models.CharField(max_length=64)
    subject = models.UUIDField()
    state = models.CharField(max_length=8, choices=State.choices, default=State.QUEUED)
    urgency = models.PositiveSmallIntegerField(default=3, help_text="The smallest comes first: core.jobs.Urgency.")
    attempts = models.PositiveSmallIntegerField(default=0)
    token = models.UUIDField(null=True, help_text="Names the running attempt; its last update must match.")
    lease_until = models.DateTimeField(null=True, help_text="By the database's clock; others may claim after it.")
    due_at = models.DateTimeField(null=True, help_text="A queued job waits until then after a failure.")
    again = models.BooleanField(default=False, help_text="Asked for again while running: run once more.")
    error = models.CharField(max_length=100, blank=True, help_text="Class or code of the last failure, no content.")
    created_at = models.DateTimeField(auto_now_add=True)
    started_at = models.DateTimeField(null=True)
    finished_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "subject"], condition=Q(state__in=["queued", "running"]), name="one_open_job"
            ),
            models.CheckConstraint(
                condition=Q(state="running", token__isnull=False, lease_until__isnull=False)
                | (~Q(state="running") & Q(token__isnull=True, lease_until__isnull=True)),
                name="running_job_has_lease",
            ),
        ]
        indexes = [
            models.Index(fields=["state", "lease_until"], name="job_waiting"),
            models.Index(fields=["state", "urgency", "created_at"], name="job_first"),
            models.Index(fields=["kind", "subject", "-created_at"], name="job_of_subject"),
            models.Index(fields=["kind", "state", "-finished_at"], name="job_recent"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.subject}"


class Round(models.Model):
    """The last run of a repeated function (see `core.jobs.every`)."""

    name = models.CharField(max_length=100, primary_key=True)
    ran_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return self.name


class Count(models.Model):
    """Tries of one kind within one window; `key` is a keyed digest that names nobody (see `core.counts`)."""

    key = models.CharField(max_length=64, primary_key=True)
    number = models.PositiveIntegerField()
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(number__gte=1), name="count_of_something")]

    def __str__(self) -> str:
        return f"{self.number} until {self.expires_at}"


class CacheEntry(models.Model):
    """A value of Django's cache, as JSON; `key` is a keyed digest that names nobody (see `core.database_cache`)."""

    key = models.CharField(max_length=64, primary_key=True)
    value = models.TextField()
    expires_at = models.DateTimeField(db_index=True)

    def __str__(self) -> str:
        return f"until {self.expires_at}"


class DataKey(models.Model):
    """A data key, wrapped by the master key. A destroyed key keeps its row, so that it cannot be created again."""

    id = models.UUIDField(primary_key=True, editable=False)
    wrapped = models.BinaryField(null=True)
    created_at = models.DateTimeField(auto_now_add=True)
    destroyed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(wrapped__isnull=False, destroyed_at__isnull=True)
                | Q(wrapped__isnull=True, destroyed_at__isnull=False),
                name="key_held_or_destroyed",
            )
        ]

    def __str__(self) -> str:
        return str(self.id)


class Refusal(models.Model):
    """How often one member was refused a page on one day. The member's id alone: this app knows no members."""

    member_id = models.UUIDField()
    day = models.DateField()
    number = models.PositiveIntegerField(default=1)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member_id", "day"], name="one_count_of_refusals_a_day")]
        indexes = [
            models.Index(fields=["number"], name="refusals_most"),
            models.Index(fields=["day"], name="refusals_day"),
        ]

    def __str__(self) -> str:
        return f"{self.number} refusals on {self.day}"
