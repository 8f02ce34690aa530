"""Forms of the yearly check: the member's confirmation, and the moderator's finding."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.membership.models import Member
from accounts.membership.yearly.models import Finding
from core.widgets import DayInput

_TICK = _("Tick this if it is so. If it has changed, apply for a change instead.")


class ConfirmForm(forms.Form):
    """The member's word, tick by tick, that nothing has changed."""

    register = forms.BooleanField(
        label=_("My entry in the register, its number and my licence are as they were"),
        error_messages={"required": _TICK},
    )
    profession = forms.BooleanField(label=_("My profession is the same"), error_messages={"required": _TICK})
    institution = forms.BooleanField(label=_("I work at the same institution"), error_messages={"required": _TICK})
    supervisor = forms.BooleanField(label=_("My supervisor is the same"), error_messages={"required": _TICK})

    def __init__(self, *args: Any, member: Member, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if member.supervisor_id is None:
            del self.fields["supervisor"]


class FindingForm(forms.Form):
    """What a moderator found in the register."""

    finding = forms.ChoiceField(
        label=_("What the register says"),
        choices=Finding.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose what you found in the register.")},
    )
    looked_up = forms.BooleanField(
        label=_("I looked the number up at the register myself"),
        error_messages={"required": _("Look the number up at the register first, then tick this.")},
    )
    looked_up_on = forms.DateField(
        label=_("On"),
        widget=DayInput(),
        error_messages={
            "required": _("Write the day on which you looked it up."),
            "invalid": _("Write the day as year-month-day."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"looked_up_on": timezone.localdate()})
        super().__init__(*args, **kwargs)
