"""Forms of reporting, hiding and changing a comment."""

from collections.abc import Sequence
from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from consults.cases.presenters import ViewerPicture
from consults.discussion.forms import ChosenField
from consults.hints import HintedForm
from consults.hold_forms import HideForm
from consults.holds import Reason

MISTREATMENT: Final = "mistreatment"  # no reason of a report: trusted persons read it, and no moderator does


class ReportForm(HideForm):
    """A report of a case or one of its pictures; of a comment without the choice."""

    about = forms.ChoiceField(label=_("What is it about?"), required=False)

    field_order = ("about", "reason", "words")

    def __init__(self, *args: Any, pictures: Sequence[ViewerPicture] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        mistreatment = (MISTREATMENT, _("A colleague is mistreated; only trusted persons read this"))
        self.fields["reason"].choices = [*Reason.choices, mistreatment]  # type: ignore[attr-defined]
        self.fields["words"].help_text = _(
            "Moderators read this; the author never learns who reported. Do not repeat a name or number."
        )
        if not pictures:
            del self.fields["about"]
            return
        numbered = [(str(one.photo_id), _("Picture %(n)d") % {"n": n}) for n, one in enumerate(pictures, start=1)]
        self.fields["about"].choices = [("", _("The whole case")), *numbered]  # type: ignore[attr-defined]


class ReopenForm(forms.Form):
    """Why the answer to a report is taken back."""

    words = forms.CharField(
        label=_("Why should it be looked at again?"),
        max_length=500,
        required=False,
        widget=forms.Textarea(attrs={"rows": 2}),
    )


class CommentTextForm(HintedForm):
    """The new text of an own comment. The service screens it again."""

    text = forms.CharField(
        label=_("Your comment"), max_length=3000, required=False, widget=forms.Textarea(attrs={"rows": 5})
    )
    chosen = ChosenField()
