"""Forms of groups."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.models import Member, normalise_email
from consults.groups.models import LONGEST_DESCRIPTION, LONGEST_WORDS, Kind, Purpose, RefusalReason, RemovalReason
from consults.groups.naming import LONGEST

_ORDER = ("name", "purpose", "description", "kind", "open_to_nurses")  # what a class adds comes after
_EMAIL = forms.EmailInput(attrs={"autocomplete": "off", "inputmode": "email"})


class FactsForm(forms.Form):
    """What a group says of itself, and who knows of it."""

    purpose = forms.ChoiceField(label=_("What it is for"), choices=Purpose.choices)
    description = forms.CharField(
        label=_("Description"),
        max_length=LONGEST_DESCRIPTION,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("What belongs here, and for whom it is. Nothing about a patient."),
    )
    kind = forms.ChoiceField(
        label=_("Who knows of it"), choices=Kind.choices, initial=Kind.OPEN, widget=forms.RadioSelect
    )
    open_to_nurses = forms.BooleanField(label=_("Nurses and physician assistants may see its cases"), required=False)


class GroupForm(FactsForm):
    """A new group, made by an administrator."""

    name = forms.CharField(
        label=_("Name of the group"),
        max_length=LONGEST,
        help_text=_("Patients read it on their consent, so it cannot be changed later."),
        error_messages={"required": _("Give the group a name.")},
    )
    field_order = _ORDER


class MemberForm(forms.Form):
    """A member, by e-mail address."""

    email = forms.EmailField(
        label=_("E-mail address of the member"),
        widget=_EMAIL,
        error_messages={"required": _("Write the address with which the member signs in.")},
    )

    member: Member

    def clean_email(self) -> str:
        """Find the member."""
        email = normalise_email(self.cleaned_data["email"])
        self.member = find_member(email)
        return email


class ProposalForm(GroupForm):
    """A new group, proposed to a second specialist."""

    second = forms.EmailField(
        label=_("E-mail address of a second specialist"),
        widget=_EMAIL,
        help_text=_("They confirm it, and you both moderate the group."),
        error_messages={"required": _("Write the address with which the second specialist signs in.")},
    )

    def clean_second(self) -> Member:
        """Find the second specialist."""
        return find_member(normalise_email(self.cleaned_data["second"]))


class ChangeForm(FactsForm):
    """A change of a group. Who newly sees its cases has to be confirmed."""

    sure = forms.BooleanField(label=_("Yes, they may see these cases from now on"), required=False)

    def __init__(self, *args: Any, was_open_to_nurses: bool, nurses: int, cases: int, **kwargs: Any) -> None:
        """Take whether nurses see its cases today, how many nurses belong to it, and how many cases it has."""
        self.was_open_to_nurses, self.nurses, self.cases = was_open_to_nurses, nurses, cases
        super().__init__(*args, **kwargs)
        opens = self.is_bound and not was_open_to_nurses and bool(self["open_to_nurses"].data)
        if not opens:
            del self.fields["sure"]

    def clean(self) -> dict[str, Any]:
        """Warn once before nurses see the cases that are there."""
        cleaned = super().clean() or {}
        if "sure" in self.fields and not cleaned.get("sure"):
            words = {"nurses": self.nurses, "cases": self.cases}
            self.add_error(
                "sure",
                _(
                    "Nurses and assistants in this group (%(nurses)d) see all its cases (%(cases)d) at once, the older "
                    "ones too. Their patients allowed the group, and not more than that. Confirm it here."
                )
                % words,
            )
        return cleaned


class RefusalForm(forms.Form):
    """Why a request is not accepted."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose one")), *RefusalReason.choices],
        error_messages={"required": _("Choose a reason; the member reads it.")},
    )
    words = forms.CharField(label=_("In your words"), max_length=LONGEST_WORDS, required=False)


class RemovalForm(forms.Form):
    """Why a member is removed."""

    reason = forms.ChoiceField(
        label=_("Reason"),
        choices=[("", _("Choose one")), *RemovalReason.choices],
        error_messages={"required": _("Choose a reason; the member reads it.")},
    )
    words = forms.CharField(label=_("In your words"), max_length=LONGEST_WORDS, required=False)


class EndForm(forms.Form):
    """That a group is closed down, on purpose."""

    sure = forms.BooleanField(
        label=_("Close this group down for good"),
        error_messages={"required": _("Tick this box to close the group down.")},
    )


def find_member(email: str) -> Member:
    """Return the verified member with this address. Raises ValidationError."""
    found: Member | None = Member.objects.verified().filter(email=email).first()
    if found is None:
        raise ValidationError(_("No verified member signs in with this address."))
    return found
