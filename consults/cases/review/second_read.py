"""What a second reader looks at: the queue with its target time, and each case's masks, words and consent."""

import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from django.db import transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.crypto import constant_time_compare
from django.utils.translation import gettext as _

from accounts.models import Member
from consent.models import AUDIENCE_USES, Assent, Consent
from consent.records.wording import allowed_use_in_words
from consults import findings
from consults.cases import gate
from consults.cases.models import Case, CasePhoto, Release
from consults.cases.review.models import SecondRead
from core import days
from core.deadlines import working_days_after
from imaging.models import Photo, Region, Rendition, State
from imaging.review.checklist import ITEMS, Answer
from imaging.wording import in_words
from screening import identifiers, names

TARGET_DAYS: Final = 1  # working days from sending to the decision


@dataclass(frozen=True)
class Waiting:
    """One case of the queue."""

    case: Case
    pictures: int
    due: date
    is_late: bool
    read_before: bool


@dataclass(frozen=True)
class Mask:
    """One line of a picture's receipt: what was found or drawn, and what was decided."""

    kind: str
    covered: bool
    decision: str
    found_by: str
    reason: str


@dataclass(frozen=True)
class Receipt:
    """How one picture was made fit to be shown."""

    masks: list[Mask]
    removed: list[str]
    checklist: list[tuple[str, str, bool]]
    no_eyes_stated: bool
    engine: str


@dataclass(frozen=True)
class Passage:
    """A stretch of text; `sentence` says what may be wrong with it, "" when nothing is."""

    text: str
    sentence: str = ""


@dataclass(frozen=True)
class Words:
    """One field of the author's words, cut where something may say who the patient is."""

    name: str
    passages: list[Passage]

    @property
    def sentences(self) -> list[str]:
        """What may be wrong, once each."""
        return list(dict.fromkeys(p.sentence for p in self.passages if p.sentence))


def queue(member: Member, *, first: int = 0, most: int | None = None) -> list[Waiting]:
    """Cases waiting for this moderator, longest waiting first: `most` of them (or all) after the `first` ones."""
    cases = (
        gate.reviewable_cases(member)
        .select_related("author", "group")
        .annotate(n_pictures=Count("pictures", distinct=True), n_reads=Count("second_reads", distinct=True))
        .order_by("submitted_at", "id")
    )
    today = timezone.localdate()
    found = []
    for case in cases[first : None if most is None else first + most]:
        due = due_on(case.submitted_at)
        found.append(
            Waiting(
                case=case,
                pictures=case.n_pictures,
                due=due,
                is_late=due < today,
                read_before=bool(case.n_reads),
            )
        )
    return found


def due_on(submitted_at: datetime | None) -> date:
    """The day by which a case should be decided."""
    start = timezone.localtime(submitted_at).date() if submitted_at else timezone.localdate()
    return working_days_after(start, TARGET_DAYS)


def receipts(case: Case) -> dict[UUID, Receipt]:
    """The receipt of every sealed picture, by photo id."""
    places: Iterable[CasePhoto] = (
        case.pictures.filter(photo__state=State.SEALED).select_related("photo").prefetch_related("photo__regions")
    )
    return {place.photo_id: _receipt(place.photo) for place in places}


def _receipt(photo: Photo) -> Receipt:
    answers = dict(Answer.choices)
    return Receipt(
        masks=[_mask(region) for region in photo.regions.all()],
        removed=in_words(photo.found),
        checklist=[
            (
                str(item.label),
                str(answers.get(photo.checklist.get(item.code, ""), _("Not answered"))),
                photo.checklist.get(item.code) == Answer.VISIBLE,
            )
            for item in ITEMS
        ],
        no_eyes_stated=photo.no_eyes_stated,
        engine=photo.engine_version,
    )


def _mask(region: Region) -> Mask:
    if not region.detector:
        found_by = _("Drawn by the author")
    elif region.score is None:
        found_by = region.detector
    else:
        found_by = _("%(detector)s, %(percent)s %% sure") % {
            "detector": region.detector,
            "percent": round(100 * region.score),
        }
    if region.kind == Region.Kind.WINDOW:
        decision = _("Opens a veil")
    elif region.masked:
        decision = _("Covered: %(style)s") % {"style": region.get_style_display().lower()}
    else:
        decision = _("Not covered")
    return Mask(
        kind=region.get_kind_display(),
        covered=region.masked,
        decision=decision,
        found_by=found_by,
        reason=region.reason,
    )


def words(case: Case) -> list[Words]:
    """The author's own words, with what may say who the patient is marked."""
    texts = [
        (_("Title"), case.title),
        (_("Clinical note"), case.note),
        (_("Treatments tried"), case.treatments),
    ]
    texts += [
        (_("Caption of picture %(number)s") % {"number": number}, place.caption)
        for number, place in enumerate(case.pictures.all(), start=1)
    ]
    return [Words(name=name, passages=_passages(text)) for name, text in texts if text]


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
    """The consent in words, without a person: (name, value)."""
    consent: Consent | None = case.consent
    if gate.basis_of(case) == Release.Basis.HISTOLOGY:
        return [(_("Consent"), _("None was recorded: the author states histology without any identifying feature"))]
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
        (_("Pictures shown to the patient"), consent.get_shown_display()),
        (_("Signed on"), days.in_words(consent.signed_on)),
        (_("Valid until"), days.in_words(consent.expires_on) if consent.expires_on else _("No end date")),
        *([(_("Also ends when"), consent.get_until_event_display())] if consent.until_event else []),
    ]


def digest(case: Case) -> str:
    """SHA-256 (hex) over the words, audience, basis, consent and pictures of a case: what a reader has looked at."""
    bytes_of = Rendition.objects.filter(photo__placement__case=case).order_by("sha256").values_list("sha256", flat=True)
    about = case.pictures.values_list("photo_id", "kind", "caption", "mode", "stain", "objective")
    seen = [case.content_sha256, case.group_id, gate.basis_of(case), case.consent_id, list(bytes_of), list(about)]
    return hashlib.sha256(json.dumps(seen, default=str).encode()).hexdigest()


@transaction.atomic
def release(*, case: Case, by: Member, seen: str) -> None:
    """Release what the reader has looked at. Raises gate.Blocked when the case is no longer that, gate.NotYours.

    Threat: an author takes the case back, changes a picture and sends it again while the reader's page is open.
    """
    if case.consent_id is not None:  # the same lock order as in the gate
        Consent.objects.select_for_update().get(pk=case.consent_id)
    locked = Case.objects.select_for_update(of=("self",)).get(pk=case.pk)
    if not constant_time_compare(digest(locked), seen):
        raise gate.Blocked(
            [
                gate.Blocker(
                    "changed", _("The case has changed since you opened it. Look at it again, then decide."), "check"
                )
            ]
        )
    gate.release(case=case, by=by)


def decided_meanwhile(case_id: UUID, *, member: Member) -> SecondRead | None:
    """The decision of a colleague on a case that has just left the queue; None when there is nothing to tell."""
    return (
        SecondRead.objects.filter(case_id=case_id)
        .exclude(case__author=member)
        .filter(case__in=gate.visible_cases(member))
        .order_by("-decided_at")
        .first()
    )
