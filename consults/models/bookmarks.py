"""Cases that members keep for later. Whose they are is nobody else's business."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from consults.models.cases import Case
from core.ids import new_id


class Bookmark(models.Model):
    """A case that a member saved. It lets nobody see anything: the gate is asked each time it is followed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="bookmarks")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookmarks")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "case"], name="consults_bookmark_once")]

    def __str__(self) -> str:
        return f"bookmark {self.id}"
