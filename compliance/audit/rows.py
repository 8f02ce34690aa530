"""Rows of the audit, one for each published case: its consent, its reviewer, and its later state.

The exported fields are ids, codes, hashes, counts and times. A row never holds a picture, a word of the case, the
name of a member or anything of a patient. Words that a withdrawal destroys are not exported either, because an export
cannot be recalled: a representative's authority is left out, and a publication is named by its hash.
"""

import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from uuid import UUID

from django.conf import settings
from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Q
from django.utils import timezone

from audit.models import Event
from compliance.audit import query
from consent.models import REDACTED, Cause, Consent, ConsentUse, Shown, Status, digest_of
from consent.records.lookup import covering
from consults.cases import gate
from consults.holds import HIDING
from consults.models import Case, CaseHold, CasePhoto, CaseState, Release
from imaging.models import Region, Rendition, State

RELEASED, SEALED, DESTROYED = "case.released", "photo.sealed", "photo.destroyed"
COVERED_MORE = "covered_more"
PURGE_SECONDS = 15 * 60
# Half a pixel: the rounding of a box that is drawn on a screen and read back.
MOVED_PX = 0.5
COUNTED_ROWS = 2500  # chunk size for counting
_RELEASE_FIELDS = ("case_id", "approver_id", "sha256", "rendition__sha256", "rendition__pipeline_version")

COLUMNS: dict[str, str] = {
    "case_id": "The post.",
    "author_id": "The member who posted it.",
    "state": "released, closed or withdrawn.",
    "audience": "all_members or named_group.",
    "group_id": "The group, when the audience is one.",
    "basis": "consent; education_model: no patient; histology: the site's exemption; none: a draft that had none.",
    "consent_id": "The consent record; random, never derived from the patient.",
    "consent_status": "Status today; an active consent past its date counts as expired.",
    "form": "Code, version and language of the consent form.",
    "form_sha256": "SHA-256 of the form's full text.",
    "uses": "Permitted uses, each ticked by the patient.",
    "publication_sha256": "SHA-256 of the name of the one publication that was allowed.",
    "capacity": "By which route the decision was made.",
    "relation": "Who signed.",
    "assent": "Whether a child agreed.",
    "recorded_at": "When it was recorded here (UTC).",
    "signed_on": "Date of signing.",
    "expires_on": "Last day of the consent; empty until withdrawn.",
    "until_event": "What ends it besides: case_closed or treatment_ends; empty when nothing does.",
    "withdrawn_at": "When it was withdrawn (UTC).",
    "signature": "drawn, scan or oral (kept here, sealed) or clinic_held (the clinic keeps the form).",
    "document_sha256": "SHA-256 of what was signed.",
    "attested": "Whether the clinician attested that the clinic holds the form.",
    "witness": "Whether there was a witness.",
    "interpreter": "Whether there was an interpreter.",
    "read_aloud": "Whether the form was read aloud to whoever signed.",
    "copy_given": "Whether the patient got a copy.",
    "shown": "shown, not_shown, or covered_more: the patient saw the masked pictures, and less of them is shown now.",
    "pictures": "Number of pictures.",
    "picture_sha256": "SHA-256 of every released file; of a withdrawn post from the log.",
    "pipeline_version": "Version of the de-identification that made the files.",
    "masks_dismissed": "Suggestions that a person uncovered.",
    "masks_drawn": "Masks that a person added.",
    "masks_moved": "Suggestions that a person moved, resized or turned.",
    "reviewer_id": "The member who gave the second read and released it.",
    "first_visible_at": "When it was first released, from the log (UTC).",
    "hidden_at": "When withdrawal or expiry hid it (UTC).",
    "destroyed_at": "When keys, files and words were destroyed (UTC).",
    "withdrawal_seconds": "From the request to the destruction. Hiding takes none: it is the same transaction.",
    "gate_today": "The gate's own answer at the time of the export: visible or not_visible.",
    "blockers": "Why the gate hides it.",
    "covered": "Whether an active consent allows this audience today, no patient is involved, or the exemption holds.",
    "exceptions": "What needs a look.",
}


@dataclass
class Row:
    """The audit's facts of one case. Field names are those of COLUMNS."""

    case_id: UUID
    author_id: UUID
    state: str
    audience: str
    group_id: UUID | None
    basis: str
    pictures: int = 0
    picture_sha256: list[str] = field(default_factory=list)
    pipeline_version: list[str] = field(default_factory=list)
    masks_dismissed: int | None = None
    masks_drawn: int | None = None
    masks_moved: int | None = None
    reviewer_id: UUID | None = None
    first_visible_at: datetime | None = None
    hidden_at: datetime | None = None
    destroyed_at: datetime | None = None
    withdrawal_seconds: int | None = None
    gate_today: str = query.NOT_VISIBLE
    blockers: list[str] = field(default_factory=list)
    covered: bool = False
    exceptions: list[str] = field(default_factory=list)
    consent_id: UUID | None = None
    consent_status: str = ""
    form: str = ""
    form_sha256: str = ""
    uses: list[str] = field(default_factory=list)
    publication_sha256: str = ""
    capacity: str = ""
    relation: str = ""
    assent: str = ""
    recorded_at: datetime | None = None
    signed_on: date | None = None
    expires_on: date | None = None
    until_event: str = ""
    withdrawn_at: datetime | None = None
    signature: str = ""
    document_sha256: str = ""
    attested: bool | None = None
    witness: bool | None = None
    interpreter: bool | None = None
    read_aloud: bool | None = None
    copy_given: bool | None = None
    shown: str = ""

    @property
    def visible(self) -> bool:
        """Whether any member can see it today."""
        return self.gate_today == query.VISIBLE


def rows_of(cases: Sequence[Case]) -> list[Row]:
    """Return the rows of these cases, in their order. At most nine queries, whatever their number."""
    lookups = _Lookups(cases)
    lookups.load_details(cases)
    return [_build_row(case, lookups) for case in cases]


def matching_rows(cases: Sequence[Case], *, wanted: query.Filter, most: int) -> tuple[list[Row], Case | None]:
    """Return the rows of the first `most` of these cases that match the filter, and the last case examined.

    As many queries as `rows_of`: details are loaded only for the cases that match.
    """
    lookups = _Lookups(cases)
    matching: list[Case] = []
    last: Case | None = None
    for case in cases:
        if len(matching) == most:
            break
        last, row = case, _build_row(case, lookups)
        if wanted.matches(gate_today=row.gate_today, exceptions=row.exceptions):
            matching.append(case)
    lookups.load_details(matching)
    return [_build_row(case, lookups) for case in matching], last


def all_rows(wanted: query.Filter) -> Iterator[Row]:
    """Yield the rows of all cases that the filter finds in the database, before `Filter.matches`; memory stays flat."""
    for cases in query.iter_all(wanted, size=query.CHUNK_ROWS):
        yield from rows_of(cases)


def all_rows_to_count(wanted: query.Filter) -> Iterator[Row]:
    """Yield the rows of `all_rows` for counting, in larger chunks: without mask edits, uses and blockers."""
    for cases in query.iter_all(wanted, size=COUNTED_ROWS):
        lookups = _Lookups(cases)
        yield from (_build_row(case, lookups) for case in cases)


class _Lookups:
    """Data looked up once for a chunk of cases."""

    def __init__(self, cases: Sequence[Case]) -> None:
        ids = [case.pk for case in cases]
        self.visible, self.covered, self.shows_others, self.shows_less = _query_conditions(cases)
        self.releases: dict[UUID, list[Release]] = defaultdict(list)
        released = Release.objects.filter(case__in=ids).select_related("rendition").order_by("released_at", "id")
        for release in released.only(*_RELEASE_FIELDS):
            self.releases[release.case_id].append(release)
        self.events: dict[UUID, list[Event]] = defaultdict(list)
        for event in Event.objects.filter(verb=RELEASED, subject_type="case", subject_id__in=ids).order_by("at", "seq"):
            self.events[event.subject_id].append(event)
        self.taken_back_hashes = _taken_back_hashes(
            [self.events[pk][-1] for pk in self.releases if pk in self.events],
            released={release.sha256 for releases in self.releases.values() for release in releases},
        )
        self.pictures: dict[UUID, list[CasePhoto]] = {}
        self.uses: dict[UUID, list[str]] = defaultdict(list)
        self.publications: dict[UUID, str] = {}
        self.blockers: dict[UUID, list[gate.Blocker]] = {}
        self.held: set[UUID] = set()

    def load_details(self, cases: Sequence[Case]) -> None:
        """Look up masks and uses of these cases, and the blockers of those that are hidden and not withdrawn."""
        consents = {case.consent_id for case in cases if case.consent_id}
        ticked = ConsentUse.objects.filter(consent__in=consents).order_by("use")
        for consent_id, use, publication in ticked.values_list("consent_id", "use", "publication"):
            self.uses[consent_id].append(use)
            if publication and publication != REDACTED:
                self.publications[consent_id] = publication
        self.pictures = gate.pictures_by_case(cases)
        hidden = [case for case in cases if case.pk not in self.visible and not _is_gone(case)]
        self.blockers = gate.blockers_of(hidden, pictures=self.pictures)
        self.held = set(CaseHold.objects.filter(case__in=hidden, state__in=HIDING).values_list("case", flat=True))

    def unexplained_hashes(self, case: Case) -> set[str]:
        """Return hashes in only one of the log's last release and the rows, except of pictures taken back."""
        released = {release.sha256 for release in self.releases[case.pk]}
        return (released ^ set(_logged_hashes(self.events[case.pk][-1]))) - self.taken_back_hashes


def _query_conditions(cases: Sequence[Case]) -> tuple[set[UUID], set[UUID], set[UUID], set[UUID]]:
    """Return the visible cases, the covered ones, those that show more than the patient saw, and those that show less.

    One query. The gate decides which cases at least one member can see today; no rule of it is repeated here. Covered
    cases are judged by the consents and not by the gate, so that the two can be compared.
    """
    covered = {case.pk for case in cases if case.education_model and not _has_patient(case)}
    if settings.HISTOLOGY_EXEMPTION:
        covered |= {case.pk for case in cases if case.histology_exempt}
    covers = covering(group_id=OuterRef(OuterRef("group_id"))).filter(pk=OuterRef("consent_id"))
    display = Release.objects.filter(case=OuterRef("pk"), rendition__name=Rendition.Name.DISPLAY)
    asked = Case.objects.filter(pk__in=[case.pk for case in cases]).values_list(
        "pk",
        ExpressionWrapper(_shown_to_somebody(), output_field=BooleanField()),
        Exists(covers),
        Exists(display.filter(gate.shows_more_than_shown(photo="rendition__photo"))),
        Exists(display.filter(gate.differs_from_shown())),
    )
    answers = list(asked)
    covered |= {pk for pk, _visible, is_covered, _more, _other in answers if is_covered}
    return (
        {pk for pk, is_visible, _covered, _more, _other in answers if is_visible},
        covered,
        {pk for pk, _visible, _covered, shows_more, _other in answers if shows_more},
        {pk for pk, _visible, _covered, shows_more, differs in answers if differs and not shows_more},
    )


def _shown_to_somebody() -> Q:
    """Return the condition that somebody sees a case today, or a follow-up with the case that it follows."""
    case, addition = gate.visible_cases(gate.SOMEBODY), gate.visible_additions(gate.SOMEBODY)
    return Q(Exists(case.filter(pk=OuterRef("pk")))) | Q(Exists(addition.filter(pk=OuterRef("pk"))))


def _is_gone(case: Case) -> bool:
    withdrawal = getattr(case.consent, "withdrawal", None)
    return withdrawal is not None or case.state == CaseState.WITHDRAWN


def _has_patient(case: Case) -> bool:
    return case.consent is not None and case.consent.status != Status.ENTERED_IN_ERROR


def _taken_back_hashes(events: Sequence[Event], *, released: set[str]) -> set[str]:
    """Return hashes of pictures in these releases that a patient took back since: hidden, or destroyed.

    Only the log knows the hashes of a destroyed picture. Costs a walk over what was destroyed since then, and
    only if a release has lost a picture.
    """
    logged = {sha256 for event in events for sha256 in _logged_hashes(event)}
    missing = logged - released
    if not missing:
        return set()
    hidden = Rendition.objects.filter(sha256__in=missing, photo__state=State.WITHDRAWN)
    found = set(hidden.values_list("sha256", flat=True))
    if missing <= found:
        return found
    since = min(event.at for event in events)
    destroyed = Event.objects.filter(verb=DESTROYED, at__gte=since).values("subject_id")
    for facts in Event.objects.filter(verb=SEALED, subject_id__in=destroyed).values_list("facts", flat=True).iterator():
        found |= missing & {named.rpartition(":")[2] for named in facts.get("pictures", [])}
    return found


def _count_mask_edits(pictures: Iterable[CasePhoto]) -> Counter[str]:
    """Count people's changes to the suggested masks of these pictures: dismissed, drawn, moved."""
    tally: Counter[str] = Counter()
    for region in (region for picture in pictures for region in picture.photo.regions.all()):
        if region.choice in (Region.Choice.DISMISSED, Region.Choice.DRAWN):
            tally[region.choice] += 1
        if region.found_box and region.masked:
            now = (region.x, region.y, region.width, region.height, region.angle)
            moved = any(abs(a - b) > MOVED_PX for a, b in zip(now, region.found_box, strict=True))
            tally["moved"] += moved
    return tally


def _build_row(case: Case, lookups: _Lookups) -> Row:
    row = Row(
        case_id=case.pk,
        author_id=case.author_id,
        state=case.state,
        audience="named_group" if case.group_id else "all_members",
        group_id=case.group_id,
        basis=_basis(case),
    )
    if case.consent is not None:
        _add_consent(row, case.consent, lookups)
        if case.consent.shown == Shown.SHOWN and case.pk in lookups.shows_less:
            row.shown = COVERED_MORE
    elif case.content_erased_at is not None:
        row.destroyed_at = case.content_erased_at
    if case.removal is not None and _left_with_clinician(case):
        row.hidden_at = min(row.hidden_at or case.removal.requested_at, case.removal.requested_at)
        row.destroyed_at = row.destroyed_at or case.removal.completed_at
    _add_release(row, case, lookups)
    row.covered = case.pk in lookups.covered
    if case.pk in lookups.visible:
        row.gate_today = query.VISIBLE
    elif row.withdrawn_at is None and _left_with_clinician(case):
        row.blockers = ["clinician_left"]
    elif row.withdrawn_at or case.state == CaseState.WITHDRAWN:
        row.blockers = ["withdrawn"]
    else:
        codes = {blocker.code for blocker in lookups.blockers.get(case.pk, [])} - {"group_reader"}
        if case.pk in lookups.held:
            codes.add("held")
        row.blockers = sorted(codes) or ["changed_since_release"]
    row.exceptions = list(_exceptions(row, case, lookups))
    return row


def _left_with_clinician(case: Case) -> bool:
    return case.removal is not None and case.removal.cause == Cause.LEFT


def _basis(case: Case) -> str:
    basis = gate.basis_of(case)
    return "none" if basis == Release.Basis.CONSENT and case.consent_id is None else str(basis)


def _add_consent(row: Row, consent: Consent, lookups: _Lookups) -> None:
    form = consent.form
    row.consent_id = consent.pk
    row.consent_status = consent.status
    row.form = f"{form.code}-{form.version}-{form.language}"
    row.form_sha256 = form.sha256
    row.uses = lookups.uses.get(consent.pk, [])
    if consent.pk in lookups.publications:
        row.publication_sha256 = hashlib.sha256(lookups.publications[consent.pk].encode()).hexdigest()
    row.capacity, row.relation, row.assent = consent.capacity, consent.relation, consent.assent
    row.recorded_at, row.signed_on, row.expires_on = consent.recorded_at, consent.signed_on, consent.expires_on
    row.until_event = consent.until_event
    row.signature, row.document_sha256, row.attested = consent.signature, consent.document_sha256, consent.attested
    row.witness, row.interpreter, row.copy_given = consent.witnessed, consent.interpreter, consent.copy_given
    row.read_aloud, row.shown = consent.cannot_read, consent.shown
    over = consent.expires_on is not None and consent.expires_on < timezone.now().date()
    if consent.status == Status.ACTIVE and over:
        row.consent_status = Status.EXPIRED
    if over and consent.expires_on:
        row.hidden_at = datetime.combine(consent.expires_on + timedelta(days=1), time.min, tzinfo=UTC)
    withdrawal = getattr(consent, "withdrawal", None)
    if withdrawal is not None:
        row.withdrawn_at = withdrawal.requested_at
        row.hidden_at = min(row.hidden_at or withdrawal.requested_at, withdrawal.requested_at)
        row.destroyed_at = withdrawal.completed_at
        if withdrawal.completed_at:
            row.withdrawal_seconds = round((withdrawal.completed_at - withdrawal.requested_at).total_seconds())


def _add_release(row: Row, case: Case, lookups: _Lookups) -> None:
    releases, events = lookups.releases.get(case.pk, []), lookups.events.get(case.pk, [])
    pictures = lookups.pictures.get(case.pk, [])
    row.pictures = len(pictures)
    row.first_visible_at = events[0].at if events else case.released_at
    if releases:
        row.picture_sha256 = sorted(release.sha256 for release in releases)
        row.pipeline_version = sorted({release.rendition.pipeline_version for release in releases})
        row.reviewer_id = releases[0].approver_id
    elif events:
        row.picture_sha256 = _logged_hashes(events[-1])
        row.reviewer_id = events[-1].actor_id
    if pictures:
        tally = _count_mask_edits(pictures)
        row.masks_dismissed = tally[Region.Choice.DISMISSED]
        row.masks_drawn = tally[Region.Choice.DRAWN]
        row.masks_moved = tally["moved"]


def _logged_hashes(event: Event) -> list[str]:
    """Return the hashes that the log holds of a release."""
    return sorted(event.facts.get("pictures", []))


# --- Exceptions


def _exceptions(row: Row, case: Case, lookups: _Lookups) -> Iterator[str]:
    """Yield the codes of exceptions, the gravest first (texts: `words.EXCEPTIONS`)."""
    releases, events = lookups.releases.get(case.pk, []), lookups.events.get(case.pk, [])
    gone = row.withdrawn_at is not None or case.state == CaseState.WITHDRAWN
    if row.visible and not row.covered:
        yield "uncovered"
    if row.visible and gone:
        yield "withdrawn_visible"
    if any(release.sha256 != release.rendition.sha256 for release in releases):
        yield "bytes_changed"
    if releases and events and lookups.unexplained_hashes(case):
        yield "log_differs"
    if case.released_at and not events:
        yield "not_in_log"
    if any(release.approver_id == case.author_id for release in releases):
        yield "approved_by_author"
    if row.withdrawn_at and _is_late(row):
        yield "destroyed_late"
    if not row.visible and not gone:
        yield "hidden"
    if case.consent is not None:
        yield from _consent_exceptions(row, case.consent, shows_others=case.pk in lookups.shows_others)


def _consent_exceptions(row: Row, consent: Consent, *, shows_others: bool) -> Iterator[str]:
    if digest_of(title=consent.form.title, text=consent.form.text) != consent.form.sha256:
        yield "form_changed"
    if row.first_visible_at and consent.signed_on > row.first_visible_at.date():
        yield "signed_late"
    if consent.shown == Shown.SHOWN and shows_others:
        yield "other_pictures"
    if consent.needs_witness and not consent.witnessed:
        yield "no_witness"


def _is_late(row: Row) -> bool:
    if row.withdrawn_at is None:
        return False
    end = row.destroyed_at or timezone.now()
    return (end - row.withdrawn_at).total_seconds() > PURGE_SECONDS


# --- The attestation


@dataclass
class Attestation:
    """Counts of visible cases, of those that are covered, and of exceptions."""

    cases: int = 0
    visible: int = 0
    covered: int = 0
    exempt: int = 0
    withdrawn: int = 0
    exceptions: Counter[str] = field(default_factory=Counter)

    def add(self, row: Row) -> None:
        """Count one row."""
        self.cases += 1
        self.visible += row.visible
        self.covered += row.visible and row.covered
        self.exempt += row.visible and row.basis == Release.Basis.HISTOLOGY
        self.withdrawn += row.withdrawn_at is not None or row.state == CaseState.WITHDRAWN
        self.exceptions.update(row.exceptions)

    @property
    def all_covered(self) -> bool:
        """Whether every visible case is covered."""
        return self.visible == self.covered
