"""The form of an appointment."""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.appointments.models import Office
from accounts.membership.models import Member, normalise_email


class AppointmentForm(forms.Form):
    """Who takes, keeps or leaves which office."""

    email = forms.EmailField(
        label=_("E-mail address of the member"),
        widget=forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"}),
        error_messages={"required": _("Write the address with which the member signs in.")},
    )
    office = forms.ChoiceField(
        label=_("Office"),
        choices=Office.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the office.")},
    )
    takes = forms.ChoiceField(
        label=_("What happens"),
        choices=[
            ("yes", _("Takes the office")),
            ("renew", _("Keeps the office for another term")),
            ("no", _("Leaves the office")),
        ],
        initial="yes",
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what happens.")},
    )

    member: Member

    def clean_email(self) -> str:
        """Find the member."""
        email = normalise_email(self.cleaned_data["email"])
        found = Member.objects.filter(email=email).first()
        if found is None:
            raise ValidationError(_("No member signs in with this address. They apply first, and moderators vet them."))
        self.member = found
        return email

    @property
    def takes_office(self) -> bool:
        """Whether the office is taken, or kept."""
        return bool(self.cleaned_data["takes"] != "no")

    @property
    def renews(self) -> bool:
        """Whether an office is kept for another term."""
        return bool(self.cleaned_data["takes"] == "renew")
