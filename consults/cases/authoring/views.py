"""The author's own cases, and the start, facts and check steps of a new one."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.db.models import Case as DbCase
from django.db.models import When
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.http import MemberRequest
from accounts.membership.probation import probation_of
from accounts.policy import rights
from consults import exceptions
from consults.cases import gate, presenters
from consults.cases.authoring import drafts, name_checks, wizard
from consults.cases.authoring.forms import AdditionForm, FactsForm
from consults.cases.gate.models import CaseHold
from consults.cases.models import EDITABLE, Case, CaseState
from consults.cases.sensitive import presenters as sensitive
from consults.hints import hints
from consults.holds import HIDING
from core.permissions import get_visible_or_404
from core.post_only import post_only
from imaging.models import State as PhotoState

PAGE_CASES = 50
_STATE_ORDER = (EDITABLE, (CaseState.SUBMITTED,), (CaseState.RELEASED, CaseState.CLOSED))


@require_GET
def new(request: MemberRequest) -> HttpResponse:
    """Redirect to a new or untouched draft; opening this page many times leaves one draft."""
    if not rights(request.user).post:
        raise PermissionDenied(_("You can post once a verified specialist is named as your supervisor."))
    try:
        case = drafts.start(author=request.user)
    except exceptions.ChangeRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("consults:mine")
    return redirect("consults:pictures", pk=case.pk)


@require_GET
def mine(request: MemberRequest) -> HttpResponse:
    """List own cases in pages: drafts, waiting, published, then tombstones."""
    position = DbCase(
        *(When(state__in=states, then=number) for number, states in enumerate(_STATE_ORDER)), default=len(_STATE_ORDER)
    )
    found = (
        gate.own_cases(request.user)
        .select_related("consent", "group")
        .prefetch_related("pictures__photo__renditions")
        .order_by(position, "-changed_at", "-id")
    )
    page = Paginator(found, PAGE_CASES).get_page(request.GET.get("page"))
    cases = list(page)
    published = [case.pk for case in cases if case.published]
    visible = set(gate.visible_cases(request.user).filter(pk__in=published).values_list("pk", flat=True))
    visible |= set(gate.visible_additions(request.user).filter(pk__in=published).values_list("pk", flat=True))
    holds = {hold.case_id: hold for hold in CaseHold.objects.filter(case__in=cases, state__in=HIDING)}
    rows = [_row(case, visible=case.pk in visible, hold=holds.get(case.pk)) for case in cases]
    return render(
        request,
        "consults/cases/authoring/mine.html",
        {
            "drafts": [row for row in rows if row["case"].state in EDITABLE],
            "waiting": [row for row in rows if row["case"].state == CaseState.SUBMITTED],
            "posted": [row for row in rows if row["case"].state in (CaseState.RELEASED, CaseState.CLOSED)],
            "gone": [row for row in rows if row["case"].state == CaseState.WITHDRAWN],
            "may_post": rights(request.user).post,
            "probation": probation_of(request.user),
            "page": page,
        },
    )


def _row(case: Case, *, visible: bool, hold: CaseHold | None) -> dict[str, Any]:
    pictures = list(case.pictures.all())
    sealed = [picture.photo for picture in pictures if picture.photo.state == PhotoState.SEALED]
    thumbnail = next((photo.thumbnail for photo in sealed if photo.thumbnail), None)
    gone = case.state == CaseState.WITHDRAWN or (case.consent is not None and case.consent.status == "withdrawn")
    return {
        "case": case,
        "thumbnail": None if gone else thumbnail,
        "pictures": len(pictures),
        "visible": visible,
        "hold": hold,
        "gone": gone,
        "no_audience": not gone and case.group is not None and case.group.ended_at is not None,
    }


@require_http_methods(["GET", "POST"])
def facts(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Edit the facts of the case, step 3. An autosave keeps every valid field."""
    case = get_visible_or_404(request.user, "case.edit", pk)
    form_class: type[FactsForm | AdditionForm] = FactsForm if case.follows_id is None else AdditionForm
    form = form_class(request.POST if request.method == "POST" else None, instance=case)
    if request.method == "POST":
        try:
            saved = form.save_valid_fields()
        except exceptions.ChangeRefused as refused:
            if request.headers.get("X-Autosave"):
                return JsonResponse({"error": refused.sentence}, status=409)
            messages.error(request, refused.sentence)
            return redirect("consults:mine")
        if request.headers.get("X-Autosave"):
            return JsonResponse(
                {
                    "saved_at": date_format(timezone.localtime(), "H:i"),
                    "errors": {name: [str(e) for e in errors] for name, errors in form.errors.items()},
                    **form.answer(),
                    "missing_html": render_to_string(
                        "partials/missing.html", {"blockers": wizard.missing(saved)}, request=request
                    ),
                }
            )
        form.show_conflicts()
        if form.is_valid():
            return redirect("consults:consent", pk=case.pk)
        case = saved
    whole, added = "consults/cases/authoring/facts.html", "consults/cases/authoring/addition.html"
    return render(
        request,
        whole if case.follows_id is None else added,
        {**wizard.context(case, "facts"), "form": form},
        status=409 if form.merged.conflicts else 422 if form.errors else 200,
    )


@require_http_methods(["GET", "POST"])
def check(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show the case as others will see it and what is missing, step 5; submit it."""
    case = get_visible_or_404(request.user, "case.own", pk)
    if request.method == "POST":
        get_visible_or_404(request.user, "case.edit", pk)
        try:
            no_names = request.POST.getlist("name") if request.POST.get("no_names") else []
            drafts.submit(case=case, by=request.user, no_names=no_names)
        except gate.Blocked:
            messages.error(request, _("Not sent yet: something is still missing. The list says what."))
            return redirect("consults:check", pk=pk)
        except exceptions.ChangeRefused as refused:
            messages.error(request, refused.sentence)
            return redirect("consults:check", pk=pk)
        messages.success(request, _("Sent. A moderator reads it before others see it."))
        return redirect("consults:mine")
    return render(
        request,
        "consults/cases/authoring/check.html",
        {
            **wizard.context(case, "check"),
            "pictures": gate.pictures_of(case),
            "when": presenters.when_in_words(case) if case.after is not None else "",
            "sensitive": sensitive.labels(case),
            "probation": probation_of(request.user),
            "names": name_checks.possible_names(case) if case.editable else [],
            "hints": hints(case.title, case.note, case.treatments) if case.editable else [],
            "audience": case.group.name if case.group else _("All vetted members"),
        },
    )


@post_only("consults:mine", keeps=())
def take_back(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Return a submitted case to the drafts."""
    case: Case = get_visible_or_404(request.user, "case.own", pk)
    return _return_to_drafts(request, case, drafts.take_back, _("The case is a draft again. Nobody else sees it."))


@post_only("consults:mine", keeps=())
def retract(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Hide an own published case: it becomes a draft again."""
    case: Case = get_visible_or_404(request.user, "case.retract", pk)
    message = _("Hidden: the case is a draft again, and nobody else sees it.")
    return _return_to_drafts(request, case, drafts.retract, message)


def _return_to_drafts(request: MemberRequest, case: Case, action: Callable[..., object], message: str) -> HttpResponse:
    try:
        action(case=case, by=request.user)
    except exceptions.ChangeRefused as refused:
        messages.error(request, refused.sentence)
        return redirect("consults:mine")
    messages.success(request, message)
    return redirect("consults:check", pk=case.pk)


@post_only("consults:mine", keeps=())
def discard(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Delete a draft with its pictures."""
    case = get_visible_or_404(request.user, "case.edit", pk)
    try:
        drafts.discard(case=case, by=request.user)
    except exceptions.ChangeRefused as refused:
        messages.error(request, refused.sentence)
    else:
        messages.success(request, _("The draft and its pictures were destroyed."))
    return redirect("consults:mine")
