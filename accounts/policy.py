"""Rights by profession, and the policy on applications and members."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.appointments.models import Appointment, AppointmentState
from accounts.conduct.models import ConductResult
from accounts.membership.models import COUNTED_AS, Member, Profession, Standing, verified_condition
from accounts.membership.supervision.models import Supervision, SupervisionState
from accounts.membership.suspension.models import Suspension, SuspensionReason, SuspensionState
from accounts.membership.yearly.models import CheckState, YearlyCheck
from accounts.profiles.policy import PROFILES
from accounts.security.recovery.judges import recoveries_for
from accounts.security.recovery.models import Recovery, RecoveryState
from accounts.vetting.checking.institutions import institution_key, mail_base
from accounts.vetting.models import (
    ASKED,
    OPEN,
    Application,
    EvidencePicture,
    EvidenceState,
    Recusal,
    Reference,
    ReferenceKind,
    State,
)
from accounts.vetting.rechecks.models import UNDER_WAY, Recheck, RecheckState
from core.permissions import Policy


class Scope(StrEnum):
    """The cases that a profession sees; `NONE` is empty, so that it is false."""

    ALL = "all"
    OPTED_IN = "opted_in"  # cases of groups that open themselves to nurses and assistants
    TEACHING = "teaching"  # closed teaching cases
    NONE = ""


class Post(StrEnum):
    """Whether a profession posts cases; `NO` is empty, so that it is false."""

    YES = "yes"
    SUPERVISED = "supervised"  # with a named supervisor who is a verified specialist
    NO = ""


@dataclass(frozen=True)
class ProfessionRights:
    """A row of RIGHTS: the rights of a profession, once verified."""

    see_cases: Scope
    post: Post
    diagnose: bool
    quiz: bool
    sensitive: bool  # sees pictures of the sensitive class, on asking, where it sees the case


RIGHTS: Mapping[Profession, ProfessionRights] = MappingProxyType(
    {
        #                                   see_cases        post             diagnose  quiz  sensitive
        Profession.DERMATOLOGIST: ProfessionRights(Scope.ALL, Post.YES, True, True, True),
        Profession.DERMATOPATHOLOGIST: ProfessionRights(Scope.ALL, Post.YES, True, True, True),
        Profession.RESIDENT: ProfessionRights(Scope.ALL, Post.SUPERVISED, True, True, True),
        Profession.PHYSICIAN: ProfessionRights(Scope.ALL, Post.YES, True, True, True),
        Profession.NURSE: ProfessionRights(Scope.OPTED_IN, Post.SUPERVISED, True, True, True),
        Profession.STUDENT: ProfessionRights(Scope.TEACHING, Post.NO, False, True, False),
    }
)
SPECIALISTS = (Profession.DERMATOLOGIST, Profession.DERMATOPATHOLOGIST)


@dataclass(frozen=True)
class Rights:
    """The rights of one person today.

    `counted_as` is "expert", "trainee", "physician", "other", or "" if answers do not count.
    """

    see_cases: Scope
    post: bool
    diagnose: bool
    counted_as: str
    quiz: bool = False
    sensitive: bool = False


NO_RIGHTS = Rights(see_cases=Scope.NONE, post=False, diagnose=False, counted_as="")


def rights(member: Any) -> Rights:
    """Return the rights of `member` today: those of their profession, or none for anybody not verified.

    Privacy officers and administrators have none: they see no pictures, whatever their training.
    Moderators have no further rights to cases. Costs one query for members who post under supervision.
    """
    if not isinstance(member, Member) or not member.may_see_cases:
        return NO_RIGHTS
    row = RIGHTS[Profession(member.profession)]
    return Rights(
        see_cases=row.see_cases,
        post=row.post == Post.YES or (row.post == Post.SUPERVISED and has_supervisor(member)),
        diagnose=row.diagnose,
        counted_as=COUNTED_AS[Profession(member.profession)],
        quiz=row.quiz,
        sensitive=row.sensitive,
    )


def has_supervisor(member: Member) -> bool:
    """Whether a verified specialist supervises this member's posts."""
    supervisor = member.supervisor
    return supervisor is not None and supervisor.may_see_cases and supervisor.profession in SPECIALISTS


def needs_supervisor(member: Member) -> bool:
    """Whether this member posts under supervision only."""
    return member.may_see_cases and RIGHTS[Profession(member.profession)].post == Post.SUPERVISED


def supervising_members() -> QuerySet[Member]:
    """Return the members who may supervise: verified specialists without an office that sees no cases."""
    found: QuerySet[Member] = Member.objects.verified().filter(
        profession__in=SPECIALISTS, is_staff=False, is_privacy_officer=False
    )
    return found


def questions_to_supervise(member: Any) -> QuerySet[Supervision]:
    """Return the questions of residents and nurses to this specialist, while they are verified too."""
    nobody = Supervision.objects.none()
    if not isinstance(member, Member) or not (member.may_see_cases and member.profession in SPECIALISTS):
        return nobody
    return Supervision.objects.filter(verified_condition("resident__"), supervisor=member, state=SupervisionState.ASKED)


def supervised_members(member: Any) -> QuerySet[Member]:
    """Return the members whom this one supervises."""
    nobody: QuerySet[Member] = Member.objects.none()
    if not isinstance(member, Member) or not member.is_verified:
        return nobody
    found: QuerySet[Member] = Member.objects.filter(supervisor=member)
    return found


def checks_to_decide(member: Any) -> QuerySet[YearlyCheck]:
    """Return the yearly checks that a moderator may decide: of nobody whom they work with, supervise or vouched for."""
    if not isinstance(member, Member) or not member.may_moderate:
        return YearlyCheck.objects.none()
    near = Q(member=member) | Q(member__supervisor=member) | Q(member__residents=member)
    near |= Q(application__references__member=member)
    if member.institution:
        near |= Q(member__institution__iexact=member.institution)
    conflicts = YearlyCheck.objects.filter(near, state=CheckState.WAITING).values("pk")
    return YearlyCheck.objects.filter(state=CheckState.WAITING).exclude(pk__in=conflicts)


def conflict_of_interest(member: Member) -> Q:
    """Build the condition under which a moderator may neither read nor decide an application (docs/vetting.md).

    It is their own, or the applicant's: who named whom as voucher, supervisor, mentor or colleague in any application,
    who supervises whom, whose applications they stepped aside from, and who works at the same institution, by its name
    or by its mail. `accounts.vetting.deadlocks` counts by the same rules.
    """
    naming = Reference.objects.filter(member=member).values("application__member")
    named = Reference.objects.filter(application__member=member, member__isnull=False).values("member")
    left_to_others = Recusal.objects.filter(moderator=member).values("application__member")
    near = Q(member=member) | Q(member__in=naming) | Q(member__in=named) | Q(member__in=left_to_others)
    own_supervisor = Member.objects.filter(residents=member).values("pk")
    near |= Q(member__supervisor=member) | Q(member__in=own_supervisor)
    return near | _same_house(member)


def _same_house(member: Member) -> Q:
    """Build the condition that the applicant works where this member does, by name or by mail."""
    same = Q(pk__in=[])
    if key := institution_key(member.institution):
        same |= Q(institution_key=key)
    if base := mail_base(member.email):
        same |= Q(member__email__endswith=f"@{base}") | Q(member__email__endswith=f".{base}")
    return same


def applications_of(member: Any) -> QuerySet[Application]:
    """Return a person's own applications."""
    if not isinstance(member, Member):
        return Application.objects.none()
    return Application.objects.filter(member=member)


def applications_to_appeal(member: Any) -> QuerySet[Application]:
    """Return applications declined once; `decisions.appeal` checks the 30 days."""
    # A member whose early renewal was declined is verified until the last day, and lapsed after it.
    standings = (Standing.DECLINED, Standing.VERIFIED, Standing.LAPSED)
    declined = applications_of(member).filter(state=State.DECLINED, round=1, member__standing__in=standings)
    newer = Application.objects.filter(member=OuterRef("member"), created_at__gt=OuterRef("created_at"))
    return declined.filter(~Exists(newer))


def applications_in_queue(member: Any) -> QuerySet[Application]:
    """Return open applications that a moderator may read, including those they have already voted on."""
    if not isinstance(member, Member) or not member.may_moderate:
        return Application.objects.none()
    conflicts = Application.objects.filter(conflict_of_interest(member)).values("pk")
    involved = Application.objects.filter(round=2, votes__round=1, votes__moderator=member).values("pk")
    return Application.objects.filter(state__in=OPEN).exclude(pk__in=conflicts).exclude(pk__in=involved)


def applications_to_decide(member: Any) -> QuerySet[Application]:
    """Return open applications on which a moderator may still vote."""
    waiting = applications_in_queue(member)
    if not isinstance(member, Member):
        return waiting
    return waiting.exclude(pk__in=Application.objects.filter(votes__moderator=member).values("pk"))


def evidence_to_see(member: Any) -> QuerySet[EvidencePicture]:
    """Return the clean pictures of the open applications that a moderator is about to decide."""
    return EvidencePicture.objects.filter(
        state=EvidenceState.CLEAN,
        application__in=applications_to_decide(member).values("pk"),
        destroyed_at__isnull=True,
    )


def rechecks_to_decide(member: Any) -> QuerySet[Recheck]:
    """Return the re-checks under way that a moderator may decide: of applications that they had no part in."""
    if not isinstance(member, Member) or not member.may_moderate:
        return Recheck.objects.none()
    conflicts = Application.objects.filter(conflict_of_interest(member)).values("pk")
    involved = Application.objects.filter(votes__moderator=member).values("pk")
    open_to_them = Recheck.objects.filter(state__in=UNDER_WAY).exclude(votes__moderator=member)
    return open_to_them.exclude(application__in=conflicts).exclude(application__in=involved)


def rechecks_to_act_on(member: Any) -> QuerySet[Recheck]:
    """Return the re-checks that did not confirm a membership which still stands, for moderators without a conflict."""
    if not isinstance(member, Member) or not member.may_moderate:
        return Recheck.objects.none()
    conflicts = Application.objects.filter(conflict_of_interest(member)).values("pk")
    found = Recheck.objects.filter(state=RecheckState.OVERTURNED, application__member__standing=Standing.VERIFIED)
    return found.exclude(application__in=conflicts)


def references_to_answer(member: Any) -> QuerySet[Reference]:
    """Return unanswered questions to a member about applicants who named them."""
    if not isinstance(member, Member) or not member.may_see_cases:
        return Reference.objects.none()
    # A supervisor may say yes later: until then the resident posts nothing.
    late = Q(kind=ReferenceKind.SUPERVISOR, application__state=State.ACCEPTED)
    waits = Q(application__state__in=OPEN, application__address_confirmed_at__isnull=False) | late
    return Reference.objects.filter(waits, member=member, answer__isnull=True, kind__in=ASKED)


def suspendable_members(member: Any) -> QuerySet[Member]:
    """Return members whom a moderator or administrator may suspend or reinstate: never themselves.

    Only an administrator may suspend moderators and officers.
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


def liftable_members(member: Any) -> QuerySet[Member]:
    """Return members whose suspension somebody may lift: not their own doing, unless the member asked for it.

    Whoever suspends alone may lift what they imposed only while nobody else could.
    """
    nobody: QuerySet[Member] = Member.objects.none()
    if not isinstance(member, Member):
        return nobody
    mine = Suspension.objects.filter(~Q(state=SuspensionState.LIFTED), member=OuterRef("pk"), by=member)
    mine = mine.exclude(reason=SuspensionReason.REQUESTED)
    return suspendable_members(member).filter(~Q(Exists(mine)) | ~_somebody_else_may_lift(member))


def _somebody_else_may_lift(member: Member) -> Q:
    """Build the condition on members that another moderator, or administrator, could lift their suspension."""
    others = Member.objects.verified().exclude(pk=member.pk).exclude(pk=OuterRef("pk"))
    of_all = Q(Exists(others.filter(is_staff=True)))
    of_members = Q(Exists(others.filter(is_moderator=True, is_privacy_officer=False, is_staff=False)))
    holds_no_office = Q(is_moderator=False, is_privacy_officer=False, is_staff=False)
    return of_all | (holds_no_office & of_members)


def suspensions_to_answer(member: Any) -> QuerySet[Suspension]:
    """Return the appealed suspensions that somebody uninvolved may answer."""
    return Suspension.objects.filter(state=SuspensionState.APPEALED, member__in=liftable_members(member).values("pk"))


def appointments(member: Any) -> QuerySet[Appointment]:
    """Return the appointments that wait, for administrators."""
    if not isinstance(member, Member) or not (member.is_verified and member.is_staff):
        return Appointment.objects.none()
    return Appointment.objects.filter(state=AppointmentState.WAITING)


def appointments_to_confirm(member: Any) -> QuerySet[Appointment]:
    """Return those that another administrator proposed, and that are not about this one."""
    pk = getattr(member, "pk", None)
    return appointments(member).exclude(proposed_by=pk).exclude(member=pk, takes=True)


def conduct_results(member: Any) -> QuerySet[ConductResult]:
    """Return a member's own results of the conduct module, the latest first."""
    if not isinstance(member, Member) or not member.may_see_cases:
        return ConductResult.objects.none()
    return ConductResult.objects.filter(member=member).order_by("-passed_at", "id")


def recoveries_to_read(member: Any) -> QuerySet[Recovery]:
    """Return recoveries that wait for findings, for those who may have one (`recovery.judges`), given or not."""
    if not isinstance(member, Member) or not (member.may_moderate or (member.is_verified and member.is_staff)):
        return Recovery.objects.none()
    return Recovery.objects.filter(state=RecoveryState.CONFIRMED, pk__in=recoveries_for(member))


def recoveries_to_decide(member: Any) -> QuerySet[Recovery]:
    """Return those on which this person's finding is missing."""
    return recoveries_to_read(member).exclude(votes__by=getattr(member, "pk", None))


POLICY: Policy = {
    "recovery.read": recoveries_to_read,
    "recovery.decide": recoveries_to_decide,
    "check.decide": checks_to_decide,
    "supervision.answer": questions_to_supervise,
    "supervision.end": supervised_members,
    "appointment.confirm": appointments_to_confirm,
    "appointment.refuse": appointments,
    "application.view": applications_of,
    "application.appeal": applications_to_appeal,
    "application.read": applications_in_queue,
    "application.decide": applications_to_decide,
    "evidence.view": evidence_to_see,
    "recheck.decide": rechecks_to_decide,
    "conduct.certificate": conduct_results,
    "reference.answer": references_to_answer,
    "member.suspend": suspendable_members,
    "member.reinstate": liftable_members,
    "suspension.answer": suspensions_to_answer,
    **PROFILES,
}
