"""What a profession may do, and who may do what with applications and members."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.db.models import Q, QuerySet

from accounts.models import (
    COUNTED_AS,
    Application,
    EvidencePicture,
    Member,
    Profession,
    Reference,
    Standing,
    State,
)
from accounts.vetting.models import OPEN
from core.permissions import Policy


class Scope(StrEnum):
    """Which cases; `NONE` is the empty word, so that it is false."""

    ALL = "all"
    OPTED_IN = "opted_in"  # cases of groups that open themselves to nurses and assistants
    TEACHING = "teaching"  # closed teaching cases
    NONE = ""


class Post(StrEnum):
    """Whether a profession posts cases."""

    YES = "yes"
    SUPERVISED = "supervised"  # with a named supervisor who is a verified specialist
    NO = ""


@dataclass(frozen=True)
class Right:
    """One row of the table: what a profession may do once verified."""

    see_cases: Scope
    post: Post
    diagnose: bool
    quiz: bool


RIGHTS: Mapping[Profession, Right] = MappingProxyType(
    {
        #                                   see_cases        post             diagnose  quiz
        Profession.DERMATOLOGIST: Right(Scope.ALL, Post.YES, True, True),
        Profession.DERMATOPATHOLOGIST: Right(Scope.ALL, Post.YES, True, True),
        Profession.RESIDENT: Right(Scope.ALL, Post.SUPERVISED, True, True),
        Profession.PHYSICIAN: Right(Scope.ALL, Post.YES, True, True),
        Profession.NURSE: Right(Scope.OPTED_IN, Post.SUPERVISED, True, True),
        Profession.STUDENT: Right(Scope.TEACHING, Post.NO, False, True),
    }
)
SPECIALISTS = (Profession.DERMATOLOGIST, Profession.DERMATOPATHOLOGIST)


@dataclass(frozen=True)
class Rights:
    """What one person may do today.

    `counted_as` is "expert", "trainee", "physician", "other", or "" for an answer that does not count.
    """

    see_cases: Scope
    post: bool
    diagnose: bool
    counted_as: str
    quiz: bool = False


NOTHING = Rights(see_cases=Scope.NONE, post=False, diagnose=False, counted_as="")


def rights(member: Any) -> Rights:
    """What `member` may do today: their profession's row, or nothing for anybody not verified.

    Privacy officers and administrators get nothing here: they see no pictures, whatever their training.
    Moderating gives no further rights to cases. Costs one query for who posts under supervision.
    """
    if not isinstance(member, Member) or not member.may_see_cases:
        return NOTHING
    row = RIGHTS[Profession(member.profession)]
    return Rights(
        see_cases=row.see_cases,
        post=row.post == Post.YES or (row.post == Post.SUPERVISED and has_supervisor(member)),
        diagnose=row.diagnose,
        counted_as=COUNTED_AS[Profession(member.profession)],
        quiz=row.quiz,
    )


def has_supervisor(member: Member) -> bool:
    """Whether a verified specialist stands behind this member's posts."""
    supervisor = member.supervisor
    return supervisor is not None and supervisor.may_see_cases and supervisor.profession in SPECIALISTS


def conflicted(member: Member) -> Q:
    """Applications on which this moderator may not vote: their own, as a referee, or having stepped aside."""
    return (
        Q(member=member)
        | Q(references__member=member)
        | Q(recusals__moderator=member)
        | Q(member__supervisor=member)
        | Q(member__residents=member)
    )


def applications_of(member: Any) -> QuerySet[Application]:
    """A person's own applications."""
    if not isinstance(member, Member):
        return Application.objects.none()
    return Application.objects.filter(member=member)


def applications_to_appeal(member: Any) -> QuerySet[Application]:
    """Declined once; whether the 30 days are over is for `service.appeal` to say."""
    return applications_of(member).filter(state=State.DECLINED, round=1, member__standing=Standing.DECLINED)


def applications_in_queue(member: Any) -> QuerySet[Application]:
    """Open applications that a moderator may look at; those they have already voted on stay in sight."""
    if not isinstance(member, Member) or not member.may_moderate:
        return Application.objects.none()
    conflicts = Application.objects.filter(conflicted(member)).values("pk")
    involved = Application.objects.filter(round=2, votes__round=1, votes__moderator=member).values("pk")
    return Application.objects.filter(state__in=OPEN).exclude(pk__in=conflicts).exclude(pk__in=involved)


def applications_to_decide(member: Any) -> QuerySet[Application]:
    """Open applications on which a moderator may still vote."""
    waiting = applications_in_queue(member)
    if not isinstance(member, Member):
        return waiting
    return waiting.exclude(pk__in=Application.objects.filter(votes__moderator=member).values("pk"))


def evidence_to_see(member: Any) -> QuerySet[EvidencePicture]:
    """Pictures of open applications, for those who are about to decide them."""
    return EvidencePicture.objects.filter(
        application__in=applications_to_decide(member).values("pk"),
        destroyed_at__isnull=True,
    )


def references_to_answer(member: Any) -> QuerySet[Reference]:
    """Questions put to a member about an applicant who named them."""
    if not isinstance(member, Member) or not member.may_see_cases:
        return Reference.objects.none()
    return Reference.objects.filter(member=member, application__state__in=OPEN, answer__isnull=True)


def members_to_keep_in_order(member: Any) -> QuerySet[Member]:
    """Members whom a moderator or administrator may suspend or reinstate: never themselves.

    Moderators and officers are in an administrator's hands only.
    """
    nobody: QuerySet[Member] = Member.objects.none()
    if not isinstance(member, Member) or not member.is_verified:
        return nobody
    others: QuerySet[Member] = Member.objects.exclude(pk=member.pk).exclude(
        standing__in=[Standing.ERASED, Standing.APPLICANT]
    )
    if member.is_staff:
        return others
    if member.may_moderate:
        return others.filter(is_moderator=False, is_privacy_officer=False, is_staff=False)
    return nobody


POLICY: Policy = {
    "application.view": applications_of,
    "application.appeal": applications_to_appeal,
    "application.read": applications_in_queue,
    "application.decide": applications_to_decide,
    "evidence.view": evidence_to_see,
    "reference.answer": references_to_answer,
    "member.suspend": members_to_keep_in_order,
    "member.reinstate": members_to_keep_in_order,
}
