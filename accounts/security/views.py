"""Allauth's pages with our labels and our `site` in the context."""

from typing import Any

from allauth.account import forms, views
from allauth.account.internal.flows.login import perform_login
from allauth.account.internal.flows.reauthentication import reauthenticate_by_password
from allauth.account.internal.stagekit import clear_login, redirect_to_pending_stage
from allauth.account.stages import LoginStage
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base.views import AuthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.views import LoginWebAuthnView
from django.contrib import messages
from django.core.validators import MaxLengthValidator
from django.forms import CharField, Form
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts.access import open_to, without_factor
from accounts.membership.models import Member, normalise_email
from accounts.middleware import CLEARS_ALL
from accounts.profiles import orcid
from accounts.security.factors import passkeys, rules
from accounts.security.factors import views as factor_views
from accounts.security.factors.forms import CodeAgainForm, CodeForm, PasskeyAgainForm, PasskeyForm, PasskeySignInForm
from accounts.security.passwords import advice
from accounts.security.resetting import ask_for_link
from accounts.security.security_events import record_reauthentication

LONGEST_PASSWORD = 200  # as an applicant's (accounts.vetting.forms)


class _SiteContextMixin:
    """Mixin that drops allauth's `site` from the context, where it would hide ours."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Return the view's context without `site`."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        context.pop("site", None)
        return context


class _LabelsMixin:
    """Mixin that sets our labels and the longest text, and removes placeholders, which would repeat labels."""

    fields: dict[str, Any]
    labels: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
            if isinstance(field, CharField) and field.max_length is None:
                field.max_length = LONGEST_PASSWORD
                field.validators.append(MaxLengthValidator(LONGEST_PASSWORD))
        if "password1" in self.fields:
            self.fields["password1"].help_text = advice(getattr(self, "user", None))


class SignInForm(_LabelsMixin, forms.LoginForm):
    """E-mail address and password."""

    labels = {"login": _("E-mail address"), "password": _("Password")}


class ChangePasswordForm(_LabelsMixin, forms.ChangePasswordForm):
    """The current password, and the new one twice."""

    labels = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }


class ResetPasswordForm(_LabelsMixin, forms.ResetPasswordForm):
    """The address to send a link to."""

    labels = {"email": _("E-mail address")}

    def clean_email(self) -> str:
        """Return the address as it is stored; whether there is an account is not looked up here."""
        return normalise_email(self.cleaned_data["email"])

    def save(self, request: HttpRequest, **kwargs: Any) -> str:
        """Enqueue the mail, in the same steps for known and unknown addresses."""
        email: str = self.cleaned_data["email"]
        ask_for_link(email=email)
        return email


class NewPasswordForm(_LabelsMixin, forms.ResetPasswordKeyForm):
    """The new password, twice."""

    labels = {"password1": _("New password"), "password2": _("New password once more")}


class ReauthenticateForm(_LabelsMixin, forms.ReauthenticateForm):
    """The current password."""

    labels = {"password": _("Your password")}


class _BeginsAnewMixin:
    """Mixin for sign-in pages: what is sent to them, and `?anew`, end a sign-in that waits for its second factor.

    Allauth would lead back to the second page for a quarter of an hour, whoever sits there by now.
    """

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: LoginStage) -> HttpResponse | None:
        if request.method == "POST" or "anew" in request.GET:
            clear_login(request)
            return None
        page: HttpResponse = redirect_to_pending_stage(request, stage)
        return page


class SignIn(_BeginsAnewMixin, _SiteContextMixin, views.LoginView):
    """The sign-in page."""

    form_class = SignInForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say whether the button for ORCID stands on the page."""
        return super().get_context_data(**kwargs) | {"orcid_is_on": orcid.is_on()}


class GiveFactor(_SiteContextMixin, AuthenticateView):
    """The second page of a sign-in: a passkey, a code of the app, or a recovery code."""

    template_name = "account/factor.html"
    form_class = CodeForm
    webauthn_form_class = PasskeyForm

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Offer what the member has."""
        context = super().get_context_data(**kwargs)
        member = self.stage.login.user
        kinds = set(rules.factors_of(member).values_list("type", flat=True))
        options = context["js_data"]["request_options"]
        context |= {"kinds": kinds, "passkey_options": options, "sent": self.form or self.auth_form}
        return context

    def form_invalid(self, form: CodeForm | PasskeyForm) -> HttpResponse:
        """Show the page again with what is wrong."""
        page: HttpResponse = self.render_to_response(self.get_context_data(), status=422)
        return page

    def form_valid(self, form: CodeForm | PasskeyForm) -> HttpResponse:
        """Complete the sign-in; after a recovery code, lead to new ones."""
        response: HttpResponse = super().form_valid(form)
        if isinstance(form, CodeForm) and form.was_recovery and isinstance(self.request.user, Member):
            return factor_views.after_recovery_code(self.request, self.request.user)
        return response


class PasskeySignIn(_BeginsAnewMixin, LoginWebAuthnView):
    """Sign-in by a passkey alone: a GET gives a script what the browser needs, a POST takes its answer."""

    form_class = PasskeySignInForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Return the options as JSON; lead a person to the sign-in page."""
        if request.accepts("text/html"):
            return redirect("account_login")
        return JsonResponse(passkeys.sign_in_options())

    def form_invalid(self, form: PasskeySignInForm) -> HttpResponse:
        """Lead back to the sign-in page with what is wrong."""
        messages.warning(
            self.request, _("This passkey was not accepted. Try again, or sign in with your address and password.")
        )
        return redirect("account_login")

    def form_valid(self, form: PasskeySignInForm) -> HttpResponse:
        """Sign in."""
        login = passkeys.login_of(form.authenticator, redirect_url=get_next_redirect_url(self.request))
        form.save()
        response: HttpResponse = perform_login(self.request, login)
        return response


@method_decorator(without_factor, name="dispatch")
class SignOut(_SiteContextMixin, views.LogoutView):
    """The sign-out page, which asks for confirmation."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out and clear the browser's cache and storage, so that Back shows nothing on a borrowed computer."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = CLEARS_ALL
        return response


@method_decorator(without_factor, name="dispatch")
@method_decorator(open_to("member", "officer", "applicant"), name="dispatch")
class ChangePassword(_SiteContextMixin, views.PasswordChangeView):
    """The page to change a password by giving the old one."""

    form_class = ChangePasswordForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Lead somebody who has no password, as after a recovery, to the page that sends the link for one."""
        if isinstance(request.user, Member) and not request.user.has_usable_password():
            messages.info(request, _("You have no password yet. Have a link sent to your address, and choose one."))
            return redirect("account_reset_password")
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response


@method_decorator(without_factor, name="dispatch")
@method_decorator(open_to("member", "officer", "applicant"), name="dispatch")
class Reauthenticate(_SiteContextMixin, views.BaseReauthenticateView):
    """The reauthentication page, before actions that a borrowed session must not take.

    Asks for a passkey or a code; for the password only where there is neither.
    """

    template_name = "account/reauthenticate.html"

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Look up which factors there are."""
        self.kinds = set(rules.factors_of(request.user).values_list("type", flat=True))  # type: ignore[arg-type]
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)
        return response

    def _check_reauthentication_method_available(self, request: HttpRequest) -> None:
        """Return None: the page has a form for everybody."""

    def get_form_class(self) -> type[Form]:
        """Return the form that was sent, else the first of the page."""
        if not self.kinds:
            return ReauthenticateForm
        return CodeAgainForm if "code" in self.request.POST else PasskeyAgainForm

    def get_form_kwargs(self) -> dict[str, Any]:
        """Add whose factor or password it is."""
        kwargs: dict[str, Any] = super().get_form_kwargs()
        return kwargs | {"user": self.request.user}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the other form, and what the browser needs to use a passkey."""
        context = super().get_context_data(**kwargs)
        form, member = context["form"], self.request.user
        context["needs_strong"] = isinstance(member, Member) and rules.missing(self.request, member) == "give"
        if self.kinds:
            context["code_form"] = form if isinstance(form, CodeAgainForm) else CodeAgainForm(user=member)
        if Authenticator.Type.WEBAUTHN in self.kinds:
            context["passkey_form"] = form if isinstance(form, PasskeyAgainForm) else PasskeyAgainForm(user=member)
            context["passkey_options"] = passkeys.sign_in_options(member)
        return context

    def form_valid(self, form: ReauthenticateForm | CodeAgainForm | PasskeyAgainForm) -> HttpResponse:
        """Log the reauthentication and continue to the requested page; after a recovery code, to new factors."""
        if isinstance(form, ReauthenticateForm):
            reauthenticate_by_password(self.request)
        else:
            form.save()
        record_reauthentication(self.request.user)
        response: HttpResponse = super().form_valid(form)
        if isinstance(form, CodeAgainForm) and form.was_recovery:
            return factor_views.after_recovery_code(self.request, form.user)
        return response


class ResetPassword(_SiteContextMixin, views.PasswordResetView):
    """The page to request a reset link; its answer does not reveal whether the address is known."""

    form_class = ResetPasswordForm


class ResetPasswordDone(_SiteContextMixin, views.PasswordResetDoneView):
    """The page after a reset link was requested."""


class NewPassword(_SiteContextMixin, views.PasswordResetFromKeyView):
    """The page that the reset link opens."""

    form_class = NewPasswordForm


class NewPasswordDone(_SiteContextMixin, views.PasswordResetFromKeyDoneView):
    """The page after a password was reset."""
