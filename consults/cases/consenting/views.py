"""Step 4: the audience of the case, and the consent that allows it."""

from uuid import UUID

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from consent import attempt_limits
from consent.models import Consent
from consent.pdf import receipt
from consent.records.lookup import find_by_code
from consent.records.recording import issue_code, mark_copy_given, record_consent
from consent.records.statement import NotRecorded
from consent.records.wording import allowed_in_words
from consults import exceptions
from consults.cases import exemption
from consults.cases.authoring import wizard
from consults.cases.consenting import case_consent
from consults.cases.consenting.forms import AudienceForm, ConsentForm, ExistingConsentForm
from consults.cases.consenting.handover.service import masked_pictures
from consults.cases.models import Case
from core.permissions import get_visible_or_404
from core.post_only import post_only


def _page(
    request: MemberRequest,
    case: Case,
    *,
    form: ConsentForm | None = None,
    audience: AudienceForm | None = None,
    existing: ExistingConsentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    form = form or ConsentForm(case=case)
    existing = existing or ExistingConsentForm(case=case)
    return render(
        request,
        "consults/cases/consenting/consent.html",
        {
            **wizard.context(case, "consent"),
            "form": form,
            "texts": form.fields["form"].queryset,  # type: ignore[attr-defined]
            "audience": audience or AudienceForm(case=case),
            "exemption": case.histology_exempt or exemption.is_offered(case),
            "existing": existing if existing.fields["consent"].queryset.exists() else None,  # type: ignore[attr-defined]
            "allowed": allowed_in_words(case.consent) if case.consent else [],
            "sealed": masked_pictures(case),
        },
        status=status,
    )


@require_http_methods(["GET", "POST"])
def consent(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Choose the audience, then record a consent or attach an existing one."""
    case: Case = get_visible_or_404(request.user, "case.edit", pk)
    if request.method == "GET":
        return _page(request, case)
    action = request.POST.get("action")
    if action == "audience":
        audience = AudienceForm(request.POST, case=case)
        if not audience.is_valid():
            return _page(request, case, audience=audience, status=422)
        try:
            case_consent.choose_audience(case=case, group=audience.cleaned_data["group"])
        except exceptions.ChangeRefused as refused:
            return _no_longer_a_draft(request, refused)
        return redirect("consults:consent", pk=pk)
    if action == "existing":
        existing = ExistingConsentForm(request.POST, case=case)
        if not existing.is_valid():
            return _page(request, case, existing=existing, status=422)
        try:
            case_consent.attach_consent(case=case, consent=existing.cleaned_data["consent"], by=request.user)
        except exceptions.ChangeRefused as refused:
            return _no_longer_a_draft(request, refused)
        return redirect("consults:check", pk=pk)
    if action == "draft":
        return _save_draft(request, case)
    if action == "exempt":
        return _state_exemption(request, case)
    if action == "code":
        return issue_code_page(request, case)
    return _record_consent(request, case)


def _save_draft(request: MemberRequest, case: Case) -> HttpResponse:
    form = ConsentForm(request.POST, case=case)
    statement = form.draft_statement()
    if statement is None:
        return _page(request, case, form=form, status=422)
    try:
        case_consent.save_consent_draft(case=case, statement=statement, by=request.user)
    except (NotRecorded, exceptions.ChangeRefused) as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Kept as a draft. Nothing is allowed before it is signed."))
    return redirect("consults:consent", pk=case.pk)


def _state_exemption(request: MemberRequest, case: Case) -> HttpResponse:
    stated = bool(request.POST.get("stated"))
    try:
        case_consent.state_exemption(case=case, by=request.user, stated=stated)
    except exceptions.ChangeRefused as refused:
        messages.error(request, refused.sentence)
        stated = False
    return redirect("consults:check" if stated else "consults:consent", pk=case.pk)


def _no_longer_a_draft(request: MemberRequest, refused: exceptions.ChangeRefused) -> HttpResponse:
    messages.error(request, refused.sentence)
    return redirect("consults:mine")


def _record_consent(request: MemberRequest, case: Case) -> HttpResponse:
    form = ConsentForm(request.POST, request.FILES, case=case)
    if not form.is_valid():
        return _page(request, case, form=form, status=422)
    try:
        with transaction.atomic():
            given, code = record_consent(statement=form.statement(), by=request.user, draft=case.draft_consent)
            case_consent.attach_consent(case=case, consent=given, by=request.user)
    except NotRecorded as refused:
        for field, sentence in refused.sentences.items():
            form.add_error(field if field in form.fields else None, sentence)
        return _page(request, case, form=form, status=422)
    except exceptions.ChangeRefused as too_late:
        return _no_longer_a_draft(request, too_late)
    return _receipt_page(request, case, code)


def issue_code_page(request: MemberRequest, case: Case) -> HttpResponse:
    """Issue the code of the case's consent after a hand-over, and show it once."""
    if case.consent is None:
        return redirect("consults:consent", pk=case.pk)
    try:
        code = issue_code(consent=case.consent, by=request.user)
    except NotRecorded as refused:
        messages.error(request, refused.sentence)
        return redirect("consults:consent", pk=case.pk)
    return _receipt_page(request, case, code)


def _receipt_page(request: MemberRequest, case: Case, code: str) -> HttpResponse:
    # Threat: the code is on this page only, in no database, log or mail.
    return render(
        request,
        "consults/cases/consenting/receipt.html",
        {**wizard.context(case, "consent"), "consent": case.consent, "code": code, "blockers": wizard.missing(case)},
    )


@post_only("consults:consent_record")
def receipt_pdf(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the receipt as PDF; the code comes from the page that shows it once and must match."""
    consent: Consent = get_visible_or_404(request.user, "consent.change", pk)
    code = request.POST.get("code", "")
    who = f"receipt {request.user.pk}"
    if attempt_limits.seconds_to_wait(limit=attempt_limits.WRONG_CODES, who=who):
        messages.error(request, _("Too many wrong codes. Wait a quarter of an hour."))
        return redirect("consults:consent_record", pk=pk)
    given = find_by_code(code)
    if given is None or given.pk != consent.pk:
        attempt_limits.count_failure(limit=attempt_limits.WRONG_CODES, who=who)
        messages.error(request, _("The receipt needs the code, which is shown only once. Make a new code below."))
        return redirect("consults:consent_record", pk=pk)
    pdf = receipt.receipt_pdf(consent=given, code=code)
    mark_copy_given(consent=given)
    return HttpResponse(
        pdf,
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="receipt.pdf"', "Cache-Control": "private, no-store"},
    )
