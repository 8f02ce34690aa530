"""Reactions to comments of colleagues: agree, or helpful; one a member, changed or taken back at will."""

from typing import Final

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Member
from consults.discussion.answers import lock_consent
from consults.discussion.models import Comment, Reaction, ReactionKind
from consults.exceptions import ChangeRefused
from core import permissions

MOST_NAMED: Final = 200  # members on the list of one comment


@transaction.atomic
def react(*, comment: Comment, by: Member, kind: str) -> None:
    """Keep a member's reaction to a comment, change it, or drop it when `kind` is "". Raises ChangeRefused."""
    if kind not in (*ReactionKind.values, ""):
        raise ChangeRefused(_("Choose “Agree” or “Helpful”."))
    if comment.case.consent_id is not None:
        lock_consent(comment.case.consent_id)
    if not permissions.allows(by, "comment.react", comment):
        raise ChangeRefused(_("This comment takes no reactions: it is yours, or not there any more."))
    if kind:
        Reaction.objects.update_or_create(comment=comment, member=by, defaults={"kind": kind})
    else:
        Reaction.objects.filter(comment=comment, member=by).delete()


def named(comment: Comment) -> list[Reaction]:
    """Return who reacted, the first ones first. One query."""
    return list(comment.reactions.select_related("member").order_by("at", "pk")[:MOST_NAMED])
