"""Withdrawal by the patient, with the code on the receipt and without an account.

Threat: learning from these pages whether a code exists, guessing one, or reading one in an address, a log or
a browser's history. Every wrong code gets the same sentence; a right one is sent once, in a form, and the
following pages carry a signed note, valid for ten minutes, that names the consent, not the code. The session keeps
the note too, so that each page can be loaded again, until something was withdrawn.
"""

from dataclasses import dataclass
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from audit.record import record
from consent import attempt_limits, hooks, withdrawal
from consent.models import Consent, Removal, Status, Withdrawal, WithdrawnBy
from consent.pdf import receipt
from consent.records import codes, lookup
from consent.withdrawal import certificate_text, progress
from core import counts
from core.ids import new_id

NOTE_SALT = "consent.withdraw"
NOTE_SECONDS = 600
NOTE, PART_NOTE = "withdrawal_note", "withdrawal_part_note"  # in the session, for pages that are loaded again


class CodeForm(forms.Form):
    """The code on the receipt, in any notation."""

    code = forms.CharField(
        label=gettext_lazy("Withdrawal code"),
        help_text=gettext_lazy("28 letters and digits. Hyphens, spaces and small letters do not matter."),
        max_length=codes.LONGEST_WRITTEN,
        widget=forms.TextInput(
            attrs={
                "autocomplete": "off",
                "autocapitalize": "characters",
                "spellcheck": "false",
                "placeholder": "XXXX-XXXX-XXXX-XXXX-XXXX-XXXX-XXXX",
                "class": "code-entry",
                "data-code": "",
            }
        ),
    )


@login_not_required
@sensitive_post_parameters("code")
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """Ask for the code; preview the withdrawal, or show the certificate of an earlier one."""
    if request.method != "POST":
        return render(request, "consent/withdrawal/withdraw.html", {"form": CodeForm()})
    form = CodeForm(request.POST)
    consent = lookup.find_by_code(form.cleaned_data["code"]) if form.is_valid() else None
    if consent is None:
        return _refuse_wrong_code(request)
    if consent.status == Status.WITHDRAWN:
        return redirect("consent:withdrawn", pk=consent.withdrawal.pk)
    request.session[NOTE] = signing.dumps(str(consent.pk), salt=NOTE_SALT)
    return redirect("consent:effects")


def _refuse_wrong_code(request: HttpRequest) -> HttpResponse:
    """Count and log a wrong code; whoever enters too many is asked to wait, and a right one still works."""
    try:
        wait = counts.take_try(limit=attempt_limits.WRONG_CODES, who=attempt_limits.client_address(request))
    except counts.CountsUnavailable:
        wait = 0  # open: what cannot be counted must not keep a patient from withdrawing
    if wait:
        return _render_too_many(request, seconds=wait)
    with transaction.atomic():
        record(verb="consent.wrong_code", actor=None, subject=("unknown_code", new_id()))
    return refuse_code(request, sentence=_("This code is not right. Compare it with your receipt and try again."))


@login_not_required
@require_safe
def effects(request: HttpRequest) -> HttpResponse:
    """Show what a withdrawal will remove, after the code. A page of its own: it survives a reload and a language."""
    if NOTE not in request.session:
        return redirect("consent:withdraw")
    consent_id = consent_in_note(request)
    consent = Consent.objects.filter(pk=consent_id).first() if consent_id else None
    if consent is None:
        return refuse_code(request, sentence=expired_note_message())
    if consent.status == Status.WITHDRAWN:
        return redirect("consent:withdrawn", pk=consent.withdrawal.pk)
    held = withdrawal.preview_withdrawal(consent=consent)
    context = {
        "consent": consent,
        "held": held,
        "readers": hooks.readers_of(consent),
        "nothing_held": not (held.cases or held.pictures or held.comments),
        "not_recalled": certificate_text.list_not_recalled(consent),
        "note": request.session[NOTE],
        "may_narrow": Consent.objects.active().filter(pk=consent.pk).exists(),
        "minutes": NOTE_SECONDS // 60,
    }
    return render(request, "consent/withdrawal/effects.html", context)


def consent_in_note(request: HttpRequest) -> UUID | None:
    """Return the id of the consent in the page's note, or None when the note is forged or too old."""
    note = request.POST.get("note", "") if request.method == "POST" else request.session.get(NOTE, "")
    try:
        return UUID(signing.loads(note, salt=NOTE_SALT, max_age=NOTE_SECONDS))
    except signing.BadSignature:  # also: older than ten minutes
        return None


def forget_notes(request: HttpRequest) -> None:
    """Forget what the code opened in this session."""
    for name in (NOTE, PART_NOTE):
        request.session.pop(name, None)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """Withdraw. Sending it twice is the same withdrawal; a GET request changes nothing."""
    if request.method != "POST":
        return redirect("consent:withdraw")
    consent_id = consent_in_note(request)
    if consent_id is None:
        return refuse_code(request, sentence=expired_note_message())
    made = withdrawal.withdraw(consent_id=consent_id, by=WithdrawnBy.PATIENT)
    forget_notes(request)
    return redirect("consent:withdrawn", pk=made.pk)


@login_not_required
@require_safe
def withdrawn(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the certificate. Only the right code leads to this address."""
    return render(request, "consent/withdrawal/withdrawn.html", certificate_context(_withdrawal_or_404(pk)))


@login_not_required
@require_safe
def withdrawal_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the part of the certificate that changes; it stops polling when nothing is left to destroy."""
    return render(request, "consent/withdrawal/_progress.html", certificate_context(_withdrawal_or_404(pk)))


@login_not_required
@require_safe
def certificate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the certificate as PDF, with the progress at the time of the request."""
    return certificate_response(_withdrawal_or_404(pk))


def certificate_response(made: Withdrawal | Removal) -> HttpResponse:
    """Return the certificate of a whole withdrawal or of a part as a download."""
    data = receipt.certificate_pdf(withdrawal=made)
    name = f"withdrawal-{str(made.pk)[:8]}.pdf"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(data, content_type="application/pdf", headers=headers)


@dataclass(frozen=True)
class ProgressStep:
    """One line of the progress list; `state` is done, now or later."""

    sentence: str
    state: str
    at: object


def certificate_context(made: Withdrawal | Removal) -> dict[str, object]:
    """Return the template context of the certificate of a whole withdrawal or of a part."""
    steps = []
    waiting = False
    for step in certificate_text.list_steps(made):
        stage = "done" if step.at else "later" if waiting else "now"
        waiting = waiting or step.at is None
        steps.append(ProgressStep(sentence=step.sentence, state=stage, at=step.at))
    names = ("removed", "part_progress", "part_certificate")
    if isinstance(made, Withdrawal):
        names = ("withdrawn", "withdrawal_progress", "certificate")
    page, more, pdf = (reverse(f"consent:{name}", args=[made.pk]) for name in names)
    return {
        "withdrawal": made,
        "progress": progress.progress_of(made),
        "opening": certificate_text.opening_sentences(made),
        "steps": steps,
        "destroyed": certificate_text.list_destroyed(made),
        "not_recalled": certificate_text.list_not_recalled_by(made),
        "kept": certificate_text.list_kept(made),
        "page_href": page,
        "progress_href": more,
        "certificate_href": pdf,
    }


def expired_note_message() -> str:
    """Return the sentence for a signed note that is too old or forged."""
    return _("More than ten minutes have passed, and nothing was changed. Enter your code again.")


def _withdrawal_or_404(pk: UUID) -> Withdrawal:
    found = Withdrawal.objects.select_related("consent__form").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found


def refuse_code(request: HttpRequest, *, sentence: str) -> HttpResponse:
    """Show the empty form with one sentence; the entered code is not sent back."""
    form = CodeForm(data={})
    form.full_clean()
    form.errors.clear()
    form.add_error("code", sentence)
    return render(request, "consent/withdrawal/withdraw.html", {"form": form}, status=422)


def _render_too_many(request: HttpRequest, *, seconds: int) -> HttpResponse:
    response = render(request, "consent/withdrawal/too_many.html", {"minutes": -(-seconds // 60)}, status=429)
    response["Retry-After"] = str(seconds)
    return response
