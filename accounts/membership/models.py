"""Members, their professions and their standing."""

import uuid
from collections.abc import Collection
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower, Upper
from django.utils import timezone
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django_countries.fields import CountryField

from accounts.membership.numbers import LENGTH, new_number
from core.deadlines import add_months


def normalise_email(email: str) -> str:
    """Return the address as it is stored and looked up: trimmed and lower-case."""
    return email.strip().lower()


class Profession(models.TextChoices):
    """A member's training, on which their rights depend (`accounts.policy.RIGHTS`)."""

    DERMATOLOGIST = "dermatologist", _("Dermatologist")
    DERMATOPATHOLOGIST = "dermatopathologist", _("Dermatopathologist")
    RESIDENT = "resident", _("Resident in dermatology or dermatopathology")
    PHYSICIAN = "physician", _("General practitioner or other doctor")
    NURSE = "nurse", _("Nurse or physician assistant")
    STUDENT = "student", _("Medical student")


class Standing(models.TextChoices):
    """Standing in the community. Only `VERIFIED`, until its end date, gives access to anything."""

    APPLICANT = "applicant", _("Application being read")
    VERIFIED = "verified", _("Verified")
    SUSPENDED = "suspended", _("Suspended")
    LAPSED = "lapsed", _("Lapsed")
    DECLINED = "declined", _("Declined")
    ERASED = "erased", _("Erased")


COUNTED_AS = {
    Profession.DERMATOLOGIST: "expert",
    Profession.DERMATOPATHOLOGIST: "expert",
    Profession.RESIDENT: "trainee",
    Profession.PHYSICIAN: "physician",
    Profession.NURSE: "other",
    Profession.STUDENT: "",
}


ERASED = "@erased.invalid"  # at the end of the address of whoever has left: no mail goes there

RENEWAL_DAYS = 60  # before the end of a verification, from when a member may apply again


def active_language() -> str:
    """Return the language of the page on which an account is made, one of the site's."""
    language = (get_language() or settings.LANGUAGE_CODE).partition("-")[0]
    return language if language in dict(settings.LANGUAGES) else settings.LANGUAGE_CODE


def verified_condition(prefix: str = "") -> Q:
    """Build the condition that a member's verification is valid today; `prefix` leads to the member, as `author__`."""
    conditions = {"standing": Standing.VERIFIED, "verified_until__gte": timezone.localdate()}
    return Q(**{prefix + name: value for name, value in conditions.items()})


class MemberQuerySet(models.QuerySet["Member"]):
    """Members, narrowed."""

    def verified(self) -> Self:
        """Keep members whose verification is valid today."""
        return self.filter(verified_condition())

    def moderators(self) -> Self:
        """Keep verified members who may decide applications and second-read cases."""
        return self.verified().filter(is_moderator=True, is_privacy_officer=False, is_staff=False)


class MemberManager(BaseUserManager["Member"].from_queryset(MemberQuerySet)):  # type: ignore[misc]
    """Manager that creates and finds members by e-mail address."""

    def get_by_natural_key(self, username: str | None) -> "Member":
        """Return the member with this e-mail address, whatever its case. Raises Member.DoesNotExist."""
        found: Member = self.get(email=normalise_email(username or ""))
        return found

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        """Create a member, an applicant unless `standing` is given. Raises ValueError without an address."""
        email = normalise_email(email)
        if not email:
            raise ValueError("A member needs an e-mail address.")
        member: Member = self.model(email=email, **fields)
        member.set_password(password)
        member.save(using=self._db)
        return member

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "Member":
        """Create an administrator: verified, runs the site, sees no pictures."""
        fields.setdefault("standing", Standing.VERIFIED)
        fields.setdefault("verified_until", add_months(timezone.localdate(), 12))
        return self.create_user(email, password, is_staff=True, **fields)


class Member(AbstractBaseUser):
    """A person with an account: applicant, member, moderator, privacy officer or administrator."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("number"), max_length=LENGTH, unique=True, editable=False, default=new_number)
    email = models.EmailField(_("e-mail address"), unique=True)
    name = models.CharField(_("name"), max_length=150)
    profession = models.CharField(_("profession"), max_length=20, choices=Profession, blank=True)
    standing = models.CharField(_("standing"), max_length=10, choices=Standing, default=Standing.APPLICANT)
    verified_until = models.DateField(_("verified until"), null=True, blank=True)
    is_moderator = models.BooleanField(_("moderator"), default=False)
    is_privacy_officer = models.BooleanField(_("privacy officer"), default=False)
    is_staff = models.BooleanField(_("administrator"), default=False)
    # Reads reports of mistreatment, and holds no other office, so that nobody who decides about members or cases does.
    is_trusted_person = models.BooleanField(_("trusted person"), default=False)
    # Last day on which the conduct module counts (accounts.conduct.standing); None before it was passed at all.
    conduct_until = models.DateField(_("conduct module until"), null=True, blank=True)
    posts_released = models.PositiveIntegerField(_("cases released"), default=0)
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    country = CountryField(_("country"), blank=True)
    supervisor = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="residents",
        verbose_name=_("supervisor"),
    )
    language = models.CharField(
        _("language of mails"), max_length=5, choices=settings.LANGUAGES, default=active_language
    )
    # Kept by accounts.security.factors.enrolment, so that no page pays a query to learn of it.
    factor_enrolled_at = models.DateTimeField(_("first factor enrolled"), null=True, blank=True, editable=False)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects: ClassVar[MemberManager] = MemberManager()

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = ["name"]

    class Meta:
        verbose_name = _("member")
        verbose_name_plural = _("members")
        indexes: ClassVar = [
            models.Index(fields=["name", "id"], name="member_by_name"),  # the order of the list of members
            models.Index(Upper("name"), name="member_of_same_name"),  # looked for with every application
        ]
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(email=Lower("email")), name="member_email_is_lower_case"),
            models.CheckConstraint(
                condition=Q(standing__in=Standing.values),
                name="member_standing_is_known",
            ),
            models.CheckConstraint(
                condition=~Q(standing=Standing.VERIFIED) | Q(verified_until__isnull=False),
                name="member_verified_has_a_date",
            ),
            models.CheckConstraint(
                condition=~Q(is_privacy_officer=True, is_moderator=True),
                name="member_officer_is_no_moderator",
            ),
            models.CheckConstraint(
                condition=~Q(is_staff=True, is_moderator=True),
                name="member_administrator_is_no_moderator",
            ),
            models.CheckConstraint(
                condition=Q(is_trusted_person=False) | Q(is_moderator=False, is_privacy_officer=False, is_staff=False),
                name="member_trusted_person_has_no_other_office",
            ),
            models.CheckConstraint(
                condition=Q(profession__in=Profession.values)
                | Q(profession="", is_privacy_officer=True)
                | Q(profession="", is_staff=True)
                # Who was dismissed from their only office has nothing left to be verified for.
                | Q(profession="", standing__in=[Standing.LAPSED, Standing.SUSPENDED, Standing.ERASED]),
                name="member_profession_is_known",
            ),
            models.CheckConstraint(
                condition=Q(supervisor__isnull=True) | ~Q(supervisor=models.F("id")),
                name="member_does_not_supervise_themselves",
            ),
        ]

    def __str__(self) -> str:
        """Return the id: names do not belong in logs."""
        return str(self.pk)

    @classmethod
    def from_db(cls, db: str | None, field_names: Collection[str], values: Collection[Any], **options: Any) -> "Member":
        """Return the member of a row; whoever has left is called a former member wherever a name is shown."""
        member = super().from_db(db, field_names, values, **options)
        loaded = member.__dict__
        if loaded.get("name") == "" and loaded.get("standing") == Standing.ERASED:
            member.name = gettext("Former member")
        return member

    def clean(self) -> None:
        """Normalise the address before it is validated."""
        super().clean()
        self.email = normalise_email(self.email)

    @property
    def is_active(self) -> bool:  # type: ignore[override]
        """Whether a sign-in is possible at all. Suspended members may sign in once, to learn that they are."""
        return self.standing != Standing.ERASED

    @property
    def is_verified(self) -> bool:
        """Whether the verification is valid today; agrees with `Member.objects.verified()`."""
        return (
            self.standing == Standing.VERIFIED
            and self.verified_until is not None
            and self.verified_until >= timezone.localdate()
        )

    @property
    def standing_today(self) -> Standing:
        """The standing as of today: verified past the end date counts as lapsed."""
        standing = Standing(self.standing)
        return Standing.LAPSED if standing == Standing.VERIFIED and not self.is_verified else standing

    @property
    def is_officer(self) -> bool:
        """Whether this is a privacy officer or administrator, who sees the site's records and never a picture."""
        return self.is_privacy_officer or self.is_staff

    @property
    def may_see_cases(self) -> bool:
        """Whether any case may be shown at all; which cases is decided by the gate."""
        return self.is_verified and not self.is_officer

    @property
    def may_moderate(self) -> bool:
        """Whether this member may decide applications and second-read cases; agrees with `moderators()`."""
        return self.is_moderator and self.may_see_cases

    @property
    def may_hear_concerns(self) -> bool:
        """Whether this member may read reports of mistreatment."""
        return self.is_trusted_person and self.may_see_cases

    @property
    def counted_as(self) -> str:
        """Group in which this member's answers count: "expert", "trainee", "physician", "other", or "" for none."""
        if self.is_officer or not self.profession:
            return ""
        return COUNTED_AS[Profession(self.profession)]

    @property
    def may_renew(self) -> bool:
        """Whether the verification ends within RENEWAL_DAYS, so that the member may apply again already."""
        return self.is_verified and self.days_left <= RENEWAL_DAYS

    @property
    def renewal_waits(self) -> bool:
        """Whether a yearly check or an application of theirs waits for moderators. Costs a query or two."""
        checks = self.yearly_checks.filter(state="waiting")
        return checks.exists() or self.applications.filter(state__in=("waiting", "third")).exists()

    @property
    def days_left(self) -> int:
        """Days until the verification ends; 0 on its last day and without one."""
        return (self.verified_until - timezone.localdate()).days if self.verified_until else 0

    def get_full_name(self) -> str:
        """Return the name that colleagues see."""
        return self.name

    def get_short_name(self) -> str:
        """Return the full name: names are not shortened."""
        return self.name


class Verification(models.Model):
    """Since when a member has been verified without a gap, and when two moderators verify them in full again.

    A member without a row was verified by nobody whom the site knows of: their next check is a full one.
    """

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="verification")
    since = models.DateField()
    full_due_on = models.DateField()

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(full_due_on__gte=models.F("since")), name="verification_full_check_is_after_the_first"
            )
        ]

    def __str__(self) -> str:
        """Return the member's id."""
        return str(self.pk)


class RenewalReminder(models.Model):
    """One reminder that something ends, `days` before `until`: the verification, or the office that `about` names."""

    VERIFICATION = "verification"

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="reminders")
    about = models.CharField(max_length=14, default=VERIFICATION)
    until = models.DateField()
    days = models.PositiveSmallIntegerField()
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "about", "until", "days"], name="renewal_reminder_once")
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)
