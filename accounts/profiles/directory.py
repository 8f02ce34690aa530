"""The directory of members: candidates from an index in the order of names, confirmed by the policy.

    refresh(member.pk)              in every transaction that changes who is found, and how
    search(member, wanted, after)   one page; nobody is shown whom "profile.list" does not allow

A row that is left over therefore shows nobody; one that is missing is made good by `repair`.
"""

import base64
import binascii
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.membership.models import Member
from accounts.profiles.models import DirectoryRow, profile_of
from accounts.profiles.names import as_key, fold_name, order_key, search_keys
from core.permissions import allowed, is_among

PAGE: Final = 24
EVERYBODY: Final = ""
NAME: Final = "name"
MOST_WORDS: Final = 5  # of a search
REPAIRED_AT_ONCE: Final = 2000


@dataclass(frozen=True)
class Wanted:
    """What is looked for: the beginnings of words of a name, and codes; "" is whatever."""

    name: str = ""
    country: str = ""
    profession: str = ""
    interest: str = ""
    language: str = ""

    @property
    def facets(self) -> list[str]:
        """The facets of the codes, those with the fewest members first."""
        kinds = ("interest", "country", "language", "profession")
        return [f"{kind}:{getattr(self, kind)}" for kind in kinds if getattr(self, kind)]


@dataclass(frozen=True)
class Page:
    """Members in the order of their names, with profile and portrait; `after` leads to the next page, "" to none."""

    members: Sequence[Member]
    after: str


def search(member: Member, wanted: Wanted, *, after: str = "") -> Page:
    """Return one page of the directory as `member` sees it. Two queries; a bad `after` begins anew."""
    words = fold_name(wanted.name).split()[:MOST_WORDS]
    if wanted.name.strip() and not words:
        return Page((), "")
    rows = _candidates(words, wanted.facets)
    place = _read_cursor(after)
    if place is not None:
        key, pk = place
        rows = rows.filter(Q(key__gte=key) & (Q(key__gt=key) | Q(member__gt=pk)))
    shown = rows.filter(is_among(allowed(member, "profile.list"), "member"))
    found = list(shown.order_by("key", "member").values_list("key", "member")[: PAGE + 1])
    people = Member.objects.select_related("profile", "portrait").in_bulk([pk for _key, pk in found[:PAGE]])
    members = [people[pk] for _key, pk in found[:PAGE] if pk in people]
    return Page(members, _cursor(*found[PAGE - 1]) if len(found) > PAGE else "")


def _candidates(words: Sequence[str], facets: Sequence[str]) -> QuerySet[DirectoryRow]:
    """Return rows, one a member: those of the first word, or of the first facet, that the others confirm."""
    if words:
        rows = _beginning_with(words[0])
        # Ali Alican is found once under "ali".
        earlier = _beginning_with(words[0]).filter(member=OuterRef("member"), key__lt=OuterRef("key"))
        rows = rows.filter(~Exists(earlier))
        for word in words[1:]:
            rows = rows.filter(Exists(_beginning_with(word).filter(member=OuterRef("member"))))
        rest = facets
    else:
        first, *rest = [*facets, EVERYBODY]
        rows = DirectoryRow.objects.filter(facet=first)
        rest = [facet for facet in rest if facet != EVERYBODY]
    for facet in rest:
        rows = rows.filter(Exists(DirectoryRow.objects.filter(member=OuterRef("member"), facet=facet)))
    return rows


def _beginning_with(word: str) -> QuerySet[DirectoryRow]:
    begin = as_key(word)
    return DirectoryRow.objects.filter(facet=NAME, key__gte=begin, key__lt=begin + b"\xff")


def _cursor(key: bytes | memoryview, pk: uuid.UUID) -> str:
    return f"{base64.urlsafe_b64encode(bytes(key)).decode()}.{pk.hex}"


def _read_cursor(written: str) -> tuple[bytes, uuid.UUID] | None:
    key, _dot, pk = written.partition(".")
    try:
        return base64.urlsafe_b64decode(key.encode()), uuid.UUID(pk)
    except (binascii.Error, ValueError):
        return None


# --- The index


def rows_of(member: Member) -> set[tuple[str, bytes]]:
    """Return (facet, key) of every row that a member should have; none for anybody not in the directory."""
    profile = profile_of(member)
    if not member.may_see_cases or not profile.is_listed:
        return set()
    key = order_key(member.name)
    facets = [EVERYBODY, f"country:{member.country.code or ''}", f"profession:{member.profession}"]
    facets += [f"interest:{code}" for code in profile.interests]
    facets += [f"language:{code}" for code in profile.languages]
    return {(facet, key) for facet in facets} | {(NAME, start) for start in search_keys(member.name)}


def refresh(member_id: uuid.UUID) -> None:
    """Bring a member's rows in step with what they are now. Call in the transaction of the change."""
    member = Member.objects.select_related("profile").filter(pk=member_id).first()
    should = rows_of(member) if member is not None else set()
    had = {
        (facet, bytes(key)): pk
        for pk, facet, key in DirectoryRow.objects.filter(member=member_id).values_list("pk", "facet", "key")
    }
    gone = [pk for row, pk in had.items() if row not in should]
    if gone:
        DirectoryRow.objects.filter(pk__in=gone).delete()
    _create(member_id, should - had.keys())


def _create(member_id: uuid.UUID, rows: set[tuple[str, bytes]]) -> None:
    if rows:
        made = [DirectoryRow(member_id=member_id, facet=facet, key=key) for facet, key in sorted(rows)]
        DirectoryRow.objects.bulk_create(made, ignore_conflicts=True)


def repair() -> int:
    """Make the rows of members who have none and should, such as those of an import; return how many members."""
    rowless = ~Exists(DirectoryRow.objects.filter(member=OuterRef("pk"), facet=EVERYBODY))
    missing = Member.objects.verified().filter(rowless, is_staff=False, is_privacy_officer=False)
    found: list[Any] = list(missing.exclude(profile__is_listed=False).values_list("pk", flat=True)[:REPAIRED_AT_ONCE])
    for pk in found:
        with transaction.atomic():
            refresh(pk)
    return len(found)
