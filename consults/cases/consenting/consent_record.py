"""The page of one consent, for the clinician who recorded it and for privacy officers: its effects and withdrawal.

A privacy officer sees ids, counts and states here; no picture, no title, no name of a group.
"""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.core import signing
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.access import open_to
from accounts.http import MemberRequest
from consent import hooks, lifecycle
from consent.models import Capacity, Consent, Status, Until, WithdrawnBy
from consent.records import kept_codes
from consent.records.recording import end_at_event, renew_code
from consent.records.statement import NotRecorded
from consent.records.states import Moved
from consent.records.wording import allowed_in_words
from consent.withdrawal import NotPossible, preview_withdrawal, withdraw
from consent.withdrawal.partial_withdrawal import STAFF_SALT, PartForm, PartRequest, describe_part
from consults.cases import gate
from consults.cases.consenting.code_page import lead_to_code
from consults.cases.models import Case
from core.permissions import get_visible_or_404

PART_NOTE = "consent_part_note"  # in the session, for the page that shows what will happen


class MajorityForm(forms.Form):
    """The year in which a child comes of age."""

    year = forms.IntegerField(
        min_value=1900,
        max_value=2200,
        label=gettext_lazy("Year in which the child comes of age"),
        help_text=gettext_lazy("The year only. A guardian's consent ends with it; before that you are asked to renew."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )


@open_to("member", "officer")
@require_http_methods(["GET", "POST"])
def consent_record(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show what a consent covers and withdraw it whole or in part, after a preview of the effects."""
    consent: Consent = get_visible_or_404(request.user, "consent.change", pk)
    if request.method == "GET":
        return _part_page(request, consent) if "part" in request.GET else _page(request, consent)
    action = request.POST.get("action")
    try:
        if action == "choose":
            return _choose_part(request, consent)
        if action == "part":
            return _take_back_part(request, consent)
        if action == "withdraw":
            return _withdraw(request, consent)
        if action == "error":
            lifecycle.mark_entered_in_error(consent_id=consent.pk, by=request.user)
            messages.success(request, _("Marked as recorded by mistake. Its cases are drafts again."))
        if action == "happened":
            _record_event(request, consent)
        if action == "code":
            return _new_code(request, consent)
        if action == "majority":
            return _record_majority_year(request, consent)
    except (NotPossible, NotRecorded) as refused:
        messages.error(request, refused.sentence)
    except Moved:
        messages.error(request, _("The consent has changed in the meantime. Nothing was done."))
    return redirect("consults:consent_record", pk=pk)


def _page(request: MemberRequest, consent: Consent, *, status: int = 200, **more: Any) -> HttpResponse:
    consent = Consent.objects.select_related("form").get(pk=consent.pk)
    active = Consent.objects.active().filter(pk=consent.pk).exists()
    officer = request.user.is_officer
    context = {
        "consent": consent,
        "allowed": allowed_in_words(consent, with_group=not officer),
        "held": preview_withdrawal(consent=consent),
        "covered_more": hooks.covered_more(consent),
        "cases": Case.objects.none() if officer else gate.own_cases(request.user).filter(consent=consent),
        "officer": officer,
        "active": active,
        "may_withdraw": consent.status not in (Status.DRAFT, Status.REFUSED, Status.WITHDRAWN),
        "may_err": consent.status in (Status.ACTIVE, Status.EXPIRED) and not officer,
        "removals": consent.removals.all(),
        "withdrawal": getattr(consent, "withdrawal", None),
        "form": PartForm(consent=consent, with_group=not officer) if active else None,
        "may_renew": active and not officer,
        "code_waits": bool(kept_codes.find(request, consent=consent)),
        "majority": _majority_form(consent) if active and not officer else None,
    }
    return render(request, "consults/cases/consenting/record.html", context | more, status=status)


def _choose_part(request: MemberRequest, consent: Consent) -> HttpResponse:
    form = PartForm(request.POST, consent=consent, with_group=not request.user.is_officer)
    if not form.is_valid():
        return _page(request, consent, form=form, status=422)
    wanted = PartRequest(consent.pk, form.chosen_part())
    try:
        lifecycle.preview_removal(consent_id=consent.pk, part=wanted.part)
    except NotPossible as refused:
        form.add_error(None, refused.sentence)
        return _page(request, consent, form=form, status=422)
    request.session[PART_NOTE] = wanted.to_note(salt=STAFF_SALT)
    return redirect(f"{reverse('consults:consent_record', args=[consent.pk])}?part")


def _part_page(request: MemberRequest, consent: Consent) -> HttpResponse:
    """Show what taking back the chosen part will remove; without a fresh choice, the page as it is."""
    try:
        wanted = PartRequest.from_note(request.session.get(PART_NOTE, ""), salt=STAFF_SALT)
        if wanted.consent_id != consent.pk:
            return _page(request, consent)
        foreseen = lifecycle.preview_removal(consent_id=consent.pk, part=wanted.part)
    except (signing.BadSignature, NotPossible):
        return _page(request, consent)
    more: dict[str, Any] = {
        "foreseen": foreseen,
        "nothing_held": not (foreseen.cases or foreseen.pictures),
        "taken": describe_part(wanted.part, consent=consent, with_group=not request.user.is_officer),
        "note": request.session[PART_NOTE],
        "form": PartForm(consent=consent, with_group=not request.user.is_officer),
    }
    return _page(request, consent, **more)


def _take_back_part(request: MemberRequest, consent: Consent) -> HttpResponse:
    try:
        wanted = PartRequest.from_note(request.POST.get("note", ""), salt=STAFF_SALT)
    except signing.BadSignature:
        raise NotPossible(_("More than ten minutes have passed, and nothing was changed. Choose again.")) from None
    if wanted.consent_id != consent.pk:
        raise NotPossible(_("The consent has changed in the meantime. Nothing was done."))
    if not request.POST.get("asked"):
        raise NotPossible(_("Nothing was done: say that the patient asked for it."))
    made = wanted.apply(by=_withdrawn_by(request), actor=request.user)
    request.session.pop(PART_NOTE, None)
    messages.success(request, _("Taken back. Print the certificate for the patient."))
    return redirect("consent:removed", pk=made.pk)


def _withdraw(request: MemberRequest, consent: Consent) -> HttpResponse:
    if not request.POST.get("asked"):
        raise NotPossible(_("Nothing was done: say that the patient asked for it."))
    made = withdraw(consent_id=consent.pk, by=_withdrawn_by(request), actor=request.user)
    messages.success(request, _("Withdrawn. Nobody sees it any more. Print the certificate for the patient."))
    return redirect("consent:withdrawn", pk=made.pk)


def _majority_form(consent: Consent) -> MajorityForm | None:
    return MajorityForm(initial={"year": consent.majority_year}) if consent.capacity == Capacity.CHILD else None


def _record_majority_year(request: MemberRequest, consent: Consent) -> HttpResponse:
    form = MajorityForm(request.POST)
    if not form.is_valid():
        return _page(request, consent, majority=form, status=422)
    lifecycle.note_majority(consent_id=consent.pk, year=form.cleaned_data["year"], by=request.user)
    messages.success(request, _("Noted. You will be asked to renew the consent in time."))
    return redirect("consults:consent_record", pk=consent.pk)


def _record_event(request: MemberRequest, consent: Consent) -> None:
    """Record that a treatment has ended, and the consent with it; the closing of a case is noticed without this."""
    if not end_at_event(event=Until.TREATMENT_ENDS, consent=consent, by=request.user):
        raise NotPossible(_("The consent has changed in the meantime. Nothing was done."))
    messages.success(request, _("The consent has ended. Nobody sees what was shown under it any more."))


def _new_code(request: MemberRequest, consent: Consent) -> HttpResponse:
    """Issue a new code and lead to the page that shows it."""
    if request.user.is_officer or not request.POST.get("asked"):
        raise NotPossible(_("Nothing was done: say that the patient asked for it."))
    code = renew_code(consent=consent, by=request.user)
    return lead_to_code(request, consent=consent, code=code)


def _withdrawn_by(request: MemberRequest) -> WithdrawnBy:
    return WithdrawnBy.OFFICER if request.user.is_officer else WithdrawnBy.CLINICIAN
