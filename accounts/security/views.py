"""Allauth's pages with our labels and our `site` in the context."""

from typing import Any

from allauth.account import forms, views
from django.core.validators import MaxLengthValidator
from django.forms import CharField
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts.access import open_to
from accounts.membership.models import normalise_email
from accounts.middleware import CLEARS_ALL
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


class SignIn(_SiteContextMixin, views.LoginView):
    """The sign-in page."""

    form_class = SignInForm


class SignOut(_SiteContextMixin, views.LogoutView):
    """The sign-out page, which asks for confirmation."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out and clear the browser's cache and storage, so that Back shows nothing on a borrowed computer."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = CLEARS_ALL
        return response


@method_decorator(open_to("member", "officer", "applicant"), name="dispatch")
class ChangePassword(_SiteContextMixin, views.PasswordChangeView):
    """The page to change a password by giving the old one."""

    form_class = ChangePasswordForm


@method_decorator(open_to("member", "officer", "applicant"), name="dispatch")
class Reauthenticate(_SiteContextMixin, views.ReauthenticateView):
    """The reauthentication page, before actions that a borrowed session must not take."""

    form_class = ReauthenticateForm

    def form_valid(self, form: ReauthenticateForm) -> HttpResponse:
        """Log the reauthentication and continue to the requested page."""
        record_reauthentication(self.request.user)
        response: HttpResponse = super().form_valid(form)
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
