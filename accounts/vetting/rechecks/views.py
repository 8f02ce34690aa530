"""Pages of the re-checks: what waits, the figures, and one re-check, without any earlier decision."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to
from accounts.exceptions import VettingError
from accounts.http import MemberRequest, bound_data
from accounts.policy import rechecks_to_act_on, rechecks_to_decide
from accounts.security.security_events import confirms_identity
from accounts.vetting.checking import registers
from accounts.vetting.forms import VoteForm
from accounts.vetting.rechecks import service
from accounts.vetting.rechecks.models import Recheck
from core.permissions import get_visible_or_404

PAGE_ROWS = 50


@open_to("moderator")
@require_safe
def rechecks(request: MemberRequest) -> HttpResponse:
    """List what this moderator may re-check and what was not confirmed, with the figures of each quarter."""
    context = {
        "waiting": rechecks_to_decide(request.user).select_related("application__member")[:PAGE_ROWS],
        "to_act_on": rechecks_to_act_on(request.user).select_related("application__member")[:PAGE_ROWS],
        "figures": service.figures(),
    }
    return render(request, "accounts/vetting/rechecks.html", context)


@open_to("moderator")
@require_http_methods(["GET", "HEAD", "POST"])
@confirms_identity
def recheck(request: MemberRequest, pk: str) -> HttpResponse:
    """Show what was stated and the registers, and take this moderator's decision. No earlier one is shown."""
    found: Recheck = get_visible_or_404(request.user, "recheck.decide", pk)
    form = VoteForm(bound_data(request)[0])
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        try:
            service.decide(
                recheck=found,
                by=request.user,
                accept=form.accepts,
                reason=data["reason"],
                looked_up_on=data["looked_up_on"],
                words=data["words"],
            )
        except VettingError as error:
            form.add_error(None, error.sentence)
        else:
            messages.success(request, _("Your decision is recorded. The member does not learn of it."))
            return redirect("accounts:rechecks")
    application = found.application
    context = {"recheck": found, "form": form, "application": application, **registers.look_up(application)}
    return render(request, "accounts/vetting/recheck.html", context, status=422 if form.errors else 200)
