"""Pages for moderators: the queue, an application, its evidence."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import (
    require_http_methods,
    require_safe,
)

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.policy import applications_in_queue
from accounts.vetting import deadlocks, decisions, evidence
from accounts.vetting.changing import changes_of
from accounts.vetting.flags import flags, flags_of
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
    """List open applications, the most urgent first, and separately those this moderator has voted on."""
    member = request.user
    rows = applications_in_queue(member).select_related("member").order_by("target_on", "created_at", "pk")
    voted = member.votes_cast.values("application")
    page = Paginator(rows.exclude(pk__in=voted), PAGE_ROWS).get_page(request.GET.get("page"))
    warnings = flags_of(list(page), reader=member)
    cast = list(rows.filter(pk__in=voted)[:PAGE_ROWS])
    lacking = deadlocks.missing([*page, *cast])
    context = {
        "page": page,
        "waiting": [{"application": row, "flags": warnings[row.pk], "missing": lacking[row.pk]} for row in page],
        "voted": [{"application": row, "missing": lacking[row.pk]} for row in cast],
    }
    return render(request, "accounts/vetting/queue.html", context)


@open_to("moderator")
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: MemberRequest, pk: str) -> HttpResponse:
    """Show an application with its evidence and take this moderator's vote. No other vote is shown."""
    member = request.user
    application: Application = get_visible_or_404(member, "application.read", pk)
    may_vote = permissions.allows(member, "application.decide", application)
    form = VoteForm(*bound_data(request))
    if request.method == "POST" and form.is_valid():
        try:
            decisions.vote(
                application=application,
                by=member,
                accept=form.accepts,
                reason=form.cleaned_data["reason"],
                looked_up_on=form.cleaned_data["looked_up_on"],
            )
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _outcome(application))
            return redirect("accounts:queue")
    picture = application.pictures.filter(round=application.round, destroyed_at__isnull=True).first()
    is_clean = picture is not None and picture.state == EvidenceState.CLEAN
    show_picture = is_clean and request.GET.get("show") == "picture" and may_vote
    obstacles = decisions.obstacles(application=application, by=member) if may_vote else {}
    if show_picture:  # this very page shows it
        obstacles.pop("unseen", None)
    context = {
        "application": application,
        "register_host": urlsplit(application.registry_url).hostname,
        "flags": flags(application, reader=member),
        "changes": changes_of(application),
        "references": application.references.select_related("member"),
        "picture": picture,
        "show_picture": show_picture,
        "obstacles": list(obstacles.values()),
        "may_vote": may_vote,
        "form": form,
    }
    return render(request, "accounts/vetting/decide.html", context, status=422 if form.errors else 200)


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
