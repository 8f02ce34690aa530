"""The audit's filter, and the reason that an export requires."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext, ngettext_lazy
from django.utils.translation import gettext_lazy as _

from accounts.membership.numbers import UnreadableNumber, pattern_of
from compliance.audit import query
from compliance.audit.query import EDUCATION, HISTOLOGY, STATES, Filter
from compliance.audit.words import FORMAT_WORDS, REASONS
from consent.models import DEFERRED, Capacity, Form, Status
from consults.models import Group
from core.widgets import DayInput

REFERENCE = re.compile(r"\A[\w./ :#-]{0,60}\Z")
ID_OR_HASH = re.compile(r"\A(?:[0-9a-f]{64}|[0-9a-f]{8}(?:-?[0-9a-f]){0,24})\Z", re.IGNORECASE | re.ASCII)
NEAR_DAYS = (30, 60, 90)
ROUTES = [capacity for capacity in Capacity if capacity not in DEFERRED]


class FormChoice(forms.ModelChoiceField):
    """A choice of consent form by code, version and language."""

    def label_from_instance(self, obj: Form) -> str:
        """Return a label such as “rete-standard 1, English”."""
        return f"{obj.code} {obj.version}, {obj.get_language_display()}"


class GroupChoice(forms.ModelChoiceField):
    """A choice of group by name; of a closed one by the beginning of its id, because nobody outside knows its name."""

    def label_from_instance(self, obj: Group) -> str:
        """Return the option's text for one group."""
        return gettext("Closed group %(start)s") % {"start": str(obj.pk)[:8]} if obj.is_closed else obj.name


class FilterForm(forms.Form):
    """The filter for cases, read from the query string."""

    since = forms.DateField(label=_("Published from"), required=False, widget=DayInput())
    until = forms.DateField(label=_("Published to"), required=False, widget=DayInput())
    state = forms.ChoiceField(
        label=_("Consent"),
        required=False,
        choices=[
            ("", _("Any state")),
            *((str(state), Status(state).label) for state in STATES),
            (EDUCATION, _("Education model, no patient")),
            (HISTOLOGY, _("Histology without any identifying feature")),
        ],
    )
    route = forms.ChoiceField(
        label=_("How it was decided"),
        required=False,
        choices=[("", _("Any way")), *((str(route), route.label) for route in ROUTES)],
    )
    form = FormChoice(label=_("Form"), required=False, queryset=Form.objects.none(), empty_label=_("Any form"))
    group = GroupChoice(label=_("Group"), required=False, queryset=Group.objects.none(), empty_label=_("Any audience"))
    expiring = forms.TypedChoiceField(
        label=_("Ends soon"),
        required=False,
        coerce=int,
        empty_value=None,
        choices=[
            ("", _("Any end")),
            *((days, ngettext_lazy("within %(n)s day", "within %(n)s days", days) % {"n": days}) for days in NEAR_DAYS),
        ],
    )
    gate = forms.ChoiceField(
        label=_("Gate today"),
        required=False,
        choices=[("", _("Any answer")), (query.VISIBLE, _("visible")), (query.NOT_VISIBLE, _("not visible"))],
    )
    text = forms.RegexField(
        label=_("Id or fingerprint"),
        regex=ID_OR_HASH,
        max_length=64,
        required=False,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "inputmode": "text"}),
        help_text=_("Of a post, a consent, a member or a group, at least 8 digits; or a whole SHA-256."),
        error_messages={"invalid": _("Type at least the first 8 digits of an id, or all 64 of a fingerprint.")},
    )
    exceptions = forms.BooleanField(label=_("Only what needs a look"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["form"].queryset = query.known_forms()  # type: ignore[attr-defined]
        self.fields["group"].queryset = query.used_groups()  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse days in the wrong order."""
        cleaned = super().clean() or {}
        if cleaned.get("since") and cleaned.get("until") and cleaned["since"] > cleaned["until"]:
            self.add_error("until", _("This day lies before the first one. Exchange the two days."))
        return cleaned

    def to_filter(self) -> Filter:
        """Return the filter. Only for a valid form."""
        chosen = self.cleaned_data
        return Filter(
            since=chosen["since"],
            until=chosen["until"],
            state=chosen["state"],
            route=chosen["route"],
            form=chosen["form"].pk if chosen["form"] else None,
            group=chosen["group"].pk if chosen["group"] else None,
            expiring=chosen["expiring"] or 0,
            gate=chosen["gate"],
            text=chosen["text"].lower(),
            exceptions_only=chosen["exceptions"],
        )


def to_query(wanted: Filter) -> dict[str, str]:
    """Return the filter as the non-empty fields that `FilterForm` would send."""
    facts = wanted.facts()
    asked = {name: str(value) for name, value in facts.items() if value and name != "exceptions_only"}
    return asked | ({"exceptions": "on"} if wanted.exceptions_only else {})


def describe_filter(wanted: Filter) -> list[tuple[str, str]]:
    """Return label and value of each active condition, in plain words."""
    form = FilterForm(to_query(wanted))
    form.full_clean()
    found = []
    for field in form:
        value = form.cleaned_data.get(field.name)
        if not value:
            continue
        choices = dict(getattr(form.fields[field.name], "choices", ()) or ()) if not hasattr(value, "pk") else {}
        if isinstance(value, Form):
            value = form.fields[field.name].label_from_instance(value)  # type: ignore[attr-defined]
        found.append((str(field.label), gettext("yes") if value is True else str(choices.get(value, value))))
    return found


class ExportForm(forms.Form):
    """The reason for an export, and its file formats."""

    reason = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose a reason")), *REASONS.items()])
    reference = forms.RegexField(
        label=_("Reference"),
        regex=REFERENCE,
        max_length=60,
        required=False,
        help_text=_("The number of the request, if there is one. Never a person's name."),
        error_messages={"invalid": _("Use letters, digits, spaces and . / : # - only.")},
    )
    formats = forms.MultipleChoiceField(
        label=_("Files"),
        choices=list(FORMAT_WORDS.items()),
        initial=list(FORMAT_WORDS),
        widget=forms.CheckboxSelectMultiple,
        help_text=_("They come as one ZIP with a manifest: fingerprints, filter, reason and the log's signed head."),
        error_messages={"required": _("Choose at least one file.")},
    )


class MarkForm(forms.Form):
    """A mark as it was read off a picture of a screen, and why somebody asks."""

    number = forms.CharField(
        label=_("Number in the mark"),
        max_length=20,
        help_text=_("Eight letters and digits, as K7Q2-MX94. Write a question mark for each that cannot be read."),
        error_messages={"required": _("Write the number as it stands on the picture.")},
    )
    seen_at = forms.DateTimeField(
        label=_("Date and time in the mark (UTC)"),
        required=False,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        help_text=_("If it can be read: how many pictures the member was sent in the day before is shown with it."),
    )
    reason = forms.ChoiceField(label=_("Reason"), choices=[("", _("Choose a reason")), *REASONS.items()])

    def clean_number(self) -> str:
        """Return the number as a regular expression."""
        try:
            return pattern_of(self.cleaned_data["number"])
        except UnreadableNumber as error:
            raise ValidationError(
                _("This is no number of a mark: eight letters and digits, at least four of them read.")
            ) from error
