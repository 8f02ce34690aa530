"""Pages that lead to ORCID and back. Without a client id of this site none of them exists."""

from collections.abc import Callable
from functools import wraps
from typing import Any, Final

from allauth.account.adapter import get_adapter
from allauth.account.internal.flows.login import perform_login, record_authentication
from allauth.account.models import Login
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import open_to
from accounts.http import MemberRequest
from accounts.membership.models import Member
from accounts.profiles import orcid
from accounts.security.security_events import reauthenticated_recently
from core import counts
from core.post_only import post_only

TRIES: Final = counts.Limit("orcid", 30, 600)  # of one address: each costs a request to ORCID


def _if_on(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Let a page exist only while the site is registered with ORCID."""

    @wraps(view)
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not orcid.is_on():
            raise Http404
        return view(request, *args, **kwargs)

    return answer


@open_to("member")
@_if_on
@post_only("accounts:profile_edit", keeps=())
def connect(request: MemberRequest) -> HttpResponse:
    """Lead a member to ORCID to confirm the iD, after reauthentication: the iD will open this account."""
    if not reauthenticated_recently(request):
        return redirect_to_login(resolve_url("accounts:profile_edit"), resolve_url("account_reauthenticate"))
    return redirect(orcid.begin(request, purpose="link"))


@open_to("member")
@_if_on
@post_only("accounts:profile_edit", keeps=())
def disconnect(request: MemberRequest) -> HttpResponse:
    """Forget the confirmed iD."""
    orcid.unlink(member=request.user)
    messages.success(request, _("Your ORCID iD is removed. It signs you in no more."))
    return redirect("accounts:profile_edit")


@login_not_required
@_if_on
@post_only("account_login", keeps=())
def sign_in(request: HttpRequest) -> HttpResponse:
    """Lead a visitor to ORCID to sign in."""
    if request.user.is_authenticated:
        return redirect("home")
    asked = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(asked, allowed_hosts=None) and asked.startswith("/")
    return redirect(orcid.begin(request, purpose="sign_in", next_path=asked if own else ""))


@login_not_required
@_if_on
@require_safe
def come_back(request: HttpRequest) -> HttpResponse:
    """Take a browser back from ORCID: link the iD to the member, or sign in whoever has linked it."""
    back_to = _start_of(request)
    if counts.take_try(limit=TRIES, who=get_adapter(request).get_client_ip(request)):
        messages.error(request, _("Too many attempts. Wait ten minutes and try again."))
        return redirect(back_to)
    try:
        came = orcid.finish(request)
        if came.purpose == "link":
            return _link(request, came)
        return _sign_in(request, came)
    except orcid.OrcidRefused as refused:
        messages.error(request, refused.sentence)
        return redirect(back_to)


def _start_of(request: HttpRequest) -> str:
    """Return the page from which somebody in this standing starts again."""
    if not isinstance(request.user, Member):
        return "account_login"
    return "accounts:profile_edit" if request.user.may_see_cases else "accounts:me"


def _link(request: HttpRequest, came: orcid.Came) -> HttpResponse:
    if not isinstance(request.user, Member) or not request.user.may_see_cases:
        raise orcid.OrcidRefused(_("Sign in first, then confirm your iD from your profile."))
    orcid.link(member=request.user, number=came.number)
    messages.success(request, _("ORCID confirmed your iD. You can sign in with it from now on."))
    return redirect("accounts:profile_edit")


def _sign_in(request: HttpRequest, came: orcid.Came) -> HttpResponse:
    """Sign in as a password would, no further: allauth's later stages still ask for a second factor."""
    member = orcid.member_with(came.number)
    if member is None:
        raise orcid.OrcidRefused(
            _("No member has linked this iD. Sign in with your password, then confirm your iD from your profile.")
        )
    record_authentication(request, member, method="orcid")
    login = Login(user=member, redirect_url=came.next_path or None, email=member.email)
    answer: HttpResponse = perform_login(request, login)
    return answer
