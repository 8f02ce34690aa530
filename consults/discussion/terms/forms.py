"""Forms of a moderator about a proposed term."""

import re
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from consults.discussion.forms import diagnosis_code
from consults.discussion.terms.deciding import NewTerm
from consults.discussion.terms.models import NAME_LENGTH, NATURES, ProposedTerm, WhyNot
from consults.findings import sentences
from screening import identifiers
from vocabulary import diagnoses
from vocabulary.folding import fold

_ICD10: Final = re.compile(r"[A-Z][0-9]{2}(\.[0-9])?")


class AcceptForm(forms.Form):
    """A new term of the vocabulary: what every row of the list has."""

    label = forms.CharField(label=gettext_lazy("Name in English"), max_length=NAME_LENGTH)
    turkish = forms.CharField(label=gettext_lazy("Name in Turkish"), max_length=NAME_LENGTH)
    icd10 = forms.CharField(
        label=gettext_lazy("ICD-10"), max_length=5, help_text=gettext_lazy("Such as C44 or C44.3; the closest one.")
    )
    nature = forms.ChoiceField(label=gettext_lazy("Nature"), choices=NATURES)
    parent = forms.ChoiceField(
        label=gettext_lazy("Above it"),
        help_text=gettext_lazy("A diagnosis of which it is a kind, or else its group."),
    )

    def __init__(self, data: Any = None, *, proposal: ProposedTerm) -> None:
        """Begin with what the member proposed."""
        parent = _known(proposal.parent)
        name = "turkish" if proposal.language.startswith("tr") else "label"
        super().__init__(
            data,
            prefix="accept",
            initial={
                name: proposal.text,
                "parent": parent.code if parent else "",
                "nature": parent.nature.value if parent else "",
                "icd10": parent.icd10 if parent else "",
            },
        )
        field = self.fields["parent"]
        assert isinstance(field, forms.ChoiceField)  # noqa: S101 - declared so above
        field.choices = _parents()

    def clean_label(self) -> str:
        """Refuse a name that the list has."""
        return _new_name(self.cleaned_data["label"])

    def clean_turkish(self) -> str:
        """Refuse a name that the list has."""
        return _new_name(self.cleaned_data["turkish"])

    def clean_icd10(self) -> str:
        """Refuse what is no code of ICD-10."""
        code: str = self.cleaned_data["icd10"].strip().upper()
        if not _ICD10.fullmatch(code):
            raise ValidationError(_("Write a letter and two digits, and one after a point if you know it: C44.3."))
        return code

    @property
    def term(self) -> NewTerm:
        """The new term."""
        return NewTerm(**self.cleaned_data)


def _known(code: str) -> diagnoses.Diagnosis | None:
    try:
        return diagnoses.get(code)
    except diagnoses.UnknownDiagnosis:
        return None


def _new_name(text: str) -> str:
    text = " ".join(text.split())
    folded = fold(text)
    for one in diagnoses.all():
        if folded in {fold(name) for name in (one.label, one.turkish, *one.synonyms)}:
            raise ValidationError(_("“%(name)s” is in the list. Choose it as the one meant.") % {"name": one.label})
    return text


def _parents() -> list[tuple[str, Any]]:
    """Return every heading with what stands below it, for a <select>."""
    below: dict[str, list[tuple[str, str]]] = {}
    for one in diagnoses.all():
        root = one if one.is_heading else diagnoses.ancestors(one.code)[-1]
        words = _("%(name)s (group)") % {"name": one.label} if one.is_heading else one.label
        below.setdefault(root.code, []).append((one.code, words))
    return [("", "—"), *((diagnoses.get(code).label, sorted_rows) for code, sorted_rows in below.items())]


class MapForm(forms.Form):
    """The diagnosis of the list that is meant; typed, or chosen as one types."""

    code = forms.CharField(required=False, max_length=diagnoses.MAX_CODE_LENGTH)
    code_text = forms.CharField(required=False, max_length=NAME_LENGTH)

    def clean(self) -> dict[str, Any]:
        """Convert the type-ahead input into a code."""
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            cleaned["code"] = diagnosis_code(code=cleaned.get("code", ""), text=cleaned.get("code_text", ""))
        except ValidationError as error:
            self.add_error("code", error)
            return cleaned
        if not cleaned["code"]:
            self.add_error("code", _("Type the diagnosis that is meant and choose it from the list."))
        return cleaned


class RefuseForm(forms.ModelForm):
    """Why a term is not added; the member reads it."""

    why_not = forms.ChoiceField(label=gettext_lazy("Reason"), choices=WhyNot.choices)

    class Meta:
        model = ProposedTerm
        fields = ("why_not", "words")
        help_texts = {"words": gettext_lazy("The member reads it. Name the diagnosis of the list that comes closest.")}

    def __init__(self, data: Any = None) -> None:
        """Keep these fields apart from those of the other two forms of the page."""
        super().__init__(data, prefix="refuse")

    def clean_words(self) -> str:
        """Refuse text that could identify a person."""
        words: str = self.cleaned_data["words"].strip()
        found = identifiers.find(words)
        if found:
            raise ValidationError(sentences(found))
        return words

    def clean(self) -> dict[str, Any]:
        """Ask for words where the reason says nothing."""
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("why_not") == WhyNot.OTHER and not cleaned.get("words"):
            self.add_error("words", _("Say why."))
        return cleaned
