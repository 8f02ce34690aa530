"""Starting a follow-up of a published case, and the consents that end with the case.

A follow-up is a row of Case that follows another: drafts, studio, consent, second read and withdrawal are those of a
case. The gate shows it with the case that it follows and nowhere else (`gate.visibility.visible_additions`).
"""

from collections.abc import Iterable
from typing import Final

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.models import Member
from audit.record import record
from consent.models import Consent, Until
from consent.records.recording import end_at_event
from consults.cases.models import EDITABLE, Case, CaseState
from consults.exceptions import ChangeRefused

MOST_ADDITIONS: Final = 12  # of one case, those that were taken back not counted
# The patient and the place are the same, so the checks that need them have them; what readers see stands with the case.
SHARED: Final = ("title", "kind", "question", "age_band", "sex", "site", "laterality", "education_model", "sensitive")


@transaction.atomic
def start(*, case: Case, by: Member) -> Case:
    """Start a follow-up of an own published case, or return the one that is still a draft. Raises ChangeRefused."""
    followed = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not followed.published or followed.follows_id is not None or followed.author_id != by.pk:
        raise ChangeRefused(_("Something can be added only to your own case while it is shown."))
    begun = followed.additions.filter(state__in=EDITABLE).order_by("created_at").first()
    if begun is not None:
        return begun
    if followed.additions.exclude(state=CaseState.WITHDRAWN).count() >= MOST_ADDITIONS:
        raise ChangeRefused(_("This case has 12 follow-ups, which is the most there may be."))
    if Case.objects.filter(author=by, state=CaseState.DRAFT).count() >= settings.RULES["drafts"]:
        raise ChangeRefused(_("You have as many drafts as there may be. Send or delete one first."))
    addition = Case.objects.create(
        author=by,
        follows=followed,
        group=followed.group,
        simulated=followed.simulated,
        **{name: getattr(followed, name) for name in SHARED},
    )
    record(verb="case.followup_started", actor=by, subject=("case", addition.pk), follows=str(followed.pk))
    return addition


def lock_consents(case: Case) -> None:
    """Lock the consents of a case and of its follow-ups before the case itself, in the order of their ids.

    A release of a follow-up locks that of the case and its own in the same order.
    """
    mine = Consent.objects.filter(Q(pk=case.consent_id) | Q(cases__follows=case)).values("pk")
    list(Consent.objects.select_for_update().filter(pk__in=mine).order_by("pk").values_list("pk"))


def end_with_case(case: Case) -> None:
    """End the consents of follow-ups that were given until the case is closed; it is."""
    for addition in _live(case.additions.select_related("consent")):
        if addition.consent is not None:
            end_at_event(event=Until.CASE_CLOSED, consent=addition.consent)


def _live(additions: Iterable[Case]) -> list[Case]:
    return [addition for addition in additions if addition.state != CaseState.WITHDRAWN]
