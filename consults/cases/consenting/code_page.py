"""The page of a withdrawal code that was just issued, and the receipt with it.

The code stands on a page of its own that can be loaded again, in any language, until the clinician says that the
patient has it. Threat: a code on a page that only the answer to a form shows; one reload and the patient has none.
"""

from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.http import MemberRequest
from consent.models import Consent
from consent.pdf import receipt
from consent.pdf.qr import qr_path
from consent.records import kept_codes
from consent.records.picture_numbers import numbered_pictures
from consent.records.recording import mark_copy_given
from consults.cases.authoring import wizard
from consults.cases.models import Case
from core.permissions import allowed, get_visible_or_404
from core.post_only import post_only


def lead_to_code(request: MemberRequest, *, consent: Consent, code: str, case: Case | None = None) -> HttpResponse:
    """Keep a code that was just issued, and redirect to its page; `case`: the draft that it was issued for."""
    numbered_pictures(consent)  # as they are when the receipt is made
    kept_codes.keep(request, consent=consent, code=code, case=case.pk if case else None)
    return redirect("consults:code", pk=consent.pk)


@require_safe
@never_cache
def code(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the code with its QR code, until it is given."""
    consent: Consent = get_visible_or_404(request.user, "consent.change", pk)
    kept = kept_codes.find(request, consent=consent)
    if not kept:
        return _no_code(request, consent)
    case = _case(request, consent)
    context = {
        "consent": consent,
        "code": kept,
        "qr": qr_path(receipt.withdrawal_address(kept)),
        **({**wizard.context(case, "consent"), "blockers": wizard.missing(case)} if case else {}),
    }
    return render(request, "consults/cases/consenting/code.html", context)


@post_only("consults:code")
def code_given(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Forget the code: the patient has it."""
    consent: Consent = get_visible_or_404(request.user, "consent.change", pk)
    case = _case(request, consent)
    kept_codes.forget(request, consent=consent)
    return redirect("consults:check", pk=case.pk) if case else redirect("consults:consent_record", pk=pk)


@post_only("consults:code")
def receipt_given(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record that the patient gets a copy, and lead to the receipt."""
    consent: Consent = get_visible_or_404(request.user, "consent.change", pk)
    if not kept_codes.find(request, consent=consent):
        return _no_code(request, consent)
    mark_copy_given(consent=consent)
    return redirect("consults:receipt_file", pk=pk)


@require_safe
def receipt_file(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return the receipt as PDF, while its code is kept in this session."""
    consent: Consent = get_visible_or_404(request.user, "consent.change", pk)
    kept = kept_codes.find(request, consent=consent)
    if not kept:
        return _no_code(request, consent)
    return HttpResponse(
        receipt.receipt_pdf(consent=consent, code=kept),
        content_type="application/pdf",
        headers={"Content-Disposition": 'attachment; filename="receipt.pdf"', "Cache-Control": "private, no-store"},
    )


def _case(request: MemberRequest, consent: Consent) -> Case | None:
    """Return the draft that the code was issued for, if it still is one and stands under this consent."""
    case = kept_codes.case_of(request, consent=consent)
    return allowed(request.user, "case.edit").filter(pk=case, consent=consent).first() if case else None


def _no_code(request: MemberRequest, consent: Consent) -> HttpResponse:
    messages.error(request, _("No code is kept here: it was given, or you signed out since. Make a new one below."))
    return redirect("consults:consent_record", pk=consent.pk)
