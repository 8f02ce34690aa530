"""What the clinician records when a patient consents."""

from typing import Any
from uuid import UUID

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from consent.models import Assent, Capacity, Consent, Form, Relation, Shown, Signature, Use
from consent.publishing import current_forms
from consent.recording import NotRecorded, Statement, decode_signature
from consults import identifiers
from consults.models import Case, Group
from imaging.models import Rendition

# The two audience uses first, then the rest in the order of the form.
USES = [(use, use.label) for use in Use]
MASKING = "eyes covered by solid bars; faces by a veil made from surrounding pixels; rebuilt without metadata"


class FormChoice(forms.ModelChoiceField):
    """Consent forms by title, version and language."""

    def label_from_instance(self, obj: Form) -> str:
        """What the list shows for one form."""
        words = {"title": obj.title, "version": obj.version, "language": obj.get_language_display()}
        return _now("%(title)s (version %(version)s, %(language)s)") % words


class AudienceForm(forms.Form):
    """Who is meant to see the case."""

    group = forms.ModelChoiceField(
        queryset=Group.objects.none(),
        required=False,
        label=_("Who should see this case"),
        empty_label=_("All vetted members"),
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"group": case.group_id})
        super().__init__(*args, **kwargs)
        self.fields["group"].queryset = Group.objects.filter(members=case.author)  # type: ignore[attr-defined]


class ConsentChoice(forms.ModelChoiceField):
    """Consents by the day they were signed and the beginning of their id: they hold nothing else to tell them by."""

    def label_from_instance(self, obj: Consent) -> str:
        """What the list shows for one consent."""
        words = {"day": obj.signed_on.isoformat(), "start": str(obj.pk)[:8]}
        return _now("Signed %(day)s, record %(start)s") % words


class ExistingConsentForm(forms.Form):
    """A consent that this member recorded before, for the same patient."""

    consent = ConsentChoice(
        queryset=Consent.objects.none(), label=_("Consent of the same patient"), empty_label=_("Choose …")
    )

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["consent"]
        field.queryset = (  # type: ignore[attr-defined]
            Consent.objects.active().filter(recorded_by=case.author).order_by("-recorded_at")
        )


class ConsentForm(forms.Form):
    """The consent as the patient gave it. Every use is No until ticked."""

    form = FormChoice(queryset=Form.objects.none(), label=_("Consent form"), empty_label=None)
    capacity = forms.ChoiceField(
        choices=Capacity.choices, widget=forms.RadioSelect, label=_("How could the patient decide?"), initial="capable"
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
    uses = forms.MultipleChoiceField(
        choices=USES, widget=forms.CheckboxSelectMultiple, required=False, label=_("What the patient allows")
    )
    shown = forms.ChoiceField(
        choices=Shown.choices, widget=forms.RadioSelect, label=_("Were the masked pictures shown to the patient?")
    )
    signed_on = forms.DateField(
        label=_("Signed on"), widget=forms.DateInput(attrs={"type": "date"}), initial=timezone.localdate
    )
    expires_on = forms.DateField(
        label=_("Allowed until"),
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        help_text=_("Leave empty when the patient set no end."),
    )
    interpreter = forms.BooleanField(required=False, label=_("An interpreter helped"))
    witnessed = forms.BooleanField(required=False, label=_("A witness was present"))
    signature_kind = forms.ChoiceField(
        choices=Signature.choices, widget=forms.RadioSelect, label=_("How was it signed?"), initial=Signature.DRAWN
    )
    signature = forms.CharField(required=False, widget=forms.HiddenInput)
    clinic_form = forms.CharField(required=False, widget=forms.HiddenInput, max_length=64)
    attested = forms.BooleanField(
        required=False, label=_("I attest that my clinic keeps the form, signed as recorded here")
    )
    copy_given = forms.BooleanField(required=False, label=_("The patient has, or now receives, a copy of the form"))

    def __init__(self, *args: Any, case: Case, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.case = case
        forms_in_use = current_forms()
        self.fields["form"].queryset = forms_in_use  # type: ignore[attr-defined]
        newest = forms_in_use.first()
        if newest is not None:
            self.initial.setdefault("form", newest.pk)

    def clean_authority(self) -> str:
        """By what authority somebody signs, without saying who they are."""
        said = str(self.cleaned_data["authority"]).strip()
        findings = identifiers.find(said)
        if findings:
            raise forms.ValidationError(" ".join(dict.fromkeys(finding.sentence for finding in findings)))
        return said

    def statement(self) -> Statement:
        """The cleaned answers as the consent service takes them. Raises NotRecorded."""
        data = self.cleaned_data
        uses: set[tuple[Use, UUID | None]] = set()
        for value in data["uses"]:
            use = Use(value)
            if use == Use.NAMED_GROUP and self.case.group_id is None:
                raise NotRecorded({"uses": str(_("Choose the group first, under “Who should see this case”."))})
            uses.add((use, self.case.group_id if use == Use.NAMED_GROUP else None))
        shown = Rendition.objects.filter(photo__placement__case=self.case, name=Rendition.Name.DISPLAY)
        return Statement(
            form=data["form"],
            capacity=Capacity(data["capacity"]),
            relation=Relation(data["relation"]),
            authority=data["authority"],
            assent=Assent(data["assent"]),
            signature=Signature(data["signature_kind"]),
            signed_on=data["signed_on"],
            expires_on=data["expires_on"],
            shown=Shown(data["shown"]),
            shown_pictures=tuple(shown.values_list("sha256", flat=True)),
            uses=frozenset(uses),
            interpreter=data["interpreter"],
            witnessed=data["witnessed"],
            copy_given=data["copy_given"],
            attested=data["attested"],
            signature_png=decode_signature(data["signature"]),
            clinic_form_sha256=data["clinic_form"],
            masking_method=MASKING,
        )
