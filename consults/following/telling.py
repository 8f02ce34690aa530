"""Telling of news, in jobs: a notice says that there is something, never what; who may not see the case is not told."""

from collections.abc import Iterable
from uuid import UUID

from django.db import transaction

from accounts.models import Member
from consults.cases import gate
from consults.cases.gate.models import Listing
from consults.cases.models import Case, CaseState
from consults.discussion.models import Answer, Bookmark, Comment
from consults.following import news, searches
from consults.following.lookup import followers_of, followers_of_topics
from core.permissions import allowed_actions
from notifications import notices
from vocabulary import tags


def tell_of_release(*, case_id: UUID) -> None:
    """Tell who follows the author, the group or a topic of a case, and whose saved search finds it."""
    found = _listed(case_id)
    if found is None:
        return
    followers = followers_of(member=found.author_id, group=found.group_id)
    followers |= followers_of_topics(set(found.tags.split()))
    _tell(found, followers, searchers=searches.found_by(found, closed_only=False))


def tell_of_closing(*, case_id: UUID) -> None:
    """Tell who follows a case, or a group of diagnoses that its outcome is of, and who searches for closed ones.

    Who answered, commented on or saved it hears of an outcome anyway; of a closing without one, nobody does.
    """
    found = _listed(case_id)
    if found is None or found.state != CaseState.CLOSED:
        return
    followers = followers_of(case=case_id)
    if found.diagnosis:
        followers -= _told_of_the_outcome(case_id)
    followers |= followers_of_topics(set(tags.groups_of(found.diagnosis)))
    _tell(found, followers, searchers=searches.found_by(found, closed_only=True))


def who_may_see(members: Iterable[UUID], case: Case) -> set[UUID]:
    """Return those of these members who see a case now. A query each, compiled once for all who are alike."""
    rows = Member.objects.filter(pk__in=set(members))
    return {
        member.pk
        for member in rows.iterator(chunk_size=500)
        # For whoever sees no case at all there is no query to compile.
        if member.may_see_cases and allowed_actions(member, case, "case.view", alike=gate.asked_by(member))
    }


def _listed(case_id: UUID) -> Listing | None:
    return Listing.objects.select_related("case", "text").filter(case=case_id).first()


def _told_of_the_outcome(case_id: UUID) -> set[UUID]:
    rows = (Answer.objects.filter(case=case_id), Bookmark.objects.filter(case=case_id))
    told = {pk for some in rows for pk in some.values_list("member_id", flat=True)}
    return told | set(Comment.objects.filter(case=case_id, deleted_at=None).values_list("author_id", flat=True))


def _tell(found: Listing, followers: set[UUID], *, searchers: set[UUID]) -> None:
    """Leave a notice for each, one for whoever is both."""
    followers = who_may_see(followers - {found.author_id}, found.case)
    with transaction.atomic():
        news.tell(notices.Kind.FOLLOWED, followers, case_id=found.case_id, by=found.author_id)
        news.tell(notices.Kind.SAVED_SEARCH, searchers - followers, case_id=found.case_id, by=found.author_id)
