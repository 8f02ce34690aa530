"""Forms of groups."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, normalise_email


class GroupForm(forms.Form):
    """A new group."""

    name = forms.CharField(
        label=_("Name of the group"), max_length=80, error_messages={"required": _("Give the group a name.")}
    )
    purpose = forms.CharField(label=_("Purpose"), max_length=200, required=False)
    open_to_nurses = forms.BooleanField(label=_("Nurses and physician assistants may see its cases"), required=False)


class MemberForm(forms.Form):
    """Who is added to a group."""

    email = forms.EmailField(
        label=_("E-mail address of the member"),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        error_messages={"required": _("Write the address with which the member signs in.")},
    )

    member: Member

    def clean_email(self) -> str:
        """Find the member."""
        email = normalise_email(self.cleaned_data["email"])
        found = Member.objects.verified().filter(email=email).first()
        if found is None:
            raise ValidationError(_("No verified member signs in with this address."))
        self.member = found
        return email
