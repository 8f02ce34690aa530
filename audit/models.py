"""Rows of the log. Database triggers refuse to change or remove them (see `audit.triggers`)."""

from django.db import models
from django.db.models import Q

GENESIS = "0" * 64
STRANDS, STRAND_BITS = 16, 40


class Event(models.Model):
    """An event of the log. Holds ids, codes, hashes and counts; no names, texts or pictures."""

    seq = models.PositiveBigIntegerField(primary_key=True, help_text="1, 2, 3 … without gaps, from n·2⁴⁰ in strand n.")
    at = models.DateTimeField()
    actor_id = models.UUIDField(null=True, help_text="The member who did it; empty for the system and for patients.")
    verb = models.CharField(max_length=64)
    subject_type = models.CharField(max_length=32)
    subject_id = models.UUIDField()
    facts = models.JSONField()
    previous = models.CharField(
        max_length=64, help_text="Digest of the event before in its strand, zeros for the first."
    )
    digest = models.CharField(max_length=64, unique=True, help_text="SHA-256 over all other fields.")

    class Meta:
        # Each event of a subject is later than the one before; between subjects the hosts' clocks decide.
        ordering = ["at", "seq"]
        indexes = [
            models.Index(fields=["subject_type", "subject_id", "at"], name="event_of_subject"),
            models.Index(fields=["verb", "at"], name="event_of_verb"),
        ]
        constraints = [models.CheckConstraint(condition=Q(seq__gte=1), name="events_count_from_one")]

    def __str__(self) -> str:
        return f"{self.seq} {self.verb}"


class ViewCount(models.Model):
    """Views of one member in one minute, counted by a trigger for every row of PictureServed; no proof of anything.

    In several slots, so that parallel requests of one browser do not wait for one row.
    """

    member_id = models.UUIDField()
    minute = models.PositiveBigIntegerField(help_text="Minutes since 1970.")
    slot = models.PositiveSmallIntegerField()
    tenths = models.PositiveIntegerField(help_text="Ten for a picture, one for a thumbnail.")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member_id", "minute", "slot"], name="views_once_a_minute")]
        indexes = [models.Index(fields=["minute"], name="views_by_minute")]

    def __str__(self) -> str:
        return f"{self.member_id} {self.minute}"


class PictureServed(models.Model):
    """A picture served to a member. `pictures.served` events add these rows to the chain in blocks."""

    id = models.BigAutoField(primary_key=True)
    at = models.DateTimeField()
    member_id = models.UUIDField()
    rendition_id = models.UUIDField()
    name = models.CharField(max_length=32, help_text="Which size: full, display, thumbnail.")

    class Meta:
        indexes = [
            models.Index(fields=["rendition_id", "at"], name="served_of_rendition"),
            models.Index(fields=["member_id", "at"], name="served_to_member"),
        ]

    def __str__(self) -> str:
        return f"{self.id} {self.rendition_id}"
