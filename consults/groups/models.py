"""Groups: a smaller audience among the vetted members."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from core.ids import new_id


class Group(models.Model):
    """A named group of vetted members. Cases posted to it are visible to its members only."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=80, unique=True)
    purpose = models.CharField(max_length=200, blank=True)
    open_to_nurses = models.BooleanField(
        default=False, help_text=_("Nurses and physician assistants may see its cases.")
    )
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="consult_groups")

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    """A member's place in a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "member"], name="consults_membership_once")]

    def __str__(self) -> str:
        return f"membership of {self.member_id} in {self.group_id}"
