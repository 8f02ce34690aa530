"""Forms of a member's own profile, and of the search in the directory. No field of a profile is compulsory."""

from typing import Any, ClassVar, cast

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _
from django_countries import countries

from accounts.membership.models import Profession
from accounts.profiles import identifiers
from accounts.profiles.directory import Wanted
from accounts.profiles.models import (
    EARLIEST_YEAR,
    MOST_ABOUT,
    MOST_CHOSEN,
    Position,
    Profile,
    Publication,
    Training,
)
from accounts.vetting.forms import PictureField
from core.widgets import Chips, ColumnsOfChoices
from imaging.engine import Refused
from screening import identifiers as screening
from vocabulary import interests, languages


class ProfileForm(forms.Form):
    """What a member says about themselves in words and codes, and who may find it."""

    about = forms.CharField(
        label=_("About me"),
        required=False,
        max_length=MOST_ABOUT,
        help_text=_("Your work in a few sentences. No patient, and no story of one."),
        widget=forms.Textarea(attrs={"rows": "5"}),
    )
    subspecialties = forms.MultipleChoiceField(
        label=_("Fields that interest me"), required=False, choices=interests.Subspecialty.choices, widget=Chips
    )
    diseases = forms.MultipleChoiceField(
        label=_("Diseases that interest me"),
        required=False,
        choices=lambda: [(code, interests.label(code)) for code in interests.disease_groups()],
        widget=ColumnsOfChoices,
    )
    languages = forms.MultipleChoiceField(
        label=_("Languages I speak"), required=False, choices=languages.choices, widget=Chips
    )
    another_language = forms.ChoiceField(
        label=_("Add a language"),
        required=False,
        choices=lambda: [("", _("None")), *languages.choices()],
    )
    orcid = forms.CharField(
        label=_("ORCID iD"),
        required=False,
        max_length=60,
        help_text=_("Sixteen digits, or the address of your record, such as https://orcid.org/0000-0002-1825-0097."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    is_listed = forms.BooleanField(
        label=_("Show me in the directory of members"),
        required=False,
        help_text=_("Without it, members still open your profile from what you write."),
    )
    shows_calibration = forms.BooleanField(
        label=_("Show how sure I was, and how often I was right"),
        required=False,
        help_text=_("Counted from your first answers to cases that were closed. Shown from 20 answers on."),
    )

    def __init__(self, *args: Any, profile: Profile, **kwargs: Any) -> None:
        kwargs["initial"] = {
            "about": profile.about,
            "subspecialties": profile.interests,
            "diseases": profile.interests,
            "languages": profile.languages,
            "orcid": profile.orcid,
            "is_listed": profile.is_listed,
            "shows_calibration": profile.shows_calibration,
        }
        super().__init__(*args, **kwargs)
        self.profile = profile
        if profile.orcid_confirmed_at:
            del self.fields["orcid"]
        spoken = cast(forms.MultipleChoiceField, self.fields["languages"])
        sent = cast(QueryDict, self.data).getlist("languages") if self.is_bound else []
        chosen = {*profile.languages, *sent}
        if chosen:
            spoken.choices = [(code, name) for code, name in languages.choices() if code in chosen]
        else:  # the first one is added below
            del self.fields["languages"]

    def clean_about(self) -> str:
        """Refuse what could name a patient."""
        about: str = self.cleaned_data["about"].strip()
        if screening.find(about):
            raise ValidationError(
                gettext(
                    "There is something that could name a patient: a date, a number, an address, a name or a link. "
                    "Write years instead of dates, and leave everybody else out."
                )
            )
        return about

    def clean_orcid(self) -> str:
        """Return the iD in its usual form. Refuse a wrong digit, and one that ORCID confirmed for somebody else."""
        written: str = self.cleaned_data["orcid"]
        if not written:
            return ""
        try:
            number = identifiers.orcid(written)
        except identifiers.NotAnIdentifier:
            raise ValidationError(
                gettext("This is no ORCID iD: a digit is wrong or missing. Copy it from your record.")
            ) from None
        if Profile.objects.filter(orcid=number, orcid_confirmed_at__isnull=False).exists():
            raise ValidationError(gettext("Another member has confirmed this iD at ORCID. Check the digits."))
        return number

    def clean(self) -> dict[str, Any]:
        """Put both kinds of interests together, and the languages; refuse too many."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        data["interests"] = [*data.pop("subspecialties", []), *data.pop("diseases", [])]
        another = data.pop("another_language", "")
        data["languages"] = list(dict.fromkeys([*data.get("languages", []), *([another] if another else [])]))
        too_many = gettext("Choose %(most)d at most.") % {"most": MOST_CHOSEN}
        if len(data["interests"]) > MOST_CHOSEN:
            self.add_error("subspecialties", too_many)
        if len(data["languages"]) > MOST_CHOSEN:
            self.add_error("another_language", too_many)
        return data


class PortraitForm(forms.Form):
    """The member's own picture."""

    picture = PictureField(
        label=_("A picture of you"),
        help_text=_("JPEG, PNG, WebP or HEIC up to 40 MB. Place, time and device in the file are thrown away."),
        widget=forms.FileInput(attrs={"accept": "image/jpeg,image/png,image/webp,image/heic,image/heif"}),
        error_messages={"required": _("Choose a picture of you."), "empty": Refused("empty").sentence},
    )


def _year(label: Any, *, help_text: Any = "") -> forms.IntegerField:
    wrong = _("Write a year with four digits, such as 2014.")
    return forms.IntegerField(
        label=label,
        required=False,
        min_value=EARLIEST_YEAR,
        help_text=help_text,
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
        error_messages={"invalid": wrong, "min_value": wrong, "max_value": wrong},
    )


class _WithYears(forms.ModelForm):  # type: ignore[type-arg]
    """A line with a first and a last year."""

    from_year = _year(_("From (year)"))
    until_year = _year(_("Until (year)"))

    def clean(self) -> dict[str, Any]:
        """Refuse years that are far ahead or in the wrong order."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        begun, ended = data.get("from_year"), data.get("until_year")
        latest = timezone.localdate().year + 10
        for name, year in (("from_year", begun), ("until_year", ended)):
            if year and year > latest:
                self.add_error(name, gettext("This year is too far ahead."))
        if begun and ended and ended < begun:
            self.add_error("until_year", gettext("This is before the first year. Change one of them."))
        return data


class TrainingForm(_WithYears):
    """A degree or a specialty."""

    class Meta:
        model = Training
        fields: ClassVar = ["degree", "specialty", "institution", "from_year", "until_year"]
        labels: ClassVar = {
            "degree": _("Degree or title"),
            "specialty": _("Specialty"),
            "institution": _("Institution"),
        }
        error_messages: ClassVar = {"degree": {"required": _("Write the degree or the title.")}}


class PositionForm(_WithYears):
    """A post held."""

    until_year = _year(_("Until (year)"), help_text=_("Leave it empty for what you do today."))

    class Meta:
        model = Position
        fields: ClassVar = ["title", "institution", "from_year", "until_year"]
        labels: ClassVar = {"title": _("Position"), "institution": _("Institution")}
        error_messages: ClassVar = {"title": {"required": _("Write what you do or did there.")}}


class PublicationForm(forms.ModelForm):  # type: ignore[type-arg]
    """A publication: a number that leads to it, own words, or both."""

    number = forms.CharField(
        label=_("DOI or PubMed id"),
        required=False,
        max_length=300,
        help_text=_("The number or the address, such as 10.1001/jamadermatol.2020.0001 or PMID 31995121."),
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )

    class Meta:
        model = Publication
        fields: ClassVar = ["words"]
        labels: ClassVar = {"words": _("In your own words")}
        help_texts: ClassVar = {"words": _("Authors, title, journal and year, as you would cite it.")}
        widgets: ClassVar = {"words": forms.Textarea(attrs={"rows": "3"})}

    field_order = ("number", "words")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["number"].initial = self.instance.doi or self.instance.pmid

    def clean(self) -> dict[str, Any]:
        """Recognise the number; require it or own words."""
        data: dict[str, Any] = super().clean() or self.cleaned_data
        written = data.get("number", "")
        self.instance.doi = self.instance.pmid = ""
        if written:
            try:
                self.instance.doi, self.instance.pmid = identifiers.publication(written)
            except identifiers.NotAnIdentifier:
                self.add_error(
                    "number",
                    gettext(
                        "This is neither a DOI, which begins with 10., nor a PubMed id. Copy it, or use your own words."
                    ),
                )
        elif not data.get("words") and not self.errors:
            self.add_error("number", gettext("Give a DOI or a PubMed id, or write in your own words what it is."))
        return data


class SearchForm(forms.Form):
    """The search in the directory; what is not known is left out, so that an old address still opens a page."""

    name = forms.CharField(label=_("Name"), required=False, max_length=150)
    country = forms.ChoiceField(label=_("Country"), required=False, choices=lambda: [("", _("Everywhere")), *countries])
    profession = forms.ChoiceField(
        label=_("Profession"), required=False, choices=[("", _("All professions")), *Profession.choices]
    )
    interest = forms.ChoiceField(
        label=_("Interest"),
        required=False,
        choices=lambda: [
            ("", _("All interests")),
            (_("Fields"), interests.Subspecialty.choices),
            (_("Diseases"), [(code, interests.label(code)) for code in interests.disease_groups()]),
        ],
    )
    language = forms.ChoiceField(
        label=_("Language"), required=False, choices=lambda: [("", _("All languages")), *languages.choices()]
    )

    def wanted(self) -> Wanted:
        """Return what is looked for."""
        self.is_valid()
        return Wanted(**{name: self.cleaned_data.get(name, "") for name in self.fields})
