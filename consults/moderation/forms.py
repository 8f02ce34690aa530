"""Forms of reporting, hiding and changing a comment."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from consults.cases.presenters import ViewerPicture
from consults.discussion.forms import ChosenField
from consults.holds import Reason


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


class ReportForm(HideForm):
    """A report of a case or one of its pictures; of a comment without the choice."""

    about = forms.ChoiceField(label=_("What is it about?"), required=False)

    field_order = ("about", "reason", "words")

    def __init__(self, *args: Any, pictures: Sequence[ViewerPicture] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["words"].help_text = _(
            "Moderators read this; the author never learns who reported. Do not repeat a name or number."
        )
        if not pictures:
            del self.fields["about"]
            return
        numbered = [(str(one.photo_id), _("Picture %(n)d") % {"n": n}) for n, one in enumerate(pictures, start=1)]
        self.fields["about"].choices = [("", _("The whole case")), *numbered]  # type: ignore[attr-defined]


class CommentTextForm(forms.Form):
    """The new text of an own comment. The service screens it again."""

    text = forms.CharField(
        label=_("Your comment"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    chosen = ChosenField()
