"""Records of exports: who, when, why, which consents; never the files."""

from bisect import bisect_left
from collections.abc import Iterable
from uuid import UUID

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.ids import new_id

ID_BYTES = 16


class ExportRecord(models.Model):
    """One export of the consent audit."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    made_at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="consent_audit_exports"
    )
    via = models.CharField(max_length=10, help_text="page, or command for whoever runs the site.")
    reason = models.CharField(max_length=20)
    reference = models.CharField(max_length=60, blank=True)
    wanted = models.JSONField(help_text="The filter, as `Filter.facts` writes it.")
    files = models.JSONField(help_text="Name, SHA-256, bytes and rows of each file.")
    rows = models.PositiveIntegerField()
    visible = models.PositiveIntegerField()
    covered = models.PositiveIntegerField()
    head_seq = models.PositiveBigIntegerField(help_text="Number of the log's last event when the reading began.")
    # 16 bytes a consent, sorted: a hundred thousand are 1.6 MB in one row instead of a hundred thousand rows.
    consents = models.BinaryField()
    replaces = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="replaced_by")

    class Meta:
        ordering = ["-made_at", "-id"]
        constraints = [
            models.CheckConstraint(
                name="consults_export_page_has_a_member", condition=Q(via="command") | Q(by__isnull=False)
            ),
            models.CheckConstraint(name="consults_export_has_a_reason", condition=~Q(reason="")),
        ]

    def __str__(self) -> str:
        return f"export {self.id}"


class ExportRecall(models.Model):
    """The recall of an export: a consent in it was withdrawn afterwards, so the export is out of date."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    export = models.ForeignKey(ExportRecord, on_delete=models.CASCADE, related_name="recalls")
    consent_id = models.UUIDField()
    at = models.DateTimeField(auto_now_add=True)
    told_at = models.DateTimeField(null=True, help_text="When whoever made the export was told.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["export", "consent_id"], name="consults_export_recalled_once_a_consent")
        ]

    def __str__(self) -> str:
        return f"recall of export {self.export_id}"


def pack_ids(ids: Iterable[bytes]) -> bytes:
    """Concatenate ids of 16 bytes each, sorted."""
    return b"".join(sorted(ids))


def contains_id(packed: bytes | memoryview, wanted: UUID) -> bool:
    """Whether an id is among the packed ones."""
    held = memoryview(packed)
    count = len(held) // ID_BYTES

    def at(number: int) -> bytes:
        return bytes(held[number * ID_BYTES : (number + 1) * ID_BYTES])

    place = bisect_left(range(count), wanted.bytes, key=at)
    return place < count and at(place) == wanted.bytes
