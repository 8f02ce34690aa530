"""Forms for recording a patient's consent."""

from dataclasses import replace
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.utils import timezone
from django.utils.translation import get_language, gettext_noop
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from consent.forms.publishing import current_forms, for_reader
from consent.forms.readers import Reader, reader_of
from consent.models import (
    PUBLICATION_LENGTH,
    SIGNED,
    SIGNERS,
    Assent,
    Capacity,
    Consent,
    Form,
    Relation,
    Shown,
    Signature,
    Until,
    Use,
)
from consent.records import signatures
from consent.records.statement import SCAN_BYTES, NotRecorded, Statement, decode_signature
from consent.records.wording import use_explained
from consults.cases.consenting import case_consent
from consults.cases.models import Case
from consults.findings import sentences
from consults.groups.models import Group
from core import days
from core.widgets import ColumnsOfChoices, ColumnsOfRadios, DayInput
from imaging.models import Rendition
from screening import identifiers
from vocabulary.terms import AgeBand

# Stored in English with the record; the receipt translates it.
MASKING_METHOD = gettext_noop(
    "eyes covered by solid bars; faces by a veil made from surrounding pixels; rebuilt without metadata"
)
ASKED_BANDS = (AgeBand.FROM_6, AgeBand.FROM_13)
_NO_GROUP = _("Choose the group first, under “Who should see this case”.")
_NO_PUBLICATION = _("Say which publication the patient allows, or do not tick this use.")

# Circumstances that a draft consent restores into the form.
DRAFT_FIELDS = (
    "capacity",
    "relation",
    "authority",
    "assent",
    "majority_year",
    "interpreter",
    "cannot_read",
    "witnessed",
    "expires_on",
    "until_event",
)


class FormChoice(forms.ModelChoiceField):
    """Consent forms by title, version and language."""

    def label_from_instance(self, obj: Form) -> str:
        """Return the option's text for one form."""
        words = {"title": obj.title, "version": obj.version, "language": obj.get_language_display()}
        return _now("%(language)s: %(title)s (version %(version)s)") % words


STEP_FORM = {"form": "step"}
"""Attributes of fields outside the page's one form that are sent with it, whatever button is pressed."""


class AudienceForm(forms.Form):
    """Audience of the case."""

    group = forms.ModelChoiceField(
        queryset=Group.objects.none(),
        required=False,
        label=_("Who should see this case"),
        empty_label=_("All vetted members"),
        widget=forms.Select(attrs=STEP_FORM),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"group": case.group_id})
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = Group.objects.filter(members=case.author)  # type: ignore[attr-defined]


class ConsentChoice(forms.ModelChoiceField):
    """Consents by the day they were signed, the start of their id, and their cases."""

    def label_from_instance(self, obj: Consent) -> str:
        """Return the option's text for one consent."""
        words = {"day": days.in_words(obj.signed_on), "start": str(obj.pk)[:8]}
        titles = [case.title for case in obj.cases.all() if case.title]
        return " · ".join([_now("Signed %(day)s, record %(start)s") % words, *titles[:2]])


class ExistingConsentForm(forms.Form):
    """A consent that this member recorded before, for the same patient."""

    use_required_attribute = False  # it shares the page's one form with answers that need no other consent
    consent = ConsentChoice(
        queryset=Consent.objects.none(),
        label=_("Consent of the same patient"),
        empty_label=_("Choose …"),
        widget=forms.Select(attrs=STEP_FORM),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["consent"]
        field.queryset = (  # type: ignore[attr-defined]
            case_consent.usable_consents(case).exclude(cases=case).prefetch_related("cases").order_by("-recorded_at")
        )


class AttachForm(forms.Form):
    """The author's word that the patient of two cases is the same, after comparing them."""

    same_patient = forms.BooleanField(
        label=_("The patient is the same. I have checked it in my own records, not by memory."),
        error_messages={"required": _("Check it in your records, then tick this. Otherwise record a new consent.")},
    )
    told_patient = forms.BooleanField(
        label=_(
            "The patient, or who decides for them, knows that this case is shown and that the same code destroys it."
        ),
        error_messages={"required": _("Tell the patient first. Otherwise record a new consent.")},
    )
    seen = forms.CharField(widget=forms.HiddenInput, max_length=64)


class CircumstancesForm(forms.Form):
    """Circumstances of a consent, shared by recording and hand-over: who decides, which form, until when."""

    form = FormChoice(queryset=Form.objects.none(), label=_("Consent form"), empty_label=None)
    capacity = forms.ChoiceField(
        choices=Capacity.choices,
        widget=ColumnsOfRadios,
        label=_("How can the patient decide?"),
        initial=Capacity.CAPABLE,
    )
    relation = forms.ChoiceField(choices=Relation.choices, label=_("Who signs?"), initial=Relation.SELF)
    authority = forms.CharField(
        max_length=120,
        required=False,
        label=_("By what authority"),
        help_text=_("For a representative, for example “mother” or “court-appointed guardian”. No names."),
    )
    assent = forms.ChoiceField(
        choices=Assent.choices, required=False, label=_("For a child: does the child agree?"), initial=Assent.NOT_ASKED
    )
    majority_year = forms.IntegerField(
        required=False,
        min_value=1900,
        max_value=2200,
        label=_("Year in which the child comes of age"),
        help_text=_("The year only. A guardian's consent ends with it; before that you are asked to renew."),
        widget=forms.NumberInput(attrs={"inputmode": "numeric"}),
    )
    interpreter = forms.BooleanField(required=False, label=_("An interpreter helps"))
    cannot_read = forms.BooleanField(required=False, label=_("Whoever signs cannot read the form: it is read aloud"))
    witnessed = forms.BooleanField(
        required=False,
        label=_("A witness is present"),
        help_text=_("Needed with an interpreter, when the form is read aloud, and for spoken consent."),
    )
    expires_on = forms.DateField(
        label=_("Allowed until"),
        required=False,
        widget=DayInput(),
        help_text=_("Leave empty when the patient sets no end."),
    )
    until_event = forms.ChoiceField(
        choices=Until.choices,
        required=False,
        label=_("What else ends it"),
        help_text=_("For the end of a treatment, set the latest day too."),
    )
    publication = forms.CharField(
        max_length=PUBLICATION_LENGTH,
        required=False,
        label=_("Which publication"),
        help_text=_("Journal or book, and the working title. The patient reads it before signing. No names of people."),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        forms_in_use = current_forms()
        self.fields["form"].queryset = forms_in_use  # type: ignore[attr-defined]
        newest = forms_in_use.filter(language=get_language() or "").first() or forms_in_use.first()
        if newest is not None:
            self.initial.setdefault("form", newest.pk)
        if case.draft_consent is not None:
            self.initial = {**self.initial, **self._saved_answers(case.draft_consent)}

    def _saved_answers(self, draft: Consent) -> dict[str, Any]:
        """Return the answers saved in a draft consent."""
        kept = {name: getattr(draft, name) for name in DRAFT_FIELDS}
        uses = draft.allowed
        named = next((row.publication for row in uses if row.publication), "")
        form = for_reader(draft.form, Reader.PATIENT)
        return kept | {"form": form.pk, "uses": [row.use for row in uses], "publication": named}

    @property
    def signers(self) -> str:
        """The allowed signers by capacity, for the script that offers no others."""
        return " ".join(f"{capacity}:{','.join(relations)}" for capacity, relations in SIGNERS.items())

    def clean_authority(self) -> str:
        """Refuse a name in the signer's authority."""
        return _without_identifiers(self.cleaned_data["authority"])

    def clean_publication(self) -> str:
        """Put the publication on one line and refuse what could identify the patient."""
        return _without_identifiers(" ".join(self.cleaned_data["publication"].split()))

    def clean(self) -> dict[str, Any]:
        """Clear answers to questions that do not apply; require assent from age 7."""
        data = super().clean() or {}
        if data.get("capacity") != Capacity.CHILD:
            data["assent"], data["majority_year"] = Assent.NOT_ASKED, None
        elif data.get("assent") == Assent.TOO_YOUNG and self.case.age_band in ASKED_BANDS:
            self.add_error("assent", _now("By its age band this child may be 7 or older, and is asked."))
        if data.get("relation") == Relation.SELF:
            data["authority"] = ""
        return data

    def circumstances(self) -> Statement:
        """Return a statement with these answers, nothing signed or allowed yet."""
        data = self.cleaned_data
        reader = reader_of(capacity=data["capacity"], relation=data["relation"])
        return Statement(
            form=for_reader(data["form"], reader),
            capacity=Capacity(data["capacity"]),
            relation=Relation(data["relation"]),
            authority=data["authority"],
            majority_year=data.get("majority_year"),
            assent=Assent(data["assent"]) if data["assent"] in Assent.values else Assent.NOT_ASKED,
            interpreter=data["interpreter"],
            cannot_read=data["cannot_read"],
            witnessed=data["witnessed"],
            expires_on=data["expires_on"],
            until_event=Until(data["until_event"]),
            publication=data["publication"],
            signature=Signature.NOT_SIGNED,
            signed_on=timezone.localdate(),
            shown=Shown.NOT_SHOWN,
            uses=frozenset(),
            masking_method=MASKING_METHOD,
        )


def _without_identifiers(text: str) -> str:
    found = identifiers.find(text)
    if found:
        raise forms.ValidationError(" ".join(sentences(found)))
    return text


class ConsentForm(CircumstancesForm):
    """The consent as the patient gave it. Every use is No until ticked."""

    uses = forms.MultipleChoiceField(
        # The two audience uses first, then the rest in the order of the form.
        choices=lambda: [(use, use_explained(use, str(use.label))) for use in Use],
        widget=ColumnsOfChoices,
        required=False,
        label=_("What the patient allows"),
    )
    shown = forms.ChoiceField(
        choices=Shown.choices, widget=forms.RadioSelect, label=_("Were the masked pictures shown to the patient?")
    )
    signed_on = forms.DateField(label=_("Signed on"), widget=DayInput(), initial=timezone.localdate)
    signature_kind = forms.ChoiceField(
        choices=[(kind, kind.label) for kind in SIGNED],
        widget=forms.RadioSelect,
        label=_("How was it signed?"),
        initial=Signature.DRAWN,
    )
    signature = forms.CharField(required=False, widget=forms.HiddenInput, max_length=signatures.LONGEST_DATA_URL)
    scan = forms.FileField(
        required=False,
        label=_("Scan or photo of the signed form"),
        help_text=_("PDF, JPEG or PNG up to 10 MB. It is sealed; no member can open it, you neither."),
        widget=forms.FileInput(attrs={"accept": "application/pdf,image/jpeg,image/png"}),
    )
    clinic_form = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    attested = forms.BooleanField(
        required=False, label=_("I attest that my clinic keeps the form, signed as recorded here")
    )
    copy_given = forms.BooleanField(required=False, label=_("The patient has, or now receives, a copy of the form"))
    submission = forms.UUIDField(required=False, widget=forms.HiddenInput, initial=uuid4)

    def statement(self) -> Statement:
        """Return the cleaned answers as a statement for the consent service. Raises NotRecorded."""
        data = self.cleaned_data
        uses: set[tuple[Use, UUID | None]] = set()
        for value in data["uses"]:
            use = Use(value)
            if use == Use.NAMED_GROUP and self.case.group_id is None:
                raise NotRecorded({"uses": str(_NO_GROUP)})
            uses.add((use, self.case.group_id if use == Use.NAMED_GROUP else None))
        shown = Rendition.objects.filter(photo__placement__case=self.case, name=Rendition.Name.DISPLAY)
        return replace(
            self.circumstances(),
            signature=Signature(data["signature_kind"]),
            signed_on=data["signed_on"],
            shown=Shown(data["shown"]),
            shown_pictures=tuple(shown.values_list("sha256", flat=True)),
            uses=frozenset(uses),
            copy_given=data["copy_given"],
            attested=data["attested"],
            signature_png=decode_signature(data["signature"]),
            scan=self._scan(),
            clinic_form_sha256=data["clinic_form"],
            submission=data["submission"],
        )

    def draft_statement(self) -> Statement | None:
        """Return the answers to save as a draft; None when one of the circumstances is invalid."""
        self.is_valid()
        for name in set(self.errors) - {*CircumstancesForm.base_fields, "publication"}:
            del self.errors[name]  # signing comes later
        if self.cleaned_data.get("until_event") == Until.TREATMENT_ENDS and not self.cleaned_data.get("expires_on"):
            self.add_error("expires_on", _("Nobody here learns when a treatment ends. Set the latest day too."))
        ticked = {Use(value) for value in self.cleaned_data.get("uses", ())}
        if Use.PUBLICATION in ticked and self.cleaned_data.get("publication") == "":
            self.add_error("publication", _NO_PUBLICATION)
        if Use.NAMED_GROUP in ticked and self.case.group_id is None:
            self.add_error("uses", _NO_GROUP)
        if self.errors:
            return None
        uses = frozenset((use, self.case.group_id if use == Use.NAMED_GROUP else None) for use in ticked)
        return replace(self.circumstances(), uses=uses)

    def _scan(self) -> bytes:
        """Return the uploaded file, at most one byte more than allowed; the service refuses what is too large."""
        file = self.cleaned_data["scan"]
        return b"" if file is None else bytes(file.read(SCAN_BYTES + 1))
