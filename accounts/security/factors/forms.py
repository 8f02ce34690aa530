"""Forms of factors. A passkey's response is JSON that static/accounts/passkeys.js puts into a hidden field."""

from typing import Any

from allauth.core import context
from allauth.mfa import signals
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.internal.flows import check_rate_limit, post_authentication
from allauth.mfa.models import Authenticator
from django import forms
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Member
from accounts.security.factors import changes, codes, passkeys
from accounts.security.factors.service import LONGEST_NAME

LONGEST_CODE = 20
LONGEST_CREDENTIAL = 40_000


class CredentialField(forms.JSONField):
    """What a browser answered: a short JSON object in a hidden field."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(widget=forms.HiddenInput, label=_("Passkey"), **kwargs)
        self.max_length = LONGEST_CREDENTIAL  # of the text, which `to_python` measures before it is read

    def to_python(self, value: Any) -> Any:
        """Return the object; whatever is none is refused by who reads it."""
        return super().to_python(value if len(str(value or "")) <= LONGEST_CREDENTIAL else "")


class GivenFactorForm(forms.Form):
    """A factor that is given, at sign-in or to reauthenticate; `authenticator` is the one, once valid."""

    reauthenticated = False
    passwordless = False
    authenticator: Authenticator

    def __init__(self, *args: Any, user: Any = None, **kwargs: Any) -> None:
        self.user: Any = user  # a member, or None while a passkey has to say whose it is
        super().__init__(*args, **kwargs)

    def save(self) -> None:
        """Note in the session which factor was given."""
        post_authentication(
            context.request, self.authenticator, reauthenticated=self.reauthenticated, passwordless=self.passwordless
        )


class PasskeyForm(GivenFactorForm):
    """A passkey."""

    credential = CredentialField()

    def clean_credential(self) -> Any:
        """Find the passkey. A member who is known has a limit of tries; one whom the response names has none.

        Else a stranger could lock out whomever they name.
        """
        forget = check_rate_limit(self.user) if self.user is not None else None
        self.authenticator = passkeys.used(self.cleaned_data["credential"], member=self.user)
        if forget:
            forget()
        return self.cleaned_data["credential"]


class PasskeySignInForm(PasskeyForm):
    """A passkey alone, which counts as both factors."""

    passwordless = True


class PasskeyAgainForm(PasskeyForm):
    """A passkey of a signed-in member."""

    reauthenticated = True


class CodeForm(GivenFactorForm):
    """A code of an authenticator app, or a recovery code."""

    code = forms.CharField(
        label=_("Code of your app, or a recovery code"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        error_messages={"required": _("Write the code.")},
    )

    def clean_code(self) -> str:
        """Find what the code is of, and use it up."""
        forget = check_rate_limit(self.user)
        code: str = self.cleaned_data["code"]
        found = codes.matching(self.user, code)
        if found is None:
            main = Authenticator.objects.filter(user=self.user).order_by("-type").first()
            if main is not None:
                signals.authentication_failed.send(
                    sender=Authenticator,
                    request=context.request,
                    user=self.user,
                    authenticator=main,
                    reauthentication=self.reauthenticated,
                )
            raise get_adapter().validation_error("incorrect_code")
        forget()
        self.authenticator = found
        return code

    def save(self) -> None:
        """Note in the session which factor was given; tell the owner when it was a recovery code."""
        super().save()
        if self.was_recovery:
            changes.note_code_used(member=self.user, left=codes.left(self.user))

    @property
    def was_recovery(self) -> bool:
        """Whether a recovery code was given."""
        return bool(self.authenticator.type == Authenticator.Type.RECOVERY_CODES)


class CodeAgainForm(CodeForm):
    """A code of a signed-in member."""

    reauthenticated = True


class NewPasskeyForm(forms.Form):
    """A passkey that the browser has just made, and its name."""

    name = forms.CharField(
        label=_("Name of this passkey"),
        max_length=LONGEST_NAME,
        required=False,
        help_text=_("So that you recognise it later: “my phone”, “key at the clinic”."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    credential = CredentialField()

    def clean_credential(self) -> dict[str, Any]:
        """Check what the browser made."""
        return passkeys.checked_registration(self.cleaned_data["credential"])


class NameForm(forms.Form):
    """Another name of a passkey."""

    name = forms.CharField(
        label=_("Name of this passkey"),
        max_length=LONGEST_NAME,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Write a name.")},
    )


class NewAppForm(forms.Form):
    """The first code of an authenticator app."""

    code = forms.CharField(
        label=_("Code that the app shows"),
        max_length=LONGEST_CODE,
        widget=forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}),
        error_messages={"required": _("Write the code that the app shows.")},
    )
    counter: int

    def __init__(self, *args: Any, request: HttpRequest, user: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user
        self.secret = codes.draft_secret(request, anew=False)

    def clean_code(self) -> str:
        """Check that app and site compute the same."""
        forget = check_rate_limit(self.user)
        code: str = self.cleaned_data["code"]
        counter = codes.counter_of(self.secret, code)
        if counter is None:
            raise get_adapter().validation_error("incorrect_code")
        forget()
        self.counter = counter
        return code
