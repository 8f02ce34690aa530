"""The form to ask for a supervisor."""

from django import forms
from django.utils.translation import gettext_lazy as _

_INVALID = _("Write a whole e-mail address, such as name@hospital.org.")


class SupervisorForm(forms.Form):
    """The address of a specialist."""

    email = forms.EmailField(
        label=_("E-mail address of a specialist who is a member"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        help_text=_("We ask them. You are not told whether they have an account."),
        error_messages={"required": _INVALID, "invalid": _INVALID},
    )
