"""Models of notices: what a member is told, and how each member wants to be told."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone

from core.ids import new_id
from notifications.notices.kinds import Channel, channels_of, default_channel

NO_TOPIC = "00000000-0000-0000-0000-000000000000"


class Notice(models.Model):
    """A notice to one member: a kind, ids and an address on this site. It holds no word of anybody.

    While it is unread, further events of its kind about the same topic are counted in this row.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="notices", db_index=False
    )
    # Without choices: another kind changes no table.
    kind = models.CharField(max_length=12)
    topic_id = models.UUIDField(help_text="The case, else what it is about, else zeros: what is merged by.")
    case_id = models.UUIDField(null=True, db_index=True, help_text="The gate is asked about it before it is shown.")
    about_id = models.UUIDField(null=True)
    path = models.CharField(max_length=300, help_text="Path of the page that says more.")
    count = models.PositiveIntegerField(default=1)
    channel = models.CharField(max_length=7)
    began_at = models.DateTimeField(default=timezone.now)
    at = models.DateTimeField(default=timezone.now, help_text="When the newest event happened.")
    read_at = models.DateTimeField(null=True)
    # Of mails: handed to a job, and sent, or covered by one that was sent.
    handed_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["member", "kind", "topic_id"], condition=Q(read_at__isnull=True), name="notice_unread_once"
            ),
            models.CheckConstraint(condition=Q(count__gte=1), name="notice_of_something"),
            models.CheckConstraint(condition=Q(path__startswith="/"), name="notice_leads_to_this_site"),
            models.CheckConstraint(condition=Q(at__gte=F("began_at")), name="notice_begins_first"),
            models.CheckConstraint(
                condition=Q(channel__in=[Channel.IN_APP, Channel.AT_ONCE, Channel.DIGEST]), name="notice_is_not_off"
            ),
        ]
        indexes = [
            models.Index(fields=["member", "-at", "-id"], name="notice_newest"),
            models.Index(
                fields=["channel", "member"],
                condition=Q(read_at__isnull=True, mailed_at__isnull=True),
                name="notice_to_mail",
            ),
            models.Index(fields=["at"], name="notice_oldest"),
        ]

    def __str__(self) -> str:
        return f"notice {self.id}"


class Rhythm(models.TextChoices):
    """How often a digest comes; the labels stand in `notifications.notices.forms`."""

    DAILY = "daily"
    WEEKLY = "weekly"
    NEVER = "never"


class Preference(models.Model):
    """How a member wants to be told; whoever has no row has chosen nothing. Hours are whole, of the member's day."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="notice_preference"
    )
    choices = models.JSONField(default=dict, help_text="{kind: channel}, where it differs from the default.")
    rhythm = models.CharField(max_length=6, default=Rhythm.DAILY)
    weekday = models.PositiveSmallIntegerField(default=0, help_text="Of a weekly digest; 0 is Monday.")
    digest_hour = models.PositiveSmallIntegerField(default=7)
    # Equal ones: no quiet hours.
    quiet_from = models.PositiveSmallIntegerField(default=21)
    quiet_until = models.PositiveSmallIntegerField(default=7)
    time_zone = models.CharField(max_length=50, blank=True, help_text="Empty: that of the member's country.")
    digest_due_at = models.DateTimeField(null=True, db_index=True)
    held_until = models.DateTimeField(null=True, help_text="End of the quiet hours that hold back a mail.")
    mailed_at = models.DateTimeField(null=True, help_text="The last mail at once: no other before the next visit.")
    visited_at = models.DateTimeField(null=True, help_text="A visit; sessions know of later ones.")

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(
                    digest_hour__lte=23,
                    quiet_from__lte=23,
                    quiet_until__lte=23,
                    weekday__lte=6,
                    rhythm__in=["daily", "weekly", "never"],
                ),
                name="notice_preference_in_range",
            )
        ]

    def __str__(self) -> str:
        return f"preference of {self.member_id}"

    def channel_of(self, kind: str) -> Channel:
        """Return how notices of this kind reach the member."""
        return channel_of(self.choices, kind)


def channel_of(choices: object, kind: str) -> Channel:
    """Return the channel of a kind among stored choices; what they do not hold, or hold wrongly, is the default."""
    chosen = choices.get(kind) if isinstance(choices, dict) else None
    return Channel(chosen) if chosen in channels_of(kind) else default_channel(kind)
