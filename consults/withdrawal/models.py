"""Follow-up of a withdrawal: colleagues to notify, comments to review."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.cases.models import Case
from consults.discussion.models import Comment
from core.ids import new_id


class WithdrawalNotice(models.Model):
    """One notice to a member who took part in a withdrawn case. It says that the case is gone, and nothing of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="withdrawal_notices")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="withdrawal_notices")
    sent_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="consults_withdrawal_notice_once")]

    def __str__(self) -> str:
        return f"withdrawal notice {self.id}"


class Redaction(models.Model):
    """A comment that may still describe withdrawn material, for a moderator to remove or keep."""

    class Reason(models.TextChoices):
        """Reason why the comment is listed."""

        LINK = "link", _("It links to a case that was withdrawn")
        QUOTE = "quote", _("It quoted a case that was withdrawn; the quotation was taken out")
        PICTURE = "picture", _("A picture of this case was withdrawn")

    class Decision(models.TextChoices):
        """Decision of the moderator."""

        REMOVED = "removed", _("Removed")
        KEPT = "kept", _("Kept")

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="redactions")
    reason = models.CharField(max_length=8, choices=Reason)
    found_at = models.DateTimeField(default=timezone.now)
    decision = models.CharField(max_length=8, choices=Decision, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="redactions"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["found_at", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["comment", "reason"], condition=Q(decision=""), name="consults_redaction_open_once"
            ),
            models.CheckConstraint(
                name="consults_redaction_decided_by_somebody",
                condition=Q(decision="", decided_by__isnull=True, decided_at__isnull=True)
                | (Q(decision__gt="") & Q(decided_by__isnull=False, decided_at__isnull=False)),
            ),
        ]

    def __str__(self) -> str:
        return f"redaction {self.id}"
