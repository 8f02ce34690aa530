"""The audit's filter, and what has to be said before it leaves the house."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consent.models import Form, Status
from consults.consent_audit.query import EDUCATION, STATES, Filter
from consults.consent_audit.query import forms as known_forms
from consults.consent_audit.words import REASONS

REFERENCE = re.compile(r"\A[\w./ :#-]{0,60}\Z")


class FormChoice(forms.ModelChoiceField):
    """A consent form by code, version and language."""

    def label_from_instance(self, obj: Form) -> str:
        """Such as “rete-standard 1, English”."""
        return f"{obj.code} {obj.version}, {obj.get_language_display()}"


class FilterForm(forms.Form):
    """Which posts; read from the address."""

    since = forms.DateField(
        label=_("Published from"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    until = forms.DateField(
        label=_("Published to"), required=False, widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    )
    state = forms.ChoiceField(
        label=_("Consent"),
        required=False,
        choices=[
            ("", _("Any state")),
            *((str(state), Status(state).label) for state in STATES),
            (EDUCATION, _("Education model, no patient")),
        ],
    )
    form = FormChoice(label=_("Form"), required=False, queryset=Form.objects.none(), empty_label=_("Any form"))
    exceptions = forms.BooleanField(label=_("Only what needs a look"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].queryset = known_forms()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """The two days stand in order."""
        cleaned = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", _("This day lies before the first one. Exchange the two days."))
        return cleaned

    def wanted(self) -> Filter:
        """The filter. Only right for a valid form."""
        chosen = self.cleaned_data
        return Filter(
            since=chosen["since"],
            until=chosen["until"],
            state=chosen["state"],
            form=chosen["form"].pk if chosen["form"] else None,
            exceptions_only=chosen["exceptions"],
        )


class ExportForm(forms.Form):
    """Why it leaves, and once more who is asking."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose a reason")), *REASONS.items()])
    reference = forms.RegexField(
        label=_("Reference"),
        regex=REFERENCE,
        max_length=60,
        required=False,
        help_text=_("The number of the request, if there is one. Never a person's name."),
        error_messages={"invalid": _("Use letters, digits, spaces and . / : # - only.")},
    )
    password = forms.CharField(
        label=_("Your password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
        help_text=_("Asked again, because the file leaves this site."),
    )
