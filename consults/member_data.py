"""A member's data in this app: cases, answers, comments, reactions, second reads, reports, groups, saved cases.

When a member leaves, their own cases go: no member may see those of an author who is not verified, and nobody else
answers for them. What they said under others' cases stays without a name, so that threads remain whole, or is removed
where the member wants that.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from django.db import transaction
from django.db.models import F, Model, Prefetch
from django.utils import timezone

from accounts.leaving.erasure import names_of
from accounts.leaving.naming import take_off
from accounts.leaving.rooms import Wishes
from accounts.models import Member
from consent import lifecycle
from consent.models import Status
from consults.cases.authoring import drafts
from consults.cases.editing import delete_unsigned
from consults.cases.gate import listing
from consults.cases.gate.models import CaseHold
from consults.cases.models import ADDED, CONTENT, PUBLISHED, Case, CaseState
from consults.cases.review.models import SecondRead
from consults.discussion.models import (
    Answer,
    Comment,
    CommentHold,
    CommentVersion,
    Mention,
    Outcome,
    Reaction,
    Revision,
    RoleListener,
)
from consults.discussion.plans.models import FormerPlan, Plan, plan_of
from consults.discussion.terms.models import ProposedTerm
from consults.groups.models import Admission, Group, GroupProposal, GroupRemoval, Membership
from consults.groups.rooms.models import AlbumCase, Ballot, PollOption, Post, PostHold, PostReport, PostVersion
from consults.moderation.models import Concern, Report
from consults.pins.models import Pin
from consults.urgency.models import UrgencyMark, Volunteer
from consults.withdrawal import hide, notices
from imaging import uploads
from imaging.models import Photo, Upload
from imaging.renditions import pipeline as imaging

SHORTEST_NAME: Final = 3  # letters of a part of a name that is taken out of one's own comments
# Words of colleagues in which a name may stand. Not those of others' cases: a changed word voids the release.
_WORDS: Final[tuple[tuple[type[Model], str], ...]] = (
    (Comment, "text"),
    (Comment, "source"),
    (CommentVersion, "text"),
    (Plan, "words"),
    (FormerPlan, "words"),
    (ProposedTerm, "text"),
    (ProposedTerm, "words"),
    (UrgencyMark, "words"),
    (Pin, "text"),
    (SecondRead, "words"),
    (Report, "words"),
    (CaseHold, "words"),
    (CommentHold, "words"),
    (Admission, "words"),
    (GroupRemoval, "words"),
    (Group, "description"),
    (GroupProposal, "description"),
    (Post, "title"),
    (Post, "text"),
    (PostVersion, "text"),
    (PostVersion, "title"),
    (PollOption, "text"),
    (PostHold, "words"),
    (PostReport, "words"),
    (Concern, "words"),
    (Concern, "answer"),
)


class CasesLeft(Exception):
    """Own cases that no way of removing them fits; the job stops, and staff look."""


class ConsultsRoom:
    """What a member posted, answered, wrote and saved. Implements `accounts.leaving.rooms.Room`."""

    def export(self, member: Member) -> Mapping[str, Any]:
        """Return the member's own words, codes and ids; no picture, no word and no name of anybody else."""
        revisions = Prefetch("revisions", queryset=Revision.objects.select_related("plan"))
        answers = (
            Answer.objects.filter(member=member)
            .select_related("plan")
            .prefetch_related("suggestions", revisions, "proposed_terms")
        )
        comments = Comment.objects.filter(author=member).prefetch_related("versions")
        cases = (
            Case.objects.filter(author=member)
            .select_related("outcome")
            .prefetch_related("pictures__photo__renditions", "outcome__versions")
        )
        return {
            "cases": [_case(case) for case in cases.order_by("created_at", "pk")],
            "answers": [_answer(answer) for answer in answers.order_by("answered_at", "pk")],
            "comments": [_comment(comment) for comment in comments.order_by("written_at", "pk")],
            "pins": list(
                member.pins.order_by("placed_at", "pk").values(
                    "case_id", "number", "x", "y", "outline", "text", "placed_at"
                )
            ),
            "second_reads": list(
                SecondRead.objects.filter(reader=member)
                .order_by("decided_at")
                .values("case_id", "decision", "reason", "words", "accepted", "decided_at")
            ),
            "reports": list(
                Report.objects.filter(reporter=member)
                .order_by("made_at")
                .values("case_id", "comment_id", "photo_id", "reason", "words", "made_at")
            ),
            "groups": _groups(member),
            "reactions": {
                "given": list(
                    Reaction.objects.filter(member=member).order_by("at", "pk").values("comment_id", "kind", "at")
                ),
                "told_when_profession_is_called": RoleListener.objects.filter(member=member).exists(),
            },
            "urgent_cases": list(
                UrgencyMark.objects.filter(author=member)
                .order_by("made_at")
                .values("case_id", "level", "reason", "words", "made_at", "until", "ended_at")
            ),
            "rota": list(Volunteer.objects.filter(member=member).values("since", "told")),
            "group_posts": list(
                Post.objects.filter(author=member)
                .order_by("written_at", "pk")
                .values(
                    *("id", "group_id", "kind", "reply_to_id", "title", "text", "doi", "starts_at", "ends_at", "place"),
                    *("closes_at", "written_at", "edited_at", "deleted_at"),
                )
            ),
            "reports_of_posts": list(
                PostReport.objects.filter(reporter=member)
                .order_by("made_at")
                .values("post_id", "reason", "words", "made_at")
            ),
            "voted_in": list(Ballot.objects.filter(member=member).order_by("pk").values_list("poll_id", flat=True)),
            "reports_of_mistreatment": list(
                Concern.objects.filter(reporter=member)
                .order_by("made_at")
                .values("kind", "words", "made_at", "outcome", "answer", "closed_at")
            ),
            "saved_cases": list(member.bookmarks.order_by("saved_at").values("case_id", "saved_at")),
            "following": list(
                member.followings.order_by("since", "pk").values("case_id", "group_id", "topic", "since")
            ),
            "saved_searches": list(
                member.saved_searches.order_by("saved_at", "pk").values("query", "tells", "saved_at")
            ),
        }

    def erase(self, member: Member, wishes: Wishes) -> None:
        """Remove own cases and what the member wants removed; take the name off the rest."""
        own = Case.objects.filter(author=member).exclude(state=CaseState.WITHDRAWN)
        for case in own.select_related("consent").order_by(F("follows").asc(nulls_last=True)):  # follow-ups first
            _remove_case(case, member)
        if own.exists():
            raise CasesLeft
        for upload in Upload.objects.filter(owner=member):
            uploads.destroy(upload=upload)
        for photo in Photo.objects.filter(owner=member, placement=None):
            imaging.destroy(photo=photo)
        if wishes.remove_comments:
            _remove_comments(member)
            _remove_posts(member)
        if wishes.remove_answers:
            _remove_answers(member)
        Volunteer.objects.filter(member=member).delete()
        UrgencyMark.objects.filter(author=member).delete()
        Concern.objects.filter(reporter=member).delete()
        Ballot.objects.filter(member=member).delete()
        _take_off_names(member)


def _groups(member: Member) -> dict[str, Any]:
    """Return memberships, requests and invitations, proposals and removals; not who decided."""
    return {
        "memberships": list(
            Membership.objects.filter(member=member)
            .order_by("joined_at")
            .values("group_id", "group__name", "is_moderator", "joined_at")
        ),
        "requests_and_invitations": list(
            Admission.objects.filter(member=member)
            .order_by("made_at")
            .values("group_id", "group__name", "way", "state", "reason", "words", "made_at", "decided_at")
        ),
        "proposals": list(
            GroupProposal.objects.filter(by=member)
            .order_by("made_at")
            .values("name", "description", "purpose", "kind", "state", "made_at", "decided_at")
        ),
        "proposals_of_others": list(
            GroupProposal.objects.filter(second=member).order_by("made_at").values("name", "state", "made_at")
        ),
        "removals": list(
            GroupRemoval.objects.filter(member=member)
            .order_by("at")
            .values("group_id", "group__name", "reason", "words", "at")
        ),
    }


def _case(case: Case) -> dict[str, Any]:
    outcome = getattr(case, "outcome", None)
    return {
        "id": case.pk,
        "state": case.state,
        "created_at": case.created_at,
        "submitted_at": case.submitted_at,
        "released_at": case.released_at,
        "consent": case.consent_id,
        "follows": case.follows_id,
        **{name: getattr(case, name) for name in (*CONTENT, *ADDED, "sensitive")},
        "not_mine": case.not_mine,
        "outcome": outcome and _outcome(outcome),
        "pictures": [
            {
                "id": placed.photo_id,
                "kind": placed.kind,
                "caption": placed.caption,
                "sha256": {one.name: one.sha256 for one in placed.photo.renditions.all()},
            }
            for placed in case.pictures.all()
        ],
    }


def _outcome(outcome: Outcome) -> dict[str, Any]:
    said = ("diagnosis", "reference", "done")
    return {
        **{name: getattr(outcome, name) for name in said},
        "before": [
            {
                **{name: getattr(one, name) for name in said},
                "until": one.replaced_at,
                "reason": one.reason,
                "words": one.words,
            }
            for one in outcome.versions.all()
        ],
    }


def _answer(answer: Answer) -> dict[str, Any]:
    return {
        "case": answer.case_id,
        "kind": answer.kind,
        "counted_as": answer.counted_as,
        "answered_at": answer.answered_at,
        "suggestions": [[one.rank, one.code, one.confidence] for one in answer.suggestions.all()],
        "plan": _plan(answer),
        "own_terms": [
            {"text": one.text, "language": one.language, "place": one.rank, "state": one.state, "code": one.code}
            for one in answer.proposed_terms.all()
        ],
        "before": [
            {"until": one.revised_at, "suggestions": one.suggestions, "plan": _plan(one)}
            for one in answer.revisions.all()
        ],
    }


def _plan(row: Answer | Revision) -> dict[str, str] | None:
    plan = plan_of(row)
    return plan.said() if plan else None


def _comment(comment: Comment) -> dict[str, Any]:
    return {
        "id": comment.pk,
        "case": comment.case_id,
        "reply_to": comment.reply_to_id,
        "text": comment.text,
        "source": comment.source,
        "written_at": comment.written_at,
        "edited_at": comment.edited_at,
        "deleted_at": comment.deleted_at,
        "before": [{"until": one.replaced_at, "text": one.text} for one in comment.versions.all()],
    }


def _remove_case(case: Case, member: Member) -> None:
    """Hide a case at once and have it destroyed, or delete it where no patient was ever shown to anybody."""
    if case.consent is not None and case.consent.status == Status.DRAFT:
        unsigned = case.consent
        Case.objects.filter(pk=case.pk).update(consent=None)
        delete_unsigned(unsigned)
        case.refresh_from_db()
    if case.consent is not None and case.released_at is not None:
        lifecycle.remove_with_clinician(consent_id=case.consent.pk, clinician=member)
        return
    if case.released_at is not None and not case.education_model:
        hide.take_down(case=case, by=member)
        return
    with transaction.atomic():
        notices.enqueue_notices(case=case)
        if case.state in PUBLISHED:
            drafts.retract(case=case, by=member)
        elif case.state == CaseState.SUBMITTED:
            drafts.take_back(case=case, by=member)
    case.refresh_from_db()
    drafts.discard(case=case, by=member)


def _remove_comments(member: Member) -> None:
    """Remove the member's pins, and empty their comments. Their places stay, so that replies keep their thread."""
    with transaction.atomic():
        mine = Comment.objects.filter(author=member)
        cases = list(mine.filter(deleted_at=None).order_by().values_list("case_id", flat=True).distinct())
        CommentVersion.objects.filter(comment__in=mine).delete()
        Mention.objects.filter(comment__in=mine).delete()
        mine.filter(deleted_at=None).update(text="", source="", deleted_at=timezone.now())
        mine.exclude(text="", source="").update(text="", source="")
        listing.refresh(cases=cases)
        Pin.objects.filter(by=member).delete()


def _remove_posts(member: Member) -> None:
    """Empty what the member wrote in groups' rooms; the places stay, so that replies keep their thread."""
    with transaction.atomic():
        mine = Post.objects.filter(author=member)
        PostVersion.objects.filter(post__in=mine).delete()
        PollOption.objects.filter(poll__in=mine).delete()
        AlbumCase.objects.filter(album__in=mine).delete()
        mine.filter(deleted_at=None).update(deleted_at=timezone.now())
        mine.update(title="", text="", doi="", place="")


def _remove_answers(member: Member) -> None:
    """Delete the member's answers, and count again without them."""
    with transaction.atomic():
        mine = Answer.objects.filter(member=member)
        cases = list(mine.values_list("case_id", flat=True))
        mine.delete()
        listing.refresh(cases=cases)


def _take_off_names(member: Member) -> None:
    """Replace the member's name and address in what anybody wrote; parts of the name in their own comments."""
    names = names_of(member)
    if not names:
        return
    _take_off_mentions(member)
    CommentVersion.objects.filter(comment__author=member).delete()
    PostVersion.objects.filter(post__author=member).delete()
    parts = [part for name in names for part in re.split(r"[\W_]+", name) if len(part) >= SHORTEST_NAME]
    for field in ("text", "source"):
        take_off(Comment.objects.filter(author=member), field, [*names, *parts])
    take_off(Pin.objects.filter(by=member), "text", [*names, *parts])
    take_off(Post.objects.filter(author=member), "text", [*names, *parts])
    for model, field in _WORDS:
        take_off(model._default_manager.all(), field, names)


def _take_off_mentions(member: Member) -> None:
    """Take the member out of the comments that address them, however the name is written there."""
    for mention in Mention.objects.filter(member=member).select_related("comment"):
        for rows in (
            Comment.objects.filter(pk=mention.comment_id),
            CommentVersion.objects.filter(comment=mention.comment_id),
        ):
            take_off(rows, "text", [mention.written])
    Mention.objects.filter(member=member).delete()


ROOM: Final = ConsultsRoom()
