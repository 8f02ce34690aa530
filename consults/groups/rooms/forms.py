"""Forms of a group's room. The services screen what is written."""

from datetime import timedelta
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from accounts.profiles.identifiers import publication
from consults.groups.rooms.models import LONGEST_OPTION, LONGEST_TEXT, LONGEST_TITLE, MOST_OPTIONS, PostKind
from consults.hints import HintedForm

_MOMENT: Final = forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M")
_MOMENTS: Final = ["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
_NO_NAMES: Final = _("Nothing about a patient, and no names.")


def _hours() -> list[tuple[int, str]]:
    """Return how long a meeting takes, in the reader's language."""
    return [(n, ngettext("%(n)d hour", "%(n)d hours", n) % {"n": n}) for n in (1, 2, 3, 4, 8)]


def _days() -> list[tuple[int, str]]:
    """Return how long a poll is open, in the reader's language."""
    return [(n, ngettext("%(n)d day", "%(n)d days", n) % {"n": n}) for n in (1, 3, 7, 14, 30, 90)]


class MessageForm(HintedForm):
    """A message in the thread of a group."""

    text = forms.CharField(
        label=_("Your message"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("The rules of comments hold: no names, dates or numbers of a patient. Discuss a case on its page."),
    )
    reply_to = forms.UUIDField(required=False, widget=forms.HiddenInput)


class TitledForm(HintedForm):
    """Something on the board of a group."""

    title = forms.CharField(
        label=_("Title"), max_length=LONGEST_TITLE, error_messages={"required": _("Give it a title.")}
    )
    text = forms.CharField(
        label=_("More about it"),
        max_length=LONGEST_TEXT,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_NO_NAMES,
    )


class ArticleForm(TitledForm):
    """An article, by its DOI."""

    doi = forms.CharField(
        label=_("DOI"),
        max_length=250,
        help_text=_("As printed on the article: 10.1001/…"),
        error_messages={"required": _("Write the DOI of the article.")},
    )
    field_order = ("doi", "title", "text")

    def clean_doi(self) -> str:
        """Take the DOI out of what was written."""
        try:
            found, _pmid = publication(self.cleaned_data["doi"])
        except ValueError as error:
            raise ValidationError(_("This is no DOI. It begins with 10. and has a slash.")) from error
        if not found:
            raise ValidationError(_("This is no DOI. It begins with 10. and has a slash."))
        return found


class MeetingForm(TitledForm):
    """A meeting, with its time in UTC and how long it takes."""

    starts_at = forms.DateTimeField(
        label=_("Begins (UTC)"),
        widget=_MOMENT,
        input_formats=_MOMENTS,
        error_messages={"required": _("Say when it begins."), "invalid": _("Write it as 2027-01-31 18:00.")},
    )
    hours = forms.TypedChoiceField(label=_("Takes"), choices=_hours, coerce=int, initial=1)
    place = forms.CharField(
        label=_("Where"), max_length=LONGEST_TITLE, required=False, help_text=_("A hall, or “online”. No names.")
    )
    field_order = ("title", "starts_at", "hours", "place", "text")

    def clean(self) -> dict[str, Any]:
        """Compute the end; a meeting is ahead."""
        cleaned = super().clean() or {}
        hours, starts_at = cleaned.pop("hours", 0), cleaned.get("starts_at")
        if starts_at is not None and hours:
            if starts_at < timezone.now():
                self.add_error("starts_at", _("This time is over. Choose one ahead."))
            cleaned["ends_at"] = starts_at + timedelta(hours=hours)
        return cleaned


class TipForm(TitledForm):
    """A tip."""


class AlbumForm(TitledForm):
    """An album. Its cases are added on its page."""


class PollForm(HintedForm):
    """One question with two to six options."""

    title = forms.CharField(
        label=_("Question"), max_length=LONGEST_TITLE, error_messages={"required": _("Write the question.")}
    )
    days = forms.TypedChoiceField(label=_("Open for"), choices=_days, coerce=int, initial=7)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number in range(1, MOST_OPTIONS + 1):
            self.fields[f"option_{number}"] = forms.CharField(
                label=_("Option %(n)d") % {"n": number}, max_length=LONGEST_OPTION, required=False
            )
        self.order_fields(["title", *(f"option_{n}" for n in range(1, MOST_OPTIONS + 1)), "days"])

    def clean(self) -> dict[str, Any]:
        """Gather the options and compute the end."""
        cleaned = super().clean() or {}
        names = [f"option_{number}" for number in range(1, MOST_OPTIONS + 1)]
        cleaned["options"] = [cleaned.pop(name, "") for name in names]
        cleaned["closes_at"] = timezone.now() + timedelta(days=cleaned.pop("days", 0) or 0)
        return cleaned


FORMS: Final[dict[str, type[HintedForm]]] = {
    PostKind.ARTICLE: ArticleForm,
    PostKind.MEETING: MeetingForm,
    PostKind.TIP: TipForm,
    PostKind.POLL: PollForm,
    PostKind.ALBUM: AlbumForm,
}
