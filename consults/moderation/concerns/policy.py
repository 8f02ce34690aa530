"""Policy of concerns: action -> rows. Trusted persons alone; moderators, officers and administrators see nothing.

Whoever is named, has reported, supervises or is supervised by either of them, or works in the house of whoever is
named is out. What one trusted person has taken, the other one does not read.
"""

from collections.abc import Iterable

from django.db.models import Q, QuerySet

from accounts.models import Member
from accounts.vetting.checking.institutions import institution_key
from consults.moderation.concerns.models import Concern, ConcernState
from core.permissions import Policy


def trusted() -> QuerySet[Member]:
    """Return the trusted persons of today."""
    found: QuerySet[Member] = Member.objects.verified().filter(
        is_trusted_person=True, is_staff=False, is_privacy_officer=False
    )
    return found


def may_hear(member: Member, concern: Concern) -> bool:
    """Whether this trusted person is free of any tie to a concern."""
    about, reporter = concern.about, concern.reporter
    if member.pk in (concern.not_again_id, reporter.pk) or _is_near(member, reporter):
        return False
    if about is None:
        return True
    same_house = bool(institution_key(member.institution)) and institution_key(member.institution) == institution_key(
        about.institution
    )
    return member.pk != about.pk and not _is_near(member, about) and not same_house


def _is_near(one: Member, other: Member) -> bool:
    return one.supervisor_id == other.pk or other.supervisor_id == one.pk


def listeners(concern: Concern, *, among: Iterable[Member] | None = None) -> list[Member]:
    """Return the trusted persons who may hear a concern, of those given or of all."""
    return [member for member in (trusted() if among is None else among) if may_hear(member, concern)]


def to_hear(member: object) -> QuerySet[Concern]:
    """Return the concerns that wait, and those that this trusted person has taken or closed."""
    if not isinstance(member, Member) or not member.may_hear_concerns:
        return Concern.objects.none()
    waiting = Concern.objects.filter(Q(state=ConcernState.WAITING) | Q(taken_by=member)).exclude(not_again=member)
    near = Q(reporter=member) | Q(about=member)
    near |= Q(reporter__supervisor=member) | Q(about__supervisor=member)
    if member.supervisor_id is not None:
        near |= Q(reporter=member.supervisor_id) | Q(about=member.supervisor_id)
    candidates = waiting.exclude(near)
    # Spellings of a house are compared by a key that no column holds; concerns that wait are few.
    house = institution_key(member.institution)
    if house:
        named = candidates.filter(about__isnull=False).exclude(about__institution="")
        known = named.values_list("pk", "about__institution")
        same = [pk for pk, where in known if institution_key(where or "") == house]
        candidates = candidates.exclude(pk__in=same)
    return candidates


def to_take(member: object) -> QuerySet[Concern]:
    """Return those that wait."""
    return to_hear(member).filter(state=ConcernState.WAITING)


def to_close(member: object) -> QuerySet[Concern]:
    """Return those that this trusted person has taken."""
    return to_hear(member).filter(state=ConcernState.TAKEN, taken_by=getattr(member, "pk", None))


def own(member: object) -> QuerySet[Concern]:
    """Return a member's own concerns."""
    return Concern.objects.filter(reporter=getattr(member, "pk", None))


def to_reopen(member: object) -> QuerySet[Concern]:
    """Return own closed concerns for which no other person was asked yet."""
    return own(member).filter(state=ConcernState.CLOSED, reopened_at=None)


POLICY: Policy = {
    "concern.hear": to_hear,
    "concern.take": to_take,
    "concern.close": to_close,
    "concern.own": own,
    "concern.reopen": to_reopen,
}
