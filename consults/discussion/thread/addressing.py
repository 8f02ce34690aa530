"""Addressing with “@”: whom a text names among those who see its case, who is suggested, and who is told.

Nobody outside the case's audience is found, suggested or told: to whoever writes, they are as if they did not exist.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Final
from uuid import UUID

from django.conf import settings
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import DirectoryRow, Member
from accounts.profiles.directory import NAME
from accounts.profiles.names import as_key, fold_name, without_titles
from consults.cases import gate
from consults.cases.models import Case
from consults.discussion.models import Comment, CommentHold, Mention, Role, RoleListener
from consults.exceptions import ChangeRefused
from consults.holds import HIDING
from screening import colleagues
from screening.identifiers import NOBODY, Known

MOST_MENTIONS: Final = 10  # in one comment
MOST_CALLED: Final = 200  # members whom one call of a role or a group reaches
MOST_FOUND: Final = 100  # members looked at to understand one text
MOST_SUGGESTED: Final = 8
A_DAY: Final = timedelta(days=1)
# What is written after the sign, in each language of the site; never translated, because texts are stored.
ROLE_WORDS: Final[dict[str, Role]] = {
    "dermatologists": Role.DERMATOLOGIST,
    "dermatologlar": Role.DERMATOLOGIST,
    "dermatopathologists": Role.DERMATOPATHOLOGIST,
    "dermatopatologlar": Role.DERMATOPATHOLOGIST,
    "residents": Role.RESIDENT,
    "asistanlar": Role.RESIDENT,
}


@dataclass(frozen=True)
class Addressed:
    """What a text says to whom: the names that are no patient's, and the mentions to keep."""

    known: Known = NOBODY
    mentions: Sequence[Mention] = field(default=())


def read(text: str, *, case: Case, by: Member, chosen: Iterable[UUID] = ()) -> Addressed:
    """Find out whom a text names. No query for a text without “@” and without a doctor's title.

    `chosen` are members picked from the suggestions: of two with one name they are meant. Raises ChangeRefused when it
    stays open who is meant, and for too many.
    """
    calls = colleagues.calls(text)
    if not calls:
        return Addressed()
    near = _near(case, chosen)
    far = _far(case, [call for call in calls if not _whom(call, near)])
    everybody = [*near, *(member for member in far if member not in near)]
    group = case.group.name if case.group is not None else ""
    mentions: dict[str, Mention] = {}
    for call in calls:
        if call.after_sign and (found := _mention(text, call, case=case, people=everybody, first=set(chosen))):
            mentions.setdefault(found.written, found)
    if len(mentions) > MOST_MENTIONS:
        raise ChangeRefused(_("Address at most %(most)d at once. Write to the others below.") % {"most": MOST_MENTIONS})
    authors = tuple(member.name for member in near)
    addressed = tuple(ROLE_WORDS) + ((group,) if group else ())
    known = Known(colleagues=tuple(member.name for member in everybody), authors=authors, addressed=addressed)
    return Addressed(known=known, mentions=list(mentions.values()))


def _near(case: Case, chosen: Iterable[UUID]) -> list[Member]:
    """Return those of the audience who take part here, and those who were picked. One query."""
    takes_part = Q(pk=case.author_id) | Q(Exists(Comment.objects.filter(case=case, author=OuterRef("pk"))))
    return list(gate.members_who_see(case).filter(takes_part | Q(pk__in=list(chosen)[:MOST_MENTIONS]))[:MOST_FOUND])


def _far(case: Case, calls: Sequence[colleagues.Call]) -> list[Member]:
    """Return others of the audience whom these places may name, from the directory: at most two queries.

    Two words of a name say who is meant among many; one word does where few are called so.
    """
    calls = calls[: 2 * MOST_MENTIONS]
    pairs: set[str] = set()
    singles: set[str] = set()
    for call in calls:
        words = fold_name(without_titles(" ".join(word for _end, word in call.words))).split()
        singles.update(words[:1])
        pairs.update(" ".join(words[at : at + 2]) for at in range(min(1, len(words) - 1)))
    found = _called(case, pairs) if pairs else []
    left = {word for word in singles if not any(word in fold_name(member.name).split() for member in found)}
    return found + (_called(case, left) if left else [])


def _called(case: Case, beginnings: Iterable[str]) -> list[Member]:
    rows = Q(pk__in=[])
    for beginning in sorted(beginnings):
        key = as_key(beginning)
        rows |= Q(key=key) | Q(key__gte=key + b" ", key__lt=key + b"!")
    named = DirectoryRow.objects.filter(rows, facet=NAME, member=OuterRef("pk"))
    return list(gate.members_who_see(case).filter(Exists(named))[:MOST_FOUND])


def _whom(call: colleagues.Call, people: Iterable[Member]) -> dict[Member, int]:
    """Return who is named at this place, the longest way that it can be read: member -> where the name ends."""
    ends = {member: end for member in people if (end := colleagues.end_of_name(call, member.name)) is not None}
    longest = max(ends.values(), default=0)
    return {member: end for member, end in ends.items() if end == longest}


def _mention(
    text: str, call: colleagues.Call, *, case: Case, people: Sequence[Member], first: set[UUID]
) -> Mention | None:
    """Return the mention at this place, None when nobody is named. Raises ChangeRefused when two may be meant."""
    for word, role in ROLE_WORDS.items():
        if (end := colleagues.end_of_title(call, word)) is not None:
            return Mention(written=text[call.start : end], role=role)
    if case.group is not None and (end := colleagues.end_of_title(call, case.group.name)) is not None:
        return Mention(written=text[call.start : end], group=case.group)
    found = _whom(call, people)
    if not found:
        return None
    meant = [member for member in found if member.pk in first] or list(found)
    if len(meant) > 1:
        raise ChangeRefused(
            _("More than one colleague may be meant by “@%(name)s”. Choose one from the list as you type.")
            % {"name": text[call.start : found[meant[0]]]}
        )
    return Mention(written=text[call.start : found[meant[0]]], member=meant[0])


# --- Who is suggested


@dataclass(frozen=True)
class Suggested:
    """Somebody to address: `code` tells the form whom, `words` go into the text, `note` is a profession or a kind."""

    code: str
    words: str
    note: str


def suggest(*, case: Case, by: Member, typed: str) -> list[Suggested]:
    """Return whom one may address here by what was typed after “@”: roles, the group, members of the audience.

    Members who chose not to stand in the directory are suggested only where they take part. Three queries.
    """
    begun = fold_name(typed)
    found = [
        Suggested(f"role:{role.value}", word, _("all who listen to it"))
        for word, role in ROLE_WORDS.items()
        if begun and word.startswith(begun)
    ]
    if case.group is not None and any(
        word.startswith(begun) for word in (fold_name(case.group.name), *fold_name(case.group.name).split())
    ):
        found.append(Suggested("group", case.group.name, _("the whole group")))
    people = [member for member in _near(case, ()) if member.pk != by.pk and _begins(member, begun)]
    if begun:
        people += [member for member in _in_directory(case, begun) if member.pk != by.pk and member not in people]
    found += [
        Suggested(str(member.pk), without_titles(member.name), str(member.get_profession_display()))
        for member in people
    ]
    return found[:MOST_SUGGESTED]


def _begins(member: Member, begun: str) -> bool:
    words = fold_name(without_titles(member.name)).split()
    return any(" ".join(words[at:]).startswith(begun) for at in range(len(words)))


def _in_directory(case: Case, begun: str) -> QuerySet[Member]:
    key = as_key(begun)
    named = DirectoryRow.objects.filter(facet=NAME, member=OuterRef("pk"), key__gte=key, key__lt=key + b"\xff")
    return gate.members_who_see(case).filter(Exists(named)).order_by("name", "pk")[:MOST_SUGGESTED]


# --- Who is told


def require_few_calls(mentions: Iterable[Mention], *, by: Member) -> None:
    """Refuse one call of a role or group too many within a day. Raises ChangeRefused."""
    calls = sum(mention.member_id is None for mention in mentions)
    if not calls:
        return
    lately = Mention.objects.filter(comment__author=by, comment__written_at__gt=timezone.now() - A_DAY, member=None)
    most = int(settings.RULES["calls_a_day"])
    if lately.count() + calls > most:
        raise ChangeRefused(
            ngettext(
                "You can call a role or a group once a day. Address a colleague by name instead.",
                "You can call a role or a group %(most)d times a day. Address a colleague by name instead.",
                most,
            )
            % {"most": most}
        )


def reached(mentions: Iterable[Mention], *, case: Case, by: Member) -> set[UUID]:
    """Return whom these mentions reach, of those who see the case; never whoever wrote. One query a role or group."""
    found = {mention.member_id for mention in mentions if mention.member_id is not None}
    for mention in mentions:
        if mention.member_id is None:
            found |= set(_listeners(mention, case=case).values_list("pk", flat=True)[:MOST_CALLED])
    return found - {by.pk}


def _listeners(mention: Mention, *, case: Case) -> QuerySet[Member]:
    audience = gate.members_who_see(case)
    if mention.role:
        listens = Exists(RoleListener.objects.filter(member=OuterRef("pk")))
        return audience.filter(listens, profession=mention.role).order_by("-listens_to_role__since")
    return audience.filter(memberships__group=mention.group_id).order_by("-memberships__joined_at")


def addressed_in(member: Member) -> Exists:
    """Return the condition that a comment of the case names this member, for cases whose discussion may be closed.

    It says that they are named, as their notice did, and neither by whom nor how.
    """
    hidden = Exists(CommentHold.objects.filter(comment=OuterRef("comment"), state__in=HIDING))
    return Exists(Mention.objects.filter(~hidden, member=member, comment__case=OuterRef("pk")))


# --- One's own wish


def listens(member: Member) -> bool:
    """Whether this member is told when their profession is called."""
    return RoleListener.objects.filter(member=member).exists()


def listen(*, member: Member, wanted: bool) -> None:
    """Keep or drop the wish to be told when one's profession is called. Raises ChangeRefused for other professions."""
    if not wanted:
        RoleListener.objects.filter(member=member).delete()
    elif member.profession not in Role.values:
        raise ChangeRefused(_("Your profession cannot be called by a role. Colleagues address you by name."))
    else:
        RoleListener.objects.get_or_create(member=member)
