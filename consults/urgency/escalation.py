"""Escalation: a case without a dermatologist's answer goes to colleagues of its topic, then to the rota.

Who is told learns that a case waits, and sees it only through the gate. Each step is taken once a case, whatever came
of it: this site is no emergency service, and does not go on ringing.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import Count, Exists, F, OuterRef, Q, QuerySet
from django.utils import timezone

from accounts.models import Member
from accounts.policy import SPECIALISTS
from accounts.profiles.models import Profile
from audit.record import record
from consults.cases import gate
from consults.cases.gate import listing
from consults.cases.gate.models import Listing
from consults.cases.models import Case, CaseState
from consults.discussion.answers import lock_consent
from consults.discussion.models import Answer
from consults.following.lookup import followers_of_topics
from consults.urgency.models import Escalation, RotaCall, Step, UrgencyMark, Volunteer
from consults.urgency.topics import topics
from notifications.notices import Kind, tell
from vocabulary import terms, text_language

# After how long without a dermatologist's answer each step is due: from the release, or from the mark of urgency.
DUE_AFTER: Final = {Step.FOLLOWERS: timedelta(hours=24), Step.ROTA: timedelta(hours=48)}
URGENT_AFTER: Final = {
    terms.Urgency.TODAY: {Step.FOLLOWERS: timedelta(hours=2), Step.ROTA: timedelta(hours=6)},
    terms.Urgency.WEEK: {Step.FOLLOWERS: timedelta(hours=12), Step.ROTA: timedelta(hours=24)},
}
FORGOTTEN_AFTER: Final = timedelta(days=14)  # after an outage nobody is told of what waited before it
A_WEEK: Final = timedelta(days=7)
MOST_CASES: Final = 100  # in one round
MOST_FOLLOWERS: Final = 30  # told of one case
FEW_FOLLOWERS: Final = 3  # fewer of topic and language both: then of either
MOST_VOLUNTEERS: Final = 3
MOST_ASKED: Final = 120  # of whom the gate is asked for one case


def escalate_waiting() -> int:
    """Take every step that is due; return how many."""
    now = timezone.now()
    return sum(_take(case_id, step, now=now) for step in Step for case_id in _due(step, now=now))


def _due(step: Step, *, now: datetime) -> list[UUID]:
    """Return the open listed cases without a dermatologist's answer for which a step is due and not taken."""
    condition = Q(released_at__lte=now - DUE_AFTER[step])
    for level, after in URGENT_AFTER.items():
        marked = UrgencyMark.objects.filter(
            case=OuterRef("case"), ended_at=None, level=level, made_at__lte=now - after[step]
        )
        condition |= Q(Exists(marked), urgency=level, released_at__lte=now - after[step])
    waiting = Listing.objects.filter(
        condition,
        ~Exists(Escalation.objects.filter(case=OuterRef("case"), step=step)),
        no_dermatologist=True,
        state=CaseState.RELEASED,
        released_at__gt=now - FORGOTTEN_AFTER,
    )
    rows = waiting.exclude(listing.over()).order_by("released_at", "case")
    return list(rows.values_list("case", flat=True)[:MOST_CASES])


@transaction.atomic
def _take(case_id: UUID, step: Step, *, now: datetime) -> bool:
    """Take one step, unless another process has: the row that says so is written with the notices, or not at all."""
    consent_id = Case.objects.values_list("consent", flat=True).get(pk=case_id)
    if consent_id is not None:
        lock_consent(consent_id)  # as a withdrawal does first: nobody is told of a case after one
    case = (
        gate.visible_cases(gate.SOMEBODY).select_related("author").filter(pk=case_id, state=CaseState.RELEASED).first()
    )
    if case is None:
        return False
    members = _followers(case) if step == Step.FOLLOWERS else _volunteers(case, now=now)
    try:
        with transaction.atomic():
            Escalation.objects.create(case=case, step=step, told=len(members), at=now)
    except IntegrityError:
        return False
    if step == Step.ROTA:
        RotaCall.objects.bulk_create([RotaCall(volunteer_id=pk, case=case, at=now) for pk in members])
        Volunteer.objects.filter(pk__in=members).update(told=F("told") + 1)
    kind = Kind.URGENT if case.urgency else Kind.WAITING
    tell(kind, members, view="consults:case", args=[case.pk], case=case.pk)
    record(verb="case.escalated", actor=None, subject=("case", case.pk), step=str(step), members=len(members))
    return True


# --- Whom


def _specialists(case: Case) -> QuerySet[Member]:
    """Return verified specialists who could answer: neither the author nor anybody who has answered or read it."""
    answered = Answer.objects.filter(case=case, member=OuterRef("pk"))
    found: QuerySet[Member] = (
        Member.objects.verified()
        .filter(~Exists(answered), profession__in=SPECIALISTS, is_privacy_officer=False, is_staff=False)
        .exclude(pk=case.author_id)
    )
    if case.group_id is not None:
        found = found.filter(memberships__group=case.group_id)
    return found


def _who_see(case: Case, candidates: Iterable[Member], *, most: int) -> list[UUID]:
    """Return the first of these to whom the gate shows the case."""
    found: list[UUID] = []
    for member in candidates:
        if gate.visible_cases(member).filter(pk=case.pk).exists():
            found.append(member.pk)
        if len(found) == most:
            break
    return found


def topics_of(case: Case) -> frozenset[str]:
    """Return the topics of a case. One query."""
    return topics(
        site=case.site,
        age_band=case.age_band,
        monk=case.monk,
        morphology=case.morphology,
        distribution=case.distribution,
        secondary=case.secondary,
        history=case.history,
        kinds=set(case.pictures.values_list("kind", flat=True)),
    )


def _followers(case: Case) -> list[UUID]:
    """Return the specialists interested in the case's topics who speak its language; of either, where few are both.

    Interested is who says so in their profile, or follows a topic or tag of the case: neither tells the diagnosis.
    Those who were active lately come first: of members without a recent answer many are away.
    """
    speak = _says("languages", [text_language.guess(f"{case.title} {case.note}") or case.author.language])
    about = topics_of(case)
    interested = Q(Exists(_says("interests", about))) | Q(pk__in=followers_of_topics({*about, *case.tags}))
    rows = _specialists(case).annotate(lately=Count("answers", filter=Q(answers__answered_at__gt=_a_month_ago())))
    order = ("-lately", "pk")
    both = rows.filter(interested, Exists(speak)).order_by(*order)
    found = _who_see(case, both[:MOST_ASKED], most=MOST_FOLLOWERS)
    if len(found) >= FEW_FOLLOWERS:
        return found
    either = rows.filter(interested | Exists(speak)).exclude(pk__in=found).order_by(*order)
    return found + _who_see(case, either[:MOST_ASKED], most=MOST_FOLLOWERS - len(found))


def _says(field: str, codes: Iterable[str]) -> QuerySet[Profile]:
    """Return the profiles that name one of these codes in a list of codes."""
    wanted = Q(pk__in=[])
    for code in sorted(codes):
        # Containment is not for SQLite; the codes are ours and hold no character that JSON or LIKE would escape.
        wanted |= Q(**{f"{field}__icontains": f'"{code}"'})
    return Profile.objects.filter(wanted, member=OuterRef("pk"))


def _a_month_ago() -> datetime:
    return timezone.now() - timedelta(days=30)


def _volunteers(case: Case, *, now: datetime) -> list[UUID]:
    """Return the next of the rota: told of fewest cases so far, and of fewer than the limit within a week.

    Locks the rows of the rota that it looks at, so that two cases at once do not take the same turn.
    """
    most = int(settings.RULES["rota_calls_a_week"])
    lately = Count("calls", filter=Q(calls__at__gt=now - A_WEEK))
    free = Volunteer.objects.filter(member__in=_specialists(case)).annotate(lately=lately).filter(lately__lt=most)
    order: Sequence[str] = ("told", "since", "pk")
    turn = list(free.order_by(*order).values_list("pk", flat=True)[:MOST_ASKED])
    locked = list(
        Volunteer.objects.select_for_update(of=("self",)).select_related("member").filter(pk__in=turn).order_by("pk")
    )
    locked.sort(key=lambda one: (one.told, one.since, one.pk))
    busy = set(
        RotaCall.objects.filter(volunteer__in=turn, at__gt=now - A_WEEK)
        .values("volunteer")
        .annotate(n=Count("pk"))
        .filter(n__gte=most)
        .values_list("volunteer", flat=True)
    )
    return _who_see(case, [one.member for one in locked if one.pk not in busy], most=MOST_VOLUNTEERS)
