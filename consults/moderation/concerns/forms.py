"""Forms of reporting mistreatment, and of a trusted person's answer."""

from typing import Any, Final

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.models import Member
from consults.moderation.concerns.models import LONGEST_WORDS, ConcernKind, ConcernOutcome

MOST_NAMESAKES: Final = 10


class ConcernForm(forms.Form):
    """What happened, and who did it. Members are named by choosing them, so that no name stands in the words."""

    kind = forms.ChoiceField(
        label=_("What happened?"),
        choices=ConcernKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what comes closest.")},
    )
    who = forms.CharField(
        label=_("Name of the member, as on their profile"),
        max_length=150,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        help_text=_("Leave it empty if you would rather not say, or if it is nobody here."),
    )
    which = forms.ChoiceField(label=_("Which of them?"), required=False, widget=forms.RadioSelect)
    words = forms.CharField(
        label=_("In your words"),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("No names here, of patients or colleagues: “the member named above”, “a colleague”."),
    )

    about: Member | None = None

    def __init__(self, *args: Any, reporter: Member, named: Member | None = None, **kwargs: Any) -> None:
        """Take who reports, and who is meant already: the author of the case or comment that they came from."""
        self.reporter, self.about = reporter, named
        super().__init__(*args, **kwargs)
        if named is not None:
            del self.fields["who"], self.fields["which"]
            return
        same = list(self._named(str(self.data.get("who", ""))))
        if len(same) < 2:
            del self.fields["which"]
        else:
            choices = [(str(one.pk), f"{one.name}, {one.institution or one.get_profession_display()}") for one in same]
            self.fields["which"].choices = choices  # type: ignore[attr-defined]

    def _named(self, name: str) -> QuerySet[Member]:
        name = " ".join(name.split())
        rows: QuerySet[Member] = Member.objects.verified().filter(is_staff=False, is_privacy_officer=False)
        rows = rows.exclude(pk=self.reporter.pk)
        return rows.filter(name__iexact=name).order_by("pk")[:MOST_NAMESAKES] if name else rows.none()

    def clean(self) -> dict[str, Any]:
        """Find the member; ask which when several have the name."""
        cleaned = super().clean() or {}
        if "who" not in self.fields or not cleaned.get("who"):
            return cleaned
        same = list(self._named(cleaned["who"]))
        chosen = cleaned.get("which", "")
        found = [one for one in same if len(same) == 1 or str(one.pk) == chosen]
        if found:
            self.about = found[0]
        elif same:
            self.add_error("which", _("Several members have this name. Choose one."))
        else:
            self.add_error("who", _("No member has this name. Write it as on their profile, or leave it empty."))
        return cleaned


class ConcernAnswerForm(forms.Form):
    """What a trusted person did, and their words to the member who reported."""

    outcome = forms.ChoiceField(
        label=_("What have you done?"),
        choices=ConcernOutcome.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what comes closest.")},
    )
    answer = forms.CharField(
        label=_("To the member who reported"),
        max_length=LONGEST_WORDS,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("They read it. No names."),
    )
