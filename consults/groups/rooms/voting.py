"""Voting in a poll: one vote a member, for good, and nobody learns whose.

That somebody voted and what they chose are two rows that nothing joins: a ballot without an option and without a time,
and a number beside an option. Both change in one transaction, so that a vote is never counted twice or lost.
"""

from dataclasses import dataclass
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from accounts.models import Member
from consults.exceptions import ChangeRefused
from consults.groups.rooms.models import Ballot, PollOption, Post
from core import permissions


@dataclass(frozen=True)
class Line:
    """An option with its votes and its share in whole percent."""

    text: str
    votes: int
    percent: int


@dataclass(frozen=True)
class Result:
    """A poll as its reader sees it: `lines` are empty until they have voted, or it is over, and enough have voted."""

    voted: bool
    is_over: bool
    votes: int
    lines: tuple[Line, ...]

    @property
    def too_few(self) -> bool:
        """Whether the figures would tell who chose what."""
        return (self.voted or self.is_over) and not self.lines


@transaction.atomic
def vote(*, poll: Post, by: Member, option: UUID) -> None:
    """Vote, once. Leaves no line in the log, which would tell the time. Raises ChangeRefused."""
    if not permissions.allows(by, "post.vote", poll):
        raise ChangeRefused(_("You have voted already, or this poll is over."))
    try:
        with transaction.atomic():
            Ballot.objects.create(poll=poll, member=by)
    except IntegrityError as error:
        raise ChangeRefused(_("You have voted already.")) from error
    if not PollOption.objects.filter(poll=poll, pk=option).update(votes=F("votes") + 1):
        raise ChangeRefused(_("Choose one of the options."))


def result(*, poll: Post, reader: Member) -> Result:
    """Return what this reader may know of the votes. Two queries."""
    voted = Ballot.objects.filter(poll=poll, member=reader).exists()
    options = list(poll.options.all())
    every = sum(option.votes for option in options)
    shows = (voted or poll.is_over()) and every >= int(settings.RULES["poll_from"])
    lines = tuple(Line(one.text, one.votes, round(100 * one.votes / every)) for one in options) if shows else ()
    return Result(voted=voted, is_over=poll.is_over(), votes=every if voted or poll.is_over() else 0, lines=lines)
