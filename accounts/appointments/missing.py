"""Who is missing: sentences for administrators on what waits and cannot be decided by those who are there."""

from collections.abc import Callable

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.appointments.models import OfficeTerm
from accounts.membership.models import Member
from accounts.membership.yearly import service as yearly
from accounts.vetting import deadlocks
from accounts.vetting.rechecks import service as rechecks

LEAST_MODERATORS = 3  # two decide, a third where they disagree

_askers: list[Callable[[], list[str]]] = []


def ask(asker: Callable[[], list[str]]) -> None:
    """Register what an upper app has to say, at start-up; the same one again has no effect."""
    if asker not in _askers:
        _askers.append(asker)


def notes() -> list[str]:
    """Return the sentences, without names; empty when nobody is missing."""
    found = []
    moderators = Member.objects.moderators().count()
    if moderators < LEAST_MODERATORS:
        found.append(
            ngettext(
                "There is %(n)d moderator. Appoint three: two decide an application, a third when they disagree.",
                "There are %(n)d moderators. Appoint three: two decide an application, a third when they disagree.",
                moderators,
            )
            % {"n": moderators}
        )
    if not Member.objects.verified().filter(is_privacy_officer=True).exists():
        found.append(_("There is no privacy officer. Appoint one: they answer patients and read the consent audit."))
    if not Member.objects.verified().filter(is_trusted_person=True).exists():
        found.append(_("There is no trusted person. Appoint two: nobody else reads reports of mistreatment."))
    if Member.objects.verified().filter(is_staff=True).count() < 2:
        found.append(_("There is one administrator. Appoint a second one: then nobody appoints alone."))
    if OfficeTerm.objects.filter(overdue_told_at__isnull=False).exists():
        found.append(_("The last administrator's office is over and goes on. Appoint another one, or renew it."))
    late = yearly.late()
    if late:
        found.append(
            ngettext(
                "%(n)d yearly check is late. Its member lapses if no moderator decides it.",
                "%(n)d yearly checks are late. Their members lapse if no moderator decides them.",
                late,
            )
            % {"n": late}
        )
    stuck = len(deadlocks.stuck())
    if stuck:
        found.append(
            ngettext(
                "%(n)d application cannot be decided: no moderator is left who may. Appoint another one.",
                "%(n)d applications cannot be decided: no moderator is left who may. Appoint another one.",
                stuck,
            )
            % {"n": stuck}
        )
    late = rechecks.overdue()
    if late:
        found.append(
            ngettext(
                "%(n)d re-check has waited for more than a month. Ask the moderators, or appoint another one.",
                "%(n)d re-checks have waited for more than a month. Ask the moderators, or appoint more.",
                late,
            )
            % {"n": late}
        )
    return found + [note for asker in _askers for note in asker()]
