"""A change of profession, country or register: the whole check by two moderators again, while the membership goes on.

Answers keep what they counted as when they were given (`Answer.counted_as`); new ones count by the new profession.
"""

from dataclasses import dataclass

from django.db import transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.exceptions import AlreadyDecided, NotYet, NotYours
from accounts.membership.models import Member
from accounts.vetting import evidence
from accounts.vetting.applying import Claim, submit
from accounts.vetting.models import OPEN, Application, EvidenceKind, State, comparable


@dataclass(frozen=True)
class Change:
    """What an application would change: the label of the field, its present and its new value."""

    label: str | Promise
    former: str
    new: str


def may_ask(member: Member) -> bool:
    """Whether the member may ask for a change: verified, with a profession, in no office that sees no cases."""
    return member.may_see_cases and bool(member.profession)


def ask(*, member: Member, claim: Claim, picture: evidence.SentPicture | None = None) -> Application:
    """Apply for a change. Raises NotYours, AlreadyDecided, NotYet when nothing differs."""
    with transaction.atomic():
        row = Member.objects.select_for_update(no_key=True).get(pk=member.pk)
        if not may_ask(row):
            raise NotYours(_("Only verified members change what was verified. Your page says what is next."))
        if row.applications.filter(state__in=OPEN).exists():
            raise AlreadyDecided(_("Your application is already being read."))
        if not _differs(row, claim):
            raise NotYet(
                _("Profession, country, institution and register are as they were: there is nothing to change.")
            )
        confirmed = row.applications.filter(address_confirmed_at__isnull=False).exists()
        application = submit(member=row, claim=claim, confirmed=confirmed)
        if picture is not None and claim.evidence_kind == EvidenceKind.PICTURE:
            evidence.store(application=application, picture=picture)
        return application


def _differs(member: Member, claim: Claim) -> bool:
    before = member.applications.filter(state=State.ACCEPTED).order_by("-decided_at").first()
    number = comparable(claim.registry_number)
    return (
        claim.profession != member.profession
        or claim.country != str(member.country)
        or claim.institution != member.institution
        or before is None
        or (number, claim.registry_url) != (before.number_key, before.registry_url)
    )


def changes_of(application: Application) -> list[Change]:
    """Return what an open application of a verified member would change, for those who decide it."""
    member = application.member
    if not member.is_verified:
        return []
    before = member.applications.filter(state=State.ACCEPTED).order_by("-decided_at").first()
    pairs = [
        (gettext_lazy("Profession"), member.get_profession_display(), application.get_profession_display()),
        (gettext_lazy("Country"), str(member.country.name), str(application.country.name)),
        (gettext_lazy("Institution"), member.institution, application.institution),
    ]
    if before is not None:
        pairs.append((gettext_lazy("Number in the register"), before.registry_number, application.registry_number))
    return [Change(label, former, new) for label, former, new in pairs if former != new]
