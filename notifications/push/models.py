"""Models of push: the site's key, and the browsers that members asked to be told in."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from core.ids import new_id


class PushKey(models.Model):
    """The key pair by which vendors know this site. One row; the private key is sealed under the data key of its id."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    only = models.BooleanField(default=True, unique=True)
    sealed = models.BinaryField()
    public = models.CharField(max_length=90, help_text="The point, as browsers take it: base64url, uncompressed.")

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(only=True), name="push_key_only_one")]

    def __str__(self) -> str:
        return str(self.id)


class PushSubscription(models.Model):
    """A browser that a member asked to be told in. Whoever knows the address and holds the key can wake it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="push_subscriptions", db_index=False
    )
    endpoint = models.CharField(max_length=500, unique=True)
    device = models.CharField(max_length=60, blank=True)
    added_at = models.DateTimeField(default=timezone.now)
    told_at = models.DateTimeField(null=True, help_text="No other push before the next visit.")

    class Meta:
        indexes = [models.Index(fields=["member", "added_at"], name="push_of_member")]

    def __str__(self) -> str:
        return str(self.id)
