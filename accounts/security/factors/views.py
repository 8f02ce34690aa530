"""The pages of one's own factors: the hub of sign-in security, and adding, naming and removing."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar, cast

from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.contrib import messages
from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import open_to, without_factor
from accounts.exceptions import VettingError
from accounts.http import SignedInRequest, bound_data
from accounts.membership.models import Member
from accounts.security.factors import codes, passkeys, rules, service
from accounts.security.factors.forms import NameForm, NewAppForm, NewPasskeyForm
from accounts.security.factors.mfa_adapter import passkey_host
from accounts.security.security_events import signed_in_recently
from core.post_only import post_only

View = TypeVar("View", bound=Callable[..., HttpResponseBase])
LOW = 3  # recovery codes: from here on the page asks for new ones


def _own(view: View) -> View:
    """Open a page to everybody signed in, also before the first factor."""
    return without_factor(open_to("member", "officer", "applicant")(view))


def _by_its_owner(view: View) -> View:
    """Lead to reauthentication unless the member showed recently who they are."""

    @wraps(view)
    def asked(request: SignedInRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not signed_in_recently(request):
            back = request.path if request.method in ("GET", "HEAD") else resolve_url("accounts:me_security")
            return redirect_to_login(back, resolve_url("account_reauthenticate"))
        return view(request, *args, **kwargs)

    return cast(View, asked)


@_own
@require_safe
def security(request: SignedInRequest) -> HttpResponse:
    """Show passkeys, app and recovery codes, and what is still missing."""
    member = request.user
    rows = list(Authenticator.objects.filter(user=member).order_by("created_at", "pk"))
    factors = [_shown(row) for row in rows if row.type in rules.STRONG]
    kept = next((row for row in rows if row.type == Authenticator.Type.RECOVERY_CODES), None)
    left = len(kept.wrap().get_unused_codes()) if kept else 0
    context = {
        "member": member,
        "factors": factors,
        "has_app": any(row.type == Authenticator.Type.TOTP for row in rows),
        "may_remove": len(factors) > 1 or not rules.holds_office(member),
        "codes_left": left,
        "codes_low": left <= LOW,
        "codes_wait": kept is not None and not kept.wrap().did_view,
        "must_enrol": rules.missing(request, member) == rules.ENROL,
        "is_demo": rules.is_demo(member),
    }
    return render(request, "accounts/factors/security.html", context)


def _shown(row: Authenticator) -> dict[str, Any]:
    is_passkey = row.type == Authenticator.Type.WEBAUTHN
    return {
        "pk": row.pk,
        "is_passkey": is_passkey,
        "name": row.data.get("name", "") if is_passkey else _("Authenticator app"),
        "created_at": row.created_at,
        "last_used_at": row.last_used_at,
    }


@_own
@require_http_methods(["GET", "HEAD", "POST"])
@_by_its_owner
def add_passkey(request: SignedInRequest) -> HttpResponse:
    """Make a passkey."""
    member = request.user
    name = get_adapter().generate_authenticator_name(member, Authenticator.Type.WEBAUTHN)
    form = NewPasskeyForm(bound_data(request)[0], initial={"name": name})
    if request.method == "POST" and form.is_valid():
        try:
            first = service.add_passkey(
                request=request,
                member=member,
                name=form.cleaned_data["name"].strip() or name,
                credential=form.cleaned_data["credential"],
            )
        except VettingError as error:
            messages.warning(request, error.sentence)
            return redirect("accounts:me_security")
        messages.success(request, _("Your passkey is in place. From now on it is all you need to sign in."))
        return redirect("accounts:me_codes" if first else "accounts:me_security")
    context = {
        "form": form,
        "options": passkeys.registration_options(member),
        "needs_a_name": passkey_host().replace(".", "").isdigit(),  # browsers make no passkey for a bare address
    }
    return render(request, "accounts/factors/add_passkey.html", context, status=422 if form.errors else 200)


@_own
@require_http_methods(["GET", "HEAD", "POST"])
@_by_its_owner
def rename_passkey(request: SignedInRequest, pk: int) -> HttpResponse:
    """Give a passkey another name."""
    found = _factor_of(request.user, pk)
    if found.type != Authenticator.Type.WEBAUTHN:
        raise Http404
    form = NameForm(bound_data(request)[0], initial={"name": found.data.get("name", "")})
    if request.method == "POST" and form.is_valid():
        service.rename_passkey(passkey=found, name=form.cleaned_data["name"])
        return redirect("accounts:me_security")
    context = {"form": form}
    return render(request, "accounts/factors/rename_passkey.html", context, status=422 if form.errors else 200)


@_own
@require_http_methods(["GET", "HEAD", "POST"])
@_by_its_owner
def remove(request: SignedInRequest, pk: int) -> HttpResponse:
    """Ask, then remove a passkey or app."""
    found = _factor_of(request.user, pk)
    if request.method == "POST":
        try:
            service.remove(member=request.user, factor=found, keep=request.session.session_key)
        except VettingError as error:
            messages.warning(request, error.sentence)
        else:
            messages.success(request, _("Removed."))
        return redirect("accounts:me_security")
    context = {
        "factor": _shown(found),
        "is_last": not rules.factors_of(request.user).exclude(pk=found.pk).exists(),
        "may_remove": rules.may_remove(request.user, found),
    }
    return render(request, "accounts/factors/remove.html", context)


@_own
@require_http_methods(["GET", "HEAD", "POST"])
@_by_its_owner
def add_app(request: SignedInRequest) -> HttpResponse:
    """Set up an authenticator app, in place of an earlier one."""
    member = request.user
    if request.method != "POST":
        codes.draft_secret(request, anew=True)
    form = NewAppForm(bound_data(request)[0], request=request, user=member)
    if request.method == "POST" and form.is_valid():
        first = service.add_app(request=request, member=member, secret=form.secret, counter=form.counter)
        messages.success(request, _("Your app is in place. Its code is asked for after your password."))
        return redirect("accounts:me_codes" if first else "accounts:me_security")
    adapter = get_adapter()
    address = adapter.build_totp_url(member, form.secret)
    context = {
        "form": form,
        "secret": " ".join(form.secret[start : start + 4] for start in range(0, len(form.secret), 4)),
        "picture": adapter.build_totp_svg(address),
        "address": address,
        "replaces": rules.factors_of(member).filter(type=Authenticator.Type.TOTP).exists(),
    }
    return render(request, "accounts/factors/add_app.html", context, status=422 if form.errors else 200)


@_own
@require_safe
@_by_its_owner
def codes_page(request: SignedInRequest) -> HttpResponse:
    """Show recovery codes until the member says that they are kept; never again after that."""
    kept = codes.recovery_codes(request.user)
    if kept is None or kept.did_view:
        return redirect("accounts:me_security")
    shown = [f"{code[:4]} {code[4:]}" for code in kept.get_unused_codes()]
    return render(request, "accounts/factors/codes.html", {"codes": shown})


@_own
@post_only("accounts:me_codes", keeps=())
def codes_kept(request: SignedInRequest) -> HttpResponse:
    """Note that the codes are kept."""
    kept = codes.recovery_codes(request.user)
    if kept is not None:
        kept.mark_as_viewed()
    needs_more = rules.missing(request, request.user)
    return redirect("accounts:me_security" if needs_more else resolve_url("home"))


@_own
@post_only("accounts:me_security", keeps=())
@_by_its_owner
def make_codes(request: SignedInRequest) -> HttpResponse:
    """Make new recovery codes in place of the earlier ones."""
    try:
        service.make_codes(member=request.user)
    except VettingError as error:
        messages.warning(request, error.sentence)
        return redirect("accounts:me_security")
    return redirect("accounts:me_codes")


def after_recovery_code(request: HttpRequest, member: Member) -> HttpResponse:
    """Say how many recovery codes are left, and lead to making new ones."""
    left = codes.left(member)
    messages.warning(
        request,
        ngettext(
            "You used a recovery code; %(n)d is left. Make new ones here, and add a passkey if you lost yours.",
            "You used a recovery code; %(n)d are left. Make new ones here, and add a passkey if you lost yours.",
            left,
        )
        % {"n": left},
    )
    return redirect("accounts:me_security")


def _factor_of(member: Member, pk: int) -> Authenticator:
    found = rules.factors_of(member).filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
