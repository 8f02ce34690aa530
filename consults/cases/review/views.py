"""Pages of second reads: a moderator reviews a case before others see it."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.http import MemberRequest
from accounts.membership.probation import probation_of
from consults.cases import gate, presenters
from consults.cases.gate import send_back
from consults.cases.models import Case
from consults.cases.review import second_read as reads
from consults.cases.review.forms import ReleaseForm, SendBackForm
from consults.cases.review.models import SecondRead
from consults.cases.sensitive import presenters as sensitive
from consults.exceptions import ChangeRefused
from core.paging import window
from core.permissions import allowed, get_visible_or_404

PAGE_CASES = 50


@open_to("moderator")
@require_safe
def second_reads(request: MemberRequest) -> HttpResponse:
    """List the cases of others that wait for a second read, longest waiting first."""

    def read(first: int, most: int) -> list[reads.QueuedCase]:
        return reads.queue(request.user, first=first, most=most)

    page = window(read, asked=request.GET.get("page"), size=PAGE_CASES)
    context = {
        "page": page,
        "waiting": page.rows,
        "redactions": allowed(request.user, "redaction.list").count(),
    }
    return render(request, "consults/cases/review/queue.html", context)


@open_to("moderator")
@require_http_methods(["GET", "POST"])
def second_read(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Show one case with masks, text and consent, and release it or send it back."""
    try:
        case: Case = get_visible_or_404(request.user, "case.second_read", pk)
    except Http404:
        return _gone(request, pk)
    if request.method != "POST":
        return _page(request, case)
    if request.POST.get("decision") == "release":
        return _release(request, case)
    return _send_back(request, case)


def _release(request: MemberRequest, case: Case) -> HttpResponse:
    form = ReleaseForm(request.POST, case=case)
    if not form.is_valid():
        return _page(request, case, release_form=form)
    try:
        reads.release(
            case=case,
            by=request.user,
            seen=form.cleaned_data["seen"],
            accepted=form.accepted_codes(),
            sensitive=form.cleaned_data["sensitive"],
        )
    except gate.Blocked as blocked:
        return _page(request, case, refusals=[blocker.sentence for blocker in blocked.blockers])
    messages.success(request, _("Released. The case is visible to its audience now."))
    return redirect("consults:second_reads")


def _send_back(request: MemberRequest, case: Case) -> HttpResponse:
    form = SendBackForm(request.POST)
    if not form.is_valid():
        return _page(request, case, back_form=form)
    reason = SecondRead.Reason(form.cleaned_data["reason"])
    try:
        send_back(
            case=case,
            by=request.user,
            reason=reason,
            words=form.cleaned_data["words"],
            marks=form.cleaned_data["marks"],
        )
    except ChangeRefused as refused:
        messages.warning(request, refused.sentence)
    else:
        messages.success(request, _("Sent back. The author reads your reason and can send the case again."))
    return redirect("consults:second_reads")


def _page(
    request: MemberRequest,
    case: Case,
    *,
    release_form: ReleaseForm | None = None,
    back_form: SendBackForm | None = None,
    refusals: list[str] | None = None,
) -> HttpResponse:
    receipts = reads.receipts(case)
    pictures = presenters.viewer_pictures(case, renditions=gate.servable_renditions(request.user))
    followed = presenters.visible_pictures(case.follows, member=request.user) if case.follows else []
    refused = bool(release_form or back_form or refusals)
    context: dict[str, Any] = {
        "case": case,
        "due": reads.due_on(case.submitted_at),
        "probation": probation_of(case.author),
        "pictures": [(picture, receipts[picture.photo_id]) for picture in pictures if picture.photo_id in receipts],
        "followed": followed,
        "when": presenters.when_in_words(case) if case.follows else "",
        "sensitive": sensitive.labels(case),
        "facts": presenters.facts(case),
        "words": reads.screened_texts(case),
        "consent": reads.consent_facts(case),
        "asked_before": reads.asked_before(case),
        "attached": reads.attached(case, reader=request.user),
        "former": case.second_reads.select_related("reader").prefetch_related("marks").order_by("decided_at"),
        "blockers": gate.blockers(case),
        "refusals": refusals or [],
        "release_form": release_form or ReleaseForm(initial={"seen": reads.digest(case)}, case=case),
        "back_form": back_form or SendBackForm(),
    }
    return render(request, "consults/cases/review/second_read.html", context, status=422 if refused else 200)


def _gone(request: MemberRequest, pk: UUID) -> HttpResponse:
    """Explain that a case left the queue while its page was open. Threat: a trace of a withdrawn case."""
    decided = reads.decision_of_colleague(pk, member=request.user)
    return render(request, "consults/cases/review/gone.html", {"decided": decided, "pk": pk}, status=404)
