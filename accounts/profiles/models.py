"""A member's profile: what they say about themselves, their portrait, whom they follow, and the directory's index.

Everything is voluntary: a member without a row has an empty profile.
"""

import uuid
from typing import ClassVar, Final

from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Member
from core.ids import new_id

MOST_ABOUT: Final = 2000  # characters
MOST_CHOSEN: Final = 12  # interests, languages
EARLIEST_YEAR: Final = 1930


class Profile(models.Model):
    """What a member says about themselves, beside name, profession, institution and country of the application."""

    member = models.OneToOneField(Member, on_delete=models.CASCADE, primary_key=True, related_name="profile")
    about = models.TextField(_("about me"), max_length=MOST_ABOUT, blank=True)
    interests = models.JSONField(default=list, blank=True, help_text=_("Codes of vocabulary.interests."))
    languages = models.JSONField(default=list, blank=True, help_text=_("ISO 639 codes."))
    orcid = models.CharField(_("ORCID iD"), max_length=19, blank=True)
    orcid_confirmed_at = models.DateTimeField(null=True, blank=True, help_text=_("When ORCID itself said so."))
    is_listed = models.BooleanField(_("in the directory"), default=True)
    shows_calibration = models.BooleanField(_("show how sure I was, and how often right"), default=False)
    updated_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["orcid"], condition=Q(orcid_confirmed_at__isnull=False), name="profile_confirmed_orcid_once"
            ),
            models.CheckConstraint(
                condition=Q(orcid_confirmed_at__isnull=True) | ~Q(orcid=""), name="profile_confirmed_orcid_is_there"
            ),
        ]

    def __str__(self) -> str:
        """Return the member's id."""
        return str(self.member_id)


def profile_of(member: Member) -> Profile:
    """Return a member's profile, an empty unsaved one where there is none. At most one query."""
    try:
        return member.profile
    except Profile.DoesNotExist:
        return Profile(member=member)


class Entry(models.Model):
    """One line of the CV; the member chooses the order, lowest `place` first."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    place = models.IntegerField(default=0)

    class Meta:
        abstract = True
        ordering: ClassVar = ["place", "id"]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


def _years_in_order(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(until_year__isnull=True) | Q(from_year__isnull=True) | Q(until_year__gte=F("from_year")), name=name
    )


def years(begun: int | None, ended: int | None, *, goes_on: bool) -> str:
    """Return two years in words; without a last one it goes on today, where that may be."""
    if begun and ended:
        return str(begun) if begun == ended else f"{begun}–{ended}"
    if begun:
        return (gettext("since %(year)d") if goes_on else gettext("from %(year)d")) % {"year": begun}
    return gettext("until %(year)d") % {"year": ended} if ended else ""


class Training(Entry):
    """A degree or a specialty, where and when."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="trainings")
    degree = models.CharField(_("degree or title"), max_length=150)
    specialty = models.CharField(_("specialty"), max_length=150, blank=True)
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    from_year = models.PositiveSmallIntegerField(_("from (year)"), null=True, blank=True)
    until_year = models.PositiveSmallIntegerField(_("until (year)"), null=True, blank=True)

    class Meta(Entry.Meta):
        constraints: ClassVar = [_years_in_order("training_years_in_order")]

    @property
    def years(self) -> str:
        """From when until when, in words."""
        return years(self.from_year, self.until_year, goes_on=False)


class Position(Entry):
    """A post held, where and when; without an end it is held today."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="positions")
    title = models.CharField(_("position"), max_length=150)
    institution = models.CharField(_("institution"), max_length=200, blank=True)
    from_year = models.PositiveSmallIntegerField(_("from (year)"), null=True, blank=True)
    until_year = models.PositiveSmallIntegerField(_("until (year)"), null=True, blank=True)

    class Meta(Entry.Meta):
        constraints: ClassVar = [_years_in_order("position_years_in_order")]

    @property
    def years(self) -> str:
        """From when until when, in words; since when, if it is held today."""
        return years(self.from_year, self.until_year, goes_on=True)


class Publication(Entry):
    """A publication: by DOI, by PubMed id, or in the member's own words. Nothing is looked up anywhere."""

    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="publications")
    words = models.CharField(_("in your own words"), max_length=400, blank=True)
    doi = models.CharField(_("DOI"), max_length=200, blank=True)
    pmid = models.CharField(_("PubMed id"), max_length=8, blank=True)

    class Meta(Entry.Meta):
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=~Q(words="") | ~Q(doi="") | ~Q(pmid=""), name="publication_says_something"
            ),
            models.CheckConstraint(condition=Q(doi="") | Q(pmid=""), name="publication_has_one_number"),
        ]


class PortraitState(models.TextChoices):
    """Received as it was sent; a job makes it clean, or refuses it."""

    RECEIVED = "received", _("Being prepared")
    CLEAN = "clean", _("Ready")
    REFUSED = "refused", _("Could not be read")


class Portrait(models.Model):
    """A member's own picture, sealed under its own key, whose id is this row's; seen only when it is clean.

    It is no patient's: nothing in it is covered. All the rest holds: it is made anew from its pixels in the sandbox.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    member = models.OneToOneField(Member, on_delete=models.CASCADE, related_name="portrait")
    state = models.CharField(max_length=8, choices=PortraitState, default=PortraitState.RECEIVED)
    refusal = models.CharField(max_length=30, blank=True, help_text=_("The engine's word for what was wrong."))
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints: ClassVar = [
            models.CheckConstraint(condition=Q(state__in=PortraitState.values), name="portrait_state_is_known")
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)

    def context(self, part: str) -> str:
        """Return the context that binds the sealed bytes of one part ("sent", "64", "256") to this member."""
        return f"portrait|{self.member_id}|{self.pk}|{part}"


class Follow(models.Model):
    """That a member follows another. Nobody but the follower is told."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    follower = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="follows", db_index=False)
    followed = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="followers")
    since = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["follower", "-since", "id"], name="follow_newest_first")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["follower", "followed"], name="follow_once"),
            models.CheckConstraint(condition=~Q(follower=F("followed")), name="follow_is_of_another"),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)


class DirectoryRow(models.Model):
    """A candidate of the directory, in the order of folded names: one row a member and way to be found.

    `facet` is "" for everybody, "name" for each word of the name, or a kind and a code such as "country:TR". Bytes,
    because every database orders them alike.
    """

    id = models.BigAutoField(primary_key=True)
    member = models.ForeignKey(Member, on_delete=models.CASCADE, related_name="+", db_index=False)
    facet = models.CharField(max_length=60, blank=True)
    key = models.BinaryField(max_length=200)

    class Meta:
        indexes: ClassVar = [models.Index(fields=["facet", "key", "member"], name="directory_in_order")]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["member", "facet", "key"], name="directory_row_once"),
        ]

    def __str__(self) -> str:
        """Return the id."""
        return str(self.pk)
