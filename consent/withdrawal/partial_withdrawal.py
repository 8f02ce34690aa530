"""Withdrawal of a part of a consent with the code on the receipt: some uses, one picture, or an earlier end.

As for a whole withdrawal, the effects are shown first, and the pages after the code carry a signed note that is
valid for ten minutes. Pictures are told apart by their number on the receipt and a small masked thumbnail.
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
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_safe

from audit.record import record
from consent import hooks, lifecycle
from consent.lifecycle import Part
from consent.models import Consent, Removal, Use, WithdrawnBy
from consent.records.picture_numbers import NumberedPicture, numbered_pictures
from consent.records.wording import allowed_use_in_words
from consent.withdrawal import NotPossible, certificate_text, views, withdraw_picture
from core import days
from core.widgets import DayInput

PART_SALT = "consent.part"
STAFF_SALT = "consent.part.staff"
"""Threat: a clinician who uses their own note on the patient's page, where the log would name the patient as actor."""


class PartForm(forms.Form):
    """The part to take back: ticked uses, an earlier end, or one picture; a picture only by itself."""

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

    def __init__(
        self, *args: Any, consent: Consent, with_thumbnails: bool = False, with_group: bool = True, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        choices = [
            (f"{row.use}:{row.scope or ''}", allowed_use_in_words(row, with_group=with_group))
            for row in consent.allowed
        ]
        self.fields["uses"].choices = choices  # type: ignore[attr-defined]
        describe = _with_thumbnail if with_thumbnails else _in_words
        pictures = [(str(each.picture.id), describe(each)) for each in numbered_pictures(consent)]
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

    def chosen_part(self) -> Part | UUID:
        """Return the choice as the services take it: a part, or a picture's id."""
        if self.cleaned_data["picture"]:
            return UUID(self.cleaned_data["picture"])
        chosen = (value.partition(":") for value in self.cleaned_data["uses"])
        uses = frozenset((Use(use), UUID(scope) if scope else None) for use, _sep, scope in chosen)
        return Part(uses=uses, ends_on=self.cleaned_data["ends_on"])


def _in_words(each: NumberedPicture) -> str:
    return each.words


def _with_thumbnail(each: NumberedPicture) -> str:
    """Return the words and, where it may be shown, the thumbnail. The words say which it is: the image has no text."""
    if not each.picture.may_be_shown:
        return each.words
    address = reverse("consent:part_picture", args=[each.picture.id])
    return format_html('{} <img class="part-picture" src="{}" alt="" loading="lazy">', each.words, address)


@dataclass(frozen=True)
class PartRequest:
    """A part of one consent to take back, as the signed note carries it."""

    consent_id: UUID
    part: Part | UUID

    def to_note(self, *, salt: str = PART_SALT) -> str:
        """Return the signed note, readable with the same salt. Holds ids, codes and a date."""
        if isinstance(self.part, UUID):
            body: dict[str, object] = {"picture": str(self.part)}
        else:
            uses = sorted([str(use), str(scope or "")] for use, scope in self.part.uses)
            body = {"uses": uses, "ends_on": self.part.ends_on.isoformat() if self.part.ends_on else ""}
        return signing.dumps({"consent": str(self.consent_id), **body}, salt=salt)

    @classmethod
    def from_note(cls, note: str, *, salt: str = PART_SALT) -> "PartRequest":
        """Return the request in a note. Raises signing.BadSignature when it is forged or older than ten minutes."""
        body = signing.loads(note, salt=salt, max_age=views.NOTE_SECONDS)
        if "picture" in body:
            return cls(UUID(body["consent"]), UUID(body["picture"]))
        uses = frozenset((Use(use), UUID(scope) if scope else None) for use, scope in body["uses"])
        ends_on = date.fromisoformat(body["ends_on"]) if body["ends_on"] else None
        return cls(UUID(body["consent"]), Part(uses=uses, ends_on=ends_on))

    def apply(self, *, by: WithdrawnBy, actor: Any = None) -> Removal:
        """Take back the part. Raises NotPossible."""
        if isinstance(self.part, UUID):
            return withdraw_picture(consent_id=self.consent_id, picture=self.part, by=by, actor=actor)
        return lifecycle.narrow(consent_id=self.consent_id, part=self.part, by=by, actor=actor)


def describe_part(part: Part | UUID, *, consent: Consent, with_group: bool = True) -> list[str]:
    """Return the part as text, one line for each use, end or picture."""
    if isinstance(part, UUID):
        return [each.words for each in numbered_pictures(consent) if each.picture.id == part]
    lines = [
        allowed_use_in_words(row, with_group=with_group)
        for row in consent.allowed
        if (Use(row.use), row.scope) in part.uses
    ]
    if part.ends_on is not None:
        lines.append(_("The consent ends on %(day)s") % {"day": days.in_words(part.ends_on)})
    return lines


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def choose_part(request: HttpRequest) -> HttpResponse:
    """Choose a part, after the code; lead to what it will remove. Changes nothing."""
    if request.method != "POST" and views.NOTE not in request.session:
        return redirect("consent:withdraw")
    consent_id = views.consent_in_note(request)
    consent = Consent.objects.filter(pk=consent_id).first() if consent_id else None
    if consent is None:
        return views.refuse_code(request, sentence=views.expired_note_message())
    if request.method == "POST":
        request.session[views.NOTE] = request.POST["note"]
        if "choose" not in request.POST:
            return redirect("consent:part")
    chosen = PartForm(request.POST or None, consent=consent, with_thumbnails=True)
    if chosen.is_valid():
        wanted = PartRequest(consent.pk, chosen.chosen_part())
        try:
            lifecycle.preview_removal(consent_id=consent.pk, part=wanted.part)
        except NotPossible as refused:
            chosen.add_error(None, refused.sentence)
        else:
            request.session[views.PART_NOTE] = wanted.to_note()
            return redirect("consent:part_effects")
    context = {"consent": consent, "form": chosen, "note": request.session[views.NOTE]}
    return render(request, "consent/withdrawal/part.html", context, status=422 if chosen.errors else 200)


@login_not_required
@require_safe
def part_picture(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the masked thumbnail of a picture under an active consent, within ten minutes after its code.

    Threat: a picture for somebody without the code, from a cache, or from another patient's consent. Each look is
    logged.
    """
    consent_id = views.consent_in_note(request)
    consent = Consent.objects.active().filter(pk=consent_id).first() if consent_id else None
    found = hooks.thumbnail_of(consent, pk) if consent else None
    if consent is None or found is None:
        raise Http404
    record(verb="consent.picture_shown", actor=None, subject=("consent", consent.pk), picture=str(pk))
    return HttpResponse(
        found.data,
        content_type=found.content_type,
        headers={"Cache-Control": "private, no-store", "Content-Disposition": "inline"},
    )


@login_not_required
@require_safe
def part_effects(request: HttpRequest) -> HttpResponse:
    """Show what taking back the chosen part will remove."""
    note = request.session.get(views.PART_NOTE)
    if note is None:
        return redirect("consent:withdraw")
    try:
        wanted = PartRequest.from_note(note)
        held = lifecycle.preview_removal(consent_id=wanted.consent_id, part=wanted.part)
    except signing.BadSignature:
        return views.refuse_code(request, sentence=views.expired_note_message())
    except NotPossible as refused:
        return views.refuse_code(request, sentence=refused.sentence)
    consent = Consent.objects.get(pk=wanted.consent_id)
    context = {
        "consent": consent,
        "held": held,
        "nothing_held": not (held.cases or held.pictures),
        "taken": describe_part(wanted.part, consent=consent),
        "is_picture": isinstance(wanted.part, UUID),
        "note": note,
        "minutes": views.NOTE_SECONDS // 60,
    }
    return render(request, "consent/withdrawal/part_effects.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_part(request: HttpRequest) -> HttpResponse:
    """Take the part back. A second request has the same result, or says that nothing is left to change."""
    if request.method != "POST":
        return redirect("consent:part_effects")
    try:
        wanted = PartRequest.from_note(request.POST.get("note", ""))
        made = wanted.apply(by=WithdrawnBy.PATIENT)
    except signing.BadSignature:
        return views.refuse_code(request, sentence=views.expired_note_message())
    except NotPossible as refused:
        return views.refuse_code(request, sentence=refused.sentence)
    views.forget_notes(request)
    return redirect("consent:removed", pk=made.pk)


@login_not_required
@require_safe
def removed(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the certificate of a part. Only the right code leads to this address."""
    return render(request, "consent/withdrawal/removed.html", _certificate_context(_removal_or_404(pk)))


@login_not_required
@require_safe
def part_progress(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Show the part of the certificate that changes."""
    return render(request, "consent/withdrawal/_progress.html", _certificate_context(_removal_or_404(pk)))


@login_not_required
@require_safe
def part_certificate(request: HttpRequest, pk: UUID) -> HttpResponse:
    """Return the certificate as PDF."""
    return views.certificate_response(_removal_or_404(pk))


def _certificate_context(removal: Removal) -> dict[str, object]:
    context = {**views.certificate_context(removal), "removal": removal}
    active = Consent.objects.active().filter(pk=removal.consent_id, code_sha256__isnull=False)
    return context | {"taken": certificate_text.list_taken_back(removal), "may_take_more": active.exists()}


def _removal_or_404(pk: UUID) -> Removal:
    found = Removal.objects.select_related("consent__form").filter(pk=pk).first()
    if found is None:
        raise Http404
    return found
