"""Warnings for moderators who decide an application."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from django.db.models import prefetch_related_objects
from django.db.models.functions import Upper
from django.utils.translation import gettext as _

from accounts.membership.models import Member, Profession
from accounts.policy import SPECIALISTS
from accounts.vetting.checking import registers
from accounts.vetting.checking.institutions import institution_key, is_free_mail
from accounts.vetting.models import Application, EvidenceKind, ReferenceKind


@dataclass(frozen=True)
class Flag:
    """A warning: `code` for machines and tests, `label` for the queue, `sentence` for the moderator."""

    code: str
    label: str
    sentence: str


def flags(application: Application, *, reader: Member | None = None) -> list[Flag]:
    """Return the warnings about an application; with `reader`, also about their own closeness to the applicant."""
    return flags_of([application], reader=reader)[application.pk]


def flags_of(applications: Sequence[Application], *, reader: Member | None = None) -> dict[UUID, list[Flag]]:
    """Return the warnings about each of these applications, in the same four queries whatever their number."""
    prefetch_related_objects(list(applications), "member", "references__member")
    duplicates = _Duplicates(applications)
    return {application.pk: _flags(application, duplicates, reader) for application in applications}


class _Duplicates:
    """Accounts that share the number or the name of one of these applicants."""

    def __init__(self, applications: Sequence[Application]) -> None:
        self.of_number: dict[str, set[UUID]] = defaultdict(set)
        numbers = {application.number_key for application in applications} - {""}
        for key, member_id in Application.objects.filter(number_key__in=numbers).values_list("number_key", "member_id"):
            self.of_number[key].add(member_id)
        # The database compares the names, so that both sides are folded by the same rules.
        asked = Member.objects.filter(pk__in={application.member_id for application in applications})
        alike = Member.objects.annotate(key=Upper("name")).filter(key__in=asked.values(asked_key=Upper("name")))
        self.of_name: dict[str, set[UUID]] = defaultdict(set)
        self.name_of: dict[UUID, str] = {}
        for pk, key in alike.values_list("pk", "key"):
            self.of_name[key].add(pk)
            self.name_of[pk] = key

    def share_number(self, application: Application) -> bool:
        return bool(self.of_number.get(application.number_key, set()) - {application.member_id})

    def share_name(self, application: Application) -> bool:
        return bool(self.of_name[self.name_of[application.member_id]] - {application.member_id})


def _flags(application: Application, duplicates: _Duplicates, reader: Member | None) -> list[Flag]:
    found: list[Flag] = []
    applicant = application.member
    if application.number_key and duplicates.share_number(application):
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
    if duplicates.share_name(application):
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
    if application.round == 2:
        found.append(Flag("appeal", _("appeal"), _("This is an appeal.")))
    return found


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
