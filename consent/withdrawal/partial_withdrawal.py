"""Taking back a part of a consent with the code on the receipt: some uses, one picture, or an earlier end.

Like the withdrawal of the whole: what will happen is shown first, and what follows the code carries a signed
note of ten minutes. No picture is shown: whoever holds a code has no account.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django import forms
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from consent import hooks, lifecycle
from consent.lifecycle import Part
from consent.models import Consent, Removal, Use, WithdrawnBy
from consent.pdf import receipt
from consent.records.wording import allowed_use_in_words
from consent.withdrawal import NotPossible, views, withdraw_picture
from core import days
from core.widgets import DayInput

PART_SALT = "consent.part"
STAFF_SALT = "consent.part.staff"
"""Threat: a clinician who takes their own note to the patient's page, where the log would name the patient."""


class PartForm(forms.Form):
    """What to take back: uses that were ticked, an earlier end, or one picture. Exactly one kind at a time."""

    uses = forms.MultipleChoiceField(
        required=False,
        widget=forms.CheckboxSelectMultiple,
        label=gettext_lazy("No longer allow"),
    )
    ends_on = forms.DateField(
        required=False,
        widget=DayInput(),
        label=gettext_lazy("Let the consent end on"),
        help_text=gettext_lazy("Leave empty to change nothing about the end."),
    )
    picture = forms.ChoiceField(required=False, widget=forms.RadioSelect, label=gettext_lazy("Take back one picture"))

    def __init__(self, *args: Any, consent: Consent, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(f"{row.use}:{row.scope or ''}", allowed_use_in_words(row)) for row in consent.allowed]
        self.fields["uses"].choices = choices  # type: ignore[attr-defined]
        pictures = [(str(picture.id), picture.words) for picture in hooks.pictures_of(consent)]
        self.fields["picture"].choices = [("", _("No single picture")), *pictures]  # type: ignore[attr-defined]
        self.has_pictures = bool(pictures)

    def clean(self) -> dict[str, Any]:
        """Refuse an empty choice, and a picture together with something else: each has its own certificate."""
        data = super().clean() or self.cleaned_data
        narrows = bool(data.get("uses") or data.get("ends_on"))
        if not self.errors and not narrows and not data.get("picture"):
            raise forms.ValidationError(_("Choose what to take back."))
        if narrows and data.get("picture"):
            raise forms.ValidationError(_("Take back one picture, or uses and time, but not both at once."))
        return data

    def part(self) -> Part | UUID:
        """The choice as the services take it: a part, or a picture's id."""
        if self.cleaned_data["picture"]:
            return UUID(self.cleaned_data["picture"])
        chosen = (value.partition(":") for value in self.cleaned_data["uses"])
        uses = frozenset((Use(use), UUID(scope) if scope else None) for use, _sep, scope in chosen)
        return Part(uses=uses, ends_on=self.cleaned_data["ends_on"])


@dataclass(frozen=True)
class Wanted:
    """A part of one consent, as the signed note carries it."""

    consent_id: UUID
    part: Part | UUID

    def note(self, *, salt: str = PART_SALT) -> str:
        """The signed note, for whoever reads with the same salt. Holds ids, codes and a date."""
        if isinstance(self.part, UUID):
            body: dict[str, object] = {"picture": str(self.part)}
        else:
            uses = sorted([str(use), str(scope or "")] for use, scope in self.part.uses)
            body = {"uses": uses, "ends_on": self.part.ends_on.isoformat() if self.part.ends_on else ""}
        return signing.dumps({"consent": str(self.consent_id), **body}, salt=salt)

    @classmethod
    def read(cls, note: str, *, salt: str = PART_SALT) -> "Wanted":
        """The part in a note. Raises signing.BadSignature when it is forged or older than ten minutes."""
        body = signing.loads(note, salt=salt, max_age=views.NOTE_SECONDS)
        if "picture" in body:
            return cls(UUID(body["consent"]), UUID(body["picture"]))
        uses = frozenset((Use(use), UUID(scope) if scope else None) for use, scope in body["uses"])
        ends_on = date.fromisoformat(body["ends_on"]) if body["ends_on"] else None
        return cls(UUID(body["consent"]), Part(uses=uses, ends_on=ends_on))

    def take_back(self, *, by: WithdrawnBy, actor: Any = None) -> Removal:
        """Do it. Raises NotPossible."""
        if isinstance(self.part, UUID):
            return withdraw_picture(consent_id=self.consent_id, picture=self.part, by=by, actor=actor)
        return lifecycle.narrow(consent_id=self.consent_id, part=self.part, by=by, actor=actor)


def in_words(part: Part | UUID, *, consent: Consent) -> list[str]:
    """What is taken back, a line each."""
    if isinstance(part, UUID):
        return [picture.words for picture in hooks.pictures_of(consent) if picture.id == part]
    lines = [allowed_use_in_words(row) for row in consent.allowed if (Use(row.use), row.scope) in part.uses]
    if part.ends_on is not None:
        lines.append(_("The consent ends on %(day)s") % {"day": days.in_words(part.ends_on)})
    return lines


@login_not_required
@require_POST
def part(request: HttpRequest) -> HttpResponse:
    """Choose a part, after the code; then see what will happen. Nothing changes here."""
    consent_id = views.noted(request)
    consent = Consent.objects.filter(pk=consent_id).first() if consent_id else None
    if consent is None:
        return views.ask_again(request, sentence=views.too_late())
    chosen = PartForm(request.POST if "choose" in request.POST else None, consent=consent)
    if chosen.is_bound and chosen.is_valid():
        wanted = Wanted(consent.pk, chosen.part())
        try:
            held = lifecycle.foresee(consent_id=consent.pk, part=wanted.part)
        except NotPossible as refused:
            chosen.add_error(None, refused.sentence)
        else:
            context = {
                "consent": consent,
                "held": held,
                "nothing_held": not (held.cases or held.pictures),
                "taken": in_words(wanted.part, consent=consent),
                "is_picture": isinstance(wanted.part, UUID),
                "note": wanted.note(),
                "minutes": views.NOTE_SECONDS // 60,
            }
            return render(request, "consent/withdrawal/part_effects.html", context)
    context = {"consent": consent, "form": chosen, "note": request.POST["note"]}
    return render(request, "consent/withdrawal/part.html", context, status=422 if chosen.errors else 200)


@login_not_required
@require_POST
def confirm_part(request: HttpRequest) -> HttpResponse:
    """Take it back. Sending it twice is the same, or says that nothing is left to change."""
    try:
        wanted = Wanted.read(request.POST.get("note", ""))
        made = wanted.take_back(by=WithdrawnBy.PATIENT)
    except signing.BadSignature:
        return views.ask_again(request, sentence=views.too_late())
    except NotPossible as refused:
        return views.ask_again(request, sentence=refused.sentence)
    return redirect("consent:removed", pk=made.pk)


@login_not_required
@require_safe
def removed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The certificate of a part. Whoever holds this address was given it by the right code."""
    return render(request, "consent/withdrawal/removed.html", _state(_removal_or_404(pk)))


@login_not_required
@require_safe
def progress_of_part(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The part of the certificate that changes."""
    return render(request, "consent/withdrawal/_progress.html", _state(_removal_or_404(pk)))


@login_not_required
@require_safe
def certificate_of_part(request: HttpRequest, pk: UUID) -> HttpResponse:
    """The certificate as PDF."""
    return views.certificate_response(_removal_or_404(pk))


def _state(removal: Removal) -> dict[str, object]:
    return {**views.state(removal), "removal": removal, "taken": receipt.taken(removal)}


def _removal_or_404(pk: UUID) -> Removal:
    found = Removal.objects.select_related("consent__form").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
