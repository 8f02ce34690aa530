"""Models of proposed and of added diagnoses."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.discussion.models import Answer
from core.ids import new_id
from vocabulary import diagnoses, terms

NAME_LENGTH = 120
NATURES = [
    (diagnoses.Nature.MALIGNANT.value, _("Malignant, in situ included")),
    (diagnoses.Nature.PREMALIGNANT.value, _("Premalignant or of uncertain potential")),
    (diagnoses.Nature.BENIGN.value, _("Benign")),
    (diagnoses.Nature.INFLAMMATORY.value, _("Inflammatory")),
    (diagnoses.Nature.INFECTIOUS.value, _("Infectious")),
    (diagnoses.Nature.OTHER.value, _("Other")),
]


class AddedTerm(models.Model):
    """A diagnosis that moderators added to the vocabulary. It knows no case, and is never changed or deleted.

    Answers keep its code; `vocabulary.diagnoses` reads it as if it stood in the list.
    """

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=diagnoses.MAX_CODE_LENGTH, unique=True)
    label = models.CharField(_("name in English"), max_length=NAME_LENGTH, unique=True)
    turkish = models.CharField(_("name in Turkish"), max_length=NAME_LENGTH, unique=True)
    icd10 = models.CharField(_("ICD-10"), max_length=5)
    nature = models.CharField(_("nature"), max_length=12, choices=NATURES)
    parent = models.CharField(_("above it"), max_length=diagnoses.MAX_CODE_LENGTH)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="added_terms")
    added_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(name="consults_addedterm_prefix", condition=Q(code__startswith="x-")),
            models.CheckConstraint(name="consults_addedterm_has_parent", condition=~Q(parent="")),
        ]

    def __str__(self) -> str:
        return f"added term {self.code}"

    @property
    def diagnosis(self) -> diagnoses.Diagnosis:
        """The term as the vocabulary knows it."""
        return diagnoses.Diagnosis(
            code=self.code,
            label=self.label,
            icd10=self.icd10,
            nature=diagnoses.Nature(self.nature),
            parent=self.parent,
            synonyms=(),
            turkish=self.turkish,
        )


class TermState(models.TextChoices):
    """States of a proposal."""

    WAITING = "waiting", _("Waits for a moderator")
    ACCEPTED = "accepted", _("Added to the list")
    MAPPED = "mapped", _("Is in the list already")
    REFUSED = "refused", _("Not added")


class WhyNot(models.TextChoices):
    """Reasons for not adding a term."""

    NOT_A_DIAGNOSIS = "not_a_diagnosis", _("It is no diagnosis")
    TOO_VAGUE = "too_vague", _("It says less than a name in the list")
    UNKNOWN = "unknown", _("The moderators do not know it; give a source in the discussion")
    IDENTIFIES = "identifies", _("It could identify a person")
    OTHER = "other", _("Another reason")


class ProposedTerm(models.Model):
    """A diagnosis in a member's own words, because the list lacks it: it counts in the answer once it is decided.

    It is a part of the answer, dies with it, and is read by its author and the moderators alone until then.
    """

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="proposed_terms")
    text = models.CharField(_("your diagnosis"), max_length=NAME_LENGTH)
    language = models.CharField(_("language"), max_length=5, choices=settings.LANGUAGES)
    parent = models.CharField(max_length=diagnoses.MAX_CODE_LENGTH, blank=True)
    rank = models.PositiveSmallIntegerField()
    confidence = models.CharField(max_length=10, choices=terms.Confidence)
    state = models.CharField(max_length=8, choices=TermState, default=TermState.WAITING)
    code = models.CharField(max_length=60, blank=True, help_text=_("The diagnosis that it became."))
    why_not = models.CharField(_("reason"), max_length=16, choices=WhyNot, blank=True)
    words = models.CharField(_("in your own words"), max_length=300, blank=True)
    made_at = models.DateTimeField(default=timezone.now)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="decided_terms"
    )
    decided_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["answer"], condition=Q(state="waiting"), name="consults_proposedterm_one_waits"
            ),
            models.CheckConstraint(name="consults_proposedterm_rank", condition=Q(rank__gte=1, rank__lte=3)),
            models.CheckConstraint(
                name="consults_proposedterm_decided",
                condition=Q(state="waiting", decided_at__isnull=True, code="", why_not="")
                | Q(state="refused", decided_at__isnull=False, code="") & ~Q(why_not="")
                | Q(state__in=["accepted", "mapped"], decided_at__isnull=False, why_not="") & ~Q(code=""),
            ),
        ]
        indexes = [
            models.Index(fields=["made_at", "id"], condition=Q(state="waiting"), name="consults_proposedterm_waiting")
        ]

    def __str__(self) -> str:
        return f"proposed term {self.id}"
