"""Models of a plan: what a member would do, and what they said before they changed it."""

from collections.abc import Iterator
from typing import Final

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from consults.discussion.models import Answer, Revision
from vocabulary import terms, treatments

SAID: Final = ("observe", "biopsy", "biopsy_where", "treatment", "refer_to", "words")


def _says_something() -> Q:
    return ~(Q(observe="") & Q(biopsy="") & Q(treatment="") & Q(refer_to=""))


class PlanFields(models.Model):
    """What a member would do; several at once, such as a biopsy and a treatment meanwhile. "" for nothing."""

    observe = models.CharField(_("observe, and look again"), max_length=8, choices=terms.Interval, blank=True)
    biopsy = models.CharField(_("biopsy"), max_length=16, choices=terms.Biopsy, blank=True)
    biopsy_where = models.CharField(
        _("biopsy: where"), max_length=80, blank=True, help_text=_("Empty: the site of the case.")
    )
    # A class of vocabulary.treatments or an agent in one.
    treatment = models.CharField(_("treat with"), max_length=treatments.MAX_CODE_LENGTH, blank=True)
    refer_to = models.CharField(_("refer to"), max_length=16, choices=terms.Referral, blank=True)
    words = models.TextField(_("in your own words"), max_length=600, blank=True)

    class Meta:
        abstract = True

    def said(self) -> dict[str, str]:
        """Return every field by name."""
        return {name: getattr(self, name) for name in SAID}

    def picks(self) -> Iterator[tuple[str, str]]:
        """Yield (what, detail) of each thing that the member would do, by code; the detail may be ""."""
        if self.observe:
            yield "observe", self.observe
        if self.biopsy == terms.Biopsy.NO:
            yield "no_biopsy", ""
        elif self.biopsy:
            yield "biopsy", "" if self.biopsy == terms.Biopsy.ANY else self.biopsy
        if self.treatment:
            yield "treat", self.treatment
        if self.refer_to:
            yield "refer", self.refer_to


class Plan(PlanFields):
    """The plan of an answer, as it is now."""

    answer = models.OneToOneField(Answer, on_delete=models.CASCADE, primary_key=True, related_name="plan")

    class Meta:
        constraints = [
            models.CheckConstraint(name="consults_plan_says_something", condition=_says_something()),
            models.CheckConstraint(
                name="consults_plan_where_needs_biopsy",
                condition=Q(biopsy_where="") | ~Q(biopsy__in=["", "no"]),
            ),
        ]

    def __str__(self) -> str:
        return f"plan of answer {self.answer_id}"


class FormerPlan(PlanFields):
    """The plan of an answer before a revision."""

    revision = models.OneToOneField(Revision, on_delete=models.CASCADE, primary_key=True, related_name="plan")

    def __str__(self) -> str:
        return f"plan before revision {self.revision_id}"


def plan_of(row: Answer | Revision) -> PlanFields | None:
    """Return the plan of an answer, or the one before a revision; None where there is none."""
    found: PlanFields | None = getattr(row, "plan", None)
    return found
