"""The form of a plan: the fields that the case's question asks for."""

from collections.abc import Mapping
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from consults.discussion.plans.models import Plan, PlanFields
from consults.findings import sentences
from screening import identifiers
from vocabulary import terms, treatments

NOTHING: Final = [("", gettext_lazy("No"))]
PREFIX: Final = "plan"


class PlanForm(forms.Form):
    """What a member would do. For "Biopsy or not?" the biopsy and the words alone. Read `plan` after `is_valid()`."""

    observe = forms.ChoiceField(
        label=gettext_lazy("Observe, and look again"), choices=[*NOTHING, *terms.Interval.choices], required=False
    )
    biopsy = forms.ChoiceField(
        label=gettext_lazy("Biopsy"), choices=[*NOTHING, *terms.Biopsy.choices[1:]], required=False
    )
    biopsy_where = forms.CharField(
        label=gettext_lazy("Where to take it"),
        max_length=80,
        required=False,
        help_text=gettext_lazy("Such as “edge of the ulcer”. Empty: the site of the case."),
    )
    treatment = forms.ChoiceField(label=gettext_lazy("Treat with"), required=False)
    refer_to = forms.ChoiceField(
        label=gettext_lazy("Refer to"), choices=[*NOTHING, *terms.Referral.choices], required=False
    )
    words = forms.CharField(
        label=gettext_lazy("In your own words"),
        max_length=600,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=gettext_lazy("Why, how often, in which order. No names, dates or numbers of a patient."),
    )

    def __init__(
        self, data: Mapping[str, str] | None = None, *, question: str, given: PlanFields | None = None
    ) -> None:
        """Take `data` as posted, or `given`, the plan of an earlier answer to start from."""
        super().__init__(data, prefix=PREFIX, initial=given.said() if given else None)
        self.asks_for_biopsy = question == terms.Question.BIOPSY
        if self.asks_for_biopsy:
            for name in ("observe", "treatment", "refer_to"):
                del self.fields[name]
            self.fields["biopsy"] = forms.ChoiceField(
                label=_("Biopsy or not?"), choices=terms.Biopsy.choices, required=False, widget=forms.RadioSelect
            )
        else:
            field = self.fields["treatment"]
            assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
            field.choices = [*NOTHING, *treatments.choices(get_language() or "en", any_of=_("%s: any"))]

    @property
    def plan(self) -> Plan:
        """The plan, not saved."""
        return Plan(**self.cleaned_data)

    def clean_biopsy_where(self) -> str:
        """Refuse text that could identify the patient."""
        return _screened(self.cleaned_data["biopsy_where"])

    def clean_words(self) -> str:
        """Refuse text that could identify the patient."""
        return _screened(self.cleaned_data["words"])

    def clean(self) -> dict[str, Any]:
        """Ask for one thing to do at least; drop a place where there is no biopsy."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("biopsy", "") in ("", terms.Biopsy.NO):
            cleaned["biopsy_where"] = ""
        if not any(cleaned.get(name) for name in ("observe", "biopsy", "treatment", "refer_to")) and not self.errors:
            if self.asks_for_biopsy:
                self.add_error("biopsy", _("Choose whether you would take a biopsy."))
            else:
                self.add_error(None, _("Choose at least one: observe, biopsy, treat or refer."))
        return cleaned


def _screened(text: str) -> str:
    text = text.strip()
    found = identifiers.find(text)
    if found:
        raise ValidationError(sentences(found))
    return text
