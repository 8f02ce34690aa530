"""Groups: smaller audiences among the vetted members; who belongs to them, who asks to, who was asked."""

from datetime import datetime, timedelta
from typing import ClassVar, Final, Self

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import verified_condition
from consults.groups.naming import LONGEST, NameKey
from core.ids import new_id

ADMISSION_DAYS: Final = 30  # a request, an invitation or a proposal that nobody answers ends after so many
KEPT_DAYS: Final = 365  # what was answered, and why somebody was removed
LONGEST_DESCRIPTION: Final = 1000
LONGEST_WORDS: Final = 200


def in_a_month() -> datetime:
    """Return when a request, an invitation or a proposal that is made now ends."""
    return timezone.now() + timedelta(days=ADMISSION_DAYS)


class Kind(models.TextChoices):
    """Who knows of a group, and how one joins it."""

    OPEN = "open", _("Open: members see it and may ask to join")
    INVITED = "invited", _("By invitation: members see it, its moderators invite")
    CLOSED = "closed", _("Closed: nobody outside knows of it")


class Purpose(models.TextChoices):
    """What a group is for."""

    SUBSPECIALTY = "subspecialty", _("Subspecialty")
    TUMOUR_BOARD = "tumour_board", _("Tumour board")
    TEACHING = "teaching", _("Teaching")
    REGION = "region", _("Region")
    INSTITUTION = "institution", _("Hospital or practice")
    STUDY = "study", _("Study or registry")
    JOURNAL_CLUB = "journal_club", _("Journal club")
    OTHER = "other", _("Something else")


class GroupQuerySet(models.QuerySet["Group"]):
    """Groups, narrowed."""

    def active(self) -> Self:
        """Keep groups that were not closed down."""
        return self.filter(ended_at=None)

    def without_moderator(self) -> Self:
        """Keep those of which no moderator is a verified member today."""
        return self.filter(~Exists(moderating().filter(group=OuterRef("pk"))))


class Group(models.Model):
    """A named group of vetted members. Cases posted to it are visible to its members only.

    The row of a group that was closed down stays, because consents name it.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=LONGEST, unique=True)
    name_key = NameKey(of="name", unique=True)
    description = models.TextField(max_length=LONGEST_DESCRIPTION, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.OTHER)
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.CLOSED)
    open_to_nurses = models.BooleanField(
        default=False, help_text=_("Nurses and physician assistants may see its cases.")
    )
    made_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="consult_groups")

    objects = GroupQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(name="consults_group_kind_is_known", condition=Q(kind__in=Kind.values)),
            models.CheckConstraint(name="consults_group_purpose_is_known", condition=Q(purpose__in=Purpose.values)),
        ]
        indexes: ClassVar = [
            models.Index(fields=["name"], condition=Q(ended_at=None), name="consults_group_by_name"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_closed(self) -> bool:
        """Whether nobody outside may know of it."""
        return self.kind == Kind.CLOSED

    @property
    def kind_in_a_word(self) -> str:
        """Return the kind without its explanation."""
        return str(Kind(self.kind).label).partition(":")[0]


class Membership(models.Model):
    """A member's place in a group."""

    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="memberships")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="memberships")
    is_moderator = models.BooleanField(default=False)
    joined_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["group", "member"], name="consults_membership_once")]

    def __str__(self) -> str:
        return f"membership of {self.member_id} in {self.group_id}"


def moderating() -> models.QuerySet[Membership]:
    """Return the places of members who moderate a group and may do so today."""
    able = verified_condition("member__") & Q(member__is_staff=False, member__is_privacy_officer=False)
    return Membership.objects.filter(able, is_moderator=True)


class AdmissionState(models.TextChoices):
    """States of a request or an invitation."""

    WAITING = "waiting", _("Waiting for an answer")
    ACCEPTED = "accepted", _("Accepted")
    REFUSED = "refused", _("Not accepted")
    TAKEN_BACK = "taken_back", _("Taken back")
    EXPIRED = "expired", _("Ended without an answer")


class Way(models.TextChoices):
    """Who asks whom."""

    REQUEST = "request", _("Asked to join")
    INVITATION = "invitation", _("Was invited")


class RefusalReason(models.TextChoices):
    """Why a request is not accepted; the member reads it."""

    OTHER_FIELD = "other_field", _("The group is about another field")
    NOT_KNOWN = "not_known", _("The moderators do not know you; ask somebody in the group to invite you")
    PROFESSION = "profession", _("The group is for another profession")
    FULL = "full", _("The group takes nobody at present")
    OTHER = "other", _("Another reason")


class RemovalReason(models.TextChoices):
    """Why somebody is removed from a group; the member reads it."""

    INACTIVE = "inactive", _("Not active in the group")
    CONDUCT = "conduct", _("Conduct in the group")
    MOVED = "moved", _("No longer in this field, region or institution")
    MISTAKE = "mistake", _("Added by mistake")
    OTHER = "other", _("Another reason")


class Admission(models.Model):
    """A request of a member to join a group, or an invitation by its moderators, and what became of it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="admissions")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="group_admissions")
    way = models.CharField(max_length=10, choices=Way)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    state = models.CharField(max_length=10, choices=AdmissionState, default=AdmissionState.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_month)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    decided_at = models.DateTimeField(null=True, blank=True)
    reason = models.CharField(max_length=12, choices=RefusalReason, blank=True)
    words = models.CharField(max_length=LONGEST_WORDS, blank=True)

    class Meta:
        ordering: ClassVar = ["made_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["group", "member"], condition=Q(state="waiting"), name="consults_admission_waits_once"
            ),
            models.CheckConstraint(
                name="consults_request_is_ones_own",
                condition=~Q(way="request") | Q(by=F("member")),
            ),
            models.CheckConstraint(
                name="consults_nobody_invites_themselves",
                condition=~Q(way="invitation") | ~Q(by=F("member")),
            ),
            models.CheckConstraint(
                name="consults_refused_request_has_a_reason",
                condition=~Q(way="request", state="refused") | Q(reason__gt=""),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["member", "state", "-made_at"], name="consults_admission_of_member"),
            models.Index(fields=["by", "-made_at"], name="consults_admission_by"),
        ]

    def __str__(self) -> str:
        return f"admission {self.id}"


class ProposalState(models.TextChoices):
    """States of a proposal."""

    WAITING = "waiting", _("Waiting for the second specialist")
    CONFIRMED = "confirmed", _("Confirmed")
    REFUSED = "refused", _("Refused")
    TAKEN_BACK = "taken_back", _("Taken back")
    EXPIRED = "expired", _("Ended without an answer")


class GroupProposal(models.Model):
    """A group that one specialist proposes and a second one confirms; both then moderate it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    name = models.CharField(max_length=LONGEST)
    name_key = NameKey(of="name")
    description = models.TextField(max_length=LONGEST_DESCRIPTION, blank=True)
    purpose = models.CharField(max_length=12, choices=Purpose, default=Purpose.OTHER)
    kind = models.CharField(max_length=7, choices=Kind, default=Kind.CLOSED)
    open_to_nurses = models.BooleanField(default=False)
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="proposed_groups")
    second = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="groups_to_confirm")
    state = models.CharField(max_length=10, choices=ProposalState, default=ProposalState.WAITING)
    made_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_a_month)
    decided_at = models.DateTimeField(null=True, blank=True)
    group = models.OneToOneField(
        Group, on_delete=models.CASCADE, null=True, blank=True, related_name="proposal", editable=False
    )

    class Meta:
        ordering: ClassVar = ["made_at", "id"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["name_key"], condition=Q(state="waiting"), name="consults_proposal_waits_once"
            ),
            models.CheckConstraint(name="consults_proposal_by_two", condition=~Q(by=F("second"))),
            models.CheckConstraint(
                name="consults_confirmed_proposal_made_a_group",
                condition=Q(state="confirmed", group__isnull=False) | (~Q(state="confirmed") & Q(group__isnull=True)),
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["by", "-made_at"], name="consults_proposal_by"),
        ]

    def __str__(self) -> str:
        return f"group proposal {self.id}"

    @property
    def kind_in_a_word(self) -> str:
        """Return the kind without its explanation."""
        return str(Kind(self.kind).label).partition(":")[0]


class GroupRemoval(models.Model):
    """That a moderator removed a member from a group, and why; the member reads it."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    group = models.ForeignKey(Group, on_delete=models.CASCADE, related_name="removals")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="group_removals")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = models.CharField(max_length=12, choices=RemovalReason)
    words = models.CharField(max_length=LONGEST_WORDS, blank=True)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering: ClassVar = ["-at", "id"]
        indexes: ClassVar = [models.Index(fields=["member", "-at"], name="consults_group_removal")]

    def __str__(self) -> str:
        return f"removal {self.id} from a group"
