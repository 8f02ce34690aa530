"""The cases of an audit, page by page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import reduce
from operator import or_
from typing import Any
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from consent.models import Consent, Form, Status
from consults.models import Case, CaseState, Group, Release

EDUCATION = "education_model"
HISTOLOGY = "histology"
VISIBLE = "visible"
NOT_VISIBLE = "not_visible"
SHA256_DIGITS = 64
CHUNK_ROWS = 200
STATES = (
    Status.ACTIVE,
    Status.EXPIRED,
    Status.WITHDRAWN,
    Status.SUPERSEDED,
    Status.ENTERED_IN_ERROR,
)


@dataclass(frozen=True)
class Filter:
    """Conditions on the cases; by default none. Days are UTC and both included.

    `state` is one of STATES, EDUCATION for cases without a patient, or HISTOLOGY for those exempt from a consent.
    `route` is a Capacity, `form` a form's id,
    `group` a group's id. `expiring` means active consents that end within so many days. `gate` is VISIBLE or
    NOT_VISIBLE. `text` is an id, its first eight digits or more, or a SHA-256.
    """

    since: date | None = None
    until: date | None = None
    state: str = ""
    route: str = ""
    form: UUID | None = None
    group: UUID | None = None
    expiring: int = 0
    gate: str = ""
    text: str = ""
    exceptions_only: bool = False

    def facts(self) -> dict[str, str | int | bool]:
        """Return the filter as dates, codes and ids, for the log."""
        return {
            "since": self.since.isoformat() if self.since else "",
            "until": self.until.isoformat() if self.until else "",
            "state": self.state,
            "route": self.route,
            "form": str(self.form) if self.form else "",
            "group": str(self.group) if self.group else "",
            "expiring": self.expiring,
            "gate": self.gate,
            "text": self.text,
            "exceptions_only": self.exceptions_only,
        }

    @classmethod
    def from_facts(cls, facts: dict[str, Any]) -> "Filter":
        """Return the filter of these facts; conditions added by a later version keep their defaults."""
        return cls(
            since=date.fromisoformat(facts["since"]) if facts.get("since") else None,
            until=date.fromisoformat(facts["until"]) if facts.get("until") else None,
            state=facts.get("state", ""),
            route=facts.get("route", ""),
            form=UUID(facts["form"]) if facts.get("form") else None,
            group=UUID(facts["group"]) if facts.get("group") else None,
            expiring=facts.get("expiring", 0),
            gate=facts.get("gate", ""),
            text=facts.get("text", ""),
            exceptions_only=facts.get("exceptions_only", False),
        )

    @property
    def needs_each_row(self) -> bool:
        """Whether each case has to be examined: the database does not know the gate's answer."""
        return bool(self.exceptions_only or self.gate)

    def matches(self, *, gate_today: str, exceptions: Sequence[str]) -> bool:
        """Whether a case found by `find_cases` matches, given the gate's answer and its exceptions."""
        if self.gate and self.gate != gate_today:
            return False
        return bool(exceptions) or not self.exceptions_only


@dataclass(frozen=True)
class PageKey:
    """A position in the list: the case after which the next page begins."""

    published_at: datetime
    case_id: UUID

    def __str__(self) -> str:
        return f"{self.published_at.isoformat()}~{self.case_id}"

    @classmethod
    def parse(cls, words: str) -> "PageKey | None":
        """Return the position written as `words`, or None for invalid text."""
        moment, _sep, case_id = words.partition("~")
        try:
            at = parse_datetime(moment)
            if at is None or at.tzinfo is None:
                return None
            return cls(published_at=at.astimezone(UTC), case_id=UUID(case_id))
        except (ValueError, OverflowError):  # OverflowError: before the year 1 or after 9999 in UTC
            return None


def find_cases(wanted: Filter) -> QuerySet[Case]:
    """Return every case that was ever published, and every withdrawn one, newest first.

    Withdrawn cases are never left out. `gate` and `exceptions_only` are applied later, by `Filter.matches`, case by
    case.
    """
    found = (
        Case.objects.filter(Q(released_at__isnull=False) | Q(state=CaseState.WITHDRAWN))
        .annotate(published_at=Coalesce("released_at", "created_at"))
        .select_related("author__supervisor", "consent__form", "consent__withdrawal", "removal")
        .order_by("-published_at", "-id")
    )
    if wanted.since:
        found = found.filter(published_at__gte=_midnight(wanted.since))
    if wanted.until and wanted.until < date.max:
        found = found.filter(published_at__lt=_midnight(wanted.until + timedelta(days=1)))
    if wanted.form:
        found = found.filter(consent__form_id=wanted.form)
    if wanted.group:
        found = found.filter(group_id=wanted.group)
    if wanted.route:
        found = found.filter(consent__capacity=wanted.route)
    if wanted.expiring:
        last_day = timezone.now().date() + timedelta(days=wanted.expiring)
        found = found.filter(consent__in=Consent.objects.active().filter(expires_on__lte=last_day).values("pk"))
    return found.filter(_state_filter(wanted.state), _text_filter(wanted.text))


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time.min, tzinfo=UTC)


def _state_filter(state: str) -> Q:
    if not state:
        return Q()
    if state == EDUCATION:
        return Q(consent__isnull=True, histology_exempt=False)
    if state == HISTOLOGY:
        return Q(histology_exempt=True)
    active = Consent.objects.active().values("pk")
    if state == Status.ACTIVE:
        return Q(consent__in=active)
    if state == Status.EXPIRED:
        overdue = Q(consent__status=Status.ACTIVE, consent__expires_on__lt=timezone.now().date())
        return Q(consent__status=Status.EXPIRED) | overdue
    return Q(consent__status=state)


def _text_filter(text: str) -> Q:
    """Return the condition for cases to which this id or SHA-256 belongs."""
    digits = text.replace("-", "").lower()
    if not digits:
        return Q()
    if len(digits) == SHA256_DIGITS:
        released = Exists(Release.objects.filter(case=OuterRef("pk"), sha256=digits))
        return Q(released) | Q(consent__document_sha256=digits) | Q(consent__form__sha256=digits)
    names = ("id", "consent__id", "author__id", "group__id")
    return reduce(or_, (Q(**{f"{name}__startswith": _hyphenated(digits)}) for name in names))


def find_consents_by_number(consents: QuerySet[Consent], text: str) -> QuerySet[Consent]:
    """Return those consents whose number starts so, published or not: a patient may quote it from the receipt."""
    digits = text.replace("-", "").lower()
    if not digits or len(digits) == SHA256_DIGITS:
        return consents.none()
    return consents.filter(pk__startswith=_hyphenated(digits)).order_by("pk")


def _hyphenated(digits: str) -> str:
    """Insert hyphens as Postgres stores them; SQLite has none and Django removes them."""
    parts = (digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:])
    return "-".join(part for part in parts if part)


def fetch_page(wanted: Filter, *, after: PageKey | None, size: int) -> list[Case]:
    """Return the next `size` cases after a position."""
    found = find_cases(wanted)
    if after is not None:
        later = Q(published_at=after.published_at, id__lt=after.case_id)
        # The first condition says nothing more; it is where an index begins.
        found = found.filter(Q(published_at__lt=after.published_at) | later, Q(published_at__lte=after.published_at))
    return list(found[:size])


def iter_all(wanted: Filter, *, size: int) -> Iterator[list[Case]]:
    """Yield every case that the filter finds now, in chunks of `size`: one sort of the table, 16 bytes a case kept.

    `fetch_page` would sort the remaining cases again for each chunk, fine for a page and slow for all of them.
    """
    ids = [pk.bytes for pk in find_cases(wanted).values_list("pk", flat=True).iterator(chunk_size=2000)]
    for start in range(0, len(ids), size):
        piece = [UUID(bytes=one) for one in ids[start : start + size]]
        found = {case.pk: case for case in find_cases(Filter()).filter(pk__in=piece)}
        yield [found[pk] for pk in piece if pk in found]


def page_key_of(case: Case) -> PageKey:
    """Return the position of a case from `find_cases` in the list."""
    return PageKey(published_at=case.published_at, case_id=case.pk)  # type: ignore[attr-defined]


def used_forms() -> QuerySet[Form]:
    """Return forms under which any consent was ever recorded, for the filter."""
    # Not EXISTS: Postgres turns that into a join with every consent.
    under = Subquery(Consent.objects.filter(form=OuterRef("pk")).values("pk")[:1])
    return Form.objects.alias(under=under).filter(under__isnull=False).order_by("code", "-version", "language")


def used_groups() -> QuerySet[Group]:
    """Return groups in which any case was ever posted, for the filter."""
    return Group.objects.filter(Exists(Case.objects.filter(group=OuterRef("pk")))).order_by("name")
