"""The pages of a hand-over: the clinician's before it, the patient's, and the PIN that ends it."""

from uuid import UUID

from django.contrib import messages
from django.db import IntegrityError
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils import translation
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.http import MemberRequest
from consent import attempt_limits
from consent.forms.publishing import in_language, translations_of
from consent.forms.readers import reader_in, reader_of
from consent.models import Shown, Status
from consent.models.forms import Form
from consent.records.recording import find_recorded
from consent.records.statement import NotRecorded, decode_signature, problems_of_circumstances
from consults import exceptions
from consults.cases.authoring import wizard
from consults.cases.consenting import typed
from consults.cases.consenting.handover import service, state
from consults.cases.consenting.handover.forms import ASK, HandOverForm, PatientForm, PinForm
from consults.cases.consenting.handover.state import Handover
from consults.cases.consenting.views import issue_first_code
from consults.cases.models import Case
from core import counts
from core.permissions import allowed, get_visible_or_404
from core.post_only import post_only
from imaging.models import Rendition


@sensitive_post_parameters("pin", "pin_again")
@require_http_methods(["GET", "POST"])
def hand_over_start(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Record the circumstances, choose a PIN, start the hand-over."""
    case: Case = get_visible_or_404(request.user, "case.edit", pk)
    form = HandOverForm(request.POST if request.method == "POST" else None, case=case)
    form.initial = {**form.initial, **typed.answers_for_hand_over(request, case)}
    if request.method == "POST" and form.is_valid():
        handover = _new_handover(form, case)
        problems = _problems(handover)
        if not problems:
            typed.forget(request)
            state.begin(request, handover)
            service.record_start(handover=handover, by=request.user)
            response = redirect("consults:hand_over")
            # The back button must not restore earlier pages from the cache.
            response["Clear-Site-Data"] = '"cache"'
            return response
        for field, sentence in problems.items():
            form.add_error(field if field in form.fields else None, sentence)
    context = {
        **wizard.context(case, "consent"),
        "form": form,
        "pictures": service.masked_pictures(case),
        "unsealed": case.pictures.count() - service.masked_pictures(case).count(),
    }
    return render(request, "consults/cases/consenting/handover/start.html", context, status=422 if form.errors else 200)


def _new_handover(form: HandOverForm, case: Case) -> Handover:
    data = form.cleaned_data
    shown = data["shown"] == Shown.SHOWN
    pictures = service.masked_pictures(case).values_list("pk", "sha256") if shown else []
    circumstances = form.circumstances()
    return Handover(
        case=str(case.pk),
        pin_hash=state.hash_pin(data["pin"]),
        form=str(circumstances.form.pk),
        terms=service.terms_of(circumstances),
        shown=data["shown"],
        group=service.audience_of(case),
        asks_child=data["assent"] == ASK,
        pictures=[[str(pk), sha256] for pk, sha256 in pictures],
    )


def _problems(handover: Handover) -> dict[str, str]:
    problems = problems_of_circumstances(service.statement_of(handover))
    if handover.asks_child and problems.get("assent"):
        del problems["assent"]  # the child answers on the patient's page
    return problems


@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: MemberRequest) -> HttpResponse:
    """Show the only page that the patient sees, form, pictures, uses and signature, and record the answer."""
    handover = state.current(request)
    if handover is None:
        return redirect("consults:mine")
    action = request.POST.get("action") if request.method == "POST" else ""
    if "language" in request.POST and not handover.outcome:
        return _change_language(request, handover)
    if request.method != "POST":
        return _patient_page(request, handover)
    if handover.outcome or action not in ("agree", "refuse", "child_refuses"):
        return redirect("consults:hand_over")
    return _record_answer(request, handover, action)


def _change_language(request: MemberRequest, handover: Handover) -> HttpResponse:
    """Show the form in another language, with the ticks and the signature that are on the page.

    Nothing of them is kept here or on the device, so the page answers the POST itself; a reload changes nothing.
    """
    chosen = in_language(Form.objects.get(pk=handover.form), request.POST["language"])
    handover.form = str(chosen.pk)
    state.save(request, handover)
    case = Case.objects.get(pk=handover.case)
    on_page = {
        "uses": request.POST.getlist("uses"),
        "child_agrees": bool(request.POST.get("child_agrees")),
        "signature": request.POST.get("signature", ""),
    }
    with translation.override(chosen.language):
        form = PatientForm(case=case, publication=handover.terms["publication"], initial=on_page)
    return _patient_page(request, handover, form=form)


def _record_answer(request: MemberRequest, handover: Handover, action: str) -> HttpResponse:
    case = allowed(request.user, "case.edit").filter(pk=handover.case).first()
    if case is None:
        return _patient_page(request, handover, sentence=_outdated_sentence(), status=409)
    with translation.override(_language(handover)):
        form = _patient_form(handover, case, request.POST)
        try:
            if action != "agree":
                made = service.decline(
                    handover=handover, case=case, by=request.user, by_child=action == "child_refuses"
                )
            elif form.is_valid():
                made = service.agree(
                    handover=handover,
                    case=case,
                    by=request.user,
                    uses=form.chosen_uses(),
                    signature_png=decode_signature(form.cleaned_data["signature"]),
                    child_agrees=form.cleaned_data["child_agrees"],
                )
            else:
                return _patient_page(request, handover, form=form, status=422)
        except NotRecorded as refused:
            for field, sentence in refused.sentences.items():
                name = {"assent": "child_agrees"}.get(field, field)
                words = _("The child has to tick this too, or the pictures are not shared.")
                form.add_error(name if name in form.fields else None, words if field == "assent" else sentence)
            return _patient_page(request, handover, form=form, status=422)
        except (exceptions.ChangeRefused, service.PicturesChanged):
            return _patient_page(request, handover, sentence=_outdated_sentence(), status=409)
        except IntegrityError:
            if find_recorded(submission=UUID(handover.id), by=request.user) is None:
                raise
            return redirect("consults:hand_over")  # the same page, sent twice at once: the other one says the outcome
    handover.outcome = "refused" if made.status == Status.REFUSED else "given"
    handover.consent = str(made.pk)
    state.save(request, handover)
    return redirect("consults:hand_over")


def _patient_form(handover: Handover, case: Case, data: QueryDict | None = None) -> PatientForm:
    return PatientForm(data, case=case, publication=handover.terms["publication"])


def _outdated_sentence() -> str:
    return _("This page is no longer up to date, and nothing was recorded. Please give the device back.")


def _language(handover: Handover) -> str:
    return Form.objects.values_list("language", flat=True).get(pk=handover.form)


def _patient_page(
    request: MemberRequest,
    handover: Handover,
    *,
    form: PatientForm | None = None,
    pin: PinForm | None = None,
    sentence: str = "",
    status: int = 200,
) -> HttpResponse:
    text = Form.objects.get(pk=handover.form)
    case = Case.objects.select_related("author").get(pk=handover.case)
    reader = reader_of(capacity=handover.terms["capacity"], relation=handover.terms["relation"])
    shown = {str(row.pk): row for row in Rendition.objects.filter(pk__in=[pk for pk, _sha in handover.pictures])}
    context = {
        "handover": handover,
        "text": text,
        "languages": list(translations_of(text).values()),
        "clinician_language": translation.get_language(),
        "pictures": [shown[pk] for pk, _sha256 in handover.pictures if pk in shown],
        "statement": service.statement_of(handover),
        "case": case,
        "reader": reader,
        "own_text": reader_in(text.code) == reader,
        "pin": pin or PinForm(),
        "sentence": sentence,
    }
    with translation.override(text.language):
        context["form"] = form or _patient_form(handover, case)
        return render(request, "consults/cases/consenting/handover/patient.html", context, status=status)


@sensitive_post_parameters("pin")
@post_only("consults:hand_over", keeps=())
def hand_back(request: MemberRequest) -> HttpResponse:
    """End the hand-over with the PIN; after a consent, lead to the withdrawal code."""
    handover = state.current(request)
    if handover is None:
        return redirect("consults:mine")
    # Counted before the slow check of the hash, so that of many tries at once no more are judged than are allowed.
    wait = counts.take_try(limit=attempt_limits.WRONG_PINS, who=handover.id)
    form = PinForm(request.POST)
    if wait:
        words = _("Too many wrong PINs. Wait %(minutes)s minutes, or sign out.")
        form.add_error("pin", words % {"minutes": -(-wait // 60)})
        return _patient_page(request, handover, pin=form, status=429)
    if not form.is_valid() or not handover.matches(form.cleaned_data["pin"]):
        if not form.errors:
            form.add_error("pin", _("This is not the PIN that was chosen."))
        return _patient_page(request, handover, pin=form, status=422)
    state.end(request)
    service.record_end(handover=handover, by=request.user)
    if handover.outcome == "given":
        return issue_first_code(request, get_visible_or_404(request.user, "case.own", handover.case))
    if handover.outcome == "refused":
        messages.warning(request, _("The patient said no. It is recorded, and the pictures are hidden."))
    else:
        messages.info(request, _("Nothing was recorded."))
    return redirect("consults:consent", pk=handover.case)
