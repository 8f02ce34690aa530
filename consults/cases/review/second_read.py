"""Second reads: the queue with its target time, and each case's receipts, screened text and consent."""

import hashlib
import json
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Member
from audit.models import Event
from consent.models import AUDIENCE_USES, Assent, Consent
from consent.records.wording import allowed_use_in_words
from consults import findings
from consults.cases import gate, same_patient
from consults.cases.models import Case, CasePhoto, CaseState, Release
from consults.cases.review.models import SecondRead
from core import days
from core.deadlines import add_working_days
from core.permissions import is_among
from imaging.masks.receipt import MaskReceipt, build_receipt
from imaging.models import Photo, Rendition, State
from screening import identifiers, names

_PUT_HERE: Final = ("case.consent_attached", "case.refused")
TARGET_DAYS: Final = 1  # working days from sending to the decision


@dataclass(frozen=True)
class QueuedCase:
    """One case in the queue."""

    case: Case
    pictures: int
    due: date
    is_late: bool
    read_before: bool


@dataclass(frozen=True)
class Passage:
    """A stretch of text; `sentence` says what it may give away, "" for nothing."""

    text: str
    sentence: str = ""


@dataclass(frozen=True)
class ScreenedText:
    """One field of the author's text, split where something could identify the patient."""

    name: str
    passages: list[Passage]

    @property
    def sentences(self) -> list[str]:
        """The sentences of all passages, without repetition."""
        return list(dict.fromkeys(p.sentence for p in self.passages if p.sentence))


def queue(member: Member, *, first: int = 0, most: int | None = None) -> list[QueuedCase]:
    """Return cases waiting for this moderator, longest waiting first: at most `most`, after the `first` ones.

    The gate is asked of each case that waits, in this order: databases begin with all consents otherwise.
    """
    readable = Exists(gate.cases_to_second_read(member).filter(pk=OuterRef("pk")))
    cases = (
        Case.objects.filter(readable, state=CaseState.SUBMITTED)
        .select_related("author", "group")
        .annotate(n_pictures=_pictures(), is_read=Exists(SecondRead.objects.filter(case=OuterRef("pk"))))
        .order_by("submitted_at", "id")
    )
    today = timezone.localdate()
    waiting = []
    for case in cases[first : None if most is None else first + most]:
        due = due_on(case.submitted_at)
        noted: Any = case  # with its annotations
        waiting.append(
            QueuedCase(case=case, pictures=noted.n_pictures, due=due, is_late=due < today, read_before=noted.is_read)
        )
    return waiting


def _pictures() -> Coalesce:
    """Return how many pictures a case has, counted for the cases of one page only."""
    counted = CasePhoto.objects.filter(case=OuterRef("pk")).order_by().values("case").annotate(n=Count("pk"))
    return Coalesce(Subquery(counted.values("n")), 0)


def due_on(submitted_at: datetime | None) -> date:
    """Return the day by which a case should be decided."""
    start = timezone.localtime(submitted_at).date() if submitted_at else timezone.localdate()
    return add_working_days(start, TARGET_DAYS)


def receipts(case: Case) -> dict[UUID, MaskReceipt]:
    """Return the mask receipt of every sealed picture, by photo id."""
    sealed = Photo.objects.filter(placement__case=case, state=State.SEALED)
    return {photo.pk: build_receipt(photo) for photo in sealed.prefetch_related("regions", "renditions")}


def screened_texts(case: Case) -> list[ScreenedText]:
    """Return the author's text, with everything marked that could identify the patient."""
    texts = [
        (_("Title"), case.title),
        (_("Clinical note"), case.note),
        (_("Treatments tried"), case.treatments),
        (_("Teaching points; having read them, you cannot give a diagnosis of your own"), case.sealed_words),
    ]
    texts += [
        (_("Caption of picture %(number)s") % {"number": number}, picture.caption)
        for number, picture in enumerate(case.pictures.all(), start=1)
    ]
    return [ScreenedText(name=name, passages=_passages(text)) for name, text in texts if text]


def _passages(text: str) -> list[Passage]:
    passages, at = [], 0
    could_be = _("This could be a person's name. Its author says that it is not.")
    spans = [(finding.start, finding.end, findings.sentence(finding)) for finding in identifiers.find(text)]
    spans += [(name.start, name.end, could_be) for name in names.find(text)]
    for first, end, sentence in sorted(spans):
        if end <= at:
            continue
        start = max(first, at)
        passages += [Passage(text[at:start]), Passage(text[start:end], sentence)]
        at = end
    passages.append(Passage(text[at:]))
    return [passage for passage in passages if passage.text]


def consent_facts(case: Case) -> list[tuple[str, str]]:
    """Return the consent as (name, value), without naming a person."""
    consent: Consent | None = case.consent
    if gate.basis_of(case) == Release.Basis.HISTOLOGY:
        return [(_("Consent"), _("None was recorded: the author states histology without any identifying feature"))]
    if case.education_model and case.patient_asked:
        return [(_("Consent"), _("The author says now that there is no patient. A patient was asked before."))]
    if case.education_model or consent is None:
        return [(_("Consent"), _("None is needed: an education model, no patient"))]
    allowed = consent.allowed
    uses = [allowed_use_in_words(row) for row in allowed if row.use not in AUDIENCE_USES]
    return [
        (_("Audience of the case"), case.group.name if case.group else _("All vetted members")),
        (
            _("Audience the patient allowed"),
            ", ".join(allowed_use_in_words(row) for row in allowed if row.use in AUDIENCE_USES),
        ),
        (_("Further uses"), ", ".join(uses) or _("None")),
        (_("Form"), f"{consent.form.title} · {consent.form.version} · {consent.form.language}"),
        (_("Who decides"), consent.get_capacity_display()),
        (_("Signed by"), consent.get_relation_display()),
        *([(_("Child's assent"), consent.get_assent_display())] if consent.assent != Assent.NOT_ASKED else []),
        (_("How it was signed"), consent.get_signature_display()),
        (_("Pictures shown to the patient"), _shown_in_words(case, consent)),
        (_("Signed on"), days.in_words(consent.signed_on)),
        (_("Valid until"), days.in_words(consent.expires_on) if consent.expires_on else _("No end date")),
        *([(_("Also ends when"), consent.get_until_event_display())] if consent.until_event else []),
    ]


def asked_before(case: Case) -> list[str]:
    """Return what became of each consent of a case that passes for a model or for exempt; empty when nobody was asked.

    The log knows also those that stand here no more.
    """
    if gate.ASKED_BEFORE not in gate.to_accept(case):
        return []
    told = Event.objects.filter(subject_type="case", subject_id=case.pk, verb__in=_PUT_HERE)
    stood = {facts["consent"] for facts in told.values_list("facts", flat=True)}
    stood |= {str(case.consent_id)} if case.consent_id else set()
    lines = []
    for consent in Consent.objects.filter(pk__in=stood).order_by("recorded_at"):
        words = {"day": days.in_words(consent.recorded_at), "status": consent.get_status_display()}
        here = consent.pk == case.consent_id
        sentence = _("Recorded on %(day)s: %(status)s") if here else _("Recorded on %(day)s: %(status)s, not here now")
        lines.append(sentence % words)
    return lines or [_("A consent was begun and not kept.")]


def _shown_in_words(case: Case, consent: Consent) -> str:
    since = sum(row.photo.placement.case_id == case.pk for row in gate.covered_more_since(consent))
    if not since:
        return consent.get_shown_display()
    words = ngettext(
        "%(shown)s; %(n)s of them covers more since, and shows nothing else",
        "%(shown)s; %(n)s of them cover more since, and show nothing else",
        since,
    )
    return words % {"shown": consent.get_shown_display(), "n": since}


def digest(case: Case) -> str:
    """Return the SHA-256 (hex) of what a reader looks at: text, audience, basis, consent and pictures of a case."""
    renditions = Rendition.objects.filter(photo__placement__case=case).order_by("sha256")
    details = case.pictures.values_list("photo_id", "kind", "caption", "mode", "stain", "objective", "um_per_px")
    seen = [
        case.content_sha256,
        case.sensitive,
        case.group_id,
        gate.basis_of(case),
        case.consent_id,
        _seen_beside(case),
        asked_before(case),
        list(renditions.values_list("sha256", flat=True)),
        list(details),
    ]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()


@dataclass(frozen=True)
class Attached:
    """A consent that was recorded for another case: what is known of both patients, and the other cases under it.

    `pictures` are the thumbnails of other cases that this reader may see anyway.
    """

    since: datetime
    compared: list[same_patient.Compared]
    others: int
    pictures: list[Rendition]


def attached(case: Case, *, reader: Member) -> Attached | None:
    """Return the comparison behind a consent that was recorded for another case; None for the case's own."""
    attachment = case.attachment
    if attachment is None:
        return None
    others = same_patient.other_cases(case, attachment.consent)
    thumbnails = gate.servable_renditions(reader).filter(
        name=Rendition.Name.THUMBNAIL, photo__placement__case__in=[other.pk for other in others]
    )
    return Attached(
        since=attachment.attached_at,
        compared=same_patient.compare(case, attachment.consent, others),
        others=len(others),
        pictures=list(thumbnails.order_by("photo__placement__case", "photo__placement__position")),
    )


def _seen_beside(case: Case) -> str:
    """Return the digest of the comparison that is shown beside the case, "" when there is none."""
    attachment = case.attachment
    if attachment is None:
        return ""
    return same_patient.digest(case, attachment.consent, same_patient.other_cases(case, attachment.consent))


@transaction.atomic
def release(
    *, case: Case, by: Member, seen: str, accepted: Collection[str] = (), sensitive: Collection[str] = ()
) -> None:
    """Release a case as the reader has seen it. Raises gate.Blocked when it has changed since, gate.NotYours.

    Threat: an author takes the case back, changes a picture and sends it again while the reader's page is open.
    """
    gate.lock_consents(case)  # the same lock order as in the gate
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not constant_time_compare(digest(locked), seen):
        raise gate.Blocked(
            [
                gate.Blocker(
                    "changed", _("The case has changed since you opened it. Look at it again, then decide."), "check"
                )
            ]
        )
    gate.release(case=case, by=by, accepted=accepted, sensitive=sensitive)


def decision_of_colleague(case_id: UUID, *, member: Member) -> SecondRead | None:
    """Return a colleague's decision on a case that has just left the queue; None unless it is visible now."""
    return (
        SecondRead.objects.filter(case_id=case_id)
        .exclude(case__author=member)
        .filter(is_among(gate.visible_cases(member), "case"))
        .order_by("-decided_at")
        .first()
    )
