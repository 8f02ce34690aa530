"""Pages of a member's own data: a copy of it, and leaving."""

from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to, without_factor
from accounts.exceptions import VettingError
from accounts.http import SignedInRequest, bound_data
from accounts.leaving import exports, service
from accounts.leaving.forms import LeaveForm
from accounts.leaving.models import ExportState
from accounts.security.security_events import reauthenticated_recently
from core.http import gone_is_not_found
from core.post_only import post_only


def _ask_who(request: SignedInRequest, page: str) -> HttpResponse:
    return redirect_to_login(resolve_url(page), resolve_url("account_reauthenticate"))


@open_to("member", "officer", "applicant")
@without_factor
@require_http_methods(["GET", "HEAD", "POST"])
def my_data(request: SignedInRequest) -> HttpResponse:
    """Show the copy of one's data and what is in it; have one made, after reauthentication."""
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return _ask_who(request, "accounts:my_data")
        try:
            exports.ask(member=request.user)
        except VettingError as error:
            messages.warning(request, error.sentence)
        else:
            messages.success(request, _("Your copy is being made. You get a mail when it is ready."))
        return redirect("accounts:my_data")
    copy = exports.current(request.user)
    context = {
        "copy": copy,
        "is_ready": copy is not None and copy.state == ExportState.READY,
        "days": exports.KEPT_DAYS,
        "confirmed_identity": reauthenticated_recently(request),
    }
    return render(request, "accounts/leaving/my_data.html", context)


@open_to("member", "officer", "applicant")
@without_factor
@require_safe
def data_file(request: SignedInRequest) -> HttpResponse:
    """Send the copy, after reauthentication, which leads back to the page: a download leaves a browser where it was."""
    if not reauthenticated_recently(request):
        return _ask_who(request, "accounts:my_data")
    with gone_is_not_found():
        data = exports.fetch(member=request.user)
    if data is None:
        raise Http404
    name = f"my-data-{timezone.localdate().isoformat()}.zip"
    return HttpResponse(
        data, content_type="application/zip", headers={"Content-Disposition": f'attachment; filename="{name}"'}
    )


@open_to("member", "officer", "applicant")
@without_factor
@post_only("accounts:my_data", keeps=())
def delete_data(request: SignedInRequest) -> HttpResponse:
    """Delete the copy."""
    exports.delete(member=request.user)
    messages.success(request, _("The copy was deleted. Your data on the site is as before."))
    return redirect("accounts:my_data")


@open_to("member", "officer", "applicant")
@without_factor
@require_http_methods(["GET", "HEAD", "POST"])
def leave(request: SignedInRequest) -> HttpResponse:
    """Say what goes, what stays and why; take the wish to leave, after reauthentication."""
    form = LeaveForm(bound_data(request)[0])
    if request.method == "POST":
        if not reauthenticated_recently(request):
            return _ask_who(request, "accounts:leave")
        if form.is_valid():
            try:
                service.ask(member=request.user, wishes=form.wishes)
            except VettingError as error:
                messages.warning(request, error.sentence)
            else:
                messages.success(request, _("Your account will be erased. Until then you can stop it here."))
            return redirect("accounts:leave")
    context = {
        "form": form,
        "waiting": service.current(request.user),
        "refusal": service.refusal(request.user),
        "copy": exports.current(request.user),
        "days": service.DAYS,
        "confirmed_identity": reauthenticated_recently(request),
    }
    return render(request, "accounts/leaving/leave.html", context, status=422 if form.errors else 200)


@open_to("member", "officer", "applicant")
@without_factor
@post_only("accounts:leave", keeps=())
def stay(request: SignedInRequest) -> HttpResponse:
    """Stop leaving."""
    try:
        service.stop(member=request.user)
    except VettingError as error:
        messages.warning(request, error.sentence)
    else:
        messages.success(request, _("Your account stays, with everything in it."))
    return redirect("accounts:leave")
