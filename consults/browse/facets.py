"""Facets: chips with counts beside the cases. One query groups the matching cases; they are counted here.

The count on a chip is the number of cases left when it is chosen too: the choices of other facets narrow it, those of
its own facet do not.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery
from django.db.models.expressions import ExpressionWrapper
from django.db.models.fields import BooleanField
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from consults.browse.filters import FACETS, STATUSES, Filters
from consults.cases.models import Case, CasePhoto, CaseState
from consults.discussion import policy
from consults.discussion.models import Answer, AnswerKind
from consults.groups.models import Group
from vocabulary import sites, terms

TITLES: dict[str, str | Promise] = {
    "only": _("Needs an answer"),
    "status": _("Status"),
    "site": _("Body site"),
    "morphology": _("Morphology"),
    "picture": _("Pictures"),
    "kind": _("Kind"),
    "group": _("Group"),
}
LABELS: dict[str, Mapping[str, str | Promise]] = {
    "only": {"unanswered": _("Unanswered by me"), "no_dermatologist": _("No dermatologist yet")},
    "status": {"open": _("Open"), "closed": _("Closed")},
    "site": {site.code: site.label for site in sites.all() if not site.parent},
    "morphology": dict(terms.Morphology.choices),
    "picture": dict(terms.PictureKind.choices),
    "kind": {"difficult": _("Open consult"), "teaching": _("Teaching case")},
}
_SITE_GROUP = {code: site.code for site in sites.all() if not site.parent for code in sites.within(site.code)}
_STATUS_OF = {str(state): status for status, state in STATUSES.items()}


@dataclass(frozen=True)
class Chip:
    """One value of a facet: `href` adds it to the filters, or removes it when it is `on`."""

    value: str
    label: str | Promise
    count: int
    on: bool
    href: str


@dataclass(frozen=True)
class Facet:
    """A titled row of chips."""

    name: str
    title: str | Promise
    chips: list[Chip]


@dataclass(frozen=True)
class _Bundle:
    """The cases that share all facet values: those values and the number of cases."""

    values: Mapping[str, frozenset[str]]
    cases: int

    def matches(self, filters: Filters, *, except_facet: str = "") -> bool:
        """Whether these cases match the filters, ignoring one facet."""
        return all(self._matches_one(filters, facet) for facet in FACETS if facet != except_facet)

    def _matches_one(self, filters: Filters, facet: str) -> bool:
        chosen = filters.values_of(facet)
        if facet == "only":  # each of these narrows further; the others widen
            return chosen <= self.values["only"]
        return not chosen or not chosen.isdisjoint(self.values[facet])


def with_badges(cases: QuerySet[Case], *, member: Member) -> QuerySet[Case]:
    """Annotate cases with `no_dermatologist` and `given`, for badges. The cost does not grow with the site."""
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member)
    by_dermatologist = Answer.objects.filter(case=OuterRef("pk"), kind=AnswerKind.DIAGNOSIS, is_dermatologist=True)
    open_ = Q(state=CaseState.RELEASED)
    return cases.annotate(
        given=Subquery(mine.values("kind")[:1]),
        no_dermatologist=_boolean(open_ & ~Q(Exists(by_dermatologist))),
    )


def with_facet_values(cases: QuerySet[Case], *, member: Member) -> QuerySet[Case]:
    """Annotate cases for facets: as `with_badges`, and `waits_for_me`. Reads all cases open to this member."""
    mine = Answer.objects.filter(case=OuterRef("pk"), member=member)
    waits = _boolean(Q(pk__in=policy.to_answer(member).values("pk")) & ~Q(Exists(mine)))
    return with_badges(cases, member=member).annotate(waits_for_me=waits)


def _boolean(condition: Q) -> "ExpressionWrapper[Q]":
    return ExpressionWrapper(condition, output_field=BooleanField())


def apply_filters(cases: QuerySet[Case], *, filters: Filters) -> QuerySet[Case]:
    """Filter cases from `with_facet_values` by the chosen values."""
    if chosen := filters.values_of("site"):
        cases = cases.filter(site__in=[code for code, group in _SITE_GROUP.items() if group in chosen])
    if chosen := filters.values_of("morphology"):
        cases = cases.filter(morphology__in=chosen)
    if chosen := filters.values_of("kind"):
        cases = cases.filter(kind__in=chosen)
    if chosen := filters.values_of("status"):
        cases = cases.filter(state__in=[STATUSES[status] for status in chosen])
    if chosen := filters.values_of("group"):
        cases = cases.filter(group_id__in=[UUID(pk) for pk in chosen])
    if chosen := filters.values_of("picture"):
        cases = cases.filter(Exists(CasePhoto.objects.filter(case=OuterRef("pk"), kind__in=chosen)))
    if "unanswered" in filters.values_of("only"):
        cases = cases.filter(Q(waits_for_me=True))
    if "no_dermatologist" in filters.values_of("only"):
        cases = cases.filter(Q(no_dermatologist=True))
    return cases


def count_facets(cases: QuerySet[Case], *, filters: Filters) -> tuple[list[Facet], int]:
    """Return the facets of cases from `with_facet_values`, and how many match all filters. Always two queries."""
    bundles = list(_bundles(cases))
    total = sum(bundle.cases for bundle in bundles if bundle.matches(filters))
    groups = Group.objects.filter(pk__in={pk for bundle in bundles for pk in bundle.values["group"]})
    labels = LABELS | {"group": {str(group.pk): group.name for group in groups}}
    facets = [_facet(name, labels=labels[name], bundles=bundles, filters=filters) for name in FACETS]
    return [facet for facet in facets if facet.chips], total


def _bundles(cases: QuerySet[Case]) -> Iterator[_Bundle]:
    kinds = terms.PictureKind.values
    has = {f"has_{n}": Exists(CasePhoto.objects.filter(case=OuterRef("pk"), kind=k)) for n, k in enumerate(kinds)}
    dimensions = ("site", "morphology", "kind", "state", "group_id", "waits_for_me", "no_dermatologist", *has)
    rows = cases.annotate(**has).order_by().values(*dimensions).annotate(cases=Count("pk"))
    for row in rows:
        only = [("unanswered", row["waits_for_me"]), ("no_dermatologist", row["no_dermatologist"])]
        yield _Bundle(
            values={
                "only": frozenset(name for name, holds in only if holds),
                "status": frozenset((_STATUS_OF[row["state"]],)),
                "site": frozenset(filter(None, (_SITE_GROUP.get(row["site"]),))),
                "morphology": frozenset((row["morphology"],)),
                "picture": frozenset(kind for n, kind in enumerate(kinds) if row[f"has_{n}"]),
                "kind": frozenset((row["kind"],)),
                "group": frozenset(filter(None, (row["group_id"] and str(row["group_id"]),))),
            },
            cases=row["cases"],
        )


def _facet(name: str, *, labels: Mapping[str, str | Promise], bundles: list[_Bundle], filters: Filters) -> Facet:
    others = [bundle for bundle in bundles if bundle.matches(filters, except_facet=name)]
    if name == "only":  # both hold together, so the other one narrows this count as well
        also = {value: filters.values_of(name) - {value} for value in labels}
    else:
        also = {value: frozenset[str]() for value in labels}
    chips = []
    for value, label in labels.items():
        cases = sum(b.cases for b in others if value in b.values[name] and also[value] <= b.values[name])
        on = value in filters.values_of(name)
        if cases or on:
            chips.append(
                Chip(value=value, label=label, count=cases, on=on, href=filters.toggled(name, value).query_string())
            )
    return Facet(name=name, title=TITLES[name], chips=chips)
