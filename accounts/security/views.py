"""Allauth's pages within our frame: our labels, our `site`, nothing else changed."""

from typing import Any

from allauth.account import forms, views
from django.http import HttpResponse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext_lazy as _

from accounts.access import open_to
from accounts.models import Member
from accounts.security import trusted_devices
from accounts.security.passwords import GuessableValidator
from accounts.security.security_events import record_confirmed


class _OwnFrame:
    """Allauth puts its own `site` into the context, which would hide ours."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """The view's context without `site`."""
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        context.pop("site", None)
        return context


class _PlainLabels:
    """A label above the field says it all; a placeholder would say it twice."""

    fields: dict[str, Any]
    labels: dict[str, Any]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():
            field.widget.attrs.pop("placeholder", None)
            field.label = self.labels.get(name, field.label)
        if "password1" in self.fields:
            self.fields["password1"].help_text = GuessableValidator().get_help_text()


class SignInForm(_PlainLabels, forms.LoginForm):
    """E-mail address and password."""

    labels = {"login": _("E-mail address"), "password": _("Password")}


class ChangePasswordForm(_PlainLabels, forms.ChangePasswordForm):
    """Present password, new one twice."""

    labels = {
        "oldpassword": _("Present password"),
        "password1": _("New password"),
        "password2": _("New password once more"),
    }


class ResetPasswordForm(_PlainLabels, forms.ResetPasswordForm):
    """The address to send a link to."""

    labels = {"email": _("E-mail address")}


class NewPasswordForm(_PlainLabels, forms.ResetPasswordKeyForm):
    """The new password, twice."""

    labels = {"password1": _("New password"), "password2": _("New password once more")}


class ConfirmForm(_PlainLabels, forms.ReauthenticateForm):
    """The present password."""

    labels = {"password": _("Your password")}


class SignIn(_OwnFrame, views.LoginView):
    """Sign in."""

    form_class = SignInForm

    def form_valid(self, form: SignInForm) -> HttpResponse:
        """Sign in, and let the browser be known as one of theirs."""
        response: HttpResponse = super().form_valid(form)
        if isinstance(self.request.user, Member):
            trusted_devices.remember(self.request, response, email=self.request.user.email)
        return response


class SignOut(_OwnFrame, views.LogoutView):
    """Ask, then sign out."""

    def post(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Sign out and have the browser forget what it kept of us; on a borrowed computer, Back shows nothing."""
        response: HttpResponse = super().post(*args, **kwargs)
        response["Clear-Site-Data"] = '"cache", "storage"'
        return response


@method_decorator(open_to("member", "officer", "applicant"), name="dispatch")
class ChangePassword(_OwnFrame, views.PasswordChangeView):
    """Choose a new password knowing the old one."""

    form_class = ChangePasswordForm


@method_decorator(open_to("member", "officer", "applicant"), name="dispatch")
class Confirm(_OwnFrame, views.ReauthenticateView):
    """Show once more who you are, before something that a borrowed session must not do."""

    form_class = ConfirmForm

    def form_valid(self, form: ConfirmForm) -> HttpResponse:
        """Note it in the session and in the log, and go on."""
        record_confirmed(self.request.user)
        response: HttpResponse = super().form_valid(form)
        return response


class ResetPassword(_OwnFrame, views.PasswordResetView):
    """Ask for a link; the answer does not tell whether the address is known."""

    form_class = ResetPasswordForm


class ResetPasswordDone(_OwnFrame, views.PasswordResetDoneView):
    """Look into your mail."""


class NewPassword(_OwnFrame, views.PasswordResetFromKeyView):
    """The page behind the link."""

    form_class = NewPasswordForm


class NewPasswordDone(_OwnFrame, views.PasswordResetFromKeyDoneView):
    """The password is changed."""
