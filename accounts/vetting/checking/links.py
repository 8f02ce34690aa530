"""Links between applications: what an applicant shares with other accounts, and who vouches for whom.

Everything about any number of applications is loaded in four queries.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Upper
from django.utils import timezone

from accounts.membership.models import Member, Standing
from accounts.vetting.models import Application, Mark, MarkKind, Reference, ReferenceKind, State
from audit.models import Event

NEAR = timedelta(days=7)  # within which a shared browser or network says something
SEASON = timedelta(days=90)  # over which vouching and supervising is counted
MANY_VOUCHED = 5  # applicants whom one voucher vouched for in a season
MANY_SUPERVISED = 3  # residents who named one supervisor in a season
LOOKS_ALIKE = 2  # of four quarters
TROUBLE = (Standing.SUSPENDED, Standing.DECLINED)


@dataclass(frozen=True)
class _Holder:
    """An application that has a certain mark, since when."""

    kind: str
    at: datetime
    application: UUID
    member: UUID


# kind of mark -> other account -> (when this application got it, when the other one did), for each mark they share
_Shared = dict[str, dict[UUID, list[tuple[datetime, datetime]]]]


def _shared(application: Application, groups: Iterable[Sequence[_Holder]]) -> _Shared:
    """Return what an application shares with other accounts; each group holds one mark."""
    found: _Shared = defaultdict(lambda: defaultdict(list))
    for holders in groups:
        own = next((holder.at for holder in holders if holder.application == application.pk), None)
        for holder in holders:
            if own is not None and holder.member != application.member_id:
                found[holder.kind][holder.member].append((own, holder.at))
    return found


class Links:
    """What each of these applications shares with others. Load them with their members and references."""

    def __init__(self, applications: Sequence[Application]) -> None:
        self._standing: dict[UUID, str] = {}
        self._suspended: set[UUID] = set()
        self._load_numbers(applications)
        self._load_names(applications)
        self._load_marks(applications)
        self._load_references(applications)

    # --- The same number, the same name, what became of the person before

    def _load_numbers(self, applications: Sequence[Application]) -> None:
        self._of_number: dict[str, set[UUID]] = defaultdict(set)
        self._declined: dict[UUID, set[UUID]] = defaultdict(set)
        numbers = {application.number_key for application in applications} - {""}
        applicants = {application.member_id for application in applications}
        suspensions = Event.objects.filter(
            verb="member.suspended", subject_type="member", subject_id=OuterRef("member")
        ).order_by()
        rows = Application.objects.filter(Q(number_key__in=numbers) | Q(member__in=applicants))
        for pk, key, member, state, standing, was_suspended in rows.values_list(
            "pk", "number_key", "member", "state", "member__standing", Exists(suspensions)
        ):
            if was_suspended:
                self._suspended.add(member)
            self._of_number[key].add(member)
            self._standing[member] = standing
            if state == State.DECLINED:
                self._declined[member].add(pk)

    def share_number(self, application: Application) -> set[UUID]:
        """Return the other accounts that applied with this number, however it is spelled."""
        if not application.number_key:
            return set()
        return self._of_number[application.number_key] - {application.member_id}

    def was_declined(self, application: Application) -> bool:
        """Whether an earlier application of the same person was declined."""
        return bool(self._declined[application.member_id] - {application.pk})

    def _load_names(self, applications: Sequence[Application]) -> None:
        # The database compares the names, so that both sides are folded by the same rules.
        asked = Member.objects.filter(pk__in={application.member_id for application in applications})
        alike = Member.objects.annotate(key=Upper("name")).filter(key__in=asked.values(asked_key=Upper("name")))
        self._of_name: dict[tuple[str, str], set[UUID]] = defaultdict(set)
        self._name_of: dict[UUID, str] = {}
        for pk, key, country, standing in alike.values_list("pk", "key", "country", "standing"):
            self._of_name[key, str(country)].add(pk)
            self._name_of[pk] = key
            self._standing[pk] = standing

    def share_name(self, application: Application) -> set[UUID]:
        """Return the other accounts of this name in this country."""
        key = self._name_of.get(application.member_id, "")
        return self._of_name[key, application.country.code] - {application.member_id}

    def was_suspended(self, application: Application) -> bool:
        """Whether this person was suspended before."""
        return application.member_id in self._suspended

    def in_trouble(self, members: Iterable[UUID]) -> bool:
        """Whether one of these accounts, which share something with an applicant, is suspended or declined."""
        return any(self._standing.get(member) in TROUBLE for member in members)

    # --- The same picture, address, browser

    def _load_marks(self, applications: Sequence[Application]) -> None:
        mine = Mark.objects.filter(application__in=[application.pk for application in applications])
        rows = Mark.objects.filter(value__in=mine.values("value")).values_list(
            "value", "kind", "at", "application", "application__member", "application__member__standing"
        )
        holders: dict[str, list[_Holder]] = defaultdict(list)
        for value, kind, at, pk, member, standing in rows:
            holders[value].append(_Holder(kind, at, pk, member))
            self._standing[member] = standing
        self._marks = {one.pk: _shared(one, holders.values()) for one in applications}

    def share_picture(self, application: Application) -> set[UUID]:
        """Return the other accounts that sent this picture, or a copy of it."""
        found = self._marks[application.pk]
        alike = {member for member, times in found[MarkKind.LOOKS].items() if len(times) >= LOOKS_ALIKE}
        return set(found[MarkKind.PICTURE]) | alike

    def share_address(self, application: Application) -> set[UUID]:
        """Return the other accounts whose address differs in tags, points, final digits or the department only."""
        return set(self._marks[application.pk][MarkKind.ADDRESS])

    def share_browser(self, application: Application, kind: MarkKind) -> set[UUID]:
        """Return the other accounts made in this network, or with this browser in it, within a week of one another."""
        found = self._marks[application.pk][kind]
        return {member for member, times in found.items() if any(abs(own - at) <= NEAR for own, at in times)}

    # --- Who vouches for whom

    def _load_references(self, applications: Sequence[Application]) -> None:
        named = [reference for application in applications for reference in application.references.all()]
        vouchers = {one.member_id for one in named if one.kind == ReferenceKind.VOUCHER and one.member_id}
        supervisors = [one for one in named if one.kind == ReferenceKind.SUPERVISOR]
        members = {one.member_id for one in supervisors if one.member_id}
        emails = {one.email for one in supervisors if one.email}
        theirs = Reference.objects.filter(kind=ReferenceKind.VOUCHER, application__member__in=vouchers)
        second = theirs.filter(member__isnull=False).values("member")
        vouching = Q(kind=ReferenceKind.VOUCHER, member__isnull=False) & (
            Q(application__member__in=vouchers) | Q(application__member__in=second) | Q(member__in=vouchers)
        )
        supervising = Q(kind=ReferenceKind.SUPERVISOR) & (Q(member__in=members) | Q(email__in=emails))
        rows = Reference.objects.filter(vouching | supervising).values_list(
            "kind", "application__member", "application__created_at", "member", "email"
        )
        self._vouched_by: dict[UUID, set[UUID]] = defaultdict(set)
        self._lately: Counter[UUID] = Counter()
        self._supervised: dict[UUID | str, set[UUID]] = defaultdict(set)
        since = timezone.now() - SEASON
        for kind, applicant, at, member, email in rows:
            if kind == ReferenceKind.VOUCHER:
                self._vouched_by[applicant].add(member)
                self._lately[member] += at >= since
            elif at >= since:
                self._supervised[member or email].add(applicant)

    def has_ring(self, application: Application) -> bool:
        """Whether the vouchers were vouched for by one another or by the applicant, directly or through one more."""
        vouchers = self._members(application, ReferenceKind.VOUCHER)
        closed = vouchers | {application.member_id}
        for voucher in vouchers:
            first = self._vouched_by[voucher]
            second = {far for near in first for far in self._vouched_by[near]}
            if (first | second) & closed:
                return True
        return False

    def has_busy_voucher(self, application: Application) -> bool:
        """Whether a voucher was named by many applicants lately."""
        return any(self._lately[one] >= MANY_VOUCHED for one in self._members(application, ReferenceKind.VOUCHER))

    def has_shared_supervisor(self, application: Application) -> bool:
        """Whether many residents named the same supervisor lately, a member or not."""
        return any(
            len(self._supervised[reference.member_id or reference.email]) >= MANY_SUPERVISED
            for reference in application.references.all()
            if reference.kind == ReferenceKind.SUPERVISOR and (reference.member_id or reference.email)
        )

    def _members(self, application: Application, kind: ReferenceKind) -> set[UUID]:
        return {one.member_id for one in application.references.all() if one.kind == kind and one.member_id}
