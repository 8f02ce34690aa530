"""Pages for moderators: the queue, an application, its evidence."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef
from django.http import HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.membership.models import Member
from accounts.policy import applications_in_queue, rechecks_to_decide
from accounts.security.security_events import ask_again, reauthenticated_recently
from accounts.vetting import deadlocks, decisions, evidence, half_decided, targets
from accounts.vetting.changing import changes_of
from accounts.vetting.checking import registers
from accounts.vetting.checking.flags import flags, flags_of
from accounts.vetting.forms import VoteForm
from accounts.vetting.models import Application, EvidencePicture, EvidenceState
from core import permissions
from core.http import gone_is_not_found
from core.permissions import get_visible_or_404
from core.post_only import post_only

PAGE_ROWS = 50


@open_to("moderator")
@require_safe
def queue(request: MemberRequest) -> HttpResponse:
    """List open applications, the most urgent first, then those this moderator has voted on."""
    member = request.user
    mine = Exists(member.votes_cast.filter(application=OuterRef("pk")))
    rows = applications_in_queue(member).select_related("member").annotate(is_voted=mine)
    page = Paginator(rows.order_by("is_voted", "target_on", "created_at", "pk"), PAGE_ROWS).get_page(
        request.GET.get("page")
    )
    shown: list[Any] = list(page)  # applications, each with `is_voted`
    warnings, lacking = flags_of(shown), deadlocks.missing(shown)
    listed = [
        {"application": row, "flags": warnings[row.pk], "missing": lacking[row.pk], "is_voted": row.is_voted}
        for row in shown
    ]
    context = {
        "page": page,
        "waiting": [row for row in listed if not row["is_voted"]],
        "voted": [row for row in listed if row["is_voted"]],
        "punctuality": targets.punctuality(),
        "rechecks": rechecks_to_decide(member).count(),
    }
    return render(request, "accounts/vetting/queue.html", context)


@open_to("moderator")
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: MemberRequest, pk: str) -> HttpResponse:
    """Show an application with its evidence and take this moderator's vote. No other vote is shown.

    What was filled in is kept on the server: by the page's script as it is typed, and by the buttons that only keep.
    The vote itself asks once more who is there.
    """
    member = request.user
    application: Application = get_visible_or_404(member, "application.read", pk)
    may_vote = permissions.allows(member, "application.decide", application)
    keeps = "keep" in request.POST or "X-Autosave" in request.headers
    if request.method == "POST" and not keeps and not reauthenticated_recently(request):
        return ask_again(request)
    half = half_decided.begun(application=application, by=member) if may_vote else None
    form = VoteForm(bound_data(request)[0], instance=half, final=not keeps)
    if request.method == "POST":
        answer = _take(request, application, form, keeps=keeps, may_vote=may_vote)
        if answer is not None:
            return answer
    return render(
        request,
        "accounts/vetting/decide.html",
        _page_of(application, member, form, may_vote=may_vote, asks="show" in request.GET),
        status=422 if form.errors else 200,
    )


def _take(
    request: MemberRequest, application: Application, form: VoteForm, *, keeps: bool, may_vote: bool
) -> HttpResponse | None:
    """Keep or record what was sent; return the answer, or None when the page is shown again with its errors."""
    member = request.user
    is_script = "X-Autosave" in request.headers
    if not may_vote:
        sentence = _("You have voted on this application already, or others must decide it.")
        if is_script:
            return JsonResponse({"error": sentence}, status=409)
        form.add_error(None, sentence)
        return None
    if keeps or not form.is_valid():
        half_decided.keep(form=form, application=application, by=member)
        if is_script:
            errors = {name: [str(error) for error in found] for name, found in form.errors.items()}
            saved_at = date_format(timezone.localtime(), "H:i")
            return JsonResponse({"saved_at": saved_at, "errors": errors, **form.answer()})
        return None if form.errors else _kept(request, application)
    try:
        decisions.vote(
            application=application,
            by=member,
            accept=form.accepts,
            reason=form.cleaned_data["reason"],
            looked_up_on=form.cleaned_data["looked_up_on"],
            words=form.cleaned_data["words"],
        )
    except VettingError as error:
        form.add_error(None, error.sentence)
        return None
    messages.success(request, _outcome(application))
    return redirect("accounts:queue")


def _kept(request: MemberRequest, application: Application) -> HttpResponse:
    page = reverse("accounts:decide", args=[application.pk])
    if request.POST["keep"] == "picture":
        return redirect(f"{page}?show=picture#evidence")
    messages.success(request, _("Kept. Nobody but you sees it; nothing is decided."))
    return redirect(page)


def _page_of(application: Application, member: Member, form: VoteForm, *, may_vote: bool, asks: bool) -> dict[str, Any]:
    """Return what the page shows. A picture is shown once this moderator has asked for it (`asks`), then always."""
    picture = application.pictures.filter(round=application.round, destroyed_at__isnull=True).first()
    is_clean = picture is not None and picture.state == EvidenceState.CLEAN
    obstacles = decisions.obstacles(application=application, by=member) if may_vote else {}
    shows = is_clean and may_vote and (asks or "unseen" not in obstacles)
    if shows:  # this very page shows it
        obstacles.pop("unseen", None)
    return {
        "application": application,
        "flags": flags(application),
        "changes": changes_of(application),
        "references": application.references.all(),
        "picture": picture,
        "show_picture": shows,
        "obstacles": list(obstacles.values()),
        "may_vote": may_vote,
        "form": form,
        **registers.look_up(application),
    }


def _outcome(application: Application) -> str:
    application.refresh_from_db()
    if not application.is_open:
        return _("The application is decided: %(state)s.") % {"state": application.get_state_display().lower()}
    return _("Your decision is recorded. Another moderator decides without seeing it.")


@open_to("moderator")
@post_only("accounts:decide")
def recuse(request: MemberRequest, pk: str) -> HttpResponse:
    """Step aside from an application."""
    application: Application = get_visible_or_404(request.user, "application.decide", pk)
    try:
        decisions.recuse(application=application, by=request.user)
    except VettingError as error:
        messages.error(request, error.sentence)
    else:
        messages.success(request, _("You stepped aside. Other moderators decide this application."))
    return redirect("accounts:queue")


@open_to("moderator")
@require_safe
def picture(request: MemberRequest, pk: str) -> HttpResponse:
    """Stream a licence picture to a moderator who is about to decide, and log it."""
    found: EvidencePicture = get_visible_or_404(request.user, "evidence.view", pk)
    with gone_is_not_found():
        data = evidence.read(picture=found, by=request.user)
    response = HttpResponse(data, content_type=found.content_type)
    response["Cache-Control"] = "private, no-store"
    response["Content-Disposition"] = "inline"
    return response
