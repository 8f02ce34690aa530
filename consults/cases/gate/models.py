"""Rows that lists, counts and search read instead of cases: candidates, which the gate confirms before showing them."""

from django.conf import settings
from django.db import models

from consults.cases.models import Case, CaseState
from consults.groups.models import Group
from consults.holds import AbstractHold
from vocabulary import sites, terms


class Listing(models.Model):
    """One case that its audience may see, with what the feed filters, orders and counts.

    `listing.refresh` writes it in the transaction that changes what is visible. It lets nobody see anything: a
    listing that is there by mistake is not confirmed by the gate, and one that is missing is found by `compare`.
    """

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="listing")
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="listings", db_index=False
    )
    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="listings", db_index=False)
    state = models.CharField(max_length=10, choices=CaseState)
    kind = models.CharField(max_length=12, choices=terms.CaseKind)
    region = models.CharField(max_length=sites.MAX_CODE_LENGTH, blank=True, help_text="The topmost body site.")
    morphology = models.CharField(max_length=16, blank=True)
    pictures = models.CharField(max_length=60, blank=True, help_text="Kinds of its pictures, in order, by spaces.")
    stains = models.CharField(max_length=240, blank=True, help_text="Of its sections, in order, by spaces.")
    modes = models.CharField(max_length=80, blank=True, help_text="Of its dermoscopy, in order, by spaces.")
    tone = models.CharField(max_length=6, blank=True, help_text="The skin tone, in three bands.")
    language = models.CharField(max_length=3, blank=True, help_text="Of its words, as far as they tell.")
    tags = models.CharField(max_length=160, blank=True, help_text="In order, by spaces.")
    diagnosis = models.CharField(max_length=60, blank=True, help_text="The outcome of a closed case; open: nothing.")
    answers = models.PositiveIntegerField(default=0, help_text="Diagnoses; who only read is not counted.")
    comments = models.PositiveIntegerField(default=0, help_text="Without those that their authors deleted.")
    no_dermatologist = models.BooleanField(help_text="Open, and no dermatologist has answered.")
    sensitive = models.BooleanField(default=False, help_text="Its pictures are shown to whoever asks for them.")
    exempt = models.BooleanField(help_text="Shown without a consent, as histology, while the site allows that.")
    released_at = models.DateTimeField()
    urgency = models.CharField(max_length=8, choices=terms.Urgency, blank=True)
    urgent_until = models.DateTimeField(null=True, help_text="Until when its author asks for a quick answer.")
    visible_until = models.DateField(null=True, help_text="The first day on which nobody sees it any more.")

    class Meta:
        # Each order ends with the case's id, so that a page can begin after any row of the one before.
        indexes = [
            models.Index(fields=["-released_at", "-case"], name="consults_listing_newest"),
            models.Index(fields=["answers", "-released_at", "-case"], name="consults_listing_fewest"),
            models.Index(fields=["group", "-released_at", "-case"], name="consults_listing_group"),
            models.Index(fields=["group", "answers", "-released_at", "-case"], name="consults_listing_group_fewest"),
            models.Index(fields=["author", "-released_at", "-case"], name="consults_listing_author"),
            models.Index(fields=["region", "-released_at", "-case"], name="consults_listing_region"),
            models.Index(fields=["morphology", "-released_at", "-case"], name="consults_listing_morphology"),
            models.Index(fields=["pictures", "-released_at", "-case"], name="consults_listing_pictures"),
            models.Index(fields=["state", "kind", "-released_at", "-case"], name="consults_listing_state"),
            models.Index(
                fields=["-released_at", "-case"],
                condition=models.Q(no_dermatologist=True),
                name="consults_listing_waiting",
            ),
            models.Index(fields=["-comments", "-released_at", "-case"], name="consults_listing_discussed"),
            models.Index(fields=["group", "-comments", "-released_at", "-case"], name="consults_listing_group_disc"),
            models.Index(
                fields=["urgent_until"], condition=models.Q(urgent_until__isnull=False), name="consults_listing_urgent"
            ),
            models.Index(fields=["visible_until"], name="consults_listing_until"),
            models.Index(fields=["exempt"], condition=models.Q(exempt=True), name="consults_listing_exempt"),
        ]

    def __str__(self) -> str:
        return f"listing of case {self.case_id}"


class AskedToSee(models.Model):
    """A member's request to see the pictures of a sensitive case; it holds for that day."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="asked_to_see")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="asked_to_see")
    day = models.DateField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "member", "day"], name="consults_asked_to_see_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"request to see case {self.case_id}"


class CaseHold(AbstractHold):
    """A case that a moderator has hidden; the gate shows it to nobody meanwhile (`gate.visibility`)."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="holds")

    class Meta(AbstractHold.Meta):
        constraints = [
            *AbstractHold.Meta.constraints,
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(state__in=["held", "confirmed"]), name="consults_casehold_once"
            ),
        ]


class ListingText(models.Model):
    """The words by which a listing is found, folded: those of every reader, so nothing that is answered blind.

    Beside it stands a full-text index, kept by the database (`gate.full_text`).
    """

    listing = models.OneToOneField(Listing, on_delete=models.CASCADE, primary_key=True, related_name="text")
    words = models.TextField()

    def __str__(self) -> str:
        return f"words of listing {self.listing_id}"


class ListingMark(models.Model):
    """A value of a listing in a facet in which a case may have several: what the filters look up (`listing_marks`).

    The facet "differential" holds what is answered blind: only `listing_marks.of_diagnosis` reads it, for those who
    have answered.
    """

    listing = models.ForeignKey(Listing, on_delete=models.CASCADE, related_name="marks", db_index=False)
    facet = models.CharField(max_length=12)
    value = models.CharField(max_length=60)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["listing", "facet", "value"], name="consults_listingmark_once"),
        ]
        indexes = [models.Index(fields=["facet", "value", "listing"], name="consults_listingmark_value")]

    def __str__(self) -> str:
        return f"mark {self.pk} of listing {self.listing_id}"


class ListingCount(models.Model):
    """A change of a count: of an audience's listings with one value, so many more have another value.

    Written, never updated: two releases at once would wait for one another on a shared row. The sum counts, and a
    round folds the rows together (`listing_counts.fold`).
    """

    group = models.ForeignKey(Group, on_delete=models.CASCADE, null=True, related_name="+", db_index=False)
    teaching = models.BooleanField(help_text="Counts closed teaching cases only.")
    # "" and "" stand for all listings.
    under = models.CharField(max_length=12, blank=True)
    under_value = models.CharField(max_length=sites.MAX_CODE_LENGTH, blank=True)
    facet = models.CharField(max_length=12, blank=True)
    value = models.CharField(max_length=sites.MAX_CODE_LENGTH, blank=True)
    n = models.IntegerField()

    class Meta:
        indexes = [
            models.Index(fields=["under", "under_value", "teaching", "group"], name="consults_listingcount_under"),
        ]

    def __str__(self) -> str:
        return f"count {self.pk}"
