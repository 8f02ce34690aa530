"""Forms of an answer, a comment and an outcome. A diagnosis is sent as a code or, without scripts, as text."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from uuid import UUID

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import get_language, gettext_lazy
from django.utils.translation import gettext as _

from consults.discussion.answers import MAX_SUGGESTIONS, Choice
from consults.discussion.models import Answer, Outcome
from consults.discussion.plans.forms import PlanForm
from consults.discussion.plans.models import Plan, plan_of
from consults.discussion.presenters import diagnosis_name
from consults.discussion.terms.proposing import OwnTerm, findings
from consults.findings import sentences
from consults.hints import HintedForm
from screening import identifiers
from vocabulary import diagnoses, terms

NAME_LENGTH = 120
MOST_CHOSEN: Final = 10
LONGEST_CHOSEN: Final = 1000  # characters
_UUID: Final = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def diagnosis_code(*, code: str, text: str) -> str:
    """Return the code entered in a type-ahead field, "" when it is empty. Raises ValidationError with advice.

    The code counts while the text is its own name; text alone must be a name in the list.
    """
    language = get_language() or "en"
    text = text.strip()
    if diagnoses.is_answerable(code) and (not text or text == diagnoses.get(code).label_in(language)):
        return code
    if not text:
        return ""
    matches = diagnoses.search(text, limit=5, language=language)
    exact = [m.code for m in matches if text.casefold() in (m.label.casefold(), m.note.casefold())]
    if exact:
        return exact[0]
    if not matches:
        raise ValidationError(_("“%(text)s” is not in the list. Try another word or a synonym.") % {"text": text})
    near = ", ".join(match.label for match in matches)
    raise ValidationError(
        _("Choose a name from the list. Close to “%(text)s”: %(near)s.") % {"text": text, "near": near}
    )


@dataclass
class DiagnosisSlot:
    """One of the three inputs for a diagnosis, with its values and errors."""

    number: int
    code: str = ""
    text: str = ""
    confidence: str = ""
    errors: list[str] = field(default_factory=list)
    confidence_errors: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        """The name of the hidden field; the visible one ends in "_text"."""
        return f"diagnosis_{self.number}"

    @property
    def has_errors(self) -> bool:
        """Whether the input has an error."""
        return bool(self.errors or self.confidence_errors)

    @property
    def is_used(self) -> bool:
        """Whether anything was entered."""
        return bool(self.code or self.text or self.confidence)


@dataclass
class OwnSlot:
    """The input of a diagnosis that the list lacks, with its values and errors."""

    text: str = ""
    language: str = ""
    parent: str = ""
    parent_text: str = ""
    confidence: str = ""
    errors: list[str] = field(default_factory=list)
    parent_errors: list[str] = field(default_factory=list)
    confidence_errors: list[str] = field(default_factory=list)

    languages = settings.LANGUAGES

    @property
    def has_errors(self) -> bool:
        """Whether the input has an error."""
        return bool(self.errors or self.parent_errors or self.confidence_errors)

    def check(self) -> None:
        """Fill the errors; an empty text means that nothing is proposed."""
        if not self.text:
            return
        self.errors = sentences(findings(self.text))
        if self.language not in dict(self.languages):
            self.language = settings.LANGUAGE_CODE
        try:
            self.parent = diagnosis_code(code=self.parent, text=self.parent_text)
        except ValidationError as error:
            self.parent, self.parent_errors = "", list(error.messages)
        if self.confidence not in terms.Confidence.values:
            self.confidence_errors = [_("Say how sure you are.")]


class AnswerForm:
    """Up to three ranked diagnoses, each with a confidence; a plan where the case's question asks for one.

    One of the three may be in the member's own words. Read `choices`, `plan` and `own_term` after `is_valid()`.
    """

    confidences = terms.Confidence.choices

    def __init__(
        self, data: Mapping[str, str] | None = None, *, given: Answer | None = None, question: str = ""
    ) -> None:
        """Take `data` as posted, or `given`, an earlier answer to start from; `question` is the case's."""
        self.is_bound = data is not None
        self.slots = [DiagnosisSlot(number=number) for number in range(1, MAX_SUGGESTIONS + 1)]
        self.own = OwnSlot(language=(get_language() or "en").partition("-")[0])
        self.waiting = str(getattr(given, "own_words", "") or "")
        self.plan_form: PlanForm | None = None
        if question and terms.Question(question).asks_for_plan:
            self.plan_form = PlanForm(data, question=question, given=plan_of(given) if given else None)
        if data is not None:
            for slot in self.slots:
                slot.code = data.get(slot.name, "")[: diagnoses.MAX_CODE_LENGTH]
                slot.text = data.get(f"{slot.name}_text", "").strip()[:NAME_LENGTH]
                slot.confidence = data.get(f"confidence_{slot.number}", "")
                if not slot.text and f"{slot.name}_text" in data:
                    slot.code = ""  # emptied: without scripts the hidden code still stands there
            self._read_own(data)
        elif given is not None:
            for slot, suggestion in zip(self.slots, given.suggestions.all(), strict=False):
                slot.code, slot.confidence = suggestion.code, suggestion.confidence
                slot.text = diagnosis_name(suggestion.code)

    def _read_own(self, data: Mapping[str, str]) -> None:
        self.own.text = " ".join(data.get("own_text", "").split())[:NAME_LENGTH]
        self.own.language = data.get("own_language", "") or self.own.language
        self.own.parent = data.get("own_parent", "")[: diagnoses.MAX_CODE_LENGTH]
        self.own.parent_text = data.get("own_parent_text", "").strip()[:NAME_LENGTH]
        if not self.own.parent_text:
            self.own.parent = ""
        self.own.confidence = data.get("own_confidence", "")

    def is_valid(self) -> bool:
        """Fill each slot's errors; return whether there are none."""
        for slot in self.slots:
            try:
                slot.code = diagnosis_code(code=slot.code, text=slot.text)
            except ValidationError as error:
                slot.code, slot.errors = "", list(error.messages)
                continue
            if slot.code and slot.confidence not in terms.Confidence.values:
                slot.confidence_errors = [_("Say how sure you are.")]
            elif slot.number > 1 and not slot.code:
                slot.confidence = ""  # cleared: radio buttons alone cannot be
        self._find_repeated()
        self.own.check()
        if self.own.text and not self._free_places():
            self.own.errors.append(_("Three diagnoses are there already. Clear one of them first."))
        is_needed = self.plan_form is None and not self.own.text and not self.waiting
        if is_needed and not any(slot.code or slot.errors for slot in self.slots):
            self.slots[0].errors = [_("Type at least one diagnosis and choose it from the list.")]
        plan_is_valid = self.plan_form is None or self.plan_form.is_valid()
        return plan_is_valid and not self.own.has_errors and not any(slot.has_errors for slot in self.slots)

    def _free_places(self) -> list[int]:
        return [slot.number for slot in self.slots if not slot.code]

    @property
    def plan(self) -> Plan | None:
        """The plan, not saved; None where the question asks for none."""
        return self.plan_form.plan if self.plan_form is not None else None

    @property
    def own_term(self) -> OwnTerm | None:
        """The diagnosis in the member's own words, in the first place that was left empty; None without one."""
        if not self.own.text:
            return None
        return OwnTerm(
            text=self.own.text,
            language=self.own.language,
            parent=self.own.parent,
            confidence=terms.Confidence(self.own.confidence),
            place=self._free_places()[0],
        )

    def _find_repeated(self) -> None:
        seen: set[str] = set()
        for slot in self.slots:
            if slot.code in seen:
                slot.errors = [_("You named this diagnosis above already. Choose another, or clear this one.")]
            elif slot.code:
                seen.add(slot.code)

    @property
    def choices(self) -> list[Choice]:
        """The diagnoses in the order of the slots, without empty ones."""
        return [
            Choice(code=slot.code, confidence=terms.Confidence(slot.confidence)) for slot in self.slots if slot.code
        ]

    @property
    def shows_more(self) -> bool:
        """Whether the second or third slot is in use, so that they must not be collapsed."""
        return any(slot.is_used or slot.has_errors for slot in self.slots[1:])


class ChosenField(forms.CharField):
    """Ids of the members picked from the suggestions after “@”, put there by the script; what is no id is dropped."""

    def __init__(self) -> None:
        hidden = forms.HiddenInput(attrs={"data-chosen": ""})
        super().__init__(required=False, max_length=LONGEST_CHOSEN, widget=hidden)

    def clean(self, value: Any) -> list[UUID]:
        """Return the ids, the last ones when there are many."""
        found = _UUID.findall(str(value or "")[-LONGEST_CHOSEN:])
        return [UUID(one) for one in dict.fromkeys(found[-MOST_CHOSEN:])]


class CommentForm(HintedForm):
    """A comment. The service checks it for identifiers."""

    text = forms.CharField(
        label=gettext_lazy("Your comment"),
        max_length=3000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=gettext_lazy("No names, dates or numbers of a patient. Relative times are fine: “day 3”."),
    )
    not_mine = forms.BooleanField(
        label=gettext_lazy("It holds material that is not mine"),
        required=False,
    )
    source = forms.CharField(
        label=gettext_lazy("Owner or address"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Needed when the material is not yours. It stands below your comment."),
    )
    reply_to = forms.UUIDField(required=False, widget=forms.HiddenInput)
    quote = forms.CharField(required=False, max_length=3000, widget=forms.HiddenInput)
    chosen = ChosenField()

    @property
    def owner(self) -> str | None:
        """Whose material it is as typed; None when nothing of somebody else's is in it."""
        source = str(self.cleaned_data["source"]).strip()
        return source if source or self.cleaned_data["not_mine"] else None


class CloseForm(forms.ModelForm):
    """The outcome of a case; the final diagnosis comes from the list, as for answers."""

    diagnosis = forms.CharField(
        label=gettext_lazy("Final diagnosis"), required=False, max_length=diagnoses.MAX_CODE_LENGTH
    )
    diagnosis_text = forms.CharField(required=False, max_length=NAME_LENGTH)

    class Meta:
        model = Outcome
        fields = ("diagnosis", "reference", "done")
        labels = {"reference": gettext_lazy("What does it rest on?"), "done": gettext_lazy("What was done")}
        widgets = {"done": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"done": gettext_lazy("Treatment and course, in relative times. No names, dates or numbers.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["reference"].required = True  # an outcome without one is the unresolved, which has no form
        code = str(self["diagnosis"].value() or "")
        self.initial.setdefault("diagnosis_text", diagnosis_name(code) if code else "")

    def clean_done(self) -> str:
        """Refuse text that could identify the patient."""
        done: str = self.cleaned_data["done"].strip()
        found = identifiers.find(done)
        if found:
            raise ValidationError(sentences(found))
        return done

    def clean(self) -> dict[str, Any]:
        """Convert the type-ahead input into a code."""
        cleaned: dict[str, Any] = super().clean() or {}
        try:
            code = diagnosis_code(code=cleaned.get("diagnosis", ""), text=cleaned.get("diagnosis_text", ""))
        except ValidationError as error:
            self.add_error("diagnosis", error)
            return cleaned
        if code:
            cleaned["diagnosis"] = code
        else:
            self.add_error("diagnosis", _("Type the final diagnosis and choose it from the list."))
        return cleaned
