"""Listings: candidates for feed, search and counts, kept in step with the cases.

    listing.refresh(cases=[case.pk])     in every transaction that changes who sees a case
    listing.candidates(reach)            what may be shown to a member; the gate is asked before it is

Two rules make it safe. Nothing is shown because a listing says so: whoever reads candidates asks
`visible_cases` for the few that go on the page. And `compare` finds, once a day, what a mistake left out.
"""

import logging
from collections.abc import Hashable, Iterable, Mapping, Sequence
from copy import copy
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations import Migration
from django.db.models import Count, F, Q, QuerySet
from django.db.models.functions import Greatest
from django.utils import timezone

from accounts.models import Member
from accounts.policy import Scope, rights
from audit.record import record
from consent.models import Status
from consults.cases.gate import full_text, listing_counts, listing_marks
from consults.cases.gate.models import Listing
from consults.cases.gate.visibility import listable_cases
from consults.cases.models import PUBLISHED, Case, CasePhoto, CaseState
from consults.groups.models import Membership
from core.ids import new_id
from core.unions import all_of
from vocabulary import sites, tags, terms, text_language

logger = logging.getLogger(__name__)

BATCH: Final = 500  # cases
MOST_PARTS: Final = 8
# Migrations after which all listings are written anew: what stands in them is new or has changed.
FILLED_AFTER: Final = ("0001_squashed_0025_findings_of_reports",)
COUNTED: Final = ("diagnosis", "plan")  # kinds of answers, as consults.discussion.models has them
_REGION: Final = {code: site.code for site in sites.all() if not site.parent for code in sites.within(site.code)}
_WRITTEN: Final = tuple(column.attname for column in Listing._meta.concrete_fields if column.name not in ("id", "case"))


# --- Whose candidates


@dataclass(frozen=True)
class Reach:
    """Whose cases a member sees, by group and profession; the same rule as the gate's, said of listings."""

    member_id: UUID
    groups: Mapping[UUID, str] = field(default_factory=dict)  # id -> name
    everybody: bool = True  # also what is for all vetted members
    teaching: bool = False  # closed teaching cases only
    diagnoses: bool = True  # may answer

    @property
    def inside(self) -> Q:
        """Listings for this member's eyes by group and profession; their own may lie outside."""
        rows = Q(group__in=list(self.groups))
        if self.everybody:
            rows |= Q(group=None)
        if self.teaching:
            rows &= Q(kind=terms.CaseKind.TEACHING, state=CaseState.CLOSED)
        return rows


def reach_of(member: object) -> Reach | None:
    """Return what a member's groups and profession open to them; None for nothing at all. One query."""
    if not isinstance(member, Member):
        return None
    mine = rights(member)
    if not mine.see_cases:
        return None
    rows = Membership.objects.filter(member=member)
    if mine.see_cases == Scope.OPTED_IN:
        rows = rows.filter(group__open_to_nurses=True)
    return Reach(
        member_id=member.pk,
        groups=dict(rows.values_list("group_id", "group__name")),
        everybody=mine.see_cases != Scope.OPTED_IN,
        teaching=mine.see_cases == Scope.TEACHING,
        diagnoses=mine.diagnose,
    )


def over() -> Q:
    """Listings that stand for nothing visible today: their day has come, or a setting was changed.

    A consent ends by the day in UTC and a membership by the day here: a count believes the later of the two.
    """
    gone = Q(visible_until__lte=max(timezone.localdate(), timezone.now().date()))
    return gone if settings.HISTOLOGY_EXEMPTION else gone | Q(exempt=True)


def days() -> Hashable:
    """Return everything but ids that `over` and `candidates` depend on: the key of a query in `core.prepared`."""
    return (timezone.localdate(), timezone.now().date(), settings.HISTOLOGY_EXEMPTION)


def candidates(reach: Reach) -> QuerySet[Listing]:
    """Listings that this member may be shown, the gate willing. Never fewer than the gate allows."""
    return _of_today().filter(reach.inside | Q(author=reach.member_id))


def _of_today() -> QuerySet[Listing]:
    today = min(timezone.localdate(), timezone.now().date())
    rows = Listing.objects.filter(Q(visible_until=None) | Q(visible_until__gt=today))
    return rows if settings.HISTOLOGY_EXEMPTION else rows.filter(exempt=False)


def parts(reach: Reach) -> list[QuerySet[Listing]]:
    """Return `candidates` in parts, of which an index has each in order of time; a listing may be in several.

    Whoever sees few of all cases would otherwise read past the many that are not for them to find a page of theirs.
    """
    rows = candidates(reach)
    if (reach.everybody and not reach.teaching) or len(reach.groups) > MOST_PARTS:
        return [rows]
    own = _of_today().filter(author=reach.member_id)
    if reach.teaching:
        return [own, rows.filter(kind=terms.CaseKind.TEACHING, state=CaseState.CLOSED)]
    # Not of `candidates`: that these are among them would be asked of each listing, and no index would be in order.
    return [own, *(_of_today().filter(group=group) for group in reach.groups)]


def first(parts: Sequence[QuerySet[Listing]], *, order: Sequence[str], most: int) -> QuerySet[Listing]:
    """Return the first `most` listings of these parts together, in this order."""
    if len(parts) == 1:
        return parts[0].order_by(*order)[:most]
    together = all_of(*(part.order_by(*order).values("pk")[:most] for part in parts))
    if together is None:
        return Listing.objects.none()
    return Listing.objects.filter(pk__in=together).order_by(*order)[:most]


# --- Kept in step


@transaction.atomic
def refresh(*, cases: Iterable[UUID]) -> int:
    """Bring the listings of these cases in step with the gate; return how many changed.

    Call it at the end of the transaction that changes who sees them, before the line in the log. Locks the listings
    in the order of their ids, and asks the gate only then, so that of two changes at once the later sees the earlier.
    """
    ids = sorted(set(cases))
    return sum(_refresh(ids[at : at + BATCH]) for at in range(0, len(ids), BATCH))


def _refresh(ids: list[UUID]) -> int:
    rows = Listing.objects.select_for_update().filter(case__in=ids).order_by("case")
    before = {row.case_id: row for row in rows}
    now = {row.case_id: row for row in _from_cases(ids)}
    gone = [row for pk, row in before.items() if pk not in now]
    come = [row for pk, row in now.items() if pk not in before]
    changed = []
    for pk, row in now.items():
        if pk in before:
            row.pk = before[pk].pk
            if any(getattr(row, name) != getattr(before[pk], name) for name in _WRITTEN):
                changed.append(row)
    if gone:
        Listing.objects.filter(pk__in=[row.pk for row in gone]).delete()
    Listing.objects.bulk_create(come)
    if changed:
        Listing.objects.bulk_update(changed, _WRITTEN)
    listing_counts.note(
        gone=[*gone, *(before[row.case_id] for row in changed)],
        come=[*come, *changed],
    )
    kept = [*come, *(row for pk, row in now.items() if pk in before)]
    rewritten = max(full_text.write(kept), listing_marks.write(kept))
    return len(gone) + len(come) + max(len(changed), rewritten - len(come))


def lock(condition: Q) -> None:
    """Lock the listings that fit, in the order of their ids, before several calls of `refresh` in one transaction."""
    list(Listing.objects.select_for_update(of=("self",)).filter(condition).order_by("case").values_list("pk"))


def refresh_where(condition: Q) -> int:
    """Return the same for all published cases that fit, and for those that are listed."""
    cases = set(Case.objects.filter(condition, state__in=PUBLISHED).values_list("pk", flat=True))
    listed = set(Case.objects.filter(condition, listing__isnull=False).values_list("pk", flat=True))
    return refresh(cases=cases | listed)


def follow_author(*, member_id: UUID, **_sent: object) -> None:
    """Bring an author's listings in step with their standing (`accounts.membership.lifecycle.standing_changed`)."""
    refresh_where(Q(author=member_id))


def note_answer(*, case_id: UUID, by_dermatologist: bool) -> None:
    """Count one more diagnosis. Two at once wait for one another on the listing, and both are counted."""
    rows = Listing.objects.filter(case=case_id)
    one_more = F("answers") + 1
    if by_dermatologist and rows.filter(no_dermatologist=True).update(answers=one_more, no_dermatologist=False):
        now = rows.get()
        before = copy(now)
        before.no_dermatologist = True
        listing_counts.note(gone=[before], come=[now])
    else:
        rows.update(answers=one_more)


def note_comment(*, case_id: UUID, more: int = 1) -> None:
    """Count one more comment, or with -1 one that its author deleted."""
    Listing.objects.filter(case=case_id).update(comments=Greatest(F("comments") + more, 0))


def _from_cases(ids: list[UUID]) -> list[Listing]:
    """Listings as they should be, not saved. Four queries."""
    cases = list(
        listable_cases()
        .filter(pk__in=ids)
        .annotate(
            author_until=F("author__verified_until"),
            consent_until=F("consent__expires_on"),
            consent_status=F("consent__status"),
            diagnosis=F("outcome__diagnosis"),
        )
    )
    shown = [case.pk for case in cases]
    pictures: dict[UUID, _Pictures] = {}
    for case_id, *about in CasePhoto.objects.filter(case__in=shown).values_list("case", "kind", "stain", "mode"):
        pictures.setdefault(case_id, set()).update(about)
    commented = Case.objects.filter(pk__in=shown, comments__isnull=False).order_by().values_list("pk")
    comments: dict[UUID, int] = {}
    for pk, written in commented.annotate(written=Count("comments", filter=Q(comments__deleted_at=None))):
        comments[pk] = written
    answers = {
        pk: (given, by_dermatologists)
        for pk, given, by_dermatologists in Case.objects.filter(pk__in=shown, answers__kind__in=COUNTED)
        .order_by()
        .values_list("pk")
        .annotate(given=Count("answers"), experts=Count("answers", filter=Q(answers__is_dermatologist=True)))
    }
    return [
        _listing(case, pictures.get(case.pk, set()), *answers.get(case.pk, (0, 0)), comments=comments.get(case.pk, 0))
        for case in cases
    ]


_Pictures = set[str]  # kinds, stains and modes, whose codes are all different


def _listing(case: Any, pictures: _Pictures, given: int, by_dermatologists: int, *, comments: int) -> Listing:
    exempt = case.histology_exempt and case.consent_id is None and not case.education_model
    ends = [case.author_until, None if case.consent_status == Status.ENTERED_IN_ERROR else case.consent_until]
    listing = Listing(
        case_id=case.pk,
        author_id=case.author_id,
        group_id=case.group_id,
        state=case.state,
        kind=case.kind,
        region=_REGION.get(case.site, ""),
        morphology=case.morphology,
        pictures=_in_order(terms.PictureKind, pictures),
        stains=_in_order(terms.Stain, pictures),
        modes=_in_order(terms.DermoscopyMode, pictures),
        tone=terms.tone_of(case.monk),
        language=text_language.guess(f"{case.title} {case.note}"),
        tags=" ".join([code for code in tags.codes() if code in case.tags][: tags.MOST]),
        # Threat: a teaching case holds its outcome before it is closed, and everybody is to answer it blind.
        diagnosis=(case.diagnosis or "") if case.state == CaseState.CLOSED else "",
        answers=given,
        comments=comments,
        no_dermatologist=case.state == CaseState.RELEASED and not by_dermatologists,
        sensitive=bool(case.sensitive),
        exempt=exempt,
        released_at=case.released_at,
        urgency=case.urgency if case.state == CaseState.RELEASED else "",
        urgent_until=case.urgent_until if case.state == CaseState.RELEASED else None,
        visible_until=_first_day_after(ends),
    )
    listing.case = case  # for the words
    return listing


def _in_order(choices: Any, found: set[str]) -> str:
    return " ".join(code for code in choices.values if code in found)


def _first_day_after(ends: Iterable[date | None]) -> date | None:
    last = min((end for end in ends if end is not None), default=None)
    return None if last is None else last + timedelta(days=1)


# --- Compared


def compare() -> int:
    """Find listings that are missing, stale or wrong, and counts that do not add up; repair, log and alarm.

    Reads everything, in batches: once a day. Returns how many were wrong.
    """
    wrong = _refresh_all()
    full_text.forget(connection)
    with transaction.atomic():
        wrong += listing_counts.recount()
        if wrong:
            logger.error("%s listings were not as the gate says, and were repaired", wrong)
            record(verb="listings.repaired", actor=None, subject=("listings", new_id()), count=wrong)
    return wrong


def fill_after_migration(*, plan: Iterable[tuple[Migration, bool]], **_sent: object) -> None:
    """Write the listings of all cases when a migration has made or changed what stands in them (`post_migrate`).

    That none was there is no mistake, and alarms nobody. At any other time `compare` would be right to.
    """
    if any(migration.name in FILLED_AFTER for migration, back in plan if not back):
        _refresh_all()


def _refresh_all() -> int:
    wrong = 0
    last: UUID | None = None
    while True:
        rows = Case.objects.filter(Q(state__in=PUBLISHED) | Q(listing__isnull=False)).order_by("pk")
        if last is not None:
            rows = rows.filter(pk__gt=last)
        ids = list(rows.values_list("pk", flat=True)[:BATCH])
        if not ids:
            return wrong
        wrong += refresh(cases=ids)
        last = ids[-1]
