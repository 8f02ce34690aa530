"""Forms of a suspension: to impose it, to appeal, to answer the appeal, to lift it."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.membership.suspension.models import LiftReason, SuspensionReason
from screening import identifiers

LONGEST = 2000


class _WordsField(forms.CharField):
    """A text that the other side reads: short, and without what could identify a patient."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", LONGEST)
        kwargs.setdefault("widget", forms.Textarea(attrs={"rows": 4}))
        super().__init__(**kwargs)

    def clean(self, value: Any) -> str:
        """Refuse names of patients, dates and numbers, as everywhere that somebody writes."""
        text: str = super().clean(value).strip()
        if identifiers.find(text):
            raise ValidationError(
                _("Leave out what could identify a patient: names, dates, numbers, addresses. Say “last week” instead.")
            )
        return text


class SuspendForm(forms.Form):
    """Why a member is suspended."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose…")), *SuspensionReason.choices],
        error_messages={"required": _("Choose a reason.")},
    )
    note = _WordsField(
        label=_("What happened"),
        help_text=_("In a sentence or two. The member reads it, and whoever answers their appeal."),
        error_messages={"required": _("Say in a sentence or two what happened. The member reads it.")},
    )


class LiftForm(forms.Form):
    """Why a suspension ends."""

    reason = forms.ChoiceField(
        label=_("Why it ends"),
        choices=[("", _("Choose…")), *LiftReason.choices],
        error_messages={"required": _("Choose why the suspension ends.")},
    )
    answer = _WordsField(label=_("A word to the member"), required=False, help_text=_("The member reads it."))


class UpholdForm(forms.Form):
    """Why an appealed suspension stays in force."""

    answer = _WordsField(
        label=_("Answer to the appeal"),
        help_text=_("The member reads it, not your name."),
        error_messages={"required": _("Say why the suspension stays in force.")},
    )


class AppealForm(forms.Form):
    """The statement of a suspended member."""

    statement = _WordsField(
        label=_("What should whoever answers know?"),
        help_text=_("At most 2,000 characters. Do not name patients."),
        error_messages={"required": _("Say in a sentence or two what was wrong or what has changed.")},
    )
