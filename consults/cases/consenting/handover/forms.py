"""Forms of a hand-over: the clinician's settings before it, and the patient's answers."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from consent.models import Assent, Consent, Shown, Use
from consent.records import signatures
from consent.records.wording import use_explained, use_in_words
from consults.cases.consenting.forms import CircumstancesForm
from consults.cases.models import Case

ASK = "ask"
PIN_DIGITS = (4, 8)


def _pin_field(label: Any, **options: Any) -> forms.CharField:
    return forms.RegexField(
        r"^[0-9]+$",
        min_length=PIN_DIGITS[0],
        max_length=PIN_DIGITS[1],
        label=label,
        widget=forms.PasswordInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"invalid": _("Use digits only.")},
        **options,
    )


class HandOverForm(CircumstancesForm):
    """Circumstances of the consent, whether the pictures are shown, and the PIN to end the hand-over."""

    assent = forms.ChoiceField(
        choices=[
            ("", _("Not a child")),
            (Assent.TOO_YOUNG, Assent.TOO_YOUNG.label),
            (ASK, _("7 or older: the child answers on this screen")),
        ],
        required=False,
        label=_("How old is the child?"),
    )
    shown = forms.ChoiceField(
        choices=[
            (Shown.SHOWN, _("Show the masked pictures")),
            (Shown.NOT_SHOWN, _("The patient does not want to see them")),
        ],
        widget=forms.RadioSelect,
        label=_("Pictures"),
        initial=Shown.SHOWN,
    )
    pin = _pin_field(
        _("PIN to come back"),
        help_text=_("4 to 8 digits that the patient does not know. You need it to take the device back."),
    )
    pin_again = _pin_field(_("PIN once more"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["publication"].label = _("Which publication, if one is planned")

    def _saved_answers(self, draft: Consent) -> dict[str, Any]:
        """Return the answers saved in a draft consent, except the assent: here the child answers."""
        kept = super()._saved_answers(draft)
        return kept | {"assent": ASK} if kept["assent"] in (Assent.AGREED, Assent.OBJECTED) else kept

    def clean(self) -> dict[str, Any]:
        """Require the same PIN twice."""
        data = super().clean() or {}
        if data.get("pin") and data.get("pin_again") and data["pin"] != data["pin_again"]:
            self.add_error("pin_again", _now("The two PINs differ. Type the same one twice."))
        return data


class PinForm(forms.Form):
    """The PIN, to take the device back."""

    pin = _pin_field(_("PIN"))


class PatientForm(forms.Form):
    """The patient's own answers. Every use is No until ticked."""

    uses = forms.MultipleChoiceField(widget=forms.CheckboxSelectMultiple, required=False, label=_("What I allow"))
    child_agrees = forms.BooleanField(required=False, label=_("It is all right for me that my pictures are shown."))
    signature = forms.CharField(required=False, widget=forms.HiddenInput, max_length=signatures.LONGEST_DATA_URL)

    def __init__(self, *args: Any, case: Case, publication: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case, self.publication = case, publication
        self.fields["uses"].choices = [(use, self._label(use)) for use in self._offered()]  # type: ignore[attr-defined]

    def _offered(self) -> list[Use]:
        missing = {Use.NAMED_GROUP: self.case.group_id is None, Use.PUBLICATION: not self.publication}
        return [use for use in Use if not missing.get(use)]

    def _label(self, use: Use) -> str:
        group = self.case.group.name if self.case.group is not None else ""
        return use_explained(use, use_in_words(use, publication=self.publication, group=group))

    def chosen_uses(self) -> frozenset[tuple[Use, UUID | None]]:
        """Return the ticked uses, the group's with its id."""
        ticked = [Use(value) for value in self.cleaned_data["uses"]]
        return frozenset((use, self.case.group_id if use == Use.NAMED_GROUP else None) for use in ticked)
