"""Forms for the decision of a second reader."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consults.cases import gate
from consults.cases.models import Case, Release
from consults.cases.review.annotations import UnreadableMarks, parse
from consults.cases.review.models import DrawnMark, SecondRead
from consults.findings import sentences
from screening import identifiers
from vocabulary.terms import Sensitive


class ReleaseForm(forms.Form):
    """Release, with the reader's declaration of having looked."""

    looked = forms.BooleanField(
        label=_("I looked at every picture at full size, and nothing in it says who the patient is."),
        error_messages={"required": _("Look at every picture at full size first, then tick this.")},
    )
    exempt = forms.BooleanField(
        label=_("I see histology alone and no identifying feature in it: I accept that it is shown without a consent."),
        error_messages={"required": _("Accept this too, or send the case back.")},
    )
    attached = forms.BooleanField(
        label=_(
            "I compared what is known of both patients, and accept that the consent, which was recorded for another "
            "case, is this patient's."
        ),
        error_messages={"required": _("Accept this too, or send the case back.")},
    )
    asked_before = forms.BooleanField(
        label=_(
            "I read that a patient was asked about this case before, and accept that it is shown without a consent."
        ),
        error_messages={"required": _("Accept this too, or send the case back.")},
    )
    first_pictures = forms.BooleanField(
        label=_(
            "One of the author's first cases: I looked in every picture for what machines miss, such as tattoos, "
            "jewellery, labels, the background and the time of day."
        ),
        error_messages={"required": _("Look through every picture for these first, then tick this.")},
    )
    first_words = forms.BooleanField(
        label=_(
            "I read every word, captions too: no name, date, number or place, and nothing that only one person has."
        ),
        error_messages={"required": _("Read title, note, treatments and captions first, then tick this.")},
    )
    first_consent = forms.BooleanField(
        label=_("I read the consent, or why none is needed: it fits this patient, these pictures and this audience."),
        error_messages={"required": _("Read what stands under “Consent” first, then tick this.")},
    )
    sensitive = forms.MultipleChoiceField(
        label=_("Show only to those who ask, because of"),
        choices=Sensitive.choices,
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=_("What the author marked stays marked. Add whatever is missing."),
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._told = gate.to_accept(case)
        for code in {*gate.TO_ACCEPT} - {*self._told}:
            del self.fields[code]
        if gate.basis_of(case) != Release.Basis.HISTOLOGY:
            del self.fields["exempt"]
        self.fields["sensitive"].initial = case.sensitive

    def accepted_codes(self) -> list[str]:
        """Return the codes of what the reader was told in words and accepted."""
        return [code for code in self._told if self.cleaned_data[code]]


class SendBackForm(forms.Form):
    """Send-back, with reason, text and marks. The reason "Something else" requires text; the service checks it too."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=SecondRead.Reason.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose a reason.")},
    )
    words = forms.CharField(
        label=_("What should the author change?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Point at the picture and the place. Do not repeat a name or number here."),
    )

    marks = forms.CharField(widget=forms.HiddenInput(attrs={"data-marks": ""}), required=False, max_length=10_000)

    def clean_marks(self) -> list[DrawnMark]:
        """Parse the marks drawn on the pictures."""
        try:
            return parse(self.cleaned_data["marks"])
        except UnreadableMarks as unreadable:
            raise ValidationError(
                _("The marks on the pictures could not be read. Reload the page and draw them again.")
            ) from unreadable

    def clean_words(self) -> str:
        """Refuse to repeat a name or number to the author."""
        words: str = self.cleaned_data["words"].strip()
        found = identifiers.find(words)
        if found:
            raise ValidationError(sentences(found))
        return words

    def clean(self) -> dict[str, Any]:
        """Require text with "Something else", so that the error is shown at the field."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("reason") == SecondRead.Reason.OTHER and cleaned.get("words") == "":
            self.add_error("words", _("Say what the author should change."))
        return cleaned
