"""The form with which a member leaves."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.leaving.rooms import Wishes

KEEP, REMOVE = "keep", "remove"


def _choice(label: Any, *, keep: Any, remove: Any) -> forms.ChoiceField:
    return forms.ChoiceField(
        label=label,
        choices=[(KEEP, keep), (REMOVE, remove)],
        initial=KEEP,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose one of the two.")},
    )


class LeaveForm(forms.Form):
    """What becomes of what the member said under others' cases, and that they mean it."""

    comments = _choice(
        _("My comments under the cases of others"),
        keep=_("Stay without my name, so that the replies keep their sense"),
        remove=_("Are removed; an empty place stays"),
    )
    answers = _choice(
        _("My diagnoses for the cases of others"),
        keep=_("Stay without my name, and count on"),
        remove=_("Are removed, and count no more"),
    )
    sure = forms.BooleanField(
        label=_("I want to leave, and I have fetched what I want to keep."),
        error_messages={"required": _("Tick this box, or go back.")},
    )

    @property
    def wishes(self) -> Wishes:
        """What is to be removed."""
        return Wishes(
            remove_comments=self.cleaned_data["comments"] == REMOVE,
            remove_answers=self.cleaned_data["answers"] == REMOVE,
        )
