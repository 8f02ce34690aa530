"""Pages of notices: the list behind the bell, what a member is told, and the links that stop mails."""

import uuid
from http import HTTPStatus

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.http import SignedInRequest
from core.permissions import allowed, get_visible_or_404
from core.post_only import post_only
from notifications.notices import bell, preferences, unsubscribing
from notifications.notices.forms import PreferenceForm
from notifications.notices.kinds import Kind
from notifications.push import vapid


@open_to("applicant", "member", "officer")
@require_safe
def notices(request: SignedInRequest) -> HttpResponse:
    """Show what the member was told, the newest first."""
    preferences.note_visit(request.user.pk)
    kind = request.GET.get("kind", "")
    page = bell.page(request.user, before=request.GET.get("before", ""), kind=kind)
    return render(
        request,
        "notifications/notices/list.html",
        {
            "page": page,
            "kind": kind if kind in Kind.values else "",
            "kind_label": Kind(kind).label if kind in Kind.values else "",
            "is_first": not request.GET.get("before"),
            "has_unread": any(row.is_unread for row in page.rows),
        },
    )


@open_to("applicant", "member", "officer")
@require_safe
def open_notice(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark a notice as read and lead to its page."""
    notice = get_visible_or_404(request.user, "notice.open", pk)
    bell.read(notices=bell.own(request.user).filter(pk=pk))
    if not bell.openable(request.user, [notice]):
        messages.info(request, _("That is not open to you any more. Here is everything else."))
        return redirect("notifications:notices")
    return redirect(notice.path)


@open_to("applicant", "member", "officer")
@post_only("notifications:notices", keeps=())
def read_notice(request: SignedInRequest, pk: uuid.UUID) -> HttpResponse:
    """Mark a notice as read."""
    notice = get_visible_or_404(request.user, "notice.open", pk)
    bell.read(notices=bell.own(request.user).filter(pk=notice.pk))
    return redirect("notifications:notices")


@open_to("applicant", "member", "officer")
@post_only("notifications:notices", keeps=())
def read_all(request: SignedInRequest) -> HttpResponse:
    """Mark all notices as read."""
    bell.read(notices=allowed(request.user, "notice.open"))
    messages.success(request, _("All notices are marked as read."))
    return redirect("notifications:notices")


@open_to("applicant", "member", "officer")
@require_http_methods(["GET", "HEAD", "POST"])
def settings(request: SignedInRequest) -> HttpResponse:
    """Show and save what the member is told, how, and when."""
    form = PreferenceForm(request.POST if request.method == "POST" else None, member=request.user)
    if request.method == "POST" and form.is_valid():
        form.save()
        messages.success(request, _("Saved."))
        return redirect("notifications:settings")
    status = HTTPStatus.UNPROCESSABLE_ENTITY if form.errors else HTTPStatus.OK
    context = {
        "form": form,
        "browsers": request.user.push_subscriptions.order_by("added_at"),
        "push_key": vapid.public_key() if request.user.is_verified else "",
    }
    return render(request, "notifications/notices/settings.html", context, status=status)


@login_not_required
@csrf_exempt  # a mail program sends this, which has no page of ours; the signed link is the proof
@require_http_methods(["GET", "HEAD", "POST"])
def stop(request: HttpRequest, token: str) -> HttpResponse:
    """Ask whether to stop mails of a kind or the digest; stop them on POST, as RFC 8058 has it."""
    wish = unsubscribing.read(token)
    if wish is None:
        return render(request, "notifications/notices/stop.html", {"wish": None}, status=HTTPStatus.NOT_FOUND)
    is_done = request.method == "POST"
    if is_done:
        preferences.stop(member=wish.member, kinds=wish.kinds)
    return render(request, "notifications/notices/stop.html", {"wish": wish, "is_done": is_done})
