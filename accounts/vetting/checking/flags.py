"""Warnings for moderators who decide an application."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Prefetch, prefetch_related_objects
from django.utils.translation import gettext as _

from accounts.membership.models import Profession
from accounts.policy import SPECIALISTS
from accounts.vetting.checking import registers
from accounts.vetting.checking.institutions import institution_key, is_free_mail
from accounts.vetting.checking.links import Links
from accounts.vetting.models import Application, EvidenceKind, MarkKind, Reference, ReferenceKind

MANY_LEFT_OUT = 3  # moderators whom an applicant keeps from deciding by naming them


@dataclass(frozen=True)
class Flag:
    """A warning: `code` for machines and tests, `label` for the queue, `sentence` for the moderator."""

    code: str
    label: str
    sentence: str


def flags(application: Application) -> list[Flag]:
    """Return the warnings about an application."""
    return flags_of([application])[application.pk]


def flags_of(applications: Sequence[Application]) -> dict[UUID, list[Flag]]:
    """Return the warnings about each of these applications, in the same five queries whatever their number.

    Load them with their members.
    """
    references = Prefetch("references", Reference.objects.select_related("member"))
    prefetch_related_objects(list(applications), references)
    links = Links(applications)
    return {application.pk: list(_flags(application, links)) for application in applications}


def _flags(application: Application, links: Links) -> Iterator[Flag]:
    yield from _linked(application, links)
    number = registers.examine_number(
        country=application.country.code, profession=application.profession, number=application.registry_number
    )
    if number.is_doubtful:
        yield Flag("number_form", _("check the number"), number.sentence)
    if application.evidence_kind == EvidenceKind.EMAIL and is_free_mail(application.member.email):
        yield Flag("free_mail", _("free e-mail"), _("The e-mail address is a free one: it proves no institution."))
    if application.address_confirmed_at is None:
        sentence = _("The applicant has not confirmed the e-mail address yet.")
        yield Flag("unconfirmed", _("address not confirmed"), sentence)
    yield from _reference_flags(application)
    yield from _vouching(application, links)
    if application.round == 2:
        yield Flag("appeal", _("appeal"), _("This is an appeal."))


def _linked(application: Application, links: Links) -> Iterator[Flag]:
    """Yield what the applicant shares with other accounts, and what became of them."""
    number, name = links.share_number(application), links.share_name(application)
    picture, address = links.share_picture(application), links.share_address(application)
    device = links.share_browser(application, MarkKind.DEVICE)
    network = links.share_browser(application, MarkKind.NETWORK)
    if number:
        sentence = _("Another account has applied with the same register number.")
        yield Flag("duplicate_number", _("same number"), sentence)
    if name:
        yield Flag("same_name", _("same name"), _("There is another account with the same name in this country."))
    if picture:
        sentence = _("Another account has sent the same picture of a licence, or one that looks the same.")
        yield Flag("same_picture", _("same picture"), sentence)
    if address:
        sentence = _("Another account has the same address but for points, digits or the department.")
        yield Flag("same_address", _("same address"), sentence)
    if device:
        sentence = _("Another account was made with the same kind of browser in the same network within a week.")
        yield Flag("same_device", _("same browser"), sentence)
    elif network:
        sentence = _("Another account was made in the same network within a week. A hospital may share one.")
        yield Flag("same_network", _("same network"), sentence)
    if links.in_trouble(number | name | picture | address | device):
        sentence = _("An account that shares something with this one was declined, or is suspended.")
        yield Flag("linked_trouble", _("linked account"), sentence)
    if links.was_declined(application):
        yield Flag("declined_before", _("declined before"), _("An earlier application of this person was declined."))
    if links.was_suspended(application):
        yield Flag("suspended_before", _("suspended before"), _("This person was suspended before."))


def _vouching(application: Application, links: Links) -> Iterator[Flag]:
    """Yield what is odd about who vouches for whom."""
    if links.has_ring(application):
        sentence = _("The vouchers vouched for each other, or the applicant for them: look for an independent word.")
        yield Flag("voucher_ring", _("ring of vouchers"), sentence)
    if links.has_busy_voucher(application):
        sentence = _("A voucher was named by five applicants or more in 90 days.")
        yield Flag("busy_voucher", _("busy voucher"), sentence)
    if links.has_shared_supervisor(application):
        sentence = _("Three residents or more named the same supervisor in 90 days.")
        yield Flag("shared_supervisor", _("shared supervisor"), sentence)


def _reference_flags(application: Application) -> list[Flag]:
    found: list[Flag] = []
    references = list(application.references.all())
    vouchers = [reference for reference in references if reference.kind == ReferenceKind.VOUCHER]
    supervisors = [reference for reference in references if reference.kind == ReferenceKind.SUPERVISOR]
    if any(reference.member is None for reference in vouchers):
        found.append(Flag("unknown_voucher", _("unknown voucher"), _("A named voucher is not a verified member here.")))
    if any(
        reference.member
        and (key := institution_key(reference.member.institution))
        and key == application.institution_key
        for reference in vouchers
    ):
        found.append(
            Flag(
                "voucher_same_institution",
                _("voucher of same institution"),
                _("A voucher works at the applicant's institution."),
            )
        )
    left_out = {one.member_id for one in references if not one.is_asked and one.member and one.member.is_moderator}
    if len(left_out) >= MANY_LEFT_OUT:
        sentence = _("The applicant named three moderators or more as colleagues: they do not decide. Ask why.")
        found.append(Flag("moderators_left_out", _("names moderators"), sentence))
    if any(reference.answer is False for reference in references):
        found.append(
            Flag(
                "reference_declined",
                _("does not vouch"),
                _("A named colleague does not vouch for the applicant."),
            )
        )
    if application.profession == Profession.RESIDENT and not any(
        reference.member and reference.member.profession in SPECIALISTS for reference in supervisors
    ):
        found.append(
            Flag(
                "no_supervisor",
                _("no supervisor"),
                _("The supervisor is not a verified specialist here: posting stays closed."),
            )
        )
    return found
