"""Forms of hiding, and of what is found about reports: of cases, comments and posts alike."""

from django import forms
from django.utils.translation import gettext_lazy as _

from consults.holds import Reason
from consults.reporting import Finding

FINDINGS = [(one.value, one.label) for one in (Finding.MISTAKEN, Finding.BASELESS)]  # when nothing stays hidden


class HideForm(forms.Form):
    """Why something is hidden; its author reads it."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    words = forms.CharField(
        label=_("In a sentence"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The author reads this. Do not repeat a name or number, and do not give away a diagnosis."),
    )


class FindingForm(forms.Form):
    """What a moderator finds about reports when nothing is hidden, or is shown again."""

    finding = forms.ChoiceField(choices=FINDINGS, required=False)
    words = forms.CharField(max_length=500, required=False)

    def clean_finding(self) -> str:
        """Take a report for one in good faith unless the moderator says otherwise."""
        return str(self.cleaned_data["finding"] or Finding.MISTAKEN)
