"""Models of answers, comments, bookmarks and the outcome."""

import zlib
from collections.abc import Iterable

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.models import Profession
from consults.cases.models import Case
from consults.holds import AbstractHold
from core.ids import new_id
from vocabulary import terms


class AnswerKind(models.TextChoices):
    """Kind of an answer. Each opens the thread; `COUNTED` are answers, the others are not counted.

    A plan without a diagnosis is an answer to the questions that ask for one. PENDING is a diagnosis in the member's
    own words alone, which counts once a moderator has decided it. Either becomes DIAGNOSIS with a coded one.
    """

    DIAGNOSIS = "diagnosis", _("Diagnosis")
    PLAN = "plan", _("Plan")
    PENDING = "pending", _("Waits for a moderator")
    READ_ONLY = "read_only", _("Read only")


COUNTED = (AnswerKind.DIAGNOSIS, AnswerKind.PLAN)


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


def blind_suggestions(answer: Answer) -> list[tuple[int, str, str]]:
    """Return (rank, code, confidence) of an answer as it was given blind, by rank; for prefetched revisions.

    Empty for a plan without a diagnosis, and while the member's own words wait for a moderator.
    """
    revisions = revisions_in_order(answer.revisions.all())
    if revisions:
        return sorted((int(rank), code, confidence) for rank, code, confidence in revisions[0].suggestions)
    return [(one.rank, one.code, one.confidence) for one in answer.suggestions.all()]


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
    source = models.CharField(
        _("source"), max_length=200, blank=True, help_text=_("Whose material it is, if not its author's.")
    )
    # A quotation is a place in the comment that is answered, never a copy of its words: it goes when they go. The
    # checksum tells whether the same words still stand there.
    quote_start = models.PositiveSmallIntegerField(null=True, blank=True)
    quote_end = models.PositiveSmallIntegerField(null=True, blank=True)
    quote_sum = models.BigIntegerField(null=True, blank=True)

    class Meta:
        ordering = ["written_at", "id"]
        constraints = [
            models.CheckConstraint(
                name="consults_comment_quote_is_a_place",
                condition=Q(quote_start__isnull=True, quote_end__isnull=True, quote_sum__isnull=True)
                | Q(
                    quote_start__isnull=False,
                    quote_end__gt=F("quote_start"),
                    quote_end__isnull=False,
                    quote_sum__isnull=False,
                ),
            ),
        ]

    def __str__(self) -> str:
        return f"comment {self.id}"

    @property
    def quoted(self) -> str:
        """The words that it quotes, "" when they no longer stand where they did. Reads `reply_to`."""
        if self.quote_start is None or self.reply_to is None:
            return ""
        words = self.reply_to.text[self.quote_start : self.quote_end]
        return words if checksum(words) == self.quote_sum else ""


def checksum(words: str) -> int:
    """Return a number that tells words apart and gives none of them away."""
    return zlib.crc32(words.encode())


class Role(models.TextChoices):
    """Professions that can be called together; the value is a profession."""

    DERMATOLOGIST = Profession.DERMATOLOGIST.value, _("dermatologists")
    DERMATOPATHOLOGIST = Profession.DERMATOPATHOLOGIST.value, _("dermatopathologists")
    RESIDENT = Profession.RESIDENT.value, _("residents")


class Mention(models.Model):
    """Somebody whom a comment addresses with “@”: a member, a group or a role. Names change, the id stays."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="mentions")
    written = models.CharField(max_length=200, help_text=_("As it stands in the text, after the sign."))
    member = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True, related_name="mentions"
    )
    group = models.ForeignKey(
        "consults.Group", on_delete=models.CASCADE, null=True, blank=True, related_name="mentions"
    )
    role = models.CharField(max_length=20, choices=Role, blank=True)

    class Meta:
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["comment", "written"], name="consults_mention_once"),
            models.CheckConstraint(
                name="consults_mention_is_of_one",
                condition=Q(member__isnull=False, group__isnull=True, role="")
                | Q(member__isnull=True, group__isnull=False, role="")
                | (Q(member__isnull=True, group__isnull=True) & ~Q(role="")),
            ),
        ]

    def __str__(self) -> str:
        return f"mention {self.pk} in comment {self.comment_id}"


class RoleListener(models.Model):
    """A member who wants to be told when their profession is called in a case that they see."""

    member = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, primary_key=True, related_name="listens_to_role"
    )
    since = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"role listener {self.member_id}"


class ReactionKind(models.TextChoices):
    """What a member may say to a comment without words."""

    AGREE = "agree", _("Agree")
    HELPFUL = "helpful", _("Helpful")


class Reaction(models.Model):
    """A member's reaction to a comment of a colleague: one, which they may change or take back."""

    comment = models.ForeignKey(Comment, on_delete=models.CASCADE, related_name="reactions", db_index=False)
    member = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="reactions")
    kind = models.CharField(max_length=8, choices=ReactionKind)
    at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["comment", "member"], name="consults_reaction_once"),
            models.CheckConstraint(name="consults_reaction_is_known", condition=Q(kind__in=ReactionKind.values)),
        ]

    def __str__(self) -> str:
        return f"reaction {self.pk}"


class CommentVersion(models.Model):
    """What a comment said before its author changed or deleted it.

    Whoever reads the discussion reads what was changed; what was deleted, moderators alone.
    """

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
