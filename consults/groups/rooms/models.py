"""Posts in the room of a group: messages of its thread, announcements, polls, albums of teaching cases.

Everything that is said in a room is one row, so that screening, reports, holds, changing and deleting are written once.
"""

from datetime import datetime
from typing import ClassVar, Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.groups.models import Group
from consults.holds import AbstractHold
from consults.reporting import AbstractReport
from core.ids import new_id

LONGEST_TITLE: Final = 160
LONGEST_TEXT: Final = 3000
LONGEST_OPTION: Final = 120
LEAST_OPTIONS, MOST_OPTIONS = 2, 6
MOST_IN_ALBUM: Final = 100


class PostKind(models.TextChoices):
    """Kinds of what is said in a room."""

    MESSAGE = "message", _("Message")
    ARTICLE = "article", _("Article")
    MEETING = "meeting", _("Meeting")
    TIP = "tip", _("Tip")
    POLL = "poll", _("Poll")
    ALBUM = "album", _("Album of teaching cases")


ANNOUNCEMENTS: Final = (PostKind.ARTICLE, PostKind.MEETING, PostKind.TIP)
ON_BOARD: Final = (*ANNOUNCEMENTS, PostKind.POLL, PostKind.ALBUM)


class Post(models.Model):
    """Something said in a group's room. `title` is empty for a message; the other columns belong to one kind each."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="posts")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="group_posts")
    kind = models.CharField(max_length=8, choices=PostKind)
    reply_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replies")
    title = models.CharField(max_length=LONGEST_TITLE, blank=True)
    text = models.TextField(max_length=LONGEST_TEXT, blank=True)
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, help_text="When its author deleted it.")
    doi = models.CharField(max_length=200, blank=True)
    starts_at = models.DateTimeField(null=True, blank=True)
    ends_at = models.DateTimeField(null=True, blank=True)
    place = models.CharField(max_length=LONGEST_TITLE, blank=True)
    closes_at = models.DateTimeField(null=True, blank=True, help_text="When nobody votes any more.")

    class Meta:
        ordering: ClassVar = ["written_at", "id"]
        constraints: ClassVar = [
            models.CheckConstraint(name="consults_post_kind_is_known", condition=Q(kind__in=PostKind.values)),
            models.CheckConstraint(
                name="consults_meeting_has_a_time",
                condition=Q(kind="meeting", starts_at__isnull=False, ends_at__gt=models.F("starts_at"))
                | (~Q(kind="meeting") & Q(starts_at__isnull=True, ends_at__isnull=True)),
            ),
            models.CheckConstraint(
                name="consults_poll_closes",
                condition=Q(kind="poll", closes_at__isnull=False) | (~Q(kind="poll") & Q(closes_at__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["group", "kind", "-written_at", "-id"], name="consults_post_in_room"),
            models.Index(fields=["author", "-written_at"], name="consults_post_by_author"),
        ]

    def __str__(self) -> str:
        return f"post {self.id}"

    @property
    def is_announcement(self) -> bool:
        """Whether it is an article, a meeting or a tip."""
        return self.kind in ANNOUNCEMENTS

    def is_over(self, now: datetime | None = None) -> bool:
        """Whether nobody votes in this poll any more."""
        return self.closes_at is not None and self.closes_at <= (now or timezone.now())


class PostVersion(models.Model):
    """What a post said before its author changed or deleted it; moderators of the group read it."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="versions")
    title = models.CharField(max_length=LONGEST_TITLE, blank=True)
    text = models.TextField(blank=True)
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["replaced_at", "id"]

    def __str__(self) -> str:
        return f"version {self.pk} of post {self.post_id}"


class PostHold(AbstractHold):
    """A post that a moderator, or members' reports alone, have hidden."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="holds")

    class Meta(AbstractHold.Meta):
        constraints: ClassVar = [
            *AbstractHold.Meta.constraints,
            models.UniqueConstraint(
                fields=["post"], condition=Q(state__in=["held", "confirmed"]), name="consults_posthold_once"
            ),
        ]


class PostReport(AbstractReport):
    """A member's report of a post. Its author never learns who reported."""

    post = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="reports")

    class Meta(AbstractReport.Meta):
        constraints: ClassVar = [
            *AbstractReport.Meta.constraints,
            models.UniqueConstraint(
                fields=["post", "reporter"], condition=Q(hidden=None), name="consults_postreport_waits_once"
            ),
        ]


class PollOption(models.Model):
    """An option of a poll, and how many chose it: a count and nothing of whom (`Ballot`)."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    poll = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="options")
    position = models.PositiveSmallIntegerField()
    text = models.CharField(max_length=LONGEST_OPTION)
    votes = models.PositiveIntegerField(default=0)

    class Meta:
        ordering: ClassVar = ["position"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["poll", "position"], name="consults_poll_option_has_a_place"),
        ]

    def __str__(self) -> str:
        return f"option {self.position} of poll {self.poll_id}"


class Ballot(models.Model):
    """That a member has voted in a poll: not for what, and not when. Neither can be told from the other rows.

    Its key is random, so that the order of keys says nothing of the order of votes.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    poll = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="ballots")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="ballots")

    class Meta:
        constraints: ClassVar = [models.UniqueConstraint(fields=["poll", "member"], name="consults_one_vote_a_member")]

    def __str__(self) -> str:
        return f"ballot {self.pk}"


class AlbumCase(models.Model):
    """A teaching case in an album. It grants no access: the gate is asked each time the album is opened."""

    album = models.ForeignKey(Post, on_delete=models.CASCADE, related_name="places")
    case = models.ForeignKey("consults.Case", on_delete=models.CASCADE, related_name="album_places")
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering: ClassVar = ["position", "id"]
        constraints: ClassVar = [models.UniqueConstraint(fields=["album", "case"], name="consults_case_once_in_album")]

    def __str__(self) -> str:
        return f"place {self.position} in album {self.album_id}"
