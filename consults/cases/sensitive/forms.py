"""Form for marking a published case as sensitive."""

from django import forms
from django.utils.translation import gettext_lazy as _

from vocabulary.terms import Sensitive


class MarkForm(forms.Form):
    """The classes to add."""

    classes = forms.MultipleChoiceField(
        label=_("What the pictures show"),
        choices=Sensitive.choices,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Choose at least one.")},
    )
