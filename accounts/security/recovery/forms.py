"""Forms of recoveries."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.security.recovery.models import Doubt, Way


class LostForm(forms.Form):
    """The address of the account."""

    email = forms.EmailField(
        label=_("E-mail address"),
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
        error_messages={"required": _("Write the address with which you sign in.")},
    )


class VoteForm(forms.Form):
    """What one moderator found."""

    finding = forms.ChoiceField(
        label=_("What you found"),
        choices=[("yes", _("It is the member")), ("no", _("I cannot confirm it"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you found.")},
    )
    looked_up = forms.BooleanField(
        label=_("I looked the member up in the register today, and used nothing that came by mail"), required=False
    )
    way = forms.ChoiceField(
        label=_("How you identified the member"),
        choices=Way.choices,
        widget=forms.RadioSelect,
        required=False,
    )
    doubt = forms.ChoiceField(
        label=_("Why you cannot confirm it"), choices=Doubt.choices, widget=forms.RadioSelect, required=False
    )

    def clean(self) -> dict[str, Any]:
        """Require what belongs to the finding, and drop the rest."""
        data = super().clean() or {}
        if data.get("finding") == "yes":
            data["doubt"] = ""
            if not data.get("way"):
                self.add_error("way", _("Choose how."))
            if not data.get("looked_up"):
                self.add_error("looked_up", _("Look the member up first."))
        elif data.get("finding") == "no":
            data["way"] = ""
            if not data.get("doubt"):
                self.add_error("doubt", _("Choose why."))
        return data
