"""Forms for applicants, moderators and members. Every error is a sentence with the next step."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.membership.models import Member, Profession, normalise_email
from accounts.security.passwords import advice
from accounts.vetting import evidence
from accounts.vetting.checking import registers
from accounts.vetting.decisions import Claim
from accounts.vetting.joining import claim_of
from accounts.vetting.models import (
    ACCEPTING,
    DECLINING,
    MAX_WORDS,
    Draft,
    EvidenceKind,
    HalfDecision,
    Reason,
    comparable,
)
from core.merging import MergingForm
from core.widgets import DayInput
from imaging.engine import Refused

MAX_COLLEAGUES = 10
EMAIL_INVALID = _("Write a whole e-mail address, such as name@hospital.org.")


def _email(label: Any, *, required: bool = True, help_text: Any = "", autocomplete: str = "off") -> forms.EmailField:
    return forms.EmailField(
        label=label,
        required=required,
        help_text=help_text,
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": autocomplete, "inputmode": "email"}),
        error_messages={"required": EMAIL_INVALID, "invalid": EMAIL_INVALID},
    )


def _text(
    label: Any,
    *,
    required: Any,
    max_length: int,
    help_text: Any = "",
    autocomplete: str = "",
) -> forms.CharField:
    attrs = {"autocomplete": autocomplete} if autocomplete else {}
    return forms.CharField(
        label=label,
        max_length=max_length,
        help_text=help_text,
        widget=forms.TextInput(attrs=attrs),
        error_messages={"required": required},
    )


class PictureField(forms.FileField):
    """A field for a picture of a document. Nothing is decoded here: a job makes it clean."""

    def clean(self, data: Any, initial: Any = None) -> evidence.SentPicture | None:
        """Return the picture as it was sent, or None. Raises ValidationError with the engine's sentence."""
        upload = super().clean(data, initial)
        if not upload:
            return None
        if upload.size > settings.UPLOAD_MAX_BYTES:
            raise ValidationError(gettext(Refused("too_large_file").sentence), code="too_large_file")
        try:
            return evidence.accept(upload.read())
        except Refused as refused:
            raise ValidationError(gettext(refused.sentence), code=refused.code) from refused


def _picture(*, help_text: Any) -> PictureField:
    return PictureField(
        label=_("Picture of your licence or certificate"),
        required=False,
        help_text=help_text,
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/heic,image/heif"}),
        error_messages={"empty": Refused("empty").sentence},
    )


class PictureForm(forms.Form):
    """Another picture, in place of one that could not be read."""

    picture = _picture(help_text=_("JPEG, PNG, WebP or HEIC up to 40 MB."))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["picture"].required = True
        self.fields["picture"].error_messages["required"] = _("Choose the picture of your licence or certificate.")


class ClaimForm(forms.Form):
    """The claim that two moderators check. `member` is set for somebody who applies again."""

    name = _text(
        _("Your name"),
        required=_("Write your name as it stands in the register."),
        max_length=150,
        help_text=_("As it stands in the register. Members see it beside what you write."),
        autocomplete="name",
    )
    profession = forms.ChoiceField(
        label=_("Profession"),
        choices=[("", _("Choose…")), *Profession.choices],
        error_messages={"required": _("Choose your profession.")},
    )
    supervisor_email = _email(
        _("Your supervisor's e-mail address"),
        required=False,
        help_text=_("For residents: a specialist who is a member here. We ask them whether they know you."),
    )
    institution = _text(
        _("Institution"),
        required=_("Write the hospital, practice or university where you work."),
        max_length=200,
        help_text=_("Hospital, practice or university."),
        autocomplete="organization",
    )
    country = forms.ChoiceField(
        label=_("Country of the register"),
        choices=lambda: [("", _("Choose…")), *countries],  # named and sorted in the reader's language
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={"required": _("Choose the country in which you are registered.")},
    )
    registry_name = _text(
        _("Name of the register"),
        required=_("Write which register or medical council lists you. Students: your faculty."),
        max_length=200,
        help_text=_("The medical council, chamber or board that lists you. Students: your faculty."),
    )
    registry_url = forms.URLField(
        label=_("Web address of the register"),
        max_length=500,
        assume_scheme="https",
        help_text=_("Where anybody can look the number up."),
        widget=forms.URLInput(attrs={"inputmode": "url", "autocomplete": "off"}),
        error_messages={
            "required": _("Write the web address where your entry can be looked up."),
            "invalid": _("Write a web address such as https://register.example.org."),
        },
    )
    registry_number = _text(
        _("Your number in the register"),
        required=_("Write your number in the register. Students: your student number."),
        max_length=60,
    )
    evidence_kind = forms.ChoiceField(
        label=_("How do you show that this entry is yours?"),
        choices=EvidenceKind.choices,
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose how you show that the entry is yours.")},
    )
    picture = _picture(
        help_text=_(
            "Only the two or three moderators who decide see it. It is encrypted, and destroyed after the decision."
        )
    )
    voucher_1 = _email(_("First voucher's e-mail address"), required=False)
    voucher_2 = _email(
        _("Second voucher's e-mail address"),
        required=False,
        help_text=_("Two members who know you and your work. We ask each of them."),
    )
    mentor_email = _email(
        _("Your mentor's e-mail address"),
        required=False,
        help_text=_("If a member here teaches or mentors you. They do not decide about you, and are not asked."),
    )
    colleagues = forms.CharField(
        label=_("Members who work with you"),
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 2, "autocomplete": "off", "inputmode": "email"}),
        help_text=_("Their e-mail addresses, one on a line, ten at most. They do not decide about you."),
    )
    guidelines = forms.BooleanField(
        label=_("I accept the guidelines for professional conduct"),
        error_messages={"required": _("Read the guidelines and accept them to apply.")},
    )

    def __init__(self, *args: Any, member: Member | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.member = member
        if member is not None:
            del self.fields["name"]

    def own_address(self) -> str:
        """Return the applicant's own address, or "" while it is unknown."""
        return self.member.email if self.member else normalise_email(self.cleaned_data.get("email") or "")

    def clean_registry_url(self) -> str:
        """Accept http and https addresses only."""
        address: str = self.cleaned_data["registry_url"]
        if not address.startswith(("https://", "http://")):
            raise ValidationError(gettext("Write a web address such as https://register.example.org."))
        return address

    def clean_registry_number(self) -> str:
        """Require at least two letters or digits."""
        number: str = self.cleaned_data["registry_number"]
        if len(comparable(number)) < 2:
            raise ValidationError(gettext("This is too short for a number in a register. Copy it from your licence."))
        return number

    def clean_mentor_email(self) -> str:
        """Return the address as it is stored."""
        return normalise_email(self.cleaned_data["mentor_email"])

    def clean_colleagues(self) -> tuple[str, ...]:
        """Return the addresses, each once. Raises ValidationError for what is none, and for too many."""
        words = self.cleaned_data["colleagues"].replace(",", " ").replace(";", " ").split()
        addresses = tuple(dict.fromkeys(map(normalise_email, words)))
        if len(addresses) > MAX_COLLEAGUES:
            raise ValidationError(gettext("Name the ten who work closest with you."))
        for address in addresses:
            try:
                validate_email(address)
            except ValidationError as error:
                raise ValidationError(str(EMAIL_INVALID)) from error
        return addresses

    def clean(self) -> dict[str, Any]:
        """Require the fields that the chosen profession and evidence need."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        number, register = data.get("registry_number"), data.get("registry_url")
        if number and register and registers.is_malformed(url=register, number=number):
            self.add_error(
                "registry_number",
                gettext("Numbers of this register look different. Copy yours from your entry there."),
            )
        if data.get("profession") == Profession.RESIDENT:
            self._require_other_person(
                "supervisor_email",
                missing=_("Residents name a supervisor who is a member. Write their e-mail address."),
            )
        kind = data.get("evidence_kind")
        if kind == EvidenceKind.PICTURE and not data.get("picture") and "picture" not in self.errors:
            self.add_error("picture", gettext("Choose the picture of your licence or certificate."))
        if kind == EvidenceKind.VOUCHERS:
            for field in ("voucher_1", "voucher_2"):
                self._require_other_person(
                    field,
                    missing=_("Write the e-mail addresses of two members who know you."),
                )
            first, second = (normalise_email(data.get(field) or "") for field in ("voucher_1", "voucher_2"))
            if first and first == second:
                self.add_error(
                    "voucher_2",
                    gettext("Both addresses are the same. Name a second member."),
                )
        return data

    def _require_other_person(self, field: str, *, missing: Any) -> None:
        if field in self.errors:
            return
        address = normalise_email(self.cleaned_data.get(field) or "")
        if not address:
            self.add_error(field, str(missing))
        elif address == self.own_address():
            self.add_error(field, gettext("This is your own address. Name somebody else."))

    def claim(self) -> Claim:
        """Return the cleaned data as a Claim."""
        data = self.cleaned_data
        return Claim(
            name=self.member.name if self.member else data["name"],
            country=data["country"],
            profession=Profession(data["profession"]),
            institution=data["institution"],
            registry_name=data["registry_name"],
            registry_url=data["registry_url"],
            registry_number=data["registry_number"],
            evidence_kind=EvidenceKind(data["evidence_kind"]),
            supervisor_email=data.get("supervisor_email") or "",
            voucher_emails=(data.get("voucher_1") or "", data.get("voucher_2") or ""),
            mentor_email=data.get("mentor_email") or "",
            colleague_emails=data.get("colleagues") or (),
        )


class ApplicationForm(ClaimForm):
    """The application of a newcomer: claim and address. The password is chosen behind the link (`FinishForm`)."""

    # As on the page, so that errors are listed from top to bottom.
    field_order = (
        "name",
        "profession",
        "institution",
        "supervisor_email",
        "mentor_email",
        "colleagues",
        "country",
        "registry_number",
        "registry_name",
        "registry_url",
        "evidence_kind",
        "picture",
        "voucher_1",
        "voucher_2",
        "email",
        "guidelines",
    )

    email = _email(
        _("Your e-mail address"),
        help_text=_(
            "You sign in with it. At your institution, it can be your evidence. Moderators see it; colleagues never do."
        ),
        autocomplete="email",
    )

    def clean_email(self) -> str:
        """Return the address as it is stored."""
        return normalise_email(self.cleaned_data["email"])


class FinishForm(forms.Form):
    """What the owner of an address does with the drafts that were sent in its name: take one over, with a password."""

    draft = forms.ChoiceField(
        label=_("Which application is yours?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose the application that you sent."), "invalid_choice": _("Choose again.")},
    )
    password = forms.CharField(
        label=_("Choose a password"),
        strip=False,
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        error_messages={"required": _("Choose a password.")},
    )

    def __init__(self, *args: Any, drafts: Sequence[Draft], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.drafts = {str(draft.pk): draft for draft in drafts}
        self.fields["draft"].choices = [(pk, pk) for pk in self.drafts]  # type: ignore[attr-defined]
        self.fields["password"].help_text = advice()
        if len(self.drafts) == 1:
            self.fields["draft"].required = False

    def clean_draft(self) -> Draft:
        """Return the chosen draft, or the only one."""
        return self.drafts[self.cleaned_data["draft"] or next(iter(self.drafts))]

    def clean(self) -> dict[str, Any]:
        """Validate the password against what the chosen application states."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        password, draft = data.get("password"), data.get("draft")
        if password and draft:
            claim = claim_of(draft)
            try:
                validate_password(password, Member(email=draft.email, name=claim.name, institution=claim.institution))
            except ValidationError as error:
                self.add_error("password", error)
        return data


class AppealForm(forms.Form):
    """The statement of an appeal, with the picture again where evidence needs one."""

    statement = forms.CharField(
        label=_("What should the new moderators know?"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 5}),
        help_text=_("At most 2,000 characters. Do not name patients."),
        error_messages={"required": _("Say in a sentence or two what was wrong or what has changed.")},
    )
    picture = _picture(help_text=_("The first picture was destroyed after the decision. Add it again."))

    def __init__(self, *args: Any, wants_picture: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if wants_picture:
            self.fields["picture"].required = True
            self.fields["picture"].error_messages["required"] = gettext("Choose the picture of your licence again.")
        else:
            del self.fields["picture"]


class VoteForm(MergingForm):
    """A moderator's decision. While it is only kept (`final` is false) nothing is required of it."""

    reason = forms.ChoiceField(
        label=_("Your decision"),
        required=False,
        choices=[
            ("", _("Choose…")),
            (_("Accept"), [(reason.value, reason.label) for reason in ACCEPTING]),
            (_("Decline"), [(reason.value, reason.label) for reason in DECLINING]),
        ],
        help_text=_("The applicant reads this sentence, not your name."),
    )
    words = forms.CharField(
        label=_("In your words, to the applicant"),
        required=False,
        max_length=MAX_WORDS,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_(
            "Needed when you decline: what is wrong, and what would settle it. Name neither yourself nor others."
        ),
    )
    looked_up = forms.BooleanField(label=_("I looked the number up at the register myself"), required=False)
    looked_up_on = forms.DateField(
        label=_("On"),
        required=False,
        widget=DayInput(),
        error_messages={"invalid": _("Write the day as year-month-day.")},
    )

    class Meta:
        model = HalfDecision
        fields = ("looked_up", "looked_up_on", "reason", "words")

    def __init__(self, *args: Any, final: bool = True, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.final = final
        self.initial["looked_up_on"] = self.initial.get("looked_up_on") or timezone.localdate()

    def clean(self) -> dict[str, Any]:
        """Require everything of a decision that is recorded, and words of one that declines."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if not self.final:
            return data
        if not data.get("looked_up"):
            self.add_error("looked_up", gettext("Look the number up at the register first, then tick this."))
        if not data.get("looked_up_on") and "looked_up_on" not in self.errors:
            self.add_error("looked_up_on", gettext("Write the day on which you looked it up."))
        if not data.get("reason") and "reason" not in self.errors:
            self.add_error("reason", gettext("Choose accept, or decline with its reason."))
        if data.get("reason") in DECLINING and not data.get("words") and "words" not in self.errors:
            self.add_error("words", gettext("Say in a sentence what is wrong: the applicant has to understand it."))
        return data

    @property
    def accepts(self) -> bool:
        """Whether the chosen reason is one to accept."""
        return Reason(self.cleaned_data["reason"]) in ACCEPTING


class VouchForm(forms.Form):
    """A named colleague's answer."""

    answer = forms.ChoiceField(
        label=_("Your answer"),
        choices=[("yes", _("Yes, I know this person and their work")), ("no", _("No"))],
        widget=forms.RadioSelect,
        error_messages={"required": _("Choose yes or no.")},
    )
