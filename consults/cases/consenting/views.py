"""Step 4: the audience of the case, and the consent that allows it."""

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from consent.forms.publishing import for_all_readers
from consent.forms.readers import Reader, reader_in, reader_of
from consent.models import SIGNERS, Consent, Form
from consent.records import kept_codes
from consent.records.recording import find_recorded, issue_code, record_consent
from consent.records.statement import NotRecorded
from consent.records.wording import allowed_in_words
from consent.withdrawal import preview_withdrawal
from consults import exceptions
from consults.cases import exemption, gate, same_patient
from consults.cases.authoring import wizard
from consults.cases.consenting import case_consent, typed
from consults.cases.consenting.code_page import lead_to_code
from consults.cases.consenting.forms import AttachForm, AudienceForm, ConsentForm, ExistingConsentForm
from consults.cases.consenting.handover.service import masked_pictures
from consults.cases.models import Case
from core.permissions import get_visible_or_404
from imaging.models import Rendition


def _page(
    request: MemberRequest,
    case: Case,
    *,
    form: ConsentForm | None = None,
    audience: AudienceForm | None = None,
    existing: ExistingConsentForm | None = None,
    status: int = 200,
) -> HttpResponse:
    answers = typed.answers_for(request, case)
    if form is None:
        form = ConsentForm(case=case)
        form.initial = {**form.initial, **answers}
    existing = existing or ExistingConsentForm(case=case, initial={"consent": answers.get("consent")})
    return render(
        request,
        "consults/cases/consenting/consent.html",
        {
            **wizard.context(case, "consent"),
            "form": form,
            "texts": _texts_by_reader(form),
            "audience": audience or AudienceForm(case=case),
            "exemption": case.histology_exempt or exemption.is_offered(case),
            "existing": existing if existing.fields["consent"].queryset.exists() else None,  # type: ignore[attr-defined]
            "allowed": allowed_in_words(case.consent) if case.consent else [],
            "code_waits": bool(case.consent and kept_codes.find(request, consent=case.consent)),
            "attachment": case.attachment,
            "sealed": masked_pictures(case),
        },
        status=status,
    )


@dataclass(frozen=True)
class ReadersText:
    """The text that one reader reads; `signed_by` holds "capacity:relation" pairs, for the script that shows it."""

    reader: Reader
    form: Form
    signed_by: str

    @property
    def own_text(self) -> bool:
        """Whether it was written for this reader, not for the patient."""
        return reader_in(self.form.code) == self.reader


def _texts_by_reader(form: ConsentForm) -> list[tuple[Form, list[ReadersText]]]:
    pairs: dict[Reader, list[str]] = {reader: [] for reader in Reader}
    for capacity, relations in SIGNERS.items():
        for relation in relations:
            pairs[reader_of(capacity=capacity, relation=relation)].append(f"{capacity}:{relation}")
    texts = for_all_readers(form.fields["form"].queryset)  # type: ignore[attr-defined]
    return [
        (base, [ReadersText(reader, text, " ".join(pairs[reader])) for reader, text in by_reader.items()])
        for base, by_reader in texts
    ]


@require_http_methods(["GET", "POST"])
def consent(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Choose the audience, then record a consent or attach an existing one."""
    case: Case = get_visible_or_404(request.user, "case.edit", pk)
    if request.method == "GET":
        return _page(request, case)
    refusal = _take_audience(request, case)
    if refusal is not None:
        return refusal
    action = request.POST.get("action", "")
    if action in _ELSEWHERE:
        typed.keep(request, case)
        return _ELSEWHERE[action](request, case)
    return _save_draft(request, case) if action == "draft" else _record_consent(request, case)


def _take_audience(request: MemberRequest, case: Case) -> HttpResponse | None:
    """Save the audience that stands on the screen, whatever button was pressed; return a page when that is refused."""
    if case.follows_id is not None or ("group" not in request.POST and request.POST.get("action") != "audience"):
        return None
    audience = AudienceForm(request.POST, case=case)
    if not audience.is_valid():
        typed.keep(request, case)
        return _page(request, case, audience=audience, status=422)
    if audience.cleaned_data["group"] == case.group:
        return None
    try:
        case_consent.choose_audience(case=case, group=audience.cleaned_data["group"])
    except exceptions.ChangeRefused as refused:
        return _no_longer_a_draft(request, refused)
    return None


def _use_existing(request: MemberRequest, case: Case) -> HttpResponse:
    existing = ExistingConsentForm(request.POST, case=case)
    if not existing.is_valid():
        return _page(request, case, existing=existing, status=422)
    return redirect("consults:attach", pk=case.pk, consent_pk=existing.cleaned_data["consent"].pk)


def _to(view: str) -> Callable[[MemberRequest, Case], HttpResponse]:
    return lambda _request, case: redirect(view, pk=case.pk)


@require_http_methods(["GET", "POST"])
def attach(request: MemberRequest, pk: UUID, consent_pk: UUID) -> HttpResponse:
    """Compare the patients of two cases side by side, and use the consent of one for the other on the author's word."""
    case: Case = get_visible_or_404(request.user, "case.edit", pk)
    given: Consent = get_visible_or_404(request.user, "consent.change", consent_pk)
    others = same_patient.other_cases(case, given)
    form = AttachForm(
        request.POST if request.method == "POST" else None,
        initial={"seen": same_patient.digest(case, given, others)},
    )
    if request.method == "POST" and form.is_valid():
        try:
            case_consent.attach_existing(case=case, consent=given, by=request.user, seen=form.cleaned_data["seen"])
        except exceptions.ChangeRefused as refused:
            messages.error(request, refused.sentence)
            return redirect("consults:consent", pk=pk)
        messages.success(request, _("This case is under that consent now. Until it is released you can undo this."))
        return redirect("consults:check", pk=pk)
    thumbnails = gate.servable_renditions(request.user).filter(name=Rendition.Name.THUMBNAIL)
    context = {
        **wizard.context(case, "consent"),
        "consent": given,
        "form": form,
        "compared": same_patient.compare(case, given, others),
        "problem": case_consent.why_not_usable(case=case, consent=given),
        "others": others,
        "here": list(thumbnails.filter(photo__placement__case=case).order_by("photo__placement__position")),
        "there": list(
            thumbnails.filter(photo__placement__case__in=[other.pk for other in others]).order_by(
                "photo__placement__case__created_at", "photo__placement__position"
            )
        ),
        "held": preview_withdrawal(consent=given),
    }
    return render(request, "consults/cases/consenting/attach.html", context, status=422 if form.errors else 200)


def _detach(request: MemberRequest, case: Case) -> HttpResponse:
    try:
        case_consent.detach(case=case, by=request.user)
    except exceptions.ChangeRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("Undone. That consent and its code no longer reach this case."))
    return redirect("consults:consent", pk=case.pk)


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
        typed.forget(request)
        messages.success(request, _("Kept as a draft. Nothing is allowed before it is signed."))
    return redirect("consults:consent", pk=case.pk)


def _state_exemption(request: MemberRequest, case: Case) -> HttpResponse:
    stated = bool(request.POST.get("stated"))
    if not stated and not case.histology_exempt:
        messages.error(request, _("Tick the statement first, or record the patient's consent."))
        return redirect("consults:consent", pk=case.pk)
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
    submission = form.cleaned_data["submission"]
    earlier = find_recorded(submission=submission, by=request.user)
    if earlier is not None:
        return _recorded_before(request, case, earlier)
    try:
        with transaction.atomic():
            patient = case_consent.patient_of(case)
            given, code = record_consent(
                statement=form.statement(), by=request.user, draft=case.draft_consent, patient=patient
            )
            case_consent.attach_consent(case=case, consent=given, by=request.user)
    except (NotRecorded, IntegrityError) as refused:
        earlier = find_recorded(submission=submission, by=request.user)
        if earlier is not None:  # the same page, sent twice at once
            return _recorded_before(request, case, earlier)
        if not isinstance(refused, NotRecorded):
            raise
        for field, sentence in refused.sentences.items():
            form.add_error(field if field in form.fields else None, sentence)
        return _page(request, case, form=form, status=422)
    except exceptions.ChangeRefused as too_late:
        return _no_longer_a_draft(request, too_late)
    typed.forget(request)
    return lead_to_code(request, consent=given, code=code, case=case)


def _recorded_before(request: MemberRequest, case: Case, earlier: Consent) -> HttpResponse:
    messages.info(request, _("This consent was recorded already; nothing was recorded twice."))
    if kept_codes.find(request, consent=earlier):
        return redirect("consults:code", pk=earlier.pk)
    return redirect("consults:consent", pk=case.pk)


def issue_first_code(request: MemberRequest, case: Case) -> HttpResponse:
    """Issue the code of the case's consent after a hand-over, and lead to the page that shows it."""
    if case.consent is None:
        return redirect("consults:consent", pk=case.pk)
    try:
        code = issue_code(consent=case.consent, by=request.user)
    except NotRecorded as refused:
        messages.error(request, refused.sentence)
        return redirect("consults:consent", pk=case.pk)
    return lead_to_code(request, consent=case.consent, code=code, case=case)


# Buttons that record no consent: what was typed for one goes with the clinician to the next page.
_ELSEWHERE: dict[str, Callable[[MemberRequest, Case], HttpResponse]] = {
    "audience": _to("consults:consent"),
    "check": _to("consults:check"),
    "hand_over": _to("consults:hand_over_start"),
    "existing": _use_existing,
    "detach": _detach,
    "exempt": _state_exemption,
    "code": issue_first_code,
}
