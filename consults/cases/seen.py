"""Who looked at the pictures of cases, as professions and counts: for the author, and for the patient by the code.

Nobody is named. Privacy officers see who looked at how much, and not at what (`compliance.audit.unusual`).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Q, QuerySet

from accounts.models import Member, Profession
from audit.models import PictureServed
from consent.models import Consent
from consults.cases.models import Case
from imaging.models import Rendition


@dataclass(frozen=True)
class SeenBy:
    """How many members of one profession looked at a picture at least once."""

    profession: str
    members: int


def seen_by(case: Case) -> list[SeenBy]:
    """Return who looked at a case, but for its author. One query, of this case's views alone."""
    return _counted(Q(photo__placement__case=case), but=[case.author_id])


def seen_under(consent: Consent) -> list[SeenBy]:
    """Return who looked at the cases under a consent, but for those who posted them. Two queries."""
    cases = Case.objects.filter(consent=consent)
    return _counted(Q(photo__placement__case__in=cases), but=cases.values_list("author_id", flat=True))


def _counted(of: Q, *, but: Iterable[UUID]) -> list[SeenBy]:
    shown = Rendition.objects.filter(of).values("pk")
    rows: QuerySet[PictureServed] = PictureServed.objects.filter(rendition_id__in=shown)
    members = Member.objects.filter(pk__in=rows.values("member_id")).exclude(pk__in=but)
    counts = dict(members.values_list("profession").annotate(n=Count("pk")).order_by())
    return [SeenBy(str(label), counts[code]) for code, label in Profession.choices if code in counts]
