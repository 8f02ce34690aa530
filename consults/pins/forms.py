"""The form of a pin: a picture, a place in percent of its sides or an outline, and a few words."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from consults.cases.presenters import ViewerPicture
from consults.hints import HintedForm
from consults.pins.models import MAX_TEXT
from consults.pins.shapes import UnreadablePlace, place


class PinForm(HintedForm):
    """A pin as typed, or as filled in by the viewer's script. `cleaned_data["place"]` is where it lies."""

    rendition = forms.ChoiceField(
        label=_("Picture"),
        error_messages={"invalid_choice": _("This picture is not shown any more. Reload the page.")},
    )
    left = forms.FloatField(label=_("From the left, %"), min_value=0, max_value=100)
    top = forms.FloatField(label=_("From the top, %"), min_value=0, max_value=100)
    outline = forms.CharField(required=False, max_length=4000, widget=forms.HiddenInput)
    text = forms.CharField(
        label=_("What is there?"),
        max_length=MAX_TEXT,
        error_messages={"required": _("Say in a few words what is there.")},
        help_text=_("In a few words, without anything that says who the patient is."),
    )

    def __init__(self, *args: Any, pictures: Sequence[ViewerPicture], **kwargs: Any) -> None:
        """Offer these pictures."""
        super().__init__(*args, **kwargs | {"auto_id": "pin_%s"})  # a comment's form stands on the same page
        chosen: Any = self.fields["rendition"]
        chosen.choices = [(str(picture.rendition_id), picture.label) for picture in pictures]
        for name in ("left", "top"):
            self.fields[name].widget.attrs |= {"step": "any", "inputmode": "decimal"}
        self.fields["text"].widget.attrs["autocomplete"] = "off"

    def clean(self) -> dict[str, Any]:
        """Add the place. An outline counts more than the numbers."""
        cleaned = super().clean() or self.cleaned_data
        if "left" in cleaned and "top" in cleaned:
            try:
                cleaned["place"] = place(
                    x=cleaned["left"] / 100, y=cleaned["top"] / 100, outline=cleaned.get("outline", "")
                )
            except UnreadablePlace as error:
                raise ValidationError(
                    _("This outline cannot be used. Draw it again with at least 3 corners.")
                ) from error
        return cleaned
