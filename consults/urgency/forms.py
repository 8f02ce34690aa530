"""The form by which an author marks a case as urgent."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from consults.findings import sentences
from consults.urgency.models import UrgencyMark
from screening import identifiers
from vocabulary import terms


class UrgencyForm(forms.ModelForm):
    """How soon, why, and a few words."""

    level = forms.ChoiceField(label=gettext_lazy("How soon do you need an answer?"), widget=forms.RadioSelect)
    reason = forms.ChoiceField(
        label=gettext_lazy("Why?"), choices=terms.UrgencyReason.choices, widget=forms.RadioSelect
    )

    class Meta:
        model = UrgencyMark
        fields = ("level", "reason", "words")
        help_texts = {"words": gettext_lazy("Colleagues read it beside the case. No names, dates or numbers.")}

    def __init__(self, data: Mapping[str, str] | None = None, *, left: Mapping[str, int]) -> None:
        """Say beside each level how many marks of it are `left`."""
        super().__init__(data)
        field = self.fields["level"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
        field.choices = [(one.value, _label(one, left[one.value])) for one in terms.Urgency]

    def clean_words(self) -> str:
        """Refuse text that could identify the patient."""
        words: str = self.cleaned_data["words"].strip()
        found = identifiers.find(words)
        if found:
            raise ValidationError(sentences(found))
        return words

    def clean(self) -> dict[str, Any]:
        """Ask for words where the reason says nothing."""
        cleaned: dict[str, Any] = super().clean() or {}
        if (
            cleaned.get("reason") == terms.UrgencyReason.OTHER
            and not cleaned.get("words")
            and "words" not in self.errors
        ):
            self.add_error("words", _("Say why it cannot wait."))
        return cleaned


def _label(level: terms.Urgency, left: int) -> str:
    words = ngettext("%(n)d left this month", "%(n)d left this month", left) % {"n": left}
    return f"{level.label} ({words})"
