"""Models of answers, comments, bookmarks and the outcome."""

from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from consults.cases.models import Case
from consults.holds import AbstractHold
from core.ids import new_id
from vocabulary import terms


class AnswerKind(models.TextChoices):
    """Kind of an answer: a diagnosis, or reading only. Both open the thread; only a diagnosis counts."""

    DIAGNOSIS = "diagnosis", _("Diagnosis")
    READ_ONLY = "read_only", _("Read only")


class Answer(models.Model):
    """A member's answer to a case, given before seeing any other."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="answers")
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="answers", db_index=False
    )
    kind = models.CharField(max_length=10, choices=AnswerKind)
    # Frozen when given: a resident who becomes a specialist later does not change earlier counts.
    counted_as = models.CharField(max_length=10, blank=True)
    is_dermatologist = models.BooleanField(default=False)
    answered_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "member"], name="consults_answer_once")]
        indexes = [models.Index(fields=["member", "-answered_at"], name="consults_answer_of_member")]

    def __str__(self) -> str:
        return f"answer {self.id}"


class Suggestion(models.Model):
    """One of up to three ranked diagnoses of an answer."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="suggestions")
    rank = models.PositiveSmallIntegerField()
    code = models.CharField(max_length=60)
    confidence = models.CharField(max_length=10, choices=terms.Confidence)

    class Meta:
        ordering = ["rank"]
        constraints = [
            models.UniqueConstraint(fields=["answer", "rank"], name="consults_suggestion_rank_once"),
            models.UniqueConstraint(fields=["answer", "code"], name="consults_suggestion_code_once"),
            models.CheckConstraint(name="consults_suggestion_at_most_three", condition=Q(rank__gte=1, rank__lte=3)),
        ]

    def __str__(self) -> str:
        return f"suggestion {self.rank} of answer {self.answer_id}"


class Revision(models.Model):
    """A former version of an answer. The first one is never lost."""

    answer = models.ForeignKey(Answer, on_delete=models.CASCADE, related_name="revisions")
    suggestions = models.JSONField(help_text=_("[[rank, code, confidence], …] as they were."))
    revised_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"revision {self.pk} of answer {self.answer_id}"


def revisions_in_order(revisions: Iterable[Revision]) -> list[Revision]:
    """Return revisions oldest first."""
    return sorted(revisions, key=lambda revision: (revision.revised_at, revision.pk))


class Comment(models.Model):
    """A comment in the thread of a case."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="comments")
    reply_to = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="replies")
    text = models.TextField(_("comment"), max_length=3000, blank=True)
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True, help_text=_("When its author deleted it."))

    class Meta:
        ordering = ["written_at", "id"]

    def __str__(self) -> str:
        return f"comment {self.id}"


class CommentVersion(models.Model):
    """What a comment said before its author changed or deleted it; moderators read it."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="versions")
    text = models.TextField()
    replaced_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["replaced_at", "id"]

    def __str__(self) -> str:
        return f"version {self.pk} of comment {self.comment_id}"


class CommentHold(AbstractHold):
    """A comment that a moderator has hidden."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="holds")

    class Meta(AbstractHold.Meta):
        constraints = [
            *AbstractHold.Meta.constraints,
            models.UniqueConstraint(
                fields=["comment"], condition=Q(state__in=["held", "confirmed"]), name="consults_commenthold_once"
            ),
        ]


class Outcome(models.Model):
    """The outcome of a closed case: the final diagnosis and its reference standard, or that none is to be expected."""

    case = models.OneToOneField(Case, on_delete=models.CASCADE, related_name="outcome")
    diagnosis = models.CharField(_("final diagnosis"), max_length=60, blank=True)
    reference = models.CharField(_("reference standard"), max_length=20, choices=terms.ReferenceStandard, blank=True)
    done = models.TextField(_("what was done"), max_length=1000, blank=True)
    closed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.CheckConstraint(
                name="consults_outcome_whole_or_none",
                condition=Q(diagnosis="", reference="") | (~Q(diagnosis="") & ~Q(reference="")),
            ),
        ]

    def __str__(self) -> str:
        return f"outcome of case {self.case_id}"

    @property
    def is_known(self) -> bool:
        """Whether there is a diagnosis. Without one the case was closed unresolved."""
        return bool(self.diagnosis)

    @property
    def counts(self) -> bool:
        """Whether answers are measured against it: it rests on more than one clinician's word."""
        return self.is_known and terms.ReferenceStandard(self.reference).counts


class Bookmark(models.Model):
    """A case that a member saved. It grants no access: the gate is asked each time it is followed."""

    id = models.UUIDField(primary_key=True, default=new_id, editable=False)
    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="bookmarks")
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="bookmarks")
    saved_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["member", "case"], name="consults_bookmark_once")]

    def __str__(self) -> str:
        return f"bookmark {self.id}"
