"""New groups: proposed by one specialist and confirmed by a second one, or made by an administrator.

Threat: one member makes groups with names that a patient takes for something else, or finds out by trying which closed
groups there are.
"""

from datetime import timedelta
from typing import Final

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.models import Event
from audit.record import record
from consults.exceptions import ChangeRefused
from consults.findings import sentences
from consults.groups import naming, policy, telling
from consults.groups.models import Group, GroupProposal, Membership, ProposalState
from consults.groups.naming import NameRefused
from consults.groups.states import PROPOSAL
from core import permissions
from screening import identifiers

NAME_REFUSED: Final = "group.name_refused"


def propose(
    *, by: Member, second: Member, name: str, description: str, purpose: str, kind: str, open_to_nurses: bool
) -> GroupProposal:
    """Propose a group to a second specialist. Raises ChangeRefused, NameRefused.

    A refused name is counted, and after a few of them none is looked at for a day.
    """
    _require_tries_left(by)
    try:
        return _propose(
            by=by,
            second=second,
            name=name,
            description=description,
            purpose=purpose,
            kind=kind,
            open_to_nurses=open_to_nurses,
        )
    except NameRefused:
        with transaction.atomic():
            record(verb="group.name_refused", actor=by, subject=("member", by.pk))
        raise


def _require_tries_left(by: Member) -> None:
    lately = timezone.now() - timedelta(days=1)
    tries = Event.objects.filter(subject_type="member", subject_id=by.pk, verb=NAME_REFUSED, at__gt=lately).count()
    if tries >= int(settings.RULES["group_names_a_day"]):
        raise ChangeRefused(_("You have tried as many names as one may in a day. Go on tomorrow."))


@transaction.atomic
def _propose(*, by: Member, second: Member, **facts: str | bool) -> GroupProposal:
    rows = Member.objects.select_for_update(no_key=True).filter(pk__in=(by.pk, second.pk)).order_by("pk")
    known = {row.pk: row for row in rows}
    if not policy.may_propose(known[by.pk]):
        raise ChangeRefused(_("A verified dermatologist or dermatopathologist proposes a group."))
    if second.pk == by.pk or not policy.may_propose(known[second.pk]):
        raise ChangeRefused(
            _("The second one is another verified dermatologist or dermatopathologist. Choose somebody else.")
        )
    mine = GroupProposal.objects.filter(by=by)
    if policy.waiting_proposals().filter(by=by).count() >= int(settings.RULES["group_proposals_waiting"]):
        raise ChangeRefused(_("Your earlier proposals wait for an answer. Take one back first."))
    lately = timezone.now() - timedelta(days=30)
    if mine.filter(made_at__gt=lately).count() >= int(settings.RULES["group_proposals_a_month"]):
        raise ChangeRefused(_("You have proposed as many groups as one may in a month. Ask a colleague to propose it."))
    name, facts["description"] = naming.tidy(str(facts.pop("name"))), screened(str(facts["description"]))
    naming.check(name)
    _require_free(name)
    expire_proposals(name=name)
    try:
        with transaction.atomic():
            made = GroupProposal.objects.create(by=by, second=second, name=name, **facts)
    except IntegrityError as error:
        raise naming.refuse() from error
    telling.enqueue(telling.PROPOSED, about=made.pk)
    record(verb="group.proposed", actor=by, subject=("group_proposal", made.pk), second=str(second.pk), kind=made.kind)
    return made


@transaction.atomic
def answer_proposal(*, proposal: GroupProposal, by: Member, confirm: bool) -> Group | None:
    """Confirm a proposal as the second specialist, or refuse it; both moderate the group. Raises ChangeRefused."""
    ids = sorted((proposal.by_id, by.pk))
    known = {row.pk: row for row in Member.objects.select_for_update(no_key=True).filter(pk__in=ids).order_by("pk")}
    if not permissions.allows(known[by.pk], "group_proposal.answer", proposal):
        raise ChangeRefused(_("Another member answers this, or it is over already."))
    made = None
    if confirm:
        if not policy.may_propose(known[proposal.by_id]):
            raise ChangeRefused(_("Whoever proposed this is not a verified specialist any more. Propose it yourself."))
        made = _create(
            name=proposal.name,
            description=proposal.description,
            purpose=proposal.purpose,
            kind=proposal.kind,
            open_to_nurses=proposal.open_to_nurses,
        )
        for member_id in ids:
            Membership.objects.create(group=made, member_id=member_id, is_moderator=True)
    to = ProposalState.CONFIRMED if confirm else ProposalState.REFUSED
    PROPOSAL.move(proposal, to=to, decided_at=timezone.now(), group=made)
    telling.enqueue(telling.DECIDED, about=proposal.pk)
    record(verb="group.proposal_answered", actor=by, subject=("group_proposal", proposal.pk), confirmed=confirm)
    if made is not None:
        _record_made(made, by=by)
    return made


@transaction.atomic
def take_back_proposal(*, proposal: GroupProposal, by: Member) -> None:
    """Take an own proposal back. Raises ChangeRefused."""
    PROPOSAL.move(proposal, to=ProposalState.TAKEN_BACK, decided_at=timezone.now())
    record(verb="group.proposal_taken_back", actor=by, subject=("group_proposal", proposal.pk))


def expire_proposals(**where: object) -> int:
    """Mark proposals that nobody has answered in time; return how many."""
    due = GroupProposal.objects.filter(expires_at__lte=timezone.now())
    if "name" in where:
        due = due.filter(name_key=naming.key_of(str(where["name"])))
    return PROPOSAL.update(due, to=ProposalState.EXPIRED, decided_at=timezone.now())


@transaction.atomic
def make(*, name: str, description: str, purpose: str, kind: str, open_to_nurses: bool, by: Member) -> Group:
    """Make a group without members, as an administrator, who then says who moderates it. Raises NameRefused."""
    name = naming.tidy(name)
    naming.check(name)
    made = _create(
        name=name, description=screened(description), purpose=purpose, kind=kind, open_to_nurses=open_to_nurses
    )
    _record_made(made, by=by)
    return made


def screened(text: str, *, known: identifiers.Known = identifiers.NOBODY) -> str:
    """Return a text about a group without what could identify a patient; `known` are none. Raises ChangeRefused."""
    text = text.strip()
    found = identifiers.find(text, known=known)
    if found:
        raise ChangeRefused(" ".join(sentences(found)))
    return text


def _require_free(name: str) -> None:
    if Group.objects.filter(name_key=naming.key_of(name)).exists():
        raise naming.refuse()


def _create(*, name: str, description: str, purpose: str, kind: str, open_to_nurses: bool) -> Group:
    try:
        with transaction.atomic():
            return Group.objects.create(
                name=name, description=description, purpose=purpose, kind=kind, open_to_nurses=open_to_nurses
            )
    except IntegrityError as error:
        raise naming.refuse() from error


def _record_made(group: Group, *, by: Member) -> None:
    record(
        verb="group.made",
        actor=by,
        subject=("group", group.pk),
        kind=group.kind,
        purpose=group.purpose,
        open_to_nurses=group.open_to_nurses,
    )
