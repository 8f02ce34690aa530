"""The form that corrects an outcome."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consults.discussion.forms import CloseForm
from consults.discussion.outcomes.corrections import Correction
from consults.discussion.outcomes.models import CorrectionReason
from consults.findings import sentences
from screening import identifiers


class CorrectForm(CloseForm):
    """The outcome as it should be, and why it is corrected."""

    reason = forms.ChoiceField(
        label=gettext_lazy("Why is it corrected?"), choices=CorrectionReason.choices, widget=forms.RadioSelect
    )
    words = forms.CharField(
        label=gettext_lazy("In a sentence"),
        max_length=300,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=gettext_lazy("Everybody who sees the outcome reads it. No names, dates or numbers."),
    )

    def clean_words(self) -> str:
        """Refuse text that could identify the patient."""
        words: str = self.cleaned_data["words"].strip()
        found = identifiers.find(words)
        if found:
            raise ValidationError(sentences(found))
        return words

    def clean(self) -> dict[str, Any]:
        """Ask for words where the reason alone says nothing."""
        cleaned = super().clean()
        if cleaned.get("reason") == CorrectionReason.OTHER and not cleaned.get("words") and "words" not in self.errors:
            self.add_error("words", _("Say why in a sentence."))
        return cleaned

    @property
    def correction(self) -> Correction:
        """What was entered; after `is_valid()`."""
        return Correction(
            diagnosis=self.cleaned_data["diagnosis"],
            reference=self.cleaned_data["reference"],
            done=self.cleaned_data["done"],
            reason=CorrectionReason(self.cleaned_data["reason"]),
            words=self.cleaned_data["words"],
        )
