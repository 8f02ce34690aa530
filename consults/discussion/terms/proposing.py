"""Proposing a diagnosis that the list lacks, in one of the three places of an answer."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consults.discussion.models import Answer
from consults.discussion.terms.models import ProposedTerm
from consults.exceptions import ChangeRefused
from notifications.notices import Kind, tell
from screening import identifiers
from screening.identifiers import Finding
from vocabulary import terms

A_DAY: Final = timedelta(days=1)
# Diseases are called after people, so names are for the moderator to judge, who reads every proposal first.
_FOR_THE_MODERATOR: Final = (identifiers.Kind.NAME, identifiers.Kind.INITIALS)


@dataclass(frozen=True)
class OwnTerm:
    """A diagnosis in a member's own words; `parent` is the code above it or "", `place` counts from 1."""

    text: str
    language: str
    parent: str
    confidence: terms.Confidence
    place: int


def findings(text: str) -> list[Finding]:
    """Return what the screening of words finds in a proposed diagnosis, but for names."""
    return [found for found in identifiers.find(text) if found.kind not in _FOR_THE_MODERATOR]


def require_within_limit(*, by: Member) -> None:
    """Raise ChangeRefused when the member has proposed as many terms as one may in a day."""
    most = int(settings.RULES["terms_a_day"])
    lately = ProposedTerm.objects.filter(answer__member=by, made_at__gt=timezone.now() - A_DAY)
    if lately.count() >= most:
        raise ChangeRefused(
            _("You have proposed %(most)d diagnoses today. Choose the closest one in the list.") % {"most": most}
        )


def propose(*, given: Answer, term: OwnTerm) -> ProposedTerm:
    """Save a proposal with an answer, in the transaction that saves the answer."""
    try:
        with transaction.atomic():
            made = ProposedTerm.objects.create(
                answer=given,
                text=term.text,
                language=term.language,
                parent=term.parent,
                rank=term.place,
                confidence=term.confidence,
            )
    except IntegrityError as error:
        raise ChangeRefused(_("A diagnosis of yours waits for a moderator already.")) from error
    moderators = Member.objects.moderators().values_list("pk", flat=True)
    tell(Kind.PROPOSAL, moderators, view="consults:proposed_terms", by=given.member_id)
    record(verb="term.proposed", actor=given.member, subject=("proposed_term", made.pk))
    return made
