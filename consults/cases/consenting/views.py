"""Step 4: the audience of the case, and the consent that allows it."""

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
from consults import exceptions
from consults.cases import exemption
from consults.cases.authoring import wizard
from consults.cases.consenting import case_consent
from consults.cases.consenting.code_page import lead_to_code
from consults.cases.consenting.forms import AudienceForm, ConsentForm, ExistingConsentForm
from consults.cases.consenting.handover.service import masked_pictures
from consults.cases.models import Case
from core.permissions import get_visible_or_404


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
            "texts": _texts_by_reader(form),
            "audience": audience or AudienceForm(case=case),
            "exemption": case.histology_exempt or exemption.is_offered(case),
            "existing": existing if existing.fields["consent"].queryset.exists() else None,  # type: ignore[attr-defined]
            "allowed": allowed_in_words(case.consent) if case.consent else [],
            "code_waits": bool(case.consent and kept_codes.find(request, consent=case.consent)),
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
        return issue_first_code(request, case)
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
    submission = form.cleaned_data["submission"]
    earlier = find_recorded(submission=submission, by=request.user)
    if earlier is not None:
        return _recorded_before(request, case, earlier)
    try:
        with transaction.atomic():
            given, code = record_consent(statement=form.statement(), by=request.user, draft=case.draft_consent)
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
