"""Forms for the facts of a case and of its pictures. Nothing is required in a draft; the gate lists what is missing."""

from typing import Any, Final

from django import forms
from django.utils.translation import gettext_lazy as _

from consults.cases.authoring import drafts
from consults.cases.models import SOLUTION, Case, CasePhoto
from core.merging import NOTHING, MergingForm
from core.widgets import Chips
from vocabulary import diagnoses, tags, terms

MOST_OF_A_NOTE: Final = 500  # characters of a follow-up's note
MOST_AFTER: Final = 999


class FactsForm(MergingForm):
    """Step 3. Autosaved; an unfinished form is a valid draft."""

    joined = {"differential": ("differential_1", "differential_2", "differential_3")}

    symptoms = forms.MultipleChoiceField(
        label=_("Symptoms"), choices=terms.Symptom.choices, widget=Chips, required=False
    )
    secondary = forms.MultipleChoiceField(
        label=_("Secondary changes"), choices=terms.Secondary.choices, widget=Chips, required=False
    )
    history = forms.MultipleChoiceField(
        label=_("Relevant history"), choices=terms.History.choices, widget=Chips, required=False
    )
    tags = forms.MultipleChoiceField(
        label=_("Tags"),
        choices=[*tags.Main.choices, *tags.Topic.choices],
        widget=Chips,
        required=False,
        help_text=_("Up to five, so that those who follow a topic find the case. They say nothing of the diagnosis."),
    )
    sensitive = forms.MultipleChoiceField(
        label=_("Sensitive pictures"),
        choices=terms.Sensitive.choices,
        widget=Chips,
        required=False,
        help_text=_("They are shown only to those who ask for them, and in no list. Choose whatever fits, or nothing."),
    )
    differential_1 = forms.CharField(required=False, max_length=60)
    differential_2 = forms.CharField(required=False, max_length=60)
    differential_3 = forms.CharField(required=False, max_length=60)
    solution = forms.CharField(label=_("Final diagnosis"), required=False, max_length=60)

    class Meta:
        model = Case
        fields = (
            "kind",
            "education_model",
            "title",
            "question",
            "note",
            "age_band",
            "sex",
            "site",
            "laterality",
            "duration",
            "course",
            "symptoms",
            "morphology",
            "secondary",
            "arrangement",
            "distribution",
            "monk",
            "fitzpatrick",
            "treatments",
            "history",
            "not_mine",
            "source",
            "tags",
            *SOLUTION,
            "sensitive",
        )
        widgets = {
            "note": forms.Textarea(attrs={"rows": 6}),
            "treatments": forms.Textarea(attrs={"rows": 3}),
            "teaching_points": forms.Textarea(attrs={"rows": 4}),
        }
        labels = {"solution_reference": _("What does it rest on?")}
        help_texts = {
            "title": _(
                "What you would call it in the corridor: “Slowly growing plaque on the shin”. No names, no dates."
            ),
            "note": _("History, findings, what was tried. Relative times only: “day 3”, “two weeks after”."),
            "treatments": _("Class, how long, and what it did."),
            "monk": _("The tone you see, beside the lesion."),
            "fitzpatrick": _("How the skin reacts to sun; it is not a scale of tone."),
            "education_model": _("A model or drawing without a patient. No consent is needed, and the page says so."),
            "not_mine": _("Somebody else's picture, text or idea. Say whose it is in the next field."),
            "teaching_points": _("What to see and to remember. No names, no dates."),
            "source": _("Name the owner or paste the link when the material is not yours."),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for number, code in enumerate(self.instance.differential[:3], start=1):
            self.initial[f"differential_{number}"] = code
        for name in ("title", "note", "question", "age_band", "sex", "site", "duration", "morphology"):
            self.fields[name].label = _("%(label)s (needed)") % {"label": self.fields[name].label}

    @property
    def slots(self) -> list[dict[str, object]]:
        """The three type-ahead fields of the working differential."""
        found: list[dict[str, object]] = []
        for number in (1, 2, 3):
            name = f"differential_{number}"
            code = str(self[name].value() or "")
            found.append(
                {
                    "name": name,
                    "label": _("Diagnosis %(number)s") % {"number": number},
                    "code": code,
                    "text": _label(code),
                    "errors": self.errors.get(name, []) if self.is_bound else [],
                }
            )
        return found

    @property
    def solution_slot(self) -> dict[str, object]:
        """The type-ahead field of a teaching case's final diagnosis."""
        code = str(self["solution"].value() or "")
        return {"code": code, "text": _label(code), "errors": self.errors.get("solution", []) if self.is_bound else []}

    def _clean_code(self, name: str) -> str:
        code = str(self.cleaned_data.get(name) or "")
        typed = str(self.data.get(f"{name}_text", "")).strip()
        if code and not _label(code):
            self.add_error(name, _("Choose the diagnosis from the list as you type."))
            return ""
        if typed and not code:
            self.add_error(name, _("“%(typed)s” is not in the list. Choose one as you type.") % {"typed": typed[:60]})
        return code

    def clean_tags(self) -> list[str]:
        """Refuse more than a reader looks at."""
        chosen: list[str] = self.cleaned_data["tags"]
        if len(chosen) > tags.MOST:
            raise forms.ValidationError(_("Choose up to %(most)d tags: take some away.") % {"most": tags.MOST})
        return chosen

    def clean(self) -> dict[str, Any]:
        """Join the three slots without duplicates."""
        cleaned = super().clean() or self.cleaned_data
        codes = [self._clean_code(f"differential_{number}") for number in (1, 2, 3)]
        cleaned["differential"] = list(dict.fromkeys(code for code in codes if code))
        cleaned["solution"] = self._clean_code("solution")
        return cleaned

    def save_valid_fields(self) -> Case:
        """Save every field that changed here alone and has no error, so that one mistake does not lose the rest.

        Raises ChangeRefused when the case is no draft any more.
        """
        return drafts.save_facts(case=self.instance, fill=self.merge_into)

    def stored_inputs(self, name: str) -> dict[str, list[str]]:
        """Return what the inputs of a field would hold now; those of a diagnosis have a name beside them."""
        if name == "solution":
            return {name: [self.instance.solution], f"{name}_text": [_label(self.instance.solution)]}
        if name != "differential":
            return super().stored_inputs(name)
        found: dict[str, list[str]] = {}
        for place, entry in enumerate(self.joined[name]):
            code = next(iter(self.instance.differential[place:]), "")
            found |= {entry: [code], f"{entry}_text": [_label(code)]}
        return found

    def stored_text(self, name: str) -> str:
        """Return a field as stored, in words."""
        if name == "solution":
            return _label(self.instance.solution) or NOTHING
        if name != "differential":
            return super().stored_text(name)
        return ", ".join(_label(code) for code in self.instance.differential) or NOTHING


class AdditionForm(MergingForm):
    """Step 3 of a follow-up: what it is, how long after, what is new. The rest stands with its case."""

    sensitive = forms.MultipleChoiceField(
        label=_("Sensitive pictures"),
        choices=terms.Sensitive.choices,
        widget=Chips,
        required=False,
        help_text=_("What you add here is added to the case, which is then shown only to those who ask."),
    )

    class Meta:
        model = Case
        fields = ("addition", "after", "after_unit", "note", "sensitive")
        widgets = {
            "note": forms.Textarea(attrs={"rows": 4, "maxlength": 500}),
            "after": forms.NumberInput(attrs={"min": 0, "max": 999, "inputmode": "numeric"}),
        }
        labels = {
            "addition": _("What do you add? (needed)"),
            "after": _("How long after the first pictures? (needed)"),
            "after_unit": _("Days, weeks, months or years"),
            "note": _("What is new (needed)"),
        }
        help_texts = {
            "after": _("A number, never a date. 0 for the same day."),
            "note": _("Short: what was done, what changed. No names, no dates."),
        }

    def clean_note(self) -> str:
        """Keep it short: the case has its own note."""
        note: str = self.cleaned_data["note"]
        if len(note) > MOST_OF_A_NOTE:
            raise forms.ValidationError(_("At most 500 characters; the case has its own note."))
        return note

    def clean_after(self) -> int | None:
        """Refuse what is no time between two pictures of one patient."""
        after: int | None = self.cleaned_data["after"]
        if after is not None and after > MOST_AFTER:
            raise forms.ValidationError(_("Choose a larger unit."))
        return after

    def clean(self) -> dict[str, Any]:
        """Ask for the unit of a number."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("after") and not cleaned.get("after_unit") and "after_unit" not in self.errors:
            self.add_error("after_unit", _("Choose days, weeks, months or years."))
        return cleaned

    def save_valid_fields(self) -> Case:
        """Save every field that changed here alone and has no error. Raises ChangeRefused."""
        return drafts.save_facts(case=self.instance, fill=self.merge_into)


def _label(code: str) -> str:
    return str(diagnoses.get(code).label) if diagnoses.is_answerable(code) else ""


class AboutPictureForm(MergingForm):
    """Kind, mode, stain, objective, scale and caption of a picture."""

    class Meta:
        model = CasePhoto
        fields = ("kind", "mode", "stain", "objective", "um_per_px", "caption")

    def clean(self) -> dict[str, Any]:
        """Clear the fields that do not apply to this kind of picture."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("kind") != terms.PictureKind.DERMOSCOPY:
            cleaned["mode"] = ""
        if cleaned.get("kind") != terms.PictureKind.HISTOLOGY:
            cleaned["stain"] = cleaned["objective"] = ""
            cleaned["um_per_px"] = None
        return cleaned
