"""The form to suspend or reinstate a member."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.membership.lifecycle import SuspensionReason


class StandingForm(forms.Form):
    """The reason for a suspension, when it begins and when it ends."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose…")), *SuspensionReason.choices],
        error_messages={"required": _("Choose a reason.")},
    )
