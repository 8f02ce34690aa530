"""Suspending and reinstating a member, as typed."""

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.membership.lifecycle import SuspensionReason


class StandingForm(forms.Form):
    """Why a member is suspended, or what a suspension was for when it ends."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose…")), *SuspensionReason.choices],
        error_messages={"required": _("Choose a reason.")},
    )
